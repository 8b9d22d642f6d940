"""Matching and ranking: small cases worked by hand, and a brute force that shares no code."""

import math
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from itertools import product
from multiprocessing import get_context

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from kiertokylat import tables
from kiertokylat.match import match
from kiertokylat.rank import best_per_supply, rank

TEXT = list(tables.CANDIDATES.columns)[:11]


def company(key, x=0.0, y=0.0, nace="16100", precision="exact"):
    return {
        "id": key,
        "name": f"Example {key}",
        "business_id": "",
        "nace": nace,
        "nace_edition": "2025",
        "municipality": "179",
        "employees": np.nan,
        "x": 430_000.0 + x * 1000,
        "y": 6_900_000.0 + y * 1000,
        "precision": precision,
        "source": "test",
    }


def flow(key, owner, direction, material="wood", tonnes=(1, 2, 3), basis="reported", ewc="030105"):
    low, best, high = tonnes
    return {
        "id": key,
        "company_id": owner,
        "direction": direction,
        "ewc": ewc,
        "material": material,
        "tonnes_low": low,
        "tonnes": best,
        "tonnes_high": high,
        "continuity": "",
        "basis": basis,
        "source": "test",
        "note": "",
    }


def use(material, division, number=1, route="recycling", evidence="B", permit=""):
    return {
        "use": f"{material}-{division}-{number}",
        "material": material,
        "division": division,
        "route": route,
        "permit_fi": permit,
        "evidence": evidence,
    }


def companies_of(*rows):
    return tables.companies(pd.DataFrame(rows, columns=list(tables.COMPANIES.columns)))


def flows_of(*rows):
    return tables.flows(pd.DataFrame(rows, columns=list(tables.FLOWS.columns)))


def uses_of(*rows):
    columns = ["use", "material", "division", "route", "permit_fi", "evidence"]
    return pd.DataFrame(rows, columns=columns).astype("str").set_index("use")


NO_USES = uses_of()


def ends(candidates):
    return list(
        candidates[["supply_id", "to_company", "demand_id"]].itertuples(index=False, name=None)
    )


