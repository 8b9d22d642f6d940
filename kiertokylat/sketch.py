"""Small maps as SVG, for print: no tiles, no script, nothing from outside.

`sketch` draws one municipality, `area_sketch` several or the whole region.
"""

from collections.abc import Collection, Hashable, Iterable
from html import escape
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from kiertokylat import reference
from kiertokylat.locate import METRES
from kiertokylat.palette import CERTAINTY_STYLES, GROUP_COLOURS, INK, LAND_EDGE, WATER

WIDTH = 400  # user units of one municipality; the page scales it
_AREA_WIDTH = 640  # of several: letters and marks take less of the map
_TALLEST = 1.15  # height at most, of the width
_MARGIN = 0.09  # of the longer side, around the municipality
_OUTSIDE = "#ebe7de"  # where the data has no municipality
_NEIGHBOUR = "#f6f3ec"
_HOME = "#ffffff"
# Of what a workshop has told: colours that are told apart in grey as well, and the form differs.
OFFER, NEED = "#0f5e6b", "#e69f00"


class _Frame:
    """The rectangle that is drawn, and the way from metres (EPSG:3067) to SVG units."""

    def __init__(self, home: BaseGeometry, width: int = WIDTH) -> None:
        west, south, east, north = home.bounds
        margin = _MARGIN * max(east - west, north - south)
        west, south, east, north = west - margin, south - margin, east + margin, north + margin
        # A wide municipality gets a square frame, a tall one at most the tallest.
        missing = (north - south) / _TALLEST - (east - west)
        west, east = west - max(missing, 0) / 2, east + max(missing, 0) / 2
        missing = (east - west) * 0.8 - (north - south)
        south, north = south - max(missing, 0) / 2, north + max(missing, 0) / 2
        self.west, self.north = west, north
        self.width = width
        self.scale = width / (east - west)
        self.height = round((north - south) * self.scale)
        self.box = shapely.box(west, south, east, north)

    def units(self, x: float, y: float) -> tuple[float, float]:
        """A point in SVG units."""
        return round((x - self.west) * self.scale, 1), round((self.north - y) * self.scale, 1)

    def path(self, shape: BaseGeometry) -> str:
        """The polygons of a shape as SVG path data, cut at the frame."""
        cut = shapely.intersection(shape, self.box)
        parts = [part for part in shapely.get_parts(cut) if part.geom_type == "Polygon"]
        return "".join(
            self._ring(ring) for part in parts for ring in (part.exterior, *part.interiors)
        )

    def _ring(self, ring: BaseGeometry) -> str:
        xy = (shapely.get_coordinates(ring) - (self.west, self.north)) * (self.scale, -self.scale)
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in xy)
        return f"M{points}Z"


def sketch(
    municipality: str, companies: pd.DataFrame, lines: pd.DataFrame, description: str
) -> str:
    """One municipality with its neighbours, lakes, companies and numbered candidates.

    Parameters
    ----------
    municipality
        Three-digit code.
    companies
        Columns `municipality`, `x`, `y` (EPSG:3067 m), `precision`, `group`; those outside the
        frame are not drawn.
    lines
        Columns `from_x`, `from_y`, `to_x`, `to_y` (EPSG:3067 m), `certainty`; numbered from 1 in
        their order.
    description
        What a screen reader says.

    Returns
    -------
    str
        An `<svg>` element.
    """
    shapes = reference.municipalities().geometry.to_crs(METRES)
    frame = _Frame(shapes[municipality])
    drawn, numbers = _numbered(lines, frame)
    body = [
        *_ground(shapes, (municipality,), frame),
        *_names(shapes, frame, unnamed=(municipality,)),
        *_dots(companies, municipality, frame),
        *drawn,
        *numbers,
    ]
    return _svg(body, frame, description)


