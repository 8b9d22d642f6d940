"""Assumptions ◄► one JSON file, and the checks that assumptions from outside must pass.

A form and a file hand over the same thing, a mapping of field names to plain values, so the same
checks hold for both. What the program itself makes is not checked.
"""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import pandas as pd

from kiertokylat import reference
from kiertokylat.assumption_rows import exact, label, row_label
from kiertokylat.assumptions import Assumptions, FactorEdit, Range
from kiertokylat.errors import InputError
from kiertokylat.problems import Problem
from kiertokylat.words import LANGUAGES, Language, say

PROGRAM, FORMAT = "Kiertokylät", 1
SIZE_LIMIT = 1_000_000  # bytes; all factors edited are some 60,000

# What makes sense at all, both ends included. The upper ends only keep out slips of the keyboard.
LIMITS: dict[str, tuple[float, float]] = {
    "detour_factor": (1, 5),
    "search_km": (1, 500),
    "receivers_per_supply": (1, 50),
    "unknown_employees": (0, 10_000),
    "year": (2023, 2100),
    "waste_tax_eur_t": (0, 1_000),
    "loads_per_year": (0, 1_000),
    "freight_eur_tkm": (0, 10),
    "transport_kg_tkm": (0, 10),
    "empty_return": (0, 1),
    "loading_eur_t": (0, 100),
    "unknown_capacity_t": (0, 1_000_000),
}
# A fee, a price and an avoided emission may be below nothing, the cost of a treatment can't.
_MOST = 1_000_000.0
ITEM_LIMITS: dict[str, tuple[float, float]] = {
    "disposal": (-_MOST, _MOST),
    "price": (-_MOST, _MOST),
    "treatment": (0, _MOST),
    "co2e": (-_MOST, _MOST),
}
RANGES = ("unknown_employees", "freight_eur_tkm", "transport_kg_tkm", "loading_eur_t")
OPTIONAL = ("freight_eur_tkm", "transport_kg_tkm")  # None: the vehicle class's own
VEHICLES = ("vehicle", "collection_vehicle")
WHOLE = ("receivers_per_supply", "year")
_ROW = ("material", "route", "item")
_ENDS = ("low", "best", "high")


@dataclass(frozen=True)
class AssumptionProblem(Problem):
    """A problem whose text stands in `words/assumptions.toml`."""

    def message(self, language: Language = "fi") -> str:
        """What is wrong and what to do about it, without the place."""
        details = {
            name: value[language] if isinstance(value, dict) else value
            for name, value in self.details.items()
        }
        return say(f"assumptions.{self.code}", language, **details)


