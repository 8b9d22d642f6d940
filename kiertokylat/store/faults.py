"""What the drivers report, in words that tell people what to do.

The one place where an error of a driver becomes a `StoreError`.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import exc

from kiertokylat.errors import StoreError

# Primary result codes of SQLite (https://www.sqlite.org/rescode.html).
_SQLITE = {
    sqlite3.SQLITE_PERM: "read_only",
    sqlite3.SQLITE_BUSY: "busy",
    sqlite3.SQLITE_LOCKED: "busy",
    sqlite3.SQLITE_READONLY: "read_only",
    sqlite3.SQLITE_IOERR: "disk_error",
    sqlite3.SQLITE_CORRUPT: "damaged",
    sqlite3.SQLITE_FULL: "disk_full",
    sqlite3.SQLITE_CANTOPEN: "cannot_open",
    sqlite3.SQLITE_NOTADB: "damaged",
}
# Where there is no room for the file of shared memory that WAL needs.
_SQLITE_EXTENDED = {sqlite3.SQLITE_IOERR_SHMSIZE: "disk_full"}

# SQLSTATE codes of PostgreSQL, or their first letters
# (https://www.postgresql.org/docs/current/errcodes-appendix.html).
_POSTGRESQL = {
    "08": "connection_lost",
    "57P": "connection_lost",  # the server stops, or has crashed
    "55P03": "busy",  # lock_timeout has passed
    "40P01": "busy",  # deadlock
    "53100": "disk_full",
    "53300": "unreachable",  # too many connections
    "58030": "disk_error",
    "25006": "read_only",
    "42501": "read_only",  # no privilege
    "XX001": "damaged",
    "XX002": "damaged",
}


class UnreadableError(Exception):
    """A row is not what its columns and the program's own tables allow: the file is damaged."""


@contextmanager
def told(place: str, seconds: float) -> Iterator[None]:
    """Let errors of the drivers out as `StoreError` only.

    Parameters
    ----------
    place
        The database as it is shown to people, without a password.
    seconds
        How long a lock is waited for.
    """
    try:
        yield
    except (exc.SQLAlchemyError, sqlite3.Error, psycopg.Error, UnreadableError) as error:
        code = _code(error)
        # The driver's first line names the fault; SQL and values are nobody's business.
        cause = getattr(error, "orig", None) or error
        reason = next(iter(str(cause).splitlines()), "")
        raise StoreError(code, place=place, seconds=f"{seconds:g}", reason=reason) from error


def _code(error: Exception) -> str:
    """Key of the text that tells of an error."""
    if isinstance(error, exc.TimeoutError):  # every connection of the pool is in use
        return "busy"
    # One of the tables that hold one row holds none or many.
    if isinstance(error, UnreadableError | exc.NoResultFound | exc.MultipleResultsFound):
        return "damaged"
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, sqlite3.Error):
        return _sqlite_code(cause)
    if isinstance(cause, psycopg.Error):
        lost = isinstance(error, exc.DBAPIError) and error.connection_invalidated
        connecting = isinstance(error, exc.DBAPIError) and error.statement is None
        return _postgresql_code(cause, lost=lost, connecting=connecting)
    return "failed"


def _sqlite_code(error: sqlite3.Error) -> str:
    number = getattr(error, "sqlite_errorcode", None)
    if number is None:
        # The driver's own complaint: bytes in a text column that are no text.
        return "damaged" if "decode" in str(error) else "failed"
    return _SQLITE_EXTENDED.get(number) or _SQLITE.get(number & 0xFF, "failed")


def _postgresql_code(error: psycopg.Error, *, lost: bool, connecting: bool) -> str:
    state = error.sqlstate
    if state is not None:
        for length in (5, 3, 2):
            if state[:length] in _POSTGRESQL:
                return _POSTGRESQL[state[:length]]
    if lost:
        return "connection_lost"
    # A connection that was never made has no SQLSTATE: no such server, database or password.
    if isinstance(error, psycopg.OperationalError) and (connecting or state is None):
        return "unreachable"
    return "failed"
