"""The page Työpaja through Streamlit's own test runner, on a database of each test's own."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
import streamlit as st

from kiertokylat import invite, wall
from kiertokylat.access import Actor
from kiertokylat.room import STEPS, Commitment, Post
from kiertokylat.store import load_demo, open_store
from kiertokylat.store.rooms import Rooms
from kiertokylat.timer import Timer, clock
from kiertokylat.web import door
from tests.test_app import main_module, run  # noqa: F401

ME = Actor("koe", "editor")


@pytest.fixture
def rooms(tmp_path, monkeypatch):
    monkeypatch.setenv("KIERTOKYLAT_DATABASE", f"sqlite:///{tmp_path / 'koe.sqlite'}")
    st.cache_resource.clear()
    store = open_store()
    load_demo(store, ME)
    yield Rooms(store)
    store.close()
    st.cache_resource.clear()


def made(rooms, step="region", **more):
    workshop = rooms.create("Koe & ilta", "Peurunka", ("410", "179"), "2026-11-30", ME, **more)
    rooms.set_step(workshop.id, step, ME)
    return workshop


def opened(workshop):
    app = run("workshop", koodi=workshop.code)
    app.query_params["koodi"] = workshop.code
    return app.run()


def text(app):
    return " ".join(block.proto.body for block in app.get("html"))


def test_a_workshop_is_made_and_opened(rooms):
    app = run("workshop")
    app.text_input(key="workshop-name").set_value("Ilta <i>")
    app.multiselect(key="workshop-municipalities").set_value(["410"])
    app.button(key="workshop-make").click().run()
    assert not app.exception
    (kept,) = rooms.list()
    assert (kept.name, kept.municipalities, kept.step) == ("Ilta <i>", ("410",), "region")
    assert kept.code in text(app)
    assert "<i>" not in text(app)


@pytest.mark.parametrize("promises", [False, True])
def test_a_workshop_is_deleted_from_the_list_after_asking(rooms, promises):
    kept, gone = made(rooms), rooms.create("Poistuva <i>", "", (), "2026-11-30", ME)
    rooms.post(gone.code, ME, Post("out", "sawdust"))
    rooms.commit(Commitment("idea", workshop=gone.id), ME)
    app = run("workshop")
    if promises:
        app.checkbox(key=f"delete-promises-{gone.id}").check().run()
    assert any("Poistuva <i>" in block.value and "pysyvästi" in block.value for block in app.text)
    app.button(key=f"delete-yes-{gone.id}").click().run()
    assert not app.exception
    assert [one.id for one in rooms.list()] == [kept.id]
    assert rooms.posts(gone.id).empty
    assert list(rooms.commitments()["workshop"]) == ([] if promises else [""])


def test_a_workshop_that_was_deleted_meanwhile_leads_back_to_the_list(rooms):
    workshop = made(rooms, "ideas")
    app = opened(workshop)
    rooms.delete(workshop.id, ME)
    app.run()
    assert not app.exception
    assert app.error[0].value == "Työpajaa ei enää ole; se on poistettu."
    assert app.button(key="workshop-make")
    by_address = opened(workshop)  # nobody can tell whether there was one
    assert "Se on poistettu, tai" in by_address.error[0].value


def test_the_way_in_takes_the_place_of_a_step_and_gives_it_back(rooms):
    workshop = made(rooms, "flows")
    app = opened(workshop)
    assert workshop.code in app.button(key="join").label
    assert "Mitä tarvitaan" in text(app)
    app.button(key="join").click().run()
    assert 'invite big-invite"' in text(app)
    assert "Mitä tarvitaan" not in text(app)
    app.button(key="join-close").click().run()
    assert "Mitä tarvitaan" in text(app)
    app.button(key="join").click().run()
    app.button(key="step-region").click().run()  # going on puts it away
    assert 'invite big-invite"' not in text(app)
    rooms.close(workshop.id, ME)
    app.run()
    assert workshop.code not in app.button(key="join").label


def test_an_idea_of_what_can_be_hazardous_is_asked_about(rooms):
    workshop = made(rooms, "ideas")
    rooms.post(workshop.code, ME, Post("out", "sawdust", "410"))
    assert "onko jäte vaarallista" not in text(opened(workshop))
    rooms.post(workshop.code, ME, Post("out", "wood_treated", "410"))
    assert "onko jäte vaarallista" in text(opened(workshop))


@pytest.mark.parametrize(
    ("material", "place", "missing"),
    [
        ("", "410", "materiaali puuttuu"),
        ("sawdust", "", "kunta puuttuu"),
        ("", "", "materiaali ja kunta puuttuvat"),
    ],
)
def test_an_idea_that_can_have_no_match_says_what_is_missing(rooms, material, place, missing):
    workshop = made(rooms, "ideas")
    rooms.post(workshop.code, ME, Post("out", material, place, (20.0,) * 3, "20 t/v", "x"))
    shown = text(opened(workshop)).replace("\u00a0", " ")
    assert f"Paria ei voi hakea: {missing}." in shown
    assert shown.count("20 t/v") == 1


def test_a_workshop_without_a_name_is_told(rooms):
    app = run("workshop")
    app.button(key="workshop-make").click().run()
    assert "nimeä" in app.error[0].value
    assert rooms.list() == ()


def test_viewers_get_a_sentence_only(rooms, monkeypatch):
    workshop = made(rooms)
    monkeypatch.setattr(door, "actor", lambda: Actor("", "viewer"))
    app = opened(workshop)
    assert "oikeus muokata" in app.info[0].value
    assert workshop.code not in text(app)


@pytest.mark.parametrize("language", ["fi", "en"])
@pytest.mark.parametrize("step", STEPS)
def test_every_step_runs_and_is_marked(rooms, step, language):
    workshop = made(rooms, step)
    app = run("workshop", koodi=workshop.code, kieli=language)
    app.query_params["koodi"] = workshop.code
    app.run()
    assert not app.exception
    assert not app.error
    marked = [name for name in STEPS if app.button(key=f"step-{name}").label.startswith("▶")]
    assert marked == [step]


def test_a_step_is_kept_and_the_next_candidate_is_told_to_the_phones(rooms):
    workshop = made(rooms)
    app = opened(workshop)
    app.button(key="step-candidates").click().run()
    first = rooms.get(workshop.code)
    assert first.step == "candidates"
    assert first.candidate
    app.button(key="pair-next").click().run()
    second = rooms.get(workshop.code).candidate
    assert second not in {"", first.candidate}
    assert "Ehdokas 2 / " in text(app)


def test_ideas_are_shown_escaped_and_what_waits_stays_off_the_wall(rooms):
    workshop = made(rooms, "ideas", moderated=True)
    said = Post("out", "sawdust", "410", (30.0, 30.0, 30.0), "30 t", "<b>kuivaa</b>")
    rooms.post(workshop.code, ME, said)
    phone = rooms.join(workshop.code)
    rooms.post(workshop.code, phone, Post("in", "", note="odottava teksti"))
    app = opened(workshop)
    assert "&lt;b&gt;kuivaa&lt;/b&gt;" in text(app)
    assert "kerrottu työpajassa" in text(app)
    assert "Paras pari" in text(app)
    assert "odottava teksti" not in text(app)
    (waiting,) = [key for key in _keys(app) if key.startswith("accept-")]
    app.button(key=waiting).click().run()
    assert "odottava teksti" in text(app)


def _keys(app):
    return [button.key or "" for button in app.button]


def test_the_projector_shows_no_waiting_text(rooms):
    workshop = made(rooms, "ideas", moderated=True)
    rooms.post(workshop.code, rooms.join(workshop.code), Post("in", "", note="odottava teksti"))
    app = run("workshop", koodi=workshop.code, projektori="true")
    app.query_params["koodi"] = workshop.code
    app.run()
    shown = text(app) + " ".join(block.value for block in app.get("text"))
    assert "odottava teksti" not in shown
    assert "Hyväksyntää odottaa: 1" in shown


def test_commitments_and_their_figures(rooms):
    workshop = made(rooms, "candidates")
    opened(workshop)
    candidate = rooms.get(workshop.code).candidate
    promise = Commitment(candidate=candidate, workshop=workshop.id, next_step="<u>soitto</u>")
    rooms.commit(promise, ME)
    rooms.set_step(workshop.id, "commitments", ME)
    assert "&lt;u&gt;soitto&lt;/u&gt;" in text(opened(workshop))
    rooms.set_step(workshop.id, "summary", ME)
    shown = text(opened(workshop))
    assert "Luvattu ehdokas" in shown
    assert "idea 1" in shown


# --- pure ---


def test_the_timer_runs_stops_and_ends():
    start = datetime(2026, 1, 1, tzinfo=UTC)
    running = Timer().started(start)
    later = start + timedelta(minutes=4, seconds=1)
    assert clock(running.remaining(later)) == "5:59"  # 10:00 - 4:01
    stopped = running.stopped(later)
    assert stopped.remaining(later + timedelta(hours=1)) == timedelta(minutes=5, seconds=59)
    assert running.remaining(start + timedelta(hours=1)) == timedelta()
    assert clock(stopped.extended(timedelta(minutes=5), later).remaining(later)) == "10:59"


def test_addresses_links_and_code():
    found = invite.origins(["192.168.1.20"], 8501, "http://localhost:8501/tyopaja")
    assert found == ["http://192.168.1.20:8501"]
    assert invite.origins([], 8501) == ["http://localhost:8501"]
    assert invite.origins(["10.0.0.2"], 80, "https://kylat.fi/x")[0] == "https://kylat.fi"
    assert invite.join_link(found[0], "ABC234") == "http://192.168.1.20:8501/osallistu?koodi=ABC234"
    assert invite.short_address(found[0]) == "192.168.1.20:8501/osallistu"
    assert invite.qr_image("x").startswith("data:image/svg+xml")
    assert invite.is_local("127.0.0.1", "http://localhost:8501/")
    assert not invite.is_local("0.0.0.0", "http://localhost:8501/")  # noqa: S104


def test_votes_are_counted_for_one_candidate():
    votes = pd.DataFrame({"candidate": ["a", "a", "b"], "vote": ["yes", "no", "yes"]})
    assert wall.tally(votes, "a") == {"yes": 1, "maybe": 0, "no": 1}
