"""What people type on their phones, and the material that it means."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiertokylat import reference
from kiertokylat.material_search import search

FIRST = {
    "sahanpurua": "sawdust",
    "purua": "sawdust",
    "pur": "sawdust",
    "hakkeita": "sawdust",
    "haketta": "sawdust",
    "kutterinlastuja": "sawdust",
    "lavoja": "wood_clean",
    "kuormalavat": "wood_clean",
    "vanhat kuormalavat": "wood_clean",
    "lautoja": "wood_clean",
    "puutavaraa": "wood_clean",
    "pallets": "wood_clean",
    "vaneria": "wood_treated",
    "kuorta": "bark",
    "risuja": "logging_residue",
    "kantoja": "logging_residue",
    "paperia": "paper",
    "sanomalehtiä": "paper",
    "pahvit": "cardboard",
    "pahvia": "cardboard",
    "pahvilaatikoita": "cardboard",
    "kartonkia": "cardboard",
    "kutistekalvoa": "plastic_film",
    "muovia": "plastic_rigid",
    "kanistereita": "plastic_rigid",
    "styroksi": "plastic_rigid",
    "styroxia": "plastic_rigid",
    "renkaita": "rubber",
    "autonrenkaat": "rubber",
    "vaatteita": "textiles",
    "kankaita": "textiles",
    "nahkaa": "leather",
    "lasia": "glass",
    "ikkunoita": "glass",
    "bottles": "glass",
    "rautaa": "steel_scrap",
    "terästä": "steel_scrap",
    "peltiä": "steel_scrap",
    "metalliromua": "steel_scrap",
    "alumiinia": "aluminium_scrap",
    "kaapeleita": "copper_scrap",
    "romuautoja": "vehicles",
    "sähkölaitteita": "electronics",
    "sahkolaitteita": "electronics",
    "akkuja": "electronics",
    "tuhkaa": "wood_ash",
    "betonimursketta": "concrete",
    "tiiliä": "brick_ceramic",
    "asfalttia": "asphalt",
    "soraa": "soil_stone",
    "heinää": "plant_residue",
    "hay": "plant_residue",
    "kipsilevyjä": "gypsum",
    "villaa": "mineral_wool",
    "perunankuoria": "food_vegetable",
    "perunan kuoria": "food_vegetable",
    "ruokahävikkiä": "food_vegetable",
    "leipää": "grain_bakery",
    "viljaa": "grain_bakery",
    "heraa": "dairy",
    "mäskiä": "spent_grain",
    "teurasjätteitä": "animal_byproduct",
    "kalanperkeitä": "animal_byproduct",
    "rypsiöljyä": "cooking_oil",
    "hevosenlantaa": "manure",
    "lannan": "manure",
    "olkea": "plant_residue",
    "straw": "plant_residue",
    "kompostia": "digestate",
    "öljyä": "waste_oil",
    "maaleja": "solvents",
    "liuottimia": "solvents",
    "energiajätettä": "recovered_fuel",
    "rakennusjätteet": "mixed_construction",
}


@pytest.mark.parametrize(("text", "material"), FIRST.items())
def test_an_everyday_word_finds_its_material_first(text, material):
    assert search(text)[0].material == material


@pytest.mark.parametrize(
    ("text", "materials"),
    [
        # The table lets these mean several materials: the one who types decides.
        ("lietettä", {"fibre_sludge", "manure", "sewage_sludge"}),
        ("sekajätettä", {"mixed_construction", "mixed_waste"}),
        ("rasvaa", {"animal_byproduct", "cooking_oil"}),
        ("muovipusseja", {"plastic_rigid", "plastic_film"}),
    ],
)
def test_a_word_of_several_materials_offers_them_all(text, materials):
    assert {hit.material for hit in search(text)} == materials


@pytest.mark.parametrize("text", ["multaa", "lunta", "xyz", "pu", "", "  ", "!?"])
def test_a_word_that_the_table_lacks_finds_nothing(text):
    assert search(text) == []


def test_a_typed_dot_is_meant():
    assert [hit.material for hit in search("öljyä")] == ["waste_oil"]
    # Without dots it may be either.
    assert {hit.material for hit in search("oljya")} == {"waste_oil", "plant_residue"}


def test_a_begun_word_lists_the_shorter_words_first():
    assert [hit.word for hit in search("pur")] == ["puru", "purkupuu", "purkujäte"]


def test_every_name_and_word_of_the_table_finds_its_material():
    for key, row in reference.materials().iterrows():
        words = [row["name_fi"], row["name_en"]]
        words += [word for name in ("words_fi", "words_en") for word in row[name].split(";")]
        for word in (word for word in words if len(word) > 2):
            assert key in {hit.material for hit in search(word)}, word


def test_no_more_than_asked_for():
    assert len(search("puu", limit=3)) == 3
    assert search("puu", limit=3) == search("puu")[:3]


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=30))
def test_any_text_gives_known_materials_once(text):
    found = [hit.material for hit in search(text)]
    assert len(found) == len(set(found))
    assert set(found) <= set(reference.materials().index)
