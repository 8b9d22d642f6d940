"""The workshop on the projector: a walk by keyboard, sizes of letters, ideas that arrive."""

import os
import re
import socket
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from kiertokylat.access import Actor
from kiertokylat.room import STEPS, Post
from kiertokylat.store import load_demo, open_store
from kiertokylat.store.rooms import Rooms
from tests.browser.conftest import ROOT, Visitor, _wait

pytestmark = pytest.mark.browser

ME = Actor("koe", "editor")
# Every element with text of its own in the workshop's part of the page, and whether that scrolls.
MEASURED = """() => {
  const letters = [];
  for (const one of document.querySelectorAll('.st-key-workshop *')) {
    const own = [...one.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    const size = parseFloat(getComputedStyle(one).fontSize);
    if (own && one.getClientRects().length && size < 24)
      letters.push(`${one.textContent.trim()}: ${size}`);
  }
  const main = document.querySelector('[data-testid=stMain]');
  return {letters, over: Math.max(main.scrollHeight - main.clientHeight, 0)};
}"""


@pytest.fixture(scope="module")
def hall(tmp_path_factory):
    """A server on a database of its own, and that database's workshops."""
    folder = tmp_path_factory.mktemp("hall")
    url = f"sqlite:///{folder / 'koe.sqlite'}"
    store = open_store(url)
    load_demo(store, ME)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true"]
    log = folder / "log.txt"
    with log.open("w") as output:
        process = subprocess.Popen(
            [*command, f"--server.port={port}"],
            cwd=ROOT,
            env=os.environ | {"KIERTOKYLAT_DATABASE": url},
            stdout=output,
            stderr=output,
        )
        address = f"http://127.0.0.1:{port}"
        try:
            _wait(f"{address}/_stcore/health", process, log)
            yield address, Rooms(store)
        finally:
            process.terminate()
            process.wait(10)
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


def test_through_the_steps_by_keyboard_large_and_without_scrolling(projected):
    visitor, rooms, workshop = projected
    page = visitor.page
    for number, step in enumerate(STEPS, 1):
        page.keyboard.press(str(number))
        mine = page.locator(f".st-key-step-{step} button").first
        expect(mine).to_contain_text("▶")
        page.wait_for_timeout(2500)  # maps draw themselves after the script
        assert rooms.get(workshop.code).step == step
        assert page.evaluate(MEASURED) == {"letters": [], "over": 0}, step


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
