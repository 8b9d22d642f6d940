"""A log of SQLite is used with its own database only; all with real files and processes."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from kiertokylat.store import log, open_store
from kiertokylat.store.backup import backup, restore
from kiertokylat.store.log import Mark
from tests.store.fault_tools import EDITOR, ROOT, adding, child, edit, everything, told

ENDS = ("", "-wal", "-shm")


def at(path: Path, end: str) -> Path:
    return path.with_name(f"{path.name}{end}")


def bytes_of(path: Path) -> dict[str, bytes]:
    """The content of a database and its log; the log's index says who reads it just now."""
    return {end: at(path, end).read_bytes() for end in ENDS[:2]}


@pytest.fixture
def held(file):
    """The database while a process has it open; its last change is in its log."""
    with closing(open_store(f"sqlite:///{file}")) as store:
        store.apply(edit(store, "yritys-0", "Viimeinen Oy"), EDITOR)
        assert at(file, "-wal").stat().st_size > 0
        yield store


def other_database(path: Path, into: Path) -> None:
    with closing(open_store(f"sqlite:///{into}")) as other:
        other.apply(adding(2, "toinen"), EDITOR)


def own_backup(path: Path, into: Path) -> None:
    backup(f"sqlite:///{path}", into)


def own_older_copy(path: Path, into: Path) -> None:
    """What somebody has copied by hand two changes ago."""
    with closing(sqlite3.connect(into)) as copy, closing(sqlite3.connect(path)) as source:
        source.backup(copy)
        copy.execute("DELETE FROM changes")
        found = copy.execute("PRAGMA user_version").fetchone()[0]
        copy.execute(f"PRAGMA user_version = {found - 2}")
        copy.commit()


def no_database(path: Path, into: Path) -> None:
    into.write_bytes(b"tulipalo ja muita tapahtumia " * 400)


replacements = pytest.mark.parametrize(
    "made", [other_database, own_backup, own_older_copy, no_database]
)


@replacements
@pytest.mark.parametrize("command", ["history", "import", "backup", "undo"])
def test_a_new_process_refuses_a_file_beside_the_log_of_another(file, held, made, command):
    new, aside = file.with_name("uusi.sqlite"), file.with_name("vanha.sqlite")
    made(file, new)
    before = everything(f"sqlite:///{file}")
    file.rename(aside)
    new.rename(file)
    as_put = bytes_of(file)
    table = file.with_name("lista.csv")
    table.write_text("yritys;kunta\nKoe Oy;Keuruu\n")
    more = {"import": [str(table), "--yes"], "undo": ["1"], "backup": [str(file.with_name("k"))]}
    asked = [command, *more.get(command, []), "--database", f"sqlite:///{file}"]
    ended = subprocess.run(
        [sys.executable, "-m", "kiertokylat", *asked],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode != 0
    assert "toisen tietokannan muutoksia" in ended.stderr
    assert "Mihinkään ei koskettu" in ended.stderr
    assert bytes_of(file) == as_put
    # With the old file back, all that was said to be saved is there, also for those who begin.
    file.unlink()
    aside.rename(file)
    assert held.version() == 2
    assert everything(f"sqlite:///{file}") == before
    with closing(open_store(f"sqlite:///{file}")) as again:
        assert "Viimeinen Oy" in again.snapshot().companies["name"].tolist()


@pytest.mark.parametrize("reader", [False, True])
def test_files_that_are_copied_together_belong_together(file, held, reader, tmp_path):
    """As a machine that lost its power leaves them, with what is in the file and what is not."""
    copy = tmp_path / "muualla" / "toinen-nimi.sqlite"
    copy.parent.mkdir()
    if reader:  # while it reads, nothing of what is written goes from the log into the file
        with held._database.reading() as connection:
            held_at = everything(f"sqlite:///{file}")["dataset"]
            assert connection.exec_driver_sql("SELECT version FROM dataset").scalar_one() == 2
            held.apply(adding(2, "lokissa"), EDITOR)
            for end in ENDS[:2]:
                shutil.copy(at(file, end), at(copy, end))
        assert held_at == [(1, 2)]
        assert log._of_file(copy).transactions < log._of_log(at(copy, "-wal"))[0][-1].transactions
    else:
        for end in ENDS[:2]:
            shutil.copy(at(file, end), at(copy, end))
    assert log.belongs(copy)
    with closing(open_store(f"sqlite:///{copy}")) as opened:
        assert opened.version() == held.version() == 2 + reader
        assert everything(f"sqlite:///{copy}") == everything(f"sqlite:///{file}")


def test_what_the_marks_are(tmp_path):
    """A new file is at 0; making the tables and each of two changes count one."""
    path = tmp_path / "kiertokylat.sqlite"
    with closing(open_store(f"sqlite:///{path}")) as store:
        identity = log._of_file(path).identity
        assert identity > 0
        with store._database.reading() as connection:  # keeps the log from being begun anew
            connection.exec_driver_sql("SELECT 1 FROM dataset").all()
            store.apply(adding(1), EDITOR)
            store.apply(edit(store, "yritys-0", "Toinen Oy"), EDITOR)
            marks, _ = log._of_log(at(path, "-wal"))
        assert marks[-2:] == [Mark(identity, 2), Mark(identity, 3)]
    # The last to close it writes all into the file.
    assert not at(path, "-wal").exists()
    assert log._of_file(path) == Mark(identity, 3)
    backup(f"sqlite:///{path}", tmp_path / "kopio.sqlite")
    copied = log._of_file(tmp_path / "kopio.sqlite")
    assert copied.transactions == 3
    assert copied.identity != identity, "the log of a database is not that of its backup"


def test_the_file_itself_holds_what_was_saved(file, held):
    """Also while the app runs: who copies the file alone, loses little."""
    held.apply(adding(40, "tuotu"), EDITOR)
    alone = file.with_name("yksin.sqlite")
    shutil.copy(file, alone)
    assert everything(f"sqlite:///{alone}") == everything(f"sqlite:///{file}")
    assert held.version() == 3


def test_nobody_is_refused_while_others_write(file):
    """Eight processes' worth of openings, beside two writers who let the log begin anew."""
    address = f"sqlite:///{file}"
    faults: list[Exception] = []
    ended = threading.Event()

    def write(number: int) -> None:
        with closing(open_store(address)) as store:
            turn = 0
            while not ended.is_set():
                store.apply(adding(1, f"w{number}-{turn}"), EDITOR)
                turn += 1

    def look() -> None:
        try:
            for _ in range(40):
                with closing(open_store(address)) as store:
                    assert store.version() >= 1
        except Exception as error:  # noqa: BLE001 - every one is shown
            faults.append(error)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(2)]
    lookers = [threading.Thread(target=look) for _ in range(4)]
    for thread in writers + lookers:
        thread.start()
    for thread in lookers:
        thread.join(120)
    ended.set()
    for thread in writers:
        thread.join(120)
    assert faults == []


