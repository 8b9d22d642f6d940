"""Euros, CO2e and break-even distances, by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiertokylat import impact, reference, tables
from kiertokylat.assumptions import Assumptions, FactorEdit
from kiertokylat.factors import by_use

# One material with round numbers: 20 fee + 30 price − 10 treatment, 5 kg CO2e, for every route.
# One vehicle for flows of all sizes.
ROUND = Assumptions(
    collection_vehicle="combination",
    freight_eur_tkm=(0.1, 0.2, 0.4),
    transport_kg_tkm=(0.05, 0.1, 0.2),
    loading_eur_t=(1, 2, 4),
    edits=(
        FactorEdit("concrete", "", "disposal", 10, 20, 30),
        FactorEdit("concrete", "", "price", 20, 30, 50),
        FactorEdit("concrete", "", "treatment", 5, 10, 20),
        FactorEdit("concrete", "", "co2e", 2, 5, 9),
    ),
)


def pair(**changes):
    row = {
        "supply_id": "s", "demand_id": "d", "from_company": "a", "to_company": "b",
        "material": "concrete", "ewc": "", "use": "", "route": "", "evidence": "",
        "certainty": "reported", "precision": "exact",
        "distance_km": 10.0, "road_km": 20.0,
        "tonnes_low": 50.0, "tonnes": 100.0, "tonnes_high": 200.0,
    } | changes  # fmt: skip
    return tables.candidates(pd.DataFrame([row]))[list(tables.PAIRS.columns)]


def assessed(assumptions=ROUND, **changes):
    return impact.assess(pair(**changes), assumptions).iloc[0]


def test_a_pair_by_hand():
    row = assessed()
    # best: 100 t · (20 + 30 − 10 − 2 − 20 km · 0.2) = 100 · 34
    assert row["eur"] == pytest.approx(3400)
    # low: 10 + 20 − 20 − 4 − 20 · 0.4 = −2 EUR/t, and a loss is worst at the high amount
    assert row["eur_low"] == pytest.approx(-2 * 200)
    # high: 30 + 50 − 5 − 1 − 20 · 0.1 = 72 EUR/t at the high amount
    assert row["eur_high"] == pytest.approx(72 * 200)
    # 100 t · (5 − 20 · 0.1) kg = 300 kg
    assert row["co2e"] == pytest.approx(0.3)
    # 2 − 20 · 0.2 = −2 kg/t at 200 t; 9 − 20 · 0.05 = 8 kg/t at 200 t
    assert row["co2e_low"] == pytest.approx(-0.4)
    assert row["co2e_high"] == pytest.approx(1.6)
    assert row["breakeven_eur_km"] == pytest.approx((20 + 30 - 10 - 2) / 0.2)
    assert row["breakeven_co2e_km"] == pytest.approx(5 / 0.1)
    tables.candidates(impact.assess(pair(), ROUND))


# Small flows by a class of their own: rigid, 0.25/0.39/0.70 EUR and 0.209/0.26/0.456 kg a tkm. Full
# loads of a combination: 12 of 42 t a year, 504 t.
SIZED = replace(ROUND, collection_vehicle="rigid")


def amounts(tonnes):
    return dict.fromkeys(("tonnes_low", "tonnes", "tonnes_high"), tonnes)


def test_a_small_flow_and_full_loads_over_the_same_road():
    few, many = (assessed(SIZED, **amounts(tonnes)) for tonnes in (100.0, 1000.0))
    # 20 + 30 − 10 − 2 = 38 EUR/t; 20 km · 0.39 = 7.8 and 20 · 0.2 = 4
    assert few["eur"] == pytest.approx(100 * 30.2)
    assert many["eur"] == pytest.approx(1000 * 34)
    # low: 6 − 20 · 0.7 = −8 and 6 − 20 · 0.4 = −2; high: 74 − 20 · 0.25 = 69 and 74 − 2 = 72
    assert [few["eur_low"], few["eur_high"]] == pytest.approx([-800, 6900])
    assert [many["eur_low"], many["eur_high"]] == pytest.approx([-2000, 72000])
    # 5 − 20 · 0.26 = −0.2 kg/t: by the small lorry nothing is saved; 5 − 20 · 0.1 = 3
    assert few["co2e"] == pytest.approx(-0.02)
    assert many["co2e"] == pytest.approx(3)
    # 2 − 20 · 0.456 = −7.12 kg/t; 9 − 20 · 0.209 = 4.82
    assert [few["co2e_low"], few["co2e_high"]] == pytest.approx([-0.712, 0.482])
    edges = ["breakeven_eur_km", "breakeven_co2e_km"]
    assert few[edges].tolist() == pytest.approx([38 / 0.39, 5 / 0.26])
    assert many[edges].tolist() == pytest.approx([38 / 0.2, 5 / 0.1])


def test_the_best_amount_decides_from_twelve_loads_on():
    for tonnes, per_km in ((503.9, 0.39), (504.0, 0.2)):
        row = assessed(SIZED, tonnes_low=1.0, tonnes=tonnes, tonnes_high=9000.0)
        assert row["eur"] == pytest.approx(tonnes * (38 - 20 * per_km))
        assert row["breakeven_eur_km"] == pytest.approx(38 / per_km)
    # Ten loads of a semi-trailer of 25 t: 250 t.
    semi = replace(SIZED, vehicle="semi", loads_per_year=10.0)
    assert impact.full_loads_t(semi) == 250
    assert impact.is_small([249.0, 250.0, np.nan], semi).tolist() == [True, False, False]


def test_an_unknown_amount_is_taken_for_full_loads():
    row = assessed(SIZED, **amounts(np.nan))
    assert np.isnan(row["eur"])
    assert row["breakeven_eur_km"] == pytest.approx(38 / 0.2)
    assert row["breakeven_co2e_km"] == pytest.approx(50)


def test_pairs_of_all_sizes_in_one_table():
    sizes = [100.0, np.nan, 1000.0, 0.0]
    table = pd.concat([pair(**amounts(tonnes)) for tonnes in sizes], ignore_index=True)
    together = impact.assess(tables.candidates(table)[list(table)], SIZED)
    for tonnes, (_, row) in zip(sizes, together.iterrows(), strict=True):
        alone = assessed(SIZED, **amounts(tonnes))[list(impact.COLUMNS)]
        assert row[list(impact.COLUMNS)].tolist() == pytest.approx(alone.tolist(), nan_ok=True)


def test_own_figures_hold_for_full_loads_only():
    assert impact.freight(SIZED) == (0.1, 0.2, 0.4)
    assert impact.freight(SIZED, small=True) == (0.25, 0.39, 0.70)
    assert impact.transport(SIZED, small=True) == (0.209, 0.26, 0.456)
    # Unless small flows travel by the same class.
    assert impact.freight(ROUND, small=True) == (0.1, 0.2, 0.4)
    laden = replace(SIZED, empty_return=0)
    assert impact.freight(laden, small=True) == pytest.approx((0.125, 0.195, 0.35))


@pytest.mark.parametrize("tonnes", [100.0, 1000.0, np.nan])
def test_the_parts_of_a_flow_of_any_size_agree_with_its_result(tonnes):
    row = assessed(SIZED, **amounts(tonnes))
    parts = impact.breakdown(row, SIZED)
    assert parts["small"].tolist() == [tonnes == 100] * len(parts)
    assert parts["unit"]["freight"] == pytest.approx(-7.8 if tonnes == 100 else -4)
    assert parts["unit"]["transport"] == pytest.approx(-5.2 if tonnes == 100 else -2)
    for name in ("eur", "co2e"):
        assert parts["total"][name] == pytest.approx(row[name], nan_ok=True)


def test_transport_that_takes_next_to_nothing_carries_any_distance():
    # 40 / 2.2e-313 is more than a number can hold.
    free = impact.crossing([40.0, 40.0, 40.0, 0.0], [0.0, 2.2250738585e-313, 1.0, 0.0])
    assert free.tolist() == [np.inf, np.inf, 40, 0]


def test_the_parts_add_up_to_the_whole():
    row = assessed()
    parts = impact.breakdown(row, ROUND)
    assert parts["unit"].to_dict() == pytest.approx(
        {
            "disposal": 20,
            "price": 30,
            "treatment": -10,
            "loading": -2,
            "freight": -4,
            "eur": 34,
            "avoided": 5,
            "transport": -2,
            "co2e": 3,
        }
    )
    assert parts["total"]["eur"] == pytest.approx(row["eur"])
    assert parts["total"]["co2e"] == pytest.approx(row["co2e"])
    assert parts["unit_low"]["eur"] == pytest.approx(-2)
    assert parts["unit_high"]["eur"] == pytest.approx(72)


def test_the_empty_return_is_never_added_only_taken_off():
    full = impact.freight(Assumptions())
    row = reference.vehicles().loc["combination"]
    assert full == pytest.approx((row["freight_low"], row["freight"], row["freight_high"]))
    laden = Assumptions(empty_return=0)
    assert impact.freight(laden) == pytest.approx(tuple(value / 2 for value in full))
    assert impact.transport(laden)[1] == pytest.approx(row["transport"] * 0.074 / 0.119)


def fee(material, **changes):
    return by_use(Assumptions(**changes)).loc[(material, ""), "disposal_best"]


def test_the_waste_tax_inside_a_fee_is_not_added_again():
    taxed = reference.factors().query("tax == 'included' and route == ''")["material"]
    assert not taxed.empty
    for material in taxed:
        listed = (
            reference.factors()
            .query("material == @material and item == 'disposal' and route == ''")["best"]
            .iloc[0]
        )
        assert fee(material) == pytest.approx(listed)
        assert fee(material, waste_tax_eur_t=100.0) == pytest.approx(listed + 20)
    # crushed concrete goes to no landfill
    assert fee("concrete", waste_tax_eur_t=100.0) == fee("concrete")


def test_green_liquor_sludge_is_taxed_from_2027():
    assert fee("green_liquor_sludge", year=2027) == fee("green_liquor_sludge") + 80


def test_a_fee_of_ones_own_is_left_alone_by_the_tax():
    own = (FactorEdit("gypsum", "", "disposal", 1, 2, 3),)
    assert fee("gypsum", edits=own, waste_tax_eur_t=500.0) == 2


def test_crushed_concrete_does_not_travel_and_steel_scrap_does():
    edges = impact.break_even(Assumptions())
    for route in ("earthworks", "recycling", ""):
        concrete, steel = edges.loc[("concrete", route)], edges.loc[("steel_scrap", route)]
        assert concrete["co2e"] < 100 < steel["co2e"]
        assert concrete["eur"] < steel["eur"]
    assert steel["eur"] > 1000


def test_plastic_that_is_burnt_gets_no_credit_for_recycling():
    use = by_use(Assumptions())
    for material in ("plastic_film", "plastic_rigid"):
        burnt, recycled = (
            use.loc[(material, route), "co2e_best"] for route in ("energy", "recycling")
        )
        assert not burnt >= recycled  # less, or not known


def test_an_unknown_material_or_factor_gives_no_number():
    assert np.isnan(assessed(material="moon_dust")["eur"])
    missing = (FactorEdit("concrete", "", "price", np.nan, np.nan, np.nan),)
    row = assessed(Assumptions(edits=missing))
    assert np.isnan(row["eur"])
    assert np.isnan(row["breakeven_eur_km"])
    assert np.isfinite(row["co2e"])


ends = st.tuples(*[st.floats(0, 500)] * 3).map(sorted)


@settings(max_examples=50, deadline=None)
@given(ends, ends, ends, ends, st.floats(0, 300), st.tuples(*[st.floats(0, 1e4)] * 3).map(sorted))
def test_the_best_value_lies_in_the_range_and_a_wider_factor_widens_it(
    disposal, price, treatment, moved, road, amount
):
    def result(price_ends):
        edits = (
            FactorEdit("concrete", "", "disposal", *disposal),
            FactorEdit("concrete", "", "price", *price_ends),
            FactorEdit("concrete", "", "treatment", *treatment),
        )
        return assessed(
            Assumptions(edits=edits, freight_eur_tkm=tuple(moved)),
            road_km=road, tonnes_low=amount[0], tonnes=amount[1], tonnes_high=amount[2],
        )  # fmt: skip

    row = result(price)
    assert row["eur_low"] <= row["eur"] + 1e-6
    assert row["eur"] <= row["eur_high"] + 1e-6
    wider = result([price[0] - 10, price[1], price[2] + 10])
    assert wider["eur_low"] <= row["eur_low"]
    assert wider["eur_high"] >= row["eur_high"]


@settings(max_examples=30, deadline=None)
@given(st.floats(0.1, 1e4), st.floats(0.5, 100))
def test_a_result_grows_with_the_tonnes(amount, times):
    one, many = (
        assessed(tonnes_low=value, tonnes=value, tonnes_high=value)
        for value in (amount, amount * times)
    )
    for name in ("eur_low", "eur", "eur_high", "co2e_low", "co2e", "co2e_high"):
        assert many[name] == pytest.approx(one[name] * times)


def test_at_break_even_the_gain_is_used_up():
    for small, tonnes in ((True, 100.0), (False, 1000.0)):
        edge = impact.break_even(SIZED, small=small).loc[("concrete", "")]
        row = assessed(SIZED, road_km=edge["eur"], **amounts(tonnes))
        assert row["eur"] == pytest.approx(0, abs=1e-6)
        assert row["breakeven_eur_km"] == edge["eur"]
        row = assessed(SIZED, road_km=edge["co2e"], **amounts(tonnes))
        assert row["co2e"] == pytest.approx(0, abs=1e-9)
        assert row["breakeven_co2e_km"] == edge["co2e"]
