"""An archive ► the plan after which the store holds exactly what the archive holds."""

from dataclasses import replace

import pandas as pd

from kiertokylat.changes import Changes, Plan, Snapshot, State
from kiertokylat.erasures import sort_out
from kiertokylat.plan_erased import left_out_findings, left_out_problems
from kiertokylat.plan_rows import by_id, differing, findings, listed, names_of


def plan_archive(stored: Snapshot, archived: Snapshot, title: str) -> Plan:
    """The plan after which the store holds exactly what an archive holds, row by row of one id.

    Parameters
    ----------
    stored
        What is stored now. Rows that the archive lacks go.
    archived
        What shall be stored; only its revisions are the store's own.
    title
        For the history.

    Returns
    -------
    Plan
        Of kind `restore`, without conflicts. Companies that were erased on request since the
        archive was made are left out with their flows (rejected, reason `erased`).
    """
    kept = sort_out(archived.companies, archived.flows, stored.erasures)
    archived = replace(archived, companies=kept.companies, flows=kept.flows)
    names = {
        key: name
        for frame in (stored.companies, archived.companies)
        for key, name in zip(frame["id"], frame["name"], strict=True)
    }
    companies, company_findings = _exact("companies", stored.companies, archived.companies, names)
    flows, flow_findings = _exact("flows", stored.flows, archived.flows, names)
    left_out = left_out_findings(kept)
    return Plan(
        "restore",
        title,
        companies,
        flows,
        listed([*company_findings, *flow_findings, *left_out]),
        problems=left_out_problems(kept, title),
    )


def _exact(
    table: str, stored: pd.DataFrame, archived: pd.DataFrame, names: dict[str, str]
) -> tuple[Changes, list[pd.DataFrame]]:
    """One table's changes and findings; every column counts but the revision."""
    now, then = by_id(stored), by_id(archived)
    both = now.index.intersection(then.index)
    columns = [name for name in map(str, now.columns) if name not in ("id", "revision")]
    differs = differing(now.loc[both], then.loc[both], columns, exact=True)
    changed = both[differs.any(axis=1)]
    new, gone = then.drop(both), now.drop(both)
    states: dict[State, pd.DataFrame] = {
        "changed": then.loc[changed],
        "unchanged": then.loc[both.difference(changed)],
        "new": new,
        "removed": gone,
    }
    owner = "id" if table == "companies" else "company_id"
    shown = names_of(differs)
    found = [
        findings(
            table, rows, rows[owner].map(names).astype("str"), state,
            columns=shown.reindex(rows.index, fill_value=""),
        )
        for state, rows in states.items()
    ]  # fmt: skip
    before, after = pd.concat([now.loc[changed], gone]), pd.concat([then.loc[changed], new])
    return Changes(before.reset_index(drop=True), after.reset_index(drop=True)), found
