"""Rebuilding the municipalities from files shaped like the official downloads."""

from itertools import combinations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely.ops import split

from kiertokylat import boundaries, reference
from kiertokylat.errors import InputError
from kiertokylat.words import LANGUAGES

PRESENT = reference.municipalities()


def neighbour() -> shapely.Polygon:
    """A municipality outside the region."""
    return shapely.box(27.5, 61.0, 28.0, 61.5)


def statistics_finland() -> gpd.GeoDataFrame:
    """The shape of the WFS layer kunta1000k, with one municipality too many."""
    rows = {
        "kunta": [*PRESENT.index, "491"],
        "vuosi": 2026,
        "nimi": [*PRESENT["name_fi"], "Mikkeli"],
        "namn": [*PRESENT["name_sv"], "S:t Michel"],
        "name": [*PRESENT["name_fi"], "Mikkeli"],
    }
    shapes = [*PRESENT.geometry, neighbour()]
    return gpd.GeoDataFrame(rows, geometry=shapes, crs="EPSG:4326").to_crs("EPSG:3067")


def land_survey() -> gpd.GeoDataFrame:
    """The shape of Kuntajako, with areas a square kilometre larger than the present ones."""
    rows = {
        "NATCODE": [*PRESENT.index, "491"],
        "NAMEFIN": [*PRESENT["name_fi"], "Mikkeli"],
        "NAMESWE": [*PRESENT["name_fi"], "S:t Michel"],
        "LANDAREA": [*(PRESENT["land_km2"] + 1), 2548.35],
        "FRESHWAREA": [*(PRESENT["water_km2"] + 1), 681.23],
    }
    shapes = [*PRESENT.geometry, neighbour()]
    return gpd.GeoDataFrame(rows, geometry=shapes, crs="EPSG:4326").to_crs("EPSG:3067")


def detailed(frame: gpd.GeoDataFrame, points: int) -> gpd.GeoDataFrame:
    """The same borders, wiggled, with about so many points: as a finer scale has them."""
    fine = frame.geometry.segmentize(frame.length.sum() / points)

    def wiggle(xy: np.ndarray) -> np.ndarray:
        return np.round(xy + 30 * np.sin(xy[:, ::-1] / 200), 2)

    return frame.set_geometry(fine.transform(wiggle))


def problem(file) -> boundaries.BoundaryProblem:
    with pytest.raises(InputError) as caught:
        boundaries.rebuild(file)
    found = caught.value.problem
    assert all(found.message(language) for language in LANGUAGES)
    assert found.line("en").startswith(file.name)
    return found


@pytest.mark.parametrize("suffix", ["geojson", "gpkg", "shp", "zip"])
@pytest.mark.parametrize("download", [statistics_finland, land_survey])
def test_round_trip(tmp_path, suffix, download):
    file = tmp_path / f"kunnat.{suffix}"
    if suffix == "zip":
        download().to_file(tmp_path / "kunnat.shp.zip", driver="ESRI Shapefile")
        (tmp_path / "kunnat.shp.zip").rename(file)
    else:
        download().to_file(file)
    rebuilt = boundaries.rebuild(file)

    assert list(rebuilt.columns) == list(PRESENT.columns)
    assert rebuilt.index.tolist() == PRESENT.index.tolist()
    assert rebuilt.index.name == "municipality"
    assert rebuilt.crs == PRESENT.crs
    kept = ["name_fi", "name_sv", "subregion", "population", "centre_lon"]
    assert rebuilt[kept].equals(PRESENT[kept])
    apart = rebuilt.geometry.to_crs(3067).hausdorff_distance(PRESENT.geometry.to_crs(3067))
    assert apart.max() < 2
    more = 1 if download is land_survey else 0
    assert rebuilt["land_km2"].tolist() == pytest.approx((PRESENT["land_km2"] + more).tolist())
    assert rebuilt["water_km2"].tolist() == pytest.approx((PRESENT["water_km2"] + more).tolist())


def test_sources_tell_what_came_from_the_download(tmp_path):
    file = tmp_path / "kuntajako.gpkg"
    land_survey().to_file(file)
    source = boundaries.rebuild(file).loc["179", "source"]
    origin = "National Land Survey of Finland, kuntajako.gpkg, CC BY 4.0"
    assert source.startswith(f"boundary: {origin}; population: Statistics Finland, 31.12.2024")
    assert f"area: {origin};" in source


