"""Backup and restore, between both databases: every row of every table comes back."""

import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from kiertokylat.access import Actor
from kiertokylat.errors import AccessError, ConflictError, StoreError
from kiertokylat.room import Commitment, Post
from kiertokylat.store import Store, open_store
from kiertokylat.store.backup import backup, restore
from kiertokylat.store.rooms import Rooms
from tests.store.fault_tools import ROOT, everything
from tests.store.samples import EDITOR, OTHER, adding, companies, content, flows, renamed


def fill(store: Store) -> None:
    """Four versions: rows, a change, an undo of it, an erasure; and a workshop."""
    some = companies(a="Äänekosken Öljy\n'Oy'", b="B ♻️", c="C").assign(
        employees=[np.nan, 0.1 + 0.2, 5e-324],
        sole_trader=[True, False, False],
        contact=["Matti 040", "", ""],
    )
    store.apply(
        adding(some, flows(fa="a", fb="b", fc="c").assign(tonnes=[1 / 3, np.nan, 1e9])), EDITOR
    )
    store.apply(renamed(store.snapshot(), "b", "Toinen"), OTHER)
    store.apply(store.undo_plan(2), EDITOR)
    store.erase("c", EDITOR)
    rooms = Rooms(store)
    workshop = rooms.create("Työpaja ♻️", "Multia", ("495",), "2026-11-24", EDITOR)
    token = rooms.join(workshop.code)
    rooms.post(workshop.code, token, Post("out", "bark", "495", (0.1 + 0.2, 1, 2)))
    rooms.show(workshop.id, "A", EDITOR)
    rooms.vote(workshop.code, token, "A", "maybe")
    rooms.commit(Commitment("Soitto"), EDITOR)


def all_rows(address: str) -> dict[str, list[tuple]]:
    """Every row of every table; times as UTC, which SQLite keeps without saying so."""

    def same(value):
        if isinstance(value, datetime):
            return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
        return value

    found = everything(address)
    return {
        name: sorted((tuple(map(same, row)) for row in rows), key=repr)
        for name, rows in found.items()
    }


