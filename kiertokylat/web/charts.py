"""Charts as ECharts options: Streamlit draws them itself, without anything from outside."""

from typing import Any

import pandas as pd
import streamlit as st

from kiertokylat import reference
from kiertokylat.features import tip
from kiertokylat.figures import number, tonnes
from kiertokylat.palette import GROUP_COLOURS, MATERIAL_COLOURS
from kiertokylat.tables import rows
from kiertokylat.web import session
from kiertokylat.web.session import language, t

_NO_TAKER = "#d9d5ca"
# On a phone the flow chart's labels would run into the next column.
_NARROW = {
    "right": 96,
    "label": {"fontSize": 11, "width": 92, "overflow": "break", "lineHeight": 12},
}


def sankey(links: pd.DataFrame, *, most_materials: int = 14) -> None:
    """Industry ► material ► receiving industry, width by tonnes.

    Parameters
    ----------
    links
        `summary.industry_flows`.
    most_materials
        The largest materials get a node of their own, the rest share one.
    """
    nodes, edges = _sankey_parts(links, most_materials)
    size = 20 if session.projector() else 13
    st.echarts_chart(
        {
            "tooltip": {"trigger": "item"},
            "series": [
                {
                    "type": "sankey",
                    "data": nodes,
                    "links": edges,
                    "left": 8,
                    "right": 250 if session.projector() else 190,
                    "top": 8,
                    "bottom": 8,
                    "nodeGap": 14,
                    "nodeWidth": 16,
                    "draggable": False,
                    "emphasis": {"focus": "adjacency"},
                    "lineStyle": {"color": "gradient", "opacity": 0.45},
                    "label": {"fontSize": size, "color": "#1f2a2e"},
                }
            ],
            "media": [{"query": {"maxWidth": 600}, "option": {"series": [_NARROW]}}],
        },
        height=820 if session.projector() else 640,
        alt=t("sankey_alt"),
        key="sankey",
    )


def _sankey_parts(
    links: pd.DataFrame, most_materials: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Nodes and edges of the flow chart."""
    totals = links.groupby("material")["tonnes"].sum().sort_values(ascending=False)
    named = reference.materials()[f"name_{language()}"]
    large = totals.index[:most_materials]
    frame = links.assign(
        material=links["material"].where(links["material"].isin(large), ""),
    )
    left = frame.groupby(["from_group", "material"])[["tonnes"]].sum().reset_index()
    right = frame.groupby(["material", "to_group"])[["tonnes"]].sum().reset_index()
    givers = {group: t(f"group_{group}") for group in left["from_group"].unique()}
    open_to = {"possible": t("sankey_possible"), "none": t("sankey_no_taker")}
    # A node is known by its name: an invisible space keeps giver and receiver apart.
    takers = {
        group: (open_to.get(group) or t(f"group_{group}")) + "\u200b"
        for group in right["to_group"].unique()
    }
    middle = {
        material: named[material] if material else t("sankey_rest")
        for material in left["material"].unique()
    }
    groups = reference.materials()["group"]
    of_giver, of_material = (
        left.groupby(key)["tonnes"].sum() for key in ("from_group", "material")
    )
    of_taker = right.groupby("to_group")["tonnes"].sum()
    nodes = [
        *(_node(text, 0, GROUP_COLOURS[group], of_giver[group]) for group, text in givers.items()),
        *(
            _node(text, 1, MATERIAL_COLOURS[groups.get(material, "mixed")], of_material[material])
            for material, text in middle.items()
        ),
        *(
            _node(text, 2, GROUP_COLOURS.get(group, _NO_TAKER), of_taker[group])
            for group, text in takers.items()
        ),
    ]
    edges = [
        *(_edge(givers[row.from_group], middle[row.material], row.tonnes) for row in rows(left)),
        *(_edge(middle[row.material], takers[row.to_group], row.tonnes) for row in rows(right)),
    ]
    return nodes, edges


def amount_tip(title: str, amount: float) -> dict[str, str]:
    """A chart's tooltip in the reader's language: ECharts' own numbers are English."""
    return {"formatter": tip(title, tonnes(amount, language(), estimated=True))}


def _node(name: str, depth: int, colour: str, amount: float) -> dict[str, Any]:
    return {
        "name": name,
        "depth": depth,
        "itemStyle": {"color": colour, "borderColor": "#555"},
        "tooltip": amount_tip(name, amount),
    }


def _edge(source: str, target: str, amount: float) -> dict[str, Any]:
    return {
        "source": source,
        "target": target,
        "value": round(float(amount), 1),
        "tooltip": amount_tip(f"{source} → {target}", amount),
    }


def bars(values: pd.Series, colours: list[str], *, alt: str, row_px: int = 34) -> None:
    """Horizontal bars, largest on top, with the value at the end of each."""
    shown = values[::-1]
    size = 20 if session.projector() else 13
    st.echarts_chart(
        {
            "grid": {"left": 8, "right": 60, "top": 4, "bottom": 4, "containLabel": True},
            "xAxis": {"type": "value", "show": False},
            "yAxis": {
                "type": "category",
                "data": [str(name) for name in shown.index],
                "axisTick": {"show": False},
                "axisLine": {"show": False},
                "axisLabel": {"fontSize": size, "color": "#1f2a2e"},
            },
            "series": [
                {
                    "type": "bar",
                    "data": [
                        {
                            "value": float(value),
                            "itemStyle": {"color": colour},
                            "label": {"formatter": number(float(value), language())},
                        }
                        for value, colour in zip(shown, colours[::-1], strict=True)
                    ],
                    "barMaxWidth": 26,
                    "label": {"show": True, "position": "right", "fontSize": size},
                }
            ],
        },
        height=(60 if row_px > 30 else 20) + row_px * len(shown),
        alt=alt,
    )
