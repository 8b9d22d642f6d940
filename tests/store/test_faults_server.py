"""Faults of a PostgreSQL server: a lost connection, a stop, a crash, a full disk, no server.

Servers that are stopped or filled are the tests' own, apart from the one that other tests share.
"""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kiertokylat.store import Store, open_store
from tests.store.fault_tools import (
    EDITOR,
    adding,
    at_statement,
    edit,
    everything,
    fill_disk,
    mixed,
    told,
    unchanged,
)
from tests.store.postgres import Server, cluster, serving

# As a server of the real world: what it says is saved outlives it. Only a power cut would harm it.
SAFE = ("fsync=off", "full_page_writes=off")
STATEMENTS = ("DELETE FROM", "INSERT INTO flows", "INSERT INTO batches", "COMMIT")


@pytest.fixture
def address(server, migrated) -> str:
    """Address of an empty database, of PostgreSQL alone."""
    return server.new_database(migrated)


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A cluster whose server may be stopped."""
    with cluster() as made:
        yield made


def filled(address: str) -> dict[str, list[tuple]]:
    """Every row of a database that gets 40 companies, 80 flows and an edit."""
    store = open_store(address)
    store.apply(adding(40), EDITOR)
    store.apply(edit(store, "yritys-7", "Uusi nimi Oy"), EDITOR)
    store.close()
    return everything(address)


def cut_connections(server: Server, address: str) -> None:
    name = address.partition("?")[0].rpartition("/")[2]
    others = f"FROM pg_stat_activity WHERE datname = '{name}'"
    server.execute(f"SELECT pg_terminate_backend(pid) {others}")


def stop(server: Server, how: signal.Signals) -> None:
    server.process.send_signal(how)
    server.process.wait(30)


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_connection_that_is_cut_in_the_middle(server, address, store, statement):
    before = filled(address)
    plan = mixed(store)
    at_statement(store, statement, lambda: cut_connections(server, address))
    with told("connection_lost"):
        store.apply(plan, EDITOR)
    assert everything(address) == before
    assert store.apply(plan, EDITOR) == 3  # the same store and plan, by a new connection
    assert set(before["changes"]) < set(everything(address)["changes"])


def test_a_connection_that_is_cut_between_two_calls_is_made_anew(server, address, store):
    before = filled(address)
    assert store.version() == 2
    cut_connections(server, address)
    assert store.version() == 2
    cut_connections(server, address)
    assert store.apply(edit(store, "yritys-1", "Toinen Oy"), EDITOR) == 3
    after = everything(address)
    assert after["flows"] == before["flows"]
    assert len(after["changes"]) == len(before["changes"]) + 1


def test_a_server_that_is_started_again_between_two_calls(home):
    with serving(home, SAFE) as server:
        address = server.new_database()
        before = filled(address)
        store = open_store(address)
        plan = mixed(store)
        stop(server, signal.SIGINT)
    with told("unreachable"):
        store.version()
    with told("unreachable"):
        store.apply(plan, EDITOR)
    with told("unreachable"):
        open_store(address)
    with serving(home, SAFE):
        assert store.version() == 2
        assert everything(address) == before
        assert store.apply(plan, EDITOR) == 3
        store.close()
        unchanged(address, everything(address))


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["stops", "crashes"])
@pytest.mark.parametrize("statement", ["INSERT INTO changes", "COMMIT"])
def test_a_server_that_ends_in_the_middle_of_an_import(home, how, statement):
    with serving(home, SAFE) as server:
        address = server.new_database()
        before = filled(address)
        store = open_store(address)

        at_statement(store, statement, lambda: stop(server, how))
        plan = mixed(store)
        with told("connection_lost"):
            store.apply(plan, EDITOR)
    with serving(home, SAFE):
        assert everything(address) == before
        assert store.apply(plan, EDITOR) == 3
        store.close()
        unchanged(address, everything(address))


def test_a_full_disk(home):
    """A database on a small file system of its own; root mounts it where it may."""
    small = home / "small"
    small.mkdir()
    with _mounted(small), serving(home, SAFE) as server:
        server.execute(f"CREATE TABLESPACE small LOCATION '{small}'")
        server.execute("CREATE DATABASE small TABLESPACE small")
        address = server.of("small")
        before = filled(address)
        store = open_store(address)
        plan = mixed(store)
        fill_disk(small, left=500_000)
        with told("disk_full"):
            store.apply(plan, EDITOR)
        assert everything(address) == before
        (small / "filler").unlink()
        assert store.apply(plan, EDITOR) == 3  # the same plan, now that there is room
        store.close()
        unchanged(address, everything(address))
        server.execute("DROP DATABASE small")
        server.execute("DROP TABLESPACE small")


@contextmanager
def _mounted(folder: Path) -> Iterator[None]:
    command = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", folder]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no full disk of PostgreSQL tested: nobody may mount one here ({done.stderr})")
    try:
        if os.geteuid() == 0:
            owner = folder.parent.stat()
            os.chown(folder, owner.st_uid, owner.st_gid)
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.mark.parametrize(
    "changed",
    [
        lambda address: address.replace("host=", "host=/tmp/ei-ole/"),
        lambda _: "postgresql://koe:salainen@127.0.0.1:1/koe",
        lambda address: address.replace("koe-salasana", "vaara"),
        lambda address: address.replace("/koe_", "/puuttuu_"),
    ],
    ids=["no socket", "nobody listens", "wrong password", "no such database"],
)
def test_no_server_there(address, changed):
    wrong = changed(address)
    assert wrong != address
    with told("unreachable"):
        open_store(wrong)
    with pytest.raises(Exception, match="ei saada yhteyttä") as caught:
        open_store(wrong)
    for secret in ("salainen", "koe-salasana", "vaara"):
        assert secret not in str(caught.value)


def test_a_user_that_may_only_read(server, address):
    before = filled(address)
    _, _, host = address.partition("?")
    name = address.partition("?")[0].rpartition("/")[2]
    server.execute(f"CREATE ROLE lukija_{name} LOGIN PASSWORD 'luku'")
    reader = f"postgresql://lukija_{name}:luku@/{name}?{host}"
    with told("read_only"):
        open_store(reader)
    own = Server(address)
    own.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO lukija_{name}")
    store = open_store(reader)
    assert len(store.snapshot().companies) == 40
    with told("read_only"):
        store.apply(adding(1, "luvaton"), EDITOR)
    store.close()
    own.execute(f"DROP OWNED BY lukija_{name}")
    server.execute(f"DROP ROLE lukija_{name}")
    assert everything(address) == before


def test_a_database_of_a_newer_program_is_left_alone(address):
    filled(address)
    own = Server(address)
    own.execute("UPDATE kiertokylat_schema SET version_num = '99'")
    before = everything(address)
    with told("newer_version"):
        open_store(address)
    assert everything(address) == before


@pytest.fixture
def store(address) -> Iterator[Store]:
    opened = open_store(address)
    yield opened
    opened.close()