@pytest.fixture(params=["sqlite", "postgresql"])
def other(request, tmp_path) -> str:
    """Address of another empty database, of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/other.sqlite"
    server = request.getfixturevalue("server")
    return server.new_database(request.getfixturevalue("migrated"))


@pytest.fixture
def kept(tmp_path) -> Path:
    """A backup of `fill`."""
    address = f"sqlite:///{tmp_path}/source.sqlite"
    store = open_store(address)
    fill(store)
    store.close()
    path = tmp_path / "kept.sqlite"
    backup(address, path)
    return path


def refused(code: str, path: Path, address: str, **options) -> None:
    """A restore that fails and leaves the database as it was."""
    before = all_rows(address)
    with pytest.raises(StoreError) as caught:
        restore(path, address, EDITOR, **options)
    assert caught.value.code == code, str(caught.value)
    assert all_rows(address) == before


# --- there and back ---


def test_every_row_of_every_table_comes_back(store, address, other, tmp_path):
    fill(store)
    before = all_rows(address)
    # Versions 1 to 4; the erasure took what the history told of c and of its flow: of the first
    # batch a, b, fa, fb are left, of the second and the third b.
    assert {name: len(rows) for name, rows in before.items()} == {
        "batches": 4,
        "changes": 6,
        "companies": 2,
        "dataset": 1,
        "erased": 1,
        "flows": 2,
        **dict.fromkeys(("workshops", "participants", "posts", "votes", "commitments"), 1),
    }
    path = tmp_path / "kept.sqlite"
    backup(address, path)
    assert all_rows(f"sqlite:///{path}") == before

    assert restore(path, other, EDITOR) is None
    assert all_rows(other) == before
    assert all_rows(address) == before

    restored = open_store(other)
    assert restored.snapshot().companies.equals(store.snapshot().companies)
    assert restored.snapshot().flows.equals(store.snapshot().flows)
    assert restored.history().equals(store.history())
    # The next write gets the next version, and an old batch can still be taken back.
    assert restored.apply(restored.undo_plan(3), EDITOR) == 5
    assert restored.snapshot().companies["name"].tolist() == ["Äänekosken Öljy\n'Oy'", "Toinen"]
    assert restored.apply(adding(companies(d="D"), flows(fd="d")), EDITOR) == 6
    restored.close()


def test_a_backup_is_one_file_for_its_owner_only(store, address, tmp_path):
    fill(store)
    folder = tmp_path / "backups"
    folder.mkdir()
    backup(address, folder / "kept.sqlite")
    assert list(folder.iterdir()) == [folder / "kept.sqlite"]
    assert (folder / "kept.sqlite").stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(folder / "kept.sqlite")) as file:
        assert file.execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_a_backup_while_somebody_writes_is_of_one_moment(store, address, tmp_path):
    """Each write makes a company with its flow; a backup holds as many of both as of versions."""
    store.apply(adding(companies(seed="S"), flows(fseed="seed")), EDITOR)
    stop, failed = threading.Event(), []

    def write() -> None:
        number = 0
        try:
            while not stop.is_set():
                key = f"n{number}"
                store.apply(adding(companies(**{key: key}), flows(**{f"f{key}": key})), EDITOR)
                number += 1
        except StoreError as error:
            failed.append(error)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        versions = []
        for number in range(8):
            seen = store.version()
            while store.version() == seen and not failed:  # the writer is at work
                pass
            path = tmp_path / f"{number}.sqlite"
            backup(address, path)
            kept = all_rows(f"sqlite:///{path}")
            ((_, version),) = kept["dataset"]
            versions.append(version)
            counted = {name: len(kept[name]) for name in ("companies", "flows", "batches")}
            assert counted == {"companies": version, "flows": version, "batches": version}
            assert len(kept["changes"]) == 2 * version
    finally:
        stop.set()
        writer.join(60)
    assert failed == []
    assert versions == sorted(set(versions))
    # The store that was open all the while goes on.
    assert store.version() >= versions[-1]
    store.apply(adding(companies(last="L")), EDITOR)


# --- what is not written over ---


def test_a_backup_does_not_replace_a_file_unless_told(store, address, tmp_path):
    fill(store)
    path = tmp_path / "kept.sqlite"
    path.write_text("precious")
    with pytest.raises(StoreError) as caught:
        backup(address, path)
    assert caught.value.code == "backup_exists"
    assert path.read_text() == "precious"
    backup(address, path, force=True)
    assert all_rows(f"sqlite:///{path}") == all_rows(address)


@pytest.mark.parametrize("end", ["", "-wal", "-shm"])
def test_a_backup_never_replaces_its_database(tmp_path, end):
    address = f"sqlite:///{tmp_path}/live.sqlite"
    store = open_store(address)
    fill(store)
    before = all_rows(address)
    link = tmp_path / "link.sqlite"
    link.symlink_to(tmp_path / f"live.sqlite{end}")
    for path in (tmp_path / f"live.sqlite{end}", link):
        with pytest.raises(StoreError) as caught:
            backup(address, path, force=True)
        assert caught.value.code == "backup_is_database"
    store.close()
    assert all_rows(address) == before


def test_a_database_that_is_not_there_is_not_made(tmp_path):
    with pytest.raises(StoreError) as caught:
        backup(f"sqlite:///{tmp_path}/typo.sqlite", tmp_path / "kept.sqlite")
    assert caught.value.code == "no_database"
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_database_gives_no_backup(tmp_path):
    address = f"sqlite:///{tmp_path}/live.sqlite"
    store = open_store(address)
    fill(store)
    store.apply(adding(companies(**{f"n{number}": "N" * 500 for number in range(50)})), EDITOR)
    store.close()
    file = tmp_path / "live.sqlite"
    with closing(sqlite3.connect(file)) as driver:
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'ix_changes_company_id'"
        (page,) = driver.execute(query).fetchone()
        (size,) = driver.execute("PRAGMA page_size").fetchone()
    content_of = bytearray(file.read_bytes())
    content_of[(page - 1) * size + 8 : page * size] = bytes(size - 8)
    file.write_bytes(content_of)
    with pytest.raises(StoreError) as caught:
        backup(address, tmp_path / "kept.sqlite")
    assert caught.value.code == "damaged"
    assert [path for path in tmp_path.iterdir() if not path.name.startswith("live")] == []


def test_a_disk_that_takes_no_more_leaves_no_half_a_backup(kept, tmp_path):
    """A process that may write files of 40 kB only: enough to open the database, not to copy it."""
    folder = tmp_path / "backups"
    folder.mkdir()
    program = f"""
import resource
from kiertokylat.__main__ import main
resource.setrlimit(resource.RLIMIT_FSIZE, (40_960, 40_960))
raise SystemExit(main(["backup", {str(folder / "new.sqlite")!r},
                       "--database", "sqlite:///{tmp_path}/source.sqlite"]))
