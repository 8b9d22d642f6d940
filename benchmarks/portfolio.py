"""The best choice among 100,000 candidates of 20,000 companies: this package and its peers.

    python benchmarks/portfolio.py            # every contestant, as a table
    python benchmarks/portfolio.py package    # one contestant

Companies stand around the 22 municipal centres in proportion to population and have 30,000 flows of
57 materials of very uneven size, half offers and half needs. Each offer has its nearest needs of
the same material as candidates, as many as make 100,000. Tonnes are whole and euros per tonne whole
cents, because networkx's network simplex is only exact with integers; the price falls with the
distance as freight takes its share. All contestants get the same candidates as a data frame and
must reach the same sum to a millionth (greedy must not exceed it); building their model is timed
too. Each runs in its own process.

Needs `benchmarks/requirements.txt`.
"""

import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

COMPANIES, FLOWS, MATERIALS, CANDIDATES, RUNS = 20_000, 30_000, 57, 100_000, 5


def region() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Candidates and flows as `kiertokylat.tables` wants them."""
    from kiertokylat import tables
    from kiertokylat.locate import to_metres
    from kiertokylat.reference import municipalities

    random = np.random.default_rng(20_261_124)
    towns = municipalities()
    population = towns["population"].astype(float).to_numpy()
    town = random.choice(len(towns), COMPANIES, p=population / population.sum())
    centre = np.column_stack(to_metres(towns["centre_lon"], towns["centre_lat"]))
    # A town spreads over some 8 km around its centre (an assumption of this benchmark).
    place = centre[town] + random.normal(0, 8_000, (COMPANIES, 2))

    share = 1 / np.arange(1, MATERIALS + 1)  # the commonest has a fifth of all flows
    material = random.choice(MATERIALS, FLOWS, p=share / share.sum())
    out = random.random(FLOWS) < 0.5
    # A company only offers or only needs.
    owner = 2 * random.integers(0, COMPANIES // 2, FLOWS) + out
    tonnes = np.ceil(random.lognormal(3, 1.5, FLOWS))
    flows = pd.DataFrame(
        {
            "id": [f"flow-{number:05d}" for number in range(FLOWS)],
            "company_id": [f"company-{number:05d}" for number in owner],
            "direction": np.where(out, "out", "in"),
            "ewc": "",
            "material": [f"material-{number:02d}" for number in material],
            "tonnes_low": tonnes / 2,
            "tonnes": tonnes,
            "tonnes_high": tonnes * 2,
            "continuity": "continuous",
            "basis": "reported",
            "source": "benchmark",
            "note": "",
        }
    )
    price = random.uniform(20, 150, MATERIALS)  # EUR/t, before freight of 0.1 EUR/tkm
    supply, need, away = nearest_needs(place[owner], material, out)
    cents = np.round(100 * (price[material[supply]] - 0.1 * 1.3 * away)).astype(int)
    keep = np.flatnonzero(cents > 0)[:CANDIDATES]
    found = candidate_rows(flows, supply[keep], need[keep], cents[keep], away[keep])
    return tables.candidates(found), tables.flows(flows)


def nearest_needs(
    place: np.ndarray, material: np.ndarray, out: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each offer's nearest needs of its material and their km, all the nearest ones first."""
    from scipy.spatial import cKDTree

    found, most = [], 20  # more than it takes
    for kind in range(MATERIALS):
        offers, needs = (np.flatnonzero((material == kind) & side) for side in (out, ~out))
        away, near = cKDTree(place[needs]).query(place[offers], k=most)
        some = np.isfinite(away)
        rank = np.broadcast_to(np.arange(most), away.shape)
        found.append(
            np.column_stack(
                [np.repeat(offers, some.sum(axis=1)), needs[near[some]], away[some], rank[some]]
            )
        )
    pairs = np.concatenate(found)
    pairs = pairs[np.argsort(pairs[:, 3], kind="stable")]
    return pairs[:, 0].astype(int), pairs[:, 1].astype(int), pairs[:, 2] / 1000


def candidate_rows(
    flows: pd.DataFrame,
    supply: np.ndarray,
    need: np.ndarray,
    cents: np.ndarray,
    away: np.ndarray,
) -> pd.DataFrame:
    """The columns of `tables.CANDIDATES`, in a random order."""
    tonnes = flows["tonnes"].to_numpy()
    most = np.minimum(tonnes[supply], tonnes[need])
    return pd.DataFrame(
        {
            "supply_id": flows["id"].to_numpy()[supply],
            "demand_id": flows["id"].to_numpy()[need],
            "from_company": flows["company_id"].to_numpy()[supply],
            "to_company": flows["company_id"].to_numpy()[need],
            "material": flows["material"].to_numpy()[supply],
            "ewc": "",
            "use": "",
            "route": "recycling",
            "evidence": "",
            "certainty": "reported",
            "precision": "exact",
            "distance_km": away,
            "road_km": away * 1.3,
            "tonnes_low": most / 2,
            "tonnes": most,
            "tonnes_high": most * 2,
            "eur_low": most * cents / 400,
            "eur": most * cents / 100,
            "eur_high": most * cents / 25,
            "co2e_low": 0.0,
            "co2e": most * 0.1,
            "co2e_high": most * 0.5,
            "breakeven_eur_km": 100.0,
            "breakeven_co2e_km": 100.0,
        }
    ).sample(frac=1, random_state=1)


