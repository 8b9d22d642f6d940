"""The page Aineisto: overview and import, on a database of each test's own."""

import pytest
import streamlit as st

from kiertokylat import plan_text
from kiertokylat.access import Actor
from kiertokylat.archive import archive_bytes
from kiertokylat.changes import Changes
from kiertokylat.plan import plan_edit, plan_import
from kiertokylat.store import open_store
from kiertokylat.web import door
from tests.ingest.files import csv
from tests.plans import files_read
from tests.test_app import main_module, run  # noqa: F401

HEADING = "Yritys;Y-tunnus;Kunta;Toimialakoodi;Henkilöstö;Materiaali;Määrä (t/v);Suunta"
SAW = "Keksitty Saha Oy;1234567-1;Laukaa;16100;12;sahanpuru;100;tarjoaa"
BREWERY = "Keksitty Panimo Oy;;Laukaa;11050;4;mäski;80;tarjoaa"
FILE = csv(HEADING, SAW, BREWERY)
ME = Actor("koe", "editor")


@pytest.fixture
def held(tmp_path, monkeypatch):
    """The database of the app under test, empty at first: the app fills it with the demo."""
    monkeypatch.setenv("KIERTOKYLAT_DATABASE", f"sqlite:///{tmp_path / 'koe.sqlite'}")
    st.cache_resource.clear()
    store = open_store()
    yield store
    store.close()
    st.cache_resource.clear()


def imported(store, file=FILE):
    stored = store.snapshot()
    store.apply(plan_import(stored, files_read(stored, file), "koe"), ME)


def edited(store, **cells):
    """The saw edited by hand."""
    stored = store.snapshot()
    before = stored.companies[stored.companies["business_id"] == "1234567-1"]
    changes = Changes(before, before.assign(**cells))
    store.apply(plan_edit(stored, changes, title="koe"), ME)


def given(*files):
    """The import section after these files were read."""
    app = run("data", osa="import")
    app.query_params["osa"] = "import"
    app.run()
    app.file_uploader[0].set_value([(name, content, "text/csv") for name, content in files]).run()
    app.button(key="import-read").click().run()
    assert not app.exception
    return app


def counts(app):
    return {metric.label: metric.value for metric in app.metric}


def saved(app):
    app.button(key="import-save").click().run()
    assert not app.exception
    return app


def names(store):
    return set(store.snapshot().companies["name"])


def test_nothing_is_written_before_the_button_and_all_of_it_after(held):
    app = given(FILE)
    # The demo was loaded at the start; its 600 companies and 1,209 flows give way to the file's.
    version = held.version()
    assert counts(app) == {"Uusi": "4", "Muuttuu": "0", "Ennallaan": "0", "Poistuu": "1\u00a0809"}
    assert len(names(held)) == 600
    # Two companies and two flows are the user's; the demo's rows are told apart.
    assert app.button(key="import-save").label == "Tallenna 4 muutosta"
    assert "poistuu esimerkkialueen 1\u00a0809 keksittyä riviä" in app.info[0].value
    saved(app)
    assert names(held) == {"Keksitty Saha Oy", "Keksitty Panimo Oy"}
    assert held.version() == version + 1
    assert app.success[0].value.startswith("Tallennettu 4 muutosta")
    assert "1\u00a0809 keksittyä riviä poistui" in app.success[0].value
    assert app.file_uploader[0].value == []


def test_the_demo_stays_if_asked(held):
    app = given(FILE)
    app.checkbox(key="import-demo-0").check().run()
    assert "Poistuu" not in counts(app)
    saved(app)
    assert len(names(held)) == 602


def test_an_import_again_changes_nothing_and_offers_no_button(held):
    imported(held)
    app = given(FILE)
    assert counts(app) == {"Uusi": "0", "Muuttuu": "0", "Ennallaan": "4"}
    assert "eivät muuta mitään" in app.success[0].value
    assert "import-save" not in {button.key for button in app.button}


def test_a_corrected_row_waits_until_the_file_is_taken(held):
    imported(held)
    edited(held, employees=15.0)
    app = given(FILE)
    assert counts(app)["Ristiriita"] == "1"
    # What asks for a decision is shown first; the rest is as it was.
    assert app.button_group(key="import-state-fi").value == "conflicting"
    assert app.warning
    assert "import-save" not in {button.key for button in app.button}
    app.button(key="import-take-all").click().run()
    assert not app.warning
    assert app.button(key="import-save").label == "Tallenna 1 muutos"
    saved(app)
    companies = held.snapshot().companies.set_index("business_id")
    assert companies.loc["1234567-1", "employees"] == 12