def area_sketch(
    municipalities: Collection[str], told: pd.DataFrame, lines: pd.DataFrame, description: str
) -> str:
    """Several municipalities with their neighbours, lakes, what was told there, and candidates.

    Parameters
    ----------
    municipalities
        Three-digit codes, outlined; none: the whole region.
    told
        Index: codes; columns `x`, `y` (EPSG:3067 m: where the counts stand), `out` and `in`: how
        many offers (in a circle) and needs (in a square) were told there.
    lines
        Columns `number`, `from_x`, `from_y`, `to_x`, `to_y` (EPSG:3067 m), `certainty`. The frame
        holds both ends of every line.
    description
        What a screen reader says.

    Returns
    -------
    str
        An `<svg>` element.
    """
    shapes = reference.municipalities().geometry.to_crs(METRES)
    homes = tuple(municipalities) or tuple(shapes.index)
    ends = [lines[[f"{end}_x", f"{end}_y"]].to_numpy(float) for end in ("from", "to")]
    seen = shapely.union_all([*shapes[list(homes)], *map(shapely.MultiPoint, ends)])
    frame = _Frame(seen, _AREA_WIDTH)
    drawn, numbers = _numbered(lines, frame, _occupied(told, frame))
    body = [
        *_ground(shapes, homes, frame),
        *_names(shapes, frame, unnamed=told.index, share=0.007),
        *drawn,
        *_told(told, frame),
        *numbers,
    ]
    return _svg(body, frame, description)


def _svg(body: list[str], frame: _Frame, description: str) -> str:
    return (
        f'<svg class="map" viewBox="0 0 {frame.width} {frame.height}" role="img"'
        f' aria-label="{escape(description)}">{"".join(body)}</svg>'
    )


def _ground(shapes: gpd.GeoSeries, homes: Collection[str], frame: _Frame) -> list[str]:
    """Municipalities, lakes, and the outlines of those that the map is about."""
    areas = [
        f'<path d="{path}" fill="{_HOME if code in homes else _NEIGHBOUR}" stroke="{LAND_EDGE}"'
        ' stroke-width=".6"/>'
        for code, shape in shapes.items()
        if (path := frame.path(shape))
    ]
    outlines = [
        f'<path d="{frame.path(shapes[code])}" fill="none" stroke="{INK}"'
        ' stroke-width="1.6" stroke-linejoin="round"/>'
        for code in homes
    ]
    outside = f'<rect width="{frame.width}" height="{frame.height}" fill="{_OUTSIDE}"/>'
    return [outside, *areas, _lakes(frame), *outlines]


def _lakes(frame: _Frame) -> str:
    water = reference.lakes().geometry.to_crs(METRES)
    seen = shapely.make_valid(water[water.intersects(frame.box)].to_numpy())
    return f'<path d="{"".join(frame.path(lake) for lake in seen)}" fill="{WATER}"/>'


def _names(
    shapes: gpd.GeoSeries, frame: _Frame, unnamed: Collection[Hashable] = (), share: float = 0.03
) -> list[str]:
    """Names of the municipalities that fill at least a share of the frame."""
    names = reference.municipalities()["name_fi"]
    texts = []
    for code, shape in shapes.items():
        seen = shapely.intersection(shape, frame.box)
        if code in unnamed or seen.area < share * frame.box.area:
            continue
        largest = max(shapely.get_parts(seen), key=lambda part: part.area)
        x, y = frame.units(*shapely.get_coordinates(shapely.point_on_surface(largest))[0])
        half = 3.1 * len(names[code])  # about half of the name's width at this size
        x = min(max(x, half + 4), frame.width - half - 4)
        texts.append(f'<text class="neighbour" x="{x}" y="{y}">{escape(names[code])}</text>')
    return texts


def _dots(companies: pd.DataFrame, home: str, frame: _Frame) -> list[str]:
    inside = shapely.intersects_xy(frame.box, companies["x"], companies["y"])
    seen = companies.assign(here=companies["municipality"] == home)[inside]
    dots = []
    for row in seen.sort_values("here", kind="stable").to_dict("records"):
        x, y = frame.units(row["x"], row["y"])
        colour = GROUP_COLOURS[row["group"]]
        if not row["here"]:
            style = 'r="1.5" fill="#a9a499"'
        elif row["precision"] == "exact":
            style = f'r="3.4" fill="{colour}" stroke="{INK}" stroke-width=".6"'
        else:
            style = f'r="3" fill="{colour}" fill-opacity=".3" stroke="{colour}" stroke-width="1.2"'
        dots.append(f'<circle cx="{x}" cy="{y}" {style}/>')
    return dots


def _told(told: pd.DataFrame, frame: _Frame) -> list[str]:
    """Counts of offers and needs beside each other, the municipality's name above them."""
    names = reference.municipalities()["name_fi"]
    drawn = []
    for code, row in told.to_dict("index").items():
        x, y = frame.units(row["x"], row["y"])
        top = round(y - 10, 1)
        drawn.append(f'<text class="neighbour" x="{x}" y="{top}">{escape(names[code])}</text>')
        shown = [direction for direction in ("out", "in") if row[direction]]
        left = x - 8 * (len(shown) - 1)
        for place, direction in enumerate(shown):
            drawn.append(mark(direction, round(left + 16 * place, 1), y, str(row[direction])))
    return drawn


