"""One municipality, printable: what is here, what leaves, who could take it, what is missing.

The page is a single HTML file without scripts or anything from outside: it can be mailed, archived
and printed on A4. Whatever comes from a user's file is escaped.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from kiertokylat import reference
from kiertokylat.analysis import Analysis
from kiertokylat.brief_page import Page, section
from kiertokylat.brief_sums import leaves, missing, numbers
from kiertokylat.export import names
from kiertokylat.figures import kilometres, number, tonnes_range
from kiertokylat.masking import LEAST
from kiertokylat.palette import GROUP_COLOURS
from kiertokylat.selection import USUAL_LIMIT, Limit, Selection, industry_group, select
from kiertokylat.sketch import dot, sketch
from kiertokylat.words import Language, say

_SOURCES = 4


def brief(
    municipality: str,
    analysis: Analysis,
    language: Language,
    *,
    max_km: float = Selection.max_km,
    limit: Limit = USUAL_LIMIT,
    edited: bool = False,
    public: bool = False,
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
    public
        Whether figures with few companies behind them are hidden (`guarded`).
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
    page = Page(municipality, analysis, here, within, edited, language, public)
    style = Path(__file__).with_name("brief.css").read_text(encoding="utf-8")
    sections = (_header(page, day or date.today()), numbers(page), _here(page), leaves(page))
    more = (_takers(page), missing(page), _sources(page))
    return (
        f'<!DOCTYPE html>\n<html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{page.t('title', place=page.place)}</title><style>{style}</style></head>"
        f"<body><main>{''.join(sections)}{''.join(more)}</main></body></html>\n"
    )


def _header(page: Page, day: date) -> str:
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


def _here(page: Page) -> str:
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


def _map(page: Page) -> str:
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


def _takers(page: Page) -> str:
    outgoing = page.outgoing
    if outgoing.empty:
        return section(page, "takers", f"<p>{page.t('takers_none')}</p>{_inbound(page)}", "back")
    receivers = pd.Series(outgoing["to_company"].astype("str").unique())
    inside = int(receivers.isin(page.here.companies["id"]).sum())
    texts = {
        "inside": number(inside, page.language),
        "across": number(len(receivers) - inside, page.language),
    }
    items = "".join(f"<li>{_taker(row, page)}</li>" for row in page.takers.to_dict("records"))
    body = f'<p>{page.t("takers_sentence", **texts)}</p><ol class="takers">{items}</ol>'
    return section(page, "takers", body + _inbound(page), "back")


def _taker(row: Mapping[Any, Any], page: Page) -> str:
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


def _inbound(page: Page) -> str:
    candidates, home = page.here.candidates, page.here.companies["id"]
    from_outside = ~candidates["from_company"].isin(home)
    count = candidates.loc[from_outside, "to_company"].nunique()
    if not count:
        return ""
    text = page.t("inbound_one") if count == 1 else page.t("inbound", count=count)
    return f"<p>{text}</p>"


def _sources(page: Page) -> str:
    flows = page.here.flows
    named = [*page.here.companies["source"], *flows.loc[flows["basis"] != "estimated", "source"]]
    listed = _listed((source for source in pd.unique(pd.Series(named, dtype="str"))), page)
    told = ["basis", "once", "distance", f"limit_{page.within.limit or 'none'}"]
    told += ["edited"] if page.edited else []
    texts = [page.t(f"sources_{key}") for key in (*told, "promise")]
    if page.public:
        texts.append(escape(say("privacy.rule", page.language, least=LEAST)))
    if listed:
        texts.append(page.t("sources_data", sources=listed))
    texts.append(page.t("sources_map"))
    return section(page, "sources", f"<p>{' '.join(texts)}</p>", "sources")


def _listed(sources: Iterable[str], page: Page) -> str:
    known = [source.strip().rstrip(".") for source in sources if source.strip()]
    more = len(known) - _SOURCES
    if more > 0:
        known = [*known[:_SOURCES], say("brief.sources_more", page.language, count=more)]
    return "; ".join(known)
