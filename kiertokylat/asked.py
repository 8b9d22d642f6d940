"""What a command of the command line is asked: data, limits, assumptions; and how it is refused."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from kiertokylat.assumptions import Assumptions
from kiertokylat.assumptions_file import SIZE_LIMIT, from_json
from kiertokylat.console import tell
from kiertokylat.errors import InputError
from kiertokylat.figures import number
from kiertokylat.problems import Problem
from kiertokylat.selection import Limit, Selection
from kiertokylat.words import Language, say

FARTHEST_KM = 500.0  # across the whole region and more


class UsageError(Exception):
    """The command was used wrongly; the text says how to mend it."""


class Asked(NamedTuple):
    """What the commands that analyse have in common.

    Parameters
    ----------
    files
        The user's data; none: the demo region.
    database
        Address of the store whose data is used instead.
    max_km, limit
        Of the candidates, as in `Selection`.
    assumptions
        A file of `assumptions_file.to_json`; None: the defaults.
    language
        Of texts and headings.
    public
        Whether the store's data is made public first and summaries are masked.
    """

    files: Sequence[Path]
    database: str | None
    max_km: float
    limit: Limit
    assumptions: Path | None
    language: Language
    public: bool = False

    @property
    def inputs(self) -> list[Path]:
        """Every file that is read."""
        return [*self.files, *([self.assumptions] if self.assumptions else [])]

    @property
    def region(self) -> Selection:
        """The whole region, cut by distance and break-even."""
        return Selection(max_km=self.max_km, limit=self.limit)


def existing(files: Sequence[Path], language: Language) -> None:
    """Refuse files that are not there."""
    for file in files:
        if not file.is_file():
            raise UsageError(say("commands.file_missing", language, file=file))


def assumptions_of(asked: Asked) -> Assumptions:
    """The user's own assumptions as they are, or the usual ones, looking far enough.

    Raises
    ------
    UsageError
        The distance is out of the question, or the file can't be read as assumptions.
    """
    language = asked.language
    if not 0 < asked.max_km <= FARTHEST_KM:
        raise UsageError(say("commands.bad_distance", language, most=int(FARTHEST_KM)))
    if asked.assumptions is None:
        usual = Assumptions()
        return replace(usual, search_km=max(usual.search_km, asked.max_km))
    own = _own_assumptions(asked.assumptions, language)
    if own.search_km < asked.max_km:
        tell(say("commands.search_closer", language, km=number(own.search_km, language)))
    return own


def _own_assumptions(file: Path, language: Language) -> Assumptions:
    existing([file], language)
    try:
        with file.open("rb") as stream:
            content = stream.read(SIZE_LIMIT + 1)  # one more than may be: too large is told
        return from_json(content, file.name)
    except OSError as error:
        raise UsageError(say("commands.cannot_read", language, reason=error)) from error
    except InputError as error:
        problem = error.problem
        text = problem.line(language) if isinstance(problem, Problem) else str(problem)
        raise UsageError(text) from error
