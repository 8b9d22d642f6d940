"""Texts that a spreadsheet program would take for formulas, made harmless and back again.

A cell of a CSV file that begins with `=` may run a command on the machine of whoever opens it.
OWASP ("CSV Injection") advises an apostrophe before such texts. Here that can be undone, so that an
exported file comes back as it was.
"""

import re

import pandas as pd

# Any apostrophes, then a character that starts a formula. The apostrophes belong to it: a text that
# already begins with one gets a second, so that taking one off always gives the original.
_FORMULA = r"^(?='*[=+\-@\t\r\n])"
_NEUTRALISED = re.compile(r"^'(?='*[=+\-@\t\r\n])")


def neutralised(texts: pd.Series) -> pd.Series:
    """Texts that no spreadsheet program takes for formulas: an apostrophe goes before those."""
    return texts.astype("str").str.replace(_FORMULA, "'", regex=True)


def restored(text: str) -> str:
    """The text as it was before `neutralised`."""
    return _NEUTRALISED.sub("", text) if text.startswith("'") else text
