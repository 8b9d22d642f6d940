"""What one candidate is worth: the big figures with their ranges, and part by part."""

from typing import Any

import pandas as pd
import streamlit as st

from kiertokylat import reference
from kiertokylat.figures import climate, euros, kilometres, number, spread, tonnes
from kiertokylat.impact import breakdown
from kiertokylat.web import session, tables
from kiertokylat.web.session import language, t
from kiertokylat.worth import PARTS, Figure, break_even_range, far, missing, origins, per_tonne

_WORDS = {"eur": euros, "co2e": climate}
_WHOSE = {
    "disposal": "giver",
    "price": "receiver",
    "treatment": "receiver",
    "loading": "both",
    "freight": "both",
    "eur": "sum",
    "avoided": "climate",
    "transport": "climate",
    "co2e": "sum",
}


def amount(value: float, name: str) -> str:
    """EUR, t CO2e or t a year, also where nobody knows."""
    if pd.isna(value):
        return t(f"worth_unknown_{name}")
    if name == "tonnes":
        return tonnes(value, language(), estimated=True)
    return _WORDS[name](value, language())


def _parts(row: pd.Series) -> pd.DataFrame | None:
    """The breakdown; None for a material that the reference tables don't know."""
    if row["material"] not in reference.materials().index:
        return None
    return breakdown(row, session.assumptions())


def figures(row: pd.Series) -> None:
    """EUR and CO2e a year and both break-even distances, large, each with its range."""
    parts = _parts(row)
    if parts is None:
        return
    with st.grid(2, min_column_width=150):
        for figure in PARTS:
            with st.container(border=True):
                value = number(row[figure], language(), digits=2)
                st.metric(t(f"metric_{figure}"), value)
                st.caption(_spread(row, parts, figure))
        for figure in PARTS:
            low, best, high = break_even_range(parts, figure, session.assumptions())
            with st.container(border=True):
                st.metric(t(f"edge_{figure}"), far(best, language()))
                least, most = far(low, language()), far(high, language())
                ends = least if least == most else f"{least}…{most}"
                road = kilometres(row["road_km"], language())
                st.caption(t("edge_range", ends=ends, road=road))


def _spread(row: pd.Series, parts: pd.DataFrame, figure: Figure) -> str:
    if pd.notna(row[figure]):
        return t(
            "impact_range", ends=spread(row[f"{figure}_low"], row[f"{figure}_high"], language())
        )
    names = [_part(name) for name in missing(row, parts, figure)]
    return t("worth_missing", names=", ".join(names))


def _part(name: str) -> str:
    return t("worth_amount") if name == "amount" else t(f"effect_{name}")


def parts(row: pd.Series) -> None:
    """Giver, receiver, loading and freight: a tonne, a year, and where each number is from."""
    found = _parts(row)
    if found is None:
        return
    sources = origins(row, session.assumptions())
    lines = []
    for figure, names in PARTS.items():
        for name in (*names, figure):
            part: Any = found.loc[name]
            ends = (part["unit_low"], part["unit"], part["unit_high"])
            line = {
                "whose": t(f"whose_{_WHOSE[name]}"),
                "part": t(f"worth_{name}") if name == figure else _part(name),
                "per_tonne": per_tonne(*ends, figure, language()),
                "a_year": amount(part["total"], figure),
                "origin": "",
            }
            if name != figure:
                origin: Any = sources.loc[name]
                line["origin"] = f"{t('origin_' + origin['status'])} {origin['year']}".strip()
            lines.append(line)
    tables.show(pd.DataFrame(lines), alt=t("worth_alt"), key="worth-table")
