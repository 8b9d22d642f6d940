"""Writing and reading, the same on both databases."""

import threading
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from kiertokylat import demo, tables
from kiertokylat.access import Actor
from kiertokylat.changes import Changes, Plan, no_companies, no_flows
from kiertokylat.errors import AccessError, ConflictError, StoreError, TableError
from kiertokylat.store import load_demo, open_store
from tests.store.samples import (
    EDITOR,
    OTHER,
    adding,
    companies,
    content,
    flows,
    renamed,
    towards,
)

ODD_TEXTS = {
    "quotes": 'O\'Brien "Oy" `Ab`; DROP TABLE companies; --',
    "emoji": "♻️ 🏭 Äänekosken Kierto",
    "braces": "{{7*7}} {name} %(name)s :name ? %s",
    "lines": "eka\nToka\r\nKolmas\tsarake\\n",
    "spaces": "  alussa ja lopussa  ",
    "formula": "=cmd|' /C calc'!A0",
    "long": "pitkä " * 200_000,
    "null": "NULL",
    "nan": "nan",
}


def test_a_new_database_is_empty(store):
    snapshot = store.snapshot()
    assert (store.version(), snapshot.version) == (0, 0)
    assert_frame_equal(snapshot.companies, no_companies())
    assert_frame_equal(snapshot.flows, no_flows())
    history = store.history()
    assert history.empty
    assert str(history["time"].dtype).endswith("UTC]")
    assert all(part.empty for part in store.changes(1))


def test_rows_come_back_exactly(store):
    some = companies(**ODD_TEXTS).assign(
        contact=list(ODD_TEXTS.values()),
        sole_trader=[True, False, *[True] * 7],
        employees=[np.nan, 0.0, 0.1 + 0.2, 1e308, 5e-324, np.nan, 1.0, 2.0, 3.0],
        x=np.nextafter(434000.1, np.inf),
    )
    more = flows(b="quotes", a="emoji", c="quotes").assign(
        note=['{"a": 1}', "", "ä"], tonnes=[0.1, np.nan, 1 / 3]
    )
    assert store.apply(adding(some, more), EDITOR) == 1
    snapshot = store.snapshot()
    # By id, in the order of characters; written by version 1.
    wanted = some.assign(revision=1).sort_values("id", ignore_index=True)
    assert_frame_equal(snapshot.companies, wanted, check_exact=True)
    wanted = more.assign(revision=1).sort_values("id", ignore_index=True)
    assert_frame_equal(snapshot.flows, wanted, check_exact=True)
    # The contract itself finds nothing to mend.
    assert_frame_equal(tables.stored_companies(snapshot.companies), snapshot.companies)
    # The history holds the same.
    written, written_flows = store.changes(1)
    assert written.before.empty
    assert_frame_equal(written.after, snapshot.companies, check_exact=True)
    assert_frame_equal(written_flows.after, snapshot.flows, check_exact=True)


def test_one_plan_makes_changes_and_removes(store):
    store.apply(adding(companies(a="A", b="B", c="C"), flows(f="a", g="b")), EDITOR)
    before = store.snapshot()
    # a stays, b gets a new name, c goes, d is new; f moves to d, g goes, h is new.
    after = companies(a="A", b="Bee", d="D"), flows(f="d", h="b")
    assert store.apply(towards(before, *after), OTHER) == 2
    snapshot = store.snapshot()
    assert snapshot.version == store.version() == 2
    assert snapshot.companies.set_index("id")["name"].to_dict() == {"a": "A", "b": "Bee", "d": "D"}
    assert snapshot.companies.set_index("id")["revision"].to_dict() == {"a": 1, "b": 2, "d": 2}
    assert snapshot.flows.set_index("id")["company_id"].to_dict() == {"f": "d", "h": "b"}

    changed, changed_flows = store.changes(2)
    assert changed.before[["id", "name"]].to_numpy().tolist() == [["b", "B"], ["c", "C"]]
    assert changed.after[["id", "name"]].to_numpy().tolist() == [["b", "Bee"], ["d", "D"]]
    assert changed.before["revision"].tolist() == [1, 1]
    assert changed.after["revision"].tolist() == [2, 2]
    assert changed_flows.before["id"].tolist() == ["f", "g"]
    assert changed_flows.after["id"].tolist() == ["f", "h"]


