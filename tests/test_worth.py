"""What a candidate is worth, in words: verdict, shares, distances, origins."""

import math
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiertokylat import impact, reference
from kiertokylat.assumptions import Assumptions, FactorEdit
from kiertokylat.worth import (
    break_even_range,
    decisive,
    far,
    missing,
    origins,
    per_tonne,
    verdict,
    worth,
)
from tests.test_impact import ROUND, SIZED, amounts, assessed


def said(assumptions=ROUND, language="fi", **changes):
    """All sentences of one pair, with plain spaces."""
    sentences = worth(assessed(assumptions, **changes), assumptions, language)
    return [sentence.replace("\u00a0", " ") for sentence in sentences]


def test_a_result_whose_sign_depends_on_the_range_says_on_what():
    # 3 400 (−400…14 400) EUR and 0.3 (−0.4…1.6) t CO2e as in test_impact. Widths, EUR/t: fee 20,
    # price 30, treatment 15, loading 3, freight 20 km · 0.3 = 6; kg CO2e/t: avoided 7, transport 3.
    assert said() == [
        "Kannattavuus euroissa riippuu oletuksista: tulos on 3 400 €/v, mutta vaihteluväli "
        "−400…14 000 ulottuu nollan molemmin puolin. Eniten ratkaisee korvattavan raaka-aineen "
        "hinta: 30 €/t (20…50).",
        "Luovuttajan osuus on säästyvä jätemaksu, 20 €/t (10…30).",
        # 30 − 10; lowest 20 − 20, highest 50 − 5
        "Vastaanottajan osuus on 20 €/t (0…45): korvattavan raaka-aineen hinnasta 30 €/t (20…50) "
        "vähennetään käsittely 10 €/t (5…20).",
        "Kuormaus maksaa 2 €/t (1…4). Kuljetus 20 km maanteitse maksaa 4 €/t (2…8). Yritykset "
        "sopivat, kumpi ne maksaa.",
        "Hyöty päästöissä riippuu oletuksista: vältettyjä on 0,3 t CO₂e/v, mutta vaihteluväli "
        "−0,4…1,6 ulottuu nollan molemmin puolin. Eniten ratkaisee: vältetyt päästöt, "
        "5 kg CO₂e/t (2…9).",
        "Materiaalin käyttö välttää päästöjä 5 kg CO₂e/t (2…9), ja kuljetus 20 km maanteitse "
        "aiheuttaa niitä 2 kg CO₂e/t (1…4).",
        # 38 / 0.2; (10 + 20 − 20 − 4) / 0.4; (30 + 50 − 5 − 1) / 0.1
        "Kannattavuusraja euroissa on 190 km maanteitse (15 km…740 km). Näiden yritysten väli, "
        "20 km, on sitä lyhyempi.",
        # 5 / 0.1; 2 / 0.2; 9 / 0.05
        "Kannattavuusraja päästöissä on 50 km maanteitse (10 km…180 km). Näiden yritysten väli, "
        "20 km, on sitä lyhyempi.",
        "Lukujen alkuperä (säästyvä jätemaksu, korvattavan raaka-aineen hinta, käsittelyn hinta, "
        "kuormauksen hinta, kuljetuksen hinta, vältetyt päästöt, kuljetuksen päästöt): käyttäjän "
        "itse antama arvo.",
    ]


def test_a_gain_over_the_whole_range():
    # low (10 + 20 − 20 − 4 − 5 · 0.4) · 50 = 200; best (38 − 5 · 0.2) · 100 = 3 700;
    # high (74 − 5 · 0.1) · 200 = 14 700
    text = said(road_km=5.0)[0]
    assert text.startswith("Vaihto kannattaa euroissa koko vaihteluvälillä: yhteinen hyöty on")
    assert "3 700 €/v (200…15 000)" in text


def test_a_loss_over_the_whole_range_is_told_with_its_numbers():
    # low (6 − 1000 · 0.4) · 200 = −78 800; best (38 − 200) · 100; high (74 − 100) · 50 = −1 300
    sentences = said(road_km=1000.0)
    assert sentences[0] == (
        "Vaihto ei kannata euroissa edes parhaassa tapauksessa: tulos on −16 000 €/v "
        "(−79 000…−1 300)."
    )
    # best (5 − 100) · 100 kg = −9.5 t
    assert any("Päästöt eivät vähene" in s and "−9,5 t CO₂e/v" in s for s in sentences)
    assert sum("on sitä pidempi" in s for s in sentences) == 2


