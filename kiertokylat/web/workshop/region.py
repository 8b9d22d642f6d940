"""The first step: who is here."""

from html import escape

import pandas as pd
import streamlit as st

from kiertokylat import maps, reference
from kiertokylat.figures import number
from kiertokylat.masking import LEAST, hidden_text
from kiertokylat.room import Workshop
from kiertokylat.web import mapview
from kiertokylat.web.session import View, language
from kiertokylat.web.workshop import hall, invitation, wallmap
from kiertokylat.web.workshop.hall import text
from kiertokylat.web.workshop.look import wall
from kiertokylat.words import say


def show(workshop: Workshop) -> None:
    """Draw the map of the workshop's municipalities, three figures, and the way in."""
    view = hall.view(workshop)
    drawn, told = st.columns([3, 2], gap="medium")
    with drawn:
        _map(workshop, view)
    with told:
        wall(f'<div class="figures">{"".join(_figures(view))}</div>')
        if view.municipalities.totals[["supply_t", "demand_t"]].isna().any():
            st.caption(say("privacy.rule", language(), least=LEAST))
        invitation.panel(workshop)


def _figures(view: View) -> list[str]:
    totals = view.municipalities.totals
    figures = {"companies": number(len(view.reach.companies), language())}
    for name in ("supply_t", "demand_t"):
        hidden = pd.isna(totals[name])
        shown = number(totals[name], language(), digits=2)
        figures[name] = hidden_text(language()) if hidden else text("tonnes", tonnes=shown)
    return [
        f'<div class="figure"><p class="big">{escape(figure)}</p>'
        f"<p>{escape(text(f'figure_{name}'))}</p></div>"
        for name, figure in figures.items()
    ]


def _map(workshop: Workshop, view: View) -> None:
    places = reference.municipalities()
    codes = list(workshop.municipalities)
    shapes = places.geometry[codes or list(places.index)].to_crs("EPSG:3067")
    west, south, east, north = shapes.total_bounds
    layers = [mapview.company_dots(view.reach.companies), maps.outline_layer(places, codes)]
    wallmap.show(
        layers,
        pd.DataFrame({"x": [west, east], "y": [south, north]}),
        "region-map",
        named=workshop.municipalities,
    )
