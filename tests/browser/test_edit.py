"""Editing in place as hands do it: typing into cells, findings, saving, undo, two editors."""

import uuid
from contextlib import closing

import pytest
from playwright.sync_api import Page, expect

from kiertokylat import keys
from kiertokylat.store import open_store
from tests.browser.conftest import Visitor
from tests.browser.served import database, served

pytestmark = pytest.mark.browser

HEADER, ROW, MARKER, NUMBER, FLOWS = 35, 35, 33, 60, 110  # pixels of the table's grid
BUSINESS_ID, MUNICIPALITY, EMPLOYEES = 3, 4, 6  # columns, counted from the name
WRONG, RIGHT = "1234567-8", "1234567-1"


def section(visitor: Visitor, label: str) -> None:
    page = visitor.page
    page.get_by_test_id("stMain").get_by_text(label, exact=True).first.click()
    visitor.settle()


def search(visitor: Visitor, text: str) -> None:
    visitor.page.get_by_label("Hae yritystä").fill(text)
    visitor.page.keyboard.press("Enter")
    visitor.settle()


def click_cell(visitor: Visitor, row: int) -> None:
    """Click the first column until the grid has the keyboard: it may just have been redrawn."""
    page = visitor.page
    grid = page.locator(".stDataFrameGlideDataEditor").first
    for _ in range(10):
        grid.scroll_into_view_if_needed()
        grid.click(position={"x": MARKER + NUMBER + 40, "y": HEADER + ROW * row + ROW / 2})
        visitor.settle()
        if page.evaluate('!!document.activeElement.closest(".stDataFrame, #portal")'):
            return
    raise AssertionError("the grid never got the keyboard")


def type_into(visitor: Visitor, row: int, column: int, text: str) -> None:
    """Type into a cell with the keyboard; columns are counted from the company's name."""
    page = visitor.page
    click_cell(visitor, row)
    for _ in range(column):
        page.keyboard.press("ArrowRight", delay=40)
    page.keyboard.type(text[0])  # the grid opens its input at the first letter
    page.wait_for_timeout(500)
    page.keyboard.type(text[1:], delay=60)
    page.keyboard.press("Enter")
    visitor.settle()


def add_row(visitor: Visitor, row: int) -> None:
    """Make the empty last row a row: a click does, and opens its cell for typing."""
    click_cell(visitor, row)
    visitor.page.keyboard.press("Escape")
    visitor.settle()


def open_companies(visitor: Visitor) -> Page:
    page = visitor.open("aineisto")
    section(visitor, "Yritykset")
    return page


def added(visitor: Visitor) -> str:
    """A company of this test's own, added by hand into the empty last row."""
    name = f"Selainkoe {uuid.uuid4().hex[:8]} Oy"
    search(visitor, "ei tällaista yritystä")
    add_row(visitor, 0)
    type_into(visitor, 0, 0, name)
    page = visitor.page
    expect(page.get_by_text(f"Uusi rivi 1 ({name}), Kunta:")).to_be_visible()
    type_into(visitor, 0, MUNICIPALITY, "Laukaa")
    page.get_by_role("button", name="Tallenna 1 muutos").click()
    visitor.settle()
    search(visitor, name)
    return name