class TestStatedNeed:
    def test_distance_tonnes_and_certainty_worked_by_hand(self):
        companies = companies_of(
            company("mill"),
            company("plant", x=3, y=4, nace="35301", precision="postal"),
            company("far", x=60),
        )
        flows = flows_of(
            flow("s", "mill", "out", tonnes=(10, 20, 40)),
            flow("d", "plant", "in", tonnes=(15, 18, 30), basis="estimated", ewc=""),
            flow("e", "far", "in"),
        )
        uses = uses_of(
            use("wood", "35", 1, "energy", "A"),
            use("wood", "35", 2, "recycling", "C"),
            use("wood", "35", 3, "recycling", "B"),
        )
        found = match(companies, flows, uses, hazardous=set(), receivers_per_supply=0)
        assert len(found) == 1
        row = found.iloc[0]
        # 3-4-5 triangle; 1.3 times the straight line; the smaller tonnage of each pair of values.
        assert row.to_dict() == {
            "supply_id": "s",
            "demand_id": "d",
            "from_company": "mill",
            "to_company": "plant",
            "material": "wood",
            "ewc": "030105",
            "use": "wood-35-3",  # a better route beats better evidence
            "route": "recycling",
            "evidence": "B",
            "certainty": "mixed",
            "precision": "postal",
            "distance_km": 5.0,
            "road_km": 6.5,
            "tonnes_low": 10.0,
            "tonnes": 18.0,
            "tonnes_high": 30.0,
        }
        tables.candidates(found)

    def test_the_limit_is_inclusive(self):
        companies = companies_of(company("a"), company("b", x=3, y=4), company("c", x=5.001))
        flows = flows_of(flow("s", "a", "out"), flow("d", "b", "in"), flow("e", "c", "in"))
        found = match(companies, flows, NO_USES, hazardous=set(), max_km=5.0)
        assert ends(found) == [("s", "b", "d")]

    def test_a_material_may_have_a_closer_limit_but_not_a_wider_one(self):
        companies = companies_of(company("a"), company("b", x=10))
        flows = flows_of(
            *(flow(f"s{m}", "a", "out", m) for m in ("ash", "steel", "wood")),
            *(flow(f"d{m}", "b", "in", m) for m in ("ash", "steel", "wood")),
        )
        limits = {"ash": 9.0, "steel": 100.0}
        found = match(companies, flows, NO_USES, hazardous=set(), max_km=50, limits_km=limits)
        assert list(found["material"]) == ["steel", "wood"]
        found = match(companies, flows, NO_USES, hazardous=set(), max_km=5, limits_km=limits)
        assert found.empty

    def test_no_company_supplies_itself(self):
        companies = companies_of(company("a"), company("b"))
        flows = flows_of(flow("s", "a", "out"), flow("own", "a", "in"), flow("other", "b", "in"))
        found = match(companies, flows, NO_USES, hazardous=set())
        assert ends(found) == [("s", "b", "other")]
        assert found["distance_km"].tolist() == [0.0]

    @pytest.mark.parametrize(
        ("supply", "demand", "expected"),
        [
            ((1, 2, 3), (np.nan,) * 3, (1, 2, 3)),
            ((np.nan,) * 3, (1, 2, 3), (1, 2, 3)),
            ((1, 5, 9), (2, 3, 4), (1, 3, 4)),
            # Missing parts take their neighbour's value, so that the order holds.
            ((np.nan, 5, np.nan), (10, 10, 10), (5, 5, 5)),
            ((3, np.nan, np.nan), (np.nan, np.nan, 2), (2, 2, 2)),
            ((1, np.nan, 9), (4, 4, 4), (1, 1, 4)),
        ],
    )
    def test_tonnes_of_a_pair(self, supply, demand, expected):
        companies = companies_of(company("a"), company("b"))
        flows = flows_of(flow("s", "a", "out", tonnes=supply), flow("d", "b", "in", tonnes=demand))
        found = match(companies, flows, NO_USES, hazardous=set())
        assert tuple(found[["tonnes_low", "tonnes", "tonnes_high"]].iloc[0]) == expected

    def test_unknown_on_both_sides_stays_unknown(self):
        companies = companies_of(company("a"), company("b"))
        nothing = (np.nan,) * 3
        flows = flows_of(
            flow("s", "a", "out", tonnes=nothing), flow("d", "b", "in", tonnes=nothing)
        )
        found = match(companies, flows, NO_USES, hazardous=set())
        assert found[["tonnes_low", "tonnes", "tonnes_high"]].isna().all(axis=None)

    @pytest.mark.parametrize(
        ("supply", "demand", "certainty"),
        [
            ("reported", "register", "reported"),
            ("estimated", "reported", "mixed"),
            ("register", "estimated", "mixed"),
            ("estimated", "estimated", "estimated"),
        ],
    )
    def test_certainty(self, supply, demand, certainty):
        companies = companies_of(company("a"), company("b"))
        flows = flows_of(flow("s", "a", "out", basis=supply), flow("d", "b", "in", basis=demand))
        found = match(companies, flows, NO_USES, hazardous=set())
        assert list(found["certainty"]) == [certainty]

    def test_without_a_row_of_uses_there_is_no_use(self):
        companies = companies_of(company("a"), company("b", nace=""))
        flows = flows_of(flow("s", "a", "out"), flow("d", "b", "in"))
        found = match(companies, flows, uses_of(use("wood", "35")), hazardous=set())
        assert found[["use", "route", "evidence"]].iloc[0].tolist() == ["", "", ""]


