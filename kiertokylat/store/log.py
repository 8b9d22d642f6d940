"""The log (`-wal`) of a SQLite database: whether it belongs to the file beside it.

A log holds pages that are not in the database yet, and nothing that says of which database. SQLite
takes whatever lies beside the file: where somebody has put another file there, it mixes the two and
damages both (https://www.sqlite.org/howtocorrupt.html, "Unlinking or renaming a database file while
in use"). Hence every database bears an own number, and every transaction counts one on; both stand
on the first page, which is thereby part of each transaction in the log. The file belongs to its log
if it bears the same number and has come as far as where the log begins. Other programs count
nothing: where only they have written to a log, copies of both are put together and checked.
"""

import secrets
import shutil
import sqlite3
import struct
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

# Offsets in the first page, the log's header and the header of a page in it
# (https://www.sqlite.org/fileformat2.html, "The Database Header" and "The WAL File Format").
_MARK = struct.Struct(">60x i 4x i")  # user version, application id
_LOG_HEADER = struct.Struct(">8x I 4x 8s 8x")  # page size, salt
# Number of the page; with the last one of a transaction the database's size, else 0; salt.
_PAGE_HEADER = struct.Struct(">I I 8s 8x")
_CHECKS = ("integrity_check(1)", "foreign_key_check")


class Mark(NamedTuple):
    """What the first page says of a database: which it is, and how far it has come."""

    identity: int
    transactions: int


def name(database: Path) -> Path:
    """Where SQLite keeps the log of a database."""
    return database.with_name(f"{database.name}-wal")


def identify(driver: Any) -> None:
    """Give a database, which nobody else uses, a number of its own."""
    driver.execute(f"PRAGMA application_id = {secrets.randbelow(2**31 - 1) + 1}").close()


def count_on(driver: Any) -> None:
    """Count a transaction, inside it."""
    (transactions,) = driver.execute("PRAGMA user_version").fetchone()
    # The largest number that fits; who writes once a second gets there in 68 years.
    driver.execute(f"PRAGMA user_version = {(transactions + 1) % 2**31}").close()


def belongs(database: Path) -> bool:
    """Whether the log beside a file is its own, or holds nothing that was committed.

    Only reads. While others write, it may be wrong for a moment: ask again.
    """
    marks, committed = _of_log(name(database))
    if not marks:  # nothing is in it, or another program alone has written to it
        return not committed or _fits(database)
    found = _of_file(database)
    before, after = marks[0].transactions - 1, marks[-1].transactions
    return (
        found is not None
        and {found.identity} == {mark.identity for mark in marks}
        and before <= found.transactions <= after
    )


def _of_file(database: Path) -> Mark | None:
    """That of the file without its log; None if it is no database."""
    try:
        with closing(_without_log(database)) as file:
            # Else it wouldn't read a file that is shorter than it says, as an interrupted writing
            # of the log into the file leaves it; opening it with its log mends that.
            file.execute("PRAGMA writable_schema = ON")
            (identity,) = file.execute("PRAGMA application_id").fetchone()
            (transactions,) = file.execute("PRAGMA user_version").fetchone()
    except sqlite3.Error:
        return None
    return Mark(identity, transactions)


def _without_log(database: Path) -> sqlite3.Connection:
    """The file alone, to be read.

    SQLite itself opens it: closing a file that this process uses elsewhere would give up its locks.
    """
    uri = f"{database.absolute().as_uri()}?mode=ro&immutable=1"
    return sqlite3.connect(uri, uri=True)


def _fits(database: Path) -> bool:
    """Whether copies of the file and its log make a sound database together."""
    with TemporaryDirectory(prefix="kiertokylat-") as folder:
        copy = Path(folder) / "copy.sqlite"
        try:
            with closing(_without_log(database)) as file:
                copy.write_bytes(file.serialize())
            shutil.copyfile(name(database), name(copy))
            with closing(sqlite3.connect(copy)) as both:
                checks = [both.execute(f"PRAGMA {check}") for check in _CHECKS]
                return [check.fetchall() for check in checks] == [[("ok",)], []]
        except (sqlite3.Error, OSError):
            return False


def _of_log(log: Path) -> tuple[list[Mark], bool]:
    """Those of every first page in a log, oldest first, and whether any transaction has ended."""
    marks: list[Mark] = []
    committed = False
    try:
        with log.open("rb") as file:
            header = file.read(_LOG_HEADER.size)
            if len(header) < _LOG_HEADER.size:
                return [], False
            size, salt = _LOG_HEADER.unpack(header)
            while len(header := file.read(_PAGE_HEADER.size)) == _PAGE_HEADER.size:
                page, ended, of = _PAGE_HEADER.unpack(header)
                if of != salt:  # left of an earlier round
                    break
                following = file.tell() + size
                if page == 1 and len(head := file.read(_MARK.size)) == _MARK.size:
                    transactions, identity = _MARK.unpack(head)
                    marks.append(Mark(identity, transactions))
                committed = committed or ended > 0
                file.seek(following)
    except OSError:  # there is none, or SQLite shall tell why it can't be read
        return [], False
    return marks, committed
