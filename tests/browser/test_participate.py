"""A phone in the hall: from the link to a sent post with its matches, with and without network."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from kiertokylat.access import Actor
from kiertokylat.room import Workshop, candidate_key
from kiertokylat.store import open_store
from kiertokylat.store.rooms import Rooms
from tests.browser.test_accessibility import source, violations  # noqa: F401 (a fixture)

pytestmark = pytest.mark.browser

EDITOR = Actor("Kiertokylät", "editor")
TOUCH = 48  # pixels that a thumb needs
TARGETS = (
    "button:visible, summary:visible, select:visible, textarea:visible, a:visible,"
    "input:not([type=radio]):not([type=hidden]):visible, label.big:visible, label.hit:visible"
)


@pytest.fixture(scope="module")
def rooms(server) -> Iterator[Rooms]:
    """On the database that the server uses."""
    store = open_store()
    yield Rooms(store)
    store.close()


@pytest.fixture
def workshop(rooms) -> Workshop:
    return rooms.create(
        "Saarijärven kiertotalousilta", "Kylätalo", ("729", "931"), "2026-11-24", EDITOR
    )


@pytest.fixture
def phone(browser, server) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, locale="fi-FI"
    )
    context.set_default_timeout(20_000)
    page = context.new_page()
    outside, failed = [], []
    page.on("request", lambda sent: outside.append(sent.url))
    page.on("pageerror", lambda error: failed.append(str(error)))
    page.on("console", lambda said: failed.append(said.text) if said.type == "error" else None)
    yield page
    context.close()
    assert [url for url in outside if not url.startswith((server, "data:"))] == []
    # A lost network and a refused post are told in the console by the browser itself.
    assert [text for text in failed if not text.startswith("Failed to load resource")] == []


def fill(page: Page) -> None:
    """What somebody with sawdust taps and types."""
    page.get_by_text("Tarjoamme").tap()
    page.get_by_label("Mitä?").fill("kutterinpurua")
    page.get_by_text("Sahanpuru, lastu ja hake").and_(page.locator("label.hit span")).tap()
    page.get_by_role("button", name="rekka kuussa").tap()
    expect(page.locator("#understood")).to_contain_text("400\u00a0t/v (300–500)")
    page.get_by_label("Missä kunnassa?").select_option("729")


def fits(page: Page) -> None:
    """Nothing needs sideways scrolling, and a thumb hits everything."""
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for target in page.locator(TARGETS).all():
        box = target.bounding_box()
        assert box["height"] >= TOUCH, target.inner_text()
    sizes = page.locator("input:visible, select:visible, textarea:visible")
    small = sizes.evaluate_all(
        "all => all.filter(one => parseFloat(getComputedStyle(one).fontSize) < 16).length"
    )
    assert small == 0  # a phone would zoom in


def test_from_the_link_to_matches_and_a_vote(phone, server, rooms, workshop, source):  # noqa: F811
    phone.goto(f"{server}/osallistu?koodi={workshop.code}")
    expect(phone.locator("html")).to_have_attribute("lang", "fi")
    assert "koodi" not in phone.url  # a reload joins no second time
    fits(phone)
    assert violations(phone, source) == []
    fill(phone)
    fits(phone)
    assert violations(phone, source) == []
    phone.get_by_role("button", name="Lähetä").tap()
    expect(phone.locator("#vastineet")).to_contain_text("mahdollisia ottajia")
    expect(phone.locator("#mine")).to_contain_text("Näkyy valkokankaalla")
    (kept,) = rooms.posts(workshop.id)["material"]
    assert kept == "sawdust"
    expect(phone.get_by_label("Mitä?")).to_have_value("")

    names = ("from_company", "to_company", "supply_id", "demand_id")
    shown = ("demo-570", "demo-440", "", "demo-440-in-sawdust")
    rooms.show(workshop.id, candidate_key(dict(zip(names, shown, strict=True))), EDITOR)
    phone.get_by_role("button", name="Kiinnostaa").tap()
    expect(phone.locator("#candidate")).to_contain_text("Äänesi: Kiinnostaa")
    assert list(rooms.votes(workshop.id)["vote"]) == ["yes"]
    fits(phone)
    assert violations(phone, source) == []

    first = rooms.posts(workshop.id)["id"][0]
    rooms.moderate(first, "rejected", EDITOR)
    expect(phone.locator("#mine")).to_contain_text("Ei näytetä valkokankaalla")
    rooms.close(workshop.id, EDITOR)
    expect(phone.locator("#closed")).to_be_visible()
    expect(phone.get_by_role("button", name="Lähetä")).to_be_disabled()
    phone.get_by_role("link", name="In English").tap()
    expect(phone.locator("html")).to_have_attribute("lang", "en")
    expect(phone.locator("#mine")).to_contain_text("Not shown on the screen")


def test_at_320_pixels_every_state_fits_and_has_no_grave_faults(
    browser,
    server,
    rooms,
    workshop,
    source,  # noqa: F811
):
    context = browser.new_context(
        viewport={"width": 320, "height": 640}, has_touch=True, is_mobile=True, locale="fi-FI"
    )
    context.set_default_timeout(20_000)
    page = context.new_page()

    def check():
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        assert violations(page, source) == []

    page.goto(f"{server}/osallistu?koodi=AAAAAA")
    expect(page.get_by_text("ei ole työpajaa", exact=False)).to_be_visible()
    check()  # a wrong code, and the form that asks for the right one
    page.get_by_label("Työpajan koodi").fill(workshop.code)
    page.get_by_role("button", name="Liity").tap()
    fill(page)
    check()
    page.get_by_role("button", name="Lähetä").tap()
    expect(page.locator("#vastineet")).to_contain_text("mahdollisia ottajia")
    names = ("from_company", "to_company", "supply_id", "demand_id")
    shown = ("demo-570", "demo-440", "", "demo-440-in-sawdust")
    rooms.show(workshop.id, candidate_key(dict(zip(names, shown, strict=True))), EDITOR)
    page.get_by_role("button", name="Ehkä").tap()
    expect(page.locator("#candidate")).to_contain_text("Äänesi: Ehkä")
    check()
    rooms.close(workshop.id, EDITOR)
    expect(page.locator("#closed")).to_be_visible()
    check()
    context.close()


def test_a_post_outlives_a_lost_network_and_is_sent_once(phone, server, rooms, workshop):
    phone.goto(f"{server}/osallistu?koodi={workshop.code}")
    fill(phone)
    phone.context.set_offline(True)
    phone.get_by_label("Lisätieto").fill("kuivaa")
    send = phone.get_by_role("button", name="Lähetä")
    send.tap()
    expect(phone.locator("#sent")).to_contain_text("lähtee itsestään")
    expect(phone.get_by_label("Lisätieto")).to_have_value("kuivaa")
    send.tap()  # as people do
    expect(phone.locator("#connection")).to_be_visible()
    assert rooms.posts(workshop.id).empty
    phone.context.set_offline(False)
    expect(phone.locator("#vastineet")).to_contain_text("mahdollisia ottajia")
    expect(phone.locator("#connection")).to_be_hidden()
    phone.wait_for_timeout(5000)  # longer than any second try
    assert list(rooms.posts(workshop.id)["note"]) == ["kuivaa"]


def test_an_answer_that_is_lost_makes_no_second_post(phone, server, rooms, workshop):
    """The server has the post, the phone doesn't know; then the page is even reloaded."""
    phone.goto(f"{server}/osallistu?koodi={workshop.code}")
    fill(phone)

    def lose(route):
        route.fetch()
        route.abort()

    phone.route("**/osallistu/ilmoitus*", lose)
    phone.get_by_role("button", name="Lähetä").tap()
    expect(phone.locator("#sent")).to_contain_text("lähtee itsestään")
    phone.unroute("**/osallistu/ilmoitus*")
    phone.reload()
    expect(phone.locator("#vastineet")).to_contain_text("mahdollisia ottajia")
    assert len(rooms.posts(workshop.id)) == 1