def test_what_was_ticked_can_be_given_back(held):
    imported(held)
    edited(held, employees=15.0)
    app = given(FILE)
    app.button_group(key="import-state-fi").set_value("conflicting").run()
    app.button(key="import-take-all").click().run()
    app.button(key="import-take-none").click().run()
    assert "import-save" not in {button.key for button in app.button}


def test_somebody_else_was_faster_the_plan_is_made_anew_without_the_file(held):
    imported(held)
    app = given(csv(HEADING, SAW.replace(";12;", ";20;"), BREWERY))
    assert counts(app)["Muuttuu"] == "1"
    edited(held, employees=15.0)
    version = held.version()
    saved(app)
    assert held.version() == version, "what the user has not seen is not overwritten"
    assert "ehti tallentaa" in app.error[0].value
    assert counts(app)["Ristiriita"] == "1"
    app.button_group(key="import-state-fi").set_value("conflicting").run()
    app.button(key="import-take-all").click().run()
    saved(app)
    companies = held.snapshot().companies.set_index("business_id")
    assert companies.loc["1234567-1", "employees"] == 20


def test_a_change_elsewhere_makes_the_plan_anew_and_says_so(held):
    imported(held)
    app = given(csv(HEADING, BREWERY.replace(";4;", ";9;")))
    edited(held, employees=15.0)
    app.run()
    assert counts(app)["Muuttuu"] == "1"
    assert any("tehty uudelleen" in info.value for info in app.info)
    saved(app)
    assert set(held.snapshot().companies["employees"]) == {15.0, 9.0}


def test_a_company_that_somebody_else_adds_meanwhile_is_not_doubled(held):
    imported(held, csv(HEADING, SAW))
    app = given(FILE)
    assert counts(app)["Uusi"] == "2"
    imported(held, csv(HEADING, BREWERY))
    app.run()
    assert counts(app) == {"Uusi": "0", "Muuttuu": "0", "Ennallaan": "4"}


def test_bad_rows_are_told_with_place_and_advice(held):
    imported(held)
    app = given(csv(HEADING, SAW, "Muualla Oy;;Jyväskyllä;16100;3;sahanpuru;10;tarjoaa"))
    assert counts(app)["Ei oteta mukaan"] == "1"
    app.button_group(key="import-state-fi").set_value("rejected").run()
    tables = [each.value for each in app.dataframe if "Rivi" in each.value]
    told = [table[["Laji", "Rivi", "Sarake", "Arvo"]].to_numpy().tolist() for table in tables]
    assert [["Virhe", "3", "Kunta", "Jyväskyllä"]] in told


def test_a_file_without_anything_says_so(held):
    app = given(csv("nimi;kunta", "Muualla Oy;Helsinki"))
    assert "tuotavaa ei ole" in app.error[0].value
    assert "import-save" not in {button.key for button in app.button}


def test_other_files_can_be_chosen(held):
    app = given(FILE)
    app.button(key="import-other").click().run()
    assert "import-save" not in {button.key for button in app.button}
    assert app.file_uploader[0].value == []


def test_an_archive_brings_everything_back(held):
    imported(held)
    whole = held.snapshot()
    imported(held, csv(HEADING, "Kolmas Oy;;Laukaa;16100;3;kuori;10;tarjoaa"))
    app = given(("kaikki.zip", archive_bytes(whole, contacts=True)))
    # The third company and its flow go.
    assert counts(app)["Poistuu"] == "2"
    saved(app)
    assert names(held) == {"Keksitty Saha Oy", "Keksitty Panimo Oy"}


def test_a_public_archive_warns_before_it_is_planned(held):
    imported(held)
    edited(held, contact="Aino, vaihde")
    app = given(("julkinen.zip", archive_bytes(held.snapshot(), contacts=False)))
    assert "julkinen aineisto" in app.warning[0].value
    assert not app.metric
    app.button(key="import-go-on").click().run()
    assert counts(app)["Muuttuu"] == "1"


def test_an_archive_comes_alone(held):
    imported(held)
    app = given(("kaikki.zip", archive_bytes(held.snapshot(), contacts=True)), FILE)
    assert "Anna se yksin" in app.error[0].value


