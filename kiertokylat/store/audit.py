"""Reading the history, and taking a change back."""

import pandas as pd
from sqlalchemy import Connection, select

from kiertokylat.changes import Changes, Plan
from kiertokylat.errors import ConflictError, LaterChangesError, StoreError
from kiertokylat.store.rows import Row, from_json, records, stored
from kiertokylat.store.schema import ENTITIES, batches, changes

_MOST = 2**31 - 1  # a version that a database can hold, and more rows than there ever are
HISTORY = ("batch", "time", "who", "kind", "title", "companies", "flows", "undone", "undoes")


def history(connection: Connection, limit: int, row: str | None) -> pd.DataFrame:
    """Batches, newest first; columns `HISTORY`, as `Store.history` tells."""
    query = select(batches).order_by(batches.c.version.desc()).limit(min(limit, _MOST))
    if row is not None:
        touched = select(changes.c.version).where(changes.c.row_id == row)
        query = query.where(batches.c.version.in_(touched))
    frame = pd.DataFrame(connection.execute(query).mappings().all(), columns=batches.c.keys())
    frame = frame.rename(columns={"version": "batch"})
    taken_back = _undone(connection)
    return frame.assign(
        time=pd.to_datetime(frame["time"], utc=True),
        undone=frame["batch"].isin(taken_back).astype(bool),
        undoes=frame["undoes"].astype("Int64"),
    )[list(HISTORY)].astype({"batch": int, "companies": int, "flows": int})


def _undone(connection: Connection) -> set[int]:
    """Batches that are taken back now: an undo that was itself taken back no longer counts."""
    query = select(batches.c.version, batches.c.undoes).where(batches.c.undoes.is_not(None))
    undone: set[int] = set()
    for undo, batch in connection.execute(query.order_by(batches.c.version.desc())):
        if undo not in undone:
            undone.add(batch)
    return undone


def changed(connection: Connection, batch: int) -> tuple[Changes, Changes]:
    """The rows of a batch before and after: companies, flows."""
    query = select(changes).where(changes.c.version == batch).order_by(changes.c.row_id)
    rows = connection.execute(query).all()

    def part(entity: str) -> Changes:
        ours = [row for row in rows if row.entity == entity]
        before = from_json(entity, (row.before for row in ours))
        return Changes(before, from_json(entity, (row.after for row in ours)))

    return part("companies"), part("flows")


def undo_plan(connection: Connection, batch: int) -> Plan:
    """The plan that takes a batch back, as `Store.undo_plan` tells."""
    if batch > _MOST:
        raise StoreError("no_undo", batch=batch)
    query = select(batches.c.title).where(batches.c.version == batch)
    title = connection.execute(query).scalar_one_or_none()
    companies, flows = changed(connection, batch)
    if title is None or (companies.empty and flows.empty):
        raise StoreError("no_undo", batch=batch)
    # Before the rows are looked at: another change may have made them the same again since.
    undo = _standing_undo(connection, batch)
    if undo is not None:
        raise StoreError("already_undone", batch=batch, undo=undo)
    companies, other_companies = _taken_back(connection, "companies", companies)
    flows, other_flows = _taken_back(connection, "flows", flows)
    conflicts = [("companies", row) for row in other_companies]
    conflicts += [("flows", row) for row in other_flows]
    if conflicts:
        raise _refusal(connection, batch, tuple(conflicts))
    return Plan("undo", title, companies, flows, undoes=batch)


def _standing_undo(connection: Connection, batch: int) -> int | None:
    """The undo by which a batch is taken back now; None where it stands."""
    undos = connection.scalars(select(batches.c.version).where(batches.c.undoes == batch))
    return max(set(undos) - _undone(connection), default=None)


def _refusal(
    connection: Connection, batch: int, rows: tuple[tuple[str, str], ...]
) -> ConflictError:
    """Why a batch can't be undone whose rows have changed since: which batches came later."""
    query = select(batches.c.version, batches.c.title, batches.c.undoes)
    since = connection.execute(
        query.where(batches.c.version > batch).order_by(batches.c.version.desc())
    ).all()
    taken_back = _undone(connection)
    standing = [one for one in since if one.version not in taken_back]
    touched = select(changes.c.version, changes.c.entity, changes.c.row_id)
    told = connection.execute(touched.where(changes.c.version > batch))
    wanted = set(rows)
    of_rows = {version for version, *row in told if tuple(row) in wanted}
    later = [
        (one.version, one.title)
        for one in standing
        # A later change and its own undo leave the row as it was.
        if one.version in of_rows and (one.undoes is None or one.undoes < batch)
    ]
    return LaterChangesError(batch, later, rows) if later else ConflictError(rows)


def _taken_back(connection: Connection, entity: str, part: Changes) -> tuple[Changes, list[str]]:
    """The inverse of a change from what is stored now, and the rows that have changed since.

    What counts is what a row says, not its revision: a row that was changed and taken back since
    is as it was.
    """
    then = {row["id"]: row for row in records(part.after)}
    ids = [*then, *(set(part.before["id"]) - then.keys())]
    now = stored(connection, ENTITIES[entity], ids)
    others = [row for row in ids if _said(now.get(row)) != _said(then.get(row))]
    revisions = {row: value["revision"] for row, value in now.items()}
    before = part.after.assign(revision=[revisions.get(row, 0) for row in then])
    return Changes(before.astype({"revision": int}), part.before), others


def _said(row: Row | None) -> Row | None:
    return None if row is None else {**row, "revision": None}
