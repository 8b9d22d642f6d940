"""Pools worked by hand, what holds for every pool, and who is reached only together."""

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from kiertokylat import impact, reference, tables
from kiertokylat.assumptions import Assumptions
from kiertokylat.locate import to_metres
from kiertokylat.pooling import all_pools, contributions, find_pools, hull, newly_reached

ORIGIN = 430000.0, 6900000.0


def table_of_companies(sites):
    """Companies by id at (x, y) km from a fixed point."""
    rows = [
        {
            "id": key,
            "name": key.upper(),
            "business_id": "",
            "nace": "16",
            "nace_edition": "",
            "municipality": "179",
            "employees": np.nan,
            "x": ORIGIN[0] + 1000 * x,
            "y": ORIGIN[1] + 1000 * y,
            "precision": "exact",
            "source": "test",
        }
        for key, (x, y) in sites.items()
    ]
    return tables.companies(pd.DataFrame(rows, columns=[*tables.COMPANIES.columns]))


def supply(owner, tonnes, material="sawdust", basis="reported", direction="out"):
    low, best, high = tonnes if isinstance(tonnes, tuple) else (tonnes, tonnes, tonnes)
    return {
        "id": f"{owner}-{material}-{basis}-{direction}",
        "company_id": owner,
        "direction": direction,
        "ewc": "",
        "material": material,
        "tonnes_low": low,
        "tonnes": best,
        "tonnes_high": high,
        "continuity": "",
        "basis": basis,
        "source": "test",
        "note": "",
    }


def table_of_flows(*rows):
    return tables.flows(pd.DataFrame(rows, columns=[*tables.FLOWS.columns]))


def pools_of(sites, amounts, tonnes, km, **changed):
    """Pools of sawdust from places and tonnes by company."""
    options = {"material": "sawdust", "tonnes": tonnes, "km": km, "payload_t": 40.0, **changed}
    flows = table_of_flows(*(supply(key, amount) for key, amount in amounts.items()))
    return find_pools(table_of_companies(sites), flows, **options)


LINE = {"a": (0, 0), "b": (5, 0), "c": (10, 0)}
LINE_T = {"a": 10.0, "b": 20.0, "c": 30.0}


def cores(members):
    return dict(zip(members["company_id"], members["core"], strict=True))


def test_three_sites_on_a_line():
    """Within 5 km: a has 10 + 20 = 30 t, b all 60 t, c 20 + 30 = 50 t."""
    pools, members = pools_of(LINE, LINE_T, tonnes=50, km=5)
    assert cores(members) == {"c": True, "b": True, "a": False}
    assert pools[["pool", "members", "tonnes"]].to_numpy().tolist() == [["sawdust-a", 3, 60]]

    # Exactly met by b alone: a and c lie exactly at 5 km, both at the border of its pool.
    pools, members = pools_of(LINE, LINE_T, tonnes=60, km=5)
    assert cores(members) == {"c": False, "b": True, "a": False}
    assert pools["tonnes"].tolist() == [60]


def test_a_kilogram_or_a_metre_short_makes_no_pool():
    for tonnes, km in ((60.001, 5), (60, 4.999)):
        pools, members = pools_of(LINE, LINE_T, tonnes, km)
        assert pools.empty
        assert members.empty
        assert pools["tonnes"].dtype == float
        assert members["core"].dtype == bool


def test_a_distance_exactly_met_between_metres():
    """3 km east and 4 km north are 5 km, also from a place that is no whole metre.

    The place is one of few where squared coordinates (more digits than a number has) lose it.
    """
    sites = table_of_companies({"a": (0, 0), "b": (3, 4)})
    moved = sites.assign(x=sites["x"] + 29675 / 1024, y=sites["y"] + 517336 / 1024)
    flows = table_of_flows(supply("a", 1.0), supply("b", 1.0))
    pools, _ = find_pools(moved, flows, material="sawdust", tonnes=2, km=5, payload_t=40)
    assert pools["members"].tolist() == [2]


def test_decimals_add_up():
    """0.7 t and 0.1 t meet 0.8 t, although floating-point numbers make it 0.7999999999999999."""
    pools, _ = pools_of({"a": (0, 0), "b": (1, 0)}, {"a": 0.7, "b": 0.1}, tonnes=0.8, km=1)
    assert 0.7 + 0.1 < 0.8
    assert len(pools) == 1


