"""The key: how it is kept, compared, replaced, and that it is told nowhere else."""

import asyncio
import os
import re
import stat
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from starlette.applications import Starlette

from kiertokylat import keys
from kiertokylat.web import door, start

NOW = 1_800_000_000


@pytest.fixture(autouse=True)
def key_file(tmp_path, monkeypatch):
    """A place for the key of its own, and no key of the environment."""
    path = tmp_path / "key"
    monkeypatch.setenv("KIERTOKYLAT_KEY_FILE", str(path))
    monkeypatch.delenv("KIERTOKYLAT_KEY", raising=False)
    monkeypatch.setattr(door, "WRONG_KEY_SECONDS", 0.01)
    return path


def test_without_a_key_nothing_opens():
    assert keys.key() == ""
    assert not keys.is_key("")
    assert not keys.is_cookie(keys.cookie_of("", NOW), "", NOW)


def test_a_made_key_is_long_kept_and_closed_to_others(key_file):
    made = keys.ensure()
    assert len(made) == 43  # 32 bytes in base64url without padding: ceil(32 * 4 / 3)
    assert keys.ensure() == keys.key() == made
    assert key_file.read_text() == f"{made}\n"
    assert [path.name for path in key_file.parent.iterdir()] == ["key"]
    if os.name == "posix":
        assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
        key_file.chmod(0o644)
        keys.ensure()
        assert stat.S_IMODE(key_file.stat().st_mode) == 0o600


def test_a_new_key_ends_the_old_one_and_its_cookie_at_once():
    old = keys.ensure()
    cookie = keys.cookie_of(old, NOW)
    assert keys.is_cookie(cookie, keys.key(), NOW)
    new = keys.rotate()
    assert new != old
    assert keys.is_key(new)
    assert not keys.is_key(old)
    assert not keys.is_cookie(cookie, keys.key(), NOW)


def test_many_new_keys_in_one_tick_of_the_clock_are_all_seen():
    assert all(keys.rotate() == keys.key() for _ in range(50))


def test_the_cookie_doesn_t_hold_the_key():
    made = keys.ensure()
    cookie = keys.cookie_of(made, NOW)
    assert made not in cookie
    # HMAC-SHA256 is 32 bytes, 64 hexadecimal digits.
    assert re.fullmatch("1800000000[.][0-9a-f]{64}", cookie)


def test_a_cookie_ends_after_half_a_day_whatever_the_browser_does():
    """12 hours are 43,200 seconds; clocks may differ by 60."""
    secret = keys.ensure()
    cookie = keys.cookie_of(secret, NOW)
    ages = {-61: False, -60: True, 0: True, 43_199: True, 43_200: False, 10**9: False}
    assert {age: keys.is_cookie(cookie, secret, NOW + age) for age in ages} == ages


@pytest.mark.parametrize(
    "changed",
    [
        "{signature}",  # as cookies were before they had a time
        ".{signature}",
        "{time}.",
        "1800000001.{signature}",
        "0{time}.{signature}",
        "+{time}.{signature}",
        "{time}.{signature}x",
        "{time}.{signature} ",
        "{time}.ä",
        "9" * 5000 + ".{signature}",
        "",
    ],
)
def test_a_changed_cookie_opens_nothing(changed):
    secret = keys.ensure()
    given = keys.cookie_of(secret, NOW)
    told, _, signature = given.partition(".")
    assert keys.is_cookie(given, secret, NOW)
    assert not keys.is_cookie(changed.format(time=told, signature=signature), secret, NOW)


def test_a_key_of_the_environment_goes_first_and_isn_t_written(key_file, monkeypatch):
    monkeypatch.setenv("KIERTOKYLAT_KEY", "a-key-of-twenty-five-char")
    assert keys.ensure() == "a-key-of-twenty-five-char"
    assert not key_file.exists()
    with pytest.raises(keys.GivenKeyError, match="KIERTOKYLAT_KEY"):
        keys.rotate()


def test_a_short_key_is_refused(key_file, monkeypatch):
    key_file.write_text("salasana")
    assert keys.key() == ""
    monkeypatch.setenv("KIERTOKYLAT_KEY", "salasana")
    with pytest.raises(keys.GivenKeyError, match="20"):
        door.prepare()


def test_a_damaged_file_opens_nothing(key_file):
    key_file.write_bytes(b"\xff" * 40)
    assert keys.key() == ""


