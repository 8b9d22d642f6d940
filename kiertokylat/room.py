"""What a workshop is made of: the workshop, a post from a phone, a commitment.

Texts stay as they were typed; whoever shows them escapes them.
"""

import json
import math
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import uuid4

from kiertokylat import reference
from kiertokylat.assumptions import Range
from kiertokylat.errors import StoreError
from kiertokylat.indicators import STAGES
from kiertokylat.ingest.amounts import MOST
from kiertokylat.words import Language, say

# The steps of a workshop in their order.
STEPS = ("region", "flows", "candidates", "ideas", "commitments", "summary")
DIRECTIONS = ("out", "in")
# A post waits for the facilitator where the workshop is moderated; only accepted ones are shown.
STATES = ("waiting", "accepted", "rejected")
VOTES = ("yes", "maybe", "no")

State = Literal["waiting", "accepted", "rejected"]
Vote = Literal["yes", "maybe", "no"]

# Greatest lengths in characters: what a projector or a printed page can still show.
LENGTHS = {
    "name": 120,
    "place": 120,
    "amount": 80,
    "note": 280,
    "idea": 500,
    "companies": 500,
    "next_step": 500,
    "who": 200,
    "candidate": 1000,
}


class RoomError(StoreError):
    """A workshop does not take this; nothing was kept.

    Parameters
    ----------
    code
        Key of the text in `words/room.toml`: what is wrong and what to do.
    **values
        What the text names.
    """

    def message(self, language: Language = "fi", *, command: bool = False) -> str:  # noqa: ARG002
        """What is wrong and what to do; the same everywhere."""
        return say(f"room.{self.code}", language, **self.values)


@dataclass(frozen=True)
class Workshop:
    """A workshop as it is stored.

    Parameters
    ----------
    id, code
        For the program; for people, who type it into their phones.
    name, place, date
        For people; `date` ISO.
    municipalities
        Codes.
    moderated
        Whether posts wait until the facilitator accepts them.
    open
        Whether phones may join, post and vote.
    step
        Of `STEPS`.
    candidate
        What the projector shows: a key from `candidate_key`, or empty.
    created
        UTC.
    pulse
        Grows with everything that is written of the workshop.
    """

    id: str
    code: str
    name: str
    place: str
    municipalities: tuple[str, ...]
    date: str
    moderated: bool
    open: bool
    step: str
    candidate: str
    created: datetime
    pulse: int


def new_id() -> str:
    """An id that nothing else has."""
    return uuid4().hex


@dataclass(frozen=True)
class Post:
    """What a participant offers or needs.

    Parameters
    ----------
    direction
        `out` offers, `in` needs.
    material
        Key of `reference.materials()`; empty where none fits, then the note says what it is.
    municipality
        Code, of one in the region; empty elsewhere.
    tonnes
        Low, best, high in t/a; None: not known.
    amount
        What was said, as typed.
    note
        As typed.
    id
        Made once by the phone for each post, however often it is sent.
    """

    direction: str
    material: str
    municipality: str = ""
    tonnes: Range | None = None
    amount: str = ""
    note: str = ""
    id: str = field(default_factory=new_id)


@dataclass(frozen=True)
class Commitment:
    """What somebody has promised to do next.

    Parameters
    ----------
    idea
        In words; may be empty where a candidate says it.
    candidate
        A key from `candidate_key`; empty: a free idea.
    workshop
        Id of where it was made; None: elsewhere.
    companies, next_step, who, note
        As typed.
    due
        ISO date, or empty.
    stage
        Of `indicators.STAGES`.
    id
        Made once for each commitment, however often it is sent.
    revision
        As the editor saw it; 0 for a new one.
    """

    idea: str = ""
    candidate: str = ""
    workshop: str | None = None
    companies: str = ""
    next_step: str = ""
    who: str = ""
    due: str = ""
    stage: str = "idea"
    note: str = ""
    id: str = field(default_factory=new_id)
    revision: int = 0


def candidate_key(candidate: Any) -> str:
    """A candidate's key for votes and commitments.

    Parameters
    ----------
    candidate
        A row of `tables.CANDIDATES`: whatever has its values by name.
    """
    names = ("from_company", "to_company", "supply_id", "demand_id")
    return json.dumps([str(candidate[name]) for name in names], ensure_ascii=False)


def candidate_parts(key: str) -> tuple[str, str, str, str] | None:
    """What `candidate_key` was made of: the giver, the receiver, the supply, the demand."""
    try:
        parts = json.loads(key)
    except ValueError:
        return None
    if not (isinstance(parts, list) and len(parts) == 4):
        return None
    giver, taker, supply, demand = (str(part) for part in parts)
    return giver, taker, supply, demand


def check_texts(**texts: str) -> None:
    """Stop texts that are too long or that no database keeps.

    Raises
    ------
    RoomError
        `too_long`, `bad_text`.
    """
    for name, text in texts.items():
        if len(text) > LENGTHS[name]:
            raise RoomError("too_long", count=len(text), limit=LENGTHS[name])
        if not is_storable(text):
            raise RoomError("bad_text")


def is_storable(text: str) -> bool:
    """Whether a database keeps the text: no NUL, no half of a surrogate pair."""
    return "\0" not in text and text == text.encode(errors="replace").decode()


def check_post(post: Post) -> None:
    """Stop a post that can't be kept or says nothing.

    Raises
    ------
    RoomError
        `bad_id`, `unknown_choice`, `unknown_municipality`, `bad_amount`, `empty_post`, and as
        `check_texts`.
    """
    check_id(post.id)
    check_choice(post.direction, DIRECTIONS)
    check_choice(post.material, ("", *reference.materials().index))
    if post.municipality and post.municipality not in reference.municipalities().index:
        raise RoomError("unknown_municipality")
    check_texts(amount=post.amount, note=post.note)
    if not post.material and not post.note.strip():
        raise RoomError("empty_post")
    if post.tonnes is not None:
        low, best, high = post.tonnes
        if not (all(map(math.isfinite, post.tonnes)) and 0 <= low <= best <= high <= MOST):
            raise RoomError("bad_amount", limit=f"{MOST:.0f}")


def check_commitment(commitment: Commitment) -> None:
    """Stop a commitment that can't be kept or says nothing.

    Raises
    ------
    RoomError
        `bad_id`, `unknown_choice`, `bad_date`, `empty_commitment`, and as `check_texts`.
    """
    check_id(commitment.id)
    check_choice(commitment.stage, STAGES)
    check_texts(
        **{
            name: getattr(commitment, name)
            for name in ("idea", "candidate", "companies", "next_step", "who", "note")
        }
    )
    if commitment.due:
        check_date(commitment.due)
    if not commitment.candidate and not commitment.idea.strip():
        raise RoomError("empty_commitment")


def check_id(text: str) -> None:
    """Stop an id that is none of `new_id`'s kind.

    Raises
    ------
    RoomError
        `bad_id`.
    """
    plain = text.isascii() and text.replace("-", "").isalnum()
    if not (plain and 8 <= len(text) <= 64):
        raise RoomError("bad_id")


def check_choice(value: str, choices: tuple[str, ...]) -> None:
    """Stop a value that is none of those to choose from.

    Raises
    ------
    RoomError
        `unknown_choice`.
    """
    if value not in choices:
        raise RoomError("unknown_choice")


def check_date(text: str) -> None:
    """Stop a text that is no ISO date.

    Raises
    ------
    RoomError
        `bad_date`.
    """
    try:
        datetime.strptime(text, "%Y-%m-%d")
    except ValueError as error:
        raise RoomError("bad_date") from error
