"""A rehearsal: forty phones and a projector for ten minutes, and then every post accounted for.

    python benchmarks/rehearsal.py                          # 40 phones, 10 minutes, SQLite
    python benchmarks/rehearsal.py --minutes 1 --pause 10
    python benchmarks/rehearsal.py --url postgresql+psycopg://…   # an empty database of your own

Starts the real app on the demo region, makes a workshop, and opens it in one headless Chromium as
the projector does. The phones (`hall_phones.py`) are real clients: they join by the link, ask for
news every two seconds, look up their words, post about once in `--pause` seconds. One floods, one
loses the network in the middle of its posts, one before the answers, and every fourth sends each
post twice. In the first half the wall shows "Ideat huoneesta", in the second "Ehdokkaat", one
candidate after the other, and the phones vote. All of it shares two processor cores.

The wall's time of a post runs from the moment when the phone sends it until the browser draws the
frame with its text: both by the machine's one clock. A post that three newer ones pushed from the
screen before it was drawn never has such a time; it is counted. The wall's time of votes is that
of their sum: from the sending of a candidate's n-th vote until the sum on the wall is at least n.

Ends with 1 if anything that was told kept isn't stored once and as sent, or anything else is.
"""

import argparse
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.hall_phones import Notes, Phone  # noqa: E402
from benchmarks.live_app import Load, serving  # noqa: E402
from kiertokylat.access import Actor  # noqa: E402
from kiertokylat.room import Workshop  # noqa: E402
from kiertokylat.store import load_demo, open_store  # noqa: E402
from kiertokylat.store.rooms import Rooms  # noqa: E402
from kiertokylat.tables import rows  # noqa: E402
from kiertokylat.web.phonedata import digest  # noqa: E402
from tests.browser.conftest import QUIET  # noqa: E402
from tests.browser.find_chromium import chromium  # noqa: E402

ME = Actor("harjoitus", "editor")
CANDIDATES = 5  # shown in the second half
# What is sent later than this before the wall leaves the ideas is not measured, drawn or not.
SETTLING_S = 5.0
# Notes when a post's mark, and when a sum of votes, is first in a frame that the browser draws.
WATCH = """() => {
  window.posts = {}; window.sums = [];
  const look = () => {
    const at = Date.now();
    for (const card of document.querySelectorAll('.wall.ideas .card-row')) {
      const mark = card.textContent.match(/erä (\\d{5})/)?.[1];
      if (mark && card.getClientRects().length) window.posts[mark] ??= at;
    }
    const lines = [...document.querySelectorAll('.wall p')].map(line => line.textContent);
    const place = lines.map(line => line.match(/^Ehdokas (\\d+) /)?.[1]).filter(Boolean).at(-1);
    const votes = [...document.querySelectorAll('.wall.votes')].at(-1);
    if (!place || !votes) return;
    const sum = [...votes.querySelectorAll('b')].reduce((all, b) => all + Number(b.textContent), 0);
    const last = window.sums.at(-1) ?? [];
    if (place !== last[0] || sum !== last[1]) window.sums.push([place, sum, at]);
  };
  new MutationObserver(() => requestAnimationFrame(look))
    .observe(document.body, {subtree: true, childList: true, characterData: true});
}"""


class Wall:
    """The projector: what it shows, and when it showed what."""

    def __init__(self, page: Page, address: str, workshop: Workshop) -> None:
        self.page = page
        page.set_default_timeout(60_000)
        page.goto(f"{address}/tyopaja?koodi={workshop.code}&projektori=true")
        page.locator(".st-key-workshop-steps").wait_for()
        page.wait_for_timeout(3000)  # keys do nothing until the map's frame has come
        page.evaluate(WATCH)

    def step(self, key: str, name: str) -> None:
        self.page.keyboard.press(key)
        self.page.locator(f".st-key-step-{name} button", has_text="▶").first.wait_for()

    def ideas(self, seconds: float) -> dict[str, float]:
        """Show the ideas for so long; the marks seen, each with its Unix time."""
        self.page.wait_for_timeout(1000 * seconds)
        return {mark: at / 1000 for mark, at in self.page.evaluate("window.posts").items()}

    def sums(self) -> dict[int, list[tuple[int, float]]]:
        """The sums of votes that were drawn, each with its Unix time, by the candidate's place."""
        found: dict[int, list[tuple[int, float]]] = {}
        before = 0
        for place, count, at in self.page.evaluate("window.sums"):
            # The sum of the candidate before stays for a frame or two.
            if int(place) in found or count == 0 or count != before:
                found.setdefault(int(place), []).append((count, at / 1000))
            before = count
        return found


