"""Assumptions as people read them in exports and on the page."""

import numpy as np
import pytest

from kiertokylat import reference, tables
from kiertokylat.assumption_rows import changes, exact, factors, row_label, settings
from kiertokylat.assumptions import Assumptions, FactorEdit


def rows(assumptions, language="fi"):
    return {row["item"]: row for row in settings(assumptions, language)}


def ends(row):
    return row["low"], row["value"], row["high"]


def candidates(*kinds):
    frame = tables.empty(tables.CANDIDATES).reindex(range(len(kinds)))
    texts = dict.fromkeys(frame.select_dtypes("category").columns, "")
    frame = frame.astype("object").fillna(texts)
    frame["material"] = [material for material, _ in kinds]
    frame["route"] = [route for _, route in kinds]
    return frame


def test_every_assumption_has_a_row_that_says_what_it_is():
    table = rows(Assumptions())
    # 14 fields without the edits, and freight and emissions of small flows
    assert len(table) == 16
    assert all(row["status"] for row in table.values())
    assert table["Jätevero, €/t"]["value"] == 80
    assert "HE 185/2022" in table["Jätevero, €/t"]["source"]
    assert table["Vuosi, jota tulokset koskevat"]["value"] == 2026
    assert {row["status"] for row in table.values()} <= {
        "oletus, ilman lähdettä",
        "lähteestä",
        "laskettu lähteistä",
    }


def test_freight_is_the_one_in_force():
    vehicles = reference.vehicles()
    semi = rows(Assumptions(vehicle="semi"))
    assert ends(semi["Rahti, €/tkm"]) == tuple(
        vehicles.loc["semi", ["freight_low", "freight", "freight_high"]]
    )
    assert semi["Täysien kuormien ajoneuvo"]["status"] == "muokattu"
    assert semi["Täysien kuormien ajoneuvo"]["value"] == vehicles.loc["semi", "payload_t"]
    assert semi["Pienten erien rahti, €/tkm"]["value"] == vehicles.loc["rigid", "freight"]
    assert ends(semi["Pienten erien kuljetuksen päästöt, kg CO₂e/tkm"]) == tuple(
        vehicles.loc["rigid", ["transport_low", "transport", "transport_high"]]
    )


def test_own_freight_of_full_loads_is_not_that_of_small_flows():
    own = {"freight_eur_tkm": (1, 2, 3), "transport_kg_tkm": (4, 5, 6)}
    small = ["Pienten erien rahti, €/tkm", "Pienten erien kuljetuksen päästöt, kg CO₂e/tkm"]
    vehicle = reference.vehicles().loc["rigid"]
    table = rows(Assumptions(**own))
    assert [table[name]["high"] for name in small] == [
        vehicle["freight_high"],
        vehicle["transport_high"],
    ]
    # One class for all: its figures are the user's own.
    table = rows(Assumptions(vehicle="rigid", **own))
    assert [(table[name]["value"], table[name]["status"]) for name in small] == [
        (2, "muokattu"),
        (5, "muokattu"),
    ]


def test_a_load_on_the_way_back_lowers_freight_and_says_so():
    """Own freight 0.1/0.2/0.4, a load on every way back: half of it."""
    row = rows(Assumptions(freight_eur_tkm=(0.1, 0.2, 0.4), empty_return=0.0))["Rahti, €/tkm"]
    assert ends(row) == pytest.approx((0.05, 0.1, 0.2))
    assert row["status"] == "muokattu"
    assert "vähennetty" in row["source"]


def test_changed_figures_are_marked_and_lose_their_source():
    row = rows(Assumptions(waste_tax_eur_t=95))["Jätevero, €/t"]
    assert (row["value"], row["status"]) == (95, "muokattu")
    assert "source" not in row


def test_factors_are_those_of_the_candidates():
    found = list(factors(candidates(("concrete", "earthworks")), Assumptions(), "fi"))
    table = reference.factors()
    expected = table[(table["material"] == "concrete") & table["route"].isin(["", "earthworks"])]
    assert [row["item"] for row in found] == [
        row_label(row.material, row.route, row.item, "fi") for row in tables.rows(expected)
    ]
    np.testing.assert_array_equal([row["value"] for row in found], expected["best"])
    assert not list(factors(candidates(), Assumptions(), "fi"))


def test_an_edited_factor_is_marked_and_cites_nobody():
    edit = FactorEdit("concrete", "", "price", 1.0, 2.0, 3.0)
    found = factors(candidates(("concrete", "")), Assumptions(edits=(edit,)), "en")
    marked = [row for row in found if row["status"] == "edited"]
    assert [ends(row) for row in marked] == [(1.0, 2.0, 3.0)]
    assert marked[0]["source"] == ""


def test_a_fee_that_moved_with_the_tax_says_so():
    taxed = reference.factors().query("tax == 'included'").dropna(subset="best")
    row = taxed.iloc[0]
    found = factors(
        candidates((row["material"], row["route"])), Assumptions(waste_tax_eur_t=95.0), "fi"
    )
    name = row_label(row["material"], row["route"], "disposal", "fi")
    (fee,) = [one for one in found if one["item"] == name]
    assert fee["value"] == pytest.approx(row["best"] + 15)
    assert fee["source"].startswith("jäteveron muutos on lisätty maksuun; ")


def test_what_was_changed_reads_old_and_new():
    row = reference.factors().dropna(subset="best").iloc[0]
    edit = FactorEdit(row["material"], row["route"], row["item"], -1.5, 2.0, 3.0)
    table = changes(
        Assumptions(
            vehicle="semi", empty_return=0.07, freight_eur_tkm=(0.1, 0.2, 0.3), edits=(edit,)
        ),
        "fi",
    )
    names = reference.vehicles()["name_fi"]
    assert table[["old", "new"]].to_numpy().tolist()[:3] == [
        [names["combination"], names["semi"]],
        [f"ajoneuvon oma ({names['combination']})", "0,1 / 0,2 / 0,3"],
        ["100 %", "7 %"],
    ]
    assert table["new"].iloc[3] == "−1,5 / 2 / 3"
    assert len(table) == 4
    assert changes(Assumptions(), "fi").empty


def test_a_factor_that_was_not_known_is_said_to_be_so():
    unknown = reference.factors().query("best != best")
    row = unknown.iloc[0]
    edit = FactorEdit(row["material"], row["route"], row["item"], 1.0, 2.0, 3.0)
    assert changes(Assumptions(edits=(edit,)), "en")["old"].tolist() == ["not known"]


@pytest.mark.parametrize(
    ("value", "text"), [(0.085, "0,085"), (1234.5, "1234,5"), (-2.0, "−2"), (1e6, "1000000")]
)
def test_numbers_in_full(value, text):
    assert exact(value, "fi") == text
