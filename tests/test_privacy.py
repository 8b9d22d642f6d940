"""What everybody sees of the companies holds nothing that names a sole trader."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from kiertokylat import locate, reference, tables
from kiertokylat.changes import Snapshot
from kiertokylat.privacy import is_private, public, public_companies, public_flows
from kiertokylat.words import catalogue


def company(key, **changes):
    row = {
        "id": key, "name": "Keksitty Oy", "business_id": "", "nace": "16100",
        "nace_edition": "2008", "municipality": "435", "employees": 4.0, "x": 430001.0,
        "y": 6900002.0, "precision": "exact", "source": "kysely.xlsx", "status": "active",
        "corrected": "name", "revision": 1, "sole_trader": False, "contact": "",
    }  # fmt: skip
    return row | changes


def flow(key, owner, **changes):
    row = {
        "id": key, "company_id": owner, "direction": "out", "ewc": "", "material": "sawdust",
        "tonnes_low": np.nan, "tonnes": 5.0, "tonnes_high": np.nan, "continuity": "",
        "basis": "reported", "source": "kysely.xlsx", "note": "kuivaa", "status": "active",
        "corrected": "", "revision": 1,
    }  # fmt: skip
    return row | changes


def companies_of(*rows):
    return tables.stored_companies(pd.DataFrame(list(rows)))


def flows_of(*rows):
    return tables.stored_flows(pd.DataFrame(list(rows)))


TRADER = company(
    "ville-virtanen-435", name="Ville Virtanen", business_id="1234567-1", sole_trader=True,
    source="virtanen.xlsx", contact="Ville",
)  # fmt: skip


def test_a_sole_trader_is_one_by_its_mark_or_its_name():
    companies = companies_of(
        TRADER, company("a", name="Tmi Matti"), company("b", name="Puu t:mi"), company("c")
    )
    assert is_private(companies).tolist() == [True, True, True, False]


def test_a_sole_trader_loses_what_names_it_and_keeps_what_the_analysis_needs():
    shown = public_companies(companies_of(company("oy", contact="Aino"), TRADER))
    other, trader = shown.to_dict("records")
    assert other == company("oy")  # only its contact went
    assert trader["id"] == "sole-trader-1"
    assert trader["name"] == "Yksityinen toiminimi (Luhanka)"
    assert [trader[name] for name in ("business_id", "source", "contact", "corrected")] == [""] * 4
    assert [trader[name] for name in ("municipality", "nace", "employees")] == ["435", "16100", 4.0]
    assert trader["precision"] == "municipality"
    assert trader["sole_trader"]
    tables.stored_companies(shown)


def test_the_words_for_the_name_are_in_the_readers_language():
    shown = public_companies(companies_of(TRADER), "en")
    assert shown["name"].tolist() == ["Private trader (Luhanka)"]


def test_the_point_is_that_of_the_municipality():
    """The first place of the spiral lies 200 m / 1.546 * sqrt(1/2) = 91.5 m from the centre."""
    shown = public_companies(companies_of(TRADER)).iloc[0]
    centre = reference.municipalities().loc["435"]
    x, y = locate.to_metres([centre["centre_lon"]], [centre["centre_lat"]])
    assert np.hypot(shown["x"] - x[0], shown["y"] - y[0]) == pytest.approx(91.5, abs=0.1)


def test_sole_traders_do_not_lie_on_each_other_nor_on_others_at_the_centre():
    there = company("a", precision="municipality")
    x, y = locate.locate(
        pd.DataFrame({"id": ["a"], "municipality": "435", "postal_code": "", "x": np.nan, "y": 0.0})
    )[["x", "y"]].iloc[0]
    shown = public_companies(companies_of(there | {"x": x, "y": y}, TRADER, TRADER | {"id": "v2"}))
    assert len(shown[["x", "y"]].drop_duplicates()) == 3
    assert (shown["x"].iloc[0], shown["y"].iloc[0]) == (x, y)


def test_a_sole_trader_of_no_known_municipality_still_has_a_point():
    shown = public_companies(companies_of(TRADER | {"municipality": "091"}))
    assert shown["name"].tolist() == ["Yksityinen toiminimi (091)"]
    tables.stored_companies(shown)


def test_flows_follow_their_company_and_lose_their_free_text():
    companies = companies_of(company("oy"), TRADER)
    flows = flows_of(
        flow("oy:out:sawdust", "oy"),
        flow("ville-virtanen-435:out:sawdust", "ville-virtanen-435"),
        flow("ville-virtanen-435:out:sawdust/2", "ville-virtanen-435", source="demo"),
    )
    shown = public_flows(flows, companies)
    assert shown["id"].tolist() == [
        "oy:out:sawdust",
        "sole-trader-1:out:sawdust",
        "sole-trader-1:out:sawdust/2",
    ]
    assert shown["company_id"].tolist() == ["oy", "sole-trader-1", "sole-trader-1"]
    assert shown["note"].tolist() == ["kuivaa", "", ""]
    assert shown["source"].tolist() == ["kysely.xlsx", "", "demo"]
    assert_frame_equal(shown.iloc[:1], flows.iloc[:1])
    tables.stored_flows(shown)


def test_an_id_that_looks_like_a_public_one_stays_with_its_company():
    shown = public_companies(companies_of(company("sole-trader-1"), TRADER))
    assert shown["id"].tolist() == ["sole-trader-1", "sole-trader-1/2"]


def test_what_is_public_already_stays_so():
    companies = companies_of(company("oy", contact="Aino"), TRADER)
    flows = flows_of(flow("f", "ville-virtanen-435"))
    once = public(Snapshot(3, companies, flows))
    twice = public(once)
    assert_frame_equal(twice.companies, once.companies)
    assert_frame_equal(twice.flows, once.flows)
    assert twice.version == 3


def test_a_trader_beside_public_ones_gets_a_number_of_its_own():
    known = company("sole-trader-1", name="Yksityinen toiminimi (Luhanka)", sole_trader=True)
    shown = public_companies(companies_of(known, TRADER))
    assert shown["id"].tolist() == ["sole-trader-1", "sole-trader-1/2"]


def test_an_empty_dataset_stays_empty():
    shown = public(Snapshot())
    assert_frame_equal(shown.companies, tables.empty(tables.STORED_COMPANIES))
    assert_frame_equal(shown.flows, tables.empty(tables.STORED_FLOWS))


@st.composite
def datasets(draw):
    """Companies whose secrets can't stand in a cell by chance."""
    kinds = draw(st.lists(st.sampled_from(["mark", "tmi", "company"]), min_size=1, max_size=5))
    order = draw(st.permutations(range(len(kinds))))
    companies, flows, secrets = [], [], []
    for number, kind in enumerate(kinds):
        secret = f"§{number}salainen"
        name = f"Tmi {secret}" if kind == "tmi" else secret
        identity = draw(st.sampled_from([f"{secret}-435", f"id-{secret}", f"900000{number}-9"]))
        companies.append(
            company(
                identity, name=name, business_id=f"900000{number}-9", contact=f"§{number}yhteys",
                sole_trader=kind == "mark", source=draw(st.sampled_from([secret, "kysely"])),
                municipality=draw(st.sampled_from(["435", "179"])), x=123456.5 + number,
            )
        )  # fmt: skip
        secrets.append(f"§{number}yhteys")
        if kind != "company":
            secrets += [secret, f"900000{number}-9", f"{123456.5 + number}"]
        own = (f"{identity}:out:sawdust/{count}" for count in range(draw(st.integers(0, 3))))
        flows.extend(flow(key, identity, note=secret) for key in own)
    some = flows_of(*flows) if flows else tables.empty(tables.STORED_FLOWS)
    return Snapshot(1, companies_of(*(companies[place] for place in order)), some), secrets


