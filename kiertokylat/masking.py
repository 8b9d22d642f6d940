"""Summaries that everybody may see: no figure that one or two companies stand behind.

Which companies that are is counted by `behind_amounts` and `behind_pairs`; `masked` hides. What
this can and can't do is told in docs/privacy.md.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from kiertokylat.amounts import filled
from kiertokylat.selection import industry_group
from kiertokylat.words import Language, say

_NOTHING_T = 1e-6  # one gram: less is what arithmetic leaves of nothing
LEAST = 3  # companies that a cell of a public summary rests on: assumption of this project

# What of `behind_amounts` each column of a summary rests on. Parts of the supply rest on fewer.
_SUPPLY = ("supply_t", "placed_t", "unplaced_t", "stated_t", "unstated_t", "unreached_t", "left_t")
_SUPPLY_SHARES = ("unplaced_share", "unstated_share", "reported_share")
_RESTS_ON = {
    "suppliers": (*_SUPPLY, *_SUPPLY_SHARES),
    "placed": ("placed_t", "unplaced_t", "unplaced_share", "unreached_t"),
    "stated": ("stated_t", "unstated_t", "unstated_share", "left_t"),
    "reported": ("reported_share",),
    "demanders": ("demand_t", "short_t"),
    "met": ("short_t",),
}


class Masked(NamedTuple):
    """A summary as everybody may see it.

    Parameters
    ----------
    table
        NaN in the cells that are hidden; they are shown as `hidden_text`.
    cells
        How many are hidden.
    exposed
        Columns of which even the total has to be hidden, as it would give a hidden cell away.
    """

    table: pd.DataFrame
    cells: int
    exposed: tuple[str, ...] = ()


def hidden_text(language: Language) -> str:
    """What stands in a hidden cell; `privacy.hidden_note` or `privacy.rule` below tells why.

    It names no number of companies: a cell that is hidden to protect another may rest on many.
    """
    return say("privacy.hidden", language)


def hidden_because(language: Language) -> str:
    """The same with the reason, where nothing below tells it."""
    return say("privacy.hidden_because", language, least=LEAST)


def masked(
    table: pd.DataFrame,
    companies: str,
    columns: Sequence[str],
    least: int = LEAST,
    *,
    total: bool = True,
    disjoint: bool = False,
) -> Masked:
    """Hide the cells of a summary that rest on too few companies.

    Where the total is known too, the hidden cells together must not be too few companies' either:
    then one more row is hidden, that of the fewest companies and smallest amount (complementary
    suppression, Hundepool et al. 2012, Statistical Disclosure Control, ch. 4). A cell that no
    company stands behind is no secret.

    Parameters
    ----------
    table
        Any summary.
    companies
        Its column with the number of distinct companies that the cells of a row rest on.
    columns
        What is hidden; they are hidden together, so that none can be reckoned from the others. The
        first is the amount by which the further row is chosen.
    least
        Companies that a cell must rest on.
    total
        Whether the sum of a column is shown somewhere, or can be known.
    disjoint
        Whether a company stands behind one row only, as with municipalities. Otherwise the few
        companies of all hidden rows may be the same ones.
    """
    count, amount = table[companies].fillna(0), table[columns[0]]
    hidden = (count > 0) & (count < least)
    exposed = False
    if hidden.any() and total:
        together = count[hidden].sum() if disjoint else count[hidden].max()
        if hidden.sum() < 2 or together < least:
            others = np.flatnonzero(~hidden & (count > 0) & (amount > 0))
            exposed = len(others) == 0
            if not exposed:
                further = min(others, key=lambda row: (count.iloc[row], amount.iloc[row]))
                hidden.iloc[int(further)] = True
    cells = int(table.loc[hidden, list(columns)].notna().to_numpy().sum())
    shown = {name: table[name].astype(float).mask(hidden) for name in columns}
    return Masked(table.assign(**shown), cells, tuple(columns) if exposed else ())


def masked_amounts(table: pd.DataFrame, behind: pd.DataFrame, *, disjoint: bool = False) -> Masked:
    """`masked` for the amounts and shares of `summary` and `gaps.by_place`.

    Parameters
    ----------
    table
        From `summary.by_municipality` or `by_material`; or from `gaps.by_place` with `place` and
        `material` as its index.
    behind
        From `behind_amounts`, by the same key.
    disjoint
        As `masked`: true for municipalities.
    """
    counts = behind.reindex(table.index).fillna(0)
    cells, exposed = 0, set[str]()
    shown = table
    for name, candidates in _RESTS_ON.items():
        columns = [column for column in candidates if column in table]
        if columns:
            step = masked(shown.assign(_behind=counts[name]), "_behind", columns, disjoint=disjoint)
            shown = step.table.drop(columns="_behind")
            cells += step.cells
            exposed |= set(step.exposed)
    return Masked(shown, cells, tuple(name for name in table if name in exposed))


def behind_amounts(
    flows: pd.DataFrame, candidates: pd.DataFrame, allocation: pd.DataFrame, key: pd.DataFrame
) -> pd.DataFrame:
    """How many distinct companies the amounts of a summary rest on.

    Parameters
    ----------
    flows, candidates, allocation
        As the summary got them; for `gaps.by_place` the portfolio is the allocation.
    key
        The group of each flow, with the flows' index: one column or more, named as in the summary.

    Returns
    -------
    DataFrame
        Index: the key; companies with a known amount above 0. `suppliers`, `demanders`; of the
        suppliers those behind a part of the supply or behind its rest, whichever are fewer:
        `placed` (with a candidate, without), `stated` (in the allocation, left over), `reported`
        (reported, estimated); of the demanders `met` (in the allocation, short). A part that nobody
        stands behind does not count: its rest is all. Amounts told in part are filled in, as the
        summaries do.
    """
    tonnes = filled(flows)["tonnes"]
    some = tonnes > 0
    out = some & (flows["direction"] == "out")
    used = _used(flows, allocation, "supply_id")
    got = _used(flows, allocation, "demand_id")
    placed = flows["id"].isin(candidates["supply_id"].unique())
    reported = flows["basis"] != "estimated"
    rows = key.assign(_company=flows["company_id"])

    def count(where: pd.Series) -> pd.Series:
        return rows[where].groupby(list(key))["_company"].nunique()

    def fewer(part: pd.Series, rest: pd.Series, of: pd.Series = out) -> pd.Series:
        both = pd.DataFrame({"part": count(of & part), "rest": count(of & rest)})
        return both.where(both > 0).min(axis=1)

    behind = {
        "suppliers": count(out),
        "placed": fewer(placed, ~placed),
        "stated": fewer(used > 0, tonnes - used > _NOTHING_T),
        "reported": fewer(reported, ~reported),
        "demanders": count(some & ~out),
        "met": fewer(got > 0, tonnes - got > _NOTHING_T, of=some & ~out),
    }
    return pd.DataFrame(behind).fillna(0).astype(int)


def behind_pairs(pairs: pd.DataFrame, key: pd.DataFrame) -> pd.Series:
    """How many distinct companies, giving or receiving, the groups of some pairs rest on.

    Parameters
    ----------
    pairs
        `from_company`, `to_company`: an allocation, a portfolio or candidates.
    key
        The group of each pair, with the pairs' index: one column or more.
    """
    ends = [key.assign(_company=pairs[f"{end}_company"].astype("str")) for end in ("from", "to")]
    return pd.concat(ends).groupby(list(key))["_company"].nunique().rename("companies")


def behind_industries(
    flows: pd.DataFrame,
    candidates: pd.DataFrame,
    allocation: pd.DataFrame,
    companies: pd.DataFrame,
) -> pd.Series:
    """How many distinct companies the rows of `summary.industry_flows` rest on; arguments as there.

    Returns
    -------
    Series
        Index `from_group`, `material`, `to_group`, a row for each row of the summary.
    """
    group = industry_group(companies.set_index("id")["nace"])
    supply = flows.assign(**filled(flows))
    supply = supply[(supply["direction"] == "out") & (supply["tonnes"] > 0)]
    met = allocation[allocation["supply_id"].isin(supply["id"])].astype({"material": "str"})
    placed = supply["id"].isin(candidates["supply_id"].unique())
    left = supply["tonnes"] - _used(supply, met, "supply_id") > _NOTHING_T
    groups = {end: met[f"{end}_company"].astype("str").map(group) for end in ("from", "to")}
    key = pd.DataFrame(
        {"from_group": groups["from"], "material": met["material"], "to_group": groups["to"]}
    )
    rest = pd.DataFrame(
        {
            "from_group": supply["company_id"].map(group),
            "material": supply["material"],
            "to_group": placed.map({True: "possible", False: "none"}),
            "_company": supply["company_id"],
        }
    )
    ends = [key.assign(_company=met[f"{end}_company"].astype("str")) for end in ("from", "to")]
    return (
        pd.concat([*ends, rest[left]])
        .groupby(["from_group", "material", "to_group"])["_company"]
        .nunique()
        .rename("companies")
    )


def _used(flows: pd.DataFrame, allocation: pd.DataFrame, side: str) -> pd.Series:
    """Tonnes of each flow that an allocation uses, as supply or as demand."""
    used = allocation.groupby(allocation[side].astype("str"))["tonnes"].sum()
    return flows["id"].map(used).astype(float).fillna(0)