def test_the_history_tells_who_when_and_what(store):
    start = datetime.now(UTC)
    store.apply(adding(companies(a="A", b="B"), flows(f="a"), title="eka.csv"), EDITOR)
    store.apply(renamed(store.snapshot(), "b", "Bee"), OTHER)
    history = store.history()
    assert history["batch"].tolist() == [2, 1]
    assert history["who"].tolist() == [OTHER.name, EDITOR.name]
    assert history["kind"].tolist() == ["edit", "import"]
    assert history["title"].tolist() == ["nimi", "eka.csv"]
    assert history["companies"].tolist() == [1, 2]
    assert history["flows"].tolist() == [0, 1]
    assert history["undone"].tolist() == [False, False]
    assert history["undoes"].isna().all()
    assert str(history["undoes"].dtype) == "Int64"
    aware = history["time"].tolist()
    assert start - timedelta(seconds=1) <= aware[1] <= aware[0] <= datetime.now(UTC)
    assert store.history(limit=1)["batch"].tolist() == [2]
    assert store.history(row="a")["batch"].tolist() == [1]
    assert store.history(row="b")["batch"].tolist() == [2, 1]
    assert store.history(row="zz").empty


def test_an_empty_plan_writes_nothing(store):
    store.apply(adding(companies(a="A")), EDITOR)
    assert store.apply(adding(), EDITOR) == 1
    assert len(store.history()) == 1


@pytest.mark.parametrize("role", ["viewer", "participant"])
def test_only_an_editor_writes(store, role):
    somebody = Actor("joku", role)
    store.apply(adding(companies(a="A")), EDITOR)
    before = content(store.snapshot())
    for write in (
        lambda: store.apply(renamed(store.snapshot(), "a", "B"), somebody),
        lambda: store.apply(adding(), somebody),
        lambda: store.apply(store.undo_plan(1), somebody),
        lambda: store.erase("a", somebody),
    ):
        with pytest.raises(AccessError):
            write()
    assert content(store.snapshot()) == before
    assert len(store.history()) == 1


def test_a_stale_plan_is_refused_whole(store):
    store.apply(adding(companies(a="A", b="B"), flows(f="a")), EDITOR)
    seen = store.snapshot()
    store.apply(renamed(seen, "a", "Toinen"), OTHER)
    before = content(store.snapshot())
    # The plan also holds a row that nobody else has touched: it is not written either.
    both = towards(seen, companies(a="Minun", b="Minun"), flows(f="b"))
    with pytest.raises(ConflictError) as caught:
        store.apply(both, EDITOR)
    assert caught.value.rows == (("companies", "a"),)
    assert content(store.snapshot()) == before
    assert store.version() == 2


def test_a_row_that_is_gone_or_there_already_is_a_conflict(store):
    store.apply(adding(companies(a="A", b="B"), flows(f="b")), EDITOR)
    seen = store.snapshot()
    store.apply(towards(seen, companies(b="B"), flows(f="b")), OTHER)  # removes a
    with pytest.raises(ConflictError) as caught:
        store.apply(renamed(seen, "a", "Uusi"), EDITOR)
    assert caught.value.rows == (("companies", "a"),)
    with pytest.raises(ConflictError) as caught:
        store.apply(adding(companies(b="Sama"), flows(f="b")), EDITOR)
    assert caught.value.rows == (("companies", "b"), ("flows", "f"))
    assert store.version() == 2


def test_a_flow_needs_its_company(store):
    store.apply(adding(companies(a="A", b="B"), flows(f="a")), EDITOR)
    seen = store.snapshot()
    with pytest.raises(StoreError) as caught:
        store.apply(adding(some_flows=flows(g="nobody")), EDITOR)
    assert caught.value.code == "no_company"
    assert "(g)" in str(caught.value)
    with pytest.raises(StoreError) as caught:
        store.apply(towards(seen, companies(b="B"), seen.flows), EDITOR)  # a goes, its flow stays
    assert caught.value.code == "no_company"
    assert "(f)" in str(caught.value)
    assert store.version() == 1
    assert content(store.snapshot()) == content(seen)


