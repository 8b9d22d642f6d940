"""Twenty processes that write into one store for a minute, and then every row accounted for.

    python benchmarks/store_writers.py                      # SQLite, then PostgreSQL
    python benchmarks/store_writers.py --seconds 10 --writers 5 --only sqlite

Each writer does, at random: an edit of one of 40 companies that all writers share (6 of 10), an
import that replaces its own last five companies and their ten flows (3 of 10), and an undo of its
own last edit (1 of 10). It looks at the data before half of its edits only; the others start from
what it saw last, so that many meet a row that somebody else has changed. A conflict is answered as
a person would: look again, write again. Every write leaves a text that is its alone, and the writer
notes what it was told.

At the end, by the store's own history and table: every write that a writer was told succeeded is
there once, as it was; nothing else is; each row was written by one after the other (what a write
found is what the one before it left); the table is what all of them together leave.

Both databases wait for the disk at each write (SQLite `synchronous=FULL`, PostgreSQL's defaults).
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from kiertokylat import tables
from kiertokylat.access import Actor
from kiertokylat.changes import Changes, Plan, Snapshot, no_companies, no_flows
from kiertokylat.errors import ConflictError, StoreError
from kiertokylat.store import Store, open_store

SHARED, OWN, TRIES = 40, 5, 1000
MARK = {"companies": "contact", "flows": "note"}


def companies(ids: list[str], mark: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "id": ids, "name": "Mittausyhtiö Oy", "business_id": "", "nace": "16100",
            "nace_edition": "2008", "municipality": "179", "employees": 10.0, "x": 435_000.0,
            "y": 6_903_000.0, "precision": "exact", "source": "benchmark", "status": "active",
            "corrected": "", "revision": 0, "sole_trader": False, "contact": mark,
        }
    )  # fmt: skip


def flows(owners: list[str], mark: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "id": [f"{owner}/{number}" for owner in owners for number in range(2)],
            "company_id": [owner for owner in owners for _ in range(2)], "direction": "out",
            "ewc": "030105", "material": "puru", "tonnes_low": 1.0, "tonnes": 2.0,
            "tonnes_high": 3.0, "continuity": "continuous", "basis": "reported",
            "source": "benchmark", "note": mark, "status": "active", "corrected": "", "revision": 0,
        }
    )  # fmt: skip


class Writer:
    """One process of many, and its notes."""

    def __init__(self, store: Store, number: int) -> None:
        self.store, self.name = store, f"kirjoittaja-{number:02d}"
        self.by = Actor(self.name, "editor")
        self.random = random.Random(number)
        self.seen = store.snapshot()
        self.written = self.imports = 0
        self.last_edit: int | None = None
        self.notes: list[dict] = []  # what it was told succeeded
        self.told: Counter[str] = Counter()
        self.seconds: list[float] = []  # of each write that succeeded

    def step(self) -> None:
        kind = self.random.choices(["edit", "import", "undo"], [6, 3, 1])[0]
        if kind == "undo" and self.last_edit is not None:
            try:
                self.write(self.store.undo_plan(self.last_edit))
            except ConflictError:  # somebody has edited the row since: it stays
                self.told["undo_conflicts"] += 1
            self.last_edit = None
        elif kind == "import":
            self.seen = self.store.snapshot()
            self.write(self.replacing(self.seen))
        else:
            self.edit(f"yhteinen-{self.random.randrange(SHARED)}")

    def edit(self, row: str) -> None:
        if self.random.random() < 0.5:
            self.seen = self.store.snapshot()
        for _ in range(TRIES):
            before = self.seen.companies[self.seen.companies["id"] == row]
            after = before.assign(contact=self.mark(), corrected="contact")
            nothing = Changes(no_flows(), no_flows())
            try:
                plan = Plan("edit", "Yhteyshenkilö", Changes(before, after), nothing)
                self.last_edit = self.write(plan)
            except ConflictError:
                self.told["conflicts"] += 1
                self.seen = self.store.snapshot()
            else:
                return
        raise SystemExit(f"{self.name} never got through")

    def replacing(self, now: Snapshot) -> Plan:
        """Five new companies instead of the last five."""
        mine = now.companies[now.companies["id"].str.startswith(f"{self.name}/")]
        their = now.flows[now.flows["company_id"].isin(mine["id"])]
        self.imports += 1
        new = [f"{self.name}/{self.imports}/{number}" for number in range(OWN)]
        mark = self.mark()
        return Plan(
            "import",
            "mittaus.csv",
            Changes(mine, companies(new, mark)),
            Changes(their, flows(new, mark)),
        )

    def mark(self) -> str:
        self.written += 1
        return f"{self.name} {self.written}"

    def write(self, plan: Plan) -> int | None:
        start = time.perf_counter()
        try:
            version = self.store.apply(plan, self.by)
        except StoreError as error:
            if isinstance(error, ConflictError):
                raise
            self.told[error.code] += 1  # busy: not written, as the accounts will show
            return None
        self.seconds.append(time.perf_counter() - start)
        self.notes.append({"version": version, "who": self.name, "kind": plan.kind, "rows": rows(
            {"companies": plan.companies, "flows": plan.flows})})  # fmt: skip
        return version


def rows(parts: dict[str, Changes]) -> dict[str, str | None]:
    """`table id` to the text that a change leaves in it; None: the row goes."""
    found: dict[str, str | None] = {}
    for entity, part in parts.items():
        found |= {f"{entity} {row}": None for row in part.before["id"]}
        texts = zip(part.after["id"], part.after[MARK[entity]], strict=True)
        found |= {f"{entity} {row}": text for row, text in texts}
    return found


def write_for(address: str, number: int, seconds: float) -> None:
    """A writer's process: its notes go to standard output."""
    store = open_store(address)
    writer = Writer(store, number)
    tables.stored_companies(companies(["lämmittely"], ""))  # loads what a first write would
    print("ready", flush=True)
    sys.stdin.readline()
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        writer.step()
    store.close()
    peak = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({"notes": writer.notes, "told": writer.told, "seconds": writer.seconds,
                      "megabytes": peak.ru_maxrss * 1024 / 1e6}))  # fmt: skip


