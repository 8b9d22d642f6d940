"""What happens in the pictures: a change for the history, and a workshop with its phones."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kiertokylat import loads
from kiertokylat.access import Actor
from kiertokylat.changes import Changes
from kiertokylat.plan_edit import plan_edit
from kiertokylat.room import Commitment, Post, Vote
from kiertokylat.store import Store
from kiertokylat.store.rooms import Rooms

ME = Actor("tämä kone", "editor")
CODE = "KYLA27"
STARTED = datetime(2027, 1, 14, 16, 0, tzinfo=UTC)

# What the other phones say: who offers or needs what, where, how much, and what they add.
SAID = (
    ("in", "manure", "179", "20 t vuodessa", "kasvihuoneelle, mieluiten kompostoituna"),
    ("out", "wood_clean", "410", "3 kuormalavaa viikossa", "rikkinäisiä kuormalavoja"),
    ("in", "cardboard", "179", "2 tonnia kuussa", "silputaan pakkausten täytteeksi"),
)
VOTES: tuple[Vote, ...] = ("yes", "yes", "yes", "maybe", "yes", "no", "maybe", "yes")
PROMISES = (
    Commitment(
        companies="molemmat yritykset",
        next_step="Sovitaan koekuormasta ja tarkistetaan romun laatu",
        who="kehitysyhtiö",
        due="2027-01-29",
        stage="contacted",
    ),
    Commitment(
        idea="Yhteinen lavakeräys teollisuusalueelle",
        companies="kolme yritystä (keksittyjä)",
        next_step="Pyydetään kuljetustarjous",
        who="kunnan yrityspalvelut",
        due="2027-02-15",
    ),
)
SURVEY = """Yritys;Kunta;Toimiala;Henkilöstö;Suunta;Materiaali;Määrä (t/v)
Keksitty Puusepänverstas Oy;Laukaa;16;6;tarjoaa;sahanpuru;40
Keksitty Taimitarha Oy;Jyväskylä;01;4;tarvitsee;lanta;20
Satulaakson Kipsilevy Oy (keksitty);Laukaa;23620;52;tarjoaa;kipsi;120
Keksitty Kauppa Oy;Helsinki;47;9;tarjoaa;pahvi;3
"""


def clock() -> Callable[[], datetime]:
    """A clock of the evening: ten seconds pass between two looks."""
    looks = iter(range(10_000))
    return lambda: STARTED + timedelta(seconds=10 * next(looks))


def edit(store: Store) -> None:
    """An editor's change for the history: a company has told how many work there."""
    stored = store.snapshot()
    before = stored.companies[stored.companies["id"] == "demo-395"]
    after = before.assign(employees=45)
    plan = plan_edit(stored, Changes(before, after), title="yrityksiä muutettu 1 (Henkilöstö)")
    store.apply(plan, ME)


def dated(database: Path, code: str) -> None:
    """Give the history and the workshop's code what they always have in the pictures."""
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE workshops SET code = ? WHERE code = ?", (CODE, code))
        for (version,) in connection.execute("SELECT version FROM batches").fetchall():
            at = STARTED - timedelta(days=2, minutes=-version)
            stamp = at.strftime("%Y-%m-%d %H:%M:%S.000000")
            connection.execute("UPDATE batches SET time = ? WHERE version = ?", (stamp, version))
    connection.close()


def speak(rooms: Rooms) -> None:
    """What the other phones send: each joins and posts once; the last post waits."""
    workshop = rooms.get(CODE)
    for number, (direction, material, place, amount, note) in enumerate(SAID):
        rooms.set_moderated(workshop.id, number == len(SAID) - 1, ME)
        tonnes = loads.tonnes_of(amount)
        said = Post(direction, material, place, tonnes, amount, note)
        rooms.post(CODE, rooms.join(CODE), said)


def vote(rooms: Rooms) -> str:
    """Votes on what the projector shows; its key."""
    candidate = rooms.get(CODE).candidate
    for choice in VOTES:
        rooms.vote(CODE, rooms.join(CODE), candidate, choice)
    return candidate


def promise(rooms: Rooms, candidate: str) -> None:
    """The commitments: one of the candidate that was voted on, one of a free idea."""
    workshop = rooms.get(CODE)
    for made, about in zip(PROMISES, (candidate, ""), strict=True):
        rooms.commit(replace(made, candidate=about, workshop=workshop.id), ME)
