"""The page Aineisto: what is stored, how it came, and how it is changed."""

from collections.abc import Callable

import streamlit as st

from kiertokylat.web import editview, historyview, importview, overview
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
        overview.section()
        return
    chosen = st.segmented_control(
        say("data.sections", language()),
        open_to,
        key="osa",
        bind="query-params",
        default="overview",
        required=True,
        format_func=lambda name: say(f"data.section_{name}", language()),
        label_visibility="collapsed",
    )
    _SECTIONS[chosen or "overview"][1]()
