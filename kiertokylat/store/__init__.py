"""The store: companies and flows in a database that keeps every change and who made it.

Everything is written as a `Plan`, in one transaction, by one writer at a time. The dataset's
version grows by one with each; a row's revision is the version that last wrote it.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pandas as pd
from sqlalchemy import Connection, select

from kiertokylat import demo
from kiertokylat.access import Actor, require_editor
from kiertokylat.changes import Changes, Plan, Snapshot, no_companies, no_flows
from kiertokylat.errors import ConflictError
from kiertokylat.reference import DATA
from kiertokylat.store import audit, rows
from kiertokylat.store import erase as erasing
from kiertokylat.store import write as writing
from kiertokylat.store.engine import Database, connect
from kiertokylat.store.migrate import is_current, migrate
from kiertokylat.store.schema import ENTITIES, dataset
from kiertokylat.words import say

# The address of the database; without it the file below, beside the app.
VARIABLE = "KIERTOKYLAT_DATABASE"
FILE = DATA.parent / "kiertokylat.sqlite"


class Store:
    """An open database. Many threads may use one store.

    Every method raises `StoreError` when the database can't be reached, read or written.

    Parameters
    ----------
    database
        From `engine.connect`, with the newest schema.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def url(self) -> str:
        """The database as it is shown to people: without a password."""
        return self._database.place

    def version(self) -> int:
        """The dataset's version: grows by one with every change, 0 for a new database."""
        with self._read() as connection:
            return _version(connection)

    def snapshot(self) -> Snapshot:
        """Everything that is stored, as it is at one moment."""
        with self._read() as connection:
            companies, flows = (
                rows.frame(entity, connection.execute(select(table)).all())
                for entity, table in ENTITIES.items()
            )
            version = _version(connection)
            erasures = erasing.erasures(connection)
        # Databases sort text in their own ways; the order of a snapshot is that of characters.
        return Snapshot(
            version,
            companies.sort_values("id", ignore_index=True),
            flows.sort_values("id", ignore_index=True),
            erasures,
        )

    def apply(self, plan: Plan, by: Actor) -> int:
        """Write a plan, whole or not at all.

        Parameters
        ----------
        plan
            An empty one writes nothing.
        by
            Whom the history names.

        Returns
        -------
        int
            The version after it.

        Raises
        ------
        AccessError
            `by` is no editor.
        ConflictError
            A row of the plan has been changed, removed or made by somebody else meanwhile.
        StoreError
            `no_company`: a flow would be left without its company. `bad_text`: a text holds what
            no database keeps. `erased_meanwhile`: a file brings a company that has been erased
            since it was read.
        TableError
            Rows break the contract of `tables`.
        """
        require_editor(by)
        if plan.empty:
            return self.version()
        checked = writing.checked(plan)
        with self._write() as connection:
            if plan.kind in ("import", "restore"):  # by hand it is somebody's decision
                erasing.check_new(connection, checked)
            return writing.write(connection, checked, by)

    def history(self, limit: int = 200, row: str | None = None) -> pd.DataFrame:
        """Who changed what and when, newest first.

        Parameters
        ----------
        limit
            How many batches at most.
        row
            Only batches that touched this id.

        Returns
        -------
        DataFrame
            A row a batch: `batch` (the version that it made), `time` (UTC), `who`, `kind`, `title`,
            `companies`, `flows` (rows changed), `undone` (taken back by a later batch that itself
            stands), `undoes` (the batch that it takes back, or <NA>).
        """
        with self._read() as connection:
            return audit.history(connection, limit, row)

    def changes(self, batch: int) -> tuple[Changes, Changes]:
        """Companies and flows before and after a batch; empty where there is no such batch."""
        with self._read() as connection:
            return audit.changed(connection, batch)

    def undo_plan(self, batch: int) -> Plan:
        """The plan that takes a batch back; an undo can be taken back in the same way.

        What is taken back can't be taken back once more, even if a later batch has made the same
        rows again: they are that batch's. When its undo is undone it stands again, and may be.

        Raises
        ------
        LaterChangesError
            Rows have changed since, by batches that it names.
        StoreError
            `already_undone`: it names the undo. `no_undo`: there is no such batch, or nothing of it
            is kept.
        """
        with self._read() as connection:
            return audit.undo_plan(connection, batch)

    def erase(self, company_id: str, by: Actor) -> int:
        """Remove a company, its flows and all that the history tells of them, for good.

        The history keeps a batch of kind `erase` that holds counts only. Backups made earlier, and
        PostgreSQL's write-ahead log until it is recycled, still hold what was removed.

        Votes on the company's candidates go, and commitments about them lose the link and the
        company's name. Free text elsewhere (a commitment without a link, a note in a workshop) is
        left as it was typed: look through it by hand.

        Fingerprints of its ids stay (`kiertokylat.erasures`), so that no import brings it back.

        Returns
        -------
        int
            The version after it.

        Raises
        ------
        AccessError
            `by` is no editor.
        StoreError
            `nothing_to_erase`: neither the data nor the history knows the company. `not_shredded`:
            it is erased, but the disk may still keep traces.
        """
        require_editor(by)
        with self._write() as connection:
            version = erasing.erase(connection, company_id, by)
        erasing.shred(self._database)
        return version

    def allow(self, identity: str, by: Actor) -> int:
        """Let a company that was erased be stored again: its fingerprints go.

        Parameters
        ----------
        identity
            Its id, or its business id.
        by
            For the history.

        Returns
        -------
        int
            The version after it.

        Raises
        ------
        AccessError
            `by` is no editor.
        StoreError
            `not_erased`: no such company was erased.
        """
        require_editor(by)
        with self._write() as connection:
            return erasing.allow(connection, identity, by)

    def close(self) -> None:
        """Close every connection that is not in use."""
        self._database.engine.dispose()

    @contextmanager
    def _read(self) -> Iterator[Connection]:
        with self._database.reading() as connection:
            yield connection

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        with self._database.writing() as connection:
            yield connection


