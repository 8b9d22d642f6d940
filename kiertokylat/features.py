"""GeoJSON features for the map, with users' text made harmless.

Text on a map passes two readers that would act on it: the browser reads tooltips as HTML, and
folium takes what it has rendered for a Jinja template once more, on the server.
"""

from collections.abc import Mapping
from html import escape
from typing import Any
from urllib.parse import quote, unquote

import numpy as np
import pandas as pd

from kiertokylat.locate import to_degrees
from kiertokylat.palette import CERTAINTY_STYLES, GROUP_COLOURS, INK, STAGE_STYLES
from kiertokylat.tables import rows


def safe_html(text: str) -> str:
    """Text as HTML that is no Jinja template either: all of Jinja's marks begin with a brace."""
    return escape(text).replace("{", "&#123;")


def tip(title: str, *lines: str) -> str:
    """A tooltip's HTML: a title and the lines under it, from plain text."""
    body = "".join(f"<br>{safe_html(line)}" for line in lines if line)
    return f"<b>{safe_html(title)}</b>{body}"


def feature(geometry: dict[str, Any], *, key: str = "", **properties: Any) -> dict[str, Any]:
    """A GeoJSON feature.

    Parameters
    ----------
    geometry
        As in GeoJSON, WGS 84.
    key
        What a click on it gives back (`clicked`): the user's own text, so it travels encoded.
    **properties
        `kind`, `tip` (HTML from `tip`), `style`.
    """
    return {"type": "Feature", "geometry": geometry, "properties": {"id": quote(key), **properties}}


def points(sites: pd.DataFrame) -> list[dict[str, Any]]:
    """GeoJSON points of sites (columns `x`, `y`: EPSG:3067 m), to about a metre."""
    lon, lat = to_degrees(sites["x"].to_numpy(), sites["y"].to_numpy())
    places = np.column_stack([lon, lat]).round(5).tolist()
    return [{"type": "Point", "coordinates": place} for place in places]


def clicked(drawing: Mapping[str, Any]) -> tuple[str, str]:
    """Kind and key of the feature that a click gave back."""
    properties = drawing.get("properties", {})
    return str(properties.get("kind", "")), unquote(str(properties.get("id", "")))


def company_features(companies: pd.DataFrame, radius: float) -> list[dict[str, Any]]:
    """Companies as dots in the colour of their industry group.

    Parameters
    ----------
    companies
        Columns `id`, `name`, `x`, `y` (EPSG:3067 m), `precision`, `group`, `caption` (plain text
        under the name). A site that is only known by postal code or municipality is hollow.
    radius
        Pixels.
    """
    features = []
    for row, point in zip(rows(companies), points(companies), strict=True):
        exact, colour = row.precision == "exact", GROUP_COLOURS[row.group]
        style = {
            "color": INK if exact else colour,
            "weight": 0.8 if exact else 2,
            "fill": True,
            "fillColor": colour,
            "fillOpacity": 0.95 if exact else 0.25,
            "radius": radius,
        }
        text = tip(row.name, row.caption)
        features.append(feature(point, key=row.id, kind="company", tip=text, style=style))
    return features


def candidate_features(lines: pd.DataFrame, weight: float) -> list[dict[str, Any]]:
    """Symbiosis candidates as lines from supplier to receiver, dashed by certainty.

    Parameters
    ----------
    lines
        Columns `id`, `from_x`, `from_y`, `to_x`, `to_y` (EPSG:3067 m), `certainty`, `title`,
        `caption`.
    weight
        Pixels.
    """
    styles = [CERTAINTY_STYLES[name] for name in lines["certainty"]]
    return _lines(lines, styles, weight)


def commitment_features(lines: pd.DataFrame, weight: float) -> list[dict[str, Any]]:
    """Candidates that are committed to, as lines from supplier to receiver by stage.

    Parameters
    ----------
    lines
        As for `candidate_features`, with `stage` (of `indicators.STAGES`, none dropped) in the
        place of `certainty`.
    weight
        Pixels.
    """
    return _lines(lines, [STAGE_STYLES[name] for name in lines["stage"]], weight)


def _lines(
    lines: pd.DataFrame, styles: list[dict[str, str | None]], weight: float
) -> list[dict[str, Any]]:
    ends = [
        points(pd.DataFrame({"x": lines[f"{end}_x"], "y": lines[f"{end}_y"]}))
        for end in ("from", "to")
    ]
    features = []
    for row, first, last, look in zip(rows(lines), *ends, styles, strict=True):
        line = {"type": "LineString", "coordinates": [first["coordinates"], last["coordinates"]]}
        style = {"weight": weight, "opacity": 0.8, **look}
        text = tip(row.title, row.caption)
        features.append(feature(line, key=row.id, kind="candidate", tip=text, style=style))
    return features
