"""Pairs of points no further apart than a limit, exactly and without regard to the order of rows.

Points are arrays of shape (n, 2) in EPSG:3067 metres; pairs are two arrays of positions.
"""

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import cKDTree

Points = npt.NDArray[np.float64]
Positions = npt.NDArray[np.int64]
Pairs = tuple[Positions, Positions]
# Of positions of starts and of ends, arrays that broadcast: which of the pairs may be.
Allowed = Callable[[Positions, Positions], npt.NDArray[np.bool_]]

# The trees look a little further than the limit, and the exact test follows on `distance_km`: so
# the limit holds for the very number that is shown, whatever rounding a tree does inside.
_MARGIN_M = 0.001
_BLOCK = 1 << 18  # pairs looked at at once: 2 MB an array, which a processor's cache holds
_MOST_NEAR = 10_000_000  # pairs that a tree may give; it makes Python numbers of some 40 bytes


def distance_km(start: Points, end: Points, pairs: Pairs) -> npt.NDArray[np.float64]:
    """Straight-line distance of each pair, km."""
    first, second = pairs
    square = (start[:, 0][first] - end[:, 0][second]) ** 2
    square += (start[:, 1][first] - end[:, 1][second]) ** 2
    return np.sqrt(square) / 1000


def within(start: Points, end: Points, limit_km: float) -> Pairs:
    """All pairs up to about the limit, in no certain order.

    The caller drops those whose `distance_km` is above the limit: a millimetre's worth.
    """
    near = cKDTree(start).sparse_distance_matrix(
        cKDTree(end), limit_km * 1000 + _MARGIN_M, output_type="ndarray"
    )
    return near["i"], near["j"]


def count_within(start: Points, end: Points, limit_km: float) -> int:
    """How many pairs `within` would give, without making them."""
    if len(start) == 0 or len(end) == 0:
        return 0
    return int(cKDTree(start).count_neighbors(cKDTree(end), limit_km * 1000 + _MARGIN_M))


def nearest(
    start: Points, end: Points, limit_km: float, count: int, same: tuple[Positions, Positions]
) -> Pairs:
    """The `count` nearest ends of each start within the limit, inclusive.

    Parameters
    ----------
    same
        An owner of each start and of each end, each owner with one end at most: nobody is paired
        with himself.

    Returns
    -------
    Pairs
        By start and distance. Of equally near ends those with the lower position win, so the
        caller decides by the order of the ends, not the tree by its own.
    """
    # Of the ends at one point no more than these can be among the nearest, for one of them may be
    # the owner's own. Where only the municipality is known, all companies lie at its centre.
    some = np.flatnonzero(pd.DataFrame(end).groupby([0, 1]).cumcount() <= count)
    end, owners = end[some], same[1][some]

    def others(first: Positions, second: Positions) -> npt.NDArray[np.bool_]:
        return same[0][first] != owners[second]

    pairs = _near(start, end, limit_km, count)
    if pairs is None:
        pairs = nearest_allowed(start, end, limit_km, count, others)
    away_km = distance_km(start, end, pairs)
    keep = (away_km <= limit_km) & others(*pairs)
    first, second = first_ones((pairs[0][keep], pairs[1][keep]), away_km[keep], count)
    return first, some[second]


def _near(start: Points, end: Points, limit_km: float, count: int) -> Pairs | None:
    """Pairs among which are the nearest, and all as near as the last of them; None if too many."""
    if len(end) <= count:
        return within(start, end, limit_km)
    tree = cKDTree(end)
    # One more than asked for, because the owner himself may be among them; then all that are
    # as near as the last one, so that no tie is cut by the tree.
    last_m = np.asarray(tree.query(start, k=[count + 1])[0]).reshape(-1)
    radius_m = np.minimum(last_m, limit_km * 1000) + _MARGIN_M
    lengths = tree.query_ball_point(start, radius_m, return_length=True)
    if lengths.sum() > _MOST_NEAR:
        return None
    found = tree.query_ball_point(start, radius_m)
    return np.repeat(np.arange(len(start)), lengths), np.concatenate([*found]).astype(int)


def first_ones(pairs: Pairs, away_km: npt.NDArray[np.float64], count: int) -> Pairs:
    """The `count` nearest ends of each start, of equally near ones those of lower position."""
    order = np.lexsort((pairs[1], away_km, pairs[0]))
    first, second = pairs[0][order], pairs[1][order]
    place = np.arange(len(first)) - np.searchsorted(first, first)
    return first[place < count], second[place < count]


def blocks(
    start: Points, end: Points, limit_km: float, allowed: Allowed
) -> Iterator[tuple[int, npt.NDArray[np.float64]]]:
    """Distances of all pairs, some starts at a time: the memory doesn't grow with the pairs.

    Yields
    ------
    int, array of float
        Position of the block's first start; km, a row a start and a column an end, infinite where
        the pair is too far apart or not allowed.
    """
    rows = max(1, _BLOCK // max(1, len(end)))
    for first in range(0, len(start), rows):
        last = min(first + rows, len(start))
        pairs = np.arange(first, last)[:, np.newaxis], np.arange(len(end))[np.newaxis, :]
        away_km = distance_km(start, end, pairs)
        away_km[(away_km > limit_km) | ~allowed(*pairs)] = np.inf
        yield first, away_km


def nearest_allowed(
    start: Points, end: Points, limit_km: float, count: int, allowed: Allowed
) -> Pairs:
    """The `count` nearest allowed ends of each start within the limit, by start, then end.

    Of equally near ends those with the lower position win. Every distance is worked out: slower
    than a tree, but it bears any number of ties, and takes any rule.
    """
    found = [(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))]
    for first, away_km in blocks(start, end, limit_km, allowed):
        rows, columns = np.nonzero(_smallest(away_km, count))
        found.append((rows + first, columns))
    first_side, second_side = zip(*found, strict=True)
    return np.concatenate(first_side), np.concatenate(second_side)


def _smallest(values: npt.NDArray[np.float64], count: int) -> npt.NDArray[np.bool_]:
    """Which are the `count` smallest finite values of their row, of equal ones the first."""
    if count >= values.shape[1]:
        return np.isfinite(values)
    last = np.partition(values, count - 1, axis=1)[:, count - 1 : count]
    chosen = values < last
    ties = (values == last) & np.isfinite(last)
    free = count - chosen.sum(axis=1, keepdims=True)
    return chosen | (ties & (ties.cumsum(axis=1) <= free))


def nearest_start(start: Points, end: Points, limit_km: float, allowed: Allowed) -> Pairs:
    """The nearest allowed start of each end that has one; of equally near ones the first."""
    nearest_km = np.full(len(end), np.inf)
    chosen = np.zeros(len(end), dtype=np.int64)
    for first, away_km in blocks(start, end, limit_km, allowed):
        row = away_km.argmin(axis=0)
        least = away_km[row, np.arange(len(end))]
        closer = least < nearest_km
        nearest_km[closer], chosen[closer] = least[closer], row[closer] + first
    some = np.flatnonzero(np.isfinite(nearest_km))
    return chosen[some], some


def sorted_pairs(parts: list[Pairs]) -> Pairs:
    """Several lists of pairs as one, by first, then second position."""
    # One integer a pair sorts several times faster than two arrays.
    both = np.concatenate([(first << 32) | second for first, second in parts])
    both.sort()
    return both >> 32, both & 0xFFFFFFFF
