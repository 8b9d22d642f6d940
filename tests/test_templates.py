"""The template is filled in as people do and imported; every value of its lists is understood."""

import io

import openpyxl
import pytest

from kiertokylat import reference, tables
from kiertokylat.ingest import cells, ingest, materials, places
from kiertokylat.ingest.headings import heading_row
from kiertokylat.ingest.sheet import fold
from kiertokylat.templates import choices, template_bytes
from kiertokylat.words import LANGUAGES

SHEETS = {"fi": ("Yritykset", "Materiaalivirrat"), "en": ("Companies", "Material flows")}


def opened(language):
    return openpyxl.load_workbook(io.BytesIO(template_bytes(language)))


def imported(book):
    file = io.BytesIO()
    book.save(file)
    return ingest([("pohja.xlsx", file)])


def texts(sheet):
    return [[str(value or "") for value in row] for row in sheet.iter_rows(values_only=True)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_filled_template_is_read_exactly_and_without_problems(language):
    book, lists = opened(language), choices(language)
    companies, flows = (book[title] for title in SHEETS[language])
    industry = next(text for text in lists["industry"] if text.startswith("16 "))
    sawdust = reference.materials().loc["sawdust", f"name_{language}"]
    # name, business id, municipality, industry, employees, address, postal code, lat, lon, id,
    # source
    companies.append(
        ["Keksitty Saha Oy", "1234567-1", "Multia", industry, 12, "", "", 62.41, 24.79,
         "k1", "käynti"]
    )  # fmt: skip
    companies.append(
        ["Keksitty Tila Oy", "", "Luhanka", "01410", None, "", "", None, None, "k2", ""]
    )
    # company, its id, direction, material, ewc, low, tonnes, high, continuity, basis, source, note
    flows.append(
        ["Keksitty Saha Oy", "", lists["direction"][0], sawdust, "03 01 05", 80, 100.5, 130,
         lists["continuity"][1], lists["basis"][1], "kysely", "kuivaa"]
    )  # fmt: skip
    flows.append(["", "k2", lists["direction"][1], sawdust, "", None, 30, None, "", "", "", ""])
    read = imported(book)

    assert {problem.code for problem in read.problems} == {"sheet_skipped"}
    saw, farm = read.companies.sort_values("id").to_dict("records")
    assert (saw["id"], saw["name"], saw["business_id"]) == ("k1", "Keksitty Saha Oy", "1234567-1")
    assert (saw["nace"], saw["municipality"], saw["employees"]) == ("16", "495", 12)
    assert (saw["precision"], saw["source"]) == ("exact", "käynti")
    assert (farm["nace"], farm["municipality"]) == ("01410", "435")
    assert farm["precision"] == "municipality"
    offer, need = read.flows.sort_values("company_id").to_dict("records")
    assert (offer["company_id"], offer["direction"], offer["ewc"]) == ("k1", "out", "030105")
    assert [offer[name] for name in ("tonnes_low", "tonnes", "tonnes_high")] == [80, 100.5, 130]
    assert (offer["continuity"], offer["basis"]) == ("seasonal", "register")
    assert (offer["source"], offer["note"]) == ("kysely", "kuivaa")
    assert (need["company_id"], need["direction"], need["tonnes"]) == ("k2", "in", 30)
    assert {offer["material"], need["material"]} == {"sawdust"}
    assert len(read.companies) == len(read.flows) == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_empty_template_holds_no_company_not_even_the_example(language):
    read = imported(opened(language))
    assert read.companies.empty
    assert read.flows.empty
    assert {problem.severity for problem in read.problems} == {"note"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_heading_is_known(language):
    read = imported(opened(language))
    assert not {"unknown_heading", "heading_twice"} & {problem.code for problem in read.problems}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_value_of_the_lists_is_understood(language):
    lists = choices(language)
    codes = set(reference.municipalities().index)
    assert {places.municipality(name) for name in lists["municipality"]} == codes
    assert len(lists["municipality"]) == 22
    assert [cells.nace(text) for text in lists["industry"]] == sorted(reference.divisions().index)
    keys = list(reference.materials().index)
    assert [materials.meaning(name) for name in lists["material"]] == [
        materials.Meaning(key) for key in keys
    ]
    words = (
        ("direction", cells.DIRECTIONS, tables.DIRECTIONS),
        ("continuity", cells.CONTINUITIES, tables.CONTINUITIES[:3]),
        ("basis", cells.BASES, ("reported", "register")),  # estimates are made, never read
    )
    for name, known, expected in words:
        assert tuple(known[fold(word)] for word in lists[name]) == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_cells_refer_to_the_whole_of_their_list(language):
    book, lists = opened(language), choices(language)
    found = {}
    for title in SHEETS[language]:
        sheet = book[title]
        for rule in sheet.data_validations.dataValidation:
            place, cells_of_list = rule.formula1.split("!")
            values = [
                row[0].value for row in book[place.strip("'")][cells_of_list.replace("$", "")]
            ]
            column = str(rule.sqref).split("2:")[0]
            found[sheet[f"{column}1"].value] = values
            assert str(rule.sqref) == f"{column}2:{column}10001"
    assert sorted(map(len, found.values())) == sorted(map(len, lists.values()))
    assert list(found.values()) == [
        lists[name]
        for name in ("municipality", "industry", "direction", "material", "continuity", "basis")
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_instructions_and_lists_are_no_tables_and_lists_hidden(language):
    book = opened(language)
    guide, companies, flows, lists = book.worksheets
    assert (companies.title, flows.title) == SHEETS[language]
    assert heading_row(texts(guide)) is None
    assert heading_row(texts(lists)) is None
    assert (guide.sheet_state, lists.sheet_state) == ("visible", "hidden")


@pytest.mark.parametrize("language", LANGUAGES)
def test_headings_stay_in_sight_and_tell_what_is_required(language):
    book = opened(language)
    required = {}
    for title in SHEETS[language]:
        sheet = book[title]
        assert sheet.freeze_panes == "B2"
        marked = [cell for cell in sheet[1] if str(cell.value).endswith(" *")]
        plain = [cell for cell in sheet[1] if cell not in marked]
        assert {c.fill.fgColor.rgb for c in marked}.isdisjoint(c.fill.fgColor.rgb for c in plain)
        required[title] = [cell.column for cell in marked]
    # Name and municipality of a company; company, direction and material of a flow.
    assert list(required.values()) == [[1, 3], [1, 3, 4]]


def test_codes_are_formatted_as_text():
    """Excel would make the number 30105 of 030105, and a date of 03.01.05."""
    companies, flows = (opened("fi")[title] for title in SHEETS["fi"])
    formats = [companies.column_dimensions[letter].number_format for letter in "BDGJ"]
    assert [*formats, flows.column_dimensions["E"].number_format] == ["@"] * 5
