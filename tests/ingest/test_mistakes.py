"""Mistakes that people make in spreadsheets: none may pass in silence or spoil the other rows."""

import pytest

from kiertokylat.ingest import materials, places
from tests.ingest.files import codes, csv, read


def flows(heading, *rows):
    return read(
        csv(f"Nimi;Kunta;{heading}", *(f"Koe {n};Laukaa;{row}" for n, row in enumerate(rows)))
    )


def test_a_bad_code_spoils_no_other_row():
    result = flows("jätekoodi;materiaali;määrä", "999999;puru;1", "030105;puru;1")
    assert "unknown_code" in codes(result)
    assert list(result.flows["company_id"]) == ["koe-1-410"]


@pytest.mark.parametrize(
    ("unit", "tonnes"),
    [("1000 t", 2000), ("tuhatta tonnia", 2000), ("kt", 2000), ("1000 kg", 2), ("t/v", 2),
     ("kilogrammaa", 0.002), ("grammaa", 0.000002), ("arvio", 2), ("2025", 2), ("vuodessa", 2)],
)  # fmt: skip
def test_a_known_unit_in_brackets_is_converted(unit, tonnes):
    result = flows(f"Materiaali;Määrä ({unit})", "puru;2")
    assert result.flows["tonnes"].tolist() == pytest.approx([tonnes])
    assert "unit_not_tonnes" not in codes(result)


@pytest.mark.parametrize("unit", ["t/vko", "kg/vko", "kpl", "MWh", "m3", "kuutiota", "litraa"])
def test_an_unknown_unit_in_brackets_leaves_the_amount_open(unit):
    result = flows(f"Materiaali;Määrä ({unit})", "puru;2")
    assert result.flows["tonnes"].isna().all()
    assert "unit_not_tonnes" in codes(result)
    assert result.flows["note"].tolist() == [f"2 {unit}"]


def test_a_cell_that_is_no_amount_goes_into_the_note_as_it_is():
    assert flows("Materiaali;Määrä (t/v)", "puru;paljon").flows["note"].tolist() == ["paljon"]


def test_bounds_under_their_units():
    result = flows("Materiaali;t/v min;t/v max", "puru;2;6")
    assert result.flows[["tonnes_low", "tonnes", "tonnes_high"]].to_numpy().tolist() == [[2, 4, 6]]


@pytest.mark.parametrize(
    ("row", "code", "column", "value"),
    [(";-5;", "negative_tonnes", "Määrä", "-5"),
     ("-3;5;", "negative_tonnes", "Vähintään", "-3"),
     (";;-4", "negative_tonnes", "Enintään", "-4"),
     ("-3;-2;-1", "negative_tonnes", "Vähintään", "-3"),
     (";9000000;", "absurd_tonnes", "Määrä", "9000000"),
     # Their middle, 5.5 million, is too much as well: nobody wrote it.
     ("2000000;;9000000", "absurd_tonnes", "Enintään", "9000000"),
     (";500000;", "large_tonnes", "Määrä", "500000"),
     ("1;;500000", "large_tonnes", "Enintään", "500000"),
     (";9;5", "tonnes_order", "Määrä", "9")],
)  # fmt: skip
def test_a_bad_amount_is_told_once_of_the_cell_that_was_written(row, code, column, value):
    result = flows("Materiaali;Vähintään;Määrä;Enintään", f"pahvi;{row}")
    told = [p for p in result.problems if p.severity != "note"]
    assert [(p.code, p.row, p.column, p.value) for p in told] == [(code, 2, column, value)]


@pytest.mark.parametrize(
    ("code", "warned"), [("17 05 04*", True), ("17 05 04", False), ("16 01 07*", False)]
)
def test_an_asterisk_must_fit_its_code(code, warned):
    result = flows("EWC", code)
    assert ("asterisk_not_hazardous" in codes(result)) == warned
    assert result.flows["ewc"].tolist() == [code.replace(" ", "").rstrip("*")]


def test_of_several_codes_the_first_is_read_aloud():
    result = flows("EWC", "030105, 030101", "030105 (030105)", "030105")
    assert [p.row for p in result.problems if p.code == "several_codes"] == [2]
    assert result.flows["ewc"].tolist() == ["030105"] * 3


@pytest.mark.parametrize(
    ("text", "code"),
    [("Jyväskylän kaupunki", "179"), ("Laukaan kunta", "410"), ("Jyväskylä, Palokka", "179"),
     ("Äänekoskella", "992"), ("Luhangan kunta", "435"), ("Pihtiputaalla", "601"),
     ("Uuraisten", "892"), ("Jyväskylä (Palokka)", "179")],
)  # fmt: skip
def test_inflected_municipalities(text, code):
    assert places.municipality(text) == code


