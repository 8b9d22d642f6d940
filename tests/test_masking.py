"""Summaries hide what few companies stand behind; small cases worked by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from kiertokylat import analysis, demo, reference, selection, summary
from kiertokylat.allocation import allocate
from kiertokylat.masking import (
    behind_amounts,
    behind_industries,
    behind_pairs,
    hidden_because,
    hidden_text,
    masked,
    masked_amounts,
)


def table(counts, amounts, **more):
    return pd.DataFrame({"companies": counts, "tonnes": amounts} | more)


def test_a_lone_hidden_cell_takes_the_next_smallest_with_it():
    """900 - 500 - 300 would give the 100; without the 300 only 100 + 300 = 400 is known."""
    result = masked(table([2, 5, 5], [100.0, 500.0, 300.0]), "companies", ["tonnes"])
    assert result.table["tonnes"].isna().tolist() == [True, False, True]
    assert (result.cells, result.exposed) == (2, ())


def test_without_a_total_only_the_small_cells_are_hidden():
    result = masked(table([2, 5, 5], [1.0, 5.0, 3.0]), "companies", ["tonnes"], total=False)
    assert result.table["tonnes"].isna().tolist() == [True, False, False]


def test_three_companies_are_enough_and_nobody_is_no_secret():
    before = table([3, 0, 12], [1.0, 0.0, 5.0])
    result = masked(before, "companies", ["tonnes"])
    assert_frame_equal(result.table, before)
    assert (result.cells, result.exposed) == (0, ())


def test_hidden_cells_of_the_same_few_companies_take_one_more():
    """Two companies may stand behind both: the sum of the two cells would be theirs alone."""
    before = table([2, 2, 4, 9], [1.0, 2.0, 50.0, 60.0])
    assert masked(before, "companies", ["tonnes"]).cells == 3
    # In places, each company counts once: 2 + 2 = 4 companies, enough.
    assert masked(before, "companies", ["tonnes"], disjoint=True).cells == 2
    # 1 + 1 = 2 are too few.
    few = table([1, 1, 4, 9], [1.0, 2.0, 50.0, 60.0])
    assert masked(few, "companies", ["tonnes"], disjoint=True).cells == 3


def test_the_total_is_hidden_too_where_nothing_else_can_be():
    result = masked(table([1, 0], [7.0, 0.0]), "companies", ["tonnes"])
    assert result.table["tonnes"].isna().tolist() == [True, False]
    assert (result.cells, result.exposed) == (1, ("tonnes",))


def test_columns_of_a_row_are_hidden_together_and_unknown_ones_not_counted():
    """Otherwise the amount could be reckoned from its share and the rest."""
    before = table([1, 4, 4], [10.0, 40.0, 30.0], share=[0.5, np.nan, np.nan], count=[1, 4, 4])
    result = masked(before, "companies", ["tonnes", "share", "count"])
    assert result.table[["tonnes", "count"]].isna().to_numpy().tolist() == [
        [True, True],
        [False, False],
        [True, True],
    ]
    assert result.cells == 5  # 3 + 2: the share of the third row was not known anyway
    assert before["tonnes"].notna().all()  # the table that came in stays as it was


rows = st.lists(st.tuples(st.integers(0, 6), st.integers(1, 50)), min_size=1, max_size=8)


@given(rows, st.booleans())
@settings(max_examples=50)
def test_no_hidden_cell_can_be_reckoned_from_the_total(cells, disjoint):
    """With the total known, exactly the sum of the hidden cells is known of them."""
    counts = np.array([count for count, _ in cells])
    amounts = [float(amount if count else 0) for count, amount in cells]
    result = masked(table(counts, amounts), "companies", ["tonnes"], disjoint=disjoint)
    hidden = result.table["tonnes"].isna().to_numpy()
    assert hidden[(counts > 0) & (counts < 3)].all()
    assert not hidden[counts == 0].any()
    assert result.cells == hidden.sum()
    if hidden.any() and not result.exposed:
        assert hidden.sum() >= 2
        behind = counts[hidden].sum() if disjoint else counts[hidden].max()
        assert behind >= 3
    if result.exposed:  # only where there was no other cell to hide
        assert not (~hidden & (counts > 0)).any()
    if not hidden.any():
        assert not ((counts > 0) & (counts < 3)).any()


def flows(*rows):
    names = ["id", "company_id", "direction", "material", "tonnes", "basis"]
    frame = pd.DataFrame(rows, columns=names)
    return frame.assign(tonnes_low=frame["tonnes"], tonnes_high=frame["tonnes"])


FLOWS = flows(
    ("s1", "a", "out", "sawdust", 10.0, "reported"),
    ("s2", "a", "out", "sawdust", 5.0, "estimated"),
    ("s3", "b", "out", "sawdust", 20.0, "estimated"),
    ("s4", "c", "out", "sawdust", 30.0, "estimated"),
    ("s5", "d", "out", "sawdust", np.nan, "reported"),  # stands behind no tonne
    ("s6", "a", "out", "bark", 4.0, "estimated"),
    ("d1", "e", "in", "sawdust", 8.0, "reported"),
    ("d2", "a", "in", "sawdust", 9.0, "reported"),
)
CANDIDATES = pd.DataFrame({"supply_id": pd.Categorical(["s1", "s3", "s3"])})
ALLOCATION = pd.DataFrame(
    {"supply_id": ["s1", "s3"], "demand_id": ["d1", "d2"], "tonnes": [8.0, 5.0]}
)


def test_who_stands_behind_each_part_of_an_amount():
    """Sawdust of a, b and c.

    With a candidate: s1 (a), s3 (b); without: s2 (a), s4 (c): 2 and 2. In the allocation: a, b;
    left over: s2 (a), 15 t of s3 (b), s4 (c): 2 and 3. Reported: a; estimated: a, b, c: 1 and 3.
    Needs of e, met in full, and of a, 4 of 9 t short: 2 behind all, 2 behind what is met, 1 behind
    what is short.
    Bark: all of a's is without a candidate, unallocated and estimated: the part is nobody's.
    """
    behind = behind_amounts(FLOWS, CANDIDATES, ALLOCATION, FLOWS[["material"]])
    assert behind.loc["sawdust"].to_dict() == {
        "suppliers": 3,
        "placed": 2,
        "stated": 2,
        "reported": 1,
        "demanders": 2,
        "met": 1,
    }
    assert behind.loc["bark"].tolist() == [1, 1, 1, 1, 0, 0]


def test_who_has_told_only_a_range_stands_behind_an_amount_too():
    """Nobody knows b's best guess, yet the summary fills in its 7 t: they are b's alone."""
    told = flows(("s1", "b", "out", "glass", np.nan, "reported")).assign(tonnes_low=7.0)
    nothing = ALLOCATION.iloc[:0]
    behind = behind_amounts(told, CANDIDATES, nothing, told[["material"]])
    assert behind.loc["glass", "suppliers"] == 1
    table = summary.by_material(told, CANDIDATES, nothing)
    assert table["supply_t"].tolist() == [7.0]
    assert masked_amounts(table, behind).table["supply_t"].isna().all()
    companies = pd.DataFrame({"id": ["b"], "nace": ["16"]})
    given = nothing.assign(from_company="", to_company="", material="")
    assert behind_industries(told, CANDIDATES, given, companies).tolist() == [1]


def test_a_summary_hides_parts_that_fewer_stand_behind_than_the_whole():
    """The 65 t of sawdust are three companies', but the placed 30 t are two's.

    Bark is one company's. Glass, of five, is hidden with it: 65 + 4 + 90 = 159 would tell.
    """
    summary = pd.DataFrame(
        {
            "supply_t": [65.0, 4.0, 90.0, 200.0],
            "demand_t": [17.0, 0.0, 30.0, 40.0],
            "placed_t": [30.0, 0.0, 90.0, 200.0],
            "reported_share": [10 / 65, 0.0, 1.0, 1.0],
        },
        index=pd.Index(["sawdust", "bark", "glass", "metal"], name="material"),
    )
    behind = pd.DataFrame(
        {
            "suppliers": [3, 1, 5, 6],
            "placed": [2, 1, 5, 6],
            "stated": [3, 1, 5, 6],
            "reported": [1, 1, 5, 6],
            "demanders": [2, 0, 4, 5],
            "met": [2, 0, 4, 5],
        },
        index=summary.index,
    )
    result = masked_amounts(summary, behind)
    hidden = result.table.isna()
    # Sawdust has the fewest companies of the rows left: it goes with bark, in every column.
    assert hidden["supply_t"].tolist() == [True, True, False, False]
    assert hidden["demand_t"].tolist() == [True, False, True, False]
    # What rests on two companies by itself needs one more: glass.
    assert hidden["placed_t"].tolist() == [True, True, True, False]
    assert hidden["reported_share"].tolist() == [True, True, True, False]
    assert result.cells == 2 + 2 + 3 + 3
    assert list(result.table) == list(summary)


def test_rows_that_nobody_stands_behind_keep_their_zeros():
    summary = pd.DataFrame({"supply_t": [0.0]}, index=pd.Index(["179"], name="municipality"))
    nothing = behind_amounts(
        FLOWS.iloc[:0], CANDIDATES, ALLOCATION, FLOWS.iloc[:0][["material"]].set_axis(
            ["municipality"], axis=1
        )
    )  # fmt: skip
    assert_frame_equal(masked_amounts(summary, nothing, disjoint=True).table, summary)


def test_gaps_have_two_keys():
    key = FLOWS[["material"]].assign(place="179")[["place", "material"]]
    behind = behind_amounts(FLOWS, CANDIDATES, ALLOCATION, key)
    assert behind.loc[("179", "sawdust"), "suppliers"] == 3
    gaps = pd.DataFrame(
        {"supply_t": [65.0], "unreached_t": [35.0], "left_t": [50.0]},
        index=pd.MultiIndex.from_tuples([("179", "sawdust")], names=["place", "material"]),
    )
    shown = masked_amounts(gaps, behind)
    assert shown.table.isna().iloc[0].tolist() == [False, True, True]
    assert shown.exposed == ("unreached_t", "left_t")


def test_pairs_count_companies_at_either_end_once():
    """From 179 to 410: a, b give to c, a again to d: a, b, c, d. From 410 to 179: c to a."""
    pairs = pd.DataFrame(
        {"from_company": ["a", "b", "a", "c"], "to_company": ["c", "c", "d", "a"]}
    ).astype("category")
    key = pd.DataFrame({"from": ["179", "179", "179", "410"], "to": ["410", "410", "410", "179"]})
    assert behind_pairs(pairs, key).to_dict() == {("179", "410"): 4, ("410", "179"): 2}


def test_industries_count_givers_and_receivers_of_each_row():
    """A sawmill (a) gives 30 of 100 t to a farm (c), nothing of 5 t without a candidate; b alike.

    The rest of a's 100 t may go somewhere: it rests on a alone. Of b's 40 t all are taken by c.
    """
    companies = pd.DataFrame({"id": ["a", "b", "c"], "nace": ["16", "16", "01"]})
    some = flows(
        ("s1", "a", "out", "sawdust", 100.0, "reported"),
        ("s2", "a", "out", "bark", 5.0, "reported"),
        ("s3", "b", "out", "sawdust", 40.0, "reported"),
        ("s4", "b", "out", "bark", 6.0, "reported"),
    )
    candidates = pd.DataFrame({"supply_id": ["s1", "s3"], "demand_id": ["d", "d"]})
    allocation = pd.DataFrame(
        {
            "supply_id": ["s1", "s3"], "demand_id": ["d", "d"], "from_company": ["a", "b"],
            "to_company": ["c", "c"], "material": "sawdust", "tonnes": [30.0, 40.0],
        }
    )  # fmt: skip
    behind = behind_industries(some, candidates, allocation, companies)
    wood, farm = selection.industry_group(pd.Series(["16", "01"]))
    assert behind.to_dict() == {
        (wood, "sawdust", farm): 3,
        (wood, "sawdust", "possible"): 1,
        (wood, "bark", "none"): 2,
    }
    links = summary.industry_flows(some, candidates, allocation, companies)
    keys = ["from_group", "material", "to_group"]
    shown = masked(links.join(behind, on=keys), "companies", ["tonnes"])
    assert shown.exposed == ()
    assert shown.table["tonnes"].isna().tolist() == [True, True, True]


@pytest.fixture(scope="module")
def region():
    every = analysis.analyse(demo.companies(), demo.flows())
    return every, allocate(every.candidates, every.flows)


def test_every_cell_that_stays_in_the_demos_summaries_is_three_companies_or_nobodys(region):
    every, shared = region
    home = every.companies.set_index("id")["municipality"]
    place = every.flows["company_id"].map(home).rename("municipality")
    codes = reference.municipalities().index
    keys = {
        "municipality": summary.by_municipality(
            every.companies, every.flows, every.candidates, shared, codes
        ),
        "material": summary.by_material(every.flows, every.candidates, shared),
    }
    for name, table in keys.items():
        key = every.flows.assign(municipality=place)[[name]]
        behind = behind_amounts(every.flows, every.candidates, shared, key)
        result = masked_amounts(table, behind, disjoint=name == "municipality")
        counts = behind.reindex(table.index).fillna(0)
        hidden = result.table.isna() & table.notna()
        assert 0 < result.cells == hidden.to_numpy().sum()
        for column, counted in (("supply_t", "suppliers"), ("demand_t", "demanders")):
            few = counts[counted].between(1, 2)
            assert hidden.loc[few, column].all()
            # Known sums: at least two hidden, together of three companies.
            assert hidden[column].sum() != 1
        assert hidden.loc[counts["placed"].between(1, 2), "unplaced_t"].all()
        assert hidden.loc[counts["stated"].between(1, 2), "stated_t"].all()


def test_every_row_of_the_demos_other_summaries_has_its_companies(region):
    every, shared = region
    home = every.companies.set_index("id")["municipality"]
    key = pd.DataFrame(
        {f"{end}_municipality": shared[f"{end}_company"].map(home) for end in ("from", "to")}
    )
    pairs = summary.between_municipalities(shared, every.companies)
    between = pairs.join(behind_pairs(shared, key), on=list(key))
    assert between["companies"].between(1, 2 * between["candidates"]).all()
    links = summary.industry_flows(every.flows, every.candidates, shared, every.companies)
    behind = behind_industries(every.flows, every.candidates, shared, every.companies)
    assert links.join(behind, on=list(behind.index.names))["companies"].ge(1).all()


def test_the_words_of_a_hidden_cell():
    """Of a cell that protects another it would be untrue that few companies stand behind it."""
    rows = pd.DataFrame({"companies": [1, 9, 8], "amount": [5.0, 70.0, 80.0]})
    shown = masked(rows, "companies", ["amount"]).table["amount"]
    assert shown.isna().tolist() == [True, False, True]  # of 1, 9 and 8 companies
    assert (hidden_text("fi"), hidden_text("en")) == ("piilotettu", "hidden")
    because = hidden_because("fi")
    assert because == "piilotettu: alle 3 yritystä, tai paljastaisi toisen luvun"
    assert hidden_because("en").startswith("hidden: fewer than 3 companies, or ")
