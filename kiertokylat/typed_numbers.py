"""Numbers of the tables that an editor changes: as they are shown, and as hands type them.

They are texts in the table: a number cell of the browser's grid empties itself at a letter, without
a word. What is typed is read as the import reads it (`kiertokylat.ingest.cells`).
"""

import math

from kiertokylat.ingest import cells
from kiertokylat.words import Language

TONNES = frozenset({"tonnes", "tonnes_low", "tonnes_high"})
NUMBERS = TONNES | {"employees", "x", "y"}
_NO_BREAK_SPACE = "\u00a0"


def written(value: object, language: Language) -> str:
    """A number in full, so that reading it back gives the same one; `""` of an unknown one.

    Parameters
    ----------
    value
        A text is one that could not be read: it stays as it was typed.
    language
        Of the decimal sign; spaces between thousands in both, as `1,234` may mean two things.
    """
    if isinstance(value, str):
        return value
    if not isinstance(value, int | float) or math.isnan(value):
        return ""
    text = f"{float(value):,}".removesuffix(".0").replace(",", _NO_BREAK_SPACE)
    return text.replace(".", ",").replace("-", "−") if language == "fi" else text


def read(column: str, typed: str) -> float | str:
    """What was typed into a number's cell: `1 234,5`, `noin 5`, `500 kg`, `-`.

    Parameters
    ----------
    column
        One of `NUMBERS`: an amount may name its unit.
    typed
        The cell's text.

    Returns
    -------
    float or str
        NaN of a cell that says that nothing is known; the text itself where it is no one number.
    """
    text = " ".join(typed.split())
    if cells.is_nothing(text):
        return math.nan
    value = cells.number(text)
    if value is not None:
        return value
    amount = cells.amount(text)
    if amount is None or amount.low != amount.high or (amount.unit and column not in TONNES):
        return text
    factor = cells.tonnes_in(amount.unit)
    return text if factor is None else amount.best * factor
