"""The pictures of the user guide, taken from the running app.

    python docs/pictures/take.py                  # all of them, into docs/kayttoopas/
    python docs/pictures/take.py kunta osallistu  # only these

Starts the real app on a temporary database with the demo region, where a workshop is held: phones
join, post and vote, commitments are made. Names, sizes and what happens are always the same; what
still differs from day to day is the date of the brief and of the minutes. Only pictures that look
different from those in the folder are written, and named. The hall's computer calls itself
192.168.1.20: the browser is told that this name means the server on this machine.

Needs what the browser tests need, and Pillow, which comes with Streamlit.
"""

import os
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, ViewportSize, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.live_app import serving  # noqa: E402
from docs.pictures.camera import Camera  # noqa: E402
from docs.pictures.evening import (  # noqa: E402
    CODE,
    ME,
    SURVEY,
    clock,
    dated,
    edit,
    promise,
    speak,
    vote,
)
from kiertokylat.store import load_demo, open_store  # noqa: E402
from kiertokylat.store.rooms import Rooms  # noqa: E402
from kiertokylat.words import say  # noqa: E402
from tests.browser.find_chromium import chromium  # noqa: E402

HOST = "192.168.1.20"
HALL = f"{HOST}:8501"
KEY = "kuvien-avain-ei-oikea-avain"
LAPTOP: ViewportSize = {"width": 1366, "height": 768}
PROJECTOR: ViewportSize = {"width": 1920, "height": 1080}
PHONE: ViewportSize = {"width": 390, "height": 844}
PAPER: ViewportSize = {"width": 794, "height": 1123}  # A4 at 96 dots an inch


def pages(camera: Camera) -> None:
    """What the staff see, on the machine itself."""
    camera.open("kartta")
    frame = camera.page.frame_locator('iframe[title="streamlit_folium.st_folium"]')
    frame.locator(".leaflet-areas-pane path").first.wait_for()
    camera.settle(3)
    camera.take("kartta")
    page = camera.open("symbioosiehdokkaat")
    camera.settle(3)
    camera.take("ehdokkaat")
    page.get_by_role("button", name="Tee sitoumus").scroll_into_view_if_needed()
    camera.settle(3)
    camera.take("ehdokas")
    camera.open("keskittymat")
    camera.settle(4)
    camera.take("keskittymat")
    camera.open("vaikuttavuus")
    camera.settle(3)
    camera.take("vaikuttavuus")
    camera.open("vaikuttavuus?osio=sitoumukset")
    camera.settle(2)
    camera.top("Ideasta toteutukseen")
    camera.take("sitoumukset")
    camera.open("tietoa?osio=oletukset")
    camera.settle(2)
    camera.top("Käytössä ovat ohjelman omat arvot.")
    camera.take("oletukset")


def data(camera: Camera, folder: Path) -> None:
    """The page Aineisto: an import's plan, a cell that is typed, the history."""
    page = camera.open("aineisto?osa=import")
    survey = folder / "kysely.csv"
    survey.write_text(SURVEY, encoding="utf-8")
    page.locator('input[type="file"]').set_input_files(survey)
    page.get_by_role("button", name="Lue tiedostot").click()
    page.get_by_test_id("stMetric").first.wait_for()
    camera.settle(1)
    camera.take("tuonti")
    page = camera.open("aineisto?osa=companies")
    page.get_by_label("Hae yritystä").fill("Laukaa")
    page.keyboard.press("Enter")
    camera.settle(1)
    camera.take("muokkaus")
    page = camera.open("aineisto?osa=history")
    page.locator(".dvn-scroller").first.click(position={"x": 16, "y": 52})
    page.get_by_role("button", name="Peru tämä muutos").wait_for()
    page.mouse.move(700, 740)  # off the table, whose tools show under the mouse
    camera.settle(1)
    camera.take("historia")


def municipality(camera: Camera) -> None:
    """The page Kunta and its brief as a visitor sees them, who is no editor."""
    page = camera.open("kunta?kunta=Laukaa")
    camera.settle(4)
    camera.take("kunta")
    camera.top(say("brief.leaves", "fi"))
    camera.take("kunta-piilotettu")
    with page.expect_download() as download:
        page.get_by_role("button", name="Lataa tiivistelmä").click()
    _paper(camera, download.value.path(), "tiivistelma")


def _paper(camera: Camera, made: Path, name: str) -> None:
    """The first page of a file that is printed."""
    sheet = camera.page.context.new_page()
    sheet.set_viewport_size(PAPER)
    sheet.set_content(made.read_text(encoding="utf-8"))
    sheet.wait_for_timeout(1000)
    shown, camera.page = camera.page, sheet
    camera.take(name)
    sheet.close()
    camera.page = shown


def lobby(camera: Camera) -> None:
    """The form of a new workshop."""
    page = camera.open("tyopaja")
    page.get_by_label("Nimi", exact=True).fill("Laukaan kiertotalousilta")
    page.get_by_label("Paikka", exact=True).fill("Kylätalo")
    page.get_by_role("spinbutton").first.click()
    page.keyboard.type("14012027", delay=100)
    page.get_by_role("heading", level=1).click()  # takes the hint of the library away
    camera.settle()
    camera.take("tyopaja-uusi")


