"""Tables to Leaflet layers: the only module that knows folium.

The base map (municipalities, lakes, names) never changes, so the browser keeps it and its zoom; all
that a filter changes comes as feature groups beside it. Every layer of shapes is one GeoJSON object
whose features (`features.py`) carry `kind` and `id` (what a click selects), `style` and a `tip` in
which the users' text is harmless.

Layers are drawn as SVG in panes of their own. Canvas panes would swallow the clicks meant for the
layers below them.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
from branca.element import MacroElement
from folium.elements import Template
from folium.map import CustomPane, FitBounds
from folium.utilities import JsCode
from shapely.geometry import box, mapping

from kiertokylat.curves import tapered
from kiertokylat.features import (
    candidate_features,
    company_features,
    feature,
    points,
    safe_html,
    tip,
)
from kiertokylat.locate import to_degrees
from kiertokylat.map_script import SCRIPT
from kiertokylat.palette import (
    CLASS_COLOURS,
    CURVE,
    HIDDEN,
    INK,
    LAND,
    LAND_EDGE,
    NO_DATA,
    WATER,
)
from kiertokylat.tables import rows

SELECTED = "#111111"

Map = folium.Map
Layer = folium.FeatureGroup

_PANES = {
    "areas": 390,
    "water": 395,
    "outside": 397,
    "areas-over": 400,
    "curves": 410,
    "lines": 420,
    "points": 450,
}
_SILENT = {"water", "outside"}  # panes that let clicks through
_BACKDROP = "#eceeea"


class _Fetched(MacroElement):
    """A GeoJSON layer that the browser fetches from this server, once."""

    _template = Template(SCRIPT)

    def __init__(
        self, url: str, *, spoken: Mapping[str, str], tip_px: int, fill: bool, **options: Any
    ) -> None:
        super().__init__()
        self._name = "Fetched"
        self.url = url
        self.backdrop = _BACKDROP
        self.spoken = spoken
        self.tip_px = tip_px
        self.fill = fill
        self.options = options


def base_map(
    municipalities: gpd.GeoDataFrame,
    *,
    names: Mapping[str, str],
    files: str,
    spoken: Mapping[str, str],
    label_px: int = 13,
    fill: bool = False,
) -> folium.Map:
    """The map that never changes: municipalities, lakes and names.

    Parameters
    ----------
    municipalities
        As `reference.municipalities()` (EPSG:4326).
    names
        Name of each municipality code in the reader's language.
    files
        Address prefix under which this server offers `leaflet.js`, `leaflet.css` and
        `lakes.geojson`: nothing comes from anywhere else.
    spoken
        What screen readers say: `lang`, a code, and in it the names of the `map` and of its buttons
        `zoom_in` and `zoom_out`.
    label_px
        Size of the names.
    fill
        Whether the map takes the height of its frame, which the page then sets.
    """
    west, south, east, north = municipalities.total_bounds
    # Set on the instance: the class-wide lists would leak to every other map of the process.
    figure = folium.Map(
        location=[(south + north) / 2, (west + east) / 2],
        zoom_start=8,
        tiles=None,
        zoom_snap=0.1,
        zoom_delta=0.5,
        min_zoom=6,
        max_zoom=14,
        attribution_control=False,
        wheel_px_per_zoom_level=120,
    )
    figure.default_js = [("leaflet", f"{files}/leaflet.js")]
    figure.default_css = [("leaflet_css", f"{files}/leaflet.css")]
    for name, z_index in _PANES.items():
        CustomPane(name, z_index=z_index, pointer_events=name not in _SILENT).add_to(figure)
    _areas(municipalities, names).add_to(figure)
    _Fetched(
        f"{files}/lakes.geojson",
        spoken=spoken,
        tip_px=label_px + 2,
        fill=fill,
        pane="water",
        interactive=False,
        style={"stroke": False, "fillColor": WATER, "fillOpacity": 1},
    ).add_to(figure)
    _outside(municipalities).add_to(figure)
    for code, row in municipalities.iterrows():
        _label(names[str(code)], row["centre_lat"], row["centre_lon"], label_px).add_to(figure)
    whole = FitBounds([[south, west], [north, east]], padding=(4, 4))
    # Still moving when the page sets a view of its own, it would go on and undo that.
    whole.options["animate"] = False
    whole.add_to(figure)
    return figure


def _areas(municipalities: gpd.GeoDataFrame, names: Mapping[str, str]) -> folium.GeoJson:
    style = {"color": LAND_EDGE, "weight": 1, "fillColor": LAND, "fillOpacity": 1}
    frame = gpd.GeoDataFrame(
        {
            "kind": "municipality",
            "id": municipalities.index,
            "tip": [safe_html(names[code]) for code in municipalities.index],
            "style": [style] * len(municipalities),
        },
        geometry=municipalities.geometry.to_numpy(),
        crs=municipalities.crs,
    )
    return _layer(frame.to_geo_dict(drop_id=True), pane="areas")


def _outside(municipalities: gpd.GeoDataFrame) -> folium.GeoJson:
    """A veil over everything outside the region, so that the region stands out."""
    region = municipalities.union_all()
    veil = box(*region.bounds).buffer(6).difference(region)
    style = {"stroke": False, "fillColor": _BACKDROP, "fillOpacity": 0.9}
    return _layer(
        {"type": "FeatureCollection", "features": [feature(mapping(veil), style=style)]},
        pane="outside",
    )


def _label(
    name: str, lat: float, lon: float, size: int, shift: str = "-50%,-140%"
) -> folium.Marker:
    halo = ",".join(f"{x}px {y}px 2px #fff" for x in (-1, 0, 1) for y in (-1, 0, 1))
    html = (
        f'<div style="font:600 {size}px sans-serif;color:{INK};text-shadow:{halo};'
        f'white-space:nowrap;transform:translate({shift});width:max-content">{safe_html(name)}</div>'
    )
    icon = folium.DivIcon(html=html, icon_size=(0, 0), class_name="municipality-name")
    return folium.Marker([lat, lon], icon=icon, interactive=False, keyboard=False)


def _layer(data: dict[str, Any], *, pane: str, radius: float | None = None) -> folium.GeoJson:
    """One GeoJSON layer whose features bring their own `style` and `tip` (escaped HTML).

    Thousands of features share a few styles: these travel once, in the layer's own script.
    """
    styles: list[dict[str, Any]] = []
    for each in data["features"]:
        style = each["properties"].pop("style")
        if style not in styles:
            styles.append(style)
        each["properties"]["look"] = styles.index(style)
    marker = None if radius is None else folium.CircleMarker(radius=radius)
    if marker:
        marker.options["pane"] = pane  # its constructor passes on drawing options only
    return folium.GeoJson(
        data,
        marker=marker,
        pane=pane,
        smooth_factor=0.5,
        on_each_feature=JsCode(
            "function (feature, layer) {"
            f" layer.setStyle({json.dumps(styles)}[feature.properties.look]);"
            # Hundreds of shapes are no tab stops; the table below the map is the keyboard's way.
            " layer.on('add', function () { if (layer.getElement && layer.getElement())"
            " layer.getElement().setAttribute('tabindex', '-1'); });"
            " if (feature.properties.tip)"
            " layer.bindTooltip(feature.properties.tip, {sticky: true, opacity: 1}); }"
        ),
    )


def _group(features: list[dict[str, Any]], **options: Any) -> folium.FeatureGroup:
    group = folium.FeatureGroup()
    if features:  # an empty GeoJSON layer would only cost the browser a redraw
        _layer({"type": "FeatureCollection", "features": features}, **options).add_to(group)
    return group


def shapes_layer(
    features: list[dict[str, Any]], *, pane: str, radius: float | None = None
) -> folium.FeatureGroup:
    """Features of `features.feature` in one of the panes; points get a radius in pixels."""
    return _group(features, pane=pane, radius=radius)


def companies_layer(companies: pd.DataFrame, *, radius: float = 5) -> folium.FeatureGroup:
    """Companies as dots (`features.company_features`) of a radius in pixels."""
    return _group(company_features(companies, radius), pane="points", radius=radius)


def candidates_layer(lines: pd.DataFrame, *, weight: float = 2.5) -> folium.FeatureGroup:
    """Candidates as lines (`features.candidate_features`) of a width in pixels."""
    return _group(candidate_features(lines, weight), pane="lines")


def between_layer(curves: pd.DataFrame, *, widest_m: float = 9000) -> folium.FeatureGroup:
    """Flows between municipalities as tapering curves: wide end gives, pointed end receives.

    Parameters
    ----------
    curves
        Columns `id`, `from_x`, `from_y`, `to_x`, `to_y` (EPSG:3067 m), `tonnes`, `title`,
        `caption`. The width is proportional to the tonnes.
    widest_m
        Width of the largest flow at its giving end, metres on the map.
    """
    top = curves["tonnes"].max() if len(curves) else 1.0
    features = [
        feature(
            {"type": "Polygon", "coordinates": [_outline(row, widest_m * row.tonnes / top)]},
            kind="between",
            key=row.id,
            tip=tip(row.title, row.caption),
            style={"color": "#ffffff", "weight": 1.2, "fillColor": CURVE, "fillOpacity": 0.85},
        )
        for row in rows(curves.sort_values("tonnes", ascending=False))
    ]
    return _group(features, pane="curves")


def _outline(row: Any, width_m: float) -> list[list[float]]:
    outline = tapered((row.from_x, row.from_y), (row.to_x, row.to_y), width_m)
    lon, lat = to_degrees(outline[:, 0], outline[:, 1])
    return np.column_stack([lon, lat]).round(5).tolist()


def choropleth_layer(
    municipalities: gpd.GeoDataFrame,
    classes: Mapping[str, int | None],
    tips: Mapping[str, str],
    hidden: Collection[str] = (),
) -> folium.FeatureGroup:
    """Municipalities coloured by class (0 the lowest, None no data).

    `tips` holds plain text for each municipality code; its first line is the name. `hidden` are
    the codes whose figure may not be shown.
    """
    features = []
    for code, shape in municipalities.geometry.items():
        rank = classes.get(str(code))
        missing = HIDDEN if code in hidden else NO_DATA
        colour = missing if rank is None else CLASS_COLOURS[rank]
        title, *lines = tips[str(code)].split("\n")
        features.append(
            feature(
                shape.__geo_interface__,
                kind="municipality",
                key=code,
                tip=tip(title, *lines),
                style={"color": LAND_EDGE, "weight": 1, "fillColor": colour, "fillOpacity": 1},
            )
        )
    return _group(features, pane="areas")


def outline_layer(municipalities: gpd.GeoDataFrame, codes: Iterable[str]) -> folium.FeatureGroup:
    """A strong rim around the chosen municipalities."""
    features = [
        feature(
            municipalities.geometry[code].__geo_interface__,
            kind="municipality",
            key=code,
            style={"color": SELECTED, "weight": 3.5, "fill": False},
        )
        for code in codes
    ]
    return _group(features, pane="areas-over")


def names_layer(sites: pd.DataFrame, *, size: int = 13) -> folium.FeatureGroup:
    """Names beside the given sites (columns `name`, `x`, `y`)."""
    group = folium.FeatureGroup()
    for row, point in zip(rows(sites), points(sites), strict=True):
        lon, lat = point["coordinates"]
        _label(row.name, lat, lon, size, shift="12px,-50%").add_to(group)
    return group


def ring_layer(companies: pd.DataFrame, *, radius: float = 11) -> folium.FeatureGroup:
    """A ring around the chosen companies (columns `id`, `name`, `x`, `y`)."""
    features = [
        feature(
            point,
            kind="company",
            key=row.id,
            tip=tip(row.name),
            style={"color": SELECTED, "weight": 4, "fill": False, "radius": radius},
        )
        for row, point in zip(rows(companies), points(companies), strict=True)
    ]
    return _group(features, pane="points", radius=radius)
