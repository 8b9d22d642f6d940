"""Opening a database, and the two ways of working with it: reading and writing."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from sqlalchemy import URL, Connection, Engine, create_engine, event, exc, make_url, text

from kiertokylat.errors import StoreError
from kiertokylat.store import log
from kiertokylat.store.faults import told
from kiertokylat.store.file import DatabaseFile

# Option of a connection: the statement that begins its transactions on SQLite.
_BEGIN = "kiertokylat_begin"
# Any number that other programs on the same server don't use: it queues those who migrate.
_MIGRATION_LOCK = 7_312_046
_LOOK_AGAIN = 0.02  # seconds


@dataclass(frozen=True)
class Database:
    """A database that is open.

    Parameters
    ----------
    url
        Its whole address, with the password.
    engine
        Its pool of connections.
    seconds
        How long a lock is waited for.
    file
        That of SQLite; None on PostgreSQL.
    """

    url: URL
    engine: Engine
    seconds: float
    file: DatabaseFile | None

    @property
    def sqlite(self) -> bool:
        """Whether it is a SQLite file; else it is PostgreSQL."""
        return self.engine.dialect.name == "sqlite"

    @property
    def place(self) -> str:
        """The address as it is shown to people: no password, no options."""
        return shown(self.url)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one moment, however long it reads."""
        options: dict[str, Any] = {_BEGIN: "BEGIN"}
        if not self.sqlite:
            options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with self._transaction(options) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection whose changes are kept together at the end, or none on an error.

        On SQLite it is the only writer; on PostgreSQL the caller locks what writers queue for.
        """
        with self._transaction({_BEGIN: "BEGIN IMMEDIATE"}) as connection:
            if self.sqlite:
                log.count_on(connection.connection.driver_connection)
            yield connection
        if self.file:  # what was kept while the file went away may not be there next time
            self.file.stays("moved_meanwhile")

    @contextmanager
    def _transaction(self, options: dict[str, Any]) -> Iterator[Connection]:
        engine = self.engine.execution_options(**options)
        with told(self.place, self.seconds), engine.begin() as connection:
            # A writer's BEGIN opens the log, a reader's first statement does.
            self._stays(connection, log_open=options.get(_BEGIN) == "BEGIN IMMEDIATE")
            yield connection
            self._stays(connection)  # nothing is kept in a file that is no longer there

    def _stays(self, connection: Connection, *, log_open: bool = True) -> None:
        if self.file:
            self.file.stays()
            self.file.log_stays(connection.info, remember=log_open)

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        """As `writing`, and nobody else migrates meanwhile."""
        with self.writing() as connection:
            if not self.sqlite:
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"))
            yield connection

    def prepare(self) -> None:
        """Let readers and a writer of a SQLite file not wait for each other: WAL.

        Written into the file, hence not before it is known to be this program's.
        """
        if not self.sqlite:
            return
        until = time.monotonic() + self.seconds
        while True:
            try:
                self.outside_transactions("PRAGMA journal_mode = WAL")
            except StoreError as error:
                # Of those who do it at once, SQLite refuses all but one without waiting.
                if error.code != "busy" or time.monotonic() > until:
                    raise
                time.sleep(_LOOK_AGAIN)
            else:
                return

    def outside_transactions(self, *statements: str) -> list[tuple[Any, ...]]:
        """Run statements that no transaction may hold, such as VACUUM.

        Returns
        -------
        list of tuple
            The rows that the last one gives.
        """
        with told(self.place, self.seconds):
            connection = self.engine.raw_connection()
            try:
                if self.file:
                    self.file.stays()
                driver: Any = connection.driver_connection
                if not self.sqlite:
                    driver.autocommit = True
                for statement in statements:
                    cursor = driver.execute(statement)
                    found = cursor.fetchall() if cursor.description else []
                    cursor.close()
            finally:
                connection.invalidate()  # with whatever was set
        return found


def shown(url: URL) -> str:
    """An address without its password and options."""
    if url.get_backend_name() == "sqlite":
        return url.database or ""
    return url.set(drivername="postgresql", query={}).render_as_string(hide_password=True)


def connect(address: str, seconds: float) -> Database:
    """Open a database; nothing is made or changed in it yet.

    Parameters
    ----------
    address
        A SQLAlchemy URL of SQLite or PostgreSQL.
    seconds
        How long a lock is waited for.

    Raises
    ------
    StoreError
        `unknown_url`.
    """
    url = _parsed(address)
    file = None
    if url.get_backend_name() == "sqlite":
        engine = create_engine(
            url, hide_parameters=True, pool_timeout=seconds, connect_args={"timeout": seconds}
        )
        file = _file(url)
        event.listen(engine, "do_connect", _watched(file))
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        # pool_pre_ping: after a restart of the server, nobody meets the connections of before.
        waits = f"-c lock_timeout={max(1, round(seconds * 1000))} -c timezone=UTC"
        engine = create_engine(
            url,
            hide_parameters=True,
            pool_pre_ping=True,
            pool_timeout=seconds,
            connect_args={"connect_timeout": 10, "options": waits},
        )
    return Database(url, engine, seconds, file)


def _file(url: URL) -> DatabaseFile:
    """Where the file of a SQLite database is; an address `file:…` says itself how it is opened."""
    place = url.database or ""
    if place.startswith("file:"):
        return DatabaseFile(Path(url2pathname(urlsplit(place).path)).absolute(), make=False)
    return DatabaseFile(Path(place).absolute(), make=True)


def _watched(file: DatabaseFile) -> Callable[..., Any]:
    """A listener that opens the file of SQLite as `DatabaseFile` asks."""

    def connect(dialect: Any, _: object, arguments: Sequence[Any], options: dict[str, Any]) -> Any:
        return file.connected(lambda: dialect.connect(*arguments, **options))

    return connect


def _parsed(address: str) -> URL:
    scheme = address.split(":", 1)[0]
    if scheme in ("postgres", "postgresql"):
        address = address.replace(scheme, "postgresql+psycopg", 1)
    try:
        url = make_url(address)
    except (exc.ArgumentError, ValueError) as error:
        raise StoreError("unknown_url", scheme=scheme) from error
    # A database in memory would be another one for each thread.
    in_memory = url.drivername == "sqlite" and (
        not url.database or ":memory:" in url.database or url.query.get("mode") == "memory"
    )
    if url.drivername not in ("sqlite", "postgresql+psycopg") or in_memory:
        raise StoreError("unknown_url", scheme=scheme)
    return url


def _prepare_sqlite(driver: Any, _: object) -> None:
    # Transactions are begun by hand (`_begin_sqlite`), not by the driver's guess.
    driver.isolation_level = None
    for pragma in (
        "synchronous = FULL",  # what was said to be saved survives a power cut
        "foreign_keys = ON",
        "secure_delete = ON",  # what is deleted is overwritten
        "cell_size_check = ON",  # a damaged page is noticed before it does harm
        "wal_autocheckpoint = 1",  # the file itself holds nearly everything, not its log
    ):
        driver.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get(_BEGIN, "BEGIN"))
