"""What only a browser can tell: the map, clicks, silence on the network, hostile names."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

PAGES = (
    *("", "kartta", "yritykset", "materiaalivirrat", "symbioosiehdokkaat", "keskittymat"),
    *("kunta", "vaikuttavuus", "tietoa"),
)
HOSTILE = "<img src=x onerror=window.top.hit=1> {{'x'}} */ </script>"


@pytest.mark.parametrize("path", PAGES)
def test_a_link_straight_to_each_page_works_and_stays_on_the_machine(visit, path):
    page = visit.open(path)
    expect(page.get_by_role("heading", level=1)).not_to_be_empty()
    expect(page.get_by_text("Esimerkkiaineisto")).to_be_visible()
    assert visit.outside == []


def test_the_map_has_every_municipality_lakes_names_and_companies(visit):
    visit.open()
    frame = visit.map()
    expect(frame.locator(".leaflet-areas-pane path")).to_have_count(22)
    expect(frame.locator(".municipality-name")).to_have_count(22)
    expect(frame.locator(".leaflet-points-pane path")).to_have_count(600)
    frame.locator(".leaflet-water-pane path").first.wait_for(state="attached")
    assert visit.outside == []


def test_a_filter_redraws_and_keeps_the_zoom(visit):
    page = visit.open()
    dots = visit.map().locator(".leaflet-points-pane path")
    expect(dots).to_have_count(600)
    page.wait_for_timeout(1000)  # the map fits itself into its frame once more when that is ready
    visit.run_in_map("window.map_div.setZoom(9.5, {animate: false})")
    page.get_by_label("Kunta", exact=True).click()
    page.keyboard.type("Laukaa")
    page.keyboard.press("Enter")
    visit.settle()
    frame = visit.map()
    expect(frame.locator(".leaflet-areas-over-pane path")).to_have_count(1)
    expect(frame.locator(".leaflet-points-pane path")).not_to_have_count(600)
    assert visit.run_in_map("window.map_div.getZoom()") == 9.5
    assert "kunnat=410" in page.url


def test_the_address_carries_filters_between_pages_and_languages(visit):
    page = visit.open("?kunnat=410&materiaalit=sawdust&km=30")
    page.get_by_role("link", name="Symbioosiehdokkaat").click()
    visit.settle()
    assert all(part in page.url for part in ("kunnat=410", "materiaalit=sawdust", "km=30"))
    page.get_by_text("en", exact=True).click()
    visit.settle()
    expect(page.get_by_role("heading", level=1)).to_have_text("Symbiosis candidates")
    side = page.get_by_test_id("stSidebar")
    expect(side.get_by_text("Laukaa")).to_be_visible()
    expect(side.get_by_text("Sawdust", exact=False)).to_be_visible()
    assert "materiaalit=sawdust" in page.url


def test_a_click_on_a_municipality_shows_its_card(visit):
    page = visit.open()
    # The third polygon, Jyväskylä: the page's own default would not show in the address.
    visit.map().locator(".leaflet-areas-pane path").nth(2).dispatch_event("click")
    visit.settle()
    expect(page.locator(".card h2")).to_have_text("Jyväskylä")
    page.get_by_text("Avaa kunnan sivu").click()
    visit.settle()
    expect(page.get_by_role("heading", level=1)).to_have_text("Kunta")
    expect(page.locator(".lead").filter(has_text="Jyväskylä:")).to_be_visible()
    assert "kunta=Jyv" in page.url


def test_a_click_on_a_company_shows_its_flows(visit):
    page = visit.open()
    visit.map().locator(".leaflet-points-pane path").first.dispatch_event("click")
    visit.settle()
    expect(page.locator(".card h2")).to_be_visible()
    expect(visit.map().locator(".leaflet-points-pane path[stroke='#111111']")).to_have_count(1)


def test_the_projector_is_one_click_large_and_without_side_bar(visit):
    visit.page.set_viewport_size({"width": 1920, "height": 1080})
    page = visit.open("?kunnat=410")
    page.get_by_text("Projektori").click()
    visit.settle()
    expect(page.get_by_test_id("stSidebar")).to_be_hidden()
    size = page.evaluate("getComputedStyle(document.documentElement).fontSize")
    assert float(size.removesuffix("px")) >= 22
    expect(page.get_by_role("link", name="Materiaalivirrat")).to_be_visible()
    expect(page.get_by_text("Rajaukset: Laukaa")).to_be_visible()
    page.get_by_text("Projektori").click()
    visit.settle()
    expect(page.get_by_test_id("stSidebar")).to_be_visible()


def test_the_first_pages_own_address_leads_to_it_with_its_filters(visit):
    page = visit.open("kartta?kunnat=410&km=20")
    expect(page.get_by_text("Page not found")).to_have_count(0)
    expect(page.get_by_test_id("stSidebar").get_by_text("Laukaa")).to_be_visible()
    assert page.url == f"{visit.server}/?kunnat=410&km=20"


def test_nothing_found_says_what_to_widen(visit):
    page = visit.open("?kunnat=435&materiaalit=leather&km=5")
    expect(page.get_by_text("Väljennä", exact=False)).to_be_visible()
    page.get_by_role("button", name="Poista rajaukset").last.click()
    visit.settle()
    expect(page.get_by_text("Väljennä", exact=False)).to_have_count(0)


def test_a_phone_needs_no_sideways_scrolling(visit):
    visit.page.set_viewport_size({"width": 390, "height": 844})
    for path in PAGES:
        page = visit.open(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path


@pytest.fixture
def hostile_file(tmp_path):
    path = tmp_path / "vihamielinen.csv"
    rows = ["nimi;kunta;toimiala;suunta;materiaali;t/v"]
    ends = ((1, "out"), (2, "in"))
    rows += [f"{HOSTILE} {n};Laukaa;16100;{way};sahanpuru;100" for n, way in ends]
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def test_hostile_names_run_nowhere(visit, hostile_file):
    """An upload replaces the demo; a name that is a script stays a name everywhere."""
    page = visit.open()
    page.get_by_role("button", name="Katso omaa aineistoa").click()
    page.locator('input[type="file"]').set_input_files(hostile_file)
    page.get_by_role("button", name="Lue tiedostot").click()
    expect(page.locator(".own")).to_contain_text("vihamielinen.csv")
    visit.settle()
    dots = visit.map().locator(".leaflet-points-pane path")
    expect(dots).to_have_count(2)
    dots.first.dispatch_event("mouseover")
    tip = visit.map().locator(".leaflet-tooltip")
    expect(tip).to_contain_text("<img src=x onerror")
    dots.first.dispatch_event("click")
    visit.settle()
    expect(page.locator(".card h2")).to_contain_text("<img src=x onerror")
    lines = visit.map().locator(".leaflet-lines-pane path")
    lines.first.dispatch_event("mouseover")
    for name in ("Yritykset", "Materiaalivirrat", "Symbioosiehdokkaat", "Kunta"):
        page.get_by_role("link", name=name, exact=True).click()
        visit.settle()
        assert page.evaluate("window.hit") is None, name
    assert all(frame.evaluate("window.hit") is None for frame in page.frames)
