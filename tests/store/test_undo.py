"""Taking changes back, and taking that back."""

from contextlib import closing
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiertokylat.errors import ConflictError, LaterChangesError, StoreError
from kiertokylat.store import open_store
from tests.store.samples import EDITOR, OTHER, adding, companies, content, flows, renamed, towards


def undo(store, batch):
    return store.apply(store.undo_plan(batch), EDITOR)


def test_an_undo_brings_back_what_was(store):
    store.apply(adding(companies(a="A", b="B", c="C"), flows(f="a", g="c")), EDITOR)
    before = store.snapshot()
    store.apply(towards(before, companies(a="A", b="Bee", d="D"), flows(f="d")), EDITOR)
    plan = store.undo_plan(2)
    assert (plan.kind, plan.title, plan.undoes) == ("undo", "muokkaus", 2)
    assert store.apply(plan, OTHER) == 3
    assert content(store.snapshot()) == content(before)
    history = store.history()
    assert history["undoes"].fillna(0).tolist() == [2, 0, 0]
    assert history["undone"].tolist() == [False, True, False]
    assert history["who"].tolist()[0] == OTHER.name


def test_an_undo_can_be_undone_again_and_again(store):
    store.apply(adding(companies(a="A")), EDITOR)
    first = content(store.snapshot())
    store.apply(renamed(store.snapshot(), "a", "B"), EDITOR)
    second = content(store.snapshot())
    undo(store, 2)  # batch 3
    undo(store, 3)  # batch 4: what 2 did stands again
    assert content(store.snapshot()) == second
    assert store.history()["undone"].tolist() == [False, True, False, False]
    undo(store, 4)  # batch 5
    assert content(store.snapshot()) == first
    assert store.history()["undone"].tolist() == [False, True, False, True, False]
    # And an import, which leaves nothing.
    undo(store, 1)
    assert content(store.snapshot()) == ([], [])


def test_an_undo_is_refused_when_a_row_has_changed_since(store):
    store.apply(adding(companies(a="A", b="B")), EDITOR)
    store.apply(renamed(store.snapshot(), "a", "Muutettu"), OTHER)
    with pytest.raises(ConflictError) as caught:
        store.undo_plan(1)
    assert isinstance(caught.value, LaterChangesError)
    assert caught.value.rows == (("companies", "a"),)
    assert caught.value.later == ((2, "nimi"),)
    # Taken back, the row is as the import left it.
    undo(store, 2)
    undo(store, 1)
    assert content(store.snapshot()) == ([], [])


def test_a_refusal_names_the_later_changes_that_stand(store):
    store.apply(adding(companies(a="A", b="B", c="C")), EDITOR)
    store.apply(renamed(store.snapshot(), "a", "A2"), OTHER)
    undo(store, 2)  # 3: these two say nothing any longer
    store.apply(renamed(store.snapshot(), "b", "B2"), OTHER)  # 4
    store.apply(renamed(store.snapshot(), "b", "B3"), OTHER)  # 5
    store.apply(adding(companies(d="D"), title="muu.csv"), OTHER)  # 6: other rows
    with pytest.raises(LaterChangesError) as caught:
        store.undo_plan(1)
    assert caught.value.later == ((5, "nimi"), (4, "nimi"))
    for language in ("fi", "en"):
        assert "5 (nimi), 4 (nimi)" in caught.value.message(language)
    for batch in (5, 4, 1):
        undo(store, batch)
    assert store.snapshot().companies["id"].tolist() == ["d"]


def test_what_is_undone_is_not_undone_twice(store):
    store.apply(adding(companies(a="A")), EDITOR)
    undo(store, 1)
    with pytest.raises(StoreError) as caught:
        store.undo_plan(1)
    assert caught.value.code == "already_undone"
    assert "peru muutos 2" in str(caught.value)
    undo(store, 2)  # 3
    undo(store, 1)  # 4: it stood again
    assert store.snapshot().companies.empty


def test_what_is_undone_and_made_again_belongs_to_the_later_change(store):
    store.apply(adding(companies(a="A")), EDITOR)
    undo(store, 1)  # 2
    store.apply(adding(companies(a="A"), title="uudelleen.csv"), OTHER)  # 3
    with pytest.raises(StoreError) as caught:
        store.undo_plan(1)
    assert caught.value.code == "already_undone"
    assert caught.value.values == {"batch": 1, "undo": 2}
    # Nor can 1 come back while 3 stands.
    with pytest.raises(LaterChangesError) as waiting:
        store.undo_plan(2)
    assert waiting.value.later == ((3, "uudelleen.csv"),)
    assert store.version() == 3
    undo(store, 3)  # 4
    undo(store, 2)  # 5: 1 stands again, in its own name
    undo(store, 1)  # 6
    with pytest.raises(StoreError) as again:
        store.undo_plan(1)
    assert again.value.values == {"batch": 1, "undo": 6}
    assert store.snapshot().companies.empty


