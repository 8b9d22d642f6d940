"""Every page in both languages, through Streamlit's own test runner."""

import json
import sys

import pytest
from streamlit.testing.v1 import AppTest

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


def test_the_municipality_page_opens_at_its_address():
    app = run("municipality", kunta="Laukaa")
    assert app.selectbox(key="kunta").value == "Laukaa"


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
