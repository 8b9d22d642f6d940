"""The phones' page on a real server and the real store: protocol clients as rude as they like."""

import json
import logging
import re
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from http.client import HTTPConnection
from typing import NamedTuple
from urllib.parse import urlencode

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware

from kiertokylat.access import Actor
from kiertokylat.room import candidate_key, new_id
from kiertokylat.store.rooms import Rooms
from kiertokylat.web import headers, participate, phonedata, phonedoor
from kiertokylat.words import say

EDITOR = Actor("Kiertokylät", "editor")
RUDE = "<script>alert('♻️')</script> {{7*7}}"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    app = Starlette(routes=participate.ROUTES, middleware=[Middleware(headers.SecurityHeaders)])
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()  # who comes before the server runs waits for it
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off", ws="none"))
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        yield listening.getsockname()[1]
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def rooms(port) -> Rooms:
    return phonedata.rooms()


def made(rooms, name="Kylätalo", **options):
    return rooms.create(name, "Saarijärvi", ("729", "179"), "2026-11-24", EDITOR, **options)


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self):
        return json.loads(self.text)


class Phone:
    """A client that keeps its cookie and says where its forms come from, as a browser does."""

    def __init__(self, port: int, cookie: str = "") -> None:
        self.port, self.cookie = port, cookie

    def ask(self, path="", body=None, **sent) -> Answer:
        if isinstance(body, dict):
            body = urlencode(body)
        host = f"127.0.0.1:{self.port}"
        all_sent = {"Cookie": self.cookie, "Accept": "application/json"}
        if body is not None:
            all_sent |= {
                "Origin": f"http://{host}",
                "Content-Type": "application/x-www-form-urlencoded",
            }
        all_sent |= {name.replace("_", "-"): value for name, value in sent.items()}
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            kept = {name: value for name, value in all_sent.items() if value}
            connection.request("GET" if body is None else "POST", f"/osallistu{path}", body, kept)
            found = connection.getresponse()
            given = {name.lower(): value for name, value in found.getheaders()}
            answer = Answer(found.status, given, found.read().decode())
        finally:
            connection.close()
        if "set-cookie" in given:
            self.cookie = given["set-cookie"].partition(";")[0]
        return answer

    def post(self, **changes) -> Answer:
        return self.ask("/ilmoitus", sawdust(**changes))


def sawdust(**changes):
    values = {"suunta": "out", "materiaali": "sawdust", "kunta": "729", "maara": "rekka kuussa"}
    return values | {"viesti": new_id()} | changes


def joined(port, workshop) -> Phone:
    phone = Phone(port)
    assert phone.ask(f"?koodi={workshop.code}").status == 200
    return phone


# --- joining ---


def test_the_link_of_the_qr_code_leads_to_the_form_and_joins_once(port, rooms):
    workshop = made(rooms)
    phone = Phone(port)
    answer = phone.ask(f"?koodi={workshop.code.lower()}")
    assert 'name="suunta"' in answer.text
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith(f"{phonedoor.COOKIE}={workshop.code.lower()}.")
    for part in ("httponly", "samesite=strict", "path=/osallistu;"):
        assert part in cookie + ";"
    assert answer.headers["cache-control"] == "no-store"
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    for path in ("", f"?koodi={workshop.code}"):
        again = phone.ask(path)
        assert 'name="suunta"' in again.text
        assert "set-cookie" not in again.headers
    assert rooms.participants(workshop.id) == 1


def test_the_code_can_be_typed_without_javascript(port, rooms):
    workshop = made(rooms)
    phone = Phone(port)
    assert 'name="koodi"' in phone.ask().text
    typed = f" {workshop.code[:3]} {workshop.code[3:]}".lower()
    answer = phone.ask("/liity?kieli=en", {"koodi": typed}, Accept="text/html")
    assert (answer.status, answer.headers["location"]) == (303, "../osallistu?kieli=en")
    assert "We offer" in phone.ask("?kieli=en").text