def to_json(assumptions: Assumptions) -> str:
    """All assumptions as text that `from_json` reads back unchanged."""
    values = asdict(assumptions) | {"edits": [edit._asdict() for edit in assumptions.edits]}
    whole = {"program": PROGRAM, "format": FORMAT, "assumptions": values}
    return json.dumps(whole, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def from_json(content: bytes, name: str) -> Assumptions:
    """Assumptions from a file that `to_json` has made and a person may have edited.

    Parameters
    ----------
    content
        Of the file.
    name
        Of the file, for the problem.

    Returns
    -------
    Assumptions
        What the file leaves out is as by default.

    Raises
    ------
    InputError
        The file is no JSON, of another kind or newer, or a value is out of the question.
    """
    if len(content) > SIZE_LIMIT:
        raise _fail("too_large", name)
    try:
        whole = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:  # broken letters or broken JSON
        raise _fail("no_json", name) from error
    if not isinstance(whole, dict) or whole.get("program") != PROGRAM:
        raise _fail("other_file", name)
    if whole.get("format") != FORMAT:
        raise _fail("other_format", name)
    values = whole.get("assumptions")
    if not isinstance(values, dict):
        raise _fail("other_file", name)
    return from_values(values, name)


def from_values(values: Mapping[str, Any], name: str = "") -> Assumptions:
    """Assumptions from plain values, checked.

    Parameters
    ----------
    values
        By the names of the fields of `Assumptions`; ranges as lists of three, `edits` as a list of
        mappings. What is left out is as by default. An edit that changes nothing is dropped.
    name
        Of the file, for the problem; empty: a form.

    Raises
    ------
    InputError
        A value is out of the question; the problem names it.
    """
    known = [field.name for field in fields(Assumptions)]
    checked: dict[str, Any] = {}
    for field, value in values.items():
        if field not in known:
            raise _fail("unknown_field", name, field=_cut(field))
        checked[field] = _edits(value, name) if field == "edits" else _value(field, value, name)
    return Assumptions(**checked)


def _spoken(text: Callable[..., str], *values: Any) -> dict[str, str]:
    return {language: text(*values, language) for language in LANGUAGES}


def _cut(value: object) -> str:
    return str(value)[:80]


def _fail(code: str, file: str, **details: object) -> InputError:
    return InputError(AssumptionProblem(code, file, details=details))


def _value(field: str, value: Any, file: str) -> object:
    what = _spoken(label, field)
    if field in VEHICLES:
        if not isinstance(value, str) or value not in reference.vehicles().index:
            raise _fail("unknown_vehicle", file, what=what, value=_cut(value))
        return value
    if field in RANGES:
        if field in OPTIONAL and (value is None or value == [None] * 3):
            return None
        return _range(value, what, LIMITS[field], file)
    number = _number(value, what, LIMITS[field], file)
    if field not in WHOLE:
        return number
    if not number.is_integer():
        raise _fail("not_whole", file, what=what)
    return int(number)


def _number(value: Any, what: object, limits: tuple[float, float], file: str) -> float:
    # A truth value is a number to Python, and NaN is one to its reader of JSON.
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:  # noqa: PLR0124
        raise _fail("no_number", file, what=what)
    low, high = limits
    if not low <= value <= high:
        ends = {"low": _spoken(exact, low), "high": _spoken(exact, high)}
        raise _fail("beyond", file, what=what, **ends)
    return float(value)


def _range(value: Any, what: object, limits: tuple[float, float], file: str) -> Range:
    if not isinstance(value, list | tuple) or len(value) != 3 or None in value:
        raise _fail("not_three", file, what=what)
    low, best, high = (_number(end, what, limits, file) for end in value)
    if not low <= best <= high:
        numbers = zip(_ENDS, (low, best, high), strict=True)
        ends = {end: _spoken(exact, number) for end, number in numbers}
        raise _fail("not_ordered", file, what=what, **ends)
    return low, best, high


def _edits(value: Any, file: str) -> tuple[FactorEdit, ...]:
    if not isinstance(value, list | tuple):
        raise _fail("no_edits", file)
    table = reference.factors()
    rows = table.set_index(list(_ROW))[["low", "best", "high"]]
    places = {key: place for place, key in enumerate(rows.index)}
    edits: dict[int, FactorEdit] = {}
    for entry in value:
        edit = _edit(entry, places, file)
        place = places[edit[:3]]
        if place in edits:
            raise _fail("row_twice", file, what=_spoken(row_label, *edit[:3]))
        edits[place] = edit
    return tuple(edit for place, edit in sorted(edits.items()) if not _same(rows.iloc[place], edit))


def _edit(entry: Any, places: Mapping[Any, int], file: str) -> FactorEdit:
    if not isinstance(entry, dict):
        raise _fail("no_edits", file)
    key: tuple[Any, ...] = tuple(entry.get(name) for name in _ROW)
    if not all(isinstance(part, str) for part in key) or key not in places:
        raise _fail("unknown_row", file, row=_cut(" / ".join(str(part) for part in key)))
    material, route, item = key
    what = _spoken(row_label, material, route, item)
    ends = _range([entry.get(end) for end in _ENDS], what, ITEM_LIMITS[item], file)
    return FactorEdit(material, route, item, *ends)


def _same(row: pd.Series, edit: FactorEdit) -> bool:
    return all(
        math.isclose(float(known), own, rel_tol=1e-12)
        for known, own in zip(row, edit[3:], strict=True)
    )
