"""The command line: `python -m kiertokylat COMMAND`. See `--help`.

Exit codes: 0 done, 2 bad use, 3 the input had problems (the good rows are done).
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from kiertokylat import (
    __version__,
    commands,
    import_command,
    keys,
    minutes_command,
    store_commands,
)
from kiertokylat.asked import Asked, UsageError
from kiertokylat.command_data import BAD_USE, PROBLEMS
from kiertokylat.console import plain, put, tell
from kiertokylat.errors import InputError, StoreError
from kiertokylat.problems import Problem
from kiertokylat.selection import LIMITS, USUAL_LIMIT, Limit, Selection
from kiertokylat.store import FILE, VARIABLE
from kiertokylat.words import LANGUAGES, say

_URL = "such as sqlite:///folder/file.sqlite or postgresql://user@server/database"
_EXIT_CODES = "Exit codes: 0 done, 2 bad use, 3 the input had problems (the good rows are done)."


def _limit_name(limit: Limit) -> str:
    return limit or "none"


def _limit_help() -> str:
    """What the break-even limit is and can be, named as on the pages in both languages."""

    def named(key: str) -> str:
        return f"{say(key, 'en')} ({say(key, 'fi')})"

    names = [_limit_name(limit) for limit in LIMITS]
    listed = ", ".join(f"{name}: {named(f'app.limit_{name}')}" for name in names)
    return f"{named('app.filter_raja')}; {listed} (default: {USUAL_LIMIT})"


def parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    top = argparse.ArgumentParser(
        prog="python -m kiertokylat",
        description="Side streams and symbiosis candidates in Central Finland.",
        epilog=_EXIT_CODES,
    )
    top.add_argument("--version", action="version", version=__version__)
    add = top.add_subparsers(dest="command", required=True, metavar="COMMAND").add_parser

    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--language", choices=LANGUAGES, default="fi", help="of texts and headings (default: fi)"
    )
    data = _data_options()

    command = add("receivers", parents=[common], help="rank the divisions that could use a waste")
    command.add_argument("codes", nargs="+", metavar="EWC", help="six digits, such as 030105")
    command.add_argument("--json", action="store_true", help="one JSON object a code and line")

    command = add("candidates", parents=[common, data], help="ranked symbiosis candidates")
    command.add_argument("--municipality", metavar="CODE_OR_NAME", help="of at least one end")
    suffixes = ", ".join(commands.SUFFIXES)
    command.add_argument("--out", type=Path, required=True, metavar="FILE", help=suffixes)

    command = add("brief", parents=[common, data], help="a municipality on two printable pages")
    command.add_argument("municipality", metavar="MUNICIPALITY", help="code or name")
    command.add_argument("--out", type=Path, required=True, metavar="FILE", help=".html")

    command = add(
        "export",
        parents=[common, data],
        help="companies, flows and candidates with readable headings",
        description="With .csv and .geojson, FILE holds the candidates; the other tables stand in"
        " files beside it.",
    )
    command.add_argument("--out", type=Path, required=True, metavar="FILE", help=suffixes)

    command = add("boundaries", parents=[common], help="rebuild the map from an official download")
    command.add_argument("file", type=Path, metavar="FILE", help="GeoJSON, GeoPackage or shapefile")
    command.add_argument("--out", type=Path, metavar="FILE", help="instead of the bundled file")
    _add_store_commands(add, common)
    return top


def _data_options() -> argparse.ArgumentParser:
    """What the commands that analyse have in common."""
    data = argparse.ArgumentParser(add_help=False)
    files = "spreadsheet, geodata or business register file; without files the demo region is used"
    data.add_argument("--companies", type=Path, metavar="FILE", help=files)
    data.add_argument("--flows", type=Path, metavar="FILE", help=files)
    data.add_argument("--database", metavar="URL", help=f"instead of files, {_URL}")
    data.add_argument(
        "--public",
        action="store_true",
        help="what everybody may see of the database: no contacts, no names of sole traders, no"
        " figures with fewer than three companies behind them",
    )
    data.add_argument(
        "--max-km",
        type=float,
        default=Selection.max_km,
        metavar="KM",
        help=f"longest straight-line distance of a candidate (default: {Selection.max_km:g})",
    )

    data.add_argument(
        "--limit",
        choices=[_limit_name(limit) for limit in LIMITS],
        default=USUAL_LIMIT,
        help=_limit_help(),
    )
    data.add_argument(
        "--assumptions",
        type=Path,
        metavar="FILE",
        help="JSON that the page of assumptions has made; without it the defaults are used",
    )
    return data


def _add_store_commands(
    add: Callable[..., argparse.ArgumentParser], common: argparse.ArgumentParser
) -> None:
    """The commands that need the database, and `import`, which may do without."""
    named: dict[str, Any] = {
        "metavar": "URL",
        "default": os.environ.get(VARIABLE) or f"sqlite:///{FILE}",
        "help": f"{_URL} (default: {VARIABLE} of the environment, else {FILE.name} beside the app)",
    }
    database = argparse.ArgumentParser(add_help=False)
    database.add_argument("--database", **named)

    command = add(
        "import",
        parents=[common],
        help="read files into the database, or to companies.csv and flows.csv of a folder",
        description="Shows what the files would change in the database, then asks.",
    )
    command.add_argument("files", type=Path, nargs="+", metavar="FILE")
    target = command.add_mutually_exclusive_group()
    target.add_argument("--out", type=Path, metavar="FOLDER", help="instead of the database")
    target.add_argument("--database", **named)
    command.add_argument("--yes", action="store_true", help="save without asking")
    command.add_argument(
        "--whole-register",
        action="store_true",
        help="companies that the business register's whole file doesn't list have ceased",
    )
    command.add_argument(
        "--keep-demo", action="store_true", help="the demo region stays beside your own companies"
    )
    command.add_argument("--json", action="store_true", help="counts and problems as JSON")

    command = add("minutes", parents=[common, database], help="minutes of a workshop, to print")
    command.add_argument("code", metavar="CODE", help="of the workshop")
    command.add_argument("--out", type=Path, required=True, metavar="FILE", help=".html or .xlsx")

    command = add("backup", parents=[common, database], help="the whole database to one file")
    command.add_argument("file", type=Path, metavar="FILE")
    command.add_argument("--force", action="store_true", help="replace the file")

    command = add("restore", parents=[common, database], help="fill the database from a backup")
    command.add_argument("file", type=Path, metavar="FILE")
    command.add_argument(
        "--replace", action="store_true", help="data that is there goes; it is kept in a backup"
    )

    command = add("history", parents=[common, database], help="who changed what and when")
    command.add_argument("--limit", type=int, default=20, metavar="N", help="(default: 20)")

    command = add("undo", parents=[common, database], help="take a change back")
    command.add_argument("batch", type=int, metavar="BATCH", help="its number in the history")

    command = add("erase", parents=[common, database], help="remove a company, its history too")
    command.add_argument("company", metavar="COMPANY_ID")
    choice = command.add_mutually_exclusive_group()
    choice.add_argument("--yes", action="store_true", help="without asking")
    choice.add_argument(
        "--allow", action="store_true", help="let a company that was erased be stored again"
    )

    command = add("workshops", parents=[common, database], help="list workshops, or delete one")
    command.add_argument("--delete", metavar="CODE", help="phones, posts and votes, for good")
    command.add_argument("--yes", action="store_true", help="without asking")

    command = add("key", parents=[common], help="print the link that opens editing")
    command.add_argument("--new", action="store_true", help="make a new key; old links stop")


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
    limit = next(limit for limit in LIMITS if _limit_name(limit) == asked.limit)
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
    asked = parser().parse_args(arguments)
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
