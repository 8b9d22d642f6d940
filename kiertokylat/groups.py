"""The supplies and receivers of one material as numbers: find their pairs, write their columns.

With millions of pairs text would cost more than the geometry, so everything here is an integer code
or a float.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kiertokylat.pairs import (
    Allowed,
    Pairs,
    Points,
    Positions,
    blocks,
    count_within,
    distance_km,
    first_ones,
    nearest,
    nearest_allowed,
    nearest_start,
    sorted_pairs,
    within,
)

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
        By id: codes `supply_id`, `from_company`, `material`, `ewc`, `division`, `precision`; bool
        `hazardous`, `dealer` (the company has said to offer and to need the material); `estimated`
        (0 or 1); `x`, `y` (m), tonnes (t/a).
    receivers
        By company and id: codes `demand_id`, `to_company`, `division`, `precision`, `use`,
        `permitted_use`; bool `stated` (rule 1), `dealer`; `estimated`; `x`, `y` (m), tonnes (t/a).
    limit_km
        Greatest straight-line distance, inclusive.
    receivers_per_supply
        How many receivers of rule 2 each supply keeps in each division; None keeps all.
    new_only
        Leave out twins and dealers (`match.Rules`).
    nearest_only
        Of each rule each supply keeps this many nearest receivers, and each stated need its nearest
        supply; None keeps all.
    """

    supplies: pd.DataFrame
    receivers: pd.DataFrame
    limit_km: float
    receivers_per_supply: int | None
    new_only: bool
    nearest_only: int | None = None


def find_pairs(group: Group) -> Found:
    """All pairs of the group, by supply, receiving company, demand."""
    supplies, receivers = group.supplies, group.receivers
    supply, receiver = _near_pairs(group)
    away_km = distance_km(_points(supplies), _points(receivers), (supply, receiver))
    keep = (away_km <= group.limit_km) & _allowed(group, supply, receiver)
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


def _allowed(group: Group, supply: Positions, receiver: Positions) -> npt.NDArray[np.bool_]:
    """Which pairs may be, whatever their distance; the positions broadcast."""
    supplies, receivers = group.supplies, group.receivers
    keep = _of(supplies, "from_company", supply) != _of(receivers, "to_company", receiver)
    if supplies["hazardous"].any():
        permitted = _of(receivers, "permitted_use", receiver) != NO_USE
        keep &= permitted | ~_of(supplies, "hazardous", supply)
    if group.new_only:
        if supplies["dealer"].any():
            keep &= ~(_of(supplies, "dealer", supply) & _of(receivers, "dealer", receiver))
        twins = _of(supplies, "division", supply) == _of(receivers, "division", receiver)
        twins &= _of(supplies, "estimated", supply) == 1
        keep &= ~(twins & (_of(receivers, "estimated", receiver) == 1))
    return keep


def _near_pairs(group: Group) -> Pairs:
    """Positions of supplies and receivers near enough, by supply, then receiver."""
    stated = group.receivers["stated"].to_numpy()
    parts = [_stated(group, np.flatnonzero(stated))]
    if not stated.all():
        parts.append(_by_industry(group, np.flatnonzero(~stated)))
    return sorted_pairs(parts)


def _stated(group: Group, chosen: Positions) -> Pairs:
    """The pairs of rule 1, of which the receivers' positions are given."""
    supply, receiver = _all_pairs(group, chosen)
    if group.nearest_only is not None:
        # Else a need that is among nobody's nearest would look as if nobody could meet it.
        left = np.setdiff1d(chosen, receiver)
        start, need = nearest_start(*_ends(group, left), group.limit_km, _among(group, left))
        supply, receiver = np.append(supply, start), np.append(receiver, left[need])
    return supply, receiver


def _by_industry(group: Group, chosen: Positions) -> Pairs:
    """The pairs of rule 2, of which the receivers' positions are given."""
    if group.receivers_per_supply is None:
        return _all_pairs(group, chosen)
    pairs = _nearest_of_divisions(group, chosen, group.receivers_per_supply)
    if group.nearest_only is None:
        return pairs
    keep = _allowed(group, *pairs)
    supply, receiver = pairs[0][keep], pairs[1][keep]
    away_km = distance_km(*_ends(group), (supply, receiver))
    return first_ones((supply, receiver), away_km, group.nearest_only)


def _all_pairs(group: Group, chosen: Positions) -> Pairs:
    """All pairs with some receivers, or the nearest ones where there are too many."""
    ends, count = _ends(group, chosen), group.nearest_only
    if count is None:
        supply, receiver = within(*ends, group.limit_km)
    else:
        may = _among(group, chosen)
        supply, receiver = nearest_allowed(*ends, group.limit_km, count, may)
    return supply, chosen[receiver]


def _nearest_of_divisions(group: Group, chosen: Positions, count: int) -> Pairs:
    supplies, receivers = group.supplies, group.receivers
    owner = supplies["from_company"].to_numpy()
    divisions = _of(receivers, "division", chosen)
    found = []
    for division in np.unique(divisions):
        some = chosen[divisions == division]
        same = owner, _of(receivers, "to_company", some)
        supply, receiver = nearest(*_ends(group, some), group.limit_km, count, same)
        found.append((supply, some[receiver]))
    first, second = zip(*found, strict=True)
    return np.concatenate(first), np.concatenate(second)


def _ends(group: Group, chosen: Positions | None = None) -> tuple[Points, Points]:
    """Points of the supplies, and of the receivers or some of them."""
    receivers = _points(group.receivers)
    return _points(group.supplies), receivers if chosen is None else receivers[chosen]


def _among(group: Group, chosen: Positions) -> Allowed:
    """`_allowed` for positions among some of the receivers."""
    return lambda supply, receiver: _allowed(group, supply, chosen[receiver])


def most_pairs(group: Group) -> int:
    """How many pairs the group has at most, found without making them."""
    receivers, each = group.receivers, group.receivers_per_supply
    stated = receivers["stated"].to_numpy()
    if each is None:
        return count_within(*_ends(group), group.limit_km)
    users = np.unique(receivers["division"].to_numpy()[~stated], return_counts=True)[1]
    by_industry = len(group.supplies) * int(np.minimum(users, each).sum())
    return by_industry + count_within(*_ends(group, np.flatnonzero(stated)), group.limit_km)


def counts(group: Group) -> tuple[Positions, Positions]:
    """How many pairs each supply has by rule 1 and by rule 2, exactly and in bounded memory."""
    stated = group.receivers["stated"].to_numpy()
    said, known = np.flatnonzero(stated), np.flatnonzero(~stated)
    every = len(group.supplies)
    if group.receivers_per_supply is None:
        return _counted(group, said), _counted(group, known)
    by_industry = np.zeros(every, dtype=np.int64)
    if len(known):
        pairs = _nearest_of_divisions(group, known, group.receivers_per_supply)
        by_industry = np.bincount(pairs[0][_allowed(group, *pairs)], minlength=every)
    return _counted(group, said), by_industry


def _counted(group: Group, chosen: Positions) -> Positions:
    ends, may = _ends(group, chosen), _among(group, chosen)
    parts = [np.isfinite(away).sum(axis=1) for _, away in blocks(*ends, group.limit_km, may)]
    return np.concatenate([np.empty(0, dtype=np.int64), *parts])
