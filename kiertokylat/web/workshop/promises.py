"""The fifth step: who has promised to do what next; and the form for it."""

from dataclasses import replace
from datetime import date
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from kiertokylat.indicators import STAGES
from kiertokylat.room import LENGTHS, Commitment, Workshop
from kiertokylat.tables import rows
from kiertokylat.wall import title
from kiertokylat.web.session import language, t
from kiertokylat.web.workshop import hall, lobby
from kiertokylat.web.workshop.hall import text
from kiertokylat.web.workshop.look import wall

_A_SCREEN = 3  # promises that a hall reads at once


def show(workshop: Workshop) -> None:
    """Draw the list, large, and the ways to add to it and to change it."""
    found = hall.rooms().commitments(workshop.id).iloc[::-1]
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
                _ask(_as_commitment(row), text("promise_edit_title"))


def _to_page(page: int) -> None:
    st.session_state["promises-page"] = page


def subject(row: Any) -> str:
    """What a commitment is about, in words."""
    if not row.candidate:
        return str(row.idea)
    every = hall.everything()
    named = title(row.candidate, every.companies, every.flows, language())
    about = f"{named[0]}: {named[1]}" if named else text("pair_gone")
    return f"{about}. {row.idea}" if row.idea else about


def _card(row: Any) -> str:
    due = text("due_by", day=lobby.shown_date(row.due)) if row.due else ""
    who = " · ".join(escape(part) for part in (row.who, due) if part)
    named = f"<p>{escape(row.companies)}</p>" if row.companies else ""
    return (
        f'<div class="card-row"><p><b>{escape(subject(row))}</b> '
        f'<span class="mark">{escape(t(f"stage_{row.stage}"))}</span></p>{named}'
        f"<p>► {escape(row.next_step)}</p><p>{who}</p></div>"
    )


def _as_commitment(row: Any) -> Commitment:
    return Commitment(
        idea=row.idea,
        candidate=row.candidate,
        workshop=row.workshop or None,
        companies=row.companies,
        next_step=row.next_step,
        who=row.who,
        due=row.due,
        stage=row.stage,
        note=row.note,
        id=row.id,
        revision=int(row.revision),
    )


def ask_new(workshop: Workshop, candidate: str = "") -> None:
    """Ask for a new commitment, of a candidate (its key) or a free idea."""
    every = hall.everything()
    named = title(candidate, every.companies, every.flows, language()) if candidate else None
    companies = named[0].replace(" ► ", ", ") if named else ""
    new = Commitment(candidate=candidate, workshop=workshop.id, companies=companies)
    _ask(new, text("promise_new_title"))


def _ask(start: Commitment, heading: str) -> None:
    # The heading is the dialog's name for screen readers, in the language of this moment.
    st.dialog(heading, width="large")(_form)(start)


def _form(start: Commitment) -> None:
    every = hall.everything()
    named = (
        title(start.candidate, every.companies, every.flows, language())
        if start.candidate
        else None
    )
    if start.candidate:
        st.text(f"{named[0]}: {named[1]}" if named else text("pair_gone"))
    with st.form(f"promise-{start.id}"):
        idea = st.text_input(
            text("note" if start.candidate else "idea"),
            start.idea,
            max_chars=LENGTHS["idea"],
            key="promise-idea",
        )
        companies = st.text_input(
            text("companies"),
            start.companies,
            max_chars=LENGTHS["companies"],
            key="promise-companies",
        )
        step = st.text_input(
            text("next_step"),
            start.next_step,
            max_chars=LENGTHS["next_step"],
            key="promise-step",
        )
        left, middle, right = st.columns(3)
        who = left.text_input(text("who"), start.who, max_chars=LENGTHS["who"], key="promise-who")
        due = middle.date_input(
            text("due"),
            date.fromisoformat(start.due) if start.due else None,
            format="DD.MM.YYYY",
            key="promise-due",
        )
        stage = right.selectbox(
            text("stage"),
            STAGES,
            STAGES.index(start.stage),
            format_func=lambda name: t(f"stage_{name}"),
            key="promise-stage",
        )
        if not st.form_submit_button(text("save"), type="primary", key="promise-save"):
            return
    wanted = replace(
        start,
        idea=idea.strip(),
        companies=companies.strip(),
        next_step=step.strip(),
        who=who.strip(),
        due=due.isoformat() if due else "",
        stage=stage,
    )
    rooms = hall.rooms()
    if hall.attempt(rooms.edit_commitment if start.revision else rooms.commit, wanted):
        st.rerun()
    hall.tell_fault()


def alive(workshop: Workshop) -> pd.DataFrame:
    """The workshop's commitments, in the order they were made."""
    return hall.rooms().commitments(workshop.id)
