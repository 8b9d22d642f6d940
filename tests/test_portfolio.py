"""The best choice: small cases by hand, every choice of small cases, properties."""

import itertools

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiertokylat import tables
from kiertokylat.portfolio import greedy, optimal, totals

GOALS = ("eur", "co2e", "tonnes")
ENDS = ("_low", "", "_high")
FEW = settings(max_examples=50, deadline=None)


def flow(key, direction, low, tonnes, high, material="sawdust"):
    return {
        "id": key,
        "company_id": key.upper(),
        "direction": direction,
        "ewc": "",
        "material": material,
        "tonnes_low": low,
        "tonnes": tonnes,
        "tonnes_high": high,
        "continuity": "",
        "basis": "reported",
        "source": "test",
        "note": "",
    }


def candidate(supply, need, tonnes, eur, co2e=(1.0, 1.0, 1.0), material="sawdust", to=None):
    """Amounts as (low, best, high); eur and co2e a tonne, ranges made as in `impact.assess`."""
    row = {
        "supply_id": supply,
        "demand_id": need,
        "from_company": supply.upper(),
        "to_company": to or need.upper(),
        "material": material,
        "ewc": "",
        "use": "",
        "route": "",
        "evidence": "",
        "certainty": "reported",
        "precision": "exact",
        "distance_km": 1.0,
        "road_km": 1.3,
        **{f"tonnes{end}": amount for end, amount in zip(ENDS, tonnes, strict=True)},
    }
    low, best, high = tonnes
    for name, (least, unit, most) in (("eur", eur), ("co2e", co2e)):
        row[f"{name}_low"] = least * (high if least < 0 else low)
        row[name] = unit * best
        row[f"{name}_high"] = most * (low if most < 0 else high)
    return row


def exactly(amount):
    return (amount, amount, amount)


def case(supplies, needs, pairs):
    """Tables of amounts (low, best, high) by id and of EUR/t (best) by pair of ids."""
    flows = [flow(key, "out", *amounts) for key, amounts in supplies.items()]
    flows += [flow(key, "in", *amounts) for key, amounts in needs.items()]
    rows = [
        candidate(s, d, [min(ends) for ends in zip(supplies[s], needs[d], strict=True)], unit)
        for (s, d), unit in pairs.items()
    ]
    frame = pd.DataFrame(rows, columns=list(candidate("s", "d", (1, 1, 1), (1, 1, 1))))
    columns = list(tables.FLOWS.columns)
    return tables.candidates(frame), tables.flows(pd.DataFrame(flows, columns=columns))


def served(portfolio):
    """Tonnes by supply and need."""
    ids = zip(portfolio["supply_id"], portfolio["demand_id"], strict=True)
    return dict(zip(ids, portfolio["tonnes"].round(9).tolist(), strict=True))


def test_the_best_choice_leaves_the_best_pair_of_greedy_aside():
    """By hand: offers a, b of 10 t, needs c, d of 10 t; 10 EUR/t a–c, 9 a–d, 8 b–c, none b–d.

    Greedy takes a–c first (100 EUR), then nothing is left for b: 100 EUR. The best choice is
    a–d and b–c: 90 + 80 = 170 EUR. The plain list promises 100 + 90 + 80 = 270 EUR.
    """
    ten = exactly(10.0)
    units = {("a", "c"): 10.0, ("a", "d"): 9.0, ("b", "c"): 8.0}
    pairs = {pair: exactly(unit) for pair, unit in units.items()}
    candidates, flows = case({"a": ten, "b": ten}, {"c": ten, "d": ten}, pairs)
    best, simple = (choose(candidates, flows, "eur") for choose in (optimal, greedy))
    assert served(simple) == {("a", "c"): 10}
    assert served(best) == {("a", "d"): 10, ("b", "c"): 10}
    assert [totals(simple)["eur"], totals(best)["eur"], totals(candidates)["eur"]] == [
        100,
        170,
        270,
    ]
    assert [totals(best)["tonnes"], totals(candidates)["tonnes"]] == [20, 30]


def test_columns_types_and_order():
    ten = exactly(10.0)
    pairs = {(s, d): exactly(1.0) for s in "ba" for d in "dc"}
    candidates, flows = case({"b": ten, "a": ten}, {"d": ten, "c": exactly(5.0)}, pairs)
    amounts = [f"{name}{end}" for name in ("tonnes", "eur", "co2e") for end in ENDS]
    text = ["supply_id", "demand_id", "from_company", "to_company", "material"]
    for portfolio in (optimal(candidates, flows, "eur"), greedy(candidates, flows, "eur")):
        assert list(portfolio) == [*text, *amounts]
        assert (portfolio[text].dtypes == "str").all()
        assert (portfolio[amounts].dtypes == "float64").all()
        pd.testing.assert_frame_equal(
            portfolio, portfolio.sort_values(["supply_id", "demand_id"], ignore_index=True)
        )
        assert list(totals(portfolio).index) == amounts
    # Equal values are served in the order of ids: a fills c with 5 t and gives 5 t to d.
    assert served(greedy(candidates, flows, "eur")) == {("a", "c"): 5, ("a", "d"): 5, ("b", "d"): 5}


