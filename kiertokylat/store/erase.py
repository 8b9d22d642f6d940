"""Forgetting a company for good: the data, the history, and what the disk keeps of both."""

import json

from sqlalchemy import Connection, delete, or_, select, union

from kiertokylat.access import Actor
from kiertokylat.changes import Changes, Plan, no_companies, no_flows
from kiertokylat.errors import StoreError
from kiertokylat.store.commitments import forget
from kiertokylat.store.engine import Database
from kiertokylat.store.schema import changes, companies, flows
from kiertokylat.store.write import locked_version, record
from kiertokylat.words import say


def erase(connection: Connection, company_id: str, by: Actor) -> int:
    """Delete a company, its flows and all that the history tells of them.

    What is done with votes and commitments about it, `commitments.forget` tells.

    Returns
    -------
    int
        The new version; its batch holds counts only.

    Raises
    ------
    StoreError
        `nothing_to_erase`.
    """
    version = locked_version(connection) + 1
    # Flows that are the company's now or once were: the history names the owner before a change.
    owned = select(flows.c.id).where(flows.c.company_id == company_id)
    once = select(changes.c.row_id).where(
        changes.c.entity == "flows", changes.c.company_id == company_id
    )
    of_company = (changes.c.entity == "companies") & (changes.c.row_id == company_id)
    of_flows = (changes.c.entity == "flows") & changes.c.row_id.in_(union(owned, once))
    names = _names(connection, company_id)
    told = connection.execute(delete(changes).where(or_(of_company, of_flows))).rowcount
    counts = {
        "flows": connection.execute(delete(flows).where(flows.c.company_id == company_id)).rowcount,
        "companies": connection.execute(
            delete(companies).where(companies.c.id == company_id)
        ).rowcount,
    }
    if not told and not any(counts.values()):
        raise StoreError("nothing_to_erase", row=company_id)
    forget(connection, company_id, names)
    nothing = Changes(no_companies(), no_companies()), Changes(no_flows(), no_flows())
    plan = Plan("erase", say("store.erase_title", "fi", **counts), *nothing)
    record(connection, version, plan, by, counts)
    return version


def _names(connection: Connection, company_id: str) -> set[str]:
    """What the data and the history have called a company."""
    query = select(changes.c.before, changes.c.after).where(
        changes.c.entity == "companies", changes.c.row_id == company_id
    )
    told = {text for row in connection.execute(query) for text in row if text}
    current = select(companies.c.name).where(companies.c.id == company_id)
    return {json.loads(text)["name"] for text in told} | set(connection.scalars(current))


def shred(database: Database) -> None:
    """Rewrite the files of the database, so that they no longer hold what was deleted.

    Raises
    ------
    StoreError
        `not_shredded`: the deletion holds, but the disk may still keep traces.
    """
    try:
        if database.sqlite:
            (busy, *_), *_ = database.outside_transactions(
                "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"
            )
            reason = "wal_checkpoint" if busy else ""
        else:
            tables = "companies, flows, changes, workshops, votes, commitments"
            database.outside_transactions(f"VACUUM (FULL) {tables}")
            reason = ""
    except StoreError as error:
        raise StoreError("not_shredded", reason=error.values.get("reason", "")) from error
    if reason:
        raise StoreError("not_shredded", reason=reason)
