"""Assumptions in a file: nothing is lost, and nothing senseless gets in."""

import json
from dataclasses import asdict, fields

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiertokylat import reference
from kiertokylat.assumption_rows import label
from kiertokylat.assumptions import Assumptions, FactorEdit
from kiertokylat.assumptions_file import (
    ITEM_LIMITS,
    LIMITS,
    RANGES,
    VEHICLES,
    WHOLE,
    AssumptionProblem,
    from_json,
    from_values,
    to_json,
)
from kiertokylat.errors import InputError
from kiertokylat.words import LANGUAGES, catalogue, say


def span(low, high):
    return st.tuples(*[st.floats(low, high)] * 3).map(lambda ends: tuple(sorted(ends)))


def of_field(name):
    if name in VEHICLES:
        return st.sampled_from(list(reference.vehicles().index))
    low, high = LIMITS[name]
    if name in WHOLE:
        return st.integers(int(low), int(high))
    if name in RANGES:
        own = span(low, high)
        return st.none() | own if getattr(Assumptions(), name) is None else own
    return st.floats(low, high)


@st.composite
def edits(draw):
    """In the order of the table, and none that changes nothing."""
    rows = reference.factors()
    places = draw(st.lists(st.integers(0, len(rows) - 1), unique=True, max_size=5))
    made = []
    for place in sorted(places):
        row = rows.iloc[place]
        low, high = ITEM_LIMITS[row["item"]]
        ends = draw(span(low, high))
        if ends != tuple(row[["low", "best", "high"]]):
            made.append(FactorEdit(row["material"], row["route"], row["item"], *ends))
    return tuple(made)


PLAIN = [field.name for field in fields(Assumptions) if field.name != "edits"]
ANY = st.builds(Assumptions, **{name: of_field(name) for name in PLAIN}, edits=edits())


@settings(max_examples=50, deadline=None)
@given(ANY)
def test_what_is_saved_comes_back_whole(assumptions):
    assert from_json(to_json(assumptions).encode(), "a.json") == assumptions


def test_every_number_has_a_limit_and_every_field_a_name():
    assert set(LIMITS) == set(PLAIN) - set(VEHICLES)
    for name in PLAIN:
        assert label(name, "fi") != label(name, "en")


def test_the_defaults_are_within_the_limits():
    assert from_values(asdict(Assumptions())) == Assumptions()


def test_what_a_file_leaves_out_is_the_default():
    content = '\ufeff{"program": "Kiertokylät", "format": 1, "assumptions": {"year": 2027}}'
    assert from_json(content.encode(), "a.json") == Assumptions(year=2027)


def test_an_edit_that_changes_nothing_is_dropped():
    row = reference.factors().dropna(subset="best").iloc[0]
    values = row[["material", "route", "item", "low", "best", "high"]].to_dict()
    assert from_values({"edits": [values]}) == Assumptions()
    changed = values | {"high": values["high"] + 1}
    assert from_values({"edits": [changed]}).edits == (FactorEdit(**changed),)


def file(**values):
    return json.dumps({"program": "Kiertokylät", "format": 1, "assumptions": values})


EDIT = {"material": "sawdust", "route": "", "item": "treatment", "low": 1, "best": 2, "high": 3}
BAD = [
    ("too_large", " " * 1_000_001),
    ("no_json", ""),
    ("no_json", "{"),
    ("no_json", "[" * 100_000),
    ("other_file", "[]"),
    ("other_file", "{}"),
    ("other_file", '{"program": "Kiertokylät", "format": 1}'),
    ("other_format", '{"program": "Kiertokylät", "format": 2, "assumptions": {}}'),
    ("unknown_field", file(price=1)),
    ("unknown_vehicle", file(vehicle="bicycle")),
    ("unknown_vehicle", file(collection_vehicle=["rigid"])),
    ("no_number", file(year=None)),
    ("no_number", file(waste_tax_eur_t="80")),
    ("no_number", file(waste_tax_eur_t=True)),
    ("no_number", file(waste_tax_eur_t=float("nan"))),
    ("no_number", file(loading_eur_t=[1, "2", 3])),
    ("not_whole", file(year=2026.5)),
    ("beyond", file(year=10**400)),
    ("beyond", file(waste_tax_eur_t=-1)),
    ("beyond", file(empty_return=1.01)),
    ("beyond", file(detour_factor=0.9)),
    ("beyond", file(loading_eur_t=[1, 2, float("inf")])),
    ("beyond", file(edits=[EDIT | {"low": -1}])),
    ("not_three", file(loading_eur_t=None)),
    ("not_three", file(loading_eur_t=[1, 2])),
    ("not_three", file(loading_eur_t="123")),
    ("not_three", file(freight_eur_tkm=[0.1, None, 0.2])),
    ("not_three", file(edits=[EDIT | {"best": None}])),
    ("not_ordered", file(unknown_employees=[3, 1, 20])),
    ("not_ordered", file(edits=[EDIT | {"best": 5}])),
    ("no_edits", file(edits={})),
    ("no_edits", file(edits=[1])),
    ("unknown_row", file(edits=[EDIT | {"material": "gold"}])),
    ("unknown_row", file(edits=[EDIT | {"material": ["sawdust"]}])),
    ("unknown_row", file(edits=[{}])),
    ("row_twice", file(edits=[EDIT, EDIT])),
]


@pytest.mark.parametrize(("code", "content"), BAD, ids=range(len(BAD)))
def test_a_bad_file_is_told_by_name_and_cure(code, content):
    with pytest.raises(InputError) as caught:
        from_json(content.encode(), "oletukset.json")
    problem = caught.value.problem
    assert isinstance(problem, AssumptionProblem)
    assert (problem.code, problem.file) == (code, "oletukset.json")
    texts = [problem.message(language) for language in LANGUAGES]
    assert texts[0] != texts[1]
    for text in texts:
        assert "{" not in text
        assert len(text.split(". ")) >= 2, "says what to do"


def test_letters_that_are_no_text_are_no_json():
    with pytest.raises(InputError, match="JSON"):
        from_json(b"\xff\xfe{\x00", "a.json")


def test_the_message_names_the_row_in_the_readers_language():
    with pytest.raises(InputError) as caught:
        from_values({"edits": [EDIT | {"low": 2.5, "route": ""}]})
    assert caught.value.problem.message("fi").startswith(
        "Sahanpuru, lastu ja hake: käsittely käyttökuntoon: alin 2,5, paras 2 ja ylin 3 "
    )


def test_a_fee_and_a_price_may_be_negative():
    edit = EDIT | {"item": "price", "low": -3, "best": -2, "high": -1}
    assert from_values({"edits": [edit]}).edits == (
        FactorEdit("sawdust", "", "price", -3.0, -2.0, -1.0),
    )


def test_every_problem_is_provoked():
    after = list(catalogue()).index("assumptions.too_large")
    keys = list(catalogue())[after:]
    codes = {key.split(".")[1] for key in keys if key.startswith("assumptions.")}
    assert codes == {code for code, _ in BAD}
    assert say("assumptions.too_large", "fi")