def test_the_range_of_a_row_by_hand():
    """A supply of 4, 10, 30 t and a need of 6, 8, 12 t: the pair moves 8 t.

    Low: 8 · min(1, 4/8, 6/8) = 4 t; high: 8 · min(30/8, 12/8) = 12 t.
    EUR at -2, 5, 7 EUR/t: low -2 · 12 = -24 (a loss grows with the amount), best 40, high 84.
    CO2e at -3, -2, -1 t/t: low -3 · 12 = -36, best -16, high -1 · 4 = -4.
    """
    flows = tables.flows(pd.DataFrame([flow("s", "out", 4, 10, 30), flow("d", "in", 6, 8, 12)]))
    rows = [candidate("s", "d", (4.0, 8.0, 12.0), (-2.0, 5.0, 7.0), (-3.0, -2.0, -1.0))]
    portfolio = optimal(tables.candidates(pd.DataFrame(rows)), flows, "eur")
    row = portfolio.loc[0]
    assert [row[f"tonnes{end}"] for end in ENDS] == pytest.approx([4, 8, 12])
    assert [row[f"eur{end}"] for end in ENDS] == pytest.approx([-24, 40, 84])
    assert [row[f"co2e{end}"] for end in ENDS] == pytest.approx([-36, -16, -4])


def test_a_supply_that_may_be_nothing():
    """0, 10, 20 t at 2, 5, 7 EUR/t: the low is no tonnes and no euros, not unknown."""
    candidates, flows = case(
        {"s": (0.0, 10.0, 20.0)}, {"d": exactly(40.0)}, {("s", "d"): (2.0, 5.0, 7.0)}
    )
    row = optimal(candidates, flows, "eur").loc[0]
    assert [row[f"eur{end}"] for end in ENDS] == pytest.approx([0, 50, 140])
    assert row["tonnes_low"] == 0


def test_an_amount_told_by_one_end_only_takes_part():
    """A supply of at least 10 t (no more is told) and a need of at most 4 t: 4 t are moved."""
    nan = float("nan")
    flows = tables.flows(
        pd.DataFrame([flow("s", "out", 10, nan, nan), flow("d", "in", nan, nan, 4)])
    )
    rows = [candidate("s", "d", exactly(4.0), (1.0, 2.0, 3.0))]
    for choose in (optimal, greedy):
        (row,) = choose(tables.candidates(pd.DataFrame(rows)), flows, "eur").to_dict("records")
        assert [row[f"tonnes{end}"] for end in ENDS] == [4, 4, 4]
        assert [row[f"eur{end}"] for end in ENDS] == [4, 8, 12]


def test_a_pair_keeps_its_vehicle_where_the_choice_gives_it_fewer_tonnes():
    """Two offers of 600 t to a need of 700 t: each pair is priced as full loads, 2 and 1 EUR/t.

    The second gets 100 t only, which alone would be a small flow: still 100 · 1 EUR.
    """
    supplies = {"a": exactly(600.0), "b": exactly(600.0)}
    pairs = {("a", "d"): exactly(2.0), ("b", "d"): exactly(1.0)}
    candidates, flows = case(supplies, {"d": exactly(700.0)}, pairs)
    for choose in (optimal, greedy):
        portfolio = choose(candidates, flows, "eur")
        assert portfolio["tonnes"].tolist() == pytest.approx([600, 100])
        assert portfolio["eur"].tolist() == pytest.approx([1200, 100])


def test_unknown_low_and_high_are_the_best_value():
    nan = float("nan")
    flows = tables.flows(pd.DataFrame([flow("s", "out", nan, 10, nan), flow("d", "in", 6, 8, nan)]))
    rows = [candidate("s", "d", (6.0, 8.0, 8.0), (1.0, 2.0, 3.0))]
    row = optimal(tables.candidates(pd.DataFrame(rows)), flows, "eur").loc[0]
    # Low: 8 · min(10/10, 6/8) = 6 t; high: 8 · min(1, 1).
    assert [row[f"tonnes{end}"] for end in ENDS] == pytest.approx([6, 8, 8])
    assert [row[f"eur{end}"] for end in ENDS] == pytest.approx([6, 16, 24])


