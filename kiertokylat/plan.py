"""Changes as they are shown before anything is written: of files, of an editor, of an archive.

Whatever makes a `Plan`, the store applies it the same way (`kiertokylat.changes`).
"""

import pandas as pd

from kiertokylat.changes import Changes, Plan, State
from kiertokylat.plan_archive import plan_archive
from kiertokylat.plan_checks import check_companies, check_flows
from kiertokylat.plan_edit import InvalidRowsError, plan_edit, retire, revive
from kiertokylat.plan_import import plan_import
from kiertokylat.plan_rows import differing

__all__ = [
    "STATES",
    "InvalidRowsError",
    "check_companies",
    "check_flows",
    "counts",
    "plan_archive",
    "plan_edit",
    "plan_import",
    "retire",
    "revive",
    "side_by_side",
]

STATES: tuple[State, ...] = (
    "new", "changed", "unchanged", "conflicting", "ceased", "removed", "rejected",
)  # fmt: skip
_ABOUT = ("corrected", "revision")  # columns about a row, not of it


def side_by_side(plan: Plan) -> pd.DataFrame:
    """Every cell that would change in a stored row, or that conflicts, beside what the file has.

    Returns
    -------
    DataFrame
        `table`, `id`, `name` (of the company), `column`, `stored`, `file`: the values as they are,
        by table and id, in the order of the columns. New and removed rows are not in it.
    """
    parts = [
        _cells(plan.companies).assign(table="companies"),
        _cells(plan.doubtful_companies).assign(table="companies"),
        _cells(plan.flows).assign(table="flows"),
        _cells(plan.doubtful_flows).assign(table="flows"),
    ]
    cells = pd.concat(parts, ignore_index=True)
    found = plan.findings
    names = dict(zip(zip(found["table"], found["id"], strict=True), found["name"], strict=True))
    keys = zip(cells["table"], cells["id"], strict=True)
    cells["name"] = pd.Series([names.get(key, "") for key in keys], dtype="str")
    cells = cells[["table", "id", "name", "column", "stored", "file"]]
    return cells.sort_values(["table", "id"], kind="stable", ignore_index=True)


def _cells(changes: Changes) -> pd.DataFrame:
    """The differing cells of rows that are there before and after: `id`, `column`, both values."""
    before, after = changes.before.set_index("id"), changes.after.set_index("id")
    both = before.index.intersection(after.index)
    before, after = before.loc[both], after.loc[both]
    columns = [name for name in map(str, before.columns) if name not in _ABOUT]
    differs = differing(before, after, columns)
    parts = [pd.DataFrame({"id": [], "column": [], "stored": [], "file": []}, dtype=object)]
    for name in columns:
        rows = differs[name].to_numpy()
        values = {"stored": before.loc[rows, name], "file": after.loc[rows, name]}
        part = pd.DataFrame({side: cells.astype(object) for side, cells in values.items()})
        parts.append(part.rename_axis("id").reset_index().assign(column=name))
    return pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)


def counts(plan: Plan) -> pd.DataFrame:
    """How many rows of each table are in each state.

    Returns
    -------
    DataFrame
        Index `companies`, `flows`; columns `STATES`.
    """
    counted = pd.crosstab(plan.findings["table"], plan.findings["state"])
    return counted.reindex(index=["companies", "flows"], columns=list(STATES), fill_value=0)
