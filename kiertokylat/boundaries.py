"""An official download of municipal boundaries ► data/municipalities.geojson.

Two publishers, both CC BY 4.0, each with field names of its own (in any case of letters):

- Statistics Finland, `kunta1000k` or `kunta4500k` (WFS): `kunta, vuosi, nimi, namn, name`
- National Land Survey (NLS), Kuntajako: `NATCODE, NAMEFIN, NAMESWE, LANDAREA, FRESHWAREA` (km2)
"""

import json
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import shapely

from kiertokylat import reference
from kiertokylat.errors import InputError
from kiertokylat.locate import DEGREES, METRES
from kiertokylat.problems import Problem
from kiertokylat.words import Language, say

PUBLISHERS = {"kunta": "Statistics Finland", "natcode": "National Land Survey of Finland"}
# Field of a download (lower case) to column of municipalities.geojson.
FIELDS = {
    "nimi": "name_fi",
    "namefin": "name_fi",
    "namn": "name_sv",
    "nameswe": "name_sv",
    "landarea": "land_km2",
    "freshwarea": "water_km2",
}
MOST_POINTS = 18_000  # of about 20 bytes each: the file stays under 400 kB
TOLERANCES = (0, 10, 20, 40, 80, 160, 320, 640)  # m, tried in turn until the points are few enough
DECIMALS = 5  # of a degree: about a metre


@dataclass(frozen=True)
class BoundaryProblem(Problem):
    """A problem whose text stands in `words/boundaries.toml`."""

    def message(self, language: Language = "fi") -> str:
        """What is wrong and what to do about it, without the place."""
        return say(f"boundaries.{self.code}", language, **self.details)


def rebuild(file: Path) -> gpd.GeoDataFrame:
    """Municipalities with the boundaries of an official download.

    The polygons are simplified together, so that neighbours keep a common border. Names and areas
    come from the download where it has them, everything else from the present file.

    Parameters
    ----------
    file
        GeoJSON, GeoPackage (any number of layers) or shapefile (`.shp` or `.zip`) in any
        coordinate reference system; other municipalities in it are left out.

    Returns
    -------
    GeoDataFrame
        As `reference.municipalities`: 22 rows, EPSG:4326.

    Raises
    ------
    InputError
        Unreadable file, no municipal layer, a municipality is missing, unknown coordinate
        reference system, or borders that don't meet.
    """
    present = reference.municipalities()
    download = _municipal_layer(file)
    missing = present.index.difference(download.index)
    if len(missing) > 0:
        names = ", ".join(present.loc[missing, "name_fi"])
        raise InputError(BoundaryProblem("missing", file.name, details={"municipalities": names}))
    if download.crs is None:
        raise InputError(BoundaryProblem("no_crs", file.name))

    download = download.loc[present.index]
    polygons = _simplified(download.geometry.to_crs(METRES))
    if not _is_one_piece(polygons):
        raise InputError(BoundaryProblem("gaps", file.name))
    return _described(present.set_geometry(polygons), download, file)


def write(municipalities: gpd.GeoDataFrame, path: Path | None = None) -> Path:
    """Write municipalities as GeoJSON, one municipality a line.

    The old file is replaced only when the new one is complete. A running process keeps what it has
    read.

    Parameters
    ----------
    municipalities
        As `rebuild` returns them.
    path
        Where to; by default data/municipalities.geojson.

    Returns
    -------
    Path
        The file written.
    """
    path = path or reference.DATA / "municipalities.geojson"
    features = json.loads(municipalities.reset_index().to_json(drop_id=True))["features"]
    lines = [json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in features]
    head = '{"type":"FeatureCollection","name":"municipalities","features":[\n'
    unfinished = path.with_suffix(".part")
    unfinished.write_text(head + ",\n".join(lines) + "\n]}\n", encoding="utf-8")
    return unfinished.replace(path)


def _municipal_layer(file: Path) -> gpd.GeoDataFrame:
    """The layer with most of our municipalities: index code, columns in lower case, `publisher`."""
    codes = reference.municipalities().index
    best: gpd.GeoDataFrame | None = None
    try:
        for layer in pyogrio.list_layers(file)[:, 0]:
            frame = gpd.read_file(file, layer=layer)
            key = next((name for name in frame.columns if name.lower() in PUBLISHERS), None)
            if key is None or not isinstance(frame, gpd.GeoDataFrame):
                continue
            # "077", 77, 77.0 and "KU077" are all Hankasalmi.
            code = frame[key].astype(str).str.extract(r"(\d+)", expand=False).str.zfill(3)
            frame = frame.rename(columns=str.lower).assign(
                code=code, publisher=PUBLISHERS[key.lower()]
            )
            frame = frame[code.isin(codes) & frame.geom_type.isin(("Polygon", "MultiPolygon"))]
            if best is None or frame["code"].nunique() > best["code"].nunique():
                best = frame
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise InputError(BoundaryProblem("unreadable", file.name)) from error
    if best is None or best.empty:
        raise InputError(BoundaryProblem("no_municipalities", file.name))
    return best.dissolve("code")


def _simplified(polygons: gpd.GeoSeries) -> gpd.GeoSeries:
    """Polygons in metres as degrees, with at most about MOST_POINTS points."""
    coverage = polygons.force_2d().to_numpy()
    for tolerance in TOLERANCES:
        simple = shapely.coverage_simplify(coverage, tolerance) if tolerance else coverage
        if shapely.get_num_coordinates(simple).sum() <= MOST_POINTS:
            break
    degrees = gpd.GeoSeries(simple, index=polygons.index, crs=METRES).to_crs(DEGREES)
    # Rounding point by point, unlike a change of precision, treats both sides of a border alike.
    return degrees.transform(lambda points: np.round(points, DECIMALS))


def _is_one_piece(polygons: gpd.GeoSeries) -> bool:
    """Whether the polygons are valid, don't overlap and leave no hole between them."""
    if not (polygons.is_valid.all() and shapely.coverage_is_valid(polygons.to_numpy())):
        return False
    union = polygons.union_all()
    return union.geom_type == "Polygon" and len(union.interiors) == 0


def _described(
    municipalities: gpd.GeoDataFrame, download: gpd.GeoDataFrame, file: Path
) -> gpd.GeoDataFrame:
    """Names, areas and sources of the download put over those of the present file."""
    given = download.rename(columns=FIELDS)
    described = municipalities.copy()
    for column in sorted(set(FIELDS.values()) & set(given.columns)):
        values = given[column]
        if column == "name_sv":  # the NLS repeats the Finnish name where it has no Swedish one
            values = values.mask(values == described["name_fi"])
        described[column] = values.where(values.notna(), described[column])

    publisher = str(download["publisher"].iloc[0])
    origin = f"{publisher}, {file.name}, CC BY 4.0"
    changed = {"boundary": origin} | ({"area": origin} if "land_km2" in given.columns else {})
    described["source"] = described["source"].map(lambda source: _with_sources(source, changed))
    return described


def _with_sources(source: str, changed: dict[str, str]) -> str:
    """A `source` cell ("boundary: …; area: …") with some of its parts replaced."""
    parts = dict(part.split(": ", 1) for part in source.split("; "))
    return "; ".join(f"{what}: {origin}" for what, origin in (parts | changed).items())
