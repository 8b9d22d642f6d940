"""Every page in both languages, through Streamlit's own test runner."""

import json
import re
import sys

import pytest
from streamlit.testing.v1 import AppTest

from kiertokylat import demo
from kiertokylat.analysis import analyse
from kiertokylat.assumptions import Assumptions
from kiertokylat.brief import brief
from kiertokylat.web.navigation import PAGES, ROOT


@pytest.fixture(autouse=True)
def main_module():
    """Put `__main__` back: Streamlit's runner leaves the script there, and others trip on it."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


SHELL = str(ROOT / "kiertokylat" / "web" / "shell.py")


def run(page: str = "map", **address: str) -> AppTest:
    app = AppTest.from_file(SHELL, default_timeout=60)
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    if page != "map":
        app.switch_page(str(ROOT / "pages" / f"{page}.py")).run()
    assert not app.exception, [error.message for error in app.exception]
    return app


@pytest.mark.parametrize("language", ["fi", "en"])
@pytest.mark.parametrize("page", PAGES)
def test_every_page_runs(page, language):
    app = run(page, kieli=language)
    assert len(app.title) == 1
    assert not app.error


def test_the_demo_says_that_it_is_one():
    assert any("keksittyjä" in block.proto.body for block in run().get("html"))


def layers(app: AppTest) -> str:
    (component,) = app.get("component_instance")
    return json.loads(component.proto.json_args)["feature_group"]


def test_a_filter_limits_the_layers():
    every, some = layers(run()), layers(run(kunnat="410"))
    assert every.count('"kind": "company"') == 600
    assert 0 < some.count('"kind": "company"') < 600


def test_unknown_codes_in_the_address_are_ignored():
    app = run(kunnat="999", km="abc", materiaalit="<script>")
    assert layers(app).count('"kind": "company"') == 600


def test_a_choropleth_colours_all_municipalities():
    app = run()
    app.selectbox(key="figure").set_value("unstated_t").run()
    assert not app.exception
    assert layers(app).count('"kind": "municipality"') == 22


def test_the_other_language_keeps_the_choice():
    app = run(kunnat="410", kieli="fi")
    app.session_state["kieli"] = "en"
    app.run()
    assert app.multiselect(key="filter-kunnat-en").value == ["410"]


def test_clearing_takes_every_filter_off():
    app = run(kunnat="410", km="20")
    (clear,) = [button for button in app.button if button.label == "Poista rajaukset"]
    clear.click().run()
    assert app.multiselect(key="filter-kunnat-fi").value == []
    assert app.slider(key="filter-km-fi").value == 50


@pytest.mark.parametrize(
    ("address", "limit"), [("", "both"), ("eur", "eur"), ("co2e", "co2e"), ("ei", "")]
)
def test_the_break_even_limit_comes_from_the_address_and_goes_back(address, limit):
    app = run(**({"raja": address} if address else {}))
    assert app.session_state["choices"]["raja"] == limit
    assert app.query_params.get("raja", "") == address


def test_the_usual_limit_needs_no_address():
    app = run(raja="eur")
    box = app.selectbox(key="filter-raja-fi")
    names = ["Euroissa ja päästöissä", "Euroissa", "Päästöissä", "Ei rajaa"]
    assert list(box.options) == names
    box.set_value("both").run()
    assert "raja" not in app.query_params
    box.set_value("").run()
    assert app.query_params["raja"] == "ei"
    (clear,) = [button for button in app.button if button.label == "Poista rajaukset"]
    clear.click().run()
    assert app.session_state["choices"]["raja"] == "both"
    assert "raja" not in app.query_params


@pytest.mark.parametrize("limit", ["both", "eur", "co2e", "ei"])
def test_the_reach_of_a_company_is_drawn_by_every_limit(limit):
    app = run(raja=limit)
    flows = demo.flows()
    steel = flows[(flows["material"] == "steel_scrap") & (flows["direction"] == "out")]
    app.session_state["picked"] = ("company", steel["company_id"].iloc[0])
    app.run()
    assert not app.exception
    legend = "".join(block.proto.body for block in app.get("html"))
    told = re.findall(r"kannattavuusraja ((?:eur|pääst)[^,<]*), linnuntietä", legend)
    named = {"both": "euroissa ja päästöissä (lyhyempi)", "co2e": "päästöissä"}
    assert told == [named.get(limit, "euroissa")]


def test_the_municipality_page_opens_at_its_address():
    app = run("municipality", kunta="Laukaa")
    assert app.selectbox(key="kunta").value == "Laukaa"


def lead(app: AppTest) -> str:
    texts = [block.proto.body for block in app.get("html")]
    return next(text for text in texts if 'class="lead"' in text)


def test_the_municipality_page_heeds_the_break_even_limit_and_says_so():
    usual, free = (
        lead(run("municipality", kunta="Laukaa", **more)) for more in ({}, {"raja": "ei"})
    )
    assert "tarpeisiin 50 km:n ja kannattavuusrajan sisällä" in usual
    assert "tarpeisiin 50 km:n sisällä" in free
    assert not run("municipality", kunta="Laukaa", raja="ei").error


def test_the_brief_of_the_page_has_its_limit_and_assumptions():
    def page():
        import streamlit as st

        from kiertokylat.assumptions import Assumptions
        from kiertokylat.web import downloads, municipalityview, session

        edited = session.assumptions() != Assumptions()
        facts = municipalityview.facts("410")
        st.code(downloads.brief_bytes(facts, "fi", edited=edited).decode())

    app = AppTest.from_function(page, default_timeout=60)
    app.query_params["raja"] = "co2e"
    app.query_params["km"] = "20"
    own = Assumptions(vehicle="semi", detour_factor=1.5)
    app.session_state["assumptions"] = own
    app.run()
    assert not app.exception
    every = analyse(demo.companies(), demo.flows(), own)
    (given,) = app.code
    more = {"assumptions": own, "edited": True}
    assert given.value == brief("410", every, "fi", max_km=20, limit="co2e", **more).strip()


def test_candidates_are_explained():
    app = run("candidates")
    text = "".join(block.proto.body for block in app.get("html"))
    assert "<ul><li>" in text


def curves(**address: str) -> int:
    app = run(**address)
    app.session_state["layers"] = ["between"]
    app.run()
    assert not app.exception
    return layers(app).count('"kind": "between"')


def test_curves_show_only_flows_of_the_chosen_material():
    assert 0 < curves(materiaalit="sawdust") < curves()
