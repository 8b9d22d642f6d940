"""The bundled geography: municipalities, lakes, postal codes."""

import geopandas as gpd
import pytest
import shapely

from kiertokylat import locate, reference

# Statistics Finland's classification of municipalities, region 13 (Central Finland).
NAMES = {
    "077": "Hankasalmi",
    "172": "Joutsa",
    "179": "Jyväskylä",
    "182": "Jämsä",
    "216": "Kannonkoski",
    "226": "Karstula",
    "249": "Keuruu",
    "256": "Kinnula",
    "265": "Kivijärvi",
    "275": "Konnevesi",
    "312": "Kyyjärvi",
    "410": "Laukaa",
    "435": "Luhanka",
    "495": "Multia",
    "500": "Muurame",
    "592": "Petäjävesi",
    "601": "Pihtipudas",
    "729": "Saarijärvi",
    "850": "Toivakka",
    "892": "Uurainen",
    "931": "Viitasaari",
    "992": "Äänekoski",
}


@pytest.fixture(scope="module")
def municipalities() -> gpd.GeoDataFrame:
    return reference.municipalities()


@pytest.fixture(scope="module")
def lakes_in_metres() -> gpd.GeoSeries:
    return reference.lakes().geometry.to_crs(locate.METRES)


def test_the_22_municipalities_have_their_codes_and_names(municipalities):
    assert municipalities["name_fi"].to_dict() == NAMES


def test_swedish_names_differ_for_two(municipalities):
    swedish = municipalities.loc[municipalities["name_fi"] != municipalities["name_sv"], "name_sv"]
    assert swedish.to_dict() == {"249": "Keuru", "410": "Laukas"}


def test_official_totals_of_the_region(municipalities):
    assert municipalities["population"].sum() == 274_112  # Statistics Finland, 31.12.2024
    assert municipalities["land_km2"].sum() == pytest.approx(16_042.57)  # NLS 2023
    assert municipalities["water_km2"].sum() == pytest.approx(2_969.46)  # NLS 2023
    assert set(municipalities["population_year"]) == {2024}


def test_land_and_water_make_the_total_of_the_survey(municipalities):
    total = municipalities["land_km2"] + municipalities["water_km2"]
    # NLS Kuntajako 2023, TOTALAREA.
    assert total[["179", "182", "500", "931"]].tolist() == pytest.approx(
        [1466.35, 1823.90, 194.06, 1589.18]
    )


def test_subregions_group_the_municipalities(municipalities):
    sizes = municipalities.groupby(["subregion", "subregion_en"]).size()
    assert sizes.to_dict() == {
        ("131", "Jyväskylä sub-region"): 7,
        ("132", "Joutsa sub-region"): 2,
        ("133", "Keuruu sub-region"): 2,
        ("134", "Jämsä sub-region"): 1,
        ("135", "Äänekoski sub-region"): 2,
        ("138", "Saarijärvi–Viitasaari sub-region"): 8,
    }


def test_polygons_are_valid_and_leave_no_gap(municipalities):
    polygons = municipalities.geometry
    assert polygons.is_valid.all()
    assert shapely.coverage_is_valid(polygons.to_numpy())
    union = polygons.union_all()
    assert union.geom_type == "Polygon"
    assert len(union.interiors) == 0


@pytest.mark.parametrize(
    ("one", "other", "touch"),
    [
        ("500", "179", True),  # Muurame lies inside the bend of Jyväskylä
        ("312", "226", True),
        ("256", "601", True),
        ("249", "179", False),  # Petäjävesi and Jämsä lie between
        ("601", "172", False),  # the northern and the southern end
    ],
)
def test_neighbours(municipalities, one, other, touch):
    polygons = municipalities.geometry
    assert polygons[one].touches(polygons[other]) == touch


def test_every_centre_lies_in_its_municipality(municipalities):
    x, y = locate.to_metres(municipalities["centre_lon"], municipalities["centre_lat"])
    assert locate.municipality_at(x, y).tolist() == municipalities.index.tolist()


def test_areas_of_the_polygons_are_near_the_official_ones(municipalities):
    drawn = municipalities.to_crs(locate.METRES).area / 1e6
    official = municipalities["land_km2"] + municipalities["water_km2"]
    assert ((drawn / official - 1).abs() < 0.11).all()  # 1:4 500 000 is that coarse
    assert drawn.sum() == pytest.approx(official.sum(), rel=0.01)


def test_every_row_names_its_sources(municipalities):
    for source in municipalities["source"]:
        assert [part.split(": ")[0] for part in source.split("; ")] == [
            "boundary",
            "population",
            "area",
            "centre",
        ]


def test_postal_codes_lie_in_their_municipality(municipalities):
    codes = reference.postal_codes()
    assert codes.index.is_unique
    assert codes.index.str.fullmatch(r"\d{5}").all()
    assert set(codes["municipality"]) == set(municipalities.index)
    assert codes["source"].str.startswith("GeoNames, CC BY 4.0").all()
    x, y = locate.to_metres(codes["lon"], codes["lat"])
    home = gpd.GeoSeries(codes["municipality"].map(municipalities.geometry), crs=locate.DEGREES)
    points = gpd.GeoSeries(gpd.points_from_xy(x, y), index=codes.index, crs=locate.METRES)
    # One of them, 41161 Tikkakoski, is 94 m outside the generalised polygon.
    assert points.distance(home.to_crs(locate.METRES)).max() < 100


def test_lakes_are_small_and_valid(lakes_in_metres):
    assert (reference.DATA / "lakes.geojson").stat().st_size <= 300_000
    assert reference.lakes().is_valid.all()
    assert (lakes_in_metres.area > 0.4e6).all()
    for one, other in zip(*lakes_in_metres.sindex.query(lakes_in_metres), strict=True):
        assert one == other or lakes_in_metres.iloc[one].intersection(
            lakes_in_metres.iloc[other]
        ).area == pytest.approx(0, abs=1e4)


@pytest.mark.parametrize(
    ("lon", "lat", "is_lake"),
    [
        (25.48, 61.65, True),  # Päijänne, the open middle
        (25.57, 61.70, False),  # an island in Päijänne
        (25.95, 62.87, True),  # Keitele
        (25.13, 63.10, True),  # Kivijärvi
        (24.71, 62.17, True),  # Keurusselkä
        (26.42, 62.62, True),  # Konnevesi
        (26.67, 61.80, True),  # Puula
        (25.7457, 62.2394, False),  # the centre of Jyväskylä
        (24.90, 62.70, False),  # forest in Saarijärvi
    ],
)
def test_the_known_lakes_are_there(lon, lat, is_lake):
    assert reference.lakes().intersects(shapely.Point(lon, lat)).any() == is_lake


def test_area_of_the_lakes_in_the_region(municipalities, lakes_in_metres):
    # GSHHG is generalised: most islands, and so about 15 % of the area, are land in truth.
    region = municipalities.geometry.to_crs(locate.METRES).union_all()
    drawn = lakes_in_metres.intersection(region).area.sum() / 1e6
    assert drawn == pytest.approx(municipalities["water_km2"].sum(), rel=0.2)
