"""The permission matrix, with what an attacker would try."""

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from streamlit.testing.v1 import AppTest

from kiertokylat import access, keys
from kiertokylat.access import Actor, Settings, Visitor, is_here, reason_of, role_of
from kiertokylat.errors import AccessError
from kiertokylat.web import door, headers, hosts

LOCAL = (("host", "localhost:8501"), ("origin", "http://localhost:8501"))
HOSTED = (("host", "kierto.example.fi"), ("x-forwarded-for", "203.0.113.7"))
FOREIGN = (("host", "192.168.1.10:8501"), ("origin", "http://192.168.1.10:9999"))
KEY = "a-key-that-is-long-enough"
NOW = 1_800_000_000.0
COOKIE = keys.cookie_of(KEY, NOW)
LAPTOP = Settings(key=KEY)
SERVER = Settings(hosted=True, key=KEY, editors=("Anna.Aho@Example.fi",))


def at(address="127.0.0.1", sent=LOCAL, time=NOW, **more) -> Visitor:
    return Visitor(address, sent, time=time, **more)


def plus(*pairs) -> tuple:
    return (*LOCAL, *pairs)


def to(host) -> tuple:
    return (("Host", host),)


ANNA = {"email": "anna.aho@example.fi", "email_verified": True}

# Who comes how, what the owner has set, why they get which role.
MATRIX = {
    "laptop": (at(), LAPTOP, "here", "editor"),
    "laptop, IPv6": (at("::1", to("[::1]:8501")), LAPTOP, "here", "editor"),
    "laptop, IPv4 written as IPv6": (at("::ffff:127.0.0.1"), LAPTOP, "here", "editor"),
    "laptop, capitals": (at(sent=to("LocalHost:8501")), LAPTOP, "here", "editor"),
    "laptop without any key": (at(), Settings(), "here", "editor"),
    "phone in the hall": (
        at("192.168.1.20", to("192.168.1.10:8501")),
        LAPTOP,
        "elsewhere",
        "viewer",
    ),
    "phone with the key": (
        at("192.168.1.20", to("192.168.1.10:8501"), cookie=COOKIE),
        LAPTOP,
        "key",
        "editor",
    ),
    "phone with an old key": (
        at(
            "192.168.1.20",
            to("192.168.1.10:8501"),
            cookie=keys.cookie_of("another-key-of-before-it", NOW),
        ),
        LAPTOP,
        "elsewhere",
        "viewer",
    ),
    "phone with the key, at the end of its half day": (
        at("192.168.1.20", to("192.168.1.10:8501"), NOW + 12 * 3600 - 1, cookie=COOKIE),
        LAPTOP,
        "key",
        "editor",
    ),
    "phone that keeps the key's cookie for longer": (
        at("192.168.1.20", to("192.168.1.10:8501"), NOW + 12 * 3600, cookie=COOKIE),
        LAPTOP,
        "elsewhere",
        "viewer",
    ),
    "phone that gives the cookie a later time": (
        at(
            "192.168.1.20",
            to("192.168.1.10:8501"),
            NOW + 12 * 3600,
            cookie=COOKIE.replace("1800000000", "1800040000"),
        ),
        LAPTOP,
        "elsewhere",
        "viewer",
    ),
    "cookie of no key where there is no key": (
        at("192.168.1.20", to("192.168.1.10:8501"), cookie=keys.cookie_of("", NOW)),
        Settings(key=""),
        "elsewhere",
        "viewer",
    ),
    "empty cookie where there is no key": (
        at("192.168.1.20", to("192.168.1.10:8501")),
        Settings(key=""),
        "elsewhere",
        "viewer",
    ),
    "cookie in other letters": (
        at("192.168.1.20", to("192.168.1.10:8501"), cookie="ä" * 64),
        LAPTOP,
        "elsewhere",
        "viewer",
    ),
    "phone that says localhost": (at("192.168.1.20", LOCAL), LAPTOP, "elsewhere", "viewer"),
    "connection over a Unix socket": (at("", LOCAL), LAPTOP, "elsewhere", "viewer"),
    "address that is none": (at("localhost", LOCAL), LAPTOP, "elsewhere", "viewer"),
    "hosted, on the server itself": (at(), SERVER, "hosted", "viewer"),
    "hosted, through the proxy": (at("203.0.113.7", HOSTED), SERVER, "hosted", "viewer"),
    "hosted, with the key": (at(sent=HOSTED, cookie=COOKIE), SERVER, "key", "editor"),
    "hosted, login on the list": (at(sent=HOSTED, **ANNA), SERVER, "login", "editor"),
    "hosted, login in capitals": (
        at(sent=HOSTED, email="ANNA.AHO@EXAMPLE.FI", email_verified=True),
        SERVER,
        "login",
        "editor",
    ),
    "hosted, login and key": (at(sent=HOSTED, cookie=COOKIE, **ANNA), SERVER, "login", "editor"),
    "hosted, login not verified": (
        at(sent=HOSTED, email="anna.aho@example.fi"),
        SERVER,
        "unverified",
        "viewer",
    ),
    "hosted, login of another": (
        at(sent=HOSTED, email="eve@example.fi", email_verified=True),
        SERVER,
        "unlisted",
        "viewer",
    ),
    "hosted, address that only ends alike": (
        at(sent=HOSTED, email="x-anna.aho@example.fi", email_verified=True),
        SERVER,
        "unlisted",
        "viewer",
    ),
    "hosted, address that only begins alike": (
        at(sent=HOSTED, email="anna.aho@example.fi.evil.example", email_verified=True),
        SERVER,
        "unlisted",
        "viewer",
    ),
    "hosted, empty list": (
        at(sent=HOSTED, **ANNA),
        Settings(hosted=True),
        "unlisted",
        "viewer",
    ),
    "hosted, a list of nothing": (
        at(sent=HOSTED, email=" ", email_verified=True),
        Settings(hosted=True, editors=("", " ")),
        "unlisted",
        "viewer",
    ),
    "key, from another port of the host": (
        at("192.168.1.20", FOREIGN, cookie=COOKIE),
        LAPTOP,
        "foreign",
        "viewer",
    ),
    "login, from another port of the host": (at(sent=FOREIGN, **ANNA), SERVER, "foreign", "viewer"),
    "key, from a page without an origin": (
        at(sent=(("host", "a:8501"), ("origin", "null")), cookie=COOKIE),
        LAPTOP,
        "foreign",
        "viewer",
    ),
    "key, the usual port named by the proxy only": (
        at(sent=(("host", "kierto.fi:443"), ("origin", "https://Kierto.fi")), cookie=COOKIE),
        SERVER,
        "key",
        "editor",
    ),
    "key, http's usual port is not https's": (
        at(sent=(("host", "kierto.fi:443"), ("origin", "http://kierto.fi")), cookie=COOKIE),
        SERVER,
        "foreign",
        "viewer",
    ),
    "key, the host passed on beside": (
        at(
            sent=(
                ("host", "127.0.0.1:8501"),
                ("x-forwarded-host", "kierto.fi"),
                ("origin", "https://kierto.fi"),
            ),
            cookie=COOKIE,
        ),
        SERVER,
        "key",
        "editor",
    ),
    "connection gone while the script runs": (Visitor(), LAPTOP, "unknown", "viewer"),
    "script without a server": (Visitor(), Settings(served=False), "script", "editor"),
}


