"""What the store holds at one moment, and a change of it as rows before and after.

Everything that is ever written (an import, an edit, an undo) is a `Plan`, so that there is one way
in, and each change can be shown before it is made and undone after.
"""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Literal

import pandas as pd

from kiertokylat import tables
from kiertokylat.erasures import Erasure
from kiertokylat.problems import Problem

Kind = Literal["demo", "import", "edit", "undo", "restore", "erase", "allow"]


def no_companies() -> pd.DataFrame:
    """`tables.STORED_COMPANIES` without rows."""
    return tables.empty(tables.STORED_COMPANIES)


def no_flows() -> pd.DataFrame:
    """`tables.STORED_FLOWS` without rows."""
    return tables.empty(tables.STORED_FLOWS)


@dataclass(frozen=True)
class Snapshot:
    """The whole dataset as it was at one version.

    Parameters
    ----------
    version
        Grows by one with every change; 0 for a new database.
    companies
        `tables.STORED_COMPANIES`, every status, by id.
    flows
        `tables.STORED_FLOWS`, every status, by id.
    erasures
        Companies that were erased on request, which no list shall bring back.
    """

    version: int = 0
    companies: pd.DataFrame = field(default_factory=no_companies)
    flows: pd.DataFrame = field(default_factory=no_flows)
    erasures: tuple[Erasure, ...] = ()

    def active(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """What takes part in the analysis, as `tables.COMPANIES` and `tables.FLOWS`."""
        companies = self.companies[self.companies["status"] == "active"]
        here = self.flows["company_id"].isin(companies["id"])
        flows = self.flows[(self.flows["status"] == "active") & here]
        return (
            companies[list(tables.COMPANIES.columns)].reset_index(drop=True),
            flows[list(tables.FLOWS.columns)].reset_index(drop=True),
        )


@dataclass(frozen=True)
class Changes:
    """Rows of one table before and after.

    An id only in `after` is a new row, only in `before` a row that goes, in both a changed one.

    Parameters
    ----------
    before
        Rows as they stand in the store, with the revision that the change starts from.
    after
        Rows as they shall stand; their revision is set by the store.
    """

    before: pd.DataFrame
    after: pd.DataFrame

    @property
    def empty(self) -> bool:
        """Whether nothing changes."""
        return self.before.empty and self.after.empty

    def inverse(self) -> "Changes":
        """The change that undoes this one."""
        return Changes(self.after, self.before)


# What a plan finds of a row. conflicting: the file differs from what was corrected by hand, or it
# may mean several stored rows; the stored row stays unless somebody takes the file's. rejected: the
# file's row is not taken in.
State = Literal["new", "changed", "unchanged", "conflicting", "ceased", "removed", "rejected"]
FINDINGS = ("table", "id", "name", "state", "reason", "columns")


@dataclass(frozen=True)
class Plan:
    """A change as it is shown before anything is written, then applied whole or not at all.

    Parameters
    ----------
    kind
        What made it.
    title
        What the history calls it: file names, or the rows that were edited.
    companies, flows
        What is written.
    findings
        Columns `FINDINGS`, a row for every row of the file and of the store that is concerned:
        `table` (`companies`, `flows`), `name` (of the company), `state`, `reason` (keys of the
        texts `plan.state_{state}` and `plan.reason_{reason}`; a reason may be empty), `columns`
        (names of those that differ, a space between).
    doubtful_companies, doubtful_flows
        What the file would make of the conflicting rows.
    problems
        What was rejected or mended when the file was read.
    undoes
        The version that an undo takes back.
    """

    kind: Kind
    title: str
    companies: Changes
    flows: Changes
    findings: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(FINDINGS)))
    doubtful_companies: Changes = field(
        default_factory=lambda: Changes(no_companies(), no_companies())
    )
    doubtful_flows: Changes = field(default_factory=lambda: Changes(no_flows(), no_flows()))
    problems: tuple[Problem, ...] = ()
    undoes: int | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing would be written."""
        return self.companies.empty and self.flows.empty

    def taking(self, ids: Collection[str]) -> "Plan":
        """The plan that takes the file's word for these conflicting rows."""
        return replace(
            self,
            companies=_joined(self.companies, self.doubtful_companies, ids),
            flows=_joined(self.flows, self.doubtful_flows, ids),
        )


def _joined(sure: Changes, doubtful: Changes, ids: Collection[str]) -> Changes:
    def more(rows: pd.DataFrame, others: pd.DataFrame) -> pd.DataFrame:
        return pd.concat([rows, others[others["id"].isin(ids)]], ignore_index=True)

    return Changes(more(sure.before, doubtful.before), more(sure.after, doubtful.after))