def test_a_distance_is_above_zero():
    with pytest.raises(ValueError, match="eps"):
        pools_of(LINE, LINE_T, tonnes=50, km=0)


def test_one_site_with_enough_is_a_pool_of_one():
    pools, members = pools_of({"a": (0, 0)}, {"a": 50.0}, tonnes=50, km=5)
    assert pools.loc[0, ["members", "hub", "collect_tkm", "truckloads"]].tolist() == [
        1,
        "a",
        0,
        1.25,
    ]
    assert members["to_hub_km"].tolist() == [0]


def test_a_border_site_counts_once():
    """Threshold 100 t within 5 km.

    a2 (at 0 km) has a1 and s: 60 + 30 + 20 = 110, a core. b1 (at 10 km) has s and b2:
    20 + 30 + 55 = 105, a core. s itself has 20 + 30 + 30 = 80. It goes to the first, and the
    second keeps 85 t, too little for a pool.
    """
    sites = {"a1": (-3, 0), "a2": (0, 0), "s": (5, 0), "b1": (10, 0), "b2": (13, 0)}
    amounts = {"a1": 60.0, "a2": 30.0, "s": 20.0, "b1": 30.0, "b2": 55.0}
    pools, members = pools_of(sites, amounts, tonnes=100, km=5)
    assert pools["tonnes"].tolist() == [110]
    assert cores(members) == {"a1": False, "a2": True, "s": False}
    # With 15 t more at its far end the second stands on its own.
    pools, members = pools_of(sites, {**amounts, "b2": 70.0}, tonnes=100, km=5)
    assert pools["pool"].tolist() == ["sawdust-a1", "sawdust-b1"]
    assert members["company_id"].tolist() == ["a1", "a2", "s", "b2", "b1"]


def test_the_hub_weighs_tonnes():
    """Straight tonne-km to b: 10 t · 3 km + 10 t · 7 km = 100; by road 130; per tonne 130 / 45.

    b has more than half of the tonnes, so no other place can be better.
    """
    sites = {"a": (0, 0), "b": (3, 0), "c": (10, 0)}
    pools, members = pools_of(sites, {"a": 10.0, "b": 25.0, "c": 10.0}, tonnes=45, km=7)
    pool = pools.loc[0]
    assert pool[["hub", "hub_kind"]].tolist() == ["b", "company"]
    assert pool[["hub_x", "hub_y"]].tolist() == [ORIGIN[0] + 3000, ORIGIN[1]]
    assert pool["collect_tkm"] == pytest.approx(130)
    assert pool["collect_km"] == pytest.approx(130 / 45)
    assert pool["truckloads"] == pytest.approx(45 / 40)
    away = members.set_index("company_id")["to_hub_km"]
    assert away.to_dict() == pytest.approx({"a": 3.9, "b": 0, "c": 9.1})


def test_a_town_in_the_middle_is_the_hub():
    """Three equal sites 3 km around a centre: 3 · 10 t · 3 km = 90 tonne-km.

    From one of them to the others it is 2 · 10 t · 3 · √3 km = 104.
    """
    town = reference.municipalities().loc["179"]
    x, y = to_metres(town["centre_lon"], town["centre_lat"])
    middle = (float(x) - ORIGIN[0]) / 1000, (float(y) - ORIGIN[1]) / 1000
    turns = {"a": 0.0, "b": 2 * np.pi / 3, "c": 4 * np.pi / 3}
    sites = {
        key: (middle[0] + 3 * np.cos(turn), middle[1] + 3 * np.sin(turn))
        for key, turn in turns.items()
    }
    pools, _ = pools_of(sites, dict.fromkeys(sites, 10.0), tonnes=30, km=6, detour_factor=1.0)
    assert pools.loc[0, ["hub", "hub_kind"]].tolist() == ["179", "municipality"]
    assert pools.loc[0, "collect_tkm"] == pytest.approx(90)


def test_of_equal_hubs_the_first_id():
    for sites in ({"a": (0, 0), "b": (4, 0)}, {"b": (0, 0), "a": (4, 0)}):
        pools, _ = pools_of(sites, {"a": 10.0, "b": 10.0}, tonnes=20, km=4)
        assert pools["hub"].tolist() == ["a"]


