"""Every problem in words/problems.toml: a small file that provokes it, and what it says."""

import io
import json
import re
import tomllib
import zipfile
from datetime import datetime
from pathlib import Path

import pytest

from kiertokylat import ingest as package
from kiertokylat.ingest import ingest
from kiertokylat.problems import problems_table
from kiertokylat.words import LANGUAGES
from tests.ingest.files import File, answer, codes, csv, read, record, workbook, zipped

COMPANIES = "Nimi;Y-tunnus;Kunta;Osoite"
FLOWS = "Yritys;Kunta;Materiaali;Määrä (t/v)"
MATERIAL = "Yritys;Kunta;Materiaali"
DATE = datetime(2005, 11, 10)
OLD_INDUSTRY = {"type": "20", "typeCodeSet": "TOIMI2"}
ANOTHER = {"businessId": {"value": "2646674-9"}}


def flow(*rows: str, heading: str = FLOWS) -> list[File]:
    return [csv(heading, *rows)]


def page(total: int, *records: dict[str, object]) -> File:
    """A saved answer that is one page of several."""
    content = {"totalResults": total, "companies": list(records)}
    return "vastaus.json", json.dumps(content).encode()


def locked_zip() -> File:
    """A zip whose member says that it is encrypted."""
    name, content = zipped(a=b"[]")
    marked = bytearray(content)
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        marked[marked.index(magic) + offset] |= 1
    return name, bytes(marked)


# Code to the severity and the files.
def calculated(kept: str, kind: str = "") -> File:
    """A workbook with a formula for the employees, and what a program has kept of its value."""
    name, content = workbook(a=[["Nimi", "Kunta", "Henkilöstö"], ["A", "Multia", 7]])
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        members = {member: book.read(member) for member in book.namelist()}
    sheet = members["xl/worksheets/sheet1.xml"].decode()
    cell = f'<c r="C2"{kind}><f>SUM(3,4)</f>{kept}</c>'
    changed = re.sub(r'<c r="C2".*?</c>', cell, sheet)
    assert changed != sheet
    return zipped(name, **members | {"xl/worksheets/sheet1.xml": changed.encode()})


