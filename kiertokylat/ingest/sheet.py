"""One table of a file on its way in: cells as text, under the names of the package's fields."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pandas as pd

from kiertokylat.errors import InputError
from kiertokylat.problems import Problem, Severity

CELL_LIMIT = 32_767  # characters; Excel's own limit, so no honest cell is longer
_SHOWN = 80  # characters of a value that a problem repeats
# Control characters and the marks that reverse the direction of writing: they say nothing and can
# make a text look like another one.
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


def plain(text: str) -> str:
    """A cell's text in one form: composed accents, single spaces, no control characters."""
    if text.isascii() and text.isalnum():
        return text
    text = _INVISIBLE.sub("", unicodedata.normalize("NFC", text))
    return " ".join(text.split())


def fold(text: str) -> str:
    """A text for comparing headings and keywords: no case, accents or punctuation."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(c for c in letters if not unicodedata.combining(c))
    return " ".join(re.sub(r"[\W_]+", " ", kept).split())


def fail(code: str, file: str, **details: object) -> InputError:
    """The exception for a file that can't be read at all; `details` as in `Problem`."""
    return InputError(Problem(code, file, details=details))


@dataclass
class Sheet:
    """A sheet, layer or register extract, and what was wrong in it.

    Parameters
    ----------
    name
        The file's name, with the sheet's where a file has several.
    cells
        Text; the columns are field names (`headings.SYNONYMS`), the index is the row number that
        the user sees.
    headings
        Field to the heading in the file.
    units
        Field of an amount to the unit in its heading; it holds for cells that name none.
    typed
        Numbers were numbers in the file, so that a point in them is certainly a decimal point.
    whole_register
        The sheet is the register's bulk file: a company that it doesn't list is not registered.
    ceased
        Business ids of known companies that the register says have ended.
    """

    name: str
    cells: pd.DataFrame
    headings: dict[str, str] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    typed: bool = False
    whole_register: bool = False
    ceased: frozenset[str] = frozenset()
    problems: list[Problem] = field(default_factory=list)

    def has(self, *fields: str) -> bool:
        """Whether the sheet has any of the columns."""
        return any(name in self.cells for name in fields)

    @property
    def has_flows(self) -> bool:
        """Whether its rows are flows (perhaps with their company in the same row)."""
        return self.has("material", "ewc")

    @property
    def has_companies(self) -> bool:
        """Whether its rows name companies."""
        return self.has("name", "business_id")

    def column(self, name: str) -> pd.Series:
        """The cells of a field; empty texts where the sheet has no such column."""
        if name in self.cells:
            return self.cells[name]
        return pd.Series("", index=self.cells.index, dtype="str", name=name)

    def part(self, where: pd.Series) -> "Sheet":
        """Some rows of the sheet, with the same list of problems."""
        return replace(self, cells=self.cells[where])

    def parsed(self, name: str, parse: Callable[[str], object]) -> pd.Series:
        """`parse` applied to every cell of a field (once to each distinct text)."""
        column = self.column(name)
        values = {text: parse(text) for text in column.unique()}
        return pd.Series([values[text] for text in column], index=column.index, dtype="object")

    def report(
        self,
        code: str,
        severity: Severity,
        *,
        row: int | None = None,
        name: str = "",
        value: str = "",
        **details: object,
    ) -> None:
        """Add one problem; `name` is the field it is about."""
        shown = value if len(value) <= _SHOWN else value[: _SHOWN - 1] + "…"
        heading = self.headings.get(name, "")
        self.problems.append(Problem(code, self.name, row, heading, shown, severity, details))

    def report_rows(
        self, code: str, severity: Severity, name: str, where: pd.Series, **details: object
    ) -> None:
        """Add one problem for every row where `where` is true."""
        for row, value in self.column(name)[where].items():
            self.report(code, severity, row=int(str(row)), name=name, value=value, **details)
