import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiertokylat import reference, tables
from kiertokylat.assumptions import Assumptions
from kiertokylat.estimate import KEY, SMALL_FIRM, UNKNOWN_EMPLOYEES, estimate

# Round numbers, made up: per employee and year 10 / 100 / 1000 kg of sawdust in division 16, and
# five times that in its group 161.
COEFFICIENTS = pd.DataFrame(
    [
        ("16", "16", "sawdust", "030105", "out", 10.0, 100.0, 1000.0, "source"),
        ("16", "161", "sawdust", "030105", "out", 50.0, 500.0, 5000.0, "source"),
        ("16", "16", "cardboard", "150101", "out", 1.0, 3.0, 9.0, "source"),
        ("16", "162", "wood_clean", "", "in", 0.0, 2000.0, 9000.0, "assumption"),
    ],
    columns=[
        "division",
        "nace",
        "material",
        "ewc",
        "direction",
        "kg_low",
        "kg",
        "kg_high",
        "status",
    ],
).assign(year="2019", country="FI", source="Saw Book", note="")

AMOUNTS = ["tonnes_low", "tonnes", "tonnes_high"]


def companies(*rows: tuple[str, str, float | None]) -> pd.DataFrame:
    """Companies of (id, nace, employees)."""
    frame = pd.DataFrame(rows, columns=["id", "nace", "employees"])
    return tables.companies(
        frame.assign(
            name="X",
            business_id="",
            nace_edition="2008",
            municipality="179",
            employees=frame["employees"].astype(float),
            x=430000.0,
            y=6900000.0,
            precision="exact",
            source="",
        )[list(tables.COMPANIES.columns)]
    )


def flows(*rows: tuple[str, str, str, float]) -> pd.DataFrame:
    """Reported flows of (company, direction, material, tonnes)."""
    frame = pd.DataFrame(rows, columns=["company_id", "direction", "material", "tonnes"])
    return tables.flows(
        frame.assign(
            id=[f"f{number}" for number in range(len(rows))],
            ewc="",
            tonnes_low=frame["tonnes"],
            tonnes_high=frame["tonnes"],
            continuity="",
            basis="reported",
            source="",
            note="",
        )[list(tables.FLOWS.columns)]
    )


def amounts(estimates: pd.DataFrame, identity: str) -> list[float]:
    return estimates.set_index("id").loc[identity, AMOUNTS].tolist()


def test_coefficient_times_employees_in_tonnes():
    found = estimate(companies(("a", "16231", 40)), COEFFICIENTS)
    # 40 people: 10, 100, 1000 kg × 40; the need 0, 2000, 9000 kg × 40
    assert amounts(found, "est-a-out-sawdust") == [0.4, 4.0, 40.0]
    assert amounts(found, "est-a-in-wood_clean") == [0.0, 80.0, 360.0]
    row = found.set_index("id").loc["est-a-out-sawdust"]
    assert row["basis"] == "estimated"
    assert row["ewc"] == "030105"
    assert row["source"] == "Saw Book (2019)"
    assert row["note"] == "100 kg × 40"
    assert row["continuity"] == ""
    need = found.set_index("id").loc["est-a-in-wood_clean"]
    assert need["source"] == "Saw Book (2019); assumption"


def test_small_firm_has_the_same_best_per_head_but_twice_the_range():
    found = estimate(companies(("a", "16231", 9), ("b", "16231", 10)), COEFFICIENTS)
    assert amounts(found, "est-a-out-sawdust") == pytest.approx([0.045, 0.9, 18.0])
    assert amounts(found, "est-b-out-sawdust") == pytest.approx([0.1, 1.0, 10.0])


