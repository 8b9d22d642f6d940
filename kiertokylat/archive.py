"""The whole dataset in one file and back, exactly: for moving it, keeping it, giving it on.

An archive is a zip of `companies.csv`, `flows.csv` and `kiertokylat.json`, which says what the two
hold. Numbers are written in full, an unknown number as an empty cell. Texts are kept to the letter;
those that a spreadsheet program would take for formulas are `formulas.neutralised` on the way out
and restored on the way in. The same dataset always gives the same bytes. The version and the rows'
revisions are those of one database's own history: another one that reads the archive counts anew.
"""

import csv
import json
import zipfile
from collections.abc import Mapping
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any, BinaryIO

import pandas as pd
import pandera.pandas as pa

from kiertokylat import privacy, tables
from kiertokylat.changes import Snapshot
from kiertokylat.errors import TableError
from kiertokylat.formulas import neutralised, restored
from kiertokylat.ingest.sheet import fail
from kiertokylat.ingest.source import CONTENTS, MEGABYTE, WORKBOOK_LIMIT, ZIP_ERRORS

FORMAT = "kiertokylat"
FORMAT_VERSION = 1
_SCHEMAS = {"companies": tables.STORED_COMPANIES, "flows": tables.STORED_FLOWS}
_CONTENTS_LIMIT = MEGABYTE  # it has less than a kilobyte
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the zip's own first moment: no clock in the bytes
# Besides those of the zip: UnicodeDecodeError and pandas' ParserError are ValueErrors.
_DAMAGES = (*ZIP_ERRORS, KeyError, TypeError, AttributeError, RecursionError, TableError)


def archive_bytes(snapshot: Snapshot, *, contacts: bool) -> bytes:
    """The dataset as an archive.

    Parameters
    ----------
    snapshot
        Rows of every status; they are written in the order of their ids.
    contacts
        Everything, personal data included: for editors. Without, the dataset is first made
        `privacy.public`, and can't be restored from this archive in full.
    """
    if not contacts:
        snapshot = privacy.public(snapshot)
    frames = {"companies": snapshot.companies, "flows": snapshot.flows}
    contents = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "dataset_version": snapshot.version,
        "contacts": contacts,
        "tables": {
            name: {"rows": len(frame), "columns": list(_SCHEMAS[name].columns)}
            for name, frame in frames.items()
        },
    }
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        _add(archive, CONTENTS, json.dumps(contents, indent=2).encode())
        for name, frame in frames.items():
            _add(archive, f"{name}.csv", _csv(frame, _SCHEMAS[name]))
    return file.getvalue()


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    member = zipfile.ZipInfo(name, _EPOCH)
    member.compress_type = zipfile.ZIP_DEFLATED
    member.create_system = 3  # Unix, whatever this machine is
    member.external_attr = 0o600 << 16
    archive.writestr(member, content)


def _csv(frame: pd.DataFrame, schema: pa.DataFrameSchema) -> bytes:
    """A table as text: `;` between cells in quotation marks, UTF-8 with a byte order mark."""
    frame = frame.sort_values("id", ignore_index=True)
    columns = {
        name: _texts(frame[name], str(schema.columns[name].dtype)) for name in schema.columns
    }
    text = StringIO()
    pd.DataFrame(columns).to_csv(
        text, sep=";", index=False, lineterminator="\r\n", quoting=csv.QUOTE_ALL
    )
    return text.getvalue().encode("utf-8-sig")


def _texts(column: pd.Series, kind: str) -> pd.Series:
    if kind == "float64":
        texts = ["" if pd.isna(value) else repr(float(value)) for value in column]
    elif kind == "int64":
        texts = [str(int(value)) for value in column]
    elif kind == "bool":
        texts = ["true" if value else "false" for value in column]
    else:
        return neutralised(column)
    return pd.Series(texts, index=column.index, dtype="str")


def is_archive(file: BinaryIO) -> bool:
    """Whether a file is an archive, by what it contains; it may still be damaged or too new."""
    try:
        with zipfile.ZipFile(file) as archive:
            return CONTENTS in archive.namelist()
    except ZIP_ERRORS:
        return False
    finally:
        file.seek(0)


def is_public(file: BinaryIO) -> bool:
    """Whether an archive was made without contacts: reading it back would lose personal data.

    Raises
    ------
    InputError
        As `read_archive`.
    """
    with _opened(file) as archive:
        return _contents(archive, _name(file))["contacts"] is not True


