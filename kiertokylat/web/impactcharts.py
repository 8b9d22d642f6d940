"""Charts of amounts with their ranges, as ECharts options."""

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from kiertokylat import palette
from kiertokylat.features import tip
from kiertokylat.figures import number, spread
from kiertokylat.web import session
from kiertokylat.web.session import language, t

_Options = dict[str, Any]
_MARKS = 5  # about so many parts of the value axis: more marks run into each other on a phone
_SIZES = {1e3: "thousands", 1e6: "millions"}
_INK = palette.INK
_FILL, _EDGE = "#cfe3e6", palette.FOCUS
_WORSE, _BETTER = palette.GROUP_COLOURS["construction"], palette.FOCUS


def _size() -> int:
    return 20 if session.projector() else 13


def scale(ends: Sequence[float]) -> tuple[float, list[float]]:
    """Unit (1, thousand or million) and marks of a value axis, zero among them."""
    low, high = _span(ends)
    rough = (high - low) / _MARKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * times for times in (1, 2, 2.5, 5, 10) if power * times >= rough * 0.999)
    first, last = math.ceil(low / step), math.floor(high / step)
    largest = max(-low, high)
    unit = 1e6 if largest >= 1e6 else 1e3 if largest >= 1e4 else 1.0
    return unit, [place * step for place in range(first, last + 1)]


def _span(ends: Sequence[float]) -> tuple[float, float]:
    """From the lowest to the highest value; a bar begins at zero."""
    low, high = min(0.0, *ends), max(0.0, *ends)
    return (low, high) if low < high else (0.0, 1.0)


def _axes(names: Sequence[str], unit: str, ends: Sequence[float]) -> tuple[_Options, _Options]:
    """Grid and axes, and the marks of the value axis for one of the series to carry.

    ECharts writes the numbers of an axis in English whatever the page's language. So the axis
    hides its own, and lines across the chart bring theirs as text.
    """
    label = {"fontSize": _size(), "color": _INK}
    low, high = _span(ends)
    room = (high - low) / 30
    size, marks = scale(ends)
    texts = [number(mark / size, language()) for mark in marks]
    axes = {
        "grid": {"left": 8, "right": 32, "top": 8, "bottom": 4 * _size(), "containLabel": True},
        "xAxis": {
            "type": "value",
            "min": low - room if low < 0 else 0,
            "max": high + room if high > 0 else 0,
            "name": t(f"unit_{_SIZES[size]}", unit=unit) if size > 1 else unit,
            "nameLocation": "middle",
            "nameGap": 2.3 * _size(),
            "nameTextStyle": label,
            "axisLabel": {"show": False},
            "splitLine": {"show": False},
        },
        "yAxis": {
            "type": "category",
            "data": [*names][::-1],
            "axisTick": {"show": False},
            "axisLine": {"show": False},
            "axisLabel": label,
        },
    }
    lines = {
        "symbol": "none",
        "silent": True,
        "animation": False,
        "z": 0,
        "lineStyle": {"type": "solid", "width": 1, "color": "#d5d9da"},
        "label": {"position": "start", **label},
        "data": [
            {"xAxis": mark, "label": {"formatter": text}}
            for mark, text in zip(marks, texts, strict=True)
        ],
    }
    return axes, {"markLine": lines}


def _height(rows: int) -> int:
    return 70 + (52 if session.projector() else 34) * rows


def ranges(table: pd.DataFrame, figure: str, *, names: Sequence[str], unit: str, alt: str) -> None:
    """A bar from the lowest to the highest value of each row, a line at the best.

    Parameters
    ----------
    table
        Columns `figure_low`, `figure`, `figure_high`; the first row is drawn on top.
    figure
        Name of the column.
    names
        What the rows are called.
    unit
        Under the axis.
    alt
        What the chart says, for those who don't see it.
    """
    low, best, high = (
        table[f"{figure}{end}"].round(2).tolist()[::-1] for end in ("_low", "", "_high")
    )
    axes, marks = _axes(names, unit, [*low, *high])
    st.echarts_chart(
        {
            **axes,
            "tooltip": {"trigger": "item"},
            "series": [
                {
                    "type": "boxplot",
                    # lowest and first quartile are one, so are the third and the highest: a bar
                    "data": [
                        {"value": [a, a, b, c, c], "tooltip": _tip(name, unit, b, (a, c))}
                        for name, a, b, c in zip([*names][::-1], low, best, high, strict=True)
                    ],
                    "itemStyle": {"color": _FILL, "borderColor": _EDGE, "borderWidth": 2},
                    "boxWidth": [8, 22],
                    **marks,
                }
            ],
        },
        height=_height(len(table)),
        alt=alt,
    )


def _tip(
    name: str, unit: str, best: float, ends: tuple[float, float] | None = None
) -> dict[str, str]:
    lines = [f"{number(best, language(), digits=2)} {unit}"]
    if ends is not None:
        lines.append(f"{spread(ends[0], ends[1], language())} {unit}")
    return {"formatter": tip(name, *lines)}


def effects(table: pd.DataFrame, *, names: Sequence[str], unit: str, alt: str) -> None:
    """What each assumption takes from the total, to the left, and adds to it, to the right.

    Parameters
    ----------
    table
        Columns `low`, `high` of `indicators.sensitivity`.
    names, unit, alt
        As in `ranges`.
    """
    axes, marks = _axes(names, unit, [*table["low"], *table["high"]])
    st.echarts_chart(
        {
            **axes,
            "tooltip": {"trigger": "item"},
            "series": [
                {
                    "type": "bar",
                    "stack": "effect",
                    "data": [
                        {"value": value, "tooltip": _tip(name, unit, value)}
                        for name, value in zip(names, table[end].round(2), strict=True)
                    ][::-1],
                    "itemStyle": {"color": colour},
                    "barMaxWidth": 22,
                    **(marks if end == "low" else {}),
                }
                for end, colour in (("low", _WORSE), ("high", _BETTER))
            ],
        },
        height=_height(len(table)),
        alt=alt,
    )
