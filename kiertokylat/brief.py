"""One municipality, printable: what is here, what leaves, who could take it, what is missing.

The page is a single HTML file without scripts or anything from outside: it can be mailed, archived
and printed on A4. Whatever comes from a user's file is escaped.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from kiertokylat import reference, summary
from kiertokylat.allocation import allocate
from kiertokylat.analysis import Analysis
from kiertokylat.export import names
from kiertokylat.figures import kilometres, number, tonnes, tonnes_range
from kiertokylat.palette import GROUP_COLOURS
from kiertokylat.rank import best_per_supply, rank
from kiertokylat.selection import USUAL_LIMIT, Limit, Selection, industry_group, select
from kiertokylat.sketch import bar, dot, sketch
from kiertokylat.words import Language, say

_MATERIALS = 7  # rows of the table
_CANDIDATES = 5
_MISSING = 5  # items of each list
_SOURCES = 4


@dataclass(frozen=True)
class _Page:
    """What all sections need.

    `every` is the whole region; `here` the selection: companies and flows of the municipality,
    candidates with at least one end in it. Both lie `within` distance and break-even limit.
    """

    code: str
    every: Analysis
    here: Analysis
    within: Selection
    edited: bool
    language: Language

    def t(self, key: str, **values: object) -> str:
        """A text of the brief, escaped."""
        km = number(self.within.max_km, self.language)
        edge = say("brief.edge", self.language) if self.within.limit else ""
        return escape(say(f"brief.{key}", self.language, **{"km": km, "edge": edge, **values}))

    @property
    def place(self) -> str:
        return str(names("municipalities", self.language)[self.code])

    @property
    def outgoing(self) -> pd.DataFrame:
        """Candidates whose supplier is here."""
        candidates = self.here.candidates
        return candidates[candidates["from_company"].isin(self.here.companies["id"])]

    @cached_property
    def allocation(self) -> pd.DataFrame:
        """The whole region's supplies, shared out among its stated needs."""
        within = select(self.every, self.within)
        return allocate(within.candidates, within.flows)

    @property
    def takers(self) -> pd.DataFrame:
        """The largest candidates, one a material, so that one big stream doesn't fill the list."""
        best = rank(best_per_supply(self.outgoing))
        return best.drop_duplicates("material").head(_CANDIDATES)


def brief(
    municipality: str,
    analysis: Analysis,
    language: Language,
    *,
    max_km: float = Selection.max_km,
    limit: Limit = USUAL_LIMIT,
    edited: bool = False,
    day: date | None = None,
) -> str:
    """The printable page about one municipality.

    Parameters
    ----------
    municipality
        Three-digit code of one of `reference.municipalities()`.
    analysis
        Of the whole region: receivers across the border count.
    language
        Of the page.
    max_km
        Greatest straight-line distance of a candidate, km.
    limit
        Break-even limit of a candidate, as in `selection.Selection`.
    edited
        Whether the analysis rests on other assumptions than the defaults: the page says so.
    day
        Date on the page; today by default.

    Returns
    -------
    str
        A whole HTML document.

    Raises
    ------
    KeyError
        There is no such municipality.
    """
    reference.municipalities().loc[municipality]
    within = Selection(max_km=max_km, limit=limit)
    here = select(analysis, replace(within, municipalities=(municipality,)))
    page = _Page(municipality, analysis, here, within, edited, language)
    style = Path(__file__).with_name("brief.css").read_text(encoding="utf-8")
    sections = (_header(page, day or date.today()), _numbers(page), _here(page), _leaves(page))
    more = (_takers(page), _missing(page), _sources(page))
    return (
        f'<!DOCTYPE html>\n<html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{page.t('title', place=page.place)}</title><style>{style}</style></head>"
        f"<body><main>{''.join(sections)}{''.join(more)}</main></body></html>\n"
    )


def _section(page: _Page, key: str, body: str, css_class: str = "plain") -> str:
    return f'<section class="{css_class}"><h2>{page.t(key)}</h2>{body}</section>'


