"""The form of a commitment: in the workshop, on a candidate's page, on Vaikuttavuus."""

from dataclasses import replace
from datetime import date
from typing import Any

import streamlit as st

from kiertokylat.errors import ConflictError, StoreError
from kiertokylat.figures import calendar_day
from kiertokylat.indicators import STAGES
from kiertokylat.room import LENGTHS, Commitment
from kiertokylat.store.rooms import Rooms
from kiertokylat.tables import rows
from kiertokylat.web import session
from kiertokylat.web.session import language, t
from kiertokylat.words import say

_FIELDS = ("idea", "companies", "next_step", "who", "due", "stage")


def ask_new(about: str = "", candidate: str = "", *, workshop: str | None = None) -> None:
    """Ask for a new commitment.

    Parameters
    ----------
    about
        The candidate in words (`wall.title`): `Giver ► Receiver: material`; empty for a free idea.
    candidate
        Its key, of whatever dataset; empty: a free idea.
    workshop
        Id of where it is made.
    """
    names = about.rpartition(": ")[0].replace(" ► ", ", ")
    start = Commitment(
        candidate=session.stored_key(candidate),
        workshop=workshop,
        companies=names[: LENGTHS["companies"]],
    )
    _open(start, about, _text("promise_new_title"))


def ask(row: Any, about: str = "") -> None:
    """Ask how a commitment shall be.

    Parameters
    ----------
    row
        Of `Rooms.commitments`, whatever the keys of its dataset.
    about
        As in `ask_new`.
    """
    _open(as_commitment(row), about, _text("promise_edit_title"))


def as_commitment(row: Any) -> Commitment:
    """A row of `Rooms.commitments` with its stored key."""
    return Commitment(
        **{name: getattr(row, name) for name in (*_FIELDS, "note", "id")},
        candidate=session.stored_key(row.candidate),
        workshop=row.workshop or None,
        revision=int(row.revision),
    )


def _text(key: str, **values: Any) -> str:
    return say(f"workshop.{key}", language(), **values)


def _open(start: Commitment, about: str, heading: str) -> None:
    # The heading is the dialog's name for screen readers, in the language of this moment.
    st.dialog(heading, width="large")(_form)(start, about)


def _form(start: Commitment, about: str) -> None:
    """The fields; saved, the page runs again."""
    if about:
        st.text(about)
    # What the editor has seen: after a conflict that is the other's version.
    kept = f"promise-seen-{start.id}"
    seen: Commitment = st.session_state.get(kept, start)
    with st.form(f"promise-{start.id}"):
        wanted = _fields(start)
        if not st.form_submit_button(_text("save"), type="primary", key="promise-save"):
            return
    # The candidate and the workshop are the store's: either may have been erased meanwhile.
    told = {name: getattr(wanted, name) for name in _FIELDS}
    if not wanted.next_step:
        st.error(_text("no_next_step"))
        return
    wanted = replace(seen, **told)
    rooms = Rooms(session.store())
    try:
        if wanted.revision:
            rooms.edit_commitment(wanted, session.actor())
        else:
            rooms.commit(wanted, session.actor())
    except ConflictError as error:
        if not _conflict(rooms, wanted, kept):
            st.error(error.message(language()))
    except StoreError as error:
        st.error(error.message(language()))
    else:
        st.session_state.pop(kept, None)
        st.rerun()


def _fields(start: Commitment) -> Commitment:
    """The commitment as it stands in the form."""

    def written(name: str, label: str, at: Any = st) -> str:
        typed = at.text_input(
            _text(label),
            getattr(start, name),
            max_chars=LENGTHS[name],
            key=f"promise-{name}-{start.id}",
        )
        return str(typed or "").strip()

    idea = written("idea", "note" if start.candidate else "idea")
    companies = written("companies", "companies")
    step = written("next_step", "next_step")
    left, middle, right = st.columns(3)
    who = written("who", "who", left)
    due = middle.date_input(
        _text("due"),
        date.fromisoformat(start.due) if start.due else None,
        format="DD.MM.YYYY",
        key=f"promise-due-{start.id}",
    )
    stage = right.selectbox(
        _text("stage"),
        STAGES,
        STAGES.index(start.stage),
        format_func=lambda name: t(f"stage_{name}"),
        key=f"promise-stage-{start.id}",
    )
    return replace(
        start,
        idea=idea,
        companies=companies,
        next_step=step,
        who=who,
        due=due.isoformat() if due else "",
        stage=stage,
    )


def _conflict(rooms: Rooms, wanted: Commitment, kept: str) -> bool:
    """Tell what another editor has saved meanwhile; saving once more puts ours in its place.

    Returns
    -------
    bool
        Whether the commitment is still there.
    """
    every = rooms.commitments()
    for row in rows(every[every["id"] == wanted.id]):
        theirs = as_commitment(row)
        st.session_state[kept] = theirs
        st.warning(say("commitments.conflict", language()))
        for name in _FIELDS:
            if getattr(theirs, name) != getattr(wanted, name):
                st.text(f"{_text(name)}: {_shown(name, getattr(theirs, name))}")
        return True
    return False


def _shown(name: str, value: str) -> str:
    if name == "stage":
        return t(f"stage_{value}")
    return (calendar_day(value, language()) if name == "due" else value) or "–"
