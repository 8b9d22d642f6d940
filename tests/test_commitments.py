"""Commitments among the candidates: by hand, in public, and that no tonne counts twice."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiertokylat import demo, tables
from kiertokylat.analysis import Analysis, analyse
from kiertokylat.changes import Snapshot
from kiertokylat.commitments import (
    PRIVATE,
    for_public,
    open_pairs,
    overdue,
    placed,
    published,
    renamed,
    shares,
    stages,
)
from kiertokylat.indicators import STAGES
from kiertokylat.room import candidate_key, candidate_parts
from tests.test_portfolio import case, exactly

COLUMNS = [
    *("id", "workshop", "candidate", "idea", "companies", "next_step", "who", "due", "stage"),
    *("note", "created", "updated", "revision"),
]
PUBLIC = [name for name in COLUMNS if name not in PRIVATE]


def made(*rows):
    """Commitments as the store gives them."""
    given = [dict.fromkeys(COLUMNS, "") | {"stage": "idea"} | row for row in rows]
    return pd.DataFrame(given, columns=COLUMNS)


def small(supplies, needs, pairs):
    """An analysis of given candidates; company A of offer a in Laukaa, the others in Jyväskylä."""
    candidates, flows = case(supplies, needs, pairs)
    ids = sorted({key.upper() for key in (*supplies, *needs)})
    homes = ["410" if key == "A" else "179" for key in ids]
    companies = pd.DataFrame({"id": ids, "name": ids, "municipality": homes})
    return Analysis(companies, flows, candidates)


@pytest.fixture
def shared():
    """Offer a of 10 t may go to c (10 t) and d (10 t), offer b of 5 t to d; 2 EUR/t each."""
    ten, five, two = exactly(10.0), exactly(5.0), exactly(2.0)
    pairs = {("a", "c"): two, ("a", "d"): two, ("b", "d"): two}
    return small({"a": ten, "b": five}, {"c": ten, "d": ten}, pairs)


def key(supply, need):
    names = ("from_company", "to_company", "supply_id", "demand_id")
    return candidate_key(
        dict(zip(names, (supply.upper(), need.upper(), supply, need), strict=True))
    )


def test_placed_knows_candidates_ideas_and_what_is_gone(shared):
    rows = made(
        {"candidate": key("a", "c")},
        {"idea": "välivarasto"},
        {"candidate": key("a", "x")},
        {"candidate": "[1]"},
    )
    found = placed(rows, shared)
    assert list(found)[: len(COLUMNS)] == COLUMNS
    assert found["material"].tolist() == ["sawdust", "", "", ""]
    assert found["supply_id"].tolist() == ["a", "", "", ""]
    assert found["from_municipality"].tolist() == ["410", "", "", ""]
    assert found["to_municipality"].tolist() == ["179", "", "", ""]
    # 10 t at 2 EUR/t
    assert found.loc[0, ["tonnes", "eur", "co2e"]].tolist() == [10, 20, 10]
    assert found.loc[1:, ["tonnes", "eur", "co2e"]].isna().all(axis=None)
    assert placed(rows.iloc[:0], shared).empty


def test_two_that_share_an_offer_count_its_tonnes_once_for_the_further_one(shared):
    """a–c is realised and takes all 10 t of a; nothing is left for a–d; b–d gets the 5 t of b."""
    rows = made(
        {"candidate": key("a", "d"), "stage": "negotiated"},
        {"candidate": key("b", "d"), "stage": "idea"},
        {"candidate": key("a", "c"), "stage": "realised"},
        {"candidate": key("a", "c"), "stage": "idea"},
        {"idea": "vapaa"},
    )
    found = placed(rows, shared)
    part = shares(found, shared)
    served = dict(zip(part["supply_id"] + part["demand_id"], part["tonnes"], strict=True))
    assert served == {"ac": 10, "bd": 5}
    table = stages(found, part, public=False)
    assert table.index.tolist() == list(STAGES)
    assert table["now"].tolist() == [3, 0, 1, 1, 0]
    assert table["reached"].tolist() == [5, 2, 2, 1, 0]
    # idea: 10 + 5 t; from contacted on only a–c's 10 t.
    assert table["tonnes"].tolist() == [15, 10, 10, 10, 0]
    assert table["eur"].tolist() == [30, 20, 20, 20, 0]
    assert table["pairs"].tolist() == [2, 1, 1, 1, 0]
    assert not table["hidden"].any()


def test_the_first_promise_of_a_stage_is_served_first_and_dropped_ones_take_nothing(shared):
    rows = made(
        {"candidate": key("a", "c"), "stage": "dropped"},
        {"candidate": key("a", "d")},
    )
    found = placed(rows, shared)
    table = stages(found, shares(found, shared), public=False)
    assert table.loc[["idea", "dropped"], "tonnes"].tolist() == [10, 10]
    assert open_pairs(found)["demand_id"].tolist() == ["d"]


def test_a_receiver_without_a_stated_need_takes_what_it_has_committed_to():
    ten = exactly(10.0)
    every = small({"a": ten}, {"c": ten}, {("a", "c"): exactly(2.0)})
    candidates = every.candidates.assign(demand_id="")
    every = Analysis(every.companies, every.flows, candidates)
    rows = made({"candidate": candidate_key(candidates.iloc[0])})
    assert shares(placed(rows, every), every)["tonnes"].tolist() == [10]


def test_the_public_sees_no_sum_of_few_companies_nor_a_difference_of_few(shared):
    """A–C and B–D: four companies stand at the idea, two of them are realised."""
    rows = made({"candidate": key("a", "c"), "stage": "realised"}, {"candidate": key("b", "d")})
    found = placed(rows, shared)
    table = stages(for_public(found, shared), shares(found, shared), public=True)
    # The realised are two companies: hidden, and so are the stages before, which have no more. At
    # the idea all four stand behind the sum, and nothing smaller is shown to subtract.
    assert table["hidden"].tolist() == [False, True, True, True, False]
    assert table["tonnes"]["idea"] == 15
    assert np.isnan(table["tonnes"]["realised"])
    more = made(
        {"candidate": key("a", "c"), "stage": "realised"},
        {"candidate": key("b", "d"), "stage": "realised"},
    )
    ten = exactly(10.0)
    wide = small(
        {"a": ten, "b": ten, "e": ten},
        {"c": ten, "d": ten, "f": ten},
        {pair: exactly(2.0) for pair in (("a", "c"), ("b", "d"), ("e", "f"))},
    )
    more = pd.concat([more, made({"candidate": key("e", "f")})], ignore_index=True)
    there = placed(more, wide)
    table = stages(there, shares(there, wide), public=True)
    # Realised 20 t of four companies; idea 30 t of six, but 30 - 20 is that of E and F alone.
    assert table["tonnes"]["realised"] == 20
    assert table["hidden"]["idea"]
    assert np.isnan(table["tonnes"]["idea"])


def test_the_public_sees_no_free_text_and_no_candidate_that_it_does_not_know(shared):
    secret = dict.fromkeys(PRIVATE, "Maija Meikäläinen 040")
    rows = made(
        {"candidate": key("a", "c")} | secret,
        {"candidate": key("tmi maija meikäläinen", "c")} | secret,
    )
    shown = for_public(placed(rows, shared), shared)
    assert list(shown)[: len(PUBLIC)] == PUBLIC
    assert not set(PRIVATE) & set(shown)
    assert "aija" not in shown.to_csv()
    assert shown["material"].tolist() == ["sawdust", ""]
    # Placed where the name is known, shown where it isn't.
    fewer = Analysis(shared.companies, shared.flows, shared.candidates.iloc[:0])
    hidden = for_public(placed(rows, shared), fewer)
    assert hidden["candidate"].tolist() == ["", ""]
    assert hidden["tonnes"].isna().all()
    for name in ("from_company", "supply_id", "material", "from_municipality"):
        assert hidden[name].tolist() == ["", ""]


def test_keys_of_sole_traders_are_renamed_and_back():
    companies = demo.companies().head(3)
    names = ["Tmi Maija Meikäläinen", "Puu Oy", "Toiminimi Kalle"]
    companies = companies.assign(name=names, id=["tmi-maija", "puu", "tmi"])
    companies = tables.stored_companies(
        companies.assign(contact="", sole_trader=False, status="active", corrected="", revision=0)[
            list(tables.STORED_COMPANIES.columns)
        ]
    )
    flows = demo.flows().head(1).assign(id="maijan puru", company_id="tmi-maija", direction="out")
    flows = tables.stored_flows(
        flows.assign(status="active", corrected="", revision=0)[list(tables.STORED_FLOWS.columns)]
    )
    ids = renamed(Snapshot(1, companies, flows))
    named = ("from_company", "to_company", "supply_id", "demand_id")

    def made_of(*parts):
        return candidate_key(dict(zip(named, parts, strict=True)))

    told = made_of("tmi-maija", "puu", "maijan puru", "")
    guessed = made_of("tmi-maija", "tmi", "est-tmi-maija-out-wood", "est-tmi-in-wood")
    for one in (told, guessed, made_of("puu", "x", "f", "g"), "", "[1]"):
        public = ids.public(one)
        assert "maija" not in public
        assert ids.own(public) == one
    giver, taker, *ends = candidate_parts(ids.public(guessed))
    assert ends == [f"est-{giver}-out-wood", f"est-{taker}-in-wood"]
    assert {giver, taker} == {"sole-trader-1", "sole-trader-2"}
    assert published(made({"candidate": told}), ids)["candidate"].tolist() == [ids.public(told)]


def test_late_is_what_is_due_and_still_under_way():
    rows = made(
        {"due": "2026-11-23"},
        {"due": "2026-11-24"},
        {"due": "2026-11-23", "stage": "realised"},
        {"due": "2026-11-23", "stage": "dropped"},
        {"due": ""},
    )
    assert overdue(rows, date(2026, 11, 24)).tolist() == [True, False, False, False, False]


EVERY = analyse(demo.companies(), demo.flows())


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 400), st.sampled_from(STAGES)), max_size=12))
def test_no_offer_or_stated_need_is_used_beyond_its_tonnes_and_sums_shrink_on_the_way(chosen):
    # Neighbouring rows are candidates of the same offers.
    rows = made(
        *(
            {"candidate": candidate_key(EVERY.candidates.iloc[row]), "stage": stage}
            for row, stage in chosen
        )
    )
    found = placed(rows, EVERY)
    part = shares(found, EVERY)
    has = EVERY.flows.set_index("id")["tonnes"]
    going = part[part["stage"] != "dropped"]
    for end in ("supply_id", "demand_id"):
        used = going[going[end] != ""].groupby(end)["tonnes"].sum()
        assert (used <= has.reindex(used.index) * (1 + 1e-9)).all()
    table = stages(found, part, public=False)
    assert (table["tonnes"].iloc[:4].diff().dropna() <= 1e-9).all()
    assert table["now"].sum() == len(rows)
    assert len(open_pairs(found)) <= len(rows)
