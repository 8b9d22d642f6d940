"""The tables of the pages: everything that a map or a chart shows can be read here too."""

from collections.abc import Callable, Mapping
from typing import Any, cast

import pandas as pd
import streamlit as st

from kiertokylat import reference
from kiertokylat.amounts import filled
from kiertokylat.analysis import Analysis
from kiertokylat.figures import cell, number, significant
from kiertokylat.guarded import Shown
from kiertokylat.masking import hidden_text
from kiertokylat.selection import industry_group
from kiertokylat.web import stars, texts
from kiertokylat.web.session import language, t
from kiertokylat.words import Language

MOST_ROWS = 1000  # more can't be read on a screen; downloads hold them all


_DIGITS_UNDER = 4  # one or two more than the text has, so that sorting tells near ones apart
# Wide enough for `hidden_text`, which the browser doesn't measure; and a letter of a heading.
_HIDDEN_PX, _LETTER_PX = 105, 9
# Words in a column's name that tell amounts: sums or single values that rest on estimates.
_AMOUNTS = {"tonnes", "t", "virgin", "eur", "co2e"}


def show(
    frame: pd.DataFrame,
    *,
    alt: str,
    key: str | None = None,
    select: bool = False,
    headings: Mapping[str, str] | None = None,
    reported: pd.Series | None = None,
    hidden: pd.DataFrame | None = None,
    **options: Any,
) -> int | None:
    """Draw a table with headings of the catalogue; give the selected row's position, if any.

    Parameters
    ----------
    frame
        The name of a column tells how its numbers are written (`written`).
    alt
        What the table says, for those who don't see it.
    key, **options
        For `st.dataframe`.
    select
        Whether a row can be chosen.
    headings
        By name of the column, where they aren't the usual ones.
    reported
        Rows whose `tonnes*` somebody has told: these stand as told, others in two digits.
    hidden
        Which cells are hidden (`guarded.Shown`): the same rows; columns that are none of the
        frame's don't matter.
    """
    secret = "" if hidden is None or not hidden.to_numpy().any() else hidden_text(language())
    if hidden is not None and secret:
        frame = _apart(frame, hidden, language())
    if len(frame) > MOST_ROWS:
        lang = language()
        shown, every = number(MOST_ROWS, lang), number(len(frame), lang)
        st.caption(t("table_cut", shown=shown, rows=every))
    config: dict[str, Any] = {}
    for name in frame.columns:
        numeric = frame[name].dtype.kind in "fi"
        column = st.column_config.NumberColumn if numeric else st.column_config.TextColumn
        few = hidden is not None and name in hidden and bool(hidden[name].any())
        heading = headings[name] if headings else t(f"column_{name}")
        width = max(_HIDDEN_PX, _LETTER_PX * len(heading)) if few else None
        config[name] = column(heading, width=width)
    event = st.dataframe(
        written(frame.head(MOST_ROWS), language(), reported),
        hide_index=True,
        column_config=config,
        alt=alt,
        key=key,
        on_select="rerun" if select else "ignore",
        selection_mode="single-row",
        placeholder=secret,  # of what is missing, only what is hidden is left as a number
        **options,
    )
    rows = cast("Any", event)["selection"]["rows"] if select else []
    return rows[0] if rows and rows[0] < len(frame) else None


def _apart(frame: pd.DataFrame, hidden: pd.DataFrame, lang: Language) -> pd.DataFrame:
    """Columns in which something else is missing than what is hidden, as text.

    A browser's table has one text for all that is missing.
    """
    columns: dict[str, pd.Series] = {}
    for name in map(str, frame.select_dtypes("float")):
        secret = pd.Series(hidden[name].to_numpy() if name in hidden else False, frame.index)
        if (frame[name].isna() & ~secret).any():
            write = _writer(_kind(str(name)), lang)
            texts = [write(value) if pd.notna(value) else "" for value in frame[name]]
            columns[name] = pd.Series(texts, frame.index).mask(secret, hidden_text(lang))
    return frame.assign(**columns)


def written(frame: pd.DataFrame, lang: Language, reported: pd.Series | None = None) -> Any:
    """Numbers as text in the reader's language; sorting still goes by the numbers under them.

    The browser's own formats follow the browser's language, which may be another one.

    Parameters
    ----------
    frame
        Columns named `*share` are 0–1, `*km` kilometres, and amounts (`tonnes`, `eur`, …) have two
        significant digits. Other numbers are whole from ten up.
    lang
        The reader's language.
    reported
        As in `show`; the same rows as `frame`, or more.

    Returns
    -------
    pandas.io.formats.style.Styler
        What is missing is empty.
    """
    kinds = {name: _kind(str(name)) for name in frame if frame[name].dtype.kind in "fi"}
    plain = frame.reset_index(drop=True)
    writers: Any = {name: _writer(kind, lang) for name, kind in kinds.items()}
    told = pd.Series(False, plain.index)
    if reported is not None:
        told = pd.Series(reported.head(len(plain)).to_numpy(), plain.index)
    exact = [name for name in kinds if str(name).startswith("tonnes")]
    # Screen readers and copies get the number under the text: no digits there that nobody knows.
    for name in plain.select_dtypes("float"):
        if kinds[name] == "number":
            continue  # counts are known to the last digit
        rounded = plain[name].map(lambda value: significant(value, _DIGITS_UNDER))
        plain[name] = rounded.where(~told, plain[name]) if name in exact else rounded
    style = plain.style.format(writers, na_rep="")
    if told.any():
        style.format(_writer("number", lang), subset=(told, exact), na_rep="")
    return style


