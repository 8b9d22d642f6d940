"""The command `import`: files ► a plan against what is stored, shown, agreed to and then saved.

It reads what the page Aineisto reads and makes the same plan of it; the program's own archive too.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from kiertokylat.archive import is_archive, is_public, read_archive
from kiertokylat.asked import UsageError, existing
from kiertokylat.changes import Plan, Snapshot
from kiertokylat.command_data import DONE, PROBLEMS, exit_code, ingest_files
from kiertokylat.console import agreed, list_problems, print_json, put, tell
from kiertokylat.plan import counts, plan_archive, plan_import
from kiertokylat.plan_text import figures, reasons
from kiertokylat.problems import problems_table
from kiertokylat.store import open_store
from kiertokylat.store_commands import shell_user
from kiertokylat.words import Language, say


class Options(NamedTuple):
    """What an import is told besides its files.

    Parameters
    ----------
    yes
        Whether to write without asking.
    whole_register
        Whether companies that the register's whole file doesn't list have ceased.
    keep_demo
        Whether the demo region stays beside the first companies of the user's own.
    as_json
        Counts, problems and what was done as JSON on standard output, not in words.
    """

    yes: bool = False
    whole_register: bool = False
    keep_demo: bool = False
    as_json: bool = False


def _say(key: str, language: Language, **values: object) -> str:
    return say(f"commands.{key}", language, **values)


def import_into(files: Sequence[Path], address: str, language: Language, options: Options) -> int:
    """Show what files would change in the database, and change it if that is agreed to.

    Parameters
    ----------
    files
        Of any known kind, or the program's own archive alone.
    address
        Of the database; a new SQLite file is made.
    language
        Of texts.
    options
        Of the command.

    Returns
    -------
    int
        The exit code: `PROBLEMS` when something of the files was not taken in or is doubtful,
        whether or not anything was new.

    Raises
    ------
    InputError
        The archive can't be read.
    UsageError
        A file is not there, an archive comes with others, or an option does not fit the files.
    """
    existing(files, language)  # all of this before a database is made
    archived = _archived(files, language, options)
    store = open_store(address)
    try:
        stored = store.snapshot()
        plan, nothing_read = _planned(stored, files, archived, language, options)
        if not options.as_json:
            list_problems(plan.problems, language)
            put(_plan_text(plan, language))
        question = _say("import_question", language, place=store.url)
        saved = not (plan.empty or nothing_read) and (options.yes or agreed(question))
        version = store.apply(plan, shell_user()) if saved else stored.version
        if options.as_json:
            print_json(_plan_json(plan, version, language, applied=saved))
    finally:
        store.close()
    if nothing_read:
        tell(_say("nothing_read", language))
        return PROBLEMS
    told = "import_done" if saved else "import_unchanged" if plan.empty else "import_shown"
    tell(_say(told, language, place=store.url, version=version))
    code = exit_code(plan.problems)
    if code != DONE:
        tell(_say("import_problems", language, code=code, count=_rejected(plan)))
    return code


def _archived(files: Sequence[Path], language: Language, options: Options) -> Snapshot | None:
    """What the program's own archive holds; None where the files are others."""
    archives = [file for file in files if _is_archive(file)]
    if not archives:
        return None
    if len(files) > 1:
        raise UsageError(say("data.import_archive_alone", language, file=archives[0].name))
    if options.whole_register or options.keep_demo:
        raise UsageError(_say("import_archive_options", language))
    with archives[0].open("rb") as file:
        archived = read_archive(file)
        public = is_public(file)
    tell(say("data.import_archive", language))
    if public:
        tell(say("data.import_public", language))
    return archived


def _is_archive(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return is_archive(file)
    except OSError:  # told of where files are read
        return False


def _planned(
    stored: Snapshot,
    files: Sequence[Path],
    archived: Snapshot | None,
    language: Language,
    options: Options,
) -> tuple[Plan, bool]:
    """The plan, and whether the files hold nothing at all."""
    title = ", ".join(file.name for file in files)
    if archived is not None:
        return plan_archive(stored, archived, title), False
    found = ingest_files(files, language, stored.companies)
    if options.whole_register and not found.whole_register:
        raise UsageError(_say("no_whole_register", language))
    plan = plan_import(
        stored,
        found,
        title,
        whole_register=options.whole_register,
        without_demo=not options.keep_demo,
    )
    read = (found.companies, found.known, found.flows)
    return plan, all(table.empty for table in read) and not found.ceased


def _rejected(plan: Plan) -> int:
    """How many rows and files are not taken in, counted as on the page."""
    return int(figures(plan)["rows"]["rejected"])


def _plan_text(plan: Plan, language: Language) -> str:
    """A line a table: how many rows are in each state; and what is not taken in, of both."""
    lines = []
    for table, numbers in counts(plan).iterrows():
        found = [
            f"{say(f'plan.state_{state}', language)}: {number}"
            for state, number in numbers.items()
            if number
        ]
        lines.append(f"{say(f'export.table_{table}', language)} – {', '.join(found) or 0}\n")
    if _rejected(plan):
        lines.append(f"{_say('import_rejected', language, count=_rejected(plan))}\n")
        for reason, number in reasons(plan, "rejected").items():
            lines.append(f"– {say(f'plan.reason_{reason}', language)}: {number}\n")
    if plan.findings["state"].eq("conflicting").any():
        lines.append(f"{_say('import_conflicts', language)}\n")
    return "".join(lines)


def _plan_json(plan: Plan, version: int, language: Language, *, applied: bool) -> dict[str, object]:
    problems = problems_table(list(plan.problems), language).to_json(orient="records")
    counted = json.loads(counts(plan).to_json(orient="index"))
    return {
        **counted,
        "rejected": _rejected(plan),
        "applied": applied,
        "version": version,
        "problems": json.loads(problems),
    }
