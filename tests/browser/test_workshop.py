"""The workshop on the projector: a walk by keyboard, sizes of letters, ideas that arrive."""

import re
from contextlib import contextmanager
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from kiertokylat.access import Actor
from kiertokylat.room import STEPS, Commitment, Post, candidate_key
from kiertokylat.store import load_demo, open_store
from kiertokylat.store.rooms import Rooms
from tests.browser.conftest import Visitor
from tests.browser.served import database, served
from tests.browser.test_accessibility import source, violations, walk  # noqa: F401 (a fixture)

pytestmark = pytest.mark.browser

ME = Actor("koe", "editor")
# The workshop's part of the page, and what opens over it.
PARTS = ".st-key-workshop *, [data-testid=stPopoverBody] *, [role=dialog] *"
# Every element there with text of its own that is small, and whether the page scrolls.
MEASURED = """parts => {
  const letters = [];
  for (const one of document.querySelectorAll(parts)) {
    const own = [...one.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    const size = parseFloat(getComputedStyle(one).fontSize);
    if (own && one.getClientRects().length && size < 24)
      letters.push(`${one.textContent.trim()}: ${size}`);
  }
  const main = document.querySelector('[data-testid=stMain]');
  return {letters, over: Math.max(main.scrollHeight - main.clientHeight, 0)};
}"""
# What stands outside the window sideways or is cut off by a box that is too narrow.
CUT = """parts => [...document.querySelectorAll(parts)].filter(one => {
  const box = one.getBoundingClientRect();
  if (!box.width || !one.innerText?.trim() || one.closest('.sr-only, #status')) return false;
  const hides = getComputedStyle(one).overflowX !== 'visible';
  return box.right > innerWidth + 1 || box.left < -1 ||
    (hides && one.scrollWidth > one.clientWidth + 1);
}).map(one => one.className + ': ' + one.innerText.slice(0, 60))"""
# What a keyboard has to reach in the workshop; `data-reached` is set by `tab_through`.
UNREACHED = """() => [...document.querySelectorAll('.st-key-workshop :is(button, a[href], input,'
  + 'select, textarea, iframe)')].filter(one => one.getClientRects().length && !one.disabled
  && one.tabIndex >= 0 && !one.dataset.reached).map(one => one.outerHTML.slice(0, 120))"""
REACH = """() => {
  const here = document.activeElement, style = getComputedStyle(here);
  here.dataset.reached = 'yes';
  if (!here.closest('.st-key-workshop')) return here === document.body ? 'end' : 'outside';
  const seen = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  return seen || here.tagName === 'IFRAME' ? 'seen' : 'unseen: ' + here.outerHTML.slice(0, 120);
}"""
LONG = "Sovitaan näytteestä ja käydään katsomassa lastauspaikkaa ennen joulua. " * 8
SIZES = {"projector": (1920, 1080), "laptop": (1366, 768), "narrow": (320, 640)}


@pytest.fixture(scope="module")
def hall(tmp_path_factory):
    """A server on a database of its own, and that database's workshops."""
    folder = tmp_path_factory.mktemp("hall")
    store = open_store(database(folder))
    load_demo(store, ME)
    with served(folder) as (address, log):
        yield address, Rooms(store)
    store.close()
    assert "Traceback" not in log.read_text(), log.read_text()


@pytest.fixture
def projected(browser, hall):
    """A workshop on the projector: the visitor and the workshop."""
    address, rooms = hall
    workshop = rooms.create("Koeilta", "Peurunka", ("410", "179"), "2026-11-30", ME)
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, locale="fi-FI")
    context.set_default_timeout(20_000)
    visitor = Visitor(context.new_page(), address)
    visitor.open(f"tyopaja?koodi={workshop.code}&projektori=true")
    visitor.page.locator(".st-key-workshop-steps").wait_for()
    visitor.page.wait_for_timeout(3000)  # keys do nothing until the map's frame has come
    yield visitor, rooms, workshop
    context.close()
    assert visitor.outside == []