def test_an_undo_is_refused_when_a_row_changes_before_it_is_applied(store):
    store.apply(adding(companies(a="A")), EDITOR)
    store.apply(renamed(store.snapshot(), "a", "B"), EDITOR)
    plan = store.undo_plan(2)
    store.apply(renamed(store.snapshot(), "a", "C"), OTHER)
    with pytest.raises(ConflictError):
        store.apply(plan, EDITOR)
    assert store.snapshot().companies["name"].tolist() == ["C"]


def test_an_undo_does_not_bring_back_what_is_there_again(store):
    store.apply(adding(companies(a="A")), EDITOR)
    store.apply(towards(store.snapshot(), companies(), flows()), EDITOR)
    store.apply(adding(companies(a="Toinen")), OTHER)
    with pytest.raises(ConflictError):
        store.undo_plan(2)


def test_an_undo_does_not_leave_flows_alone(store):
    store.apply(adding(companies(a="A")), EDITOR)
    store.apply(adding(some_flows=flows(f="a")), OTHER)
    with pytest.raises(StoreError) as caught:
        undo(store, 1)
    assert caught.value.code == "no_company"
    assert store.version() == 2


@pytest.mark.parametrize("batch", [7, 0, -1, 2**31, 2**63, 10**30])
def test_what_never_was_cannot_be_undone(store, batch):
    with pytest.raises(StoreError) as caught:
        store.undo_plan(batch)
    assert caught.value.code == "no_undo"


def test_more_changes_than_a_database_counts_may_be_asked_for(store):
    store.apply(adding(companies(a="A")), EDITOR)
    assert store.history(10**30)["batch"].tolist() == [1]


KEYS = ("a", "b", "c")
STATES = st.tuples(
    st.dictionaries(st.sampled_from(KEYS), st.sampled_from(["X", "Y", "Z"])),
    st.dictionaries(st.sampled_from(["f", "g"]), st.sampled_from(KEYS)),
)


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(states=st.lists(STATES, min_size=1, max_size=4))
def test_undoing_everything_backwards_gives_the_start(store, states):
    start = store.snapshot()
    for names, owners in states:
        kept = {key: owner for key, owner in owners.items() if owner in names}
        now = store.snapshot()
        store.apply(towards(now, companies(**names), flows(**kept)), EDITOR)
        reached = store.snapshot()
        assert reached.companies.set_index("id")["name"].to_dict() == names
        assert reached.flows.set_index("id")["company_id"].to_dict() == kept
    for batch in range(store.version(), start.version, -1):
        undo(store, batch)
    assert content(store.snapshot()) == content(start)


STEPS = st.lists(
    st.one_of(
        st.dictionaries(st.sampled_from(["a", "b"]), st.sampled_from(["X", "Y"])),
        st.integers(min_value=1, max_value=6),  # a batch to take back, counted from the newest
    ),
    min_size=3,
    max_size=12,
)


def taken_back(undoes):
    """The batches that don't stand; `undoes` has for each batch the one that it undoes, or 0.

    A batch stands unless an undo of it stands; undos are later than what they undo.
    """
    gone = set()
    for batch in range(len(undoes), 0, -1):
        undos = {undo for undo, of in enumerate(undoes, start=1) if of == batch}
        if undos - gone:
            gone.add(batch)
    return gone


def refusal(store, batch):
    try:
        undo(store, batch)
    except StoreError as error:
        return error
    return None


@settings(max_examples=25, deadline=None)
@given(steps=STEPS)
def test_an_undo_takes_back_what_stands_and_nothing_of_a_later_change(steps):
    with TemporaryDirectory() as folder, closing(open_store(f"sqlite:///{folder}/s.sqlite")) as one:
        undoes: list[int] = []
        for step in steps:
            now, gone = one.snapshot(), taken_back(undoes)
            if isinstance(step, dict):
                one.apply(towards(now, companies(**step), flows()), EDITOR)
                undoes += [0] * (one.version() - now.version)  # nothing is written of no difference
                continue
            batch = max(now.version + 1 - step, 1)
            refused = refusal(one, batch)
            if refused is None:
                assert batch not in gone
                undoes.append(batch)
                changed, _ = one.changes(batch)
                names, before = (
                    frame.set_index("id")["name"].to_dict()
                    for frame in (one.snapshot().companies, changed.before)
                )
                rows = before.keys() | set(changed.after["id"])
                assert {key: name for key, name in names.items() if key in rows} == before
                continue
            assert one.version() == now.version
            if isinstance(refused, LaterChangesError):
                assert batch not in gone
                assert {number for number, _ in refused.later}.isdisjoint(gone)
            elif batch in gone:
                assert refused.code == "already_undone"
                assert undoes[refused.values["undo"] - 1] == batch
                assert refused.values["undo"] not in gone
            else:
                assert refused.code == "no_undo"
                assert batch > now.version
        history = one.history()
        assert set(history.loc[history["undone"], "batch"]) == taken_back(undoes)
