"""A municipality beside its sub-region and the region: a sentence and a small table with bars.

The page of the municipality and its brief show the same one.
"""

import math
from html import escape
from pathlib import Path

import pandas as pd

from kiertokylat import reference
from kiertokylat.areas import REGION, Areas, compared
from kiertokylat.figures import number, percent, significant
from kiertokylat.gap_words import place_name
from kiertokylat.masking import hidden_text
from kiertokylat.palette import GROUP_COLOURS
from kiertokylat.words import Language, say

_EXACT = 15  # digits that a number of the computer holds

# How a row is written, and what its bars end at: the largest value, or the whole.
_ROWS = {
    "companies": ("count", None),
    "per_thousand": ("rate", "largest"),
    "supply_t": ("tonnes", None),
    "each_t": ("rate", "largest"),
    "reported_share": ("share", "whole"),
    "stated_share": ("share", "whole"),
}


def style() -> str:
    """The CSS of the table."""
    return Path(__file__).with_name("areas.css").read_text(encoding="utf-8")


def area_name(area: str, language: Language) -> str:
    """The name of a municipality, a sub-region or the whole region."""
    return say("brief.area_region", language) if area == REGION else place_name(area, language)


def sentence(areas: Areas, code: str, language: Language) -> str:
    """The tonnes an inhabitant of the municipality and of what it is compared with, in words.

    Parameters
    ----------
    areas
        From `areas.by_area`.
    code
        Of the municipality.
    language
        `"fi"` or `"en"`.

    Returns
    -------
    str
        Plain text.
    """
    parts = []
    shown = compared(code)
    each, hidden = areas.figures.loc[shown, "each_t"], areas.hidden.loc[shown, "each_t"]
    decimals = _decimals(each)
    for area in shown:
        value = _rate(each[area], decimals, language)
        value = hidden_text(language) if hidden[area] else value
        parts.append(f"{area_name(area, language)} {value}")
    told = say("brief.areas_sentence", language, figures=", ".join(parts))
    if len(parts) > 2:
        return told
    own = str(reference.municipalities()["subregion"][code])
    alone = say(
        "brief.areas_alone",
        language,
        subregion=area_name(own, language),
        place=area_name(code, language),
    )
    return f"{told} {alone}"


def table(areas: Areas, code: str, language: Language, *, legend: bool = True) -> str:
    """The comparison as an HTML table.

    Parameters
    ----------
    areas, code, language
        As in `sentence`.
    legend
        Whether the colours of the industry groups are explained below.

    Returns
    -------
    str
        A `<table>` of the class `areas`, to be styled with `style()`.
    """
    shown = compared(code)
    head = "".join(f"<th scope='col'>{escape(area_name(area, language))}</th>" for area in shown)
    rows = [
        _row(name, areas.figures.loc[shown, name], areas.hidden.loc[shown, name], language)
        for name in _ROWS
    ]
    groups = areas.groups.loc[shown]
    stacks = "".join(f"<td>{_stack(shares, language)}</td>" for _, shares in groups.iterrows())
    heading = escape(say("brief.areas_groups", language))
    rows.append(f"<tr><th scope='row'>{heading}</th>{stacks}</tr>")
    corner = escape(say("brief.areas_corner", language))
    html = (
        f"<table class='areas'><thead><tr><th scope='col'><span>{corner}</span></th>{head}</tr>"
        f"</thead><tbody>{''.join(rows)}</tbody></table>"
    )
    return html + (_legend(groups, language) if legend else "")


def hidden_cells(areas: Areas, code: str) -> int:
    """How many figures of the table are hidden."""
    return int(areas.hidden.loc[compared(code), list(_ROWS)].to_numpy().sum())


def _row(name: str, values: pd.Series, hidden: pd.Series, language: Language) -> str:
    kind, end = _ROWS[name]
    most = {"largest": values.max(), "whole": 1.0, None: 0.0}[end]
    decimals = _decimals(values) if kind == "rate" else 0
    texts = [
        _written(value, kind, few, decimals, language)
        for value, few in zip(values, hidden, strict=True)
    ]
    cells = "".join(
        f"<td><b>{escape(text)}</b>{_bar(value, most)}</td>"
        for text, value in zip(texts, values, strict=True)
    )
    heading = escape(say(f"brief.areas_{name}", language))
    return f"<tr><th scope='row'>{heading}</th>{cells}</tr>"


def _written(value: float, kind: str, few: bool, decimals: int, language: Language) -> str:
    if few:
        return hidden_text(language)
    if value != value:  # noqa: PLR0124  # NaN: a share of nothing
        return "–"
    if kind == "share":
        return percent(round(value, 2), language)
    if kind == "rate":
        return _rate(value, decimals, language)
    return number(value, language, digits=None if kind == "count" else 2)


def _decimals(values: pd.Series) -> int:
    """The decimals of all figures of a row: two digits of the largest, one of the smallest."""
    some = values[values > 0]
    if some.empty:
        return 0
    largest, smallest = (
        math.floor(math.log10(significant(value, digits)))
        for value, digits in ((some.max(), 2), (some.min(), 1))
    )
    return max(0, 1 - largest, -smallest)


def _rate(value: float, decimals: int, language: Language) -> str:
    """A figure with so many decimals, zeros at the end too."""
    text = number(round(value, decimals), language, digits=_EXACT)
    if not decimals or value != value:  # noqa: PLR0124  # NaN
        return text
    sign = "," if language == "fi" else "."
    whole, _, part = text.partition(sign)
    return f"{whole}{sign}{part.ljust(decimals, '0')}"


def _bar(value: float, most: float) -> str:
    if not most > 0 or not value >= 0:
        return ""
    return f'<i class="bar" aria-hidden="true"><i style="width:{100 * value / most:.0f}%"></i></i>'


def _stack(shares: pd.Series, language: Language) -> str:
    """The industry groups of an area as one bar, which a screen reader reads as text."""
    some = shares[shares > 0]
    if some.empty:
        return "–"
    told = ", ".join(
        f"{say(f'app.group_{group}', language)} {percent(round(share, 2), language)}"
        for group, share in some.items()
    )
    parts = "".join(
        f'<i style="width:{100 * share:.1f}%;background:{GROUP_COLOURS[str(group)]}"></i>'
        for group, share in some.items()
    )
    return f'<i class="stack" role="img" aria-label="{escape(told)}">{parts}</i>'


def _legend(groups: pd.DataFrame, language: Language) -> str:
    keys = "".join(
        f'<span><i style="background:{GROUP_COLOURS[str(group)]}"></i>'
        f"{escape(say(f'app.group_{group}', language))}</span>"
        for group, some in (groups > 0).any().items()
        if some
    )
    return f"<p class='areas-legend'>{keys}</p>"
