"""The page of a municipality tells the figures of its brief, to editors and to viewers."""

import re

import pytest

from kiertokylat.access import Visitor
from kiertokylat.web import door
from tests.test_app import main_module, run  # noqa: F401


@pytest.fixture
def viewer(monkeypatch):
    """A visitor from another machine, without key or login."""
    monkeypatch.setattr(door, "visitor", lambda: Visitor("192.168.1.20", (("host", "x"),)))


def page_and_brief(place: str, code: str):
    """The page, and the brief that its button would give, without thousands' spaces."""
    from streamlit.testing.v1 import AppTest

    app = run("municipality", kunta=place)

    def one(code):
        import streamlit as st

        from kiertokylat.web import downloads, municipalityview, session

        facts = municipalityview.facts(code)
        made = session.commitments()
        st.code(downloads.brief_bytes(facts, "fi", edited=False, made=made).decode())

    other = AppTest.from_function(one, default_timeout=120, args=(code,))
    other.run()
    assert not other.exception
    return app, other.code[0].value


def headings(app) -> list[str]:
    return [heading.value for heading in app.header]


ORDER = [
    "Yritykset toimialaryhmittäin",
    "Mitä täältä lähtee",
    "Mitä täällä tarvitaan",
    "Kuka voisi hyödyntää kenen materiaaleja",
    "Missä kannattaisi kerätä yhdessä",
    "Mitä puuttuu",
    "Mitä on sovittu",
    "Kunta, seutukunta ja koko alue",
]


# The smallest one, a middling one and the town.
@pytest.mark.parametrize(
    ("place", "code"), [("Luhanka", "435"), ("Joutsa", "172"), ("Jyväskylä", "179")]
)
def test_the_brief_tells_the_figures_of_the_page(place, code):
    app, html = page_and_brief(place, code)
    assert [name for name in headings(app) if name in ORDER] == ORDER
    companies, supply = [metric.value for metric in app.metric][:2]
    front = html[html.index('class="numbers"') :]
    assert re.findall(r"<b>(.*?)</b>", front)[:2] == [companies, supply]
    # The same table of areas, but for the legend of its colours.
    bodies = [block.proto.body for block in app.get("html")]
    (table,) = re.findall(r"<table class='areas'>.*?</table>", "".join(bodies))
    assert table in html
    # The same side streams by where their best candidate is.
    tabs = dict(re.fullmatch(r"(.*) \((\d+)\)", tab.label).groups() for tab in app.tabs)
    counted = re.search(
        r"niistä (\d+) jäisi omaan kuntaan ja (\d+) lähtisi", html.replace("\u00a0", "")
    )
    ours = (counted[1], counted[2]) if counted else ("0", "0")
    assert ours == (tabs["Kunnan sisällä"], tabs["Täältä muualle"])
    # The same shares of the best pairs.
    for metric in app.metric[4:7]:
        assert metric.value in html


def test_the_smallest_municipality_for_a_viewer(viewer):
    app, html = page_and_brief("Luhanka", "435")
    assert [name for name in headings(app) if name in ORDER] == ORDER
    assert "<b>piilotettu</b>" in html


@pytest.mark.parametrize("language", ["fi", "en"])
def test_the_link_to_a_municipality_opens_it(language):
    app = run("municipality", kunta="Kinnula", kieli=language)
    assert app.selectbox(key="kunta").value == "Kinnula"
    bodies = [block.proto.body for block in app.get("html")]
    said = {"fi": "Kinnula: yrityksiä 11", "en": "Kinnula: 11"}[language]
    assert any(said in body for body in bodies)
