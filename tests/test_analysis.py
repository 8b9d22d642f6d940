"""The one call: estimates, matching and careful treatment of unknown codes together."""

import pandas as pd

from kiertokylat import reference, tables
from kiertokylat.analysis import analyse
from kiertokylat.assumptions import Assumptions
from kiertokylat.industry import in_2008
from tests.test_summary import company, flow


def two(code: str = "030105") -> tuple[pd.DataFrame, pd.DataFrame]:
    """A sawmill that offers sawdust, and a farm of no known size 10 km north that needs some."""
    companies = pd.DataFrame([company("saw", "179", "16100"), company("farm", "179", "01500")])
    companies.loc[companies["id"] == "farm", "y"] += 10_000
    flows = pd.DataFrame(
        [flow("s", "saw", "out", "sawdust", 100.0), flow("d", "farm", "in", "sawdust", 30.0)]
    )
    flows.loc[flows["id"] == "s", "ewc"] = code
    return tables.companies(companies), tables.flows(flows)


def pair(result):
    found = result.candidates
    return found[(found["supply_id"] == "s") & (found["demand_id"] == "d")]


def test_a_stated_pair_by_hand():
    (row,) = pair(analyse(*two())).to_dict("records")
    assert row["distance_km"] == 10
    assert row["road_km"] == 13
    assert row["tonnes"] == 30
    assert row["certainty"] == "reported"


def test_the_detour_factor_is_the_callers():
    (row,) = pair(analyse(*two(), Assumptions(detour_factor=2))).to_dict("records")
    assert row["road_km"] == 20


def test_estimates_fill_in_what_is_not_reported():
    flows = analyse(*two()).flows
    assert set(flows["basis"]) == {"reported", "estimated"}
    sawdust = flows[(flows["company_id"] == "saw") & (flows["material"] == "sawdust")]
    assert list(sawdust["basis"]) == ["reported"]


def test_a_code_that_nobody_knows_is_treated_as_hazardous():
    known, unknown = analyse(*two("030105")), analyse(*two("030398"))
    permits = reference.uses()["permit_fi"]
    assert len(pair(known)) == 1
    uses = unknown.candidates.loc[unknown.candidates["supply_id"] == "s", "use"].astype(str)
    assert permits[uses].ne("").all()


def test_the_order_of_rows_does_not_matter():
    companies, flows = two()
    first, second = analyse(companies, flows), analyse(companies[::-1], flows[::-1])
    pd.testing.assert_frame_equal(first.candidates, second.candidates)


def test_repair_of_vehicles_is_one_industry_in_both_editions():
    """By hand: TOL 2025 95.31 is TOL 2008 45.20; 95.11, computers, stays what it is."""
    frame = pd.DataFrame(
        {
            "nace": ["95310", "95110", "46710", "46710", "47810", "45200", "16100", ""],
            "nace_edition": ["2025", "2025", "2025", "2008", "2025", "2008", "2025", ""],
        }
    )
    assert in_2008(frame).tolist() == ["452", "95110", "45", "46710", "45", "45200", "16100", ""]


def test_estimates_that_come_back_are_made_anew():
    companies, flows = two()
    once = analyse(companies, flows)
    again = analyse(companies, once.flows)
    pd.testing.assert_frame_equal(once.flows, again.flows)


def test_two_dealers_of_a_material_are_no_candidates_for_each_other():
    """Both scrap yards have said both; the foundry between them only needs, and is offered."""
    yards = [company("a", "179", "38320"), company("b", "179", "38320")]
    companies = pd.DataFrame([*yards, company("foundry", "179", "24510")])
    sides = [("a", "out"), ("a", "in"), ("b", "out"), ("b", "in"), ("foundry", "in")]
    stated = pd.DataFrame(
        [flow(f"{who}-{way}", who, way, "steel_scrap", 9.0) for who, way in sides]
    )
    found = analyse(tables.companies(companies), tables.flows(stated)).candidates
    steel = found[(found["material"] == "steel_scrap") & (found["demand_id"] != "")]
    pairs = set(zip(steel["supply_id"].astype(str), steel["demand_id"].astype(str), strict=True))
    assert {("a-out", "foundry-in"), ("b-out", "foundry-in")} <= pairs
    assert not pairs & {("a-out", "b-in"), ("b-out", "a-in")}
    # One that has only said what it offers may give to a dealer.
    one = stated[stated["id"] != "a-in"]
    found = analyse(tables.companies(companies), tables.flows(one)).candidates
    assert ("a-out", "b-in") in set(
        zip(found["supply_id"].astype(str), found["demand_id"].astype(str), strict=True)
    )
