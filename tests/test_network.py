"""Networks whose communities and bridges one can see with the eye."""

from itertools import combinations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from kiertokylat.network import communities, network


def companies(keys):
    """Example companies; those named a… lie in Jyväskylä (179), all others in Laukaa (410)."""
    rows = [(key, f"Example {key}", "179" if key[0] == "a" else "410") for key in sorted(keys)]
    return pd.DataFrame(rows, columns=["id", "name", "municipality"])


def portfolio(rows):
    columns = ["from_company", "to_company", "material", "tonnes"]
    return pd.DataFrame(rows, columns=columns).astype({"tonnes": float})


def both(rows):
    table = portfolio(rows)
    return network(table, companies({*table["from_company"], *table["to_company"]}))


@pytest.fixture
def cliques():
    """Four companies a… and three c… deal with each other, and with m, which is between them."""
    pairs = [*combinations(["a1", "a2", "a3", "a4"], 2), *combinations(["c1", "c2", "c3"], 2)]
    rows = [(start, end, "glass", 10) for start, end in pairs]
    return [*rows, ("a1", "m", "bark", 2), ("m", "c1", "bark", 1)]


def test_the_company_between_two_cliques_holds_them_together(cliques):
    nodes, _ = both(cliques)
    of = nodes.set_index("company_id")
    # Without a1 or c1, too, m and the rest would lose each other.
    assert set(of.index[of["holds"]]) == {"a1", "m", "c1"}
    # All 4 × 3 paths from a… to c… lead through m; 7 others make 7 · 6 / 2 = 21 pairs.
    assert of.loc["m", "betweenness"] == pytest.approx(12 / 21)
    # Through a1: from a2, a3, a4 to m, c1, c2, c3: 3 · 4.
    assert of.loc["a1", "betweenness"] == pytest.approx(12 / 21)
    assert of.loc["a2", "betweenness"] == 0
    assert of.loc["a1", ["partners", "tonnes"]].tolist() == [4, 32]
    assert of.loc["m", ["name", "municipality"]].tolist() == ["Example m", "410"]


def test_communities_by_hand(cliques):
    nodes, links = both(cliques)
    home = nodes.set_index("company_id")["community"]
    # m deals twice as much with the a… as with the c….
    assert set(home[home == 1].index) == {"a1", "a2", "a3", "a4", "m"}
    assert set(home[home == 2].index) == {"c1", "c2", "c3"}
    table = communities(nodes, links, most=2)
    # 6 pairs of 10 t and 2 t with m; 3 pairs of 10 t; 1 t between the two.
    assert table["tonnes"].tolist() == [62, 30]
    assert table["outside_t"].tolist() == [1, 1]
    assert table["companies"].tolist() == [5, 3]
    assert table["municipalities"].tolist() == [("179", "410"), ("410",)]
    assert table["largest"].tolist() == [("a1", "a2"), ("c1", "c2")]


def test_links_add_up_the_materials_of_a_pair():
    _, links = both([("a", "b", "bark", 1), ("a", "b", "glass", 2), ("b", "a", "bark", 5)])
    assert links.to_dict("records") == [
        {"from_company": "b", "to_company": "a", "tonnes": 5.0, "materials": 1},
        {"from_company": "a", "to_company": "b", "tonnes": 3.0, "materials": 2},
    ]


def test_both_directions_are_one_partner():
    nodes, _ = both([("a", "b", "bark", 1), ("b", "a", "glass", 5)])
    assert nodes[["company_id", "tonnes", "partners"]].to_numpy().tolist() == [
        ["a", 6, 1],
        ["b", 6, 1],
    ]
    assert not nodes["holds"].any()


def test_a_community_counts_the_tonnes_of_both_directions():
    """b gives a 3 t and gets 3 t, and exchanges 5 t with c: 6 t bind more than 5 t."""
    rows = [("b", "a", "bark", 3), ("a", "b", "glass", 3), ("b", "c", "bark", 5)]
    rows += [("a", "a2", "bark", 9), ("c", "c2", "bark", 9)]
    nodes, _ = both(rows)
    assert nodes["company_id"][nodes["community"] == 1].tolist() == ["a", "b", "a2"]


def test_separate_pairs_are_communities_of_their_own():
    nodes, links = both([("a", "b", "bark", 1), ("y", "z", "bark", 9)])
    # Of equal size: the one with the first id comes first.
    assert nodes["community"].tolist() == [1, 1, 2, 2]
    assert communities(nodes, links)["outside_t"].tolist() == [0, 0]


def test_a_large_star_is_told_from_a_sample():
    """1,600 companies give to one: whatever the sample, every path leads through the one."""
    nodes, _ = both([(f"g{number:04}", "hub", "bark", 1) for number in range(1600)])
    of = nodes.set_index("company_id")
    # The estimate scales the sample's sums, so it is near 1, not 1.
    assert of.loc["hub", "betweenness"] == pytest.approx(1, rel=0.01)
    assert of["holds"].sum() == 1
    assert set(of["community"]) == {1}


def test_no_portfolio_no_network():
    nodes, links = both([])
    assert nodes.empty
    assert links.empty
    assert list(nodes)[:4] == ["company_id", "name", "municipality", "community"]
    table = communities(nodes, links)
    assert table.empty
    assert list(table) == ["companies", "municipalities", "tonnes", "outside_t", "largest"]


DEAL = st.tuples(
    st.sampled_from("abcdefgh"),
    st.sampled_from("abcdefgh"),
    st.sampled_from(["bark", "glass"]),
    st.floats(0.1, 1000),
)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(DEAL.filter(lambda deal: deal[0] != deal[1]), min_size=1, max_size=20), st.randoms()
)
def test_the_order_of_rows_changes_nothing_and_each_tonne_has_two_ends(deals, random):
    nodes, links = both(deals)
    random.shuffle(deals)
    again, same = both(deals)
    assert_frame_equal(nodes, again, check_exact=True)
    assert_frame_equal(links, same, check_exact=True)
    total = sum(deal[3] for deal in deals)
    assert links["tonnes"].sum() == pytest.approx(total)
    assert nodes["tonnes"].sum() == pytest.approx(2 * total)
    table = communities(nodes, links)
    assert table["tonnes"].sum() + table["outside_t"].sum() / 2 == pytest.approx(total)
    assert table["companies"].is_monotonic_decreasing
