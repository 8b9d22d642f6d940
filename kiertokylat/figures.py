"""Numbers as people read them, in Finnish and English.

Spaces inside a number and before its unit are no-break spaces, so that a line never splits them.
"""

import math
from datetime import date

from kiertokylat.words import Language, say

_NO_BREAK_SPACE = "\u00a0"
_NARROW_SPACE = "\u202f"  # no-break as well


def number(value: float, language: Language, *, digits: int | None = None) -> str:
    """A number with the language's decimal sign and thousands.

    Parameters
    ----------
    value
        NaN reads "not known".
    digits
        Significant digits, for what is estimated. None: whole from 10 up, else two digits.
    """
    if math.isnan(value):
        return say("figures.unknown", language)
    if digits is None and abs(value) >= 10:
        rounded = float(round(value))
    else:
        rounded = significant(value, digits or 2)
    rounded += 0.0  # no minus zero
    decimals = 0
    while decimals < 6 and not math.isclose(rounded, round(rounded, decimals), rel_tol=1e-9):
        decimals += 1
    text = f"{rounded:,.{decimals}f}"
    if language == "fi":
        text = text.replace(",", _NO_BREAK_SPACE).replace(".", ",").replace("-", "−")
    return text


def tonnes(value: float, language: Language, *, estimated: bool = False) -> str:
    """Tonnes a year; two significant digits where estimated."""
    if math.isnan(value):
        return say("figures.unknown", language)
    return say(
        "figures.tonnes", language, value=number(value, language, digits=2 if estimated else None)
    )


def tonnes_range(low: float, best: float, high: float, language: Language) -> str:
    """Tonnes a year with their range, in two significant digits; without one where there is none.

    A range means an estimate. Where low and high agree, the number stands as it was reported.
    """
    if math.isnan(low) or math.isnan(high) or low == high:
        return tonnes(best, language)
    if math.isnan(best):
        return say("figures.unknown", language)
    texts = [number(value, language, digits=2) for value in (low, best, high)]
    return say("figures.tonnes_range", language, low=texts[0], value=texts[1], high=texts[2])


def euros(value: float, language: Language) -> str:
    """Euros a year in two significant digits: all of them rest on estimates."""
    return say("figures.euros", language, value=number(value, language, digits=2))


def climate(value: float, language: Language) -> str:
    """Tonnes of CO2e a year in two significant digits."""
    return say("figures.climate", language, value=number(value, language, digits=2))


def spread(low: float, high: float, language: Language) -> str:
    """Two ends of a range in two significant digits, dots between: they may be negative."""
    ends = [number(value, language, digits=2) for value in (low, high)]
    return "…".join(ends)


def kilometres(value: float, language: Language) -> str:
    """A distance: whole kilometres from ten up, else one decimal."""
    if math.isnan(value):
        return say("figures.unknown", language)
    if value < 0.1:
        return say("figures.very_near", language)
    rounded = round(value, 1) if value < 10 else round(value)
    return say("figures.kilometres", language, value=number(float(rounded), language))


def percent(share: float, language: Language) -> str:
    """A share (0–1) in per cent: whole from ten up, else two significant digits."""
    if math.isnan(share):
        return say("figures.unknown", language)
    return say("figures.percent", language, value=number(100 * share, language))


def cell(value: float, kind: str, language: Language) -> str:
    """A number as it stands in a table, under a heading that names its unit.

    Thousands are parted by a narrow no-break space in Finnish: columns are narrow.

    Parameters
    ----------
    value
        Not NaN.
    kind
        `amount` (estimated: two significant digits), `share` (0–1, written in per cent), `km` (as
        in `kilometres`), `year` (no thousands), `factor` (four significant digits: as its source
        gives it), or `number`.
    language
        The reader's language.
    """
    if math.isinf(value):
        return "−∞" if value < 0 else "∞"
    if kind == "year":
        return f"{value:.0f}"
    if kind == "share":
        text = percent(value, language)
    elif kind == "km":
        text = number(round(value, 1) if abs(value) < 10 else round(value), language)
    else:
        text = number(value, language, digits={"amount": 2, "factor": 4}.get(kind))
    return text.replace(_NO_BREAK_SPACE, _NARROW_SPACE)


def calendar_day(iso: str, language: Language) -> str:
    """An ISO date as people write it; empty stays empty."""
    if not iso:
        return ""
    when = date.fromisoformat(iso)
    return say("figures.date", language, day=when.day, month=when.month, year=when.year)


def significant(value: float, digits: int) -> float:
    """A number rounded to so many significant digits."""
    return float(f"{value:.{digits - 1}e}")
