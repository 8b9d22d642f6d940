"""One municipality: what is here, what leaves, who could take it, what is missing.

The figures are those of `brief_facts`, which the printed brief tells too.
"""

from typing import Any

import pandas as pd
import streamlit as st

from kiertokylat import brief_areas, maps, reference
from kiertokylat.brief_facts import Facts, Region, commitments_here
from kiertokylat.figures import number
from kiertokylat.palette import GROUP_COLOURS
from kiertokylat.rank import By, best_per_supply
from kiertokylat.web import (
    candidateview,
    cards,
    charts,
    downloads,
    filters,
    mapview,
    municipalityparts,
    poolview,
    session,
    stars,
    texts,
)
from kiertokylat.web.municipalityparts import words
from kiertokylat.web.session import language, t
from kiertokylat.words import say

_MOST_LINES = 40


def facts(code: str) -> Facts:
    """What the page tells of a municipality.

    Only the distance and the break-even limit of the filter bar count here: the page answers for
    the whole municipality.
    """
    return _facts(region(), code)


def lead(of: Facts) -> None:
    """Draw the sentence on top."""
    texts.lead(_sentence(of))


def show(of: Facts) -> None:
    """Draw what is below the sentence, in the order in which an official asks."""
    made = session.commitments()
    left, right = st.columns([2, 3], gap="medium")
    by = st.session_state.get("order") or candidateview.ORDERS[0]
    with left:
        _metrics(of)
        _industries(of)
    with right:
        _map(of, _best(of, by)[1])
    with st.container(horizontal=True, vertical_alignment="center"):
        downloads.brief(of, made)
        st.caption(t("municipality_filters"))
    if of.here.companies.empty:
        st.info(t("municipality_empty"))
    else:
        municipalityparts.flows(of)
        st.header(t("municipality_candidates"), anchor=False)
        municipalityparts.share(of)
        by = candidateview.list_choice("order", candidateview.ORDERS)
        municipalityparts.partners(of, _best(of, by)[1])
        municipalityparts.pools(of)
        municipalityparts.missing(of)
        municipalityparts.agreed(of, commitments_here(made, of.code))
    _areas(of)


def region() -> Region:
    """What the pages of all municipalities share, within the limits of the filter bar."""
    every, within = session.analysis(), session.region_only(filters.selection())
    pools, members = poolview.usual()
    return _kept(
        Region(
            every,
            within,
            session.assumptions(),
            session.guarded_summaries(),
            session.region(within),
            session.view(within).allocation,
            stars.portfolio(),
            pools,
            members,
        )
    )


def _identity(of: Region) -> tuple[Any, ...]:
    """What tells two regions apart: all of it is cached, and never changed in place."""
    frames = (of.every, of.near, of.allocation, of.portfolio, of.pools, of.members)
    return (*map(id, frames), of.within, of.assumed, of.public)


# The entry holds the region itself, so that no id in it is given to another one meanwhile.
@st.cache_resource(max_entries=8, hash_funcs={Region: _identity}, show_spinner=False)
def _kept(of: Region) -> Region:
    return of


@st.cache_resource(max_entries=48, hash_funcs={Region: id}, show_spinner=False)
def _facts(of: Region, code: str) -> Facts:
    return Facts(code, of)


@st.cache_resource(max_entries=48, hash_funcs={Facts: id}, show_spinner=False)
def _best(facts: Facts, by: By) -> tuple[Facts, pd.DataFrame]:
    return facts, best_per_supply(facts.here.candidates, by)


def _sentence(facts: Facts) -> str:
    lang, row, within = language(), facts.figures, facts.region.within
    name = str(facts.place["name_fi"])
    companies = number(row["companies"], lang)
    if row[["supply_t", "stated_t"]].isna().any():
        return say("privacy.municipality", lang, name=name, companies=companies)
    return t(
        "municipality_sentence",
        name=name,
        companies=companies,
        supply=number(row["supply_t"], lang, digits=2),
        stated=number(row["stated_t"], lang, digits=2),
        km=number(within.max_km, lang),
        edge=t("municipality_edge") if within.limit else "",
    )


def _metrics(facts: Facts) -> None:
    place, lang = facts.place, language()
    st.caption(
        words(
            "profile",
            population=number(place["population"], lang),
            year=place["population_year"],
            land=number(place["land_km2"], lang),
            subregion=place[f"subregion_{lang}"],
        )
    )
    here = facts.region.municipalities
    with st.grid(2, min_column_width=130):
        for label, value in cards.figures(facts.code, here).items():
            st.metric(label, value)
    texts.hidden_note(int(here.hidden.loc[[facts.code], list(cards.FIGURES)].to_numpy().sum()))


def _map(facts: Facts, listed: pd.DataFrame) -> None:
    places, every = reference.municipalities(), facts.region.every
    best = listed.head(_MOST_LINES)
    ends = {*facts.here.companies["id"], *best["from_company"], *best["to_company"]}
    starred = stars.members(best)
    layers = [
        mapview.candidate_lines(best[~starred], every),
        mapview.candidate_lines(best[starred], every, shares=stars.shares()),
        mapview.company_dots(every.companies[every.companies["id"].isin(ends)]),
        maps.outline_layer(places, [facts.code]),
    ]
    west, south, east, north = places.geometry[[facts.code]].to_crs("EPSG:3067").total_bounds
    corners = pd.DataFrame({"x": [west, east], "y": [south, north]})
    mapview.show_pair(layers, corners, key="municipality-map")


def _industries(facts: Facts) -> None:
    counts = facts.groups
    st.header(t("municipality_industries"), anchor=False)
    if counts.empty:
        return
    counts = counts.sort_values(ascending=False, kind="stable")
    colours = [GROUP_COLOURS[str(group)] for group in counts.index]
    counts.index = [t(f"group_{group}") for group in counts.index]
    charts.bars(counts, colours, alt=t("municipality_industries"), row_px=26)


def _areas(facts: Facts) -> None:
    """The municipality beside its sub-region and the whole region."""
    areas, lang = facts.region.areas, language()
    st.header(words("areas"), anchor=False)
    texts.lead(brief_areas.sentence(areas, facts.code, lang))
    table = brief_areas.table(areas, facts.code, lang)
    st.html(f"<style>{brief_areas.style()}</style>{table}")
    shown = brief_areas.hidden_cells(areas, facts.code)
    texts.hidden_note(shown)
    place = facts.place
    st.caption(words("areas_sources", year=place["population_year"]))
