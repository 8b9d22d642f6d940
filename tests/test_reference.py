"""The reference tables agree with themselves and with each other."""

import pandas as pd
import pytest

from kiertokylat import reference, tables
from kiertokylat.words import LANGUAGES

CODES = reference.waste_codes()
USES = reference.uses()
DIVISIONS = reference.divisions()
MATERIALS = reference.materials()


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
