"""Edits as plans: what counts as corrected, what is refused at the cell, retiring and reviving."""

import numpy as np
import pandas as pd
import pytest

from kiertokylat.changes import Changes, Snapshot, no_companies, no_flows
from kiertokylat.plan import (
    InvalidRowsError,
    check_companies,
    check_flows,
    plan_edit,
    retire,
    revive,
)
from kiertokylat.words import LANGUAGES, catalogue, say
from tests.ingest.files import csv
from tests.plans import applied, imported, planned

COMPANIES = csv(
    "id;Nimi;Y-tunnus;Kunta;Toimiala;Henkilöstö;x;y",
    "k1;Koe Oy;1234567-1;Jyväskylä;16100;7;434527;6901554",
    "k2;Muu Oy;;Laukaa;;;;",
)
FLOWS = csv(
    "id;Yrityksen tunnus;EWC;Materiaali;Määrä (t/v);Suunta", "v1;k1;030105;sahanpuru;100;out",
    name="virrat.csv",
)  # fmt: skip


@pytest.fixture
def stored():
    return imported(COMPANIES, FLOWS)


def edited(frame, key, **cells):
    """A change of one row, as the page gives it."""
    before = frame[frame["id"] == key].reset_index(drop=True)
    after = before.astype(object)
    for name, value in cells.items():
        after.loc[0, name] = value
    return Changes(before, after)


def new(frame, **cells):
    """A new row; the page leaves cells that nobody has touched as None."""
    return Changes(frame, pd.DataFrame([dict.fromkeys(frame.columns) | cells], dtype=object))


def codes(found):
    return list(found[["column", "code"]].itertuples(index=False, name=None))


def test_an_edited_column_counts_as_corrected(stored):
    plan = plan_edit(
        stored, edited(stored.companies, "k1", name="Oikea Oy", employees=9), title="k"
    )
    assert plan.kind == "edit"
    assert plan.findings.to_numpy().tolist() == [
        ["companies", "k1", "Oikea Oy", "changed", "", "name employees"]
    ]
    assert plan.companies.before["revision"].tolist() == [1]
    after = applied(stored, plan)
    row = after.companies.iloc[0]
    assert (row["name"], row["employees"], row["corrected"]) == ("Oikea Oy", 9, "employees name")
    # The next import leaves both alone.
    again = planned(after, COMPANIES, FLOWS)
    assert again.empty
    assert set(again.findings["reason"]) == {"", "corrected_by_hand"}


def test_contacts_are_no_column_of_files(stored):
    plan = plan_edit(stored, edited(stored.companies, "k1", contact="Kysy Mikolta"), title="k")
    assert plan.companies.after["contact"].tolist() == ["Kysy Mikolta"]
    assert plan.companies.after["corrected"].tolist() == [""]


def test_rows_without_a_change_are_passed_over(stored):
    everything = Changes(stored.companies, stored.companies.astype(object))
    assert plan_edit(stored, everything, Changes(stored.flows, stored.flows), title="k").empty


def test_another_municipality_moves_the_point_to_its_centre(stored):
    plan = plan_edit(stored, edited(stored.companies, "k1", municipality="410"), title="k")
    row = plan.companies.after.iloc[0]
    assert (row["precision"], row["corrected"]) == ("municipality", "municipality")
    # k2 stands at the centre of Laukaa already: the two are 200 m apart or more.
    other = stored.companies.set_index("id").loc["k2"]
    assert np.hypot(row["x"] - other["x"], row["y"] - other["y"]) > 199


def test_a_point_by_hand_is_exact(stored):
    plan = plan_edit(stored, edited(stored.companies, "k2", x=446212.0, y=6920624.0), title="k")
    row = plan.companies.after.iloc[0]
    assert (row["precision"], row["corrected"]) == ("exact", "precision x y")


