"""Tables ► CSV and GeoJSON, for people and for programs.

Tables come in two forms. For programs they keep the column names of `tables` and gain readable
columns at the end. For people (`headed`) they have Finnish or English headings, words for keys, and
the order in which one reads them. Both forms of companies and flows can be imported again, and
nothing is lost.

XLSX has a module of its own (`workbook`), so has GeoPackage (`geopackage`).

Nothing is exported that the tables don't hold: no other personal data can leave.
"""

from io import BytesIO, StringIO
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kiertokylat import reference
from kiertokylat.analysis import Analysis
from kiertokylat.formulas import neutralised
from kiertokylat.locate import DEGREES, METRES
from kiertokylat.selection import industry_group
from kiertokylat.words import Language, say

Kind = Literal["companies", "flows", "candidates"]

# What people read, in this order.
_SHOWN: dict[Kind, tuple[str, ...]] = {
    "companies": (
        *("id", "name", "business_id", "municipality_name", "nace", "nace_edition"),
        *("group_name", "employees", "x", "y", "precision", "source"),
    ),
    "flows": (
        *("id", "company_id", "company_name", "direction", "material", "ewc", "tonnes_low"),
        *("tonnes", "tonnes_high", "continuity", "basis", "source", "note"),
    ),
    "candidates": (
        *("from_name", "from_municipality_name", "to_name", "to_municipality_name"),
        *("material_name", "ewc", "use_text", "route_text", "evidence_text", "certainty_text"),
        *("tonnes_low", "tonnes", "tonnes_high", "eur_low", "eur", "eur_high"),
        *("co2e_low", "co2e", "co2e_high", "breakeven_eur_km", "breakeven_co2e_km"),
        *("distance_km", "road_km", "precision"),
        *("supply_id", "demand_id", "from_company", "to_company"),
    ),
}
_DECIMALS = {
    "distance_km": 1,
    "road_km": 1,
    "breakeven_eur_km": 0,
    "breakeven_co2e_km": 0,
    "eur_low": 0,
    "eur": 0,
    "eur_high": 0,
    "co2e_low": 1,
    "co2e": 1,
    "co2e_high": 1,
}
# Columns whose keys people see as words.
_CHOICES = ("direction", "continuity", "basis", "precision")


def names(key: str, language: Language) -> pd.Series:
    """Names by key: `materials`, `divisions` or `municipalities` in the reader's language."""
    frame: pd.DataFrame = getattr(reference, key)()
    # Finnish is the first language of all 22 municipalities; they have no English names.
    return frame["name_fi" if key == "municipalities" else f"name_{language}"]


def _words(keys: pd.Series, prefix: str, language: Language) -> pd.Series:
    """A word for each key; empty for the empty key."""
    words = {
        key: say(f"{prefix}_{key}", language) if key else "" for key in keys.astype(str).unique()
    }
    return keys.astype(str).map(words)


def _looked_up(keys: pd.Series, words: pd.Series) -> pd.Series:
    """The word for each key, empty where there is none. Fast where keys are categorical."""
    return keys.astype("category").map(words).astype("str").fillna("")


def companies_table(companies: pd.DataFrame, language: Language) -> pd.DataFrame:
    """Companies with their municipality and industry in words.

    Parameters
    ----------
    companies
        As `tables.COMPANIES`.
    language
        Of the words.

    Returns
    -------
    DataFrame
        The columns of `tables.COMPANIES`, then `municipality_name`, `industry` (of the division),
        `group` (key of the industry group) and `group_name`.
    """
    group = industry_group(companies["nace"])
    return companies.assign(
        municipality_name=_looked_up(companies["municipality"], names("municipalities", language)),
        industry=_looked_up(companies["nace"].str[:2], names("divisions", language)),
        group=group,
        group_name=_words(group, "app.group", language),
    )


def flows_table(flows: pd.DataFrame, companies: pd.DataFrame, language: Language) -> pd.DataFrame:
    """Flows with their company and material in words.

    Returns
    -------
    DataFrame
        The columns of `tables.FLOWS` (t/a), then `company_name` and `material_name`.
    """
    return flows.assign(
        company_name=_looked_up(flows["company_id"], companies.set_index("id")["name"]),
        material_name=_looked_up(flows["material"], names("materials", language)),
    )


def candidates_table(
    candidates: pd.DataFrame, companies: pd.DataFrame, language: Language
) -> pd.DataFrame:
    """Candidates with their companies, municipalities, material and rule in words.

    Parameters
    ----------
    candidates
        As `tables.CANDIDATES`.
    companies
        As `tables.COMPANIES`; every company of the candidates.
    language
        Of the words.

    Returns
    -------
    DataFrame
        The columns of `tables.CANDIDATES`; then for both ends (`from_`, `to_`) `name`,
        `municipality` (code) and `municipality_name`; then `material_name`, `use_text`,
        `route_text`, `evidence_text`, `certainty_text`.
    """
    sites = companies.set_index("id")
    places = names("municipalities", language)
    columns = {}
    for end in ("from", "to"):
        company = candidates[f"{end}_company"]
        code = _looked_up(company, sites["municipality"])
        columns[f"{end}_name"] = _looked_up(company, sites["name"])
        columns[f"{end}_municipality"] = code
        columns[f"{end}_municipality_name"] = _looked_up(code, places)
    columns["material_name"] = _looked_up(candidates["material"], names("materials", language))
    columns["use_text"] = _looked_up(candidates["use"], reference.uses()[f"use_{language}"])
    for name, topic in (("route", "explain"), ("evidence", "export"), ("certainty", "export")):
        columns[f"{name}_text"] = _words(candidates[name], f"{topic}.{name}", language)
    return candidates.assign(**columns)


