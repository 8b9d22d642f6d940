"""GeoJSON and GeoPackage ► sheets: attributes as cells, geometries as coordinates."""

import io
import warnings

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from numpy.typing import NDArray
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, GeometryError

from kiertokylat import locate
from kiertokylat.ingest import headings
from kiertokylat.ingest.sheet import Sheet, fail, plain
from kiertokylat.ingest.source import Source
from kiertokylat.ingest.spreadsheet import cell_text

# With one of these the geometry is not needed (a flow lies where its company lies).
_PLACED = ("x", "y", "lon", "lat", "company_id")
_FEATURES = 500_000  # features of a layer that are read at most


def read(source: Source) -> list[Sheet]:
    """Every layer with known attribute names ► a sheet.

    A point stands for itself, a line or an area for its centroid; coordinates in the attributes
    come first, because an export of this package keeps them exact there.

    Raises
    ------
    InputError
        Too large, broken, or without known attributes.
    """
    content = source.whole()
    found: list[Sheet] = []
    skipped: list[str] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # GDAL tells of details that change nothing here
        try:
            layers = [str(name) for name in pyogrio.list_layers(io.BytesIO(content))[:, 0]]
            for layer in layers:
                # A GeoJSON's layer has no name of its own, and another one at each opening.
                chosen = {"layer": layer} if len(layers) > 1 else {}
                frame = gpd.read_file(
                    io.BytesIO(content), engine="pyogrio", max_features=_FEATURES, **chosen
                )
                title = f"{source.name} › {layer}" if len(layers) > 1 else source.name
                sheet = _sheet(title, frame)
                if sheet is None:
                    skipped.append(layer)
                else:
                    found.append(sheet)
        except (
            DataSourceError, DataLayerError, FeatureError, GeometryError, ValueError, RuntimeError,
            shapely.errors.ShapelyError,
        ) as error:  # fmt: skip
            raise fail("broken_geodata", source.name) from error
    if not found:
        raise fail("no_heading", source.name)
    for layer in skipped:
        found[0].report("sheet_skipped", "note", value=layer)
    return found


def _sheet(title: str, frame: pd.DataFrame) -> Sheet | None:
    """A layer's attributes read like a spreadsheet; the row is the feature's number."""
    attributes = frame.drop(columns="geometry", errors="ignore")
    names = [str(name) for name in attributes.columns]
    if not {"name", "business_id", "company_id"} & headings.recognised(names):
        return None
    values = attributes.astype(object).where(attributes.notna(), None).to_numpy()
    columns = [names, *([cell_text(value) for value in row] for row in values)]
    read_in = headings.read(title, [[name or "?" for name in columns[0]], *columns[1:]], typed=True)
    if read_in is None:
        read_in = _single_column(title, names, values)
    cells = read_in.cells
    cells.index -= 1  # no heading row: features count from 1
    for problem in list(read_in.problems):
        if problem.code == "no_rows":
            read_in.problems.remove(problem)
    if isinstance(frame, gpd.GeoDataFrame) and not read_in.has(*_PLACED):
        points = _coordinates(frame)[cells.index - 1]
        for place, axis in enumerate(("x", "y")):
            cells[axis] = [cell_text(v) if np.isfinite(v) else "" for v in points[:, place]]
    return read_in


def _single_column(title: str, names: list[str], values: NDArray) -> Sheet:
    """A layer whose only known attribute is the company's name."""
    position = next(i for i, name in enumerate(names) if headings.meaning(name) is not None)
    found = headings.meaning(names[position])
    field = found.field if found is not None else "name"
    cells = pd.DataFrame(
        {field: [plain(cell_text(row[position])) for row in values]},
        index=pd.RangeIndex(2, len(values) + 2),
        dtype="str",
    )
    return Sheet(title, cells, {field: names[position]}, typed=True)


def _coordinates(frame: gpd.GeoDataFrame) -> NDArray:
    """Points (n × 2) in the plane of the package, or in degrees; the reader of points tells."""
    geometry = frame.geometry
    if geometry.crs is not None and not geometry.crs.is_geographic:
        geometry = geometry.to_crs(locate.METRES)
    centres = shapely.centroid(geometry.to_numpy())
    return np.column_stack([shapely.get_x(centres), shapely.get_y(centres)])
