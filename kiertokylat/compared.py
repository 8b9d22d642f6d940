"""Changes in words, side by side: what an editor is about to save, and what the history keeps."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from kiertokylat import editing, tables
from kiertokylat.changes import Changes, Plan
from kiertokylat.drafts import Draft, carried, same
from kiertokylat.editing import EDITABLE, LISTED, Table, heading
from kiertokylat.plan import side_by_side
from kiertokylat.plan_rows import by_id
from kiertokylat.words import Language, say

COLUMNS = ("kind", "name", "column", "before", "after")


def compared(
    companies: Changes, flows: Changes, names: Mapping[str, str], language: Language, most: int
) -> pd.DataFrame:
    """Every cell that changes, and every new and removed row, in words.

    Parameters
    ----------
    companies, flows
        Rows before and after.
    names
        Names of companies by id, as they stand now.
    language
        The reader's language.
    most
        How many lines at most.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`: what happens, the company (with the material of a flow), the column,
        and both values. A new or removed row is one line with all that it says.
    """
    known = dict(names) | dict(zip(companies.after["id"], companies.after["name"], strict=True))
    lines = _lines("companies", companies, known, language, most)
    lines += _lines("flows", flows, known, language, most)
    return pd.DataFrame(lines[:most], columns=list(COLUMNS), dtype="str")


def _lines(
    table: Table, changes: Changes, names: Mapping[str, str], language: Language, most: int
) -> list[tuple[str, ...]]:
    both = pd.concat([changes.before, changes.after], ignore_index=True)
    words = _Words(table, language, both, names)
    before, after = by_id(changes.before), by_id(changes.after)
    new, gone = ~after.index.isin(before.index), ~before.index.isin(after.index)
    lines: list[tuple[str, ...]] = [
        (words.kind("new"), words.name(row), "", "", words.row(row))
        for row in tables.rows(after[new].head(most))
    ]
    lines += [
        (words.kind("removed"), words.name(row), "", words.row(row), "")
        for row in tables.rows(before[gone].head(most))
    ]
    cells = side_by_side(_plan(table, changes)).head(most)
    shown = after[after.index.isin(cells["id"])]
    named = {row.id: words.name(row) for row in tables.rows(shown)}
    for cell in tables.rows(cells):
        values = (words.value(cell.column, cell.stored), words.value(cell.column, cell.file))
        column = heading(cell.column, language)
        lines.append((words.kind("changed"), named[cell.id], column, *values))
    return lines


def count(companies: Changes, flows: Changes) -> int:
    """How many rows change, come or go."""
    return sum(
        len(set(changes.before["id"]) | set(changes.after["id"])) for changes in (companies, flows)
    )


def _plan(table: str, changes: Changes) -> Plan:
    nothing = Changes(changes.before.head(0), changes.after.head(0))
    parts = (changes, nothing) if table == "companies" else (nothing, changes)
    return Plan("edit", "", *parts)


class _Words:
    """Values of one table as people read them."""

    def __init__(
        self, table: Table, language: Language, rows: pd.DataFrame, names: Mapping[str, str]
    ) -> None:
        self._table: Table = table
        self._language: Language = language
        self._names = names
        companies = {}
        if table == "flows":
            companies = {key: names.get(key, key) for key in rows["company_id"].unique()}
        self._listed = editing.choices(table, language, rows, companies)

    def kind(self, state: str) -> str:
        return say(f"data.edit_change_{self._table}_{state}", self._language)

    def name(self, row: Any) -> str:
        if self._table == "companies":
            return str(row.name)
        material = self._listed["material"].get(row.material, row.material)
        return f"{self._names.get(row.company_id, row.company_id)}: {material}"

    def value(self, column: str, value: Any) -> str:
        if isinstance(value, bool) or column == "sole_trader":
            return say("data.edit_yes" if value else "data.edit_no", self._language)
        if pd.isna(value) or value == "":
            return say("data.edit_nothing", self._language)
        if column in LISTED:
            return self._listed[column].get(value, str(value))
        return exact(value, self._language) if isinstance(value, float) else str(value)

    def row(self, row: Any) -> str:
        said = [(name, getattr(row, name)) for name in EDITABLE[self._table]]
        return "; ".join(
            f"{heading(name, self._language)}: {self.value(name, value)}"
            for name, value in said
            if not (pd.isna(value) or value == "" or value is False)
        )


def exact(value: float, language: Language) -> str:
    """A number in full with the language's decimal sign: people compare what they have typed."""
    text = f"{value:.12g}"
    return text.replace(".", ",").replace("-", "−") if language == "fi" else text


def conflict(
    table: Table, draft: Draft, now: pd.DataFrame, names: Mapping[str, str], language: Language
) -> pd.DataFrame:
    """What an editor and somebody else have made of one row.

    Parameters
    ----------
    table
        Which table.
    draft
        The editor's.
    now
        The row as it is stored now: one, or none if it is gone.
    names
        Names of companies by id.
    language
        The reader's language.

    Returns
    -------
    DataFrame
        `column`, `seen` (what both started from), `mine`, `now`: the columns in which mine or what
        is stored now differs from what was seen.
    """
    lines = []
    for key in now["id"]:
        seen: Any = draft.seen.loc[key]
        stored: Any = by_id(now).loc[key]
        words = _Words(table, language, pd.concat([draft.seen.loc[[key]], now]), names)
        typed = carried(draft.cells[key], seen, stored)
        for name in EDITABLE[table]:
            mine = typed.get(name, seen[name])
            if not (same(mine, seen[name]) and same(stored[name], seen[name])):
                values = (seen[name], mine, stored[name])
                lines.append((heading(name, language), *(words.value(name, v) for v in values)))
    return pd.DataFrame(lines, columns=["column", "seen", "mine", "now"], dtype="str")


def title(plan: Plan) -> str:
    """What the history calls an edit: how many rows, and which columns; never a name."""
    parts = []
    for table, changes in (("companies", plan.companies), ("flows", plan.flows)):
        new = len(changes.after) - len(changes.before)
        for state, rows in (("changed", len(changes.before)), ("new", new)):
            if rows:
                parts.append(say(f"data.edit_title_{table}_{state}", "fi", count=rows))
    columns = dict.fromkeys(" ".join(plan.findings["columns"]).split())
    told = ", ".join(heading(name, "fi") for name in columns if name != "precision")
    text = ", ".join(parts)
    text = text[:1].upper() + text[1:]
    return f"{text} ({told})" if told else text
