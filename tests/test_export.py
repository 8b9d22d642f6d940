"""Exports: nothing is lost, nothing is run, everything is marked."""

import io
import json
import sqlite3
from contextlib import closing
from xml.etree.ElementTree import Element

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
from defusedxml import ElementTree
from hypothesis import given
from hypothesis import strategies as st

from kiertokylat import export, geopackage, palette, tables, workbook
from kiertokylat.analysis import Analysis, analyse
from kiertokylat.assumptions import Assumptions
from kiertokylat.formulas import neutralised, restored
from kiertokylat.ingest import ingest
from kiertokylat.selection import Selection
from kiertokylat.sources import sources_table

EVIL = "=cmd|' /C calc'!A0"
HTML = "<img src=x onerror=alert(1)> Oy"


def small() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Three companies and their flows, with the values that are easily lost."""
    companies = pd.DataFrame(
        [
            ("a", EVIL, "0112038-9", "16100", "2008", "179", 12.5, 434567.89, 6901234.5, "exact"),
            (
                "b",
                '\'-Äijä; "Öljy" & pojat',
                "",
                "01",
                "2025",
                "077",
                np.nan,
                4.6e5,
                6.92e6,
                "postal",
            ),
            ("c", HTML, "2646674-9", "", "", "410", 0.0, 4.4e5, 6.92e6, "municipality"),
        ],
        columns=list(tables.COMPANIES.columns)[:-1],
    ).assign(source="@käsin")
    flows = pd.DataFrame(
        [
            ("f1", "a", "out", "030105", "sawdust", 1.0, 1.234, 1234.5678, "seasonal", "reported"),
            ("f2", "b", "in", "", "sawdust", np.nan, np.nan, np.nan, "", "register"),
            ("f3", "c", "out", "020106", "manure", 0.1, 1 / 3, 0.5, "once", "estimated"),
            ("f4", "c", "in", "030105", "sawdust", 7.0, 7.0, 7.0, "continuous", "reported"),
        ],
        columns=list(tables.FLOWS.columns)[:-2],
    ).assign(source="+kysely", note=["-5 astetta", "", "=1+1", "tavallinen; teksti"])
    return tables.companies(companies), tables.flows(flows)


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    companies, flows = small()
    found = analyse(companies, flows)
    assert len(found.candidates) > 0
    return found


def reimported(*files: tuple[str, bytes]) -> tuple[pd.DataFrame, pd.DataFrame]:
    found = ingest([(name, io.BytesIO(content)) for name, content in files])
    assert [problem for problem in found.problems if problem.severity != "note"] == []
    return found.companies, found.flows


def assert_same(found: pd.DataFrame, wanted: pd.DataFrame) -> None:
    order = {"by": "id", "ignore_index": True}
    pd.testing.assert_frame_equal(
        found.sort_values(**order), wanted.sort_values(**order), check_exact=True
    )


@given(st.text(alphabet="'=+-@\t\r\na ;\"", max_size=6))
def test_neutralised_text_starts_no_formula_and_comes_back(text: str) -> None:
    safe = neutralised(pd.Series([text]))[0]
    assert not safe.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert restored(safe) == text


def test_ordinary_text_stays_as_it_is() -> None:
    texts = pd.Series(["Oy Äijä Ab", "'s-Hertogenbosch", "a=b", "", "’kirjain"])
    assert list(neutralised(texts)) == list(texts)
    assert [restored(text) for text in texts] == list(texts)


@pytest.mark.parametrize("language", ["fi", "en"])
def test_headed_csv_comes_back_whole(analysis: Analysis, language: str) -> None:
    files = []
    for kind in ("companies", "flows"):
        table = export.headed(export.readable(analysis, kind, language), kind, language)
        decimal = "," if language == "fi" else "."
        files.append((f"{kind}.csv", export.csv_bytes(table, decimal=decimal)))
    companies, flows = reimported(*files)
    assert_same(companies, analysis.companies)
    assert_same(flows, analysis.flows)


def test_plain_csv_comes_back_whole() -> None:
    companies, flows = small()
    files = [("c.csv", export.csv_bytes(companies)), ("f.csv", export.csv_bytes(flows))]
    again_companies, again_flows = reimported(*files)
    assert_same(again_companies, companies)
    assert_same(again_flows, flows)


@pytest.mark.parametrize("language", ["fi", "en"])
def test_workbook_comes_back_whole(analysis: Analysis, language: str) -> None:
    companies, flows = reimported(("all.xlsx", workbook.workbook_bytes(analysis, language)))
    assert_same(companies, analysis.companies)
    assert_same(flows, analysis.flows)


def test_geodata_comes_back_whole(analysis: Analysis) -> None:
    companies, flows = reimported(("all.gpkg", geopackage.geopackage_bytes(analysis, "fi")))
    assert_same(companies, analysis.companies)
    assert_same(flows, analysis.flows)
    points = export.company_points(export.readable(analysis, "companies", "en"))
    companies, _ = reimported(("companies.geojson", export.geojson_bytes(points, "Companies")))
    assert_same(companies, analysis.companies)


def test_csv_that_excel_opens() -> None:
    table = pd.DataFrame({"Yritys": [EVIL, "Äijä; Oy"], "t": [1.5, np.nan], "n": [2.0, 3.0]})
    text = export.csv_bytes(table, decimal=",").decode("utf-8")
    assert text == f'\ufeffYritys;t;n\r\n\'{EVIL};1,5;2\r\n"Äijä; Oy";;3\r\n'


def test_csv_numbers_cannot_be_taken_for_thousands() -> None:
    table = pd.DataFrame({"t": [1.234, -2.5, 1e-7, 12345.678]})
    lines = export.csv_bytes(table, decimal=",").decode("utf-8-sig").split("\r\n")
    assert lines[1:5] == ["1,2340", "-2,5", "1e-07", "12345,6780"]


def test_candidates_keep_the_contract_and_gain_names(analysis: Analysis) -> None:
    table = export.readable(analysis, "candidates", "fi")
    assert list(table)[: len(tables.CANDIDATES.columns)] == list(tables.CANDIDATES.columns)
    row = table[(table["supply_id"] == "f1") & (table["demand_id"] == "f4")].iloc[0]
    assert row["from_name"] == EVIL
    assert (row["from_municipality"], row["from_municipality_name"]) == ("179", "Jyväskylä")
    assert (row["to_municipality"], row["to_municipality_name"]) == ("410", "Laukaa")
    assert row["material_name"] == "Sahanpuru, lastu ja hake"
    assert row["certainty_text"] == "molemmat päät ilmoitettu"
    assert row["tonnes"] == 1.234


def test_empty_analysis_can_be_exported(tmp_path) -> None:
    empty = Analysis(
        tables.empty(tables.COMPANIES),
        tables.empty(tables.FLOWS),
        tables.empty(tables.CANDIDATES),
    )
    for kind in ("companies", "flows", "candidates"):
        table = export.headed(export.readable(empty, kind, "fi"), kind, "fi")
        assert export.csv_bytes(table).count(b"\r\n") == 1
    book = openpyxl.load_workbook(io.BytesIO(workbook.workbook_bytes(empty, "en")))
    assert [sheet.max_row for sheet in book.worksheets[:3]] == [1, 1, 1]
    path = tmp_path / "empty.gpkg"
    geopackage.write_geopackage(empty, path, "fi")
    assert pyogrio.read_info(path, layer="Symbioosiehdokkaat")["geometry_type"] == "LineString"
    lines = export.candidate_lines(export.readable(empty, "candidates", "fi"), empty.companies)
    assert json.loads(export.geojson_bytes(lines, "lines"))["features"] == []


def test_industry_codes_of_any_length_come_back(analysis: Analysis) -> None:
    codes = ["1071", "10710", "16100", "41200", "161", "0141", "01"]
    companies = pd.DataFrame(
        [(f"c{i}", f"Oy {i}", "", code, "2008", "179", 1.0) for i, code in enumerate(codes)],
        columns=list(tables.COMPANIES.columns)[:7],
    ).assign(x=4.3e5, y=6.9e6, precision="exact", source="s")
    companies = tables.companies(companies)
    assert_same(reimported(("c.csv", export.csv_bytes(companies)))[0], companies)
    # Without a zero in front anywhere, plain digits look like a column that has lost its zeros.
    for some in (companies, companies.iloc[:4]):
        table = export.headed(export.companies_table(some, "fi"), "companies", "fi")
        assert_same(reimported(("c.csv", export.csv_bytes(table)))[0], some)


# --- the workbook ---


def test_workbook_runs_no_formula_and_is_laid_out(analysis: Analysis) -> None:
    content = workbook.workbook_bytes(analysis, "fi")
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == [
        "Yritykset",
        "Materiaalivirrat",
        "Symbioosiehdokkaat",
        "Oletukset ja lähteet",
    ]
    for sheet in book.worksheets:
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref.startswith("A1:")
        assert all(cell.data_type not in "fe" for row in sheet.iter_rows() for cell in row)
    # openpyxl reads the text of the cell; what tells Excel that it is text is its type and style.
    cell = book["Yritykset"]["B2"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == (EVIL, "s", True)
    flows = book["Materiaalivirrat"]
    headings = [cell.value for cell in flows[1]]
    column = headings.index("Määrä (t/v)")
    assert isinstance(flows.cell(2, column + 1).value, float)
    assert flows.cell(2, column + 1).number_format.startswith("#,##0")


def test_workbook_keeps_the_best_candidates(analysis: Analysis) -> None:
    content = workbook.workbook_bytes(analysis, "en", most_candidates=1)
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book["Symbiosis candidates"]
    assert sheet.max_row == 2
    headings = [cell.value for cell in sheet[1]]
    assert sheet.cell(2, headings.index("Certainty") + 1).value == "both ends reported"


def test_workbook_drops_only_what_xml_cannot_hold() -> None:
    table = pd.DataFrame({"text": ["a\x00b\x07c", "#N/A", "=1"]})
    book = openpyxl.load_workbook(io.BytesIO(workbook.table_bytes(table, "sheet")))
    cells = [book["sheet"].cell(row, 1) for row in (2, 3, 4)]
    assert [cell.value for cell in cells] == ["abc", "#N/A", "=1"]
    assert [cell.data_type for cell in cells] == ["s", "s", "s"]


def test_every_figure_says_what_it_rests_on(analysis: Analysis) -> None:
    flows = export.headed(export.readable(analysis, "flows", "fi"), "flows", "fi")
    assert set(flows["Tiedon peruste"]) == {"ilmoitettu", "rekisteri", "arvio"}
    candidates = export.headed(export.readable(analysis, "candidates", "fi"), "candidates", "fi")
    assert candidates["Varmuus"].str.len().min() > 0


def test_what_a_candidate_is_worth_is_rounded_for_people_only(analysis: Analysis) -> None:
    worth = {"eur_low": -1234.56, "eur": 0.4, "co2e": 1.26, "breakeven_eur_km": 70.6}
    table = export.readable(analysis, "candidates", "en").assign(**worth)
    row = export.headed(table, "candidates", "en").iloc[0]
    assert row["Gain, low (EUR/a)"] == -1235
    assert row["Gain after freight (EUR/a)"] == 0
    assert row["Emissions avoided (t CO2e/a)"] == 1.3
    assert row["Pays up to, by road (km)"] == 71
    features = json.loads(
        export.geojson_bytes(export.candidate_lines(table, analysis.companies), "lines")
    )["features"]
    assert features[0]["properties"]["eur_low"] == -1234.56


def test_sources_name_coefficients_assumptions_and_data(analysis: Analysis) -> None:
    assumptions = Assumptions(detour_factor=1.7)
    table = sources_table(analysis, assumptions, "en", most_candidates=1)
    section, item, value = table["Section"], table["Item"], table["Best value"]
    assert 1.7 in set(value[section == "Assumption"])
    # Company a is a sawmill without a reported flow of bark, so bark is estimated from it.
    used = table[section == "Coefficient of the estimates"]
    assert used["Item"].str.contains("Bark").any()
    assert not used["Item"].str.contains("Spent grain").any()
    assert (used["Reference"].str.len() > 0).all()
    assert set(used["Standing"]) <= {"from a source", "assumption, without a source"}
    assert "@käsin" in set(table.loc[section == "Data", "Reference"])
    assert item.str.contains(f"The sheet holds the best 1 of {len(analysis.candidates)}").any()


def test_sources_name_the_limits_that_the_user_has_chosen(analysis: Analysis) -> None:
    within = Selection(max_km=35.0, limit="both")
    table = sources_table(analysis, Assumptions(), "en", within=within).set_index("Item")
    assert table.loc["Distance at most, straight line", "Best value"] == 35
    assert "in euros and emissions" in table.loc["Break-even limit", "Reference"]
    none = sources_table(analysis, Assumptions(), "en", within=Selection()).set_index("Item")
    assert "No break-even limit" in none.loc["Break-even limit", "Reference"]
    assert "Break-even limit" not in set(sources_table(analysis, Assumptions(), "en")["Item"])


# --- geodata ---


def test_geojson_is_wgs84(analysis: Analysis) -> None:
    table = export.readable(analysis, "candidates", "fi")
    content = export.geojson_bytes(export.candidate_lines(table, analysis.companies), "lines")
    feature = json.loads(content)["features"][0]
    for lon, lat in feature["geometry"]["coordinates"]:
        assert 23 < lon < 28
        assert 61 < lat < 64
    assert feature["properties"]["supply_id"] == table["supply_id"].iloc[0]


def test_lines_run_from_supplier_to_receiver(analysis: Analysis) -> None:
    table = export.readable(analysis, "candidates", "fi")
    lines = export.candidate_lines(table, analysis.companies)
    np.testing.assert_allclose(lines.length / 1000, table["distance_km"], rtol=1e-9, atol=1e-9)
    first = lines[lines["from_company"] == "a"].iloc[0]
    assert first.geometry.coords[0] == (434567.89, 6901234.5)


def test_geopackage_layers_and_styles(analysis: Analysis, tmp_path) -> None:
    path = tmp_path / "all.gpkg"
    path.write_bytes(b"an older file")
    geopackage.write_geopackage(analysis, path, "fi")
    layers = dict(pyogrio.list_layers(path))
    assert layers["Yritykset"] == "Point"
    assert layers["Symbioosiehdokkaat"] == "LineString"
    assert layers["Kunnat"] == "Polygon"
    assert gpd.read_file(path, layer="Yritykset").crs.to_epsg() == 3067
    places = gpd.read_file(path, layer="Kunnat").set_index("municipality")
    assert len(places) == 22
    assert places.loc["179", "companies"] == 1
    with closing(sqlite3.connect(path)) as database:
        styles = dict(database.execute("SELECT f_table_name, styleQML FROM layer_styles"))
        geometry = dict(
            database.execute("SELECT table_name, column_name FROM gpkg_geometry_columns")
        )
        columns = database.execute("SELECT f_geometry_column, useAsDefault FROM layer_styles")
        assert set(columns) == {("geom", 1)}
        assert set(database.execute("PRAGMA integrity_check")) == {("ok",)}
    assert set(styles) == set(geometry)
    assert set(geometry.values()) == {"geom"}


def qml(layer: str, analysis: Analysis, tmp_path) -> Element:
    path = tmp_path / "styles.gpkg"
    geopackage.write_geopackage(analysis, path, "en")
    with closing(sqlite3.connect(path)) as database:
        found = database.execute("SELECT styleQML FROM layer_styles WHERE f_table_name=?", [layer])
        return ElementTree.fromstring(found.fetchone()[0])


def test_styles_have_the_colours_of_the_app(analysis: Analysis, tmp_path) -> None:
    style = qml("Companies", analysis, tmp_path)
    renderer = style.find("renderer-v2")
    assert renderer.get("attr") == "group"
    colours = {}
    for category in renderer.iter("category"):
        symbol = renderer.find(f"symbols/symbol[@name='{category.get('symbol')}']")
        option = symbol.find("layer/Option/Option[@name='color']")
        parts = [int(part) for part in option.get("value").split(",")[:3]]
        colours[category.get("value")] = "#{:02x}{:02x}{:02x}".format(*parts)
    assert colours == palette.GROUP_COLOURS
    labels = {category.get("label") for category in renderer.iter("category")}
    assert "Wood, paper and furniture" in labels
    aliases = {alias.get("field"): alias.get("name") for alias in style.iter("alias")}
    assert aliases["employees"] == "Employees"
    # Every category is one that the column can hold.
    groups = set(export.readable(analysis, "companies", "en")["group"])
    assert groups <= set(colours)


def test_candidate_style_has_a_line_for_each_certainty(analysis: Analysis, tmp_path) -> None:
    renderer = qml("Symbiosis candidates", analysis, tmp_path).find("renderer-v2")
    values = [category.get("value") for category in renderer.iter("category")]
    assert values == list(tables.CERTAINTIES)
    dashed = [
        option.get("value")
        for option in renderer.iter("Option")
        if option.get("name") == "use_customdash"
    ]
    assert dashed == ["0", "1", "1"]


# --- the contract of the headings ---


@pytest.mark.parametrize("language", ["fi", "en"])
def test_headings_are_unique(analysis: Analysis, language: str) -> None:
    for kind in ("companies", "flows", "candidates"):
        table = export.headed(export.readable(analysis, kind, language), kind, language)
        assert table.columns.is_unique
