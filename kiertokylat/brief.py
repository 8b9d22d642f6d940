"""One municipality on two pages: what there is on the front, what could be done on the back.

The brief is a single HTML file without scripts or anything from outside: it can be mailed, archived
and printed on A4. Its figures are those of `brief_facts`, which the page of the municipality shows
too. Whatever comes from a user's file is escaped. Lists are cut and long names shortened, so that
it is two pages for every municipality.
"""

from collections.abc import Iterable
from datetime import date
from html import escape
from pathlib import Path

import pandas as pd

from kiertokylat import brief_areas, brief_next, brief_sums, reference
from kiertokylat.analysis import Analysis
from kiertokylat.assumptions import Assumptions
from kiertokylat.brief_facts import Facts, commitments_here, region
from kiertokylat.brief_page import Page, section, shortened
from kiertokylat.commitments import PRIVATE
from kiertokylat.figures import number
from kiertokylat.masking import LEAST
from kiertokylat.selection import USUAL_LIMIT, Limit, Selection, industry_group
from kiertokylat.sketch import sketch
from kiertokylat.words import Language, say

_SOURCES = 4


def brief(
    municipality: str,
    analysis: Analysis,
    language: Language,
    *,
    max_km: float = Selection.max_km,
    limit: Limit = USUAL_LIMIT,
    assumptions: Assumptions | None = None,
    edited: bool = False,
    public: bool = False,
    commitments: pd.DataFrame | None = None,
    day: date | None = None,
) -> str:
    """The printable brief of one municipality, with everything reckoned anew.

    Parameters
    ----------
    municipality
        Three-digit code of one of `reference.municipalities()`.
    analysis
        Of the whole region: receivers across the border count.
    language
        Of the brief.
    max_km
        Greatest straight-line distance of a candidate, km.
    limit
        Break-even limit of a candidate, as in `selection.Selection`.
    assumptions
        That the analysis rests on; the defaults.
    edited
        Whether they are others than the defaults: the brief says so.
    public
        Whether figures with few companies behind them are hidden (`guarded`).
    commitments
        As in `of`.
    day
        Date on the brief; today by default.

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
    facts = Facts(municipality, region(analysis, within, assumptions, public=public))
    return of(facts, language, edited=edited, commitments=commitments, day=day)


def of(
    facts: Facts,
    language: Language,
    *,
    edited: bool = False,
    commitments: pd.DataFrame | None = None,
    day: date | None = None,
) -> str:
    """The printable brief of figures that are there already.

    Parameters
    ----------
    facts
        Of the municipality.
    language, edited, day
        As in `brief`.
    commitments
        From `commitments.placed` or `for_public` of it, of any municipality; their free texts are
        not told. None: none.

    Returns
    -------
    str
        A whole HTML document.
    """
    made = pd.DataFrame(columns=["stage", "from_municipality", "to_municipality"])
    if commitments is not None:
        made = commitments.drop(columns=PRIVATE, errors="ignore")
    made = commitments_here(made, facts.code)
    page = Page(facts, language, edited, made, day or date.today())
    style = Path(__file__).with_name("brief.css").read_text(encoding="utf-8")
    front = [_header(page), brief_sums.numbers(page), _here(page)]
    front.append(f'<div class="flows">{brief_sums.leaves(page)}{brief_sums.needs(page)}</div>')
    front.append(_areas(page))
    parts = (brief_next.takers, brief_next.pools, brief_next.missing, brief_next.agreed)
    back = [part(page) for part in (*parts, brief_next.steps)]
    back.append(_sources(page))
    sheets = "".join(f'<div class="sheet">{"".join(sections)}</div>' for sections in (front, back))
    return (
        f'<!DOCTYPE html>\n<html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{page.t('title', place=page.place)}</title>"
        f"<style>{style}{brief_areas.style()}</style></head><body><main>{sheets}</main></body></html>\n"
    )


def _header(page: Page) -> str:
    day = page.day
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
    place = page.facts.place
    profile = page.t(
        "profile",
        population=number(place["population"], page.language),
        year=place["population_year"],
        land=number(place["land_km2"], page.language),
        subregion=place[f"subregion_{page.language}"],
    )
    return (
        f'<header><p class="over"><span>{page.t("over_title")}</span>'
        f'<time datetime="{day.isoformat()}">{when}</time></p>'
        f'<h1>{escape(page.place)}</h1><p class="lead">{page.t("subtitle")}</p>'
        f'<p class="profile">{profile}</p>{banner}</header>'
    )


def _here(page: Page) -> str:
    industries = brief_sums.industries(page)
    return f'<section class="here">{industries}<figure>{_map(page)}</figure></section>'


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


def _areas(page: Page) -> str:
    areas = page.facts.region.areas
    told = escape(brief_areas.sentence(areas, page.code, page.language))
    table = brief_areas.table(areas, page.code, page.language, legend=False)
    return section(page, "areas", f"<p>{told}</p>{table}")


def _sources(page: Page) -> str:
    flows = page.here.flows
    named = [*page.here.companies["source"], *flows.loc[flows["basis"] != "estimated", "source"]]
    listed = _listed((source for source in pd.unique(pd.Series(named, dtype="str"))), page)
    told = ["basis", "once", "distance", f"limit_{page.within.limit or 'none'}"]
    told += ["edited"] if page.edited else []
    texts = [page.t(f"sources_{key}") for key in (*told, "pools", "promise")]
    if page.public:
        texts.append(escape(say("privacy.rule", page.language, least=LEAST)))
    if listed:
        texts.append(page.t("sources_data", sources=listed))
    texts.append(page.t("sources_map"))
    return section(page, "sources", f"<p>{' '.join(texts)}</p>", "sources")


def _listed(sources: Iterable[str], page: Page) -> str:
    told = {"demo": say("brief.sources_demo", page.language)}
    known = [
        shortened(told.get(source, source.strip().rstrip(".")))
        for source in sources
        if source.strip()
    ]
    more = len(known) - _SOURCES
    if more > 0:
        known = [*known[:_SOURCES], say("brief.sources_more", page.language, count=more)]
    return "; ".join(known)
