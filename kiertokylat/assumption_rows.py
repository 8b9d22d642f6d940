"""Assumptions as rows for people: what is in force, where it comes from, what was changed."""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pandas as pd

from kiertokylat import impact, reference
from kiertokylat.assumptions import Assumptions, Range
from kiertokylat.factors import ENDS, by_use, edited
from kiertokylat.words import Language, say

_Row = dict[str, Any]

_UNITS = {
    "search_km": "km",
    "unknown_employees": "people",
    "waste_tax_eur_t": "eur_t",
    "freight_eur_tkm": "eur_tkm",
    "transport_kg_tkm": "kg_tkm",
    "loading_eur_t": "eur_t",
    "unknown_capacity_t": "t_year",
}
# What a vehicle class gives where the user gives nothing, and what tells the figures in force.
_MOVING = {"freight_eur_tkm": impact.freight, "transport_kg_tkm": impact.transport}
_VEHICLES = ("vehicle", "collection_vehicle")
_WITH_A_SOURCE = ("waste_tax_eur_t",)
_FIELDS = tuple(field.name for field in fields(Assumptions) if field.name != "edits")


def label(field: str, language: Language) -> str:
    """What a field of `Assumptions` is called."""
    return say(f"assumptions.field_{field}", language)


def row_label(material: str, route: str, item: str, language: Language) -> str:
    """What a row of `reference.factors()` is called: material, item, way of use."""
    name = reference.materials()[f"name_{language}"][material]
    way = f" ({say(f'explain.route_{route}', language)})" if route else ""
    return f"{name}: {say(f'assumptions.item_{item}', language)}{way}"


def exact(value: float, language: Language) -> str:
    """A number in full with the language's decimal sign: people check what they have typed."""
    if pd.isna(value):
        return say("figures.unknown", language)
    text = f"{value:.10g}"
    return text.replace(".", ",").replace("-", "−") if language == "fi" else text


def vehicle_name(key: str, language: Language) -> str:
    """What a vehicle class is called."""
    return str(reference.vehicles()[f"name_{language}"][key])


def unit(text: str, language: Language) -> str:
    """A unit of `factors.csv` as the reader writes it."""
    return text.replace("EUR", "€") if language == "fi" else text


# --- for the sheet of sources ---


def settings(assumptions: Assumptions, language: Language, *, notes: bool = True) -> Iterator[_Row]:
    """Every assumption but the factors, one row each, and what moving a tonne takes.

    Parameters
    ----------
    assumptions
        Those in force.
    language
        Of the texts; sources and notes stand as they are.
    notes
        Whether a source is told with the note of its row, which is in English only.

    Yields
    ------
    dict
        `item`, `low`, `value`, `high`, `unit`, `status` (in words), `source`; numbers only where
        there are any. Freight and emissions of transport are those that the results rest on: the
        user's or the vehicle class's own, less what a load on the way back takes away.
    """
    usual = Assumptions()
    for name in _FIELDS:
        value = getattr(assumptions, name)
        changed = value != getattr(usual, name)
        row: _Row = {"item": label(name, language), "unit": _unit(name, language)}
        if name in _VEHICLES:
            yield row | _vehicle(value, changed=changed, language=language, notes=notes)
        elif name in _MOVING:
            yield row | _moving(name, assumptions, language, notes=notes)
        elif name in _WITH_A_SOURCE and not changed:
            source = say(f"assumptions.source_{name}", language)
            yield row | _numbers(value) | _standing("source", language) | {"source": source}
        else:
            standing = _standing("edited" if changed else "assumption", language)
            yield row | _numbers(value) | standing
    for name in _MOVING:
        row = {"item": say(f"assumptions.small_{name}", language), "unit": _unit(name, language)}
        yield row | _moving(name, assumptions, language, small=True, notes=notes)


def _numbers(value: float | Range) -> _Row:
    if isinstance(value, tuple):
        return dict(zip(("low", "value", "high"), value, strict=True))
    return {"value": float(value)}


def _standing(status: str, language: Language) -> _Row:
    return {"status": say(f"export.status_{status}", language)}


def _unit(field: str, language: Language) -> str:
    return say(f"export.unit_{_UNITS[field]}", language) if field in _UNITS else ""