def _version(connection: Connection) -> int:
    return connection.execute(select(dataset.c.version)).scalar_one()


def open_store(url: str | None = None, seconds: float = 30) -> Store:
    """Open the database and bring it to the newest schema.

    Parameters
    ----------
    url
        SQLAlchemy URL of SQLite or PostgreSQL; None: that of `KIERTOKYLAT_DATABASE`, else the file
        `kiertokylat.sqlite` beside the app.
    seconds
        How long a lock is waited for.

    Raises
    ------
    StoreError
        The database can't be opened, is damaged, or belongs to a newer program.
    """
    database = connect(url or os.environ.get(VARIABLE) or f"sqlite:///{FILE}", seconds)
    try:
        # Most starts only look, so that they need not wait for a long import to end.
        with database.reading() as connection:
            current = is_current(connection, database.place)
        if not current:
            with database.migrating() as connection:
                migrate(connection, database.place)
        database.prepare()
    except BaseException:
        database.engine.dispose()
        raise
    return Store(database)


def load_demo(store: Store, by: Actor) -> int:
    """Fill a new database with the demo region; one that holds anything stays as it is.

    Parameters
    ----------
    store
        Where.
    by
        An editor.

    Returns
    -------
    int
        The dataset's version after it.
    """
    if store.version():
        return store.version()
    companies, flows = _kept(demo.companies()), _kept(demo.flows())
    companies = companies.assign(sole_trader=False, contact="")
    plan = Plan(
        "demo",
        say("store.demo_title", "fi"),
        Changes(no_companies(), companies),
        Changes(no_flows(), flows),
    )
    try:
        return store.apply(plan, by)
    except ConflictError:  # another session was first
        return store.version()


def _kept(rows_of_demo: pd.DataFrame) -> pd.DataFrame:
    return rows_of_demo.assign(status="active", corrected="", revision=0, source="demo")
