"""The real app as a server of its own, for the tests that look at it."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def database(folder: Path) -> str:
    """URL of the database that `served` uses in a folder."""
    return f"sqlite:///{folder / 'store.sqlite'}"


@contextmanager
def served(
    folder: Path, *options: str, port: int = 0, app: Path = ROOT / "app.py", **environment: str
) -> Iterator[tuple[str, Path]]:
    """Address and log of an app with its own key and database, started as `make run` does."""
    port = port or free_port()
    address, log = f"http://127.0.0.1:{port}", folder / "log.txt"
    own = {
        "KIERTOKYLAT_KEY_FILE": str(folder / "key"),
        "KIERTOKYLAT_DATABASE": database(folder),
        "NO_PROXY": "*",
        **environment,
    }
    command = [sys.executable, "-m", "streamlit", "run", str(app), "--server.headless=true"]
    with log.open("w") as output:
        process = subprocess.Popen(
            [*command, f"--server.port={port}", *options],
            cwd=ROOT,
            env={**os.environ, **own},
            stdout=output,
            stderr=output,
        )
        try:
            _wait(f"{address}/_stcore/health", process, log)
            yield address, log
        finally:
            process.terminate()
            process.wait(10)


def _wait(address: str, process: subprocess.Popen, log: Path) -> None:
    for _ in range(120):
        assert process.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(address, timeout=1):
                return
        except OSError:
            time.sleep(0.5)
    raise AssertionError(log.read_text())