def test_what_is_typed_survives_a_reload_and_the_other_language(phone, server, rooms, workshop):
    phone.goto(f"{server}/osallistu?koodi={workshop.code}")
    fill(phone)
    phone.get_by_role("link", name="In English").tap()
    expect(phone.get_by_label("How much?")).to_have_value("rekka kuussa")
    expect(phone.locator("label.hit", has_text="Sawdust").locator("input")).to_be_checked()
    phone.get_by_role("button", name="Send").tap()
    expect(phone.locator("#vastineet")).to_contain_text("possible takers")
    assert list(rooms.posts(workshop.id)["direction"]) == ["out"]


def test_results_of_other_words_can_not_be_tapped(phone, server, rooms, workshop):
    phone.goto(f"{server}/osallistu?koodi={workshop.code}")
    fill(phone)
    expect(phone.locator("#hits input").first).to_be_checked()
    phone.route("**/osallistu/materiaalit*", lambda _: None)  # no answer yet
    phone.get_by_label("Mitä?").fill("lanta")
    expect(phone.locator("#hits input").first).to_be_disabled()
    assert phone.locator("#hits input:checked").count() == 0
    phone.get_by_label("Mitä?").fill("kutterinpurua")  # as before, so its results hold again
    expect(phone.locator("#hits input").first).to_be_enabled()


