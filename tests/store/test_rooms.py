"""Workshops on both databases: many phones at once, floods, closed doors, commitments."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from kiertokylat.access import Actor
from kiertokylat.errors import AccessError, ConflictError, StoreError
from kiertokylat.room import LENGTHS, Commitment, Post, RoomError, candidate_key, new_id
from kiertokylat.store import open_store
from kiertokylat.store.backup import backup, restore
from kiertokylat.store.phones import ALPHABET, PHONES_PER_WORKSHOP, POSTS_PER_PHONE
from kiertokylat.store.rooms import Rooms
from kiertokylat.store.schema import VERSION_TABLE, participants, posts, votes
from kiertokylat.words import LANGUAGES
from tests.store.samples import EDITOR, OTHER, adding, companies, flows, renamed
from tests.store.test_backup import all_rows
from tests.store.test_opening import change

PHONES = 40
RUDE = "<script>alert('♻️')</script> {{7*7}} %s\n=1+1"


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_seconds(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def rooms(store, clock):
    return Rooms(store, clock)


def made(rooms, name="Kylätalo", **options):
    return rooms.create(name, "Saarijärvi", ("729", "179"), "2026-11-24", EDITOR, **options)


def refused(code, write):
    with pytest.raises(RoomError) as caught:
        write()
    assert caught.value.code == code
    assert all(caught.value.message(language) for language in LANGUAGES)


def at_once(work, arguments):
    """Every call in a thread of its own, all let go at the same moment; exceptions are raised."""
    gate = threading.Barrier(len(arguments))

    def run(*argument):
        gate.wait()
        return work(*argument)

    with ThreadPoolExecutor(len(arguments)) as pool:
        return [task.result() for task in [pool.submit(run, *each) for each in arguments]]


def sawdust(**changes):
    values = {"direction": "out", "material": "sawdust", "municipality": "729"}
    return Post(**values | changes)


def test_a_workshop_is_found_by_its_code_however_it_is_typed(rooms, clock):
    workshop = made(rooms, RUDE, moderated=True)
    assert len(workshop.code) == 6
    assert set(workshop.code) <= set(ALPHABET)
    assert workshop.created == clock.now
    for typed in (workshop.code.lower(), f" {workshop.code[:3]} {workshop.code[3:]} "):
        assert rooms.get(typed) == workshop
    assert (workshop.name, workshop.municipalities) == (RUDE, ("729", "179"))
    assert (workshop.open, workshop.moderated, workshop.step) == (True, True, "region")
    clock.pass_seconds(1)
    later = made(rooms)
    assert rooms.list() == (later, workshop)


def test_forty_phones_post_at_once_and_twice(rooms):
    workshop = made(rooms)
    tokens = at_once(lambda: rooms.join(workshop.code), [()] * PHONES)
    assert len(set(tokens)) == PHONES == rooms.participants(workshop.id)
    sent = [(token, sawdust(note=f"viesti {i}")) for i, token in enumerate(tokens)]
    before = rooms.pulse(workshop.id)
    states = at_once(lambda token, post: rooms.post(workshop.code, token, post), sent * 2)
    assert states == ["accepted"] * 2 * PHONES
    kept = rooms.posts(workshop.id)
    assert sorted(kept["id"]) == sorted(post.id for _, post in sent)
    assert sorted(kept["note"]) == sorted(post.note for _, post in sent)
    assert sorted(kept["participant"]) == list(range(1, PHONES + 1))
    # The second copies change nothing.
    assert rooms.pulse(workshop.id) == before + PHONES


def test_a_flood_from_one_phone_ends_at_the_limits(rooms, clock):
    workshop = made(rooms)
    token, other = rooms.join(workshop.code), rooms.join(workshop.code)

    def flood(post):
        try:
            return rooms.post(workshop.code, token, post)
        except RoomError as error:
            return error.code

    # At one moment only one of a hundred is taken.
    answers = at_once(flood, [(sawdust(),) for _ in range(100)])
    assert sorted(answers) == ["accepted"] + ["too_fast"] * 99
    # Over five minutes thirty are: 29 more, then none.
    answers = []
    for _ in range(100):
        clock.pass_seconds(3)
        answers.append(flood(sawdust()))
    left = POSTS_PER_PHONE - 1
    assert answers == ["accepted"] * left + ["too_many"] * (100 - left)
    assert len(rooms.posts(workshop.id)) == POSTS_PER_PHONE
    # Another phone does not notice.
    assert rooms.post(workshop.code, other, sawdust()) == "accepted"
    # The one that lost the answer of a kept post may still ask again.
    kept = rooms.posts(workshop.id, participant=1)["id"][0]
    assert flood(sawdust(id=kept)) == "accepted"


def test_just_under_three_seconds_is_too_fast(rooms, clock):
    workshop = made(rooms)
    token = rooms.join(workshop.code)
    rooms.post(workshop.code, token, sawdust())
    clock.pass_seconds(2.99)
    refused("too_fast", lambda: rooms.post(workshop.code, token, sawdust()))
    clock.pass_seconds(0.01)
    rooms.post(workshop.code, token, sawdust())
    assert len(rooms.posts(workshop.id)) == 2


def test_two_workshops_at_once_never_mix(rooms):
    first, second = made(rooms, "Eka"), made(rooms, "Toka")
    assert first.code != second.code
    here = [rooms.join(first.code) for _ in range(10)]
    there = [rooms.join(second.code) for _ in range(10)]
    work = [(first.code, token, sawdust(note="eka")) for token in here]
    work += [(second.code, token, sawdust(note="toka")) for token in there]
    at_once(rooms.post, work)
    rooms.show(first.id, "A", EDITOR)
    rooms.vote(first.code, here[0], "A", "yes")
    assert rooms.posts(first.id)["note"].tolist() == ["eka"] * 10
    assert rooms.posts(second.id)["note"].tolist() == ["toka"] * 10
    assert len(rooms.votes(first.id)) == 1
    assert rooms.votes(second.id).empty
    # A phone of one is a stranger in the other, also with a post that is kept there.
    assert rooms.number(first.code, here[0]) == 1
    assert rooms.number(second.code, here[0]) is None
    refused("not_joined", lambda: rooms.post(second.code, here[0], sawdust()))
    refused("not_shown", lambda: rooms.vote(second.code, there[0], "A", "yes"))
    taken = rooms.posts(first.id)["id"][0]
    refused("bad_id", lambda: rooms.post(second.code, there[0], sawdust(id=taken)))
    pulse = rooms.pulse(second.id)
    rooms.set_step(first.id, "ideas", EDITOR)
    assert rooms.pulse(second.id) == pulse


@pytest.mark.parametrize("code", ["AAAAAA", "", "' OR 1=1 --", "ÄÖ0O1I", "A" * 1000, "\0"])
def test_a_wrong_code_opens_nothing(rooms, code):
    workshop = made(rooms)
    token = rooms.join(workshop.code)
    for write in (
        lambda: rooms.get(code),
        lambda: rooms.join(code),
        lambda: rooms.post(code, token, sawdust()),
        lambda: rooms.vote(code, token, "A", "yes"),
    ):
        refused("unknown_code", write)
    assert rooms.participants(workshop.id) == 1
    assert rooms.posts(workshop.id).empty


def test_a_closed_workshop_takes_nothing_until_it_opens_again(rooms):
    workshop = made(rooms)
    token = rooms.join(workshop.code)
    rooms.show(workshop.id, "A", EDITOR)
    rooms.close(workshop.id, EDITOR)
    before = rooms.pulse(workshop.id)
    refused("closed", lambda: rooms.join(workshop.code))
    refused("closed", lambda: rooms.post(workshop.code, token, sawdust()))
    refused("closed", lambda: rooms.post(workshop.code, EDITOR, sawdust()))
    refused("closed", lambda: rooms.vote(workshop.code, token, "A", "yes"))
    assert rooms.pulse(workshop.id) == before
    assert not rooms.get(workshop.code).open
    rooms.reopen(workshop.id, EDITOR)
    assert rooms.post(workshop.code, token, sawdust()) == "accepted"


def test_only_so_many_phones_get_in(store, rooms, clock):
    workshop = made(rooms)
    rows = [
        {"workshop": workshop.id, "number": i, "token": f"{i}", "joined": clock.now}
        for i in range(1, PHONES_PER_WORKSHOP)
    ]
    with store._write() as connection:
        connection.execute(participants.insert(), rows)
    rooms.join(workshop.code)
    refused("full", lambda: rooms.join(workshop.code))
    assert rooms.participants(workshop.id) == PHONES_PER_WORKSHOP


def test_the_last_vote_of_a_phone_counts(rooms):
    workshop = made(rooms)
    tokens = [rooms.join(workshop.code) for _ in range(3)]
    rooms.show(workshop.id, "A", EDITOR)
    for token in tokens:
        rooms.vote(workshop.code, token, "A", "yes")
    rooms.vote(workshop.code, tokens[1], "A", "no")
    pulse = rooms.pulse(workshop.id)
    rooms.vote(workshop.code, tokens[1], "A", "no")  # the same again
    assert rooms.pulse(workshop.id) == pulse
    rooms.show(workshop.id, "B", EDITOR)
    rooms.vote(workshop.code, tokens[2], "A", "maybe")  # late, but others have voted on it
    rooms.vote(workshop.code, tokens[0], "B", "maybe")
    assert rooms.votes(workshop.id).to_dict("tight")["data"] == [
        ["A", 1, "yes"],
        ["A", 2, "no"],
        ["A", 3, "maybe"],
        ["B", 1, "maybe"],
    ]
    refused("not_shown", lambda: rooms.vote(workshop.code, tokens[0], "C", "yes"))
    refused("not_shown", lambda: rooms.vote(workshop.code, tokens[0], "", "yes"))
    refused("unknown_choice", lambda: rooms.vote(workshop.code, tokens[0], "B", "ehkä"))
    refused("not_joined", lambda: rooms.vote(workshop.code, "arvaus", "B", "yes"))


def test_one_phone_votes_many_ways_at_once(rooms):
    workshop = made(rooms)
    token = rooms.join(workshop.code)
    rooms.show(workshop.id, "A", EDITOR)
    choices = [("yes",), ("maybe",), ("no",)] * 7
    at_once(lambda choice: rooms.vote(workshop.code, token, "A", choice), choices)
    assert len(rooms.votes(workshop.id)) == 1


def test_moderated_posts_wait_for_the_facilitator(rooms, clock):
    workshop = made(rooms, moderated=True)
    token = rooms.join(workshop.code)
    rude, good = sawdust(note=RUDE), sawdust(note="ok")
    assert rooms.post(workshop.code, token, rude) == "waiting"
    clock.pass_seconds(5)
    assert rooms.post(workshop.code, token, good) == "waiting"
    clock.pass_seconds(5)
    # What the facilitator writes down needs no acceptance and has no limit.
    for _ in range(3):
        assert rooms.post(workshop.code, EDITOR, sawdust()) == "accepted"
    pulse = rooms.pulse(workshop.id)
    rooms.moderate(rude.id, "rejected", EDITOR)
    rooms.moderate(good.id, "accepted", EDITOR)
    assert rooms.pulse(workshop.id) == pulse + 2
    kept = rooms.posts(workshop.id)
    assert kept["state"].tolist() == ["rejected", "accepted", *["accepted"] * 3]
    assert kept["participant"].tolist() == [1, 1, 0, 0, 0]
    # Sent again, a rejected post stays rejected.
    assert rooms.post(workshop.code, token, rude) == "rejected"
    rooms.set_moderated(workshop.id, False, EDITOR)
    clock.pass_seconds(5)
    assert rooms.post(workshop.code, token, sawdust()) == "accepted"
    refused("unknown_post", lambda: rooms.moderate(new_id(), "accepted", EDITOR))
    refused("unknown_choice", lambda: rooms.moderate(good.id, "hidden", EDITOR))


def test_posts_come_back_as_they_were_typed(rooms, clock):
    workshop = made(rooms)
    token = rooms.join(workshop.code)
    full = sawdust(tonnes=(0.1 + 0.2, 1.0, 5e6), amount="3 rekkaa", note=RUDE, direction="in")
    rooms.post(workshop.code, token, full)
    clock.pass_seconds(3)
    empty = Post("out", "", note="jotain")
    rooms.post(workshop.code, token, empty)
    first, second = rooms.posts(workshop.id).to_dict("records")
    assert (first["tonnes_low"], first["tonnes"], first["tonnes_high"]) == (0.1 + 0.2, 1.0, 5e6)
    assert (first["amount"], first["note"], first["direction"]) == ("3 rekkaa", RUDE, "in")
    assert first["created"] == clock.now - timedelta(seconds=3)
    assert all(np.isnan(second[name]) for name in ("tonnes_low", "tonnes", "tonnes_high"))
    assert (second["material"], second["municipality"]) == ("", "")


@pytest.mark.parametrize(
    ("code", "post"),
    [
        ("bad_id", sawdust(id="x")),
        ("bad_id", sawdust(id="../../../etc")),
        ("bad_id", sawdust(id="a" * 65)),
        ("unknown_choice", sawdust(direction="both")),
        ("unknown_choice", sawdust(material="gold")),
        ("unknown_municipality", sawdust(municipality="091")),
        ("too_long", sawdust(note="ä" * (LENGTHS["note"] + 1))),
        ("too_long", sawdust(amount="9" * (LENGTHS["amount"] + 1))),
        ("bad_text", sawdust(note="\0")),
        ("bad_text", sawdust(note="\ud800")),
        ("empty_post", Post("out", "", note="  ")),
        ("bad_amount", sawdust(tonnes=(-1, 0, 1))),
        ("bad_amount", sawdust(tonnes=(2, 1, 3))),
        ("bad_amount", sawdust(tonnes=(0, 1, 6e6))),
        ("bad_amount", sawdust(tonnes=(0, float("nan"), 1))),
        ("bad_amount", sawdust(tonnes=(0, 1, float("inf")))),
    ],
)
def test_what_can_not_be_kept_is_refused(rooms, code, post):
    workshop = made(rooms)
    token = rooms.join(workshop.code)
    refused(code, lambda: rooms.post(workshop.code, token, post))
    assert rooms.posts(workshop.id).empty
    # A note as long as allowed is kept.
    rooms.post(workshop.code, token, sawdust(note="ä" * LENGTHS["note"]))


@pytest.mark.parametrize("role", ["viewer", "participant"])
def test_others_than_editors_write_nothing_else(rooms, role):
    workshop = made(rooms)
    token = rooms.join(workshop.code)
    post = sawdust()
    rooms.post(workshop.code, token, post)
    commitment = Commitment("idea")
    rooms.commit(commitment, EDITOR)
    somebody = Actor("joku", role)
    before = rooms.pulse(workshop.id)
    for write in (
        lambda: rooms.create("N", "P", (), "2026-11-24", somebody),
        lambda: rooms.set_step(workshop.id, "ideas", somebody),
        lambda: rooms.show(workshop.id, "A", somebody),
        lambda: rooms.close(workshop.id, somebody),
        lambda: rooms.reopen(workshop.id, somebody),
        lambda: rooms.delete(workshop.id, somebody),
        lambda: rooms.set_moderated(workshop.id, True, somebody),
        lambda: rooms.post(workshop.code, somebody, sawdust()),
        lambda: rooms.moderate(post.id, "rejected", somebody),
        lambda: rooms.commit(Commitment("toinen"), somebody),
        lambda: rooms.edit_commitment(replace(commitment, revision=1), somebody),
    ):
        with pytest.raises(AccessError):
            write()
    assert rooms.pulse(workshop.id) == before
    assert len(rooms.list()) == len(rooms.posts(workshop.id)) == len(rooms.commitments()) == 1


def test_a_token_is_kept_as_a_hash_only(store, rooms):
    workshop = made(rooms)
    token = rooms.join(workshop.code)
    with store._read() as connection:
        kept = connection.execute(participants.select()).mappings().one()
    assert len(kept["token"]) == 64
    assert token not in str(dict(kept))
    # The hash opens nothing.
    refused("not_joined", lambda: rooms.post(workshop.code, kept["token"], sawdust()))


def test_the_facilitator_steps_and_the_pulse_moves(rooms):
    workshop = made(rooms)
    pulses = [rooms.pulse(workshop.id)]
    for write in (
        lambda: rooms.set_step(workshop.id, "candidates", EDITOR),
        lambda: rooms.show(workshop.id, "A", EDITOR),
        lambda: rooms.join(workshop.code),
        lambda: rooms.commit(Commitment("idea", workshop=workshop.id), EDITOR),
    ):
        write()
        pulses.append(rooms.pulse(workshop.id))
    assert pulses == sorted(set(pulses))
    now = rooms.get(workshop.code)
    assert (now.step, now.candidate, now.pulse) == ("candidates", "A", pulses[-1])
    refused("unknown_choice", lambda: rooms.set_step(workshop.id, "dance", EDITOR))
    refused("unknown_workshop", lambda: rooms.set_step(new_id(), "ideas", EDITOR))
    refused("unknown_workshop", lambda: rooms.pulse(new_id()))
    for code, arguments in {
        "no_name": (" ", "P", (), "2026-11-24"),
        "too_long": ("N" * 121, "P", (), "2026-11-24"),
        "bad_date": ("N", "P", (), "24.11.2026"),
        "unknown_municipality": ("N", "P", ("091",), "2026-11-24"),
    }.items():
        refused(code, lambda arguments=arguments: rooms.create(*arguments, EDITOR))


def test_workshops_leave_the_dataset_alone(store, rooms):
    store.apply(adding(companies(a="A")), EDITOR)
    workshop = made(rooms)
    rooms.post(workshop.code, rooms.join(workshop.code), sawdust())
    rooms.commit(Commitment("idea"), EDITOR)
    assert store.version() == 1
    assert len(store.history()) == 1


def test_two_editors_edit_one_commitment(rooms, clock):
    workshop = made(rooms)
    commitment = Commitment(
        RUDE, workshop=workshop.id, companies="A & B", who="Matti", due="2027-01-31"
    )
    at_once(lambda: rooms.commit(commitment, EDITOR), [()] * 4)  # sent again and again
    clock.pass_seconds(60)
    seen = replace(commitment, revision=1)
    assert rooms.edit_commitment(replace(seen, stage="contacted"), EDITOR) == 2
    with pytest.raises(ConflictError) as caught:
        rooms.edit_commitment(replace(seen, stage="dropped"), OTHER)
    assert caught.value.rows == (("commitments", commitment.id),)
    (kept,) = rooms.commitments().to_dict("records")
    assert (kept["stage"], kept["revision"], kept["idea"]) == ("contacted", 2, RUDE)
    assert kept["updated"] - kept["created"] == timedelta(seconds=60)
    # Many at once: one is first, all others are told.
    answers = at_once(lambda i: edited(rooms, replace(seen, revision=2, note=f"{i}")), ROWS)
    assert sorted(answers) == ["3"] + ["conflict"] * (len(ROWS) - 1)
    with pytest.raises(ConflictError):
        rooms.commit(replace(commitment, idea="toinen"), OTHER)
    with pytest.raises(ConflictError):  # where it was made is not changed
        rooms.edit_commitment(replace(seen, revision=3, workshop=None), OTHER)


ROWS = [(i,) for i in range(8)]


def edited(rooms, commitment):
    try:
        return str(rooms.edit_commitment(commitment, OTHER))
    except ConflictError:
        return "conflict"


def test_commitments_are_listed_by_workshop(rooms, clock):
    first, second = made(rooms), made(rooms)
    free = Commitment("vapaa")
    at_once(lambda: rooms.commit(free, EDITOR), [()] * 4)
    for workshop in (second, first):
        clock.pass_seconds(1)
        rooms.commit(Commitment(workshop.id, workshop=workshop.id), EDITOR)
    assert rooms.commitments()["idea"].tolist() == ["vapaa", second.id, first.id]
    assert rooms.commitments()["workshop"].tolist() == ["", second.id, first.id]
    assert rooms.commitments(first.id)["idea"].tolist() == [first.id]
    refused("unknown_workshop", lambda: rooms.commit(Commitment("i", workshop="x"), EDITOR))
    for code, commitment in {
        "empty_commitment": Commitment(" "),
        "bad_date": Commitment("i", due="huomenna"),
        "unknown_choice": Commitment("i", stage="done"),
        "too_long": Commitment("i" * 501),
        "bad_text": Commitment("i\0"),
    }.items():
        refused(code, lambda commitment=commitment: rooms.commit(commitment, EDITOR))


def test_empty_tables_have_their_columns(rooms):
    workshop = made(rooms)
    assert list(rooms.posts(workshop.id)) == [
        column.name for column in posts.c if column.name != "workshop"
    ]
    assert list(rooms.votes(workshop.id)) == ["candidate", "participant", "vote"]
    assert rooms.commitments().empty
    assert rooms.participants(workshop.id) == 0


def test_an_erased_company_leaves_votes_and_commitments(store, rooms):
    rows = companies(a="Puron Saha", b="Lammen Kasvihuone", **{"a-b": "Muu"})
    store.apply(adding(rows, flows(f="a", g="b")), EDITOR)
    store.apply(renamed(store.snapshot(), "a", "Puron Saha Oy"), EDITOR)
    workshop = made(rooms)
    token = rooms.join(workshop.code)
    names = ("from_company", "to_company", "supply_id", "demand_id")
    about = candidate_key(dict(zip(names, ("a", "b", "f", ""), strict=True)))
    other = candidate_key(dict(zip(names, ("a-b", "b", "f2", "a"), strict=True)))
    for key in (other, about):
        rooms.show(workshop.id, key, EDITOR)
        rooms.vote(workshop.code, token, key, "yes")
    linked = Commitment(
        candidate=about,
        workshop=workshop.id,
        companies="Puron Saha Oy, Lammen Kasvihuone",
        next_step="Soitto: PURON SAHA ja Lampi",
    )
    unlinked = Commitment("Puron Saha lupasi", candidate=other)
    rooms.commit(linked, EDITOR)
    rooms.commit(unlinked, EDITOR)
    pulse = rooms.pulse(workshop.id)

    store.erase("a", EDITOR)
    assert rooms.get(workshop.code).candidate == ""
    assert rooms.pulse(workshop.id) == pulse + 1
    assert rooms.votes(workshop.id)["candidate"].tolist() == [other]
    kept = rooms.commitments().set_index("id")
    assert kept.loc[linked.id, "candidate"] == ""
    assert kept.loc[linked.id, "companies"] == "(poistettu), Lammen Kasvihuone"
    assert kept.loc[linked.id, "next_step"] == "Soitto: (poistettu) ja Lampi"
    # Only a person can tell of whom other text speaks.
    assert kept.loc[unlinked.id, ["idea", "candidate"]].tolist() == ["Puron Saha lupasi", other]
    with pytest.raises(ConflictError):  # nobody writes the name back
        rooms.edit_commitment(replace(linked, revision=1), OTHER)


@pytest.mark.parametrize("promises", [False, True])
def test_a_deleted_workshop_takes_its_phones_posts_and_votes_along(store, rooms, promises):
    gone, other = made(rooms, "Poistuva"), made(rooms, "Jäävä")
    for workshop in (gone, other):
        token = rooms.join(workshop.code)
        rooms.post(workshop.code, token, sawdust(note="Matti Meikäläinen"))
        rooms.show(workshop.id, "A", EDITOR)
        rooms.vote(workshop.code, token, "A", "yes")
    here, there = (Commitment(w.name, workshop=w.id) for w in (gone, other))
    rooms.commit(here, EDITOR)
    rooms.commit(there, EDITOR)

    rooms.delete(gone.id, OTHER, promises=promises)
    assert [each.id for each in rooms.list()] == [other.id]
    refused("unknown_code", lambda: rooms.get(gone.code))
    refused("unknown_code", lambda: rooms.join(gone.code))
    refused("unknown_workshop", lambda: rooms.delete(gone.id, EDITOR))
    with store._read() as connection:
        for table in (participants, posts, votes):
            (left,) = connection.execute(table.select()).mappings().all()
            assert left["workshop"] == other.id
    kept = rooms.commitments().set_index("id")["workshop"].to_dict()
    assert kept == {there.id: other.id} | ({} if promises else {here.id: ""})
    if not promises:  # whoever had it open is told that the workshop is gone
        refused("unknown_workshop", lambda: rooms.edit_commitment(replace(here, revision=1), OTHER))
        assert rooms.edit_commitment(replace(here, workshop=None, revision=2), OTHER) == 3


def test_what_a_deleted_workshop_held_is_not_left_on_the_disk(tmp_path):
    file = tmp_path / "koe.sqlite"
    store = open_store(f"sqlite:///{file}")
    rooms = Rooms(store)
    workshop = made(rooms)
    rooms.post(workshop.code, rooms.join(workshop.code), sawdust(note="Matti Meikäläinen"))
    name = "Matti Meikäläinen".encode()

    def holds():
        return any(name in part.read_bytes() for part in tmp_path.glob("koe.sqlite*"))

    assert holds()
    rooms.delete(workshop.id, EDITOR)
    assert not holds()
    store.close()


def test_a_backup_brings_workshops_back(store, rooms, address, tmp_path):
    workshop = made(rooms)
    token = rooms.join(workshop.code)
    rooms.post(workshop.code, token, sawdust(note=RUDE, tonnes=(1, 2, 3)))
    rooms.show(workshop.id, "A", EDITOR)
    rooms.vote(workshop.code, token, "A", "maybe")
    rooms.commit(Commitment("idea", workshop=workshop.id), EDITOR)
    backup(address, tmp_path / "copy.sqlite")
    before = all_rows(address)
    rooms.close(workshop.id, EDITOR)
    # Workshops alone are data, too: they are not replaced unasked, and kept aside.
    with pytest.raises(StoreError) as caught:
        restore(tmp_path / "copy.sqlite", address, EDITOR)
    assert caught.value.code == "holds_data"
    aside = restore(tmp_path / "copy.sqlite", address, EDITOR, replace=True)
    assert aside is not None
    assert all_rows(address) == before
    assert rooms.get(workshop.code).open


def test_posts_that_come_during_a_restore_are_kept_or_refused(rooms, address, tmp_path):
    workshop = made(rooms)
    tokens = [rooms.join(workshop.code) for _ in range(8)]
    backup(address, tmp_path / "copy.sqlite")
    asides = []

    def work(token):
        if token is None:
            asides.append(restore(tmp_path / "copy.sqlite", address, EDITOR, replace=True))
        else:
            rooms.post(workshop.code, token, sawdust())

    at_once(work, [(token,) for token in [*tokens, None]])
    # Who came before it is in the copy that was kept aside, who came after it in the room.
    aside = open_store(f"sqlite:///{asides[0]}")
    before, after = Rooms(aside).posts(workshop.id), rooms.posts(workshop.id)
    aside.close()
    assert sorted([*before["participant"], *after["participant"]]) == list(range(1, 9))


def test_a_database_from_before_workshops_gets_their_tables(store, address):
    store.apply(adding(companies(a="A")), EDITOR)
    new = ("erased", "votes", "posts", "participants", "commitments", "workshops")
    drops = [f"DROP TABLE {name}" for name in new]
    change(address, *drops, f"UPDATE {VERSION_TABLE} SET version_num = '1'")  # noqa: S608
    again = open_store(address)
    rooms = Rooms(again)
    rooms.post(made(rooms).code, EDITOR, sawdust())
    assert again.snapshot().companies["name"].tolist() == ["A"]
    again.close()
