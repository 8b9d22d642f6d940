"""What is stored at a glance and what is missing, on cases counted by hand."""

import numpy as np
import pandas as pd
import pytest

from kiertokylat import tables
from kiertokylat.changes import Snapshot, no_flows
from kiertokylat.completeness import (
    MEASURES,
    by_origin,
    completeness,
    most_missing,
    next_municipality,
)
from tests.test_privacy import companies_of, company, flow, flows_of

KNOWN = {"business_id": "1234567-1"}
UNKNOWN = {"business_id": "", "nace": "", "employees": np.nan, "precision": "municipality"}


@pytest.fixture
def stored() -> Snapshot:
    """Laukaa: one company known in full, one not at all. Äänekoski: all but a reported flow."""
    companies = companies_of(
        company("a", municipality="410", **KNOWN),
        company("b", municipality="410", **UNKNOWN),
        company("c", municipality="992", **KNOWN),
        company("gone", municipality="992", status="ceased"),
        company("out", municipality="992", status="retired"),
    )
    flows = flows_of(
        flow("1", "a"),
        flow("2", "a", direction="in"),
        flow("3", "c", basis="estimated"),
        flow("4", "gone"),
        flow("5", "b", status="retired"),
    )
    return Snapshot(1, companies, flows)


def test_shares_are_those_of_the_companies_that_take_part(stored):
    table = completeness(*stored.active(), ["410", "992", "435"])
    assert table.loc["410"].to_dict() == {
        "companies": 2,
        # One of two has each; flow 5 is retired, so b has none.
        **dict.fromkeys(MEASURES, 0.5),
        "share": 0.5,
    }
    # c lacks a reported flow only, an estimate is none: (1 + 1 + 1 + 1 + 0) / 5 = 0.8.
    assert table.loc["992", "companies"] == 1
    assert table.loc["992", list(MEASURES)].tolist() == [1, 1, 1, 1, 0]
    assert table.loc["992", "share"] == pytest.approx(0.8)
    assert table.loc["435", "companies"] == 0
    assert table.loc["435", [*MEASURES, "share"]].isna().all()


def test_what_is_missing_most_is_the_smallest_share(stored):
    table = completeness(*stored.active(), ["410", "992", "435"])
    # 410: all alike, so the first; 435 has nobody to lack anything.
    assert most_missing(table).to_dict() == {"410": "business_id", "992": "reported", "435": ""}


def test_one_without_companies_is_next_then_the_smallest_share(stored):
    companies, flows = stored.active()
    assert next_municipality(completeness(companies, flows, ["992", "410", "435"])) == "435"
    assert next_municipality(completeness(companies, flows, ["992", "410"])) == "410"


def test_of_equal_shares_the_one_with_more_companies_is_next():
    companies = companies_of(
        company("a", municipality="410", **UNKNOWN),
        company("b", municipality="992", **UNKNOWN),
        company("c", municipality="992", **UNKNOWN),
    )
    assert next_municipality(completeness(companies, no_flows(), ["410", "992"])) == "992"


def test_nothing_is_next_where_all_is_known():
    table = completeness(
        companies_of(company("a", municipality="410", **KNOWN)), flows_of(flow("1", "a")), ["410"]
    )
    assert next_municipality(table) == ""
    assert most_missing(table).to_dict() == {"410": ""}


def test_rows_are_counted_by_origin_and_status():
    stored = Snapshot(
        1,
        companies_of(
            company("d", source="demo"),
            company("r", source="PRH/YTJ 2026-01-02"),
            company("old", source="PRH/YTJ 2026-01-02", status="ceased"),
            company("f"),
            company("x", status="retired"),
        ),
        flows_of(
            flow("1", "d", source="demo"),
            flow("2", "r", basis="register"),
            flow("3", "f"),
            flow("4", "f", status="retired"),
            flow("5", "old"),  # its company takes no part
        ),
    )
    table = by_origin(stored, estimated=7)
    expected = {
        #             companies, flows, ceased, retired, flows_out
        "demo": [1, 1, 0, 0, 0],
        "register": [1, 1, 1, 0, 0],
        "reported": [1, 1, 0, 1, 2],
        "estimated": [0, 7, 0, 0, 0],
    }
    assert list(table.columns) == ["companies", "flows", "ceased", "retired", "flows_out"]
    assert {origin: row.tolist() for origin, row in table.iterrows()} == expected


def test_an_empty_store_has_nothing():
    table = by_origin(Snapshot(), estimated=0)
    assert not table.to_numpy().any()
    empty = completeness(tables.empty(tables.COMPANIES), tables.empty(tables.FLOWS), ["410"])
    assert pd.isna(empty.loc["410", "share"])
    assert next_municipality(empty) == "410"
