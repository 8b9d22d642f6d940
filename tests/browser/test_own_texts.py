"""What Streamlit itself says in English only, as visitors read it in Finnish."""

import pytest
from playwright.sync_api import expect

from tests.browser.served import served

pytestmark = pytest.mark.browser


def test_the_file_field_speaks_the_language_of_the_page(visit, tmp_path):
    page = visit.open("yritykset")
    page.get_by_role("button", name="Katso omaa aineistoa").click()
    field = page.get_by_test_id("stFileUploader")
    expect(field).to_contain_text("enintään 400MB tiedostoa kohti")
    expect(field.get_by_role("button", name="Valitse tiedosto")).to_be_visible()
    expect(field).not_to_contain_text("per file")
    wrong = tmp_path / "kuva.png"
    wrong.write_bytes(b"\x89PNG")
    page.locator('input[type="file"]').set_input_files(wrong)
    expect(field.get_by_text("Tämän tyyppistä tiedostoa ei voi lukea")).to_be_attached()
    expect(field).not_to_contain_text("not allowed")
    page.keyboard.press("Escape")
    page.get_by_text("en", exact=True).click()
    visit.settle()
    page.get_by_role("button", name="Look at your own data").click()
    field = page.get_by_test_id("stFileUploader")
    expect(field).to_contain_text("400MB per file")
    expect(field.get_by_role("button", name="Upload", exact=True)).to_be_visible()


def test_a_field_that_stays_changes_with_the_language(visit):
    page = visit.open("aineisto?osa=import")
    field = page.get_by_test_id("stFileUploader").first
    expect(field).to_contain_text("Valitse tiedosto")
    page.get_by_text("en", exact=True).click()
    expect(field).to_contain_text("Upload")
    expect(field).to_contain_text("per file")
    page.get_by_text("fi", exact=True).click()
    expect(field).to_contain_text("Valitse tiedosto")


def test_a_lost_connection_is_told_in_finnish(browser, tmp_path):
    context = browser.new_context(locale="fi-FI")
    context.set_default_timeout(60_000)
    page = context.new_page()
    with served(tmp_path) as (address, _):
        page.goto(f"{address}/tietoa")
        page.get_by_role("heading", name="Tietoa", level=1).wait_for()
    box = page.get_by_role("dialog")
    expect(box).to_contain_text("Yhteys katkesi", timeout=60_000)
    expect(box).to_contain_text("Sovellus ei vastaa.")
    expect(box).not_to_contain_text("Streamlit server")
    context.close()
