"""What people write in single cells; every expected value worked out by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiertokylat.ingest import cells, headings, materials, places


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 234,5", 1234.5), ("1.234,5", 1234.5), ("1,234.5", 1234.5), ("12,5", 12.5),
        ("12.5", 12.5),
        ("1 234 567", 1234567), ("1.234.567", 1234567), (",5", 0.5), ("−5", -5), ("1e3", 1000),
        ("12 5", None), ("1.2.3", None), ("viisi", None), ("", None), ("1e999", None),
    ],
)  # fmt: skip
def test_numbers(text, value):
    assert cells.number(text) == value


@given(
    st.floats(0, 1e7, allow_subnormal=False).map(lambda value: round(value, 4)),
    st.sampled_from(",."),
    st.booleans(),
)
def test_a_number_written_in_finnish_or_english_reads_back(value, mark, grouped):
    other = "." if mark == "," else ","
    text = f"{value:{',' if grouped else ''}.4f}"
    text = text.replace(",", "_").replace(".", mark).replace("_", " " if value % 2 < 1 else other)
    assert cells.number(text) == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "low", "high", "unit"),
    [
        ("noin 100 t/v", 100, 100, "t/v"), ("100–200 kg", 100, 200, "kg"), ("~5", 5, 5, ""),
        ("1 200 - 1 500 t", 1200, 1500, "t"), ("120 m3", 120, 120, "m3"), ("-5", -5, -5, ""),
    ],
)  # fmt: skip
def test_amounts(text, low, high, unit):
    assert cells.amount(text) == (low, (low + high) / 2, high, unit)


def test_units():
    assert cells.tonnes_in("") == cells.tonnes_in("t/a") == cells.tonnes_in("tonnia vuodessa") == 1
    assert cells.tonnes_in("kg/v") == 0.001
    assert cells.tonnes_in("m3") is None
    assert cells.tonnes_in("t/kk") is None  # a month's amount need not be a twelfth of a year's


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("03 01 05", "030105"), ("16 01 07*", "160107"), ("30105", "030105"), ("030105", "030105"),
        ("03.01.05", "030105"), ("17 04 05 rauta ja teräs", "170405"), ("EWC 150101", "150101"),
        ("0301", None), ("210101", None), ("000101", None), ("1.3.2005", None),
        ("2005-01-03", None),
        ("0301055", None), ("pahvi", None),
    ],
)  # fmt: skip
def test_waste_codes(text, code):
    assert cells.ewc(text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("16.10", "1610"), ("16100", "16100"), ("1610", "1610"), ("16.1", "161"),
        ("C16.10", "1610"),
        ("1.61", "0161"), ("1", "01"), ("16 Sahatavara", "16"), ("A 01.61", "0161"),
        ("00000", None), ("161010", None), ("Saha", None),
    ],
)  # fmt: skip
def test_industry_codes(text, code):
    assert cells.nace(text) == code


@pytest.mark.parametrize(
    ("text", "identity"),
    [
        ("1234567-1", "1234567-1"), ("1234567-8", None), ("FI01120389", "0112038-9"),
        ("112038-9", "0112038-9"), ("1120389", "0112038-9"), ("2646674–9", "2646674-9"),
        ("12", None),
    ],
)  # fmt: skip
def test_business_ids(text, identity):
    assert cells.business_id(text) == identity


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Jyväskylä", "179"), ("JYVÄSKYLÄ", "179"), ("jyvaskyla", "179"), ("Keuru", "249"),
        ("179", "179"), ("77", "077"), ("077", "077"), ("KU179", "179"), ("179 Jyväskylä", "179"),
        ("Vaajakoski", "179"), ("Laukaan kunta", "410"), ("Laukaa kunta", "410"),
        ("Helsinki", places.OUTSIDE), ("091", places.OUTSIDE), ("Kuhmoinen", places.OUTSIDE),
        ("Lahti", places.OUTSIDE), ("Xyzzy", places.UNKNOWN), ("", ""),
    ],
)  # fmt: skip
def test_municipalities(text, code):
    assert places.municipality(text) == code


def test_postal_codes():
    assert places.postal_code("700") == "00700"
    assert places.municipality_of_postal_code("40100") == "179"
    assert places.municipality_of_postal_code("00100") == places.OUTSIDE
    assert places.municipality_of_postal_code("") == ""


def test_coordinates_in_every_order():
    # The administrative centre of Laukaa; its easting and northing by PROJ.
    x, y, code = places.point("25,95892", "62,41301")
    assert (round(x), round(y), code) == (446212, 6920624, "")
    assert places.point("62.41301", "25.95892") == (x, y, "coordinates_swapped")
    assert places.point("446212", "6920624") == (446212, 6920624, "")
    assert places.point("6920624", "446212") == (446212, 6920624, "coordinates_swapped")
    assert places.point("25.9", "")[2] == places.point("5", "5")[2] == "bad_coordinates"


@pytest.mark.parametrize(
    ("heading", "field", "unit"),
    [
        ("Y-tunnus", "business_id", ""), ("  y-TUNNUS ", "business_id", ""),
        ("Kunta", "municipality", ""),
        ("HENKILÖSTÖMÄÄRÄ", "employees", ""), ("henkilostomaara", "employees", ""),
        ("Määrä (t/v)", "tonnes", "t/v"), ("t/v min", "tonnes_low", "t/v"),
        ("t max", "tonnes_high", "t"), ("vähintään t/v", "tonnes_low", "t/v"),
        ("enintään t/v", "tonnes_high", "t/v"), ("Määrä (arvio 2025)", "tonnes", ""),
        ("Määrä (t/v, arvio)", "tonnes", "t/v"), ("määrä kg/a", "tonnes", "kg/a"),
        ("t/a", "tonnes", "t/a"),
        ("Alaraja, t", "tonnes_low", "t"), ("tonnes_high", "tonnes_high", ""),
        ("X (ETRS-TM35FIN)", "x", ""), ("EWC-koodi (6 numeroa)", "ewc", ""),
    ],
)  # fmt: skip
def test_headings(heading, field, unit):
    found = headings.meaning(heading)
    assert found is not None
    assert (found.field, found.unit) == (field, unit)


def test_no_heading_means_two_fields():
    texts = [text for synonyms in headings.SYNONYMS.values() for text in synonyms]
    assert len(texts) == len(set(texts))
    assert [text for text in texts if text != headings.fold(text)] == []


@pytest.mark.parametrize(
    ("text", "material", "guessed"),
    [
        ("sawdust", "sawdust", False), ("Sahanpuru", "sawdust", False),
        ("PAHVI", "cardboard", False),
        ("cardboard", "cardboard", False), ("kuivaa sahanpurua", "sawdust", True),
        ("Pahvia", "cardboard", True), ("steel scrap, clean", "steel_scrap", True),
        ("rasva", "", False), ("Xyzzy", "", True), ("dokumentti", "", True), ("", "", False),
    ],
)  # fmt: skip
def test_materials(text, material, guessed):
    found = materials.meaning(text)
    assert (found.material, found.guessed) == (material, guessed)


def test_private_traders():
    assert cells.is_sole_trader("26", "Koe")
    assert cells.is_sole_trader("Toiminimi", "Koe")
    assert cells.is_sole_trader("", "Tmi Koe Henkilö")
    for name in ("Toiminimi Koe", "T. mi Koe", "Saha Koe tmi.", "Saha (Tmi) Koe", "Puu T:mi Koe"):
        assert cells.is_sole_trader("", name), name
    for name in ("Atmi Oy", "Toiminimi Talo Oy", "Satmi", "Tmi-palvelut Ab"):
        assert not cells.is_sole_trader("16", name), name