def _kind(name: str) -> str:
    parts = name.split("_")
    if parts[-1] in ("share", "km", "year"):
        return parts[-1]
    if parts[0] == "kg":
        return "factor"
    return "amount" if _AMOUNTS.intersection(parts) else "number"


def _writer(kind: str, lang: Language) -> Callable[[Any], str]:
    return lambda value: cell(float(value), kind, lang)


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
            "eur": candidates["eur"].to_numpy(),
            "co2e": candidates["co2e"].to_numpy(),
            "tonnes": candidates["tonnes"].to_numpy(),
            "distance_km": candidates["distance_km"].to_numpy(),
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
    told = listed["tonnes_low"] == listed["tonnes_high"]
    return show(frame, alt=t("candidates_alt"), key=key, select=select, reported=told, **options)


def companies(chosen: Analysis) -> str | None:
    """Table of companies; the id of the selected one."""
    places = reference.municipalities()["name_fi"]
    known = chosen.flows.assign(**filled(chosen.flows))
    supply = known[known["direction"] == "out"].groupby("company_id")["tonnes"]
    demand = known[known["direction"] == "in"].groupby("company_id")["tonnes"]
    sites = chosen.companies
    group = industry_group(sites["nace"])
    frame = pd.DataFrame(
        {
            "name": sites["name"],
            "place": sites["municipality"].map(places),
            "group": group.map(lambda name: t(f"group_{name}")),
            "supply_t": sites["id"].map(supply.sum()),
            "demand_t": sites["id"].map(demand.sum()),
            "employees": sites["employees"],
        }
    )
    order = frame["name"].str.casefold().argsort(kind="stable")
    row = show(
        frame.iloc[order], alt=t("companies_alt"), key="company-table", select=True, height=400
    )
    return None if row is None else str(sites.iloc[order.iloc[row]]["id"])


def materials(shown: Shown) -> None:
    """Table of `guarded.by_material`."""
    names = reference.materials()[f"name_{language()}"]
    frame = shown.table.reset_index()
    frame["material"] = frame["material"].map(names)
    frame = frame.drop(columns=["placed_t", "unplaced_share"])
    st.header(t("materials_title"), anchor=False)
    show(frame, alt=t("materials_alt"), key="material-table", hidden=shown.hidden)
    texts.hidden_note(_cells(shown, frame))


def _cells(shown: Shown, frame: pd.DataFrame) -> int:
    """How many cells are hidden in the columns that a table shows."""
    return int(shown.hidden[[name for name in frame if name in shown.hidden]].to_numpy().sum())


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
            "tonnes_low": ordered["tonnes_low"],
            "tonnes": ordered["tonnes"],
            "tonnes_high": ordered["tonnes_high"],
            "basis": ordered["basis"].map(lambda basis: t(f"basis_{basis}")),
            "source": ordered["source"],
        }
    )
    st.header(t("flows_title"), anchor=False)
    told = ordered["basis"] != "estimated"
    show(frame, alt=t("flows_alt"), key="flow-table", reported=told)


def map_tables(every: Analysis, municipalities: Shown, between: Shown, top: pd.DataFrame) -> None:
    """What the map shows, as tables: municipalities, candidate lines, flows between."""
    places = reference.municipalities()["name_fi"]
    with st.expander(t("map_alt")):
        names = ("municipalities", "candidates", "between")
        tabs = st.tabs([t(f"tab_{name}") for name in names])
        with tabs[0]:
            frame = municipalities.table.reset_index().drop(columns=["placed_t", "unplaced_share"])
            frame["municipality"] = frame["municipality"].map(places)
            show(frame, alt=t("tab_municipalities"), hidden=municipalities.hidden)
            texts.hidden_note(_cells(municipalities, frame))
        with tabs[1]:
            candidates(top, every, key="map-candidates")
        with tabs[2]:
            pairs = between.table
            frame = pairs.assign(
                from_place=pairs["from_municipality"].map(places),
                to_place=pairs["to_municipality"].map(places),
            )
            columns = ["from_place", "to_place", "tonnes", "candidates"]
            show(frame[columns], alt=t("tab_between"), hidden=between.hidden)
            texts.hidden_note(_cells(between, frame[columns]))
