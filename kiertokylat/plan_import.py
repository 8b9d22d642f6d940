"""What an import would do, as a plan to look at before anything is written.

    files ─► Ingested ─┐
                       ├─► plan_import ─► Plan ─► store
    stored ─► Snapshot ┘

The rules, in docs/data-formats.md as people read them:

- A row is new, changed or unchanged; an empty cell erases nothing.
- A row that differs from what was corrected by hand is conflicting, as a whole: the stored row
  stays until somebody takes the file's word for it (`Plan.taking`), and then no column of it that
  was taken counts as corrected any longer.
- A row that was retired by hand and is named again is conflicting too.
- The register ends companies (`ceased`) and brings them back; nothing but the demo region goes.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import pandas as pd
from pandas.api.types import is_string_dtype

from kiertokylat import tables
from kiertokylat.changes import Changes, Plan, Snapshot, State, no_companies, no_flows
from kiertokylat.erasures import sort_out
from kiertokylat.ingest import Ingested
from kiertokylat.ingest.register import SOURCE
from kiertokylat.ingest.sites import unused
from kiertokylat.plan_erased import left_out_findings, left_out_problems
from kiertokylat.plan_flows import paired
from kiertokylat.plan_rows import (
    Merged,
    among,
    by_id,
    findings,
    listed,
    marked,
    merged_companies,
    merged_flows,
    names_of,
)

DEMO = "demo"  # the source of the demo region's rows


class _Part(NamedTuple):
    """What happens to one table."""

    sure: Changes
    doubtful: Changes
    findings: list[pd.DataFrame]


def plan_import(
    stored: Snapshot,
    read: Ingested,
    title: str,
    *,
    whole_register: bool = False,
    without_demo: bool = True,
) -> Plan:
    """What files would change in the store.

    Parameters
    ----------
    stored
        What is stored now.
    read
        From `ingest(files, companies=stored.companies)`: companies of every status, so that retired
        and ceased ones are recognised.
    title
        For the history: the names of the files.
    whole_register
        Whether stored companies of the register that the files don't list have ceased. Only for the
        register's whole file (`read.whole_register`).
    without_demo
        Whether the demo region goes when the files bring the first companies of their own. Demo
        rows that the files name stay.

    Returns
    -------
    Plan
        Of kind `import`. Reasons: `corrected_by_hand`, `retired`, `several_alike`, `partial`
        (conflicting), `register_ended`, `not_listed` (ceased), `active_again` (changed), `demo`
        (removed), `estimated` (rejected: estimates are worked out anew, never stored), `erased`
        (rejected: erased on request; `problems` tells the date of each company).

    Raises
    ------
    ValueError
        The files were read without knowing every stored company.
    """
    if among(read.companies["id"], stored.companies["id"]).any():
        raise ValueError("files must be read with all stored companies, whatever their status")
    kept = sort_out(read.companies, read.flows, stored.erasures)
    read = replace(read, companies=_numbered(kept.companies), flows=_numbered(kept.flows))
    brings = bool((read.companies["source"] != DEMO).any()) or _names_own(stored, read)
    going = _demo(stored, read) if without_demo and brings else (no_companies(), no_flows())
    companies = _companies(stored, read, whole_register=whole_register)
    name_of = dict(zip(stored.companies["id"], stored.companies["name"], strict=True))
    name_of |= dict(zip(read.companies["id"], read.companies["name"], strict=True))
    flows = _flows(stored, read, name_of)

    gone_names = going[1]["company_id"].map(name_of).astype("str")
    removed = [
        findings("companies", going[0], going[0]["name"], "removed", reason="demo"),
        findings("flows", going[1], gone_names, "removed", reason="demo"),
    ]
    return Plan(
        kind="import",
        title=title,
        companies=_without(companies.sure, going[0], tables.stored_companies),
        flows=_without(flows.sure, going[1], tables.stored_flows),
        findings=listed([*companies.findings, *flows.findings, *removed, *left_out_findings(kept)]),
        doubtful_companies=companies.doubtful,
        doubtful_flows=flows.doubtful,
        problems=(*read.problems, *left_out_problems(kept, title)),
    )


def _numbered(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.reset_index(drop=True)


def _without(
    sure: Changes, going: pd.DataFrame, checked: Callable[[pd.DataFrame], pd.DataFrame]
) -> Changes:
    return Changes(pd.concat([sure.before, going], ignore_index=True), checked(sure.after))


def _names_own(stored: Snapshot, read: Ingested) -> bool:
    """Whether the files name a stored company that is not of the demo region."""
    own = stored.companies.loc[stored.companies["source"] != DEMO, "id"]
    return bool(among(read.known["id"], own).any())


def _demo(stored: Snapshot, read: Ingested) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Companies and flows of the demo region that the files don't name, with all that hangs on."""
    named = {*read.known["id"], *read.flows["company_id"]}
    of_demo = stored.companies["source"] == DEMO
    going = stored.companies[of_demo & ~among(stored.companies["id"], named)]
    flows = stored.flows
    hanging = among(flows["company_id"], going["id"])
    own = (flows["source"] == DEMO) & ~among(flows["company_id"], named)
    return going, flows[hanging | own]


