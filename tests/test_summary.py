"""Figures of small cases worked by hand, and selection."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiertokylat import summary, tables
from kiertokylat.allocation import allocate
from kiertokylat.analysis import Analysis
from kiertokylat.selection import Selection, industry_group, select


def company(key, municipality, nace):
    return {
        "id": key,
        "name": key.upper(),
        "business_id": "",
        "nace": nace,
        "nace_edition": "",
        "municipality": municipality,
        "employees": np.nan,
        "x": 430000.0,
        "y": 6900000.0,
        "precision": "exact",
        "source": "test",
    }


def flow(key, owner, direction, material, tonnes, basis="reported"):
    return {
        "id": key,
        "company_id": owner,
        "direction": direction,
        "ewc": "",
        "material": material,
        "tonnes_low": tonnes,
        "tonnes": tonnes,
        "tonnes_high": tonnes,
        "continuity": "",
        "basis": basis,
        "source": "test",
        "note": "",
    }


def candidate(supply, giver, taker, material, tonnes, km, certainty="reported"):
    return {
        "supply_id": supply,
        "demand_id": "",
        "from_company": giver,
        "to_company": taker,
        "material": material,
        "ewc": "",
        "use": "",
        "route": "",
        "evidence": "",
        "certainty": certainty,
        "precision": "exact",
        "distance_km": km,
        "road_km": km * 1.3,
        "tonnes_low": tonnes,
        "tonnes": tonnes,
        "tonnes_high": tonnes,
    }


@pytest.fixture
def small() -> Analysis:
    """A sawmill (179) offers sawdust and bark, a farm (410) takes sawdust, a builder offers."""
    companies = pd.DataFrame(
        [company("saw", "179", "16100"), company("farm", "410", "01410"), company("b", "410", "41")]
    )
    flows = pd.DataFrame(
        [
            flow("s1", "saw", "out", "sawdust", 100.0),
            flow("s2", "saw", "out", "bark", 40.0, "estimated"),
            flow("s3", "b", "out", "wood_clean", np.nan),
            flow("d1", "farm", "in", "sawdust", 30.0),
        ]
    )
    candidates = pd.DataFrame(
        [
            candidate("s1", "saw", "farm", "sawdust", 30.0, 12.0),
            candidate("s1", "saw", "b", "sawdust", 100.0, 60.0, "mixed"),
        ]
    )
    return Analysis(tables.companies(companies), tables.flows(flows), tables.candidates(candidates))


NOTHING = pd.DataFrame(
    columns=["supply_id", "demand_id", "from_company", "to_company", "material", "tonnes"]
).astype({"tonnes": float})


@pytest.fixture
def shared(small) -> pd.DataFrame:
    """30 of the 100 t of sawdust fit into the farm's stated need."""
    return allocate(stated(small), small.flows)


def stated(small) -> pd.DataFrame:
    return small.candidates.assign(demand_id=pd.Categorical(["d1", ""], ["", "d1"]))


def test_by_municipality(small):
    table = summary.by_municipality(
        small.companies,
        small.flows,
        small.candidates,
        NOTHING,
        pd.Index(["179", "410", "500"]),
    )
    assert table.loc["179", ["companies", "supply_t", "placed_t", "unplaced_t"]].tolist() == [
        1,
        140,
        100,
        40,
    ]
    assert table.loc["179", "unplaced_share"] == pytest.approx(40 / 140)
    assert table.loc["179", "reported_share"] == pytest.approx(100 / 140)
    assert table.loc["179", ["stated_t", "unstated_t"]].tolist() == [0, 140]
    assert table.loc["410", "demand_t"] == 30
    assert table.loc["500"].fillna(-1).tolist() == [0, 0, 0, 0, 0, 0, 0, -1, -1, -1]