def test_what_is_unknown_or_worth_nothing_takes_no_part():
    nan = float("nan")
    supplies = {"loss": exactly(5.0), "blank": exactly(5.0), "none": exactly(0.0)}
    flows = [flow(key, "out", *amounts) for key, amounts in supplies.items()]
    flows += [flow("what", "out", nan, nan, nan), flow("d", "in", *exactly(50.0))]
    rows = [
        candidate("loss", "d", exactly(5.0), (-9.0, -1.0, 9.0)),
        candidate("blank", "d", exactly(5.0), exactly(nan), exactly(nan)),
        candidate("none", "d", exactly(0.0), exactly(1.0)),
        candidate("what", "d", exactly(nan), exactly(1.0)),
        candidate("what", "d", exactly(5.0), exactly(1.0)),
        candidate("absent", "d", exactly(5.0), exactly(1.0)),
    ]
    candidates, flows = tables.candidates(pd.DataFrame(rows)), tables.flows(pd.DataFrame(flows))
    for choose in (optimal, greedy):
        assert choose(candidates, flows, "eur").empty
        assert set(choose(candidates, flows, "co2e")["supply_id"]) == {"loss"}
        by_tonnes = choose(candidates, flows, "tonnes").set_index("supply_id")
        assert list(by_tonnes.index) == ["blank", "loss"]
        assert by_tonnes.loc["blank", ["eur_low", "eur", "eur_high"]].isna().all()
        assert totals(by_tonnes)["eur"] == -5


def industry_receivers():
    """Offers a of 10 t and b of 5 t, receiver R known by its industry; also glass of 7 t to R."""
    flows = [flow("a", "out", 5, 10, 20), flow("b", "out", 5, 5, 5)]
    flows += [flow("g", "out", 7, 7, 7, "glass")]
    rows = [
        candidate("a", "", (5.0, 10.0, 20.0), exactly(3.0), to="R"),
        candidate("b", "", exactly(5.0), exactly(4.0), to="R"),
        candidate("g", "", exactly(7.0), exactly(1.0), material="glass", to="R"),
    ]
    return tables.candidates(pd.DataFrame(rows)), tables.flows(pd.DataFrame(flows))


def test_receivers_known_by_their_industry_take_nothing_unless_one_assumes_it():
    candidates, flows = industry_receivers()
    for choose in (optimal, greedy):
        assert choose(candidates, flows, "eur").empty
        assert totals(choose(candidates, flows, "eur"))["tonnes"] == 0


def test_suppliers_share_what_a_receiver_is_assumed_to_take():
    """Of 8 t of sawdust, b gets 5 (4 EUR/t) and a the other 3 (3 EUR/t); glass has 8 t of its own.

    a halves in the low and still has its 3 t; in the high the receiver takes no more.
    """
    candidates, flows = industry_receivers()
    for choose in (optimal, greedy):
        portfolio = choose(candidates, flows, "eur", unknown_capacity_t=8.0)
        assert portfolio["supply_id"].tolist() == ["g", "a", "b"]  # by material first
        assert portfolio["tonnes"].tolist() == pytest.approx([7, 3, 5])
        assert portfolio["tonnes_low"].tolist() == pytest.approx([7, 3, 5])
        assert portfolio["tonnes_high"].tolist() == pytest.approx([7, 3, 5])
        assert (portfolio["demand_id"] == "").all()
        assert (portfolio["to_company"] == "R").all()


def test_nothing_comes_of_nothing():
    for choose in (optimal, greedy):
        portfolio = choose(tables.empty(tables.CANDIDATES), tables.empty(tables.FLOWS), "eur")
        assert portfolio.empty
        assert portfolio["tonnes"].dtype == "float64"
    assert (totals(tables.empty(tables.CANDIDATES)) == 0).all()


def ranges(least, most):
    return st.lists(st.floats(least, most), min_size=3, max_size=3).map(sorted).map(tuple)


@st.composite
def cases(draw, amounts=None, units=None):
    """Up to five offers and needs, any pairs of them."""
    amounts = ranges(0, 1000) if amounts is None else amounts
    units = ranges(-50, 100) if units is None else units
    sides = [
        {f"{side}{n}": found for n, found in enumerate(draw(st.lists(amounts, max_size=5)))}
        for side in "sd"
    ]
    every = sorted(itertools.product(*sides))
    some = draw(st.lists(st.sampled_from(every), unique=True)) if every else []
    return case(*sides, {pair: draw(units) for pair in some})


