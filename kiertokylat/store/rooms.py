"""Workshops in the database: the facilitator's side, and what the phones send.

Nothing here is a plan: it moves neither the dataset's version nor its history. Everybody who writes
to a workshop queues for its row, so that limits hold however many write at once, and two workshops
never wait for each other on PostgreSQL.
"""

from datetime import UTC
from typing import Any

import pandas as pd
from sqlalchemy import func, insert, select, update

from kiertokylat import reference, room
from kiertokylat.access import Actor, require_editor
from kiertokylat.room import Post, RoomError, State, Vote, Workshop
from kiertokylat.store import phones
from kiertokylat.store.commitments import Commitments, leave
from kiertokylat.store.erase import shred
from kiertokylat.store.rows import Row
from kiertokylat.store.schema import participants, posts, votes, workshops


class Rooms(Commitments):
    """The workshops and commitments of an open store. Many threads may use one.

    Every method raises `StoreError` when the database can't be reached, read or written; every one
    that writes checks the role or the phone's token itself.

    Parameters
    ----------
    store
        Where.
    clock
        Tells the time, UTC.
    """

    def create(
        self,
        name: str,
        place: str,
        municipalities: tuple[str, ...],
        date: str,
        by: Actor,
        *,
        moderated: bool = False,
    ) -> Workshop:
        """Make a workshop, open and at its first step.

        Parameters
        ----------
        name, place
            As typed.
        municipalities
            Codes.
        date
            ISO.
        by
            An editor.
        moderated
            Whether posts wait until they are accepted.

        Raises
        ------
        AccessError
            `by` is no editor.
        RoomError
            `no_name`, `too_long`, `bad_text`, `bad_date`, `unknown_municipality`.
        """
        require_editor(by)
        room.check_texts(name=name, place=place)
        room.check_date(date)
        if not name.strip():
            raise RoomError("no_name")
        if not set(municipalities) <= set(reference.municipalities().index):
            raise RoomError("unknown_municipality")
        with self._store._write() as connection:
            values: Row = {
                "id": room.new_id(),
                "code": phones.free_code(connection),
                "name": name,
                "place": place,
                "municipalities": " ".join(municipalities),
                "date": date,
                "moderated": moderated,
                "open": True,
                "step": room.STEPS[0],
                "candidate": "",
                "created": self._clock(),
                "pulse": 0,
            }
            connection.execute(insert(workshops), values)
        return _workshop(values)

    def list(self) -> tuple[Workshop, ...]:
        """Every workshop, the newest first."""
        query = select(workshops).order_by(workshops.c.created.desc(), workshops.c.id)
        with self._store._read() as connection:
            return tuple(_workshop(dict(row)) for row in connection.execute(query).mappings())

    def get(self, code: str) -> Workshop:
        """The workshop of a code, in whatever case and spacing it was typed.

        Raises
        ------
        RoomError
            `unknown_code`.
        """
        with self._store._read() as connection:
            return _workshop(phones.by_code(connection, code))

    def delete(self, workshop: str, by: Actor, *, promises: bool = False) -> None:
        """Delete a workshop (its id) with its phones, posts and votes, for good.

        Commitments outlive the evening: they stay and lose the link to it, as if made elsewhere.
        Backups made earlier still hold what was deleted.

        Parameters
        ----------
        workshop
            Its id.
        by
            An editor.
        promises
            Whether the commitments that were made there go, too.

        Raises
        ------
        AccessError
            `by` is no editor.
        RoomError
            `unknown_workshop`.
        StoreError
            `not_shredded`: it is deleted, but the disk may still keep traces.
        """
        require_editor(by)
        with self._writing(workshop) as connection:  # whoever still writes to it waits, then fails
            leave(connection, workshop, promises=promises)
            phones.forget(connection, workshop)
        shred(self._store._database)

    def set_step(self, workshop: str, step: str, by: Actor) -> None:
        """Move a workshop (its id) to a step of `room.STEPS`."""
        room.check_choice(step, room.STEPS)
        self._set(workshop, by, step=step)

    def show(self, workshop: str, candidate: str, by: Actor) -> None:
        """Show a candidate (key from `room.candidate_key`) to vote on; empty: none."""
        room.check_texts(candidate=candidate)
        self._set(workshop, by, candidate=candidate)

    def close(self, workshop: str, by: Actor) -> None:
        """Take no more phones, posts or votes."""
        self._set(workshop, by, open=False)

    def reopen(self, workshop: str, by: Actor) -> None:
        """Take them again."""
        self._set(workshop, by, open=True)

    def set_moderated(self, workshop: str, moderated: bool, by: Actor) -> None:
        """Hold posts back from now on, or no more; those that wait go on waiting."""
        self._set(workshop, by, moderated=moderated)

    def join(self, code: str) -> str:
        """Let a phone in.

        Returns
        -------
        str
            Its token, which it keeps: the database has only a hash of it.

        Raises
        ------
        RoomError
            `unknown_code`, `closed`, `full`.
        """
        with self._store._write() as connection:
            return phones.join(connection, code, self._clock())

    def number(self, code: str, token: str) -> int | None:
        """The number of a phone in a workshop; None: it has not joined it."""
        with self._store._read() as connection:
            return phones.number(connection, phones.by_code(connection, code)["id"], token)

    def post(self, code: str, who: str | Actor, post: Post) -> State:
        """Keep a post, once, however often it is sent.

        Parameters
        ----------
        code
            Of the workshop.
        who
            A phone's token; or an editor, who writes down what somebody without a phone says.
        post
            What is said.

        Returns
        -------
        str
            Its state: waiting where the workshop is moderated, unless an editor wrote it.

        Raises
        ------
        AccessError
            `who` is an actor but no editor.
        RoomError
            `unknown_code`, `closed`, `not_joined`; `too_fast`, `too_many`; what `room.check_post`
            finds; `bad_id`: another post has this id.
        """
        if isinstance(who, Actor):
            require_editor(who)
        room.check_post(post)
        with self._store._write() as connection:
            return phones.post(connection, code, who, post, self._clock())

    def vote(self, code: str, token: str, candidate: str, vote: Vote) -> None:
        """Keep a phone's vote on a candidate in the place of its earlier one.

        The candidate is the one that is shown, or one that the workshop has voted on before: a vote
        that was sent just before the next candidate came counts too, unless nobody else had voted.

        Raises
        ------
        RoomError
            `unknown_code`, `closed`, `not_joined`, `unknown_choice`, `not_shown`.
        """
        room.check_choice(vote, room.VOTES)
        with self._store._write() as connection:
            phones.vote(connection, code, token, candidate, vote)

    def posts(self, workshop: str, participant: int | None = None) -> pd.DataFrame:
        """The posts of a workshop (its id), in the order they came.

        Parameters
        ----------
        workshop
            Its id.
        participant
            Only those of this number.

        Returns
        -------
        DataFrame
            `id`, `participant` (0: the facilitator), `direction`, `material`, `tonnes_low`,
            `tonnes`, `tonnes_high` (t/a, NaN unknown), `amount`, `municipality`, `note` (as typed),
            `state`, `created` (UTC). Every state: who shows them leaves out what isn't accepted.
        """
        with self._store._read() as connection:
            return phones.read_posts(connection, workshop, participant)

    def votes(self, workshop: str) -> pd.DataFrame:
        """The votes of a workshop (its id): `candidate`, `participant`, `vote`, one each."""
        query = select(votes.c.candidate, votes.c.participant, votes.c.vote)
        query = query.where(votes.c.workshop == workshop)
        with self._store._read() as connection:
            found = connection.execute(query.order_by(votes.c.candidate, votes.c.participant)).all()
        return pd.DataFrame(found, columns=["candidate", "participant", "vote"])

    def participants(self, workshop: str) -> int:
        """How many phones have joined a workshop (its id)."""
        query = select(func.count()).select_from(participants)
        with self._store._read() as connection:
            return connection.execute(query.where(participants.c.workshop == workshop)).scalar_one()

    def pulse(self, workshop: str) -> int:
        """A number that grows with everything that is written of a workshop (its id).

        Cheap: meant to be asked every second.

        Raises
        ------
        RoomError
            `unknown_workshop`.
        """
        query = select(workshops.c.pulse).where(workshops.c.id == workshop)
        with self._store._read() as connection:
            found = connection.execute(query).scalar_one_or_none()
        if found is None:
            raise RoomError("unknown_workshop")
        return found

    def moderate(self, post: str, state: State, by: Actor) -> None:
        """Accept or reject a post (its id), or let it wait again.

        Raises
        ------
        AccessError
            `by` is no editor.
        RoomError
            `unknown_post`, `unknown_choice`.
        """
        require_editor(by)
        room.check_choice(state, room.STATES)
        query = select(posts.c.workshop).where(posts.c.id == post)
        with self._store._read() as connection:
            workshop = connection.execute(query).scalar_one_or_none()
        if workshop is None:
            raise RoomError("unknown_post")
        with self._writing(workshop) as connection:
            connection.execute(update(posts).where(posts.c.id == post).values(state=state))

    def _set(self, workshop: str, by: Actor, **values: Any) -> None:
        require_editor(by)
        with self._writing(workshop) as connection:
            connection.execute(update(workshops).where(workshops.c.id == workshop).values(values))


def _workshop(row: Row) -> Workshop:
    created = row["created"]
    # SQLite keeps UTC without saying so.
    created = created if created.tzinfo else created.replace(tzinfo=UTC)
    return Workshop(
        **{**row, "municipalities": tuple(row["municipalities"].split()), "created": created}
    )