@pytest.fixture
def viewer(monkeypatch):
    monkeypatch.setattr(door, "actor", lambda: Actor("", "viewer"))


def test_a_viewer_sees_the_overview_alone(held, viewer):
    app = run("data")
    app.query_params["osa"] = "import"
    app.run()
    assert not app.exception
    assert not app.file_uploader
    assert not [group for group in app.button_group if str(group.key).startswith("osa-")]
    labels = {button.label for button in app.get("download_button")}
    assert "Julkinen aineisto (ZIP)" in labels
    assert "Koko aineisto (ZIP)" not in labels


def test_a_role_lost_meanwhile_neither_sees_nor_saves(held, monkeypatch):
    app = given(FILE)
    monkeypatch.setattr(door, "actor", lambda: Actor("", "viewer"))
    app.button(key="import-save").click().run()
    assert len(names(held)) == 600
    assert "import-save" not in {button.key for button in app.button}


@pytest.mark.parametrize("language", ["fi", "en"])
@pytest.mark.parametrize("section", ["overview", "import", "companies", "flows", "history"])
def test_a_link_to_a_section_works_in_both_languages(held, language, section):
    app = run("data", kieli=language)
    app.query_params["osa"] = section
    app.run()
    assert not app.exception
    assert app.button_group(key=f"osa-{language}").value == section
    assert app.query_params["osa"] == section


def test_another_language_keeps_the_section(held):
    app = run("data")
    app.button_group(key="osa-fi").set_value("import").run()
    app.session_state["kieli"] = "en"
    app.run()
    assert app.button_group(key="osa-en").value == "import"


def test_the_overview_names_every_municipality_and_the_next_one(held):
    app = run("data")
    (table,) = [each.value for each in app.dataframe if "business_id_share" in each.value]
    assert len(table) == 22
    text = " ".join(block.proto.body for block in app.get("html"))
    assert "Seuraava täydennettävä kunta: Jyväskylä" in text  # 0.61, by far the smallest share


# --- plans in words ---


def plan_of(store, *files):
    stored = store.snapshot()
    return plan_import(stored, files_read(stored, *files), "koe")


def test_conflicts_stand_side_by_side(held):
    imported(held)
    edited(held, employees=15.0)
    plan = plan_of(held, csv(HEADING, SAW))
    lines = plan_text.conflicts(plan, {}, "fi", 10)
    (line,) = lines.to_dict("records")
    assert (line["table"], line["name"]) == ("companies", "Keksitty Saha Oy")
    assert (line["stored"], line["file"]) == ("Henkilöstö: 15", "Henkilöstö: 12")
    assert line["reason"].startswith("Tiedostossa on eri arvo")


def test_a_flow_that_may_be_another_is_a_conflict_with_nothing_stored(held):
    imported(held, csv(HEADING, SAW, SAW.replace(";100;", ";300;")))
    plan = plan_of(held, csv(HEADING, SAW.replace(";100;", ";500;")))
    (line,) = plan_text.conflicts(plan, {}, "fi", 10).to_dict("records")
    assert line["stored"] == ""
    assert "Määrä (t/v): 500" in line["file"]
    (key,) = plan_text.waiting(plan)
    assert plan_text.waiting(plan)[key] == 0
    assert plan_text.written(plan) == 0
    assert plan_text.written(plan_text.taking(plan, {key})) == 1


def test_a_tick_takes_the_row_of_its_own_table_only(held):
    """A file may give a company and a flow the same id."""
    heading = "id;nimi;kunta;toimiala;henkilöstö"
    imported(held, csv(heading, "1;Keksitty Saha Oy;Laukaa;16100;12"))
    flows = csv("id;yrityksen tunniste;materiaali;suunta;t/v", "1;1;sahanpuru;tarjoaa;100")
    imported(held, flows)
    stored = held.snapshot()
    changes = Changes(stored.companies, stored.companies.assign(employees=15.0))
    amounts = Changes(stored.flows, stored.flows.assign(tonnes=150.0))
    held.apply(plan_edit(stored, changes, amounts, title="koe"), ME)
    plan = plan_of(held, csv(heading, "1;Keksitty Saha Oy;Laukaa;16100;12"), flows)
    assert set(plan_text.waiting(plan)) == {("companies", "1"), ("flows", "1")}
    taken = plan_text.taking(plan, {("flows", "1")})
    assert taken.companies.empty
    assert taken.flows.after["tonnes"].tolist() == [100.0]