def test_a_workshop_deleted_while_a_phone_is_open_leaves_nothing_to_press(
    phone, server, rooms, workshop
):
    phone.goto(f"{server}/osallistu?koodi={workshop.code}")
    fill(phone)
    rooms.delete(workshop.id, EDITOR)
    expect(phone.locator("#connection")).to_contain_text("Työpaja on poistettu")
    expect(phone.locator("main button:visible, main input:visible")).to_have_count(0)
    phone.get_by_role("link", name="Anna työpajan koodi").tap()
    expect(phone.get_by_label("Työpajan koodi")).to_be_visible()


def test_the_keyboard_alone_sends_a_post(phone, server, rooms, workshop):
    phone.goto(f"{server}/osallistu?koodi={workshop.code}")
    phone.get_by_label("Tarvitsemme").focus()
    phone.keyboard.press("Space")
    phone.keyboard.press("Tab")
    phone.keyboard.type("lanta")
    expect(phone.locator("#hits")).to_be_visible()
    phone.keyboard.press("Tab")
    phone.keyboard.press("Space")
    phone.get_by_label("Missä kunnassa?").focus()
    phone.keyboard.type("Saarij")
    phone.get_by_role("button", name="Lähetä").focus()
    phone.keyboard.press("Enter")
    expect(phone.locator("#vastineet")).to_contain_text("mahdollisia antajia")
    expect(phone.locator("#vastineet")).to_be_focused()
    assert list(rooms.posts(workshop.id)["direction"]) == ["in"]


def test_without_javascript_the_form_works(browser, server, rooms, workshop):
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": 390, "height": 844}, locale="fi-FI"
    )
    page = context.new_page()
    page.goto(f"{server}/osallistu")
    page.get_by_label("Työpajan koodi").fill(workshop.code)
    page.get_by_role("button", name="Liity").click()
    page.get_by_text("Tarjoamme").click()
    page.get_by_label("Materiaali").select_option("sawdust")
    page.get_by_label("Missä kunnassa?").select_option("729")
    page.get_by_role("button", name="Lähetä").click()
    expect(page.locator("#vastineet")).to_contain_text("mahdollisia ottajia")
    assert len(rooms.posts(workshop.id)) == 1
    context.close()
