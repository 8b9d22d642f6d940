"""The break-even limit: each of its values, and what it means with the bundled factors."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiertokylat import demo, reference, tables
from kiertokylat.analysis import Analysis, analyse
from kiertokylat.assumptions import Assumptions
from kiertokylat.impact import break_even
from kiertokylat.reach import reaches
from kiertokylat.selection import LIMITS, USUAL_LIMIT, Limit, Selection, limit_km, select

# By name: break-even in euros and in CO2e, road km, and the limits under which it stays.
CASES = {
    "within both": (50.0, 60.0, 50.0, {"both", "eur", "co2e", ""}),
    "too far in CO2e": (50.0, 35.0, 36.0, {"eur", ""}),
    "too far in euros": (35.0, 50.0, 36.0, {"co2e", ""}),
    "too far in both": (35.0, 30.0, 36.0, {""}),
    "avoids nothing, pays": (50.0, 0.0, 36.0, {"both", "eur", ""}),
    "avoids nothing, too far": (35.0, 0.0, 36.0, {""}),
    "avoids, never pays": (0.0, 50.0, 36.0, {"co2e", ""}),
    "nothing known": (np.nan, np.nan, 36.0, {"both", "eur", "co2e", ""}),
    "euros unknown, too far in CO2e": (np.nan, 35.0, 36.0, {"eur", ""}),
    "euros unknown, avoids nothing": (np.nan, 0.0, 36.0, {"both", "eur", ""}),
    "CO2e unknown, too far in euros": (35.0, np.nan, 36.0, {"co2e", ""}),
    "CO2e unknown, pays": (50.0, np.nan, 36.0, {"both", "eur", "co2e", ""}),
    "transport takes nothing": (np.inf, np.inf, 900.0, {"both", "eur", "co2e", ""}),
}


def analysis() -> Analysis:
    """One candidate a case; nothing but its distances tells it from the others."""
    table = pd.DataFrame.from_dict(CASES, orient="index").iloc[:, :3]
    table.columns = pd.Index(["breakeven_eur_km", "breakeven_co2e_km", "road_km"])
    table = table.rename_axis("supply_id").reset_index().assign(distance_km=25.0)
    return Analysis(
        pd.DataFrame({"id": [], "municipality": [], "nace": []}, dtype="str"),
        pd.DataFrame({"company_id": [], "material": []}, dtype="str"),
        table,
    )


@pytest.mark.parametrize("limit", LIMITS)
def test_each_limit_leaves_its_cases(limit: Limit) -> None:
    left = select(analysis(), Selection(limit=limit)).candidates["supply_id"]
    assert set(left) == {name for name, case in CASES.items() if limit in case[3]}


def test_the_usual_limit_is_in_euros_and_emissions() -> None:
    assert USUAL_LIMIT == LIMITS[0] == "both"
    assert Selection().limit == ""  # nothing is cut unless somebody says so


distances = st.one_of(st.just(0.0), st.just(np.nan), st.floats(1, 1e4))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(distances, distances), max_size=8))
def test_both_never_carries_farther_than_either(pairs: list[tuple[float, float]]) -> None:
    eur, co2e = (pd.Series([pair[end] for pair in pairs], dtype=float) for end in (0, 1))
    both = limit_km(eur, co2e, "both")
    assert not (both > limit_km(eur, co2e, "eur")).any()
    assert not (both > limit_km(eur, co2e, "co2e"))[co2e > 0].any()
    # Something limits wherever euros do, or emissions are avoided and carry so far.
    assert both.notna().equals(eur.notna() | (co2e > 0))


# --- with the bundled factors ---


def region() -> Analysis:
    """A giver of crushed concrete and steel scrap, and takers of both to its east."""
    # straight km of the takers; × 1.3 = 26, 32.5, 39 and 104 road km
    ways = {"a": 20, "b": 25, "c": 30, "d": 80}
    ends = [("giver", 400_000, "41"), *((k, 400_000 + 1000 * km, "42") for k, km in ways.items())]
    companies = pd.DataFrame(ends, columns=["id", "x", "nace"]).assign(
        name=lambda table: table["id"],
        business_id="",
        nace_edition="2008",
        municipality="179",
        y=6_900_000.0,
        precision="exact",
        employees=10.0,
        source="",
    )
    flows = pd.DataFrame(
        [
            (f"{site}-{material}", site, "out" if site == "giver" else "in", material)
            for site in ("giver", *ways)
            for material in ("concrete", "steel_scrap")
        ],
        columns=["id", "company_id", "direction", "material"],
    ).assign(ewc="", tonnes=5000.0, basis="reported", continuity="", source="", note="")
    flows["tonnes_low"] = flows["tonnes_high"] = flows["tonnes"]
    return analyse(
        companies[list(tables.COMPANIES.columns)].astype({"x": float}),
        flows[list(tables.FLOWS.columns)],
    )


def farthest(limit: Limit) -> pd.Series:
    """Longest road of the reported pairs of each material."""
    left = select(region(), Selection(max_km=100, limit=limit)).candidates
    left = left[left["certainty"] == "reported"]
    return left.groupby(left["material"].astype("str"))["road_km"].max().round(6)


def test_crushed_concrete_stays_near_while_steel_scrap_travels() -> None:
    # Best values, full loads (5,000 t): crushed concrete avoids 3 kg CO2e/t, a lorry emits
    # 0.085 kg/tkm: 3 / 0.085 = 35.3 road km; steel scrap carries beyond the region.
    edge = break_even(Assumptions()).loc[("concrete", "recycling"), "co2e"]
    assert edge == pytest.approx(3 / 0.085)
    assert farthest(USUAL_LIMIT).to_dict() == {"concrete": 32.5, "steel_scrap": 104.0}
    # Euros alone would let it go anywhere in the region: landfilling is dear.
    assert farthest("eur")["concrete"] == 104.0


def test_the_circle_of_a_company_is_cut_by_the_same_limit() -> None:
    # Mixed rubble avoids 2 kg CO2e/t by every use: 2 / 0.085 = 23.5 road km, by 1.25 straight.
    rubble, assumed = pd.Series(["mixed_mineral"]), Assumptions(detour_factor=1.25)
    both, co2e, eur = (
        reaches(rubble, assumed, by, max_km=1e6)["full_km"].item() for by in ("both", "co2e", "eur")
    )
    assert both == co2e == pytest.approx(2 / 0.085 / 1.25)
    assert eur > 100


def test_in_the_demo_region_no_crushed_concrete_travels_100_km() -> None:
    found = analyse(demo.companies(), demo.flows())
    left = select(found, Selection(max_km=100, limit=USUAL_LIMIT)).candidates
    longest = left.groupby(left["material"].astype("str"))["road_km"].max()
    assert longest["concrete"] < 100 < longest["steel_scrap"]


def test_wood_fuel_stays_under_the_usual_limit() -> None:
    edges = break_even(Assumptions())
    fuel = edges.loc[("wood_clean", "energy")]
    assert fuel["co2e"] == 0 < fuel["eur"]
    both = limit_km(edges["eur"], edges["co2e"], USUAL_LIMIT)
    assert both[("wood_clean", "energy")] == fuel["eur"]
    assert set(edges.index.get_level_values("material")) == set(reference.materials().index)
