"""The real app as a process of its own, and what a tree of processes costs (Linux: from /proc)."""

import os
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 1e6


class App(NamedTuple):
    """A running app."""

    address: str
    process: int
    log: Path


@contextmanager
def serving(python: Path, database: str, log: Path, root: Path = ROOT) -> Iterator[App]:
    """Start the app of `root` as `make run` does, on a free port; it ends with the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(python), "-m", "streamlit", "run", "app.py", "--server.headless=true"]
    environment = os.environ | {"KIERTOKYLAT_DATABASE": database}
    with log.open("w") as output:
        process = subprocess.Popen(
            [*command, f"--server.port={port}"],
            cwd=root,
            env=environment,
            stdout=output,
            stderr=output,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            _wait(f"{address}/_stcore/health", process, log)
            yield App(address, process.pid, log)
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:  # it finishes what it was asked for; nobody waits
                process.kill()


def _wait(address: str, process: subprocess.Popen, log: Path) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"the app did not start:\n{log.read_text()}")


class _Process(NamedTuple):
    parent: int
    seconds: float  # of processor so far
    megabytes: float  # resident


def _processes() -> dict[int, _Process]:
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            text = (folder / "stat").read_text()
        except OSError:  # it has ended in this moment
            continue
        fields = text.rpartition(")")[2].split()  # from the third one on: see proc(5)
        seconds = (int(fields[11]) + int(fields[12])) / _TICKS
        found[int(folder.name)] = _Process(int(fields[1]), seconds, int(fields[21]) * _PAGE_MB)
    return found


def _tree(processes: dict[int, _Process], top: int) -> set[int]:
    tree = {top} & set(processes)
    while more := {one for one, of in processes.items() if of.parent in tree} - tree:
        tree |= more
    return tree


class Load(threading.Thread):
    """Looks once a second at what the server, the browser and this process use.

    Everything that this process has started and that isn't the server is the browser.
    """

    NAMES = ("server", "browser", "phones")

    def __init__(self, server: int) -> None:
        super().__init__(daemon=True)
        self.server = server
        self.ended = threading.Event()
        self.cores: dict[str, list[float]] = {name: [] for name in self.NAMES}
        self.megabytes: dict[str, list[float]] = {name: [] for name in self.NAMES}

    def run(self) -> None:
        before, at = _processes(), time.monotonic()
        while not self.ended.wait(1):
            now, then, at = _processes(), at, time.monotonic()
            for name, tree in self._trees(now).items():
                used = sum(now[n].seconds - before[n].seconds for n in tree if n in before)
                self.cores[name].append(used / (at - then))
                self.megabytes[name].append(sum(now[n].megabytes for n in tree))
            before = now

    def _trees(self, now: dict[int, _Process]) -> dict[str, set[int]]:
        me = os.getpid()
        server = _tree(now, self.server)
        return {"server": server, "browser": _tree(now, me) - server - {me}, "phones": {me}}

    def end(self) -> None:
        self.ended.set()
        self.join()