def readable(analysis: Analysis, kind: Kind, language: Language) -> pd.DataFrame:
    """One of an analysis' tables, with `companies_table`, `flows_table` or `candidates_table`."""
    if kind == "companies":
        return companies_table(analysis.companies, language)
    if kind == "flows":
        return flows_table(analysis.flows, analysis.companies, language)
    return candidates_table(analysis.candidates, analysis.companies, language)


def headed(table: pd.DataFrame, kind: Kind, language: Language) -> pd.DataFrame:
    """A table for people: readable headings, words for keys, the order of reading.

    Parameters
    ----------
    table
        From `companies_table`, `flows_table` or `candidates_table`.
    kind
        Which of them.
    language
        Of headings and words.
    """
    shown = table.loc[:, list(_SHOWN[kind])]
    for name in _CHOICES:
        if name in shown:
            shown[name] = _words(shown[name], f"export.{name}", language)
    if kind == "flows":
        shown["material"] = table["material_name"]
    if kind == "companies":
        # The name beside the code keeps spreadsheet programs from dropping the code's first zero.
        shown["nace"] = (table["nace"] + " " + table["industry"]).str.strip()
    if kind == "candidates":  # nobody needs more of an estimate, and nobody imports it
        shown = shown.round(_DECIMALS)
    if "ewc" in shown:
        shown["ewc"] = _spaced(shown["ewc"])
    return shown.rename(columns={name: heading(str(name), kind, language) for name in shown})


def heading(name: str, kind: Kind, language: Language) -> str:
    """The heading of a column for people."""
    amounts = ("ewc", "tonnes_low", "tonnes", "tonnes_high")
    own = kind == "candidates" and name in amounts
    return say(f"export.candidate_{name}" if own else f"export.{name}", language)


def _spaced(codes: pd.Series) -> pd.Series:
    """`030105` as `03 01 05`: as the law writes it, and no spreadsheet drops its leading zero."""
    return codes.astype("str").str.replace(r"^(\d\d)(\d\d)(\d\d)$", r"\1 \2 \3", regex=True)


def csv_bytes(table: pd.DataFrame, *, decimal: Literal[".", ","] = ".") -> bytes:
    """A table as CSV that Excel opens: `;` between cells, UTF-8 with a byte order mark.

    Texts are `formulas.neutralised`. Numbers are written in full, so that nothing is lost.

    Parameters
    ----------
    table
        Any table of this module.
    decimal
        A comma for people with Finnish settings, a point for programs.
    """
    columns = {}
    for name in table:
        column = table[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            texts = neutralised(column.cat.categories.to_series())
            columns[name] = column.cat.rename_categories(list(texts))
        elif pd.api.types.is_float_dtype(column.dtype):
            columns[name] = column.map(lambda value: _number(value, decimal), na_action="ignore")
        elif pd.api.types.is_numeric_dtype(column.dtype):
            columns[name] = column
        else:
            columns[name] = neutralised(column)
    text = StringIO()
    pd.DataFrame(columns).to_csv(text, sep=";", index=False, lineterminator="\r\n")
    return text.getvalue().encode("utf-8-sig")


def _number(value: float, decimal: str) -> str:
    """A number in full. `1,234` could also mean thousands, so such a one gets a zero more."""
    if value.is_integer():
        return str(int(value))
    text = repr(value)
    if len(text.partition(".")[2]) == 3:
        text += "0"
    return text.replace(".", decimal)


def candidate_lines(table: pd.DataFrame, companies: pd.DataFrame) -> gpd.GeoDataFrame:
    """A candidates table as straight lines from supplier to receiver, in EPSG:3067.

    Two companies at one point give a line without length.
    """
    sites = companies.set_index("id")[["x", "y"]]
    ends = [
        sites.reindex(table[f"{end}_company"].astype("str")).to_numpy() for end in ("from", "to")
    ]
    lines = shapely.linestrings(np.stack(ends, axis=1))
    return gpd.GeoDataFrame(_plain_text(table), geometry=lines, crs=METRES)


def company_points(table: pd.DataFrame) -> gpd.GeoDataFrame:
    """A companies table as points in EPSG:3067."""
    points = gpd.points_from_xy(table["x"], table["y"])
    return gpd.GeoDataFrame(_plain_text(table), geometry=points, crs=METRES)


def _plain_text(table: pd.DataFrame) -> pd.DataFrame:
    """Categories as text, plain index."""
    texts = table.select_dtypes("category").columns
    return table.astype(dict.fromkeys(texts, "str")).reset_index(drop=True)


def geojson_bytes(layer: gpd.GeoDataFrame, name: str) -> bytes:
    """A layer as GeoJSON (RFC 7946: WGS 84, six decimals, about a decimetre).

    Parameters
    ----------
    layer
        From `candidate_lines` or `company_points`.
    name
        Of the layer, as GDAL and QGIS show it.
    """
    file = BytesIO()
    layer.to_crs(DEGREES).to_file(
        file, driver="GeoJSON", layer=name, engine="pyogrio", RFC7946="YES", COORDINATE_PRECISION=6
    )
    return file.getvalue()
