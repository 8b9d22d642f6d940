"""The file of a SQLite database: made for its owner only, and watched so that it stays the same.

SQLite goes on writing to a file that was moved, deleted or replaced under it, and calls it saved
(https://www.sqlite.org/howtocorrupt.html, "Unlinking or renaming a database file while in use").
"""

import os
import sqlite3
import stat
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from kiertokylat.errors import StoreError
from kiertokylat.store import log

# Between making a new file and filling it lies one call of the system; between looking at the log
# and at the file, others may go on writing. Seconds.
_MAKING = 1.0
_LOOK_AGAIN = 0.02


class DatabaseFile:
    """The file as it was when it was opened first. Many threads may use one.

    Parameters
    ----------
    path
        Where it is, or shall be.
    make
        Whether a missing file is made here; else the driver does as the address says.
    """

    def __init__(self, path: Path, *, make: bool) -> None:
        self.path = path
        self._log = log.name(path)
        self._make = make
        self._opened: tuple[int, int] | None = None
        self._filled = False

    def connected(self, connect: Callable[[], Any]) -> Any:
        """What `connect` opens, if it is this file.

        Raises
        ------
        StoreError
            `moved`. At the first opening: `empty_file`: nothing is in it, so that it is what a full
            disk or a broken copy left. `log_left`: the file is gone, but its latest changes lie
            beside it, which would be lost with a new one. `log_of_other`: what lies beside it are
            the changes of another database.
        """
        if self._opened is None:
            self._look()
        before = self._now()
        driver = connect()
        opened = self._now()
        if opened is None or before not in (None, opened) or self._opened not in (None, opened):
            driver.close()
            raise StoreError("moved", place=self.path)
        self._opened = opened
        return driver

    def stays(self, code: str = "moved") -> None:
        """Stop where the file is no longer the one that was opened.

        Raises
        ------
        StoreError
            With this code. `empty_file`: somebody has emptied it.
        """
        found = _status(self.path)
        if self._opened != _identity(found):
            raise StoreError(code, place=self.path)
        if found and found.st_size:
            self._filled = True
        elif self._filled:
            raise StoreError("empty_file", place=self.path)

    def log_stays(self, seen: dict[str, Any], *, remember: bool) -> None:
        """Stop where the log (`-wal`) is no longer the one that a connection uses.

        SQLite deletes it when the last connection closes, never before.

        Parameters
        ----------
        seen
            Kept with the connection.
        remember
            Whether the connection has its log open by now.

        Raises
        ------
        StoreError
            `log_gone`.
        """
        now = _identity(_status(self._log))
        if seen.get("log", now) != now:
            raise StoreError("log_gone", place=self.path, log=self._log)
        if remember and now:
            seen["log"] = now

    def _now(self) -> tuple[int, int] | None:
        return _identity(_status(self.path))

    def _look(self) -> None:
        """Make a missing file, and refuse what would be taken for a new one or mixed up."""
        if not _status(self.path):
            left = _status(self._log)
            if left and left.st_size:
                raise StoreError("log_left", place=self.path, log=self._log)
            if self._make:
                _make(self.path)
        until = time.monotonic() + _MAKING
        while code := self._unready():
            if time.monotonic() > until:
                raise StoreError(code, place=self.path, log=self._log)
            time.sleep(_LOOK_AGAIN)  # another process may be making it, or writing to it

    def _unready(self) -> str:
        """Why the file can't be opened now; empty if it can."""
        found = _status(self.path)
        if not found or not stat.S_ISREG(found.st_mode):  # the driver tells
            return ""
        if not found.st_size:
            return "empty_file"
        return "" if log.belongs(self.path) else "log_of_other"


def _status(path: Path) -> os.stat_result | None:
    """What the system tells of a file; None where it tells nothing."""
    try:
        return path.stat()
    except OSError:
        return None


def _identity(found: os.stat_result | None) -> tuple[int, int] | None:
    """Which file it is, on every system that Python knows; None if there is none."""
    return (found.st_dev, found.st_ino) if found else None


def _make(path: Path) -> None:
    """Make a database without tables that only its owner reads, as it will hold contacts.

    SQLite gives the files beside it (`-wal`, `-shm`) the same mode. It is filled at once, so that
    a file without content is never taken for a new one. What can't be made is told by the driver,
    which opens it next.
    """
    with closing(sqlite3.connect(":memory:")) as nothing:
        log.identify(nothing)  # writes the first page
        content = nothing.serialize()
    new = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with suppress(OSError):
        made = os.open(path, new, 0o600)
        try:
            with os.fdopen(made, "wb", buffering=0) as file:
                file.write(content)
        except OSError:
            path.unlink()
            raise
