"""What a visitor who is no editor sees: every page runs, and no hidden figure is anywhere on it."""

import io
import json
import os
import re
import sqlite3
from contextlib import closing

import numpy as np
import openpyxl
import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from kiertokylat import demo, guarded, reference, summary, tables
from kiertokylat.__main__ import main
from kiertokylat.access import Actor, Visitor
from kiertokylat.allocation import allocate
from kiertokylat.analysis import analyse
from kiertokylat.brief import brief
from kiertokylat.changes import Changes, Plan, no_companies, no_flows
from kiertokylat.explain import explain
from kiertokylat.geopackage import geopackage_bytes
from kiertokylat.store import open_store
from kiertokylat.web import door
from kiertokylat.web.navigation import PAGES
from tests.test_app import SHELL, main_module, run  # noqa: F401

FEW = {"fi": "piilotettu", "en": "hidden"}
WHY = {"fi": "piilotettu: alle 3 yritystä, tai", "en": "hidden: fewer than 3 companies, or"}


def stored() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Laukaa (410) has two companies, Jyväskylä (179) four, Äänekoski (992) four.

    Laukaa's glass: 1234.5 + 6543.5 = 7778 t of two companies. Nobody could take it.
    """
    homes = {"410": 2, "179": 4, "992": 4}
    x = {"410": 447_000.0, "179": 435_000.0, "992": 434_000.0}
    y = {"410": 6_921_000.0, "179": 6_905_000.0, "992": 6_944_000.0}
    companies = pd.DataFrame(
        [
            (f"{code}-{place}", f"Yritys {code}-{place} Oy", code, x[code] + 90 * place, y[code])
            for code, count in homes.items()
            for place in range(count)
        ],
        columns=["id", "name", "municipality", "x", "y"],
    ).assign(
        business_id="", nace="84", nace_edition="2008", employees=np.nan, precision="exact",
        source="asked", contact="", sole_trader=False, status="active", corrected="", revision=0,
    )  # fmt: skip
    tonnes = {"410-0": 1234.5, "410-1": 6543.5}
    flows = pd.DataFrame({"company_id": companies["id"], "id": "f" + companies["id"]}).assign(
        direction="out", material="glass", ewc="", basis="reported", continuity="", source="asked",
        note="", status="active", corrected="", revision=0,
    )  # fmt: skip
    for name in ("tonnes_low", "tonnes", "tonnes_high"):
        flows[name] = flows["company_id"].map(tonnes).fillna(100.0)
    return companies, flows


@pytest.fixture
def few(tmp_path, monkeypatch):
    """The app on a database of ten companies, two of them in Laukaa."""
    address = f"sqlite:///{tmp_path / 'few.sqlite'}"
    companies, flows = stored()
    companies = tables.stored_companies(companies[list(tables.STORED_COMPANIES.columns)])
    flows = tables.stored_flows(flows[list(tables.STORED_FLOWS.columns)])
    store = open_store(address)
    new = Changes(no_companies(), companies), Changes(no_flows(), flows)
    store.apply(Plan("import", "test", *new), Actor("test", "editor"))
    store.close()
    monkeypatch.setenv("KIERTOKYLAT_DATABASE", address)
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


@pytest.fixture
def viewer(monkeypatch):
    """A visitor from another machine, without key or login."""
    monkeypatch.setattr(door, "visitor", lambda: Visitor("192.168.1.20", (("host", "x"),)))


def told(app) -> str:
    """Everything that the page has sent to the browser."""
    parts = [str(getattr(element, "proto", "")) for element in app.main]
    parts += [table.value.to_csv() for table in app.dataframe]
    parts += [
        json.dumps(json.loads(component.proto.json_args), ensure_ascii=False)
        for component in app.get("component_instance")
    ]
    text = " ".join(parts)
    # Spaces of thousands as they are, in a protocol buffer's text, and in JSON inside JSON.
    return re.sub(r"\u00a0|\u202f|\\302\\240|\\342\\200\\257|\\+u(00a0|202f)|&nbsp;", "", text)


# Laukaa's sum exactly, rounded to four digits (tables) and to two (everything else).
SUM = re.compile(r"(?<![\d.,])7,?(778|800)(?!\d)")


@pytest.mark.parametrize("language", ["fi", "en"])
@pytest.mark.parametrize("page", PAGES)
def test_every_page_runs_for_a_viewer(viewer, page, language):
    app = run(page, kieli=language)
    assert not app.error


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("history", "Osa ”Historia” on vain muokkaajille. Muokkaajaksi pääset linkillä"),
        ("companies", "Osa ”Yritykset” on vain muokkaajille."),
        ("import", "Osa ”Tuonti” on vain muokkaajille."),
        ("overview", ""),
        ("none", ""),
    ],
)
def test_a_viewer_who_asks_for_an_editors_part_is_told_so(viewer, part, said):
    app = run("data")
    app.query_params["osa"] = part
    app.run()
    assert not app.exception
    told_so = [info.value for info in app.info]
    assert len(told_so) == bool(said)
    assert "".join(told_so).startswith(said)
    # The overview stands below.
    assert "Julkinen aineisto (ZIP)" in {button.label for button in app.get("download_button")}


@pytest.mark.parametrize("language", ["fi", "en"])
@pytest.mark.parametrize("figure", ["supply_t", "unstated_t", "unplaced_t"])
def test_a_viewers_map_has_no_hidden_figure(few, viewer, figure, language):
    app = AppTest.from_file(SHELL, default_timeout=60)
    app.query_params["kieli"] = language
    app.session_state["layers"] = ["between"]
    app.session_state["figure"] = figure
    app.run()
    assert not app.exception
    page = told(app)
    assert not SUM.search(page)
    assert WHY[language] in "".join(block.proto.body for block in app.get("html"))
    assert WHY[language] in page


@pytest.mark.parametrize("language", ["fi", "en"])
def test_a_viewers_page_of_a_municipality_has_no_hidden_figure(few, viewer, language):
    app = run("municipality", kieli=language, kunta="Laukaa")
    assert not SUM.search(told(app))
    assert [metric.value for metric in app.metric][1] == FEW[language]


def test_an_editors_page_shows_everything(few):
    """The same pages tell an editor the 7778 t: so the tests above can fail."""
    app = run("municipality", kunta="Laukaa")
    assert [metric.value for metric in app.metric][1] == "7\u00a0800"
    assert SUM.search(told(app))
    chosen = run()
    chosen.selectbox(key="figure").set_value("supply_t").run()
    assert SUM.search(told(chosen))
    assert FEW["fi"] not in told(chosen)


def test_for_editors_no_summary_changes():
    every = analyse(demo.companies(), demo.flows())
    shared = allocate(every.candidates, every.flows)
    codes = reference.municipalities().index
    some = (every.flows, every.candidates, shared)
    pairs = {
        "municipality": (
            guarded.by_municipality(every.companies, *some, codes, public=False),
            summary.by_municipality(every.companies, *some, codes),
        ),
        "material": (guarded.by_material(*some, public=False), summary.by_material(*some)),
        "between": (
            guarded.between_municipalities(shared, every.companies, public=False),
            summary.between_municipalities(shared, every.companies),
        ),
        "industries": (
            guarded.industry_flows(*some, every.companies, public=False),
            summary.industry_flows(*some, every.companies),
        ),
    }
    for shown, whole in pairs.values():
        pd.testing.assert_frame_equal(shown.table, whole)
        assert shown.cells == 0
        assert shown.totals.notna().all()


def test_nothing_tells_the_place_of_a_hidden_row_in_the_order():
    every = analyse(demo.companies(), demo.flows())
    shared = allocate(every.candidates, every.flows)
    shown = guarded.by_material(every.flows, every.candidates, shared, public=True)
    hidden = shown.hidden.any(axis=1)
    assert shown.cells > 0
    first_hidden = int(hidden.to_numpy().argmax())
    assert hidden.iloc[first_hidden:].all()
    assert shown.table.index[first_hidden:].is_monotonic_increasing
    between = guarded.between_municipalities(shared, every.companies, public=True)
    assert between.complete["tonnes"].notna().all()
    assert len(between.complete) < len(between.table)


def test_the_brief_and_the_geopackage_hide_what_the_page_hides():
    companies, flows = stored()
    every = analyse(
        tables.companies(companies[list(tables.COMPANIES.columns)]),
        tables.flows(flows[list(tables.FLOWS.columns)]),
    )
    open_page = brief("410", every, "fi")
    public_page = brief("410", every, "fi", public=True)
    assert "7\u00a0800" in open_page
    assert "7\u00a0800" not in public_page
    assert "7\u00a0778" not in public_page
    assert public_page.count(FEW["fi"]) >= 3  # the figure, the material, what has no taker

    def supply(content: bytes) -> dict[str, float | None]:
        with closing(sqlite3.connect(":memory:")) as database:
            database.deserialize(content)
            rows = database.execute(
                "SELECT municipality, supply_t FROM Kunnat WHERE municipality IN ('410', '179')"
            )
            return dict(rows)

    assert supply(geopackage_bytes(every, "fi"))["410"] == 7778.0
    assert supply(geopackage_bytes(every, "fi", public=True))["410"] is None


def test_the_indicators_of_a_viewer_hide_groups_of_few_companies(viewer):
    app = run("impact")
    assert FEW["fi"] in told(app)


def test_a_workbook_says_what_is_hidden(viewer):
    def page():
        import pandas as pd
        import streamlit as st

        from kiertokylat import indicators
        from kiertokylat.web import impactview, session

        session.start()
        ways = impactview.ways("eur")
        table = indicators.totals(ways)
        goals = pd.DataFrame({"now": [0.0]})
        book = impactview._book(table, ways["optimal"], goals, {})
        st.code(book.hex())

    app = AppTest.from_function(page, default_timeout=60).run()
    assert not app.exception
    book = openpyxl.load_workbook(io.BytesIO(bytes.fromhex(app.code[0].value)))
    cells = [cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row]
    assert any(str(cell).startswith(WHY["fi"]) for cell in cells)


def test_the_notice_stands_on_the_page_of_sources(viewer):
    app = run("about")
    assert "Tietosuojaseloste (pohja)" in [box.label for box in app.expander]
    assert any("Rekisterinpitäjä" in text.value for text in app.markdown)


def test_the_command_line_makes_a_public_file(few, tmp_path):
    """A name and the sum of Laukaa's two companies: in editors' files, not in public ones."""
    address = os.environ["KIERTOKYLAT_DATABASE"]
    store = open_store(address)
    before = store.snapshot().companies
    one = before[before["id"] == "410-0"]
    private = one.assign(name="Tmi Maija Meikäläinen", sole_trader=True, contact="Maija")
    store.apply(
        Plan("edit", "test", Changes(one, private), Changes(no_flows(), no_flows())),
        Actor("test", "editor"),
    )
    store.close()

    def written(*options: str) -> str:
        page, table = tmp_path / "page.html", tmp_path / "table.csv"
        assert main(["brief", "Laukaa", "--database", address, "--out", str(page), *options]) == 0
        assert main(["export", "--database", address, "--out", str(table), *options]) == 0
        files = [page, *tmp_path.glob("table*.csv")]
        return "".join(file.read_text(encoding="utf-8") for file in files)

    whole, public = written(), written("--public")
    assert "Maija" in whole
    assert "7\u00a0800" in whole
    assert "Maija" not in public
    assert "7\u00a0800" not in public
    assert FEW["fi"] in public
    out = str(tmp_path / "demo.html")
    assert main(["brief", "Laukaa", "--public", "--out", out]) == 2  # of no database


def test_an_amount_told_in_part_is_explained():
    """Nobody has told a best guess, but at least 40 t: the sentence says so."""
    every = analyse(demo.companies(), demo.flows())
    candidate = every.candidates[every.candidates["demand_id"].astype(str) != ""].iloc[0]
    flows = every.flows.copy()
    mine = flows["id"] == candidate["supply_id"]
    flows.loc[mine, ["tonnes_low", "tonnes", "tonnes_high"]] = [40.0, np.nan, np.nan]
    part = flows.assign(basis=flows["basis"].mask(mine, "reported"))
    tables_ = (reference.uses(), reference.materials(), reference.waste_codes())
    sentences = " ".join(explain(candidate, every.companies, part, *tables_, "fi"))
    assert "40\u00a0t/v" in sentences
