"""Posts as companies, flows and candidates; commitments as a funnel."""

import numpy as np
import pandas as pd
import pytest

from kiertokylat import demo, reference, tables
from kiertokylat.analysis import analyse
from kiertokylat.assumptions import Assumptions
from kiertokylat.indicators import STAGES
from kiertokylat.locate import to_metres
from kiertokylat.room import Post, candidate_key, candidate_parts
from kiertokylat.workshop import WAY, flows_of, funnel, matches

RUDE = "<b>Matti & Co</b> {{7*7}}"
NOBODY = tables.empty(tables.COMPANIES)
NOTHING = tables.empty(tables.FLOWS)


def posts(*rows):
    """Posts as the store gives them; each row may leave out what does not matter."""
    return pd.DataFrame(
        [
            {
                "id": f"post-{number}",
                "participant": number,
                "direction": "out",
                "material": "sawdust",
                "tonnes_low": np.nan,
                "tonnes": np.nan,
                "tonnes_high": np.nan,
                "amount": "",
                "municipality": "729",
                "note": "",
                "state": "accepted",
                "created": pd.Timestamp("2026-11-24", tz="UTC"),
            }
            | row
            for number, row in enumerate(rows, start=1)
        ],
        columns=[
            *("id", "participant", "direction", "material", "tonnes_low", "tonnes", "tonnes_high"),
            *("amount", "municipality", "note", "state", "created"),
        ],
    )


def centre(code):
    row = reference.municipalities().loc[code]
    return to_metres(row["centre_lon"], row["centre_lat"])


def company(key, nace, code, away_km=0.0):
    """A company so far east of a municipality's centre."""
    x, y = centre(code)
    return {
        "id": key,
        "name": key,
        "business_id": "",
        "nace": nace,
        "nace_edition": "2008",
        "municipality": code,
        "employees": np.nan,
        "x": float(x) + 1000 * away_km,
        "y": float(y),
        "precision": "exact",
        "source": "test",
    }


def flow(key, owner, direction, tonnes, material="sawdust"):
    return {
        "id": key,
        "company_id": owner,
        "direction": direction,
        "ewc": "",
        "material": material,
        "tonnes_low": tonnes,
        "tonnes": tonnes,
        "tonnes_high": tonnes,
        "continuity": "",
        "basis": "reported",
        "source": "test",
        "note": "",
    }


def region(some_companies, some_flows):
    companies = tables.companies(pd.DataFrame(some_companies))
    return companies, tables.flows(pd.DataFrame(some_flows)) if some_flows else NOTHING


def test_posts_become_marked_companies_and_flows():
    said = posts(
        {
            "amount": "3 rekkaa",
            "note": RUDE,
            "tonnes_low": 75.0,
            "tonnes": 126.0,
            "direction": "in",
        },
        {"note": RUDE, "municipality": "179"},
        {"amount": "paljon"},
    )
    companies, flows = flows_of(said)
    assert companies["id"].tolist() == [f"workshop-post-{number}" for number in (1, 2, 3)]
    assert flows["id"].tolist() == flows["company_id"].tolist() == companies["id"].tolist()
    assert companies["name"].tolist() == [
        "Työpajassa kerrottu (Saarijärvi)",
        "Työpajassa kerrottu (Jyväskylä)",
        "Työpajassa kerrottu (Saarijärvi)",
    ]
    assert set(companies["source"]) == set(flows["source"]) == {"työpaja"}
    assert set(companies["precision"]) == {"municipality"}
    assert set(flows["basis"]) == {"reported"}
    assert flows["direction"].tolist() == ["in", "out", "out"]
    # As it was typed: whoever shows it escapes it.
    assert flows["note"].tolist() == [f"3 rekkaa; {RUDE}", RUDE, "paljon"]
    assert flows["tonnes"].tolist() == pytest.approx([126, np.nan, np.nan], nan_ok=True)
    pd.testing.assert_frame_equal(tables.companies(companies), companies)
    pd.testing.assert_frame_equal(tables.flows(flows), flows)
    # 200 m between neighbours of one spiral: all within a kilometre of the centre.
    for row in companies.itertuples():
        x, y = centre(row.municipality)
        assert np.hypot(row.x - x, row.y - y) < 1000


