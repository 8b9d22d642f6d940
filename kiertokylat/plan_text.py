"""A plan as people read it before they agree to it: figures, rows of each state, conflicts."""

from collections.abc import Collection, Mapping
from dataclasses import replace

import pandas as pd

from kiertokylat import editing
from kiertokylat.changes import Changes, Plan, State
from kiertokylat.compared import compared, count
from kiertokylat.editing import Table
from kiertokylat.plan import STATES, side_by_side
from kiertokylat.plan_rows import among
from kiertokylat.words import Language, say

Key = tuple[str, str]  # table and id

_TABLES: tuple[Table, ...] = ("companies", "flows")
_NEW: dict[Table, tuple[str, ...]] = {
    "companies": (
        *("name", "business_id", "municipality", "nace", "employees", "precision", "source"),
    ),
    "flows": (
        *("company_id", "direction", "material", "ewc", "tonnes", "tonnes_low", "tonnes_high"),
        *("continuity", "basis", "source", "note"),
    ),
}
_KIND = {"companies": "data.import_company", "flows": "data.import_flow"}


def figures(plan: Plan) -> pd.DataFrame:
    """How many rows are in each state.

    Returns
    -------
    DataFrame
        Index `plan.STATES`; `companies`, `flows`, `rows` (both; of the rejected also the rows of
        files that were left out when they were read, and files that could not be read).
    """
    counted = pd.crosstab(plan.findings["state"], plan.findings["table"])
    table = counted.reindex(index=list(STATES), columns=list(_TABLES), fill_value=0)
    # Erased companies are rows of the findings already.
    errors = (p for p in plan.problems if p.severity == "error" and p.code != "erased")
    left_out = {(p.file, p.row) for p in errors}
    more = pd.Series({state: len(left_out) if state == "rejected" else 0 for state in STATES})
    table = table.rename_axis(index=None, columns=None)
    return table.assign(rows=table.sum(axis=1) + more)


def written(plan: Plan) -> int:
    """How many rows the plan would write."""
    return count(plan.companies, plan.flows)


def waiting(plan: Plan) -> dict[Key, int]:
    """The conflicting rows, each with the revision of the stored row (0: there is none)."""
    found: dict[Key, int] = {}
    for table in _TABLES:
        doubtful: Changes = getattr(plan, f"doubtful_{table}")
        found |= {(table, key): 0 for key in doubtful.after["id"]}
        revisions = zip(doubtful.before["id"], doubtful.before["revision"], strict=True)
        found |= {(table, key): int(revision) for key, revision in revisions}
    return found


def taking(plan: Plan, keys: Collection[Key]) -> Plan:
    """The plan that takes the file's word for these conflicting rows."""
    ids = {table: [key for of, key in keys if of == table] for table in _TABLES}
    companies, flows = (plan.taking(ids[table]) for table in _TABLES)
    return replace(plan, companies=companies.companies, flows=flows.flows)


def reasons(plan: Plan, state: State) -> dict[str, int]:
    """Why rows are in a state: keys of `plan.reason_{reason}`, each with its number of rows."""
    told = plan.findings.loc[plan.findings["state"] == state, "reason"]
    counted = told[told != ""].value_counts()
    return {str(reason): int(number) for reason, number in counted.items()}


def part(plan: Plan, state: State, most: int | None = None) -> tuple[Changes, Changes]:
    """Companies and flows before and after, of the first so many rows of each in one state."""
    found = plan.findings[plan.findings["state"] == state]
    changes = []
    for table in _TABLES:
        ids = found.loc[found["table"] == table, "id"].head(len(found) if most is None else most)
        name = f"doubtful_{table}" if state == "conflicting" else table
        whole: Changes = getattr(plan, name)
        before, after = (rows[among(rows["id"], ids)] for rows in (whole.before, whole.after))
        changes.append(Changes(before, after))
    return changes[0], changes[1]


def rows_of(
    plan: Plan, state: State, names: Mapping[str, str], language: Language, most: int
) -> pd.DataFrame:
    """What becomes of the rows of a state, in words.

    Parameters
    ----------
    plan
        As the files give it.
    state
        Which rows.
    names
        Names of the stored companies by id.
    language
        The reader's language.
    most
        How many lines at most.

    Returns
    -------
    DataFrame
        Columns of `compared.COLUMNS`; a line a cell of changed rows (`column`, `before`, `after`),
        a line a row of others. Of rows that stay or are not taken in, `what` and `name` alone.
    """
    if state not in ("unchanged", "rejected"):
        return compared(*part(plan, state, most), names, language, most)
    found = plan.findings[plan.findings["state"] == state].head(most)
    kinds = {table: say(key, language) for table, key in _KIND.items()}
    return pd.DataFrame({"what": found["table"].map(kinds), "name": found["name"]}, dtype="str")


def conflicts(plan: Plan, names: Mapping[str, str], language: Language, most: int) -> pd.DataFrame:
    """The conflicting rows, one line each.

    Returns
    -------
    DataFrame
        `table`, `id`, `name`, `reason` (in words), `stored` and `file`: the differing cells as
        stored and as the file has them; `stored` is empty where the file's row would be added.
    """
    companies, flows = part(plan, "conflicting", most)
    cells = side_by_side(Plan("import", "", companies, flows))
    keys: list[Key] = []  # of each line of `compared`: added rows, then the cells of the others
    for table, changes in (("companies", companies), ("flows", flows)):
        added = changes.after.loc[~among(changes.after["id"], changes.before["id"]), "id"]
        keys += [(table, key) for key in [*added, *cells.loc[cells["table"] == table, "id"]]]
    lines = compared(companies, flows, names, language, len(keys))
    column = lines["column"].where(lines["column"] == "", lines["column"] + ": ")
    frame = pd.DataFrame(keys, columns=["table", "id"], dtype="str").assign(
        name=lines["name"], stored=column + lines["before"], file=column + lines["after"]
    )
    rows = frame.groupby(["table", "id"], sort=False)
    frame = rows.agg(
        name=("name", "first"), stored=("stored", _together), file=("file", _together)
    ).reset_index()
    found = plan.findings[plan.findings["state"] == "conflicting"]
    reason = dict(zip(zip(found["table"], found["id"], strict=True), found["reason"], strict=True))
    told = [reason[key] for key in zip(frame["table"], frame["id"], strict=True)]
    frame.insert(3, "reason", [say(f"plan.reason_{name}", language) for name in told])
    return frame.astype("str").head(most)


def _together(texts: pd.Series) -> str:
    return "; ".join(text for text in texts if text)


def new_rows(
    plan: Plan, table: Table, names: Mapping[str, str], language: Language, most: int
) -> pd.DataFrame:
    """The new rows of one table with labels for codes.

    Returns
    -------
    DataFrame
        Columns of `editing.frame` that a file can tell and somebody would check.
    """
    rows = part(plan, "new", most)[table == "flows"].after
    known = dict(names) | dict(
        zip(plan.companies.after["id"], plan.companies.after["name"], strict=True)
    )
    owners = {}
    if table == "flows":
        owners = {key: known.get(key, key) for key in rows["company_id"].unique()}
    shown = editing.frame(table, rows, editing.choices(table, language, rows, owners), language)
    frame = shown[list(_NEW[table])]
    if table == "flows":  # labels tell companies of one name apart; here each name will do
        frame = frame.assign(company_id=rows["company_id"].map(owners))
    return frame