def test_a_character_that_postgresql_cannot_keep_is_refused(store):
    with pytest.raises(StoreError) as caught:
        store.apply(adding(companies(a="A\0B")), EDITOR)
    assert caught.value.code == "bad_text"
    assert "”name”" in str(caught.value)
    assert store.version() == 0


def test_rows_that_break_the_contract_are_refused(store):
    with pytest.raises(TableError):
        store.apply(adding(companies(a="A").assign(municipality="Laukaa")), EDITOR)
    twice = pd.concat([companies(a="A")] * 2)
    with pytest.raises(TableError):
        store.apply(adding(twice), EDITOR)
    store.apply(adding(companies(a="A")), EDITOR)
    row = store.snapshot().companies
    twice = Changes(pd.concat([row, row]), row)
    with pytest.raises(TableError):
        store.apply(Plan("edit", "", twice, Changes(no_flows(), no_flows())), EDITOR)
    assert store.version() == 1


def test_the_demo_fills_an_empty_database_only(store):
    assert load_demo(store, EDITOR) == 1
    assert load_demo(store, EDITOR) == 1
    snapshot = store.snapshot()
    assert set(snapshot.companies["source"]) == set(snapshot.flows["source"]) == {"demo"}
    active, active_flows = snapshot.active()
    given = demo.companies().assign(source="demo").sort_values("id", ignore_index=True)
    assert_frame_equal(active, given)
    given = demo.flows().assign(source="demo").sort_values("id", ignore_index=True)
    assert_frame_equal(active_flows, given)
    assert store.history()["kind"].tolist() == ["demo"]


def in_threads(*work):
    """Run functions at the same moment; what each gave or raised."""
    results: list = [None] * len(work)
    start = threading.Barrier(len(work))

    def run(place, function):
        start.wait(30)
        try:
            results[place] = function()
        except StoreError as error:
            results[place] = error

    threads = [threading.Thread(target=run, args=item, daemon=True) for item in enumerate(work)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def test_of_two_editors_on_one_row_one_wins(store, address):
    store.apply(adding(companies(a="A")), EDITOR)
    second = open_store(address)
    seen = store.snapshot()
    results = in_threads(
        lambda: store.apply(renamed(seen, "a", "Matti"), EDITOR),
        lambda: second.apply(renamed(seen, "a", "Maija"), OTHER),
    )
    second.close()
    winner = results.index(2)
    assert isinstance(results[1 - winner], ConflictError)
    assert store.snapshot().companies["name"].tolist() == [("Matti", "Maija")[winner]]
    assert store.history()["who"].tolist()[0] == (EDITOR, OTHER)[winner].name


def test_writers_of_different_rows_all_succeed(store, address):
    keys = [f"c{number}" for number in range(6)]
    store.apply(adding(companies(**dict.fromkeys(keys, "0"))), EDITOR)
    second = open_store(address)

    def writer(own, key):
        def write():
            for number in range(1, 4):
                own.apply(renamed(own.snapshot(), key, str(number)), EDITOR)

        return write

    stores = (store, second)
    results = in_threads(*(writer(stores[i % 2], key) for i, key in enumerate(keys)))
    second.close()
    assert results == [None] * 6
    # 1 import, then 6 writers of 3 edits each.
    assert store.version() == 1 + 6 * 3
    assert store.snapshot().companies["name"].tolist() == ["3"] * 6
    assert store.history()["batch"].tolist() == list(range(19, 0, -1))


def test_a_snapshot_is_of_one_moment(store, address):
    """A writer gives a company and a flow the same number; no reader sees two numbers."""
    store.apply(adding(companies(a="A"), flows(f="a")), EDITOR)
    second = open_store(address)

    def write():
        for _ in range(15):
            now = second.snapshot()
            number = float(now.version)
            plan = Plan(
                "edit",
                "",
                Changes(now.companies, now.companies.assign(employees=number)),
                Changes(now.flows, now.flows.assign(tonnes=number)),
            )
            second.apply(plan, EDITOR)

    def read():
        seen = []
        while not seen or seen[-1][0] < 16:
            now = store.snapshot()
            seen.append((now.version, now.companies["employees"][0], now.flows["tonnes"][0]))
        return seen

    wrote, seen = in_threads(write, read)
    second.close()
    assert wrote is None
    for version, employees, tonnes in seen:
        if version > 1:
            assert employees == tonnes == version - 1