def test_a_wrong_code_is_told_slowly_and_guessers_are_stopped(port, monkeypatch):
    start = time.monotonic()
    answer = Phone(port).ask("/liity", {"koodi": "AAAAAA"}, Accept="text/html")
    assert answer.status == 404
    assert say("room.unknown_code", "fi") in answer.text
    assert time.monotonic() - start >= phonedoor.WRONG_CODE_SECONDS
    monkeypatch.setattr(phonedoor, "WRONG_CODE_SECONDS", 4.0)  # until all have asked
    with ThreadPoolExecutor(20) as pool:
        tries = [pool.submit(Phone(port).ask, "?koodi=AAAAAA") for _ in range(20)]
        statuses = sorted(each.result().status for each in tries)
    assert statuses == [404] * phonedoor.MOST_PENDING + [429] * (20 - phonedoor.MOST_PENDING)
    assert phonedoor._pending == {}


def test_a_made_up_cookie_tells_nothing_of_codes(port, rooms):
    workshop = made(rooms)
    for code in (workshop.code, "AAAAAA", ""):
        phone = Phone(port, f"{phonedoor.COOKIE}={code}.made-up")
        assert phone.ask("/tila").json["code"] == "gone"
        assert phone.post().json["code"] == "gone"
        assert 'name="koodi"' in phone.ask().text


def test_a_phone_is_told_whether_its_workshop_was_deleted_or_it_never_joined(port, rooms):
    workshop = made(rooms)
    phone = joined(port, workshop)
    rooms.delete(workshop.id, EDITOR)
    for answer in (phone.ask("/tila"), phone.post()):
        assert (answer.status, answer.json["code"]) == (410, "gone")
        assert answer.json["error"].startswith("Työpaja on poistettu.")
    page = phone.ask().text
    assert 'name="koodi"' in page
    assert 'name="suunta"' not in page
    assert Phone(port).ask("/tila").json["code"] == "not_joined"


# --- posts ---


def test_a_post_is_answered_with_its_matches(port, rooms):
    workshop = made(rooms)
    answer = joined(port, workshop).post()
    assert answer.status == 200
    assert "mahdollisia ottajia" in answer.json["matches"]
    assert answer.json["matches"].count("<li>") == 5
    kept = rooms.posts(workshop.id).iloc[0]
    # A lorry a month: 12 × 25 t to 12 × 42 t, in the middle 12 × 33,5 t.
    assert (kept["tonnes_low"], kept["tonnes"], kept["tonnes_high"]) == (300, 402, 504)
    assert "≈ 400\u00a0t/v (300–500)" in answer.json["mine"]  # two digits of an estimate
    assert "✓ Näkyy valkokankaalla" in answer.json["mine"]


def test_what_can_be_hazardous_is_asked_about(port, rooms):
    workshop = made(rooms)
    asked = say("explain.unclear", "fi")
    assert asked in joined(port, workshop).post(materiaali="wood_treated").json["matches"]
    assert asked not in joined(port, workshop).post().json["matches"]


def test_the_same_post_sent_ten_times_at_once_is_one(port, rooms):
    workshop = made(rooms)
    phone, key = joined(port, workshop), new_id()
    with ThreadPoolExecutor(10) as pool:
        sent = [pool.submit(phone.post, viesti=key, kunta="") for _ in range(10)]
        assert {each.result().status for each in sent} == {200}
    assert list(rooms.posts(workshop.id)["id"]) == [key]


def test_a_flood_is_one_post(port, rooms):
    workshop = made(rooms)
    phone = joined(port, workshop)
    answers = [phone.post(kunta="") for _ in range(10)]
    assert [each.status for each in answers] == [200] + [429] * 9
    assert answers[1].json["code"] == "too_fast"
    assert len(rooms.posts(workshop.id)) == 1


