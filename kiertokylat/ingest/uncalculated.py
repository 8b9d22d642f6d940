"""Formulas of a workbook that nobody has calculated: their cells look empty and are not.

A spreadsheet program keeps the value beside the formula. A program that only writes files may leave
the value out, and then nobody knows it but a spreadsheet program that opens and saves the file.
"""

import zipfile
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any, BinaryIO

import openpyxl

from kiertokylat.ingest.sheet import Sheet

_PIECE = 1_000_000  # bytes of a sheet that are looked through at once
_MARKS = (b"<f>", b"<f ", b"<f/")


def report(file: BinaryIO, sheets: Sequence[tuple[str, Sheet]]) -> None:
    """Report the cells of known columns that hold a formula without a value.

    Parameters
    ----------
    file
        The workbook, readable by openpyxl.
    sheets
        Titles of worksheets, and the sheets that were read from them; problems are added to them.
    """
    if not _has_formulas(file):
        return
    books = [
        openpyxl.load_workbook(file, read_only=True, data_only=values) for values in (False, True)
    ]
    for title, sheet in sheets:
        headings = set(sheet.headings.values())
        fields = {heading: name for name, heading in sheet.headings.items()}
        above: dict[int, str] = {}  # the heading of each column, once it has been passed
        for number, row in enumerate(_rows(books, title), start=1):
            for column, (formula, value) in enumerate(row):
                text = " ".join(str(formula.value).split()) if formula is not None else ""
                if number not in sheet.cells.index:
                    if text in headings:
                        above.setdefault(column, text)
                elif column in above and _is_uncalculated(formula, value):
                    name = fields[above[column]]
                    sheet.report(
                        "formula_without_value", "warning", row=number, name=name, value=text
                    )


def _has_formulas(file: BinaryIO) -> bool:
    """Whether any worksheet holds a formula; most hold none, and are read once only."""
    with zipfile.ZipFile(file) as archive:
        for name in archive.namelist():
            if not name.startswith("xl/worksheets/"):
                continue
            with archive.open(name) as member:
                rest = b""
                while piece := member.read(_PIECE):
                    if any(mark in rest + piece for mark in _MARKS):
                        return True
                    rest = piece[-2:]
    return False


def _rows(books: Sequence[Any], title: str) -> Iterator[list[tuple[Any, Any]]]:
    """Each row's cells, with their formulas and with their values."""
    for book in books:
        book[title].reset_dimensions()
    for both in zip(*(book[title].iter_rows() for book in books), strict=False):
        yield list(zip_longest(*both))


def _is_uncalculated(formula: Any, value: Any) -> bool:
    """Whether a cell has a formula and no value; an empty text is one, and is marked as a text."""
    return (
        formula is not None
        and formula.data_type == "f"
        and value is not None
        and value.value is None
        and value.data_type != "str"
    )