class TestNeedKnownFromIndustry:
    def test_a_division_that_uses_the_material_is_a_receiver(self):
        companies = companies_of(
            company("mill"),
            company("heat", x=1, nace="35301"),
            company("says", x=2, nace="35301"),
            company("baker", x=3, nace="10710"),
        )
        flows = flows_of(
            flow("s", "mill", "out", tonnes=(1, 2, 3)),
            flow("d", "says", "in", tonnes=(1, 1, 1)),
        )
        found = match(companies, flows, uses_of(use("wood", "35")), hazardous=set())
        # The one that has stated its need stands once, by that need.
        assert ends(found) == [("s", "heat", ""), ("s", "says", "d")]
        assert list(found["certainty"]) == ["mixed", "reported"]
        assert list(found["tonnes"]) == [2.0, 1.0]
        assert list(found["use"]) == ["wood-35-1"] * 2

    def test_a_need_of_another_material_does_not_count_as_stated(self):
        companies = companies_of(company("mill"), company("heat", nace="35301"))
        flows = flows_of(flow("s", "mill", "out"), flow("d", "heat", "in", "bark"))
        found = match(companies, flows, uses_of(use("wood", "35")), hazardous=set())
        assert ends(found) == [("s", "heat", "")]

    def test_the_nearest_of_each_division_and_ties_by_id(self):
        companies = companies_of(
            company("z-mill", nace="35301"),  # nearest of all to its own supply, but itself
            company("c", x=2, nace="35301"),
            company("b", y=2, nace="35301"),
            company("a", x=-2, nace="35301"),
            company("d", x=1, nace="35301"),
            company("soil", x=9, nace="01110"),
            company("far", x=51, nace="01110"),
        )
        flows = flows_of(flow("s", "z-mill", "out"))
        uses = uses_of(use("wood", "35"), use("wood", "01", route="organic"))
        found = match(companies, flows, uses, hazardous=set(), receivers_per_supply=3)
        assert list(found["to_company"]) == ["a", "b", "d", "soil"]
        found = match(companies, flows, uses, hazardous=set(), receivers_per_supply=0)
        assert found.empty
        found = match(companies, flows, uses, hazardous=set(), receivers_per_supply=None)
        assert list(found["to_company"]) == ["a", "b", "c", "d", "soil"]

    def test_the_number_of_receivers_does_not_limit_stated_needs(self):
        companies = companies_of(company("a"), *(company(f"b{n}", x=n) for n in range(4)))
        flows = flows_of(flow("s", "a", "out"), *(flow(f"d{n}", f"b{n}", "in") for n in range(4)))
        found = match(companies, flows, NO_USES, hazardous=set(), receivers_per_supply=1)
        assert len(found) == 4


class TestHazardousWaste:
    companies = companies_of(
        company("a"), company("b", x=1, nace="38120"), company("c", x=2, nace="19200")
    )
    uses = uses_of(
        use("oil", "38", 1, "recycling", "A"),
        use("oil", "38", 2, "energy", "B", permit="Ympäristölupa"),
        use("oil", "19", 1, "recycling", "A"),
    )
    demands = (flow("d", "b", "in", "oil"), flow("e", "c", "in", "oil"))

    @pytest.mark.parametrize("stated", [True, False])
    def test_only_with_a_permit_note_and_then_that_use(self, stated):
        flows = flows_of(
            flow("s", "a", "out", "oil", ewc="130205"),
            flow("t", "a", "out", "oil", ewc="020304"),
            *(self.demands if stated else ()),
        )
        found = match(self.companies, flows, self.uses, hazardous={"130205"})
        assert list(zip(found["supply_id"], found["to_company"], found["use"], strict=True)) == [
            ("s", "b", "oil-38-2"),
            ("t", "b", "oil-38-1"),
            ("t", "c", "oil-19-1"),
        ]

    def test_not_without_a_row_of_uses(self):
        flows = flows_of(flow("s", "a", "out", "oil", ewc="130205"), *self.demands)
        assert match(self.companies, flows, NO_USES, hazardous=pd.Series(["130205"])).empty


