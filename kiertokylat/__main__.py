"""The command line: `python -m kiertokylat COMMAND`. See `--help`.

Exit codes: 0 done, 2 bad use, 3 the input had problems (the good rows are done).
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from kiertokylat import __version__, commands
from kiertokylat.asked import Asked, UsageError
from kiertokylat.console import tell
from kiertokylat.errors import InputError
from kiertokylat.problems import Problem
from kiertokylat.selection import LIMITS, USUAL_LIMIT, Limit, Selection
from kiertokylat.words import LANGUAGES, say

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
    data = argparse.ArgumentParser(add_help=False)
    files = "spreadsheet, geodata or business register file; without files the demo region is used"
    data.add_argument("--companies", type=Path, metavar="FILE", help=files)
    data.add_argument("--flows", type=Path, metavar="FILE", help=files)
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

    command = add("import", parents=[common], help="read files, write companies.csv and flows.csv")
    command.add_argument("files", type=Path, nargs="+", metavar="FILE")
    command.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    command.add_argument("--json", action="store_true", help="counts and problems as JSON")

    command = add("receivers", parents=[common], help="rank the divisions that could use a waste")
    command.add_argument("codes", nargs="+", metavar="EWC", help="six digits, such as 030105")
    command.add_argument("--json", action="store_true", help="one JSON object a code and line")

    command = add("candidates", parents=[common, data], help="ranked symbiosis candidates")
    command.add_argument("--municipality", metavar="CODE_OR_NAME", help="of at least one end")
    suffixes = ", ".join(commands.SUFFIXES)
    command.add_argument("--out", type=Path, required=True, metavar="FILE", help=suffixes)

    command = add("brief", parents=[common, data], help="printable page about a municipality")
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
    return top


def run(asked: argparse.Namespace) -> int:
    """Do what the arguments ask; the exit code."""
    language = asked.language
    if asked.command == "import":
        return commands.import_files(asked.files, asked.out, language, as_json=asked.json)
    if asked.command == "receivers":
        return commands.receivers(asked.codes, language, as_json=asked.json)
    if asked.command == "boundaries":
        return commands.rebuild_boundaries(asked.file, asked.out, language)
    given = (asked.companies, asked.flows)
    files = list(dict.fromkeys(file for file in given if file is not None))
    limit = next(limit for limit in LIMITS if _limit_name(limit) == asked.limit)
    common = Asked(files, asked.max_km, limit, asked.assumptions, language)
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
        return commands.BAD_USE
    except InputError as error:
        problem = error.problem
        tell(problem.line(asked.language) if isinstance(problem, Problem) else str(problem))
        return commands.PROBLEMS
    except OSError as error:
        tell(say("commands.cannot_write", asked.language, reason=error))
        return commands.BAD_USE


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        # A Windows console of another encoding must not stop a command half-way.
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    sys.exit(main())