def test_a_backup_beside_the_log_of_another_is_not_restored(file, held, tmp_path):
    """Else the restored rows would be those of the log."""
    kept = tmp_path / "kopio.sqlite"
    backup(f"sqlite:///{file}", kept)
    held.apply(edit(held, "yritys-1", "Uudempi Oy"), EDITOR)
    shutil.copy(at(file, "-wal"), at(kept, "-wal"))
    as_put = bytes_of(kept)
    with told("log_of_other"):
        restore(kept, f"sqlite:///{tmp_path}/uusi.sqlite", EDITOR)
    assert bytes_of(kept) == as_put
    assert not (tmp_path / "uusi.sqlite").exists()


def test_an_emptied_file_leaves_its_log_to_be_kept(file):
    """Killed, and only then emptied: opening it doesn't touch the log, and the text tells of it."""
    address = f"sqlite:///{file}"
    with child("hold_lock", address) as process:
        with closing(open_store(address)) as store:
            assert store.version() == 1
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    shutil.copy(file, at(file, "-wal"))  # whatever it holds
    file.write_bytes(b"")
    before = bytes_of(file)
    with told("empty_file"):
        open_store(address)
    assert bytes_of(file) == before


def test_a_log_that_says_nothing_is_left_to_sqlite(file):
    for content in (b"", b"x", bytes(32), bytes(5000)):
        at(file, "-wal").write_bytes(content)
        with closing(open_store(f"sqlite:///{file}")) as store:
            assert store.version() == 1


@pytest.fixture
def of_the_same_size(file) -> Path:
    """Another database, whose file is as long as that of the first."""
    path = file.with_name("sama.sqlite")
    with closing(open_store(f"sqlite:///{path}")) as other:
        other.apply(adding(3, "toinen"), EDITOR)
    assert path.stat().st_size == file.stat().st_size
    return path


def test_the_log_of_another_program_alone_goes_with_its_own_file(file, of_the_same_size):
    """It doesn't say of which database it is; but with the other one it makes no sound one."""
    this = file.with_name("tämä.sqlite")
    with closing(sqlite3.connect(file, isolation_level=None)) as program:
        program.execute("UPDATE companies SET name = 'Muualla muutettu Oy'")
        assert log._of_log(at(file, "-wal")) == ([], True)
        file.rename(this)
        of_the_same_size.rename(file)
        as_put = bytes_of(file)
        with told("log_of_other"):
            open_store(f"sqlite:///{file}")
        assert bytes_of(file) == as_put
        this.rename(file)
        with closing(open_store(f"sqlite:///{file}")) as store:
            assert set(store.snapshot().companies["name"]) == {"Muualla muutettu Oy"}
            assert store.apply(adding(1, "lisä"), EDITOR) == 2


def test_another_program_may_write_while_the_app_is_open(file, held):
    """It need not, as no history tells of it; but nobody is locked out."""
    with closing(sqlite3.connect(file)) as program:
        program.execute("UPDATE companies SET employees = 7")
        program.commit()
    assert log._of_log(at(file, "-wal"))[0] == [], "the log began anew"
    with closing(open_store(f"sqlite:///{file}")) as again:
        assert set(again.snapshot().companies["employees"]) == {7}
    backup(f"sqlite:///{file}", file.with_name("kopio.sqlite"))
    assert held.apply(adding(1, "lisä"), EDITOR) == 3
