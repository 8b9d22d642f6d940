"""Build the demo region: companies.csv and flows.csv of visibly fictional companies.

    python data/demo/build.py [FOLDER]

Everything is invented (`industries.toml`); only the municipalities, their shapes and their
populations are real. Every company draws from random numbers of its own, so that a changed industry
changes its own companies and leaves the others where they are. The same inputs give the same bytes.
"""

import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent))

from kiertokylat import reference, tables  # noqa: E402
from kiertokylat.locate import METRES, to_metres  # noqa: E402

SEED = 20260131
COMPANIES = 600
FEWEST = 9  # companies in a municipality; the rest are shared out by population
REPORTING = 0.15  # share of the companies that state their flows, besides those that always do
SIZE_UNKNOWN = 0.08  # share of the others whose number of employees is not known
TOWNS = ("179", "410", "500")  # Jyväskylä and the neighbours that have grown together with it
MARGIN = 300  # m from the border of the municipality, whose line is generalised
MARK = "(keksitty)"


@dataclass(frozen=True)
class Site:
    """Where a company stands and what it does, before chance fills in the rest."""

    municipality: str
    industry: int
    reports: bool  # always states its flows


def company_counts(population: pd.Series) -> pd.Series:
    """Companies per municipality: FEWEST each, the rest by population (largest remainder)."""
    share = population / population.sum() * (COMPANIES - FEWEST * len(population))
    counts = np.floor(share).astype(int)
    left = COMPANIES - FEWEST * len(population) - counts.sum()
    counts[(share - counts).nlargest(left).index] += 1
    return counts + FEWEST


def sites(industries: list[dict], population: pd.Series) -> Iterator[Site]:
    """The companies of every municipality: first those that must be there, then by weight."""
    for code, count in company_counts(population).items():
        fixed = [
            Site(code, number, reports=True)
            for number, industry in enumerate(industries)
            if industry.get("everywhere") or code in industry.get("sites", ())
        ]
        yield from fixed
        side = "town" if code in TOWNS else "land"
        weights = np.array([industry.get(side, 0) for industry in industries], dtype=float)
        rng = np.random.default_rng([SEED, int(code)])
        for number in rng.choice(len(industries), count - len(fixed), p=weights / weights.sum()):
            yield Site(code, int(number), reports=False)


def point(
    rng: np.random.Generator, centre: tuple[float, float], spread: float, ground: shapely.Geometry
) -> tuple[int, int]:
    """A whole-metre point around the centre, normal with the spread in metres, on the ground."""
    while True:
        x, y = np.rint(rng.normal(centre, spread)).astype(int)
        if shapely.contains_xy(ground, x, y):
            return int(x), int(y)


def digits(value: float) -> float:
    """Rounded to two significant digits, as people state amounts."""
    return float(f"{value:.2g}")


def stated_flows(
    rng: np.random.Generator, company: str, employees: int, industry: dict
) -> Iterator[dict]:
    """The flows that a company states: most of its industry's, in its own amounts."""
    for direction in ("out", "in"):
        for line in industry.get(direction, ()):
            material, ewc, kg, continuity = line.split()
            skipped, spread = rng.random() < 0.12, rng.lognormal(0, 0.5)
            weighed, less, more = rng.random() < 0.3, rng.uniform(0.6, 0.95), rng.uniform(1.05, 1.6)
            if skipped:
                continue
            tonnes = digits(float(kg) * employees * spread / 1000)
            yield {
                "id": f"{company}-{direction}-{material}",
                "company_id": company,
                "direction": direction,
                "ewc": "" if ewc == "-" else ewc,
                "material": material,
                "tonnes_low": tonnes if weighed else min(tonnes, digits(tonnes * less)),
                "tonnes": tonnes,
                "tonnes_high": tonnes if weighed else max(tonnes, digits(tonnes * more)),
                "continuity": continuity if rng.random() < 0.9 else "",
                "basis": "reported",
                "source": "demo",
                "note": "",
            }


def build() -> tuple[pd.DataFrame, pd.DataFrame]:
    """The demo region.

    Returns
    -------
    tuple of DataFrame
        Companies (as `tables.COMPANIES`) and their reported flows (as `tables.FLOWS`).
    """
    plan = tomllib.loads((HERE / "industries.toml").read_text(encoding="utf-8"))
    industries = plan["industry"]
    places = reference.municipalities().sort_index()
    water = shapely.union_all(reference.lakes().to_crs(METRES).geometry.to_numpy())
    land = places.geometry.to_crs(METRES).buffer(-MARGIN).difference(water)
    shapely.prepare(land.to_numpy())
    x, y = to_metres(places["centre_lon"], places["centre_lat"])
    centres = dict(zip(places.index, zip(x, y, strict=True), strict=True))
    companies, flows, names = [], [], set()
    for number, site in enumerate(sites(industries, places["population"]), start=1):
        industry = industries[site.industry]
        rng = np.random.default_rng([SEED, number, site.industry])
        name = ""
        while not name or name in names:
            name = f"{rng.choice(plan['first_parts'])} {rng.choice(industry['names'])} {MARK}"
        names.add(name)
        nace = str(rng.choice(industry["nace"]))
        # Groups (three digits) of the sections A to F are used where both editions have them.
        edition = "2025" if rng.random() < 0.2 and nace[:2] <= "43" and len(nace) < 4 else "2008"
        employees = int(np.clip(np.rint(rng.lognormal(np.log(industry["people"]), 0.75)), 1, 249))
        reports = site.reports or rng.random() < REPORTING
        known = reports or rng.random() > SIZE_UNKNOWN
        spread = 1500 + places["population"][site.municipality] / 45  # m; a town is wider
        if industry.get("rural"):
            spread = 8000
        x, y = point(rng, centres[site.municipality], spread, land[site.municipality])
        identity = f"demo-{number:03d}"
        companies.append(
            {
                "id": identity,
                "name": name,
                "business_id": "",
                "nace": nace,
                "nace_edition": edition,
                "municipality": site.municipality,
                "employees": employees if known else None,
                "x": x,
                "y": y,
                "precision": str(rng.choice(tables.PRECISIONS, p=[0.86, 0.1, 0.04])),
                "source": "demo",
            }
        )
        if reports:
            flows.extend(stated_flows(rng, identity, employees, industry))
    return (
        pd.DataFrame(companies, columns=list(tables.COMPANIES.columns)),
        pd.DataFrame(flows, columns=list(tables.FLOWS.columns)),
    )


def main(folder: Path) -> None:
    """Write both tables to a folder."""
    companies, flows = build()
    companies = companies.astype({"employees": "Int64"})
    for name, frame in (("companies", companies), ("flows", flows)):
        frame.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n", float_format="%.10g")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