"""
    assert kept.stat().st_size > 40_960
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert str(folder / "new.sqlite") in done.stderr
    assert "vapaa tila" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(folder.iterdir()) == []


# --- restoring over data ---


def test_data_is_replaced_only_when_asked_and_then_kept(store, address, kept, tmp_path):
    for key in ("x", "y", "z", "u", "v", "w"):  # version 6, later than the backup's 4
        store.apply(adding(companies(**{key: key})), EDITOR)
    refused("holds_data", kept, address)
    before = all_rows(address)
    page = store.snapshot()

    aside = restore(kept, address, OTHER, replace=True)

    assert aside.parent == tmp_path
    assert aside.stat().st_mode & 0o777 == 0o600
    assert all_rows(f"sqlite:///{aside}") == before
    # All of the backup, and the batch that says so: after 6 and 4 comes 7, so that no page that
    # is open takes the restored data for what it has.
    now, then = all_rows(address), all_rows(f"sqlite:///{kept}")
    assert now["dataset"] == [(1, 7)]
    assert [row for row in now["batches"] if row not in then["batches"]] == [
        row for row in now["batches"] if row[0] == 7
    ]
    assert len(now["batches"]) == len(then["batches"]) + 1
    for name in ("companies", "flows", "changes"):
        assert now[name] == then[name]
    # The store was open all the while.
    assert store.version() == 7
    newest = store.history().iloc[0]
    assert (newest["batch"], newest["kind"], newest["who"]) == (7, "restore", OTHER.name)
    assert (newest["companies"], newest["flows"]) == (2, 2)
    assert "Toinen" not in newest["title"]
    with pytest.raises(ConflictError):  # an edit that was begun before
        store.apply(renamed(page, "x", "X"), EDITOR)
    assert store.apply(store.undo_plan(3), EDITOR) == 8
    assert store.apply(adding(companies(d="D")), EDITOR) == 9


def test_what_was_replaced_can_be_brought_back(store, address, kept):
    store.apply(adding(companies(x="X"), flows(fx="x")), EDITOR)
    before = content(store.snapshot())
    aside = restore(kept, address, EDITOR, replace=True)
    assert content(store.snapshot()) != before
    restore(aside, address, EDITOR, replace=True)
    assert content(store.snapshot()) == before
    # 1 ► 5, for the backup has reached 4 ► 6
    assert store.version() == 6


def test_an_edit_begun_before_another_databases_backup_came_is_a_conflict(
    store, address, other, tmp_path
):
    """Both have written the row in their version 2: its revision alone would tell nothing."""
    with closing(open_store(other)) as second:
        for one, name in ((store, "Tämän nimi"), (second, "Toisen nimi")):
            one.apply(adding(companies(a="Sama"), flows(fa="a")), EDITOR)
            one.apply(renamed(one.snapshot(), "a", name), EDITOR)
    backup(other, tmp_path / "toinen.sqlite")
    begun = renamed(store.snapshot(), "a", "Aloitettu ennen")
    restore(tmp_path / "toinen.sqlite", address, EDITOR, replace=True)
    with pytest.raises(ConflictError) as caught:
        store.apply(begun, EDITOR)
    assert caught.value.rows == (("companies", "a"),)
    assert store.snapshot().companies["name"].tolist() == ["Toisen nimi"]
    assert store.snapshot().companies["revision"].tolist() == [2]


def test_only_an_editor_restores(store, address, kept):
    with pytest.raises(AccessError):
        restore(kept, address, Actor("katsoja", "viewer"))
    assert store.version() == 0


# --- files that are no backup ---


def test_a_damaged_file_is_refused(store, address, kept, tmp_path):
    fill(store)
    before = content(store.snapshot())
    whole = kept.read_bytes()
    bad = tmp_path / "bad.sqlite"
    half = len(whole) // 2
    for damaged in (b"not a database" * 100, whole[:half], whole[:100], bytes(len(whole))):
        bad.write_bytes(damaged)
        refused("backup_damaged", bad, address, replace=True)
    with closing(sqlite3.connect(kept)) as file:
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'companies'"
        (page,) = file.execute(query).fetchone()
        (size,) = file.execute("PRAGMA page_size").fetchone()
    bad.write_bytes(whole[: (page - 1) * size] + b"\xff" * size + whole[page * size :])
    refused("backup_damaged", bad, address, replace=True)
    assert content(store.snapshot()) == before


def test_flows_without_their_company_are_refused(store, address, kept):
    with closing(sqlite3.connect(kept)) as file, file:
        file.execute("DELETE FROM companies WHERE id = 'a'")
    refused("backup_damaged", kept, address)
    assert store.version() == 0


def test_another_programs_file_is_refused(store, address, tmp_path):
    fill(store)
    before = content(store.snapshot())
    empty, foreign = tmp_path / "empty.sqlite", tmp_path / "foreign.sqlite"
    empty.touch()
    with closing(sqlite3.connect(foreign)) as file:
        file.execute("CREATE TABLE companies (id TEXT)")
    refused("no_backup", empty, address, replace=True)
    refused("no_backup", foreign, address, replace=True)
    assert content(store.snapshot()) == before


def test_a_newer_programs_backup_is_refused(store, address, kept):
    fill(store)
    with closing(sqlite3.connect(kept)) as file, file:
        file.execute("UPDATE kiertokylat_schema SET version_num = '999'")
    before = kept.read_bytes()
    refused("newer_version", kept, address, replace=True)
    with pytest.raises(StoreError, match=r"kept\.sqlite"):  # names the file, not its copy
        restore(kept, address, EDITOR, replace=True)
    assert kept.read_bytes() == before


def test_a_restore_that_fails_half_way_leaves_everything(store, address, kept):
    fill(store)
    with closing(sqlite3.connect(kept)) as file, file:
        file.execute("ALTER TABLE flows RENAME COLUMN note TO remark")
    refused("failed", kept, address, replace=True)
    assert store.apply(store.undo_plan(3), EDITOR) == 5
