"""The pages Keskittymät and Vaikuttavuus, through Streamlit's own test runner."""

import re

import pytest

from tests.test_app import layers, main_module, run  # noqa: F401


def text(app) -> str:
    return "".join(block.proto.body for block in app.get("html"))


def test_the_break_even_limit_takes_candidates_away():
    def pairs(limit):
        (count,) = re.findall(r"kaikkiaan ([\d\s]+) paria", text(run("candidates", raja=limit)))
        return int("".join(count.split()))

    count = {limit: pairs(limit) for limit in ("both", "eur", "co2e", "ei")}
    assert 0 < count["co2e"] < count["both"] < count["eur"] < count["ei"]


def test_an_unknown_limit_in_the_address_is_the_default():
    assert run(raja="<b>").session_state["choices"]["raja"] == "both"


@pytest.mark.parametrize("language", ["fi", "en"])
@pytest.mark.parametrize("section", ["pools", "gaps", "network"])
def test_every_section_of_the_clusters_page_runs(section, language):
    app = run("clusters", kieli=language)
    app.session_state["section"] = section
    app.run()
    assert not app.exception
    assert not app.error


def test_pools_are_drawn_with_area_and_hub():
    drawn = layers(run("clusters"))
    assert drawn.count('"kind": "pool"') > 10


def test_a_higher_threshold_leaves_fewer_pools():
    app = run("clusters")
    app.selectbox(key="pool-material").set_value("sawdust").run()
    assert not app.exception
    before = layers(app).count('"kind": "pool"')
    slider = app.slider(key="pool-t-sawdust")
    slider.set_value(slider.max).run()
    assert not app.exception
    after = layers(app).count('"kind": "pool"') if app.get("component_instance") else 0
    assert after < before


def test_the_indicators_show_ranges_and_how_much_a_list_overstates():
    app = run("impact")
    assert "kertaisesti" in text(app)
    captions = " ".join(caption.value for caption in app.caption)
    assert captions.count("Vaihteluväli") >= 4


@pytest.mark.parametrize("goal", ["co2e", "tonnes"])
def test_every_goal_of_the_portfolio_runs(goal):
    app = run("impact")
    app.session_state["goal"] = goal
    app.run()
    assert not app.exception
