"""Candidates ► the best choice of them in which no tonne counts twice.

A plain list promises the same tonne to many receivers and fills the same need many times. Here each
tonne goes to one receiver at most. The best choice is the transport problem (Hitchcock 1941, The
distribution of a product from several sources to numerous localities), a linear programme:

    maximise    Σ value_ij · x_ij
    subject to  Σ_j x_ij ≤ supply_i,   Σ_i x_ij ≤ need_j,   x_ij ≥ 0

with x_ij the tonnes a year from supply i to need j. A supply and a need have one material each, so
every material is a problem of its own. HiGHS solves it (Huangfu and Hall 2018, Parallelizing the
dual revised simplex method), through SciPy.
"""

from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import linprog
from scipy.sparse import csr_array

from kiertokylat.amounts import filled

By = Literal["eur", "co2e", "tonnes"]

_IDS = ["material", "supply_id", "to_company", "demand_id"]  # in the order of the result's rows
_TEXT = ["supply_id", "demand_id", "from_company", "to_company", "material"]
_TONNES = ["tonnes_low", "tonnes", "tonnes_high"]
_AMOUNTS = [*_TONNES, "eur_low", "eur", "eur_high", "co2e_low", "co2e", "co2e_high"]
# Less than this share of what a pair could carry is what arithmetic leaves of nothing.
_NOTHING = 1e-9

_Array = npt.NDArray[np.float64]


def optimal(
    candidates: pd.DataFrame, flows: pd.DataFrame, by: By, *, unknown_capacity_t: float = 0.0
) -> pd.DataFrame:
    """The choice with the greatest sum of `by`.

    Of several equally good choices it gives one, the same whatever the order of the rows.

    Parameters
    ----------
    candidates
        As `tables.CANDIDATES`. A candidate takes part if its value is above 0 and its tonnes and
        the amounts of its supply and need are known and above 0; by `tonnes` its value is its
        tonnes, whatever the money. Two companies that both offer and need the material take no part
        with each other: they deal in it already.
    flows
        As `tables.FLOWS`: every supply and need of the candidates. One that is missing here counts
        as unknown; an amount that is told in part is filled in as for matching (`amounts.filled`).
    by
        What to make as large as possible: `eur` (EUR a year), `co2e` (t CO2e a year avoided) or
        `tonnes` (t/a).
    unknown_capacity_t
        Tonnes a year of a material that a receiver known by its industry only could take, all its
        suppliers together. 0 leaves these receivers out.

    Returns
    -------
    DataFrame
        One row a pair that gets tonnes, ordered by material, supply_id, to_company, demand_id:
        `supply_id`, `demand_id` (empty: known by its industry only), `from_company`, `to_company`,
        `material` (text), `tonnes_low`, `tonnes`, `tonnes_high` (t/a, best above 0), `eur_low`,
        `eur`, `eur_high` (EUR a year), `co2e_low`, `co2e`, `co2e_high` (t CO2e a year); by another
        goal the last six may be negative, or NaN where unknown.

        The choice is made with best values. For its range the pairs stay and each one's tonnes
        shrink and grow by the less of what its supply and its need allow, which give or take
        `used` tonnes in all:

            tonnes_low  = tonnes · min(1, supply_low / used, need_low / used)
            tonnes_high = tonnes · min(supply_high / used, need_high / used)

        So low and high keep the balance of the lows and of the highs too. Euros and CO2e are those
        of the candidate per tonne, times the tonnes: the vehicle stays that of the candidate's own
        tonnes, even if the choice gives it fewer (else this were no linear programme). Their ranges
        are exact interval arithmetic, with the amount at the end that makes the result lower
        (higher):

            low  = unit_low · (tonnes_high if unit_low < 0 else tonnes_low)
            high = unit_high · (tonnes_low if unit_high < 0 else tonnes_high)

    Raises
    ------
    ArithmeticError
        The solver gave up.
    """
    able = _able(candidates, flows, by, unknown_capacity_t)
    parts = [_solved(group) for _, group in able.groupby("material", sort=False)]
    return _portfolio(able, np.concatenate([np.empty(0), *parts]))


