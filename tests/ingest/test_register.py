"""The business register in its three forms, and its pitfalls."""

import io
import json
import tempfile
from pathlib import Path

import numpy as np
import pytest

from kiertokylat.ingest import ingest
from tests.ingest.files import File, address, answer, codes, read, record, zipped

OTHER = {"businessId": {"value": "2646674-9"}}


def one(**changes):
    """The only company of a saved answer with one record."""
    companies = read(answer(record(**changes))).companies
    assert len(companies) == 1
    return companies.iloc[0]


def main_name(name, **changes):
    return {"name": name, "type": "1", "registrationDate": "2020-01-01", "version": 1} | changes


FORMS: dict[str, File] = {
    "answer": answer(record()),
    "array": ("kaikki.json", json.dumps([record()]).encode()),
    "array with a mark": ("kaikki.json", b"\xef\xbb\xbf" + json.dumps([record()]).encode()),
    "zip": zipped(**{"all_companies.json": json.dumps([record()]).encode()}),
    "zip named otherwise": zipped("lataus.dat", x=json.dumps([record()]).encode()),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_company(form):
    result = read(FORMS[form])
    assert codes(result) == []
    assert result.flows.empty
    row = result.companies.iloc[0]
    assert row["id"] == row["business_id"] == "1234567-1"
    assert row["name"] == "Kuvitteellinen Saha Oy"
    assert (row["nace"], row["nace_edition"]) == ("16100", "2025")
    assert row["municipality"] == "179"
    assert row["precision"] == "postal"
    assert row["source"] == "PRH/YTJ avoin data, CC BY 4.0, 2026-01-02"
    assert row.isna()["employees"]


def test_personal_data_is_not_taken_in():
    table = read(answer(record())).companies.to_csv()
    for secret in ("Salainen", "Entinen", "Koekatu"):
        assert secret not in table


@pytest.mark.parametrize(
    ("code_set", "code", "edition"),
    [("TOIMI4", "16100", "2025"), ("TOIMI3", "16100", "2008"), ("TOIMI2", "", ""),
    (None, "16100", "")],
)  # fmt: skip
def test_the_code_set_decides_the_classification(code_set, code, edition):
    row = one(mainBusinessLine={"type": "16100", "typeCodeSet": code_set})
    assert (row["nace"], row["nace_edition"]) == (code, edition)


def test_of_several_current_names_the_first_version_then_the_newest_counts():
    old = main_name("Vanha Oy", version=2, registrationDate="2024-01-01")
    assert one(names=[main_name("Uusi Oy"), old])["name"] == "Uusi Oy"
    # Both forms of a date sort alike.
    spaced = main_name("Uusin Oy", registrationDate="2024-02-01 10:00:00")
    dated = main_name("Uusi Oy", registrationDate="2024-01-01T10:00:00")
    assert one(names=[spaced, dated])["name"] == "Uusin Oy"


def test_the_date_may_have_a_space():
    assert one(lastModified="2024-05-06 07:08:09")["source"].endswith("2024-05-06")


def test_the_visiting_address_comes_before_the_postal_one():
    addresses = [address(2, "00100", "HELSINKI", "091"), address(1, "41340", "LAUKAA", "410")]
    assert one(addresses=addresses)["municipality"] == "410"
    assert one(addresses=[address(2, "41340", "LAUKAA", "410")])["municipality"] == "410"


@pytest.mark.parametrize(
    ("code", "city"), [("40100", "JYVÄSKYLÄ"), ("40100", None), (None, "Jyväskylä"),
    ("40800", "VAAJAKOSKI")]
)  # fmt: skip
def test_without_a_municipality_code_the_town_or_the_postal_code_tells_it(code, city):
    assert one(addresses=[address(1, code, city, None)])["municipality"] == "179"


def test_what_is_left_out_is_counted():
    result = read(
        answer(
            record(),
            record(**OTHER, tradeRegisterStatus="2"),
            record(**OTHER, endDate="2020-01-01"),
            record(**OTHER, companyForms=[{"type": "26"}]),
            record(**OTHER, addresses=[address(1, "00100", "HELSINKI", "091")]),
            record(**OTHER, addresses=None),
            {"hello": 1},
        )
    )
    assert list(result.companies["business_id"]) == ["1234567-1"]
    counts = {problem.code: problem.details["count"] for problem in result.problems}
    assert counts == {
        "register_not_active": 2, "sole_traders": 1, "outside_region": 1, "register_no_place": 1,
        "register_bad_record": 1,
    }  # fmt: skip
    assert all(problem.row is None for problem in result.problems)


def test_status_does_not_tell_whether_a_company_has_ceased():
    assert read(answer(record(tradeRegisterStatus="4", status="2"))).companies.empty


def test_a_housing_company_without_industry_is_kept():
    row = one(companyForms=[{"type": "2"}], mainBusinessLine=None)
    assert (row["nace"], row["nace_edition"]) == ("", "")


def test_odd_values_break_nothing():
    odd = record(names="x", mainBusinessLine=[1], companyForms=None, addresses=[None, 7])
    result = read(answer(record(), odd, 5, None, [], record(**OTHER, lastModified=None)))
    assert list(result.companies["business_id"]) == ["1234567-1", "2646674-9"]


def test_an_empty_answer():
    result = read(answer())
    assert codes(result) == ["no_rows"]
    assert result.companies.empty


def test_progress_rises_to_one_over_all_files():
    noise = np.random.default_rng(1)  # so that the zip is larger than one block of the reader
    many = [record(website={"url": noise.bytes(400).hex()}) for _ in range(1000)]
    file = zipped(a=json.dumps(many).encode())
    told: list[float] = []
    read(file, file, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert len([share for share in told if share < 0.5]) > 3


def test_a_path_and_an_open_file_give_the_same():
    name, content = FORMS["zip"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        from_path = ingest([path])
    stream = io.BytesIO(content)
    assert from_path.companies.equals(ingest([(name, stream)]).companies)
    assert not stream.closed
