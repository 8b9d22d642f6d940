"""What a page shows while the database can't be used: what happened, what to do, another try."""

import re
from pathlib import PurePath
from typing import NamedTuple

import streamlit as st

from kiertokylat.errors import AccessError, StoreError
from kiertokylat.web import session
from kiertokylat.web.session import language, t
from kiertokylat.words import say

_BETWEEN_SENTENCES = re.compile(r"(?<=\.) (?=[A-ZÅÄÖ])")
# Sentences of `words/store.toml` that say what was not done: they tell no one to do anything.
_NOT_DONE = re.compile(r"(Mitään|Mihinkään|Muutosta|Siihen|Uutta) ei\b|(Nothing|No part|No new)\b")
# What a text names of the machine: an administrator needs all of it, others the last part.
_PLACES = ("place", "log", "file")


class Told(NamedTuple):
    """The text of an error, in its two parts.

    Parameters
    ----------
    happened
        What happened.
    steps
        What to do, in order; none when the text names nothing.
    """

    happened: str
    steps: tuple[str, ...]


def told(message: str) -> Told:
    """Part the text of a `StoreError`: its first sentence and what was not done; and all else."""
    first, *more = _BETWEEN_SENTENCES.split(message)
    steps = tuple(sentence for sentence in more if not _NOT_DONE.match(sentence))
    return Told(" ".join(one for one in (first, *more) if one not in steps), steps)


def show(error: StoreError) -> None:
    """Draw an error of the database in the place of a page's content.

    Parameters
    ----------
    error
        What the store has raised. What the visitor may not do is said as it is.
    """
    if isinstance(error, AccessError):
        st.error(error.message(language()))
        return
    parts = told(error.message(language()) if session.is_editor() else _discreet(error))
    st.header(t("fault_title"), anchor=False)
    with st.container(key="fault"):
        st.error(_plain(parts.happened))
        st.subheader(t("fault_steps"), anchor=False)
        if parts.steps and not session.is_editor():
            st.write(t("fault_whose"))
        steps = [*parts.steps, t("fault_last")]
        st.markdown("\n".join(f"{n}. {_plain(step)}" for n, step in enumerate(steps, start=1)))
        if unsaved := _unsaved():
            st.info(t("fault_kept", count=unsaved))
        # A click runs the page anew, and with it every question to the database.
        st.button(t("fault_retry"), type="primary", key="fault-retry")


def _unsaved() -> int:
    """How many edits of the tables on Aineisto are typed and not saved."""
    state = st.session_state
    return sum(len(state[key]) for key in state if str(key).startswith("edit-draft-"))


def _discreet(error: StoreError) -> str:
    """The text of an error without folders, servers and what drivers say of them."""
    named = {name: PurePath(str(error.values.get(name, ""))).name for name in _PLACES}
    return say(f"store.{error.code}", language(), **{**error.values, **named, "reason": "…"})


def _plain(text: str) -> str:
    """Text that Markdown leaves alone: addresses and what drivers say are full of its marks."""
    return re.sub(r"([\\`*_{}\[\]<>#$~|:])", r"\\\1", text)