def test_a_post_is_answered_though_matches_queue(port, rooms, monkeypatch):
    workshop = made(rooms)
    phone = joined(port, workshop)
    phonedata.workers.submit(phonedata.region).result()
    free = threading.Event()
    monkeypatch.setattr(participate, "MATCH_SECONDS", 0.1)
    phonedata.workers.submit(free.wait)
    try:
        answer = phone.post()
    finally:
        free.set()
    assert answer.status == 200
    assert say("participate.matches_later", "fi") in answer.json["matches"]
    assert len(rooms.posts(workshop.id)) == 1


def test_without_javascript_a_post_leads_to_a_page_with_its_matches(port, rooms):
    workshop = made(rooms)
    phone = joined(port, workshop)
    answer = phone.ask("/ilmoitus", sawdust(viesti="a" * 32), Accept="text/html")
    assert answer.status == 303
    assert answer.headers["location"] == f"../osallistu?kieli=fi&viesti={'a' * 32}#vastineet"
    page = phone.ask(f"?viesti={'a' * 32}").text
    assert "mahdollisia ottajia" in page
    # Another phone gets nothing by the id of a post that isn't its own.
    other = joined(port, workshop).ask(f"?viesti={'a' * 32}").text
    assert "mahdollisia ottajia" not in other
    assert "Lähettämäsi viestit" not in other


def test_without_javascript_what_was_typed_stays_when_it_is_refused(port, rooms):
    phone = joined(port, made(rooms))
    fields = sawdust(materiaali="", maara="20 t", lisatieto="")
    answer = phone.ask("/ilmoitus", fields, Accept="text/html")
    assert answer.status == 422
    assert say("room.empty_post", "fi") in answer.text
    assert 'value="20 t"' in answer.text
    assert fields["viesti"] in answer.text


def test_an_amount_of_nothing_is_refused_and_one_in_tonnes_a_year_told_once(port, rooms):
    workshop = made(rooms)
    phone = joined(port, workshop)
    answer = phone.post(maara="0 t")
    assert (answer.status, answer.json["code"]) == (422, "no_amount")
    assert rooms.posts(workshop.id).empty
    assert "≈" not in phone.post(maara="20 t/v", kunta="").json["mine"]


def test_words_that_are_no_material_become_the_note(port, rooms):
    workshop = made(rooms)
    answer = joined(port, workshop).post(materiaali="", haku="härveli", lisatieto="iso")
    assert say("participate.matches_no_material", "fi") in answer.json["matches"]
    assert list(rooms.posts(workshop.id)["note"]) == ["härveli: iso"]


def test_rude_text_is_escaped_everywhere(port, rooms):
    workshop = made(rooms, RUDE)
    phone = joined(port, workshop)
    fields = sawdust(lisatieto=RUDE, maara=RUDE, kunta="729")
    answer = phone.ask("/ilmoitus", fields)
    assert list(rooms.posts(workshop.id)["note"]) == [RUDE]
    refused = phone.ask("/ilmoitus", sawdust(lisatieto=RUDE, haku=RUDE), Accept="text/html")
    pages = [answer.json["mine"], phone.ask().text, refused.text]
    pages.append(phone.ask(f"?koodi={'%3Cscript%3Ealert'}", Accept="text/html").text)
    for page in pages:
        assert "<script>alert" not in page
        assert "alert(" not in page or "&lt;script&gt;alert(&#39;♻️&#39;)" in page
        assert "49" not in re.sub(r"[0-9a-f]{32}", "", page) or "{{7*7}}" in page


def test_participants_see_nothing_of_other_posts_and_workshops(port, rooms):
    here, there = made(rooms, "Eka"), made(rooms, "Toka")
    one, two = joined(port, here), joined(port, there)
    three = joined(port, here)
    one.post(lisatieto="vain meille")
    two.post(lisatieto="vain teille")
    seen = [three.ask().text, three.ask("/tila").text, two.ask().text, one.ask().text]
    assert ["vain meille" in text for text in seen] == [False, False, False, True]
    assert ["vain teille" in text for text in seen] == [False, False, True, False]
    assert list(rooms.posts(here.id)["note"]) == ["vain meille"]
    # But the need of another phone is a match, without its words.
    answer = three.post(suunta="in", lisatieto="tarve")
    assert "Työpajassa kerrottu (Saarijärvi)" in answer.json["matches"]
    assert "vain meille" not in answer.text


