"""What an editor has changed by hand ► a plan."""

from collections.abc import Callable, Collection

import numpy as np
import pandas as pd

from kiertokylat import tables
from kiertokylat.changes import Changes, Plan, Snapshot, no_companies, no_flows
from kiertokylat.errors import KiertokylatError
from kiertokylat.ingest.known import made_id
from kiertokylat.ingest.sites import unused
from kiertokylat.locate import locate
from kiertokylat.plan_checks import (
    check_companies,
    check_flows,
    check_numbers,
    tidy_companies,
    tidy_flows,
)
from kiertokylat.plan_rows import (
    AMOUNTS,
    PLACE,
    by_id,
    differing,
    findings,
    listed,
    marked,
    names_of,
)
from kiertokylat.typed_numbers import NUMBERS
from kiertokylat.words import Language, say


class InvalidRowsError(KiertokylatError):
    """Edited rows hold cells that can't be stored; nothing is planned.

    Parameters
    ----------
    findings
        As `check_companies` and `check_flows` give them, with the column `table`.
    """

    def __init__(self, findings: pd.DataFrame) -> None:
        self.findings = findings
        super().__init__(self.message())

    def message(self, language: Language = "fi") -> str:
        """Every finding, one a line."""
        return "\n".join(
            f"{found.id} {found.column}: {say(f'plan.check_{found.code}', language)}"
            for found in tables.rows(self.findings)
        )


def plan_edit(
    stored: Snapshot,
    companies: Changes | None = None,
    flows: Changes | None = None,
    *,
    title: str,
) -> Plan:
    """What an editor's changes would write.

    Every edited column counts as corrected: imports leave it alone. A company without coordinates,
    and one whose municipality was changed but not its coordinates, is placed at the centre of its
    municipality; that doesn't count as corrected, so that a file may bring a better point. Where a
    flow's low, best and high were one amount, changing the best one changes all three.

    Parameters
    ----------
    stored
        What is stored now: for new ids, and companies that flows may refer to.
    companies, flows
        `before`: rows as the editor saw them, with their revision. `after`: the same rows as edited
        (those without a change are passed over), and new rows, whose id may be empty: it is then
        made as an import makes it. Cells may be missing (None, NaN).
    title
        For the history.

    Returns
    -------
    Plan
        Of kind `edit`.

    Raises
    ------
    InvalidRowsError
        Cells can't be stored; it says which.
    ValueError
        A row would go: rows are retired, not removed.
    """
    companies = companies or Changes(no_companies(), no_companies())
    flows = flows or Changes(no_flows(), no_flows())
    seen, lines = by_id(companies.before), by_id(flows.before)
    new = _with_ids(tidy_companies(companies.after), stored.companies, _company_ids)
    new_flows = _with_ids(tidy_flows(flows.after), stored.flows, _flow_ids)
    new_flows = _lone_amounts(new_flows, lines)
    if not (seen.index.isin(new["id"]).all() and lines.index.isin(new_flows["id"]).all()):
        raise ValueError("rows are retired, not removed")
    new, open_place = _placed(new, seen, stored.companies)
    known = {*stored.companies["id"], *new["id"]}
    checks = {
        "companies": _with_unread(check_companies(new), companies.after),
        "flows": _with_unread(check_flows(new_flows, known), flows.after),
    }
    wrong = pd.concat(
        [found.assign(table=table) for table, found in checks.items()], ignore_index=True
    )
    if len(wrong):
        raise InvalidRowsError(wrong)
    return _planned(
        stored,
        _edited(seen, by_id(new), list(tables.COMPANIES.columns), open_place),
        _edited(lines, by_id(new_flows), list(tables.FLOWS.columns)),
        title,
    )


def _with_unread(found: pd.DataFrame, typed: pd.DataFrame) -> pd.DataFrame:
    """Findings with those of numbers that can't be read; a row's other numbers wait for these."""
    unread = check_numbers(typed)
    waits = found["row"].isin(unread["row"]) & found["column"].isin(NUMBERS)
    return pd.concat([unread, found[~waits]], ignore_index=True)


def retire(
    stored: Snapshot, *, companies: Collection[str] = (), flows: Collection[str] = (), title: str
) -> Plan:
    """The plan that takes rows out of use; flows of a retired company stay as they are.

    Parameters
    ----------
    stored
        What is stored now.
    companies, flows
        Ids.
    title
        For the history.
    """
    return _with_status(stored, companies, flows, "retired", title)


def revive(
    stored: Snapshot, *, companies: Collection[str] = (), flows: Collection[str] = (), title: str
) -> Plan:
    """The plan that takes retired rows, and companies that have ceased, into use again."""
    return _with_status(stored, companies, flows, "active", title)


def _with_status(
    stored: Snapshot, companies: Collection[str], flows: Collection[str], status: str, title: str
) -> Plan:
    parts = []
    for rows, ids in ((stored.companies, companies), (stored.flows, flows)):
        before = rows[rows["id"].isin(list(ids)) & (rows["status"] != status)]
        before = before.reset_index(drop=True)
        parts.append(Changes(before, before.assign(status=status)))
    return _planned(stored, parts[0], parts[1], title)


def _company_ids(rows: pd.DataFrame) -> pd.Series:
    return rows["business_id"].where(rows["business_id"] != "", made_id(rows))


