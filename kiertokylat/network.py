"""The portfolio as a network: who exchanges with whom, in which communities, held together by whom.

Links have no direction here: what matters is that two companies deal with each other.
"""

import networkx as nx  # type: ignore[import-untyped]
import pandas as pd

# Above this many companies betweenness is estimated from a sample of shortest paths' starts.
_EXACT_NODES = 1500
_SAMPLE = 500
# Each start costs a walk over all companies and links: this many steps take some seconds.
_STEPS = 5_000_000
_LEAST = 50
_SEED = 0


def network(portfolio: pd.DataFrame, companies: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Companies and links of a portfolio, the same whatever the order of its rows.

    Communities are those of the Louvain method (Blondel et al. 2008, Fast unfolding of communities
    in large networks), links weighted by tonnes, with a fixed seed.

    Parameters
    ----------
    portfolio
        `from_company`, `to_company`, `material`, `tonnes` (t/a, above 0).
    companies
        As `tables.COMPANIES`, all that the portfolio names.

    Returns
    -------
    nodes : DataFrame
        One row a company, by community, tonnes (most first) and id: `company_id`, `name`,
        `municipality`, `community` (from 1, that of most companies first), `tonnes` (t/a in and
        out), `partners` (count), `betweenness` (share of the shortest paths between two others
        that lead through it, 0–1; Freeman 1977; links count alike; above 1,500 companies estimated
        from the paths of 500 of them, with a fixed seed; of fewer, but 50, in networks so large
        that 500 would take a minute), `holds` (bool: without it those that it
        connects would fall apart; an articulation point of the graph).
    links : DataFrame
        One row a giver and taker, most tonnes first: `from_company`, `to_company`, `tonnes` (t/a),
        `materials` (count).
    """
    links = _links(portfolio)
    ends = pd.concat([links["from_company"], links["to_company"]], ignore_index=True)
    amounts = pd.concat([links["tonnes"], links["tonnes"]], ignore_index=True)
    totals = amounts.groupby(ends).sum().sort_index()
    graph = _graph(links, totals.index)
    sample = None
    if len(totals) > _EXACT_NODES:
        sample = max(_LEAST, min(_SAMPLE, _STEPS // (len(totals) + len(links))))
    between = nx.betweenness_centrality(graph, k=sample, seed=_SEED)
    holding = set(nx.articulation_points(graph))
    known = companies.set_index("id")
    positions = range(len(totals))
    nodes = pd.DataFrame(
        {
            "company_id": totals.index.astype("str"),
            "name": known["name"].reindex(totals.index).to_numpy(),
            "municipality": known["municipality"].reindex(totals.index).to_numpy(),
            "community": _communities(graph),
            "tonnes": totals.to_numpy(dtype=float),
            "partners": pd.Series([graph.degree[node] for node in positions], dtype="int64"),
            "betweenness": pd.Series([between[node] for node in positions], dtype=float),
            "holds": pd.Series([node in holding for node in positions], dtype=bool),
        }
    )
    order = ["community", "tonnes", "company_id"]
    nodes = nodes.sort_values(order, ascending=[True, False, True], ignore_index=True)
    return nodes, links


def communities(nodes: pd.DataFrame, links: pd.DataFrame, *, most: int = 3) -> pd.DataFrame:
    """The communities of a network.

    Parameters
    ----------
    nodes, links
        From `network`.
    most
        How many of the largest companies to name.

    Returns
    -------
    DataFrame
        Index `community`; `companies` (count), `municipalities` (tuple of codes, the one with most
        companies first), `tonnes` (t/a that stay within the community), `outside_t` (t/a exchanged
        with other communities; it stands with both), `largest` (tuple of the company ids with most
        tonnes).
    """
    home = nodes.set_index("company_id")["community"]
    start, end = links["from_company"].map(home), links["to_company"].map(home)
    inside = links["tonnes"].where(start == end, 0)
    outside = links["tonnes"] - inside
    groups = nodes.groupby("community")
    largest = {name: tuple(ids.iloc[:most]) for name, ids in groups["company_id"]}
    frame = pd.DataFrame(
        {
            "companies": groups.size(),
            "municipalities": groups["municipality"].agg(_by_count),
            "tonnes": inside.groupby(start).sum(),
            "outside_t": outside.groupby(start).sum().add(outside.groupby(end).sum(), fill_value=0),
            "largest": pd.Series(largest, dtype=object),
        }
    )
    return frame.fillna({"tonnes": 0.0, "outside_t": 0.0}).rename_axis("community")


def _links(portfolio: pd.DataFrame) -> pd.DataFrame:
    ends = ["from_company", "to_company"]
    ordered = portfolio[[*ends, "material", "tonnes"]].astype(
        {"from_company": "str", "to_company": "str", "material": "str"}
    )
    # Rows in one order first, so that the sums agree to the last digit.
    ordered = ordered.sort_values([*ends, "material", "tonnes"])
    links = ordered.groupby(ends, as_index=False).agg(
        tonnes=("tonnes", "sum"), materials=("material", "nunique")
    )
    return links.sort_values(["tonnes", *ends], ascending=[False, True, True], ignore_index=True)


def _graph(links: pd.DataFrame, ids: pd.Index) -> nx.Graph:
    """The links without their direction; nodes are positions in `ids`.

    Numbers, because networkx keeps sets of nodes, and a set of texts has another order in each run
    of Python.
    """
    graph = nx.Graph()
    graph.add_nodes_from(range(len(ids)))
    position = {company: place for place, company in enumerate(ids)}
    pairs = zip(links["from_company"], links["to_company"], links["tonnes"], strict=True)
    # A pair that deals both ways has two links.
    for start, end, tonnes in pairs:
        ends = position[start], position[end]
        before = graph.get_edge_data(*ends, default={"tonnes": 0.0})["tonnes"]
        graph.add_edge(*ends, tonnes=before + tonnes)
    return graph


def _communities(graph: nx.Graph) -> list[int]:
    """The community of each node, in the order of nodes."""
    if not graph:
        return []
    found = nx.community.louvain_communities(graph, weight="tonnes", seed=_SEED)
    ordered = sorted(found, key=lambda members: (-len(members), min(members)))
    number = {node: place for place, members in enumerate(ordered, 1) for node in members}
    return [number[node] for node in range(len(graph))]


def _by_count(codes: pd.Series) -> tuple[str, ...]:
    counts = codes.value_counts()
    return tuple(code for _, code in sorted((-count, str(code)) for code, count in counts.items()))
