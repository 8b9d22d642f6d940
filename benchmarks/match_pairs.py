"""All stated pairs within 50 km of 20,000 companies with 60,000 flows: this package and its peers.

    python benchmarks/match_pairs.py            # every contestant, five runs each, as a table
    python benchmarks/match_pairs.py package    # one contestant

Each contestant runs in its own process on the same data: companies around the 22 municipal centres
in proportion to population, 40 materials, half the flows offers and half needs. The pairs are of
the same material, between different companies, at most 50 km apart. All contestants must find the
same pairs (count and a checksum of the pairs). The package and `duckdb_table` also work out the
other columns of a candidate (distance, tonnes, use, certainty and so on), and only the package
starts from text and puts the pairs in order; the rest write two numbers a pair.

Needs `benchmarks/requirements.txt`.
"""

import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd

COMPANIES, FLOWS, MATERIALS, LIMIT_M, RUNS = 20_000, 60_000, 40, 50_000.0, 5

Pairs = tuple[np.ndarray, np.ndarray]  # row numbers of flows: supplies, demands


def region() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Companies and flows as `kiertokylat.tables` wants them."""
    import geopandas as gpd

    from kiertokylat import reference

    random = np.random.default_rng(20_261_124)
    towns = reference.municipalities()
    centres = gpd.GeoSeries.from_xy(
        towns["centre_lon"].astype(float), towns["centre_lat"].astype(float), crs=4326
    ).to_crs(3067)
    population = towns["population"].astype(float).to_numpy()
    town = random.choice(len(towns), COMPANIES, p=population / population.sum())
    companies = pd.DataFrame(
        {
            "id": [f"company-{number:05d}" for number in range(COMPANIES)],
            "name": "Example",
            "business_id": "",
            "nace": random.choice(["16100", "25620", "35302", "38320", "41200"], COMPANIES),
            "nace_edition": "2025",
            "municipality": towns.index.to_numpy()[town],
            "employees": np.nan,
            # A town spreads over some 8 km around its centre (an assumption of this benchmark).
            "x": centres.x.to_numpy()[town] + random.normal(0, 8_000, COMPANIES),
            "y": centres.y.to_numpy()[town] + random.normal(0, 8_000, COMPANIES),
            "precision": "exact",
            "source": "benchmark",
        }
    )
    tonnes = random.lognormal(3, 1.5, FLOWS)
    owner = random.integers(0, COMPANIES, FLOWS)
    flows = pd.DataFrame(
        {
            "id": [f"flow-{number:05d}" for number in range(FLOWS)],
            "company_id": companies["id"].to_numpy()[owner],
            "direction": random.choice(["out", "in"], FLOWS),
            "ewc": random.choice(["030105", "170101", "150101", "020304"], FLOWS),
            "material": random.choice(reference.materials().index[:MATERIALS], FLOWS),
            "tonnes_low": tonnes / 2,
            "tonnes": tonnes,
            "tonnes_high": tonnes * 2,
            "continuity": "continuous",
            "basis": random.choice(["reported", "estimated"], FLOWS),
            "source": "benchmark",
            "note": "",
        }
    )
    return companies, flows


def sides(companies: pd.DataFrame, flows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What the peers get: flow number, company number, material, point. Not timed."""
    company = pd.Index(companies["id"]).get_indexer(flows["company_id"])
    frame = pd.DataFrame(
        {
            "flow": np.arange(len(flows)),
            "company": company,
            "material": flows["material"].astype("category").cat.codes.to_numpy(),
            "x": companies["x"].to_numpy()[company],
            "y": companies["y"].to_numpy()[company],
        }
    )
    out = (flows["direction"] == "out").to_numpy()
    return frame[out].reset_index(drop=True), frame[~out].reset_index(drop=True)


