"""The list of workshops, and making one."""

from datetime import date

import streamlit as st

from kiertokylat import reference
from kiertokylat.access import Actor
from kiertokylat.figures import calendar_day
from kiertokylat.room import LENGTHS, Workshop
from kiertokylat.web.session import language
from kiertokylat.web.workshop import hall, invitation
from kiertokylat.web.workshop.hall import text


def show() -> None:
    """Draw the way into a workshop."""
    st.write(text("lead"))
    invitation.tell_closed_network()
    listed, made = st.columns(2, gap="large")
    with listed:
        st.header(text("list_title"), anchor=False)
        _list()
    with made:
        st.header(text("new_title"), anchor=False)
        _form()


def _list() -> None:
    found = hall.rooms().list()
    if not found:
        st.caption(text("list_none"))
    for workshop in found:
        with st.container(horizontal=True, vertical_alignment="center", border=True):
            state = "" if workshop.open else f" ({text('is_closed')})"
            # `st.text` shows what was typed as it was typed.
            st.text(f"{workshop.name}{state}\n{_when_and_where(workshop.date, workshop.place)}")
            st.button(
                text("open", code=workshop.code),
                key=f"open-{workshop.id}",
                on_click=hall.enter,
                args=(workshop.code,),
            )
            with st.popover(text("delete"), key=f"delete-{workshop.id}"):
                _deleting(workshop)


def _deleting(workshop: Workshop) -> None:
    """Ask before a workshop is deleted; its commitments stay unless that is asked for."""
    st.text(text("delete_question", name=workshop.name))
    promises = st.checkbox(text("delete_promises"), key=f"delete-promises-{workshop.id}")
    st.button(
        text("delete_yes"),
        key=f"delete-yes-{workshop.id}",
        type="primary",
        on_click=_delete,
        args=(workshop.id, promises),
    )


def _delete(workshop: str, promises: bool) -> None:
    hall.attempt(hall.rooms().delete, workshop, promises=promises)


def _when_and_where(day: str, place: str) -> str:
    return ", ".join(part for part in (calendar_day(day, language()), place) if part)


def _form() -> None:
    names = reference.municipalities()["name_fi"].sort_values()
    with st.form("new-workshop"):
        name = st.text_input(text("name"), max_chars=LENGTHS["name"], key="workshop-name")
        place = st.text_input(text("place"), max_chars=LENGTHS["place"], key="workshop-place")
        codes = st.multiselect(
            text("municipalities"),
            list(names.index),
            format_func=names.get,
            placeholder=text("whole_region"),
            key="workshop-municipalities",
        )
        day = st.date_input(text("day"), format="DD.MM.YYYY", key="workshop-day")
        moderated = st.toggle(
            text("moderated"), help=text("moderated_help"), key="workshop-moderated"
        )
        if st.form_submit_button(text("make"), type="primary", key="workshop-make"):
            _make(name.strip(), place.strip(), tuple(codes), day, moderated=moderated)


def _make(name: str, place: str, codes: tuple[str, ...], day: date, *, moderated: bool) -> None:
    """Make it and open it, or say why not."""

    def create(by: Actor) -> None:
        rooms = hall.rooms()
        made = rooms.create(name, place, codes, day.isoformat(), by, moderated=moderated)
        hall.enter(made.code)

    if hall.attempt(create):
        st.rerun()
    hall.tell_fault()
