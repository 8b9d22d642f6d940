"""How soon the first map is there, and how soon a filter change has redrawn it.

    python benchmarks/app_speed.py [--companies 2000] [--runs 5]

Starts the real app, gives it companies by upload (the demo region's, repeated under other names and
places until there are enough), and drives it in headless Chromium. Times are taken in the browser's
own process, from the act until the map's dots are in the page.
"""

import argparse
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import numpy as np
import pandas as pd
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from kiertokylat import demo  # noqa: E402
from tests.browser.conftest import QUIET  # noqa: E402
from tests.browser.find_chromium import chromium  # noqa: E402

FRAME = 'iframe[title="streamlit_folium.st_folium"]'
DOTS = ".leaflet-points-pane path"


def files(count: int, folder: Path) -> list[Path]:
    """Companies and flows as two CSV files."""
    rng = np.random.default_rng(1)
    companies, flows = [], []
    for copy in range(-(-count // len(demo.companies()))):
        some = demo.companies().assign(
            id=lambda frame, n=copy: frame["id"] + f"-{n}",
            name=lambda frame, n=copy: frame["name"] + f" {n}",
            x=lambda frame: frame["x"] + rng.normal(0, 1500, len(frame)),
            y=lambda frame: frame["y"] + rng.normal(0, 1500, len(frame)),
        )
        companies.append(some)
        flows.append(
            demo.flows().assign(
                id=lambda frame, n=copy: frame["id"] + f"-{n}",
                company_id=lambda frame, n=copy: frame["company_id"] + f"-{n}",
            )
        )
    chosen = pd.concat(companies).head(count)
    kept = pd.concat(flows)
    kept = kept[kept["company_id"].isin(chosen["id"])]
    paths = [folder / "companies.csv", folder / "flows.csv"]
    chosen.to_csv(paths[0], index=False)
    kept.to_csv(paths[1], index=False)
    return paths


def wait_dots(page: Page, test: str) -> None:
    """Wait until the number of dots on the map passes a JavaScript test of `n`."""
    script = f"""() => {{
        const frame = document.querySelector('{FRAME}');
        const inside = frame && frame.contentDocument;
        if (!inside) return false;
        const n = inside.querySelectorAll('{DOTS}').length;
        return {test};
    }}"""
    page.wait_for_function(script, timeout=30_000, polling=10)


def measure(address: str, paths: list[Path], runs: int) -> dict[str, list[float]]:
    results: dict[str, list[float]] = {"first map (demo)": [], "filter change": []}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        for _ in range(runs):
            page = browser.new_context(viewport={"width": 1366, "height": 768}).new_page()
            start = time.perf_counter()
            page.goto(address)
            wait_dots(page, "n === 600")
            results["first map (demo)"].append(time.perf_counter() - start)
            page.context.close()
        page = browser.new_context(viewport={"width": 1366, "height": 768}).new_page()
        page.goto(address)
        wait_dots(page, "n === 600")
        page.get_by_role("button", name="Katso omaa aineistoa").click()
        page.locator('input[type="file"]').set_input_files(paths)
        page.get_by_role("button", name="Lue tiedostot").click()
        wait_dots(page, "n > 1000")
        page.wait_for_timeout(2000)
        total = page.frame_locator(FRAME).locator(DOTS).count()
        results["dots"] = [total]
        for _ in range(runs):
            # An industry is taken in, then all are back: a part and a whole redraw.
            page.get_by_label("Toimialaryhmä").click()
            page.keyboard.type("Metalli")
            page.wait_for_timeout(300)
            start = time.perf_counter()
            page.keyboard.press("Enter")
            wait_dots(page, f"n > 0 && n < {total}")
            results["filter change"].append(time.perf_counter() - start)
            page.mouse.click(700, 400)  # closes the list
            start = time.perf_counter()
            page.get_by_role("button", name="Poista rajaukset").first.click()
            wait_dots(page, f"n === {total}")
            results["filter change"].append(time.perf_counter() - start)
            page.wait_for_timeout(300)
        browser.close()
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--companies", type=int, default=2000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true"]
    server = subprocess.Popen(
        [*command, f"--server.port={port}"], cwd=ROOT, stdout=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(100):
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=1)
                break
            except OSError:
                time.sleep(0.3)
        with tempfile.TemporaryDirectory() as folder:
            results = measure(address, files(options.companies, Path(folder)), options.runs)
    finally:
        server.terminate()
    print(f"Python {platform.python_version()}, {platform.machine()}")
    for name, values in results.items():
        low, middle, high = min(values), statistics.median(values), max(values)
        print(f"{name}: min {low:.2f}, median {middle:.2f}, max {high:.2f} (n={len(values)})")


if __name__ == "__main__":
    main()
