"""Candidates in the order that the user chooses. No weights: one key after the other."""

from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from kiertokylat import tables

By = Literal["eur", "co2e", "tonnes", "distance", "evidence"]

_IDS = ("material", "supply_id", "to_company", "demand_id")
_ORDERS: dict[str, tuple[str, ...]] = {
    "certainty": tables.CERTAINTIES,
    "evidence": tables.EVIDENCE,
}


def rank(candidates: pd.DataFrame, by: By = "tonnes") -> pd.DataFrame:
    """Best candidates first.

    Parameters
    ----------
    candidates
        As `tables.CANDIDATES`.
    by
        `eur`, `co2e` or `tonnes` (most first, unknown last), `distance` (nearest first) or
        `evidence` (A, B, C, none).

    Returns
    -------
    DataFrame
        The same rows with a plain index: by certainty class, then the chosen key, then evidence,
        distance and ids.
    """
    keys = [
        _codes(candidates, "certainty"),
        *_chosen(candidates, by),
        _codes(candidates, "evidence"),
        candidates["distance_km"].to_numpy(),
        *(_codes(candidates, name) for name in _IDS),
    ]
    order = np.lexsort(keys[::-1])
    return candidates.iloc[order].reset_index(drop=True)


def best_per_supply(candidates: pd.DataFrame, by: By = "tonnes") -> pd.DataFrame:
    """Each supply's first candidate in the order of `rank`.

    Sums over the result count no tonne of a supply twice. They may still ask more of a receiver
    than it needs.
    """
    return rank(candidates, by).drop_duplicates("supply_id", ignore_index=True)


def _chosen(candidates: pd.DataFrame, by: By) -> list[npt.NDArray[np.float64]]:
    if by == "evidence":  # comes next anyway
        return []
    if by == "distance":
        return [candidates["distance_km"].to_numpy()]
    # A loss comes before what nobody can tell.
    return [-candidates[by].fillna(-np.inf).to_numpy()]


def _codes(candidates: pd.DataFrame, name: str) -> npt.NDArray[np.integer]:
    """Integers that sort as the column's meaning: its categories are in order already."""
    column = candidates[name]
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.codes.to_numpy()
    return pd.Categorical(column, _ORDERS.get(name)).codes
