"""CSV, tab-separated text and XLSX workbooks ► sheets."""

import csv
import io
import re
import warnings
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from itertools import islice
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from kiertokylat.formulas import restored
from kiertokylat.ingest import headings, uncalculated
from kiertokylat.ingest.sheet import CELL_LIMIT, Sheet, fail
from kiertokylat.ingest.source import ZIP_ERRORS, Source, check_text

_SEPARATORS = ";,\t|"
# UTF-8 that was once read as Windows-1252: "JyvÃ¤skylÃ¤". No Finnish text holds these pairs.
_BROKEN = re.compile("Ã[¤¶¥„–…]|\ufffd")
# What openpyxl raises on a damaged workbook, besides the errors of the zip.
_WORKBOOK_ERRORS = (
    InvalidFileException, ParseError, KeyError, TypeError, IndexError, AttributeError,
)  # fmt: skip
_LAST = "\x1e"  # a record of our own after the last one: it shows a quote that was never closed


def read_text(source: Source) -> list[Sheet]:
    """Text with separators ► one sheet.

    The encoding is UTF-8 (with or without a mark) or Windows-1252; the separator is the one that
    gives the most known headings.

    Raises
    ------
    InputError
        Too large, of another encoding, with a quote left open, or without headings.
    """
    text = _decoded(source.whole(), source.name)
    separator = _separator(text)
    sheet = headings.read(source.name, _records(text, separator, source.name))
    if sheet is None:
        raise fail("no_heading", source.name)
    return [sheet]


def _decoded(content: bytes, name: str) -> str:
    check_text(content, name)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("cp1252")
        except UnicodeDecodeError as error:
            raise fail("wrong_encoding", name) from error
    if _BROKEN.search(text):
        raise fail("broken_letters", name)
    return text


def _separator(text: str) -> str:
    """The separator under which the first rows hold the most known headings, then most columns."""

    def worth(separator: str) -> tuple[int, int]:
        rows = list(islice(_split(text[:100_000], separator), 20))
        known = max((len(headings.recognised(row)) for row in rows), default=0)
        return known, max((len(row) for row in rows), default=0)

    return max(_SEPARATORS, key=worth)


def _split(text: str, separator: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    except csv.Error:  # only said aloud when the whole file is read
        return


def _records(text: str, separator: str, name: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(f"{text}\n{_LAST}", newline=""), delimiter=separator)
    row = 0
    try:
        for record in reader:
            if record == [_LAST]:
                return
            row += 1
            yield [restored(cell) for cell in record]
    except csv.Error as error:  # the csv module's own limit of a cell, above ours
        raise fail("cell_too_long", name, row=row + 1, limit=CELL_LIMIT) from error
    raise fail("open_quote", name, row=row)


def read_workbook(source: Source) -> list[Sheet]:
    """An XLSX workbook ► its sheets that have headings.

    Raises
    ------
    InputError
        Broken, or without headings in any sheet.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl tells of styles that it leaves out
            book = openpyxl.load_workbook(source.file, read_only=True, data_only=True)
            found = _sheets(book, source.name)
            uncalculated.report(source.file, found)
    except (*ZIP_ERRORS, *_WORKBOOK_ERRORS) as error:
        raise fail("broken_workbook", source.name) from error
    return [sheet for _, sheet in found]


def _sheets(book: openpyxl.Workbook, name: str) -> list[tuple[str, Sheet]]:
    """Worksheets' titles, and the sheets that were read from them."""
    found: list[tuple[str, Sheet]] = []
    skipped: list[str] = []
    for worksheet in book.worksheets:
        title = f"{name} › {worksheet.title}" if len(book.worksheets) > 1 else name
        worksheet.reset_dimensions()  # the size that the file claims may be wrong or huge
        rows = _rows(worksheet.iter_rows(values_only=True))
        sheet = headings.read(title, rows, typed=True)
        if sheet is not None:
            found.append((worksheet.title, sheet))
        else:
            skipped.append(worksheet.title)
    if not found:
        raise fail("no_heading", name)
    for title in skipped:
        found[0][1].report("sheet_skipped", "note", value=title)
    return found


def _rows(rows: Iterable[tuple[object, ...]]) -> Iterator[list[str]]:
    for row in rows:
        yield [cell_text(value) for value in row]


def cell_text(value: object) -> str:
    """A typed value as the text that the cells' readers understand; dates as `yyyy-mm-dd`."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)