def test_every_municipality_has_its_forms():
    names = places.reference.municipalities()["name_fi"]
    assert list(places._FORMS) == sorted(names.index)
    for code, forms in places._FORMS.items():
        assert all(form[:3] == names[code][:3] for form in forms.split())


@pytest.mark.parametrize("code", ["04", "34", "98765"])
def test_industries_that_do_not_exist(code):
    result = read(csv("Nimi;Kunta;TOL", f"Koe;Laukaa;{code}"))
    assert codes(result) == ["unknown_industry"]
    assert result.companies["nace"].tolist() == [""]


def test_a_row_that_has_shifted_is_left_out():
    result = read(csv("Nimi,Kunta,Materiaali,Määrä", "A,Laukaa,puru,1234,75", "B,Laukaa,puru,5"))
    assert [(p.row, p.severity) for p in result.problems if p.code == "cells_beyond"] == [
        (2, "error")
    ]
    assert result.flows["tonnes"].tolist() == [5]


def test_a_second_column_fills_the_first():
    result = read(
        csv(
            "Nimi;Nimi;Kunta;Kuntakoodi", "A;;Laukaa;", ";B;;410", "C;c;Laukaa;410",
            "D;;Laukaa;179",
        )
    )  # fmt: skip
    assert list(result.companies["name"]) == ["A", "B", "C", "D"]
    assert list(result.companies["municipality"]) == ["410", "410", "410", "179"]
    assert [p.row for p in result.problems if p.code == "columns_differ"] == [5]


def test_amounts_and_notes_in_two_columns():
    heading = "Materiaali;Paras arvio (t);Määrä (kg);Huom;Kommentti"
    result = flows(heading, "puru;2;;a;b", "puru;;500;;b", "puru;2;2000;a;")
    assert result.flows["tonnes"].tolist() == [2, 0.5, 2]
    assert result.flows["note"].tolist() == ["a; b", "b", "a"]


@pytest.mark.parametrize("word", ["Yhteensä", "SUMMA", "Total"])
def test_a_row_of_totals_is_skipped(word):
    result = read(
        csv("Nimi;Kunta;Materiaali;Määrä", "A;Laukaa;puru;5", f"{word};;;5", f";;{word};5")
    )
    assert [p for p in result.problems if p.severity != "note"] == []
    assert result.flows["tonnes"].tolist() == [5]


@pytest.mark.parametrize("word", ["NULL", "nan", "None"])
def test_a_name_that_is_a_word_for_nothing(word):
    result = read(csv("Nimi;Kunta", f"{word};Laukaa"))
    assert codes(result) == ["no_name"]
    assert result.companies.empty


def test_private_traders_of_a_spreadsheet_are_told_by_row_without_their_names():
    result = read(csv("Nimi;Kunta", "A Oy;Laukaa", "Tmi Salainen Henkilö;Laukaa"))
    problem = result.problems[0]
    assert (problem.code, problem.severity) == ("sole_trader_rows", "warning")
    assert "3" in problem.message("fi")
    assert "Salainen" not in problem.message("fi")


@pytest.mark.parametrize(
    ("text", "material"),
    [("puu", "wood_clean"), ("Metalli", "steel_scrap"), ("oljet", "plant_residue"),
     ("öljy", "waste_oil"), ("Styrox", "plastic_rigid"), ("EPS", "plastic_rigid"),
     ("kahvinporot", "food_vegetable"), ("Maali", "solvents"), ("Maitokartonki", "cardboard"),
     ("Lihaluujauho", "animal_byproduct"), ("puunkuori", "bark"), ("kuivat kuoret", "bark"),
     ("Paperiliete", "fibre_sludge"), ("pahvijäte", "cardboard"), ("lasipakkaukset", "glass"),
     ("betonia", "concrete"), ("paperia", "paper"), ("glass bottles", "glass"),
     ("biojätteet", "food_vegetable"), ("vaatteita", "textiles"), ("renkaita", "rubber"),
     ("pahvilaatikot", "cardboard"), ("höylänlastut", "sawdust")],
)  # fmt: skip
def test_everyday_words(text, material):
    assert materials.meaning(text).material == material


def test_metal_is_a_guess():
    assert materials.meaning("metalli").guessed


@pytest.mark.parametrize(
    "text",
    ["Appelsiininkuoret", "Hukkalämpö", "Kalastusverkko", "Lautanen", "Palautus", "turve",
     "lampaanvilla", "polttoöljy", "fibreglass", "Teräslastut", "Maitojauho", "jäte", "romu"],
)  # fmt: skip
def test_no_absurd_guesses(text):
    assert materials.meaning(text)[::2] == ("", ())


@pytest.mark.parametrize("text", ["Liete", "sludge", "kuivattu liete"])
def test_sludge_alone_is_ambiguous(text):
    assert materials.meaning(text).others == ("fibre_sludge", "manure", "sewage_sludge")
    assert "ambiguous_material" in codes(flows("Materiaali", text))
