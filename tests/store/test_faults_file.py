"""Faults of the SQLite file: a full disk, damage, another program's file, no right to write.

SQLite has no checksums: a byte that changes inside a text stays unnoticed. What is tested is that a
broken structure is, and that whatever can't be read is told, with the file left as it is.
"""

import hashlib
import itertools
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import event

from kiertokylat.errors import ConflictError, StoreError
from kiertokylat.store import open_store
from tests.store.fault_tools import (
    EDITOR,
    ROOT,
    WHAT_TO_DO,
    adding,
    child,
    edit,
    everything,
    mixed,
    told,
    unchanged,
)

PAGE = 4096


@pytest.fixture(scope="module")
def good(tmp_path_factory) -> bytes:
    """A file with 40 companies, 80 flows and an edit."""
    path = tmp_path_factory.mktemp("good") / "good.sqlite"
    store = open_store(f"sqlite:///{path}")
    store.apply(adding(40), EDITOR)
    store.apply(edit(store, "yritys-7", "Uusi nimi Oy"), EDITOR)
    store.close()
    return path.read_bytes()


@pytest.fixture
def file(tmp_path, good) -> Path:
    path = tmp_path / "kiertokylat.sqlite"
    path.write_bytes(good)
    return path


def address_of(path: Path) -> str:
    return f"sqlite:///{path}"


def noise(length: int, seed: int = 0) -> bytes:
    return hashlib.shake_256(bytes([seed])).digest(length)


def folder_of(path: Path) -> dict[str, bytes]:
    """Every file beside this one, by name."""
    return {found.name: found.read_bytes() for found in path.parent.iterdir() if found.is_file()}


# --- a full disk ---


ON_A_FULL_DISK = """
import sys
from pathlib import Path
from kiertokylat.store import open_store
from tests.store.fault_tools import EDITOR, everything, fill_disk, mixed, told, unchanged

folder = Path(sys.argv[1])
address = f"sqlite:///{folder}/kiertokylat.sqlite"
before = everything(address)
store = open_store(address)
plan = mixed(store)
for left in (200_000, 0):
    fill_disk(folder, left)
    with told("disk_full"):
        store.apply(plan, EDITOR)
    (folder / "filler").unlink()
    assert everything(address) == before
assert store.apply(plan, EDITOR) == 3  # the same plan, now that there is room
store.close()
unchanged(address, everything(address))
print("whole")
"""


