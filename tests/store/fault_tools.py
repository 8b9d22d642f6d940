"""What the tests of faults share: rows, every row of a database, and processes that can be killed.

    python -m tests.store.fault_tools ACTION ADDRESS ARGUMENT

is a process of its own with a real store: it says `inside` and waits where the action says.
"""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import NullPool, create_engine, event, make_url, select

from kiertokylat.access import Actor
from kiertokylat.changes import Changes, Plan, no_companies, no_flows
from kiertokylat.errors import ConflictError, StoreError
from kiertokylat.store import Store, open_store
from kiertokylat.store.schema import metadata
from kiertokylat.store.write import locked_version

EDITOR = Actor("muokkaaja@example.org", "editor")
ROOT = Path(__file__).resolve().parents[2]

# What each text tells people to do, in Finnish.
WHAT_TO_DO = {
    "conflict": "Lataa sivu uudelleen ja tee muutos uudestaan.",
    "busy": "Yritä hetken kuluttua uudelleen",
    "disk_full": "Vapauta tilaa ja yritä uudelleen.",
    "disk_error": "Tarkista levy ja sen vapaa tila",
    "damaged": "Siirrä tiedosto talteen ja palauta viimeisin varmuuskopio.",
    "newer_version": "Päivitä ohjelma tai palauta vanhempi varmuuskopio.",
    "not_ours": "Anna tyhjä tietokanta.",
    "moved": "Palauta sama tiedosto paikalleen.",
    "moved_meanwhile": "katso historiasta, tallentuiko muutos",
    "log_gone": "Jos se on siirretty, palauta se paikalleen.",
    "empty_file": "kopioi se talteen ennen muuta",
    "log_left": "Palauta tiedosto paikalleen.",
    "log_of_other": "palauta vanha tiedosto paikalleen",
    "cannot_open": "Tarkista, että kansio on olemassa ja että siihen saa kirjoittaa.",
    "read_only": "Tarkista tiedoston ja kansion oikeudet",
    "connection_lost": "Lataa sivu uudelleen ja katso historiasta, ehtikö se tallentua",
    "unreachable": "Tarkista, että palvelin on käynnissä ja että osoite",
}


@contextmanager
def told(code: str) -> Iterator[None]:
    """The block fails with this fault, whose Finnish text says what to do."""
    with pytest.raises(StoreError) as caught:
        yield
    assert caught.value.code == code, str(caught.value)
    assert WHAT_TO_DO[code] in str(caught.value)
    assert "Traceback" not in str(caught.value)
    assert "SELECT" not in str(caught.value)
    assert "INSERT" not in str(caught.value)


def companies(count: int, prefix: str = "yritys", **columns: object) -> pd.DataFrame:
    """New companies `prefix-0`, `prefix-1` ..."""
    return pd.DataFrame(
        {
            "id": [f"{prefix}-{number}" for number in range(count)],
            "name": [f"Koe {number} Öljy & Ääni Oy" for number in range(count)],
            "business_id": "",
            "nace": "16100",
            "nace_edition": "2008",
            "municipality": "179",
            "employees": np.where(np.arange(count) % 3, np.arange(count) / 7, np.nan),
            "x": 430_000.0 + np.arange(count) / 3,
            "y": 6_900_000.0,
            "precision": "exact",
            "source": "koe",
            "status": "active",
            "corrected": "",
            "revision": 0,
            "sole_trader": False,
            "contact": "",
        }
    ).assign(**columns)


def flows(owners: pd.DataFrame) -> pd.DataFrame:
    """Two flows of each company."""
    ids = [f"{owner}/{number}" for owner in owners["id"] for number in range(2)]
    return pd.DataFrame(
        {
            "id": ids,
            "company_id": owners["id"].repeat(2).tolist(),
            "direction": "out",
            "ewc": "030105",
            "material": "puru",
            "tonnes_low": 1.0,
            "tonnes": 1.0 + np.arange(len(ids)) / 3,
            "tonnes_high": np.nan,
            "continuity": "continuous",
            "basis": "reported",
            "source": "koe",
            "note": "",
            "status": "active",
            "corrected": "",
            "revision": 0,
        }
    )


def adding(count: int, prefix: str = "yritys", **columns: object) -> Plan:
    """An import of new companies with two flows each."""
    new = companies(count, prefix, **columns)
    return Plan("import", prefix, Changes(no_companies(), new), Changes(no_flows(), flows(new)))


def mixed(store: Store) -> Plan:
    """An import that touches all that is stored: removes a tenth, changes the rest, adds as much.

    What it adds are thousands of rows, so that a transaction of SQLite reaches the disk early.
    """
    now = store.snapshot()
    gone = now.companies["id"].iloc[::10]
    stays = now.companies[~now.companies["id"].isin(gone)]
    flows_stay = now.flows[~now.flows["company_id"].isin(gone)]
    new = companies(2000, "uusi", contact="Ääkköset pysyvät. " * 10)
    return Plan(
        "import",
        "sekä että",
        Changes(now.companies, pd.concat([stays.assign(name="Toinen nimi Oy"), new])),
        Changes(now.flows, pd.concat([flows_stay.assign(tonnes=2.5, tonnes_high=3), flows(new)])),
    )


