"""The front of the brief: figures, companies by industry, what leaves, what is needed."""

from collections.abc import Mapping
from html import escape
from typing import Any

import pandas as pd

from kiertokylat.brief_page import Page, section
from kiertokylat.figures import number, tonnes
from kiertokylat.guarded import Shown
from kiertokylat.masking import LEAST, hidden_text
from kiertokylat.palette import GROUP_COLOURS
from kiertokylat.sketch import bar, dot
from kiertokylat.words import say

_MATERIALS = 5  # rows of the table
_NEEDS = 5  # items of the list
_FEW = '<span class="few">*</span>'  # a hidden figure, explained below the list


def numbers(page: Page) -> str:
    """Companies, tonnes, and what of them fits into stated needs."""
    row, hidden = page.facts.figures, page.facts.hidden
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


def industries(page: Page) -> str:
    """Companies by industry, in the colours of the map."""
    items = "".join(
        f"<li>{dot(GROUP_COLOURS[str(group)])}"
        f"<span>{escape(say(f'app.group_{group}', page.language))}</span><b>{count}</b></li>"
        for group, count in page.facts.groups.items()
    )
    text = page.t("here_sentence") if len(page.here.companies) else page.t("here_none")
    return (
        f'<div><h2>{page.t("here")}</h2><p>{text}</p><ul class="groups">{items}</ul>'
        f'<p class="note">{page.t("map_note")}</p></div>'
    )


def offered(shown: Shown) -> Shown:
    """The materials on offer, largest first; those whose amount is hidden last, by material.

    A material stands in its place wherever its tonnes are shown, whatever else of it is hidden.

    Parameters
    ----------
    shown
        From `guarded.by_material`.
    """
    table = shown.table[shown.table["suppliers"] > 0].sort_index()
    table = table.sort_values("supply_t", ascending=False, kind="stable")
    return shown._replace(table=table, hidden=shown.hidden.loc[table.index])


def order(amounts: pd.Series) -> str:
    """The end of the key of the sentence that tells how a list is ordered.

    Parameters
    ----------
    amounts
        NaN where hidden.
    """
    hidden = amounts.isna()
    return "_unknown" if hidden.all() else "_part" if hidden.any() else ""


def leaves(page: Page) -> str:
    """The materials on offer, largest first."""
    shown = offered(page.facts.materials)
    table = shown.table
    if table.empty:
        return section(page, "leaves", f"<p>{page.t('leaves_none')}</p>")
    hidden = shown.hidden.to_dict("records")
    drawn = table.head(_MATERIALS).reset_index().to_dict("records")
    rows = "".join(
        f"<tr><th scope='row'>{escape(page.material(row['material']))}</th>"
        f"<td>{_FEW if few['supply_t'] else _rounded(row, page)}</td>"
        f"<td>{row['suppliers']}</td>"
        f"<td>{_FEW if few['reported_share'] else bar(row['reported_share'])}</td>"
        f"<td>{_FEW if few['stated_t'] else bar(_share(row))}</td></tr>"
        for row, few in zip(drawn, hidden, strict=False)
    )
    columns = ("material", "tonnes", "suppliers", "reported", "stated")
    head = "".join(f"<th scope='col'>{page.t(f'column_{name}')}</th>" for name in columns)
    rest = table.iloc[_MATERIALS:]
    unknown = shown.hidden.loc[rest.index, "supply_t"].any()
    amount = tonnes(rest["supply_t"].sum(), page.language, estimated=True)
    key = "leaves_more_hidden" if unknown else "leaves_more"
    more = page.t(key, count=len(rest), amount=amount) if len(rest) else ""
    table_html = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    sentence = f"<p>{page.t('leaves_sentence' + order(table['supply_t']))}</p>"
    return section(page, "leaves", f"{sentence}{table_html}{_note(more, rows, page)}")


def _note(more: str, rows: str, page: Page) -> str:
    """What a list leaves out, and what its marks mean; both are HTML already."""
    mark = f"{_FEW}\u00a0{page.t('hidden_why', least=LEAST)}" if _FEW in rows else ""
    return f'<p class="note">{" ".join(part for part in (more, mark) if part)}</p>'


def _rounded(row: Mapping[Any, Any], page: Page) -> str:
    """Tonnes in two digits, reported ones too: the brief tells every amount so."""
    return escape(number(row["supply_t"], page.language, digits=2))


def _share(row: Mapping[Any, Any]) -> float:
    """What of a material's supply fits into stated needs."""
    return row["stated_t"] / row["supply_t"] if row["supply_t"] else float("nan")


def needs(page: Page) -> str:
    """The materials that companies here need, largest first."""
    rows = page.facts.needs
    if rows.empty:
        return section(page, "needs", f"<p>{page.t('missing_needs_unknown')}</p>")
    items = "".join(
        f"<li><span>{escape(page.material(row['material']))}</span><b>{_needed(row, page)}</b></li>"
        for row in rows.head(_NEEDS).to_dict("records")
    )
    rest = len(rows) - _NEEDS
    more = page.t("needs_more", count=rest) if rest > 0 else ""
    sentence = page.t(f"needs_sentence{order(rows['demand_t'])}")
    body = f'<p>{sentence}</p><ul class="amounts">{items}</ul>'
    return section(page, "needs", body + _note(more, items, page))


def _needed(row: Mapping[Any, Any], page: Page) -> str:
    amount = row["demand_t"]
    return _FEW if pd.isna(amount) else escape(tonnes(amount, page.language, estimated=True))
