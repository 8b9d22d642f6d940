"""Simulated phones: what `participate.js` sends, sent by threads over real HTTP connections.

A phone joins by the link of the QR code, asks for news every two seconds, looks its words up as
they are typed, posts, sends again what got no answer (with the same id), and votes. What it was
told is kept, to be compared with the database.
"""

import random
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from urllib.parse import urlencode, urlsplit

import requests

from kiertokylat.room import VOTES, new_id
from kiertokylat.words import say

# As in participate.js.
NEWS_S, RETRY_S, PATIENCE_S = 2.0, 4.0, 20.0
COOKIE = "kiertokylat_osallistuja"
# What people say: direction, words, amount.
SAYINGS = [
    ("out", "kutterinpurua", "rekka kuussa"), ("out", "kuorta", "300 t vuodessa"),
    ("out", "hevosenlantaa", "2 kuormaa kuussa"), ("out", "pahvia", "lava viikossa"),
    ("out", "muovikalvoa", "200 kg kuukaudessa"), ("out", "puutuhkaa", "20 tn/v"),
    ("out", "metalliromua", "10-20 t"), ("out", "betonimurskaa", "kerran vuodessa 500 t"),
    ("out", "perunan kuoria", "5 tonnia viikossa"), ("out", "hukkalämpöä", ""),
    ("in", "haketta", "rekka-autollinen viikossa"), ("in", "purua kuivikkeeksi", "50 t vuodessa"),
    ("in", "lantaa biokaasuun", "1000 t/v"), ("in", "kuormalavoja", "100 kpl"),
    ("in", "lasia", "en tiedä"), ("in", "turvetta", "3 kuormaa"), ("in", "kipsilevyä", "15 t"),
]  # fmt: skip
NOTES = ("kuivaa", "lajiteltua", "noudettava itse", "voimme kuljettaa", "heti saatavilla")
PLACES = ("410", "179", "729", "500", "249", "")
FLOOD = 100
LATER = say("participate.matches_later", "fi")


@dataclass
class Notes:
    """What all phones were told."""

    posts: dict[str, dict[str, str]] = field(default_factory=dict)  # told kept: the form by its id
    of: dict[str, str] = field(default_factory=dict)  # the token that sent it
    votes: dict[tuple[str, str], str] = field(default_factory=dict)  # by token and ballot
    sent: dict[str, float] = field(default_factory=dict)  # the mark of a post: when, Unix time
    voted: dict[str, list[float]] = field(default_factory=dict)  # new votes by ballot: when
    seconds: dict[str, list[float]] = field(default_factory=dict)  # of answers, by kind of request
    told: Counter[str] = field(default_factory=Counter)  # refusals and what else happened
    unanswered: set[str] = field(default_factory=set)  # posts without a word so far
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answered(self, kind: str, seconds: float) -> None:
        with self.lock:
            self.seconds.setdefault(kind, []).append(seconds)

    def happened(self, what: str) -> None:
        with self.lock:
            self.told[what] += 1


_numbers = count(1)