def test_a_pool_bears_its_first_member_whatever_the_flows_are_called():
    flows = table_of_flows(supply("a", 10.0), supply("b", 10.0)).assign(id=["2", "1"])
    companies = table_of_companies({"a": (0, 0), "b": (4, 0)})
    pools, _ = find_pools(companies, flows, material="sawdust", tonnes=20, km=4, payload_t=40)
    assert pools["pool"].tolist() == ["sawdust-a"]


def test_flows_of_a_company_count_together_and_ranges_add_up():
    """a: 10 t reported, 30 estimated; b: 15 reported, its low not known, 5 from a register.

    So 30 of 60 t are more than an estimate.
    """
    flows = table_of_flows(
        supply("a", (8.0, 10.0, 12.0)),
        supply("a", (20.0, 30.0, 60.0), basis="estimated"),
        supply("b", (np.nan, 15.0, 20.0)),
        supply("b", 5.0, basis="register"),
        supply("c", np.nan),
        supply("b", 500.0, direction="in"),
        supply("c", 0.0, basis="register"),
    )
    pools, members = find_pools(
        table_of_companies(LINE), flows, material="sawdust", tonnes=60, km=5, payload_t=40
    )
    sums = pools.loc[0, ["tonnes_low", "tonnes", "tonnes_high", "reported_share"]]
    assert sums.tolist() == [8 + 20 + 20, 60, 12 + 60 + 25, 0.5]
    assert pools.loc[0, ["truckloads_low", "truckloads", "truckloads_high"]].tolist() == [
        1.2,
        1.5,
        2.425,
    ]
    assert dict(zip(members["company_id"], members["basis"], strict=True)) == {
        "a": "estimated",
        "b": "register",
    }


def test_amounts_told_in_part_count_as_in_matching():
    """a tells a low of 10 t only, b a high of 20, c nothing: 10 + 20 t."""
    flows = table_of_flows(
        supply("a", (10.0, np.nan, np.nan)),
        supply("b", (np.nan, np.nan, 20.0)),
        supply("c", np.nan),
    )
    pools, members = find_pools(
        table_of_companies(LINE), flows, material="sawdust", tonnes=30, km=5, payload_t=40
    )
    assert pools.loc[0, ["tonnes_low", "tonnes", "tonnes_high"]].tolist() == [30, 30, 30]
    assert members["company_id"].tolist() == ["b", "a"]


def test_materials_do_not_mix():
    """30 t of each: 60 t together, but no 40 t of either."""
    sites = {"a": (0, 0), "b": (1, 0), "c": (2, 0)}
    rows = [supply("a", 30.0), supply("b", 30.0, "bark"), supply("c", 25.0, "bark")]
    thresholds = pd.DataFrame(
        {"tonnes": [40.0, 40.0, 1.0], "km": 5.0},
        index=pd.Index(["sawdust", "bark", "glass"], name="material"),
    )
    companies = table_of_companies(sites)
    pools, members = all_pools(companies, table_of_flows(*rows), thresholds, payload_t=40)
    assert pools["pool"].tolist() == ["bark-b"]
    assert members["company_id"].tolist() == ["b", "c"]
    thresholds["tonnes"] = 25.0
    pools, members = all_pools(companies, table_of_flows(*rows), thresholds, payload_t=40)
    assert pools["pool"].tolist() == ["bark-b", "sawdust-a"]
    assert members["pool"].tolist() == ["bark-b", "bark-b", "sawdust-a"]
    pools, _ = all_pools(companies, table_of_flows(), thresholds, payload_t=40)
    assert pools.empty


def test_contributions_by_hand():
    """Threshold 50 t within 5 km on the line a 10, b 20, c 30 (5 km apart).

    Without a: 50 t of b and c remain. Without b: a and c lie 10 km apart, nothing has 50.
    Without c: 30 t, nothing.
    """
    _, members = pools_of(LINE, LINE_T, tonnes=50, km=5)
    table = contributions(members, tonnes=50, km=5)
    assert table.to_numpy().tolist() == [["b", 60, False], ["c", 60, False], ["a", 10, True]]
    some = contributions(members, tonnes=50, km=5, only=["a"])
    assert some.to_numpy().tolist() == [["a", 10, True]]


