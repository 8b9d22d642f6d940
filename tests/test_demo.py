import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from scipy.spatial.distance import cdist

from kiertokylat import demo, reference, tables
from kiertokylat.estimate import estimate

FOLDER = Path(__file__).resolve().parent.parent / "data" / "demo"


@pytest.fixture(scope="module")
def companies() -> pd.DataFrame:
    return demo.companies()


@pytest.fixture(scope="module")
def flows() -> pd.DataFrame:
    return demo.flows()


def test_rebuilding_gives_the_committed_bytes(tmp_path):
    subprocess.run([sys.executable, str(FOLDER / "build.py"), str(tmp_path)], check=True)
    for name in ("companies.csv", "flows.csv"):
        assert (tmp_path / name).read_bytes() == (FOLDER / name).read_bytes(), name


def test_region_has_600_companies_in_every_municipality(companies):
    counts = companies["municipality"].value_counts()
    assert len(companies) == 600
    assert set(counts.index) == set(reference.municipalities().index)
    assert counts.min() >= 9
    assert counts["179"] / len(companies) == pytest.approx(0.4, abs=0.05)


def test_every_company_is_visibly_invented(companies):
    assert companies["name"].str.endswith(" (keksitty)").all()
    assert companies["name"].is_unique
    assert companies["business_id"].eq("").all()
    assert companies["source"].eq("demo").all()


def test_every_company_stands_in_its_municipality_on_dry_land(companies):
    points = gpd.GeoSeries.from_xy(companies["x"], companies["y"], crs="EPSG:3067")
    homes = reference.municipalities().geometry.to_crs("EPSG:3067")
    home = gpd.GeoSeries(homes.loc[companies["municipality"]].to_numpy(), crs="EPSG:3067")
    assert points.within(home).all()
    assert not points.within(reference.lakes().to_crs("EPSG:3067").union_all()).any()


def test_industries_and_sizes_look_like_the_region(companies):
    divisions = companies["nace"].str[:2]
    assert set(divisions) <= set(reference.divisions().index)
    for division in ("01", "02", "10", "16", "25", "28", "35", "38", "41", "43", "45", "56"):
        assert (divisions == division).sum() >= 5, division
    assert set(companies["nace"].str.len()) == {2, 3, 4, 5}
    assert set(companies["nace_edition"]) == {"2008", "2025"}
    micro = companies["employees"].lt(10).mean()
    assert 0.65 < micro < 0.9
    assert companies["employees"].max() <= 249
    assert 10 < companies["employees"].isna().sum() < 60
    assert companies["precision"].value_counts(normalize=True)["exact"] > 0.8
    assert set(companies["precision"]) == set(tables.PRECISIONS)


def test_about_two_companies_in_five_report(companies, flows):
    assert set(flows["company_id"]) <= set(companies["id"])
    assert flows["company_id"].nunique() / len(companies) == pytest.approx(0.4, abs=0.06)
    assert len(flows) >= 900
    assert flows["basis"].eq("reported").all()
    assert flows["source"].eq("demo").all()
    assert (flows["tonnes"] > 0).all()
    assert set(flows["continuity"]) == set(tables.CONTINUITIES)


def test_flows_name_known_materials_and_codes(flows):
    materials = reference.materials()
    assert set(flows["material"]) <= set(materials.index)
    assert set(materials["group"]) == set(materials.loc[flows["material"], "group"])
    assert set(flows["ewc"]) - {""} <= set(reference.waste_codes().index)
    out = flows["direction"] == "out"
    assert flows.loc[out, "ewc"].ne("").all()
    assert 0.2 < flows.loc[~out, "ewc"].eq("").mean() < 0.8


def test_every_municipality_has_an_offer_that_somebody_near_needs(companies, flows):
    places = companies.set_index("id")[["municipality", "x", "y"]]
    located = flows.join(places, on="company_id")
    matched = set()
    for _, rows in located.groupby("material"):
        out, need = rows[rows["direction"] == "out"], rows[rows["direction"] == "in"]
        if len(need):
            near = cdist(out[["x", "y"]], need[["x", "y"]]) < 50_000
            near &= out["company_id"].to_numpy()[:, None] != need["company_id"].to_numpy()
            matched |= set(out.loc[near.any(axis=1), "municipality"])
    assert matched == set(reference.municipalities().index)


def test_some_offers_have_no_taker(flows):
    by_direction = flows.groupby("direction")["material"].agg(set)
    assert {"bitumen_felt", "mineral_wool", "foundry_sand"} <= by_direction["out"] - (
        by_direction["in"]
    )


def test_the_others_get_estimates(companies, flows):
    found = estimate(companies, reference.coefficients(), flows)
    silent = set(companies["id"]) - set(flows["company_id"])
    assert len(silent & set(found["company_id"])) > 200
    tables.flows(pd.concat([flows, found], ignore_index=True))
