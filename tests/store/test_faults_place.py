"""The SQLite file goes away under an open store, is replaced, or is empty; all with real files."""

import os
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from kiertokylat.errors import StoreError
from kiertokylat.store import Store, open_store
from kiertokylat.store.backup import backup, restore
from tests.store.fault_tools import (
    EDITOR,
    ROOT,
    adding,
    at_statement,
    child,
    edit,
    everything,
    told,
)


@pytest.fixture
def store(file):
    with closing(open_store(f"sqlite:///{file}")) as opened:
        opened.version()
        yield opened


def move(path: Path) -> None:
    path.rename(path.with_name("siirretty.sqlite"))


def delete(path: Path) -> None:
    path.unlink()


def replace(path: Path) -> None:
    """As `mv other.sqlite kiertokylat.sqlite` does."""
    other = path.with_name("toinen.sqlite")
    with closing(open_store(f"sqlite:///{other}")) as made:
        made.apply(adding(1, "toinen"), EDITOR)
    other.replace(path)


ways = pytest.mark.parametrize("away", [move, delete, replace])


def texts(folder: Path) -> bytes:
    """Everything in every file of a folder."""
    return b"".join(found.read_bytes() for found in folder.iterdir() if found.is_file())


@ways
def test_nothing_is_said_to_be_saved_in_a_file_that_went_away(file, store, away):
    plan = edit(store, "yritys-0", "Kadonnut Oy")
    away(file)
    with told("moved"):
        store.apply(plan, EDITOR)
    for read in (store.version, store.snapshot, store.history):
        with told("moved"):
            read()
    with told("moved"):
        store.erase("yritys-1", EDITOR)
    assert b"Kadonnut Oy" not in texts(file.parent)
    # No new file in its place; what was put there is as it was.
    if away is replace:
        with closing(open_store(f"sqlite:///{file}")) as other:
            assert other.snapshot().companies["id"].tolist() == ["toinen-0"]
    else:
        assert not file.exists()


def test_a_file_that_is_put_back_is_used_again(file, store):
    move(file)
    with told("moved"):
        store.version()
    file.with_name("siirretty.sqlite").rename(file)
    assert store.apply(edit(store, "yritys-0", "Palannut Oy"), EDITOR) == 2
    store.close()
    with closing(open_store(f"sqlite:///{file}")) as again:
        assert "Palannut Oy" in again.snapshot().companies["name"].tolist()


@ways
@pytest.mark.parametrize(
    ("statement", "code"),
    [("INSERT INTO batches", "moved"), ("COMMIT", "moved_meanwhile")],
)
def test_a_file_that_goes_away_inside_the_transaction(file, store, away, statement, code):
    plan = edit(store, "yritys-0", "Kesken Oy")
    at_statement(store, statement, lambda: away(file))
    with told(code):
        store.apply(plan, EDITOR)
    with told("moved"):
        store.version()
    assert file.exists() == (away is replace), "nothing is made in its place"


@ways
def test_no_thread_writes_after_it_went_away(file, store, away):
    """Eight threads write; each save that was told is in the file that was there then."""
    saved: list[int] = []
    faults: list[str] = []
    ready, gone = threading.Barrier(9), threading.Event()

    def write(number: int) -> None:
        ready.wait()
        for turn in range(200):
            late = gone.is_set()
            try:
                saved.append(store.apply(adding(1, f"w{number}-{turn}"), EDITOR))
            except StoreError as error:
                faults.append(error.code)
                return
            assert not late, "saved after the file was gone"

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    ready.wait()
    while len(saved) < 20:
        gone.wait(0.01)
    kept = file.with_name("talteen.sqlite")
    os.link(file, kept)
    away(file)
    gone.set()
    for thread in threads:
        thread.join(60)
    assert set(faults) <= {"moved", "moved_meanwhile"}
    assert len(faults) == 8
    assert sorted(saved) == list(range(2, 2 + len(saved)))
    store.close()
    # SQLite leaves the log of a file that went away where it was: its latest changes are there.
    file.with_name(f"{file.name}-wal").rename(kept.with_name(f"{kept.name}-wal"))
    with closing(open_store(f"sqlite:///{kept}")) as found:
        # One more may be there: kept while the file went away, and not told as saved.
        assert found.version() - max(saved) in {0, 1}, (found.version(), max(saved), faults)


def test_a_link_that_points_to_another_file(file, tmp_path):
    link = tmp_path / "linkki.sqlite"
    link.symlink_to(file)
    other = tmp_path / "muu.sqlite"
    shutil.copy(file, other)
    with closing(open_store(f"sqlite:///{link}")) as store:
        assert store.version() == 1
        link.unlink()
        link.symlink_to(other)
        with told("moved"):
            store.version()