def test_only_accepted_posts_with_a_material_and_a_place_take_part():
    said = posts(
        {"state": "waiting"},
        {"state": "rejected"},
        {"material": ""},
        {"municipality": ""},
        {},
    )
    companies, flows = flows_of(said)
    assert companies["id"].tolist() == flows["id"].tolist() == ["workshop-post-5"]
    for empty in (posts(), said.iloc[:4]):
        companies, flows = flows_of(empty)
        assert list(companies) == list(tables.COMPANIES.columns)
        assert list(flows) == list(tables.FLOWS.columns)
        assert companies.empty
        assert flows.empty


def test_a_post_keeps_its_place_when_others_come():
    few, _ = flows_of(posts({"id": "zzz"}, {"id": "mmm"}))
    many, _ = flows_of(posts({"id": "zzz"}, {"id": "mmm"}, {"id": "aaa"}))
    pd.testing.assert_frame_equal(many.iloc[:2], few)


def test_an_offer_meets_a_stored_need():
    # The need lies 10 km east of Saarijärvi's centre, 40 t a year; the offer is 100 t, low 60.
    companies, flows = region(
        [company("farm", "01500", "729", 10), company("far", "01500", "729", 90)],
        [flow("f", "farm", "in", 40), flow("g", "far", "in", 40), flow("h", "farm", "out", 9)],
    )
    offer = Post("out", "sawdust", "729", (60, 100, 120), id="oma")
    found = matches(offer, companies, flows, posts(), max_km=50)
    (row,) = found.to_dict("records")
    assert (row["supply_id"], row["demand_id"]) == ("workshop-oma", "f")
    assert (row["from_company"], row["to_company"]) == ("workshop-oma", "farm")
    # The post's own place is the first of the spiral: 200 / 1,546 × √½ = 91 m east of the centre.
    assert row["distance_km"] == pytest.approx(10 - 0.0915, abs=0.001)
    # min(60, 40), min(100, 40), min(120, 40)
    assert (row["tonnes_low"], row["tonnes"], row["tonnes_high"]) == (40, 40, 40)
    assert (row["certainty"], row["precision"]) == ("reported", "municipality")
    assert row["road_km"] == pytest.approx(1.3 * row["distance_km"])
    # Without a cap the far one comes, too: the assumptions look 100 km far. Equal tonnes: the
    # nearer one first.
    found = matches(offer, companies, flows, posts())
    assert found["demand_id"].astype(str).tolist() == ["f", "g"]


def test_an_offer_meets_companies_whose_industry_uses_it():
    companies, _ = region([company("farm", "01500", "729", 10)], [])
    uses = reference.uses()
    assert ((uses["material"] == "sawdust") & (uses["division"] == "01")).any()
    found = matches(Post("out", "sawdust", "729"), companies, NOTHING, posts())
    (row,) = found.to_dict("records")
    assert (row["to_company"], row["demand_id"], row["certainty"]) == ("farm", "", "mixed")
    assert np.isnan(row["tonnes"])  # nobody has said how much
    none = matches(
        Post("out", "sawdust", "729"),
        companies,
        NOTHING,
        posts(),
        Assumptions(receivers_per_supply=0),
    )
    assert none.empty


def test_a_need_meets_a_stored_offer_only():
    companies, flows = region(
        [company("saw", "16100", "729", 5), company("farm", "01500", "729", 6)],
        [flow("s", "saw", "out", 300), flow("bark", "saw", "out", 300, "bark")],
    )
    found = matches(
        Post("in", "sawdust", "729", (20, 20, 20), id="tarve"), companies, flows, posts()
    )
    (row,) = found.to_dict("records")
    assert (row["supply_id"], row["demand_id"]) == ("s", "workshop-tarve")
    assert row["tonnes"] == 20