def test_a_new_company_and_its_flow_get_ids_a_place_and_a_source(stored):
    company = new(no_companies(), name="Uusi Oy", municipality="410")
    plan = plan_edit(stored, company, title="k")
    row = plan.companies.after.iloc[0]
    assert (row["id"], row["status"], row["source"]) == ("uusi-oy-410", "active", "Käsin lisätty")
    assert (row["precision"], row["corrected"], row["revision"]) == ("municipality", "", 0)
    after = applied(stored, plan)
    flow = new(no_flows(), company_id="uusi-oy-410", direction="in", ewc="15 01 01", tonnes=5)
    row = plan_edit(after, flows=flow, title="k").flows.after.iloc[0]
    assert (row["id"], row["material"]) == ("uusi-oy-410:in:cardboard", "cardboard")
    assert row[["tonnes_low", "tonnes", "tonnes_high"]].tolist() == [5, 5, 5]
    assert row["basis"] == "reported"


def test_a_made_id_is_always_new(stored):
    company = new(no_companies(), name="Koe Oy", business_id="12345671", municipality="410")
    once = applied(stored, plan_edit(stored, company, title="k"))
    twice = applied(once, plan_edit(once, company, title="k"))
    assert set(twice.companies["id"]) == {"k1", "k2", "1234567-1", "1234567-1/2"}


def test_a_private_trader_is_marked(stored):
    company = new(no_companies(), name="Tmi Mikko Malli", municipality="410")
    assert plan_edit(stored, company, title="k").companies.after["sole_trader"].tolist() == [True]


@pytest.mark.parametrize(
    ("low", "best", "high", "wanted"),
    [
        (100, 120, 100, [120, 120, 120]),  # one amount: the bounds follow
        (None, 120, None, [120, 120, 120]),
        (10, None, 30, [10, 20, 30]),
        (90, 100, 130, [90, 100, 130]),
    ],
)
def test_amounts_are_filled_as_an_import_fills_them(stored, low, best, high, wanted):
    change = edited(stored.flows, "v1", tonnes_low=low, tonnes=best, tonnes_high=high)
    row = plan_edit(stored, flows=change, title="k").flows.after.iloc[0]
    assert row[["tonnes_low", "tonnes", "tonnes_high"]].tolist() == wanted


GOOD_COMPANY = {"name": "Koe Oy", "municipality": "410"}
GOOD_FLOW = {"company_id": "k1", "direction": "out", "material": "sawdust"}


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        ({}, []),
        ({"name": " "}, [("name", "name_missing")]),
        ({"name": "x" * 201}, [("name", "too_long")]),
        ({"business_id": "1234567-2"}, [("business_id", "business_id_invalid")]),
        ({"business_id": "FI12345671"}, []),
        ({"nace": "16"}, []),
        ({"nace": "98765"}, [("nace", "industry_unknown")]),
        ({"nace": "04"}, [("nace", "industry_unknown")]),
        ({"nace": "saha"}, [("nace", "industry_unknown")]),
        ({"nace": "C16.10"}, []),
        ({"municipality": "091"}, [("municipality", "municipality_unknown")]),
        ({"municipality": None}, [("municipality", "municipality_unknown")]),
        ({"employees": -1}, [("employees", "employees_range")]),
        ({"employees": 0}, []),
        ({"x": 446212.0}, [("x", "point_incomplete")]),
        ({"x": 446212.0, "y": 6920624.0}, []),
        ({"x": 446212.0, "y": 6990624.0}, [("x", "point_elsewhere")]),
        ({"status": "gone"}, [("status", "choice_unknown")]),
        ({"nace_edition": "2002"}, [("nace_edition", "choice_unknown")]),
    ],
)
def test_company_cells(cells, wanted):
    assert codes(check_companies(pd.DataFrame([GOOD_COMPANY | cells], dtype=object))) == wanted


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        ({}, []),
        ({"company_id": "k9"}, [("company_id", "company_unknown")]),
        ({"direction": ""}, [("direction", "choice_unknown")]),
        ({"ewc": "030105"}, []),
        ({"ewc": "03 01 99"}, []),  # not listed: the sub-chapter's material
        ({"ewc": "3010"}, [("ewc", "code_invalid")]),
        ({"ewc": "150107"}, [("material", "material_differs")]),
        ({"material": "kulta"}, [("material", "material_unknown")]),
        ({"material": None}, [("material", "material_unknown")]),
        ({"material": None, "ewc": "030105"}, []),
        # A lone amount is its own low and high: one cell was typed, one is told of.
        ({"tonnes": -1}, [("tonnes", "tonnes_negative")]),
        ({"tonnes_low": -1, "tonnes_high": 3}, [("tonnes_low", "tonnes_negative")]),
        ({"tonnes_low": -2, "tonnes": -1, "tonnes_high": 3},
         [("tonnes_low", "tonnes_negative"), ("tonnes", "tonnes_negative")]),
        ({"tonnes": 5_000_001}, [("tonnes", "tonnes_absurd")]),
        ({"tonnes_low": 3, "tonnes": 2, "tonnes_high": 4}, [("tonnes", "tonnes_order")]),
        ({"tonnes_high": 5_000_001}, [("tonnes_high", "tonnes_absurd")]),
        ({"note": "x" * 2001}, [("note", "too_long")]),
        ({"basis": "guess"}, [("basis", "choice_unknown")]),
    ],
)  # fmt: skip
def test_flow_cells(cells, wanted):
    rows = pd.DataFrame([GOOD_FLOW | cells], dtype=object)
    assert codes(check_flows(rows, {"k1"})) == wanted