def shown(rooms: Rooms, code: str, before: str) -> str:
    """The ballot of the candidate on the wall, once it is another one than before."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        candidate = rooms.get(code).candidate
        if candidate and digest(candidate) != before:
            return digest(candidate)
        time.sleep(0.1)
    raise SystemExit("the wall shows no other candidate")


class Seen(NamedTuple):
    """What the hall saw and when, in Unix time."""

    posts: dict[str, float]  # by mark
    turned: float  # when the ideas left the wall
    ballots: list[str]  # of the candidates, in the order shown
    sums: dict[int, list[tuple[int, float]]]  # as `Wall.sums`


def evening(wall: Wall, rooms: Rooms, code: str, minutes: float) -> Seen:
    """Both halves."""
    wall.step("4", "ideas")
    posts = wall.ideas(minutes * 30)
    turned = time.time()
    ballots = [""]
    wall.step("3", "candidates")
    for number in range(CANDIDATES):
        if number:
            wall.page.keyboard.press("ArrowRight")
        ballots.append(shown(rooms, code, ballots[-1]))
        wall.page.wait_for_timeout(1000 * minutes * 30 / CANDIDATES)
    return Seen(posts, turned, ballots[1:], wall.sums())


def wrong_posts(rooms: Rooms, workshop: Workshop, notes: Notes) -> list[str]:
    """What of the posts isn't stored once and as sent, or should not be there."""
    stored = rooms.posts(workshop.id)
    told = notes.posts
    wrong = [f"lost: {key}" for key in set(told) - set(stored["id"])]
    wrong += [f"twice: {key}" for key in stored.loc[stored["id"].duplicated(), "id"]]
    wrong += [f"doubled: {note}" for note in stored.loc[stored["note"].duplicated(), "note"]]
    for post in rows(stored):
        if post.id not in told:
            # Who never got an answer doesn't know: it may be kept, once.
            wrong += [] if post.id in notes.unanswered else [f"not told kept: {post.id}"]
            continue
        form = told[post.id]
        said, words = form["lisatieto"], form["haku"]
        note = said if form["materiaali"] else f"{words}: {said}"
        sent = (form["suunta"], form["materiaali"], form["kunta"], form["maara"], note)
        kept = (post.direction, post.material, post.municipality, post.amount, post.note)
        by = rooms.number(workshop.code, notes.of[post.id])
        if kept != sent or post.participant != by or post.state != "accepted":
            wrong.append(f"not as sent: {kept} of {post.participant}, sent {sent} by {by}")
    return wrong


def wrong_votes(rooms: Rooms, workshop: Workshop, notes: Notes) -> list[str]:
    """Likewise of the votes."""
    told = {
        (rooms.number(workshop.code, token), ballot): vote
        for (token, ballot), vote in notes.votes.items()
    }
    votes = rooms.votes(workshop.id)
    keys = [(row.participant, digest(row.candidate)) for row in rows(votes)]
    stored = dict(zip(keys, votes["vote"], strict=True))
    wrong = [f"vote twice: {key}" for key in keys if keys.count(key) > 1]
    every = set(told) | set(stored)
    return wrong + [f"vote wrong: {key}" for key in every if told.get(key) != stored.get(key)]


def wall_times(notes: Notes, seen: Seen) -> tuple[list[float], int, int]:
    """Seconds of the posts from phone to wall; how many were pushed away; how many are missing.

    A screen is full of three: so many sent later push away the one that wasn't seen.
    """
    kept, end = {form["lisatieto"][-5:] for form in notes.posts.values()}, seen.turned - SETTLING_S
    first_half = {mark: at for mark, at in notes.sent.items() if mark in kept and at < end}
    seconds = [seen.posts[mark] - at for mark, at in first_half.items() if mark in seen.posts]
    unseen = [at for mark, at in first_half.items() if mark not in seen.posts]
    later = [sum(at < other for other in first_half.values()) for at in unseen]
    pushed = sum(count >= 3 for count in later)
    return seconds, pushed, len(unseen) - pushed


