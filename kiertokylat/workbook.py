"""An analysis ► one XLSX workbook for people: its tables, and what they rest on.

Texts are written as texts, marked so that Excel never takes them for formulas, not even after
somebody has edited the cell. So they need no apostrophe, and come back unchanged. Numbers keep 16
significant digits.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from io import BytesIO
from typing import Any, get_args

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from kiertokylat import export
from kiertokylat.analysis import Analysis
from kiertokylat.assumptions import Assumptions
from kiertokylat.palette import INK, LAND
from kiertokylat.rank import rank
from kiertokylat.selection import Selection
from kiertokylat.sources import sources_table
from kiertokylat.words import Language, say

ROWS = 1_048_575  # below the headings: Excel's own limit
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # XML 1.0 has no place for them
_HEAD_FONT = Font(bold=True, color=f"FF{INK[1:]}")
_HEAD_FILL = PatternFill("solid", fgColor=f"FF{LAND[1:]}")
_WRAPPED = Alignment(wrap_text=True, vertical="top")


def workbook_bytes(
    analysis: Analysis,
    language: Language,
    assumptions: Assumptions | None = None,
    *,
    most_candidates: int = 20_000,
    within: Selection | None = None,
) -> bytes:
    """An analysis as a workbook with frozen headings, filters, widths and number formats.

    Parameters
    ----------
    analysis
        Any.
    language
        Of headings, words and sheet names.
    assumptions
        Those of the analysis, for the last sheet. Defaults to `Assumptions()`.
    most_candidates
        How many candidates the sheet holds, the best first (`rank.rank`). The last sheet says so if
        there are more: nobody reads a sheet of 100,000 rows, and it takes 15 s to make.
    within
        The limits that the analysis is cut by, for the last sheet.
    """
    most = min(most_candidates, ROWS)
    cut = replace(analysis, candidates=rank(analysis.candidates).head(most))
    book = Workbook(write_only=True)
    for kind in get_args(export.Kind):
        table = export.headed(export.readable(cut, kind, language), kind, language)
        _add(book, say(f"export.table_{kind}", language), table)
    sources = sources_table(
        analysis, assumptions or Assumptions(), language, most_candidates=most, within=within
    )
    _add(book, say("export.table_sources", language), sources)
    return _saved(book)


def table_bytes(table: pd.DataFrame, title: str) -> bytes:
    """One table as a workbook of one sheet (its first 1,048,575 rows)."""
    book = Workbook(write_only=True)
    _add(book, title, table.iloc[:ROWS])
    return _saved(book)


def book_bytes(sheets: Mapping[str, pd.DataFrame]) -> bytes:
    """Tables as a workbook, one sheet each under its title."""
    book = Workbook(write_only=True)
    for title, table in sheets.items():
        _add(book, title, table.iloc[:ROWS])
    return _saved(book)


def _saved(book: Workbook) -> bytes:
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _add(book: Workbook, title: str, table: pd.DataFrame) -> None:
    sheet: Any = book.create_sheet(title)  # openpyxl-stubs know less of it than it can do
    sheet.freeze_panes = "A2"
    last = get_column_letter(max(len(table.columns), 1))
    sheet.auto_filter.ref = f"A1:{last}{len(table) + 1}"
    for position, name in enumerate(table, start=1):
        width = _width(str(name), table[name])
        sheet.column_dimensions[get_column_letter(position)].width = width
    sheet.append(_heading_cells(sheet, table))
    # A row is written at once, so one cell serves its whole column: styling each takes far longer.
    numbers = [_number_cell(sheet, table[name]) for name in table]
    for row in table.itertuples(index=False, name=None):
        sheet.append(list(_cells(sheet, row, numbers)))


def _heading_cells(sheet: Any, table: pd.DataFrame) -> list[Any]:
    cells = []
    for name in table:
        cell = WriteOnlyCell(sheet, str(name))
        cell.font, cell.fill, cell.alignment = _HEAD_FONT, _HEAD_FILL, _WRAPPED
        cells.append(cell)
    return cells


def _cells(sheet: Any, row: tuple[Any, ...], numbers: list[Any]) -> Iterator[object]:
    for value, cell in zip(row, numbers, strict=True):
        if isinstance(value, str):
            yield _text_cell(sheet, value)
        elif value != value:  # noqa: PLR0124  # NaN: not known
            yield None
        elif cell is None:
            yield value
        else:
            cell.value = value
            yield cell


def _number_cell(sheet: Any, column: pd.Series) -> Any:
    """A cell with Excel's number format: whole numbers plain, others by their usual size."""
    if not pd.api.types.is_float_dtype(column.dtype):
        return None
    known = column.dropna()
    cell = WriteOnlyCell(sheet)
    if known.empty or (known % 1 == 0).all():
        cell.number_format = "#,##0"
    elif known.min() > 10_000:  # coordinates
        cell.number_format = "0"
    else:
        cell.number_format = "#,##0.0##" if known.median() < 10 else "#,##0.0"
    return cell


def _text_cell(sheet: Any, text: str) -> object:
    if not text:
        return None
    text = _FORBIDDEN.sub("", text)
    if text[:1] not in set("=+-@#\t\r\n"):
        return text
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"  # openpyxl would make a formula of `=…` and an error of `#N/A`
    cell.quotePrefix = True
    return cell


def _width(heading: str, column: pd.Series) -> float:
    if pd.api.types.is_numeric_dtype(column.dtype):
        return 12
    longest = column.astype("str").head(500).str.len().quantile(0.95) if len(column) else 0
    return float(min(max(longest + 2, min(len(heading), 16) + 3), 60))
