"""What phones see, as HTML: `templates/participate.html` and its parts.

Everything that is filled in is escaped by Jinja. Only a part that it has rendered is put into the
page as it is.
"""

import json
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from kiertokylat import loads, reference, room, wall
from kiertokylat.figures import kilometres, tonnes_range
from kiertokylat.ingest.sheet import fold
from kiertokylat.room import Post
from kiertokylat.tables import rows
from kiertokylat.web import phonedata
from kiertokylat.web.phonedoor import Phone
from kiertokylat.words import Language, say

MOST_MATCHES = 5  # what a phone shows without long scrolling
# Texts that the script shows by itself.
_SCRIPT_WORDS = (
    *("sending", "stored_offline", "sent", "hits", "no_hits", "none_of_these", "pick_one"),
    *("no_connection", "vote_waits", "search_offline", "choose_direction"),
)


@dataclass(frozen=True)
class Reader:
    """Who reads, and where relative addresses start.

    Parameters
    ----------
    language
        Theirs.
    root
        `./` on `/osallistu` itself, `../` on the addresses under it, so that the page holds under
        `server.baseUrlPath` too.
    """

    language: Language
    root: str = "./"


@dataclass(frozen=True)
class Room:
    """What a phone sees of its workshop.

    Parameters
    ----------
    phone
        Which one.
    posts
        As `Rooms.posts`: all of the room's, to name the candidate. Of others' posts nothing else
        is shown.
    votes
        As `Rooms.votes`.
    """

    phone: Phone
    posts: pd.DataFrame = field(repr=False)
    votes: pd.DataFrame = field(repr=False)


def room_of(phone: Phone) -> Room:
    """Read what a phone may see."""
    rooms = phonedata.rooms()
    return Room(phone, rooms.posts(phone.workshop.id), rooms.votes(phone.workshop.id))


@lru_cache
def _environment() -> Environment:
    folder = Path(__file__).with_name("templates")
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _render(name: str, reader: Reader, **values: Any) -> str:
    def text(key: str, **filled: Any) -> str:
        return say(f"participate.{key}", reader.language, **filled)

    template = _environment().get_template(name)
    return template.render(t=text, language=reader.language, root=reader.root, **values)


def code_page(reader: Reader, *, error: str = "", code: str = "") -> str:
    """The page that asks for a workshop's code."""
    return _render("participate.html", reader, error=error, code=code, room=None, words="{}")


def room_page(
    reader: Reader,
    here: Room,
    *,
    error: str = "",
    typed: dict[str, str] | None = None,
    about: str = "",
) -> str:
    """The page of a phone that has joined.

    Parameters
    ----------
    here
        What it may see.
    error
        Why what it sent was not taken.
    typed
        What it sent then, to fill the form again.
    about
        Id of the own post whose matches are shown; empty: of none.
    """
    own = [code for code in here.phone.workshop.municipalities if phonedata.place_name(code)]
    filled = {"kunta": own[0]} if len(own) == 1 else {}
    others = reference.municipalities()["name_fi"].drop(own).sort_values(key=lambda n: n.map(fold))
    # The script fills in a count itself.
    words = {
        key: say(f"participate.{key}", reader.language, count="{count}") for key in _SCRIPT_WORDS
    }
    return _render(
        "participate.html",
        reader,
        error=error,
        code="",
        room=here.phone.workshop,
        own_places=[(code, phonedata.place_name(code)) for code in own],
        other_places=list(others.items()),
        materials=_materials(reader.language),
        typed=typed if typed is not None else filled,
        id=room.new_id(),
        lengths=room.LENGTHS,
        words=json.dumps(words),
        candidate=candidate(reader, here),
        mine=mine(reader, here),
        matches=matches(reader, here, about) if about else "",
    )


def _materials(language: Language) -> list[tuple[str, str]]:
    names = reference.materials()[f"name_{language}"].sort_values(key=lambda n: n.map(fold))
    return [(str(key), str(name)) for key, name in names.items()]


def ballot(here: Room) -> str:
    """What stands for the candidate shown in a vote: its key holds ids that phones need not see."""
    return phonedata.digest(here.phone.workshop.candidate)


def candidate(reader: Reader, here: Room) -> str:
    """The candidate on the projector, with the buttons to vote; empty: none is to be voted on.

    It may still be voted on when the projector has gone on to another step.
    """
    if not here.phone.workshop.open:
        return ""
    shown = phonedata.shown(here.phone.workshop.candidate, here.posts, reader.language)
    if shown is None:
        return ""
    mine = here.votes["participant"].eq(here.phone.number)
    on_it = here.votes["candidate"].eq(here.phone.workshop.candidate)
    given = here.votes.loc[mine & on_it, "vote"]
    return _render(
        "candidate.html",
        reader,
        shown=shown,
        ballot=ballot(here),
        votes=room.VOTES,
        given=given.iloc[0] if len(given) else "",
        now=here.phone.workshop.step == "candidates",
    )


def mine(reader: Reader, here: Room) -> str:
    """The phone's own posts, newest first, with their state; empty: none."""
    own = here.posts[here.posts["participant"] == here.phone.number]
    names = reference.materials()[f"name_{reader.language}"]
    listed = [
        {
            "id": row.id,
            "direction": row.direction,
            "material": str(names[row.material]) if row.material else "",
            "amount": row.amount,
            "tonnes": loads.read_as(
                row.amount, (row.tonnes_low, row.tonnes, row.tonnes_high), reader.language
            ),
            "place": phonedata.place_name(row.municipality),
            "note": row.note,
            "state": row.state,
        }
        for row in rows(own[::-1])
    ]
    return _render("mine.html", reader, posts=listed)


def own_post(here: Room, key: str) -> Post | None:
    """A post of this phone by its id; None: it has none such."""
    own = here.posts[here.posts["participant"] == here.phone.number]
    for row in rows(own[own["id"] == key]):
        known = not pd.isna(row.tonnes)
        return Post(
            row.direction,
            row.material,
            row.municipality,
            (row.tonnes_low, row.tonnes, row.tonnes_high) if known else None,
            row.amount,
            row.note,
            row.id,
        )
    return None


def matches(reader: Reader, here: Room, key: str) -> str:
    """The matches of an own post (its id): computed here, about a second; empty: no such post."""
    post = own_post(here, key)
    if post is None:
        return ""
    found: list[phonedata.Match] = []
    count = 0
    if phonedata.is_listed(post):
        found, count = phonedata.matches(
            post, here.phone.number, here.posts, reader.language, MOST_MATCHES
        )
    listed = [
        {
            "name": match.name,
            "distance": kilometres(match.road_km, reader.language),
            "tonnes": ""
            if pd.isna(match.tonnes[1])
            else tonnes_range(*match.tonnes, reader.language),
            "certainty": say(f"brief.certainty_{match.certainty}", reader.language),
        }
        for match in found
    ]
    material = reference.materials()[f"name_{reader.language}"].get(post.material, "")
    return _render(
        "matches.html",
        reader,
        post=post,
        material=material,
        matches=listed,
        count=count,
        care=" ".join(wall.care(post.material, reader.language)),
    )


def later(reader: Reader) -> str:
    """What stands in the place of matches that take too long."""
    return _render("later.html", reader)
