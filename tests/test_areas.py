"""Areas beside each other: worked by hand, and nothing hidden can be reckoned from the sums."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiertokylat import areas, brief_areas, guarded, reference, tables

PEOPLE = reference.municipalities()["population"]


def made_up(homes: dict[str, dict[str, float]], basis: str = "reported"):
    """Companies by municipality with what each has to give, t/a; nobody needs anything."""
    rows = [
        (f"{code}-{name}", code, t) for code, firms in homes.items() for name, t in firms.items()
    ]
    companies = pd.DataFrame(rows, columns=["id", "municipality", "tonnes"]).assign(nace="16")
    flows = pd.DataFrame({"id": "f" + companies["id"], "company_id": companies["id"]}).assign(
        direction="out", material="bark", ewc="", basis=basis
    )
    for name in ("tonnes_low", "tonnes", "tonnes_high"):
        flows[name] = companies["tonnes"]
    pairs = tables.candidates(tables.empty(tables.CANDIDATES))
    allocation = pd.DataFrame(
        {name: pd.Series(dtype="str") for name in ("supply_id", "demand_id", "from_company")}
    ).assign(tonnes=pd.Series(dtype=float))
    return companies, flows, pairs, allocation


def test_figures_by_hand() -> None:
    # Joutsa (172) and Luhanka (435) are a sub-region: 4,099 + 711 = 4,810 inhabitants in 2024.
    found = areas.by_area(
        *made_up({"172": {"a": 300, "b": 100}, "435": {"c": 81}, "179": {"d": 1000}}), public=False
    )
    figures = found.figures
    assert figures.loc["172", "companies"] == 2
    assert figures.loc["172", "per_thousand"] == pytest.approx(2000 / 4099)
    assert figures.loc["172", "each_t"] == pytest.approx(400 / 4099)
    assert figures.loc["132", "companies"] == 3
    assert figures.loc["132", "each_t"] == pytest.approx(481 / 4810)
    assert figures.loc[areas.REGION, "supply_t"] == 1481
    assert figures.loc[areas.REGION, "each_t"] == pytest.approx(1481 / PEOPLE.sum())
    assert figures.loc["132", "reported_share"] == 1
    assert figures.loc["132", "stated_share"] == 0
    assert np.isnan(figures.loc["256", "reported_share"])  # nothing is on offer there
    assert not found.hidden.any(axis=None)
    assert found.groups.loc["132", "wood_paper"] == 1
    assert found.groups.loc["256"].isna().all()


def test_the_share_reported_is_of_the_tonnes() -> None:
    companies, flows, *rest = made_up({"172": {"a": 300}, "435": {"b": 100}})
    flows["basis"] = ["reported", "estimated"]
    found = areas.by_area(companies, flows, *rest, public=False)
    assert found.figures.loc["132", "reported_share"] == 0.75


def test_a_sub_region_does_not_give_its_small_municipality_away() -> None:
    """Luhanka has one company: Joutsa's four and the sum of both would tell its tonnes."""
    homes = {"172": dict.fromkeys("abcd", 100.0), "435": {"e": 7.0}}
    homes |= {"179": dict.fromkeys("fghi", 100.0), "992": dict.fromkeys("jklm", 200.0)}
    found = areas.by_area(*made_up(homes), public=True)
    assert found.hidden.loc["435", "each_t"]
    # One more municipality is hidden; the sub-region is known only if that one lies in it.
    assert found.hidden.loc["172", "each_t"] or found.hidden.loc["132", "each_t"]
    assert found.figures["companies"].notna().all()  # how many companies is no secret
    shown = areas.by_area(*made_up(homes), public=False)
    assert not shown.hidden.any(axis=None)


def test_a_company_alone_hides_all_sums() -> None:
    found = areas.by_area(*made_up({"435": {"a": 5.0}}), public=True)
    assert found.hidden.loc[["435", "132", areas.REGION], "supply_t"].all()


def told(found: areas.Areas, table: pd.DataFrame) -> list[frozenset[str]]:
    """The sets of municipalities whose sums one knows, less what is shown of single ones."""
    places = reference.municipalities()
    known = set(found.figures.index[~found.hidden["supply_t"]])
    sets = []
    for area in [*places["subregion"].unique(), areas.REGION]:
        if area in known:
            inside = (
                places.index if area == areas.REGION else places.index[places["subregion"] == area]
            )
            sets.append(frozenset(code for code in inside if code not in known))
    return sets


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["172", "435", "249", "495", "182", "275", "992", "179"]),
        st.integers(1, 5),
        min_size=1,
    )
)
def test_no_difference_of_sums_rests_on_one_or_two_companies(counts: dict[str, int]) -> None:
    homes = {
        code: {str(place): 10.0 + place for place in range(count)} for code, count in counts.items()
    }
    some = made_up(homes)
    found = areas.by_area(*some, public=True)
    known = told(found, some[0])
    unions = set()
    for size in range(1, len(known) + 1):
        for chosen in itertools.combinations(known, size):
            # Sums of sub-regions may be added, and taken from the region's.
            union = frozenset().union(*chosen)
            unions |= {union, max(chosen, key=len) - frozenset().union(*chosen[:-1])}
    for rest in unions:
        companies = sum(counts.get(code, 0) for code in rest)
        assert companies == 0 or companies >= 3 or not rest


def test_a_municipality_that_is_its_sub_region_has_one_column_less() -> None:
    assert areas.compared("182") == ["182", areas.REGION]  # Jämsä
    assert areas.compared("172") == ["172", "132", areas.REGION]
    found = areas.by_area(*made_up({"182": {"a": 19116.0}}), public=False)
    assert "Jämsä 1," in brief_areas.sentence(found, "182", "fi")
    assert "on sama alue kuin Jämsä" in brief_areas.sentence(found, "182", "fi")
    assert brief_areas.table(found, "182", "fi").count("scope='col'") == 3


def test_the_table_says_what_is_hidden() -> None:
    found = areas.by_area(*made_up({"435": {"a": 5.0}}), public=True)
    html = brief_areas.table(found, "435", "fi")
    assert "<b>piilotettu</b>" in html
    assert "piilotettu" in brief_areas.sentence(found, "435", "fi")
    # Tonnes and tonnes an inhabitant of three areas; their shares are hidden too.
    assert brief_areas.hidden_cells(found, "435") == 12
    assert 'aria-label="Puu, paperi ja huonekalut 100' in html


def test_the_map_and_the_comparison_hide_the_same_municipalities() -> None:
    some = made_up(
        {"172": dict.fromkeys("abcd", 9.0), "435": {"e": 7.0}, "179": dict.fromkeys("fgh", 5.0)}
    )
    found = areas.by_area(*some, public=True)
    shown = guarded.by_municipality(*some, reference.municipalities().index, public=True)
    codes = reference.municipalities().index
    assert (found.hidden.loc[codes, "supply_t"] == shown.hidden["supply_t"]).all()
