"""The commands that work on the database: import, backup, restore, erase, history, undo.

Who has the shell and the database may do everything: the history names the operating system's user.
"""

import getpass
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from kiertokylat.access import Actor, shown_name
from kiertokylat.asked import UsageError, existing
from kiertokylat.changes import Plan
from kiertokylat.command_data import DONE, PROBLEMS, existing_store, exit_code, ingest_files
from kiertokylat.console import list_problems, plain, print_json, put, tell
from kiertokylat.erasures import erased_on
from kiertokylat.plan import counts, plan_import
from kiertokylat.problems import problems_table
from kiertokylat.store import backup as backups
from kiertokylat.store import open_store
from kiertokylat.store.rooms import Rooms
from kiertokylat.tables import rows
from kiertokylat.words import Language, counted, say

_TIME_ZONE = "Europe/Helsinki"  # as on the page
_YES = {"k", "kyllä", "y", "yes"}


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


def _agreed(question: str) -> bool:
    """Whether somebody at the terminal says yes; nobody is there to ask in a script."""
    if not sys.stdin.isatty():
        return False
    sys.stderr.write(f"{question} ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in _YES


# --- import ---


def import_into(
    files: Sequence[Path],
    address: str,
    language: Language,
    *,
    yes: bool,
    whole_register: bool,
    keep_demo: bool,
    as_json: bool,
) -> int:
    """Show what files would change in the database, and change it if that is agreed to.

    Parameters
    ----------
    files
        Of any known kind.
    address
        Of the database; a new SQLite file is made.
    language
        Of texts.
    yes
        Whether to write without asking.
    whole_register
        Whether companies that the register's whole file doesn't list have ceased.
    keep_demo
        Whether the demo region stays beside the first companies of the user's own.
    as_json
        Counts, problems and what was done as JSON on standard output, not in words.
    """
    existing(files, language)  # before a database is made
    store = open_store(address)
    try:
        stored = store.snapshot()
        found = ingest_files(files, language, stored.companies)
        if whole_register and not found.whole_register:
            raise UsageError(_say("no_whole_register", language))
        plan = plan_import(
            stored,
            found,
            ", ".join(file.name for file in files),
            whole_register=whole_register,
            without_demo=not keep_demo,
        )
        if not as_json:
            list_problems(plan.problems, language)
            put(_plan_text(plan, language))
        read = (found.companies, found.known, found.flows)
        nothing_read = all(table.empty for table in read) and not found.ceased
        agreed = not (plan.empty or nothing_read) and (
            yes or _agreed(_say("import_question", language, place=store.url))
        )
        version = store.apply(plan, shell_user()) if agreed else stored.version
        if as_json:
            print_json(_plan_json(plan, version, language, applied=agreed))
    finally:
        store.close()
    if nothing_read:
        tell(_say("nothing_read", language))
        return PROBLEMS
    told = "import_done" if agreed else "import_unchanged" if plan.empty else "import_shown"
    tell(_say(told, language, place=store.url, version=version))
    return exit_code(plan.problems)


def _plan_text(plan: Plan, language: Language) -> str:
    """A line a table: how many rows are in each state."""
    lines = []
    for table, numbers in counts(plan).iterrows():
        found = [
            f"{say(f'plan.state_{state}', language)}: {number}"
            for state, number in numbers.items()
            if number
        ]
        lines.append(f"{say(f'export.table_{table}', language)} – {', '.join(found) or 0}\n")
    if plan.findings["state"].eq("conflicting").any():
        lines.append(f"{_say('import_conflicts', language)}\n")
    return "".join(lines)


def _plan_json(plan: Plan, version: int, language: Language, *, applied: bool) -> dict[str, object]:
    problems = problems_table(list(plan.problems), language).to_json(orient="records")
    counted = json.loads(counts(plan).to_json(orient="index"))
    return {**counted, "applied": applied, "version": version, "problems": json.loads(problems)}


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
        if not yes and not _agreed(question):
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
        if not yes and not _agreed(_say("workshops_question", language, **named, place=store.url)):
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