def test_unknown_size_uses_the_stated_assumption_at_each_bound():
    company = companies(("a", "16231", None))
    # 1, 3, 20 people; 1 is a small firm (÷ 2), 20 is not
    found = estimate(company, COEFFICIENTS)
    assert amounts(found, "est-a-out-sawdust") == pytest.approx([0.005, 0.3, 20.0])
    assert found.set_index("id").loc["est-a-out-sawdust", "note"] == "100 kg × 3 (1–20?)"
    other = estimate(company, COEFFICIENTS, unknown_employees=(10, 20, 30))
    assert amounts(other, "est-a-out-sawdust") == pytest.approx([0.1, 2.0, 30.0])
    assert Assumptions().unknown_employees == UNKNOWN_EMPLOYEES


def test_unknown_size_covers_every_size_up_to_its_high_bound():
    low, _, high = UNKNOWN_EMPLOYEES
    sizes = range(int(low), int(high) + 1)
    known = estimate(companies(*((f"c{n}", "16231", n) for n in sizes)), COEFFICIENTS)
    unknown = estimate(companies(("u", "16231", None)), COEFFICIENTS)
    for material in ("sawdust", "cardboard"):
        rows = known[known["material"] == material]
        lowest, _, highest = amounts(unknown, f"est-u-out-{material}")
        assert lowest <= rows["tonnes_low"].min()
        assert highest >= rows["tonnes_high"].max()


@pytest.mark.parametrize("sizes", [(3, 1, 20), (-1, 3, 20), (1, 30, 20), (1, float("nan"), 20)])
def test_unknown_size_out_of_order_is_refused(sizes):
    with pytest.raises(ValueError, match="unknown_employees"):
        estimate(companies(("a", "16", None)), COEFFICIENTS, unknown_employees=sizes)


@pytest.mark.parametrize(
    ("nace", "tonnes"),
    [("16100", 5.0), ("1610", 5.0), ("161", 5.0), ("16", 1.0), ("16290", 1.0)],
)
def test_narrower_row_takes_the_place_of_the_divisions(nace, tonnes):
    found = estimate(companies(("a", nace, 10)), COEFFICIENTS)
    assert amounts(found, "est-a-out-sawdust")[1] == tonnes
    assert found["id"].tolist().count("est-a-out-sawdust") == 1
    assert "est-a-out-cardboard" in found["id"].tolist()  # the other rows of the division stay


@pytest.mark.parametrize("nace", ["", "99", "01610", "61600"])
def test_unknown_industry_gives_nothing(nace):
    found = estimate(companies(("a", nace, 10)), COEFFICIENTS)
    assert found.empty
    tables.flows(found)


def test_nobody_employed_gives_nothing():
    assert estimate(companies(("a", "16100", 0)), COEFFICIENTS).empty


def test_no_companies_and_no_coefficients():
    for found in (
        estimate(tables.empty(tables.COMPANIES), COEFFICIENTS),
        estimate(companies(("a", "16", 1)), COEFFICIENTS.head(0)),
    ):
        assert found.empty
        tables.flows(found)


def test_stated_flow_takes_the_place_of_that_estimate_only():
    two = companies(("a", "16231", 10), ("b", "16231", 10))
    stated = flows(("a", "out", "sawdust", 7.0), ("a", "out", "wood_clean", 1.0))
    found = set(estimate(two, COEFFICIENTS, stated)["id"])
    # The offer of clean wood says nothing about the need for it.
    assert found == {
        "est-a-out-cardboard",
        "est-a-in-wood_clean",
        "est-b-out-cardboard",
        "est-b-out-sawdust",
        "est-b-in-wood_clean",
    }


some_companies = st.lists(
    st.tuples(
        st.sampled_from(["16", "161", "16100", "16231", "99", ""]),
        st.none() | st.integers(0, 300),
    ),
    min_size=1,
    max_size=12,
).map(lambda rows: companies(*((f"c{i}", nace, size) for i, (nace, size) in enumerate(rows))))


@given(some_companies)
def test_result_is_a_flows_table_with_ordered_amounts(frame):
    found = estimate(frame, COEFFICIENTS)
    tables.flows(found)
    assert (found["tonnes_low"] <= found["tonnes"]).all()
    assert (found["tonnes"] <= found["tonnes_high"]).all()
    assert not found.duplicated(KEY).any()


