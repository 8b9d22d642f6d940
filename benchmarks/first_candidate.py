"""From a clean clone to a candidate on the projector, out of two raw files: seconds of each leg.

    python benchmarks/first_candidate.py --screenshot candidate.png
    python benchmarks/first_candidate.py --skip-install     # this checkout, this environment

Clones the repository, sets up an environment by the README's commands, starts the app on an empty
database, and drives it in headless Chromium as a facilitator would: Aineisto, both files, the plan,
save, Työpaja, make one, the step Ehdokkaat. It ends when the first candidate stands there with its
figures, its explanation and its map, and saves a picture of it.

The files: the business register's download in its raw shape (`register_bulk.py`; companies that
don't exist), and a spreadsheet in which some of them tell what leaves and enters them. The machine
reads and thinks for nobody: a person's reading, choosing and typing come on top.
"""

import argparse
import re
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import openpyxl
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks import register_bulk  # noqa: E402
from benchmarks.live_app import serving  # noqa: E402
from kiertokylat import reference  # noqa: E402
from tests.browser.conftest import QUIET  # noqa: E402
from tests.browser.find_chromium import chromium  # noqa: E402

# Two materials that leave somebody and enter somebody else.
TOLD = [
    ("tarjoaa", "Sahanpuru, lastu ja hake", "03 01 05", 420),
    ("tarvitsee", "Sahanpuru, lastu ja hake", "", 300),
    ("tarjoaa", "Pahvi", "15 01 01", 35),
    ("tarvitsee", "Pahvi", "", 120),
]
HEADINGS = ("Yritys", "Y-tunnus", "Suunta", "Materiaali", "EWC-koodi", "Määrä (t/v)")
# The map of the step before may stay for a moment: it must be gone.
DRAWN = """() => {
  const maps = document.querySelectorAll('iframe[title="streamlit_folium.st_folium"]');
  const inside = maps.length === 1 && maps[0].contentDocument;
  return inside && inside.querySelectorAll('.leaflet-points-pane path').length > 1;
}"""


def spreadsheet(path: Path, companies: int, answers: int) -> None:
    """What so many of the register's companies in the region answered, as a workbook."""
    region = set(reference.municipalities().index)
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(HEADINGS)
    for record in register_bulk.records(companies):
        place = record["addresses"][0]["postOffices"][0]["municipalityCode"]
        if place not in region or record["tradeRegisterStatus"] != "1":
            continue
        told = TOLD[sheet.max_row % len(TOLD)]
        sheet.append((record["names"][0]["name"], record["businessId"]["value"], *told))
        if sheet.max_row > answers:
            break
    book.save(path)


class Legs:
    """The seconds of each leg, printed as they come."""

    def __init__(self) -> None:
        self.begin = time.perf_counter()
        self.setting = 0.0  # of these, before the app could start
        print("| leg | seconds |\n|---|--:|")

    @contextmanager
    def leg(self, name: str, *, setting: bool = False) -> Iterator[None]:
        start = time.perf_counter()
        yield
        seconds = time.perf_counter() - start
        self.setting += seconds * setting
        print(f"| {name} | {seconds:.1f} |", flush=True)

    def end(self) -> None:
        whole = time.perf_counter() - self.begin
        print(f"| **everything** | **{whole:.1f}** |")
        print(f"| of it from the app's start | {whole - self.setting:.1f} |")


def set_up(folder: Path, legs: Legs) -> tuple[Path, Path]:
    """A clean clone and its Python."""
    root = folder / "kiertokylat"
    with legs.leg("git clone", setting=True):
        subprocess.run(["git", "clone", "--quiet", ROOT.as_uri(), root], check=True)
    python = root / ".venv" / "bin" / "python"
    with legs.leg("virtual environment", setting=True):
        venv.create(root / ".venv", with_pip=True)
    with legs.leg("pip install -r requirements.txt", setting=True):
        command = [str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
        subprocess.run([*command, "-r", "requirements.txt"], cwd=root, check=True)
    return root, python


def bring(page: Page, address: str, files: list[Path], legs: Legs) -> None:
    """Aineisto: both files, the plan, save."""
    with legs.leg("Aineisto opens"):
        page.goto(f"{address}/aineisto?osa=import")
        page.locator('input[type="file"]').wait_for(state="attached")
    with legs.leg("both files read, the plan stands there"):
        page.locator('input[type="file"]').set_input_files(files)
        page.locator(".st-key-import-read button:enabled").click()
        page.locator(".st-key-import-save button").wait_for()
    print(f"| ({page.locator('.st-key-import-save button').inner_text().strip()}) | |")
    with legs.leg("saved"):
        page.locator(".st-key-import-save button").click()
        page.get_by_text(re.compile(r"^Tallennettu \d")).wait_for()


def project(page: Page, address: str, legs: Legs) -> None:
    """Työpaja: make one, and its first candidate."""
    with legs.leg("Työpaja opens"):
        page.goto(f"{address}/tyopaja?projektori=true")
        page.locator(".st-key-workshop-name input").wait_for()
    with legs.leg("made, its first step stands there"):
        page.locator(".st-key-workshop-name input").fill("Ensimmäinen ilta")
        page.locator(".st-key-workshop-make button").click()
        page.locator(".st-key-step-candidates button").wait_for()
        page.wait_for_function(DRAWN)
    with legs.leg("Ehdokkaat: figures, explanation and map of the first"):
        page.locator(".st-key-step-candidates button").click()
        page.locator(".wall.pair .figure").first.wait_for()
        page.wait_for_function(DRAWN)


def drive(address: str, files: list[Path], picture: Path, legs: Legs) -> str:
    """Both pages; the words of the candidate."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        page = browser.new_page(viewport={"width": 1920, "height": 1080}, locale="fi-FI")
        page.set_default_timeout(120_000)
        bring(page, address, files, legs)
        project(page, address, legs)
        legs.end()
        page.wait_for_timeout(1500)  # lines fade in
        page.screenshot(path=picture)
        words = page.locator(".wall.pair").inner_text()
        browser.close()
    return words


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--companies", type=int, default=10_000, help="in the register's file")
    parser.add_argument("--answers", type=int, default=60, help="rows of the spreadsheet")
    parser.add_argument("--skip-install", action="store_true", help="use this checkout as it is")
    parser.add_argument("--screenshot", type=Path, default=Path("first-candidate.png"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = [folder / "rekisteri.zip", folder / "kysely.xlsx"]
        size = register_bulk.write(files[0], options.companies)
        spreadsheet(files[1], options.companies, options.answers)
        print(f"register: {options.companies:,} companies, {size / 1e6:.0f} MB of JSON;", end=" ")
        print(f"spreadsheet: {options.answers} rows\n")
        legs = Legs()
        root, python = ROOT, Path(sys.executable)
        if not options.skip_install:
            root, python = set_up(folder, legs)
        start = time.perf_counter()
        database = f"sqlite:///{folder / 'first.sqlite'}"
        with serving(python, database, folder / "log.txt", root) as app:
            print(f"| the app starts | {time.perf_counter() - start:.1f} |")
            words = drive(app.address, files, options.screenshot, legs)
    print(f"\n{words}\n\n{options.screenshot}")


if __name__ == "__main__":
    main()
