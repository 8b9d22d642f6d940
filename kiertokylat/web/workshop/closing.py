"""The last step: what the workshop has come to."""

from collections.abc import Callable
from functools import partial
from html import escape

import pandas as pd
import streamlit as st

from kiertokylat.assumptions import Assumptions
from kiertokylat.figures import tonnes
from kiertokylat.indicators import STAGES
from kiertokylat.minutes import minutes
from kiertokylat.minutes_book import minutes_book
from kiertokylat.minutes_facts import Facts
from kiertokylat.room import Workshop
from kiertokylat.wall import committed, keys_of, title
from kiertokylat.web import door, session, worthview
from kiertokylat.web.session import language, t
from kiertokylat.web.workshop import hall, pairs, promises
from kiertokylat.web.workshop.hall import text
from kiertokylat.web.workshop.look import wall
from kiertokylat.words import say
from kiertokylat.workshop import funnel

_MOST = 4  # rows that fit on the wall


def show(workshop: Workshop) -> None:
    """Draw four counts, the stages, and the figures of what was promised of candidates."""
    rooms = hall.rooms()
    posts, made = rooms.posts(workshop.id), promises.alive(workshop)
    counts = {
        "people": rooms.participants(workshop.id),
        "ideas": int(posts["state"].eq("accepted").sum()),
        "votes": len(rooms.votes(workshop.id)),
        "promises": len(made),
    }
    tiles = "".join(
        f'<div class="figure"><p class="big">{count}</p><p>{escape(text(f"sum_{name}"))}</p></div>'
        for name, count in counts.items()
    )
    now = funnel(made)["now"]
    stages = " · ".join(f"{t(f'stage_{stage}')} {now[stage]}" for stage in STAGES)
    wall(f'<div class="figures">{tiles}</div><p>{escape(text("stages", stages=stages))}</p>')
    _worth(committed(made, hall.everything().candidates))
    _downloads(workshop)


def _downloads(workshop: Workshop) -> None:
    """The minutes, made when somebody asks for them."""
    with st.container(horizontal=True):
        for suffix, make in (("html", minutes), ("xlsx", minutes_book)):
            st.download_button(
                say(f"minutes.download_{suffix}", language()),
                data=door.while_allowed(partial(_made, workshop, make)),
                file_name=f"tyopaja-{workshop.code}-{workshop.date}.{suffix}",
                mime=_MIMES[suffix],
                on_click="ignore",
                key=f"minutes-{suffix}",
            )


_MIMES = {
    "html": "text/html",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def _made(workshop: Workshop, make: Callable[[Facts], str | bytes]) -> str | bytes:
    """The minutes of what is stored now, of the data that the wall shows."""
    rooms = hall.rooms()
    facts = Facts(
        workshop,
        rooms.posts(workshop.id),
        rooms.votes(workshop.id),
        rooms.participants(workshop.id),
        promises.alive(workshop),
        hall.everything(),
        language(),
        assumptions=session.assumptions(),
        edited=session.assumptions() != Assumptions(),
        public=hall.dataset().public,
    )
    return make(facts)


def _worth(found: pd.DataFrame) -> None:
    if found.empty:
        wall(f"<p>{escape(text('sum_none'))}</p>")
        return
    head = "".join(f"<th>{escape(text(f'sum_{name}'))}</th>" for name in _COLUMNS)
    every = hall.everything()
    body = ""
    for (_, row), key in zip(found.head(_MOST).iterrows(), keys_of(found.head(_MOST)), strict=True):
        named = title(key, every.companies, every.flows, language())
        cells = [": ".join(named) if named else text("pair_gone")]
        for name in ("tonnes", "eur", "co2e"):
            best = (
                tonnes(row[name], language(), estimated=True)
                if name == "tonnes"
                else worthview.amount(row[name], name)
            )
            ends = pairs.ends(row, name)
            cells.append(f"{best} ({ends})" if ends else best)
        body += "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"
    more = len(found) - _MOST
    note = text("sum_note") + (" " + text("sum_more", count=more) if more > 0 else "")
    wall(f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table><p>{escape(note)}</p>")


_COLUMNS = ("pair", "tonnes", "eur", "co2e")