def test_findings_name_the_row_as_the_caller_does():
    rows = pd.DataFrame([GOOD_COMPANY, GOOD_COMPANY | {"id": "b", "name": ""}], index=[4, 9])
    found = check_companies(rows)
    assert found.to_numpy().tolist() == [[9, "b", "name", "name_missing"]]


def test_nothing_is_planned_where_a_cell_is_wrong(stored):
    with pytest.raises(InvalidRowsError) as caught:
        plan_edit(
            stored,
            edited(stored.companies, "k1", name="", employees=3),
            edited(stored.flows, "v1", ewc="99"),
            title="k",
        )
    found = caught.value.findings
    assert list(found["table"]) == ["companies", "flows"]
    assert codes(found) == [("name", "name_missing"), ("ewc", "code_invalid")]
    assert "k1 name: The name is missing" in caught.value.message("en")


def test_rows_are_not_removed_by_hand(stored):
    with pytest.raises(ValueError, match="retired"):
        plan_edit(stored, Changes(stored.companies, no_companies()), title="k")


def test_retired_rows_take_no_part_until_they_are_revived(stored):
    plan = retire(stored, companies=["k1", "k2"], title="k")
    assert plan.findings["columns"].tolist() == ["status", "status"]
    after = applied(stored, plan)
    assert after.companies["status"].tolist() == ["retired", "retired"]
    assert after.flows["status"].tolist() == ["active"], "flows stay as they are"
    assert after.active()[1].empty
    assert retire(after, companies=["k1"], title="k").empty
    back = applied(after, revive(after, companies=["k1"], title="k"))
    assert back.companies["status"].tolist() == ["active", "retired"]
    assert applied(back, retire(back, flows=["v1"], title="k")).active()[1].empty


def test_an_empty_store_can_be_edited():
    plan = plan_edit(Snapshot(), new(no_companies(), **GOOD_COMPANY), title="k")
    assert applied(Snapshot(), plan).companies["id"].tolist() == ["koe-oy-410"]
    assert plan_edit(Snapshot(), title="k").empty


def test_every_code_has_a_text():
    used = {
        "name_missing", "too_long", "business_id_invalid", "industry_unknown", "choice_unknown",
        "municipality_unknown", "employees_range", "point_incomplete", "point_elsewhere",
        "company_unknown", "code_invalid", "material_unknown", "material_differs", "tonnes_order",
        "tonnes_negative", "tonnes_absurd", "number_unread",
    }  # fmt: skip
    assert {key for key in catalogue() if key.startswith("plan.check_")} == {
        f"plan.check_{code}" for code in used
    }
    for language in LANGUAGES:
        assert all(say(f"plan.check_{code}", language) for code in used)
