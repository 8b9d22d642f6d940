"""The commands that work on the database: backup, restore, erase, history, undo, workshops.

Who has the shell and the database may do everything: the history names the operating system's user.
"""

import getpass
import sys
from pathlib import Path

import pandas as pd

from kiertokylat.access import Actor, shown_name
from kiertokylat.asked import UsageError
from kiertokylat.command_data import DONE, existing_store
from kiertokylat.console import agreed, plain, put, tell
from kiertokylat.erasures import erased_on
from kiertokylat.store import backup as backups
from kiertokylat.store.rooms import Rooms
from kiertokylat.tables import rows
from kiertokylat.words import Language, counted, say

_TIME_ZONE = "Europe/Helsinki"  # as on the page


def _say(key: str, language: Language, **values: object) -> str:
    return say(f"commands.{key}", language, **values)


def _counted(companies: int, flows: int, language: Language) -> dict[str, str]:
    """Numbers of companies and flows with their nouns."""
    return {
        "companies": counted("commands.companies", companies, language),
        "flows": counted("commands.flows", flows, language),
    }


def shell_user() -> Actor:
    """Who runs the command."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError, ImportError):  # a user without a name, as in some containers
        name = "?"
    return Actor(name, "editor")


# --- backups ---


def backup(path: Path, address: str, language: Language, *, force: bool) -> int:
    """The whole database to one file."""
    backups.backup(address, path, force=force)
    tell(_say("backup_done", language, file=path))
    return DONE


def restore(path: Path, address: str, language: Language, *, replace: bool) -> int:
    """A database as a backup holds it."""
    if not path.is_file():
        raise UsageError(_say("file_missing", language, file=path))
    aside = backups.restore(path, address, shell_user(), replace=replace)
    with existing_store(address) as store:
        stored = store.snapshot()
        numbers = _counted(len(stored.companies), len(stored.flows), language)
        tell(_say("restore_done", language, place=store.url, version=stored.version, **numbers))
        back = stored.companies[erased_on(stored.companies, stored.erasures) != ""]
    if not back.empty:
        tell(_say("restore_erased", language, ids=plain(", ".join(back["id"]))))
    if aside:
        tell(_say("restore_aside", language, file=aside))
    return DONE


# --- history ---


def history(address: str, language: Language, *, limit: int) -> int:
    """The newest changes on standard output, newest first."""
    if limit < 1:
        raise UsageError(_say("bad_limit", language))
    with existing_store(address) as store:
        batches = store.history(limit)
    for batch in rows(batches):
        line = _say(
            "history_line",
            language,
            batch=batch.batch,
            time=f"{batch.time.tz_convert(_TIME_ZONE):%Y-%m-%d %H:%M %Z}",
            kind=_say(f"kind_{batch.kind}", language),
            who=plain(shown_name(batch.who, language)),
            title=plain(batch.title),
            **_counted(batch.companies, batch.flows, language),
        )
        if not pd.isna(batch.undoes):
            line += _say("history_undoes", language, batch=batch.undoes)
        put(f"{line}{_say('history_undone', language) if batch.undone else ''}\n")
    if batches.empty:
        tell(_say("history_empty", language))
    return DONE


def undo(batch: int, address: str, language: Language) -> int:
    """Take a change back; the undo can be taken back in the same way."""
    with existing_store(address) as store:
        version = store.apply(store.undo_plan(batch), shell_user())
    tell(_say("undo_done", language, batch=batch, version=version))
    return DONE


def erase(company_id: str, address: str, language: Language, *, yes: bool) -> int:
    """Remove a company for good, after asking."""
    with existing_store(address) as store:
        stored = store.snapshot()
        companies = stored.companies[stored.companies["id"] == company_id]
        flows = int((stored.flows["company_id"] == company_id).sum())
        name = plain(", ".join(companies["name"]) or company_id)
        of_it = counted("commands.flows", flows, language)
        question = _say("erase_question", language, name=name, flows=of_it, place=store.url)
        if not yes and not agreed(question):
            raise UsageError(_say("erase_not_agreed", language))
        version = store.erase(company_id, shell_user())
    numbers = {"companies": len(companies), "flows": flows}
    tell(_say("erase_done", language, version=version, **numbers))
    tell(_say("erase_remains", language))
    return DONE


def allow(identity: str, address: str, language: Language) -> int:
    """Let a company that was erased be stored again."""
    with existing_store(address) as store:
        version = store.allow(identity, shell_user())
    tell(_say("allow_done", language, row=plain(identity), version=version))
    return DONE


# --- workshops ---


def workshops(code: str | None, address: str, language: Language, *, yes: bool) -> int:
    """List the workshops on standard output, or delete the one of a code, after asking."""
    with existing_store(address) as store:
        rooms = Rooms(store)
        if code is None:
            return _list_workshops(rooms, language)
        found = rooms.get(code)
        named = {"code": found.code, "name": plain(found.name)}
        if not yes and not agreed(_say("workshops_question", language, **named, place=store.url)):
            raise UsageError(_say("erase_not_agreed", language))
        rooms.delete(found.id, shell_user())
    tell(_say("workshops_deleted", language, code=found.code))
    tell(_say("erase_remains", language))
    return DONE


def _list_workshops(rooms: Rooms, language: Language) -> int:
    every = rooms.list()
    for one in every:
        counted = {"posts": len(rooms.posts(one.id)), "promises": len(rooms.commitments(one.id))}
        named = {"code": one.code, "date": one.date, "name": plain(one.name)}
        sys.stdout.write(_say("workshops_line", language, **named, **counted) + "\n")
    if not every:
        tell(_say("workshops_none", language))
    return DONE