def test_what_is_missing_is_named_in_both_languages():
    unknown = FactorEdit("concrete", "", "price", math.nan, math.nan, math.nan)
    without = replace(ROUND, edits=(*ROUND.edits, unknown))
    nobody = dict.fromkeys(("tonnes_low", "tonnes", "tonnes_high"), math.nan)
    sentences = said(without, **nobody)
    assert sentences[0] == (
        "Hyötyä euroissa ei voi arvioida, koska ei tiedetä: korvattavan raaka-aineen hinta, määrä."
    )
    assert not any(
        s.startswith(("Vastaanottajan osuus", "Kannattavuusraja eur")) for s in sentences
    )
    assert not any(s.startswith("Lukujen alkuperä") and "korvattavan" in s for s in sentences)
    english = said(without, "en", **nobody)
    assert english[0].endswith("Not known: price of what is replaced, the amount.")
    # The emissions of a tonne are known, so are the kilometres: only the amount is missing.
    assert any(s.endswith("Not known: the amount.") for s in english)
    assert any(s.startswith("The break-even distance in emissions is 50 km") for s in english)


def test_the_vehicle_that_decides_is_named_with_its_distances():
    few = said(SIZED, **amounts(100.0))
    assert (
        "Kuljetus on laskettu pienten erien ajoneuvolla (kuorma-auto), koska määrä on alle 504 t/v."
    ) in few
    # 38 / 0.39 = 97.4; 6 / 0.7 = 8.57; 74 / 0.25 = 296; 5 / 0.26 = 19.2; 2 / 0.456; 9 / 0.209
    assert any("euroissa on 97 km maanteitse (8,6 km…300 km)" in s for s in few)
    assert any("päästöissä on 19 km maanteitse (4,4 km…43 km)" in s for s in few)
    assert any("20 km, on sitä pidempi" in s for s in few)
    many = said(SIZED, **amounts(1000.0))
    assert (
        "Kuljetus on laskettu täysinä kuormina (täysperävaunuyhdistelmä), koska määrä on vähintään "
        "504 t/v."
    ) in many
    assert any("euroissa on 190 km maanteitse (15 km…740 km)" in s for s in many)
    nobody = said(SIZED, "en", **amounts(math.nan))
    assert any(
        s.startswith(
            "Transport is reckoned as full loads (truck with full trailer), for the amount"
        )
        for s in nobody
    )
    english = said(SIZED, "en", **amounts(100.0))
    assert any(s.endswith("(rigid truck), for the flow is below 504 t/a.") for s in english)


def test_the_origin_of_freight_is_that_of_the_vehicle():
    vehicles = reference.vehicles()
    for tonnes, key in ((100.0, "rigid"), (1000.0, "combination"), (math.nan, "combination")):
        found = origins(assessed(SIZED, **amounts(tonnes)), Assumptions())
        for part in ("freight", "transport"):
            expected = [vehicles["status"][key], vehicles["source"][key], ""]
            assert found.loc[part].tolist() == expected
    # Own figures are those of full loads.
    few, many = (origins(assessed(SIZED, **amounts(t)), SIZED) for t in (100.0, 1000.0))
    assert few.loc["freight", "status"] == vehicles["status"]["rigid"]
    assert many.loc["freight", "status"] == "edited"


def test_no_distance_is_told_beyond_a_thousand_kilometres():
    texts = [far(km, "fi").replace("\u00a0", " ") for km in (0, 84.4, 1000, 1000.1, math.inf)]
    assert texts == ["0 km", "84 km", "1 000 km", "yli 1 000 km", "yli 1 000 km"]
    assert far(25_000, "en") == "over 1,000\u00a0km"
    assert far(math.nan, "en") == "not known"
    # 38 / 0.01 = 3 800; 6 / 0.05 = 120; 74 / 0.001
    cheap = replace(ROUND, freight_eur_tkm=(0.001, 0.01, 0.05))
    assert any("on yli 1 000 km maanteitse (120 km…yli 1 000 km)." in s for s in said(cheap))
    cheaper = replace(ROUND, freight_eur_tkm=(0.001, 0.001, 0.001))
    assert any("euroissa on yli 1 000 km maanteitse. Näiden" in s for s in said(cheaper))


