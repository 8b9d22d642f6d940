"""A plan on the page: its figures, the rows of each state, conflicts to decide, findings."""

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any, cast

import pandas as pd
import streamlit as st

from kiertokylat import editing, plan_text
from kiertokylat.changes import Plan, State
from kiertokylat.export import csv_bytes
from kiertokylat.figures import number
from kiertokylat.plan import STATES
from kiertokylat.plan_text import Key
from kiertokylat.problems import Problem, problems_table
from kiertokylat.web import door, tables
from kiertokylat.web.editfilters import counted, words
from kiertokylat.web.session import language, t
from kiertokylat.words import say

_ALWAYS: tuple[State, ...] = ("new", "changed", "unchanged")  # shown even when there are none
_FIRST: tuple[State, ...] = ("new", "changed", "conflicting")  # what there is to look at
_TABLES: tuple[editing.Table, ...] = ("companies", "flows")
# Pixels: all side by side in the 1,000 that a laptop's screen of 1,366 leaves beside the filters.
_WIDTHS = {"take": 100, "name": 190, "reason": 228, "stored": 240, "file": 240}
_CELLS = {"kind": 120, "what": 120, "name": 270, "column": 150, "before": 228, "after": 228}
_WRAPPED = 55  # pixels: two lines of a cell
_TALL, _TALLEST = 75, 120  # pixels: three lines of a cell; as many as the longest reason needs
_EVERY = 10_000_000  # more lines than a plan can have: for files to take away


def figures(table: pd.DataFrame) -> None:
    """How many rows there are in each state, large; `plan_text.figures`."""
    shown = [state for state in STATES if table.loc[state, "rows"] or state in _ALWAYS]
    with st.grid(7, min_column_width=130):
        for state in shown:
            row: Any = table.loc[state]
            counts = {name: number(row[name], language()) for name in _TABLES}
            with st.container(border=True):
                st.metric(_name(state), number(row["rows"], language()))
                key = "import_counts_rejected" if state == "rejected" else "import_counts"
                st.caption(words(key, **counts))


def _name(state: str) -> str:
    return say(f"plan.state_{state}", language())


def state(table: pd.DataFrame) -> State | None:
    """Let the user choose whose rows to look at."""
    options = [state for state in STATES if table.loc[state, "rows"]]
    if not options:
        return None
    # The chosen one is kept: a widget that isn't drawn for a while forgets it.
    kept = st.session_state.get("import-state")
    key = f"import-state-{language()}"
    if st.session_state.get(key) not in options:
        first = next((one for one in _FIRST if one in options), options[0])
        st.session_state[key] = kept if kept in options else first
    chosen = st.segmented_control(
        words("import_state"),
        options,
        key=key,
        required=True,
        format_func=lambda name: f"{_name(name)} ({number(table['rows'][name], language())})",
    )
    st.session_state["import-state"] = chosen
    return cast("State", chosen)


def reasons(plan: Plan, state: State) -> None:
    """Why rows are in this state."""
    for reason, count in plan_text.reasons(plan, state).items():
        text = say(f"plan.reason_{reason}", language())
        st.caption(counted("import_reason", count, reason=text))


def rows(plan: Plan, state: State, names: Mapping[str, str]) -> None:
    """Draw the rows of one state, conflicts apart."""
    reasons(plan, state)
    lang = language()
    if state == "new":
        for table in _TABLES:
            _table(
                partial(plan_text.new_rows, plan, table, names, lang),
                state,
                title=say(f"export.table_{table}", lang),
                heading=lambda column: editing.heading(column, lang),
            )
        return
    if state == "rejected":
        errors = tuple(one for one in plan.problems if one.severity == "error")
        if errors:
            st.caption(words("import_problems_error"))
            problems(errors, key="errors")
    _table(
        partial(plan_text.rows_of, plan, state, names, lang),
        state,
        heading=lambda column: words(f"import_column_{column}"),
    )