def read_archive(file: BinaryIO) -> Snapshot:
    """The dataset of an archive, exactly as it was written.

    Parameters
    ----------
    file
        Open and seekable; its `name`, if it has one, is told in problems.

    Returns
    -------
    Snapshot
        Rows in the order of their ids; revisions and version are those of the database that the
        archive comes from.

    Raises
    ------
    InputError
        No archive, of a newer format, too large once unpacked, with a password, damaged, or with
        columns missing.
    """
    name = _name(file)
    with _opened(file) as archive:
        contents = _contents(archive, name)
        try:
            frames = {table: _table(archive, table, contents, name) for table in _SCHEMAS}
            companies = tables.stored_companies(frames["companies"])
            flows = tables.stored_flows(frames["flows"])
            version = int(contents["dataset_version"])
        except _DAMAGES as error:
            raise fail("archive_damaged", name) from error
    if not flows["company_id"].isin(companies["id"]).all():
        raise fail("archive_damaged", name)
    return Snapshot(version, companies, flows)


def _name(file: BinaryIO) -> str:
    return Path(str(getattr(file, "name", ""))).name or f"{FORMAT}.zip"


def _opened(file: BinaryIO) -> zipfile.ZipFile:
    """The zip with what an archive holds, small enough to be unpacked in memory."""
    name = _name(file)
    if not zipfile.is_zipfile(file):
        file.seek(0)
        start = file.read(2)
        raise fail("broken_zip" if start == b"PK" else "archive_unknown", name)
    file.seek(0)
    try:
        archive = zipfile.ZipFile(file)
    except ZIP_ERRORS as error:
        raise fail("broken_zip", name) from error
    members = {member.filename: member for member in archive.infolist()}
    if CONTENTS not in members:
        raise fail("archive_unknown", name)
    if any(member.flag_bits & 0x1 for member in members.values()):
        raise fail("encrypted", name)
    # zipfile unpacks no more of a member than it declares here.
    sizes = {key: member.file_size for key, member in members.items()}
    if sum(sizes.values()) > WORKBOOK_LIMIT or sizes[CONTENTS] > _CONTENTS_LIMIT:
        raise fail("expands_too_much", name, limit=WORKBOOK_LIMIT // MEGABYTE)
    return archive


def _contents(archive: zipfile.ZipFile, name: str) -> Mapping[str, Any]:
    """What the archive says of itself."""
    try:
        contents: Mapping[str, Any] = json.loads(archive.read(CONTENTS))
        known, version = contents["format"] == FORMAT, int(contents["format_version"])
    except _DAMAGES as error:
        raise fail("archive_damaged", name) from error
    if not known:
        raise fail("archive_unknown", name)
    if version > FORMAT_VERSION:
        raise fail("archive_newer", name, version=version, known=FORMAT_VERSION)
    return contents


def _table(
    archive: zipfile.ZipFile, table: str, contents: Mapping[str, Any], name: str
) -> pd.DataFrame:
    """One table of the archive.

    Raises
    ------
    InputError
        Columns are missing.
    ValueError
        A cell can't be read, or rows are missing.
    """
    schema = _SCHEMAS[table]
    texts = pd.read_csv(
        BytesIO(archive.read(f"{table}.csv")),
        sep=";",
        dtype="str",
        encoding="utf-8-sig",
        na_filter=False,
        index_col=False,
        skip_blank_lines=False,
    )
    missing = [column for column in schema.columns if column not in texts]
    if missing:
        raise fail("archive_columns", name, table=f"{table}.csv", columns=", ".join(missing))
    if len(texts) != contents["tables"][table]["rows"]:
        raise ValueError(f"{table}: rows are missing")
    frame = {
        column: _values(texts[column], str(kind.dtype)) for column, kind in schema.columns.items()
    }
    return pd.DataFrame(frame).sort_values("id", ignore_index=True)


def _values(texts: pd.Series, kind: str) -> pd.Series:
    if kind == "float64":
        return texts.map(lambda text: float(text) if text else float("nan")).astype(float)
    if kind == "int64":
        return texts.map(int).astype("int64")
    if kind == "bool":
        return texts.map({"true": True, "false": False}.__getitem__).astype(bool)
    return texts.map(restored).astype("str")