def test_allocation_counts_each_tonne_and_each_need_once(small, shared):
    assert shared[["supply_id", "demand_id", "tonnes"]].to_dict("records") == [
        {"supply_id": "s1", "demand_id": "d1", "tonnes": 30.0}
    ]
    table = summary.by_material(small.flows, small.candidates, shared)
    assert table.loc["sawdust", ["stated_t", "unstated_t"]].tolist() == [30, 70]


def test_the_nearest_pair_is_served_first():
    """By hand: 50 t and 40 t meet needs of 60 t (at 1 and 2 km) and 20 t (second only, at 3 km)."""
    flows = tables.flows(
        pd.DataFrame(
            [
                flow("a", "A", "out", "sawdust", 50.0),
                flow("b", "B", "out", "sawdust", 40.0),
                flow("d", "D", "in", "sawdust", 60.0),
                flow("e", "E", "in", "sawdust", 20.0),
            ]
        )
    )
    pairs = [("a", "d", 1.0), ("b", "d", 2.0), ("b", "e", 3.0)]
    rows = [
        {**candidate(s, s.upper(), d.upper(), "sawdust", 1.0, km), "demand_id": d}
        for s, d, km in pairs
    ]
    shared = allocate(tables.candidates(pd.DataFrame(rows)), flows)
    assert shared["tonnes"].tolist() == [50, 10, 20]


@given(st.data())
def test_allocation_keeps_the_mass_balance(data):
    amounts = st.lists(st.floats(0, 1000), min_size=1, max_size=6)
    supplies, needs = data.draw(amounts), data.draw(amounts)
    flows = [flow(f"s{n}", f"S{n}", "out", "sawdust", t) for n, t in enumerate(supplies)]
    flows += [flow(f"d{n}", f"D{n}", "in", "sawdust", t) for n, t in enumerate(needs)]
    km = data.draw(st.permutations(range(len(supplies) * len(needs))))
    rows = [
        {**candidate(f"s{a}", f"S{a}", f"D{b}", "sawdust", 1.0, float(km[k])), "demand_id": f"d{b}"}
        for k, (a, b) in enumerate((a, b) for a in range(len(supplies)) for b in range(len(needs)))
    ]
    table = tables.flows(pd.DataFrame(flows))
    shared = allocate(tables.candidates(pd.DataFrame(rows)), table)
    have = table.set_index("id")["tonnes"]
    for side in ("supply_id", "demand_id"):
        used = shared.groupby(side)["tonnes"].sum()
        assert (used <= have[used.index] + 1e-9).all()
    # Every pair is possible here, so the smaller side is used up.
    assert shared["tonnes"].sum() == pytest.approx(min(sum(supplies), sum(needs)))


def test_by_material_is_ordered_by_supply(small):
    table = summary.by_material(small.flows, small.candidates, NOTHING)
    assert list(table.index) == ["sawdust", "bark", "wood_clean"]
    assert table.loc["sawdust", ["suppliers", "supply_t", "demand_t", "placed_t"]].tolist() == [
        1,
        100,
        30,
        100,
    ]
    assert table.loc["bark", "unplaced_t"] == 40


def test_between_municipalities(small, shared):
    pairs = summary.between_municipalities(shared, small.companies)
    assert pairs.to_dict("records") == [
        {"from_municipality": "179", "to_municipality": "410", "tonnes": 30.0, "candidates": 1}
    ]


def test_industry_flows_sum_to_the_supply(small, shared):
    links = summary.industry_flows(small.flows, small.candidates, shared, small.companies)
    assert [tuple(row) for row in links.to_numpy()] == [
        ("wood_paper", "sawdust", "possible", 70.0),
        ("wood_paper", "bark", "none", 40.0),
        ("wood_paper", "sawdust", "farming_forestry", 30.0),
    ]


def test_industry_group_of_unknown_codes():
    groups = industry_group(pd.Series(["16100", "41", "", "00"]))
    assert groups.tolist() == ["wood_paper", "construction", "other", "other"]


