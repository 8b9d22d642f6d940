"""Seconds and memory of importing 20,000 companies and 60,000 flows into the store.

    python benchmarks/store_import.py                 # every contestant on both databases
    python benchmarks/store_import.py --only sqlite

The files are two CSV files in the program's own format: companies around the region's centres,
each with an id, flows of 40 materials. The package goes the way of a user: `read` the files, `plan`
what they would change, `apply` the plan (rows, and one history row for each row, in one
transaction), `snapshot` (read everything), `read again` and `plan again` the same files (nothing
must change), `change a tenth` (2,000 companies, 6,000 flows), `undo` the import's change of these.
What was read back is compared with what was planned, value by value.

The peers write the same two tables and nothing else: no history, no check that nobody has changed a
row, no check of values, so they bound from below what keeping the rows costs:

- `to_sql`: pandas' own, two tables in one transaction
- `sqlite_utils`: `insert_all` of dictionaries with primary keys (SQLite only)
- `copy`: psycopg's COPY with primary keys, the fastest that PostgreSQL offers

Each contestant runs in its own process, five times, each on a new database. Both databases wait for
the disk. Peak memory is that of the process (Linux), which the data and the libraries share; that
of the PostgreSQL server is not in it. Needs `benchmarks/requirements.txt`.
"""

import argparse
import functools
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from kiertokylat import reference
from kiertokylat.access import Actor
from kiertokylat.changes import Changes, Plan, Snapshot
from kiertokylat.ingest import Ingested, ingest
from kiertokylat.locate import to_metres
from kiertokylat.plan import plan_import
from kiertokylat.store import Store, open_store

COMPANIES, FLOWS, RUNS = 20_000, 60_000, 5
EDITOR = Actor("mittaus@example.org", "editor")


def write_files(folder: Path) -> list[Path]:
    random = np.random.default_rng(20_261_124)
    towns = reference.municipalities()
    population = towns["population"].astype(float).to_numpy()
    town = random.choice(len(towns), COMPANIES, p=population / population.sum())
    centre = np.column_stack(to_metres(towns["centre_lon"], towns["centre_lat"]))
    place = centre[town] + random.normal(0, 4_000, (COMPANIES, 2))
    ids = [f"yritys-{number:05d}" for number in range(COMPANIES)]
    companies = pd.DataFrame(
        {
            "Tunniste": ids,
            "Yritys": [f"Kuvitteellinen Koeyhtiö {number} Oy" for number in range(COMPANIES)],
            "Kuntakoodi": towns.index.to_numpy()[town],
            "Toimialakoodi": random.choice(["16100", "25110", "41200", "10710"], COMPANIES),
            "Henkilöstö": random.integers(1, 250, COMPANIES),
            "X": place[:, 0].round(1),
            "Y": place[:, 1].round(1),
        }
    )
    tonnes = random.lognormal(3, 1.5, FLOWS).round(2)
    flows = pd.DataFrame(
        {
            "Tunniste": [f"virta-{number:05d}" for number in range(FLOWS)],
            "Yrityksen tunniste": random.choice(ids, FLOWS),
            "Suunta": np.where(random.random(FLOWS) < 0.5, "tarjoaa", "tarvitsee"),
            "Materiaali": random.choice(reference.materials().index[:40].to_numpy(), FLOWS),
            "Alaraja": (tonnes / 2).round(2),
            "Määrä": tonnes,
            "Yläraja": tonnes * 2,
            "Jatkuvuus": "jatkuva",
        }
    )
    paths = [folder / "yritykset.csv", folder / "virrat.csv"]
    for table, path in zip((companies, flows), paths, strict=True):
        table.to_csv(path, sep=";", index=False)
    return paths


