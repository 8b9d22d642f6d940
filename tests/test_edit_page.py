"""The tables and the history of the page Aineisto, through Streamlit's own test runner.

It can't type into `st.data_editor`, so what is typed is put into the session as the draft that the
table would have made; typing itself is for `tests/browser/test_edit.py`.
"""

import pytest
import streamlit as st

from kiertokylat.access import Actor
from kiertokylat.drafts import Draft
from kiertokylat.plan import plan_edit
from kiertokylat.store import load_demo, open_store
from kiertokylat.web import door
from tests.test_app import main_module, run  # noqa: F401

EDITOR = Actor("toinen", "editor")


@pytest.fixture
def store(tmp_path, monkeypatch):
    """A database of this test's own, which the page opens too."""
    monkeypatch.setenv("KIERTOKYLAT_DATABASE", f"sqlite:///{tmp_path / 'edit.sqlite'}")
    st.cache_resource.clear()
    opened = open_store()
    load_demo(opened, EDITOR)
    yield opened
    opened.close()
    st.cache_resource.clear()


def draft(rows, place=0, **cells):
    row = rows.iloc[[place]].set_index("id", drop=False).rename_axis(None)
    return Draft(row, {row.index[0]: cells})


def page(section, table="companies", typed=None, **address):
    app = run("data", **address)
    if typed is not None:
        app.session_state[f"edit-draft-{table}"] = typed
    app.session_state["osa"] = section
    app.run()
    assert not app.exception, [error.message for error in app.exception]
    return app


def press(app, key):
    app.button(key=key).click().run()
    assert not app.exception, [error.message for error in app.exception]
    return app


def keys(app):
    return {button.key for button in app.button}


def texts(app, kind):
    return " ".join(str(one.value) for one in app.get(kind))


def edited(store, typed):
    """Somebody else saves an edit of companies."""
    plan = plan_edit(store.snapshot(), typed.changes("companies"), title="Toisen muutos")
    return store.apply(plan, EDITOR)


@pytest.mark.parametrize("language", ["fi", "en"])
@pytest.mark.parametrize("section", ["companies", "flows", "history"])
def test_each_section_runs(store, section, language):
    app = page(section, kieli=language)
    assert not app.error
    assert not app.warning


def test_the_table_shows_what_was_searched_and_no_more_than_500(store):
    app = page("companies")
    assert "500" in texts(app, "caption")
    app.text_input(key="edit-search-companies").set_value("betoni laukaa").run()
    assert not app.exception
    assert len(app.session_state["edit-drawn-companies"].sheet.keys) == 1
    assert "Näkyvissä 1 rivi 600 rivistä." in texts(app, "caption")
    app.text_input(key="edit-search-companies").set_value("laukaa").run()
    count = len(app.session_state["edit-drawn-companies"].sheet.keys)
    assert 1 < count < 100
    assert f"Näkyvissä {count} riviä 600 rivistä." in texts(app, "caption")
    app.multiselect(key="edit-chosen-companies-origin-fi").set_value(["by_hand"]).run()
    assert app.session_state["edit-drawn-companies"].sheet.keys == ()


def test_an_edit_is_shown_side_by_side_and_saved(store):
    rows = store.snapshot().companies
    app = page("companies", typed=draft(rows, name="Aakkosten Alku Oy", contact="Keksitty Henkilö"))
    assert app.dataframe[-1].value.iloc[0].tolist()[1:] == [
        "Aakkosten Alku Oy", "Nimi", rows["name"][0], "Aakkosten Alku Oy",
    ]  # fmt: skip
    assert app.button(key="edit-save-companies").label == "Tallenna 2 muutosta"
    press(app, "edit-save-companies")
    saved = store.snapshot().companies.iloc[0]
    assert saved[["name", "contact", "corrected"]].tolist() == [
        "Aakkosten Alku Oy", "Keksitty Henkilö", "name",
    ]  # fmt: skip
    assert not app.warning
    assert len(app.session_state["edit-draft-companies"]) == 0
    assert "Aakkosten Alku Oy" in set(app.session_state["edit-drawn-companies"].frame["name"])
    title = store.history()["title"][0]
    assert title == "Yrityksiä muutettu 1 (Nimi, Yhteyshenkilö)"


def test_what_is_typed_outlives_a_database_that_is_away_for_a_while(store, tmp_path):
    app = page("companies", typed=draft(store.snapshot().companies, name="Odottava Oy"))
    file, aside = tmp_path / "edit.sqlite", tmp_path / "aside.sqlite"
    file.rename(aside)
    app.button(key="edit-save-companies").click().run()
    assert "Tallentamattomat muutoksesi (1) ovat tallessa" in texts(app, "info")
    aside.rename(file)
    press(app, "fault-retry")
    assert app.button(key="edit-save-companies").label == "Tallenna 1 muutos"
    press(app, "edit-save-companies")
    assert store.snapshot().companies["name"][0] == "Odottava Oy"


def test_a_finding_names_row_and_column_and_nothing_can_be_saved(store):
    typed = draft(store.snapshot().companies, business_id="1234567-8", name="[x](http://a) *Oy*")
    app = page("companies", typed=typed)
    (error,) = app.error
    # The row stays where it stood in the table, which is sorted by name.
    keys_shown = app.session_state["edit-drawn-companies"].sheet.keys
    assert f"Rivi {keys_shown.index(typed.keys[0]) + 1} (" in error.value
    assert "Y-tunnus: Y-tunnus on virheellinen" in error.value
    assert "[x](" not in error.value  # a name is text, not Markdown
    assert "edit-save-companies" not in keys(app)
    press(app, "edit-drop-companies")
    assert not app.error
    assert not app.warning


