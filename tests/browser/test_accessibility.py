"""Accessibility (WCAG 2.2) in the real browser: axe-core on every page, keyboard, language, reflow.

What axe-core can't tell has tests of its own: that one gets everywhere without a mouse, sees where
one is, and needs no sideways scrolling at a width of 320 pixels or with wide text spacing.
"""

import re

import pytest
from playwright.sync_api import Page, expect

from kiertokylat.web.navigation import PAGES
from tests.browser.find_axe import MISSING, axe

pytestmark = pytest.mark.browser

GRAVE = ("serious", "critical")
MAIN = {name: "" if name == "map" else path for name, path in PAGES.items()}
SECTIONS = ("import", "companies", "flows", "history")
# Success criterion 1.4.12, word for word: https://www.w3.org/TR/WCAG22/#text-spacing
SPACED = """* {line-height: 1.5 !important; letter-spacing: .12em !important;
  word-spacing: .16em !important;} p {margin-bottom: 2em !important;}"""


@pytest.fixture(scope="session")
def source() -> str:
    """The script of axe-core."""
    script = axe()
    assert script, MISSING
    return script.read_text(encoding="utf-8")


def violations(page: Page, source: str, *more: str) -> list[str]:
    """What axe-core calls serious or critical in the page and its frames, with the nodes.

    Parameters
    ----------
    *more
        Rules that are off by default.
    """
    page.wait_for_timeout(1500)  # maps and charts draw themselves after the script
    for frame in page.frames:
        frame.evaluate(source)  # by the debugger's way in, which the content policy leaves open
    rules = {name: {"enabled": True} for name in ("target-size", *more)}  # 2.5.8: 24 pixels
    found = page.evaluate(
        "rules => axe.run(document, {rules}).then(found => ({"
        " frames: found.passes.flatMap(rule => rule.nodes).some(node => node.target.length > 1),"
        " violations: found.violations}))",
        rules,
    )
    drawn = page.locator("iframe:visible").count()
    assert found["frames"] or not drawn, "axe-core has not looked into the frame"
    return [
        f"{rule['id']} ({rule['impact']}): {node['html']}\n    {node['failureSummary']}"
        for rule in found["violations"]
        if rule["impact"] in GRAVE or rule["id"] in {"heading-order", *more}
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("name", MAIN)
def test_no_page_has_grave_faults(visit, source, name):
    page = visit.open(MAIN[name])
    assert violations(page, source) == []


@pytest.mark.parametrize("section", SECTIONS)
def test_no_section_of_the_data_has_grave_faults(visit, source, section):
    page = visit.open(f"aineisto?osa={section}")
    assert violations(page, source) == []


def test_gaps_and_network_have_no_grave_faults(visit, source):
    page = visit.open("keskittymat")
    for section in ("Aukot", "Verkosto"):
        page.get_by_role("radio", name=section).click()
        visit.settle()
        assert violations(page, source) == [], section


@pytest.mark.parametrize("path", ["?kieli=en", "kunta?kieli=en"])
def test_english_pages_have_no_grave_faults(visit, source, path):
    page = visit.open(path)
    assert violations(page, source) == []


def test_the_projector_has_no_grave_faults_and_seven_to_one(visit, source):
    visit.page.set_viewport_size({"width": 1920, "height": 1080})
    page = visit.open("?projektori=true")
    assert violations(page, source, "color-contrast-enhanced") == []


def test_the_dialog_has_a_name_and_no_grave_faults(visit, source):
    page = visit.open("yritykset")
    page.get_by_role("button", name="Katso omaa aineistoa").click()
    expect(page.get_by_role("dialog", name="oma", exact=False)).to_be_visible()
    assert violations(page, source) == []


def test_a_company_s_card_and_circles_have_no_grave_faults(visit, source):
    page = visit.open()
    visit.map().locator(".leaflet-points-pane path").first.dispatch_event("click")
    visit.settle()
    page.locator(".card h2").wait_for()
    assert violations(page, source) == []


# --- language and titles ---


def test_language_and_title_follow_the_choice_both_ways(visit):
    page = visit.open("kunta")
    spoken = page.locator("html")
    expect(spoken).to_have_attribute("lang", "fi")
    expect(page).to_have_title("Kunta · Kiertokylät")
    page.get_by_text("en", exact=True).click()
    expect(spoken).to_have_attribute("lang", "en")
    expect(page).to_have_title("Municipality · Kiertokylät")
    page.get_by_role("link", name="Impact").click()
    visit.settle()
    expect(spoken).to_have_attribute("lang", "en")
    expect(page).to_have_title("Impact · Kiertokylät")
    page.get_by_text("fi", exact=True).click()
    expect(spoken).to_have_attribute("lang", "fi")
    expect(page).to_have_title("Vaikuttavuus · Kiertokylät")


def test_a_link_in_english_is_in_english_at_once(visit):
    page = visit.open("tietoa?kieli=en")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("#skip")).to_have_text("Skip to the content")


