"""The page Aineisto: what is stored, how it came, and how it is changed."""

from collections.abc import Callable

import streamlit as st

from kiertokylat.web import door, editview, historyview, importview, overview
from kiertokylat.web.session import is_editor, language
from kiertokylat.words import say

# Each section with the roles that see it: what an editor alone may see is not drawn for others.
_SECTIONS: dict[str, tuple[bool, Callable[[], None]]] = {
    "overview": (False, overview.section),
    "import": (True, importview.section),
    "companies": (True, editview.companies),
    "flows": (True, editview.flows),
    "history": (True, historyview.section),
}


def page() -> None:
    """Draw the chosen section; its name stands in the address."""
    editor = is_editor()
    open_to = [name for name, (editors, _) in _SECTIONS.items() if editor or not editors]
    if len(open_to) == 1:
        asked = st.query_params.get("osa")
        if asked in _SECTIONS and asked not in open_to:
            door.for_editors_only(say(f"data.section_{asked}", language()), language())
        overview.section()
        return
    _SECTIONS[_chosen(open_to)][1]()


def _chosen(open_to: list[str]) -> str:
    """The section that was asked for: by a click, by the address, or by a button of a section.

    A button goes to a section by writing its name into the session's `osa` in its callback.
    Streamlit's own binding would write labels into the address, which change with the language.
    """
    state = st.session_state
    asked = st.query_params.get("osa")
    if asked in open_to and asked != state.get("osa-told"):
        state["osa"] = asked
    # A new widget for each language, and whenever the section was changed otherwise.
    key = f"osa-{language()}"
    if state.get("osa", "overview") != state.get("osa-told") or key not in state:
        state[key] = state["osa"] if state.get("osa") in open_to else "overview"
    chosen = st.segmented_control(
        say("data.sections", language()),
        open_to,
        key=key,
        required=True,
        format_func=lambda name: say(f"data.section_{name}", language()),
        label_visibility="collapsed",
    )
    state["osa"] = state["osa-told"] = st.query_params["osa"] = chosen or "overview"
    return state["osa"]