@pytest.fixture
def other(browser, server):
    """A second editor with a browser session of their own."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="fi-FI")
    context.set_default_timeout(20_000)
    yield Visitor(context.new_page(), server)
    context.close()


def test_a_cell_is_typed_mended_saved_and_undone(visit):
    page = open_companies(visit)
    name = added(visit)
    type_into(visit, 0, BUSINESS_ID, WRONG)
    finding = page.get_by_text(f"Rivi 1 ({name}), Y-tunnus: Y-tunnus on virheellinen")
    expect(finding).to_be_visible()
    expect(page.get_by_role("button", name="Tallenna")).to_have_count(0)
    type_into(visit, 0, BUSINESS_ID, RIGHT)
    expect(finding).to_have_count(0)
    type_into(visit, 0, EMPLOYEES, "12,5")
    page.get_by_role("button", name="Tallenna 2 muutosta").click()
    visit.settle()
    expect(page.get_by_text("Tallentamattomia muutoksia")).to_have_count(0)
    section(visit, "Historia")
    page.get_by_label("Hae muutoksia").fill(name)
    page.keyboard.press("Enter")
    visit.settle()
    grid = page.get_by_test_id("stDataFrame").first
    expect(grid.get_by_text("Yrityksiä muutettu 1 (Y-tunnus, Henkilöstö)")).to_be_attached()
    grid.locator(".dvn-scroller").click(position={"x": 16, "y": HEADER + ROW / 2})
    visit.settle()
    page.get_by_role("button", name="Peru tämä muutos").click()
    visit.settle()
    page.get_by_role("button", name="Kyllä, peru muutos").click()
    visit.settle()
    grid = page.get_by_test_id("stDataFrame").first
    expect(grid.get_by_text("peruminen")).to_be_attached()
    expect(grid.get_by_text("peruttu", exact=True)).to_be_attached()
    assert visit.outside == []


def test_an_undo_is_undone_and_a_row_out_of_use_revived_by_undoing(visit):
    page = open_companies(visit)
    name = added(visit)
    press_use(visit, 0)
    page.get_by_role("button", name="Tallenna 1 muutos").click()
    visit.settle()
    section(visit, "Historia")
    page.get_by_label("Hae muutoksia").fill(name)
    page.keyboard.press("Enter")
    visit.settle()
    for before, after in (
        ("Poistettu käytöstä", "Käytössä"),
        ("Käytössä", "Poistettu käytöstä"),
        ("Poistettu käytöstä", "Käytössä"),
    ):  # each time the newest change: the edit, its undo, the undo of that
        undo_first(visit, before, after)
    section(visit, "Yritykset")
    search(visit, name)
    press_use(visit, 0)  # the box was full, so emptying it is a change
    expect(page.get_by_role("button", name="Tallenna 1 muutos")).to_be_visible()
    page.get_by_role("button", name="Hylkää muutokset").click()
    visit.settle()


def undo_first(visitor: Visitor, before: str, after: str) -> None:
    """Undo the newest change of the list, which shows what that does to the status."""
    page = visitor.page
    page.get_by_text("Jokainen tallennettu muutos").scroll_into_view_if_needed()
    grid = page.get_by_test_id("stDataFrame").first
    undo = page.get_by_role("button", name="Peru tämä muutos")
    for _ in range(5):  # a grid that was just drawn anew takes no click
        grid.locator(".dvn-scroller").click(position={"x": 16, "y": HEADER + ROW / 2})
        visitor.settle()
        if undo.count():
            break
    undo.click()
    visitor.settle()
    told = page.get_by_test_id("stDataFrame").last
    told.scroll_into_view_if_needed()
    cells = told.locator("canvas td")
    expect(cells.last).to_have_text(after)
    expect(cells.nth(3)).to_have_text(before)
    page.get_by_role("button", name="Kyllä, peru muutos").click()
    visitor.settle()
    expect(page.get_by_text("Peruminenkin on historiassa").last).to_be_visible()


def test_the_second_of_two_editors_on_one_row_sees_what_the_first_made(visit, other):
    page = open_companies(visit)
    name = added(visit)
    open_companies(other)
    search(other, name)
    type_into(other, 0, EMPLOYEES, "31")  # both have the row open now
    type_into(visit, 0, EMPLOYEES, "17")
    page.get_by_role("button", name="Tallenna 1 muutos").click()
    visit.settle()
    other.page.get_by_role("button", name="Tallenna 1 muutos").click()
    other.settle()
    expect(other.page.get_by_text("Joku muu on muuttanut samaa riviä")).to_be_visible()
    both = other.page.get_by_test_id("stDataFrame").last
    both.scroll_into_view_if_needed()
    for text in ("Henkilöstö", "(tyhjä)", "31", "17"):
        expect(both.get_by_text(text, exact=True).first).to_be_attached()
    other.page.get_by_role("button", name="Tee muutokseni uuteen riviin").click()
    other.settle()
    other.page.get_by_role("button", name="Tallenna 1 muutos").click()
    other.settle()
    expect(other.page.get_by_text("Joku muu on muuttanut samaa riviä")).to_have_count(0)
    page.reload()
    open_companies(visit)
    search(visit, name)
    expect(page.get_by_test_id("stDataFrame").first.get_by_text("31")).to_be_attached()


def test_a_number_is_typed_at_any_speed_and_letters_are_kept_and_told(visit):
    page = open_companies(visit)
    name = added(visit)
    grid = page.get_by_test_id("stDataFrame").first
    for typed, shown in (("12345", "12\u00a0345"), ("noin 12,5", "12,5")):
        click_cell(visit, 0)
        for _ in range(EMPLOYEES):
            page.keyboard.press("ArrowRight", delay=40)
        page.keyboard.type(typed, delay=20)  # 50 keys a second: faster than any hand
        page.keyboard.press("Enter")
        visit.settle()
        expect(page.get_by_role("button", name="Tallenna 1 muutos")).to_be_visible()
        page.get_by_role("button", name="Tallenna 1 muutos").click()
        visit.settle()
        expect(grid.get_by_text(shown, exact=True)).to_be_attached()
    type_into(visit, 0, EMPLOYEES, "kymmenen")
    told = page.get_by_text(f"Rivi 1 ({name}), Henkilöstö: Tätä ei voi lukea lukuna")
    expect(told).to_be_visible()
    expect(grid.get_by_text("kymmenen", exact=True)).to_be_attached()
    type_into(visit, 0, EMPLOYEES, "1 234,5")
    expect(told).to_have_count(0)
    page.get_by_role("button", name="Tallenna 1 muutos").click()
    visit.settle()
    expect(grid.get_by_text("1\u00a0234,5", exact=True)).to_be_attached()


def test_a_row_goes_out_of_use_by_its_box_and_comes_back(visit):
    page = open_companies(visit)
    added(visit)
    for after in ("Poistettu käytöstä", "Käytössä"):
        press_use(visit, 0)
        expect(page.get_by_role("button", name="Tallenna 1 muutos")).to_be_visible()
        press_use(visit, 0)  # at once again: nothing has changed
        expect(page.get_by_text("Ei tallennettavaa")).to_be_visible()
        press_use(visit, 0)
        review = page.get_by_test_id("stDataFrame").last
        review.scroll_into_view_if_needed()
        expect(review.get_by_text(after, exact=True)).to_be_attached()
        page.get_by_role("button", name="Tallenna 1 muutos").click()
        visit.settle()
        expect(page.get_by_text("Ei tallennettavaa")).to_be_visible()


def test_a_row_out_of_use_stays_where_it_is_under_the_hand(visit):
    page = open_companies(visit)
    scroller = page.locator(".stDataFrame .dvn-scroller").first
    scroller.evaluate("scroller => { scroller.scrollTop = 3500 }")  # to the 101st row
    visit.settle()
    press_use(visit, 4)
    expect(page.get_by_role("button", name="Tallenna 1 muutos")).to_be_visible()
    assert scroller.evaluate("scroller => scroller.scrollTop") == 3500
    press_use(visit, 4)
    expect(page.get_by_text("Ei tallennettavaa")).to_be_visible()


def press_use(visitor: Visitor, row: int) -> None:
    """Press the box in a row that takes it out of use, or back."""
    grid = visitor.page.locator(".stDataFrameGlideDataEditor").first
    grid.scroll_into_view_if_needed()
    across, down = MARKER + NUMBER + 230 + FLOWS + 47, HEADER + ROW * row + ROW / 2
    grid.click(position={"x": across, "y": down})
    visitor.settle()


def test_nothing_is_lost_that_a_person_types_row_after_row(visit):
    page = open_companies(visit)
    for _ in range(3):
        click_cell(visit, 0)
        for _ in range(EMPLOYEES):
            page.keyboard.press("ArrowRight")
            page.wait_for_timeout(60)
        for typed in ("1011", "1022", "1033"):
            page.keyboard.type(typed, delay=110)
            page.wait_for_timeout(110)
            page.keyboard.press("Enter")
            page.wait_for_timeout(600)
        visit.settle()
        expect(page.get_by_role("button", name="Tallenna 3 muutosta")).to_be_visible()
        page.get_by_role("button", name="Hylkää muutokset").click()
        visit.settle()


def test_a_company_leads_to_its_flows(visit):
    page = open_companies(visit)
    name = added(visit)
    grid = page.locator(".stDataFrameGlideDataEditor").first
    grid.click(position={"x": MARKER + NUMBER + 230 + 35, "y": HEADER + ROW / 2})
    visit.settle()
    expect(page.get_by_text(f"Näytetään vain yrityksen {name} virrat")).to_be_visible()
    expect(page.get_by_text("Haku ei löytänyt yhtään riviä")).to_be_visible()
    page.get_by_role("button", name="Näytä kaikkien virrat").click()
    visit.settle()
    expect(page.get_by_text("Haku löysi")).to_be_visible()


def test_who_is_no_editor_any_more_can_still_copy_what_was_typed(browser, tmp_path, monkeypatch):
    """The key is replaced while a table is open: nothing is saved, and nothing silently gone."""
    monkeypatch.setenv("KIERTOKYLAT_KEY_FILE", str(tmp_path / "key"))
    with served(tmp_path, KIERTOKYLAT_HOSTED="1") as (address, _):
        keys.ensure()
        context = browser.new_context(viewport={"width": 1366, "height": 768})
        visitor = Visitor(context.new_page(), address)
        visitor.page.goto(address + keys.path_of(keys.key()))
        page = open_companies(visitor)
        type_into(visitor, 0, 0, "Kesken Jäänyt Oy")
        save = page.get_by_role("button", name="Tallenna 1 muutos")
        expect(save).to_be_visible()
        keys.rotate()
        save.click()
        expect(page.get_by_text("Et ole enää muokkaaja")).to_be_visible()
        visitor.settle()
        rows = page.locator('[data-testid="stDataFrame"] canvas table')
        expect(rows).to_contain_text("Kesken Jäänyt Oy")
        context.close()
    with closing(open_store(database(tmp_path))) as store:
        assert "Kesken Jäänyt Oy" not in store.snapshot().companies["name"].tolist()