def package(executor: Executor | None = None) -> tuple[Callable[[], object], Callable]:
    from kiertokylat import reference
    from kiertokylat.match import match

    companies, flows = region()
    # Every material used by three divisions, so that the columns of use are filled too.
    keys = [(m, d) for m in reference.materials().index for d in ("16", "25", "35")]
    uses = pd.DataFrame(keys, columns=["material", "division"]).assign(
        use=[f"{material}-{division}-1" for material, division in keys],
        route="recycling",
        evidence="B",
        permit_fi="",
    )
    uses = uses.set_index("use")

    def run() -> pd.DataFrame:
        return match(
            companies,
            flows,
            uses,
            hazardous=frozenset(),
            max_km=LIMIT_M / 1000,
            receivers_per_supply=0,
            executor=executor,
        )

    def pairs(candidates: pd.DataFrame) -> Pairs:
        number = pd.Series(np.arange(len(flows)), flows["id"])
        return tuple(
            number.reindex(candidates[name].cat.categories).to_numpy()[candidates[name].cat.codes]
            for name in ("supply_id", "demand_id")
        )

    return run, pairs


def package_two_threads() -> tuple[Callable[[], object], Callable]:
    return package(ThreadPoolExecutor(2))


def by_material(near: Callable) -> tuple[Callable[[], object], Callable]:
    """Pairs of a search that gives positions of offers and needs, material by material."""
    supplies, demands = sides(*region())

    def run() -> Pairs:
        found = []
        wanted = dict(list(demands.groupby("material")))
        for material, offered in supplies.groupby("material"):
            other = wanted[material]
            i, j = near(offered[["x", "y"]], other[["x", "y"]])
            different = offered["company"].to_numpy()[i] != other["company"].to_numpy()[j]
            i, j = i[different], j[different]
            found.append((offered["flow"].to_numpy()[i], other["flow"].to_numpy()[j]))
        return tuple(np.concatenate(side) for side in zip(*found, strict=True))

    return run, lambda pairs: pairs


def bare_tree() -> tuple[Callable[[], object], Callable]:
    """SciPy's cKDTree, one tree a material, that only writes the pairs."""
    from scipy.spatial import cKDTree

    def near(offered: pd.DataFrame, other: pd.DataFrame) -> Pairs:
        pairs = cKDTree(offered).sparse_distance_matrix(
            cKDTree(other), LIMIT_M, output_type="ndarray"
        )
        return pairs["i"], pairs["j"]

    return by_material(near)


def bare_ball() -> tuple[Callable[[], object], Callable]:
    """SciPy's cKDTree, the usual way: `query_ball_point` with both cores."""
    from scipy.spatial import cKDTree

    def near(offered: pd.DataFrame, other: pd.DataFrame) -> Pairs:
        balls = cKDTree(other).query_ball_point(offered, LIMIT_M, workers=2)
        i = np.repeat(np.arange(len(offered)), [len(positions) for positions in balls])
        return i, np.concatenate(balls).astype(int)

    return by_material(near)


def geopandas_join() -> tuple[Callable[[], object], Callable]:
    """GeoPandas `sjoin` with `dwithin`, material by material."""
    import geopandas as gpd

    offered, wanted = (
        gpd.GeoDataFrame(side, geometry=gpd.points_from_xy(side["x"], side["y"]), crs=3067)
        for side in sides(*region())
    )

    def run() -> pd.DataFrame:
        groups = dict(list(wanted.groupby("material")))
        joined = pd.concat(
            gpd.sjoin(group, groups[material], predicate="dwithin", distance=LIMIT_M)[
                ["flow_left", "flow_right", "company_left", "company_right"]
            ]
            for material, group in offered.groupby("material")
        )
        return joined[joined["company_left"] != joined["company_right"]]

    return run, lambda pairs: (pairs["flow_left"].to_numpy(), pairs["flow_right"].to_numpy())


def duckdb_join() -> tuple[Callable[[], object], Callable]:
    """A DuckDB join on the material with the distance as a condition, to NumPy arrays."""
    import duckdb

    offered, wanted = sides(*region())
    database = duckdb.connect(config={"threads": 2})
    database.register("offered", offered)
    database.register("wanted", wanted)

    def run() -> dict[str, np.ndarray]:
        return database.execute(
            f"""SELECT s.flow AS supply, d.flow AS demand
            FROM offered s JOIN wanted d ON s.material = d.material
            WHERE s.company <> d.company
            AND (s.x - d.x) * (s.x - d.x) + (s.y - d.y) * (s.y - d.y) <= {LIMIT_M**2}"""
        ).fetchnumpy()

    return run, lambda pairs: (pairs["supply"], pairs["demand"])


