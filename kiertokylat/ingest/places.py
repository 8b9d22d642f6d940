"""Municipalities, postal codes and coordinates as people write them ► codes and metres."""

import difflib
import re
from functools import lru_cache
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kiertokylat import locate, reference
from kiertokylat.ingest.cells import number
from kiertokylat.ingest.sheet import Sheet, fold

OUTSIDE = "outside"  # in the place of a municipality's code: known, and not in the region
UNKNOWN = "unknown"  # in the place of a municipality's code: a text that names no municipality
_CODE = re.compile(r"(?:KU)?\s*0*(\d{1,3})(?:\D.*)?", re.IGNORECASE | re.DOTALL)

# Genitives and locatives in the order of the codes. Their stems change (Luhanka, Luhangan), so a
# table is surer than a rule.
_FORMS = {
    "077": "Hankasalmen Hankasalmella", "172": "Joutsan Joutsassa",
    "179": "Jyväskylän Jyväskylässä", "182": "Jämsän Jämsässä",
    "216": "Kannonkosken Kannonkoskella", "226": "Karstulan Karstulassa",
    "249": "Keuruun Keuruulla", "256": "Kinnulan Kinnulassa", "265": "Kivijärven Kivijärvellä",
    "275": "Konneveden Konnevedellä", "312": "Kyyjärven Kyyjärvellä", "410": "Laukaan Laukaassa",
    "435": "Luhangan Luhangassa", "495": "Multian Multialla", "500": "Muuramen Muuramessa",
    "592": "Petäjäveden Petäjävedellä", "601": "Pihtiputaan Pihtiputaalla",
    "729": "Saarijärven Saarijärvellä", "850": "Toivakan Toivakassa",
    "892": "Uuraisten Uuraisilla", "931": "Viitasaaren Viitasaarella",
    "992": "Äänekosken Äänekoskella",
}  # fmt: skip

# Generous boxes around Finland: what falls into one is that kind of coordinate.
_LON, _LAT = (19.0, 32.0), (59.0, 71.0)  # WGS 84 degrees
_X, _Y = (40_000.0, 800_000.0), (6_550_000.0, 7_850_000.0)  # EPSG:3067 metres
# A generalised polygon can be off by some hundred metres; further away one of the two is wrong.
_BORDER_TOLERANCE = 3_000.0  # m


@lru_cache
def _names() -> dict[str, str]:
    """Folded names of municipalities, and of the region's postal towns, to codes or `OUTSIDE`."""
    towns = reference.postal_codes().groupby("name")["municipality"].agg(set)
    names = {fold(str(name)): min(codes) for name, codes in towns.items() if len(codes) == 1}
    names |= dict.fromkeys((fold(name) for name in reference.other_municipalities()), OUTSIDE)
    municipalities = reference.municipalities()
    names |= {fold(form): code for code, forms in _FORMS.items() for form in forms.split()}
    for column in ("name_sv", "name_fi"):
        names |= {fold(name): str(code) for code, name in municipalities[column].items()}
    return names


@lru_cache(maxsize=65_536)
def municipality(text: str) -> str:
    """The municipality that a text names.

    Parameters
    ----------
    text
        A name (fi or sv), a code (`179`, `77`, `KU179`, `179 Jyväskylä`) or a postal town.

    Returns
    -------
    str
        A code of the region, `OUTSIDE`, `UNKNOWN`, or `""` for an empty text.
    """
    if not text:
        return ""
    code = _CODE.fullmatch(text)
    if code is not None and int(code.group(1)) > 0:
        padded = code.group(1).zfill(3)
        return padded if padded in reference.municipalities().index else OUTSIDE
    for part in (text, re.split(r"[,(/]", text)[0]):  # "Jyväskylä, Palokka"
        folded = fold(part)
        for candidate in (folded, folded.removesuffix(" kunta"), folded.removesuffix(" kaupunki")):
            if candidate in _names():
                return _names()[candidate]
    return UNKNOWN


def suggestion(text: str) -> str:
    """The municipality of the region whose name is closest to a misspelt one, or `""`."""
    names = {fold(name): name for name in reference.municipalities()["name_fi"]}
    close = difflib.get_close_matches(fold(text), names, n=1, cutoff=0.6)
    return names[close[0]] if close else ""


@lru_cache(maxsize=65_536)
def postal_code(text: str) -> str:
    """A postal code as five digits (a number has lost its leading zeros), or `""`."""
    digits = re.sub(r"^FI-?", "", text.strip().upper())
    return digits.zfill(5) if re.fullmatch(r"\d{3,5}", digits) else ""


@lru_cache(maxsize=65_536)
def municipality_of_postal_code(code: str) -> str:
    """The municipality of a postal code: a code, `OUTSIDE`, or `""` when that is not known."""
    known = reference.postal_codes()["municipality"]
    if code in known.index:
        return str(known[code])
    # An unlisted code of one of the region's series may be a post-box or company code of its own.
    return OUTSIDE if code and code[:2] not in _series() else ""


