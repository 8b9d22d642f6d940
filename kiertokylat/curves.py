"""Curved arrows between places, as polygons: no plugin, no arrow heads."""

import numpy as np
from numpy.typing import NDArray

# Below this width a curve would vanish on a map of the whole region.
LEAST_WIDTH = 260.0  # m
_BEND = 0.22  # of the distance; sideways, to the right
_STEPS = 24


def tapered(
    start: tuple[float, float], end: tuple[float, float], width: float
) -> NDArray[np.float64]:
    """Outline of a curve that bends right and thins towards its end.

    Bending to one's own right keeps the two directions of a pair of places apart. The curve is a
    quadratic Bézier curve.

    Parameters
    ----------
    start, end
        Easting and northing, m.
    width
        At the start, m; at least `LEAST_WIDTH`.

    Returns
    -------
    array
        Closed ring of points, m: along the left side, back along the right one.
    """
    first, last = np.array(start), np.array(end)
    along = last - first
    control = (first + last) / 2 + _BEND * np.array([along[1], -along[0]])
    t = np.linspace(0, 1, _STEPS)[:, None]
    path = (1 - t) ** 2 * first + 2 * t * (1 - t) * control + t**2 * last
    slope = 2 * (1 - t) * (control - first) + 2 * t * (last - control)
    slope /= np.hypot(*slope.T)[:, None]
    half = max(width, LEAST_WIDTH) / 2 * (1 - 0.92 * t)
    side = np.column_stack([-slope[:, 1], slope[:, 0]]) * half
    return np.vstack([path + side, (path - side)[::-1], (path + side)[:1]])
