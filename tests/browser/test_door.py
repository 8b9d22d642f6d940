"""The door in real life: roles, key, login, and the security headers of every answer."""

import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Response, expect

from kiertokylat import keys
from kiertokylat.web.headers import security_headers
from kiertokylat.web.navigation import PAGES
from tests.browser.served import ROOT, free_port, served
from tests.oidc_provider import CLIENT, SECRET, Provider, serving

pytestmark = pytest.mark.browser

REFUSED = "Content Security Policy"


@pytest.fixture
def page(browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="fi-FI")
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


def role(page: Page):
    """What the page says about one's role."""
    return page.get_by_test_id("stSidebar").locator("p.legend")


def says(page: Page, text: str) -> None:
    """Wait until the page says something of one's role, be the machine as busy as it may."""
    expect(role(page)).to_contain_text(text, timeout=60_000)


# --- headers ---


def answer(address: str) -> tuple[int, dict[str, str]]:
    try:
        with urllib.request.urlopen(address, timeout=20) as found:
            return found.status, {name.lower(): value for name, value in found.headers.items()}
    except urllib.error.HTTPError as error:
        with error:
            return error.code, {name.lower(): value for name, value in error.headers.items()}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/kunta", 200),
        ("/static/index.html", 200),
        ("/favicon.png", 200),
        ("/_stcore/health", 200),
        ("/_stcore/host-config", 200),
        ("/component/streamlit_folium.st_folium/index.html", 200),
        ("/component/none/index.html", 404),
        ("/assets/lakes.geojson", 200),
        ("/assets/leaflet.js", 200),
        ("/assets/none.js", 404),
        ("/media/none.png", 404),
        ("/auth/login", 200),
        ("/avaa?avain=none", 403),
        ("/..%2fetc/passwd", 400),
    ],
)
def test_every_answer_carries_the_headers(visit, path, status):
    if path.startswith("/component/streamlit"):
        visit.open()  # a component's files are served once it has been used
    host = visit.server.removeprefix("http://")
    code, sent = answer(visit.server + path)
    assert code == status
    for name, value in security_headers(path, host, https=False).items():
        assert sent[name.lower()] == value, name


def protected(found: Response) -> bool:
    """Whether an answer carries a content policy; blobs and data are no answers of the server."""
    return not found.url.startswith("http") or "content-security-policy" in found.headers


def test_no_page_breaks_its_policy_and_the_policy_acts(visit):
    said, bare = [], []
    visit.page.on("console", lambda message: said.append(message.text))
    visit.page.on("response", lambda found: bare.append(found) if not protected(found) else None)
    for path in PAGES.values():
        visit.open("" if path == "kartta" else path)
        visit.page.wait_for_timeout(1000)  # charts and maps draw themselves after the script
    page = visit.open()
    visit.map()
    assert [text for text in said if REFUSED in text] == []
    page.evaluate(
        "document.head.append(Object.assign(document.createElement('script'),"
        "{textContent: 'window.hit = 1'}))"
    )
    assert page.evaluate("window.hit") is None
    assert any(REFUSED in text for text in said)


def test_files_go_in_and_out_under_the_policy(visit, tmp_path):
    said = []
    visit.page.on("console", lambda message: said.append(message.text))
    file = tmp_path / "oma.csv"
    file.write_text(
        "nimi;kunta;toimiala;suunta;materiaali;t/v\nSaha;Laukaa;16100;out;sahanpuru;100\n",
        encoding="utf-8",
    )
    page = visit.open("kunta")
    with page.expect_download() as download:
        page.get_by_test_id("stDownloadButton").get_by_role("button").first.click()
    assert download.value.path().stat().st_size > 0
    page.get_by_role("button", name="Katso omaa aineistoa").click()
    page.locator('input[type="file"]').set_input_files(file)
    page.get_by_role("button", name="Lue tiedostot").click()
    page.locator(".own").filter(has_text="oma.csv").wait_for()
    assert [text for text in said if REFUSED in text] == []


def test_an_upload_without_the_page_s_token_is_refused(server):
    """As another site's page would send it: it can't read the token."""
    body = b'--x\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n\r\na\r\n--x--'
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    address = f"{server}/_stcore/upload_file/session/file"
    request = urllib.request.Request(address, body, kind, method="PUT")
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(request, timeout=20)


# --- who one is ---


def first_line(address: str, host: str, path: str, sent: str = "", ask: str = "GET") -> str:
    """The first line of the server's answer to a request for a host of any name."""
    name, _, port = address.removeprefix("http://").partition(":")
    request = f"{ask} {path} HTTP/1.1\r\nHost: {host}\r\n{sent}\r\n"
    with socket.create_connection((name, int(port)), timeout=20) as connection:
        connection.sendall(request.encode())
        return connection.recv(200).decode("latin-1").partition("\r\n")[0]


