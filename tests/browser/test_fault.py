"""A database that can't be used, in the real app: what the page shows, and the way out."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.served import served
from tests.browser.test_accessibility import source, violations  # noqa: F401

pytestmark = pytest.mark.browser


def faulty(page: Page) -> None:
    """Wait until the page says that the database can't be used."""
    expect(page.get_by_role("heading", name="Tietokantaa ei voi nyt käyttää")).to_be_visible()


def test_a_moved_database_is_told_on_every_page_and_opens_again_when_it_is_back(
    browser,
    tmp_path,
    source,  # noqa: F811
):
    file = tmp_path / "store.sqlite"
    with served(tmp_path) as (address, log):
        context = browser.new_context(viewport={"width": 390, "height": 844}, locale="fi-FI")
        context.set_default_timeout(60_000)
        page = context.new_page()
        page.goto(f"{address}/aineisto")
        page.get_by_role("heading", name="Aineisto", level=1).wait_for()
        page.locator(".lead").first.wait_for()
        away = file.rename(tmp_path / "away.sqlite")
        page.goto(f"{address}/yritykset")
        faulty(page)
        expect(page.get_by_role("alert")).to_contain_text("on siirretty, poistettu tai vaihdettu")
        steps = page.get_by_role("main").locator("ol li")
        expect(steps.first).to_have_text("Palauta sama tiedosto paikalleen.")
        expect(steps.last).to_contain_text("Paina Yritä uudelleen")
        assert violations(page, source) == []
        for width, height in ((390, 844), (1366, 768), (1920, 1080)):
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate("document.documentElement.scrollWidth") == width
        page.get_by_role("link", name="Tietoa").click()
        expect(page.get_by_role("heading", name="Tietoa", level=1)).to_be_visible()
        faulty(page)
        page.get_by_role("link", name="Yritykset").click()
        faulty(page)
        page.get_by_role("button", name="Yritä uudelleen").click()
        faulty(page)
        away.rename(file)
        page.get_by_role("button", name="Yritä uudelleen").click()
        expect(page.get_by_role("heading", name="Tietokantaa ei voi")).to_have_count(0)
        page.locator(".lead").first.wait_for()
        context.close()
    assert "Traceback" not in Path(log).read_text()
