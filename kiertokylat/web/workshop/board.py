"""The page Työpaja: the list of workshops, or the step that a workshop is at."""

from collections.abc import Callable

import streamlit as st

from kiertokylat.errors import StoreError
from kiertokylat.room import Workshop
from kiertokylat.web import faultview, session
from kiertokylat.web.workshop import (
    amounts,
    bar,
    closing,
    hall,
    ideas,
    invitation,
    lobby,
    look,
    pairs,
    promises,
    region,
)
from kiertokylat.web.workshop.hall import text

STEPS: dict[str, Callable[[Workshop], None]] = {
    "region": region.show,
    "flows": amounts.show,
    "candidates": pairs.show,
    "ideas": ideas.show,
    "commitments": promises.show,
    "summary": closing.show,
}


def page() -> None:
    """Draw the page; only editors run a workshop."""
    look.apply()
    if not session.is_editor():
        st.info(text("editors_only"))
        return
    try:
        _page()
    except StoreError as error:
        faultview.show(error)


def _page() -> None:
    workshop = hall.current()
    if workshop is None:
        hall.tell_fault()
        lobby.show()
        return
    with st.container(key="workshop"):
        bar.show(workshop)
        hall.tell_fault()
        if invitation.is_big():
            invitation.big(workshop)
        else:
            STEPS[workshop.step](workshop)
