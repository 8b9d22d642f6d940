"""Erasing a company: from the data, the history and the disk."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from kiertokylat.access import Actor
from kiertokylat.erasures import fingerprint
from kiertokylat.errors import AccessError, ConflictError, StoreError
from kiertokylat.store import open_store
from kiertokylat.store.backup import backup, restore
from kiertokylat.store.schema import erased, metadata
from tests.store.samples import EDITOR, OTHER, adding, companies, flows, renamed, towards

NAME = "Salaisen Toiminimi"


@pytest.fixture
def filled(store):
    """A company that has had three names, a flow that moved to it and one that moved away."""
    store.apply(adding(companies(a=f"{NAME} 1", b="B"), flows(f="a", g="b", h="a", i="b")), EDITOR)
    store.apply(renamed(store.snapshot(), "a", f"{NAME} 2"), EDITOR)
    now = store.snapshot()
    moved = flows(f="a", g="a", h="b", i="b").assign(note=[NAME, NAME, "", ""])
    store.apply(towards(now, now.companies, moved), EDITOR)
    return store


def everything(store):
    """All text of all tables."""
    with store._read() as connection:
        return "\n".join(
            str(tuple(row))
            for table in metadata.sorted_tables
            for row in connection.execute(table.select())
        )


def test_nothing_of_an_erased_company_is_left(filled):
    assert NAME in everything(filled)
    assert filled.erase("a", OTHER) == 4
    assert NAME not in everything(filled)
    snapshot = filled.snapshot()
    assert snapshot.version == 4
    assert snapshot.companies["id"].tolist() == ["b"]
    assert snapshot.flows["id"].tolist() == ["h", "i"]
    for gone in ("a", "f", "g"):
        assert filled.history(row=gone).empty


def test_the_history_says_that_it_was_done_in_counts_only(filled):
    filled.erase("a", OTHER)
    last = filled.history().iloc[0]
    assert (last["kind"], last["who"], last["companies"], last["flows"]) == (
        "erase",
        OTHER.name,
        1,
        2,
    )
    assert last["title"] == "Poistettu pysyvästi: yrityksiä 1, virtoja 2"
    assert all(part.empty for part in filled.changes(4))
    with pytest.raises(StoreError) as caught:
        filled.undo_plan(4)
    assert caught.value.code == "no_undo"


def test_other_companies_keep_their_history(filled):
    filled.erase("a", OTHER)
    made, made_flows = filled.changes(1)
    assert made.after["id"].tolist() == ["b"]
    assert made_flows.after["id"].tolist() == ["i"]  # h was the company's once
    assert filled.history(row="b")["batch"].tolist() == [1]


@pytest.mark.parametrize("address", ["sqlite"], indirect=True)  # a server's files are not ours
def test_the_files_on_the_disk_no_longer_hold_it(filled):
    def disk():
        files = Path(filled.url).parent.glob(Path(filled.url).name + "*")
        return b"".join(file.read_bytes() for file in files)

    assert NAME.encode() in disk()
    filled.erase("a", OTHER)
    assert NAME.encode() not in disk()


def test_a_company_that_was_removed_before_is_erased_from_the_history(filled):
    now = filled.snapshot()
    rest = now.flows[now.flows["company_id"] == "b"]
    filled.apply(towards(now, now.companies[now.companies["id"] == "b"], rest), EDITOR)
    assert NAME in everything(filled)
    assert filled.erase("a", OTHER) == 5
    assert NAME not in everything(filled)
    assert filled.history()["companies"].tolist()[0] == 0


def test_what_nobody_knows_is_not_erased(filled):
    with pytest.raises(StoreError) as caught:
        filled.erase("zz", OTHER)
    assert caught.value.code == "nothing_to_erase"
    assert filled.version() == 3


def test_an_editor_who_still_sees_it_cannot_write_it_back(filled):
    seen = filled.snapshot()
    filled.erase("a", OTHER)
    with pytest.raises(ConflictError):
        filled.apply(renamed(seen, "a", NAME), EDITOR)
    assert NAME not in everything(filled)


def test_text_that_looks_like_sql_is_only_an_id(filled):
    with pytest.raises(StoreError):
        filled.erase("a' OR '1'='1", OTHER)
    with filled._read() as connection:
        assert connection.execute(text("SELECT count(*) FROM companies")).scalar_one() == 2


# --- what is remembered of it ---

NUMBER, LATER = "0112038-9", "0116754-4"


def remembered(store):
    with store._read() as connection:
        return [tuple(row) for row in connection.execute(erased.select())]


def test_fingerprints_stay_without_any_id(store):
    store.apply(adding(companies(a=NAME, b="B").assign(business_id=[NUMBER, ""])), EDITOR)
    now = store.snapshot()
    store.apply(towards(now, now.companies.assign(business_id=[LATER, ""]), now.flows), EDITOR)
    store.erase("a", OTHER)
    ((company, business_ids, salt, date),) = remembered(store)
    assert company == fingerprint(salt, "company", "a")
    # The business id that it had before, too.
    assert set(business_ids.split()) == {
        fingerprint(salt, "business_id", one) for one in (NUMBER, LATER)
    }
    assert len(bytes.fromhex(salt)) == 32
    assert date == f"{datetime.now(UTC).astimezone():%Y-%m-%d}"
    assert not {NUMBER, LATER, NAME} & set(everything(store).replace("'", " ").split())
    store.erase("b", OTHER)
    first, second = remembered(store)
    assert first[2] == second[2] == salt  # one salt a database
    (other,) = {erasure.salt for erasure in store.snapshot().erasures}
    assert other == salt


def test_every_database_has_its_own_salt(tmp_path):
    salts = set()
    for name in ("x", "y"):
        with closing(open_store(f"sqlite:///{tmp_path}/{name}.sqlite")) as one:
            one.apply(adding(companies(a="A")), EDITOR)
            one.erase("a", EDITOR)
            salts |= {row[2] for row in remembered(one)}
    assert len(salts) == 2


@pytest.mark.parametrize("named", ["a", NUMBER])
def test_a_company_may_be_allowed_again(store, named):
    plan = adding(companies(a="A").assign(business_id=NUMBER))
    store.apply(plan, EDITOR)
    store.erase("a", OTHER)
    with pytest.raises(StoreError) as caught:
        store.allow("zz", OTHER)
    assert caught.value.code == "not_erased"
    assert store.version() == 2
    assert store.allow(named, OTHER) == 3
    assert store.snapshot().erasures == ()
    last = store.history().iloc[0]
    assert (last["kind"], last["who"]) == ("allow", OTHER.name)
    assert (last["companies"], last["flows"]) == (0, 0)
    assert last["title"] == "Yhden poistetun yrityksen saa tallentaa uudelleen"
    assert store.apply(plan, EDITOR) == 4


def test_only_an_editor_allows_it(filled):
    filled.erase("a", OTHER)
    with pytest.raises(AccessError):
        filled.allow("a", Actor("katsoja", "viewer"))
    assert len(remembered(filled)) == 1


def test_a_plan_of_before_the_erasure_does_not_bring_it_back(store):
    plan = adding(companies(a="A"))  # shown to somebody, not saved yet
    store.apply(plan, EDITOR)
    store.erase("a", OTHER)
    with pytest.raises(StoreError) as caught:
        store.apply(plan, EDITOR)
    assert caught.value.code == "erased_meanwhile"
    assert store.version() == 2
    # By hand it is somebody's decision; erased again, it is remembered once.
    now = store.snapshot()
    store.apply(towards(now, companies(a="A"), now.flows), EDITOR)
    store.erase("a", OTHER)
    assert len(remembered(store)) == 1


def test_backups_keep_the_fingerprints_and_a_restore_forgets_none(store, address, tmp_path):
    store.apply(adding(companies(a="A", b="B", c="C")), EDITOR)
    store.erase("a", OTHER)
    backup(address, tmp_path / "kept.sqlite")
    first = remembered(store)
    store.erase("b", OTHER)
    both = remembered(store)
    restore(tmp_path / "kept.sqlite", address, EDITOR, replace=True)
    assert store.snapshot().companies["id"].tolist() == ["b", "c"]
    assert sorted(remembered(store)) == sorted(both)
    with closing(open_store(f"sqlite:///{tmp_path}/new.sqlite")) as new:
        restore(tmp_path / "kept.sqlite", f"sqlite:///{tmp_path}/new.sqlite", EDITOR)
        assert remembered(new) == first
