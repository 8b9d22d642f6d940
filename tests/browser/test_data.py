"""The page Aineisto in a browser, on a server with a database of its own."""

import openpyxl
import pytest
from playwright.sync_api import expect

from kiertokylat.templates import template_bytes
from kiertokylat.words import say
from tests.browser.conftest import Visitor
from tests.browser.served import served

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def own_server(tmp_path_factory):
    """The app on a database that these tests may change."""
    with served(tmp_path_factory.mktemp("own")) as (address, log):
        yield address
    assert "Traceback" not in log.read_text(), log.read_text()


@pytest.fixture
def visitor(browser, own_server):
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="fi-FI")
    context.set_default_timeout(20_000)
    visitor = Visitor(context.new_page(), own_server)
    yield visitor
    context.close()
    assert visitor.outside == []


@pytest.fixture
def filled_template(tmp_path):
    """The app's own template as Excel would save it: two companies, one flow each."""
    path = tmp_path / "kysely.xlsx"
    path.write_bytes(template_bytes("fi"))
    book = openpyxl.load_workbook(path)
    companies, flows = book["Yritykset"], book["Materiaalivirrat"]
    for row, name in enumerate(("Keksitty Saha Oy", "<img src=x> Tila Oy"), start=2):
        companies.cell(row, 1).value = name
        companies.cell(row, 3).value = "Laukaa"
    head = [cell.value for cell in flows[1]]
    way = next(n for n, text in enumerate(head, start=1) if text.startswith("Suunta"))
    material = next(n for n, text in enumerate(head, start=1) if text.startswith("Materiaali"))
    rows = (("Keksitty Saha Oy", "tarjoaa"), ("<img src=x> Tila Oy", "tarvitsee"))
    for row, (name, direction) in enumerate(rows, start=2):
        flows.cell(row, 1).value = name
        flows.cell(row, way).value = direction
        flows.cell(row, material).value = "Sahanpuru, lastu ja hake"
    book.save(path)
    return path


def test_a_workbook_is_planned_saved_seen_on_the_map_and_undone(visitor, filled_template):
    page = visitor.open("aineisto?osa=import")
    page.locator('input[type="file"]').set_input_files(filled_template)
    page.get_by_role("button", name="Lue tiedostot").click()
    save = page.get_by_role("button", name="Tallenna 4 muutosta")
    expect(save).to_be_visible()
    expect(page.get_by_test_id("stMetric").filter(has_text="Uusi")).to_contain_text("4")
    save.click()
    expect(page.get_by_text("Tallennettu 4 muutosta")).to_be_visible()

    page.get_by_role("link", name="Katso kartalla").click()
    visitor.settle()
    expect(visitor.map().locator(".leaflet-points-pane path")).to_have_count(2)

    page = visitor.open("aineisto?osa=history")
    # The newest change is the first row; its box stands at the table's left edge.
    table = page.get_by_test_id("stDataFrame").first
    box = table.bounding_box()
    page.mouse.click(box["x"] + 16, box["y"] + 52)
    page.get_by_role("button", name=say("data.history_undo", "fi")).click()
    page.get_by_role("button", name=say("data.history_yes", "fi")).click()
    expect(page.get_by_text("Esimerkkiaineisto").first).to_be_visible()
    visitor.open("kartta")
    expect(visitor.map().locator(".leaflet-points-pane path")).to_have_count(600)


@pytest.mark.parametrize("section", ["overview", "import"])
def test_a_phone_needs_no_sideways_scrolling(visitor, section):
    visitor.page.set_viewport_size({"width": 390, "height": 844})
    page = visitor.open(f"aineisto?osa={section}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_address_says_the_section_in_either_language(visitor):
    page = visitor.open("aineisto?osa=import&kieli=en")
    expect(page.get_by_text("Nothing is saved until you press Save")).to_be_visible()
    assert "osa=import" in page.url
    page.get_by_text("History", exact=True).click()
    visitor.settle()
    assert "osa=history" in page.url


def test_both_sides_of_a_long_change_are_in_sight_on_a_laptop(visitor, tmp_path):
    for turn, note in enumerate(("lyhyt", "nouto joka toinen viikko, pesu sovitaan erikseen " * 4)):
        path = tmp_path / f"muutos{turn}.csv"
        path.write_text(
            "Yritys;Kunta;Materiaali;Suunta;Määrä (t/v);Huomautus\n"
            f"Keksitty Pitkäniminen Leipomo ja Konditoria Oy;Keuruu;sahanpuru;tarjoaa;12;{note}\n"
        )
        page = visitor.open("aineisto?osa=import")
        page.locator('input[type="file"]').set_input_files(path)
        page.get_by_role("button", name="Lue tiedostot").click()
        save = page.locator(".st-key-import-save button")
        save.wait_for()
        if not turn:
            save.click()
            expect(page.get_by_text("Tallennettu 2 muutosta")).to_be_visible()
    page.get_by_role("radio", name="Muuttuu").click(force=True)
    visitor.settle()
    scroller = page.locator(".stDataFrame .dvn-scroller").first
    assert scroller.evaluate("one => one.scrollWidth <= one.clientWidth")
