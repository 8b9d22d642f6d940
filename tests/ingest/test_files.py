"""Spreadsheets and geodata as people send them."""

import io
import itertools
import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from kiertokylat.ingest import ingest
from tests.ingest.files import codes, csv, read, workbook

WIDE = (
    "Yritys;Y-tunnus;Kunta;TOL;Henkilöstö;Materiaali;Määrä (t/v);Suunta",
    "Ässä Koesaha Oy;1234567-1;Jyväskylä;16.10;12;Sahanpuru;1 234,5;tarjoaa",
    "Ässä Koesaha Oy;1234567-1;Jyväskylä;16.10;12;Kuori;200;tarjoaa",
    "Koepanimo Oy;;Laukaa;11050;;Mäski;;tarvitsee",
)


def check_wide(result):
    assert {p.severity for p in result.problems} <= {"note"}
    assert list(result.companies["name"]) == ["Ässä Koesaha Oy", "Koepanimo Oy"]
    assert list(result.companies["nace"]) == ["1610", "11050"]
    assert list(result.companies["municipality"]) == ["179", "410"]
    assert result.companies["employees"].tolist()[0] == 12
    assert list(result.flows["company_id"]) == ["1234567-1", "1234567-1", "koepanimo-oy-410"]
    assert list(result.flows["material"]) == ["sawdust", "bark", "spent_grain"]
    assert list(result.flows["direction"]) == ["out", "out", "in"]
    assert result.flows["tonnes"].tolist()[:2] == [1234.5, 200]
    assert result.flows["tonnes_low"].tolist()[:2] == result.flows["tonnes_high"].tolist()[:2]
    assert result.flows.loc[2, ["tonnes_low", "tonnes", "tonnes_high"]].isna().all()
    assert set(result.flows["basis"]) == {"reported"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_encodings_and_separators(encoding, separator):
    check_wide(read(csv(*(line.replace(";", separator) for line in WIDE), encoding=encoding)))


def test_commas_between_columns_and_points_in_numbers():
    lines = [line.replace("1 234,5", "1234.5").replace(";", ",") for line in WIDE]
    check_wide(read(csv(*lines)))
    lines = [line.replace("1 234,5", '"1 234,5"').replace(";", ",") for line in WIDE]
    check_wide(read(csv(*lines)))


def test_no_break_spaces_and_windows_line_ends():
    name, content = csv(*(line.replace(" ", "\xa0") for line in WIDE))
    check_wide(read((name, content.replace(b"\n", b"\r\n"))))


def test_the_order_of_the_columns_does_not_matter():
    cells = [line.split(";") for line in WIDE]
    for order in itertools.islice(itertools.permutations(range(8)), 0, 40_000, 4_001):
        check_wide(read(csv(*(";".join(row[i] for i in order) for row in cells))))


def test_a_title_and_blank_rows_above_the_headings():
    result = read(csv("Sivuvirtakysely 2026", "", *WIDE, "", ";;;;;;;"))
    check_wide(result)
    doubtful = read(csv("Sivuvirtakysely 2026", "", *WIDE, "Uusi Oy;;Xyzzy;;;pahvi;1;tarjoaa"))
    assert [p.row for p in doubtful.problems if p.severity == "error"] == [7]


def test_a_workbook_with_numbers_and_formulas_as_text():
    rows = [line.split(";") for line in WIDE]
    rows[1][6], rows[2][6], rows[1][4] = 1234.5, 200, 12
    check_wide(read(workbook(lista=[["Sivuvirtakysely 2026"], *rows])))


def test_codes_that_a_workbook_holds_as_numbers():
    heading = ["Nimi", "Y-tunnus", "Kuntakoodi", "TOL", "EWC", "Määrä (t/v)"]
    result = read(workbook(a=[heading, ["Koe Oy", 1120389, 77, 16.1, 30105, 1.234]]))
    row, flow = result.companies.iloc[0], result.flows.iloc[0]
    assert (row["business_id"], row["municipality"], row["nace"]) == ("0112038-9", "077", "161")
    assert (flow["ewc"], flow["material"], flow["tonnes"]) == ("030105", "sawdust", 1.234)
    assert set(codes(result)) == {"direction_assumed"}  # 1.234 was a number: nothing is doubtful


def test_companies_and_flows_on_sheets_of_their_own():
    result = read(
        workbook(
            ohje=[["Täytä kaikki sarakkeet"]],
            yritykset=[["Tunniste", "Nimi", "Kunta"], ["a", "Koe Oy", "Multia"]],
            virrat=[["Yrityksen tunniste", "Materiaali", "t/v", "Suunta"], ["a", "lasi", 3, "out"]],
        )
    )
    assert codes(result) == ["sheet_skipped"]
    assert result.companies.loc[0, "id"] == result.flows.loc[0, "company_id"] == "a"
    problem = read(
        workbook(
            yritykset=[["Nimi", "Kunta"], ["Koe Oy", "Multia"]],
            virrat=[["Yritys", "Materiaali"], ["Muu Oy", "lasi"]],
        )
    ).problems[-1]
    assert (problem.file, problem.row, problem.value) == ("lista.xlsx › virrat", 2, "Muu Oy")


@pytest.mark.parametrize("reference", ["koe oy", "1234567-1", "FI12345671", "KOE OY"])
def test_flows_find_their_company_by_name_or_business_id(reference):
    companies = csv("Nimi;Y-tunnus;Kunta", "Koe Oy;1234567-1;Multia")
    flows = csv("Yrityksen tunnus;Materiaali;Suunta", f"{reference};lasi;out", name="virrat.csv")
    assert list(read(companies, flows).flows["company_id"]) == ["1234567-1"]
    assert list(read(flows, companies).flows["company_id"]) == ["1234567-1"]


def test_flows_may_refer_to_companies_that_are_known_already():
    known = read(csv("id;Nimi;Y-tunnus;Kunta", "k1;Koe Oy;1234567-1;Multia")).companies
    flows = csv("Yritys;Materiaali;Suunta", "Koe Oy;lasi;out", "1234567-1;pahvi;out")
    result = read(flows, companies=known)
    assert result.companies.empty
    assert list(result.flows["company_id"]) == ["k1", "k1"]
    wide = csv(
        "Yritys;Kunta;Materiaali;Suunta", "Koe Oy;Multia;lasi;out", "Uusi Oy;Multia;lasi;out"
    )
    result = read(wide, companies=known)
    assert list(result.companies["name"]) == ["Uusi Oy"]
    assert list(result.flows["company_id"]) == ["k1", "uusi-oy-495"]


def test_a_register_name_and_a_spreadsheet_make_one_company():
    first = csv("Nimi;Y-tunnus;Kunta;Osoite", "Koe Oy;1234567-1;Multia;Tie 1")
    second = csv("Yritys;Kunta;Henkilöstö;lon;lat", "Koe Oy;Multia;7;24.8;62.41", name="b.csv")
    result = read(first, second)
    assert codes(result) == ["known_company"]
    row = result.companies.iloc[0]
    assert (row["id"], row["employees"], row["precision"]) == ("1234567-1", 7, "exact")


def test_details_without_a_place_join_the_company_that_has_one():
    first = csv("Nimi;Y-tunnus;Kunta", "Koe Oy;1234567-1;Multia")
    result = read(first, csv("Yritys;Henkilöstö", "Koe Oy;7", "Outo Oy;3", name="b.csv"))
    assert result.companies["employees"].tolist() == [7]
    assert codes(result) == ["known_company", "no_location"]


def test_two_sites_of_a_company_stay_two():
    result = read(
        csv(
            "Nimi;Y-tunnus;Kunta;Osoite",
            "Koe Oy;1234567-1;Multia;Tie 1",
            "Koe Oy;1234567-1;Multia;tie 2",
            "Koe Oy;1234567-1;Multia;TIE 1",
            "Koe Oy;1234567-1;Laukaa;Tie 1",
        )
    )
    assert list(result.companies["id"]) == ["1234567-1", "1234567-1/2", "1234567-1/3"]
    assert [(p.code, p.row, p.details["first"]) for p in result.problems] == [
        ("duplicate_company", 4, 2)
    ]


def test_a_row_that_does_not_say_which_site_is_not_guessed():
    result = read(
        csv(
            "Nimi;Kunta;Osoite;Materiaali;Suunta",
            "Koe Oy;Multia;Tie 1;lasi;out",
            "Koe Oy;Multia;Tie 2;lasi;out",
            "Koe Oy;Multia;;pahvi;out",
        )
    )
    assert [(p.code, p.row) for p in result.problems if p.row] == [("ambiguous_company", 4)]
    assert list(result.flows["material"]) == ["glass", "glass"]


def test_a_point_tells_the_municipality_and_what_is_outside():
    result = read(
        csv(
            "Nimi;lon;lat",
            "Laukaa Oy;25,95892;62,41301",
            "Helsinki Oy;24,94;60,17",
            "Jyväskylä Oy;434527;6901554",
        )
    )
    assert list(result.companies["municipality"]) == ["410", "179"]
    assert set(result.companies["precision"]) == {"exact"}
    assert result.companies.loc[1, ["x", "y"]].tolist() == [434527, 6901554]
    assert [(p.code, p.details["count"]) for p in result.problems] == [("outside_region", 1)]


def test_amounts_in_other_units_and_with_bounds():
    result = read(
        csv(
            "Yritys;Kunta;Materiaali;Suunta;Määrä;Yksikkö;Alaraja;Yläraja",
            "A;Multia;lasi;out;5000;kg;;",
            "B;Multia;lasi;out;20;t;10;40",
            "C;Multia;lasi;out;;t;10;40",
            "D;Multia;lasi;out;10–40;tn;;",
            "E;Multia;lasi;out;30;m3;;",
            "F;Multia;lasi;out;30;;20;",
        )
    )
    amounts = result.flows[["tonnes_low", "tonnes", "tonnes_high"]].to_numpy().tolist()
    assert amounts[:4] == [[5, 5, 5], [10, 20, 40], [10, 25, 40], [10, 25, 40]]
    assert np.isnan(amounts[4]).all()
    assert amounts[5] == [20, 30, 30]
    assert result.flows.loc[4, "note"] == "30 m3"
    assert codes(result) == ["amount_unknown", "unit_not_tonnes"]


def test_a_heading_in_kilograms():
    result = read(csv("Yritys;Kunta;Materiaali;kg/v;Suunta", "A;Multia;lasi;1500;out"))
    assert list(result.flows["tonnes"]) == [1.5]


def test_a_waste_name_in_the_place_of_a_code():
    result = read(
        csv("Yritys;Kunta;Jätenimike;Suunta", "A;Multia;sahanpuru;out", "B;Multia;15 01 01;out")
    )
    assert list(result.flows["material"]) == ["sawdust", "cardboard"]
    assert list(result.flows["ewc"]) == ["", "150101"]


def test_a_stated_material_counts_before_the_code():
    heading = "Yritys;Kunta;Materiaali;EWC;Suunta"
    result = read(csv(heading, "A;Multia;Kova muovi;15 01 02;out", "B;Multia;Lasi;15 01 02;out"))
    assert list(result.flows["material"]) == ["plastic_rigid", "glass"]
    assert list(result.flows["ewc"]) == ["150102", "150102"]
    # A code of the same kind often covers several materials; one of another kind is doubtful.
    doubtful = [(p.code, p.row) for p in result.problems if p.row]
    assert doubtful == [("material_differs", 3)]


MALICIOUS = (
    "<img src=x onerror=alert(1)> Oy",
    "=cmd|' /C calc'!A0",
    '+"&HYPERLINK(1)',
    "-2+3 Oy",
    "@SUM(1) Oy",
    "'; DROP TABLE companies; --",
    "{value} {0} %s Oy",
    "../../etc/passwd Oy",
)


@pytest.mark.parametrize("form", ["csv", "xlsx", "geojson"])
def test_malicious_names_pass_through_as_text(form):
    frame = pd.DataFrame({"Nimi": MALICIOUS, "Kunta": "Multia", "Huomautus": MALICIOUS})
    if form == "csv":
        file = ("a.csv", frame.to_csv(index=False, sep=";").encode())
    elif form == "xlsx":
        file = workbook(a=[list(frame), *frame.to_numpy().tolist()])
    else:
        features = [
            {"type": "Feature", "properties": row, "geometry": None}
            for row in frame.to_dict("records")
        ]
        file = ("a.json", json.dumps({"type": "FeatureCollection", "features": features}).encode())
    result = read(file)
    assert list(result.companies["name"]) == list(MALICIOUS)
    bad = read(
        csv("Nimi;Kunta", *(f'"{n.replace(chr(34), chr(34) * 2)}";Xyzzy' for n in MALICIOUS))
    )
    assert [p.line(language) for p in bad.problems for language in ("fi", "en")]


def geojson(*features, **members):
    content = {"type": "FeatureCollection", "features": list(features)} | members
    return "kartta.geojson", json.dumps(content).encode()


def feature(geometry, **properties):
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def test_geojson_points_and_areas():
    point = {"type": "Point", "coordinates": [25.95892, 62.41301]}
    ring = [[25.9, 62.4], [25.96, 62.4], [25.96, 62.42], [25.9, 62.42], [25.9, 62.4]]
    area = {"type": "Polygon", "coordinates": [ring]}
    result = read(
        geojson(feature(point, nimi="A"), feature(area, nimi="B"), feature(None, nimi="C"))
    )
    assert list(result.companies["municipality"]) == ["410", "410"]
    assert set(result.companies["precision"]) == {"exact"}
    assert [(p.code, p.row, p.value) for p in result.problems] == [("no_location", 3, "C")]


def test_geojson_in_the_metres_of_finnish_maps():
    point = {"type": "Point", "coordinates": [434527, 6901554]}
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3067"}}
    for extra in ({}, {"crs": crs}):
        result = read(geojson(feature(point, nimi="A", kunta="Jyväskylä"), **extra))
        assert result.companies[["x", "y"]].round().to_numpy().tolist() == [[434527, 6901554]]


def test_a_geopackage_of_companies_and_flows(tmp_path):
    path = tmp_path / "alue.gpkg"
    companies = gpd.GeoDataFrame(
        {"id": ["a", "b"], "name": ["A Oy", "B Oy"], "employees": [5, 6]},
        geometry=gpd.points_from_xy([25.95892, 25.74], [62.41301, 62.24]),
        crs="EPSG:4326",
    ).to_crs("EPSG:3067")
    companies.to_file(path, layer="yritykset")
    flows = gpd.GeoDataFrame(
        {"company_id": ["a"], "material": ["glass"], "tonnes": [2.5], "direction": ["in"]},
        geometry=[shapely.Point(0, 0)],
        crs="EPSG:3067",
    )
    flows.to_file(path, layer="virrat")
    flows.drop(columns="company_id").to_file(path, layer="muu")
    result = ingest([path])
    assert list(result.companies["municipality"]) == ["410", "179"]
    assert result.companies["employees"].tolist() == [5, 6]
    assert result.flows[["company_id", "tonnes"]].to_numpy().tolist() == [["a", 2.5]]
    assert codes(result) == ["sheet_skipped"]
    stream = io.BytesIO(path.read_bytes())
    assert ingest([("alue.gpkg", stream)]).companies.equals(result.companies)


def test_the_content_counts_and_not_the_extension():
    name, content = csv(*WIDE)
    check_wide(read(("lista.txt", content)))
    check_wide(read((f"kansio/{name}.bak", content)))


def test_no_files_at_all():
    result = ingest([])
    assert result.companies.empty
    assert result.flows.empty
    assert result.problems == ()


def test_a_flow_told_twice_with_another_note_counts_once():
    heading = "Yritys;Kunta;Materiaali;Suunta;t/v;Huomautus"
    result = read(csv(heading, "A;Multia;lasi;out;5;kevät", "A;Multia;lasi;out;5;syksy"))
    assert list(result.flows["tonnes"]) == [5]
    assert "duplicate_flow" in {problem.code for problem in result.problems}
