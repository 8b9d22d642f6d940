"""What a page shows while the database can't be used."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import streamlit as st

from kiertokylat.access import Visitor
from kiertokylat.errors import StoreError
from kiertokylat.web import door
from kiertokylat.web.faultview import told
from kiertokylat.web.navigation import PAGES
from kiertokylat.words import LANGUAGES, catalogue
from tests.test_app import main_module, run  # noqa: F401


@pytest.fixture
def place(tmp_path, monkeypatch) -> Path:
    """Where the app's database is: a file that is none, yet."""
    path = tmp_path / "store.sqlite"
    path.write_bytes(b"This is no database. " * 500)
    monkeypatch.setenv("KIERTOKYLAT_DATABASE", f"sqlite:///{path}")
    st.cache_resource.clear()
    yield path
    st.cache_resource.clear()


def test_a_text_is_parted_into_what_happened_and_steps():
    parts = told(
        "Tiedosto a.sqlite on poissa. Mitään ei tallennettu. Palauta se. Jos et voi, kysy."
    )
    assert parts.happened == "Tiedosto a.sqlite on poissa. Mitään ei tallennettu."
    assert parts.steps == ("Palauta se.", "Jos et voi, kysy.")
    assert told("Only this (3.5 s).") == ("Only this (3.5 s).", ())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "code", ["moved", "damaged", "busy", "disk_full", "empty_file", "log_gone"]
)
def test_no_word_of_a_text_is_lost_and_each_fault_has_a_step(code, language):
    values = {"place": "/a/b.sqlite", "log": "b-wal", "reason": "malformed", "seconds": "5"}
    message = StoreError(code, **values).message(language)
    parts = told(message)
    assert sorted([*parts.happened.split(), *" ".join(parts.steps).split()]) == sorted(
        message.split()
    )
    assert parts.steps
    assert f"store.{code}" in catalogue()


@pytest.mark.parametrize("page", [name for name in PAGES if name != "about"])
def test_every_page_says_what_happened_and_what_to_do(place, page):
    app = run(page)
    assert [title.value for title in app.header] == ["Tietokantaa ei voi nyt käyttää"]
    assert len(app.title) == 1
    (box,) = app.error
    assert "on vioittunut tai ei ole tietokanta" in box.value
    (steps,) = [text.value for text in app.markdown if text.value.startswith("1. ")]
    assert "palauta viimeisin varmuuskopio" in steps
    assert "2. Paina Yritä uudelleen" in steps


def test_the_page_that_needs_no_database_is_there(place):
    app = run("about")
    assert app.error
    assert len(app.expander) > 3


def test_who_is_no_editor_hears_whose_work_it_is(place, monkeypatch):
    monkeypatch.setattr(door, "visitor", lambda: Visitor("192.168.1.20", (("host", "x"),)))
    app = run("data")
    assert any("ylläpitäjä" in text.value for text in app.markdown)
    # What the machine is like inside is not for everybody.
    told_all = " ".join(text.value for text in [*app.error, *app.markdown])
    assert "store.sqlite on vioittunut" in told_all
    assert str(place.parent) not in told_all
    assert "file is not a database" not in told_all


def test_another_try_opens_the_page_when_the_fault_is_gone(place):
    app = run("data")
    retry = app.button(key="fault-retry")
    assert retry.label == "Yritä uudelleen"
    place.unlink()
    retry.click().run()
    assert not app.exception
    assert not app.error
    assert not [title for title in app.header if "Tietokantaa" in title.value]


def test_a_fault_in_the_middle_of_a_page_is_told_alike(place):
    """The version can be read, and what the page asks for afterwards can't."""
    place.unlink()
    assert not run("impact", osio="sitoumukset").error
    with closing(sqlite3.connect(place)) as database:
        database.execute("ALTER TABLE commitments RENAME TO elsewhere")
    app = run("impact", osio="sitoumukset")
    assert "Tietokantaa ei voi nyt käyttää" in [title.value for title in app.header]
    assert app.button(key="fault-retry")
