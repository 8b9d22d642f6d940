"""Figures of small cases worked by hand, and selection."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiertokylat import summary, tables
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


def test_by_municipality(small):
    table = summary.by_municipality(
        small.companies, small.flows, small.candidates, pd.Index(["179", "410", "500"])
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


def test_a_stated_need_is_told_from_one_known_by_industry(small):
    met = small.candidates.assign(demand_id=pd.Categorical(["d1", ""], ["", "d1"]))
    table = summary.by_material(small.flows, met)
    assert table.loc["sawdust", ["stated_t", "unstated_t"]].tolist() == [100, 0]
    assert summary.receivers(small.flows, met) == (1, 0, 2)
    assert summary.receivers(small.flows, small.candidates) == (0, 1, 2)


def test_by_material_is_ordered_by_supply(small):
    table = summary.by_material(small.flows, small.candidates)
    assert list(table.index) == ["sawdust", "bark", "wood_clean"]
    assert table.loc["sawdust", ["suppliers", "supply_t", "demand_t", "placed_t"]].tolist() == [
        1,
        100,
        30,
        100,
    ]
    assert table.loc["bark", "unplaced_t"] == 40


def test_between_municipalities(small):
    best = small.candidates.iloc[[0]]
    pairs = summary.between_municipalities(best, small.companies)
    assert pairs.to_dict("records") == [
        {"from_municipality": "179", "to_municipality": "410", "tonnes": 30.0, "candidates": 1}
    ]


def test_industry_flows_count_each_supply_once(small):
    links = summary.industry_flows(small.flows, small.candidates.iloc[[0]], small.companies)
    assert links.to_dict("records") == [
        {
            "from_group": "wood_paper",
            "material": "sawdust",
            "to_group": "farming_forestry",
            "tonnes": 100.0,
        },
        {"from_group": "wood_paper", "material": "bark", "to_group": "", "tonnes": 40.0},
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
    table = summary.by_municipality(none.companies, none.flows, none.candidates, pd.Index(["179"]))
    assert table["supply_t"].tolist() == [0]
    assert summary.by_material(none.flows, none.candidates).empty
    assert summary.between_municipalities(none.candidates, none.companies).empty
    assert summary.industry_flows(none.flows, none.candidates, none.companies).empty
    assert summary.classes(pd.Series([], dtype=float))[1] == []
