"""Everything that the pages work out of 20,000 companies with 60,000 flows of only 8 materials.

    python benchmarks/crowded.py           # 12 towns, every company at its own point
    python benchmarks/crowded.py centres   # every company at one of the 12 centres
    python benchmarks/crowded.py point     # every company at one single point

Each runs in a process of its own that may take 9 GB of addresses at most. Without a limit of pairs
(`analysis.MOST_PAIRS`) the first has tens of millions of pairs, and no such process lives through
it. Prints a row a step: seconds, and the most memory that the process has had so far.
"""

import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

COMPANIES, FLOWS, MATERIALS, TOWNS = 20_000, 60_000, 8, 12
MOST_BYTES = 9_000_000_000
SPREAD_M = {"towns": 8_000.0, "centres": 0.0, "point": 0.0}  # of a town: an assumption


def region(kind: str = "towns") -> tuple[pd.DataFrame, pd.DataFrame]:
    """Companies and flows as `kiertokylat.tables` wants them, always the same ones."""
    from kiertokylat import reference
    from kiertokylat.locate import to_metres

    random = np.random.default_rng(20_261_124)
    towns = reference.municipalities().iloc[:TOWNS]
    x, y = to_metres(towns["centre_lon"], towns["centre_lat"])
    town = random.choice(TOWNS, COMPANIES)
    here = np.zeros(COMPANIES, dtype=int) if kind == "point" else town
    divisions = ["16100", "25620", "35302", "38320", "41200", "10710", "01500", "23610"]
    companies = pd.DataFrame(
        {
            "id": [f"company-{number:05d}" for number in range(COMPANIES)],
            "name": "Example",
            "business_id": "",
            "nace": random.choice(divisions, COMPANIES),
            "nace_edition": "2025",
            "municipality": towns.index.to_numpy()[town],
            "employees": np.nan,
            "x": np.asarray(x)[here] + random.normal(0, SPREAD_M[kind], COMPANIES),
            "y": np.asarray(y)[here] + random.normal(0, SPREAD_M[kind], COMPANIES),
            "precision": "exact",
            "source": "benchmark",
        }
    )
    tonnes = random.lognormal(3, 1.5, FLOWS)
    materials = ["sawdust", "bark", "steel_scrap", "plasterboard", "cardboard", "ash", "concrete"]
    known = reference.materials().index
    chosen = [name for name in materials if name in known]
    chosen += [name for name in known if name not in chosen][: MATERIALS - len(chosen)]
    flows = pd.DataFrame(
        {
            "id": [f"flow-{number:05d}" for number in range(FLOWS)],
            "company_id": companies["id"].to_numpy()[random.integers(0, COMPANIES, FLOWS)],
            "direction": random.choice(["out", "in"], FLOWS),
            "ewc": "",
            "material": random.choice(chosen, FLOWS),
            "tonnes_low": tonnes / 2,
            "tonnes": tonnes,
            "tonnes_high": tonnes * 2,
            "continuity": "continuous",
            "basis": "reported",
            "source": "benchmark",
            "note": "",
        }
    )
    return companies, flows


def steps(kind: str) -> list[tuple[str, Callable[[dict[str, Any]], object]]]:
    """What the pages do, one after the other; each result is kept under its name."""
    from kiertokylat import gaps, indicators, network, pooling, portfolio, rank, reference, summary
    from kiertokylat.allocation import allocate
    from kiertokylat.analysis import analyse
    from kiertokylat.selection import Selection, select

    def region_of(done: dict[str, Any]) -> Any:
        return select(done["analysis"], Selection(limit="both"))

    def ways(done: dict[str, Any]) -> object:
        every, best = done["region"].candidates, done["portfolio"]
        return indicators.totals(
            {
                "naive": indicators.with_use(every, every),
                "optimal": indicators.with_use(best, every),
            }
        )

    def figures(done: dict[str, Any]) -> object:
        here, codes = done["region"], reference.municipalities().index
        args = here.companies, here.flows, here.candidates, done["allocation"]
        return summary.by_municipality(*args, codes), summary.by_material(*args[1:])

    def flows_of(done: dict[str, Any]) -> tuple[pd.DataFrame, pd.DataFrame]:
        return done["region"].candidates, done["region"].flows

    def lacking(done: dict[str, Any]) -> object:
        here = done["region"]
        args = here.companies, here.flows, here.candidates, done["portfolio"]
        return gaps.by_place(*args, level="municipality")

    def pools(done: dict[str, Any]) -> object:
        here = done["region"]
        thresholds = reference.pool_thresholds()
        return pooling.all_pools(here.companies, here.flows, thresholds, payload_t=42.0)

    return [
        ("data", lambda _: region(kind)),
        ("analysis", lambda done: analyse(*done["data"])),
        ("region", region_of),
        ("allocation", lambda done: allocate(*flows_of(done))),
        ("figures", figures),
        ("ranked", lambda done: rank.best_per_supply(done["region"].candidates, "eur")),
        ("portfolio", lambda done: portfolio.optimal(*flows_of(done), "eur")),
        ("greedy", lambda done: portfolio.greedy(*flows_of(done), "eur")),
        ("ways", ways),
        ("gaps", lacking),
        ("network", lambda done: network.network(done["portfolio"], done["data"][0])),
        ("pools", pools),
    ]


def measure(kind: str) -> None:
    """Run all steps in this process, and print what each has cost."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    done: dict[str, Any] = {}
    for name, step in steps(kind):
        start = time.perf_counter()
        done[name] = step(done)
        seconds = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # kB on Linux
        print(f"{kind:8} {name:12} {seconds:7.2f} s {peak:7.0f} MB", flush=True)
    found = done["analysis"]
    print(
        f"{len(found.candidates):,} candidates of {found.pairs_found:,}, each supply's nearest:"
        f" {found.nearest_only}; {len(done['region'].candidates):,} within the usual limits,"
        f" {len(done['portfolio']):,} in the portfolio"
    )


def main() -> None:
    if len(sys.argv) > 2:  # the process of one case
        measure(sys.argv[1])
        return
    kind = sys.argv[1] if len(sys.argv) > 1 else "towns"
    subprocess.run([sys.executable, __file__, kind, "alone"], check=True)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    main()
