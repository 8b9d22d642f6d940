"""Address, postal code or municipality ► a point on the map, with its precision.

The precision says how far a point can be trusted, and travels on to every distance:

exact
    The coordinates that the file gave.
postal
    Near the centre of the postal code area: wrong by some kilometres in the countryside.
municipality
    Near the administrative centre of the municipality: wrong by up to tens of kilometres. A
    distance within such a municipality says nothing.

Companies that share a centre are laid out in a spiral around it, so that no marker hides another.
The spiral is for the eye: it makes no point more precise.
"""

from collections.abc import Hashable
from functools import lru_cache
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj import Transformer

from kiertokylat import reference

DEGREES = "EPSG:4326"
METRES = "EPSG:3067"  # ETRS-TM35FIN, the plane of all distances in the package

# Vogel's sunflower (1979): position n lies at n golden angles and at the distance sqrt(n + 1/2)
# from the centre. Its two closest positions are 1.546 apart, which the scale makes SPACING.
SPACING = 200.0  # m between the closest positions of one centre
_SCALE = SPACING / 1.546
_GOLDEN_ANGLE = np.pi * (3 - np.sqrt(5))


@lru_cache
def _transformer(source: str, target: str) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)


def to_metres(lon: ArrayLike, lat: ArrayLike) -> tuple[NDArray, NDArray]:
    """WGS 84 longitude and latitude as EPSG:3067 easting and northing.

    Parameters
    ----------
    lon, lat
        Degrees, of one shape; NaN stays NaN.

    Returns
    -------
    tuple of arrays
        `x`, `y` in metres. Degrees that can't be projected (beyond the poles) become NaN.
    """
    return _transformed(DEGREES, METRES, lon, lat)


def to_degrees(x: ArrayLike, y: ArrayLike) -> tuple[NDArray, NDArray]:
    """EPSG:3067 easting and northing as WGS 84 longitude and latitude.

    Parameters
    ----------
    x, y
        Metres, of one shape; NaN stays NaN.

    Returns
    -------
    tuple of arrays
        `lon`, `lat` in degrees; NaN where there is no such place.
    """
    return _transformed(METRES, DEGREES, x, y)


def _transformed(
    source: str, target: str, first: ArrayLike, second: ArrayLike
) -> tuple[NDArray, NDArray]:
    east, north = _transformer(source, target).transform(
        np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    )
    unknown = ~(np.isfinite(east) & np.isfinite(north))  # PROJ says infinity
    return np.where(unknown, np.nan, east), np.where(unknown, np.nan, north)


@lru_cache
def _polygons() -> gpd.GeoSeries:
    """Municipal polygons in metres by code, in the order of the codes, prepared for point tests."""
    polygons = reference.municipalities().geometry.to_crs(METRES).sort_index()
    shapely.prepare(polygons.to_numpy())
    return polygons


def municipality_at(x: ArrayLike, y: ArrayLike) -> NDArray[np.str_]:
    """The municipality of each point, by the bundled (generalised) polygons.

    Within some hundred metres of a border the answer may be the neighbour.

    Parameters
    ----------
    x, y
        EPSG:3067 metres, of one length.

    Returns
    -------
    array of str
        Three-digit codes; `""` outside the region and where a coordinate is NaN. A point on a
        common border belongs to the municipality with the smaller code.
    """
    polygons = _polygons()
    inside = shapely.intersects_xy(
        polygons.to_numpy()[:, np.newaxis],
        np.atleast_1d(np.asarray(x, dtype=float)),
        np.atleast_1d(np.asarray(y, dtype=float)),
    )
    codes = polygons.index.to_numpy(dtype=str)
    return np.where(inside.any(axis=0), codes[inside.argmax(axis=0)], "")


class _Centre(NamedTuple):
    municipality: str
    x: float
    y: float


@lru_cache
def _centres() -> dict[Hashable, _Centre]:
    """Every centre by precision and key (postal code or municipality code)."""
    municipalities = reference.municipalities()
    postal_codes = reference.postal_codes()
    x, y = to_metres(municipalities["centre_lon"], municipalities["centre_lat"])
    codes = municipalities.index
    centres: dict[Hashable, _Centre] = {
        ("municipality", code): _Centre(code, *point)
        for code, *point in zip(codes, x, y, strict=True)
    }
    x, y = to_metres(postal_codes["lon"], postal_codes["lat"])
    homes = postal_codes["municipality"]
    for key, home, *point in zip(postal_codes.index, homes, x, y, strict=True):
        centres["postal", key] = _Centre(home, *point)
    return centres


def _spiral(centre: _Centre, count: int) -> NDArray:
    """The first `count` positions (x, y) around a centre that lie inside its municipality.

    Where they don't all fit, the spiral is drawn half as wide, and half again, until they do.
    """
    polygon = _polygons()[centre.municipality]
    reach = shapely.hausdorff_distance(shapely.Point(centre.x, centre.y), polygon.exterior)
    scale, drawn = _SCALE, 2 * count + 16
    while True:
        within_reach = int((reach / scale) ** 2) + 1
        position = np.arange(min(drawn, within_reach))
        angle, distance = position * _GOLDEN_ANGLE, scale * np.sqrt(position + 0.5)
        x = centre.x + distance * np.cos(angle)
        y = centre.y + distance * np.sin(angle)
        inside = np.flatnonzero(shapely.contains_xy(polygon, x, y))[:count]
        if len(inside) == count:
            return np.column_stack([x[inside], y[inside]])
        if drawn < within_reach:
            drawn *= 4
        else:
            scale /= 2


def locate(companies: pd.DataFrame) -> pd.DataFrame:
    """A point and its precision for every company.

    Given coordinates are kept. Other companies go to the centre of their postal code, when that
    lies in their municipality, else to the centre of the municipality. Around a centre the ids, in
    order, fill a spiral; positions outside the municipality are skipped. The result depends on the
    set of companies but not on the order of their rows.

    Parameters
    ----------
    companies
        Columns `id` (unique), `municipality` (code), `postal_code`, `x`, `y` (EPSG:3067 m, NaN
        where unknown).

    Returns
    -------
    DataFrame
        The index of `companies`; `x`, `y` (EPSG:3067 m), `precision` (`exact`, `postal`,
        `municipality`, see the module). A company without coordinates in an unknown municipality
        has NaN and `municipality`.
    """
    located = pd.DataFrame(
        {
            "x": companies["x"].astype(float),
            "y": companies["y"].astype(float),
            "precision": "exact",
        },
        index=companies.index,
    )
    unknown = (located["x"].isna() | located["y"].isna()).to_numpy()
    if not unknown.any():
        return located

    rows = companies.loc[unknown, ["id", "municipality", "postal_code"]].reset_index(drop=True)
    home = rows["postal_code"].map(reference.postal_codes()["municipality"])
    at_postal_code = home.eq(rows["municipality"])
    rows["precision"] = np.where(at_postal_code, "postal", "municipality")
    rows["key"] = rows["postal_code"].where(at_postal_code, rows["municipality"])
    rows[["x", "y"]] = np.nan
    for key, group in rows.sort_values("id").groupby(["precision", "key"]):
        centre = _centres().get(key)
        if centre is not None:
            rows.loc[group.index, ["x", "y"]] = _spiral(centre, len(group))

    located.loc[unknown, ["x", "y", "precision"]] = rows[["x", "y", "precision"]].to_numpy()
    return located.astype({"x": float, "y": float})
