"""Charts of amounts with their ranges, as ECharts options."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from kiertokylat.web import session

_INK = "#1f2a2e"
_FILL, _EDGE = "#cfe3e6", "#0f5e6b"
_WORSE, _BETTER = "#d55e00", "#0f5e6b"


def _size() -> int:
    return 20 if session.projector() else 13


def _axes(names: Sequence[str], unit: str) -> dict[str, object]:
    label = {"fontSize": _size(), "color": _INK}
    return {
        "grid": {"left": 8, "right": 32, "top": 8, "bottom": 34, "containLabel": True},
        "xAxis": {
            "type": "value",
            "name": unit,
            "nameLocation": "middle",
            "nameGap": 30,
            "nameTextStyle": label,
            "axisLabel": {**label, "hideOverlap": True},
            "splitNumber": 4,
        },
        "yAxis": {
            "type": "category",
            "data": [*names][::-1],
            "axisTick": {"show": False},
            "axisLabel": label,
        },
    }


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
    st.echarts_chart(
        {
            **_axes(names, unit),
            "tooltip": {"trigger": "item"},
            "series": [
                {
                    "type": "boxplot",
                    # lowest and first quartile are one, so are the third and the highest: a bar
                    "data": [[a, a, b, c, c] for a, b, c in zip(low, best, high, strict=True)],
                    "itemStyle": {"color": _FILL, "borderColor": _EDGE, "borderWidth": 2},
                    "boxWidth": [8, 22],
                }
            ],
        },
        height=_height(len(table)),
        alt=alt,
    )


def effects(table: pd.DataFrame, *, names: Sequence[str], unit: str, alt: str) -> None:
    """What each assumption takes from the total, to the left, and adds to it, to the right.

    Parameters
    ----------
    table
        Columns `low`, `high` of `indicators.sensitivity`.
    names, unit, alt
        As in `ranges`.
    """
    st.echarts_chart(
        {
            **_axes(names, unit),
            "tooltip": {"trigger": "item"},
            "series": [
                {
                    "type": "bar",
                    "stack": "effect",
                    "data": table[end].round(2).tolist()[::-1],
                    "itemStyle": {"color": colour},
                    "barMaxWidth": 22,
                }
                for end, colour in (("low", _WORSE), ("high", _BETTER))
            ],
        },
        height=_height(len(table)),
        alt=alt,
    )
