"""The fourth step: what the room says, as it comes, each with its best match."""

from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from kiertokylat import loads, reference, workshop
from kiertokylat.figures import kilometres
from kiertokylat.room import Post, Workshop
from kiertokylat.tables import rows
from kiertokylat.wall import care
from kiertokylat.web import session
from kiertokylat.web.session import language
from kiertokylat.web.workshop import hall, invitation, live
from kiertokylat.web.workshop.hall import text
from kiertokylat.web.workshop.look import wall

_A_SCREEN = 3  # ideas that a hall reads at once


def show(room: Workshop) -> None:
    """Draw the newest ideas, the queue, and the way in."""
    told, rail = st.columns([4, 1], gap="medium")
    with told:
        _arriving(room)
    with rail:
        invitation.panel(room)


@st.fragment(run_every=1)
def _arriving(room: Workshop) -> None:
    posts = live.latest(room, "posts", lambda: hall.rooms().posts(room.id))
    accepted = posts[posts["state"] == "accepted"].iloc[::-1]
    waiting = posts[posts["state"] == "waiting"]
    pages = max(-(-len(accepted) // _A_SCREEN), 1)
    page = min(st.session_state.get("ideas-page", 0), pages - 1)
    shown = accepted.iloc[page * _A_SCREEN : (page + 1) * _A_SCREEN]
    with st.container(horizontal=True, vertical_alignment="center"):
        heading = text("ideas_count", count=len(accepted), people=_phones(room))
        st.html(f'<div class="wall"><h2>{escape(heading)}</h2></div>', width="stretch")
        _turn("newer", page - 1, pages)
        _turn("older", page + 1, pages)
    if accepted.empty:
        wall(f'<p class="big">{escape(text("ideas_none"))}</p>')
    place = st.empty()
    found = _kept_matches(room)
    known = tuple(accepted["id"])
    with place.container():
        _cards(shown, found)
    # One match a second at most: the ideas themselves are on the wall already.
    for row in rows(shown):
        if row.id not in found or found[row.id][0] != known:
            found[row.id] = (known, _best_match(row, posts))
            with place.container():
                _cards(shown, found)
            break
    _queue(waiting)


def _phones(room: Workshop) -> int:
    return live.latest(room, "phones", lambda: hall.rooms().participants(room.id))


def _turn(name: str, page: int, pages: int) -> None:
    st.button(
        text(name),
        key=f"ideas-{name}",
        on_click=_to_page,
        args=(page,),
        disabled=not 0 <= page < pages,
        shortcut="Left" if name == "newer" else "Right",
    )


def _to_page(page: int) -> None:
    st.session_state["ideas-page"] = page


def _kept_matches(room: Workshop) -> dict[str, tuple[tuple[str, ...], str]]:
    """The matches that this session has found: by post, for which posts of the room, in words."""
    kept: dict[str, tuple[tuple[str, ...], str]] = st.session_state.setdefault(
        f"matches-{room.id}-{language()}", {}
    )
    return kept


def _cards(shown: pd.DataFrame, found: dict[str, tuple[tuple[str, ...], str]]) -> None:
    cards = [
        _card(row, found[row.id][1] if row.id in found else text("match_sought"))
        for row in rows(shown)
    ]
    wall("".join(cards), "ideas")


def _card(row: Any, match: str) -> str:
    head = " · ".join(escape(part) for part in (material_of(row), _place(row)) if part)
    said = " · ".join(escape(part) for part in (_amount(row), row.note) if part)
    return (
        f'<div class="card-row {row.direction}"><p class="lead-line">'
        f"<b>{escape(text(f'says_{row.direction}'))}: {head}</b> "
        f'<span class="mark">{escape(text("said_here"))}</span></p>'
        f"<p>{said}</p><p>{escape(' '.join([match, *care(row.material, language())]))}</p></div>"
    )


def material_of(row: Any) -> str:
    """The name of a post's material; empty where it has none."""
    names = reference.materials()[f"name_{language()}"]
    return str(names.get(row.material, "")) if row.material else text("other_material")


def _place(row: Any) -> str:
    return str(reference.municipalities()["name_fi"].get(row.municipality, ""))


def _amount(row: Any) -> str:
    read = loads.read_as(row.amount, (row.tonnes_low, row.tonnes, row.tonnes_high), language())
    return ": ".join(part for part in (row.amount, read) if part)


def _best_match(row: Any, posts: pd.DataFrame) -> str:
    """The best match of a post in words."""
    if not row.material or not row.municipality:
        if row.material:
            return text("match_no_place")
        return text("match_no_material" if row.municipality else "match_neither")
    amounts = (row.tonnes_low, row.tonnes, row.tonnes_high)
    post = Post(
        direction=row.direction,
        material=row.material,
        municipality=row.municipality,
        tonnes=None if any(map(pd.isna, amounts)) else amounts,
        id=row.id,
    )
    every = hall.everything()
    found = workshop.matches(
        post,
        every.companies,
        every.flows,
        posts,
        session.assumptions(),
        participant=int(row.participant),
    )
    if found.empty:
        return text("match_none")
    best = found.iloc[0]
    other = str(best["to_company" if row.direction == "out" else "from_company"])
    named = pd.concat([every.companies, workshop.flows_of(posts)[0]]).set_index("id")["name"]
    return text(
        "match",
        company=named.get(other, ""),
        km=kilometres(best["distance_km"], language()),
        others=len(found) - 1,
    )


def _queue(waiting: pd.DataFrame) -> None:
    """What waits: read where the hall doesn't see it."""
    if waiting.empty:
        return
    wall(f"<p><b>{escape(text('waiting', count=len(waiting)))}</b></p>")
    if session.projector():
        wall(f"<p>{escape(text('waiting_hidden'))}</p>")
        return
    for row in rows(waiting):
        with st.container(horizontal=True, vertical_alignment="center", border=True):
            said = (text(f"says_{row.direction}"), material_of(row), _amount(row), row.note)
            st.text(" · ".join(part for part in said if part))
            for state, word in (("accepted", "accept"), ("rejected", "reject")):
                st.button(
                    text(word),
                    key=f"{word}-{row.id}",
                    on_click=hall.press,
                    args=(hall.rooms().moderate, row.id, state),
                )