def test_select_keeps_candidates_with_either_end_here(small):
    for code in ("179", "410"):
        chosen = select(small, Selection(municipalities=(code,)))
        assert list(chosen.candidates["to_company"]) == ["farm"]
    assert list(select(small, Selection(max_km=60)).candidates["to_company"]) == ["farm", "b"]
    assert select(small, Selection(certainties=("mixed",))).candidates.empty


def test_select_by_material_keeps_givers_and_takers(small):
    chosen = select(small, Selection(materials=("sawdust",), max_km=100))
    assert set(chosen.companies["id"]) == {"saw", "farm", "b"}
    assert set(chosen.flows["id"]) == {"s1", "d1"}
    assert select(small, Selection(materials=("glass",))).companies.empty


def test_the_largest_companies_are_those_that_report(small):
    two = summary.largest(small.companies, small.flows, 2)
    assert list(two["id"]) == ["saw", "farm"]
    assert list(summary.largest(small.companies, small.flows, 3)["id"]) == ["saw", "farm", "b"]


def test_amounts_told_in_part_count_as_in_matching():
    """40 t told as a low, 70 t as a high only, of a third supply nothing: 110 t."""
    companies = tables.companies(
        pd.DataFrame([company("saw", "179", "16100"), company("mill", "179", "16100")])
    )
    unknown = float("nan")
    told = [
        flow("s1", "saw", "out", "sawdust", unknown) | {"tonnes_low": 40.0},
        flow("s2", "mill", "out", "sawdust", unknown) | {"tonnes_high": 70.0},
        flow("s3", "saw", "out", "sawdust", unknown),
    ]
    flows = tables.flows(pd.DataFrame(told))
    none, nothing = (
        tables.empty(tables.CANDIDATES),
        allocate(tables.empty(tables.CANDIDATES), flows),
    )
    assert summary.by_material(flows, none, nothing).loc["sawdust", "supply_t"] == 110
    links = summary.industry_flows(flows, none, nothing, companies)
    assert links["tonnes"].sum() == 110
    assert summary.largest(companies, flows, 1)["id"].tolist() == ["mill"]


def test_limits_name_the_filters_in_force():
    assert Selection().limits == ()
    assert Selection(materials=("x",), groups=("food",)).limits == ("materials", "groups")


def test_classes_by_hand():
    ranks, limits = summary.classes(pd.Series([1.0, 2, 3, 4, 100, np.nan]))
    assert limits == [1.8, 2.6, 3.4, 23.0]
    assert ranks.iloc[:5].tolist() == [0, 1, 2, 3, 4]
    assert pd.isna(ranks.iloc[5])


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=40), st.randoms())
def test_classes_keep_order_whatever_the_order_of_rows(values, random):
    series = pd.Series(values)
    ranks, limits = summary.classes(series)
    assert ranks.between(0, len(limits)).all()
    assert len(limits) <= 4
    assert ranks.iloc[series.argsort(kind="stable")].is_monotonic_increasing
    order = list(series.index)
    random.shuffle(order)
    again, same = summary.classes(series.loc[order])
    assert same == limits
    assert again.sort_index().tolist() == ranks.tolist()


def test_empty_tables_give_empty_figures():
    none = Analysis(
        tables.empty(tables.COMPANIES),
        tables.empty(tables.FLOWS),
        tables.candidates(pd.DataFrame(columns=list(tables.CANDIDATES.columns))),
    )
    table = summary.by_municipality(
        none.companies, none.flows, none.candidates, NOTHING, pd.Index(["179"])
    )
    assert table["supply_t"].tolist() == [0]
    assert summary.by_material(none.flows, none.candidates, NOTHING).empty
    assert summary.between_municipalities(NOTHING, none.companies).empty
    assert summary.industry_flows(none.flows, none.candidates, NOTHING, none.companies).empty
    assert allocate(none.candidates, none.flows).empty
    assert summary.classes(pd.Series([], dtype=float))[1] == []