def _occupied(told: pd.DataFrame, frame: _Frame) -> list[np.ndarray]:
    """Places that the counts and the names above them fill: no number goes there."""
    centres = [np.array(frame.units(x, y)) for x, y in zip(told["x"], told["y"], strict=True)]
    offsets = ((-8, 0), (8, 0), (-8, -10), (8, -10))
    return [np.add(centre, offset) for centre in centres for offset in offsets]


def mark(direction: str, x: float, y: float, text: str = "") -> str:
    """What stands on `area_sketch` for offers (`out`, a circle) or needs (`in`, a square)."""
    if direction == "out":
        shape = f'<circle cx="{x}" cy="{y}" r="7.2" fill="{OFFER}" stroke="#fff"/>'
    else:
        corner = f'x="{round(x - 6.8, 1)}" y="{round(y - 6.8, 1)}"'
        shape = f'<rect {corner} width="13.6" height="13.6" fill="{NEED}" stroke="{INK}"/>'
    label = f'<text class="count {direction}" x="{x}" y="{round(y + 3.4, 1)}">{text}</text>'
    return shape + (label if text else "")


def _numbered(
    lines: pd.DataFrame, frame: _Frame, occupied: Iterable[np.ndarray] = ()
) -> tuple[list[str], list[str]]:
    """Lines, and their numbers, each in the middle of what is seen of its line.

    The numbers are those of a column `number`; without one, those of the order. They keep away from
    `occupied` places as long as their line has another one.
    """
    drawn, labels = [], []
    taken = list(occupied)
    numbers = lines["number"] if "number" in lines else range(1, len(lines) + 1)
    for number, row in zip(numbers, lines.to_dict("records"), strict=True):
        line = shapely.LineString([(row["from_x"], row["from_y"]), (row["to_x"], row["to_y"])])
        seen = shapely.intersection(line, frame.box)
        style = CERTAINTY_STYLES[row["certainty"]]
        dashes = f' stroke-dasharray="{style["dashArray"]}"' if style["dashArray"] else ""
        if seen.geom_type == "LineString" and seen.length > 0:
            points = [frame.units(x, y) for x, y in shapely.get_coordinates(seen)]
            (x1, y1), (x2, y2) = points[0], points[-1]
            drawn.append(
                f'<path d="M{x1},{y1}L{x2},{y2}" stroke="{style["color"]}" stroke-width="1.8"'
                f'{dashes} fill="none"/>'
            )
        else:
            seen = line
        x, y = _free_place(seen, frame, taken)
        labels.append(
            f'<circle cx="{x}" cy="{y}" r="7.5" fill="#fff" stroke="{style["color"]}"'
            f' stroke-width="1.5"/><text class="number" x="{x}" y="{y + 3.6:.1f}">{number}</text>'
        )
    return drawn, labels


def _free_place(seen: Any, frame: _Frame, taken: list[np.ndarray]) -> tuple[float, float]:
    """A place on the line that hides no earlier number; the middle where all are taken."""
    for share in (0.5, 0.35, 0.65, 0.2, 0.8, 0.9, 0.1):
        point = shapely.line_interpolate_point(seen, share, normalized=True)
        place = np.array(frame.units(*shapely.get_coordinates(point)[0]))
        if all(np.hypot(*(place - other)) > 16 for other in taken):
            break
    taken.append(place)
    return float(place[0]), float(place[1])


def dot(colour: str) -> str:
    """A small dot of a colour, as on the map."""
    return (
        '<svg viewBox="0 0 12 12" aria-hidden="true">'
        f'<circle cx="6" cy="6" r="5" fill="{colour}" stroke="{INK}"/></svg>'
    )


def bar(share: float) -> str:
    """A share as a small bar with its percentage; a dash where it is not known."""
    if share != share:  # noqa: PLR0124  # NaN
        return "–"
    percent = round(100 * share)
    return (
        f'<span class="bar"><svg viewBox="0 0 50 8" aria-hidden="true"><rect width="50" height="8"'
        f' rx="2" class="all"/><rect width="{percent / 2}" height="8" rx="2" class="part"/></svg>'
        f"{percent}\u00a0%</span>"
    )
