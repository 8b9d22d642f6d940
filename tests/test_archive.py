"""What is written into an archive comes back to the letter, or the reader says why not."""

import io
import json
import zipfile

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from kiertokylat import privacy, tables
from kiertokylat.access import Actor
from kiertokylat.archive import archive_bytes, is_archive, is_public, read_archive
from kiertokylat.changes import Snapshot
from kiertokylat.errors import InputError
from kiertokylat.plan import plan_archive
from kiertokylat.store import open_store

NASTY = [
    "=cmd|'/c calc'!A1", "'=1", "''+1", "'", "''", "-5", "@x", "\tx", "\r", "a\r\nb\nc\rd", "\x00",
    'say ""quotes""', '"', ";;", "🏭 ♻️ ääkköset", " edges ", "NA", "nan", "\ufeff", "\u2028",
    "x" * 200_000,
]  # fmt: skip


def company(key, **changes):
    row = {
        "id": key, "name": "Keksitty Oy", "business_id": "", "nace": "", "nace_edition": "",
        "municipality": "179", "employees": np.nan, "x": 430000.0, "y": 6900000.0,
        "precision": "exact", "source": "test", "status": "active", "corrected": "",
        "revision": 1, "sole_trader": False, "contact": "",
    }  # fmt: skip
    return row | changes


def flow(key, owner, **changes):
    row = {
        "id": key, "company_id": owner, "direction": "out", "ewc": "", "material": "sawdust",
        "tonnes_low": np.nan, "tonnes": 1.0, "tonnes_high": np.nan, "continuity": "",
        "basis": "reported", "source": "test", "note": "", "status": "active", "corrected": "",
        "revision": 1,
    }  # fmt: skip
    return row | changes


def snapshot(companies, flows=(), version=7):
    some = pd.DataFrame(list(flows)) if flows else tables.empty(tables.STORED_FLOWS)
    return Snapshot(
        version, tables.stored_companies(pd.DataFrame(companies)), tables.stored_flows(some)
    )


def read(content, name=None):
    file = io.BytesIO(content)
    if name:
        file.name = name
    return read_archive(file)


def same(first, second):
    assert first.version == second.version
    for name in ("companies", "flows"):
        ordered = [
            getattr(one, name).sort_values("id", ignore_index=True) for one in (first, second)
        ]
        assert_frame_equal(*ordered, check_exact=True)


