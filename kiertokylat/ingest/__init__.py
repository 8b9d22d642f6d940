"""Files of users ► companies, material flows, and what was wrong in them.

    files ─► sheets (spreadsheet, geodata, register) ─► companies ─► sites ─► flows

`source` opens a file and tells its kind, `headings` finds the fields, `cells`, `amounts`,
`materials` and `places` read what people write, `sites` puts the rows of all files together.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pandas as pd

from kiertokylat.errors import InputError
from kiertokylat.ingest import companies as company_rows
from kiertokylat.ingest import flows as flow_rows
from kiertokylat.ingest import geodata, register, spreadsheet
from kiertokylat.ingest.sheet import Sheet, fail
from kiertokylat.ingest.sites import combine
from kiertokylat.ingest.source import Source, kind, opened
from kiertokylat.problems import Problem

__all__ = ["Ingested", "ingest"]


@dataclass(frozen=True)
class Ingested:
    """What files hold.

    Parameters
    ----------
    companies
        `tables.COMPANIES`: companies of the region, each site once.
    flows
        `tables.FLOWS`: flows of these companies, and of those that were known before.
    problems
        In the order of the files, and within each by row; a problem of a whole file comes first.
    """

    companies: pd.DataFrame
    flows: pd.DataFrame
    problems: tuple[Problem, ...]


def ingest(
    files: Sequence[Path | tuple[str, BinaryIO]],
    *,
    progress: Callable[[float], None] | None = None,
    companies: pd.DataFrame | None = None,
) -> Ingested:
    """Read files of any known kind together.

    A file that can't be read gives one problem of severity `error` without a row, and nothing else;
    the other files are read all the same. Flows refer to companies of any of the files by id,
    business id or exact name.

    Parameters
    ----------
    files
        Paths, or names with open binary files (which stay open).
    progress
        Called with the share of all bytes that has been read, from 0 to 1.
    companies
        `tables.COMPANIES` known before. Flows may refer to them; a company of the files that is one
        of them is reported and not returned again.

    Returns
    -------
    Ingested
    """
    sheets: list[Sheet] = []
    failed: dict[int, list[Problem]] = {}
    tell = _Shares(progress, len(files))
    for file in files:
        try:
            with opened(file) as source:
                sheets.extend(_usable(source.name, _read(source, tell)))
        except InputError as error:
            failed.setdefault(len(sheets), []).append(error.problem)  # type: ignore[arg-type]
        tell.next_file()
    rows = [company_rows.clean(sheet, number) for number, sheet in enumerate(sheets)]
    together = (
        pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=company_rows.COLUMNS)
    )
    sites = combine(together, sheets, companies)
    flows = [
        flow_rows.clean(sheet, number, sites)
        for number, sheet in enumerate(sheets)
        if sheet.has_flows and not sheet.cells.empty
    ]
    table = flow_rows.combine(flows, sheets)
    return Ingested(sites.companies, table, tuple(_in_order(sheets, failed)))


class _Shares:
    """The progress of several files as one; each counts alike."""

    def __init__(self, progress: Callable[[float], None] | None, files: int) -> None:
        self._progress, self._files, self._done = progress, files, 0

    def __call__(self, share: float) -> None:
        if self._progress is not None:
            self._progress(min((self._done + share) / self._files, 1.0))

    def next_file(self) -> None:
        self._done += 1
        self(0.0)


def _read(source: Source, progress: Callable[[float], None]) -> list[Sheet]:
    """The sheets of one file, by its kind."""
    match kind(source):
        case "text":
            return spreadsheet.read_text(source)
        case "workbook":
            return spreadsheet.read_workbook(source)
        case "geopackage":
            return geodata.read(source)
        case "register_zip":
            return register.read(source, zipped=True, progress=progress)
        case "json":
            if register.form(source) == "geojson":
                return geodata.read(source)
            return register.read(source, zipped=False, progress=progress)


def _usable(name: str, sheets: list[Sheet]) -> list[Sheet]:
    """The sheets that name companies; the others are noted.

    Raises
    ------
    InputError
        None of the file's sheets names companies.
    """
    usable = [sheet for sheet in sheets if sheet.has("name", "business_id", "company_id")]
    if not usable:
        raise fail("no_company_column", name)
    for sheet in sheets:
        if all(sheet is not other for other in usable):
            usable[0].report("sheet_skipped", "note", value=sheet.name.split(" › ")[-1])
    return usable


def _in_order(sheets: list[Sheet], failed: dict[int, list[Problem]]) -> Iterator[Problem]:
    for number in range(len(sheets) + 1):
        yield from failed.get(number, [])
        if number < len(sheets):
            problems = sheets[number].problems
            yield from sorted(problems, key=lambda problem: problem.row or 0)