Run = Callable[[], float]  # gives the sum reached, EUR


def package() -> Run:
    from kiertokylat.portfolio import optimal, totals

    candidates, flows = region()
    return lambda: float(totals(optimal(candidates, flows, "eur"))["eur"])


def greedy() -> Run:
    from kiertokylat import portfolio

    candidates, flows = region()
    return lambda: float(portfolio.totals(portfolio.greedy(candidates, flows, "eur"))["eur"])


def groups() -> Callable[[], list[tuple]]:
    """What the peers start from, by material: two lists of ids, of cents, and the amounts by id."""
    candidates, flows = region()
    has = dict(zip(flows["id"], flows["tonnes"].astype(int), strict=True))

    def split() -> list[tuple]:
        cents = (100 * candidates["eur"] / candidates["tonnes"]).round().astype(int)
        table = candidates[["supply_id", "demand_id", "material"]].astype("str")
        return [
            (group["supply_id"].tolist(), group["demand_id"].tolist(), group["c"].tolist(), has)
            for _, group in table.assign(c=cents).groupby("material")
        ]

    return split


def pulp_cbc() -> Run:
    """PuLP with its CBC, one model a material."""
    import pulp

    split = groups()

    def solved(supply: list, need: list, cents: list, has: dict) -> float:
        model = pulp.LpProblem("portfolio", pulp.LpMaximize)
        moved = [pulp.LpVariable(f"x{row}", 0) for row in range(len(cents))]
        model += pulp.lpSum(c * x for c, x in zip(cents, moved, strict=True))
        for side in (supply, need):
            uses: dict[str, list] = {}
            for flow, variable in zip(side, moved, strict=True):
                uses.setdefault(flow, []).append(variable)
            for flow, variables in uses.items():
                model += pulp.lpSum(variables) <= has[flow]
        if model.solve(pulp.PULP_CBC_CMD(msg=False)) != pulp.LpStatusOptimal:
            raise SystemExit("CBC found no optimum.")
        return pulp.value(model.objective) / 100

    return lambda: sum(solved(*group) for group in split())


def networkx_flow() -> Run:
    """networkx's network simplex, one graph a material."""
    import networkx as nx

    split = groups()

    def solved(supply: list, need: list, cents: list, has: dict) -> float:
        graph = nx.DiGraph()
        # The detour from start to end at no price lets any amount stay unplaced.
        total = sum(has[flow] for flow in set(supply))
        graph.add_node("start", demand=-total)
        graph.add_node("end", demand=total)
        graph.add_edge("start", "end", weight=0)
        graph.add_edges_from(("start", f, {"capacity": has[f], "weight": 0}) for f in set(supply))
        graph.add_edges_from((f, "end", {"capacity": has[f], "weight": 0}) for f in set(need))
        edges = zip(supply, need, cents, strict=True)
        graph.add_edges_from((s, d, {"weight": -c}) for s, d, c in edges)
        return -nx.network_simplex(graph)[0] / 100

    return lambda: sum(solved(*group) for group in split())


CONTESTANTS = {
    "package": package,
    "greedy": greedy,
    "pulp_cbc": pulp_cbc,
    "networkx_flow": networkx_flow,
}


def measure(name: str) -> dict[str, object]:
    run = CONTESTANTS[name]()
    seconds, reached = [], 0.0
    for _ in range(RUNS):
        start = time.perf_counter()
        reached = run()
        seconds.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # kB on Linux
    return {
        "name": name,
        "seconds": [round(value, 2) for value in seconds],
        "median_s": round(statistics.median(seconds), 2),
        "peak_mb": round(peak),
        "eur": round(reached, 2),
    }


def main() -> None:
    if len(sys.argv) > 1:
        print(json.dumps(measure(sys.argv[1])))
        return
    rows = []
    for name in CONTESTANTS:
        done = subprocess.run(
            [sys.executable, __file__, name], capture_output=True, text=True, check=True
        )
        rows.append(json.loads(done.stdout))
        print(rows[-1], flush=True)
    reached = {row["name"]: row["eur"] for row in rows}
    best = reached["package"]
    if reached.pop("greedy") > best * (1 + 1e-6):
        raise SystemExit("Greedy is better than the best.")
    if any(abs(value / best - 1) > 1e-6 for value in reached.values()):
        raise SystemExit("The contestants did not reach the same sum.")
    print(pd.DataFrame(rows).to_string())


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    main()
