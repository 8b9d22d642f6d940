"""Commitments in the database, inside a transaction."""

import re
from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime

import pandas as pd
from sqlalchemy import Connection, delete, insert, select, update

from kiertokylat.errors import ConflictError
from kiertokylat.room import Commitment, candidate_parts
from kiertokylat.store.schema import commitments, votes, workshops
from kiertokylat.words import say

_TEXTS = ("idea", "companies", "next_step", "who", "note")


def add(connection: Connection, commitment: Commitment, now: datetime) -> None:
    """Keep a new commitment; one that is there already, the same, stays as it is.

    Raises
    ------
    ConflictError
        Another commitment has this id.
    """
    row = asdict(commitment) | {"revision": 1}
    query = select(commitments).where(commitments.c.id == commitment.id)
    found = connection.execute(query).mappings().one_or_none()
    if found is None:
        connection.execute(insert(commitments), row | {"created": now, "updated": now})
    elif {name: found[name] for name in row} != row:
        raise ConflictError((("commitments", commitment.id),))


def edit(connection: Connection, commitment: Commitment, now: datetime) -> int:
    """Keep a commitment as edited, if it is still the one that the editor saw.

    Returns
    -------
    int
        Its new revision.

    Raises
    ------
    ConflictError
        Somebody else was first.
    """
    revision = commitment.revision + 1
    values = asdict(commitment) | {"revision": revision, "updated": now}
    seen = (
        (commitments.c.id == commitment.id)
        & (commitments.c.revision == commitment.revision)
        & commitments.c.workshop.is_not_distinct_from(commitment.workshop)
    )
    # One statement looks and writes: of two editors at once, the second finds no such row.
    if not connection.execute(update(commitments).where(seen).values(values)).rowcount:
        raise ConflictError((("commitments", commitment.id),))
    return revision


def read(connection: Connection, workshop: str | None) -> pd.DataFrame:
    """Commitments as `Rooms.commitments` tells."""
    query = select(commitments).order_by(commitments.c.created, commitments.c.id)
    if workshop is not None:
        query = query.where(commitments.c.workshop == workshop)
    found = connection.execute(query).mappings().all()
    frame = pd.DataFrame(found, columns=commitments.c.keys())
    times = {name: pd.to_datetime(frame[name], utc=True) for name in ("created", "updated")}
    texts = frame["workshop"].fillna("").astype("str")
    return frame.assign(workshop=texts, **times).astype({"revision": int})


def forget(connection: Connection, company_id: str, names: Collection[str]) -> None:
    """Take an erased company out of votes, commitments and what is shown.

    Votes on its candidates go. Commitments about them stay, for they are the other company's too:
    they lose the candidate, and the company's names where they stand in their texts as the data had
    them. Other texts of commitments and posts are left as they were typed: only a person can tell
    of whom they speak.

    Parameters
    ----------
    company_id
        Whose.
    names
        What the data or its history has called it.
    """
    tables = (workshops, votes, commitments)
    keys = {key for table in tables for key in connection.scalars(select(table.c.candidate))}
    about = sorted(key for key in keys if company_id in (candidate_parts(key) or ())[:2])
    if not about:
        return
    voted = select(votes.c.workshop).where(votes.c.candidate.in_(about))
    held = select(commitments.c.workshop).where(commitments.c.candidate.in_(about))
    shown = workshops.c.candidate.in_(about)
    touched = workshops.c.id.in_(voted) | workshops.c.id.in_(held) | shown
    # The workshops first: whoever writes to one has locked it before anything of it.
    connection.execute(update(workshops).where(touched).values(pulse=workshops.c.pulse + 1))
    connection.execute(update(workshops).where(shown).values(candidate=""))
    connection.execute(delete(votes).where(votes.c.candidate.in_(about)))
    longest_first = sorted(filter(None, names), key=len, reverse=True)
    named = re.compile("|".join(map(re.escape, longest_first)) or "(?!)", re.IGNORECASE)
    instead = say("room.erased", "fi")
    query = select(commitments).where(commitments.c.candidate.in_(about))
    for row in connection.execute(query).mappings().all():
        values = {name: named.sub(instead, row[name]) for name in _TEXTS}
        # An editor who has it open finds a conflict instead of writing the name back.
        values |= {"candidate": "", "revision": row["revision"] + 1}
        connection.execute(update(commitments).where(commitments.c.id == row["id"]).values(values))