@pytest.mark.parametrize("receivers_per_supply", [None, 2])
@pytest.mark.parametrize(
    ("companies", "flows"),
    [
        (companies_of(), flows_of()),
        (companies_of(company("a")), flows_of()),
        (companies_of(company("a")), flows_of(flow("s", "a", "out"))),
        (companies_of(company("a")), flows_of(flow("d", "a", "in"))),
        (companies_of(company("a")), flows_of(flow("s", "gone", "out"), flow("d", "a", "in"))),
    ],
)
def test_nothing_to_match_gives_an_empty_table(companies, flows, receivers_per_supply):
    for uses in (NO_USES, uses_of(use("wood", "35"))):
        found = match(
            companies, flows, uses, hazardous=set(), receivers_per_supply=receivers_per_supply
        )
        assert found.empty
        tables.candidates(found)
        assert rank(found).empty
        assert best_per_supply(found).empty


MATERIALS, DIVISIONS, CODES = ("bark", "oil", "wood"), ("16", "35", "38"), ("020304", "130205")
# Whole kilometres on a small grid: many equal distances, shared points and hits on the limit.
GRID = st.integers(0, 6)


@st.composite
def regions(draw):
    sites = draw(
        st.lists(st.tuples(GRID, GRID, st.sampled_from(DIVISIONS)), min_size=1, max_size=9)
    )
    keys = draw(st.permutations([f"c{n}" for n in range(len(sites))]))
    companies = companies_of(
        *(
            company(key, x, y, f"{division}100", draw(st.sampled_from(tables.PRECISIONS)))
            for key, (x, y, division) in zip(keys, sites, strict=True)
        )
    )
    tonnages = st.tuples(*[st.none() | st.integers(0, 9)] * 3).map(_in_order)
    numbered = draw(st.permutations(range(12)))[: draw(st.integers(0, 12))]
    flows = flows_of(
        *(
            flow(
                f"f{number:02d}",
                draw(st.sampled_from(keys)),
                draw(st.sampled_from(tables.DIRECTIONS)),
                draw(st.sampled_from(MATERIALS)),
                draw(tonnages),
                draw(st.sampled_from(tables.BASES)),
                draw(st.sampled_from(CODES)),
            )
            for number in numbered
        )
    )
    chosen = draw(
        st.lists(
            st.tuples(
                st.sampled_from(MATERIALS),
                st.sampled_from(DIVISIONS),
                st.sampled_from(tables.ROUTES),
                st.sampled_from("ABC"),
                st.sampled_from(["", "lupa"]),
            ),
            max_size=8,
        )
    )
    uses = uses_of(
        *(
            use(m, d, n, route, grade, permit)
            for n, (m, d, route, grade, permit) in enumerate(chosen)
        )
    )
    return companies, flows, uses


def _in_order(values):
    """Three tonnages, some unknown, the known ones from low to high."""
    known = iter(sorted(value for value in values if value is not None))
    return tuple(math.nan if value is None else next(known) for value in values)


def brute_force(companies, flows, uses, *, hazardous, max_km, receivers_per_supply):
    """The rules once more, in plain Python and without any index. Sorted tuples of all columns."""
    sites = companies.set_index("id").to_dict("index")
    rows = flows.to_dict("records")
    rules = uses.reset_index().to_dict("records")
    found = []
    for supply in (row for row in rows if row["direction"] == "out"):
        near = {}
        for key, site in sites.items():
            if key == supply["company_id"]:
                continue
            start = sites[supply["company_id"]]
            away = math.sqrt((start["x"] - site["x"]) ** 2 + (start["y"] - site["y"]) ** 2) / 1000
            fitting = [
                rule
                for rule in rules
                if rule["material"] == supply["material"] and rule["division"] == site["nace"][:2]
                if rule["permit_fi"] or supply["ewc"] not in hazardous
            ]
            if away > max_km or (supply["ewc"] in hazardous and not fitting):
                continue
            best = min(
                fitting,
                key=lambda r: (tables.ROUTES.index(r["route"]), r["evidence"], r["use"]),
                default={"use": "", "route": "", "evidence": ""},
            )
            stated = [
                row
                for row in rows
                if row["direction"] == "in"
                if row["company_id"] == key and row["material"] == supply["material"]
            ]
            found += [_candidate(supply, demand, key, sites, away, best) for demand in stated]
            if not stated and fitting:
                near.setdefault(site["nace"][:2], []).append((away, key, best))
        for takers in near.values():
            for away, key, best in sorted(takers, key=lambda t: t[:2])[:receivers_per_supply]:
                found.append(_candidate(supply, None, key, sites, away, best))
    return sorted(found, key=lambda row: (row["material"], row["supply_id"], *_receiver(row)))


