"""What the pages say where not all pairs could be kept, and what a visitor may load."""

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from kiertokylat import analysis
from kiertokylat.access import Visitor
from kiertokylat.ingest.allowance import Allowance
from kiertokylat.web import door
from tests.test_app import main_module, run  # noqa: F401

SAID = {
    "fi": "mahdollista paria, enemmän kuin sovellus voi käsitellä kerralla",
    "en": "possible pairs, more than the app can hold at once",
}


@pytest.fixture
def anew():
    """Nothing is kept from other tests, nor for them."""
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


@pytest.fixture
def crowded(anew, monkeypatch):
    """The demo region, as if a thousand pairs were all that there is room for."""
    monkeypatch.setattr(analysis, "MOST_PAIRS", 1000)


@pytest.fixture
def viewer(monkeypatch):
    monkeypatch.setattr(door, "visitor", lambda: Visitor("192.168.1.20", (("host", "x"),)))


def said(app, language="fi"):
    return [info.value for info in app.info if SAID[language] in info.value]


def test_the_pages_of_candidates_say_that_only_the_nearest_are_there(crowded):
    for page in ("map", "candidates", "flows", "impact", "clusters"):
        (text,) = said(run(page))
        assert "enintään 1)" in text
    (text,) = said(run("candidates", kieli="en"), "en")
    assert "at most 1)" in text


def test_nothing_is_said_where_all_are_there(anew):
    assert said(run("candidates")) == []


def dialog():
    """The dialog by itself: a script of its own, so that no click closes it."""
    from kiertokylat.web import session, upload

    session.start()
    upload._dialog()


def opened(name, text):
    app = AppTest.from_function(dialog, default_timeout=60).run()
    app.file_uploader[0].set_value([(name, text.encode(), "text/csv")]).run()
    (button,) = [each for each in app.button if each.label == "Lue tiedostot"]
    button.click().run()
    assert not app.exception
    return app


ROWS = "nimi;kunta;toimiala\n" + "Keksitty Saha Oy;Laukaa;16100\n" * 5


def test_a_viewer_may_not_look_at_more_than_so_many_rows(viewer, monkeypatch):
    few = Allowance(size=2_000_000, unpacked=2_000_000, rows=4)
    monkeypatch.setattr("kiertokylat.web.upload.VISITOR", few)
    app = opened("liikaa.csv", ROWS)
    (error,) = [each.value for each in app.error]
    assert "yhteensä yli 4 riviä" in error
    assert "Enintään 2 megatavua ja 4 riviä" in app.caption[0].value
    assert "dataset" not in app.session_state


def test_an_editor_may(monkeypatch):
    monkeypatch.setattr("kiertokylat.web.upload.VISITOR", Allowance(1, 1, rows=1))
    app = opened("saha.csv", ROWS)
    assert len(app.session_state["dataset"].companies) == 1
