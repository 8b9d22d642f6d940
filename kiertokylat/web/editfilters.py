"""Search and filters above the tables that an editor changes."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from kiertokylat import editing, reference, tables
from kiertokylat.changes import Snapshot
from kiertokylat.editing import Table
from kiertokylat.figures import number
from kiertokylat.web import session
from kiertokylat.web.session import language
from kiertokylat.words import say

_COMPANY = "edit-company"  # whose flows are shown


def words(key: str, **values: Any) -> str:
    """A text of `words/data.toml` in the reader's language."""
    return say(f"data.{key}", language(), **values)


def counted(key: str, count: int, **values: Any) -> str:
    """A text with `count` in it: `{key}_one` of exactly one."""
    shown = number(count, language())
    return words(f"{key}_one" if count == 1 else key, count=shown, **values)


def plain(text: str) -> str:
    """A user's text as it stands, where Markdown would be read."""
    return "".join(f"\\{sign}" if sign in _SIGNS else sign for sign in text)


_SIGNS = set("\\`*_{}[]()<>#+-.!|~$:^=&")


# A search looks through the same texts until something is stored.
@st.cache_resource(max_entries=2, show_spinner=False)
def _searchable(version: int) -> tuple[pd.Series, pd.Series]:  # noqa: ARG001 (tells them apart)
    return editing.searchable(session.snapshot())


def found(table: Table, snapshot: Snapshot) -> tuple[pd.DataFrame, object]:
    """Draw search and filters; the rows that they leave, by name, and what was asked.

    Parameters
    ----------
    table
        Which table.
    snapshot
        What is stored.

    Returns
    -------
    tuple
        Stored rows in the order in which they are shown; a value that is equal for equal questions.
    """
    rows: pd.DataFrame = getattr(snapshot, table)
    with st.grid(4, min_column_width=220):
        query = st.text_input(
            words(f"edit_search_{table}"),
            placeholder=words(f"edit_search_{table}_hint"),
            key=f"edit-search-{table}",
            persist_state="session",
        )
        chosen = {name: _choice(table, name, labels) for name, labels in _lists(table).items()}
    owner = snapshot.companies.set_index("id")
    values = {
        "municipality": rows["municipality"]
        if table == "companies"
        else rows["company_id"].map(owner["municipality"]),
        "status": rows["status"],
        "origin": editing.origin(table, rows),
    }
    left = pd.Series(data=True, index=rows.index)
    for name, codes in chosen.items():
        if codes:
            left &= values[name].isin(codes)
    if query:
        texts = _searchable(snapshot.version)[table == "flows"]
        left &= editing.matching(texts, query).reindex(rows["id"]).to_numpy()
    whose = _whose(snapshot) if table == "flows" else ""
    if whose:
        left &= rows["company_id"] == whose
    names = rows["name"] if table == "companies" else rows["company_id"].map(owner["name"])
    order = names[left].str.casefold().sort_values(kind="stable").index
    token = (language(), query, tuple(sorted((k, tuple(v)) for k, v in chosen.items())), whose)
    return rows.loc[order], token


def _lists(table: Table) -> dict[str, Mapping[str, str]]:
    places = reference.municipalities()["name_fi"].sort_values().to_dict()
    statuses = tables.COMPANY_STATUSES if table == "companies" else tables.FLOW_STATUSES
    return {
        "municipality": {str(code): str(name) for code, name in places.items()},
        "status": {code: words(f"edit_status_{code}") for code in statuses},
        "origin": {code: words(f"edit_origin_{code}") for code in editing.ORIGINS},
    }


def _choice(table: Table, name: str, labels: Mapping[str, str]) -> list[str]:
    """A list to choose from. Its labels change with the language, so it is then a new widget."""
    kept = f"edit-chosen-{table}-{name}"
    chosen = st.multiselect(
        words(f"edit_column_{name}"),
        list(labels),
        default=st.session_state.get(kept, []),
        format_func=lambda code: labels[code],
        placeholder=words("edit_all"),
        key=f"{kept}-{language()}",
    )
    st.session_state[kept] = chosen
    return chosen


# --- one company's flows ---


def company() -> str:
    """The company whose flows are shown; empty: everybody's."""
    return str(st.session_state.get(_COMPANY, ""))


def choose_company(key: str) -> None:
    """Show the flows of one company; empty: everybody's."""
    st.session_state[_COMPANY] = key


def _whose(snapshot: Snapshot) -> str:
    key = company()
    rows = snapshot.companies[snapshot.companies["id"] == key]
    if rows.empty:
        return ""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(words("edit_of_company", name=plain(rows["name"].iloc[0])), width="content")
        st.button(
            words("edit_all_companies"), key="edit-everybody", on_click=choose_company, args=("",)
        )
    return key
