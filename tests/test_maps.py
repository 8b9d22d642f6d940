"""Map layers: escaped text, stable shape, curves that point the right way."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiertokylat import maps, reference
from kiertokylat.curves import tapered
from kiertokylat.features import clicked, safe_html
from kiertokylat.palette import CERTAINTY_STYLES, GROUP_COLOURS

SPOKEN = {"lang": "en", "map": "Map", "zoom_in": "Zoom in", "zoom_out": "Zoom out"}


def features(group) -> list[dict]:
    return [feature for child in group._children.values() for feature in child.data["features"]]


def sites(*names: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "id": [f"c{n}" for n in range(len(names))],
            "name": names,
            "x": 430000.0,
            "y": 6900000.0,
            "precision": "exact",
            "group": "food",
            "caption": "<b>caption</b>",
        }
    )


@pytest.mark.parametrize("text", ["{{ 123457 * 987653 }}", "{% raw %}", "{# x #}", "{{'x'}}"])
def test_text_of_the_user_is_never_run_as_a_template(text):
    frame = sites(text).assign(id=text, caption=text)
    group = maps.companies_layer(frame)
    (feature,) = features(group)
    assert clicked(feature) == ("company", text)
    places = reference.municipalities()
    base = maps.base_map(places, names=places["name_fi"].to_dict(), files="/assets", spoken=SPOKEN)
    group.add_to(base)
    html = base.get_root().render()
    assert str(123457 * 987653) not in html
    assert safe_html(text).replace("&", "\\u0026") in html


@given(st.text())
def test_company_tips_hold_no_markup_of_the_user(name):
    (feature,) = features(maps.companies_layer(sites(name)))
    tip = feature["properties"]["tip"]
    body = tip.removeprefix("<b>").replace("</b><br>", "", 1)
    assert "<" not in body
    assert ">" not in body


def test_layers_of_nothing_are_empty():
    none = sites().astype({"x": float, "y": float})
    assert features(maps.companies_layer(none)) == []
    assert features(maps.ring_layer(none)) == []


def test_the_base_map_asks_this_server_only():
    places = reference.municipalities()
    base = maps.base_map(places, names=places["name_fi"].to_dict(), files="/assets", spoken=SPOKEN)
    links = [link for _, link in [*base.default_js, *base.default_css]]
    assert links == ["/assets/leaflet.js", "/assets/leaflet.css"]
    assert maps.folium.Map.default_js[0][1] != "/assets/leaflet.js"  # other maps are left alone
    html = base.get_root().render()
    assert html.count('"kind": "municipality"') == 22


def test_a_curve_is_wide_where_it_starts_and_bends_right():
    outline = tapered((400_000, 6_900_000), (400_000, 6_960_000), 4000)
    half = len(outline) // 2
    assert outline[:half, 0].max() > 400_000 + 5000  # northwards: right is east
    assert np.hypot(*(outline[0] - outline[2 * half - 1])) == pytest.approx(4000)
    assert np.hypot(*(outline[half - 1] - outline[half])) == pytest.approx(320)
    assert outline[0].tolist() == outline[-1].tolist()


def test_every_industry_group_and_certainty_has_a_colour():
    assert set(reference.divisions()["group"]) == set(GROUP_COLOURS)
    assert len(set(GROUP_COLOURS.values())) == len(GROUP_COLOURS)
    assert set(CERTAINTY_STYLES) == {"reported", "mixed", "estimated"}


@pytest.mark.parametrize("rank", [None, 0, 4])
def test_a_choropleth_names_each_municipality(rank):
    places = reference.municipalities()
    tips = {code: f"{places['name_fi'][code]}\n1 < 2" for code in places.index}
    layer = maps.choropleth_layer(places, dict.fromkeys(places.index, rank), tips)
    (first, *_) = features(layer)
    assert first["properties"]["tip"] == f"<b>{places['name_fi'].iloc[0]}</b><br>1 &lt; 2"
    assert json.dumps(first)
