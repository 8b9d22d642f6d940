"""The tables of the pages: everything that a map or a chart shows can be read here too."""

from typing import Any, cast

import numpy as np
import pandas as pd
import streamlit as st

from kiertokylat import reference
from kiertokylat.analysis import Analysis
from kiertokylat.selection import industry_group
from kiertokylat.web import stars
from kiertokylat.web.session import language, t

MOST_ROWS = 1000  # more can't be read on a screen; downloads hold them all


def show(
    frame: pd.DataFrame, *, alt: str, key: str | None = None, select: bool = False, **options: Any
) -> int | None:
    """Draw a table with headings of the catalogue; give the selected row's position, if any."""
    config: dict[str, Any] = {}
    for name in frame.columns:
        label = t(f"column_{name}")
        kind = frame[name].dtype
        if name.endswith("share"):
            config[name] = st.column_config.NumberColumn(label, format="percent")
        elif kind.kind in "fi":
            places = "%.1f" if name.endswith("km") else "localized"
            config[name] = st.column_config.NumberColumn(label, format=places)
        else:
            config[name] = st.column_config.TextColumn(label)
    if len(frame) > MOST_ROWS:
        st.caption(t("table_cut", shown=MOST_ROWS, rows=len(frame)))
    event = st.dataframe(
        frame.head(MOST_ROWS),
        hide_index=True,
        column_config=config,
        alt=alt,
        key=key,
        on_select="rerun" if select else "ignore",
        selection_mode="single-row",
        **options,
    )
    rows = cast("Any", event)["selection"]["rows"] if select else []
    return rows[0] if rows and rows[0] < len(frame) else None


def _rough(values: pd.Series) -> np.ndarray:
    """Numbers that rest on estimates: two significant digits."""
    size = np.floor(np.log10(values.abs().where(values != 0, 1.0)))
    step = 10.0 ** (size - 1)
    # + 0.0: no minus before zero; the last rounding takes off what division leaves behind.
    return ((values / step).round() * step).round(3).to_numpy() + 0.0


def candidates_frame(candidates: pd.DataFrame, every: Analysis) -> pd.DataFrame:
    """Candidates in words, in the order given: what a person compares.

    Returns
    -------
    DataFrame
        `from_name`, `to_name`, `material`, `in_portfolio` (a star), `eur` (EUR a year), `co2e`
        (t a year), `tonnes`, `distance_km`, `certainty`, `evidence`, `from_place`, `to_place`,
        `use`, `route`.
    """
    lang = language()
    sites = every.companies.set_index("id")
    places = reference.municipalities()["name_fi"]
    giver = sites.reindex(candidates["from_company"].astype(str))
    taker = sites.reindex(candidates["to_company"].astype(str))
    uses = reference.uses()[f"use_{lang}"]
    frame = pd.DataFrame(
        {
            "from_name": giver["name"].to_numpy(),
            "from_place": giver["municipality"].map(places).to_numpy(),
            "material": candidates["material"]
            .astype(str)
            .map(reference.materials()[f"name_{lang}"])
            .to_numpy(),
            "to_name": taker["name"].to_numpy(),
            "to_place": taker["municipality"].map(places).to_numpy(),
            "use": candidates["use"].astype(str).map(uses).fillna(t("use_stated")).to_numpy(),
            "in_portfolio": stars.members(candidates).map({True: stars.STAR, False: ""}).to_numpy(),
            "eur": _rough(candidates["eur"]),
            "co2e": _rough(candidates["co2e"]),
            "tonnes": candidates["tonnes"].round(1).to_numpy(),
            "distance_km": candidates["distance_km"].round(1).to_numpy(),
            "certainty": [t(f"certainty_{name}") for name in candidates["certainty"]],
            "evidence": candidates["evidence"].astype(str).to_numpy(),
            "route": [t(f"route_{name}") if name else "" for name in candidates["route"]],
        }
    )
    # What one compares comes first: screens are narrow.
    first = ["from_name", "to_name", "material", "in_portfolio", "eur", "co2e", "tonnes"]
    first += ["distance_km", "certainty", "evidence"]
    return frame[first + [name for name in frame if name not in first]]