def greedy(
    candidates: pd.DataFrame, flows: pd.DataFrame, by: By, *, unknown_capacity_t: float = 0.0
) -> pd.DataFrame:
    """The choice that one can follow by hand: the best value per tonne first.

    Each pair gets what its supply and its need have left. Values that agree to the millionth of a
    euro (of a tonne of CO2e) per tonne are served in the order of ids.

    Parameters
    ----------
    candidates, flows, by, unknown_capacity_t
        As in `optimal`.

    Returns
    -------
    DataFrame
        As from `optimal`.
    """
    able = _able(candidates, flows, by, unknown_capacity_t)
    # Rounded: one value comes out differently in its last bit for different tonnes.
    order = np.argsort(-able["value"].round(6).to_numpy(), kind="stable")
    return _portfolio(able, _served(able, order))


def in_turn(
    candidates: pd.DataFrame, flows: pd.DataFrame, *, unknown_capacity_t: float = 0.0
) -> pd.DataFrame:
    """The choice that serves the candidates in the order of their rows, whatever their value.

    Each pair gets what its supply and its need have left.

    Parameters
    ----------
    candidates, flows
        As in `optimal`, by `tonnes`.
    unknown_capacity_t
        As in `optimal`; infinity: as much as the offer has left.

    Returns
    -------
    DataFrame
        As from `optimal`.
    """
    able = _able(candidates, flows, "tonnes", unknown_capacity_t)
    turn = {key: row for row, key in enumerate(_keys(candidates))}
    return _portfolio(able, _served(able, np.argsort([turn[key] for key in _keys(able)])))


def _keys(pairs: pd.DataFrame) -> list[tuple[str, ...]]:
    return [tuple(map(str, row)) for row in pairs[_IDS].itertuples(index=False)]


def _served(able: pd.DataFrame, order: npt.NDArray[np.intp]) -> _Array:
    """The tonnes of each row when each in the order gets what its ends have left."""
    supply, need = able["supply"].tolist(), able["need"].tolist()
    has = dict(zip(supply, able["supply_tonnes"].tolist(), strict=True))
    takes = dict(zip(need, able["need_tonnes"].tolist(), strict=True))
    served = np.zeros(len(able))
    for row in order.tolist():
        amount = min(has[supply[row]], takes[need[row]])
        has[supply[row]] -= amount
        takes[need[row]] -= amount
        served[row] = amount
    return served


def totals(portfolio: pd.DataFrame) -> pd.Series:
    """The sums of a portfolio; or of all candidates, which is what a plain list promises.

    Parameters
    ----------
    portfolio
        From `optimal` or `greedy`, or as `tables.CANDIDATES`.

    Returns
    -------
    Series
        `tonnes*` (t/a), `eur*` (EUR a year), `co2e*` (t CO2e a year); what is unknown adds nothing.
        Lows and highs are sums of lows and of highs, as if all erred the same way at once: the
        outermost bound, not the likely range.
    """
    return portfolio[_AMOUNTS].sum()


def _able(
    candidates: pd.DataFrame, flows: pd.DataFrame, by: By, unknown_capacity_t: float
) -> pd.DataFrame:
    """Candidates that can be served, ordered by ids, with what their ends have.

    Further columns: `value` (of a tonne), `supply` and `need` (numbers of the two ends),
    `supply_tonnes*`, `need_tonnes*`.
    """
    part = candidates["tonnes"] > 0  # False for NaN too, here and below
    if by != "tonnes":
        part &= candidates[by] > 0
    if not unknown_capacity_t > 0:
        part &= candidates["demand_id"] != ""
    # Text only now: there may be many more candidates than take part.
    table = candidates.loc[part, [*_TEXT, *_AMOUNTS]].astype(dict.fromkeys(_TEXT, "str"))
    table = table.sort_values(_IDS, ignore_index=True)
    known = filled(flows.set_index("id"))
    for end, column in (("supply", "supply_id"), ("need", "demand_id")):
        has = known.reindex(table[column]).set_axis(table.index)
        has.loc[table[column] == ""] = unknown_capacity_t
        table[[f"{end}_{name}" for name in _TONNES]] = has
    table["value"] = 1.0 if by == "tonnes" else table[by] / table["tonnes"]
    table = table[(table["supply_tonnes"] > 0) & (table["need_tonnes"] > 0)]
    return table.assign(
        supply=table.groupby("supply_id").ngroup(),
        # A receiver known by its industry is one need of each material.
        need=table.groupby(["material", "demand_id", "to_company"]).ngroup(),
    ).reset_index(drop=True)