def edit(store: Store, row: str, name: str) -> Plan:
    """Another name for one company."""
    now = store.snapshot().companies
    before = now[now["id"] == row]
    after = before.assign(name=name, corrected="name")
    return Plan("edit", row, Changes(before, after), Changes(no_flows(), no_flows()))


def everything(address: str) -> dict[str, list[tuple]]:
    """Every row of every table, read past the store; a SQLite file is checked whole first."""
    engine = create_engine(
        make_url(address.replace("postgresql://", "postgresql+psycopg://")), poolclass=NullPool
    )
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalars().all() == ["ok"]
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        found = {
            table.name: [tuple(row) for row in connection.execute(select(table)).all()]
            for table in metadata.sorted_tables
        }
    return {name: sorted(rows, key=repr) for name, rows in found.items()}


def unchanged(address: str, before: dict[str, list[tuple]]) -> None:
    """Nothing is lost and nothing half-written, and the next import works."""
    assert everything(address) == before
    store = open_store(address)
    try:
        version = store.version()
        plan = adding(3, f"jälkeen{version}")
        assert store.apply(plan, EDITOR) == version + 1
        after = everything(address)
    finally:
        store.close()
    for name, more in {"companies": 3, "flows": 6, "changes": 9, "batches": 1}.items():
        assert set(before[name]) < set(after[name])
        assert len(after[name]) == len(before[name]) + more
    assert after["dataset"] == [(1, version + 1)]


def file_of(address: str) -> Path:
    return Path(address.removeprefix("sqlite:///"))


def fill_disk(folder: Path, left: int) -> None:
    """Leave so many bytes of a file system, with a file `filler`."""
    space = os.statvfs(folder)
    size = space.f_bavail * space.f_frsize - left
    with (folder / "filler").open("wb") as filler:
        for _ in range(0, size, 100_000):
            filler.write(bytes(min(100_000, size - filler.tell())))


def wait_here() -> None:
    """Say so, and wait until the other end of the pipe closes."""
    print("inside", flush=True)
    sys.stdin.read()


def at_statement(store: Store, start: str, act) -> None:
    """Act once, inside the transaction, before the statement that begins so; or before COMMIT."""
    engine, left = store._database.engine, [act]

    def before_statement(connection, cursor, statement, *_) -> None:
        if statement.startswith(start) and left:
            left.pop()()

    def before_commit(connection) -> None:
        if start == "COMMIT" and left and connection.info.pop("wrote", False):
            left.pop()()

    def mark(connection, cursor, statement, *_) -> None:
        if statement.startswith("INSERT INTO batches"):
            connection.info["wrote"] = True

    event.listen(engine, "before_cursor_execute", before_statement)
    event.listen(engine, "after_cursor_execute", mark)
    event.listen(engine, "commit", before_commit)


@contextmanager
def child(action: str, address: str, argument: str = "", **options) -> Iterator[subprocess.Popen]:
    """A process that is inside the action; closing its input lets it go on."""
    command = [sys.executable, "-m", "tests.store.fault_tools", action, address, argument]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe, text=True, **options
    ) as process:
        try:
            said = process.stdout.readline()
            assert said == "inside\n", process.communicate()
            yield process
        finally:
            process.kill()


def _import_until(address: str, statement: str) -> None:
    store = open_store(address)
    at_statement(store, statement, wait_here)
    store.apply(mixed(store), EDITOR)


def _hold_lock(address: str, _: str) -> None:
    store = open_store(address)
    with store._database.writing() as connection:
        locked_version(connection)
        wait_here()


def _rename(address: str, name: str) -> None:
    """One of two editors: looks, waits for the other, writes, and says what came of it."""
    store = open_store(address)
    plan = edit(store, "yritys-0", name)
    wait_here()
    try:
        print(store.apply(plan, EDITOR))
    except ConflictError as error:
        print(error.code)


def _write_as_nobody(address: str, user: str) -> None:
    """Open and write, by somebody whom the rights of files bind; prints the fault."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:  # all modules are loaded while they may be read
        open_store(f"sqlite:///{folder}/x.sqlite").close()
    if user:
        os.setgroups([])
        os.setgid(int(user))
        os.setuid(int(user))
    wait_here()
    try:
        open_store(address).apply(adding(1, "luvaton"), EDITOR)
    except StoreError as error:
        print(error.code, str(error), sep="\n")


def _write_little(address: str, limit: str) -> None:
    """Import while no file of this process may grow over a limit (bytes); prints the fault."""
    import resource

    store = open_store(address)
    plan = mixed(store)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), resource.RLIM_INFINITY))
    wait_here()
    try:
        store.apply(plan, EDITOR)
    except StoreError as error:
        print(error.code, str(error), sep="\n")


ACTIONS = {
    "import_until": _import_until,
    "hold_lock": _hold_lock,
    "rename": _rename,
    "write_as_nobody": _write_as_nobody,
    "write_little": _write_little,
}

if __name__ == "__main__":
    assert sqlite3.threadsafety
    ACTIONS[sys.argv[1]](*sys.argv[2:])
