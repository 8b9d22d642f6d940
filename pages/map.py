import streamlit as st

from kiertokylat import maps, reference, summary
from kiertokylat.analysis import Analysis
from kiertokylat.rank import By, rank
from kiertokylat.selection import industry_group
from kiertokylat.web import (
    candidateview,
    cards,
    commitmentview,
    filters,
    legend,
    mapview,
    session,
    stars,
    tables,
    texts,
)
from kiertokylat.web.choice import choice
from kiertokylat.web.session import t

LAYERS = ("companies", "candidates", "portfolio", "between", "commitments")
ORDERS: tuple[By, ...] = ("eur", "co2e", "tonnes", "distance")


def controls() -> tuple[list[str], str | None, By, int]:
    """Which layers and figure are shown, the order of the candidate lines, and how many."""
    shown = st.pills(
        t("map_layers"),
        LAYERS,
        format_func=lambda name: t(f"layer_{name}"),
        selection_mode="multi",
        default=LAYERS[:2],
        key="layers",
        wrap=True,
        persist_state="session",
    )
    figure = st.selectbox(
        t("map_figure"),
        summary.FIGURES,
        index=None,
        format_func=lambda name: t(f"figure_{name}"),
        placeholder=t("map_figure_none"),
        key="figure",
        persist_state="session",
    )
    order = choice("map_order", ORDERS, words="order", wrap=True)
    most = 60
    if not session.projector():
        most = st.slider(t("map_most"), 10, 300, most, step=10, key="most", persist_state="session")
    return list(shown), figure, order, most


def around_choice(every: Analysis, chosen: Analysis) -> tuple[list[maps.Layer], list[str]]:
    """Rims of the chosen municipalities, ring and reach of the chosen company.

    The reach stands there in words as well.
    """
    codes, picked = filters.selection().municipalities, mapview.picked("municipality")
    places = reference.municipalities()
    rims = maps.outline_layer(places, [*codes, *([picked] if picked else [])])
    ringed = every.companies[every.companies["id"] == mapview.picked("company")]
    layers = [rims, maps.ring_layer(ringed)]
    if ringed.empty:
        return layers, []
    layer, reach = mapview.reach(ringed.iloc[0], chosen.flows)
    return [*layers, layer], reach


@st.fragment
def map_and_panel() -> None:
    """The part of the page that a click on the map runs again."""
    every = session.analysis()
    view = session.view(filters.selection())
    chosen, here = view.chosen, view.municipalities
    left, right = st.columns([3, 1], gap="medium")
    with right:
        shown, figure, order, most = controls()
    top = candidateview.best(view, order).head(most)
    layers, blocks = [], []
    if figure:
        layer, limits = mapview.coloured(figure, here.table[figure], here.hidden[figure])
        layers.append(layer)
        blocks.append(legend.figure(figure, limits, hidden=bool(here.hidden[figure].any())))
    if "between" in shown:
        layer, largest = mapview.between_curves(view.between.complete)
        layers.append(layer)
        blocks.append(legend.curves(largest))
    if "candidates" in shown:
        layers.append(mapview.candidate_lines(top, every))
        blocks.append(legend.certainties(top["certainty"].unique()))
    if "portfolio" in shown:
        members = rank(chosen.candidates[stars.members(chosen.candidates)], order).head(most)
        layers.append(mapview.candidate_lines(members, every, shares=stars.shares()))
        blocks.append(legend.portfolio())
    if "commitments" in shown:
        promised = commitmentview.on_map()
        layers += mapview.commitment_lines(promised, every)
        blocks.append(legend.stages(promised["stage"]))
    if "companies" in shown:
        shown_companies = summary.largest(chosen.companies, chosen.flows, mapview.MOST_DOTS)
        layers.append(mapview.company_dots(shown_companies))
        blocks.append(legend.industries(industry_group(chosen.companies["nace"])))
    ringed, reach = around_choice(every, chosen)
    layers += ringed
    if reach:
        blocks.append(legend.reach(filters.selection().limit or "eur"))
    with left:
        with st.container(key="bigmap"):
            mapview.show(layers, key="map")
        st.caption(t("map_source", most=most))
    with right:
        cards.picked_card(chosen, here, reach)
        texts.dots_left_out(len(chosen.companies))
        legend.draw(blocks)
    with left:
        tables.map_tables(every, here, view.between, top)
        if "commitments" in shown:
            commitmentview.map_table(promised)


now = session.view(filters.selection())
texts.lead(texts.map_sentence(now))
texts.nearest_only(session.analysis())
texts.widen(now.chosen)
map_and_panel()
