"""Gaps as their reader may see them: in an order that tells nothing, without hidden amounts."""

import pandas as pd

from kiertokylat import gaps, impact, reference
from kiertokylat.analysis import Analysis
from kiertokylat.assumptions import Assumptions
from kiertokylat.guarded import Shown
from kiertokylat.selection import Limit, limit_km

_GAP = ["place", "material"]
_AMOUNTS = ("unreached_t", "left_t")
_MOST_GAPS = 60


def wanted(
    found: pd.DataFrame,
    shown: Shown,
    near: Analysis,
    assumptions: Assumptions,
    *,
    limit: Limit,
    level: gaps.Level,
) -> pd.DataFrame:
    """`gaps.wanted` of the largest gaps, without the amounts that are hidden.

    Parameters
    ----------
    found
        Rows of `gaps.by_place`.
    shown
        `guarded.gaps_by_place` of them.
    near
        The region within the limits that the gaps were found in.
    assumptions
        Of the analysis.
    limit
        What break-even is reckoned in; in euros where nothing limits.
    level
        What a place is.

    Returns
    -------
    DataFrame
        As `gaps.wanted`; gaps with the most left over that is shown come first.
    """
    full_km, small_km = (
        limit_km(edges["eur"], edges["co2e"], limit or "eur")
        for edges in (impact.break_even(assumptions, small=small) for small in (False, True))
    )
    # The largest that is shown first: the others' order would tell their size.
    order = shown.table.sort_values("left_t", ascending=False, kind="stable")[_GAP]
    rows = gaps.wanted(
        order.merge(found, on=_GAP).head(_MOST_GAPS),
        companies=near.companies,
        flows=near.flows,
        candidates=near.candidates,
        uses=reference.uses(),
        break_even_km=full_km,
        small_km=small_km,
        full_loads_t=impact.full_loads_t(assumptions),
        level=level,
        detour_factor=assumptions.detour_factor,
    )
    return _blanked(rows, shown)


def told(wished: pd.DataFrame, most: int, *, newcomers_first: bool = True) -> pd.DataFrame:
    """The rows of `wanted` that are told in words: of each gap the best use that pays at all.

    Parameters
    ----------
    wished
        From `wanted`.
    most
        How many at most.
    newcomers_first
        Whether gaps come first that nobody is near enough for; else the largest ones.
    """
    first = wished[wished["break_even_km"] > 0].drop_duplicates(_GAP)
    if not newcomers_first:
        return first.head(most)
    # Where somebody is near enough already, a newcomer is the second thought.
    return pd.concat([first[~first["near"]], first[first["near"]]]).head(most)


def _blanked(wished: pd.DataFrame, shown: Shown) -> pd.DataFrame:
    """The rows, which needed every amount to be found, without those that are hidden."""
    cells = pd.DataFrame(shown.hidden.to_numpy(), columns=list(shown.hidden))
    hidden = cells[list(_AMOUNTS)].set_index(pd.MultiIndex.from_frame(shown.table[_GAP]))
    mine = hidden.reindex(pd.MultiIndex.from_frame(wished[_GAP]))
    amounts = {name: wished[name].mask(mine[name].to_numpy(dtype=bool)) for name in _AMOUNTS}
    return wished.assign(**amounts)