WHOLE_FILE: dict[str, list[File]] = {
    "file_empty": [csv("")],
    "file_too_large": [("lista.csv", b"Nimi;Kunta\n" + b"x;y\n" * 26_000_000)],
    "file_unknown": [("kuva.bin", b"\x01\x02\x00\x00 whatever \x00")],
    "unsupported_format": [("lista.csv", b"%PDF-1.7 ...")],
    "old_excel": [("lista.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 100)],
    "broken_zip": [("rekisteri.zip", b"this is no zip")],
    "zip_members": [zipped(a=b"[]", b=b"[]")],
    "own_archive": [zipped("koko.zip", **{"kiertokylat.json": b"{}", "companies.csv": b""})],
    "encrypted": [locked_zip()],
    "expands_too_much": [zipped(a=b"[" + b" " * 110_000_000 + b"]")],
    "wrong_encoding": [csv(COMPANIES, "Koe Oy;;Laukaa;", encoding="utf-16")],
    "broken_letters": [csv(COMPANIES, "Koe Oy;;JyvÃ¤skylÃ¤;")],
    "open_quote": [csv(COMPANIES, '"Koe Oy;;Laukaa;', "Toinen Oy;;Laukaa;")],
    "cell_too_long": [csv(COMPANIES, "x" * 40_000 + ";;Laukaa;")],
    "too_many_columns": [csv(COMPANIES, "x;" * 20_000 + "x")],
    "broken_workbook": [
        zipped("lista.xlsx", **{"xl/workbook.xml": b"<no", "[Content_Types].xml": b"<"})
    ],
    "broken_geodata": [("koe.gpkg", b"SQLite format 3\x00" + b"\x01" * 2000)],
    "broken_json": [("rekisteri.json", json.dumps([record(), record()]).encode()[:-50])],
    "json_unknown": [("jotain.json", b'{"hello": [1, 2, 3]}')],
    "record_too_long": [("r.json", b'[{"businessId": "' + b"x" * 3_000_000 + b'"}]')],
    "no_heading": [csv("yksi;kaksi", "kolme;neljä")],
    "two_heading_rows": [csv("Nimi;Kunta;Määrä;;", ";;alaraja;paras;yläraja", "A;Laukaa;1;2;3")],
    "no_company_column": [csv("Materiaali;Määrä", "pahvi;5")],
}
ERRORS: dict[str, list[File]] = {
    "cells_beyond": [csv("Nimi,Kunta,Materiaali,Määrä", "A,Laukaa,puru,1234,75")],
    "no_name": [csv(COMPANIES, ";2646674-9;Laukaa;")],
    "unknown_municipality": [csv(COMPANIES, "Koe Oy;;Xyzzy;")],
    "municipality_misspelt": [csv(COMPANIES, "Koe Oy;;Jyvskylä;")],
    "no_location": [csv(COMPANIES, "Koe Oy;;;")],
    "id_twice": [csv("id;Nimi;Kunta", "1;Koe Oy;Laukaa", "1;Toinen Oy;Laukaa")],
    "no_company": flow(";Laukaa;pahvi;5"),
    "unknown_company": [csv("Yritys;Materiaali", "Olematon Oy;pahvi")],
    "ambiguous_company": [
        csv(COMPANIES, "Koe Oy;;Laukaa;Tie 1", "Koe Oy;;Laukaa;Tie 2"),
        csv("Yritys;Materiaali", "Koe Oy;pahvi", name="virrat.csv"),
    ],
    "unknown_direction": flow("A;Laukaa;pahvi;vinoon", heading=f"{MATERIAL};Suunta"),
    "unknown_code": flow("Koe Oy;Laukaa;310101", heading="Yritys;Kunta;EWC"),
    "no_material": flow("Koe Oy;Laukaa;;5"),
    "unknown_material": flow("Koe Oy;Laukaa;Xyzzy;5"),
    "ambiguous_material": flow("Koe Oy;Laukaa;rasva;5"),
    "negative_tonnes": flow("Koe Oy;Laukaa;pahvi;-5"),
    "absurd_tonnes": flow("Koe Oy;Laukaa;pahvi;6000000"),
    "ewc_is_date": [
        workbook(a=[["Yritys", "Kunta", "EWC"], ["A", "Multia", DATE]])
    ],
}  # fmt: skip
WARNINGS: dict[str, list[File]] = {
    "columns_differ": [csv("Nimi;Kunta;Kuntakoodi", "A;Laukaa;179")],
    "formula_without_value": [calculated("")],
    "cells_beside": [workbook(a=[["Nimi", "Kunta"], ["A", "Multia", "huom"]])],
    "excel_error": [workbook(a=[["Nimi", "Kunta", "TOL"], ["Koe Oy", "Laukaa", "#REF!"]])],
    "business_id_invalid": [csv(COMPANIES, "Koe Oy;1234567-8;Laukaa;")],
    "unknown_industry": [csv("Nimi;Kunta;TOL", "Koe Oy;Laukaa;tekemistä")],
    "industry_zero_lost": [csv("Nimi;Kunta;TOL", "A;410;16100", "B;410;25110", "C;410;1610")],
    "cell_is_date": [workbook(a=[["Nimi", "Kunta", "TOL"], ["A", "Multia", DATE]])],
    "unknown_edition": [csv("Nimi;Kunta;TOL;Toimialaluokitus", "A;Laukaa;16;1999")],
    "bad_number": [csv("Nimi;Kunta;Henkilöstö", "A;Laukaa;monta")],
    "municipality_inferred": [csv("Nimi;Kunta;Postinumero", "A;Xyzzy;40100")],
    "bad_coordinates": [csv("Nimi;Kunta;lon;lat", "A;Laukaa;200;300")],
    "coordinates_swapped": [csv("Nimi;Kunta;lon;lat", "A;Laukaa;62.41301;25.95892")],
    "coordinates_elsewhere": [csv("Nimi;Kunta;lon;lat", "A;Joutsa;25.95892;62.41301")],
    "duplicate_company": [csv(COMPANIES, "Koe Oy;;Laukaa;", "Koe Oy;;Laukaa;")],
    "register_bad_record": [answer(record(), {"names": []})],
    "register_more_pages": [page(3, record())],
    "sole_trader_rows": [csv("Nimi;Kunta;Yritysmuoto", "A;Laukaa;26")],
    "several_codes": flow("A;Laukaa;030105, 030101", heading="Yritys;Kunta;EWC"),
    "asterisk_not_hazardous": flow("A;Laukaa;17 05 04*", heading="Yritys;Kunta;EWC"),
    "material_guessed": flow("Koe Oy;Laukaa;kuivaa pahvia;5"),
    "material_by_code": flow("A;Laukaa;Xyzzy;150101", heading=f"{MATERIAL};EWC"),
    "material_differs": flow("A;Laukaa;sahanpuru;150101", heading=f"{MATERIAL};EWC"),
    "bad_amount": flow("Koe Oy;Laukaa;pahvi;paljon"),
    "unit_not_tonnes": flow("Koe Oy;Laukaa;pahvi;12 m3"),
    "ambiguous_number": flow("Koe Oy;Laukaa;pahvi;1,234"),
    "large_tonnes": flow("Koe Oy;Laukaa;pahvi;500000"),
    "tonnes_order": flow("A;Laukaa;pahvi;9;5", heading=f"{MATERIAL};min;max"),
    "unknown_continuity": flow("A;Laukaa;pahvi;joskus", heading=f"{MATERIAL};Jatkuvuus"),
    "unknown_basis": flow("A;Laukaa;pahvi;kuultu", heading=f"{MATERIAL};Peruste"),
    "duplicate_flow": flow("Koe Oy;Laukaa;pahvi;5", "Koe Oy;Laukaa;pahvi;5"),
    "repeated_flow": flow("Koe Oy;Laukaa;pahvi;5", "Koe Oy;Laukaa;pahvi;6"),
}  # fmt: skip
NOTES: dict[str, list[File]] = {
    "sheet_skipped": [workbook(a=[["Nimi", "Kunta"], ["A", "Laukaa"]], ohje=[["Lue minut"]])],
    "no_rows": [csv(COMPANIES)],
    "unknown_heading": [csv("Nimi;Kunta;Lempiväri", "A;Laukaa;sininen")],
    "total_row": [csv(COMPANIES, "A;;Multia;", "Yhteensä;;;5")],
    "heading_twice": [csv("Nimi;Kunta;Kuntakoodi", "A;Laukaa;410")],
    "outside_region": [csv(COMPANIES, "A;;Helsinki;", "B;;091;", "C;;Laukaa;")],
    "sole_traders": [answer(record(), record(**ANOTHER, companyForms=[{"type": "26"}]))],
    "known_company": [csv(COMPANIES, "A;;Multia;"), csv(COMPANIES, "A;;Multia;", name="b.csv")],
    "register_not_active": [answer(record(), record(**ANOTHER, tradeRegisterStatus="4"))],
    "register_no_place": [answer(record(), record(**ANOTHER, addresses=[]))],
    "register_no_industry": [answer(record(mainBusinessLine=None))],
    "register_old_industry": [answer(record(mainBusinessLine=OLD_INDUSTRY))],
    "company_left_out": [
        csv(COMPANIES, "A;;Helsinki;"), csv("Yritys;Materiaali", "A;pahvi", name="virrat.csv"),
    ],
    "direction_assumed": flow("Koe Oy;Laukaa;pahvi;5"),
    "code_not_listed": flow("Koe Oy;Laukaa;150199", heading="Yritys;Kunta;EWC"),
    "amount_unknown": flow("Koe Oy;Laukaa;pahvi;"),
}  # fmt: skip
COUNTED = {"register_bad_record", "register_more_pages", "sole_trader_rows"}  # of the whole file
ELSEWHERE = {"file_unreadable", "at_row", "at_column"}  # tested below, and parts of a line


@pytest.mark.parametrize("code", WHOLE_FILE)
def test_a_file_that_cannot_be_read_gives_one_error_and_nothing_else(code):
    result = read(*WHOLE_FILE[code])
    assert codes(result) == [code]
    problem = result.problems[0]
    assert (problem.severity, problem.row) == ("error", None)
    assert result.companies.empty
    assert result.flows.empty


@pytest.mark.parametrize(
    ("code", "severity", "files"),
    [
        *((code, "error", files) for code, files in ERRORS.items()),
        *((code, "warning", files) for code, files in WARNINGS.items()),
        *((code, "note", files) for code, files in NOTES.items()),
    ],
)
def test_a_problem_names_place_value_and_cure(code, severity, files):
    found = [problem for problem in read(*files).problems if problem.code == code]
    assert found, "not provoked"
    problem = found[-1]
    assert problem.severity == severity
    assert problem.file.startswith(files[-1][0])
    if severity != "note" and code not in COUNTED:
        assert problem.row is not None
    for language in LANGUAGES:
        text = problem.message(language)
        assert "{" not in text
        assert len(text.split(". ")) >= 2 or "?" in text or ";" in text, "says what to do"
    assert problem.message("fi") != problem.message("en")


@pytest.mark.parametrize(
    "code",
    ["unknown_direction", "unknown_code", "ewc_is_date", "no_material", "unknown_material",
     "ambiguous_material", "negative_tonnes", "absurd_tonnes"],
)  # fmt: skip
def test_a_flow_that_is_left_out_leaves_its_company(code):
    result = read(*ERRORS[code])
    assert len(result.companies) == 1
    assert result.flows.empty
    problem = next(problem for problem in result.problems if problem.code == code)
    assert "virta jätettiin pois; yritykseen se ei vaikuta" in problem.message("fi")
    assert "flow was left out; its company is not affected" in problem.message("en")


def test_every_text_is_provoked_here_and_every_code_has_a_text():
    folder = Path(package.__file__).parent
    texts = tomllib.loads((folder.parent / "words" / "problems.toml").read_text(encoding="utf-8"))
    # Archives, allowances and erasures are provoked where they are read, measured, and kept.
    elsewhere = ("archive_", "allowance_", "erased")
    texts = {code: text for code, text in texts.items() if not code.startswith(elsewhere)}
    assert set(texts) == {*WHOLE_FILE, *ERRORS, *WARNINGS, *NOTES, *ELSEWHERE}
    sources = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    assert [
        code for code in texts if code not in ("at_row", "at_column") and f'"{code}"' not in sources
    ] == []


def test_a_file_that_is_not_there(tmp_path):
    result = ingest([tmp_path / "puuttuu.csv"])
    assert codes(result) == ["file_unreadable"]
    assert "puuttuu.csv" in result.problems[0].line("fi")


def test_other_files_survive_a_broken_one():
    good = csv(COMPANIES, "Koe Oy;;Laukaa;")
    result = read(("eka.zip", b"nothing"), good, ("vika.csv", b""))
    assert list(result.companies["name"]) == ["Koe Oy"]
    assert codes(result) == ["broken_zip", "file_empty"]


def test_the_good_rows_survive_the_bad_ones():
    result = read(
        csv(FLOWS, "A;Laukaa;pahvi;5", "B;Laukaa;Xyzzy;5", "C;Xyzzy;pahvi;5", "D;Multia;lasi;-1")
    )
    assert list(result.companies["name"]) == ["A", "B", "D"]
    assert list(result.flows["tonnes"]) == [5.0]
    table = problems_table([p for p in result.problems if p.severity == "error"], "fi")
    assert list(table["row"]) == [3, 4, 5]
    assert list(table["value"]) == ["Xyzzy", "Xyzzy", "-1"]


def test_a_cell_of_200_megabytes():
    result = read(("lista.csv", b"Nimi;Kunta\n" + b"x" * 200_000_000 + b";Laukaa\n"))
    assert codes(result) == ["file_too_large"]
    name, content = workbook(a=[["Nimi", "Kunta"], ["A", "Laukaa"]])
    big = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(big, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for member in old.namelist():
            text = old.read(member).replace(b">A<", b">" + b"A" * 200_000_000 + b"<")
            new.writestr(member, text)
    assert codes(read((name, big.getvalue()))) == ["expands_too_much"]


def test_a_truncated_zip():
    name, content = zipped(a=json.dumps([record()] * 50).encode())
    assert codes(read((name, content[: len(content) // 2]))) == ["broken_zip"]


def test_a_zip_whose_content_is_damaged():
    name, content = zipped(a=json.dumps([record(lastModified=str(n)) for n in range(500)]).encode())
    middle = len(content) // 2
    broken = content[:middle] + bytes(64) + content[middle + 64 :]
    assert codes(read((name, broken))) in (["broken_zip"], ["broken_json"])


def test_a_zip_inside_a_zip():
    assert codes(read(zipped(a=zipped(a=b"[]")[1]))) in (["file_unknown"], ["broken_zip"])


def test_web_pages_and_other_documents_are_named():
    for content, word in ((b"<!doctype html><html>", "HTML"), (b"\x1f\x8b\x08", "gzip")):
        problem = read(("lista.xls", content)).problems[0]
        assert problem.code == "unsupported_format"
        assert word in problem.message("en")
    assert "OpenDocument" in str(
        read(zipped("lista.ods", **{"META-INF/manifest.xml": b"", "b": b""})).problems[0]
    )


def test_the_guide_lists_every_problem():
    guide = (Path(package.__file__).parents[2] / "docs" / "data-formats.md").read_text("utf-8")
    known = {*WHOLE_FILE, *ERRORS, *WARNINGS, *NOTES, "file_unreadable"}
    assert [code for code in sorted(known) if f"`{code}`" not in guide] == []


@pytest.mark.parametrize(
    ("kept", "kind", "found"),
    [
        ("", "", ["formula_without_value"]),
        ("<v></v>", "", ["formula_without_value"]),  # as openpyxl writes a formula
        ("<v>7</v>", "", []),
        ("<v></v>", ' t="str"', []),  # the formula's value is an empty text
    ],
)
def test_a_formula_without_a_saved_value_is_told_with_its_place(kept, kind, found):
    result = read(calculated(kept, kind))
    assert codes(result) == found
    assert len(result.companies) == 1
    for problem in result.problems:
        assert (problem.file, problem.row, problem.column) == ("lista.xlsx", 2, "Henkilöstö")
        assert "=SUM(3,4)" in problem.message("fi")