def test_a_bridge_carries_what_lies_behind_it():
    """Two ends of 100 t and 60 t joined by 5 t: without the bridge 65 t are lost."""
    sites = {"a": (0, 0), "b": (5, 0), "c": (10, 0)}
    _, members = pools_of(sites, {"a": 100.0, "b": 5.0, "c": 60.0}, tonnes=50, km=5)
    table = contributions(members, tonnes=50, km=5).set_index("company_id")
    assert table.loc["b"].tolist() == [65, True]
    assert table.loc["a"].tolist() == [100, True]


def test_contribution_of_the_only_member():
    _, members = pools_of({"a": (0, 0)}, {"a": 50.0}, tonnes=50, km=5)
    assert contributions(members, tonnes=50, km=5).to_numpy().tolist() == [["a", 50, False]]


def test_the_hull_has_room():
    """Two sites 5 km apart: a rectangle 5 by 3 km and two half circles of 1.5 km."""
    _, members = pools_of({"a": (0, 0), "b": (5, 0)}, {"a": 1.0, "b": 1.0}, tonnes=2, km=5)
    area = hull(members)
    assert area.area / 1e6 == pytest.approx(15 + np.pi * 1.5**2, rel=0.01)
    assert shapely.contains_xy(area, members["x"], members["y"]).all()


PLACES = st.tuples(st.integers(0, 12), st.integers(0, 12))
REGIONS = st.lists(st.tuples(PLACES, st.integers(1, 40)), min_size=1, max_size=14)


def region(drawn):
    sites = {f"c{n:02}": place for n, (place, _) in enumerate(drawn)}
    return sites, {f"c{n:02}": float(tonnes) for n, (_, tonnes) in enumerate(drawn)}


@settings(max_examples=50, deadline=None)
@given(REGIONS, st.integers(1, 80), st.integers(1, 6))
def test_what_every_pool_keeps(drawn, tonnes, km):
    sites, amounts = region(drawn)
    pools, members = pools_of(sites, amounts, tonnes, km)
    assert members["company_id"].is_unique
    assert (pools["tonnes"] >= tonnes).all()
    for name in ("tonnes_low", "tonnes", "tonnes_high"):
        assert members.groupby("pool")[name].sum()[pools["pool"]].tolist() == pools[name].tolist()
    assert (members.groupby("pool").size()[pools["pool"]].to_numpy() == pools["members"]).all()
    home = members.set_index("company_id")["pool"]
    for key in members.loc[members["core"], "company_id"]:
        near = [
            other
            for other, place in sites.items()
            if np.hypot(place[0] - sites[key][0], place[1] - sites[key][1]) <= km
        ]
        assert sum(amounts[other] for other in near) >= tonnes
        for other in set(near).intersection(members.loc[members["core"], "company_id"]):
            assert home[other] == home[key]
    # No place where a member stands is a better hub, and the tonne-km are the members'.
    for pool in tables.rows(pools):
        inside = members[members["pool"] == pool.pool]
        assert pool.collect_tkm == pytest.approx((inside["to_hub_km"] * inside["tonnes"]).sum())
        for site in tables.rows(inside):
            away = np.hypot(inside["x"] - site.x, inside["y"] - site.y) / 1000
            assert pool.collect_tkm <= 1.3 * (away * inside["tonnes"]).sum() + 1e-6


@settings(max_examples=25, deadline=None)
@given(REGIONS, st.integers(1, 80), st.integers(1, 6), st.randoms())
def test_the_order_of_rows_and_a_shift_change_nothing(drawn, tonnes, km, random):
    sites, amounts = region(drawn)
    pools, members = pools_of(sites, amounts, tonnes, km)
    keys = list(sites)
    random.shuffle(keys)
    mixed = {key: sites[key] for key in keys}, {key: amounts[key] for key in reversed(keys)}
    again, same = pools_of(*mixed, tonnes, km)
    pd.testing.assert_frame_equal(again, pools)
    pd.testing.assert_frame_equal(same, members)
    moved, shifted = pools_of(
        {k: (x + 7, y - 40) for k, (x, y) in sites.items()}, amounts, tonnes, km
    )
    columns = ["pool", "company_id", "tonnes", "core"]
    pd.testing.assert_frame_equal(shifted[columns], members[columns])
    assert moved["tonnes"].tolist() == pools["tonnes"].tolist()


