"""The set of indicators: sums that can be checked by hand."""

import math

import pandas as pd
import pytest

from kiertokylat import impact, indicators, tables
from kiertokylat.assumptions import Assumptions
from tests.test_impact import ROUND, SIZED, amounts, pair


def two_pairs(assumptions: Assumptions = ROUND) -> pd.DataFrame:
    frames = [
        pair(supply_id="s1", route="earthworks"),
        pair(supply_id="s2", demand_id="e", to_company="c", route="energy", road_km=40.0),
    ]
    joined = pd.concat([frame.astype(object) for frame in frames], ignore_index=True)
    numbers = [name for name in joined if name.endswith("km") or name.startswith("tonnes")]
    joined = tables.candidates(joined.astype(dict.fromkeys(numbers, float)))
    return impact.assess(joined[list(tables.PAIRS.columns)], assumptions)


def test_totals_are_sums_and_only_some_routes_save_virgin_material():
    every = two_pairs()
    chosen = indicators.with_use(every, every)
    row = indicators.totals({"naive": chosen}).loc["naive"]
    # 100 t · 34 EUR as in test_impact, and 100 t · (38 − 40 km · 0.2) = 100 · 30
    assert row["eur"] == pytest.approx(3400 + 3000)
    assert row["tonnes"] == 200
    assert row["virgin"] == 100  # earthworks replace rock, energy no material
    assert row["virgin_high"] == 200
    assert row["pairs"] == 2
    assert row["companies"] == 3


def test_a_portfolio_gets_the_route_and_road_of_its_candidate():
    every = two_pairs()
    chosen = every.loc[[1]].drop(columns=["route", "road_km"]).astype({"supply_id": "str"})
    for name in ("to_company", "demand_id"):
        chosen[name] = chosen[name].astype("str")
    row = indicators.with_use(chosen, every).iloc[0]
    assert row["route"] == "energy"
    assert row["road_km"] == 40


def test_groups_sum_to_the_whole():
    every = two_pairs()
    chosen = indicators.with_use(every, every)
    table = indicators.grouped(chosen, chosen["to_company"])
    assert table.loc["c", "eur"] == pytest.approx(3000)
    total = indicators.totals({"naive": chosen}).loc["naive"]
    for name in table:
        assert table[name].sum() == pytest.approx(total[name])


def test_what_each_assumption_does_alone():
    every = two_pairs()
    chosen = indicators.with_use(every, every)
    effects = indicators.sensitivity(chosen, ROUND)
    euros = effects[effects["of"] == "eur"]
    # 200 t · (30 − 20) and · (50 − 30) EUR
    assert euros.loc["price"][["low", "high"]].tolist() == pytest.approx([-2000, 4000])
    # treatment at its highest is the worse end: 200 t · (10 − 20), 200 t · (10 − 5)
    assert euros.loc["treatment"][["low", "high"]].tolist() == pytest.approx([-2000, 1000])
    # (100 t · 20 km + 100 t · 40 km) · (0.2 − 0.4) and · (0.2 − 0.1)
    assert euros.loc["freight"][["low", "high"]].tolist() == pytest.approx([-1200, 600])
    # half the tonnes, twice the tonnes, at 6,400 EUR
    assert euros.loc["amounts"][["low", "high"]].tolist() == pytest.approx([-3200, 6400])
    climate = effects[effects["of"] == "co2e"]
    # 200 t · (2 − 5) kg and 200 t · (9 − 5) kg
    assert climate.loc["avoided"][["low", "high"]].tolist() == pytest.approx([-0.6, 0.8])


def test_each_pair_errs_by_its_own_vehicle():
    """100 t of s1 travel 20 km by the small lorry, 1,000 t of s2 40 km as full loads (504 t)."""
    pairs = [
        pair(supply_id="s1", **amounts(100.0)),
        pair(supply_id="s2", demand_id="e", to_company="c", road_km=40.0, **amounts(1000.0)),
    ]
    joined = pd.concat([one.astype(object) for one in pairs], ignore_index=True)
    numbers = [name for name in joined if name.endswith("km") or name.startswith("tonnes")]
    joined = tables.candidates(joined.astype(dict.fromkeys(numbers, float)))
    every = impact.assess(joined[list(tables.PAIRS.columns)], SIZED)
    effects = indicators.sensitivity(indicators.with_use(every, every), SIZED)
    # small: 100 · 20 tkm · (0.39 − 0.70) and · (0.39 − 0.25) EUR; full: 40,000 tkm · (0.2 − 0.4)
    # and · (0.2 − 0.1)
    freight = [-620 - 8000, 280 + 4000]
    assert effects.loc["freight", ["low", "high"]].tolist() == pytest.approx(freight)
    # small: 2,000 tkm · (0.26 − 0.456) and · (0.26 − 0.209) kg; full: 40,000 · (−0.1) and · 0.05
    transport = [-0.392 - 4, 0.102 + 2]
    assert effects.loc["transport", ["low", "high"]].tolist() == pytest.approx(transport)


def test_a_part_of_a_large_pair_still_travels_as_full_loads():
    """A portfolio that takes 100 of a pair's 1,000 t: the vehicle stays that of the pair."""
    every = impact.assess(pair(**amounts(1000.0)), SIZED)
    keys = ["supply_id", "to_company", "demand_id"]
    chosen = every.drop(columns=["route", "road_km"]).astype(dict.fromkeys(keys, "str"))
    part = indicators.with_use(chosen.assign(**amounts(100.0)), every)
    assert part["pair_tonnes"].tolist() == [1000]
    # 100 t · 20 km · (0.2 − 0.4) and · (0.2 − 0.1)
    effects = indicators.sensitivity(part, SIZED)
    assert effects.loc["freight", ["low", "high"]].tolist() == pytest.approx([-400, 200])


def test_independent_errors_combine_as_the_root_of_squares():
    effects = pd.DataFrame({"low": [-3.0, -4.0], "high": [6.0, 8.0]})
    assert indicators.likely(100, effects) == pytest.approx((95, 110))


def test_the_one_by_one_range_lies_within_the_outermost_one():
    every = two_pairs()
    chosen = indicators.with_use(every, every)
    total = indicators.totals({"naive": chosen}).loc["naive"]
    effects = indicators.sensitivity(chosen, ROUND)
    low, high = indicators.likely(total["eur"], effects[effects["of"] == "eur"])
    assert total["eur_low"] <= low <= total["eur"] <= high <= total["eur_high"]


def test_the_share_of_receivers_that_have_stated_no_need():
    listed = pd.DataFrame(
        {"demand_id": ["", "d", ""], "tonnes": [30.0, 50.0, 20.0], "eur": [-10.0, 5.0, 5.0]}
    )
    # (30 + 20) / (30 + 50 + 20)
    assert indicators.by_industry_only(listed, "tonnes") == pytest.approx(0.5)
    # −10 + 5 is no part of 0
    assert math.isnan(indicators.by_industry_only(listed, "eur"))
    assert math.isnan(indicators.by_industry_only(listed.head(0), "tonnes"))
    assert indicators.by_industry_only(listed.iloc[[1]], "eur") == 0
