"""One of a few options, as buttons beside each other; kept for the session."""

from typing import Any, TypeVar

import streamlit as st

from kiertokylat.web.session import t

Option = TypeVar("Option", bound=str)


def choice(
    name: str,
    options: tuple[Option, ...],
    *,
    words: str | None = None,
    wrap: bool = True,
    **more: Any,
) -> Option:
    """Let the user choose; the first option by default.

    Parameters
    ----------
    name
        Key of the session, and of the label's text.
    options
        Their texts are `words_option`.
    words
        `name` unless the options' texts belong to something else as well.
    wrap
        Whether they go on to further lines where the page is narrow, instead of widening it.
    **more
        For `st.segmented_control`.
    """
    return st.segmented_control(
        t(name),
        options,
        format_func=lambda option: t(f"{words or name}_{option}"),
        default=options[0],
        required=True,
        key=name,
        persist_state="session",
        wrap=wrap,
        **more,
    )