def _table(
    make: Callable[[int], pd.DataFrame],
    state: State,
    *,
    heading: Callable[[str], str],
    title: str = "",
) -> None:
    """Draw as many rows as can be read, and offer all of them as a file."""
    frame = make(tables.MOST_ROWS + 1)
    if frame.empty:
        return
    if title:
        st.markdown(f"**{title}**")
    filled = [str(name) for name in frame if frame[name].fillna("").astype("str").ne("").any()]
    headings = {name: heading(name) for name in filled}
    shown = frame[filled].head(tables.MOST_ROWS)
    if len(frame) > len(shown):
        st.caption(words("import_cut", shown=number(len(shown), language())))
    alt = words("import_alt", state=_name(state))
    if "before" in filled and "after" in filled:
        _cells(shown, headings, alt)
    else:
        tables.show(shown, alt=alt, headings=headings, reported=pd.Series(True, shown.index))
    st.download_button(
        words("import_download"),
        data=door.while_allowed(lambda: csv_bytes(make(_EVERY)[filled].rename(columns=headings))),
        file_name=f"{_name(state).lower().replace(' ', '-')}.csv",
        on_click="ignore",
        key=f"import-download-{state}-{title}",
    )


def _cells(shown: pd.DataFrame, headings: Mapping[str, str], alt: str) -> None:
    """Draw changed cells: long texts wrap, so that both sides stay in sight."""
    columns = {
        name: st.column_config.TextColumn(headings[name], width=_CELLS[name])
        for name in map(str, shown)
    }
    st.dataframe(shown, hide_index=True, column_config=columns, row_height=_WRAPPED, alt=alt)


def conflicts(plan: Plan, lines: pd.DataFrame, taken: Collection[Key], key: str) -> set[Key]:
    """Draw the conflicting rows with a box each; those of which the file's word is taken.

    Parameters
    ----------
    lines
        `plan_text.conflicts` of the plan: as many as can be read.
    taken
        What was ticked before.
    key
        Of the widget: another one whenever `taken` was changed otherwise than in it.
    """
    reasons(plan, "conflicting")
    every = plan_text.waiting(plan)
    if len(every) > len(lines):
        shown, count = (number(len(these), language()) for these in (lines, every))
        st.caption(words("import_cut_conflicts", shown=shown, count=count))
    keys = list(zip(lines["table"], lines["id"], strict=True))
    # The table that is given must stay the same while its widget holds ticks.
    begun = f"{key}-begun"
    if key not in st.session_state:
        st.session_state[begun] = frozenset(taken)
    base = st.session_state[begun]
    columns = ["name", "stored", "file"]
    if len(set(lines["reason"])) > 1:
        columns.insert(1, "reason")
    frame = lines[columns]
    frame.insert(0, "take", [one in base for one in keys])
    edited = st.data_editor(
        frame,
        hide_index=True,
        disabled=columns,
        column_config={
            "take": st.column_config.CheckboxColumn(
                words("import_column_take"), width=_WIDTHS["take"], help=words("import_take_help")
            ),
            **{
                name: st.column_config.TextColumn(
                    words(f"import_column_{name}"), width=_WIDTHS[name]
                )
                for name in columns
            },
        },
        row_height=_TALLEST if "reason" in columns else _TALL,
        key=key,
    )
    ticked = {one for one, take in zip(keys, edited["take"], strict=True) if take}
    return ticked | (set(base) - set(keys))


def problems(found: tuple[Problem, ...], *, key: str) -> None:
    """Draw findings in files: where, what and what to do; all of them as a file."""
    table = problems_table(found, language()).drop(columns="code")
    table["severity"] = table["severity"].map(lambda name: t(f"severity_{name}"))
    table["row"] = table["row"].astype("str").replace("<NA>", "")
    table = table[["file", "row", "column", "value", "message", "severity"]]
    table.columns = [t(f"problem_{name}") for name in table.columns]
    shown = table.head(tables.MOST_ROWS)
    if len(table) > len(shown):
        st.caption(words("import_cut", shown=number(len(shown), language())))
    wide = {t("problem_message"): st.column_config.TextColumn(width=620)}
    st.dataframe(
        shown,
        hide_index=True,
        column_config=wide,
        row_height=70,
        alt=words("import_problems_alt"),
        key=f"import-problems-{key}",
    )
    st.download_button(
        words("import_problems_download"),
        data=door.while_allowed(lambda: csv_bytes(table)),
        file_name="huomiot.csv",
        on_click="ignore",
        key=f"import-problems-download-{key}",
    )
