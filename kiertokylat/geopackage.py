"""An analysis ► a GeoPackage that opens in QGIS with the colours and headings of the app.

QGIS looks for a table `layer_styles` in the file and draws each layer with the QML style that it
finds there. Other programs see an ordinary GeoPackage (EPSG:3067) with the names of `tables`.
"""

import sqlite3
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, tostring

import geopandas as gpd
import pandas as pd
import pyogrio

from kiertokylat import export, guarded, palette, reference, tables
from kiertokylat.allocation import allocate
from kiertokylat.analysis import Analysis
from kiertokylat.locate import METRES
from kiertokylat.words import Language, say

# As QGIS makes it: https://docs.qgis.org, "Saving and sharing layer properties". The names are its.
_STYLES_TABLE = """
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256),
  f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
  useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
  update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
INSERT INTO gpkg_contents (table_name, data_type, identifier)
  VALUES ('layer_styles', 'attributes', 'layer_styles');
"""
_STYLE_ROW = (
    "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column,"
    " styleName, styleQML, styleSLD, useAsDefault, description, owner)"
    " VALUES ('', '', ?, 'geom', ?, ?, '', 1, ?, '')"
)
_Layer = tuple[gpd.GeoDataFrame, str, str]  # features, geometry type, style


def geopackage_bytes(analysis: Analysis, language: Language, *, public: bool = False) -> bytes:
    """`write_geopackage` for a download."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "kiertokylat.gpkg"
        write_geopackage(analysis, path, language, public=public)
        return path.read_bytes()


def write_geopackage(
    analysis: Analysis, path: Path, language: Language, *, public: bool = False
) -> None:
    """Write companies, candidates and municipalities as layers, flows as a table.

    Parameters
    ----------
    analysis
        Any, also an empty one.
    path
        Is replaced if it exists.
    language
        Of the layers' names, legends and headings; columns keep the names of `tables`.
    public
        Whether the municipalities' figures are masked (`guarded`): those hidden are empty.
    """
    path.unlink(missing_ok=True)
    styles = {}
    for kind, (layer, geometry_type, style) in _layers(analysis, language, public=public).items():
        name = say(f"export.table_{kind}", language)
        layer.to_file(path, layer=name, driver="GPKG", geometry_type=geometry_type)
        styles[name] = style
    flows = export.readable(analysis, "flows", language)
    _add_table(flows, path, say("export.table_flows", language))
    with closing(sqlite3.connect(path)) as database, database:
        database.executescript(_STYLES_TABLE)
        rows = [(name, name, style, name) for name, style in styles.items()]
        database.executemany(_STYLE_ROW, rows)


def write_lines(candidates: gpd.GeoDataFrame, path: Path, language: Language) -> None:
    """Write candidate lines (`export.candidate_lines`) as a GeoPackage of one styled layer."""
    path.unlink(missing_ok=True)
    name = say("export.table_candidates", language)
    candidates.to_file(path, layer=name, driver="GPKG", geometry_type="LineString")
    with closing(sqlite3.connect(path)) as database, database:
        database.executescript(_STYLES_TABLE)
        database.execute(_STYLE_ROW, (name, name, _candidate_style(candidates, language), name))


def _add_table(table: pd.DataFrame, path: Path, name: str) -> None:
    pyogrio.write_dataframe(table, path, layer=name, driver="GPKG")


def _layers(analysis: Analysis, language: Language, *, public: bool) -> dict[str, _Layer]:
    companies = export.company_points(export.readable(analysis, "companies", language))
    table = export.readable(analysis, "candidates", language)
    candidates = export.candidate_lines(table, analysis.companies)
    municipalities = _municipalities(analysis, public=public)
    return {
        "municipalities": (
            municipalities,
            "Polygon",
            _municipality_style(municipalities, language),
        ),
        "candidates": (candidates, "LineString", _candidate_style(candidates, language)),
        "companies": (companies, "Point", _company_style(companies, language)),
    }


def _municipalities(analysis: Analysis, *, public: bool) -> gpd.GeoDataFrame:
    """Polygons with the figures of `guarded.by_municipality`."""
    places = reference.municipalities()
    figures = guarded.by_municipality(
        analysis.companies,
        analysis.flows,
        analysis.candidates,
        allocate(analysis.candidates, analysis.flows),
        places.index,
        public=public,
    ).table
    shown = places[["name_fi", "population", "population_year", "source", "geometry"]]
    layer = shown.rename(columns={"name_fi": "municipality_name"}).join(figures)
    return layer.reset_index().to_crs(METRES)


def _company_style(layer: gpd.GeoDataFrame, language: Language) -> str:
    symbols = {group: _marker(colour) for group, colour in palette.GROUP_COLOURS.items()}
    labels = {group: say(f"app.group_{group}", language) for group in symbols}
    return _qml(layer, language, _categories("group", symbols, labels))


def _candidate_style(layer: gpd.GeoDataFrame, language: Language) -> str:
    styles = palette.CERTAINTY_STYLES
    symbols = {
        name: _line(str(styles[name]["color"]), styles[name]["dashArray"])
        for name in tables.CERTAINTIES
    }
    labels = {name: say(f"app.certainty_{name}", language) for name in symbols}
    return _qml(layer, language, _categories("certainty", symbols, labels))


def _municipality_style(layer: gpd.GeoDataFrame, language: Language) -> str:
    renderer = Element("renderer-v2", type="singleSymbol", symbollevels="0", forceraster="0")
    symbols = SubElement(renderer, "symbols")
    fill = {
        "color": _rgba(palette.LAND),
        "outline_color": _rgba(palette.LAND_EDGE),
        "outline_width": "0.26",
        "outline_width_unit": "MM",
        "style": "solid",
    }
    symbols.append(_symbol("0", "fill", "SimpleFill", fill))
    return _qml(layer, language, renderer, _labels("municipality_name"))


def _rgba(colour: str) -> str:
    """`#rrggbb` as QGIS writes colours: `red,green,blue,opacity`."""
    return ",".join(str(part) for part in (*bytes.fromhex(colour[1:]), 255))


def _marker(colour: str) -> tuple[str, str, dict[str, str]]:
    settings = {
        "name": "circle",
        "color": _rgba(colour),
        "outline_color": _rgba(palette.INK),
        "outline_width": "0.2",
        "size": "2.4",
        "size_unit": "MM",
    }
    return "marker", "SimpleMarker", settings


def _line(colour: str, dashes: str | None) -> tuple[str, str, dict[str, str]]:
    settings = {
        "line_color": _rgba(colour),
        "line_width": "0.5",
        "line_width_unit": "MM",
        "capstyle": "flat",
        "use_customdash": str(int(dashes is not None)),
        "customdash": (dashes or "5 2").replace(" ", ";"),
        "customdash_unit": "Pixel",
    }
    return "line", "SimpleLine", settings


def _symbol(name: str, kind: str, layer_class: str, settings: Mapping[str, str]) -> Element:
    symbol = Element("symbol", name=name, type=kind, alpha="1", clip_to_extent="1", force_rhr="0")
    options = {"class": layer_class, "enabled": "1", "locked": "0", "pass": "0"}
    layer = SubElement(symbol, "layer", options)
    # QGIS reads `Option` from 3.26 on, older ones `prop`.
    option = SubElement(layer, "Option", type="Map")
    for key, value in settings.items():
        SubElement(option, "Option", name=key, type="QString", value=value)
    for key, value in settings.items():
        SubElement(layer, "prop", k=key, v=value)
    return symbol


def _categories(
    column: str,
    symbols: Mapping[str, tuple[str, str, dict[str, str]]],
    labels: Mapping[str, str],
) -> Element:
    renderer = Element(
        "renderer-v2", type="categorizedSymbol", attr=column, symbollevels="0", forceraster="0"
    )
    categories = SubElement(renderer, "categories")
    drawn = SubElement(renderer, "symbols")
    for number, (value, symbol) in enumerate(symbols.items()):
        settings = {"value": value, "symbol": str(number), "label": labels[value]}
        SubElement(categories, "category", settings, type="string", render="true")
        drawn.append(_symbol(str(number), *symbol))
    return renderer


def _labels(column: str) -> Element:
    labeling = Element("labeling", type="simple")
    settings = SubElement(labeling, "settings", calloutType="simple")
    style = SubElement(
        settings,
        "text-style",
        fieldName=column,
        isExpression="0",
        fontFamily="Sans Serif",
        fontSize="9",
        fontSizeUnit="Point",
        fontWeight="75",
        textColor=_rgba(palette.INK),
    )
    SubElement(
        style,
        "text-buffer",
        bufferDraw="1",
        bufferSize="0.8",
        bufferSizeUnits="MM",
        bufferColor="255,255,255,255",
    )
    return labeling


def _qml(layer: gpd.GeoDataFrame, language: Language, *parts: Element) -> str:
    """A QML document: how to draw the layer, and its columns' headings."""
    labelled = any(part.tag == "labeling" for part in parts)
    document = Element(
        "qgis",
        version="3.22.0",
        styleCategories="Symbology|Labeling|Fields",
        labelsEnabled=str(int(labelled)),
    )
    document.extend(parts)
    document.append(_aliases(layer.columns, language))
    doctype = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
    return doctype + tostring(document, encoding="unicode")


def _aliases(columns: Iterable[str], language: Language) -> Element:
    aliases = Element("aliases")
    for number, column in enumerate(["fid", *(name for name in columns if name != "geometry")]):
        name = "" if column == "fid" else say(f"export.{column}", language)
        SubElement(aliases, "alias", field=column, index=str(number), name=name)
    return aliases