def test_a_restore_while_the_app_is_open_is_seen_by_it(file, store, tmp_path):
    """It writes rows; the file stays the same one."""
    address = f"sqlite:///{file}"
    backup(address, tmp_path / "kopio.sqlite")
    store.apply(edit(store, "yritys-0", "Uudempi Oy"), EDITOR)
    restore(tmp_path / "kopio.sqlite", address, EDITOR, replace=True)
    assert "Uudempi Oy" not in store.snapshot().companies["name"].tolist()
    backup(address, tmp_path / "kopio.sqlite", force=True)
    assert store.version() == 3


def test_an_address_that_says_how_the_file_is_opened(file):
    with closing(open_store(f"sqlite:///file:{file}?mode=rw&uri=true")) as store:
        assert store.version() == 1
        delete(file)
        with told("moved"):
            store.version()


def test_what_was_saved_last_is_not_dropped_with_a_new_file(file):
    """Killed, then only the file itself is taken away: its log holds what was saved last."""
    address = f"sqlite:///{file}"
    with child("hold_lock", address) as process:
        with closing(open_store(address)) as store:
            version = store.version()
        process.send_signal(signal.SIGKILL)
        process.wait()
    log = file.with_name(f"{file.name}-wal")
    log.write_bytes(b"the log")
    aside = file.with_name("aside.sqlite")
    file.rename(aside)
    with told("log_left"):
        open_store(address)
    with told("log_left"):
        backup(address, file.with_name("kopio.sqlite"))
    assert log.read_bytes() == b"the log"
    assert not file.exists()
    log.unlink()
    aside.rename(file)
    with closing(open_store(address)) as store:
        assert store.version() == version


@pytest.mark.parametrize("put_back", [True, False])
def test_the_log_goes_away_while_the_file_stays(file, store, put_back):
    store.apply(edit(store, "yritys-0", "Ensimmäinen Oy"), EDITOR)
    plan = edit(store, "yritys-1", "Toinen Oy")
    log = file.with_name(f"{file.name}-wal")
    aside = file.with_name("aside")
    log.rename(aside)
    with told("log_gone"):
        store.version()
    with told("log_gone"):
        store.apply(plan, EDITOR)
    if put_back:
        aside.rename(log)
        assert store.apply(plan, EDITOR) == 3
        return
    aside.unlink()
    store.close()  # the last connection writes what it has read of the log into the file
    with closing(open_store(f"sqlite:///{file}")) as again:
        assert again.version() == 2


def test_a_store_that_was_closed_opens_its_log_anew(store):
    for number in range(3):
        store.apply(edit(store, "yritys-0", f"Nimi {number} Oy"), EDITOR)
        store.close()
    assert store.version() == 4


# --- an empty file ---


def test_a_file_that_is_emptied_while_it_is_open(file, store):
    plan = edit(store, "yritys-0", "Uusi Oy")
    file.write_bytes(b"")
    with told("empty_file"):
        store.version()
    with pytest.raises(StoreError) as caught:
        store.apply(plan, EDITOR)
    assert caught.value.code in {"empty_file", "damaged"}  # whoever looks first: we or SQLite
    assert file.read_bytes() == b""


def test_an_empty_file_is_no_new_database(tmp_path):
    path = tmp_path / "kiertokylat.sqlite"
    path.touch()
    with told("empty_file"):
        open_store(f"sqlite:///{path}")
    assert path.read_bytes() == b""
    assert [found.name for found in tmp_path.iterdir()] == [path.name]
    path.unlink()
    with closing(open_store(f"sqlite:///{path}")) as store:
        assert store.version() == 0


def test_many_processes_start_with_a_new_file_at_once(tmp_path):
    """None takes the file that another is just making for an empty one."""
    path = tmp_path / "kiertokylat.sqlite"
    script = (
        "import sys; from kiertokylat.store import open_store\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "print(open_store(sys.argv[1]).version())"
    )
    command = [sys.executable, "-c", script, f"sqlite:///{path}"]
    pipe = subprocess.PIPE
    started = [
        subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
        for _ in range(4)
    ]
    try:
        for process in started:
            assert process.stdout.readline() == "ready\n"
        for process in started:
            process.stdin.write("\n")
            process.stdin.flush()
        ends = [process.communicate(timeout=60) for process in started]
    finally:
        for process in started:
            process.kill()
    assert ends == [("0\n", "")] * 4
    assert path.stat().st_mode & 0o777 == 0o600
    assert everything(f"sqlite:///{path}")["dataset"] == [(1, 0)]


def test_threads_that_open_a_new_file_at_once(tmp_path):
    address = f"sqlite:///{tmp_path}/kiertokylat.sqlite"
    opened: list[Store] = []
    threads = [
        threading.Thread(target=lambda: opened.append(open_store(address))) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [store.version() for store in opened] == [0] * 6
    for store in opened:
        store.close()
