"""The supplies and receivers of one material as numbers: find their pairs, write their columns.

With millions of pairs text would cost more than the geometry, so everything here is an integer code
or a float.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kiertokylat.pairs import Pairs, Points, distance_km, nearest, sorted_pairs, within

Columns = dict[str, npt.NDArray[Any]]
# Positions of the supply and of the receiver, and their straight-line distance in km.
Found = tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.float64]]

TONNES = ("tonnes_low", "tonnes", "tonnes_high")
NO_USE = 0  # code of the empty text, which sorts first
_OF_SUPPLY = ("supply_id", "from_company", "material", "ewc")
_OF_RECEIVER = ("demand_id", "to_company", "use")


@dataclass(frozen=True)
class Group:
    """All that the task of one material needs.

    Parameters
    ----------
    supplies
        By id: codes `supply_id`, `from_company`, `material`, `ewc`, `precision`; bool `hazardous`;
        `estimated` (0 or 1); `x`, `y` (m), tonnes (t/a).
    receivers
        By company and id: codes `demand_id`, `to_company`, `division`, `precision`, `use`,
        `permitted_use`; bool `stated` (rule 1); `estimated`; `x`, `y` (m), tonnes (t/a).
    limit_km
        Greatest straight-line distance, inclusive.
    receivers_per_supply
        How many receivers of rule 2 each supply keeps in each division; None keeps all.
    """

    supplies: pd.DataFrame
    receivers: pd.DataFrame
    limit_km: float
    receivers_per_supply: int | None


def find_pairs(group: Group) -> Found:
    """All pairs of the group, by supply, receiving company, demand."""
    supplies, receivers = group.supplies, group.receivers
    supply, receiver = _near_pairs(group)
    away_km = distance_km(_points(supplies), _points(receivers), (supply, receiver))
    keep = away_km <= group.limit_km
    keep &= _of(supplies, "from_company", supply) != _of(receivers, "to_company", receiver)
    if supplies["hazardous"].any():
        permitted = _of(receivers, "permitted_use", receiver) != NO_USE
        keep &= permitted | ~_of(supplies, "hazardous", supply)
    if not keep.all():
        supply, receiver, away_km = supply[keep], receiver[keep], away_km[keep]
    # Half the bytes: this is what travels back from another process.
    return supply.astype(np.int32), receiver.astype(np.int32), away_km


def empty_columns(group: Group, count: int) -> Columns:
    """Columns for `count` pairs, to be written group by group."""
    kinds = {name: group.supplies[name].to_numpy().dtype for name in _OF_SUPPLY}
    kinds |= {name: group.receivers[name].to_numpy().dtype for name in _OF_RECEIVER}
    kinds |= dict.fromkeys(("certainty", "precision"), np.dtype(np.int8))
    kinds |= dict.fromkeys(("distance_km", *TONNES), np.dtype(np.float64))
    return {name: np.empty(count, kind) for name, kind in kinds.items()}


def write(group: Group, found: Found, columns: Columns) -> None:
    """Fill the group's part of the candidates' columns.

    Parameters
    ----------
    found
        From `find_pairs`.
    columns
        Slices of `empty_columns`, as long as `found`.
    """
    supplies, receivers = group.supplies, group.receivers
    supply, receiver = (positions.astype(np.intp) for positions in found[:2])
    # With mode="clip" NumPy writes straight into the column; all positions are valid anyway.
    for name in _OF_SUPPLY:
        supplies[name].to_numpy().take(supply, out=columns[name], mode="clip")
    for name in _OF_RECEIVER:
        receivers[name].to_numpy().take(receiver, out=columns[name], mode="clip")
    if supplies["hazardous"].any():
        hazardous = _of(supplies, "hazardous", supply)
        permitted_use = _of(receivers, "permitted_use", receiver)
        np.copyto(columns["use"], permitted_use, where=hazardous)
    for name in TONNES:
        np.fmin(_of(supplies, name, supply), _of(receivers, name, receiver), out=columns[name])
    # A code of certainty counts the estimated ends; a code of precision grows as it falls.
    ends = _of(supplies, "estimated", supply), _of(receivers, "estimated", receiver)
    np.add(*ends, out=columns["certainty"])
    ends = _of(supplies, "precision", supply), _of(receivers, "precision", receiver)
    np.maximum(*ends, out=columns["precision"])
    columns["distance_km"][:] = found[2]


def _of(frame: pd.DataFrame, name: str, positions: npt.NDArray[np.integer]) -> Any:
    return frame[name].to_numpy().take(positions)


def _points(frame: pd.DataFrame) -> Points:
    return frame[["x", "y"]].to_numpy()


def _near_pairs(group: Group) -> Pairs:
    """Positions of supplies and receivers near enough, by supply, then receiver."""
    supplies, receivers, count = group.supplies, group.receivers, group.receivers_per_supply
    start, end = _points(supplies), _points(receivers)
    stated = receivers["stated"].to_numpy()
    if count is None or stated.all():
        return sorted_pairs([within(start, end, group.limit_km)])
    owner = supplies["from_company"].to_numpy()
    divisions = receivers["division"].to_numpy()
    chosen = np.flatnonzero(stated)
    supply, receiver = within(start, end[chosen], group.limit_km)
    found = [(supply, chosen[receiver])]
    for division in np.unique(divisions[~stated]):
        chosen = np.flatnonzero(~stated & (divisions == division))
        taker = _of(receivers, "to_company", chosen)
        supply, receiver = nearest(start, end[chosen], group.limit_km, count, (owner, taker))
        found.append((supply, chosen[receiver]))
    return sorted_pairs(found)
