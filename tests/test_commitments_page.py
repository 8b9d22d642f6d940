"""Commitments on the pages, for editors and for viewers, through Streamlit's own test runner."""

import io
from dataclasses import replace

import openpyxl
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from kiertokylat.access import Visitor
from kiertokylat.analysis import analyse
from kiertokylat.changes import Changes, Plan, no_flows
from kiertokylat.rank import best_per_supply
from kiertokylat.room import Commitment, candidate_key
from kiertokylat.web import door
from tests.test_app import layers, main_module, run  # noqa: F401
from tests.test_public_pages import FEW, told
from tests.test_workshop_page import ME, rooms  # noqa: F401

SECRET = {
    "companies": "Maijan firma",
    "next_step": "Maija soittaa 040 1234567",
    "who": "Maija <i>Meikäläinen</i>",
}


@pytest.fixture
def best(rooms):  # noqa: F811
    """The best candidates of what is stored, under the store's own ids."""
    every = analyse(*rooms._store.snapshot().active())
    return best_per_supply(every.candidates, "eur").head(12)


@pytest.fixture
def viewer(monkeypatch):
    monkeypatch.setattr(door, "visitor", lambda: Visitor("192.168.1.20", (("host", "x"),)))


def opened(**address):
    app = run("impact", osio="sitoumukset", **address)
    assert not app.error
    return app


def page(app):
    tables = " ".join(table.value.to_csv() for table in app.dataframe)
    return tables + " ".join(block.proto.body for block in app.get("html"))


def test_without_commitments_the_page_says_how_they_are_made(rooms):  # noqa: F811
    assert "Tee sitoumus" in page(opened())


@pytest.mark.parametrize("language", ["fi", "en"])
def test_an_editor_sees_the_funnel_and_everything_of_the_list(rooms, best, language):  # noqa: F811
    workshop = rooms.create("Ilta", "Peurunka", (), "2026-11-30", ME)
    first = Commitment(
        candidate=candidate_key(best.iloc[0]),
        workshop=workshop.id,
        due="2020-01-31",
        stage="realised",
        **SECRET,
    )
    rooms.commit(first, ME)
    rooms.commit(Commitment(idea="Yhteinen välivarasto"), ME)
    app = opened(kieli=language)
    shown = page(app)
    assert shown.count("<li>") >= 4
    for text in (*SECRET.values(), "Yhteinen välivarasto", "Ilta 30"):
        assert text in shown


def test_only_chosen_stages_are_listed(rooms):  # noqa: F811
    rooms.commit(Commitment(idea="Vanha", stage="realised"), ME)
    rooms.commit(Commitment(idea="Uusi"), ME)
    app = opened()
    app.session_state["commitment-stages"] = ["realised"]
    app.run()
    assert "Vanha" in page(app)
    assert "Uusi" not in page(app)


def test_only_what_is_late_is_listed(rooms):  # noqa: F811
    rooms.commit(Commitment(idea="Vanha", due="2020-01-31"), ME)
    rooms.commit(Commitment(idea="Uusi", due="2999-01-31"), ME)
    app = opened()
    app.toggle(key="commitment-overdue").set_value(True).run()
    assert "Vanha" in page(app)
    assert "Uusi" not in page(app)


def test_a_viewer_sees_no_person_no_plan_and_no_sum_of_few(rooms, best, viewer):  # noqa: F811
    row = best.iloc[0]
    rooms.commit(Commitment(candidate=candidate_key(row), stage="realised", **SECRET), ME)
    rooms.commit(Commitment(idea="Maijan idea", **SECRET), ME)
    app = opened()
    shown = told(app) + page(app)
    assert "Maija" not in shown
    assert "soittaa" not in shown
    names = rooms._store.snapshot().companies.set_index("id")["name"]
    assert names[row["from_company"]] in page(app)
    assert FEW["fi"] in page(app)
    assert not [box for box in app.button if (box.key or "").startswith("commitment-")]
    chart = run()
    chart.session_state["layers"] = ["commitments"]
    chart.run()
    assert "Maija" not in told(chart)


def test_a_sole_traders_commitment_is_found_by_everybody_and_named_by_editors(
    rooms,  # noqa: F811
    best,
    monkeypatch,
):
    row = best.iloc[0]
    before = rooms._store.snapshot().companies
    one = before[before["id"] == row["from_company"]]
    private = one.assign(name="Tmi Maija Meikäläinen", sole_trader=True)
    rooms._store.apply(
        Plan("edit", "test", Changes(one, private), Changes(no_flows(), no_flows())), ME
    )
    rooms.commit(Commitment(candidate=candidate_key(row), stage="negotiated"), ME)
    assert "Tmi Maija" in page(opened())
    st.cache_resource.clear()
    monkeypatch.setattr(door, "visitor", lambda: Visitor("192.168.1.20", (("host", "x"),)))
    app = opened()
    taker = before.set_index("id")["name"][row["to_company"]]
    assert taker in page(app)
    assert "Maija" not in told(app)
    assert str(row["from_company"]) not in told(app)


