"""Forgetting a company for good: the data, the history, and what the disk keeps of both."""

import json
import re
import secrets
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Literal

from sqlalchemy import Connection, delete, insert, or_, select, union, update

from kiertokylat.access import Actor
from kiertokylat.changes import Changes, Plan, no_companies, no_flows
from kiertokylat.erasures import Erasure, erased_on, fingerprint
from kiertokylat.errors import StoreError
from kiertokylat.room import candidate_parts
from kiertokylat.store.engine import Database
from kiertokylat.store.rows import Row
from kiertokylat.store.schema import (
    changes,
    commitments,
    companies,
    erased,
    flows,
    votes,
    workshops,
)
from kiertokylat.store.write import locked_version, record
from kiertokylat.words import say

# The free texts of a commitment.
_TEXTS = ("idea", "companies", "next_step", "who", "note")


def erase(connection: Connection, company_id: str, by: Actor) -> int:
    """Delete a company, its flows and all that the history tells of them; keep its fingerprints.

    What is done with votes and commitments about it, `_forget` tells.

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
    rows = _told(connection, company_id)
    told = connection.execute(delete(changes).where(or_(of_company, of_flows))).rowcount
    counts = {
        "flows": connection.execute(delete(flows).where(flows.c.company_id == company_id)).rowcount,
        "companies": connection.execute(
            delete(companies).where(companies.c.id == company_id)
        ).rowcount,
    }
    if not told and not any(counts.values()):
        raise StoreError("nothing_to_erase", row=company_id)
    _forget(connection, company_id, {row["name"] for row in rows})
    _keep_fingerprints(connection, company_id, {row["business_id"] for row in rows} - {""})
    record(
        connection, version, _plan("erase", say("store.erase_title", "fi", **counts)), by, counts
    )
    return version


def allow(connection: Connection, identity: str, by: Actor) -> int:
    """Let an erased company be stored again.

    Parameters
    ----------
    connection
        From `Database.writing`.
    identity
        Its id, or its business id.
    by
        For the history.

    Returns
    -------
    int
        The new version; its batch names nobody.

    Raises
    ------
    StoreError
        `not_erased`.
    """
    version = locked_version(connection) + 1
    found = [
        erasure.company
        for erasure in erasures(connection)
        if erasure.company == fingerprint(erasure.salt, "company", identity)
        or fingerprint(erasure.salt, "business_id", identity) in erasure.business_ids
    ]
    if not found:
        raise StoreError("not_erased", row=identity)
    connection.execute(delete(erased).where(erased.c.company.in_(found)))
    counts = {"companies": 0, "flows": 0}
    record(connection, version, _plan("allow", say("store.allow_title", "fi")), by, counts)
    return version


def _plan(kind: Literal["erase", "allow"], title: str) -> Plan:
    """What the history calls it; which rows it touched is not kept."""
    nothing = Changes(no_companies(), no_companies()), Changes(no_flows(), no_flows())
    return Plan(kind, title, *nothing)


def erasures(connection: Connection) -> tuple[Erasure, ...]:
    """The companies that were erased on request."""
    return tuple(
        Erasure(row.company, frozenset(row.business_ids.split()), row.salt, row.date)
        for row in connection.execute(select(erased).order_by(erased.c.company))
    )


def check_new(connection: Connection, plan: Plan) -> None:
    """Stop a plan that was made before a company of it was erased.

    Raises
    ------
    StoreError
        `erased_meanwhile`.
    """
    after = plan.companies.after
    new = after[~after["id"].isin(plan.companies.before["id"])]
    again = new[erased_on(new, erasures(connection)) != ""]
    if not again.empty:
        raise StoreError("erased_meanwhile", rows=", ".join(again["id"].head(5)))


def _keep_fingerprints(
    connection: Connection, company_id: str, business_ids: Collection[str]
) -> None:
    """Remember by fingerprints that a company was erased."""
    salt = connection.scalars(select(erased.c.salt).limit(1)).first() or secrets.token_hex(32)
    row = {
        "company": fingerprint(salt, "company", company_id),
        "business_ids": " ".join(
            sorted(fingerprint(salt, "business_id", one) for one in business_ids)
        ),
        "salt": salt,
        "date": datetime.now(UTC).astimezone().date().isoformat(),
    }
    connection.execute(delete(erased).where(erased.c.company == row["company"]))  # erased again
    connection.execute(insert(erased), row)


def _told(connection: Connection, company_id: str) -> list[Row]:
    """The company's row as the data and the history have had it."""
    query = select(changes.c.before, changes.c.after).where(
        changes.c.entity == "companies", changes.c.row_id == company_id
    )
    told = {text for row in connection.execute(query) for text in row if text}
    current = select(companies).where(companies.c.id == company_id)
    now = [dict(row) for row in connection.execute(current).mappings()]
    return [json.loads(text) for text in told] + now


def _forget(connection: Connection, company_id: str, names: Collection[str]) -> None:
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
            tables = "companies, flows, changes, workshops, participants, posts, votes, commitments"
            database.outside_transactions(f"VACUUM (FULL) {tables}")
            reason = ""
    except StoreError as error:
        raise StoreError("not_shredded", reason=error.values.get("reason", "")) from error
    if reason:
        raise StoreError("not_shredded", reason=reason)
