"""A window on the running app, and the pictures that it takes of itself."""

import io
import sys
from pathlib import Path

from PIL import Image, ImageChops
from playwright.sync_api import BrowserContext, Page

OUT = Path(__file__).resolve().parents[1] / "kayttoopas"
COLOURS = 128
# Shades of 255 between two pictures of one thing. Of the same text at most 53 were seen; another
# letter makes over 100.
UNSEEN = 64


class Camera:
    """A window on the app that takes pictures of itself."""

    def __init__(self, context: BrowserContext, address: str, wanted: set[str]) -> None:
        context.set_default_timeout(60_000)
        self.page: Page = context.new_page()
        self.address = address
        self.wanted = wanted

    def open(self, path: str) -> Page:
        """Open a page of the app and wait until it stands still."""
        self.page.goto(f"{self.address}/{path}")
        self.page.get_by_role("heading", level=1).first.wait_for()
        self.settle()
        return self.page

    def settle(self, seconds: float = 0.5) -> None:
        """Wait until the script has run and what it drew stands still."""
        self.page.wait_for_timeout(500)
        self.page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
        self.page.wait_for_timeout(1000 * seconds)

    def top(self, text: str) -> None:
        """Bring a heading to the top of the window."""
        found = self.page.get_by_text(text, exact=True).last
        found.evaluate("one => one.scrollIntoView({block: 'start'})")
        self.settle(2)

    def step(self, number: int, name: str) -> None:
        """Turn to a step of the workshop by its key."""
        self.page.keyboard.press(str(number))
        self.page.locator(f".st-key-step-{name} button", has_text="▶").first.wait_for()
        self.settle(3)

    def take(self, name: str) -> None:
        """Keep what the window shows, with few colours, unless the picture shows it already."""
        if self.wanted and name not in self.wanted:
            return
        picture = Image.open(io.BytesIO(self.page.screenshot(animations="disabled")))
        small = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        OUT.mkdir(exist_ok=True)
        file = OUT / f"{name}.png"
        if not (file.exists() and is_alike(Image.open(file), small)):
            small.save(file, optimize=True)
            sys.stdout.write(f"{file.name}: {file.stat().st_size / 1000:.0f} kB\n")


def is_alike(one: Image.Image, other: Image.Image) -> bool:
    """Whether nobody sees a difference: the browser draws edges a little differently each time."""
    if one.size != other.size:
        return False
    difference = ImageChops.difference(one.convert("L"), other.convert("L"))
    return max(difference.tobytes()) < UNSEEN
