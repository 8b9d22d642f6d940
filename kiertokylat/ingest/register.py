"""The business register (PRH/YTJ open data v3) ► a sheet of the region's active companies.

Three forms of the same records: the bulk zip with one JSON array in it, that array by itself, and a
saved answer of the search (`{"totalResults": …, "companies": […]}`). All are streamed: only the
records of the region stay in memory. Personal data is not taken in: no `co` lines, apartments,
free address lines or ended names, and no private traders.

The format is that of PRH's OpenAPI description and of real records; docs/data-formats.md tells
which rule rests on what.
"""

import sys
import zipfile
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from typing import IO, Any, Literal

import ijson
import pandas as pd

from kiertokylat import reference
from kiertokylat.ingest import places
from kiertokylat.ingest.cells import nace
from kiertokylat.ingest.sheet import CELL_LIMIT, Sheet, fail, plain
from kiertokylat.ingest.source import ZIP_ERRORS, Source, check_text

Progress = Callable[[float], None]
Form = Literal["array", "answer", "geojson"]

FIELDS = (
    "name", "business_id", "nace", "nace_edition", "municipality", "address", "postal_code",
    "source",
)  # fmt: skip
SOURCE = "PRH/YTJ"  # how the source of every company of the register begins
# Classification by type code set. Older sets number the divisions differently (TOIMI2 is TOL 2002),
# so their codes would be read wrongly and are left out.
_EDITIONS = {"TOIMI4": "2025", "TOIMI3": "2008"}
_OLDER = ("TOIMI", "TOIMI2")
_ACTIVE = "1"  # tradeRegisterStatus: registered. `status` stays "2" (valid) after a company ceases.
_MAIN_NAME = "1"
_SOLE_TRADER = "26"  # company form
_RECORD_LIMIT = 2_000_000  # bytes; a real record has about 3,000
_STEP = 0.002  # of the progress, so that a callback is not called for every block


