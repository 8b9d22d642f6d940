"""What the commands of the command line work on: a database, the user's files, the demo region."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from kiertokylat import demo, privacy, reference
from kiertokylat.analysis import Analysis
from kiertokylat.asked import Asked, UsageError, existing
from kiertokylat.commitments import for_public, placed, published, renamed
from kiertokylat.console import list_problems, progress_bar, tell
from kiertokylat.ingest import Ingested, ingest, places
from kiertokylat.problems import Problem
from kiertokylat.store import Store, open_store
from kiertokylat.store.backup import require_existing
from kiertokylat.store.rooms import Rooms
from kiertokylat.words import Language, say

DONE, BAD_USE, PROBLEMS = 0, 2, 3


class Data(NamedTuple):
    """Companies and reported flows of a command, and its exit code so far."""

    companies: pd.DataFrame
    flows: pd.DataFrame
    code: int


def _say(key: str, language: Language, **values: object) -> str:
    return say(f"commands.{key}", language, **values)


@contextmanager
def existing_store(address: str) -> Iterator[Store]:
    """A database that is there already, open for the block.

    Raises
    ------
    StoreError
        There is none, or it can't be opened.
    """
    require_existing(address)
    store = open_store(address)
    try:
        yield store
    finally:
        store.close()


def exit_code(problems: Sequence[Problem]) -> int:
    """Of a command that read files.

    Notes need nothing mended, so they are no problems to a script.
    """
    return PROBLEMS if any(problem.severity != "note" for problem in problems) else DONE


def read(asked: Asked) -> Data | None:
    """The dataset of a command: what a database holds, the user's files, else the demo region.

    Returns
    -------
    Data or None
        None if there is no company (and it was said why).

    Raises
    ------
    UsageError
        Both a database and files are named, a public dataset of files, or a file that is not there.
    StoreError
        The database can't be read.
    """
    language = asked.language
    if asked.database is not None:
        if asked.files:
            raise UsageError(_say("files_or_database", language))
        return _stored(asked.database, language, public=asked.public)
    if asked.public:
        raise UsageError(_say("public_database", language))
    if not asked.files:
        tell(_say("demo", language))
        return Data(demo.companies(), demo.flows(), DONE)
    found = ingest_files(asked.files, language)
    list_problems(found.problems, language)
    if found.companies.empty:
        tell(_say("no_companies", language))
        return None
    return Data(found.companies, found.flows, exit_code(found.problems))


def _stored(address: str, language: Language, *, public: bool) -> Data | None:
    """What takes part of a database's data; `public`: as everybody may see it."""
    with existing_store(address) as store:
        held = store.snapshot()
    companies, flows = (privacy.public(held, language) if public else held).active()
    if companies.empty:
        tell(_say("nothing_stored", language))
        return None
    return Data(companies, flows, DONE)


def commitments_of(asked: Asked, analysis: Analysis) -> pd.DataFrame | None:
    """The commitments that a database holds, as everybody may see them; None without one.

    Parameters
    ----------
    asked
        Of the command.
    analysis
        Of what `read` gave: the commitments' candidates are looked for in it.
    """
    if asked.database is None:
        return None
    with existing_store(asked.database) as store:
        made = Rooms(store).commitments()
        if asked.public:
            made = published(made, renamed(store.snapshot()))
    return for_public(placed(made, analysis), analysis)


def ingest_files(
    files: Sequence[Path], language: Language, companies: pd.DataFrame | None = None
) -> Ingested:
    """Read files with a progress bar; `companies` are those that are known before.

    Raises
    ------
    UsageError
        A file is not there.
    """
    existing(files, language)
    size = sum(file.stat().st_size for file in files)
    return ingest(files, progress=progress_bar(size, language), companies=companies)


def municipality(text: str, language: Language) -> str:
    """The code of a municipality given by code or name.

    Raises
    ------
    UsageError
        There is no such municipality in the region.
    """
    code = places.municipality(text.strip())
    if code in reference.municipalities().index:
        return code
    message = _say("unknown_municipality", language, value=text)
    near = places.suggestion(text)
    raise UsageError(f"{message} {_say('did_you_mean', language, name=near)}" if near else message)
