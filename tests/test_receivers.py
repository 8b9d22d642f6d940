import json

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiertokylat import receivers, reference, tables

CODES = reference.waste_codes()
any_code = st.one_of(
    st.sampled_from(CODES.index.tolist()),
    st.builds(
        "{:02}{:04}{}".format,
        st.integers(1, 20),
        st.integers(0, 9999),
        st.sampled_from(["", "*"]),
    ),
)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("030105", "030105"),
        ("03 01 05", "030105"),
        (" 03.01.05 ", "030105"),
        ("16 01 07*", "160107"),
        ("160107 *", "160107"),
        ("20-01-08", "200108"),
        ("210101", None),
        ("000101", None),
        ("03 01", None),
        ("0301055", None),
        ("sahanpuru", None),
        ("", None),
    ],
)
def test_normalise(text: str, code: str | None) -> None:
    assert receivers.normalise(text) == code


def test_a_listed_code_has_its_own_material() -> None:
    assert receivers.material_of("03 01 05") == "sawdust"
    # 03 03 09 is lime mud, though its sub-chapter is that of pulp and paper.
    assert receivers.material_of("030309") == "lime"


def test_other_codes_fall_back_to_the_sub_chapter_then_the_chapter() -> None:
    assert "130899" not in CODES.index
    assert receivers.material_of("130899") == "waste_oil"  # all of 13 08 in the list is waste oil
    assert "139999" not in CODES.index
    assert receivers.material_of("139999") == "waste_oil"  # no sub-chapter 13 99
    assert receivers.material_of("210101") is None


@settings(deadline=None)
@given(any_code)
def test_every_code_of_a_chapter_has_a_material(code: str) -> None:
    material = receivers.material_of(code)
    assert material in reference.materials().index
    near = CODES[CODES.index.str[:4] == code[:4]]
    if len(near):
        assert material in set(near["material"])


def test_hazard_of_unlisted_codes_is_assumed() -> None:
    assert receivers.is_hazardous("13 02 05")
    assert not receivers.is_hazardous("03 01 05")
    assert receivers.is_hazardous("03 01 05*")
    assert receivers.is_hazardous("139999")


@settings(deadline=None)
@given(any_code)
def test_ranking_is_by_route_then_evidence_with_each_division_once(code: str) -> None:
    ranked = receivers.rank_receivers(code)
    assert list(ranked.columns) == receivers.COLUMNS
    assert list(ranked["rank"]) == list(range(1, len(ranked) + 1))
    assert ranked["division"].is_unique
    keys = [
        (tables.ROUTES.index(route), tables.EVIDENCE.index(evidence))
        for route, evidence in zip(ranked["route"], ranked["evidence"], strict=True)
    ]
    assert keys == sorted(keys)
    of_uses = reference.uses().loc[ranked["use"]]
    assert set(of_uses["material"]) == {receivers.material_of(code)}
    if receivers.is_hazardous(code):
        assert (of_uses["permit_fi"] != "").all()


@settings(deadline=None)
@given(any_code)
def test_each_division_stands_with_its_best_use(code: str) -> None:
    uses = reference.uses()
    for row in receivers.rank_receivers(code).itertuples():
        same = uses[uses["material"] == uses.loc[row.use, "material"]]
        same = same[same["division"] == row.division]
        if receivers.is_hazardous(code):
            same = same[same["permit_fi"] != ""]
        assert tables.ROUTES.index(row.route) == min(map(tables.ROUTES.index, same["route"]))


def test_ties_keep_the_order_of_the_rows() -> None:
    rows = [("energy", "A"), ("recycling", "C"), ("recycling", "B"), ("recycling", "C")]
    uses = pd.DataFrame(rows, columns=["route", "evidence"], index=list("abcd"))
    assert list(receivers.rank_uses(uses).index) == ["c", "b", "d", "a"]


def test_board_making_is_closed_to_impregnated_wood() -> None:
    uses = reference.uses()
    board = uses[(uses["material"] == "wood_treated") & (uses["division"] == "16")]
    assert (board["permit_fi"] == "").all()
    assert len(board) > 0
    assert "16" not in set(receivers.rank_receivers("20 01 37*")["division"])


def test_the_answer_is_json_in_either_language() -> None:
    answers = {
        language: json.loads(json.dumps(receivers.answer("03 01 05", language)))
        for language in ("fi", "en")
    }
    assert answers["fi"]["ewc"] == "030105"
    assert answers["fi"]["material"] == "sawdust"
    first = answers["en"]["receivers"][0]
    assert list(first) == ["rank", "division", "use", "route", "evidence", "source"]
    assert first["use"] != answers["fi"]["receivers"][0]["use"]


def test_the_answer_to_no_code_is_empty() -> None:
    assert receivers.answer("puru") == {"ewc": "puru", "material": None, "receivers": []}