def test_a_material_without_any_factor_is_told():
    row = assessed(material="unheard_of")
    (sentence,) = worth(row, ROUND, "fi")
    assert sentence.startswith("Euroja ja päästöjä ei voi arvioida")


def test_uses_that_never_pay_and_transport_that_takes_nothing():
    useless = replace(ROUND, loading_eur_t=(100, 100, 100))
    assert "Parhailla arvoilla laskien tämä käyttö ei kannata euroissa millään matkalla." in said(
        useless
    )
    free = replace(ROUND, freight_eur_tkm=(0, 0, 0), transport_kg_tkm=(0, 0, 0))
    text = " ".join(said(free))
    assert "kuljetus ei maksa mitään" in text
    assert "kuljetus on päästötön" in text


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.1, 5, "pays"),
        (0, 5, "depends"),
        (-1, 5, "depends"),
        (-1, 0, "loses"),
        (-5, -1, "loses"),
        (0, 0, "loses"),
        (math.nan, 1, "unknown"),
        (1, math.nan, "unknown"),
    ],
)
def test_verdicts(low, high, expected):
    assert verdict(low, high) == expected


prices = st.lists(st.integers(0, 60), min_size=3, max_size=3).map(sorted)


@settings(max_examples=30, deadline=None)
@given(prices, prices, prices, st.sampled_from([100.0, 1000.0, math.nan]))
def test_break_even_ranges_hold_the_best_value_of_the_candidate(fee, price, freight, tonnes):
    per_km = tuple((value + 1) / 100 for value in freight)
    edits = (
        FactorEdit("concrete", "", "disposal", *fee),
        FactorEdit("concrete", "", "price", *price),
    )
    changed = replace(SIZED, freight_eur_tkm=per_km, edits=(*ROUND.edits, *edits))
    row = assessed(changed, **amounts(tonnes))
    parts = impact.breakdown(row, changed)
    for figure in ("eur", "co2e"):
        low, best, high = break_even_range(parts, figure, changed)
        assert low <= best <= high
        assert best == pytest.approx(row[f"breakeven_{figure}_km"])
    widths = parts["unit_high"] - parts["unit_low"]
    assert widths[decisive(parts, "eur")] == widths[:"freight"].max()
    assert missing(row, parts, "eur") == (["amount"] if math.isnan(tonnes) else [])


def test_origins_follow_the_row_that_counts():
    table = reference.factors()
    for row in table[table["best"].notna()].itertuples(index=False):
        candidate = pd.Series({"material": row.material, "route": row.route, "tonnes": 1.0})
        part = "avoided" if row.item == "co2e" else row.item
        found = origins(candidate, Assumptions()).loc[part]
        assert (found["status"], found["year"]) == (row.status, row.year)


def test_a_route_without_a_row_of_its_own_has_the_general_origin():
    edit = FactorEdit("concrete", "", "disposal", 1, 2, 3)
    table = reference.factors()
    named = set(table.query("material == 'concrete' and item == 'disposal'")["route"])
    candidate = pd.Series({"material": "concrete", "route": "energy", "tonnes": 504.0})
    assert "energy" not in named
    found = origins(candidate, Assumptions(edits=(edit,)))
    assert found.loc["disposal"].tolist() == ["edited", "", ""]
    assert found.loc["freight", "source"] == reference.vehicles().loc["combination", "source"]
    assert found.loc["loading", "status"] == "assumption"


def test_parts_of_one_origin_share_a_sentence():
    row = assessed(Assumptions(), route="earthworks")
    found = origins(row, Assumptions())
    sentences = [s for s in worth(row, Assumptions(), "en") if s.startswith("Where the numbers")]
    assert len(sentences) == len(found[found["status"] != "missing"].drop_duplicates())
    assert sum("cost of freight, emissions of transport" in s for s in sentences) == 1
    for source in set(found["source"]) - {""}:
        assert any(source in s for s in sentences)


def test_no_minus_stands_before_zero():
    assert per_tonne(-2.0, -0.0, -0.0, "eur", "fi") == "0\u00a0€/t (−2…0)"
    assert per_tonne(-0.0, -0.0, -0.0, "co2e", "en") == "0\u00a0kg\u00a0CO₂e/t"