def _companies(stored: Snapshot, read: Ingested, *, whole_register: bool) -> _Part:
    before = by_id(stored.companies)
    ended = _ended(before, read, whole_register=whole_register)
    said = by_id(read.known)
    said = said.reindex(said.index.union(ended.index, sort=False))
    said = said.fillna(dict.fromkeys(said.columns[said.dtypes.map(is_string_dtype)], ""))
    named = before.loc[said.index]
    merged = merged_companies(named, said)

    ended = ended.reindex(named.index, fill_value="")
    retired = named["status"] == "retired"
    active = said["source"].str.startswith(SOURCE) & ~among(named["business_id"], read.ceased)
    again = (named["status"] == "ceased") & active
    status = named["status"].mask(again | retired, "active").mask(ended != "", "ceased")
    reason = ended.mask(again, "active_again").mask(merged.by_hand, "corrected_by_hand")
    reason = reason.mask(retired, "retired")
    part = _sorted_out("companies", named["name"], merged.with_status(status), reason)
    new = _stored_form(read.companies.assign(sole_trader=False), no_companies())
    return _Part(
        Changes(part.sure.before, pd.concat([part.sure.after, new], ignore_index=True)),
        part.doubtful,
        [*part.findings, findings("companies", new, new["name"], "new")],
    )


def _ended(before: pd.DataFrame, read: Ingested, *, whole_register: bool) -> pd.Series:
    """Stored companies that the register ends, by id, each with the reason."""
    active = before["status"] == "active"
    told = active & among(before["business_id"], read.ceased)
    reasons = pd.Series("", index=before.index, dtype="str").mask(told, "register_ended")
    if whole_register:
        listed = {*read.companies["business_id"], *before.loc[read.known["id"], "business_id"]}
        of_register = active & before["source"].str.startswith(SOURCE)
        absent = of_register & ~told & ~among(before["business_id"], listed)
        reasons = reasons.mask(absent & ~among(before["id"], read.known["id"]), "not_listed")
    return reasons[reasons != ""]


def _flows(stored: Snapshot, read: Ingested, name_of: dict[str, str]) -> _Part:
    def names(rows: pd.DataFrame) -> pd.Series:
        return rows["company_id"].map(name_of).astype("str")

    estimates = read.flows["basis"] == "estimated"
    flows = read.flows[~estimates].reset_index(drop=True)
    pairs = paired(stored.flows, flows, read.made_ids)
    met = pairs["stored"] != ""
    said = flows[met].set_axis(pairs.loc[met, "stored"]).rename_axis(None)
    named = by_id(stored.flows).loc[said.index]
    merged = merged_flows(named, said)

    retired = named["status"] == "retired"
    reason = pd.Series("", index=named.index, dtype="str").mask(merged.partial, "partial")
    reason = reason.mask(merged.by_hand, "corrected_by_hand").mask(retired, "retired")
    active = named["status"].mask(retired, "active")
    part = _sorted_out("flows", names(named), merged.with_status(active), reason)

    taken = set(stored.flows["id"])
    others = flows[~met].assign(id=[unused(text, taken) for text in flows.loc[~met, "id"]])
    others = _stored_form(others, no_flows())
    doubtful = pairs.loc[~met, "doubtful"].to_numpy(bool)
    new, alike, left_out = others[~doubtful], others[doubtful], read.flows[estimates]
    return _Part(
        Changes(part.sure.before, pd.concat([part.sure.after, new], ignore_index=True)),
        Changes(part.doubtful.before, pd.concat([part.doubtful.after, alike], ignore_index=True)),
        [
            *part.findings,
            findings("flows", new, names(new), "new"),
            findings("flows", alike, names(alike), "conflicting", reason="several_alike"),
            findings("flows", left_out, names(left_out), "rejected", reason="estimated"),
        ],
    )


def _stored_form(rows: pd.DataFrame, kept: pd.DataFrame) -> pd.DataFrame:
    """New rows as the store keeps them; `kept` is the table without rows."""
    rows = rows.assign(status="active", corrected="", revision=0)
    return rows.reindex(columns=kept.columns, fill_value="").reset_index(drop=True)


def _sorted_out(table: str, names: pd.Series, merged: Merged, reason: pd.Series) -> _Part:
    """Rows that the files name, by what becomes of them; all of one index."""
    changed = merged.changed
    conflicting = changed & among(reason, ["corrected_by_hand", "retired", "partial"])
    ceased = changed & ~conflicting & among(reason, ["register_ended", "not_listed"])
    states: dict[State, pd.Series] = {
        "conflicting": conflicting,
        "ceased": ceased,
        "changed": changed & ~conflicting & ~ceased,
        "unchanged": ~changed,
    }
    columns = names_of(merged.differs)
    found = [
        findings(
            table, merged.before[rows], names[rows], state,
            reason=reason[rows], columns=columns[rows],
        )
        for state, rows in states.items()
    ]  # fmt: skip
    sure = changed & ~conflicting
    taken = merged.after[conflicting]
    corrected = marked(taken["corrected"], merged.differs[conflicting], by_hand=False)
    return _Part(
        Changes(merged.before[sure], merged.after[sure]),
        Changes(merged.before[conflicting], taken.assign(corrected=corrected)),
        found,
    )