def _receiver(row):
    return row["to_company"], row["demand_id"]


def _candidate(supply, demand, to_company, sites, away, best):
    ends = (sites[supply["company_id"]], sites[to_company])
    bases = [supply["basis"], demand["basis"] if demand else "estimated"]
    flows = [_filled(supply), *([_filled(demand)] if demand else [])]
    tonnes = [
        min((t for t in part if t is not None), default=None) for part in zip(*flows, strict=True)
    ]
    return {
        "supply_id": supply["id"],
        "demand_id": demand["id"] if demand else "",
        "from_company": supply["company_id"],
        "to_company": to_company,
        "material": supply["material"],
        "ewc": supply["ewc"],
        **{name: best[name] for name in ("use", "route", "evidence")},
        "certainty": tables.CERTAINTIES[bases.count("estimated")],
        "precision": max((end["precision"] for end in ends), key=tables.PRECISIONS.index),
        "distance_km": away,
        "road_km": away * 1.3,
        "tonnes_low": tonnes[0],
        "tonnes": tonnes[1],
        "tonnes_high": tonnes[2],
    }


def _filled(row):
    low, best, high = (
        None if math.isnan(row[name]) else row[name]
        for name in ("tonnes_low", "tonnes", "tonnes_high")
    )
    if best is None:
        best = low if low is not None else high
    return low if low is not None else best, best, high if high is not None else best


def plain(candidates):
    """Rows as dicts with None for what is not known."""
    return candidates.astype(object).where(candidates.notna(), None).to_dict("records")


OPTIONS = st.fixed_dictionaries(
    {
        "hazardous": st.sampled_from([frozenset(), frozenset({"130205"})]),
        "max_km": st.sampled_from([0.0, 2.0, 5.0, 50.0]),
        "receivers_per_supply": st.sampled_from([None, 0, 1, 2, 5]),
    }
)


@settings(max_examples=120, deadline=None)
@given(region=regions(), options=OPTIONS)
def test_equals_brute_force(region, options):
    found = match(*region, **options)
    assert plain(found) == brute_force(*region, **options)
    tables.candidates(found)


@settings(max_examples=40, deadline=None)
@given(region=regions(), options=OPTIONS, seed=st.integers(0, 2**32 - 1))
def test_the_order_of_rows_does_not_matter(region, options, seed):
    shuffled = (frame.sample(frac=1, random_state=seed) for frame in region)
    assert_frame_equal(match(*region, **options), match(*shuffled, **options))


@settings(max_examples=40, deadline=None)
@given(region=regions())
def test_swapping_offers_and_needs_mirrors_the_stated_pairs(region):
    companies, flows, _ = region
    mirrored = flows.assign(direction=flows["direction"].map({"in": "out", "out": "in"}))
    columns = ["supply_id", "demand_id", "from_company", "to_company", "certainty", "distance_km"]
    there, back = (
        match(companies, f, NO_USES, hazardous=set())[[*columns, "tonnes"]].astype(object)
        for f in (flows, mirrored)
    )
    back = back.rename(
        columns={
            "supply_id": "demand_id",
            "demand_id": "supply_id",
            "from_company": "to_company",
            "to_company": "from_company",
        }
    )
    key = ["supply_id", "demand_id"]
    assert_frame_equal(
        there.sort_values(key, ignore_index=True),
        back[there.columns].sort_values(key, ignore_index=True),
    )


