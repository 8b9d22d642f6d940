"""Too many pairs to hold: how many there would be, and how many of each supply's nearest to keep.

Pairs grow with the square of a region: 60,000 flows of 8 materials in a few towns make tens of
millions. They are counted before any is made; above a limit, each supply keeps its k nearest
receivers that have stated a need and the k nearest that are known by their industry, and a need
that is among nobody's nearest keeps its nearest supply. So nobody who has a partner seems to have
none. k is the greatest number with which, `n` being how many a supply has by each rule,

    Σ min(n_stated, k) + Σ min(n_by_industry, k) + number of stated needs ≤ limit

but at least 1, whatever the limit.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np

from kiertokylat.groups import Group, counts, most_pairs

# As `map`: an executor's, or Python's own.
Run = Callable[..., Iterable]


def limited(groups: list[Group], limit: int, run: Run = map) -> tuple[list[Group], int | None]:
    """The groups with `nearest_only` set, if they have more pairs than the limit.

    Parameters
    ----------
    groups
        Of all materials: k is the same for all.
    limit
        Greatest number of pairs.
    run
        Counts the pairs of the groups, one call a group.

    Returns
    -------
    groups : list of Group
        The same ones where there is room for all pairs.
    found : int or None
        How many pairs there would be without the limit; None where the groups are the same.
    """
    if sum(run(most_pairs, groups)) <= limit:
        return groups, None
    of_supplies = np.concatenate([side for both in run(counts, groups) for side in both])
    found = int(of_supplies.sum())
    # Also where all of them fit: what makes all pairs at once also makes those that may not be,
    # such as of one company with itself, and those are counted only above.
    most = int(of_supplies.max(initial=1))
    if found > limit:
        needs = sum(int(group.receivers["stated"].sum()) for group in groups)
        most = max(1, _greatest(of_supplies, limit - needs, most))
    return [replace(group, nearest_only=most) for group in groups], found


def _greatest(of_supplies: np.ndarray, limit: int, most: int) -> int:
    """The greatest k up to `most` with Σ min(n, k) ≤ limit."""
    return (
        bisect_right(range(most + 1), limit, key=lambda k: int(np.minimum(of_supplies, k).sum()))
        - 1
    )
