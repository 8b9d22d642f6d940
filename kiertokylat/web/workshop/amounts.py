"""The second step: what leaves and what is needed, the largest first."""

from html import escape

import pandas as pd
import streamlit as st

from kiertokylat import guarded, reference
from kiertokylat.figures import number
from kiertokylat.room import Workshop
from kiertokylat.wall import largest
from kiertokylat.web.session import language
from kiertokylat.web.workshop import hall
from kiertokylat.web.workshop.hall import text
from kiertokylat.web.workshop.look import wall

_MOST = 7  # bars that fit on the wall


def show(workshop: Workshop) -> None:
    """Draw both lists of bars, on one scale."""
    view, public = hall.view(workshop), hall.dataset().public
    found = guarded.by_material(
        view.reach.flows, view.reach.candidates, view.allocation, public=public
    )
    out, needed = (largest(found.table, name, _MOST) for name in ("supply_t", "demand_t"))
    top = max([*out, *needed], default=1.0)
    for column, direction, amounts in zip(
        st.columns(2, gap="large"), ("out", "in"), (out, needed), strict=True
    ):
        with column:
            wall(f"<h2>{escape(text(f'amounts_{direction}'))}</h2>{_bars(amounts, top, direction)}")
    note = text("amounts_note")
    if found.cells:
        note += " " + text("amounts_hidden")
    wall(f"<p>{escape(note)}</p>")


def _bars(amounts: pd.Series, top: float, direction: str) -> str:
    if amounts.empty:
        return f"<p>{escape(text('amounts_none'))}</p>"
    names = reference.materials()[f"name_{language()}"]
    rows = [
        f"<span>{escape(str(names.get(material, material)))}</span>"
        f'<span class="track"><span class="bar {direction}" '
        f'style="display:block;width:{100 * tonnes / top:.1f}%"></span></span>'
        f"<b>{escape(text('tonnes', tonnes=number(tonnes, language(), digits=2)))}</b>"
        for material, tonnes in amounts.items()
    ]
    return f'<div class="bars">{"".join(rows)}</div>'
