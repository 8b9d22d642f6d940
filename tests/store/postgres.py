"""A real PostgreSQL server of the tests' own, apart from any that the machine runs."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.find_postgres import MISSING, programs, server_address

PASSWORD = "koe-salasana"  # noqa: S105
# Nothing has to survive a power cut.
FAST = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "shared_buffers=64MB")


class Server:
    """A server in which every test gets a database of its own.

    `process` is None where somebody else runs it.
    """

    def __init__(self, address: str, process: subprocess.Popen | None = None) -> None:
        self.address = address
        self.process = process
        self.made: list[str] = []

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.address, autocommit=True) as connection:
            connection.execute(statement)

    def new_database(self, template: str = "template1") -> str:
        """Address of a new database."""
        name = f"koe_{uuid.uuid4().hex}"
        self.execute(f'CREATE DATABASE {name} TEMPLATE "{template}"')
        self.made.append(name)
        return self.of(name)

    def of(self, name: str) -> str:
        """Address of a database."""
        before, _, options = self.address.partition("?")
        return f"{before.rpartition('/')[0]}/{name}" + (f"?{options}" if options else "")

    def drop(self) -> None:
        """Remove the databases of this server's tests."""
        for name in self.made:
            self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        self.made.clear()


@contextmanager
def running() -> Iterator[Server]:
    """A server: the one that is named, else a new one that ends with the block."""
    named = server_address()
    if named:
        server = Server(named)
        try:
            yield server
        finally:
            server.drop()
        return
    with cluster() as home, serving(home) as server:
        yield server


def _fastest_place() -> Path | None:
    """A file system in memory with room for the databases; None: where temporary files are."""
    memory = Path("/dev/shm")  # noqa: S108
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 2 * 2**30
    return memory if roomy and os.access(memory, os.W_OK) else None


@contextmanager
def cluster(*, on_disk: bool = False) -> Iterator[Path]:
    """Folder of a new, empty cluster of databases, removed at the end."""
    folder = programs()
    assert folder is not None, MISSING
    home = Path(tempfile.mkdtemp(prefix="kiertokylat-", dir=None if on_disk else _fastest_place()))
    try:
        secret = home / "password"
        secret.write_text(PASSWORD)
        who = _unprivileged(home, secret)
        command = [folder / "initdb", "-D", home / "data", "-U", "koe", "-A", "scram-sha-256"]
        made = subprocess.run(
            [*command, "--pwfile", secret, "-E", "UTF8", "--locale=C", "--no-sync"],
            cwd=home,
            capture_output=True,
            text=True,
            check=False,
            **who,
        )
        assert made.returncode == 0, made.stderr
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def serving(home: Path, settings: tuple[str, ...] = FAST) -> Iterator[Server]:
    """The server of a cluster, from now until the block ends."""
    folder, log = programs(), home / "log.txt"
    everywhere = ("listen_addresses=", f"unix_socket_directories={home}")
    options = [part for setting in (*everywhere, *settings) for part in ("-c", setting)]
    with log.open("a") as output:
        process = subprocess.Popen(
            [folder / "postgres", "-D", home / "data", *options],
            cwd=home,
            stdout=output,
            stderr=output,
            **_unprivileged(),
        )
        try:
            server = Server(f"postgresql://koe:{PASSWORD}@/postgres?host={home}", process)
            _wait(server, log)
            yield server
        finally:
            process.send_signal(signal.SIGQUIT)  # at once: nothing of it is needed any more
            process.wait(30)


def _unprivileged(*paths: Path) -> dict:
    """How to run a program as somebody else: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    import pwd

    names = {entry.pw_name for entry in pwd.getpwall()}
    user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    for path in paths:
        os.chown(path, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _wait(server: Server, log: Path) -> None:
    for _ in range(300):
        assert server.process is not None
        assert server.process.poll() is None, log.read_text()
        try:
            server.execute("SELECT 1")
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(log.read_text())