class _Guarded:
    """A stream for ijson that reports progress and stops when one record never ends."""

    def __init__(self, stream: IO[bytes], name: str, report: Callable[[], None]) -> None:
        self._stream, self._name, self._report = stream, name, report
        self._since_record = 0
        self._first = True

    def read(self, size: int = -1) -> bytes:
        block = self._stream.read(size)
        if self._first and block:
            check_text(block, self._name)
            block = block.removeprefix(b"\xef\xbb\xbf")
            self._first = False
        self._since_record += len(block)
        if self._since_record > _RECORD_LIMIT:
            raise fail("record_too_long", self._name, limit=_RECORD_LIMIT // 1_000_000)
        self._report()
        return block

    def record_read(self) -> None:
        self._since_record = 0


@contextmanager
def _stream(source: Source, *, zipped: bool) -> Iterator[IO[bytes]]:
    source.file.seek(0)
    with ExitStack() as stack:
        if not zipped:
            yield source.file
            return
        archive = stack.enter_context(zipfile.ZipFile(source.file))
        member = next(member for member in archive.infolist() if not member.is_dir())
        yield stack.enter_context(archive.open(member))


@contextmanager
def _damage(source: Source) -> Iterator[None]:
    """Everything that a damaged zip or JSON raises, as one `InputError`."""
    try:
        yield
    except (ijson.JSONError, UnicodeDecodeError) as error:
        raise fail("broken_json", source.name) from error
    except ZIP_ERRORS as error:
        raise fail("broken_zip", source.name) from error


def form(source: Source, *, zipped: bool = False) -> Form:
    """Which kind of JSON a file holds, by its first keys.

    Raises
    ------
    InputError
        Broken, or JSON of some other kind.
    """
    with _damage(source), _stream(source, zipped=zipped) as stream:
        events = ijson.parse(_Guarded(stream, source.name, lambda: None))
        for prefix, event, value in events:
            if prefix == "" and event == "start_array":
                if next(events)[1] in ("start_map", "end_array"):
                    return "array"
                break
            if (prefix, event, value) == ("", "map_key", "companies"):
                return "answer"
            if (prefix, event, value) == ("", "map_key", "features") or (
                prefix == "type" and value in ("FeatureCollection", "Feature")
            ):
                return "geojson"
    raise fail("json_unknown", source.name)


def _records(
    source: Source, *, zipped: bool, prefix: str, progress: Progress | None
) -> Iterator[Any]:
    """The records one by one, with progress by the bytes read of the file itself."""
    told = 0.0

    def report() -> None:
        nonlocal told
        done = source.file.tell() / max(source.size, 1)
        if progress is not None and done >= told + _STEP:
            told = done
            progress(min(done, 1.0))

    with _damage(source), _stream(source, zipped=zipped) as stream:
        guarded = _Guarded(stream, source.name, report)
        for record in ijson.items(guarded, prefix, use_float=True):
            guarded.record_read()
            yield record


def _current(entries: Any) -> list[dict[str, Any]]:
    """The entries that haven't ended."""
    if not isinstance(entries, list):
        return []
    return [entry for entry in entries if isinstance(entry, dict) and not entry.get("endDate")]


def _text(value: object) -> str:
    """A value as a cell's text; nothing of an overlong one, which can't be honest."""
    text = "" if value is None else str(value)
    return plain(text) if len(text) <= CELL_LIMIT else ""


def _name(record: dict[str, Any]) -> str:
    """The current main name; of several, the one with version 1, then the newest."""
    names = [
        entry
        for entry in _current(record.get("names"))
        if _text(entry.get("type")) == _MAIN_NAME and entry.get("name")
    ]
    # Both date forms ("…T…" and with a space) sort alike by their first ten characters.
    names.sort(
        key=lambda entry: (entry.get("version") == 1, _text(entry.get("registrationDate"))[:10])
    )
    return _text(names[-1]["name"]) if names else ""


def _is_active(record: dict[str, Any]) -> bool:
    return _text(record.get("tradeRegisterStatus")) == _ACTIVE and not record.get("endDate")


def _is_sole_trader(record: dict[str, Any]) -> bool:
    forms = _current(record.get("companyForms"))
    return any(_text(entry.get("type")) == _SOLE_TRADER for entry in forms)


def _place(record: dict[str, Any]) -> dict[str, str]:
    """Municipality, street and postal code: of the visiting address, else of the postal one."""
    addresses = record.get("addresses")
    if not isinstance(addresses, list):
        return {"municipality": ""}
    usable = [entry for entry in addresses if isinstance(entry, dict)]
    for entry in sorted(usable, key=lambda entry: _text(entry.get("type"))):
        postal_code = places.postal_code(_text(entry.get("postCode")))
        municipality = _municipality(entry.get("postOffices"), postal_code)
        if municipality:
            street = f"{_text(entry.get('street'))} {_text(entry.get('buildingNumber'))}".strip()
            return {"municipality": municipality, "address": street, "postal_code": postal_code}
    return {"municipality": ""}


def _municipality(offices: Any, postal_code: str) -> str:
    """By the code of the post office, which may be null; else by its town; else by postal code."""
    entries = [entry for entry in offices or () if isinstance(entry, dict)]
    for key in ("municipalityCode", "city"):
        for entry in entries:
            found = places.municipality(_text(entry.get(key)))
            if found not in ("", places.UNKNOWN):
                return found
    return places.municipality_of_postal_code(postal_code)


def _industry(record: dict[str, Any], counts: Counter[str]) -> dict[str, str]:
    line = record.get("mainBusinessLine")
    line = line if isinstance(line, dict) else {}
    code = nace(_text(line.get("type")))
    code_set = _text(line.get("typeCodeSet"))
    if code_set in _OLDER:
        counts["register_old_industry"] += 1
        return {}
    if code is None or code[:2] not in reference.divisions().index:
        counts["register_no_industry"] += 1
        return {}
    return {"nace": code, "nace_edition": _EDITIONS.get(code_set, "")}


def _business_id(record: Any) -> str:
    identity = record.get("businessId") if isinstance(record, dict) else None
    return _text(identity.get("value")) if isinstance(identity, dict) else ""


def _row(record: Any, counts: Counter[str]) -> dict[str, str] | None:
    """A record as cells, or None (and counted why) if it is left out."""
    business_id = _business_id(record)
    if not business_id:
        counts["register_bad_record"] += 1
        return None
    place = _place(record) if _is_active(record) else {}
    name = _name(record)
    if not place:
        counts["register_not_active"] += 1
    elif _is_sole_trader(record):
        counts["sole_traders"] += 1
    elif place["municipality"] == places.OUTSIDE:
        counts["outside_region"] += 1
    elif place["municipality"] == "":
        counts["register_no_place"] += 1
    elif not name:
        counts["register_bad_record"] += 1
    else:
        date = _text(record.get("lastModified"))[:10]
        source = f"{SOURCE} avoin data, CC BY 4.0, {date}".rstrip(", ")
        fixed = {"name": name, "business_id": business_id, "source": source}
        return fixed | place | _industry(record, counts)
    return None


def _total(source: Source) -> int:
    """How many companies the search found, as an answer says; 0 where it doesn't."""
    with _damage(source), _stream(source, zipped=False) as stream:
        guarded = _Guarded(stream, source.name, lambda: None)
        for prefix, event, value in ijson.parse(guarded):
            if prefix == "companies.item" and event == "end_map":
                guarded.record_read()
            elif prefix == "totalResults":
                return int(value) if event == "number" else 0
    return 0


def read(
    source: Source,
    *,
    zipped: bool,
    progress: Progress | None = None,
    known: Collection[str] = frozenset(),
) -> list[Sheet]:
    """The register's active companies in the region ► one sheet.

    Parameters
    ----------
    source
        Bulk zip, bulk array or saved answer.
    zipped
        Whether it is the zip.
    progress
        Called with the share of the file's (compressed) bytes that has been read.
    known
        Business ids whose end is told in the sheet's `ceased`; of the many others it isn't kept.

    Returns
    -------
    list of one Sheet
        Columns `FIELDS`; the index is the record's number in the file. Records that were left out
        are counted in notes.

    Raises
    ------
    InputError
        A damaged zip or JSON, or JSON of another kind; then nothing of the file is used.
    """
    kind = form(source, zipped=zipped)
    if kind == "geojson":
        raise fail("json_unknown", source.name)
    prefix = "item" if kind == "array" else "companies.item"
    counts: Counter[str] = Counter()
    rows: dict[int, tuple[str, ...]] = {}
    active: set[str] = set()
    ended: set[str] = set()
    number = 0
    for number, record in enumerate(
        _records(source, zipped=zipped, prefix=prefix, progress=progress), start=1
    ):
        row = _row(record, counts)
        if row is not None:
            rows[number] = tuple(sys.intern(row.get(field, "")) for field in FIELDS)
        identity = _business_id(record)
        if identity in known:
            (active if _is_active(record) else ended).add(identity)
    if number and counts["register_bad_record"] == number:
        raise fail("json_unknown", source.name)
    cells = pd.DataFrame.from_dict(rows, orient="index", columns=list(FIELDS), dtype="str")
    sheet = Sheet(
        source.name, cells, typed=True, whole_register=kind == "array",
        ceased=frozenset(ended - active),
    )  # fmt: skip
    for code, count in sorted(counts.items()):
        severity: Literal["warning", "note"] = (
            "warning" if code == "register_bad_record" else "note"
        )
        sheet.report(code, severity, count=count)
    missing = _total(source) - number if kind == "answer" and not zipped else 0
    if missing > 0:
        sheet.report("register_more_pages", "warning", count=missing)
    if not rows:
        sheet.report("no_rows", "note")
    return [sheet]
