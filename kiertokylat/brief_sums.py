"""The sums of the brief: figures, materials that leave, what is missing; masked for the public."""

from collections.abc import Mapping
from html import escape
from typing import Any

import pandas as pd

from kiertokylat import guarded, reference
from kiertokylat.amounts import filled
from kiertokylat.brief_page import Page, section
from kiertokylat.export import names
from kiertokylat.figures import number, tonnes
from kiertokylat.masking import hidden_text, masked
from kiertokylat.sketch import bar

_MATERIALS = 7  # rows of the table
_MISSING = 5  # items of each list


def numbers(page: Page) -> str:
    """Companies, tonnes, and what of them fits into stated needs."""
    region = page.region
    # The whole region's table: what is hidden here depends on the other rows.
    shown = guarded.by_municipality(
        region.companies,
        region.flows,
        region.candidates,
        page.allocation,
        reference.municipalities().index,
        public=page.public,
    )
    row = shown.table.to_dict("index")[page.code]
    hidden = shown.hidden.to_dict("index")[page.code]
    count, supply = len(page.here.companies), row["supply_t"]
    one = "_one" if count == 1 else ""
    figures = [(str(count), page.t(f"number_companies{one}"))]
    amount = number(supply, page.language, digits=2)
    if hidden["supply_t"]:
        figures.append((hidden_text(page.language), page.t("number_tonnes_none")))
    elif supply > 0:
        share = round(100 * row["reported_share"]) if not hidden["reported_share"] else None
        text = page.t("number_tonnes", share=share) if share is not None else None
        figures.append((amount, text or page.t("number_tonnes_none")))
        stated = hidden_text(page.language)
        if not hidden["unstated_share"]:
            stated = f"{round(100 * (1 - row['unstated_share']))}\u00a0%"
        figures.append((stated, page.t("number_stated")))
    else:
        figures.append((amount, page.t("number_tonnes_none")))
    items = "".join(f"<li><b>{escape(value)}</b> {text}</li>" for value, text in figures)
    return f'<ul class="numbers">{items}</ul>'


def leaves(page: Page) -> str:
    """The materials on offer, largest first."""
    shown = guarded.by_material(page.here.flows, page.outgoing, page.allocation, public=page.public)
    table = shown.table[shown.table["suppliers"] > 0]
    if table.empty:
        return section(page, "leaves", f"<p>{page.t('leaves_none')}</p>")
    materials = names("materials", page.language)
    hidden = shown.hidden.loc[table.index].to_dict("records")
    drawn = table.head(_MATERIALS).reset_index().to_dict("records")
    rows = "".join(
        f"<tr><th scope='row'>{escape(materials[row['material']])}</th>"
        f"<td>{page.few if few['supply_t'] else _rounded(row, page)}</td>"
        f"<td>{row['suppliers']}</td>"
        f"<td>{page.few if few['reported_share'] else bar(row['reported_share'])}</td>"
        f"<td>{page.few if few['stated_t'] else bar(_share(row))}</td></tr>"
        for row, few in zip(drawn, hidden, strict=False)
    )
    columns = ("material", "tonnes", "suppliers", "reported", "stated")
    head = "".join(f"<th scope='col'>{page.t(f'column_{name}')}</th>" for name in columns)
    rest = table.iloc[_MATERIALS:]
    unknown = shown.hidden.loc[rest.index, "supply_t"].any()
    amount = tonnes(rest["supply_t"].sum(), page.language, estimated=True)
    amount = hidden_text(page.language) if unknown else amount
    more = page.t("leaves_more", count=len(rest), amount=amount) if len(rest) else ""
    table_html = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    sentence = f"<p>{page.t('leaves_sentence')}</p>"
    return section(page, "leaves", f'{sentence}{table_html}<p class="note">{more}</p>')


def _rounded(row: Mapping[Any, Any], page: Page) -> str:
    """Tonnes in full where all of them are reported, else in two digits."""
    digits = None if row["reported_share"] == 1 else 2
    return escape(number(row["supply_t"], page.language, digits=digits))


def _share(row: Mapping[Any, Any]) -> float:
    """What of a material's supply fits into stated needs."""
    return row["stated_t"] / row["supply_t"] if row["supply_t"] else float("nan")


def missing(page: Page) -> str:
    """What has no taker, and what nobody offers."""
    flows, candidates = page.here.flows, page.here.candidates
    supplies = flows[flows["direction"] == "out"]
    needs = flows[flows["direction"] == "in"]
    lonely = supplies[~supplies["id"].isin(candidates["supply_id"].unique())]
    unmet = needs[~needs["id"].isin(candidates["demand_id"].unique())]
    met_supplies = _largest(lonely, page) or f"<p>{page.t('missing_takers_none')}</p>"
    no_need = "missing_supplies_none" if len(needs) else "missing_needs_unknown"
    met_needs = _largest(unmet, page) or f"<p>{page.t(no_need)}</p>"
    if supplies.empty:
        met_supplies = f"<p>{page.t('leaves_none')}</p>"
    body = (
        f'<p>{page.t("missing_sentence")}</p><div class="two">'
        f"<div><h3>{page.t('missing_takers')}</h3>{met_supplies}</div>"
        f"<div><h3>{page.t('missing_supplies')}</h3>{met_needs}</div></div>"
    )
    return section(page, "missing", body)


def _largest(flows: pd.DataFrame, page: Page) -> str:
    """The materials of some flows by tonnes, as a list; empty without flows."""
    known = flows.assign(**filled(flows))
    groups = known.groupby("material")
    sums = groups["tonnes"].sum(min_count=1).to_frame()
    some = known[known["tonnes"] > 0].groupby("material")["company_id"].nunique()
    sums = sums.assign(companies=some.reindex(sums.index).fillna(0))
    hidden = masked(sums, "companies", ["tonnes"]).table["tonnes"].isna() & sums["tonnes"].notna()
    sums = sums.assign(hidden=hidden & page.public)
    # Hidden ones last, by material: their place would tell their size.
    sums["tonnes"] = sums["tonnes"].mask(sums["hidden"])
    amounts = sums.reset_index().sort_values(["tonnes", "material"], ascending=[False, True])
    materials = names("materials", page.language)

    def amount(row: Mapping[Any, Any]) -> str:
        return page.few if row["hidden"] else escape(_about(row["tonnes"], page))

    items = "".join(
        f"<li><span>{escape(materials[row['material']])}</span><b>{amount(row)}</b></li>"
        for row in amounts.head(_MISSING).to_dict("records")
    )
    return f'<ul class="amounts">{items}</ul>' if items else ""


def _about(amount: float, page: Page) -> str:
    return tonnes(amount, page.language, estimated=True)
