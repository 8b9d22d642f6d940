"""The minutes in a real browser: off the last step, opened from a file, laid out for paper."""

import io
import re
from datetime import date

import openpyxl
import pytest

from kiertokylat import demo
from kiertokylat.access import Actor
from kiertokylat.analysis import analyse
from kiertokylat.minutes import minutes
from kiertokylat.minutes_facts import Facts
from kiertokylat.room import Commitment, Post, candidate_key
from kiertokylat.store import load_demo, open_store
from kiertokylat.store.rooms import Rooms
from tests.browser.conftest import Visitor
from tests.browser.served import database, served
from tests.browser.test_workshop import MEASURED, PARTS

pytestmark = pytest.mark.browser

ME = Actor("koe", "editor")
RUDE = '<script>document.title = "huono"</script>'
# Rows that paper could cut, and what is wider than the page. An A4 page less its margins is 269 mm
# high; a CSS pixel is 1/96 inch.
LAYOUT = """() => {
  const page = 269 / 25.4 * 96, wide = document.documentElement.clientWidth;
  const rows = [...document.querySelectorAll('tr, .rests li')];
  return {
    rows: rows.length,
    cut: rows.filter(row => getComputedStyle(row).breakInside !== 'avoid').length,
    tall: rows.filter(row => row.getBoundingClientRect().height > page).length,
    heads: [...new Set([...document.querySelectorAll('thead')].map(
      head => getComputedStyle(head).display))],
    over: [...document.querySelectorAll('*')].filter(
      one => one.getBoundingClientRect().right > wide + 1).map(one => one.tagName),
  };
}"""


@pytest.fixture(scope="module")
def hall(tmp_path_factory):
    """A full workshop, its database, and a server on it."""
    folder = tmp_path_factory.mktemp("minutes")
    store = open_store(database(folder))
    load_demo(store, ME)
    rooms = Rooms(store)
    made = _workshop(rooms)
    with served(folder) as (address, log):
        yield address, rooms, made
    store.close()
    assert "Traceback" not in log.read_text(), log.read_text()


def _workshop(rooms):
    """Sixty ideas, votes and six commitments; the longest texts and the rudest."""
    made = rooms.create(f"Koe {RUDE}", "Peurunka", ("410", "992"), "2026-11-30", ME)
    materials = ("sawdust", "steel_scrap", "wood_ash", "cardboard")
    for number in range(60):
        note = (RUDE, "=cmd|' /C calc'!A0", "{{7*7}}", "X" * 280)[number % 4]
        direction = ("out", "in")[number % 2]
        said = Post(direction, materials[number % 4], "410", amount="W" * 80, note=note)
        rooms.post(made.code, ME, said)
    analysis = analyse(demo.companies(), demo.flows())
    best = analysis.candidates.sort_values("eur", ascending=False).drop_duplicates("supply_id")
    phone = rooms.join(made.code)
    for _, row in best.head(20).iterrows():
        key = candidate_key(row)
        rooms.show(made.id, key, ME)
        rooms.vote(made.code, phone, key, "yes")
    for _, row in best.head(6).iterrows():
        promise = {"companies": "C" * 500, "next_step": "N" * 500, "who": "M" * 200}
        key = candidate_key(row)
        rooms.commit(Commitment(candidate=key, idea="I" * 500, workshop=made.id, **promise), ME)
    rooms.set_step(made.id, "summary", ME)
    return rooms.get(made.code)


def _facts(rooms, made):
    return Facts(
        made,
        rooms.posts(made.id),
        rooms.votes(made.id),
        rooms.participants(made.id),
        rooms.commitments(made.id),
        analyse(demo.companies(), demo.flows()),
        "fi",
        day=date(2026, 11, 30),
    )


@pytest.fixture
def opened(browser, hall, tmp_path):
    """The page from a file, at any width; every request that it made."""
    file = tmp_path / "poytakirja.html"
    file.write_text(minutes(_facts(*hall[1:])), encoding="utf-8")
    context = browser.new_context(viewport={"width": 794, "height": 1123})
    page, asked = context.new_page(), []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    assert asked == [file.as_uri()]
    yield page
    assert asked == [file.as_uri()]
    context.close()


def test_opens_from_a_file_and_runs_nothing(opened):
    assert opened.title() == f"Työpajan pöytäkirja: Koe {RUDE}"
    assert opened.locator("script").count() == 0
    assert opened.locator("table.ideas tbody tr").count() == 60
    assert opened.locator("svg.map").get_attribute("aria-label").startswith("Kartta: Laukaa")


@pytest.mark.parametrize("width", [390, 794, 1366])
def test_nothing_is_wider_than_the_screen(opened, width):
    opened.set_viewport_size({"width": width, "height": 844})
    assert opened.evaluate(LAYOUT)["over"] == []


def test_paper_cuts_no_row_and_repeats_headings(opened):
    opened.emulate_media(media="print")
    # As wide as A4 less its margins.
    opened.set_viewport_size({"width": round(178 / 25.4 * 96), "height": 1017})
    found = opened.evaluate(LAYOUT)
    assert found.pop("rows") > 90
    assert found == {"cut": 0, "tall": 0, "heads": ["table-header-group"], "over": []}
    paper = opened.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) > 3
    (size,) = set(re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", paper))
    # A4 in points of 1/72 inch: 210 / 25.4 * 72 = 595.3 wide and 297 / 25.4 * 72 = 841.9 high.
    assert [round(float(side)) for side in size] == [595, 842]


def test_the_last_step_gives_both_forms_and_does_not_scroll(browser, hall):
    address, _, made = hall
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, locale="fi-FI")
    context.set_default_timeout(20_000)
    visitor = Visitor(context.new_page(), address)
    page = visitor.open(f"tyopaja?koodi={made.code}&projektori=true")
    page.get_by_text("Luvattu ehdokas").wait_for()
    page.wait_for_timeout(1500)
    assert page.evaluate(MEASURED, PARTS) == {"letters": [], "over": 0}
    contents = {}
    for name, suffix in (("tulostettava sivu", "html"), ("Excel", "xlsx")):
        with page.expect_download() as started:
            page.get_by_role("button", name=f"Pöytäkirja ({name})").click()
        assert started.value.suggested_filename == f"tyopaja-{made.code}-2026-11-30.{suffix}"
        contents[suffix] = started.value.path().read_bytes()
    context.close()
    assert "60 ideaa, 20 ääntä ja 6 sitoumusta" in contents["html"].decode()
    book = openpyxl.load_workbook(io.BytesIO(contents["xlsx"]))
    assert book["Ideat"].max_row == 61
    assert visitor.outside == []