def members(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(files):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def changed(content, name, change):
    files = members(content)
    return zipped(files | {name: change(files[name])})


SMALL = snapshot([company("a", contact="Aino")], [flow("f", "a", note="=1")])


def test_nasty_texts_come_back_to_the_letter():
    companies = [
        company(f"c{number}", name=text, contact=text, source=text)
        for number, text in enumerate(NASTY)
    ]
    flows = [flow(text, f"c{number}", note=text) for number, text in enumerate(NASTY)]
    before = snapshot(companies, flows)
    content = archive_bytes(before, contacts=True)
    after = read(content)
    same(before, after)
    assert archive_bytes(after, contacts=True) == content


text = st.text(max_size=20) | st.text("'=+-@\t\r\n\";\x00 ä😀", max_size=6)
number = st.just(np.nan) | st.floats(0, allow_infinity=False)


@given(
    st.lists(st.tuples(text, text, number, st.floats(-1e9, 1e9), st.booleans()), max_size=12),
    st.lists(st.tuples(text, text, number), max_size=12),
    st.integers(0, 2**40),
)
@settings(max_examples=20)
def test_any_dataset_comes_back_exactly(companies, flows, version):
    rows = [
        company(
            f"{note}{key}", name=f"n{name}", contact=name, source=note, employees=employees, x=x,
            sole_trader=sole, revision=version,
        )
        for key, (name, note, employees, x, sole) in enumerate(companies)
    ]  # fmt: skip
    more = [
        flow(f"{note}{key}", rows[0]["id"], note=note, source=source, tonnes=tonnes)
        for key, (note, source, tonnes) in enumerate(flows)
        if rows
    ]
    before = snapshot(rows, more, version) if rows else Snapshot(version)
    content = archive_bytes(before, contacts=True)
    after = read(content)
    same(before, after)
    assert archive_bytes(after, contacts=True) == content


def test_an_archive_of_a_restored_archive_differs_in_version_and_revisions_only(tmp_path):
    before = snapshot([company("a", contact="Aino", revision=4)], [flow("f", "a", note="=1")])
    first = archive_bytes(before, contacts=True)
    store = open_store(f"sqlite:///{tmp_path / 'other.sqlite'}")
    try:
        store.apply(plan_archive(store.snapshot(), read(first), "kaikki.zip"), Actor("a", "editor"))
        second = archive_bytes(store.snapshot(), contacts=True)
    finally:
        store.close()
    then, now = read(first), read(second)
    for name in ("companies", "flows"):
        one, other = getattr(then, name), getattr(now, name)
        assert_frame_equal(other.drop(columns="revision"), one.drop(columns="revision"),
                           check_exact=True)  # fmt: skip
        assert set(other["revision"]) == {now.version}
    # Written under the first one's version and revisions the files are the same to the byte.
    numbered = {name: getattr(now, name).assign(revision=getattr(then, name)["revision"])
                for name in ("companies", "flows")}  # fmt: skip
    assert archive_bytes(Snapshot(then.version, **numbered), contacts=True) == first


def test_the_public_archive_of_a_public_dataset_is_the_same_file():
    trader = company("virtanen", name="Tmi Virtanen", business_id="1234567-1")
    before = snapshot([trader, company("b")], [flow("v:1", "virtanen"), flow("v:2", "virtanen")])
    content = archive_bytes(before, contacts=False)
    assert archive_bytes(privacy.public(before), contacts=False) == content
    assert archive_bytes(read(content), contacts=False) == content


def test_no_cell_is_taken_for_a_formula():
    before = snapshot([company("=1", name="+358", contact="@a")], [flow("-f", "=1", note="\t=1")])
    files = members(archive_bytes(before, contacts=True))
    for name in ("companies.csv", "flows.csv"):
        cells = pd.read_csv(io.BytesIO(files[name]), sep=";", dtype=str, na_filter=False)
        starts = {cell[:1] for column in cells for cell in cells[column]}
        assert not starts & set("=+-@\t\r\n")


def test_the_same_dataset_gives_the_same_bytes_whatever_the_order_of_its_rows():
    rows = [company("b"), company("a")]
    flows = [flow("g", "b"), flow("f", "a")]
    first = archive_bytes(snapshot(rows, flows), contacts=True)
    second = archive_bytes(snapshot(rows[::-1], flows[::-1]), contacts=True)
    assert first == second
    assert read(first).companies["id"].tolist() == ["a", "b"]


def test_numbers_are_written_in_full_and_unknown_ones_empty():
    before = snapshot([company("a", employees=0.1 + 0.2, y=np.nextafter(6.9e6, 7e6))])
    content = members(archive_bytes(before, contacts=True))["companies.csv"].decode("utf-8-sig")
    assert '"0.30000000000000004"' in content
    again = members(archive_bytes(SMALL, contacts=True))["flows.csv"].decode("utf-8-sig")
    assert '"sawdust";"";"1.0";""' in again


def test_without_contacts_nothing_personal_is_in_the_file():
    before = snapshot(
        [
            company(
                "virtanen-179", name="Tmi Ville Virtanen", business_id="1234567-1", contact="Ville"
            ),
            company("b", name="Keksitty Oy", contact="Aino 040"),
        ],
        [flow("virtanen-179:out:sawdust", "virtanen-179", note="soita Virtaselle")],
    )  # fmt: skip
    content = archive_bytes(before, contacts=False)
    everything = b"".join(members(content).values()).decode().casefold()
    for secret in ("virta", "ville", "1234567-1", "aino"):
        assert secret not in everything
    after = read(content)
    assert sorted(after.companies["name"]) == ["Keksitty Oy", "Yksityinen toiminimi (Jyväskylä)"]
    assert after.flows["company_id"].isin(after.companies["id"]).all()
    assert is_public(io.BytesIO(content))
    assert not is_public(io.BytesIO(archive_bytes(before, contacts=True)))


def test_is_archive_tells_by_content_and_leaves_the_file_at_its_beginning():
    for content, expected in (
        (archive_bytes(SMALL, contacts=True), True),
        (zipped({"kiertokylat.json": b"broken"}), True),
        (zipped({"companies.csv": b"id"}), False),
        (b"id;name\n", False),
        (b"", False),
    ):
        file = io.BytesIO(content)
        assert is_archive(file) is expected
        assert file.tell() == 0


def code_of(content):
    with pytest.raises(InputError) as caught:
        read(content, "omat/varmuus.zip")
    problem = caught.value.problem
    assert problem.file == "varmuus.zip"
    for language in ("fi", "en"):
        assert "{" not in problem.message(language)
    return problem.code


GOOD = archive_bytes(SMALL, contacts=True)


def described(**changes):
    return changed(
        GOOD, "kiertokylat.json", lambda text: json.dumps(json.loads(text) | changes).encode()
    )


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "archive_unknown"),
        (b"id;name\n1;a\n", "archive_unknown"),
        (zipped({"a.csv": b"x"}), "archive_unknown"),
        (described(format="something else"), "archive_unknown"),
        (GOOD[:-30], "broken_zip"),
        (described(format_version=2), "archive_newer"),
        (described(format_version="two"), "archive_damaged"),
        (described(dataset_version=None), "archive_damaged"),
        (described(tables={}), "archive_damaged"),
        (changed(GOOD, "kiertokylat.json", lambda _: b"[" * 100_000), "archive_damaged"),
        (changed(GOOD, "kiertokylat.json", lambda _: b"[]"), "archive_damaged"),
        (zipped({k: v for k, v in members(GOOD).items() if k != "flows.csv"}), "archive_damaged"),
        (changed(GOOD, "flows.csv", lambda t: t.splitlines(keepends=True)[0]), "archive_damaged"),
        (changed(GOOD, "flows.csv", lambda t: t[:-9]), "archive_damaged"),
        (changed(GOOD, "flows.csv", lambda t: t.replace(b'"1.0"', b'"one"')), "archive_damaged"),
        (changed(GOOD, "flows.csv", lambda t: t.replace(b'"1.0"', b'"-1"')), "archive_damaged"),
        (changed(GOOD, "flows.csv", lambda t: t.replace(b'"a"', b'"b"')), "archive_damaged"),
        (changed(GOOD, "flows.csv", lambda t: t.replace(b"sawdust", b"\xff")), "archive_damaged"),
        (changed(GOOD, "companies.csv", lambda t: t.replace(b"false", b"no")), "archive_damaged"),
        (changed(GOOD, "companies.csv", lambda t: t.replace(b"contact", b"x")), "archive_columns"),
    ],
)
def test_what_is_no_good_archive_is_refused_with_its_reason(content, code):
    assert code_of(content) == code


def test_a_missing_column_is_named():
    content = changed(GOOD, "companies.csv", lambda text: text.replace(b'"contact"', b'"x"'))
    with pytest.raises(InputError, match=r"companies\.csv.*contact"):
        read(content)


def test_a_byte_that_flipped_in_the_file_is_noticed():
    position = GOOD.index(b"companies.csv") + 60
    flipped = GOOD[:position] + bytes([GOOD[position] ^ 0xFF]) + GOOD[position + 1 :]
    assert code_of(flipped) == "archive_damaged"


def test_a_bomb_is_not_unpacked():
    """151 MB of zeros pack into 150 kB; the limit is 150 MB."""
    bomb = changed(GOOD, "flows.csv", lambda _: b"0" * 151_000_000)
    assert len(bomb) < 1_000_000
    assert code_of(bomb) == "expands_too_much"


def test_a_password_is_told():
    """The flag of encryption is bit 0 of the eighth byte of each entry of the directory."""
    content = bytearray(GOOD)
    start = 0
    while (start := content.find(b"PK\x01\x02", start)) >= 0:
        content[start + 8] |= 1
        start += 4
    assert code_of(bytes(content)) == "encrypted"
