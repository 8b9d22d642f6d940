"""What changes while the hall looks on: polled each second, worked out anew when it has changed."""

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from kiertokylat.room import RoomError, Workshop
from kiertokylat.web.session import language
from kiertokylat.web.workshop import hall

Made = TypeVar("Made")


def latest(workshop: Workshop, name: str, make: Callable[[], Made]) -> Made:
    """What `make` gives, made again only when something of the workshop has been written.

    Parameters
    ----------
    workshop
        Which.
    name
        What is made; it tells this from what else is kept.
    make
        Reads and draws nothing.
    """
    try:
        pulse = hall.rooms().pulse(workshop.id)
    except RoomError:  # somebody has deleted it: the whole page tells
        st.rerun()
    mark = (workshop.id, pulse, language())
    kept = st.session_state.get(f"live-{name}")
    if kept is None or kept[0] != mark:
        kept = (mark, make())
        st.session_state[f"live-{name}"] = kept
    return kept[1]
