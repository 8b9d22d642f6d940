"""Faults that befall the store on both databases: each is the real thing, none loses a row.

Faults of the SQLite file are in `test_faults_file.py`, those of a PostgreSQL server in
`test_faults_server.py`.
"""

import signal
import threading
from contextlib import ExitStack

import pytest

from kiertokylat.errors import ConflictError
from kiertokylat.store import open_store
from tests.store.fault_tools import (
    EDITOR,
    WHAT_TO_DO,
    adding,
    at_statement,
    child,
    edit,
    everything,
    file_of,
    mixed,
    told,
    unchanged,
)

STATEMENTS = ("DELETE FROM", "INSERT INTO companies", "INSERT INTO changes", "COMMIT")


@pytest.fixture
def filled(store, address) -> dict[str, list[tuple]]:
    """Every row of a database with 40 companies, 80 flows and an edit."""
    store.apply(adding(40), EDITOR)
    store.apply(edit(store, "yritys-7", "Uusi nimi Oy"), EDITOR)
    return everything(address)


@pytest.mark.parametrize("statement", STATEMENTS)
def test_an_import_that_is_killed_leaves_everything_as_it_was(address, filled, statement):
    with child("import_until", address, statement) as process:
        if address.startswith("sqlite") and statement == "COMMIT":
            # Half of the import is on the disk already, as it is when a machine loses power.
            assert file_of(f"{address}-wal").stat().st_size > 1_000_000
        process.send_signal(signal.SIGKILL)
        assert process.wait(30) == -signal.SIGKILL
    unchanged(address, filled)


@pytest.mark.parametrize("tenths", range(3))
def test_an_import_killed_at_any_moment_is_whole_or_not_there(address, filled, tenths, store):
    with child("import_until", address, "COMMIT") as process:
        process.stdin.close()  # go on, and be killed within the commit, more or less
        threading.Event().wait(tenths / 25)
        process.kill()
        process.wait(30)
    after = everything(address)
    if after["dataset"] == [(1, 3)]:
        assert len(after["companies"]) == 36 + 2000  # a tenth of 40 went
        assert len(after["flows"]) == 2 * len(after["companies"])
        # Every one of the 40 and the 2000, and the flows of each.
        assert len(after["changes"]) == len(filled["changes"]) + 3 * 2040
    else:
        assert after == filled
    unchanged(address, after)


def test_a_database_that_somebody_else_keeps_locked_is_busy(address, filled):
    store = open_store(address, seconds=0.3)
    plan = mixed(store)
    with child("hold_lock", address) as other:
        with told("busy"):
            store.apply(plan, EDITOR)
        with told("busy"):
            store.erase("yritys-7", EDITOR)
        assert store.version() == 2  # reading goes on meanwhile
        assert len(store.snapshot().flows) == 80
        assert everything(address) == filled
        other.communicate(timeout=30)
    assert store.apply(plan, EDITOR) == 3  # the same plan, now that the lock is gone
    store.close()


def test_the_busy_text_names_the_seconds_that_were_waited(address, filled):
    store = open_store(address, seconds=0.3)
    with (
        child("hold_lock", address),
        pytest.raises(Exception, match=r"varattuna yli 0\.3 sekuntia\. Mitään ei tallennettu"),
    ):
        store.apply(adding(1, "uusi"), EDITOR)
    store.close()


def test_of_many_threads_that_edit_one_row_one_wins(address, store, filled):
    plans = [edit(store, "yritys-0", f"Nimi {number} Oy") for number in range(8)]
    start = threading.Barrier(len(plans))
    outcomes: list[object] = [None] * len(plans)

    def write(number: int) -> None:
        start.wait()
        try:
            outcomes[number] = store.apply(plans[number], EDITOR)
        except ConflictError as error:
            outcomes[number] = error

    threads = [threading.Thread(target=write, args=(number,)) for number in range(len(plans))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    losers = [outcome for outcome in outcomes if isinstance(outcome, ConflictError)]
    assert len(losers) == 7
    assert all(loser.rows == (("companies", "yritys-0"),) for loser in losers)
    assert all(WHAT_TO_DO["conflict"] in str(loser) for loser in losers)
    winner = outcomes.index(3)
    _only_renamed(address, filled, f"Nimi {winner} Oy")


def test_of_two_processes_that_edit_one_row_one_wins(address, filled):
    names = ["Nimi A Oy", "Nimi B Oy"]
    with ExitStack() as stack:
        both = [stack.enter_context(child("rename", address, name)) for name in names]
        for process in both:
            process.stdin.close()
        said = [process.stdout.read().strip() for process in both]
    assert sorted(said) == ["3", "conflict"]
    _only_renamed(address, filled, names[said.index("3")])


def test_many_who_open_a_new_database_at_once_make_it_once(server, tmp_path):
    for address in (f"sqlite:///{tmp_path}/new.sqlite", server.new_database()):
        start, opened = threading.Barrier(6), []

        def begin(address=address, start=start, opened=opened) -> None:
            start.wait()
            store = open_store(address)
            opened.append(store.version())
            store.close()

        threads = [threading.Thread(target=begin) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert opened == [0] * 6
        unchanged(address, everything(address))


def _only_renamed(address, before, name) -> None:
    after = everything(address)
    assert after["flows"] == before["flows"]
    assert len(set(after["batches"]) - set(before["batches"])) == 1
    assert len(set(after["changes"]) - set(before["changes"])) == 1
    assert len(after["companies"]) == len(before["companies"])
    (changed,) = set(after["companies"]) - set(before["companies"])
    assert changed[:2] == ("yritys-0", name)


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_fault_of_the_program_itself_leaves_everything_as_it_was(
    address, store, filled, statement
):
    def fail() -> None:
        raise RuntimeError("vika")

    at_statement(store, statement, fail)
    with pytest.raises(RuntimeError):
        store.apply(mixed(store), EDITOR)
    assert store.apply(mixed(store), EDITOR) == 3  # its connection is fit for the next
    store.close()
    after = everything(address)
    assert len(after["companies"]) == 36 + 2000
    assert set(filled["batches"]) < set(after["batches"])
