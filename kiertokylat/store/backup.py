"""Keeping a copy of the whole database, and coming back to it.

A backup is one SQLite file with every row of every table, whichever database it comes from, so that
it also moves the data from one kind of database to the other.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, RowMapping, delete, func, insert, select, text

from kiertokylat.access import Actor, require_editor
from kiertokylat.changes import Changes, Plan, no_companies, no_flows
from kiertokylat.errors import StoreError
from kiertokylat.store import log, open_store
from kiertokylat.store.engine import Database, connect
from kiertokylat.store.faults import told
from kiertokylat.store.schema import (
    VERSION_TABLE,
    commitments,
    companies,
    dataset,
    erased,
    flows,
    metadata,
    workshops,
)
from kiertokylat.store.write import locked_version, record
from kiertokylat.words import say

_SECONDS = 30.0  # how long a lock is waited for
_ROWS = 5_000  # so many are in memory at once


def require_existing(address: str) -> None:
    """Stop before opening makes a new file where a database was expected.

    Raises
    ------
    StoreError
        `no_database`: there is no such SQLite file. `log_left`: but its latest changes lie there.
        `unknown_url`.
    """
    database = connect(address, _SECONDS)
    if database.file and not database.file.path.is_file():
        left = log.name(database.file.path)
        if left.is_file() and left.stat().st_size:
            raise StoreError("log_left", place=database.place, log=left)
        raise StoreError("no_database", place=database.place)


def backup(address: str, path: Path, *, force: bool = False) -> None:
    """Copy a database as it is at one moment; others may read and write it meanwhile.

    The file appears whole or not at all, after its integrity has been checked, and only its owner
    may read it: it holds personal data.

    Parameters
    ----------
    address
        As of `open_store`, which brings the database to the newest schema first.
    path
        The new file.
    force
        Whether it may replace another file. The database itself is never replaced.

    Raises
    ------
    StoreError
        `backup_exists`, `backup_is_database`, `no_database`; `damaged`: the database is, so that a
        backup of it would be worthless. What else stops reading or writing.
    OSError
        The folder can't be written to.
    """
    require_existing(address)
    with _opened(address) as database:
        if _is_of(database, path):
            raise StoreError("backup_is_database", file=path)
        if path.exists() and not force:
            raise StoreError("backup_exists", file=path)
        with TemporaryDirectory(dir=path.parent, prefix=".kiertokylat-") as folder:
            made = Path(folder) / "backup.sqlite"
            if database.sqlite:
                made.touch(mode=0o600)
                _copy_pages(database, made, path)
            else:
                with _opened(f"sqlite:///{made}") as new:
                    _copy_database(database, new)
            with told(str(path), _SECONDS), closing(sqlite3.connect(made)) as file:
                file.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
                log.identify(file)  # the log of the database is not that of its backup
                fault = _fault(file)
            if fault:
                raise StoreError("damaged", place=database.place, reason=fault)
            made.replace(path)


def restore(path: Path, address: str, by: Actor, *, replace: bool = False) -> Path | None:
    """Fill a database from a backup, whole or not at all; of either kind, whatever it came from.

    Into an empty database every row comes as it was, the version and the history too. Where there
    was data, the history of the backup goes on with a batch of kind `restore`, whose version is
    higher than any before on either side: sessions that are open see that the version differs and
    read anew, and an edit that was begun before, of a row that is another now, is refused as a
    conflict. That companies were erased stays known, from both sides; those that the backup still
    holds come back with it.

    Parameters
    ----------
    path
        From `backup`, by this program or an older one.
    address
        As of `open_store`.
    by
        For the history.
    replace
        Whether data that is there may go. It is kept in a backup of its own: beside a SQLite
        database, else beside `path`.

    Returns
    -------
    Path or None
        Where the data that was there is kept.

    Raises
    ------
    AccessError
        `by` is no editor.
    StoreError
        Nothing was changed. `holds_data`: and `replace` was not asked for. `no_backup`,
        `backup_damaged`, `newer_version`: of the file. What else stops reading or writing.
    """
    require_editor(by)
    with (
        _readable(path) as kept,
        _opened(address) as database,
        kept.reading() as source,
        database.writing() as target,
    ):
        version = locked_version(target)
        _stop_workshops(target)
        holds = version > 0 or _holds_workshops(target)
        if holds and not replace:
            raise StoreError("holds_data", place=database.place)
        aside = _aside(database, path) if holds else None
        if aside:
            backup(address, aside)  # others can't write now, so it misses nothing
        remembered = target.execute(select(erased)).mappings().all()
        _copy_rows(source, target)
        _remember(target, remembered)
        if version:
            _record(target, version, by)
    return aside


@contextmanager
def _opened(address: str) -> Iterator[Database]:
    """A database with the newest schema."""
    open_store(address, _SECONDS).close()
    database = connect(address, _SECONDS)
    try:
        yield database
    finally:
        database.engine.dispose()


def _is_of(database: Database, path: Path) -> bool:
    """Whether a file is the SQLite database or one of the two that belong to it."""
    if not database.file:
        return False
    live = database.file.path
    names = [live, *(live.with_name(f"{live.name}{end}") for end in ("-wal", "-shm"))]
    # A link to the database is the database, too.
    return path.resolve() in [name.resolve() for name in names] or (
        path.exists() and path.samefile(live)
    )


def _copy_pages(database: Database, made: Path, path: Path) -> None:
    """SQLite's own online backup: in WAL mode, writers need not wait for it."""
    with (
        database.reading() as connection,
        told(str(path), _SECONDS),
        closing(sqlite3.connect(made)) as file,
    ):
        driver: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]
        driver.backup(file)


