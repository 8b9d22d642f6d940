"""Damaged files of every kind: one clear error, or good rows, but never an exception."""

import json

import geopandas as gpd
import numpy as np
import pytest

from kiertokylat.words import LANGUAGES
from tests.ingest.files import File, answer, csv, read, record, workbook, zipped

ROWS = (
    "Yritys;Y-tunnus;Kunta;Materiaali;EWC;Määrä (t/v);Suunta",
    "Ässä Koesaha Oy;1234567-1;Jyväskylä;Sahanpuru;03 01 05;1 234,5;tarjoaa",
    "Koepanimo Oy;;Laukaa;Mäski;02 07 04;;tarvitsee",
)


def geopackage(folder) -> File:
    layer = gpd.GeoDataFrame(
        {"name": ["A", "B"], "material": ["glass", "bark"]},
        geometry=gpd.points_from_xy([25.9, 25.7], [62.4, 62.2]),
        crs="EPSG:4326",
    )
    layer.to_file(folder / "alue.gpkg")
    return "alue.gpkg", (folder / "alue.gpkg").read_bytes()


KINDS = {
    "csv": lambda _: csv(*ROWS),
    "xlsx": lambda _: workbook(a=[row.split(";") for row in ROWS]),
    "gpkg": geopackage,
    "answer": lambda _: answer(record(), record()),
    "zip": lambda _: zipped(a=json.dumps([record()] * 20).encode()),
}


def damaged(content: bytes, random: np.random.Generator) -> bytes:
    """The beginning of a file, or the whole of it with some bytes changed."""
    if random.random() < 0.2:
        return content[: random.integers(len(content))]
    changed = np.frombuffer(content, dtype=np.uint8).copy()
    places = random.integers(len(content), size=random.choice([1, 3, 20, 200]))
    changed[places] = random.integers(256, size=len(places))
    return changed.tobytes()


@pytest.mark.parametrize("kind", KINDS)
def test_damage_never_raises(kind, tmp_path):
    name, content = KINDS[kind](tmp_path)
    random = np.random.default_rng(20_261_124)
    failures = 0
    for _ in range(40):
        result = read((name, damaged(content, random)))
        broken = [p for p in result.problems if p.row is None and p.severity == "error"]
        assert [
            problem.line(language) for problem in result.problems for language in LANGUAGES
        ] or (len(result.companies))
        if broken:
            failures += 1
            assert len(result.problems) == 1
            assert result.companies.empty
            assert result.flows.empty
    assert failures, "the damage was too small to notice"