class Phone:
    """One phone and its owner: `run` writes, `listen` asks for news, each in a thread."""

    def __init__(self, number: int, link: str, pause: float, notes: Notes) -> None:
        self.number, self.link, self.pause, self.notes = number, link, pause, notes
        self.base = link.partition("?")[0]
        self.random = random.Random(number)
        self.http = requests.Session()
        self.ended = threading.Event()
        self.ballot = ""
        self.voted: set[str] = set()
        self.token = ""
        self.threads: list[threading.Thread] = []

    # --- joining ---

    def start(self) -> None:
        self._thread(self.run)

    def _thread(self, work: Callable[..., None], *values: str) -> None:
        thread = threading.Thread(target=work, args=values, daemon=True)
        self.threads.append(thread)
        thread.start()

    def finish(self) -> None:
        """Begin nothing new, and wait for what was begun."""
        self.ended.set()
        for thread in self.threads:
            thread.join(60)

    def _connection(self) -> requests.Session:
        """Another connection with the same cookie: a phone asks and sends at once."""
        http = requests.Session()
        http.cookies.update(self.http.cookies)
        return http

    def run(self) -> None:
        if self.ended.wait(self.random.uniform(0, min(15, self.pause / 2))):
            return
        begin = time.monotonic()
        while not self._opened(self.link):  # one opens the link again
            self.notes.happened("no answer to join")
        self.notes.answered("join", time.monotonic() - begin)
        self.token = str(self.http.cookies[COOKIE]).partition(".")[2]
        for name in ("participate.css", "participate.js"):
            self._opened(f"{self.base}/{name}")
        self._thread(self.listen)
        turns = count(1)
        while not self.ended.wait(self.random.expovariate(1 / self.pause)):
            self.say_something(next(turns))

    def _opened(self, address: str) -> bool:
        try:
            return self.http.get(address, timeout=PATIENCE_S).status_code == 200
        except requests.RequestException:
            return False

    # --- news ---

    def listen(self) -> None:
        http, pulse = self._connection(), ""
        while not self.ended.wait(NEWS_S):
            answer = self._ask(http, "news", "tila", {"pulssi": pulse})
            if answer.get("status") != 200:
                continue
            pulse = str(answer["pulse"])
            shown = re.search(r'name="ehdokas" value="(\w+)"', answer.get("candidate", ""))
            if shown and shown[1] not in self.voted:
                self.voted.add(shown[1])
                self._thread(self.vote, shown[1])

    # --- what is sent ---

    def _ask(
        self,
        http: requests.Session,
        kind: str,
        path: str,
        values: dict[str, str],
        body: dict[str, str] | None = None,
    ) -> dict:
        """As `ask` in participate.js; status 0: no answer."""
        url = urlsplit(self.base)
        headers = {"Accept": "application/json", "Origin": f"{url.scheme}://{url.netloc}"}
        begin = time.monotonic()
        try:
            answer = http.request(
                "POST" if body else "GET",
                f"{self.base}/{path}",
                params={**values, "kieli": "fi"},
                data=body,
                headers=headers,
                timeout=PATIENCE_S,
            )
            found = {"status": answer.status_code, **answer.json()}
        except (requests.RequestException, ValueError) as error:
            self.notes.happened(f"no answer to {kind}: {type(error).__name__}")
            return {"status": 0}
        self.notes.answered(kind, time.monotonic() - begin)
        return found

    def say_something(self, turn: int) -> None:
        form = self.form()
        if self.number == 1 and turn == 2:
            for _ in range(FLOOD):
                self.post(self.form(), patient=False)
        elif self.number == 2 and turn % 2:
            self.cut(form, whole=False)
        elif self.number == 3 and turn % 2:
            self.cut(form, whole=True)
        elif self.number % 4 == 0:
            self.post(form)
            self.post(form)  # pressed twice, or the answer was lost
            self.notes.happened("sent twice")
        else:
            self.post(form)

    def form(self) -> dict[str, str]:
        """Fill the form; the words are looked up, the amount is read back."""
        direction, words, amount = self.random.choice(SAYINGS)
        hits = self._ask(self.http, "search", "materiaalit", {"q": words}).get("hits", [])
        self._ask(self.http, "amount", "maara", {"q": amount})
        return {
            "suunta": direction,
            "haku": words,
            "materiaali": hits[0]["key"] if hits else "",
            "maara": amount,
            "kunta": self.random.choice(PLACES),
            "lisatieto": f"{self.random.choice(NOTES)}, erä {next(_numbers):05d}",
            "viesti": new_id(),
        }

    def post(self, form: dict[str, str], *, patient: bool = True) -> None:
        """Send a post until there is an answer, as participate.js does."""
        key = form["viesti"]
        with self.notes.lock:
            self.notes.unanswered.add(key)
            self.notes.of[key] = self.token
            if key not in self.notes.posts:
                self.notes.sent.setdefault(form["lisatieto"][-5:], time.time())
        while True:
            answer = self._ask(self.http, "post", "ilmoitus", {}, form)
            if answer["status"] == 200:
                return self._kept(form, answer)
            if answer["status"] and answer["status"] < 500:
                self.notes.happened(f"refused: {answer['code']}")
                if answer["code"] != "too_fast" or not patient:
                    break
            time.sleep(NEWS_S if answer["status"] == 429 else RETRY_S)
        with self.notes.lock:
            self.notes.unanswered.discard(key)
            self.notes.sent.pop(form["lisatieto"][-5:], None)
        return None

    def _kept(self, form: dict[str, str], answer: dict) -> None:
        with self.notes.lock:
            self.notes.posts[form["viesti"]] = form
            self.notes.unanswered.discard(form["viesti"])
            self.notes.told["answer without matches yet"] += LATER in answer["matches"]

    def cut(self, form: dict[str, str], *, whole: bool) -> None:
        """The network goes away while a post is sent, or before its answer; it comes back later.

        For the wall's clock such a post is sent when the server can have all of it.
        """
        url, body = urlsplit(self.base), urlencode(form)
        head = (
            f"POST {url.path}/ilmoitus?kieli=fi HTTP/1.1\r\nHost: {url.netloc}\r\n"
            f"Origin: {url.scheme}://{url.netloc}\r\nAccept: application/json\r\n"
            f"Cookie: {COOKIE}={self.http.cookies[COOKIE]}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        if whole:
            self.notes.sent[form["lisatieto"][-5:]] = time.time()
        with socket.create_connection((url.hostname, url.port)) as line:
            line.sendall((head + (body if whole else body[: len(body) // 2])).encode())
        self.notes.happened("answer lost" if whole else "network lost in the middle of a post")
        time.sleep(self.random.uniform(3, 8))
        self.post(form)

    def vote(self, ballot: str) -> None:
        """Think, and vote; one in five votes anew a moment later."""
        http = self._connection()
        for again in range(1 + (self.random.random() < 0.2)):
            if self.ended.wait(3 if again else self.random.uniform(1, 12)):
                return
            form = {"ehdokas": ballot, "aani": self.random.choice(VOTES)}
            sent = time.time()
            answer = self._ask(http, "vote", "aani", {}, form)
            while answer["status"] == 0 or answer["status"] >= 500:
                time.sleep(RETRY_S)
                answer = self._ask(http, "vote", "aani", {}, form)
            if answer["status"] != 200:
                self.notes.happened(f"vote refused: {answer['code']}")
                return
            with self.notes.lock:
                if not again:
                    self.notes.voted.setdefault(ballot, []).append(sent)
                self.notes.votes[self.token, ballot] = form["aani"]
