"""The fifth step: who has promised to do what next."""

from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from kiertokylat.figures import calendar_day
from kiertokylat.room import Workshop
from kiertokylat.tables import rows
from kiertokylat.wall import title
from kiertokylat.web import commitmentform, session
from kiertokylat.web.session import language, t
from kiertokylat.web.workshop import hall
from kiertokylat.web.workshop.hall import text
from kiertokylat.web.workshop.look import wall

_A_SCREEN = 3  # promises that a hall reads at once


def show(workshop: Workshop) -> None:
    """Draw the list, large, and the ways to add to it and to change it."""
    found = alive(workshop).iloc[::-1]
    pages = max(-(-len(found) // _A_SCREEN), 1)
    page = min(st.session_state.get("promises-page", 0), pages - 1)
    with st.container(horizontal=True, vertical_alignment="center"):
        heading = escape(text("promises_count", count=len(found)))
        st.html(f'<div class="wall"><h2>{heading}</h2></div>', width="stretch")
        for name, target in (("newer", page - 1), ("older", page + 1)):
            st.button(
                text(name),
                key=f"promises-{name}",
                on_click=_to_page,
                args=(target,),
                disabled=not 0 <= target < pages,
                shortcut="Left" if name == "newer" else "Right",
            )
        if st.button(text("promise_new"), key="promise-new", type="primary", shortcut="n"):
            ask_new(workshop)
    if found.empty:
        wall(f'<p class="big">{escape(text("promises_none"))}</p>')
    for row in rows(found.iloc[page * _A_SCREEN : (page + 1) * _A_SCREEN]):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.html(f'<div class="wall">{_card(row)}</div>', width="stretch")
            if st.button(text("promise_edit"), key=f"promise-edit-{row.id}"):
                commitmentform.ask(row, _about(row.candidate))


def _to_page(page: int) -> None:
    st.session_state["promises-page"] = page


def subject(row: Any) -> str:
    """What a commitment is about, in words."""
    if not row.candidate:
        return str(row.idea)
    about = _about(row.candidate)
    return f"{about}. {row.idea}" if row.idea else about


def _card(row: Any) -> str:
    due = text("due_by", day=calendar_day(row.due, language())) if row.due else ""
    who = " · ".join(escape(part) for part in (row.who, due) if part)
    named = f"<p>{escape(row.companies)}</p>" if row.companies else ""
    return (
        f'<div class="card-row"><p><b>{escape(subject(row))}</b> '
        f'<span class="mark">{escape(t(f"stage_{row.stage}"))}</span></p>{named}'
        f"<p>► {escape(row.next_step)}</p><p>{who}</p></div>"
    )


def ask_new(workshop: Workshop, candidate: str = "") -> None:
    """Ask for a new commitment, of a candidate (its key) or a free idea."""
    commitmentform.ask_new(_about(candidate), candidate, workshop=workshop.id)


def _about(candidate: str) -> str:
    """A candidate's key in words; empty for a free idea."""
    if not candidate:
        return ""
    every = hall.everything()
    named = title(candidate, every.companies, every.flows, language())
    return f"{named[0]}: {named[1]}" if named else text("pair_gone")


def alive(workshop: Workshop) -> pd.DataFrame:
    """The workshop's commitments, in the order they were made, in the keys of the hall's data."""
    return session.with_keys_of(hall.dataset(), hall.rooms().commitments(workshop.id))