@pytest.fixture(scope="module")
def full(hall):
    """A workshop as long as texts can be: posts, votes and commitments."""
    _, rooms = hall
    workshop = rooms.create(LONG[:120], "Peurunka", ("410", "179", "729"), "2026-11-30", ME)
    phones = [rooms.join(workshop.code) for _ in range(3)]
    for phone, material in zip(phones, ("hazardous_mixed", "wood_treated", "sawdust"), strict=True):
        said = Post("out", material, "410", (1.0, 2.0, 3.0), LONG[:80], LONG[:280])
        rooms.post(workshop.code, phone, said)
    names = ("from_company", "to_company", "supply_id", "demand_id")
    ids = ("demo-570", "demo-440", "", "demo-440-in-sawdust")
    candidate = candidate_key(dict(zip(names, ids, strict=True)))
    rooms.show(workshop.id, candidate, ME)
    for phone in phones:
        rooms.vote(workshop.code, phone, candidate, "yes")
    texts = {"idea": LONG[:500], "companies": LONG[:500], "next_step": LONG[:500]}
    for about in ("", candidate, "", ""):
        promise = Commitment(candidate=about, who=LONG[:200], due="2026-12-15", **texts)
        rooms.commit(replace(promise, workshop=workshop.id), ME)
    return workshop


@contextmanager
def opened(browser, hall, workshop, size):
    """The workshop in a window of one of `SIZES`: the visitor."""
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height}, locale="fi-FI")
    context.set_default_timeout(20_000)
    visitor = Visitor(context.new_page(), hall[0])
    shown = "&projektori=true" if size == "projector" else ""
    visitor.open(f"tyopaja?koodi={workshop.code}{shown}")
    visitor.page.locator(".st-key-workshop-steps").wait_for()
    visitor.page.wait_for_timeout(3000)  # keys do nothing until the map's frame has come
    yield visitor
    context.close()
    assert visitor.outside == []


def step_by_step(visitor, rooms, workshop):
    """Go through the steps by keyboard; each step when it is drawn."""
    for number, step in enumerate(STEPS, 1):
        visitor.page.keyboard.press(str(number))
        mine = visitor.page.locator(f".st-key-step-{step} button").first
        expect(mine).to_contain_text("▶")
        visitor.settle()
        visitor.page.wait_for_timeout(1500)  # maps draw themselves after the script
        assert rooms.get(workshop.code).step == step
        yield step


def tab_through(page):
    """Press Tab from the heading to the end of the page; where the focus wasn't seen."""
    page.evaluate(
        "() => { const one = document.querySelector('h1'); one.tabIndex = -1; one.focus(); }"
    )
    unseen = []
    for _ in range(60):
        page.keyboard.press("Tab")
        where = page.evaluate(REACH)
        if where == "end":
            break
        unseen += [where] if where.startswith("unseen") else []
    return unseen


def test_on_the_projector_all_is_large_on_one_screen_and_in_reach(browser, hall, full, source):  # noqa: F811
    with opened(browser, hall, full, "projector") as visitor:
        page = visitor.page
        for step in step_by_step(visitor, hall[1], full):
            assert page.evaluate(MEASURED, PARTS) == {"letters": [], "over": 0}, step
            assert violations(page, source, "color-contrast-enhanced") == [], step
            assert tab_through(page) == [], step
            assert page.evaluate(UNREACHED) == [], step
        for opens in ("q", "Asetukset", "Uusi sitoumus"):
            page.keyboard.press("5")
            page.wait_for_timeout(1000)
            if opens == "q":
                page.keyboard.press("q")
                expect(page.get_by_role("button", name="Takaisin työpajaan")).to_be_visible()
            else:
                page.get_by_role("button", name=opens).click()
            page.wait_for_timeout(1000)
            assert page.evaluate(MEASURED, PARTS) == {"letters": [], "over": 0}, opens
            assert violations(page, source, "color-contrast-enhanced") == [], opens
            page.keyboard.press("Escape")
            visitor.settle()