def small_town(count=300, seed=1):
    random = np.random.default_rng(seed)
    companies = companies_of(
        *(
            company(f"c{n:03d}", *random.integers(0, 80, 2), nace=f"{random.choice(DIVISIONS)}1")
            for n in range(count)
        )
    )
    flows = flows_of(
        *(
            flow(
                f"f{n:04d}",
                f"c{random.integers(count):03d}",
                random.choice(tables.DIRECTIONS),
                random.choice(MATERIALS),
            )
            for n in range(2 * count)
        )
    )
    uses = uses_of(*(use(m, d) for m, d in product(MATERIALS, DIVISIONS[:2])))
    return companies, flows, uses


def processes(count):
    return ProcessPoolExecutor(count, mp_context=get_context("spawn"))


@pytest.mark.parametrize("executor", [ThreadPoolExecutor, processes])
def test_any_executor_gives_the_same_table(executor):
    region = small_town()
    alone = match(*region, hazardous=set(), receivers_per_supply=3)
    assert len(alone) > 1000
    with executor(2) as pool:
        together = match(*region, hazardous=set(), receivers_per_supply=3, executor=pool)
    assert_frame_equal(alone, together)


def test_a_town_equals_brute_force_pair_by_pair():
    region = small_town(120)
    options = {"hazardous": frozenset(), "max_km": 20.0, "receivers_per_supply": 3}
    assert plain(match(*region, **options)) == brute_force(*region, **options)


class TestRank:
    candidates = match(*small_town(), hazardous=set(), receivers_per_supply=2)

    def test_certainty_class_first_then_the_chosen_key(self):
        companies = companies_of(
            company("a"), company("b", x=9), company("c", x=5), company("d", x=1)
        )
        nothing = (np.nan,) * 3
        flows = flows_of(
            flow("s", "a", "out", tonnes=nothing),
            flow("b1", "b", "in", tonnes=(4, 4, 4)),
            flow("c1", "c", "in", tonnes=(7, 7, 7)),
            flow("c2", "c", "in", tonnes=nothing),
            flow("d1", "d", "in", tonnes=(9, 9, 9), basis="estimated"),
        )
        found = match(companies, flows, NO_USES, hazardous=set())
        assert list(rank(found, "tonnes")["demand_id"]) == ["c1", "b1", "c2", "d1"]
        assert list(rank(found, "distance")["demand_id"]) == ["c1", "c2", "b1", "d1"]
        assert list(best_per_supply(found, "distance")["demand_id"]) == ["c1"]

    def test_evidence_orders_from_precedent_to_none(self):
        companies = companies_of(
            company("a"),
            *(company(f"b{d}", x=1, nace=f"{d}100") for d in ("16", "35", "38", "01")),
        )
        flows = flows_of(
            flow("s", "a", "out"),
            *(flow(f"d{d}", f"b{d}", "in") for d in ("16", "35", "38", "01")),
        )
        uses = uses_of(
            use("wood", "16", evidence="C"),
            use("wood", "35", evidence="A"),
            use("wood", "38", evidence="B"),
        )
        found = match(companies, flows, uses, hazardous=set(), receivers_per_supply=0)
        assert list(rank(found, "evidence")["demand_id"]) == ["d35", "d38", "d16", "d01"]

    @pytest.mark.parametrize("by", ["tonnes", "distance", "evidence"])
    def test_plain_text_columns_and_shuffled_rows_rank_alike(self, by):
        text = self.candidates.astype(dict.fromkeys(TEXT, "str")).sample(frac=1, random_state=1)
        expected = rank(self.candidates, by)
        assert_frame_equal(rank(text, by), expected.astype(dict.fromkeys(TEXT, "str")))

    def test_each_supply_once_and_none_lost(self):
        best = best_per_supply(self.candidates, "distance")
        assert best["supply_id"].is_unique
        assert set(best["supply_id"]) == set(self.candidates["supply_id"])
        nearest = self.candidates.groupby(["supply_id", "certainty"])["distance_km"].min()
        for row in best.itertuples():
            assert row.distance_km == nearest[row.supply_id].dropna().iloc[0]