def _solved(group: pd.DataFrame) -> _Array:
    """The tonnes of each row of one material that make the sum of values greatest."""
    supply, supply_rows = pd.factorize(group["supply"])
    need, need_rows = pd.factorize(group["need"])
    count, pairs = len(supply_rows) + len(need_rows), np.arange(len(group))
    ends = np.concatenate([supply, len(supply_rows) + need])
    # Any: the type stubs of linprog know no sparse matrices.
    uses: Any = csr_array(
        (np.ones(2 * len(group)), (ends, np.tile(pairs, 2))), shape=(count, len(group))
    )
    has = np.empty(count)
    has[ends] = group[["supply_tonnes", "need_tonnes"]].to_numpy().T.ravel()
    value = group["value"].to_numpy()
    # The solver takes costs below 1e-7 for nothing: relative to the best value none is.
    result = linprog(-value / value.max(), A_ub=uses, b_ub=has, method="highs")
    if not result.success or result.x is None:
        raise ArithmeticError(f"no best choice of {group['material'].iloc[0]}: {result.message}")
    return result.x


def _portfolio(able: pd.DataFrame, tonnes: _Array) -> pd.DataFrame:
    """The table that `optimal` describes, from the tonnes of each row."""
    possible = able[["supply_tonnes", "need_tonnes"]].min(axis=1)
    some = tonnes > _NOTHING * possible.to_numpy()
    chosen = able[some].reset_index(drop=True)
    table = chosen[_TEXT].assign(
        tonnes_low=_end(chosen, tonnes[some], "low"),
        tonnes=tonnes[some],
        tonnes_high=_end(chosen, tonnes[some], "high"),
    )
    # As in the tables: an unknown end is the best value.
    low, best, high = (chosen[name].fillna(chosen["tonnes"]) for name in _TONNES)
    for name in ("eur", "co2e"):
        worst, most = chosen[f"{name}_low"], chosen[f"{name}_high"]
        worst = _per_tonne(worst, high.where(worst < 0, low))
        most = _per_tonne(most, low.where(most < 0, high))
        table[f"{name}_low"] = worst * table["tonnes_high"].where(worst < 0, table["tonnes_low"])
        table[name] = chosen[name] / best * table["tonnes"]
        table[f"{name}_high"] = most * table["tonnes_low"].where(most < 0, table["tonnes_high"])
    return table


def _end(chosen: pd.DataFrame, tonnes: _Array, end: str) -> pd.Series:
    """Each pair's low or high tonnes: its part of the low or high of the tighter side."""
    best = pd.Series(tonnes, index=chosen.index)
    # A part of the whole first: the whole over the tonnes could leave the range of numbers.
    parts = [
        chosen[f"{side}_tonnes_{end}"] * (best / best.groupby(chosen[side]).transform("sum"))
        for side in ("supply", "need")
    ]
    least = pd.concat(parts, axis=1).min(axis=1)
    return least.clip(upper=best) if end == "low" else least.clip(lower=best)


def _per_tonne(amount: pd.Series, tonnes: pd.Series) -> pd.Series:
    # An amount of no tonnes is 0 whatever the unit value, and 0 times no tonnes is right again.
    return (amount / tonnes.where(tonnes > 0)).mask((tonnes == 0) & amount.notna(), 0.0)