def hall(camera: Camera, phones: BrowserContext, rooms: Rooms) -> None:
    """The six steps on the projector, and a phone."""
    page = camera.page
    camera.open(f"tyopaja?koodi={CODE}&projektori=true")
    page.locator(".st-key-workshop-steps").wait_for()
    page.wait_for_timeout(4000)  # keys do nothing until the map's frame has come
    camera.step(1, "region")
    camera.take("tyopaja-1-alueemme")
    camera.step(2, "flows")
    camera.take("tyopaja-2-virrat")
    guest = phone(phones, camera)
    camera.step(3, "candidates")
    candidate = vote(rooms)
    ballot(guest)
    camera.settle(4)
    camera.take("tyopaja-3-ehdokas")
    speak(rooms)
    camera.step(4, "ideas")
    page.get_by_text("Paras pari").nth(2).wait_for()
    camera.settle(3)
    page.locator(".card-row").nth(2).wait_for()  # the list is drawn anew each second
    camera.take("tyopaja-4-ideat")
    promise(rooms, candidate)
    camera.step(5, "commitments")
    camera.take("tyopaja-5-sitoumukset")
    camera.step(6, "summary")
    camera.take("tyopaja-6-yhteenveto")
    page.keyboard.press("q")
    page.get_by_role("button", name="Takaisin työpajaan").wait_for()
    camera.settle(1)
    camera.take("tyopaja-liity")
    page.keyboard.press("Escape")


def phone(context: BrowserContext, hall_camera: Camera) -> Camera:
    """A phone that joins, tells of sawdust and sees who could take it."""
    camera = Camera(context, hall_camera.address, hall_camera.wanted)
    page = camera.page
    page.goto(f"{camera.address}/osallistu?koodi={CODE}")
    page.get_by_text("Tarjoamme").tap()
    page.get_by_label("Mitä?").fill("puru")
    page.get_by_text("Sahanpuru, lastu ja hake").and_(page.locator("label.hit span")).tap()
    page.get_by_role("button", name="rekka kuussa").tap()
    page.locator("#understood").get_by_text("t/v").wait_for()
    page.get_by_label("Missä kunnassa?").select_option("410")
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    page.wait_for_timeout(500)
    camera.take("osallistu")
    page.get_by_label("Lisätieto").fill("tuore puru, kuormataan kauhalla")
    page.get_by_role("button", name="Lähetä").tap()
    page.locator("#vastineet").get_by_text("mahdollisia ottajia").wait_for()
    _scrolled(camera, "#vastineet")
    camera.take("osallistu-vastineet")
    return camera


def ballot(camera: Camera) -> None:
    """The same phone votes on the candidate that the projector shows."""
    camera.page.locator("#candidate").get_by_role("button", name="Kiinnostaa").tap()
    camera.page.locator("#candidate").get_by_text("Äänesi").wait_for()
    camera.page.evaluate("scrollTo(0, 0)")
    camera.page.wait_for_timeout(500)
    camera.take("osallistu-aani")


def _scrolled(camera: Camera, selector: str) -> None:
    camera.page.locator(selector).evaluate("one => one.scrollIntoView({block: 'start'})")
    camera.page.wait_for_timeout(500)


def minutes(camera: Camera) -> None:
    """The minutes as they are printed."""
    page = camera.page
    with page.expect_download() as download:
        page.get_by_role("button", name="Pöytäkirja (tulostettava sivu)").click()
    _paper(camera, download.value.path(), "poytakirja")


def windows(browser: Browser, own: str, wanted: set[str], folder: Path, rooms: Rooms) -> None:
    """Every picture, each from the window of the person who sees it."""

    def window(size: ViewportSize, *, touch: bool = False) -> BrowserContext:
        return browser.new_context(
            viewport=size, locale="fi-FI", timezone_id="Europe/Helsinki", has_touch=touch,
            is_mobile=touch, accept_downloads=True,
        )  # fmt: skip

    outside = f"http://{HALL}"
    desk = Camera(window(LAPTOP), outside, wanted)
    desk.page.goto(f"{outside}/avaa?avain={KEY}")
    lobby(desk)
    projector = Camera(window(PROJECTOR), outside, wanted)
    projector.page.goto(f"{outside}/avaa?avain={KEY}")
    hall(projector, window(PHONE, touch=True), rooms)
    minutes(projector)
    staff = Camera(window(LAPTOP), own, wanted)
    pages(staff)
    data(staff, folder)
    municipality(Camera(window(LAPTOP), outside, wanted))


def main(names: list[str]) -> None:
    """Take the pictures of these names; without any, all of them."""
    os.environ["KIERTOKYLAT_KEY"] = KEY
    os.environ["STREAMLIT_SERVER_ALLOWED_HOSTS"] = f"localhost 127.0.0.1 {HOST}"
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        database = folder / "kuvat.sqlite"
        store = open_store(f"sqlite:///{database}")
        load_demo(store, ME)
        edit(store)
        rooms = Rooms(store, clock())
        places = ("410", "179")
        made = rooms.create("Laukaan kiertotalousilta", "Kylätalo", places, "2027-01-14", ME)
        dated(database, made.code)
        python, url, log = Path(sys.executable), f"sqlite:///{database}", folder / "log.txt"
        with serving(python, url, log) as app, sync_playwright() as playwright:
            mapped = f"--host-resolver-rules=MAP {HALL} {app.address.removeprefix('http://')}"
            browser = playwright.chromium.launch(
                executable_path=chromium(),
                args=["--no-sandbox", "--disable-gpu", "--hide-scrollbars", mapped],
            )
            windows(browser, app.address, set(names), folder, rooms)
            browser.close()
        store.close()


if __name__ == "__main__":
    main(sys.argv[1:])