def test_a_full_disk(file):
    """A real file system of 32 MB. Where nobody may mount one, the next tests still run."""
    before = everything(address_of(file))
    small = file.parent / "small"
    small.mkdir()
    script = (
        'mount -t tmpfs -o size=32m tmpfs "$2" || exit 77; cp "$1" "$2" && exec "$3" -c "$4" "$2"'
    )
    # A mount of this process alone; it goes when the process ends, however it ends.
    own = ["unshare", "--mount"] + ([] if os.geteuid() == 0 else ["--user", "--map-root-user"])
    if shutil.which("unshare") is None:
        pytest.skip("no full disk tested: this system has no unshare")
    done = subprocess.run(
        [*own, "sh", "-c", script, "sh", file, small, sys.executable, ON_A_FULL_DISK],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 77 or done.stderr.startswith("unshare"):
        pytest.skip(f"no full disk tested: nobody may mount one here ({done.stderr.strip()})")
    assert done.stdout == "whole\n", done.stderr
    assert everything(address_of(file)) == before


def test_a_database_that_may_not_grow_is_told_as_a_full_disk(file):
    """SQLite's own limit of pages gives the error of a full disk on every machine."""
    address = address_of(file)
    before = everything(address)
    store = open_store(address)
    plan = mixed(store)
    store.close()

    @event.listens_for(store._database.engine, "connect")
    def limit(driver, _) -> None:
        driver.execute(f"PRAGMA max_page_count = {file.stat().st_size // PAGE + 20}")

    with told("disk_full"):
        store.apply(plan, EDITOR)
    assert everything(address) == before
    store.close()
    unchanged(address, before)
    free = open_store(address)
    assert free.apply(mixed(free), EDITOR) == 4
    free.close()


@pytest.mark.parametrize("kilobytes", [1, 200, 900])
def test_a_file_that_the_system_stops_from_growing(file, kilobytes):
    """The system's limit for one file: writing fails in the middle of the log."""
    address = address_of(file)
    before = everything(address)
    with child("write_little", address, str(kilobytes * 1000)) as process:
        said, errors = process.communicate(timeout=60)
    code, text = said.splitlines()
    assert code in {"disk_full", "disk_error"}, errors
    assert WHAT_TO_DO[code] in text
    unchanged(address, before)


# --- damage ---


@pytest.mark.parametrize(
    "content",
    [b"hei", "Tämä on tekstiä.\n".encode() * 500, b"PK\x03\x04" + bytes(9000), bytes(9000)],
    ids=["short", "text", "zip", "zeros"],
)
def test_a_file_that_is_no_database(tmp_path, content):
    path = tmp_path / "kiertokylat.sqlite"
    path.write_bytes(content)
    with told("damaged"):
        open_store(address_of(path))
    assert folder_of(path) == {path.name: content}


@pytest.mark.parametrize("length", [100, PAGE, 5 * PAGE, 13 * PAGE + 1000, -PAGE])
def test_a_truncated_file(file, good, length):
    file.write_bytes(good[:length])
    with told("damaged"):
        open_store(address_of(file))
    assert folder_of(file) == {file.name: good[:length]}


def test_every_page_that_is_overwritten_is_noticed_or_not_needed(file, good):
    """Zeros, noise, letters, or another page of the file in place of each page in turn."""
    address, noticed = address_of(file), 0
    rows = everything(address)
    store = open_store(address)
    plan, snapshot = edit(store, "yritys-3", "Kolmas Oy"), store.snapshot()
    store.close()
    count = len(good) // PAGE
    for page, kind in itertools.product(range(count), range(4)):
        other = PAGE * ((page + 3) % count)
        fills = (bytes(PAGE), noise(PAGE, page), b"x" * PAGE, good[other : other + PAGE])
        damaged = good[: page * PAGE] + fills[kind] + good[(page + 1) * PAGE :]
        for left in file.parent.glob(f"{file.name}-*"):
            left.unlink()
        file.write_bytes(damaged)
        try:
            store = open_store(address)
        except StoreError as error:
            noticed += _is_told(error)
            assert folder_of(file) == {file.name: damaged}
            continue
        try:
            found = store.snapshot()
            assert found.companies.equals(snapshot.companies)
            assert found.flows.equals(snapshot.flows)
            store.history(row="yritys-7")
            store.changes(1)
            store.apply(plan, EDITOR)
        except ConflictError:  # an index in the place of another hides the row: nothing is written
            noticed += 1
            store.close()
            assert file.read_bytes() == damaged
        except StoreError as error:
            noticed += _is_told(error)
            store.close()
            assert file.read_bytes() == damaged
        else:
            store.close()  # the page was an index that nobody asked, or free
    assert noticed > 2 * count  # the other pages are those of tables and indexes not asked here
    file.write_bytes(good)
    unchanged(address, rows)


def _is_told(error: StoreError) -> bool:
    assert error.code == "damaged", str(error)
    assert WHAT_TO_DO["damaged"] in str(error)
    return True


def test_a_damaged_log_keeps_what_was_saved_before_it(file, good):
    """A log (-wal) of noise, as after a fault of the disk: what the file itself holds stays."""
    rows = everything(address_of(file))
    file.with_name(f"{file.name}-wal").write_bytes(noise(50 * PAGE))
    assert everything(address_of(file)) == rows
    unchanged(address_of(file), rows)


# --- not for this program ---


@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_a_database_of_a_newer_program_is_left_alone(file, journal):
    with sqlite3.connect(file) as newer:
        newer.execute("UPDATE kiertokylat_schema SET version_num = '99'")
        newer.execute("CREATE TABLE of_tomorrow (a)")
    newer.execute(f"PRAGMA journal_mode = {journal}")
    newer.close()
    before = folder_of(file)
    with told("newer_version"):
        open_store(address_of(file))
    assert folder_of(file) == before


def test_a_database_of_another_program_is_left_alone(tmp_path):
    path = tmp_path / "kirjanpito.sqlite"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE companies (a)")
        other.execute("INSERT INTO companies VALUES ('Toisen ohjelman rivi')")
    other.close()
    before = folder_of(path)
    with told("not_ours"):
        open_store(address_of(path))
    assert folder_of(path) == before


# --- no right to write ---


def test_a_folder_in_place_of_a_file(tmp_path):
    with told("cannot_open"):
        open_store(address_of(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there(tmp_path):
    with told("cannot_open"):
        open_store(address_of(tmp_path / "puuttuu" / "kiertokylat.sqlite"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", ["file", "folder", "new"])
def test_no_right_to_write(good, place, tmp_path_factory):
    """As somebody whom rights bind: root, who may do anything, becomes nobody first."""
    root = os.geteuid() == 0
    folder = tmp_path_factory.mktemp("rights")
    ours = [above for above in (folder, *folder.parents) if "pytest" in str(above)]
    for above in ours if root else ():
        above.chmod(0o755)  # pytest's folders are for their owner alone
    path = folder / "kiertokylat.sqlite"
    if place != "new":
        path.write_bytes(good)
        path.chmod(0o444)
    folder.chmod(0o777 if place == "file" else 0o555)
    before = path.read_bytes() if place != "new" else None
    try:
        with child("write_as_nobody", address_of(path), "65534" if root else "") as process:
            said, errors = process.communicate(timeout=60)
        assert len(said.splitlines()) == 2, errors
        code, text = said.splitlines()
        assert code == ("cannot_open" if place == "new" else "read_only"), text
        assert WHAT_TO_DO[code] in text
        assert (path.read_bytes() if path.exists() else None) == before
    finally:
        folder.chmod(0o755)