def test_moderated_posts_wait_and_are_no_match_until_accepted(port, rooms):
    workshop = made(rooms, moderated=True)
    one, two = joined(port, workshop), joined(port, workshop)
    assert "Odottaa vetäjän" in one.post(kunta="179").json["mine"]
    mark = "Työpajassa kerrottu (Jyväskylä)"
    key = new_id()
    assert mark not in two.post(suunta="in", kunta="179", viesti=key).json["matches"]
    first = rooms.posts(workshop.id)["id"][0]
    rooms.moderate(first, "accepted", EDITOR)
    assert mark in two.post(suunta="in", kunta="179", viesti=key).json["matches"]
    assert "✓" in one.ask("/tila").json["mine"]
    rooms.moderate(first, "rejected", EDITOR)
    assert "✗" in one.ask("/tila").json["mine"]


def test_a_closed_workshop_takes_nothing_and_still_shows(port, rooms):
    workshop = made(rooms)
    phone = joined(port, workshop)
    phone.post(kunta="")
    rooms.close(workshop.id, EDITOR)
    answer = phone.post()
    assert (answer.status, answer.json["code"]) == (409, "closed")
    assert Phone(port).ask(f"?koodi={workshop.code}").status == 409
    assert phone.ask("/tila").json["open"] is False
    assert "Lähettämäsi viestit" in phone.ask().text
    rooms.reopen(workshop.id, EDITOR)
    assert phone.ask("/tila").json["open"] is True


# --- the candidate and the news ---


def test_news_are_short_while_nothing_happens(port, rooms):
    workshop = made(rooms)
    phone = joined(port, workshop)
    pulse = phone.ask("/tila").json["pulse"]
    assert phone.ask(f"/tila?pulssi={pulse}").json == {"pulse": pulse}
    rooms.set_step(workshop.id, "ideas", EDITOR)
    assert phone.ask(f"/tila?pulssi={pulse}").json["pulse"] > pulse


def test_votes_on_the_candidate_shown(port, rooms):
    workshop = made(rooms)
    phone = joined(port, workshop)
    companies = phonedata.session.store().snapshot().companies
    giver, taker = companies["id"][0], companies["id"][1]
    names = ("from_company", "to_company", "supply_id", "demand_id")
    values = (giver, taker, f"est-{giver}-out-sawdust", "")
    key = candidate_key(dict(zip(names, values, strict=True)))
    assert phone.ask("/tila").json["candidate"] == ""
    rooms.show(workshop.id, key, EDITOR)
    shown = phone.ask("/tila").json["candidate"]
    public = phonedata.region().names["fi"]
    assert all(public[company] in shown for company in (giver, taker))
    assert "Sahanpuru" in shown
    assert giver not in shown  # ids may hold a name or a business id
    ballot = phonedata.digest(key)
    assert ballot in shown
    assert sha256(key.encode()).hexdigest()[:32] not in shown  # ids are short: who tries finds them
    assert "Viimeksi valkokankaalla" in shown  # the wall is at its first step
    rooms.set_step(workshop.id, "candidates", EDITOR)
    assert "Nyt valkokankaalla" in phone.ask("/tila").json["candidate"]
    rooms.close(workshop.id, EDITOR)
    assert phone.ask("/tila").json["candidate"] == ""
    rooms.reopen(workshop.id, EDITOR)
    for vote in ("yes", "no"):
        answer = phone.ask("/aani", {"ehdokas": ballot, "aani": vote})
        assert f'value="{vote}" aria-pressed="true"' in answer.json["candidate"]
    assert rooms.votes(workshop.id).values.tolist() == [[key, 1, "no"]]
    wrong = phone.ask("/aani", {"ehdokas": ballot, "aani": "loud"})
    assert (wrong.status, wrong.json["code"]) == (422, "unknown_choice")
    assert phone.ask("/aani", {"ehdokas": "x", "aani": "yes"}).json["code"] == "not_shown"
    # The next candidate has come: a vote that was on its way still counts.
    rooms.show(workshop.id, "", EDITOR)
    assert phone.ask("/aani", {"ehdokas": ballot, "aani": "maybe"}).status == 200
    assert list(rooms.votes(workshop.id)["vote"]) == ["maybe"]