def test_the_targets_count_what_is_realised_and_the_workbook_has_both_sheets(
    rooms,  # noqa: F811
    best,
):
    rooms.commit(Commitment(candidate=candidate_key(best.iloc[0]), stage="realised"), ME)
    app = run("impact")
    assert "1" in [metric.value for metric in app.metric]
    now = next(table.value for table in app.dataframe if "target" in table.value)["now"]
    # The first rows are tonnes, virgin material, euros, CO2e; two digits of each are shown.
    assert now.iloc[0] == pytest.approx(best["tonnes"].iloc[0], rel=0.05)
    assert now.iloc[2] == pytest.approx(best["eur"].iloc[0], rel=0.05)

    def sheets():
        import streamlit as st

        from kiertokylat import workbook
        from kiertokylat.web import commitmentview, funnelview, session

        session.start()
        made = session.commitments()
        book = commitmentview.sheets(made, funnelview.stages_of(made))
        st.code(workbook.book_bytes(book).hex())

    made = AppTest.from_function(sheets, default_timeout=60).run()
    assert not made.exception
    book = openpyxl.load_workbook(io.BytesIO(bytes.fromhex(made.code[0].value)))
    assert {"Sitoumukset", "Sitoumukset vaiheittain"} <= set(book.sheetnames)


def test_the_map_draws_commitments_by_stage_with_escaped_tips(rooms, best):  # noqa: F811
    app = run()
    app.session_state["layers"] = ["commitments"]
    app.run()
    assert "Ei sitoumuksia" in page(app)
    assert '"kind": "candidate"' not in layers(app)
    for row, stage in ((0, "realised"), (1, "idea"), (2, "dropped"), (0, "idea")):
        rooms.commit(Commitment(candidate=candidate_key(best.iloc[row]), stage=stage), ME)
    app.run()
    assert layers(app).count('"kind": "candidate"') == 2
    assert "#00664b" in layers(app)
    assert "toteutunut" in page(app)


def test_the_form_of_a_candidate_names_its_companies(rooms):  # noqa: F811
    app = run("candidates")
    app.button(key="commit").click().run()
    assert not app.exception
    (companies,) = [box for box in app.text_input if box.key.startswith("promise-companies-")]
    giver, taker = companies.value.split(", ")
    assert f"{giver} ► {taker}: " in " ".join(text.value for text in app.text)


def test_a_commitment_is_kept_as_typed(rooms, best, monkeypatch):  # noqa: F811
    def form():
        import os

        from kiertokylat.room import Commitment
        from kiertokylat.web import commitmentform, session

        session.start()
        new = Commitment(id="koe-12345", candidate=os.environ["CANDIDATE"])
        commitmentform._form(new, "A ► B: puu")

    monkeypatch.setenv("CANDIDATE", candidate_key(best.iloc[0]))
    app = AppTest.from_function(form, default_timeout=60).run()
    app.button(key="promise-save").click().run()
    assert "Seuraava askel puuttuu" in app.error[0].value
    assert rooms.commitments().empty
    app.text_input(key="promise-next_step-koe-12345").set_value(" Soitetaan ")
    app.button(key="promise-save").click().run()
    assert not app.exception
    (kept,) = rooms.commitments().to_dict("records")
    assert (kept["next_step"], kept["stage"]) == ("Soitetaan", "idea")
    assert kept["candidate"] == candidate_key(best.iloc[0])


def test_a_viewer_can_make_none(rooms, viewer):  # noqa: F811
    app = run("candidates")
    assert "commit" not in [button.key for button in app.button]


def test_two_editors_are_told_of_each_other(rooms):  # noqa: F811
    first = Commitment(idea="Varasto", next_step="Soitetaan", who="Maija")
    rooms.commit(first, ME)

    def form():
        from kiertokylat.tables import rows
        from kiertokylat.web import commitmentform, session

        session.start()
        (row,) = rows(session.commitments())
        start = session.st.session_state.setdefault("start", commitmentform.as_commitment(row))
        commitmentform._form(start, "")

    app = AppTest.from_function(form, default_timeout=60).run()
    assert not app.exception
    rooms.edit_commitment(replace(first, who="Kalle", stage="contacted", revision=1), ME)
    app.text_input(key=f"promise-who-{first.id}").set_value("Pirkko")
    app.button(key="promise-save").click().run()
    assert "sillä välin" in app.warning[0].value
    said = " ".join(text.value for text in app.text)
    assert "Kalle" in said
    assert "yhteys otettu" in said
    assert rooms.commitments()["who"].tolist() == ["Kalle"]
    app.button(key="promise-save").click().run()
    assert not app.exception
    assert rooms.commitments()["who"].tolist() == ["Pirkko"]