def candidates(
    listed: pd.DataFrame, every: Analysis, *, key: str, select: bool = False, **options: Any
) -> int | None:
    """Table of ranked candidates; the selected row's position."""
    frame = candidates_frame(listed, every)
    return show(frame, alt=t("candidates_alt"), key=key, select=select, **options)


def companies(chosen: Analysis) -> str | None:
    """Table of companies; the id of the selected one."""
    places = reference.municipalities()["name_fi"]
    supply = chosen.flows[chosen.flows["direction"] == "out"].groupby("company_id")["tonnes"]
    demand = chosen.flows[chosen.flows["direction"] == "in"].groupby("company_id")["tonnes"]
    sites = chosen.companies
    group = industry_group(sites["nace"])
    frame = pd.DataFrame(
        {
            "name": sites["name"],
            "place": sites["municipality"].map(places),
            "group": group.map(lambda name: t(f"group_{name}")),
            "supply_t": sites["id"].map(supply.sum()).round(1),
            "demand_t": sites["id"].map(demand.sum()).round(1),
            "employees": sites["employees"],
        }
    )
    order = frame["name"].str.casefold().argsort(kind="stable")
    row = show(
        frame.iloc[order], alt=t("companies_alt"), key="company-table", select=True, height=400
    )
    return None if row is None else str(sites.iloc[order.iloc[row]]["id"])


def materials(table: pd.DataFrame) -> None:
    """Table of `summary.by_material`."""
    names = reference.materials()[f"name_{language()}"]
    frame = table.reset_index()
    frame["material"] = frame["material"].map(names)
    frame = frame.drop(columns=["placed_t", "unplaced_share"])
    st.subheader(t("materials_title"), anchor=False)
    show(frame.round(1), alt=t("materials_alt"), key="material-table")


def flows(listed: pd.DataFrame, every: Analysis) -> None:
    """Table of single flows, largest first, each with where its figure comes from."""
    names = reference.materials()[f"name_{language()}"]
    company = every.companies.set_index("id")["name"]
    ordered = listed.sort_values(["tonnes", "id"], ascending=[False, True])
    frame = pd.DataFrame(
        {
            "name": ordered["company_id"].map(company),
            "direction": ordered["direction"].map(lambda way: t(f"direction_{way}")),
            "material": ordered["material"].map(names),
            "ewc": ordered["ewc"],
            "tonnes_low": ordered["tonnes_low"].round(1),
            "tonnes": ordered["tonnes"].round(1),
            "tonnes_high": ordered["tonnes_high"].round(1),
            "basis": ordered["basis"].map(lambda basis: t(f"basis_{basis}")),
            "source": ordered["source"],
        }
    )
    st.subheader(t("flows_title"), anchor=False)
    show(frame, alt=t("flows_alt"), key="flow-table")


def map_tables(
    every: Analysis, table: pd.DataFrame, pairs: pd.DataFrame, top: pd.DataFrame
) -> None:
    """What the map shows, as tables: municipalities, candidate lines, flows between."""
    places = reference.municipalities()["name_fi"]
    with st.expander(t("map_alt")):
        names = ("municipalities", "candidates", "between")
        tabs = st.tabs([t(f"tab_{name}") for name in names])
        with tabs[0]:
            frame = table.reset_index().drop(columns=["placed_t", "unplaced_share"])
            frame["municipality"] = frame["municipality"].map(places)
            show(frame.round(2), alt=t("tab_municipalities"))
        with tabs[1]:
            candidates(top, every, key="map-candidates")
        with tabs[2]:
            frame = pairs.assign(
                from_place=pairs["from_municipality"].map(places),
                to_place=pairs["to_municipality"].map(places),
            )
            columns = ["from_place", "to_place", "tonnes", "candidates"]
            show(frame[columns].round(1), alt=t("tab_between"))