class Clock:
    """Seconds, processor seconds and peak megabytes of each step."""

    def __init__(self) -> None:
        self.steps: dict[str, list[tuple[float, float, float]]] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        Path("/proc/self/clear_refs").write_text("5")  # begins the peak anew
        start, processor = time.perf_counter(), time.process_time()
        yield
        seconds = time.perf_counter() - start, time.process_time() - processor
        status = Path("/proc/self/status").read_text()
        peak = int(status.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6
        self.steps.setdefault(name, []).append((*seconds, peak))

    def report(self) -> dict[str, list[float]]:
        """Median seconds, least and most, median processor seconds, highest peak."""
        found = {}
        for name, runs in self.steps.items():
            seconds, processor, peak = zip(*runs, strict=True)
            found[name] = [
                round(statistics.median(seconds), 2), round(min(seconds), 2),
                round(max(seconds), 2), round(statistics.median(processor), 2), round(max(peak)),
            ]  # fmt: skip
        return found


def package(address: str, paths: list[Path], clock: Clock) -> None:
    store = open_store(address)
    with clock.step("read"):
        read = ingest(paths, companies=store.snapshot().companies)
    with clock.step("plan"):
        plan = plan_import(store.snapshot(), read, "yritykset.csv, virrat.csv")
    assert len(plan.companies.after) == COMPANIES
    assert len(plan.flows.after) == FLOWS
    with clock.step("apply"):
        store.apply(plan, EDITOR)
    with clock.step("snapshot"):
        now = store.snapshot()
    for kept, planned in ((now.companies, plan.companies), (now.flows, plan.flows)):
        wanted = planned.after.assign(revision=1).sort_values("id", ignore_index=True)
        pd.testing.assert_frame_equal(kept, wanted)
    size = _size(store)
    with clock.step("read again"):
        read = ingest(paths, companies=now.companies)
    with clock.step("plan again"):
        again = plan_import(now, read, "yritykset.csv, virrat.csv")
    assert again.empty
    assert store.apply(again, EDITOR) == 1
    with clock.step("change a tenth"):
        store.apply(_tenth(now), EDITOR)
    with clock.step("undo it"):
        store.apply(store.undo_plan(2), EDITOR)
    with clock.step("undo the import"):
        # Its rows have been written since, but say the same: that counts.
        store.apply(store.undo_plan(1), EDITOR)
    assert store.snapshot().companies.empty
    assert store.version() == 4
    print(f"{size} MB after the import", file=sys.stderr)
    store.close()


def _tenth(now: Snapshot) -> Plan:
    companies, flows = now.companies.iloc[::10], now.flows.iloc[::10]
    return Plan(
        "edit",
        "joka kymmenes",
        Changes(companies, companies.assign(employees=7.0)),
        Changes(flows, flows.assign(tonnes=flows["tonnes_low"])),
    )


def _size(store: Store) -> int:
    if store._database.sqlite:
        store.close()  # the log goes into the file
        return round(Path(store.url).stat().st_size / 1e6)
    (size,) = store._database.outside_transactions("SELECT pg_database_size(current_database())")[0]
    return round(size / 1e6)


@functools.cache
def _tables(*paths: Path) -> dict[str, pd.DataFrame]:
    """What the package writes, for its peers."""
    read: Ingested = ingest(paths)
    plan = plan_import(Snapshot(), read, "")
    return {"companies": plan.companies.after, "flows": plan.flows.after}


def to_sql(address: str, paths: list[Path], clock: Clock) -> None:
    from sqlalchemy import create_engine, event

    engine = create_engine(address.replace("postgresql://", "postgresql+psycopg://"))
    if address.startswith("sqlite"):
        event.listen(engine, "connect", lambda driver, _: driver.execute("PRAGMA journal_mode=WAL"))
    tables = _tables(*paths)
    with clock.step("apply"), engine.begin() as connection:
        for name, table in tables.items():
            table.to_sql(name, connection, index=False)
    with clock.step("snapshot"), engine.begin() as connection:
        rows = sum(len(pd.read_sql_table(name, connection)) for name in tables)
    assert rows == COMPANIES + FLOWS
    engine.dispose()


def sqlite_utils(address: str, paths: list[Path], clock: Clock) -> None:
    from sqlite_utils import Database

    tables = _tables(*paths)
    database = Database(address.removeprefix("sqlite:///"))
    database.enable_wal()
    with clock.step("apply"):
        for name, table in tables.items():
            database[name].insert_all(table.to_dict("records"), pk="id")
    with clock.step("snapshot"):
        rows = sum(len(pd.DataFrame(database[name].rows)) for name in tables)
    assert rows == COMPANIES + FLOWS
    database.close()


def copy(address: str, paths: list[Path], clock: Clock) -> None:
    import psycopg

    types = {"float64": "double precision", "int64": "integer", "bool": "boolean"}
    tables = _tables(*paths)
    with psycopg.connect(address) as connection:
        with clock.step("apply"):
            for name, table in tables.items():
                kinds = table.dtypes.astype(str).map(types).fillna("text")
                columns = [f"{column} {kind}" for column, kind in kinds.items()]
                connection.execute(f"CREATE TABLE {name} ({', '.join(columns)}, PRIMARY KEY (id))")
                with connection.cursor().copy(f"COPY {name} FROM STDIN") as out:
                    for row in table.itertuples(index=False):
                        out.write_row(row)
            connection.commit()
        with clock.step("snapshot"):
            rows = sum(
                len(pd.DataFrame(connection.execute(f"SELECT * FROM {name}").fetchall()))
                for name in tables
            )
        assert rows == COMPANIES + FLOWS


CONTESTANTS: dict[str, dict[str, Callable[[str, list[Path], Clock], None]]] = {
    "sqlite": {"package": package, "to_sql": to_sql, "sqlite_utils": sqlite_utils},
    "postgresql": {"package": package, "to_sql": to_sql, "copy": copy},
}


def run(database: str, name: str, folder: Path, addresses: list[str]) -> None:
    paths = [folder / "yritykset.csv", folder / "virrat.csv"]
    clock = Clock()
    for address in addresses:
        CONTESTANTS[database][name](address, paths, clock)
    print(json.dumps(clock.report()))


def compare(database: str, folder: Path, new_database: Callable[[], str]) -> None:
    for name in CONTESTANTS[database]:
        addresses = [new_database() for _ in range(RUNS)]
        command = [sys.executable, __file__, "--run", database, name, str(folder), *addresses]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        print(f"\n{database}, {name}   {done.stderr.splitlines()[-1:]}")
        print(f"{'':>16} {'median s':>9} {'min':>7} {'max':>7} {'processor s':>12} {'peak MB':>8}")
        for step, values in json.loads(done.stdout).items():
            print("{:>16} {:9.2f} {:7.2f} {:7.2f} {:12.2f} {:8.0f}".format(step, *values))
        sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=list(CONTESTANTS))
    parser.add_argument("--run", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        database, name, folder, *addresses = options.run
        run(database, name, Path(folder), addresses)
        return
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        write_files(folder)
        if options.only != "postgresql":
            numbers = iter(range(1000))

            def new_file() -> str:
                place = folder / str(next(numbers))
                place.mkdir()
                return f"sqlite:///{place}/benchmark.sqlite"

            compare("sqlite", folder, new_file)
        if options.only != "sqlite":
            from tests.store.postgres import cluster, serving

            with cluster(on_disk=True) as home, serving(home, ()) as server:
                compare("postgresql", folder, server.new_database)


if __name__ == "__main__":
    main()
