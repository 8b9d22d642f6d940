"""Numbers in tables, charts and their axes: in the reader's language, each worked by hand."""

import json
import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiertokylat.web.impactcharts import scale
from kiertokylat.web.tables import written
from tests.test_app import main_module, run  # noqa: F401

THIN = "\u202f"


def cells(frame: pd.DataFrame, lang, reported=None) -> dict[str, list[str]]:
    """The text of each cell, as Streamlit takes it from the styler."""
    style = written(frame, lang, reported)
    body = style._translate(False, False)["body"]
    rows = [[cell["display_value"] for cell in row if cell["type"] == "td"] for row in body]
    return {name: [row[place] for row in rows] for place, name in enumerate(frame)}


FRAME = pd.DataFrame(
    {
        "name": ["a", None],
        "tonnes": [91_916.37, 12_345.6],
        "improvement_eur": [-1234.5, math.nan],
        "road_km": [9.96, 123.4],
        "reported_share": [0.066, 1.0],
        "employees": [12_345.0, math.nan],
        "break_even_km": [math.inf, 0.25],
        "year": [2023, 2024],
        "kg_low": [0.5, 1234.5],
    },
    index=[7, 7],
)


def test_finnish_tables_have_decimal_commas_and_thin_spaces():
    assert cells(FRAME, "fi") == {
        "name": ["a", ""],
        "tonnes": [f"92{THIN}000", f"12{THIN}000"],
        "improvement_eur": [f"−1{THIN}200", ""],
        "road_km": ["10", "123"],
        "reported_share": [f"6,6{THIN}%", f"100{THIN}%"],
        "employees": [f"12{THIN}345", ""],
        "break_even_km": ["∞", "0,2"],
        "year": ["2023", "2024"],
        "kg_low": ["0,5", f"1{THIN}234"],
    }


def test_english_tables_have_points_and_commas():
    found = cells(FRAME, "en")
    assert found["tonnes"] == ["92,000", "12,000"]
    assert found["improvement_eur"] == ["-1,200", ""]
    assert found["reported_share"] == ["6.6%", "100%"]
    assert found["kg_low"] == ["0.5", "1,234"]


def test_what_was_told_stands_in_full():
    told = pd.Series([False, True], index=FRAME.index)
    assert cells(FRAME, "fi", told)["tonnes"] == [f"92{THIN}000", f"12{THIN}346"]


def test_sorting_goes_by_the_numbers_under_the_text():
    # 4 digits of an estimate, all of what was told
    assert written(FRAME, "fi").data["tonnes"].tolist() == [91_920, 12_350]
    told = pd.Series([False, True], index=FRAME.index)
    assert written(FRAME, "fi", told).data["tonnes"].tolist() == [91_920, 12_345.6]
    assert FRAME["tonnes"].tolist() == [91_916.37, 12_345.6]


@pytest.mark.parametrize(
    "page", ["about", "candidates", "clusters", "companies", "flows", "impact"]
)
def test_no_table_leaves_its_numbers_to_the_browser(page):
    app = run(page)
    frames = [each for each in app.dataframe if "unit" not in each.value]  # but the one to edit
    numbers = [
        each for each in frames if each.value.dtypes.map(lambda kind: kind.kind in "fi").any()
    ]
    assert numbers
    for each in numbers:
        assert each.proto.arrow_data.styler.display_values


@pytest.mark.parametrize(
    ("ends", "unit", "marks"),
    [
        # a fifth of 15.15 million, rounded up to 1, 2, 2.5 or 5 times a power of ten
        ([-150_000, 15_000_000], 1e6, [0, 5e6, 10e6, 15e6]),
        ([0, 18_000], 1e3, [0, 5e3, 10e3, 15e3]),
        ([-3, 5], 1, [-2, 0, 2, 4]),
        ([0.0], 1, [0, 0.2, 0.4, 0.6, 0.8, 1]),
    ],
)
def test_the_marks_of_an_axis(ends, unit, marks):
    assert scale(ends) == (unit, pytest.approx(marks))


@given(st.lists(st.floats(-1e9, 1e9).map(lambda value: round(value, 2)), min_size=1, max_size=9))
@settings(max_examples=50, deadline=None)
def test_an_axis_has_few_marks_and_zero_among_them(ends):
    _, marks = scale(ends)
    assert 0 in marks
    assert 2 <= len(marks) <= 6
    assert min(0, *ends) <= min(marks) <= max(marks) <= max(1, *ends)


def charts(app) -> list[dict]:
    return [json.loads(chart.proto.spec) for chart in app.get("echarts_chart")]


def strings(node) -> list[str]:
    if isinstance(node, str):
        return [node]
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return [text for child in children for text in strings(child)]


@pytest.mark.parametrize("page", ["impact", "flows"])
def test_every_value_of_a_chart_brings_its_own_words(page):
    drawn = charts(run(page))
    assert drawn
    for chart in drawn:
        for series in chart["series"]:
            for datum in [*series["data"], *series.get("links", [])]:
                assert "/v" in datum["tooltip"]["formatter"]
        assert not any("%," in text for text in strings(chart))


def test_the_plain_list_stands_beside_the_chart_not_in_it():
    app = run("impact")
    spoken = " ".join(block.value for block in app.markdown)
    assert "Kaikki ehdokkaat yhteen laskettuina: **" in spoken
    assert charts(app)[0]["yAxis"]["data"] == ["Paras kokonaisuus", "Ahne: paras ensin"]
    assert any("vain toimialastaan" in caption.value for caption in app.caption)


def test_the_network_names_few_companies_and_tells_its_signs():
    app = run("clusters")
    app.session_state["section"] = "network"
    app.run()
    (chart,) = charts(app)
    (series,) = chart["series"]
    named = [node for node in series["data"] if node["label"]["show"]]
    assert 0 < len(named) <= 10
    assert series["labelLayout"]["hideOverlap"]
    assert not series["force"]["layoutAnimation"]
    page = "".join(block.proto.body for block in app.get("html"))
    assert "1 · " in page
    assert "Mitä leveämpi viiva" in page
    assert any("monta materiaalia" in caption.value for caption in app.caption)


def test_the_factors_tell_early_what_they_rest_on():
    app = run("about")
    (factors,) = [frame.value for frame in app.dataframe if "unit" in frame.value]
    assert list(factors)[:5] == ["material", "route", "item", "status", "low"]
    (told,) = [each.value for each in app.caption if "vehicles.csv" in each.value]
    assert "Puoliperävaunu" in told
    assert "Täysperävaunuyhdistelmä" not in told
