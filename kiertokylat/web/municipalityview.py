"""One municipality: what is here, what leaves, who could take it, what is missing."""

from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from kiertokylat import guarded, maps, reference
from kiertokylat.analysis import Analysis
from kiertokylat.figures import number, spread
from kiertokylat.guarded import Shown
from kiertokylat.masking import LEAST
from kiertokylat.palette import GROUP_COLOURS
from kiertokylat.selection import Selection, industry_group
from kiertokylat.web import (
    candidateview,
    cards,
    charts,
    downloads,
    filters,
    mapview,
    session,
    stars,
    tables,
    texts,
    worthview,
)
from kiertokylat.web.session import language, t
from kiertokylat.words import say


def show(code: str) -> None:
    """Draw the page of one municipality.

    Only the distance and the break-even limit of the filter bar count here: the page answers for
    the whole municipality.
    """
    every = session.analysis()
    region = session.region_only(filters.selection())
    view = session.view(replace(region, municipalities=(code,)))
    chosen, here = view.chosen, view.municipalities
    texts.lead(_sentence(code, here.table.loc[code], region))
    st.caption(t("municipality_filters"))
    _metrics(code, here)
    _share(code, every)
    by = candidateview.list_choice("order", candidateview.ORDERS)
    best = candidateview.best(view, by)
    left, right = st.columns(2, gap="medium")
    with left:
        _map(code, best, view, every)
    with right:
        _industries(chosen)
    if chosen.companies.empty:
        st.info(t("municipality_empty"))
        return
    downloads.brief(code, every, region)
    _partners(code, best, every)
    public = session.guarded_summaries()
    tables.materials(
        guarded.by_material(chosen.flows, chosen.candidates, view.allocation, public=public)
    )


def _sentence(code: str, row: Any, region: Selection) -> str:
    lang = language()
    name = reference.municipalities()["name_fi"][code]
    companies = number(row["companies"], lang)
    if row[["supply_t", "stated_t"]].isna().any():
        return say("privacy.municipality", lang, name=name, companies=companies)
    return t(
        "municipality_sentence",
        name=name,
        companies=companies,
        supply=number(row["supply_t"], lang, digits=2),
        stated=number(row["stated_t"], lang, digits=2),
        km=number(region.max_km, lang),
        edge=t("municipality_edge") if region.limit else "",
    )


def _metrics(code: str, here: Shown) -> None:
    place = reference.municipalities().loc[code]
    lang = language()
    population = t("metric_population", year=place["population_year"])
    figures = {
        population: number(place["population"], lang),
        t("metric_land"): number(place["land_km2"], lang),
        **cards.figures(code, here),
    }
    with st.grid(6, min_column_width=130):
        for label, value in figures.items():
            st.metric(label, value, border=True)
    texts.hidden_note(int(here.hidden.loc[[code], list(cards.FIGURES)].to_numpy().sum()))


def _share(code: str, every: Analysis) -> None:
    """What the best portfolio holds of flows that begin or end here, as ranges."""
    portfolio, lang = stars.portfolio(), language()
    home = every.companies.set_index("id")["municipality"]
    ends = [portfolio[f"{end}_company"].map(home) == code for end in ("from", "to")]
    ours = portfolio[ends[0] | ends[1]]
    goal = t(f"goal_{stars.goal()}")
    st.header(t("share_title"), anchor=False)
    st.caption(t("share_caption", star=stars.STAR, goal=goal, count=number(len(ours), lang)))
    if ours.empty:
        return
    if guarded.of_few(ours, public=session.guarded_summaries()):
        st.caption(say("privacy.few", lang, least=LEAST))
        return
    with st.grid(3, min_column_width=210):
        for name in ("tonnes", "eur", "co2e"):
            low, best, high = (ours[f"{name}{end}"].sum() for end in ("_low", "", "_high"))
            with st.container(border=True):
                st.metric(t(f"share_{name}"), worthview.amount(best, name))
                st.caption(t("impact_range", ends=spread(low, high, lang)))
    unknown = int(ours[["eur", "co2e"]].isna().any(axis=1).sum())
    if unknown:
        st.caption(t("share_unknown", count=number(unknown, lang)))


def _map(code: str, listed: pd.DataFrame, view: session.View, every: Analysis) -> None:
    places = reference.municipalities()
    best = listed.head(40)
    ends = {*view.chosen.companies["id"], *best["from_company"], *best["to_company"]}
    starred = stars.members(best)
    layers = [
        mapview.candidate_lines(best[~starred], every),
        mapview.candidate_lines(best[starred], every, shares=stars.shares()),
        mapview.company_dots(every.companies[every.companies["id"].isin(ends)]),
        maps.outline_layer(places, [code]),
    ]
    west, south, east, north = places.geometry[[code]].to_crs("EPSG:3067").total_bounds
    corners = pd.DataFrame({"x": [west, east], "y": [south, north]})
    mapview.show_pair(layers, corners, key="municipality-map")


def _industries(chosen: Analysis) -> None:
    counts = industry_group(chosen.companies["nace"]).value_counts()
    st.header(t("municipality_industries"), anchor=False)
    if counts.empty:
        return
    colours = [GROUP_COLOURS[group] for group in counts.index]
    counts.index = [t(f"group_{group}") for group in counts.index]
    charts.bars(counts, colours, alt=t("municipality_industries"))


def _partners(code: str, listed: pd.DataFrame, every: Analysis) -> None:
    """Best candidates inside the municipality, out of it and into it."""
    home = every.companies.set_index("id")["municipality"]
    gives = listed["from_company"].astype(str).map(home) == code
    takes = listed["to_company"].astype(str).map(home) == code
    parts = {"inside": gives & takes, "leaves": gives & ~takes, "comes": takes & ~gives}
    st.header(t("municipality_candidates"), anchor=False)
    tabs = st.tabs([t(f"municipality_{n}", count=int(m.sum())) for n, m in parts.items()])
    for tab, (name, mask) in zip(tabs, parts.items(), strict=True):
        with tab:
            if mask.any():
                tables.candidates(listed[mask], every, key=f"municipality-{name}")
            else:
                st.caption(t("municipality_none"))
