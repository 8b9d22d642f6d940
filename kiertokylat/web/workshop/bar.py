"""The bar over every step: the steps, the workshop's name, the timer, the settings."""

from datetime import UTC, datetime, timedelta
from html import escape

import streamlit as st

from kiertokylat.figures import calendar_day
from kiertokylat.room import STEPS, Workshop
from kiertokylat.timer import Timer, clock
from kiertokylat.web import session
from kiertokylat.web.session import language
from kiertokylat.web.workshop import hall, invitation
from kiertokylat.web.workshop.hall import text

_MORE = timedelta(minutes=5)


def show(workshop: Workshop) -> None:
    """Draw the bar."""
    with st.container(horizontal=True, key="workshop-steps"):
        for number, step in enumerate(STEPS, 1):
            here = step == workshop.step
            st.button(
                ("▶ " if here else "") + text(f"step_{step}"),
                key=f"step-{step}",
                type="primary" if here else "secondary",
                on_click=_go,
                args=(workshop.id, step),
                shortcut=str(number),
            )
        # Latecomers find the code on every step, and a key away all of the way in.
        st.button(
            text("join", code=workshop.code) if workshop.open else text("join_closed"),
            key="join",
            type="primary" if invitation.is_big() else "secondary",
            on_click=invitation.turn_big,
            shortcut="q",
        )
    with st.container(horizontal=True, vertical_alignment="center", key="workshop-bar"):
        name = f"<b>{escape(workshop.name)}</b> · {escape(hall.places(workshop))}"
        day = escape(calendar_day(workshop.date, language()))
        st.html(f'<div class="wall"><p>{name} · {day}</p></div>', width="stretch")
        _timer(workshop.id)
        with st.popover(text("settings"), width="content"):
            _settings(workshop)


def _go(workshop: str, step: str) -> None:
    invitation.put_away()
    hall.attempt(hall.rooms().set_step, workshop, step)


# Kept by the server, so that a reload or another window shows the same time.
@st.cache_resource(show_spinner=False)
def _timers() -> dict[str, Timer]:
    return {}


@st.fragment(run_every=1)
def _timer(workshop: str) -> None:
    now = datetime.now(UTC)
    timer = _timers().get(workshop, Timer())
    left = timer.remaining(now)
    shown = clock(left) if left else text("time_over")
    with st.container(
        horizontal=True, vertical_alignment="center", width="content", key="workshop-timer"
    ):
        st.html(f'<p class="timer" role="timer">{escape(shown)}</p>', width="content")
        runs = timer.since is not None and bool(left)
        st.button(
            text("timer_stop" if runs else "timer_start"),
            key="timer-toggle",
            on_click=_set_timer,
            args=(workshop, "stopped" if runs else "started"),
            shortcut="t",
        )
        st.button(text("timer_more"), key="timer-more", on_click=_set_timer, args=(workshop,))
        st.button(text("timer_reset"), key="timer-reset", on_click=_reset, args=(workshop,))


def _set_timer(workshop: str, change: str = "extended") -> None:
    if not session.is_editor():
        return
    now = datetime.now(UTC)
    timer = _timers().get(workshop, Timer())
    changes = {
        "started": timer.started,
        "stopped": timer.stopped,
        "extended": lambda at: timer.extended(_MORE, at),
    }
    _timers()[workshop] = changes[change](now)


def _reset(workshop: str) -> None:
    if session.is_editor():
        _timers().pop(workshop, None)


def _settings(workshop: Workshop) -> None:
    invitation.choose_origin()
    invitation.tell_closed_network()
    moderated = st.toggle(
        text("moderated"),
        value=workshop.moderated,
        help=text("moderated_help"),
        key=f"moderated-{workshop.id}",
    )
    rooms = hall.rooms()
    if moderated != workshop.moderated:
        hall.attempt(rooms.set_moderated, workshop.id, moderated)
        st.rerun()
    st.button(
        text("close" if workshop.open else "reopen"),
        key="close",
        help=text("close_help"),
        on_click=hall.press,
        args=(rooms.close if workshop.open else rooms.reopen, workshop.id),
    )
    st.button(text("leave"), key="leave", on_click=hall.leave)
