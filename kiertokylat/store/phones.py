"""What phones send to a workshop, inside a transaction that has locked the workshop's row."""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta

import pandas as pd
from sqlalchemy import Connection, delete, func, insert, select, update

from kiertokylat.access import Actor
from kiertokylat.room import Post, RoomError, State
from kiertokylat.store.rows import Row
from kiertokylat.store.schema import participants, posts, votes, workshops

# Letters and digits that nobody takes for each other on a projector: no I, O, 0 or 1.
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
CODE_LENGTH = 6  # 32⁶, about a thousand million codes
# Limits of a flood, assumptions of this project. A person needs longer than this to fill the form,
# and one who has more to say than this can tell it to the facilitator.
SECONDS_BETWEEN_POSTS = 3
POSTS_PER_PHONE = 30
# Far more than a village hall holds; a program that joins over and over ends here.
PHONES_PER_WORKSHOP = 500


def free_code(connection: Connection) -> str:
    """A new workshop's code."""
    while True:
        code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
        taken = select(func.count()).select_from(workshops).where(workshops.c.code == code)
        if not connection.execute(taken).scalar_one():
            return code


def by_code(connection: Connection, code: str, *, lock: bool = False) -> Row:
    """The row of a workshop; locked: nobody else writes to it until the transaction ends.

    Raises
    ------
    RoomError
        `unknown_code`.
    """
    typed = "".join(letter for letter in code.upper() if letter in ALPHABET)
    query = select(workshops).where(workshops.c.code == typed)
    found = connection.execute(query.with_for_update() if lock else query).mappings().one_or_none()
    if found is None:
        raise RoomError("unknown_code")
    return dict(found)


def join(connection: Connection, code: str, now: datetime) -> str:
    """Let a phone in: its token, as `Rooms.join` tells."""
    workshop = _open(connection, code)
    ours = participants.c.workshop == workshop["id"]
    joined = connection.execute(select(func.count()).select_from(participants).where(ours))
    number = joined.scalar_one() + 1
    if number > PHONES_PER_WORKSHOP:
        raise RoomError("full", limit=PHONES_PER_WORKSHOP)
    token = secrets.token_urlsafe(32)
    row = {"workshop": workshop["id"], "number": number, "token": _hashed(token), "joined": now}
    connection.execute(insert(participants), row)
    _move_pulse(connection, workshop)
    return token


def number(connection: Connection, workshop: str, token: str) -> int | None:
    """The number of a phone; None: it has not joined this workshop."""
    query = select(participants.c.number).where(
        participants.c.workshop == workshop, participants.c.token == _hashed(token)
    )
    return connection.execute(query).scalar_one_or_none()


def post(connection: Connection, code: str, who: str | Actor, said: Post, now: datetime) -> State:
    """Keep a checked post, as `Rooms.post` tells."""
    workshop = _open(connection, code)
    by_editor = isinstance(who, Actor)
    participant = 0 if isinstance(who, Actor) else _joined(connection, workshop["id"], who)
    before = select(posts).where(posts.c.id == said.id)
    found = connection.execute(before).mappings().one_or_none()
    if found:  # sent again: the network had lost the answer
        if (found["workshop"], found["participant"]) != (workshop["id"], participant):
            raise RoomError("bad_id")
        return found["state"]
    if not by_editor:
        _check_flood(connection, workshop["id"], participant, now)
    state: State = "waiting" if workshop["moderated"] and not by_editor else "accepted"
    tonnes = said.tonnes or (None, None, None)
    row: Row = {
        "id": said.id,
        "workshop": workshop["id"],
        "participant": participant,
        "direction": said.direction,
        "material": said.material,
        **dict(zip(("tonnes_low", "tonnes", "tonnes_high"), tonnes, strict=True)),
        "amount": said.amount,
        "municipality": said.municipality,
        "note": said.note,
        "state": state,
        "created": now,
    }
    connection.execute(insert(posts), row)
    _move_pulse(connection, workshop)
    return state


def vote(connection: Connection, code: str, token: str, candidate: str, choice: str) -> None:
    """Keep a vote, as `Rooms.vote` tells."""
    workshop = _open(connection, code)
    participant = _joined(connection, workshop["id"], token)
    on_it = (votes.c.workshop == workshop["id"]) & (votes.c.candidate == candidate)
    query = select(votes.c.participant, votes.c.vote).where(on_it)
    given = {row.participant: row.vote for row in connection.execute(query)}
    if not candidate or (candidate != workshop["candidate"] and not given):
        raise RoomError("not_shown")
    if given.get(participant) == choice:
        return
    if participant in given:
        own = on_it & (votes.c.participant == participant)
        connection.execute(update(votes).where(own).values(vote=choice))
    else:
        row = {"workshop": workshop["id"], "participant": participant}
        connection.execute(insert(votes), {**row, "candidate": candidate, "vote": choice})
    _move_pulse(connection, workshop)


def read_posts(connection: Connection, workshop: str, participant: int | None) -> pd.DataFrame:
    """Posts as `Rooms.posts` tells."""
    names = [column for column in posts.c if column.name != "workshop"]
    query = select(*names).where(posts.c.workshop == workshop)
    if participant is not None:
        query = query.where(posts.c.participant == participant)
    found = connection.execute(query.order_by(posts.c.created, posts.c.id)).mappings().all()
    frame = pd.DataFrame(found, columns=[column.name for column in names])
    numbers = dict.fromkeys(("tonnes_low", "tonnes", "tonnes_high"), float)
    frame = frame.assign(created=pd.to_datetime(frame["created"], utc=True))
    return frame.astype({"participant": int, **numbers})


def forget(connection: Connection, workshop: str) -> None:
    """Delete a workshop (its id) that has no commitments, with what its phones have sent."""
    for table in (votes, posts, participants):
        connection.execute(delete(table).where(table.c.workshop == workshop))
    connection.execute(delete(workshops).where(workshops.c.id == workshop))


def _open(connection: Connection, code: str) -> Row:
    workshop = by_code(connection, code, lock=True)
    if not workshop["open"]:
        raise RoomError("closed")
    return workshop


def _joined(connection: Connection, workshop: str, token: str) -> int:
    found = number(connection, workshop, token)
    if found is None:
        raise RoomError("not_joined")
    return found


def _check_flood(connection: Connection, workshop: str, participant: int, now: datetime) -> None:
    own = (posts.c.workshop == workshop) & (posts.c.participant == participant)
    query = select(func.count(), func.max(posts.c.created)).where(own)
    count, last = connection.execute(query).one()
    if count >= POSTS_PER_PHONE:
        raise RoomError("too_many", limit=POSTS_PER_PHONE)
    if last is None:
        return
    last = last if last.tzinfo else last.replace(tzinfo=UTC)
    if now - last < timedelta(seconds=SECONDS_BETWEEN_POSTS):
        raise RoomError("too_fast", seconds=SECONDS_BETWEEN_POSTS)


def _move_pulse(connection: Connection, workshop: Row) -> None:
    moved = update(workshops).where(workshops.c.id == workshop["id"])
    connection.execute(moved.values(pulse=workshop["pulse"] + 1))


def _hashed(token: str) -> str:
    """A token as it is kept: it has 256 random bits, so that a plain hash can't be guessed back."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
