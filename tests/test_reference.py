"""The reference tables agree with themselves and with each other."""

import numpy as np
import pandas as pd
import pytest

from kiertokylat import reference, tables
from kiertokylat.factors import ITEMS
from kiertokylat.words import LANGUAGES

CODES = reference.waste_codes()
USES = reference.uses()
DIVISIONS = reference.divisions()
MATERIALS = reference.materials()
FACTORS = reference.factors()
VEHICLES = reference.vehicles()
THRESHOLDS = reference.pool_thresholds()


def rows_where(frame: pd.DataFrame, bad: pd.Series) -> list[str]:
    return frame.index[bad].tolist()


def test_waste_codes_are_six_digits_of_chapters_1_to_20() -> None:
    assert len(CODES) >= 200
    assert CODES.index.is_unique
    assert rows_where(CODES, ~CODES.index.str.fullmatch(r"(0[1-9]|1\d|20)\d{4}")) == []
    assert set(CODES.index.str[:2]) == {f"{chapter:02}" for chapter in range(1, 21)}


def test_hazard_flag_is_spelled_out() -> None:
    raw = pd.read_csv(reference.DATA / "reference" / "ewc.csv", dtype=str, keep_default_na=False)
    assert set(raw["hazardous"]) == {"true", "false"}
    # Known from the list: engine oil and asbestos are hazardous, sawdust and concrete are not.
    assert CODES.loc[["130205", "170605"], "hazardous"].all()
    assert not CODES.loc[["030105", "170101"], "hazardous"].any()


def test_hazard_agrees_with_the_official_wording() -> None:
    said = CODES["name_en"].str.contains(r"(?<!not )containing hazardous substances")
    said &= ~CODES["name_en"].str.contains("other than|except")
    assert rows_where(CODES, said & ~CODES["hazardous"]) == []
    others = CODES["name_en"].str.contains(r"other than those mentioned in \d\d \d\d \d\d$")
    # In these two the other entry is the harmless one: edible oil.
    assert rows_where(CODES, others & CODES["hazardous"]) == ["190810", "200126"]


def test_materials_of_codes_and_uses_exist_and_are_all_used() -> None:
    assert set(CODES["material"]) <= set(MATERIALS.index)
    assert set(USES["material"]) == set(MATERIALS.index)


def test_wording_is_checked_or_says_that_it_is_not() -> None:
    assert set(CODES["wording"]) == {"checked", "unverified"}
    unverified = CODES["wording"] == "unverified"
    assert CODES.loc[unverified, "source"].str.endswith("not checked").all()
    assert not CODES.loc[~unverified, "source"].str.contains("not checked").any()
    assert CODES.loc[~unverified, "source"].str.contains("Finnish: .*github.com").all()


@pytest.mark.parametrize(
    ("frame", "columns"),
    [
        (CODES, ["name_fi", "name_en", "source"]),
        (DIVISIONS, ["section", "name_fi", "name_en", "source"]),
        (MATERIALS, ["group", "name_fi", "name_en", "words_fi", "words_en"]),
        (
            USES,
            [
                f"{text}_{code}"
                for text in ("use", "substitutes", "treatment")
                for code in LANGUAGES
            ],
        ),
    ],
    ids=["codes", "divisions", "materials", "uses"],
)
def test_both_languages_and_the_source_are_filled(frame: pd.DataFrame, columns: list[str]) -> None:
    for column in columns:
        assert rows_where(frame, frame[column].str.strip() == "") == [], column


def test_every_use_has_a_source() -> None:
    assert rows_where(USES, USES["source"] == "") == []


def test_no_text_has_stray_spaces() -> None:
    for frame in (CODES, DIVISIONS, MATERIALS, USES):
        for column in frame.select_dtypes("str"):
            text = frame[column]
            assert rows_where(frame, (text != text.str.strip()) | text.str.contains("  ")) == []


def test_permit_notes_stand_in_both_languages_or_in_none() -> None:
    assert rows_where(USES, (USES["permit_fi"] == "") != (USES["permit_en"] == "")) == []