@pytest.mark.parametrize("case", MATRIX)
def test_the_permission_matrix(case):
    visitor, settings, reason, role = MATRIX[case]
    assert reason_of(visitor, settings) == reason
    assert role_of(visitor, settings) == role


SPOOFED = [
    plus(("X-Forwarded-For", "127.0.0.1")),
    plus(("x-forwarded-for", "")),
    plus(("X_FORWARDED_FOR", "127.0.0.1")),
    plus(("X-Forwarded-Host", "localhost")),
    plus(("X-Forwarded-Proto", "https")),
    plus(("FORWARDED", "for=127.0.0.1")),
    plus(("X-Real-IP", "127.0.0.1")),
    plus(("Via", "1.1 proxy")),
    plus(("CF-Connecting-IP", "127.0.0.1")),
    plus(("True-Client-IP", "127.0.0.1")),
    plus(("X-Client-IP", "127.0.0.1")),
    plus(("X-Cluster-Client-IP", "127.0.0.1")),
    plus(("X-Original-For", "127.0.0.1")),
    plus(("X-Envoy-External-Address", "127.0.0.1")),
    plus(("Fly-Client-IP", "127.0.0.1")),
    plus(("Tailscale-User-Login", "anna@example.fi")),
    plus(("Host", "localhost:8501")),
    plus(("Origin", "http://evil.example")),
    (("host", "localhost:8501"), ("origin", "http://localhost:3000")),
    (("host", "localhost:8501"), ("origin", "null")),
    (("user-agent", "no host at all"),),
    to("evil.example"),
    to("localhost.evil.example"),
    to("evil.example:8501"),
    to("localhost@evil.example"),
    to("evil@localhost"),
    to("localhost:8501/evil"),
    to("localhost:8501\n"),
    to("127.0.0.1.nip.io"),
    to("0.0.0.0:8501"),
    to("192.168.1.10:8501"),
    to(""),
]


@pytest.mark.parametrize("sent", SPOOFED, ids=lambda sent: " ".join(sent[-1]).strip())
def test_a_request_that_was_passed_on_or_renamed_is_not_from_here(sent):
    assert is_here(at())
    assert not is_here(at(sent=sent))
    assert role_of(at(sent=sent), LAPTOP) == "viewer"


def test_what_browsers_send_anyway_is_no_sign_of_a_proxy():
    usual = ("accept", "accept-language", "cache-control", "connection", "cookie", "pragma")
    usual += ("sec-fetch-site", "sec-websocket-key", "upgrade", "user-agent", "dnt", "priority")
    assert is_here(at(sent=plus(*((name, "x") for name in usual))))


