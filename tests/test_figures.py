"""Numbers in words, each worked by hand."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiertokylat.figures import calendar_day, kilometres, number, percent, tonnes, tonnes_range


def plain(text):
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("value", "digits", "fi", "en"),
    [
        (12345.6, None, "12 346", "12,346"),
        (12345.6, 2, "12 000", "12,000"),
        (1_234_567, None, "1 234 567", "1,234,567"),
        (999.5, 2, "1 000", "1,000"),
        (50.0, None, "50", "50"),
        (9.96, None, "10", "10"),
        (5.34, None, "5,3", "5.3"),
        (1.3, 3, "1,3", "1.3"),
        (1.254, 3, "1,25", "1.25"),
        (0.034, None, "0,034", "0.034"),
        (0, None, "0", "0"),
        (-12345, None, "−12 345", "-12,345"),
        (math.nan, None, "ei tiedossa", "not known"),
    ],
)
def test_number(value, digits, fi, en):
    assert plain(number(value, "fi", digits=digits)) == fi
    assert number(value, "en", digits=digits) == en


def test_spaces_do_not_break_lines():
    assert tonnes(12345.6, "fi") == "12\u00a0346\u00a0t/v"


@pytest.mark.parametrize(
    ("values", "fi", "en"),
    [
        ((60, 123, 246), "120 t/v (60–250)", "120 t/a (60–250)"),
        ((1234, 1234, 1234), "1 234 t/v", "1,234 t/a"),
        ((math.nan,) * 3, "ei tiedossa", "not known"),
        ((math.nan, 7, math.nan), "7 t/v", "7 t/a"),
        ((1, math.nan, 2), "ei tiedossa", "not known"),
    ],
)
def test_tonnes_range(values, fi, en):
    assert plain(tonnes_range(*values, "fi")) == fi
    assert plain(tonnes_range(*values, "en")) == en


@pytest.mark.parametrize(
    ("value", "fi"),
    [
        (0.0, "alle 0,1 km"),
        (0.25, "0,2 km"),
        (4.32, "4,3 km"),
        (9.97, "10 km"),
        (32.8, "33 km"),
        (math.nan, "ei tiedossa"),
    ],
)
def test_kilometres(value, fi):
    assert plain(kilometres(value, "fi")) == fi


def test_estimated_tonnes_have_two_digits():
    assert plain(tonnes(12345.6, "fi", estimated=True)) == "12 000 t/v"
    assert tonnes(math.nan, "en", estimated=True) == "not known"


@given(st.floats(0.001, 1e9))
def test_what_is_written_is_near_the_value(value):
    read = float(number(value, "fi").replace("\u00a0", "").replace(",", "."))
    assert math.isclose(read, value, rel_tol=0.051)
    assert number(value, "en").replace(",", "") == f"{read:f}".rstrip("0").rstrip(".")


@pytest.mark.parametrize(
    ("share", "fi", "en"),
    [
        (0.42, "42 %", "42%"),
        (0.066, "6,6 %", "6.6%"),
        (0.0, "0 %", "0%"),
        (math.nan, "ei tiedossa", "not known"),
    ],
)
def test_percent(share, fi, en):
    assert plain(percent(share, "fi")) == fi
    assert percent(share, "en") == en


def test_a_day_is_written_as_people_write_it():
    assert calendar_day("2026-11-01", "fi") == "1.11.2026"
    assert calendar_day("2026-11-01", "en") == "1/11/2026"
    assert calendar_day("", "fi") == ""