def _header(page: _Page, day: date) -> str:
    months = say("brief.months", page.language).split()
    when = page.t(
        "date",
        day=day.day,
        month=day.month,
        year=day.year,
        month_name=months[day.month - 1] if months else "",
    )
    demo = set(page.every.companies["source"]) == {"demo"}
    banner = f'<p class="demo">{page.t("demo")}</p>' if demo else ""
    return (
        f'<header><p class="over"><span>{page.t("over_title")}</span>'
        f'<time datetime="{day.isoformat()}">{when}</time></p>'
        f'<h1>{escape(page.place)}</h1><p class="lead">{page.t("subtitle")}</p>{banner}</header>'
    )


def _numbers(page: _Page) -> str:
    here = page.here
    codes = pd.Index([page.code])
    table = summary.by_municipality(
        here.companies, here.flows, page.outgoing, page.allocation, codes
    )
    row = table.to_dict("index")[page.code]
    count, supply = len(here.companies), row["supply_t"]
    one = "_one" if count == 1 else ""
    figures = [(str(count), page.t(f"number_companies{one}"))]
    amount = number(supply, page.language, digits=2)
    if supply > 0:
        share = round(100 * row["reported_share"])
        stated = round(100 * (1 - row["unstated_share"]))
        figures.append((amount, page.t("number_tonnes", share=share)))
        figures.append((f"{stated}\u00a0%", page.t("number_stated")))
    else:
        figures.append((amount, page.t("number_tonnes_none")))
    items = "".join(f"<li><b>{escape(value)}</b> {text}</li>" for value, text in figures)
    return f'<ul class="numbers">{items}</ul>'


def _here(page: _Page) -> str:
    here = page.here.companies
    counts = industry_group(here["nace"]).value_counts()
    items = "".join(
        f"<li>{dot(colour)}<span>{escape(say(f'app.group_{group}', page.language))}</span>"
        f"<b>{counts[group]}</b></li>"
        for group, colour in GROUP_COLOURS.items()
        if group in counts
    )
    text = page.t("here_sentence") if len(here) else page.t("here_none")
    return (
        f'<section class="here"><div><h2>{page.t("here")}</h2><p>{text}</p>'
        f'<ul class="groups">{items}</ul><p class="note">{page.t("map_note")}</p></div>'
        f"<figure>{_map(page)}</figure></section>"
    )


def _map(page: _Page) -> str:
    every = page.every.companies
    points = every.set_index("id")[["x", "y"]]
    takers = page.takers
    ends = {
        f"{end}_{axis}": takers[f"{end}_company"].astype("str").map(points[axis])
        for end in ("from", "to")
        for axis in ("x", "y")
    }
    lines = pd.DataFrame({**ends, "certainty": takers["certainty"].astype("str")})
    key = "map_alt" if len(lines) else "map_alt_plain"
    description = say(f"brief.{key}", page.language, place=page.place, count=len(lines))
    dots = every.assign(group=industry_group(every["nace"]))
    return sketch(page.code, dots, lines, description)


def _leaves(page: _Page) -> str:
    table = summary.by_material(page.here.flows, page.outgoing, page.allocation)
    table = table[table["suppliers"] > 0]
    if table.empty:
        return _section(page, "leaves", f"<p>{page.t('leaves_none')}</p>")
    materials = names("materials", page.language)
    rows = "".join(
        f"<tr><th scope='row'>{escape(materials[row['material']])}</th>"
        f"<td>{_rounded(row['supply_t'], row['reported_share'], page)}</td>"
        f"<td>{row['suppliers']}</td><td>{bar(row['reported_share'])}</td>"
        f"<td>{bar(row['stated_t'] / row['supply_t'] if row['supply_t'] else float('nan'))}</td>"
        "</tr>"
        for row in table.head(_MATERIALS).reset_index().to_dict("records")
    )
    columns = ("material", "tonnes", "suppliers", "reported", "stated")
    head = "".join(f"<th scope='col'>{page.t(f'column_{name}')}</th>" for name in columns)
    rest = table.iloc[_MATERIALS:]
    amount = tonnes(rest["supply_t"].sum(), page.language, estimated=True)
    more = page.t("leaves_more", count=len(rest), amount=amount) if len(rest) else ""
    table_html = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    sentence = f"<p>{page.t('leaves_sentence')}</p>"
    return _section(page, "leaves", f'{sentence}{table_html}<p class="note">{more}</p>')