def test_new_rows_are_checked_and_added(store):
    app = page("companies", typed=Draft(new=({"name": "Uusi Oy"},)))
    assert "Uusi rivi 1 (Uusi Oy), Kunta:" in app.error[0].value
    new = ({"name": "Uusi Oy", "municipality": "410", "business_id": "12345671"},)
    app = page("companies", typed=Draft(new=new))
    press(app, "edit-save-companies")
    row = store.snapshot().companies.set_index("id").loc["1234567-1"]
    assert row[["name", "source", "precision"]].tolist() == [
        "Uusi Oy", "Käsin lisätty", "municipality",
    ]  # fmt: skip


def test_unsaved_edits_outlive_another_search_language_and_section(store):
    app = page("companies", typed=draft(store.snapshot().companies, name="Aakkosten Alku Oy"))
    app.text_input(key="edit-search-companies").set_value("ei-löydy-mitään").run()
    app.session_state["osa"] = "history"
    app.run()
    app.session_state["kieli"] = "en"
    app.session_state["osa"] = "companies"
    app.run()
    assert not app.exception
    assert "Unsaved changes: 1" in app.warning[0].value
    assert app.session_state["edit-drawn-companies"].frame["name"].tolist() == ["Aakkosten Alku Oy"]
    assert "edit-save-companies" in keys(app)


def test_two_editors_on_one_row(store):
    before = store.snapshot().companies
    key = before["id"][0]
    app = page("companies", typed=draft(before, name="Minun Oy", employees=5.0))
    edited(store, draft(before, name="Aakkosten Toinen Oy"))
    press(app, "edit-save-companies")  # nothing is written
    assert store.snapshot().companies["name"][0] == "Aakkosten Toinen Oy"
    assert "Joku muu" in app.error[0].value
    assert app.dataframe[-1].value.iloc[0].tolist() == [
        "Nimi", before["name"][0], "Minun Oy", "Aakkosten Toinen Oy",
    ]  # fmt: skip
    press(app, f"edit-redo-{key}")
    assert not app.error
    press(app, "edit-save-companies")
    row = store.snapshot().companies.iloc[0]
    assert row[["name", "employees"]].tolist() == ["Minun Oy", 5.0]


def test_a_change_on_a_conflicting_row_can_be_dropped(store):
    before = store.snapshot().companies
    app = page("companies", typed=draft(before, name="Minun Oy"))
    edited(store, draft(before, name="Aakkosten Toinen Oy"))
    app.run()
    press(app, f"edit-leave-{before['id'][0]}")
    assert not app.warning
    assert (
        app.session_state["edit-drawn-companies"].frame["name"].isin(["Aakkosten Toinen Oy"]).any()
    )


def test_a_flow_is_edited_and_its_one_amount_stays_one(store):
    flows = store.snapshot().flows
    place = int((flows["tonnes_low"] == flows["tonnes_high"]).to_numpy().argmax())
    app = page("flows", "flows", draft(flows, place, tonnes=123.5))
    press(app, "edit-save-flows")
    saved = store.snapshot().flows.iloc[place]
    assert saved[["tonnes_low", "tonnes", "tonnes_high"]].tolist() == [123.5] * 3


def test_the_history_shows_a_change_and_undoes_it_and_the_undo(store):
    before = store.snapshot().companies
    batch = edited(store, draft(before, name="Väärä Oy"))
    for expected in (before["name"][0], "Väärä Oy"):
        app = page("history")
        choose(app, 0)
        press(app, "history-undo")
        assert expected in app.dataframe[-1].value.iloc[0].tolist()
        press(app, "history-yes")
        assert store.snapshot().companies["name"][0] == expected
        assert not app.error
    history = store.history().set_index("batch")
    assert history.loc[[batch, batch + 1, batch + 2], "undone"].tolist() == [False, True, False]


def test_an_undo_waits_for_the_later_change(store):
    before = store.snapshot().companies
    first = edited(store, draft(before, name="Väärä Oy"))
    second = edited(store, draft(store.snapshot().companies, name="Oikea Oy"))
    app = page("history")
    choose(app, 1)
    press(app, "history-undo")
    assert f"Muutosta {first} ei voi perua vielä: 1 sen" in app.error[0].value
    assert f"Oikea Oy: muutos {second}" in texts(app, "markdown")
    assert store.snapshot().companies["name"][0] == "Oikea Oy"


def test_the_history_is_searched_by_name_and_id(store):
    before = store.snapshot().companies
    edited(store, draft(before, 3, name="Aivan Omalaatuinen Oy"))
    app = page("history")
    for query in ("omalaatuinen", before["id"][3]):
        app.text_input(key="history-search").set_value(query).run()
        assert not app.exception
        assert app.dataframe[0].value["kind"].tolist() == ["muokkaus", "esimerkki"]
    app.text_input(key="history-search").set_value("ei tällaista").run()
    assert "Tällä haulla ei löydy" in app.info[0].value


def choose(app, place):
    """Select a row of the history."""
    key = f"history-{app.session_state['version']}--fi"
    app.session_state[key] = {"selection": {"rows": [place], "columns": [], "cells": []}}
    app.run()
    assert not app.exception, [error.message for error in app.exception]


@pytest.mark.parametrize("section", ["companies", "flows", "history"])
def test_nobody_but_an_editor_sees_any_of_it(store, monkeypatch, section):
    monkeypatch.setattr(door, "actor", lambda: Actor("katsoja", "viewer"))
    app = page(section)
    assert f"edit-drawn-{section}" not in app.session_state
    assert not {box.key for box in app.text_input} & {f"edit-search-{section}", "history-search"}
