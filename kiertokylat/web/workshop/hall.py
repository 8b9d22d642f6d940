"""The workshop that is open in this session, its words, and what its page looks at."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from kiertokylat import reference
from kiertokylat.analysis import Analysis
from kiertokylat.errors import StoreError
from kiertokylat.room import RoomError, Workshop
from kiertokylat.store.rooms import Rooms
from kiertokylat.web import filters, session
from kiertokylat.web.session import Dataset, View, language
from kiertokylat.words import say


def text(key: str, **values: Any) -> str:
    """A text of `words/workshop.toml` in the reader's language."""
    return say(f"workshop.{key}", language(), **values)


def rooms() -> Rooms:
    """The workshops of the app's database."""
    return Rooms(session.store())


def current() -> Workshop | None:
    """The workshop that the address or this session names, as it is stored now."""
    code = st.query_params.get("koodi") or st.session_state.get("workshop", "")
    if not code:
        return None
    try:
        found = rooms().get(code)
    except RoomError:
        was_open = st.session_state.get("workshop") == code
        st.error(text("gone" if was_open else "unknown"))
        leave()
        return None
    enter(found.code)
    return found


def enter(code: str) -> None:
    """Open a workshop; the address tells it, so a reload comes back to it."""
    st.session_state["workshop"] = code
    st.query_params["koodi"] = code


def leave() -> None:
    """Go back to the list."""
    st.session_state.pop("workshop", None)
    st.query_params.pop("koodi", None)


def attempt(action: Callable[..., Any], *values: Any, **named: Any) -> bool:
    """Write as this visitor; what went wrong is told by `tell_fault` in the next run.

    Returns
    -------
    bool
        Whether it was kept.
    """
    try:
        action(*values, session.actor(), **named)
    except StoreError as error:
        st.session_state["workshop-fault"] = error.message(language())
        return False
    return True


def press(action: Callable[..., Any], *values: Any) -> None:
    """`attempt` for a button."""
    attempt(action, *values)


def tell_fault() -> None:
    """Say what of the last action went wrong, if anything."""
    fault = st.session_state.pop("workshop-fault", "")
    if fault:
        st.error(fault)


def dataset() -> Dataset:
    """What the wall shows: what is stored, as everybody may see it.

    The hall isn't the facilitator: sole traders' names and figures of few companies are no more for
    the wall than for any other viewer. Files that the facilitator only looks at are their own data.
    """
    own: Dataset | None = st.session_state.get("dataset")
    return own or session.public_dataset()


def everything() -> Analysis:
    """The analysis of the whole region."""
    return session.analysis_of(dataset())


def view(workshop: Workshop) -> View:
    """What the workshop's municipalities leave of it, within the distance of the filter bar."""
    within = session.region_only(filters.selection())
    chosen = replace(within, municipalities=workshop.municipalities)
    return session.view_of(dataset(), chosen)


def places(workshop: Workshop) -> str:
    """The names of its municipalities."""
    names = reference.municipalities()["name_fi"]
    chosen = [names[code] for code in workshop.municipalities]
    return ", ".join(chosen) if chosen else text("whole_region")
