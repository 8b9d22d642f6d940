"""The bundled facts as typed tables: materials, wastes, uses, industries, factors, places.

Every row names its source in its own `source` column (materials are the project's own vocabulary).
The frames are cached: don't change them in place.
"""

from functools import lru_cache
from pathlib import Path

import geopandas as gpd
import pandas as pd

from kiertokylat.errors import ReferenceDataError

DATA = Path(__file__).resolve().parent.parent / "data"


def _read(name: str) -> pd.DataFrame:
    path = DATA / "reference" / name
    try:
        return pd.read_csv(path, dtype=str, keep_default_na=False)
    except FileNotFoundError as error:
        raise ReferenceDataError(f"{path} is missing") from error


@lru_cache
def materials() -> pd.DataFrame:
    """The secondary materials, the centre of the star.

    Returns
    -------
    DataFrame
        Index `material`; `group`, `name_fi`, `name_en`, everyday words `words_fi`, `words_en`
        (separated by `;`).
    """
    return _read("materials.csv").set_index("material")


@lru_cache
def waste_codes() -> pd.DataFrame:
    """European waste codes (EWC, List of Waste) and the material each one is.

    Returns
    -------
    DataFrame
        Index `ewc` (six digits); `material`, `name_fi`, `name_en`, `hazardous` (bool), `wording`
        (how the Finnish name was checked), `source`.
    """
    frame = _read("ewc.csv").set_index("ewc")
    return frame.assign(hazardous=frame["hazardous"].eq("true"))


@lru_cache
def uses() -> pd.DataFrame:
    """Which division uses which material, for what.

    Returns
    -------
    DataFrame
        Index `use`; `material`, `division` (two digits), `use_fi`, `use_en`, `substitutes_fi`,
        `substitutes_en`, `route`, `treatment_fi`, `treatment_en`, `permit_fi`, `permit_en`,
        `evidence`, `source`.
    """
    return _read("uses.csv").set_index("use")


@lru_cache
def divisions() -> pd.DataFrame:
    """Divisions of the standard industrial classification (NACE, in Finland TOL).

    Returns
    -------
    DataFrame
        Index `division` (two digits); `section` (TOL 2008 letter), `group` (eight groups for
        colours and filters), `name_fi`, `name_en`, `editions` (`2008;2025`), `source`.
    """
    return _read("divisions.csv").set_index("division")


@lru_cache
def coefficients() -> pd.DataFrame:
    """How much of a material a company has or needs per employee and year.

    Returns
    -------
    DataFrame
        Columns `division`, `nace` (what the row holds for: the division, or a narrower group of it,
        whose row takes the place of the division's), `material`, `ewc`, `direction`, `kg_low`,
        `kg`, `kg_high` (kg per employee and year), `year`, `country`, `status` (`source` or
        `assumption`), `source`, `note`.
    """
    frame = _read("coefficients.csv")
    return frame.astype(dict.fromkeys(("kg_low", "kg", "kg_high"), float))


@lru_cache
def factors() -> pd.DataFrame:
    """What a tonne of a material is worth: gate fee, price, treatment, avoided emissions.

    Returns
    -------
    DataFrame
        Columns `material`, `route` (of `tables.ROUTES`; empty: every use without a row of its own),
        `item` (`disposal`, `price`, `treatment`, `co2e`), `low`, `best`, `high` (NaN where nothing
        was found), `unit` (`EUR/t` without VAT, or `kg CO2e/t`), `tax` (`included`: the Finnish
        waste tax is inside the fee; `from 2027`; or empty), `year`, `country`, `status` (`source`,
        `derived`, `assumption`, `missing`), `source`, `note`.
    """
    frame = _read("factors.csv")
    numbers = frame[["low", "best", "high"]].replace("", "nan").astype(float)
    return frame.assign(**numbers)


@lru_cache
def vehicles() -> pd.DataFrame:
    """Vehicle classes with their load, price and emissions.

    Returns
    -------
    DataFrame
        Index `vehicle`; `name_fi`, `name_en`, `payload_t` (t), `freight_low`, `freight`,
        `freight_high` (EUR per tonne-km of loaded one-way road distance, empty return included),
        `transport_low`, `transport`, `transport_high` (kg CO2e per tonne-km, likewise), `status`,
        `source`, `note`.
    """
    frame = _read("vehicles.csv").set_index("vehicle")
    texts = ["name_fi", "name_en", "status", "source", "note"]
    return frame.astype({name: float for name in frame if name not in texts})


@lru_cache
def pool_thresholds() -> pd.DataFrame:
    """From which amount within which distance a pool of a material is worth looking at.

    Returns
    -------
    DataFrame
        Index `material`; `tonnes` (t/a), `km` (straight line), `status`, `note`.
    """
    frame = _read("pool_thresholds.csv").set_index("material")
    return frame.astype({"tonnes": float, "km": float})


@lru_cache
def municipalities() -> gpd.GeoDataFrame:
    """The 22 municipalities of Central Finland.

    Returns
    -------
    GeoDataFrame
        Index `municipality` (three-digit code); `name_fi`, `name_sv`, `subregion` (code),
        `subregion_fi`, `subregion_en`, `population`, `population_year`, `land_km2`, `water_km2`
        (official areas), `centre_lon`, `centre_lat` (administrative centre, WGS 84), `source`;
        generalised polygons in EPSG:4326, for drawing and for locating a point, never for areas.
    """
    return gpd.read_file(DATA / "municipalities.geojson").set_index("municipality")


@lru_cache
def postal_codes() -> pd.DataFrame:
    """The postal codes of the region with their centre points.

    Returns
    -------
    DataFrame
        Index `postal_code` (five digits); `municipality` (code; a postal code area may reach into
        a second one), `name`, `lon`, `lat` (WGS 84), `source`.
    """
    frame = _read("postal_codes.csv").set_index("postal_code")
    return frame.astype({"lon": float, "lat": float})


@lru_cache
def other_municipalities() -> frozenset[str]:
    """Finnish names of municipalities elsewhere in Finland, also of some that have since merged.

    They tell a company outside the region from a misspelt municipality; nothing else rests on them.
    """
    return frozenset(_read("other_municipalities.csv")["name"])


@lru_cache
def lakes() -> gpd.GeoDataFrame:
    """The larger lakes, for drawing only (EPSG:4326)."""
    return gpd.read_file(DATA / "lakes.geojson")
