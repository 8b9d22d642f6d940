"""A stored row and what a file says of it ► the row as it would become, and where the two differ.

An empty cell of a file says nothing: it never erases what is stored.
"""

from collections.abc import Collection
from typing import NamedTuple

import numpy as np
import pandas as pd

from kiertokylat import reference, tables
from kiertokylat.changes import FINDINGS, State
from kiertokylat.ingest.register import SOURCE
from kiertokylat.receivers import material_of

# What a file can say of a row, apart from whose it is and where it was written down.
COMPANY_COLUMNS = [name for name in tables.COMPANIES.columns if name not in ("id", "source")]
FLOW_COLUMNS = [name for name in tables.FLOWS.columns if name not in ("id", "company_id", "source")]
PLACE = ["x", "y", "precision"]
AMOUNTS = ["tonnes_low", "tonnes", "tonnes_high"]
# A number that went through text and degrees comes back within this share of itself.
_SAME_NUMBER = 1e-9


class Merged(NamedTuple):
    """Stored rows with what a file says of them; all of one index.

    Parameters
    ----------
    before
        The stored rows.
    after
        The rows as they would become.
    differs
        A column of truth values for each compared column.
    by_hand
        Whether one of the differing columns was corrected by hand.
    partial
        Whether what the file says doesn't fit what it leaves open; then `after` has the file's
        values with the gaps, which only somebody who has seen it should take.
    """

    before: pd.DataFrame
    after: pd.DataFrame
    differs: pd.DataFrame
    by_hand: pd.Series
    partial: pd.Series

    @property
    def changed(self) -> pd.Series:
        """Whether anything differs."""
        return self.differs.any(axis=1)

    def with_status(self, status: pd.Series) -> "Merged":
        """The same rows, with the status that they would have."""
        differs = self.differs.assign(status=self.before["status"] != status)
        return self._replace(after=self.after.assign(status=status), differs=differs)


