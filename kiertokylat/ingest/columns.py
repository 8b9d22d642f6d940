"""Columns that mean the same field, and rows that are no records ► one clean table of cells."""

from collections.abc import Callable, Hashable

import pandas as pd

from kiertokylat.ingest import cells, materials, places
from kiertokylat.ingest.sheet import Sheet, fold

_NULLS = frozenset(("null", "nan", "none"))
_TOTALS = frozenset(
    ("yhteensa", "summa", "loppusumma", "valisumma", "kaikki yhteensa", "total", "sum",
     "grand total", "subtotal")
)  # fmt: skip
_JOINED = "note"  # the field whose columns all count
AMOUNTS = ("tonnes_low", "tonnes", "tonnes_high")

# What a cell means where texts that differ may say the same; None can't be compared.
_MEANINGS: dict[str, Callable[[str], Hashable | None]] = {
    "municipality": places.municipality,
    "city": places.municipality,
    "postal_code": places.postal_code,
    "nace": lambda text: (cells.nace(text) or "")[:2] or None,
    "ewc": cells.ewc,
    "material": lambda text: materials.meaning(text).material or None,
    "business_id": lambda text: cells.business_id(text) or fold(text),
    "employees": cells.number,
}
_NOT_COMPARED = ("address", "source")


def blank_nulls(text: str) -> str:
    """A cell's text; empty where a program wrote its own word for nothing (`NULL`, `nan`)."""
    return "" if text.casefold() in _NULLS else text


def is_total(row: list[str]) -> bool:
    """Whether a row's first text is the word for a sum."""
    first = next(filter(None, row), "")
    return fold(first) in _TOTALS


def join(sheet: Sheet, field: str, more: pd.Series, heading: str, unit: str) -> None:
    """Take a further column of a field into the sheet.

    It counts in the rows where the earlier column is empty; notes are put together. Rows in which
    the two say different things are reported.

    Parameters
    ----------
    sheet
        Its cells are changed, and problems are added to it.
    field
        Of both columns.
    more
        The further column, with the sheet's index.
    heading, unit
        Of the further column.
    """
    first = sheet.cells[field]
    if field == _JOINED:
        both = (first != "") & (more != "") & (first != more)
        sheet.cells[field] = first.where(first != "", more).where(~both, first + "; " + more)
        return
    empty = first.map(cells.is_nothing).astype(bool)
    if field in AMOUNTS and fold(unit) != fold(sheet.units.get(field, "")):
        more = more.map(lambda text: _with_unit(text, unit or "t"))
    kept = sheet.headings[field]
    for row in first.index[~empty & (first != more)]:
        other = str(more[row])
        if not cells.is_nothing(other) and _differ(field, str(first[row]), other):
            sheet.report(
                "columns_differ", "warning", row=row, name=field, value=first[row],
                kept=kept, second=heading, other=other[:80],
            )  # fmt: skip
    sheet.cells[field] = first.where(~empty | (more == ""), more)
    sheet.report("heading_twice", "note", value=heading, kept=kept)


def _with_unit(text: str, unit: str) -> str:
    amount = cells.amount(text)
    return f"{text} {unit}" if amount is not None and not amount.unit else text


def _differ(field: str, first: str, second: str) -> bool:
    if field in _NOT_COMPARED:
        return False
    meaning = _MEANINGS.get(field, fold)
    a, b = meaning(first), meaning(second)
    return a is not None and b is not None and a != b