def test_posts_meet_each_other():
    need = {"id": "toisen", "direction": "in", "tonnes": 30.0, "participant": 2}
    said = posts(need, need | {"id": "oma", "participant": 1})
    offer = Post("out", "sawdust", "729", (50, 50, 50), id="tarjous")
    # The own need is no match of the own offer; the facilitator writes for many.
    found = matches(offer, NOBODY, NOTHING, said, participant=1)
    assert found["demand_id"].astype(str).tolist() == ["workshop-toisen"]
    assert found["tonnes"].tolist() == [30]
    found = matches(offer, NOBODY, NOTHING, said, participant=0)
    assert len(found) == 2
    # And from the other side.
    offers = posts({"id": "tarjous", "tonnes": 50.0})
    found = matches(Post("in", "sawdust", "729", id="toinen"), NOBODY, NOTHING, offers)
    assert found["supply_id"].astype(str).tolist() == ["workshop-tarjous"]


def test_a_stored_post_does_not_meet_itself_nor_those_that_wait():
    said = posts(
        {"id": "oma"},
        {"id": "odottaa", "direction": "in", "state": "waiting"},
        {"id": "hylätty", "direction": "in", "state": "rejected"},
    )
    assert matches(Post("out", "sawdust", "729", id="oma"), NOBODY, NOTHING, said).empty


@pytest.mark.parametrize(
    "post",
    [
        Post("out", "", "729", note="jotain"),
        Post("out", "sawdust", ""),
        Post("out", "gypsum", "729"),
        Post("in", "gypsum", "729"),
    ],
)
def test_nothing_found_is_an_empty_table(post):
    companies, flows = region([company("saw", "16100", "729")], [flow("s", "saw", "out", 3)])
    found = matches(post, companies.assign(nace="96020"), flows, posts())
    assert found.empty
    assert list(found) == list(tables.CANDIDATES.columns)


def test_an_offer_in_the_demo_region_finds_what_the_whole_analysis_would():
    companies, flows = flows_of(posts({"id": "oma", "tonnes": 100.0}))
    whole = analyse(
        pd.concat([demo.companies(), companies], ignore_index=True),
        pd.concat([demo.flows(), flows], ignore_index=True),
    ).candidates
    whole = whole[whole["supply_id"] == "workshop-oma"]
    region_only = analyse(demo.companies(), demo.flows())
    post = Post("out", "sawdust", "729", id="oma", tonnes=(100, 100, 100))
    found = matches(post, region_only.companies, region_only.flows, posts())
    names = ["to_company", "demand_id", "tonnes", "distance_km", "eur", "co2e"]
    assert not found.empty
    left, right = (
        frame[names].astype({"to_company": "str", "demand_id": "str"}).sort_values(names[:2])
        for frame in (found, whole)
    )
    pd.testing.assert_frame_equal(left.reset_index(drop=True), right.reset_index(drop=True))


def test_a_candidate_has_a_key():
    companies, flows = region([company('a"|', "01500", "729", 1)], [flow("f ä", 'a"|', "in", 40)])
    found = matches(Post("out", "sawdust", "729", id="p"), companies, flows, posts())
    key = candidate_key(found.iloc[0])
    assert candidate_parts(key) == ("workshop-p", 'a"|', "workshop-p", "f ä")
    for other in ("", "A", "[1]", "{}", "12"):
        assert candidate_parts(other) is None


def test_the_funnel_counts_each_commitment_at_every_stage_it_has_reached():
    stages = ["idea"] * 4 + ["contacted"] * 2 + ["realised"] + ["dropped"] * 3
    table = funnel(pd.DataFrame({"stage": stages}))
    assert table.index.tolist() == list(STAGES)
    assert table["now"].tolist() == [4, 2, 0, 1, 3]
    # realised 1; negotiated 0 + 1 = 1; contacted 2 + 1 = 3; idea 4 + 3 = 7; dropped by itself.
    assert table["reached"].tolist() == [7, 3, 1, 1, 3]
    assert WAY == ("idea", "contacted", "negotiated", "realised")
    empty = funnel(pd.DataFrame({"stage": pd.Series(dtype="str")}))
    assert empty["now"].tolist() == [0] * 5