@lru_cache
def _series() -> frozenset[str]:
    return frozenset(code[:2] for code in reference.postal_codes().index)


class _Point(NamedTuple):
    x: float
    y: float
    code: str  # of a problem, or empty


_NOWHERE = (float("nan"), float("nan"))


def _within(value: float, limits: tuple[float, float]) -> bool:
    return limits[0] <= value <= limits[1]


@lru_cache(maxsize=65_536)
def point(first: str, second: str) -> _Point:
    """Two coordinates in any of the known ways ► EPSG:3067 metres.

    Parameters
    ----------
    first, second
        Longitude and latitude, or easting and northing.

    Returns
    -------
    tuple
        `x`, `y` (m, NaN if there is no point), and the code of a problem: `coordinates_swapped`
        (mended) or `bad_coordinates` (not used).
    """
    if not first and not second:
        return _Point(*_NOWHERE, "")
    a, b = number(first), number(second)
    if a is None or b is None:
        return _Point(*_NOWHERE, "bad_coordinates")
    for east, north, code in ((a, b, ""), (b, a, "coordinates_swapped")):
        if _within(east, _LON) and _within(north, _LAT):
            x, y = locate.to_metres([east], [north])
            return _Point(float(x[0]), float(y[0]), code)
        if _within(east, _X) and _within(north, _Y):
            return _Point(east, north, code)
    return _Point(*_NOWHERE, "bad_coordinates")


def points(sheet: Sheet) -> pd.DataFrame:
    """The coordinates of a sheet, and its problems with them.

    Returns
    -------
    DataFrame
        The sheet's index; `x`, `y` in EPSG:3067 metres, NaN where there are none that can be used.
    """
    found = pd.DataFrame({"x": np.nan, "y": np.nan}, index=sheet.cells.index)
    for east, north in (("lon", "lat"), ("x", "y")):
        if not sheet.has(east, north):
            continue
        pairs = zip(sheet.column(east), sheet.column(north), strict=True)
        parsed = pd.DataFrame(
            [point(a, b) for a, b in pairs], columns=["x", "y", "code"], index=sheet.cells.index
        )
        shown = sheet.column(east) + " / " + sheet.column(north)
        for row in parsed.index[parsed["code"] != ""]:
            code = str(parsed["code"][row])
            sheet.report(code, "warning", row=row, name=east, value=shown[row])
        found = parsed[["x", "y"]].where(parsed["x"].notna(), found)
    return found


@lru_cache
def _polygons() -> gpd.GeoSeries:
    return reference.municipalities().geometry.to_crs(locate.METRES)


def far(codes: pd.Series, x: pd.Series, y: pd.Series) -> pd.Series:
    """Whether points (EPSG:3067 m) lie clearly outside the municipalities stated for them."""
    away = pd.Series(data=False, index=codes.index)
    for code, group in codes.groupby(codes):
        distance = shapely.distance(
            _polygons()[code], shapely.points(x[group.index], y[group.index])
        )
        away[group.index] = distance > _BORDER_TOLERANCE
    return away


def places(sheet: Sheet) -> pd.DataFrame:
    """Where each row of a sheet is, and the sheet's problems with that.

    The stated municipality counts; coordinates far away from it are not used. Where it is missing
    or unknown, coordinates give it, else the postal code, else the postal town.

    Returns
    -------
    DataFrame
        The sheet's index; `municipality` (a code, `OUTSIDE`, `UNKNOWN`, or `""` when nothing says
        where the row is), `postal_code`, `x`, `y` (EPSG:3067 m or NaN).
    """
    stated = sheet.column("municipality").map(municipality)
    city = sheet.column("city").map(municipality)
    codes = sheet.column("postal_code").map(postal_code)
    found = points(sheet)
    has_point = found["x"].notna()
    at_point = pd.Series(locate.municipality_at(found["x"], found["y"]), index=found.index)
    at_point = at_point.where((at_point != "") | ~has_point, OUTSIDE).astype("str")

    inferred = at_point.copy()
    for other in (codes.map(municipality_of_postal_code), city.where(city != UNKNOWN, "")):
        inferred = inferred.where(inferred != "", other)
    open_question = stated.isin(["", UNKNOWN])
    final = stated.where(~open_question | (inferred == ""), inferred)
    mended = (stated == UNKNOWN) & (final != UNKNOWN) & (final != OUTSIDE)
    names = reference.municipalities()["name_fi"]
    for row in final.index[mended]:
        sheet.report(
            "municipality_inferred", "warning", row=row, name="municipality",
            value=sheet.column("municipality")[row], municipality=names[final[row]],
        )  # fmt: skip

    check = has_point & ~open_question & (final != OUTSIDE) & (at_point != final)
    away = check.copy()
    away[check] = far(final[check], found.loc[check, "x"], found.loc[check, "y"])
    sheet.report_rows("coordinates_elsewhere", "warning", "municipality", away)
    found[away] = np.nan
    return found.assign(municipality=final.astype("str"), postal_code=codes)
