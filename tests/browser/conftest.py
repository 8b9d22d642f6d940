"""The real app in a real browser: one server and one browser for all of these tests."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.find_chromium import chromium
from tests.browser.served import served

# A machine that runs many tests at once takes its time; what comes at last, comes.
expect.set_options(timeout=30_000)

# Without these the browser itself looks for updates, which would blur the test of silence.
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def server(tmp_path_factory) -> Iterator[str]:
    """Address of the app, on the database that this process's tests share."""
    shared = {name: os.environ[name] for name in ("KIERTOKYLAT_DATABASE", "KIERTOKYLAT_KEY_FILE")}
    with served(tmp_path_factory.mktemp("server"), **shared) as (address, log):
        yield address
    assert "Traceback" not in log.read_text(), log.read_text()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        yield started
        started.close()


class Visitor:
    """A browser page that remembers every request that would leave the machine."""

    def __init__(self, page: Page, server: str) -> None:
        self.page = page
        self.server = server
        self.outside: list[str] = []
        page.on("request", self._note)

    def _note(self, request) -> None:
        inside = (self.server, self.server.replace("http", "ws"), "data:", "blob:")
        if not request.url.startswith(inside):
            self.outside.append(request.url)

    def open(self, path: str = "") -> Page:
        """Open a page of the app and wait until it has run."""
        self.page.goto(f"{self.server}/{path}")
        self.page.get_by_role("heading", level=1).wait_for()
        self.settle()
        return self.page

    def settle(self) -> None:
        """Wait until the script no longer runs and nothing has failed."""
        # A rerun starts a moment after the event that causes it.
        self.page.wait_for_timeout(400)
        self.page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
        assert self.page.get_by_test_id("stException").all_inner_texts() == []

    def map(self):
        """The map's frame, with its municipalities drawn."""
        frame = self.page.frame_locator('iframe[title="streamlit_folium.st_folium"]')
        frame.locator(".leaflet-areas-pane path").first.wait_for()
        return frame

    def run_in_map(self, script: str):
        """Run a script inside the map's frame."""
        (frame,) = [f for f in self.page.frames if "streamlit_folium" in f.url]
        return frame.evaluate(script)


@pytest.fixture
def visit(browser: Browser, server: str) -> Iterator[Visitor]:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="fi-FI")
    context.set_default_timeout(20_000)
    visitor = Visitor(context.new_page(), server)
    yield visitor
    context.close()
    assert visitor.outside == []