def test_uses_are_many_and_well_formed() -> None:
    assert len(USES) >= 200
    assert USES.index.is_unique
    assert set(USES["division"]) <= set(DIVISIONS.index)
    assert set(USES["route"]) <= set(tables.ROUTES)
    assert set(USES["evidence"]) <= {"A", "B", "C"}
    named = (USES["material"] + "-" + USES["division"] + "-").to_numpy()
    assert all(use.startswith(start) for use, start in zip(USES.index, named, strict=True))
    assert not USES.duplicated(["material", "division", "use_en"]).any()


def test_evidence_says_what_it_rests_on() -> None:
    source = USES["source"]
    assert rows_where(USES, (USES["evidence"] == "A") != source.str.startswith("Realised: ")) == []
    judged = source.str.contains("to be reviewed by an expert")
    assert rows_where(USES, (USES["evidence"] == "C") != judged) == []


def test_hazardous_waste_has_uses_and_their_notes_say_how_it_may_move() -> None:
    materials = set(CODES.loc[CODES["hazardous"], "material"])
    open_to_it = USES[USES["material"].isin(materials) & (USES["permit_fi"] != "")]
    assert set(open_to_it["material"]) == materials
    assert rows_where(open_to_it, ~open_to_it["permit_en"].str.contains("Hazardous waste")) == []
    assert rows_where(open_to_it, ~open_to_it["permit_fi"].str.contains("Vaarallinen jäte")) == []


def test_hazardous_codes_are_no_food_feed_or_fertiliser() -> None:
    materials = MATERIALS.loc[CODES.loc[CODES["hazardous"], "material"].unique(), "group"]
    assert "organic" not in set(materials)


def test_divisions_cover_both_editions() -> None:
    wanted = {f"{n:02}" for n in [*range(1, 4), *range(5, 34), *range(35, 40), 41, 42, 43]}
    assert wanted - {"04", "34", "40"} <= set(DIVISIONS.index)
    only_2008 = DIVISIONS.index[DIVISIONS["editions"] == "2008"]
    assert list(only_2008) == ["45"]
    assert DIVISIONS["group"].nunique() == 8
    assert (DIVISIONS.loc[["10", "41", "38", "96"], "section"] == ["C", "F", "E", "S"]).all()
    assert DIVISIONS["section"].is_monotonic_increasing


def test_codes_of_coefficients_are_of_their_group():
    """A code may name a neighbour (15 01 02 is film and crates), but never another kind."""
    table = reference.coefficients()
    coded = table[table["ewc"] != ""]
    group = reference.materials()["group"]
    by_code = coded["ewc"].map(reference.waste_codes()["material"]).map(group)
    assert coded[by_code != coded["material"].map(group)].empty


def rows_of(bad: pd.Series) -> list[list[str]]:
    return FACTORS.loc[bad, ["material", "route", "item"]].to_numpy().tolist()


def test_each_material_has_each_factor_once_and_routes_are_those_of_its_uses():
    key = ["material", "route", "item"]
    assert not FACTORS.duplicated(key).any()
    general = FACTORS[FACTORS["route"] == ""].set_index(["material", "item"]).index
    wanted = pd.MultiIndex.from_product([MATERIALS.index, ITEMS])
    assert set(general) == set(wanted)
    used = pd.MultiIndex.from_frame(USES[["material", "route"]].drop_duplicates())
    named = pd.MultiIndex.from_frame(FACTORS[["material", "route"]])
    assert rows_of((FACTORS["route"] != "") & ~named.isin(used)) == []


def test_factors_are_three_numbers_in_order_or_none():
    numbers = FACTORS[["low", "best", "high"]]
    missing = FACTORS["status"] == "missing"
    assert rows_of(missing & numbers.notna().any(axis=1)) == []
    assert rows_of(~missing & ~np.isfinite(numbers).all(axis=1)) == []
    ordered = (numbers["low"] <= numbers["best"]) & (numbers["best"] <= numbers["high"])
    assert rows_of(~missing & ~ordered) == []
    # Only emissions can be worse than nothing.
    assert rows_of((FACTORS["item"] != "co2e") & (numbers["low"] < 0)) == []


