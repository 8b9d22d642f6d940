"""What was wrong in a file: one `Problem` a finding, told in the reader's language."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from kiertokylat.words import Language, say

# error: the row, its flow or the file was left out; warning: the row was kept, something in it was
# mended or is doubtful; note: nothing to mend, but worth knowing (such as companies outside the
# region).
Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Problem:
    """One finding in one file.

    Parameters
    ----------
    code
        Key of the text in `words/problems.toml`; the text says what is wrong and what to do.
    file
        The file's name as the user knows it (and the sheet, where there is one).
    row
        Row number as a spreadsheet shows it (the heading is row 1); None for the whole file.
    column
        Heading as it stands in the file.
    value
        What stands in the cell, shortened.
    severity
        `error` (left out), `warning` (kept), `note`.
    details
        Further values that the text names. A value that differs between the languages is a dict
        with one text each.
    """

    code: str
    file: str
    row: int | None = None
    column: str = ""
    value: str = ""
    severity: Severity = "error"
    details: dict[str, object] = field(default_factory=dict, hash=False)

    def message(self, language: Language = "fi") -> str:
        """What is wrong and what to do about it, without the place."""
        details = {
            name: value[language] if isinstance(value, dict) else value
            for name, value in self.details.items()
        }
        values = {"file": self.file, "column": self.column, "value": self.value} | details
        return say(f"problems.{self.code}", language, **values)

    def line(self, language: Language = "fi") -> str:
        """Place and message in one line, for the command line."""
        place = [self.file]
        if self.row is not None:
            place.append(say("problems.at_row", language, row=self.row))
        if self.column:
            place.append(say("problems.at_column", language, column=self.column))
        return f"{', '.join(place)}: {self.message(language)}"

    def __str__(self) -> str:
        return self.line()


PROBLEM_COLUMNS = ["file", "row", "column", "value", "severity", "message", "code"]


def problems_table(problems: Iterable[Problem], language: Language = "fi") -> pd.DataFrame:
    """Problems as a table for a page or a download.

    Returns
    -------
    DataFrame
        Columns `file`, `row` (nullable integer), `column`, `value`, `severity`, `message`, `code`.
    """
    rows = [
        (p.file, p.row, p.column, p.value, p.severity, p.message(language), p.code)
        for p in problems
    ]
    return pd.DataFrame(rows, columns=PROBLEM_COLUMNS).astype({"row": "Int64"})