@pytest.mark.parametrize("size", ["laptop", "narrow"])
def test_in_ordinary_windows_no_step_is_cut_or_has_grave_faults(browser, hall, full, source, size):  # noqa: F811
    with opened(browser, hall, full, size) as visitor:
        page = visitor.page
        for step in step_by_step(visitor, hall[1], full):
            assert page.evaluate(CUT, PARTS) == [], step
            assert page.get_by_test_id("stMain").evaluate("e => e.scrollWidth - e.clientWidth") == 0
            assert violations(page, source) == [], step
            if (size, step) == ("laptop", "candidates"):
                assert page.evaluate(MEASURED, PARTS)["over"] == 0


def test_by_keyboard_alone_from_a_new_workshop_to_a_kept_commitment(browser, hall):
    address, rooms = hall
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="fi-FI")
    visitor = Visitor(context.new_page(), address)
    page = visitor.open("tyopaja")
    page.locator("body").focus()
    walk(page, lambda now: now["name"] == "Nimi")
    page.keyboard.type("Näppäinilta")
    page.keyboard.press("Enter")  # the form's button
    page.locator(".st-key-workshop-steps").wait_for()
    page.wait_for_timeout(3000)
    page.keyboard.press("5")
    expect(page.get_by_text("Sitoumuksia: 0")).to_be_visible()
    visitor.settle()
    page.keyboard.press("n")
    expect(page.get_by_role("dialog")).to_be_visible()
    walk(page, lambda now: now["name"] == "Idea")
    page.keyboard.type("Yhteinen kuivauspaikka")
    walk(page, lambda now: now["name"] == "Seuraava askel")
    page.keyboard.type("soitetaan")
    walk(page, lambda now: now["name"] == "Tallenna")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Sitoumuksia: 1")).to_be_visible()
    (workshop,) = [one for one in rooms.list() if one.name == "Näppäinilta"]
    (made,) = rooms.commitments(workshop.id)["next_step"]
    assert made == "soitetaan"
    context.close()
    assert visitor.outside == []


def test_latecomers_get_the_way_in_on_any_step(projected):
    visitor, _, workshop = projected
    page = visitor.page
    picture = page.get_by_alt_text("QR-koodi", exact=False)
    back = page.get_by_role("button", name="Takaisin työpajaan")
    for leave in ("q", "Escape", "6"):
        page.keyboard.press("2")  # a step without the picture
        expect(picture).to_have_count(0)
        expect(page.get_by_role("button", name=f"Liity: {workshop.code}")).to_be_visible()
        page.keyboard.press("q")
        expect(back).to_be_visible()
        assert picture.bounding_box()["width"] > 500
        page.keyboard.press(leave)
        expect(back).to_have_count(0)


def test_arrow_keys_turn_candidates_and_a_reload_comes_back(projected):
    visitor, rooms, workshop = projected
    page = visitor.page
    page.keyboard.press("3")
    expect(page.get_by_text(re.compile(r"Ehdokas 1 / \d+"))).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text(re.compile(r"Ehdokas 2 / \d+"))).to_be_visible()
    page.reload()
    expect(page.get_by_text(re.compile(r"Ehdokas 2 / \d+"))).to_be_visible()
    assert rooms.get(workshop.code).candidate


def test_an_idea_is_on_the_wall_within_two_seconds(projected):
    visitor, rooms, workshop = projected
    page = visitor.page
    page.keyboard.press("4")
    expect(page.get_by_text("Kerro puhelimella", exact=False)).to_be_visible()
    rooms.post(workshop.code, ME, Post("out", "sawdust", "410", note="tuore purukasa"))
    expect(page.get_by_text("tuore purukasa")).to_be_visible(timeout=2000)
    expect(page.get_by_text("Paras pari", exact=False)).to_be_visible()