@FEW
@given(cases(), st.sampled_from(GOALS))
def test_no_end_gives_or_takes_more_than_it_has(drawn, by):
    candidates, flows = drawn
    have = flows.set_index("id")
    for choose in (optimal, greedy):
        portfolio = choose(candidates, flows, by)
        for side, end in itertools.product(("supply_id", "demand_id"), ENDS):
            used = portfolio.groupby(side)[f"tonnes{end}"].sum()
            assert (used <= have.loc[used.index, f"tonnes{end}"] + 1e-6).all()
        assert (portfolio["tonnes"] > 0).all()


@FEW
@given(cases(), st.sampled_from(GOALS))
def test_low_best_and_high_are_in_order(drawn, by):
    portfolio = optimal(*drawn, by)
    for name in GOALS:
        low, best, high = (portfolio[f"{name}{end}"] for end in ENDS)
        assert (low <= best + 1e-6).all()
        assert (best <= high + 1e-6).all()


@FEW
@given(cases(), st.sampled_from(GOALS))
def test_between_greedy_and_the_plain_list(drawn, by):
    candidates, flows = drawn
    best = totals(optimal(candidates, flows, by))
    assert best[by] >= totals(greedy(candidates, flows, by))[by] - 1e-4
    assert best["tonnes"] <= totals(candidates)["tonnes"] + 1e-6


@FEW
@given(cases(units=ranges(0, 3)), st.sampled_from(GOALS), st.randoms())
def test_the_order_of_rows_does_not_matter(drawn, by, random):
    candidates, flows = drawn
    shuffled = [
        frame.loc[random.sample(list(frame.index), len(frame))] for frame in (candidates, flows)
    ]
    for choose in (optimal, greedy):
        pd.testing.assert_frame_equal(
            choose(candidates, flows, by), choose(*shuffled, by), check_exact=True
        )


@FEW
@given(cases(), st.sampled_from(GOALS), st.sampled_from([0.125, 0.5, 4, 1024]))
def test_all_amounts_times_a_factor_give_the_sum_times_the_factor(drawn, by, factor):
    candidates, flows = drawn
    amounts = [name for name in candidates if str(name).startswith(("tonnes", "eur", "co2e"))]
    larger = candidates.assign(**{name: candidates[name] * factor for name in amounts})
    more = flows.assign(**{f"tonnes{end}": flows[f"tonnes{end}"] * factor for end in ENDS})
    one, many = totals(optimal(candidates, flows, by)), totals(optimal(larger, more, by))
    assert many[by] == pytest.approx(one[by] * factor, rel=1e-6, abs=1e-3)


def best_by_trying(left, pairs):
    """The greatest sum of value · tonnes in whole tonnes: an optimum of whole amounts is whole.

    (The matrix of a transport problem is totally unimodular: Hoffman and Kruskal 1956.)
    """
    if not pairs:
        return 0
    (supply, need, unit), rest = pairs[0], pairs[1:]
    return max(
        unit * moved
        + best_by_trying({**left, supply: left[supply] - moved, need: left[need] - moved}, rest)
        for moved in range(min(left[supply], left[need]) + 1)
    )


@FEW
@given(st.data())
def test_no_other_choice_is_better(data):
    """Up to three offers and three needs of 0–3 t: every choice of whole tonnes is tried."""
    few = st.lists(st.integers(0, 3), min_size=1, max_size=3)
    amounts = {f"{side}{n}": amount for side in "sd" for n, amount in enumerate(data.draw(few))}
    every = [(s, d) for s in amounts if s[0] == "s" for d in amounts if d[0] == "d"]
    chosen = data.draw(st.lists(st.sampled_from(every), unique=True, max_size=6))
    pairs = [(s, d, data.draw(st.integers(-2, 9))) for s, d in chosen]
    sides = [{k: exactly(float(a)) for k, a in amounts.items() if k[0] == side} for side in "sd"]
    drawn = case(*sides, {(s, d): exactly(float(unit)) for s, d, unit in pairs})
    assert totals(optimal(*drawn, "eur"))["eur"] == pytest.approx(best_by_trying(amounts, pairs))
    # By tonnes every pair counts, whatever the money.
    most = best_by_trying(amounts, [(s, d, 1) for s, d, _ in pairs])
    assert totals(optimal(*drawn, "tonnes"))["tonnes"] == pytest.approx(most)


def test_a_trace_that_may_grow_to_tonnes_stays_in_balance():
    """The least number there is, up to 1 t: the high of both ends is 1 t, not beyond all bounds."""
    trace = (5e-324, 5e-324, 1.0)
    candidates, flows = case({"s": trace}, {"d": trace}, {("s", "d"): exactly(1.0)})
    portfolio = optimal(candidates, flows, "tonnes")
    assert (portfolio["tonnes_high"] <= 1).all()