# --- everyday words ---


def test_words_and_amounts_are_read_back(port):
    phone = Phone(port)
    assert phone.ask("/materiaalit?q=kutterinpurua").json["hits"][0]["key"] == "sawdust"
    assert phone.ask("/materiaalit?q=kutteri&kieli=en").json["hits"][0]["name"].startswith("Sawd")
    assert phone.ask("/materiaalit?q=xyzzy").json == {"hits": []}
    text = phone.ask("/maara?q=20+t").json["text"].replace("\u00a0", " ")
    assert text == "≈ 20 t/v. Aikaa ei sanottu: luettu määräksi vuodessa."
    assert "kuormalavallinen" in phone.ask("/maara?q=lava+viikossa").json["text"]
    assert phone.ask("/maara?q=").json == {"text": ""}
    for path in ("/maara?q=", "/materiaalit?q="):
        assert phone.ask(path + "9" * 5000).status == 200


# --- what comes from elsewhere ---


@pytest.mark.parametrize(
    "sent",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "none"},
    ],
)
@pytest.mark.parametrize("path", ["/liity", "/ilmoitus", "/aani"])
def test_other_sites_pages_are_refused(port, rooms, path, sent):
    workshop = made(rooms)
    phone = joined(port, workshop)
    answer = phone.ask(path, sawdust(koodi=workshop.code), **sent)
    assert (answer.status, answer.json["code"]) == (403, "foreign")
    assert rooms.posts(workshop.id).empty
    assert rooms.participants(workshop.id) == 1


def test_a_body_that_is_too_large_or_no_form_is_refused(port, rooms):
    phone = joined(port, made(rooms))
    assert phone.post(lisatieto="a" * 9000).status == 413
    assert phone.post(lisatieto="a" * 300).json["code"] == "too_long"
    assert phone.ask("/ilmoitus", "{}", Content_Type="application/json").status == 415
    assert phone.ask("/ilmoitus", "a=%ff").status == 400
    assert phone.ask("/ilmoitus", "&".join(f"a{i}=1" for i in range(50))).status == 400
    assert phone.ask("/ilmoitus", "").status == 422
    longest = {"lisatieto": "♻" * 280, "maara": "♻" * 80, "kunta": ""}
    assert phone.post(**longest).status == 200


def test_a_network_lost_in_the_middle_of_a_post_is_no_fault(port, rooms, caplog):
    workshop = made(rooms)
    phone, body = joined(port, workshop), sawdust()
    sent = urlencode(body)
    head = (
        f"POST /osallistu/ilmoitus HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        f"Origin: http://127.0.0.1:{port}\r\nCookie: {phone.cookie}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(sent)}\r\n\r\n"
    )
    log = logging.getLogger("uvicorn.error")
    log.addHandler(caplog.handler)
    try:
        with socket.create_connection(("127.0.0.1", port)) as line:
            line.sendall((head + sent[: len(sent) // 2]).encode())
        assert phone.post(**body).status == 200  # the network is back: the same post, whole
    finally:
        log.removeHandler(caplog.handler)
    assert [record.getMessage() for record in caplog.records] == []
    assert list(rooms.posts(workshop.id)["id"]) == [body["viesti"]]


def test_only_posts_post(port):
    for path in ("/liity", "/ilmoitus", "/aani"):
        assert Phone(port).ask(path).status == 405
