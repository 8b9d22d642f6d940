"""How much a visitor may look at without storing it: checked before a file is read.

Whoever may not edit can still let the server read and work out own files. A file of some megabytes
must then not cost it gigabytes, nor one visitor's million rows the others their turn.
"""

import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO, BinaryIO

from kiertokylat.figures import number
from kiertokylat.ingest.sheet import fail
from kiertokylat.ingest.source import MEGABYTE, ZIP_ERRORS, Source, opened
from kiertokylat.words import LANGUAGES

_CHUNK = 1_000_000
_ROW = re.compile(rb"<(?:\w+:)?row[\s/>]")  # of a workbook's sheet
_SHEETS = "xl/worksheets/"


@dataclass(frozen=True)
class Allowance:
    """Limits of all files together.

    Parameters
    ----------
    size
        Bytes as they are sent.
    unpacked
        Bytes of what zipped files (workbooks too) unpack to, as they say themselves; no reader
        takes more out of a member than it says.
    rows
        Rows of text and of workbooks; companies, and flows, of any kind of file.
    """

    size: int
    unpacked: int
    rows: int


# 20,000 rows are as many as the region has companies of some size, and hundreds of times a survey's
# answers; a row has some 200 bytes, so 4 MB, and the rest of 20 MB is room for wordy ones. Of such
# files an analysis takes seconds and half a gigabyte (`benchmarks/crowded.py`).
VISITOR = Allowance(size=20 * MEGABYTE, unpacked=100 * MEGABYTE, rows=20_000)


def check(files: Sequence[tuple[str, BinaryIO]], allowance: Allowance) -> None:
    """Refuse files that are too large together, before any of them is read.

    Rows of JSON and GeoPackages aren't known yet (see `check_rows`), nor those of broken files,
    which fail later anyway.

    Parameters
    ----------
    files
        Names with open binary files, which are left at their beginning.
    allowance
        What there may be.

    Raises
    ------
    InputError
        With `allowance_size`, `allowance_unpacked` or `allowance_rows`, naming the file with which
        the limit is passed.
    """
    size = unpacked = rows = 0
    for file in files:
        with opened(file) as source:
            size += source.size
            if size > allowance.size:
                limit = allowance.size // MEGABYTE
                raise fail("allowance_size", source.name, limit=limit)
            unpacked += _unpacked(source)
            if unpacked > allowance.unpacked:
                limit = allowance.unpacked // MEGABYTE
                raise fail("allowance_unpacked", source.name, limit=limit)
            rows += _rows(source)
            check_rows(source.name, rows, allowance)
            source.file.seek(0)


def check_rows(name: str, rows: int, allowance: Allowance) -> None:
    """Refuse too many rows.

    Raises
    ------
    InputError
        With `allowance_rows`.
    """
    if rows > allowance.rows:
        limit = {language: number(allowance.rows, language) for language in LANGUAGES}
        raise fail("allowance_rows", name, limit=limit)


def _zipped(source: Source) -> bool:
    source.file.seek(0)
    return source.file.read(2) == b"PK"


def _unpacked(source: Source) -> int:
    if not _zipped(source):
        return 0
    try:
        with zipfile.ZipFile(source.file) as archive:
            return sum(member.file_size for member in archive.infolist())
    except ZIP_ERRORS:
        return 0


def _rows(source: Source) -> int:
    if _zipped(source):
        try:
            with zipfile.ZipFile(source.file) as archive:
                sheets = [name for name in archive.namelist() if name.startswith(_SHEETS)]
                return sum(_rows_of_sheet(archive, name) for name in sheets)
        except ZIP_ERRORS:
            return 0
    source.file.seek(0)
    head = source.file.read(_CHUNK)
    if head.startswith(b"SQLite") or head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        return 0
    source.file.seek(0)
    lines = [(part.count(b"\n"), part.count(b"\r")) for part in _parts(source.file)]
    return max(map(sum, zip(*lines, strict=True)), default=0)


def _rows_of_sheet(archive: zipfile.ZipFile, name: str) -> int:
    rows, rest = 0, b""
    with archive.open(name) as sheet:
        for part in _parts(sheet):
            text = rest + part
            # A tag may be cut by the end of a part: what follows the last "<" waits for the next.
            cut = max(text.rfind(b"<"), len(text) - _CHUNK)
            rows += len(_ROW.findall(text[:cut]))
            rest = text[cut:]
    return rows + len(_ROW.findall(rest))


def _parts(file: IO[bytes]) -> Iterator[bytes]:
    while part := file.read(_CHUNK):
        yield part
