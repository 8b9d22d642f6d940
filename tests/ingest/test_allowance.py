"""What a visitor may look at: sizes and rows are checked before anything is read."""

import io
import zipfile

import openpyxl
import pytest

from kiertokylat.errors import InputError
from kiertokylat.ingest.allowance import VISITOR, Allowance, check, check_rows

SMALL = Allowance(size=20_000, unpacked=200_000, rows=10)


def code(*files, allowance=SMALL):
    """The code of the refusal and the file it names; None if the files may be read."""
    try:
        check([(name, io.BytesIO(content)) for name, content in files], allowance)
    except InputError as error:
        return error.problem.code, error.problem.file
    return None


def workbook(rows):
    book = openpyxl.Workbook()
    for number in range(rows):
        book.active.append([f"Yritys {number}", "179"])
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def zipped(size):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("big.json", b" " * size)
    return held.getvalue()


def test_text_up_to_the_rows_and_one_more():
    assert code(("a.csv", b"nimi\n" * 10)) is None
    assert code(("a.csv", b"nimi\n" * 11)) == ("allowance_rows", "a.csv")
    assert code(("a.csv", b"nimi\r" * 11)) == ("allowance_rows", "a.csv")


def test_rows_of_all_files_count_together():
    assert code(("a.csv", b"nimi\n" * 6), ("b.csv", b"nimi\n" * 5)) == ("allowance_rows", "b.csv")


@pytest.mark.parametrize("rows", [10, 11])
def test_rows_of_a_workbook(rows):
    expected = ("allowance_rows", "a.xlsx") if rows > 10 else None
    assert code(("a.xlsx", workbook(rows))) == expected


def test_rows_of_a_workbook_longer_than_one_part_are_all_counted():
    # Some 30 bytes of XML a cell and 2 cells a row: 40,000 rows are more than two parts of 1 MB.
    allowance = Allowance(size=10_000_000, unpacked=100_000_000, rows=40_000)
    book = workbook(40_000)
    assert code(("a.xlsx", book), allowance=allowance) is None
    fewer = Allowance(size=10_000_000, unpacked=100_000_000, rows=39_999)
    assert code(("a.xlsx", book), allowance=fewer) == ("allowance_rows", "a.xlsx")


def test_bytes_of_all_files_count_together():
    assert code(("a.csv", b"x" * 20_000)) is None
    assert code(("a.csv", b"x" * 20_001)) == ("allowance_size", "a.csv")
    files = ("a.csv", b"x" * 12_000), ("b.csv", b"x" * 12_000)
    assert code(*files) == ("allowance_size", "b.csv")


def test_a_small_file_may_be_a_large_one_when_unpacked():
    assert code(("a.zip", zipped(200_000))) is None
    bomb = zipped(200_001)
    assert len(bomb) < 1000
    assert code(("a.zip", bomb)) == ("allowance_unpacked", "a.zip")


@pytest.mark.parametrize("content", [b"", b"PK broken", b'{"type": "x"}' + b"\n" * 50, b"SQLite"])
def test_what_cannot_be_counted_is_left_to_the_reader(content):
    assert code(("a", content)) is None


def test_files_are_left_at_their_beginning():
    file = io.BytesIO(b"nimi\n")
    check([("a.csv", file)], SMALL)
    assert file.tell() == 0


def test_what_was_read_is_counted_too():
    check_rows("a.gpkg", VISITOR.rows, VISITOR)
    with pytest.raises(InputError) as caught:
        check_rows("a.gpkg", VISITOR.rows + 1, VISITOR)
    assert "20\u00a0000 riviä" in caught.value.problem.message("fi")
    assert "20,000" in caught.value.problem.message("en")