HANDSHAKE = (
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


def test_another_name_for_this_machine_gets_no_connection(server):
    port, stream = server.rpartition(":")[2], "/_stcore/stream"
    assert " 101 " in first_line(server, f"localhost:{port}", stream, HANDSHAKE)
    assert " 403 " in first_line(server, f"evil.example:{port}", stream, HANDSHAKE)


@pytest.mark.parametrize(
    ("ask", "path"),
    [
        ("GET", "/"),
        ("GET", "/kunta"),
        ("GET", "/static/index.html"),
        ("GET", "/_stcore/health"),
        ("GET", "/_stcore/host-config"),
        ("GET", "/assets/lakes.geojson"),
        ("GET", "/osallistu"),
        ("GET", "/avaa?avain=none"),
        ("POST", "/osallistu/liity"),
        ("PUT", "/_stcore/upload_file/session/file"),
    ],
)
def test_another_name_for_this_machine_gets_no_answer(server, ask, path):
    """A site whose name is pointed here (DNS rebinding) could otherwise read it as its own."""
    port = server.rpartition(":")[2]
    for host in (f"evil.example:{port}", "127.0.0.1.nip.io", "localhost@evil.example"):
        assert " 421 " in first_line(server, host, path, ask=ask), host
    for host in (f"localhost:{port}", f"127.0.0.1:{port}", f"[::1]:{port}", "192.168.1.10"):
        assert " 421 " not in first_line(server, host, path, ask=ask), host


def test_behind_a_proxy_the_public_name_is_answered(tmp_path):
    """As docs/hosting.md has it: the proxy passes the visitor's Host on."""
    hosted = "--server.allowedHosts=kierto.example.fi"
    with served(tmp_path, hosted, KIERTOKYLAT_HOSTED="1") as (address, _):
        for path in ("/", "/osallistu", "/_stcore/health"):
            assert " 200 " in first_line(address, "kierto.example.fi", path)
            assert " 421 " in first_line(address, "evil.example", path)
        assert " 200 " in first_line(address, "127.0.0.1:8501", "/_stcore/health")
        assert " 101 " in first_line(address, "kierto.example.fi", "/_stcore/stream", HANDSHAKE)


def test_on_this_machine_one_is_editor_and_behind_a_proxy_not(visit, browser):
    says(visit.open(), "Muokkaaja: käytät sovellusta samalla koneella")
    sent = {"X-Forwarded-For": "127.0.0.1"}
    context = browser.new_context(extra_http_headers=sent, locale="fi-FI")
    page = context.new_page()
    page.goto(visit.server)
    says(page, "Katselija")
    assert "Muokkaaja" not in role(page).inner_text()
    context.close()


def test_the_key_opens_leaves_no_trace_and_can_be_replaced(page, tmp_path, monkeypatch):
    """Hosted, so that this machine proves nothing."""
    monkeypatch.setenv("KIERTOKYLAT_KEY_FILE", str(tmp_path / "key"))
    with served(tmp_path, KIERTOKYLAT_HOSTED="1") as (address, log):
        page.goto(address)
        says(page, "Katselija")
        key = keys.key()
        assert key
        page.goto(f"{address}/avaa?avain=wrong")
        page.get_by_text("Avain on väärä", exact=False).wait_for()

        page.goto(address + keys.path_of(key))
        says(page, "Muokkaaja: avasit sovelluksen avaimella")
        assert key not in page.url
        assert page.evaluate("document.cookie.includes('kiertokylat')") is False
        assert page.evaluate("document.referrer") == ""

        page.get_by_role("link", name="Lopeta muokkaaminen").click()
        says(page, "Katselija")

        page.goto(address + keys.path_of(key))
        says(page, "Muokkaaja")
        keys.rotate()
        page.get_by_text("en", exact=True).click()  # the same session, its next run
        says(page, "Viewer")
        page.goto(address + keys.path_of(key))
        page.get_by_text("The key is wrong", exact=False).wait_for()
        told = log.read_text()
    assert key not in told
    assert keys.key() not in told


def test_a_file_is_made_for_who_is_an_editor_now(page, tmp_path, monkeypatch):
    """The button runs no page: the role is asked when the file is made."""
    monkeypatch.setenv("KIERTOKYLAT_KEY_FILE", str(tmp_path / "key"))
    with served(tmp_path, KIERTOKYLAT_HOSTED="1") as (address, log):
        page.goto(address + keys.path_of(keys.ensure()))
        says(page, "Muokkaaja")
        page.goto(f"{address}/aineisto")
        button = page.get_by_role("button", name="Koko aineisto (ZIP)")
        with page.expect_download(), page.expect_response("**/media/*") as sent:
            button.click()
        assert sent.value.headers["cache-control"] == "no-store"
        keys.rotate()
        got = []
        page.on("download", lambda one: got.append(one.url))
        button.click()
        page.get_by_text("Tiedostoa ei voitu tehdä").wait_for()
        assert "AccessError" in log.read_text()
        assert got == []
        # What everybody may have is still made.
        with page.expect_download():
            page.get_by_role("button", name="Julkinen aineisto (ZIP)").click()


GONE = """
import sys, time
from pathlib import Path
sys.path.insert(0, {root!r})
import streamlit as st
from kiertokylat.web import door

st.title(door.actor().role)
time.sleep(4)  # meanwhile the browser leaves
found = door.actor()
Path({out!r}).write_text(f"{{found.name}} {{found.role}}")
"""


def test_who_leaves_while_the_script_runs_has_no_rights_left(page, tmp_path):
    """A connection that is gone has no headers, as a script without a server has none."""
    out = tmp_path / "out.txt"
    script = tmp_path / "script.py"
    script.write_text(GONE.format(root=str(ROOT), out=str(out)))
    app = tmp_path / "app.py"
    app.write_text(f"import streamlit as st\napp = st.App({str(script)!r})\n")
    with served(tmp_path, app=app) as (address, _):
        page.goto(address)
        page.get_by_role("heading", name="editor").wait_for()
        page.goto("about:blank")
        for _ in range(100):
            if out.exists() and out.read_text():
                break
            page.wait_for_timeout(100)
    assert out.read_text() == "unknown viewer"


# --- login ---

PEOPLE = {"anna.aho@example.fi": True, "eve@example.fi": True, "olli@example.fi": False}
SECRETS = """
[auth]
redirect_uri = "{app}/oauth2callback"
cookie_secret = "{cookie}"
client_id = "{client}"
client_secret = "{secret}"
server_metadata_url = "{provider}/.well-known/openid-configuration"

[kiertokylat]
editors = ["Anna.Aho@example.fi", "olli@example.fi"]
"""


@pytest.fixture(scope="module")
def login(tmp_path_factory) -> Iterator[tuple[str, str, Path]]:
    """Addresses of an app with `[auth]` and of its provider, and the app's secrets."""
    folder = tmp_path_factory.mktemp("login")
    port, other = free_port(), free_port()
    app, issuer = f"http://127.0.0.1:{port}", f"http://localhost:{other}"
    secrets = folder / "secrets.toml"
    values = {"app": app, "provider": issuer, "client": CLIENT, "secret": SECRET}
    secrets.write_text(SECRETS.format(cookie="x" * 40, **values))
    provider = Provider(issuer, f"{app}/oauth2callback", PEOPLE)
    with serving(provider, other), served(folder, f"--secrets.files={secrets}", port=port):
        yield app, issuer, secrets


@pytest.mark.parametrize(
    ("person", "said"),
    [
        ("anna.aho@example.fi", "Muokkaaja: anna.aho@example.fi."),
        ("eve@example.fi", "Katselija: eve@example.fi ei ole muokkaajien luettelossa"),
        ("olli@example.fi", "Katselija: kirjautumispalvelu ei ole vahvistanut"),
    ],
)
def test_a_login_makes_an_editor_of_who_is_listed_and_verified(login, page, person, said):
    app, provider, _ = login
    page.goto(f"{provider}/session?user={person}")
    page.goto(app)
    # With a login configured, being on this machine proves nothing.
    says(page, "Katselija: muokkaamiseen tarvitaan kirjautuminen")
    page.get_by_role("button", name="Kirjaudu", exact=True).click()
    says(page, said)
    page.get_by_role("button", name="Kirjaudu ulos").click()
    says(page, "Katselija: muokkaamiseen tarvitaan kirjautuminen")
    assert person not in role(page).inner_text()


def test_who_could_log_in_is_told_so_at_an_editors_part(login, page):
    app, _, _ = login
    page.goto(f"{app}/aineisto?osa=history")
    told = page.get_by_test_id("stAlert")
    expect(told).to_contain_text("Osa ”Historia” on vain muokkaajille")
    expect(told).to_contain_text("kirjautumalla sivupalkissa")


def reloaded_until(page: Page, said: str) -> None:
    """Load the page anew until it says something of the visitor's role."""
    for _ in range(30):
        page.reload()
        role(page).wait_for()
        if said in role(page).inner_text():
            return
        page.wait_for_timeout(500)
    raise AssertionError(role(page).inner_text())


def test_who_is_taken_off_the_list_is_no_editor_any_more(login, page):
    app, provider, secrets = login
    before = secrets.read_text()
    page.goto(f"{provider}/session?user=anna.aho@example.fi")
    page.goto(app)
    page.get_by_role("button", name="Kirjaudu", exact=True).click()
    says(page, "Muokkaaja")
    # Streamlit looks at the file every few seconds.
    secrets.write_text(before.replace("Anna.Aho@example.fi", "pekka@example.fi"))
    reloaded_until(page, "ei ole muokkaajien luettelossa")
    # A file that can't be read lets nobody in by being on this machine.
    secrets.write_text("[auth")
    reloaded_until(page, "Katselija: muokkaamiseen tarvitaan")
    assert "Muokkaaja" not in role(page).inner_text()
    secrets.write_text(before)