def account(store: Store, notes: list[dict]) -> int:
    """Compare what writers were told with what is stored; how many rows were compared."""
    notes = sorted(notes, key=lambda note: note["version"])
    last = store.version()
    assert [note["version"] for note in notes] == list(range(1, last + 1)), (
        "a write too few or many"
    )
    history = store.history(limit=last + 10)
    assert history["batch"].tolist() == list(range(last, 0, -1))
    told = [(note["who"], note["kind"]) for note in reversed(notes)]
    assert list(zip(history["who"], history["kind"], strict=True)) == told, "somebody else's name"
    table: dict[str, str] = {}
    compared = 0
    for note in notes:
        parts = dict(zip(("companies", "flows"), store.changes(note["version"]), strict=True))
        assert rows(parts) == note["rows"], f"version {note['version']} is not what was told"
        found = {
            f"{entity} {row}": text
            for entity, part in parts.items()
            for row, text in zip(part.before["id"], part.before[MARK[entity]], strict=True)
        }
        left = {row: table[row] for row in note["rows"] if row in table}
        assert found == left, f"version {note['version']} overwrote what it had not seen"
        for row, text in note["rows"].items():
            if text is None:
                del table[row]
            else:
                table[row] = text
        compared += len(note["rows"])
    now = store.snapshot()
    stored = rows({"companies": Changes(no_companies(), now.companies),
                   "flows": Changes(no_flows(), now.flows)})  # fmt: skip
    assert stored == table, "the table is not what the writes leave"
    return compared


def measure(address: str, writers: int, seconds: float) -> dict[str, object]:
    store = open_store(address)
    setting = Writer(store, 99)
    shared = companies([f"yhteinen-{number}" for number in range(SHARED)], "alussa")
    empty = Changes(no_companies(), shared), Changes(no_flows(), no_flows())
    setting.write(Plan("import", "alku.csv", *empty))
    with ExitStack() as stack:
        processes = []
        for number in range(writers):
            command = [sys.executable, __file__, "--writer", str(number), "--address", address,
                       "--seconds", str(seconds)]  # fmt: skip
            pipe = subprocess.PIPE
            processes.append(
                stack.enter_context(subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True))
            )
        for process in processes:
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            process.stdin.write("go\n")
            process.stdin.flush()
        results = [json.loads(process.communicate()[0]) for process in processes]
    assert all(process.returncode == 0 for process in processes)
    notes = setting.notes + [note for result in results for note in result["notes"]]
    start = time.perf_counter()
    compared = account(store, notes)
    waits = np.concatenate([result["seconds"] for result in results]) * 1000
    told = sum((Counter(result["told"]) for result in results), Counter())
    each = [len(result["notes"]) for result in results]
    store.close()
    return {
        "writes": len(notes) - 1,
        "writes/s": round((len(notes) - 1) / seconds, 1),
        "kinds": dict(Counter(note["kind"] for note in notes[1:])),
        "told": dict(told),
        "ms p50, p95, max": [round(value) for value in np.percentile(waits, [50, 95, 100])],
        "writes of a writer, least and most": [min(each), max(each)],
        "MB of a writer": round(max(result["megabytes"] for result in results)),
        "rows compared": compared,
        "rows wrong": 0,
        "seconds of comparing": round(time.perf_counter() - start, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--writers", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    parser.add_argument("--writer", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--address", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.writer is not None:
        write_for(options.address, options.writer, options.seconds)
        return
    if options.only != "postgresql":
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "writers.sqlite"
            found = measure(f"sqlite:///{file}", options.writers, options.seconds)
            print("sqlite", found, f"file {file.stat().st_size / 1e6:.1f} MB", flush=True)
    if options.only != "sqlite":
        from tests.store.postgres import cluster, serving

        settings = (f"max_connections={3 * options.writers + 20}",)
        with cluster(on_disk=True) as home, serving(home, settings) as server:
            found = measure(server.new_database(), options.writers, options.seconds)
            print("postgresql", found, flush=True)


if __name__ == "__main__":
    main()
