"""Numbers that hands type: shown in full, read as the import reads them, kept where unreadable."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiertokylat.typed_numbers import read, written
from kiertokylat.words import LANGUAGES


@settings(max_examples=50, deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(LANGUAGES))
def test_a_number_that_was_shown_reads_back_exactly(value, language):
    assert read("tonnes", written(value, language)) == value


def test_numbers_stand_in_the_reader_s_form():
    assert written(1234567.5, "fi") == "1\u00a0234\u00a0567,5"
    assert written(1234567.5, "en") == "1\u00a0234\u00a0567.5"
    assert written(-3.0, "fi") == "−3"
    assert written(7, "fi") == "7"
    assert written(math.nan, "fi") == written(None, "en") == ""
    assert written("kymmenen", "fi") == "kymmenen"


@pytest.mark.parametrize(
    ("column", "typed", "expected"),
    [
        ("tonnes", "1 234,5", 1234.5),
        ("tonnes", "1\u202f234.5", 1234.5),
        ("tonnes", "noin 5", 5.0),
        ("tonnes", " ~ 100 t/v ", 100.0),
        ("tonnes", "500 kg", 0.5),  # 500 · 0.001
        ("tonnes_low", "2 kt", 2000.0),
        ("employees", "noin 12", 12.0),
        ("x", "435000", 435000.0),
        ("employees", "-4", -4.0),  # read, and refused by the check of its range
        # Kept as typed:
        ("tonnes", "100–200", "100–200"),
        ("tonnes", "20 m3", "20 m3"),
        ("tonnes", "5 t/kk", "5 t/kk"),
        ("employees", "5 kg", "5 kg"),
        ("employees", "kymmenen", "kymmenen"),
        ("y", "1e999", "1e999"),
    ],
)
def test_what_is_typed(column, typed, expected):
    assert read(column, typed) == expected


@pytest.mark.parametrize("typed", ["", "  ", "?", "-", "ei tiedossa", "n/a"])
def test_what_says_that_nothing_is_known(typed):
    assert math.isnan(read("tonnes", typed))
