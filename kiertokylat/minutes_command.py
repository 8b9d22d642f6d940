"""The command that writes a workshop's minutes."""

from pathlib import Path

from kiertokylat import privacy
from kiertokylat.analysis import analyse
from kiertokylat.asked import UsageError
from kiertokylat.command_data import DONE, existing_store
from kiertokylat.commitments import published, renamed
from kiertokylat.console import tell
from kiertokylat.minutes import minutes
from kiertokylat.minutes_book import minutes_book
from kiertokylat.minutes_facts import Facts
from kiertokylat.room import RoomError
from kiertokylat.store.rooms import Rooms
from kiertokylat.words import Language, say

SUFFIXES = (".html", ".htm", ".xlsx")


def write_minutes(code: str, out: Path, address: str, language: Language) -> int:
    """The minutes of a workshop as a printable page or a workbook.

    As on the wall, the data is what everybody may see, and the assumptions are the defaults.

    Parameters
    ----------
    code
        Of the workshop, in whatever case and spacing it was typed.
    out
        `.html` or `.xlsx`.
    address
        Of the database.
    language
        Of the minutes.

    Raises
    ------
    UsageError
        There is no such workshop, or the file's suffix is another one.
    StoreError
        The database can't be read.
    """
    suffix = out.suffix.lower()
    if suffix not in SUFFIXES:
        known = ", ".join(SUFFIXES)
        raise UsageError(say("commands.unknown_suffix", language, file=out, suffixes=known))
    facts = _read(code, address, language)
    out.parent.mkdir(parents=True, exist_ok=True)
    if suffix == ".xlsx":
        out.write_bytes(minutes_book(facts))
    else:
        out.write_text(minutes(facts), encoding="utf-8")
    tell(say("commands.written", language, file=out))
    return DONE


def _read(code: str, address: str, language: Language) -> Facts:
    """Everything that the database holds of a workshop."""
    with existing_store(address) as store:
        rooms = Rooms(store)
        try:
            workshop = rooms.get(code)
        except RoomError as error:
            raise UsageError(error.message(language)) from error
        snapshot = store.snapshot()
        companies, flows = privacy.public(snapshot, language).active()
        return Facts(
            workshop,
            rooms.posts(workshop.id),
            rooms.votes(workshop.id),
            rooms.participants(workshop.id),
            published(rooms.commitments(workshop.id), renamed(snapshot)),
            analyse(companies, flows),
            language,
            public=True,
        )