def duckdb_table() -> tuple[Callable[[], object], Callable]:
    """The same join with the package's sixteen columns, text as the numbers of its categories."""
    import duckdb

    companies, flows = region()
    more = pd.DataFrame(
        {
            "ewc": flows["ewc"].astype("category").cat.codes,
            "use": (np.arange(len(flows)) % 120).astype(np.int8),  # looked up beforehand
            "route": np.int8(1),
            "evidence": np.int8(1),
            "estimated": (flows["basis"] == "estimated").astype(np.int8),
            "precision": np.int8(0),
            "low": flows["tonnes_low"],
            "best": flows["tonnes"],
            "high": flows["tonnes_high"],
        }
    )
    offered, wanted = (side.join(more, on="flow") for side in sides(companies, flows))
    database = duckdb.connect(config={"threads": 2})
    database.register("offered", offered)
    database.register("wanted", wanted)

    def run() -> dict[str, np.ndarray]:
        return database.execute(
            f"""SELECT s.flow AS supply, d.flow AS demand, s.company AS from_company,
            d.company AS to_company, s.material, s.ewc, d.use, d.route, d.evidence,
            s.estimated + d.estimated AS certainty, greatest(s.precision, d.precision) AS precision,
            sqrt((s.x - d.x) * (s.x - d.x) + (s.y - d.y) * (s.y - d.y)) / 1000 AS distance_km,
            distance_km * 1.3 AS road_km, least(s.low, d.low) AS tonnes_low,
            least(s.best, d.best) AS tonnes, least(s.high, d.high) AS tonnes_high
            FROM offered s JOIN wanted d ON s.material = d.material
            WHERE s.company <> d.company
            AND (s.x - d.x) * (s.x - d.x) + (s.y - d.y) * (s.y - d.y) <= {LIMIT_M**2}"""
        ).fetchnumpy()

    return run, lambda pairs: (pairs["supply"], pairs["demand"])


def pandas_merge() -> tuple[Callable[[], object], Callable]:
    """A pandas merge on the material, then a filter."""
    offered, wanted = sides(*region())

    def run() -> pd.DataFrame:
        pairs = offered.merge(wanted, on="material", suffixes=("_s", "_d"))
        square = (pairs["x_s"] - pairs["x_d"]) ** 2 + (pairs["y_s"] - pairs["y_d"]) ** 2
        return pairs[(square <= LIMIT_M**2) & (pairs["company_s"] != pairs["company_d"])]

    return run, lambda pairs: (pairs["flow_s"].to_numpy(), pairs["flow_d"].to_numpy())


CONTESTANTS = {
    "package": package,
    "package_two_threads": package_two_threads,
    "bare_tree": bare_tree,
    "bare_ball": bare_ball,
    "geopandas_join": geopandas_join,
    "duckdb_join": duckdb_join,
    "duckdb_table": duckdb_table,
    "pandas_merge": pandas_merge,
}


def measure(name: str) -> dict[str, object]:
    run, pairs = CONTESTANTS[name]()
    seconds, cpu, result = [], [], None
    for _ in range(RUNS):
        result = None  # frees the last result before the next run
        start, busy = time.perf_counter(), time.process_time()
        result = run()
        seconds.append(time.perf_counter() - start)
        cpu.append(time.process_time() - busy)  # of all threads: tells waiting from work
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # kB on Linux
    supply, demand = (np.asarray(side, dtype=np.uint64) for side in pairs(result))
    # A sum does not depend on the order; the odd factor mixes supply and demand (mod 2**64).
    mixed = (supply * np.uint64(FLOWS) + demand) * np.uint64(0x9E3779B97F4A7C15)
    checksum = int((mixed ^ (mixed >> np.uint64(31))).sum(dtype=np.uint64))
    return {
        "name": name,
        "seconds": [round(value, 3) for value in seconds],
        "median_s": statistics.median(seconds),
        "median_cpu_s": statistics.median(cpu),
        "peak_mb": peak,
        "pairs": len(supply),
        "checksum": f"{checksum:016x}",
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
    if len({(row["pairs"], row["checksum"]) for row in rows}) != 1:
        raise SystemExit("The contestants did not find the same pairs.")
    print(pd.DataFrame(rows).round({"median_s": 2, "median_cpu_s": 2, "peak_mb": 0}).to_string())


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    main()
