"""Erasing a company: from the data, the history and the disk."""

from pathlib import Path

import pytest
from sqlalchemy import text

from kiertokylat.errors import ConflictError, StoreError
from kiertokylat.store.schema import metadata
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
