"""Build data/lakes.geojson from GSHHG with Debian's GMT. Not part of the app.

    apt-get install gmt gmt-gshhg-full
    python data/build_lakes.py

GSHHG (Wessel and Smith 1996, doi:10.1029/96JB00104) keeps its shorelines cut at the edges of bins
of one degree, as lines with the water on their right hand. `gmt pscoast -M` prints those lines.
Here they and the edges of the bins become faces, the faces right of a line become water, and the
water is dissolved across the bins. Islands stay land, that is, holes.

The lakes are generalised and for drawing only: in the region their area is about 15 % larger than
the official one, since most islands and the small lakes are missing and straits are wide.
"""

import subprocess
import tempfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

DATA = Path(__file__).resolve().parent
WEST, EAST, SOUTH, NORTH = 22, 29, 60, 65  # whole bins around the region, degrees
SURROUNDINGS = 55_000  # m beyond the region on all four sides; Päijänne ends there in the south
TOLERANCE = 60  # m, of the simplification
SMALLEST_LAKE = 0.5  # km2
SMALLEST_ISLAND = 0.05  # km2
DECIMALS = 1e-4  # degrees


def shorelines() -> list[np.ndarray]:
    """Lines of lakes (level 2) and of islands in lakes (level 3), each an array of lon, lat."""
    region = f"-R{WEST}/{EAST}/{SOUTH}/{NORTH}"
    command = ["gmt", "pscoast", region, "-Df", "-M", "-A0/2/3", "-W2", "-W3"]
    with tempfile.TemporaryDirectory() as folder:  # GMT leaves a gmt.history where it runs
        run = subprocess.run(command, capture_output=True, text=True, check=True, cwd=folder)  # noqa: S603
    lines = []
    for block in run.stdout.split(">")[1:]:
        points = [row.split() for row in block.splitlines()[1:] if row.strip() and row[0] != "#"]
        if len(points) > 1:
            lines.append(np.array(points, dtype=float))
    return lines


def water(lines: list[np.ndarray]) -> shapely.Geometry:
    """The area on the right hand of the lines, bin by bin and dissolved."""
    edges = [shapely.LineString([(x, SOUTH), (x, NORTH)]) for x in range(WEST, EAST + 1)]
    edges += [shapely.LineString([(WEST, y), (EAST, y)]) for y in range(SOUTH, NORTH + 1)]
    noded = shapely.union_all([*map(shapely.LineString, lines), *edges])
    faces = np.array(shapely.get_parts(shapely.polygonize(shapely.get_parts(noded))))

    start = np.vstack([line[:-1] for line in lines])
    along = np.vstack([np.diff(line, axis=0) for line in lines])
    length = np.hypot(*along.T)[:, np.newaxis]
    step = 1e-6 * np.column_stack([along[:, 1], -along[:, 0]]) / np.maximum(length, 1e-12)
    votes = np.zeros(len(faces))
    for side, vote in ((step, 1), (-step, -1)):
        beside = shapely.points(start + along / 2 + side)
        _, face = shapely.STRtree(faces).query(beside, predicate="within")
        np.add.at(votes, face, vote)
    return shapely.union_all(faces[votes > 0])


def without_small_islands(lake: shapely.Polygon) -> shapely.Polygon:
    """The lake (metres) with its larger islands only."""
    islands = [r for r in lake.interiors if shapely.Polygon(r).area > SMALLEST_ISLAND * 1e6]
    return shapely.Polygon(lake.exterior, islands)


def main() -> None:
    """Write data/lakes.geojson and print its size."""
    municipalities = gpd.read_file(DATA / "municipalities.geojson").to_crs("EPSG:3067")
    surroundings = shapely.box(*municipalities.total_bounds).buffer(
        SURROUNDINGS, join_style="mitre"
    )

    parts = gpd.GeoSeries(shapely.get_parts(water(shorelines())), crs="EPSG:4326")
    lakes = parts.to_crs("EPSG:3067").intersection(surroundings).explode(ignore_index=True)
    lakes = lakes[lakes.geom_type.eq("Polygon") & lakes.area.gt(SMALLEST_LAKE * 1e6)]
    lakes = lakes.map(without_small_islands).set_crs("EPSG:3067")
    lakes = lakes.simplify(TOLERANCE).to_crs("EPSG:4326")
    lakes = gpd.GeoSeries(shapely.set_precision(lakes.to_numpy(), DECIMALS), crs="EPSG:4326")
    lakes = lakes[~lakes.is_empty]

    lakes = lakes.loc[lakes.to_crs("EPSG:3067").area.sort_values(ascending=False).index]
    path = DATA / "lakes.geojson"
    path.unlink(missing_ok=True)
    gpd.GeoDataFrame(geometry=lakes).to_file(
        path, driver="GeoJSON", COORDINATE_PRECISION=4, RFC7946="YES"
    )
    print(f"{len(lakes)} lakes, {path.stat().st_size / 1000:.0f} kB")  # noqa: T201


if __name__ == "__main__":
    main()
