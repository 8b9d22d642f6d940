"""One file on its way in: its name, its bytes, and what kind of file its content says it is."""

import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from kiertokylat.ingest.sheet import fail

Kind = Literal["text", "workbook", "json", "geopackage", "register_zip"]

MEGABYTE = 1_000_000
CONTENTS = "kiertokylat.json"  # by this member the program's own archive is known (`archive`)
# The bulk register: 95.7 MB zipped, about 1400 MB of JSON (measured 2026-08-04). The limits leave
# it room to grow five times, and stop a file that swells hundreds of times.
ZIP_LIMIT = 8_000 * MEGABYTE
ZIP_RATIO = 100
# A workbook of 100,000 rows and 20 columns is about 80 MB of XML; its ratio can honestly be high.
WORKBOOK_LIMIT = 150 * MEGABYTE
WHOLE_LIMIT = 100 * MEGABYTE  # of a file that has to be read as a whole: text, GeoJSON, GeoPackage
_HEAD = 65_536

# What zipfile raises on a damaged archive, here and while a member is read.
ZIP_ERRORS = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError,
    RuntimeError, OverflowError, struct.error,
)  # fmt: skip

_FORMATS = (  # first bytes of files that people send by mistake
    (b"%PDF", "PDF"),
    (b"{\\rtf", "RTF"),
    (b"7z\xbc\xaf", "7z"),
    (b"Rar!", "RAR"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x00\x00\x27\x0a", "shapefile"),
    (b"PAR1", "Parquet"),
)
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"  # also a workbook with a password
_UTF16 = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")


@dataclass(frozen=True)
class Source:
    """An open file.

    Parameters
    ----------
    name
        As the user knows it, without folders.
    file
        Seekable, at its beginning.
    size
        Bytes.
    """

    name: str
    file: BinaryIO
    size: int

    def whole(self, limit: int = WHOLE_LIMIT) -> bytes:
        """All bytes of a file that isn't streamed.

        Raises
        ------
        InputError
            The file is larger than `limit`.
        """
        if self.size > limit:
            raise fail("file_too_large", self.name, limit=limit // MEGABYTE)
        self.file.seek(0)
        return self.file.read()


@contextmanager
def opened(file: Path | str | tuple[str, BinaryIO]) -> Iterator[Source]:
    """A path, or a name with an open binary file, as a `Source`.

    A path is closed at the end; an open file stays open.

    Raises
    ------
    InputError
        There is no such file, or it can't be opened.
    """
    if isinstance(file, tuple):
        name, stream = file
        size = stream.seek(0, os.SEEK_END)
        stream.seek(0)
        yield Source(Path(name).name or name, stream, size)
        return
    path = Path(file)
    try:
        stream = path.open("rb")
    except OSError as error:
        raise fail("file_unreadable", path.name, reason=error.strerror or "") from error
    with stream:
        yield Source(path.name, stream, path.stat().st_size)


def kind(source: Source) -> Kind:
    """What a file is, by its content; the extension only helps to word the error.

    Raises
    ------
    InputError
        Empty, of a format that isn't read, in UTF-16, or a broken or dangerous zip.
    """
    source.file.seek(0)
    head = source.file.read(_HEAD)
    source.file.seek(0)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start:
        raise fail("file_empty", source.name)
    if head.startswith(b"PK"):
        return _zip_kind(source)
    if head.startswith(b"SQLite format 3\x00"):
        return "geopackage"
    if head.startswith(_OLD_EXCEL):
        raise fail("old_excel", source.name)
    for magic, format_name in _FORMATS:
        if head.startswith(magic):
            raise fail("unsupported_format", source.name, format=format_name)
    check_text(head, source.name)
    if start.startswith((b"{", b"[")):
        return "json"
    if start.startswith(b"<"):
        name = "HTML" if b"<html" in head.lower() else "XML"
        raise fail("unsupported_format", source.name, format=name)
    if source.name.lower().endswith((".zip", ".xlsx", ".xlsm")):
        raise fail("broken_zip", source.name)
    if source.name.lower().endswith(".gpkg"):
        raise fail("broken_geodata", source.name)
    return "text"


def check_text(head: bytes, name: str) -> None:
    """Refuse UTF-16 and files that are no text at all, by their first bytes.

    Raises
    ------
    InputError
        With one of `wrong_encoding` and `file_unknown`.
    """
    if head.startswith(_UTF16):
        raise fail("wrong_encoding", name)
    zeros = head.count(0)
    if zeros > len(head) // 4 and min(head[0::2].count(0), head[1::2].count(0)) < zeros // 10:
        raise fail("wrong_encoding", name)  # every second byte: UTF-16 without a mark
    if zeros:
        if name.lower().endswith((".zip", ".xlsx", ".xlsm")):
            raise fail("broken_zip", name)
        raise fail("file_unknown", name)


def _zip_kind(source: Source) -> Kind:
    """A workbook, or the zipped register with its one member; sizes are checked first."""
    try:
        with zipfile.ZipFile(source.file) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
    except ZIP_ERRORS as error:
        raise fail("broken_zip", source.name) from error
    finally:
        source.file.seek(0)
    names = {member.filename for member in members}
    if any(member.flag_bits & 0x1 for member in members):
        raise fail("encrypted", source.name)
    if "xl/workbook.xml" in names:
        if sum(member.file_size for member in members) > WORKBOOK_LIMIT:
            limit = WORKBOOK_LIMIT // MEGABYTE
            raise fail("expands_too_much", source.name, limit=limit)
        return "workbook"
    for marker, format_name in _ZIPPED_FORMATS.items():
        if any(marker in name for name in names):
            raise fail("unsupported_format", source.name, format=format_name)
    if CONTENTS in names:
        raise fail("own_archive", source.name)
    if len(members) != 1:
        raise fail("zip_members", source.name, count=len(members))
    member = members[0]
    tight = member.file_size > ZIP_RATIO * member.compress_size
    if member.file_size > ZIP_LIMIT or (tight and member.file_size > WHOLE_LIMIT):
        raise fail("expands_too_much", source.name, limit=ZIP_LIMIT // MEGABYTE)
    return "register_zip"


_ZIPPED_FORMATS = {
    "word/document.xml": "Word",
    "ppt/presentation.xml": "PowerPoint",
    "xl/workbook.bin": "XLSB",
    "META-INF/manifest.xml": "OpenDocument",
    ".shp": "shapefile",
    ".gdb/": "File Geodatabase",
}