@settings(max_examples=25, deadline=None)
@given(REGIONS, st.integers(1, 80), st.integers(1, 6))
def test_nobody_takes_away_less_than_the_own_tonnes(drawn, tonnes, km):
    sites, amounts = region(drawn)
    # Tenths, whose sums depend on their order in the last bit.
    amounts = {key: amount / 10 for key, amount in amounts.items()}
    pools, members = pools_of(sites, amounts, tonnes / 10, km)
    for pool in tables.rows(pools):
        inside = members[members["pool"] == pool.pool]
        table = contributions(inside, tonnes=tonnes / 10, km=km).set_index("company_id")
        own = inside.set_index("company_id")["tonnes"].loc[table.index]
        assert (table["lost_t"] >= own).all()
        assert (table["lost_t"] <= pool.tonnes + 1e-9).all()
        assert table.loc[~table["holds"], "lost_t"].to_numpy() == pytest.approx(pool.tonnes)


VEHICLES = pd.DataFrame(
    {
        "payload_t": [40.0, 12.0],
        "freight_low": [0.05, 0.2],
        "freight": [0.1, 0.3],
        "freight_high": [0.2, 0.4],
    },
    index=pd.Index(["combination", "rigid"], name="vehicle"),
)
UNITS = pd.DataFrame(
    {"gain": [40.0, np.nan, 1000.0]},
    index=pd.MultiIndex.from_tuples(
        [("sawdust", "energy"), ("sawdust", ""), ("bark", "energy")], names=["material", "route"]
    ),
)


def candidate(giver, taker, need="", route="energy", material="sawdust"):
    return {
        "supply_id": f"{giver}-{material}-reported-out",
        "demand_id": need,
        "from_company": giver,
        "to_company": taker,
        "material": material,
        "ewc": "",
        "use": "",
        "route": route,
        "evidence": "",
        "certainty": "mixed",
        "precision": "exact",
        "distance_km": 1.0,
        "road_km": 1.3,
        "tonnes_low": 1.0,
        "tonnes": 1.0,
        "tonnes_high": 1.0,
    }


def reached(
    candidates, needs=(), amounts=(300.0, 300.0), units=UNITS, vehicles=VEHICLES, **changed
):
    """Members a at 0 and b at 10 km; receivers to the west, q at 20 km, r at 100 km."""
    sites = {"a": (0, 0), "b": (10, 0), "q": (-20, 0), "r": (-100, 0)}
    companies = table_of_companies(sites)
    offers = [supply(key, tonnes) for key, tonnes in zip("ab", amounts, strict=True)]
    flows = table_of_flows(*offers, *needs)
    pools, members = find_pools(
        companies, flows, material="sawdust", tonnes=600, km=10, payload_t=40
    )
    return newly_reached(
        pools.loc[0],
        members,
        tables.candidates(pd.DataFrame(candidates)),
        companies,
        flows,
        assumptions=Assumptions(vehicle="combination", collection_vehicle="rigid", **changed),
        units=units,
        vehicles=vehicles,
    )


def test_reached_only_together():
    """Gain 40, loading 3; combination 0.1, rigid 0.3 EUR/tkm; 12 loads of 40 t = 480 t a year.

    a and b have 300 t, so alone they use the rigid lorry. The hub is a (equal, first id), and
    collecting costs 13 road km · 300 t / 600 t = 6.5 km.

    r, 130 road km from a and 143 from b:
        alone a: 40 − 3 − 130 · 0.3 = −2; b: 40 − 3 − 143 · 0.3 = −5.9
        pooled: 40 − 6 − 6.5 · 0.3 − 130 · 0.1 = 19.05; for its need of 500 t 9,525 EUR
    q, 26 and 39 km, of unknown need:
        alone a: 37 − 7.8 = 29.2; b: 37 − 11.7 = 25.3; 300 · (29.2 + 25.3) = 16,350 EUR
        pooled: 34 − 1.95 − 2.6 = 29.45; 600 · 29.45 = 17,670 EUR; 1,320 more
    """
    need = supply("r", 500.0, direction="in")
    pairs = [candidate("a", "q"), candidate("b", "q"), candidate("b", "r", need["id"])]
    table = reached(pairs, [need])
    assert table[["to_company", "demand_id", "route"]].to_numpy().tolist() == [
        ["r", need["id"], "energy"],
        ["q", "", "energy"],
    ]
    assert table["need_t"].fillna(-1).tolist() == [500, -1]
    assert table["road_km"].tolist() == pytest.approx([130, 26])
    assert table["alone_eur_t"].tolist() == pytest.approx([-2, 29.2])
    assert table["pooled_eur_t"].tolist() == pytest.approx([19.05, 29.45])
    assert table["improvement_eur"].tolist() == pytest.approx([9525, 1320])
    assert table["only_as_pool"].tolist() == [True, False]