def vote_times(notes: Notes, seen: Seen) -> list[float]:
    """Seconds from the sending of a candidate's n-th vote until the wall has n."""
    seconds = []
    for place, ballot in enumerate(seen.ballots, 1):
        sums = seen.sums.get(place, [])
        for number, sent in enumerate(sorted(notes.voted.get(ballot, [])), 1):
            # What came after the candidate was turned is never drawn.
            seconds += [at - sent for count, at in sums if count >= number][:1]
    return seconds


def row(name: str, seconds: Iterable[float]) -> str:
    values = list(seconds)
    if not values:
        return f"| {name} | 0 | – | – | – |"
    middle, high, most = np.percentile(values, [50, 95, 100])
    return f"| {name} | {len(values)} | {middle:.2f} | {high:.2f} | {most:.2f} |"


def report(notes: Notes, seen: Seen, load: Load) -> None:
    seconds, pushed, missing = wall_times(notes, seen)
    print("| seconds | n | median | 95 % | most |\n|---|--:|--:|--:|--:|")
    print(row("**post: sent ► on the wall**", seconds))
    print(row("vote: sent ► in the sum on the wall", vote_times(notes, seen)))
    for kind in ("join", "post", "vote", "news", "search", "amount"):
        print(row(f"answer to {kind}", notes.seconds.get(kind, [])))
    print(f"\nposts never drawn, pushed away by three newer: {pushed}; missing: {missing}")
    for what, count in sorted(notes.told.items()):
        print(f"{what}: {count}")
    print("\n| processes | cores, mean | cores, busiest second | peak MB |\n|---|--:|--:|--:|")
    for name in Load.NAMES:
        cores = load.cores[name]
        print(
            f"| {name} | {np.mean(cores):.2f} | {max(cores):.2f} "
            f"| {max(load.megabytes[name]):,.0f} |"
        )


def judged(rooms: Rooms, workshop: Workshop, notes: Notes) -> int:
    """Print how the database compares with what the phones were told; the exit code."""
    wrong = wrong_posts(rooms, workshop, notes) + wrong_votes(rooms, workshop, notes)
    posts, votes = len(rooms.posts(workshop.id)), len(rooms.votes(workshop.id))
    print(f"\nposts told kept {len(notes.posts)}, stored {posts}", end="; ")
    print(f"votes told kept {len(notes.votes)}, stored {votes}", end="; ")
    print(f"posts without any answer {len(notes.unanswered)}; wrong {len(wrong)}")
    print("\n".join(wrong[:20]))
    return 1 if wrong else 0


def rehearse(options: argparse.Namespace, folder: Path) -> int:
    url = options.url or f"sqlite:///{folder / 'rehearsal.sqlite'}"
    store = open_store(url)
    load_demo(store, ME)
    rooms = Rooms(store)
    workshop = rooms.create("Harjoitus", "Kylätalo", (), "2026-11-30", ME)
    notes = Notes()
    with (
        serving(Path(sys.executable), url, folder / "log.txt") as app,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        page = browser.new_page(viewport={"width": 1920, "height": 1080}, locale="fi-FI")
        wall = Wall(page, app.address, workshop)
        link = f"{app.address}/osallistu?koodi={workshop.code}"
        phones = [Phone(n, link, options.pause, notes) for n in range(1, options.phones + 1)]
        load = Load(app.process)
        load.start()
        for phone in phones:
            phone.start()
        seen = evening(wall, rooms, workshop.code, options.minutes)
        load.end()
        for phone in phones:
            phone.ended.set()
        for phone in phones:
            phone.finish()
        browser.close()
    report(notes, seen, load)
    log = app.log.read_text()
    joined = rooms.participants(workshop.id)
    print(f"\nphones joined: {joined}; tracebacks in the log: {log.count('Traceback')}")
    result = judged(rooms, workshop, notes)
    store.close()
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--phones", type=int, default=40)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--pause", type=float, default=60, help="seconds between a phone's posts")
    parser.add_argument("--url", help="of an empty database; else a temporary SQLite file")
    options = parser.parse_args()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    failed: list[object] = []
    # What stops a phone is no answer of the app's: it must not pass unnoticed.
    usual = threading.excepthook

    def stopped(of: threading.ExceptHookArgs) -> None:
        failed.append(of.exc_value)
        usual(of)

    threading.excepthook = stopped
    with tempfile.TemporaryDirectory() as folder:
        code = rehearse(options, Path(folder))
    sys.exit(2 if failed else code)


if __name__ == "__main__":
    main()
