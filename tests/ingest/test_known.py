"""Companies that are stored already: which rows mean them, and what the files say of them."""

import json

import numpy as np
import pandas as pd
import pytest

from tests.ingest.files import File, address, answer, codes, csv, read, record, zipped

HEADING = "id;Nimi;Y-tunnus;Kunta;Henkilöstö;x;y"
POINT = (434527.25, 6901554.5)  # in Jyväskylä


def stored(*lines: str, heading: str = HEADING, **columns: object) -> pd.DataFrame:
    """Companies as an earlier import left them."""
    return read(csv(heading, *lines, name="vanha.csv")).companies.assign(**columns)


def bulk(*records: dict[str, object]) -> File:
    return zipped(**{"all_companies.json": json.dumps(list(records)).encode()})


def said(file: File, known: pd.DataFrame) -> pd.Series:
    """What a file says of the one known company that it names; it names no other."""
    result = read(file, companies=known)
    assert result.companies.empty
    assert len(result.known) == 1
    return result.known.iloc[0]


def test_a_known_company_comes_back_under_its_id_with_what_the_file_says():
    known = stored("k1;Koe Oy;1234567-1;Multia;7;;")
    row = said(csv("Nimi;Y-tunnus;Kunta;Toimiala", "KOE OY;1234567-1;Multia;16.10"), known)
    assert (row["id"], row["name"], row["nace"]) == ("k1", "KOE OY", "1610")
    assert row["source"] == "lista.csv"
    assert np.isnan(row["employees"]), "the file does not say"
    assert row["precision"] == ""


def test_a_flow_that_names_a_company_says_nothing_of_it():
    known = stored("k1;Koe Oy;1234567-1;Multia;7;;")
    result = read(csv("Yritys;Materiaali;Suunta", "Koe Oy;lasi;out"), companies=known)
    assert result.known.empty
    assert list(result.flows["company_id"]) == ["k1"]


def test_details_without_a_place_are_told_too():
    known = stored("k1;Koe Oy;;Multia;7;;")
    row = said(csv("Yritys;Henkilöstö", "Koe Oy;9"), known)
    assert (row["id"], row["municipality"], row["employees"]) == ("k1", "", 9)
    assert np.isnan(row["x"])


@pytest.mark.parametrize(
    ("known_point", "file_point", "told"),
    [
        ("{};{}".format(*POINT), ";", ""),  # the centre of a municipality is no better
        (";", "{};{}".format(*POINT), "exact"),
        ("{};{}".format(*POINT), f"{POINT[0] + 0.4};{POINT[1]}", ""),  # 0.4 m: rounding
        ("{};{}".format(*POINT), f"{POINT[0] + 40};{POINT[1]}", "exact"),
        (";", ";", ""),
    ],
)
def test_a_point_is_told_only_where_it_is_better_or_another(known_point, file_point, told):
    known = stored(f"k1;Koe Oy;;Jyväskylä;7;{known_point}")
    row = said(csv("Nimi;Kunta;x;y", f"Koe Oy;Jyväskylä;{file_point}"), known)
    assert row["precision"] == told
    assert np.isfinite(row["x"]) == (told != "")


def test_a_postal_code_is_better_than_a_municipality_and_no_better_than_itself():
    postal = csv("Nimi;Kunta;Postinumero", "Koe Oy;Jyväskylä;40100")
    assert said(postal, stored("k1;Koe Oy;;Jyväskylä;7;;"))["precision"] == "postal"
    known = read(postal).companies
    assert known["precision"].tolist() == ["postal"]
    other = csv("Nimi;Kunta;Postinumero", "Koe Oy;Jyväskylä;40800")
    assert said(other, known)["precision"] == ""


# --- which company a row means ---


def test_the_id_tells_a_company_that_has_moved_or_has_another_name():
    known = stored("k1;Koe Oy;1234567-1;Multia;7;;")
    row = said(csv("id;Nimi;Kunta", "k1;Koe Oy;Laukaa"), known)
    assert (row["id"], row["municipality"], row["precision"]) == ("k1", "410", "municipality")
    row = said(csv("id;Nimi;Y-tunnus;Kunta", "k1;Uusi Oy;1234567-1;Multia"), known)
    assert (row["id"], row["name"]) == ("k1", "Uusi Oy")


def test_the_id_of_another_company_is_refused():
    # Lists that number their rows from 1 must not write over each other.
    result = read(csv("id;Nimi;Kunta", "1;Muu Oy;Multia"), companies=stored("1;Koe Oy;;Multia;;;"))
    assert codes(result) == ["id_twice"]
    assert result.known.empty


def test_ids_tell_two_sites_of_one_company_apart():
    known = stored("a;Koe Oy;1234567-1;Multia;1;;", "b;Koe Oy;1234567-1;Laukaa;2;;")
    known = known.assign(municipality="495")
    file = csv(HEADING, "b;Koe Oy;1234567-1;Multia;20;;", "a;Koe Oy;1234567-1;Multia;10;;")
    result = read(file, companies=known)
    assert result.known.set_index("id")["employees"].to_dict() == {"a": 10, "b": 20}