def test_only_an_editor_may_write():
    access.require_editor(Actor("here", "editor"))
    for role in ("viewer", "participant"):
        with pytest.raises(AccessError):
            access.require_editor(Actor("x", role))


def test_the_history_names_a_login_by_its_address_and_others_by_where():
    assert access.actor_of(at(sent=HOSTED, **ANNA), SERVER).name == "anna.aho@example.fi"
    assert access.actor_of(at(), LAPTOP) == Actor("here", "editor")
    assert access.shown_name("here", "fi") == "tämä kone"
    assert access.shown_name("anna.aho@example.fi", "fi") == "anna.aho@example.fi"


def test_the_key_and_its_cookie_show_in_no_representation():
    told = repr(at(cookie=COOKIE)) + repr(LAPTOP)
    assert COOKIE not in told
    assert KEY not in told


@pytest.mark.parametrize(("value", "hosted"), [("1", True), ("yes", True), ("0", False)])
def test_hosted_by_environment(value, hosted):
    assert access.is_hosted({"KIERTOKYLAT_HOSTED": value}) is hosted
    assert not access.is_hosted({})


# --- headers ---


async def good(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("good")


async def bad(_request: Request) -> PlainTextResponse:
    raise ZeroDivisionError


def get(path: str, base="http://localhost:8501", *inner: Middleware) -> httpx.Response:
    """The answer of a small app with the middleware and the handler of failures."""
    app = Starlette(
        routes=[Route("/good", good), Route("/component/x/index.html", good), Route("/bad", bad)],
        middleware=[Middleware(headers.SecurityHeaders), *inner],
        exception_handlers={Exception: headers.failure},
    )
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, base_url=base) as browser:
            return await browser.get(path)

    # A thread of its own: where a browser test ran before, this one has a loop already.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(ask())).result()


@pytest.mark.parametrize(("path", "status"), [("/good", 200), ("/none", 404), ("/bad", 500)])
def test_every_answer_has_the_headers_also_a_failure(path, status):
    answer = get(path)
    assert answer.status_code == status
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert "object-src 'none'" in answer.headers["content-security-policy"]
    assert "strict-transport-security" not in answer.headers


def test_only_a_component_s_own_files_may_evaluate():
    page = get("/good").headers["content-security-policy"]
    component = get("/component/x/index.html").headers["content-security-policy"]
    scripts = page.split("script-src ")[1].split(";")[0]
    assert scripts.startswith("'self' 'sha256-")
    assert "unsafe" not in scripts
    assert "script-src 'self' 'unsafe-inline' 'unsafe-eval';" in component


def test_the_host_is_written_into_the_policy_only_when_it_is_one():
    assert "ws://kone.local:8501 " in headers.content_policy("/", "kone.local:8501")
    for host in ("a; script-src *", "a *", "", "a,b", "a\r\nx: y"):
        assert headers.content_policy("/", host) == headers.content_policy("/")


def test_https_is_asked_for_only_over_https():
    secure = get("/good", base="https://kierto.example.fi")
    assert secure.headers["strict-transport-security"] == "max-age=31536000"


# --- the names of the server ---


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LocalHost:8501",
        "127.0.0.1:8501",
        "[::1]:8501",
        "192.168.1.10:8501",
        "[fd00::10]:8501",
        "10.0.0.1",
        "kone.local:8501",
    ],
)
def test_the_server_s_own_names_and_addresses_are_known(host):
    assert hosts.is_known(host, ["kone.local", ""])


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8501",
        "localhost.evil.example",
        "127.0.0.1.nip.io",
        "",
        "evil@localhost",
        "localhost/evil",
        "localhost:x",
        "[evil]",
        "127.1.evil",
        ".",
        "a b",
    ],
)
def test_any_other_name_is_not(host):
    assert not hosts.is_known(host, ["kone.local", ""])


def test_an_unknown_name_is_refused_in_words_and_with_every_header():
    names = Middleware(hosts.KnownHosts)
    assert get("/good", "http://localhost:8501", names).text == "good"
    answer = get("/good", "http://evil.example:8501", names)
    assert answer.status_code == 421
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "ei vastaa tällä nimellä" in answer.text
    assert "does not answer to this name" in answer.text


@pytest.fixture
def main_module(monkeypatch):
    """Put `__main__` back: Streamlit's runner leaves the script there, and others trip on it."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.mark.usefixtures("main_module")
def test_a_page_run_by_a_test_is_an_editor_and_says_why():
    def script():
        import streamlit as st

        from kiertokylat.web import door

        st.text(door.actor())
        door.bar("en")

    page = AppTest.from_function(script).run()
    assert not page.exception
    assert page.text[0].value == "Actor(name='script', role='editor')"
    assert "without a server" in page.get("html")[0].proto.body


@pytest.mark.usefixtures("main_module")
def test_a_page_can_be_run_as_a_viewer(monkeypatch):
    monkeypatch.setattr(door, "visitor", lambda: at("192.168.1.20", LOCAL))

    def script():
        import streamlit as st

        from kiertokylat.web import door

        st.text(door.actor().role)

    assert AppTest.from_function(script).run().text[0].value == "viewer"
