"""Files of users ► companies, material flows, and what was wrong in them.

    files ─► sheets (spreadsheet, geodata, register) ─► companies ─► sites ─► flows

`source` opens a file and tells its kind, `headings` finds the fields, `cells`, `amounts`,
`materials` and `places` read what people write, `sites` puts the rows of all files together.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import pandas as pd

from kiertokylat import tables
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
    known
        Columns of `tables.COMPANIES`: what the files say of companies that were known before, under
        their known id; `""` and NaN where they say nothing. A point only where it is another or a
        more precise one (`known.said`).
    made_ids
        Ids of flows that the files did not give: they say nothing about stored flows.
    ceased
        Business ids of companies known before that a file of the register says have ended.
    whole_register
        Whether the register's bulk file was among the files: what it doesn't list has ended.
    """

    companies: pd.DataFrame
    flows: pd.DataFrame
    problems: tuple[Problem, ...]
    known: pd.DataFrame = field(default_factory=lambda: tables.empty(tables.COMPANIES))
    made_ids: frozenset[str] = frozenset()
    ceased: frozenset[str] = frozenset()
    whole_register: bool = False


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
        `tables.COMPANIES` known before, whatever their status; `tables.STORED_COMPANIES` also tells
        which municipalities were corrected by hand. Flows may refer to them; a company of the files
        that is one of them is reported and returned in `known`.

    Returns
    -------
    Ingested
    """
    sheets: list[Sheet] = []
    failed: dict[int, list[Problem]] = {}
    tell = _Shares(progress, len(files))
    business_ids = frozenset() if companies is None else frozenset(companies["business_id"]) - {""}
    for file in files:
        try:
            with opened(file) as source:
                sheets.extend(_usable(source.name, _read(source, tell, business_ids)))
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
    table, made_ids = flow_rows.combine(flows, sheets)
    return Ingested(
        companies=sites.companies,
        flows=table,
        problems=tuple(_in_order(sheets, failed)),
        known=sites.known,
        made_ids=made_ids,
        ceased=frozenset().union(*(sheet.ceased for sheet in sheets)),
        whole_register=any(sheet.whole_register for sheet in sheets),
    )


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


def _read(
    source: Source, progress: Callable[[float], None], business_ids: frozenset[str]
) -> list[Sheet]:
    """The sheets of one file, by its kind."""
    match kind(source):
        case "text":
            return spreadsheet.read_text(source)
        case "workbook":
            return spreadsheet.read_workbook(source)
        case "geopackage":
            return geodata.read(source)
        case "register_zip":
            return register.read(source, zipped=True, progress=progress, known=business_ids)
        case "json":
            if register.form(source) == "geojson":
                return geodata.read(source)
            return register.read(source, zipped=False, progress=progress, known=business_ids)


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