def _rounded(amount: float, reported_share: float, page: _Page) -> str:
    """Tonnes in full where all of them are reported, else in two digits."""
    digits = None if reported_share == 1 else 2
    return escape(number(amount, page.language, digits=digits))


def _takers(page: _Page) -> str:
    outgoing = page.outgoing
    if outgoing.empty:
        return _section(page, "takers", f"<p>{page.t('takers_none')}</p>{_inbound(page)}", "back")
    receivers = pd.Series(outgoing["to_company"].astype("str").unique())
    inside = int(receivers.isin(page.here.companies["id"]).sum())
    texts = {
        "inside": number(inside, page.language),
        "across": number(len(receivers) - inside, page.language),
    }
    items = "".join(f"<li>{_taker(row, page)}</li>" for row in page.takers.to_dict("records"))
    body = f'<p>{page.t("takers_sentence", **texts)}</p><ol class="takers">{items}</ol>'
    return _section(page, "takers", body + _inbound(page), "back")


def _taker(row: Mapping[Any, Any], page: _Page) -> str:
    sites = page.every.companies.set_index("id")
    supplier, receiver = sites.loc[row["from_company"]], sites.loc[row["to_company"]]
    material = escape(names("materials", page.language)[row["material"]])
    pair = escape(f"{supplier['name']} → {receiver['name']}")
    use = ""
    if row["use"]:
        text = str(reference.uses().loc[row["use"], f"use_{page.language}"]).strip().rstrip(".")
        use = say("brief.taker_use", page.language, use=text[:1].lower() + text[1:])
    where = "inside" if receiver["municipality"] == page.code else "across"
    unknown = "unknown_" if pd.isna(row["tonnes"]) else ""
    sentence = page.t(
        f"taker_{unknown}{where}",
        amount=tonnes_range(row["tonnes_low"], row["tonnes"], row["tonnes_high"], page.language),
        distance=kilometres(row["distance_km"], page.language),
        place=names("municipalities", page.language).get(receiver["municipality"], ""),
        use=use,
        certainty=say(f"brief.certainty_{row['certainty']}", page.language),
    )
    return f"<b>{material}</b> · {pair}<br><span>{sentence}</span>"


def _inbound(page: _Page) -> str:
    candidates, home = page.here.candidates, page.here.companies["id"]
    from_outside = ~candidates["from_company"].isin(home)
    count = candidates.loc[from_outside, "to_company"].nunique()
    if not count:
        return ""
    text = page.t("inbound_one") if count == 1 else page.t("inbound", count=count)
    return f"<p>{text}</p>"


def _missing(page: _Page) -> str:
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
    return _section(page, "missing", body)


def _largest(flows: pd.DataFrame, page: _Page) -> str:
    """The materials of some flows by tonnes, as a list; empty without flows."""
    sums = flows.groupby("material")["tonnes"].sum(min_count=1).reset_index()
    amounts = sums.sort_values(["tonnes", "material"], ascending=[False, True])
    materials = names("materials", page.language)
    items = "".join(
        f"<li><span>{escape(materials[row['material']])}</span>"
        f"<b>{escape(tonnes(row['tonnes'], page.language, estimated=True))}</b></li>"
        for row in amounts.head(_MISSING).to_dict("records")
    )
    return f'<ul class="amounts">{items}</ul>' if items else ""


def _sources(page: _Page) -> str:
    flows = page.here.flows
    named = [*page.here.companies["source"], *flows.loc[flows["basis"] != "estimated", "source"]]
    listed = _listed((source for source in pd.unique(pd.Series(named, dtype="str"))), page)
    told = ["basis", "once", "distance", f"limit_{page.within.limit or 'none'}"]
    told += ["edited"] if page.edited else []
    texts = [page.t(f"sources_{key}") for key in (*told, "promise")]
    if listed:
        texts.append(page.t("sources_data", sources=listed))
    texts.append(page.t("sources_map"))
    return _section(page, "sources", f"<p>{' '.join(texts)}</p>", "sources")


def _listed(sources: Iterable[str], page: _Page) -> str:
    known = [source.strip().rstrip(".") for source in sources if source.strip()]
    more = len(known) - _SOURCES
    if more > 0:
        known = [*known[:_SOURCES], say("brief.sources_more", page.language, count=more)]
    return "; ".join(known)