def test_many_sites_keep_their_numbers():
    lines = [f"Koe Oy;1234567-1;Multia;Tie {n};{n}" for n in range(1, 13)]
    file = csv("Nimi;Y-tunnus;Kunta;Osoite;Henkilöstö", *lines)
    first = read(file).companies
    again = read(file, companies=first.sort_values("id", ignore_index=True))
    assert again.companies.empty
    employees = again.known.set_index("id")["employees"]
    assert employees.to_dict() == first.set_index("id")["employees"].to_dict()


def test_a_register_company_that_moves_is_no_second_site():
    known = read(answer(record())).companies  # Jyväskylä
    moved = record(addresses=[address(1, "41340", "LAUKAA", "410")])
    row = said(answer(moved), known)
    assert (row["id"], row["municipality"], row["precision"]) == ("1234567-1", "410", "postal")


@pytest.mark.parametrize("known_source", ["vanha.csv", "PRH/YTJ avoin data"])
def test_a_site_that_only_a_list_names_elsewhere_is_a_second_one(known_source):
    known = stored("1234567-1;Koe Oy;1234567-1;Multia;7;;", source=known_source)
    result = read(csv("Nimi;Y-tunnus;Kunta", "Koe Oy;1234567-1;Laukaa"), companies=known)
    assert list(result.companies["id"]) == ["1234567-1/2"]


def test_a_register_address_is_a_second_site_of_a_company_from_a_list():
    known = stored("1234567-1;Koe Oy;1234567-1;Multia;7;;")
    assert list(read(answer(record()), companies=known).companies["id"]) == ["1234567-1/2"]


def test_a_company_that_the_register_also_names_at_home_has_not_moved():
    known = read(answer(record())).companies
    other = record(addresses=[address(1, "41340", "LAUKAA", "410")])
    result = read(answer(record(), other), companies=known)
    assert list(result.companies["municipality"]) == ["410"]
    assert list(result.known["municipality"]) == ["179"]


def test_a_municipality_corrected_by_hand_makes_no_second_company():
    file = csv("Nimi;Y-tunnus;Kunta", "Koe Oy;1234567-1;Multia", "Nimetön Oy;;Multia")
    known = read(file).companies.assign(municipality="410", corrected="municipality")
    result = read(file, companies=known)
    assert result.companies.empty
    assert sorted(result.known["id"]) == ["1234567-1", "nimeton-oy-495"]
    assert set(result.known["municipality"]) == {"495"}


def test_a_name_corrected_by_hand_makes_no_second_company():
    file = csv("Nimi;Kunta", "Virhe Oy;Multia")
    known = read(file).companies.assign(name="Oikea Oy")
    assert said(file, known)["name"] == "Virhe Oy"


def test_the_source_is_the_registers_where_it_is_among_the_files():
    known = stored("k1;Kuvitteellinen Saha Oy;1234567-1;Jyväskylä;7;;")
    lists = csv("Nimi;Y-tunnus;Kunta", "Saha Oy;1234567-1;Jyväskylä")
    row = read(lists, answer(record()), companies=known).known.iloc[0]
    assert row["name"] == "Saha Oy", "the first file counts"
    assert row["source"].startswith("PRH/YTJ")


# --- flows ---


def test_ids_that_the_program_made_are_told():
    known = stored("k1;Koe Oy;1234567-1;Multia;7;;")
    file = csv("id;Yritys;Materiaali;Suunta", "v1;Koe Oy;lasi;out", ";Koe Oy;pahvi;out")
    result = read(file, companies=known)
    assert list(result.flows["id"]) == ["v1", "k1:out:cardboard"]
    assert result.made_ids == {"k1:out:cardboard"}


# --- what the register ends ---


def test_the_end_of_known_companies_is_told():
    known = read(answer(record())).companies
    other = {"businessId": {"value": "2646674-9"}}
    ended = read(
        answer(record(endDate="2026-01-01"), record(**other, endDate="2026-01-01")),
        companies=known,
    )
    assert ended.ceased == {"1234567-1"}, "the other one is not known"
    assert codes(ended) == ["register_not_active", "no_rows"]
    assert read(answer(record(tradeRegisterStatus="4")), companies=known).ceased == {"1234567-1"}
    assert read(answer(record(endDate="2026-01-01"))).ceased == frozenset()


def test_an_active_record_counts_before_an_ended_one():
    known = read(answer(record())).companies
    both = answer(record(), record(endDate="2026-01-01"))
    assert read(both, companies=known).ceased == frozenset()


def test_only_the_bulk_file_is_the_whole_register():
    assert read(bulk(record())).whole_register
    assert read(("kaikki.json", json.dumps([record()]).encode())).whole_register
    assert not read(answer(record())).whole_register
    assert not read(csv("Nimi;Kunta", "Koe Oy;Multia")).whole_register
    assert read(csv("Nimi;Kunta", "Koe Oy;Multia"), bulk(record())).whole_register