def test_the_written_file_reads_back(tmp_path, monkeypatch):
    file = tmp_path / "kunnat.geojson"
    statistics_finland().to_file(file)
    rebuilt = boundaries.rebuild(file)
    path = boundaries.write(rebuilt, tmp_path / "municipalities.geojson")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["kunnat.geojson", path.name]

    monkeypatch.setattr(reference, "DATA", tmp_path)
    read = reference.municipalities.__wrapped__()
    assert (
        read.drop(columns="geometry")
        .astype(object)
        .equals(rebuilt.drop(columns="geometry").astype(object))
    )
    assert read.geometry.geom_equals(rebuilt.geometry).all()


def test_fine_borders_are_simplified_together(tmp_path):
    file = tmp_path / "kunta1000k.gpkg"
    detailed(statistics_finland(), 60_000).to_file(file)
    rebuilt = boundaries.rebuild(file)
    path = boundaries.write(rebuilt, tmp_path / "municipalities.geojson")
    assert 100_000 < path.stat().st_size <= 400_000
    assert rebuilt.is_valid.all()
    union = rebuilt.union_all()
    assert union.geom_type == "Polygon"
    assert len(union.interiors) == 0


def test_the_municipal_layer_is_found_among_others(tmp_path):
    file = tmp_path / "kuntajako.gpkg"
    region = land_survey().iloc[:1].assign(NATCODE="13", NAMEFIN="Keski-Suomi")
    region.to_file(file, layer="Maakunta")
    land_survey().rename(columns=str.lower).to_file(file, layer="Kunta")
    centres = land_survey()
    centres.set_geometry(centres.representative_point()).to_file(file, layer="Keskus")
    assert len(boundaries.rebuild(file)) == 22


def test_codes_may_be_numbers_or_carry_a_prefix(tmp_path):
    for name, code in (("number", int), ("prefix", "KU{}".format)):
        file = tmp_path / f"{name}.gpkg"
        frame = statistics_finland()
        frame.assign(kunta=frame["kunta"].map(code)).to_file(file)
        assert len(boundaries.rebuild(file)) == 22


def test_parts_on_several_rows_belong_together(tmp_path):
    file = tmp_path / "parts.gpkg"
    frame = statistics_finland()
    whole = frame.set_index("kunta").geometry["179"]
    corners = combinations(whole.exterior.coords[:-1], 2)
    cut = next(line for line in map(shapely.LineString, corners) if whole.contains(line))
    halves = list(split(whole, cut).geoms)
    rest = frame[frame["kunta"] != "179"]
    parts = gpd.GeoDataFrame({"kunta": ["179", "179"]}, geometry=halves, crs=frame.crs)
    pd.concat([rest, parts]).to_file(file)
    rebuilt = boundaries.rebuild(file)
    area = rebuilt.to_crs(3067).area["179"]
    assert area == pytest.approx(PRESENT.to_crs(3067).area["179"], rel=1e-3)


def test_missing_municipalities_are_named(tmp_path):
    file = tmp_path / "kunnat.gpkg"
    frame = statistics_finland()
    frame[~frame["kunta"].isin(["179", "500"])].to_file(file)
    found = problem(file)
    assert found.code == "missing"
    assert "Jyväskylä, Muurame" in found.message("fi")


@pytest.mark.parametrize("content", [b"", b"not spatial at all", b"PK\x03\x04broken"])
@pytest.mark.parametrize("name", ["a.geojson", "a.gpkg", "a.zip", "a.shp"])
def test_broken_files(tmp_path, name, content):
    file = tmp_path / name
    file.write_bytes(content)
    assert problem(file).code == "unreadable"


def test_no_such_file(tmp_path):
    assert problem(tmp_path / "none.gpkg").code == "unreadable"


def test_other_data(tmp_path):
    file = tmp_path / "other.geojson"
    statistics_finland()[["nimi", "geometry"]].to_file(file)
    assert problem(file).code == "no_municipalities"


def test_shapefile_without_projection(tmp_path):
    file = tmp_path / "kunnat.shp"
    statistics_finland().to_file(file)
    file.with_suffix(".prj").unlink()
    assert problem(file).code == "no_crs"


@pytest.mark.parametrize("shift", [-500, 500])
def test_borders_that_do_not_meet(tmp_path, shift):
    file = tmp_path / "kunnat.gpkg"
    frame = statistics_finland()
    moved = frame.geometry.where(frame["kunta"] != "500", frame.translate(xoff=shift))
    frame.set_geometry(moved).to_file(file)
    assert problem(file).code == "gaps"