def by_id(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows found by their id, which stays a column."""
    return rows.set_index("id", drop=False).rename_axis(None)


def among(texts: pd.Series, values: Collection[str] | pd.Series) -> pd.Series:
    """Which texts are among the values: `isin`, some ten times faster than on text columns."""
    known = values.to_numpy(dtype=object) if isinstance(values, pd.Series) else list(values)
    return texts.astype(object).isin(known)


def differing(
    before: pd.DataFrame, after: pd.DataFrame, columns: list[str], *, exact: bool = False
) -> pd.DataFrame:
    """Where two frames of one index differ; unknown equals unknown.

    Numbers that differ by rounding only are equal, unless `exact`.
    """
    share = 0.0 if exact else _SAME_NUMBER
    found = {}
    for name in columns:
        if pd.api.types.is_float_dtype(before[name]):
            a, b = before[name].to_numpy(float), after[name].to_numpy(float)
            found[name] = ~np.isclose(a, b, rtol=share, atol=0, equal_nan=True)
        else:
            found[name] = (before[name] != after[name]).to_numpy(bool)
    return pd.DataFrame(found, index=before.index, columns=columns, dtype=bool)


def names_of(differs: pd.DataFrame) -> pd.Series:
    """The names of the columns that differ in each row, a space between."""
    texts = pd.Series("", index=differs.index, dtype="str")
    for name in differs:
        texts = texts.where(~differs[name], texts + f" {name}")
    return texts.str.strip()


def corrected_in(rows: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Whether each column of each row was corrected by hand."""
    marked = " " + rows["corrected"] + " "
    return pd.DataFrame(
        {name: marked.str.contains(f" {name} ", regex=False) for name in columns},
        index=rows.index, dtype=bool,
    )  # fmt: skip


def marked(corrected: pd.Series, differs: pd.DataFrame, *, by_hand: bool) -> pd.Series:
    """`corrected` with the differing columns added (by hand), or taken off (the file's taken)."""
    texts = []
    for text, names in zip(corrected, names_of(differs), strict=True):
        earlier, now = set(text.split()), set(names.split())
        texts.append(" ".join(sorted(earlier | now if by_hand else earlier - now)))
    return pd.Series(texts, index=corrected.index, dtype="str")


def _filled(stored: pd.DataFrame, said: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Stored rows with everything that the file says."""
    values = {}
    for name in columns:
        known = said[name].notna() if pd.api.types.is_float_dtype(said[name]) else said[name] != ""
        values[name] = said[name].where(known, stored[name])
    return stored.assign(**values)


def _finished(
    stored: pd.DataFrame, after: pd.DataFrame, columns: list[str], sources: pd.Series,
    partial: pd.Series,
) -> Merged:  # fmt: skip
    """With the file's source where it changes something, unless a hand wrote the source."""
    differs = differing(stored, after, columns)
    ours = corrected_in(stored, ["source"])["source"]
    follows = differs.any(axis=1) & (sources != "") & ~ours
    after = after.assign(source=sources.where(follows, stored["source"]))
    by_hand = (differs & corrected_in(stored, columns)).any(axis=1)
    return Merged(stored, after, differs, by_hand, partial)


def merged_companies(stored: pd.DataFrame, said: pd.DataFrame) -> Merged:
    """Stored companies with what files say of them.

    Another case of letters is no other name, and a shorter industry code that the stored one begins
    with is no other industry; a new code brings its edition, or none. The register's source stays,
    for its data does (and its licence asks for the credit), until the register says something new.

    Parameters
    ----------
    stored
        `tables.STORED_COMPANIES`.
    said
        As `Ingested.known`, with the index of `stored`.
    """
    same_name = said["name"].str.casefold() == stored["name"].str.casefold()
    pairs = zip(stored["nace"], said["nace"], strict=True)
    coarser = [code != mine and mine.startswith(code) for mine, code in pairs]
    no_industry = pd.Series(coarser, index=stored.index, dtype=bool) | (said["nace"] == "")
    said = said.assign(
        name=said["name"].where(~same_name, ""),
        nace=said["nace"].where(~no_industry, ""),
        nace_edition=said["nace_edition"].where(~no_industry, ""),
    )
    after = _filled(stored, said, COMPANY_COLUMNS)
    new_code = after["nace"] != stored["nace"]
    after["nace_edition"] = after["nace_edition"].where(~new_code, said["nace_edition"])
    by_register = said["source"].str.startswith(SOURCE)
    ours = by_register | ~stored["source"].str.startswith(SOURCE)
    nothing = pd.Series(data=False, index=stored.index)
    return _finished(stored, after, COMPANY_COLUMNS, said["source"].where(ours, ""), nothing)


def merged_flows(stored: pd.DataFrame, said: pd.DataFrame) -> Merged:
    """Stored flows with what files say of them.

    Parameters
    ----------
    stored
        `tables.STORED_FLOWS`.
    said
        `tables.FLOWS`, with the index of `stored`.
    """
    after = _filled(stored, said, FLOW_COLUMNS)
    low, best, high = (after[name] for name in AMOUNTS)
    crossed = (low > best) | (best > high) | (low > high)
    for name in AMOUNTS:
        after[name] = after[name].where(~crossed, said[name])
    strange = (said["ewc"] == "") & contradicting(after)
    strange &= after["material"] != stored["material"]
    after["ewc"] = after["ewc"].where(~strange, "")
    return _finished(stored, after, FLOW_COLUMNS, said["source"], crossed | strange)


def contradicting(flows: pd.DataFrame) -> pd.Series:
    """Whether waste code and material are of different kinds (groups of `reference.materials`)."""
    groups = reference.materials()["group"]
    of_code = {code: material_of(code) or "" for code in flows["ewc"].unique()}
    implied = flows["ewc"].map(of_code).map(groups)
    return implied.notna() & (flows["material"].map(groups) != implied)


def findings(
    table: str,
    rows: pd.DataFrame,
    names: pd.Series,
    state: State,
    *,
    reason: str | pd.Series = "",
    columns: str | pd.Series = "",
) -> pd.DataFrame:
    """Rows of a plan's findings; the series have the index of `rows`."""
    found = pd.DataFrame(
        {"table": table, "id": rows["id"], "name": names, "state": state, "reason": reason,
         "columns": columns},
        index=rows.index,
    )  # fmt: skip
    return found[list(FINDINGS)].astype("str")


def listed(found: list[pd.DataFrame]) -> pd.DataFrame:
    """Findings as a plan lists them: by table and id."""
    together = pd.concat(found, ignore_index=True)
    return together.sort_values(["table", "id"], kind="stable", ignore_index=True)
