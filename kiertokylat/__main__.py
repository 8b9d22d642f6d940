"""The command line: `python -m kiertokylat COMMAND`. See `--help`.

Exit codes: 0 done, 2 bad use, 3 the input had problems (the good rows are done).
"""

import argparse
import sys
from collections.abc import Callable, Sequence

from kiertokylat import commands, import_command, keys, minutes_command, store_commands
from kiertokylat.arguments import limit_name, parser
from kiertokylat.asked import Asked, UsageError
from kiertokylat.command_data import BAD_USE, PROBLEMS
from kiertokylat.console import plain, put, tell
from kiertokylat.errors import InputError, StoreError
from kiertokylat.problems import Problem
from kiertokylat.selection import LIMITS
from kiertokylat.usage import ArgumentsError, language_of
from kiertokylat.words import say


def _import(asked: argparse.Namespace) -> int:
    if asked.out is None:
        options = import_command.Options(
            yes=asked.yes,
            whole_register=asked.whole_register,
            keep_demo=asked.keep_demo,
            as_json=asked.json,
        )
        return import_command.import_into(asked.files, asked.database, asked.language, options)
    if asked.yes or asked.whole_register or asked.keep_demo:
        raise UsageError(say("commands.only_database", asked.language))
    return commands.import_files(asked.files, asked.out, asked.language, as_json=asked.json)


_STORE_COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "import": _import,
    "minutes": lambda asked: minutes_command.write_minutes(
        asked.code, asked.out, asked.database, asked.language
    ),
    "backup": lambda asked: store_commands.backup(
        asked.file, asked.database, asked.language, force=asked.force
    ),
    "restore": lambda asked: store_commands.restore(
        asked.file, asked.database, asked.language, replace=asked.replace
    ),
    "history": lambda asked: store_commands.history(
        asked.database, asked.language, limit=asked.limit
    ),
    "undo": lambda asked: store_commands.undo(asked.batch, asked.database, asked.language),
    "erase": lambda asked: (
        store_commands.allow(asked.company, asked.database, asked.language)
        if asked.allow
        else store_commands.erase(asked.company, asked.database, asked.language, yes=asked.yes)
    ),
    "workshops": lambda asked: store_commands.workshops(
        asked.delete, asked.database, asked.language, yes=asked.yes
    ),
    "key": lambda asked: keys.key_command(asked.language, new=asked.new),
}


def run(asked: argparse.Namespace) -> int:
    """Do what the arguments ask; the exit code."""
    language = asked.language
    if asked.command in _STORE_COMMANDS:
        return _STORE_COMMANDS[asked.command](asked)
    if asked.command == "receivers":
        return commands.receivers(asked.codes, language, as_json=asked.json)
    if asked.command == "boundaries":
        return commands.rebuild_boundaries(asked.file, asked.out, language)
    given = (asked.companies, asked.flows)
    files = list(dict.fromkeys(file for file in given if file is not None))
    limit = next(limit for limit in LIMITS if limit_name(limit) == asked.limit)
    common = Asked(
        files,
        asked.database,
        asked.max_km,
        limit,
        asked.assumptions,
        language,
        asked.public,
    )
    if asked.command == "candidates":
        return commands.candidates(common, asked.municipality, asked.out)
    if asked.command == "brief":
        return commands.write_brief(common, asked.municipality, asked.out)
    return commands.export_all(common, asked.out)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    arguments
        Without the program's name; those of the process by default.

    Returns
    -------
    int
        The exit code.
    """
    try:
        asked = parser().parse_args(arguments)
    except ArgumentsError as error:
        tell(plain(error.message(language_of(arguments))))
        return BAD_USE
    try:
        return run(asked)
    except UsageError as error:
        tell(str(error))
        return BAD_USE
    except InputError as error:
        problem = error.problem
        tell(problem.line(asked.language) if isinstance(problem, Problem) else str(problem))
        return PROBLEMS
    except StoreError as error:
        tell(plain(error.message(asked.language, command=True)))
        return BAD_USE
    except OSError as error:
        tell(say("commands.cannot_write", asked.language, reason=error))
        return BAD_USE


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        # A Windows console of another encoding must not stop a command half-way.
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    code = main()
    put("")  # whoever read it may have gone
    sys.exit(code)
