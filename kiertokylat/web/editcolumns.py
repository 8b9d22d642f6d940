"""The columns of the tables that an editor changes: what each cell lets one type."""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from kiertokylat import editing
from kiertokylat.changes import Snapshot
from kiertokylat.drafts import Sheet
from kiertokylat.editing import ABOUT, LISTED, Table
from kiertokylat.plan_checks import LIMITS
from kiertokylat.typed_numbers import NUMBERS
from kiertokylat.web.session import language
from kiertokylat.words import catalogue, say

FLOWS_KEY = "edit-flows-of"
_MOST_COMPANIES = 2000  # a longer list to choose a company from would only slow the page
_LONGEST = 20  # characters of a code
_LONGEST_NUMBER = 60  # and of a number with the words around it
_TOLD = {*ABOUT, "status"}  # the box of use changes the status
_PINNED = ("row", "name", "company_id")
_WIDTHS = {
    "row": 60,
    "flows": 110,
    "use": 95,
    "name": 230,
    "company_id": 230,
    "nace": 220,
    "material": 220,
    "note": 240,
}


def choosable(table: Table, snapshot: Snapshot, rows: pd.DataFrame) -> Mapping[str, str] | None:
    """The companies that a flow can be given to, by id.

    All that take part; where they are too many, those of the shown rows.
    """
    if table == "companies":
        return None
    companies = snapshot.companies
    labels = editing.company_labels(companies, [*rows["company_id"], *_chosen_companies()])
    every = editing.company_labels(companies)
    return {**every, **labels} if len(every) <= _MOST_COMPANIES else labels


def _chosen_companies() -> list[str]:
    key = st.session_state.get("edit-company", "")
    return [key] if key else []


def frame(made: Sheet, snapshot: Snapshot) -> pd.DataFrame:
    """The sheet's frame with row numbers, boxes of use, and buttons to a company's flows.

    A box changes in place; a button with another word would draw the table anew, from its top.
    """
    shown = made.frame.copy()
    numbers = [place + 1 if isinstance(key, str) else None for place, key in enumerate(made.keys)]
    shown.insert(0, "row", pd.Series(numbers, dtype="Int64"))
    out = shown["status"].isin([made.listed["status"].get(one) for one in ("ceased", "retired")])
    shown.insert(2, "use", ~out)
    if made.table == "companies":
        counts = snapshot.flows["company_id"].value_counts()
        labels = [
            say("data.edit_flows_button", language(), count=counts.get(key, 0))
            if isinstance(key, str)
            else ""
            for key in made.keys
        ]
        shown.insert(2, "flows", pd.Series(labels, dtype="str"))
    return shown


def config(
    made: Sheet,
    shown: pd.DataFrame,
    *,
    on_flows: Callable[[], None],
    company: str,
) -> dict[str, Any]:
    """How each column looks and what it takes.

    Parameters
    ----------
    made
        The sheet.
    shown
        From `frame`.
    on_flows
        Called when the button to a company's flows is pressed.
    company
        Whose flows are shown: new rows belong to it.
    """
    return {str(name): _column(made, str(name), on_flows, company) for name in shown}


def _column(made: Sheet, name: str, on_flows: Callable[[], None], company: str) -> Any:
    columns = st.column_config
    label = editing.heading(name, language())
    usual: dict[str, Any] = {"help": _help(name), "pinned": name in _PINNED}
    if name in _WIDTHS:
        usual["width"] = _WIDTHS[name]
    if name == "flows":
        return columns.ButtonColumn(label, key=FLOWS_KEY, on_click=on_flows, **usual)
    if name in LISTED - _TOLD:
        first = made.listed[name].get(company) if name == "company_id" else None
        options = list(made.listed[name].values())
        return columns.SelectboxColumn(label, options=options, default=first, **usual)
    if name == "row":
        return columns.NumberColumn(label, disabled=True, **usual)
    if name in NUMBERS:
        return columns.TextColumn(label, max_chars=_LONGEST_NUMBER, alignment="right", **usual)
    if name in ("use", "sole_trader"):
        return columns.CheckboxColumn(label, default=name == "use", **usual)
    longest = None if name in _TOLD else LIMITS.get(name, _LONGEST)
    return columns.TextColumn(label, max_chars=longest, disabled=name in _TOLD, **usual)


def _help(name: str) -> str | None:
    """What to write into a column; what only tells about a row may need no words."""
    key = f"data.edit_help_{name}"
    return say(key, language()) if key in catalogue() else None
