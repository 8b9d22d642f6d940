"""Pools as GeoJSON features: an area, a spoke from each member, a hub."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import shapely
from shapely.geometry import mapping

from kiertokylat import reference
from kiertokylat.features import feature, points, tip
from kiertokylat.locate import to_degrees
from kiertokylat.palette import INK, MATERIAL_COLOURS
from kiertokylat.pooling import hull
from kiertokylat.tables import rows

Features = list[dict[str, Any]]


def _degrees(shape: shapely.Geometry) -> dict[str, Any]:
    """A shape in EPSG:3067 as GeoJSON in WGS 84, to about a metre."""

    def moved(places: np.ndarray) -> np.ndarray:
        lon, lat = to_degrees(places[:, 0], places[:, 1])
        return np.column_stack([lon, lat]).round(5)

    return mapping(shapely.transform(shape, moved))  # type: ignore[arg-type]


def _colours(pools: pd.DataFrame) -> list[str]:
    groups = reference.materials()["group"]
    return [MATERIAL_COLOURS[groups.get(name, "mixed")] for name in pools["material"]]


def pool_areas(pools: pd.DataFrame, members: pd.DataFrame, tips: Mapping[str, str]) -> Features:
    """Each pool's area in the colour of its material.

    Parameters
    ----------
    pools, members
        From `pooling.find_pools`.
    tips
        Plain text of each `pool`; its first line is the title.
    """
    features = []
    inside = dict(tuple(members.groupby("pool")))
    for row, colour in zip(rows(pools), _colours(pools), strict=True):
        style = {"color": colour, "weight": 2, "fillColor": colour, "fillOpacity": 0.22}
        text = tip(*tips[row.pool].split("\n"))
        shape = _degrees(hull(inside[row.pool]))
        features.append(feature(shape, kind="pool", key=row.pool, tip=text, style=style))
    return features


def pool_spokes(pools: pd.DataFrame, members: pd.DataFrame) -> Features:
    """A line from each member to the hub of its pool."""
    hubs = members[["pool"]].merge(pools[["pool", "material", "hub_x", "hub_y"]], on="pool")
    ends = np.stack([members[["x", "y"]].to_numpy(), hubs[["hub_x", "hub_y"]].to_numpy()], axis=1)
    return [
        feature(
            _degrees(shapely.LineString(line)),
            kind="pool",
            key=pool,
            style={"color": colour, "weight": 1.6, "opacity": 0.9},
        )
        for pool, colour, line in zip(members["pool"], _colours(hubs), ends, strict=True)
    ]


def pool_hubs(pools: pd.DataFrame, tips: Mapping[str, str], radius: float) -> Features:
    """The hub of each pool: a dark dot with a light rim."""
    sites = pools.rename(columns={"hub_x": "x", "hub_y": "y"})
    style = {
        "color": "#ffffff",
        "weight": 2,
        "fill": True,
        "fillColor": INK,
        "fillOpacity": 1,
        "radius": radius,
    }
    return [
        feature(point, kind="pool", key=row.pool, tip=tip(*tips[row.pool].split("\n")), style=style)
        for row, point in zip(rows(pools), points(sites), strict=True)
    ]