def test_the_map_and_its_buttons_have_names_in_the_language_of_the_page(visit):
    for path, said, closer in (("", "Kartta.", "Lähennä"), ("?kieli=en", "Map.", "Zoom in")):
        page = visit.open(path)
        expect(visit.map().get_by_role("button", name=closer)).to_be_visible()
        expect(page.locator("iframe").first).to_have_attribute("aria-label", re.compile(said))
        assert visit.run_in_map("document.documentElement.lang") == ("en" if "en" in path else "fi")


def test_what_a_filter_changed_is_said(visit):
    page = visit.open()
    status = page.get_by_role("status")
    expect(status).to_contain_text("22 kunnassa")
    page.get_by_label("Kunta", exact=True).click()
    page.keyboard.type("Laukaa")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")  # an open list hides the rest of the page from readers
    visit.settle()
    expect(status).to_contain_text("1 kunnassa")
    expect(status).not_to_contain_text("22 kunnassa")


def test_the_statement_says_what_is_lacking_and_what_its_owner_completes(visit, source):
    page = visit.open("tietoa")
    page.get_by_text("Saavutettavuusseloste", exact=True).click()
    for said in ("24.11.2026", "Tiedossa olevat puutteet", "Traficom", "[[organisaation nimi]]"):
        expect(page.get_by_text(said).first).to_be_visible()
    assert violations(page, source) == []


# --- keyboard ---

# What has the focus, in the page or in the map's frame, and the outline that shows it.
FOCUSED = """() => {
  const here = document.activeElement;
  const style = getComputedStyle(here);
  return {
    name: (here.getAttribute('aria-label') || here.innerText || here.title || '').trim(),
    tag: here.tagName,
    side: !!here.closest('[data-testid="stSidebar"]'),
    table: !!here.closest('[data-testid="stDataFrame"]'),
    shown: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    ring: style.outlineColor,
  };
}"""


def walk(page: Page, stop, most: int = 120) -> list[dict]:
    """Press Tab until `stop` says so; what had the focus on the way."""
    seen = []
    for _ in range(most):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(FOCUSED))
        if stop(seen[-1]):
            return seen
    raise AssertionError(f"not reached in {most} stops: {[one['name'][:30] for one in seen]}")


def test_the_first_stop_leads_past_navigation_and_filters(visit):
    page = visit.open()
    visit.map()
    page.locator("body").focus()
    page.keyboard.press("Tab")
    skip = page.get_by_role("button", name="Siirry suoraan sisältöön")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.keyboard.press("Tab")
    assert not page.evaluate(FOCUSED)["side"]


def test_from_the_top_to_a_filter_the_map_and_the_tables_by_keyboard(visit):
    page = visit.open()
    visit.map()
    page.locator("body").focus()
    way = walk(page, lambda now: now["side"] and "Kunta" in now["name"])
    page.keyboard.type("Laukaa")
    page.keyboard.press("Enter")
    visit.settle()
    assert "kunnat=410" in page.url
    visit.map()
    way += walk(page, lambda now: now["tag"] == "IFRAME", most=80)
    way += walk(page, lambda now: now["table"] or "Kunnat" in now["name"], most=80)
    unseen = [one for one in way if not one["shown"] and one["tag"] not in {"IFRAME", "BODY"}]
    assert unseen == []


def test_a_candidate_is_opened_from_the_table_without_a_mouse(visit):
    page = visit.open("symbioosiehdokkaat")
    heading = page.locator(".card h2").first
    before = heading.inner_text()
    page.locator("body").focus()
    walk(page, lambda now: now["name"].startswith("Seuraava"))
    page.keyboard.press("Enter")
    visit.settle()
    expect(heading).not_to_have_text(before)


def test_a_row_of_a_table_is_chosen_by_keyboard_and_tab_leads_on(visit):
    page = visit.open("symbioosiehdokkaat")
    heading = page.locator(".card h2").first
    before = heading.inner_text()
    page.wait_for_timeout(1500)  # the table draws itself after the script
    page.locator("body").focus()
    walk(page, lambda now: now["tag"] == "CANVAS")
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "Shift+Space"):
        page.keyboard.press(key)
    visit.settle()
    expect(heading).not_to_have_text(before)
    walk(page, lambda now: "CSV" in now["name"], most=30)


# --- reflow ---


@pytest.mark.parametrize("spacing", ["", SPACED])
def test_a_width_of_320_pixels_needs_no_sideways_scrolling(visit, spacing):
    """As 1280 pixels at a zoom of 400 %; success criterion 1.4.10, and 1.4.12 with spacing."""
    visit.page.set_viewport_size({"width": 320, "height": 640})
    for path in MAIN.values():
        page = visit.open(path)
        if spacing:
            page.add_style_tag(content=spacing)
            page.wait_for_timeout(300)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
        main = page.get_by_test_id("stMain")
        assert main.evaluate("main => main.scrollWidth") <= 320, path
