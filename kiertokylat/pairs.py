"""Pairs of points no further apart than a limit, exactly and without regard to the order of rows.

Points are arrays of shape (n, 2) in EPSG:3067 metres; pairs are two arrays of positions.
"""

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

Points = npt.NDArray[np.float64]
Positions = npt.NDArray[np.int64]
Pairs = tuple[Positions, Positions]

# The trees look a little further than the limit, and the exact test follows on `distance_km`: so
# the limit holds for the very number that is shown, whatever rounding a tree does inside.
_MARGIN_M = 0.001


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
    if len(end) > count:
        tree = cKDTree(end)
        # One more than asked for, because the owner himself may be among them; then all that are
        # as near as the last one, so that no tie is cut by the tree.
        last_m = np.asarray(tree.query(start, k=[count + 1])[0]).reshape(-1)
        radius_m = np.minimum(last_m, limit_km * 1000) + _MARGIN_M
        found = tree.query_ball_point(start, radius_m)
        lengths = [len(positions) for positions in found]
        pairs = np.repeat(np.arange(len(start)), lengths), np.concatenate([*found]).astype(int)
    else:
        pairs = within(start, end, limit_km)
    away_km = distance_km(start, end, pairs)
    keep = (away_km <= limit_km) & (same[0][pairs[0]] != same[1][pairs[1]])
    first, second = pairs[0][keep], pairs[1][keep]
    order = np.lexsort((second, away_km[keep], first))
    first, second = first[order], second[order]
    place = np.arange(len(first)) - np.searchsorted(first, first)
    return first[place < count], second[place < count]


def sorted_pairs(parts: list[Pairs]) -> Pairs:
    """Several lists of pairs as one, by first, then second position."""
    # One integer a pair sorts several times faster than two arrays.
    both = np.concatenate([(first << 32) | second for first, second in parts])
    both.sort()
    return both >> 32, both & 0xFFFFFFFF
