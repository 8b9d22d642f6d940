"""Circles of a company's reach: their radius, and who shares one."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from kiertokylat import reference
from kiertokylat.assumptions import Assumptions, FactorEdit
from kiertokylat.features import clicked
from kiertokylat.reach import reach_features, reaches

SITE = {"id": "c|1", "name": "Betoni <b> Oy", "x": 430_000.0, "y": 6_900_000.0}


def assumptions(**materials: float) -> Assumptions:
    """Materials whose every use avoids a fee of so much and 5 kg CO2e/t, and nothing else."""
    table = reference.factors()
    table = table[table["material"].isin(materials)]
    values = {"price": 0.0, "treatment": 0.0, "co2e": 5.0}
    edits = []
    for row in table.itertuples(index=False):
        value = values.get(row.item, materials[row.material])
        edits.append(FactorEdit(row.material, row.route, row.item, value, value, value))
    return Assumptions(
        detour_factor=1.25,
        freight_eur_tkm=(0.2, 0.2, 0.2),
        transport_kg_tkm=(0.1, 0.1, 0.1),
        loading_eur_t=(2, 2, 2),
        edits=tuple(edits),
    )


def test_a_reach_is_break_even_road_by_detour_factor_under_the_cap():
    changed = assumptions(concrete=7.0, brick_ceramic=42.0, gypsum=1.0)
    materials = pd.Series(["brick_ceramic", "concrete", "gypsum", "concrete", "unheard_of"])
    found = reaches(materials, changed, "eur", max_km=100.0)
    # (7 − 2) / 0.2 = 25 road km, by 1.25 = 20 straight; (42 − 2) / 0.2 / 1.25 = 160, cut at 100;
    # gypsum loses 1 EUR/t before it has moved
    assert found["material"].tolist() == ["concrete", "brick_ceramic"]
    assert found["full_km"].tolist() == pytest.approx([20, 160])
    assert found["km"].tolist() == pytest.approx([20, 100])
    # 5 / 0.1 = 50 road km
    climate = reaches(materials, changed, "co2e", max_km=100.0)
    assert climate["km"].tolist() == pytest.approx([40, 40, 40])


def test_a_small_flow_reaches_as_far_as_its_own_lorry():
    """(42 − 2) / 0.2 / 1.25 = 160 km; by rigid at 0.39: 40 / 0.39 / 1.25 = 82.05; 504 t are full.

    CO2e: 5 / 0.1 / 1.25 = 40; by rigid at 0.26: 15.38.
    """
    changed = assumptions(concrete=42.0, brick_ceramic=42.0, gypsum=42.0)
    changed = replace(changed, collection_vehicle="rigid")
    materials = pd.Series(["concrete", "brick_ceramic", "gypsum"], index=[7, 3, 5])
    tonnes = pd.Series([503.0, 504.0, np.nan], index=[7, 3, 5])
    for by, few, many in (("eur", 40 / 0.39, 200), ("co2e", 5 / 0.26, 50)):
        found = reaches(materials, changed, by, max_km=500.0, tonnes=tonnes)
        km = found.set_index("material")["km"]
        assert km["concrete"] == pytest.approx(few / 1.25)
        assert km[["brick_ceramic", "gypsum"]].tolist() == pytest.approx([many / 1.25] * 2)
        known_by_name_only = reaches(materials, changed, by, max_km=500.0)
        assert known_by_name_only["km"].tolist() == pytest.approx([many / 1.25] * 3)
    # Of two flows of a material the one that carries farther counts.
    twice = pd.Series(["concrete", "concrete"])
    (km,) = reaches(twice, changed, "eur", 500.0, tonnes=pd.Series([1000.0, 10.0]))["km"]
    assert km == pytest.approx(160)


def test_the_use_that_carries_farthest_counts():
    uses = reference.uses().groupby("material")["route"].unique()
    material, routes = next((m, sorted(r)) for m, r in uses.items() if len(r) > 1)
    table = reference.factors()
    changed = assumptions(**{material: 22.0})
    named = table[(table["material"] == material) & (table["route"] != "")]
    lower = tuple(FactorEdit(r.material, r.route, r.item, 0, 0, 0) for r in named.itertuples())
    changed = Assumptions(
        detour_factor=1.0,
        freight_eur_tkm=(0.2, 0.2, 0.2),
        loading_eur_t=(2, 2, 2),
        edits=(*changed.edits, *lower),
    )
    found = reaches(pd.Series([material]), changed, "eur", max_km=500.0)
    general = set(routes) - set(named["route"])
    assert len(found) == 1
    if general:
        # (22 − 2) / 0.2 for a use without a row of its own
        assert found["full_km"].iloc[0] == pytest.approx(100)
        assert found["route"].iloc[0] == min(general)


@pytest.mark.parametrize("km", [0.5, 20.0, 100.0])
def test_every_corner_of_a_circle_lies_at_its_radius(km):
    found = pd.DataFrame({"material": ["concrete"], "km": [km]})
    (circle,) = reach_features(found, SITE, {"concrete": "Betoni: {{ 1 }}"})
    (corners,) = circle["geometry"]["coordinates"]
    lon, lat = np.array(corners).T
    back = gpd.GeoSeries(gpd.points_from_xy(lon, lat), crs="EPSG:4326").to_crs("EPSG:3067")
    metres = np.hypot(back.x - SITE["x"], back.y - SITE["y"])
    assert metres.to_numpy() == pytest.approx(km * 1000, abs=1)  # five decimals of a degree
    assert corners[0] == corners[-1]
    assert clicked(circle) == ("company", "c|1")
    assert circle["properties"]["tip"] == (
        "<b>Betoni &lt;b&gt; Oy</b><br>Betoni: &#123;&#123; 1 }}"
    )


def test_materials_that_reach_equally_far_share_a_circle():
    found = pd.DataFrame(
        {"material": ["concrete", "brick_ceramic", "gypsum"], "km": [10.0, 50.0, 50.0]}
    )
    tips = {name: name.upper() for name in found["material"]}
    near, far = reach_features(found, SITE, tips)
    assert "CONCRETE" in near["properties"]["tip"]
    assert far["properties"]["tip"].endswith("<br>BRICK_CERAMIC<br>GYPSUM")


def test_nothing_on_offer_reaches_nowhere():
    none = reaches(pd.Series([], dtype=str), Assumptions(), "eur", 50.0)
    assert list(none) == ["material", "route", "full_km", "km"]
    assert reach_features(none, SITE, {}) == []
