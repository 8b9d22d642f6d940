"""Commitments in the database: what somebody has promised to do next."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime

import pandas as pd
from sqlalchemy import Connection, delete, insert, select, update

from kiertokylat.access import Actor, require_editor
from kiertokylat.errors import ConflictError
from kiertokylat.room import Commitment, RoomError, check_commitment
from kiertokylat.store import Store
from kiertokylat.store.schema import commitments, workshops
from kiertokylat.store.write import locked_version


class Commitments:
    """The commitments of an open store, wherever they were made; `rooms.Rooms` adds the workshops.

    Parameters
    ----------
    store
        Where.
    clock
        Tells the time, UTC.
    """

    def __init__(self, store: Store, clock: Callable[[], datetime] = lambda: datetime.now(UTC)):
        self._store = store
        self._clock = clock

    def commit(self, commitment: Commitment, by: Actor) -> None:
        """Keep a new commitment, once, however often it is sent.

        Raises
        ------
        AccessError
            `by` is no editor.
        RoomError
            What `room.check_commitment` finds; `unknown_workshop`.
        ConflictError
            Another commitment has this id.
        """
        require_editor(by)
        check_commitment(commitment)
        with self._maybe_in(commitment.workshop) as connection:
            _add(connection, commitment, self._clock())

    def edit_commitment(self, commitment: Commitment, by: Actor) -> int:
        """Keep a commitment as edited; its `revision` is the one that the editor saw.

        Where it was made can't be changed.

        Returns
        -------
        int
            Its new revision.

        Raises
        ------
        AccessError
            `by` is no editor.
        RoomError
            What `room.check_commitment` finds; `unknown_workshop`.
        ConflictError
            Somebody else has edited it meanwhile.
        """
        require_editor(by)
        check_commitment(commitment)
        with self._maybe_in(commitment.workshop) as connection:
            return _edit(connection, commitment, self._clock())

    def commitments(self, workshop: str | None = None) -> pd.DataFrame:
        """Commitments in the order they were made.

        Parameters
        ----------
        workshop
            Only those of this one (its id). None: all, wherever they were made.

        Returns
        -------
        DataFrame
            `id`, `workshop` (empty: none), `candidate`, `idea`, `companies`, `next_step`, `who`,
            `due`, `stage`, `note` (as typed), `created`, `updated` (UTC), `revision`.
        """
        with self._store._read() as connection:
            return _read(connection, workshop)

    @contextmanager
    def _writing(self, workshop: str) -> Iterator[Connection]:
        """A transaction that is the only one to write to a workshop and moves its pulse."""
        with self._store._write() as connection:
            ours = update(workshops).where(workshops.c.id == workshop)
            if not connection.execute(ours.values(pulse=workshops.c.pulse + 1)).rowcount:
                raise RoomError("unknown_workshop")
            yield connection

    @contextmanager
    def _maybe_in(self, workshop: str | None) -> Iterator[Connection]:
        """A transaction that writes to a workshop, or to none."""
        if workshop is None:
            with self._store._write() as connection:
                locked_version(connection)  # so that they queue, too
                yield connection
        else:
            with self._writing(workshop) as connection:
                yield connection


def leave(connection: Connection, workshop: str, *, promises: bool) -> None:
    """Take the commitments of a workshop (its id) that goes out of it; `promises`: delete them."""
    ours = commitments.c.workshop == workshop
    if promises:
        connection.execute(delete(commitments).where(ours))
    else:
        # An editor who has one open is told: it is no longer where it was.
        free = {"workshop": None, "revision": commitments.c.revision + 1}
        connection.execute(update(commitments).where(ours).values(free))


def _add(connection: Connection, commitment: Commitment, now: datetime) -> None:
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


def _edit(connection: Connection, commitment: Commitment, now: datetime) -> int:
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


def _read(connection: Connection, workshop: str | None) -> pd.DataFrame:
    """Commitments as `Rooms.commitments` tells."""
    query = select(commitments).order_by(commitments.c.created, commitments.c.id)
    if workshop is not None:
        query = query.where(commitments.c.workshop == workshop)
    found = connection.execute(query).mappings().all()
    frame = pd.DataFrame(found, columns=commitments.c.keys())
    times = {name: pd.to_datetime(frame[name], utc=True) for name in ("created", "updated")}
    texts = frame["workshop"].fillna("").astype("str")
    return frame.assign(workshop=texts, **times).astype({"revision": int})