def test_where_no_key_can_be_kept_the_app_starts_without(tmp_path, monkeypatch):
    monkeypatch.setenv("KIERTOKYLAT_KEY_FILE", str(tmp_path / "none" / "key"))
    door.prepare()
    assert keys.key() == ""


def test_the_command_prints_the_link_and_replaces_the_key(capsys, monkeypatch):
    assert keys.key_command("fi", new=False) == 0
    first = keys.key()
    assert f"/avaa?avain={first}" in capsys.readouterr().out
    assert keys.key_command("en", new=True) == 0
    assert keys.key() != first
    assert f"/avaa?avain={keys.key()}" in capsys.readouterr().out
    monkeypatch.setenv("KIERTOKYLAT_KEY", "a-key-of-twenty-five-char")
    assert keys.key_command("fi", new=True) == 2
    assert "KIERTOKYLAT_KEY" in capsys.readouterr().err


# --- the link ---


def ask(*paths: str, base="http://192.168.1.10:8501", sent=None) -> list[httpx.Response]:
    """The answers of the door's routes to requests made at the same time."""
    transport = httpx.ASGITransport(Starlette(routes=door.ROUTES), client=("192.168.1.20", 5000))

    async def together() -> list[httpx.Response]:
        async with httpx.AsyncClient(transport=transport, base_url=base, headers=sent) as browser:
            return await asyncio.gather(*(browser.get(path) for path in paths))

    # A thread of its own: where a browser test ran before, this one has a loop already.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(together())).result()


def test_the_right_key_gives_a_cookie_and_leaves_the_address():
    (answer,) = ask(keys.path_of(keys.ensure()))
    assert answer.status_code == 303
    assert answer.headers["location"] == "./"
    assert answer.headers["cache-control"] == "no-store"
    name, *parts = answer.headers["set-cookie"].split("; ")
    cookie = name.removeprefix("kiertokylat=")
    assert keys.is_cookie(cookie, keys.key(), time.time())
    assert not keys.is_cookie(cookie, keys.key(), time.time() + 43_200)
    assert set(parts) == {"HttpOnly", "Max-Age=43200", "Path=/", "SameSite=strict"}


def test_over_https_the_cookie_is_for_https_only():
    (answer,) = ask(keys.path_of(keys.ensure()), base="https://kierto.example.fi")
    assert "Secure" in answer.headers["set-cookie"]


def test_a_wrong_key_gets_a_page_and_nothing_else():
    made = keys.ensure()
    for path in ("/avaa", "/avaa?avain=", f"/avaa?avain={made[:-1]}", f"/avaa?avain={made}x"):
        (answer,) = ask(path)
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers
        assert "Avain on väärä" in answer.text
        assert "The key is wrong" in answer.text
        assert made not in answer.text


def test_an_address_has_few_guesses_at_a_time_and_no_debt_afterwards():
    made = keys.ensure()
    answers = ask(*[f"/avaa?avain=guess{n}" for n in range(20)])
    assert sorted(answer.status_code for answer in answers) == [403] * 5 + [429] * 15
    assert not door._pending
    assert ask(keys.path_of(made))[0].status_code == 303


def test_leaving_drops_the_cookie_unless_another_site_asks():
    (answer,) = ask("/poistu")
    assert answer.status_code == 303
    assert 'kiertokylat=""' in answer.headers["set-cookie"]
    assert "Max-Age=0" in answer.headers["set-cookie"]
    (other,) = ask("/poistu", sent={"Sec-Fetch-Site": "cross-site"})
    assert "set-cookie" not in other.headers


# --- the start in a hall ---


def test_the_invitation_tells_the_key_and_the_command_does_not():
    made = keys.ensure()
    told = start.invitation(["192.168.1.10"], 8501, made, "fi")
    assert f"http://192.168.1.10:8501/avaa?avain={made}" in told
    command = start.command(["192.168.1.10"], 8501)
    assert command[0] == sys.executable
    assert made not in " ".join(command)
    assert "--server.allowedHosts=192.168.1.10" in command
    assert "--server.address=0.0.0.0" in command


def test_without_a_network_the_invitation_says_so():
    told = start.invitation([], 8501, keys.ensure(), "en")
    assert "on no network" in told
    assert "avain=" not in told


def test_own_addresses_are_others_names_for_this_machine():
    assert not [address for address in start.lan_addresses() if address.startswith("127.")]


def test_a_taken_port_is_said_before_anything_is_told(capsys):
    with start.socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert start.main(["--port", str(taken.getsockname()[1])]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "jo käytössä" in said.err
