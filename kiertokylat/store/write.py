"""The one way in: a plan becomes rows of the database and of its history."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection, bindparam, delete, insert, select, update

from kiertokylat import tables
from kiertokylat.access import Actor
from kiertokylat.changes import Changes, Plan
from kiertokylat.errors import ConflictError, StoreError, TableError
from kiertokylat.store.rows import Row, check_text, records, stored, to_json
from kiertokylat.store.schema import ENTITIES, batches, changes, companies, dataset, flows


def checked(plan: Plan) -> Plan:
    """The plan with rows that keep the contract.

    Raises
    ------
    TableError
        Rows break the contract of `tables`, or one row is there twice.
    StoreError
        `bad_text`.
    """
    return replace(
        plan,
        companies=_checked(plan.companies, tables.stored_companies),
        flows=_checked(plan.flows, tables.stored_flows),
    )


def _checked(part: Changes, check: Callable[[pd.DataFrame], pd.DataFrame]) -> Changes:
    if not part.before["id"].is_unique:
        raise TableError("a plan changes one row twice")
    if part.after.empty:
        return part
    after = check(part.after)
    check_text(after)
    return Changes(part.before, after)


def locked_version(connection: Connection) -> int:
    """The version, read so that no other writer can move it until the transaction ends."""
    return connection.execute(select(dataset.c.version).with_for_update()).scalar_one()


def write(connection: Connection, plan: Plan, by: Actor) -> int:
    """Write a checked plan inside a transaction.

    Parameters
    ----------
    connection
        From `Database.writing`.
    plan
        From `checked`.
    by
        For the history.

    Returns
    -------
    int
        The new version.

    Raises
    ------
    ConflictError
        Rows are no longer what the plan started from.
    StoreError
        `no_company`: flows would be left without their company.
    """
    version = locked_version(connection) + 1
    parts: dict[str, Changes] = {"companies": plan.companies, "flows": plan.flows}
    before = {entity: _started_from(connection, entity, part) for entity, part in parts.items()}
    conflicts = [
        (entity, row) for entity, part in parts.items() for row in _conflicts(part, before[entity])
    ]
    if conflicts:
        raise ConflictError(tuple(conflicts))
    counts = {}
    history = []
    for entity, part in parts.items():
        after = {row["id"]: row for row in records(part.after.assign(revision=version))}
        history += _history(version, entity, before[entity], after)
        counts[entity] = len(before[entity].keys() | after.keys())
        _write_rows(connection, entity, before[entity], after)
    removed = set(plan.companies.before["id"]) - set(plan.companies.after["id"])
    if removed or not plan.flows.after.empty:
        _check_owners(connection)
    record(connection, version, plan, by, counts)
    if history:
        connection.execute(insert(changes), history)
    return version


def record(
    connection: Connection, version: int, plan: Plan, by: Actor, counts: dict[str, int]
) -> None:
    """Move the dataset to a new version and say who made it."""
    connection.execute(update(dataset).values(version=version))
    batch: dict[str, Any] = {
        "version": version,
        "time": datetime.now(UTC),
        "who": by.name,
        "kind": plan.kind,
        "title": plan.title,
        "undoes": plan.undoes,
        **counts,
    }
    connection.execute(insert(batches), batch)


def _started_from(connection: Connection, entity: str, part: Changes) -> dict[str, Row]:
    """The stored rows that a change names.

    The history takes the database's word for what was before, not the plan's.
    """
    ids = pd.concat([part.before["id"], part.after["id"]]).unique().tolist()
    return stored(connection, ENTITIES[entity], ids)


def _conflicts(part: Changes, rows: dict[str, Row]) -> list[str]:
    """Ids of rows that are not as the change expects them: changed, gone, or there already.

    The whole rows are compared: where a backup of another database was restored, their revisions
    alone may be the same.
    """
    expected = {row["id"]: row for row in records(part.before)}
    ids = dict.fromkeys([*part.after["id"], *expected])
    return [row for row in ids if rows.get(row) != expected.get(row)]


def _write_rows(
    connection: Connection, entity: str, before: dict[str, Row], after: dict[str, Row]
) -> None:
    table = ENTITIES[entity]
    gone = [{"row": row} for row in before.keys() - after.keys()]
    new = [row for key, row in after.items() if key not in before]
    changed = [row | {"row": key} for key, row in after.items() if key in before]
    if gone:
        connection.execute(delete(table).where(table.c.id == bindparam("row")), gone)
    if new:
        connection.execute(insert(table), new)
    if changed:
        values: dict[str, Any] = {column.name: bindparam(column.name) for column in table.columns}
        statement = update(table).where(table.c.id == bindparam("row")).values(values)
        connection.execute(statement, changed)


def _history(version: int, entity: str, before: dict[str, Row], after: dict[str, Row]) -> list[Row]:
    """Rows of the table `changes`."""
    owner = "company_id" if entity == "flows" else "id"
    return [
        {
            "version": version,
            "entity": entity,
            "row_id": row,
            "company_id": (before.get(row) or after[row])[owner],
            "before": to_json(before.get(row)),
            "after": to_json(after.get(row)),
        }
        for row in before | after
    ]


def _check_owners(connection: Connection) -> None:
    """Stop flows without a company; the database would, too, but names no rows."""
    known = select(companies.c.id).where(companies.c.id == flows.c.company_id)
    query = select(flows.c.id).where(~known.exists()).order_by(flows.c.id)
    lost = connection.scalars(query).all()
    if lost:
        raise StoreError("no_company", count=len(lost), rows=", ".join(lost[:5]))