def _copy_database(source: Database, target: Database) -> None:
    with source.reading() as reading, target.writing() as writing:
        _copy_rows(reading, writing)


def _stop_workshops(connection: Connection) -> None:
    """Let those who write to workshops wait: they don't queue for the dataset as plans do."""
    if connection.dialect.name != "sqlite":  # there, a writer is alone anyway
        for table in (workshops, commitments):
            connection.execute(text(f"LOCK TABLE {table.name} IN EXCLUSIVE MODE"))


def _holds_workshops(connection: Connection) -> bool:
    queries = (select(table.c.id).limit(1) for table in (workshops, commitments))
    return any(connection.execute(query).first() for query in queries)


def _copy_rows(source: Connection, target: Connection) -> None:
    """Put the rows of every table in the place of those that are there."""
    ordered = metadata.sorted_tables  # owners before what they own
    for table in reversed(ordered):
        target.execute(delete(table))
    for table in ordered:
        found = source.execute(select(table), execution_options={"yield_per": _ROWS})
        for rows in found.mappings().partitions():
            target.execute(insert(table), [dict(row) for row in rows])


def _remember(target: Connection, remembered: Sequence[RowMapping]) -> None:
    """Keep the fingerprints of companies that were erased since the backup was made."""
    restored = set(target.scalars(select(erased.c.company)))
    more = [dict(row) for row in remembered if row["company"] not in restored]
    if more:
        target.execute(insert(erased), more)


@contextmanager
def _readable(path: Path) -> Iterator[Database]:
    """A working copy of a backup, found sound and brought to the newest schema."""
    with TemporaryDirectory(prefix="kiertokylat-") as folder:
        copy = Path(folder) / "backup.sqlite"
        if not log.belongs(path):
            raise StoreError("log_of_other", place=path, log=log.name(path))
        try:
            with (
                told(str(path), _SECONDS),
                closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as source,
                closing(sqlite3.connect(copy)) as target,
            ):
                source.backup(target)
                fault = _fault(target)
                query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
                ours = not fault and target.execute(query, (VERSION_TABLE,)).fetchone()
            if fault:
                raise StoreError("backup_damaged", file=path, reason=fault)
            if not ours:
                raise StoreError("no_backup", file=path)
            # It may come from an older program, or from a newer one that this one can't read.
            open_store(f"sqlite:///{copy}", _SECONDS).close()
        except StoreError as error:
            if error.code == "damaged":
                reason = error.values["reason"]
                raise StoreError("backup_damaged", file=path, reason=reason) from error
            raise StoreError(error.code, **{**error.values, "place": path}) from error
        with _opened(f"sqlite:///{copy}") as database:
            yield database


def _fault(file: sqlite3.Connection) -> str:
    """What is wrong with a SQLite file; empty if nothing is."""
    (found,) = file.execute("PRAGMA integrity_check(1)").fetchone()
    if found != "ok":
        return str(found).splitlines()[-1]
    lost = file.execute("PRAGMA foreign_key_check").fetchone()
    return f"foreign_key_check: {lost[0]}" if lost else ""


def _aside(database: Database, path: Path) -> Path:
    """Where the data that a restore replaces is kept."""
    beside = database.file.path if database.file else path
    now = datetime.now(UTC).strftime("%Y%m%dT%H%M%S-%f")
    return beside.with_name(f"{beside.stem}-before-restore-{now}.sqlite")


def _record(connection: Connection, version: int, by: Actor) -> None:
    """Say in the history that data was replaced, under a version that neither side has had."""
    restored = connection.execute(select(dataset.c.version)).scalar_one()
    counts = {
        table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in (companies, flows)
    }
    nothing = Changes(no_companies(), no_companies()), Changes(no_flows(), no_flows())
    plan = Plan("restore", say("store.restore_title", "fi", version=restored), *nothing)
    record(connection, max(version, restored) + 1, plan, by, counts)