def _vehicle(key: str, *, changed: bool, language: Language, notes: bool) -> _Row:
    row: Any = reference.vehicles().loc[key]
    return {
        **_standing("edited" if changed else "assumption", language),
        "value": float(row["payload_t"]),
        "unit": say("export.unit_payload", language),
        "source": f"{vehicle_name(key, language)}: {_cited(row, notes=notes)}",
    }


def _moving(
    field: str,
    assumptions: Assumptions,
    language: Language,
    *,
    small: bool = False,
    notes: bool = True,
) -> _Row:
    row = _numbers(_MOVING[field](assumptions, small=small))
    back = say("assumptions.less_empty", language) if assumptions.empty_return < 1 else ""
    key = impact.vehicle_class(assumptions, small=small)
    if getattr(assumptions, field) is not None and key == assumptions.vehicle:
        return row | _standing("edited", language) | {"source": back}
    of: Any = reference.vehicles().loc[key]
    cited = f"{vehicle_name(key, language)}: {_cited(of, notes=notes)}"
    source = "; ".join(filter(None, (back, cited)))
    return row | _standing(str(of["status"]), language) | {"source": source}


def _cited(row: Any, *, notes: bool) -> str:
    return "; ".join(filter(None, (row["source"], row["note"] if notes else "")))


def factors(
    candidates: pd.DataFrame,
    assumptions: Assumptions,
    language: Language,
    *,
    notes: bool = True,
) -> Iterator[_Row]:
    """The factors that candidates rest on, one row each.

    Parameters
    ----------
    candidates
        As `tables.CANDIDATES`; of their materials the general rows, and those of their routes.
    assumptions
        Edits take the place of the bundled rows; a fee that holds the waste tax has moved with it.
    language
        Of the texts; sources and notes stand as they are.
    notes
        As of `settings`.

    Yields
    ------
    dict
        As `settings`.
    """
    pairs = candidates[["material", "route"]].drop_duplicates().astype("str")
    used = set(pairs.itertuples(index=False, name=None))
    used |= {(material, "") for material, _ in used}
    table, in_force = edited(assumptions), by_use(assumptions)
    for row in table.to_dict("records"):
        key = (row["material"], row["route"])
        if key not in used:
            continue
        values = [in_force.loc[key, f"{row['item']}_{end}"] for end in ENDS]
        moved = row["low"] == row["low"] and values[0] != row["low"]  # NaN is not itself
        taxed = say("assumptions.moved_by_tax", language) if moved else ""
        known = ("source", "year", "country", *(("note",) if notes else ()))
        known = known if row["status"] != "edited" else ()
        cited = "; ".join(filter(None, (taxed, *(str(row[name]) for name in known))))
        yield {
            "item": row_label(row["material"], row["route"], row["item"], language),
            **dict(zip(("low", "value", "high"), values, strict=True)),
            "unit": unit(row["unit"], language),
            **_standing(row["status"], language),
            "source": cited,
        }


# --- for the page ---


def changes(assumptions: Assumptions, language: Language) -> pd.DataFrame:
    """What differs from the defaults.

    Returns
    -------
    DataFrame
        `item`, `old`, `new`: texts in the reader's language, one row a changed value.
    """
    usual = Assumptions()
    rows = [
        (
            label(name, language),
            _told(name, getattr(usual, name), usual, language),
            _told(name, getattr(assumptions, name), assumptions, language),
        )
        for name in _FIELDS
        if getattr(assumptions, name) != getattr(usual, name)
    ]
    known: Any = reference.factors().set_index(["material", "route", "item"])[list(ENDS)]
    for edit in assumptions.edits:
        low, best, high = known.loc[edit[:3]]
        old, new = _range_told((low, best, high), language), _range_told(edit[3:], language)
        rows.append((row_label(*edit[:3], language), old, new))
    return pd.DataFrame(rows, columns=["item", "old", "new"])


def _told(field: str, value: Any, assumptions: Assumptions, language: Language) -> str:
    if field in _VEHICLES:
        return vehicle_name(value, language)
    if field == "empty_return":
        return f"{exact(value * 100, language)} %"
    if field in _MOVING and value is None:
        name = vehicle_name(assumptions.vehicle, language)
        return say("assumptions.of_vehicle", language, vehicle=name)
    if isinstance(value, tuple):
        return _range_told(value, language)
    return exact(value, language)


def _range_told(values: Range, language: Language) -> str:
    if any(pd.isna(value) for value in values):
        return say("figures.unknown", language)
    return " / ".join(exact(value, language) for value in values)