@given(datasets())
@settings(max_examples=30)
def test_no_secret_is_left_in_any_cell_and_flows_keep_their_company(case):
    snapshot, secrets = case
    shown = public(snapshot)
    cells = [
        str(cell)
        for frame in (shown.companies, shown.flows)
        for column in frame
        for cell in frame[column]
    ]
    assert not [cell for cell in cells for secret in secrets if secret in cell]
    assert shown.companies["id"].is_unique
    assert shown.flows["id"].is_unique
    assert len(shown.companies) == len(snapshot.companies)
    counted = [
        one.flows.merge(one.companies, left_on="company_id", right_on="id").groupby(
            ["company_id", "municipality"]
        ).size()
        for one in (snapshot, shown)
    ]  # fmt: skip
    assert sorted(counted[0]) == sorted(counted[1])


@given(datasets(), st.randoms(use_true_random=False))
@settings(max_examples=20)
def test_public_ids_do_not_depend_on_the_order_of_rows(case, random):
    snapshot, _ = case
    mixed = list(range(len(snapshot.companies)))
    random.shuffle(mixed)
    again = Snapshot(1, snapshot.companies.iloc[mixed].reset_index(drop=True), snapshot.flows)
    for name in ("companies", "flows"):
        assert_frame_equal(getattr(public(again), name), getattr(public(snapshot), name))


def test_the_notice_marks_what_the_controller_completes():
    """Ground, retention and contacts are no decision of a program."""
    notice = {key: text for key, text in catalogue().items() if key.startswith("privacy.notice_")}
    for key in ("controller", "basis", "access", "transfers", "retention", "rights"):
        for text in notice[f"privacy.notice_{key}"].values():
            assert "[[" in text
            assert text.count("[[") == text.count("]]")


@given(datasets())
@settings(max_examples=30, deadline=None)
def test_making_public_twice_is_making_public_once(case):
    once = public(case[0])
    twice = public(once)
    for name in ("companies", "flows"):
        assert_frame_equal(getattr(twice, name), getattr(once, name))
