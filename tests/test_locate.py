"""Companies to points."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree

from kiertokylat import reference
from kiertokylat.locate import SPACING, locate, municipality_at, to_degrees, to_metres

CODES = sorted(reference.municipalities().index)
POSTAL = reference.postal_codes()


def companies(*rows: tuple[str, str, str, float, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["id", "municipality", "postal_code", "x", "y"])


def crowd(count: int, municipality: str, postal_code: str = "") -> pd.DataFrame:
    nan = float("nan")
    return companies(*((f"c{n:05}", municipality, postal_code, nan, nan) for n in range(count)))


def closest_pair(points: pd.DataFrame) -> float:
    return cKDTree(points[["x", "y"]]).query(points[["x", "y"]], k=2)[0][:, 1].min()


def test_the_best_known_place_wins():
    nan = float("nan")
    given_point = to_metres(25.5, 62.5)
    table = companies(
        ("a", "892", "41230", *map(float, given_point)),
        ("b", "892", "41230", nan, nan),
        ("c", "892", "", nan, nan),
        ("d", "892", "40100", nan, nan),  # a postal code of another municipality
        ("e", "892", "99999", nan, nan),  # an unknown one
        ("f", "892", "41230", float(given_point[0]), nan),  # half a point is none
    )
    located = locate(table)
    assert located["precision"].tolist() == [
        "exact",
        "postal",
        "municipality",
        "municipality",
        "municipality",
        "postal",
    ]
    assert located.loc[0, ["x", "y"]].tolist() == [float(value) for value in given_point]

    x, y = to_metres(POSTAL.loc["41230", "lon"], POSTAL.loc["41230", "lat"])
    assert np.hypot(located.loc[1, "x"] - x, located.loc[1, "y"] - y) < SPACING
    uurainen = reference.municipalities().loc["892"]
    x, y = to_metres(uurainen["centre_lon"], uurainen["centre_lat"])
    assert np.hypot(located.loc[2, "x"] - x, located.loc[2, "y"] - y) < SPACING


def test_coordinates_stay_as_they_are_even_outside():
    table = companies(("a", "179", "40100", 1.0, 2.0), ("b", "179", "", 435_000.0, 6_901_000.0))
    located = locate(table)
    pd.testing.assert_frame_equal(located[["x", "y"]], table[["x", "y"]])
    assert located["precision"].tolist() == ["exact", "exact"]


def test_an_unknown_municipality_has_no_point():
    located = locate(crowd(2, "091"))
    assert located[["x", "y"]].isna().all(axis=None)
    assert located["precision"].tolist() == ["municipality", "municipality"]


def test_no_companies():
    located = locate(crowd(3, "179").iloc[:0])
    assert list(located.columns) == ["x", "y", "precision"]
    assert located.empty


def test_the_index_is_kept():
    table = crowd(3, "500").set_index(pd.Index([7, 3, 5]))
    assert locate(table).index.tolist() == [7, 3, 5]


@pytest.mark.parametrize("code", CODES)
def test_a_crowd_keeps_its_distance_inside_the_municipality(code):
    located = locate(crowd(400, code))
    assert closest_pair(located) >= SPACING - 1
    assert set(municipality_at(located["x"], located["y"])) == {code}


def test_a_crowd_that_does_not_fit_moves_together():
    located = locate(crowd(12_000, "500"))  # Muurame has room for about 3,600
    assert closest_pair(located) >= SPACING / 4
    assert set(municipality_at(located["x"], located["y"])) == {"500"}


def test_a_postal_centre_outside_its_polygon_is_moved_inside():
    located = locate(crowd(30, "179", "41161"))
    assert set(located["precision"]) == {"postal"}
    assert set(municipality_at(located["x"], located["y"])) == {"179"}


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(CODES), st.sampled_from(["", "40100", "44100", "43100"])),
        min_size=1,
        max_size=40,
    ),
    st.randoms(use_true_random=False),
)
def test_the_order_of_rows_does_not_matter(places, random):
    nan = float("nan")
    table = companies(*((f"c{n}", *place, nan, nan) for n, place in enumerate(places)))
    order = list(table.index)
    random.shuffle(order)
    pd.testing.assert_frame_equal(locate(table.loc[order]).loc[table.index], locate(table))


def test_municipality_at_outside_and_unknown():
    x, y = to_metres([24.9384, 25.7457], [60.1699, 62.2394])  # Helsinki, Jyväskylä
    found = municipality_at([*x, np.nan, 0.0], [*y, 6.9e6, np.nan])
    assert found.tolist() == ["", "179", "", ""]
    assert municipality_at([], []).tolist() == []


def test_metres_are_those_of_the_national_grid():
    # The central meridian of ETRS-TM35FIN is 27° E, its false easting 500 km; scale 0.9996.
    x, _ = to_metres(27.0, 62.0)
    assert float(x) == pytest.approx(500_000, abs=1e-3)
    _, north = to_metres([27.0, 27.0], [62.0, 63.0])
    # A degree of the meridian at 62.5° N is 111.46 km (GRS 80).
    assert north[1] - north[0] == pytest.approx(111_460 * 0.9996, abs=30)


@given(
    st.floats(min_value=19, max_value=32, allow_nan=False),
    st.floats(min_value=59, max_value=70, allow_nan=False),
)
def test_degrees_return(lon, lat):
    back_lon, back_lat = to_degrees(*to_metres(lon, lat))
    assert float(back_lon) == pytest.approx(lon, abs=1e-8)
    assert float(back_lat) == pytest.approx(lat, abs=1e-8)


def test_no_number_gives_no_number():
    x, y = to_metres([25.0, np.nan, np.inf], [np.nan, 62.0, 62.0])
    assert np.isnan(x).all()
    assert np.isnan(y).all()
