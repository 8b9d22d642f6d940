"""Gaps of a small region, worked by hand."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from kiertokylat import gap_words, gaps, reference, tables

LEVELS = ("municipality", "subregion")
NOTHING = pd.DataFrame(columns=["supply_id", "demand_id", "tonnes"]).astype({"tonnes": float})
# By the waste hierarchy 17 comes before 16 and 35, by evidence 16 before 01.
USES = pd.DataFrame(
    [
        ("sawdust-35", "sawdust", "35", "energy", "A", "a permit"),
        ("sawdust-01", "sawdust", "01", "recycling", "C", "a permit"),
        ("sawdust-16", "sawdust", "16", "recycling", "B", ""),
        ("sawdust-16-worse", "sawdust", "16", "energy", "A", "a permit"),
        ("sawdust-17", "sawdust", "17", "reuse", "C", ""),
    ],
    columns=["use", "material", "division", "route", "evidence", "permit_fi"],
).set_index("use")
EDGES = pd.Series(
    [30.0, 20.0, np.nan],
    index=pd.MultiIndex.from_tuples(
        [("sawdust", "reuse"), ("sawdust", "recycling"), ("sawdust", "energy")]
    ),
)


def company(key, municipality, nace="33", x=0.0, y=0.0):
    """A site `x` km east and `y` km north of a point; nobody takes anything in division 33."""
    return {
        "id": key,
        "name": f"Example {key}",
        "business_id": "",
        "nace": nace,
        "nace_edition": "",
        "municipality": municipality,
        "employees": np.nan,
        "x": 430_000.0 + x * 1000,
        "y": 6_900_000.0 + y * 1000,
        "precision": "exact",
        "source": "test",
    }


def flow(key, owner, direction, tonnes, material="sawdust", ewc=""):
    return {
        "id": key,
        "company_id": owner,
        "direction": direction,
        "ewc": ewc,
        "material": material,
        "tonnes_low": tonnes,
        "tonnes": tonnes,
        "tonnes_high": tonnes,
        "continuity": "",
        "basis": "reported",
        "source": "test",
        "note": "",
    }


def pairs(rows):
    """Candidates: who could give to which need. Only the ids count here."""
    return pd.DataFrame(rows, columns=["supply_id", "demand_id"]).astype("category")


def served(rows):
    return pd.DataFrame(rows, columns=["supply_id", "demand_id", "tonnes"])


def region(companies, flows):
    return tables.companies(pd.DataFrame(companies)), tables.flows(pd.DataFrame(flows))


@pytest.fixture
def small():
    """Viitasaari (931) and Kannonkoski (216) are in sub-region 138, Jyväskylä (179) in 131."""
    return region(
        [
            company("saw", "931"),
            company("planer", "931"),
            company("farm", "216"),
            company("debarker", "216"),
            company("boiler", "179"),
        ],
        [
            flow("s1", "saw", "out", 100.0),
            flow("s2", "planer", "out", 200.0),
            flow("s3", "debarker", "out", 40.0, "bark"),
            flow("s4", "debarker", "out", np.nan, "glass"),
            flow("d1", "farm", "in", 30.0),
            flow("d2", "boiler", "in", 50.0, "bark"),
            flow("lost", "nobody", "out", 999.0),
        ],
    )


def test_gaps_of_municipalities(small):
    table = gaps.by_place(
        *small, pairs([("s1", "d1")]), served([("s1", "d1", 30.0)]), level="municipality"
    )
    # Sawdust of 931: 100 + 200 t, of which s2 has no candidate and s1 places 30: 70 + 200 left.
    assert table.to_numpy().tolist() == [
        ["931", "sawdust", 300, 200, 270, 0, 0],
        ["216", "bark", 40, 40, 40, 0, 0],
        ["179", "bark", 0, 0, 0, 50, 50],
        ["216", "sawdust", 0, 0, 0, 30, 0],
    ]
    assert list(table) == [
        *("place", "material", "supply_t", "unreached_t", "left_t", "demand_t", "short_t")
    ]


def test_gaps_of_sub_regions(small):
    table = gaps.by_place(
        *small, pairs([("s1", "d1")]), served([("s1", "d1", 12.0)]), level="subregion"
    )
    assert table.to_numpy().tolist() == [
        ["138", "sawdust", 300, 200, 288, 30, 18],
        ["138", "bark", 40, 40, 40, 0, 0],
        ["131", "bark", 0, 0, 0, 50, 50],
    ]


def test_a_receiver_without_a_stated_need_takes_from_the_supply_only(small):
    table = gaps.by_place(
        *small, pairs([("s1", "")]), served([("s1", "", 30.0)]), level="municipality"
    )
    of = table.set_index(["place", "material"])
    assert of.loc[("931", "sawdust"), "left_t"] == 270
    assert of.loc[("216", "sawdust"), "short_t"] == 30


def test_what_a_solver_leaves_of_nothing_is_nothing(small):
    placed = served([("s1", "d1", 100.0 - 1e-8), ("s2", "d1", 200.0 + 1e-8)])
    table = gaps.by_place(*small, pairs([("s1", "d1"), ("s2", "d1")]), placed, level="subregion")
    row = table.set_index(["place", "material"]).loc[("138", "sawdust")]
    assert row[["unreached_t", "left_t", "short_t"]].tolist() == [0, 0, 0]


def test_needs_without_a_candidate(small):
    _, flows = small
    found = pairs([("s1", "d1")])
    assert gaps.needs_without_supply(flows, found)["id"].tolist() == ["d2"]
    extra = tables.flows(
        pd.DataFrame(
            [
                *flows.to_dict("records"),
                flow("d0", "boiler", "in", np.nan),
                flow("d3", "farm", "in", 80.0),
            ]
        )
    )
    assert gaps.needs_without_supply(extra, pairs([]))["id"].tolist() == ["d3", "d2", "d1", "d0"]


def wish(companies, flows, candidates=(), **changes):
    """Gaps of municipalities without a portfolio, and who could fill them."""
    known, every = region(companies, flows)
    found = pairs(candidates)
    table = gaps.by_place(known, every, found, NOTHING, level="municipality")
    values = {"uses": USES, "break_even_km": EDGES, "level": "municipality"} | changes
    return gaps.wanted(table, companies=known, flows=every, candidates=found, **values)


TWO = [company("a", "931"), company("b", "931", x=8.0)]
OFFERS = [flow("s1", "a", "out", 100.0), flow("s2", "b", "out", 300.0)]


def test_the_nearest_company_of_each_industry():
    """The mean point lies at (100 · 0 + 300 · 8) / 400 = 6 km.

    Division 17 at 36 km: 30 km straight, 39 km by road, 9 km beyond 30; 1.5 × 30 = 45, so near.
    Division 16 at 31 km: 25 km straight, 32.5 km by road, 12.5 km beyond 20; 1.5 × 20 = 30: far.
    Division 01 is not there. Division 35 at 6 km, 8 km north: 10.4 km by road.
    """
    others = [
        company("far", "179", "17", 66.0),
        company("paper", "179", "17", 36.0),
        company("boards", "179", "16", 31.0),
        company("heat", "179", "35", 6.0, 8.0),
    ]
    table = wish([*TWO, *others], OFFERS)
    assert table["use"].tolist() == ["sawdust-17", "sawdust-16", "sawdust-01", "sawdust-35"]
    assert table["rank"].tolist() == [1, 2, 3, 4]
    assert table["company_id"].tolist() == ["paper", "boards", "", "heat"]
    for name, values in {
        "road_km": [39, 32.5, np.nan, 10.4],
        "break_even_km": [30, 20, 20, np.nan],
        "beyond_km": [9, 12.5, np.nan, np.nan],
    }.items():
        assert table[name].tolist() == pytest.approx(values, nan_ok=True), name
    assert table["near_miss"].tolist() == [True, False, False, False]
    assert set(table["unreached_t"]) == set(table["left_t"]) == {400}


def test_the_mean_point_is_that_of_the_supplies_without_a_candidate():
    firms = [*TWO, company("paper", "179", "17", 10.0)]
    # s1 has a candidate: only b at 8 km counts, 2 km from the paper mill, 2.6 km by road.
    some = wish(firms, OFFERS, [("s1", "x")]).set_index("division").loc["17"]
    assert some["road_km"] == pytest.approx(2.6)
    assert some[["unreached_t", "left_t"]].tolist() == [300, 400]
    assert some["beyond_km"] == pytest.approx(2.6 - 30)
    assert not some["near_miss"]  # it is no miss
    # Both have one: all count, 4 km from it.
    every = wish(firms, OFFERS, [("s1", "x"), ("s2", "x")]).set_index("division").loc["17"]
    assert every["road_km"] == pytest.approx(5.2)
    assert every["unreached_t"] == 0


def test_hazardous_waste_goes_only_where_a_permit_note_allows_it():
    """170204 is hazardous by the list; 999999 is not in it; without a code nothing is feared."""
    every = ["sawdust-17", "sawdust-16", "sawdust-01", "sawdust-35"]
    # Of two equally good energy uses the one that stands first in the table comes first.
    permitted = ["sawdust-01", "sawdust-35", "sawdust-16-worse"]
    cases = {"170204": permitted, "999999": permitted, "030105": every, "": every}
    for code, ranked in cases.items():
        table = wish(TWO, [OFFERS[0], flow("s2", "b", "out", 1.0, ewc=code)])
        assert table["use"].tolist() == ranked, code
        assert table["hazardous"].eq(ranked is permitted).all()


def test_distances_that_agree_in_two_digits_are_the_same():
    """Paper at 30.2 km is within 30 km, at 30.6 km beyond: 30 and 31 in two digits."""
    for straight, near in ((30.2 / 1.3, True), (30.6 / 1.3, False)):
        firms = [company("a", "931"), company("paper", "179", "17", straight)]
        found = wish(firms, OFFERS[:1]).set_index("division").loc["17"]
        assert (found["near"], found["near_miss"]) == (near, not near)


def test_small_flows_do_not_travel_as_far():
    """s1 of 100 and s2 of 300 t; the edges of small flows are half as long.

    From 100 t on as full loads: neither is small. Below 300: a quarter of the tonnes is, and the
    rest decides. From 301 on both are small: paper at 39 km is 39 − 15 km beyond.
    """
    firms = [*TWO, company("paper", "179", "17", 36.0)]
    for full_loads_t, small, beyond in ((100.0, False, 9), (300.0, False, 9), (301.0, True, 24)):
        options = {"small_km": EDGES / 2, "full_loads_t": full_loads_t}
        found = wish(firms, OFFERS, **options).set_index("division").loc["17"]
        assert found["small"] == small
        assert found["beyond_km"] == pytest.approx(beyond)


def test_amounts_told_in_part_count_as_in_matching():
    """100 t of a need told as a high, 30 t of a supply as a low only."""
    need = flow("d", "b", "in", np.nan) | {"tonnes_high": 100.0}
    offer = flow("s", "a", "out", np.nan) | {"tonnes_low": 30.0}
    known, every = region(TWO, [need, offer])
    table = gaps.by_place(known, every, pairs([]), NOTHING, level="municipality")
    assert table[["supply_t", "left_t", "demand_t", "short_t"]].to_numpy().tolist() == [
        [30, 30, 100, 100]
    ]
    assert gaps.needs_without_supply(every, pairs([]))["tonnes"].tolist() == [100]


def test_of_equally_near_companies_the_first_id_counts():
    firms = [company(key, "931", "17", x) for key, x in (("z", 5.0), ("k", -5.0), ("p", 5.0))]
    table = wish([company("a", "931"), *firms], OFFERS[:1]).set_index("division")
    assert table.loc["17", "company_id"] == "k"


def test_the_mean_point_agrees_to_the_last_digit_in_any_order():
    """Three weights whose sums differ in the last digit by the order in which one adds them."""
    firms = [company("a", "931"), company("b", "931", x=0.3001), company("c", "931", x=1.7007)]
    firms.append(company("paper", "179", "17", 36.0))
    amounts = {"a": 0.1, "b": 0.7, "c": 0.3}
    offers = [flow(f"s{key}", key, "out", amount) for key, amount in amounts.items()]
    found = {wish(firms, [*order])["road_km"].iloc[0] for order in permutations(offers)}
    assert len(found) == 1


def test_givers_of_the_gap_are_no_takers_of_it():
    firms = [company("a", "931", "17"), company("b", "931", "16", 8.0)]
    table = wish([*firms, company("paper", "179", "17", 36.0)], OFFERS).set_index("division")
    assert table.loc["17", "company_id"] == "paper"
    assert table.loc["16", "company_id"] == ""


def test_twins_are_no_takers_unless_they_report_a_need():
    """Givers and the nearest company are of 17: while all is estimated, he has his own."""
    firms = [company("a", "931", "17"), company("b", "931", "17", 8.0)]
    firms += [company("near", "931", "17", 7.0), company("paper", "179", "17", 36.0)]
    guessed = [offer | {"basis": "estimated"} for offer in OFFERS]
    need, guess = flow("d", "paper", "in", 5.0), flow("e", "near", "in", 5.0)

    def taker(flows):
        return wish(firms, flows).set_index("division").loc["17", "company_id"]

    assert taker(guessed) == ""
    assert taker([*guessed, guess | {"basis": "estimated"}]) == ""
    assert taker([*guessed, need]) == "paper"
    assert taker([OFFERS[0], guessed[1]]) == "near"  # one giver has reported
    firms[0] = company("a", "931", "16")
    assert taker(guessed) == "near"  # one giver is of another division


def test_no_gap_no_wish():
    firms = [company("a", "931"), company("b", "931", "16")]
    assert wish(firms, [flow("d", "b", "in", 5.0)]).empty
    assert wish(firms, [flow("s", "a", "out", 5.0, "glass")]).empty  # no use is known
    none = tables.empty(tables.COMPANIES), tables.empty(tables.FLOWS)
    table = gaps.by_place(*none, pairs([]), NOTHING, level="subregion")
    assert table.empty
    columns = {"uses": USES, "break_even_km": EDGES, "level": "subregion"}
    wishes = gaps.wanted(table, companies=none[0], flows=none[1], candidates=pairs([]), **columns)
    assert wishes.empty
    assert {"company_id", "road_km", "near_miss"} <= set(wishes)


def row(**changes):
    first = {
        "place": "931",
        "material": "sawdust",
        "unreached_t": 1234.0,
        "left_t": 2000.0,
        "division": "16",
        "use": "wood_clean-16-material",
        "company_id": "x",
        "road_km": 84.4,
        "break_even_km": 64.0,
        "beyond_km": 20.4,
        "small": False,
    }
    found = first | changes
    return pd.Series({"near": found["beyond_km"] <= 0} | found)


def words(limit="eur", language="fi", **changes):
    return gap_words.sentence(row(**changes), language, limit=limit).replace("\u00a0", " ")


def test_the_sentence_in_full():
    assert words() == (
        "Viitasaari – Sahanpuru, lastu ja hake: tänne kannattaisi saada yritys toimialalta 16 "
        "(Sahatavaran sekä puu- ja korkkituotteiden valmistus (pl. huonekalut); olki- ja "
        "punontatuotteiden valmistus). Mahdollinen käyttö: Lastulevyn ja kuitulevyn raaka-aine. "
        "1 200 t/v jää ilman ottajaa valittujen rajojen sisällä. Alan lähin mahdollinen ottaja on "
        "maanteitse arviolta 84 km päässä, 20 km liian kaukana: kuljetus kannattaa, kun matka on "
        "korkeintaan 64 km."
    )
    assert words(language="en").endswith(
        "1,200 t/a is left without a taker within the chosen limits. The industry’s nearest "
        "possible taker is an estimated 84 km away by road, 20 km too far: transport pays up to "
        "64 km."
    )


@pytest.mark.parametrize(
    ("limit", "changes", "told"),
    [
        ("co2e", {}, "päästöt vähenevät, kun matka on korkeintaan 64 km"),
        ("eur", {"place": "138"}, "Saarijärven–Viitasaaren seutukunta – "),
        ("eur", {"place": "000", "material": "x", "division": "00"}, "000 – x: tänne kannattaisi"),
        ("eur", {"unreached_t": 0.0}, "mutta 2 000 t/v ei mahdu"),
        ("eur", {"company_id": "", "road_km": np.nan, "beyond_km": np.nan}, "ei ole alalta"),
        ("eur", {"break_even_km": 100.0, "beyond_km": -15.6}, "kannattavan matkan sisällä"),
        ("co2e", {"break_even_km": 100.0, "beyond_km": -15.6}, "niin lähellä, että päästöt"),
        ("eur", {"break_even_km": np.inf, "beyond_km": -np.inf}, "arviolta 84 km päässä."),
        ("eur", {"break_even_km": 0.0, "beyond_km": 84.4}, "ei kannata edes ilman"),
        ("co2e", {"break_even_km": 0.0, "beyond_km": 84.4}, "ei vähennä päästöjä edes ilman"),
        ("eur", {"break_even_km": np.nan, "beyond_km": np.nan}, "Kannattavuutta ei voi arvioida"),
        ("co2e", {"break_even_km": np.nan, "beyond_km": np.nan}, "Päästövaikutusta ei voi"),
        ("eur", {"road_km": 184.4, "beyond_km": 120.4}, "180 km päässä, 120 km liian kaukana"),
        ("eur", {"break_even_km": 423.0, "beyond_km": -338.6}, "(korkeintaan 420 km)"),
        ("eur", {"break_even_km": 1336.0, "beyond_km": -1251.6}, "arviolta 84 km päässä."),
        ("eur", {"small": True}, "64 km. Määrät koostuvat enimmäkseen pienistä virroista"),
        ("eur", {"small": True, "break_even_km": 0.0, "beyond_km": 84.4}, "arviolta 84 km päässä."),
        ("both", {}, "kannattavuusraja euroissa ja päästöissä on 64 km"),
        ("both", {"break_even_km": 100.0, "beyond_km": -15.6}, "(euroissa ja päästöissä 100 km)"),
        ("both", {"break_even_km": 0.0, "beyond_km": 84.4}, "ei kannata edes ilman"),
        ("both", {"break_even_km": np.nan, "beyond_km": np.nan}, "Kannattavuutta ja päästövaik"),
    ],
)
def test_what_the_sentence_says_besides(limit, changes, told):
    text = words(limit, **changes)
    assert told in text
    # A use that never pays is not wished for; one that is near already is asked first.
    wished = changes.get("break_even_km", 64.0) > 0 and not changes.get("beyond_km", 20.0) <= 0
    assert ("kannattaisi saada" in text) == wished
    assert ("kysy ensin" in text) == (changes.get("beyond_km", 20.0) <= 0)
    assert "kysy ensin" in words(limit, near=True, break_even_km=84.0, beyond_km=0.4)
    assert words(limit, "en", **changes).count("{") == 0


def test_no_sub_region_has_the_code_of_a_municipality():
    places = reference.municipalities()
    assert not set(places.index) & set(places["subregion"])


@st.composite
def regions(draw):
    """Companies of two divisions in three municipalities, flows, and a portfolio that fits."""
    count = draw(st.integers(1, 6))
    km = st.floats(-50, 50)
    places = st.sampled_from(["931", "216", "179"])
    firms = [
        company(f"c{n}", draw(places), draw(st.sampled_from(["16", "17"])), draw(km), draw(km))
        for n in range(count)
    ]
    amounts = st.one_of(st.just(np.nan), st.floats(0, 1000))
    materials = st.sampled_from(["sawdust", "bark"])
    flows = [
        flow(f"f{n}", f"c{n % count}", draw(st.sampled_from(tables.DIRECTIONS)), draw(amounts))
        | {"material": draw(materials)}
        for n in range(draw(st.integers(1, 10)))
    ]
    supplies = [entry for entry in flows if entry["direction"] == "out"]
    chosen = [entry for entry in supplies if draw(st.booleans())]
    part = draw(st.floats(0, 1))
    portfolio = [(e["id"], "", e["tonnes"] * part) for e in chosen if e["tonnes"] > 0]
    return firms, flows, pairs([(e["id"], "") for e in chosen]), served(portfolio)


@settings(max_examples=40, deadline=None)
@given(regions(), st.sampled_from(LEVELS))
def test_what_is_left_and_what_is_placed_is_what_there_is(case, level):
    firms, flows, found, portfolio = case
    known, every = region(firms, flows)
    table = gaps.by_place(known, every, found, portfolio, level=level)
    supply = every.loc[every["direction"] == "out", "tonnes"].sum()
    placed = portfolio["tonnes"].sum()
    # The tolerance is a gram a flow.
    assert table["left_t"].sum() + placed == pytest.approx(supply, abs=1e-5)
    assert table["supply_t"].sum() == pytest.approx(supply)
    need = every.loc[every["direction"] == "in", "tonnes"].sum()
    assert table["short_t"].sum() == pytest.approx(need, abs=1e-5)
    # Whoever has no candidate has no place in the portfolio.
    assert (table["unreached_t"] <= table["left_t"] + 1e-5).all()


@settings(max_examples=40, deadline=None)
@given(regions(), st.sampled_from(LEVELS), st.randoms())
def test_the_order_of_rows_changes_nothing(case, level, random):
    def run(firms, flows, found, portfolio):
        known, every = region(firms, flows)
        table = gaps.by_place(known, every, found, portfolio, level=level)
        return table, gaps.wanted(
            table,
            companies=known,
            flows=every,
            candidates=found,
            uses=USES,
            break_even_km=EDGES,
            level=level,
        )

    firms, flows, found, portfolio = case
    first = run(*case)
    random.shuffle(firms)
    random.shuffle(flows)
    again = run(firms, flows, found.iloc[::-1], portfolio.iloc[::-1])
    for one, other in zip(first, again, strict=True):
        assert_frame_equal(one, other, check_exact=True)