def test_a_small_need_is_filled_by_the_best_alone():
    """q needs 400 t: pooled 400 · 29.45 = 11,780; alone 300 · 29.2 + 100 · 25.3 = 11,290 EUR."""
    need = supply("q", 400.0, direction="in")
    table = reached([candidate("a", "q", need["id"])], [need])
    assert table["improvement_eur"].tolist() == pytest.approx([490])


def test_a_large_member_fills_its_own_lorry():
    """With 480 t a takes the combination: 40 − 3 − 130 · 0.1 = 24 EUR/t to r, alone."""
    table = reached([candidate("b", "r")], amounts=(480.0, 120.0))
    assert table["alone_eur_t"].tolist() == pytest.approx([24])
    assert table["only_as_pool"].tolist() == [False]
    smaller = reached([candidate("b", "r")], amounts=(479.0, 121.0))
    assert smaller["alone_eur_t"].tolist() == pytest.approx([-2])


def test_breaking_even_alone_is_reaching():
    """The best alone makes 37 − 130 · 0.3 = −2 at a gain of 40; at 42 it makes 0, and pays."""
    at_zero = UNITS.assign(gain=UNITS["gain"] + 2)
    for units, only in ((UNITS, True), (at_zero + 1e-6, False), (at_zero - 1e-6, True)):
        assert reached([candidate("a", "r")], units=units)["only_as_pool"].tolist() == [only]


def test_a_load_both_ways_makes_pooling_cheaper():
    """Half the freight: 40 − 6 − 6.5 · 0.15 − 130 · 0.05 = 26.525; alone 37 − 130 · 0.15 = 17.5."""
    table = reached([candidate("a", "r")], empty_return=0.0)
    assert table[["alone_eur_t", "pooled_eur_t"]].to_numpy().tolist() == [
        pytest.approx([17.5, 26.525])
    ]


def test_an_own_freight_is_that_of_full_loads():
    """At 0.2 EUR/tkm pooled: 40 − 6 − 6.5 · 0.3 − 130 · 0.2 = 6.05; alone stays at −2."""
    table = reached([candidate("a", "r")], freight_eur_tkm=(0.1, 0.2, 0.3))
    assert table[["alone_eur_t", "pooled_eur_t"]].to_numpy().tolist() == [pytest.approx([-2, 6.05])]


@pytest.mark.parametrize("amounts", [(300.0, 300.0), (600.0, 1.0)])
def test_alone_a_member_makes_what_its_candidate_makes(amounts):
    """r is 130 road km from a; both reckon with the same vehicle for 300 t and for 600 t."""
    assumed = Assumptions()
    table = reached(
        [candidate("a", "r")],
        amounts=amounts,
        units=impact.unit_values(assumed),
        vehicles=reference.vehicles(),
    )
    sizes = dict.fromkeys(("tonnes_low", "tonnes", "tonnes_high"), amounts[0])
    row = candidate("a", "r") | {"road_km": 130.0} | sizes
    pairs = tables.candidates(pd.DataFrame([row]))[list(tables.PAIRS.columns)]
    euros = impact.assess(pairs, assumed)["eur"].iloc[0]
    assert table["alone_eur_t"].tolist() == [pytest.approx(euros / amounts[0])]


def test_who_is_no_receiver():
    """A member, the receiver of another material, of a stranger, or of unknown value."""
    strangers = [
        candidate("a", "b"),
        candidate("a", "r", material="bark"),
        candidate("q", "r"),
        candidate("a", "r", route=""),
    ]
    table = reached(strangers)
    assert table.empty
    assert table["improvement_eur"].dtype == float
