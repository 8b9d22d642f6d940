"""What an editor has typed and not saved yet.

A draft holds the touched cells only, over the rows as the editor saw them. A sheet is what a table
on the page was drawn from: it stays the same while somebody types, and turns the table's own state
into the next draft.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from kiertokylat import editing, reference
from kiertokylat.changes import Changes, no_companies, no_flows
from kiertokylat.editing import Choices, Table
from kiertokylat.plan_rows import AMOUNTS
from kiertokylat.typed_numbers import NUMBERS
from kiertokylat.words import Language

Key = str | int  # the id of a stored row, or the position of a new one


@dataclass(frozen=True)
class Draft:
    """Unsaved edits of one table.

    Parameters
    ----------
    seen
        The edited rows as they stood when they were first touched, by id: what the change starts
        from.
    cells
        By id: the typed cells by column, as they would be stored.
    new
        Typed cells of each new row.
    """

    seen: pd.DataFrame = field(default_factory=pd.DataFrame)
    cells: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    new: tuple[Mapping[str, Any], ...] = ()

    def __len__(self) -> int:
        """How many cells are edited and rows new."""
        return sum(map(len, self.cells.values())) + len(self.new)

    @property
    def keys(self) -> list[Key]:
        """Which rows `changes` has, in its order."""
        return [*self.cells, *range(len(self.new))]

    def changes(self, table: Table) -> Changes:
        """The draft as `plan_edit` takes it; the rows of `after` are those of `keys`."""
        kept = no_companies() if table == "companies" else no_flows()
        before = self.seen.loc[list(self.cells)] if self.cells else kept
        seen: Any = before.to_dict("records")
        rows: list[dict[str, Any]] = [
            {**row, **cells, **_edition(row, cells)}
            for row, cells in zip(seen, self.cells.values(), strict=True)
        ]
        rows += [dict.fromkeys(kept.columns) | dict(cells) for cells in self.new]
        after = pd.DataFrame(rows, columns=kept.columns, dtype=object)
        return Changes(before.reset_index(drop=True), after)

    def without(self, ids: list[str]) -> "Draft":
        """The draft without its edits of these rows."""
        cells = {key: typed for key, typed in self.cells.items() if key not in ids}
        return replace(self, cells=cells)

    def conflicts(self, stored: pd.DataFrame) -> list[str]:
        """Ids of edited rows that somebody else has changed or removed since they were seen."""
        now = _by_id(stored[stored["id"].isin(list(self.cells))])
        gone = [key for key in self.cells if key not in now.index]
        # Whole rows: their revisions alone may be the same after a restore of another database.
        return gone + [
            key for key in now.index if _differing(dict(self.seen.loc[key]), now.loc[key])
        ]

    def onto(self, ids: list[str], stored: pd.DataFrame) -> "Draft":
        """The same typed cells over these rows as they are stored now; rows that went are left.

        Amounts are carried whole (`carried`).
        """
        now = _by_id(stored[stored["id"].isin(ids)])
        seen = pd.concat([self.seen.drop(index=now.index), now])
        cells: dict[str, Mapping[str, Any]] = {}
        for key, typed in self.cells.items():
            if key in ids and key not in now.index:
                continue
            over = seen.loc[key]
            left = _differing(carried(typed, self.seen.loc[key], over), over)
            if left:
                cells[key] = left
        return replace(self, seen=seen, cells=cells)


def _by_id(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.set_index("id", drop=False).rename_axis(None)


def _edition(row: Mapping[str, Any], typed: Mapping[str, Any]) -> dict[str, str]:
    """The classification's edition of a newly chosen industry: the row's, if that has it."""
    divisions = reference.divisions()["editions"]
    division = str(typed.get("nace", ""))[:2]
    if division not in divisions.index:
        return {}
    editions = divisions[division].split(";")
    known = row["nace_edition"] in ("", *editions)
    return {} if known else {"nace_edition": editions[0]}


def same(one: Any, other: Any) -> bool:
    """Whether two cells say the same; unknown equals unknown."""
    return bool(one == other) or bool(pd.isna(one) and pd.isna(other))


def _differing(typed: Mapping[str, Any], row: Any) -> dict[str, Any]:
    return {name: value for name, value in typed.items() if not same(value, row[name])}


def carried(typed: Mapping[str, Any], seen: Any, now: Any) -> dict[str, Any]:
    """Typed cells as they are made on a row that somebody else has changed since.

    Low, best and high amount are one statement: where both have changed some of it, a mixture of
    the two would be a range that nobody has told. So all three are then the editor's own.

    Parameters
    ----------
    typed
        Cells by column.
    seen, now
        The row as the editor saw it, and as it is stored now.
    """
    touched = [name for name in AMOUNTS if name in typed]
    if not touched or all(same(seen[name], now[name]) for name in AMOUNTS):
        return dict(typed)
    whole = {name: typed.get(name, seen[name]) for name in AMOUNTS}
    best = typed.get("tonnes")
    lone = touched == ["tonnes"] and seen["tonnes_low"] == seen["tonnes"] == seen["tonnes_high"]
    if lone and isinstance(best, float) and not pd.isna(best):
        whole = dict.fromkeys(AMOUNTS, best)  # as `plan_edit` lets them follow
    return {**typed, **whole}


@dataclass(frozen=True)
class Sheet:
    """What a table on the page was drawn from.

    Parameters
    ----------
    table
        Which table.
    rows
        The rows as stored when it was drawn, by id.
    draft
        What had been typed before it was drawn.
    keys
        Each shown row's key.
    listed
        `editing.choices` of its columns.
    frame
        `editing.frame` with the draft's cells, as the editor gets it.
    """

    table: Table
    rows: pd.DataFrame
    draft: Draft
    keys: tuple[Key, ...]
    listed: Choices
    frame: pd.DataFrame

    def typed(self, state: Mapping[str, Any]) -> Draft:
        """The draft with what has been typed into the table.

        Parameters
        ----------
        state
            Of `st.data_editor`: `edited_rows` (by position), `added_rows`, `deleted_rows`. A
            deleted row that is stored is taken out of use: nothing is ever lost. So is one whose
            box `use` was emptied; a filled one takes it into use.
        """
        others = self.rows[~self.rows.index.isin(self.draft.seen.index)]
        seen = pd.concat([self.draft.seen, others]) if self.draft.cells else self.rows
        cells = {key: dict(typed) for key, typed in self.draft.cells.items()}
        new: list[dict[str, Any] | None] = [dict(typed) for typed in self.draft.new]
        for position, typed in state["edited_rows"].items():
            key = self.keys[int(position)]
            row = cells.setdefault(key, {}) if isinstance(key, str) else new[key]
            if row is not None:
                row.update(self._read(typed))
                if "use" in typed:
                    stored = seen.loc[key, "status"] if isinstance(key, str) else "active"
                    # An emptied box of a company that has ceased says what is stored: it has.
                    out = stored if stored != "active" else "retired"
                    row["status"] = "active" if typed["use"] else out
        for position in state["deleted_rows"]:
            key = self.keys[int(position)]
            if isinstance(key, str):
                cells.setdefault(key, {})["status"] = "retired"
            else:
                new[key] = None
        new += [self._read(typed) for typed in state["added_rows"]]
        left = {key: _differing(typed, seen.loc[key]) for key, typed in cells.items()}
        left = {key: typed for key, typed in left.items() if typed}
        return Draft(
            seen.loc[list(left)],
            left,
            tuple(row for row in new if row is not None and _says(row)),
        )

    def _read(self, typed: Mapping[str, Any]) -> dict[str, Any]:
        """Typed cells as they would be stored; those that a hand may write."""
        out = {"status": "retired"} if typed.get("use") is False else {}
        return out | {
            name: editing.code(name, value, self.listed)
            for name, value in typed.items()
            if name in editing.EDITABLE[self.table]
        }


def _says(row: Mapping[str, Any]) -> bool:
    """Whether a new row says anything; a flow's company alone may be the table's own default."""
    values = [value for name, value in row.items() if name != "company_id"]
    return any(not (pd.isna(value) or value == "" or value is False) for value in values)


def sheet(
    table: Table,
    rows: pd.DataFrame,
    draft: Draft,
    language: Language,
    companies: Mapping[str, str] | None = None,
) -> Sheet:
    """A sheet of stored rows: each where it stands, edited ones of elsewhere first, new ones last.

    Parameters
    ----------
    table
        Which table.
    rows
        Stored rows in the order in which they are shown. Those that the draft has edited are shown
        as the draft has them, also where they aren't among these.
    draft
        What has been typed so far.
    language
        The reader's language.
    companies
        For flows: labels of the companies that can be chosen.
    """
    changes = draft.changes(table)
    edited = list(draft.cells)
    typed = changes.after.set_axis(pd.Index(draft.keys, dtype=object))
    here = list(rows["id"])
    elsewhere = [key for key in edited if key not in set(here)]
    others = _by_id(rows[~rows["id"].isin(edited)]).astype(object)
    shown = pd.concat([typed, others]).loc[[*elsewhere, *here, *range(len(draft.new))]]
    shown = _filled(shown)
    offered = pd.concat([shown, draft.seen.astype(object)]) if edited else shown
    listed = editing.choices(table, language, offered, companies)
    frame = editing.frame(table, shown.reset_index(drop=True), listed, language)
    return Sheet(table, _by_id(rows), draft, tuple(shown.index), listed, frame)


def _filled(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows in which no text is missing."""
    texts = {str(name): rows[name].fillna("") for name in rows if name not in NUMBERS}
    return rows.assign(**texts)