@given(some_companies, st.randoms(use_true_random=False))
def test_order_of_rows_does_not_matter(frame, random):
    stated = flows(*((c, "out", "sawdust", 1.0) for c in frame["id"][::2]))
    expected = estimate(frame, COEFFICIENTS, stated)

    def shuffled(table: pd.DataFrame) -> pd.DataFrame:
        return table.iloc[random.sample(range(len(table)), len(table))]

    found = estimate(shuffled(frame), shuffled(COEFFICIENTS), shuffled(stated))
    pd.testing.assert_frame_equal(found, expected)


@given(st.integers(SMALL_FIRM, 1000), st.integers(1, 20))
def test_amounts_scale_with_employees(size, times):
    one = estimate(companies(("a", "16100", size)), COEFFICIENTS)
    many = estimate(companies(("a", "16100", size * times)), COEFFICIENTS)
    np.testing.assert_allclose(many[AMOUNTS], one[AMOUNTS] * times)


# ---- the bundled coefficients -------------------------------------------------------------------


@pytest.fixture(scope="module")
def bundled() -> pd.DataFrame:
    return reference.coefficients()


def test_every_coefficient_is_about_something_that_exists(bundled):
    assert set(bundled["division"]) <= set(reference.divisions().index)
    assert set(bundled["material"]) <= set(reference.materials().index)
    assert set(bundled["direction"]) == set(tables.DIRECTIONS)
    assert set(bundled["status"]) == {"source", "assumption"}
    assert bundled["nace"].str.fullmatch(r"\d{2,5}").all()
    assert (bundled["nace"].str[:2] == bundled["division"]).all()
    assert not bundled.duplicated(["nace", "material", "direction"]).any()
    for column in ("source", "note", "year", "country"):
        assert bundled[column].ne("").all(), column


def test_every_range_is_at_least_a_third_to_three_times(bundled):
    assert (bundled["kg"] > 0).all()
    assert (bundled["kg_low"] <= bundled["kg"] / 3 + 1e-9).all()
    assert (bundled["kg_high"] >= bundled["kg"] * 3 - 1e-9).all()
    assert (bundled["kg_low"] >= 0).all()


def test_offers_have_a_known_waste_code_and_needs_have_none(bundled):
    out = bundled["direction"] == "out"
    assert set(bundled.loc[out, "ewc"]) <= set(reference.waste_codes().index)
    assert bundled.loc[~out, "ewc"].eq("").all()


def test_only_oil_is_hazardous(bundled):
    codes = reference.waste_codes()["hazardous"]
    hazardous = bundled[bundled["ewc"].map(codes).eq(True)]
    assert set(hazardous["material"]) == {"waste_oil"}


def test_inferred_needs_are_assumptions_that_reach_zero(bundled):
    needs = bundled[bundled["direction"] == "in"]
    assert needs["status"].eq("assumption").all()
    assert needs["kg_low"].eq(0).all()


def test_traps_of_the_sources_are_kept_out(bundled):
    offers = bundled[bundled["direction"] == "out"]
    # Excavated soil is no building waste, and process plants say nothing about small firms.
    assert "soil_stone" not in set(offers["material"])
    assert offers.loc[offers["division"].isin(["17", "19", "20", "24"]), "kg"].max() < 1000
    assert "35" not in set(bundled["division"])
    # By-products of sawing belong to sawmills (161), not to every maker of wood products.
    bark = offers[offers["material"] == "bark"]
    assert bark["nace"].tolist() == ["161"]


def test_bundled_coefficients_for_a_joinery_by_hand(bundled):
    found = estimate(companies(("a", "16239", 20)), bundled)
    # 162: 683 / 2050 / 13 100 kg of sawdust and offcuts per employee, 20 people
    assert amounts(found, "est-a-out-sawdust") == pytest.approx([13.66, 41.0, 262.0])
    assert "est-a-out-bark" not in set(found["id"])
    tables.flows(found)
