"""Too many pairs: which are kept, worked by hand and against the plain rule."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from kiertokylat import pairs, tables
from kiertokylat.match import Rules, match, matched
from tests.test_match import (
    NO_USES,
    OPTIONS,
    brute_force,
    companies_of,
    company,
    ends,
    flow,
    flows_of,
    plain,
    regions,
    small_town,
    use,
    uses_of,
)

KEY = ["supply_id", "to_company", "demand_id"]

# Three offers at one point; three needs 3 km away, and one 10 km.
TOWN = companies_of(
    *(company(key) for key in ("m1", "m2", "m3")),
    company("a", x=3),
    company("b", x=-3),
    company("c", y=3),
    company("d", x=10),
)
OFFERS = [flow(f"s{n}", f"m{n}", "out") for n in (1, 2, 3)]
NEEDS = [flow(f"need-{key}", key, "in") for key in "abcd"]


def test_the_nearest_needs_and_ties_by_id_worked_by_hand():
    # 3 · 4 = 12 pairs, more than 10. Four needs leave room for 10 − 4 = 6 = 3 · 2: each offer keeps
    # the first two of the three needs at 3 km. Nobody's nearest are c and d: they get the first of
    # the three offers, which are equally near.
    flows = flows_of(*OFFERS, *NEEDS)
    found = matched(TOWN, flows, NO_USES, Rules(hazardous=(), most_pairs=10))
    assert (found.found, found.nearest_only) == (12, 2)
    assert ends(found.pairs) == [
        ("s1", "a", "need-a"),
        ("s1", "b", "need-b"),
        ("s1", "c", "need-c"),
        ("s1", "d", "need-d"),
        ("s2", "a", "need-a"),
        ("s2", "b", "need-b"),
        ("s3", "a", "need-a"),
        ("s3", "b", "need-b"),
    ]


@pytest.mark.parametrize(
    ("most_pairs", "nearest_only"),
    [(12, None), (11, 2), (6, 1), (0, 1), (None, None)],
)
def test_as_many_as_there_is_room_for(most_pairs, nearest_only):
    # All are 12; 11 − 4 = 7 holds 3 · 2; 6 − 4 = 2 holds not even 3 · 1, but one each stays.
    flows = flows_of(*OFFERS, *NEEDS)
    found = matched(TOWN, flows, NO_USES, Rules(hazardous=(), most_pairs=most_pairs))
    assert (found.found, found.nearest_only) == (12, nearest_only)


def test_receivers_known_by_their_industry_are_counted_and_cut_too():
    # Offers s1–s3, no needs, four users in two divisions (b says nothing of its own): 3 · 4 = 12
    # pairs. Of 6 there is room for 3 · 2: a and b, whatever their division.
    users = TOWN.assign(nace=["16100"] * 3 + ["35301", "35301", "01110", "01110"])
    uses = uses_of(use("wood", "35"), use("wood", "01", route="organic"))
    rules = Rules(hazardous=(), receivers_per_supply=5, most_pairs=6)
    found = matched(users, flows_of(*OFFERS), uses, rules)
    assert (found.found, found.nearest_only) == (12, 2)
    assert list(found.pairs["to_company"]) == ["a", "b"] * 3


def test_twins_and_dealers_take_nobodys_place():
    # m1 and a deal in wood, so s1 keeps the next, b. m1 and b are estimated ones of one division
    # with bark, so s4 keeps the next, c.
    flows = flows_of(
        flow("s1", "m1", "out"),
        flow("s4", "m1", "out", "bark", basis="estimated"),
        flow("s5", "m2", "out", "bark"),
        flow("own", "m1", "in"),
        flow("also", "a", "out"),
        *NEEDS,
        *(flow(f"bark-{key}", key, "in", "bark", basis="estimated") for key in "bcd"),
    )
    places = TOWN.assign(nace=["16100", "25100", "25100", "25100", "16100", "25100", "25100"])
    rules = Rules(hazardous=(), new_only=True, most_pairs=1)
    found = matched(places, flows, NO_USES, rules).pairs
    nearest = found[found["supply_id"].isin(["s1", "s4"])].drop_duplicates("supply_id")
    assert ends(nearest) == [("s4", "c", "bark-c"), ("s1", "b", "need-b")]
    every = matched(places, flows, NO_USES, Rules(hazardous=(), new_only=True)).pairs
    assert ("s1", "a", "need-a") not in ends(every)
    assert ("s4", "b", "bark-b") not in ends(every)


@settings(max_examples=50, deadline=None)
@given(region=regions(), options=OPTIONS, most_pairs=st.integers(0, 20))
def test_what_is_kept(region, options, most_pairs):
    every = match(*region, **options)
    found = matched(*region, Rules(**options, most_pairs=most_pairs))
    tables.candidates(found.pairs)
    assert found.found == len(every)
    if found.nearest_only is None:
        assert_frame_equal(found.pairs, every)
        return
    kept = plain(found.pairs)
    assert all(row in plain(every) for row in kept)
    assert len(kept) < len(every)
    assert len(kept) <= most_pairs or found.nearest_only == 1
    keys = set(ends(found.pairs))
    order = every.astype(dict.fromkeys(KEY, "str")).sort_values(["distance_km", *KEY[1:]])
    stated = order["demand_id"] != ""
    for part in (order[stated], order[~stated]):
        near = part.groupby("supply_id", sort=False).head(found.nearest_only)
        assert keys >= set(ends(near))
    by_industry = order[~stated].groupby("supply_id").head(found.nearest_only)
    assert {key for key in keys if key[2] == ""} == set(ends(by_industry))
    # No flow loses all its partners.
    for name in ("supply_id", "demand_id"):
        assert set(found.pairs[name]) == set(every[name])


@settings(max_examples=25, deadline=None)
@given(region=regions(), options=OPTIONS, seed=st.integers(0, 2**32 - 1))
def test_the_order_of_rows_does_not_matter(region, options, seed):
    shuffled = (frame.sample(frac=1, random_state=seed) for frame in region)
    rules = Rules(**options, most_pairs=5)
    first, second = matched(*region, rules), matched(*shuffled, rules)
    assert first[1:] == second[1:]
    assert_frame_equal(first.pairs, second.pairs)


def test_everybody_at_one_point():
    """600 flows of one material at one point: far more pairs than there is room for."""
    companies, flows, uses = small_town()
    companies = companies.assign(x=430_000.0, y=6_900_000.0)
    flows = flows.assign(material="wood")
    every = match(companies, flows, uses, hazardous=(), receivers_per_supply=3)
    rules = Rules(hazardous=(), receivers_per_supply=3, most_pairs=5000)
    found = matched(companies, flows, uses, rules)
    assert len(every) == found.found > 50_000
    assert len(found.pairs) <= 5000
    # All are equally near, so the companies with the first ids win.
    most = found.nearest_only
    first = every[every["demand_id"] != ""].groupby("supply_id", observed=True).head(most)
    assert set(ends(first)) <= set(ends(found.pairs))


@pytest.mark.parametrize("limit", [0, 10_000_000])
def test_few_or_many_ties_give_the_same_nearest(monkeypatch, limit):
    """Where a tree would give too many pairs, all distances are worked out: the same result."""
    monkeypatch.setattr(pairs, "_MOST_NEAR", limit)
    region = small_town(80)
    options = {"hazardous": frozenset(), "max_km": 30.0, "receivers_per_supply": 2}
    assert plain(match(*region, **options)) == brute_force(*region, **options)


@settings(max_examples=40, deadline=None)
@given(
    away=st.lists(
        st.lists(st.sampled_from([0.0, 1.0, 2.0, np.inf]), min_size=3, max_size=3), max_size=6
    ),
    count=st.integers(1, 4),
)
def test_blocks_of_any_size_give_the_same_nearest(away, count):
    """The distances are made from points on a line; infinite ones stand for what may not be."""
    table = np.array(away, dtype=float).reshape(-1, 3)
    start = np.zeros((len(table), 2))
    end = np.array([[1000.0, 0.0], [1000.0, 0.0], [2000.0, 0.0]])

    def allowed(first, second):
        return np.isfinite(table)[first, second]

    first, second = pairs.nearest_allowed(start, end, 5.0, count, allowed)
    expected = [
        (row, column)
        for row in range(len(table))
        for column in [at for at in range(3) if np.isfinite(table[row, at])][:count]
    ]
    assert list(zip(first.tolist(), second.tolist(), strict=True)) == expected
    assert pairs.count_within(start, end, 1.5) == 2 * len(table)
    assert pd.Series(first).is_monotonic_increasing
