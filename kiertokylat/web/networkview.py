"""The symbiosis network: who would exchange with whom, in communities, held together by whom."""

from typing import Any

import pandas as pd
import streamlit as st

from kiertokylat import network, reference
from kiertokylat.features import tip
from kiertokylat.figures import number, tonnes
from kiertokylat.palette import GROUP_COLOURS
from kiertokylat.portfolio import By
from kiertokylat.tables import rows
from kiertokylat.web import filters, legend, session, tables, texts
from kiertokylat.web.session import language, t

_MOST_NODES = 250
_MOST_NAMES = 10
_COLOURS = [*GROUP_COLOURS.values()]
_REST = "#c9c4b6"  # communities after the last colour


def show(by: By) -> None:
    """Graph, the companies that hold it together, and the communities."""
    portfolio = session.portfolio(filters.selection(), by)
    if portfolio.empty:
        st.info(t("impact_nothing"))
        return
    companies = session.analysis().companies
    nodes, links = network.network(portfolio, companies)
    texts.lead(_sentence(nodes, links))
    st.caption(t("network_links", pairs=number(len(portfolio), language())))
    drawing, beside = st.columns([4, 1], gap="medium")
    with drawing:
        _graph(nodes, links)
    with beside:
        _legend(nodes, links)
    left, right = st.columns(2, gap="medium")
    places = reference.municipalities()["name_fi"]
    names = companies.set_index("id")["name"]
    with left:
        st.header(t("network_holders"), anchor=False)
        st.caption(t("network_holders_help"))
        held = nodes[nodes["betweenness"] > 0].sort_values(
            ["betweenness", "company_id"], ascending=[False, True]
        )
        frame = pd.DataFrame(
            {
                "name": held["name"],
                "place": held["municipality"].map(places),
                "partners": held["partners"],
                "tonnes": held["tonnes"].round(1),
                "betweenness_share": held["betweenness"],
                "holds": held["holds"].map({True: t("yes"), False: ""}),
                "community": held["community"],
            }
        )
        tables.show(frame, alt=t("network_holders"), key="holders")
    with right:
        st.header(t("network_communities"), anchor=False)
        st.caption(t("network_communities_help"))
        table = network.communities(nodes, links).reset_index()
        frame = pd.DataFrame(
            {
                "community": table["community"],
                "companies": table["companies"],
                "tonnes": table["tonnes"].round(1),
                "outside_t": table["outside_t"].round(1),
                "places": [
                    ", ".join(str(places.get(code, code)) for code in codes[:4])
                    for codes in table["municipalities"]
                ],
                "largest": [
                    ", ".join(str(names[company]) for company in ids) for ids in table["largest"]
                ],
            }
        )
        tables.show(frame, alt=t("network_communities"), key="communities")


def _sentence(nodes: pd.DataFrame, links: pd.DataFrame) -> str:
    first: Any = nodes.sort_values(["betweenness", "company_id"], ascending=[False, True]).iloc[0]
    return t(
        "network_sentence",
        companies=number(len(nodes), language()),
        links=number(len(links), language()),
        tonnes=tonnes(float(links["tonnes"].sum()), language(), estimated=True),
        communities=nodes["community"].nunique(),
        holders=int(nodes["holds"].sum()),
        first=first["name"],
    )


def _colour(community: int) -> str:
    return _COLOURS[community - 1] if community <= len(_COLOURS) else _REST


def _legend(nodes: pd.DataFrame, links: pd.DataFrame) -> None:
    """Communities by number, colour and places; what sizes, rims and widths mean."""
    places = reference.municipalities()["name_fi"]
    table = network.communities(nodes, links)
    named = [
        (_colour(place), f"{place} · " + ", ".join(str(places.get(c, c)) for c in codes[:2]))
        for place, codes in enumerate(table["municipalities"].head(len(_COLOURS)), start=1)
    ]
    if len(table) > len(named):
        named.append((_REST, t("network_rest", first=len(named) + 1, last=len(table))))
    widest = tonnes(float(links["tonnes"].max()), language(), estimated=True)
    legend.draw([legend.communities(named), legend.network(widest)])


def _graph(nodes: pd.DataFrame, links: pd.DataFrame) -> None:
    """The largest companies of the network as an ECharts graph."""
    top = nodes.sort_values(["tonnes", "company_id"], ascending=[False, True]).head(_MOST_NODES)
    if len(nodes) > len(top):
        st.caption(t("network_cut", shown=len(top), all=len(nodes)))
    ids = set(top["company_id"])
    drawn = links[links["from_company"].isin(ids) & links["to_company"].isin(ids)]
    largest, widest = top["tonnes"].max(), drawn["tonnes"].max() if len(drawn) else 1.0
    named = set(top.nlargest(_MOST_NAMES, "betweenness")["company_id"])
    names = top.set_index("company_id")["name"]
    data = [
        {
            "id": row.company_id,
            "name": row.name,
            "value": round(row.tonnes, 1),
            "tooltip": _tip(row.name, row.tonnes, t("network_of", community=row.community)),
            "symbolSize": round(6 + 34 * (row.tonnes / largest) ** 0.5, 1),
            "itemStyle": {
                "color": _colour(row.community),
                "borderColor": "#111111" if row.holds else "#ffffff",
                "borderWidth": 2.5 if row.holds else 0.8,
            },
            "label": {"show": row.company_id in named, "formatter": _label(row)},
        }
        for row in rows(top)
    ]
    edges = [
        {
            "source": row.from_company,
            "target": row.to_company,
            "value": round(row.tonnes, 1),
            "tooltip": _tip(
                f"{names[row.from_company]} → {names[row.to_company]}",
                row.tonnes,
                t("network_materials", count=row.materials),
            ),
            "lineStyle": {"width": round(0.8 + 6 * row.tonnes / widest, 2)},
        }
        for row in rows(drawn)
    ]
    st.echarts_chart(
        {
            "tooltip": {"trigger": "item", "confine": True},
            "series": [_series(data, edges, size=18 if session.projector() else 12)],
        },
        height=820 if session.projector() else 560,
        alt=t("network_alt"),
        key="network",
    )


def _series(
    data: list[dict[str, Any]], edges: list[dict[str, Any]], *, size: int
) -> dict[str, Any]:
    """How ECharts draws the graph."""
    return {
        "type": "graph",
        "layout": "force",
        "force": {
            "repulsion": 90,
            "edgeLength": [25, 90],
            "gravity": 0.12,
            # Labels are put in order when drawing begins: then nothing may move.
            "layoutAnimation": False,
        },
        "roam": True,
        "zoom": 0.7,
        "data": data,
        "links": edges,
        "edgeSymbol": ["none", "arrow"],
        "edgeSymbolSize": 6,
        "lineStyle": {"color": "#5d6b70", "opacity": 0.55, "curveness": 0.1},
        "label": {
            "position": "right",
            "fontSize": size,
            "color": "#1f2a2e",
            "textBorderColor": "#ffffff",
            "textBorderWidth": 3,
        },
        "labelLayout": {"hideOverlap": True},
        "emphasis": {"focus": "adjacency", "label": {"show": True}},
    }


def _tip(title: str, amount: float, more: str) -> dict[str, str]:
    return {"formatter": tip(title, tonnes(amount, language(), estimated=True), more)}


def _label(row: Any) -> str:
    """A company's name with its community; ECharts would read braces as its own."""
    return f"{row.community} · {row.name}".replace("{", "(").replace("}", ")")