def test_factors_have_the_unit_of_their_item_and_a_known_standing():
    units = FACTORS["item"].map(dict.fromkeys(ITEMS, "EUR/t") | {"co2e": "kg CO2e/t"})
    assert rows_of(FACTORS["unit"] != units) == []
    assert set(FACTORS["status"]) == {"source", "derived", "assumption", "missing"}
    assert set(FACTORS["tax"]) == {"", "included", "from 2027"}
    assert rows_of((FACTORS["tax"] != "") & (FACTORS["item"] != "disposal")) == []
    late = FACTORS["tax"] == "from 2027"
    assert rows_of(late) == [["green_liquor_sludge", "", "disposal"]]


def test_a_factor_says_where_it_comes_from():
    sourced = FACTORS["status"].isin(["source", "derived"])
    assert rows_of(sourced & (FACTORS["source"] == "")) == []
    assert rows_of(sourced & ((FACTORS["year"] == "") | (FACTORS["country"] == ""))) == []
    assert rows_of((FACTORS["status"] != "source") & (FACTORS["note"] == "")) == []
    codes = r"\b(?:ST22|KA22|KA24|MK17|LE18|CO2D|DZ25|FX|EST)\b"
    for frame in (FACTORS, VEHICLES, THRESHOLDS):
        for column in frame.select_dtypes("str"):
            text = frame[column]
            assert not text.str.contains(codes).any(), column
            assert rows_where(frame, (text != text.str.strip()) | text.str.contains("  ")) == []


def test_the_american_model_is_never_used_for_wood_or_fibre_and_marked_elsewhere():
    american = FACTORS["source"].str.contains("WARM")
    group = FACTORS["material"].map(MATERIALS["group"])
    assert rows_of(american & group.isin(["wood", "fibre"])) == []
    assert rows_of(american & ~FACTORS["country"].str.contains("US")) == []
    assert rows_of(american & ~FACTORS["note"].str.contains("US bound|WARM, a bound")) == []


def test_burnt_plastic_has_a_fuel_price_and_no_credit():
    energy = FACTORS[FACTORS["route"] == "energy"].set_index(["material", "item"])
    for material in ("plastic_film", "plastic_rigid"):
        burnt = energy.loc[material]
        assert set(burnt.index) == set(ITEMS)
        # They are burnt today already: neither a gate fee nor an emission is saved for certain.
        assert burnt.loc[["disposal", "co2e"], "best"].eq(0).all()
        assert burnt.loc["co2e", "low"] < 0
    # Tyres burnt: the American model's 593 kg as a bound, no credit of recycling.
    assert energy.loc[("rubber", "co2e"), ["low", "best", "high"]].tolist() == [-593, 0, 0]


def test_vehicles_are_three_and_dearer_the_smaller():
    assert list(VEHICLES.index) == ["combination", "semi", "rigid"]
    assert VEHICLES["payload_t"].tolist() == [42, 25, 12]
    for name in ("freight", "transport"):
        ends = VEHICLES[[f"{name}_low", name, f"{name}_high"]]
        assert (ends[f"{name}_low"] > 0).all()
        assert (ends.diff(axis=1).iloc[:, 1:] >= 0).all(axis=None)
    assert VEHICLES["freight"].is_monotonic_increasing
    assert set(VEHICLES["status"]) <= {"source", "derived", "assumption"}
    for column in ("name_fi", "name_en", "source", "note"):
        assert rows_where(VEHICLES, VEHICLES[column] == "") == []


def test_pool_thresholds_cover_all_materials():
    assert list(THRESHOLDS.index) == list(MATERIALS.index)
    assert (THRESHOLDS[["tonnes", "km"]] > 0).all(axis=None)
    assert set(THRESHOLDS["status"]) == {"assumption"}
    assert rows_where(THRESHOLDS, THRESHOLDS["note"] == "") == []