def _flow_ids(rows: pd.DataFrame) -> pd.Series:
    return rows["company_id"] + ":" + rows["direction"] + ":" + rows["material"]


def _with_ids(
    rows: pd.DataFrame, stored: pd.DataFrame, made: Callable[[pd.DataFrame], pd.Series]
) -> pd.DataFrame:
    """Rows with an id each, and a source for new ones."""
    nameless = rows["id"] == ""
    taken = {*stored["id"], *rows["id"]}
    ids = [
        unused(text, taken) if is_nameless else own
        for own, text, is_nameless in zip(rows["id"], made(rows), nameless, strict=True)
    ]
    fresh = ~pd.Series(ids, index=rows.index, dtype="str").isin(stored["id"])
    unnamed = fresh & (rows["source"] == "")
    source = rows["source"].mask(unnamed, say("plan.by_hand", "fi"))
    return rows.assign(id=pd.Series(ids, index=rows.index, dtype="str"), source=source)


def _lone_amounts(rows: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """Flows whose one amount was changed, with their low and high following it."""
    if rows.empty:
        return rows
    old = before.reindex(rows["id"]).set_index(rows.index)
    low, best, high = (old[name] for name in AMOUNTS)
    lone = (low == best) & (best == high) & (rows["tonnes_low"] == low)
    lone &= (rows["tonnes_high"] == high) & rows["tonnes"].notna()
    return rows.assign(
        tonnes_low=rows["tonnes_low"].mask(lone, rows["tonnes"]),
        tonnes_high=rows["tonnes_high"].mask(lone, rows["tonnes"]),
    )


def _placed(
    rows: pd.DataFrame, before: pd.DataFrame, stored: pd.DataFrame
) -> tuple[pd.DataFrame, pd.Series]:
    """Companies with a point each, and the ids of those whose municipality gave it."""
    if rows.empty:
        return rows, rows["id"]
    old = before.reindex(rows["id"]).set_index(rows.index)
    same_point = (rows["x"] == old["x"]) & (rows["y"] == old["y"])
    moved = same_point & (rows["municipality"] != old["municipality"])
    is_open = (rows["x"].isna() & rows["y"].isna()) | moved
    # A point written by hand is exact, unless the hand says otherwise.
    stated = (rows["precision"] != "") & (rows["precision"] != old["precision"])
    rows = rows.assign(precision=rows["precision"].where(same_point | stated, "exact"))
    if is_open.any():
        rows.loc[is_open, PLACE] = _at_centres(rows[is_open], stored)
    return rows, rows.loc[is_open, "id"]


def _at_centres(rows: pd.DataFrame, stored: pd.DataFrame) -> pd.DataFrame:
    """Points at the centres of municipalities, beside those that stand there already."""
    there = stored[(stored["precision"] == "municipality") & ~stored["id"].isin(rows["id"])]
    there = there.assign(id="0" + there["id"])  # in order of the ids: the earlier ones come first
    both = pd.concat([there, rows.assign(id="1" + rows["id"])], ignore_index=True)
    both = both.assign(x=np.nan, y=np.nan, postal_code="")
    return locate(both).iloc[len(there) :].set_axis(rows.index)[PLACE]


def _edited(
    before: pd.DataFrame,
    after: pd.DataFrame,
    written: list[str],
    open_place: pd.Series | None = None,
) -> Changes:
    """Rows that differ, and new ones; the differing columns are marked as corrected."""
    both, new = after.index.isin(before.index), ~after.index.isin(before.index)
    rows = before.loc[after.index[both]]
    kept = after[both].assign(corrected=rows["corrected"], revision=rows["revision"])
    columns = [name for name in map(str, before.columns) if name not in ("corrected", "revision")]
    differs = differing(rows, kept, columns)
    changed = differs.any(axis=1)
    by_hand = differs[[name for name in written if name != "id"]]
    if open_place is not None:
        by_hand.loc[by_hand.index.isin(open_place), PLACE] = False
    kept = kept.assign(corrected=marked(kept["corrected"], by_hand, by_hand=True))
    fresh = after[new].assign(corrected="", revision=0)
    return Changes(
        rows[changed].reset_index(drop=True),
        pd.concat([kept[changed], fresh], ignore_index=True),
    )


def _planned(stored: Snapshot, companies: Changes, flows: Changes, title: str) -> Plan:
    names = {
        key: name
        for frame in (stored.companies, companies.after)
        for key, name in zip(frame["id"], frame["name"], strict=True)
    }
    found = []
    for table, changes, owner in (("companies", companies, "id"), ("flows", flows, "company_id")):
        before, after = by_id(changes.before), by_id(changes.after)
        named = after[owner].map(names).astype("str")
        both = after.index.isin(before.index)
        columns = [
            name for name in map(str, after.columns) if name not in ("corrected", "revision")
        ]
        differs = names_of(differing(before, after[both], columns))
        found.append(findings(table, after[both], named[both], "changed", columns=differs))
        found.append(findings(table, after[~both], named[~both], "new"))
    companies = Changes(companies.before, tables.stored_companies(companies.after))
    flows = Changes(flows.before, tables.stored_flows(flows.after))
    return Plan("edit", title, companies, flows, listed(found))
