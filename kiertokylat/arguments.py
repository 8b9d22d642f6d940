"""What can be asked on the command line: every command with its arguments and its help, in English.

What is wrong with arguments is told in the reader's language (`usage`).
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kiertokylat import __version__, commands
from kiertokylat.selection import LIMITS, USUAL_LIMIT, Limit, Selection
from kiertokylat.store import FILE, VARIABLE
from kiertokylat.usage import USUAL_LANGUAGE, Parser
from kiertokylat.words import LANGUAGES, say

_URL = "such as sqlite:///folder/file.sqlite or postgresql://user@server/database"
_EXIT_CODES = "Exit codes: 0 done, 2 bad use, 3 the input had problems (the good rows are done)."


def limit_name(limit: Limit) -> str:
    """The break-even limit as it is typed."""
    return limit or "none"


def _limit_help() -> str:
    """What the break-even limit is and can be, named as on the pages in both languages."""

    def named(key: str) -> str:
        return f"{say(key, 'en')} ({say(key, 'fi')})"

    names = [limit_name(limit) for limit in LIMITS]
    listed = ", ".join(f"{name}: {named(f'app.limit_{name}')}" for name in names)
    return f"{named('app.filter_raja')}; {listed} (default: {USUAL_LIMIT})"


def parser() -> Parser:
    """The parser of all commands."""
    top = Parser(
        prog="python -m kiertokylat",
        description="Side streams and symbiosis candidates in Central Finland.",
        epilog=_EXIT_CODES,
    )
    top.add_argument("--version", action="version", version=__version__)
    add = top.add_subparsers(dest="command", required=True, metavar="COMMAND").add_parser

    common = Parser(add_help=False)
    common.add_argument(
        "--language",
        choices=LANGUAGES,
        default=USUAL_LANGUAGE,
        help=f"of texts and headings (default: {USUAL_LANGUAGE})",
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


def _data_options() -> Parser:
    """What the commands that analyse have in common."""
    data = Parser(add_help=False)
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
        choices=[limit_name(limit) for limit in LIMITS],
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


def _add_store_commands(add: Callable[..., Parser], common: Parser) -> None:
    """The commands that need the database, and `import`, which may do without."""
    named: dict[str, Any] = {
        "metavar": "URL",
        "default": os.environ.get(VARIABLE) or f"sqlite:///{FILE}",
        "help": f"{_URL} (default: {VARIABLE} of the environment, else {FILE.name} beside the app)",
    }
    database = Parser(add_help=False)
    database.add_argument("--database", **named)

    command = add(
        "import",
        parents=[common],
        help="read files into the database, or to companies.csv and flows.csv of a folder",
        description="Shows what the files would change in the database, then asks. A file of all"
        " data that page Aineisto gives (.zip) makes the database hold exactly that.",
        epilog=f"{_EXIT_CODES} It is 3 too when nothing was new but some rows can't be read: --json"
        " tells the two apart (applied, rejected).",
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
