"""Amounts in everyday words, worked by hand: payloads 25 t (semi), 42 t (combination), 12 t."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiertokylat.loads import PALLET_T, Amount, explained, read, read_as, tonnes_of
from kiertokylat.words import LANGUAGES


@pytest.mark.parametrize(
    ("text", "low", "best", "high", "notes"),
    [
        # A lorry: 25 to 42 t, in the middle 33,5. 12 months: 12 × 25 = 300, 12 × 33,5 = 402, 504.
        ("rekka-autollinen kuussa", 300, 402, 504, ("amount_lorry",)),
        ("Rekallinen kuukaudessa", 300, 402, 504, ("amount_lorry",)),
        ("a lorry a month", 300, 402, 504, ("amount_lorry",)),
        # 3 × 25 × 52 = 3900, 3 × 33,5 × 52 = 5226, 3 × 42 × 52 = 6552.
        ("3 rekkaa viikossa", 3900, 5226, 6552, ("amount_lorry",)),
        ("kolme rekkaa viikossa", 3900, 5226, 6552, ("amount_lorry",)),
        ("joka viikko 3 rekkaa", 3900, 5226, 6552, ("amount_lorry",)),
        # 2 × 25 × 52 = 2600, 2,5 × 33,5 × 52 = 4355, 3 × 42 × 52 = 6552.
        ("2–3 rekkaa viikossa", 2600, 4355, 6552, ("amount_lorry",)),
        # Half a year of weeks: 25 × 26 = 650, 33,5 × 26 = 871, 42 × 26 = 1092.
        ("rekka joka toinen viikko", 650, 871, 1092, ("amount_lorry",)),
        # 12 × 52 = 624.
        ("kuorma-autollinen viikossa", 624, 624, 624, ("amount_vehicle_rigid",)),
        ("puoliperävaunullinen vuodessa", 25, 25, 25, ("amount_vehicle_semi",)),
        ("2 täysperävaunua vuodessa", 84, 84, 84, ("amount_vehicle_combination",)),
        ("lavallinen", *PALLET_T, ("amount_pallet", "amount_year")),
        # 0,2 × 52 = 10,4; 0,5 × 52 = 26; 1 × 52 = 52.
        ("kuormalavallinen viikossa", 10.4, 26, 52, ("amount_pallet",)),
        ("20 tonnia vuodessa", 20, 20, 20, ()),
        ("20 t/a", 20, 20, 20, ()),
        ("noin 1,5 t/kk", 18, 18, 18, ()),
        ("10 000 kg kuussa", 120, 120, 120, ()),
        ("500 kg", 0.5, 0.5, 0.5, ("amount_year",)),
        ("100–200 kg vuodessa", 0.1, 0.15, 0.2, ()),
        ("pari tonnia vuodessa", 2, 2, 2, ()),
        # 250 working days, or all 365.
        ("tonni päivässä", 250, 250, 365, ("amount_days",)),
        ("5 000 000 t/a", 5e6, 5e6, 5e6, ()),
        ("0–3 t vuodessa", 0, 1.5, 3, ()),
    ],
)
def test_everyday_amounts(text, low, best, high, notes):
    assert read(text) == Amount(pytest.approx((low, best, high)), notes)
    assert tonnes_of(text) == pytest.approx((low, best, high))


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("40 m3", "ask_volume"),
        ("40 m³ vuodessa", "ask_volume"),
        ("10 kuutiota viikossa", "ask_volume"),
        ("200 litraa", "ask_volume"),
        ("lava viikossa", "ask_skip"),  # a pallet or a skip
        ("2 vaihtolavaa kuussa", "ask_skip"),
        ("3 kuormaa", "ask_load"),
        ("20", "ask_bare"),
        ("5 vuodessa", "ask_bare"),
        ("0 t", "ask_zero"),
        ("0 rekkaa kuussa", "ask_zero"),
        ("paljon", "ask_unit"),
        ("muutama rekka", "ask_unit"),  # nobody knows how many
        ("3 rekkaa ja 2 lavaa", "ask_unit"),
        ("-5 t", "ask_unit"),
        ("6 000 000 t", "ask_unit"),
        ("3 rekkaa viikossa kesällä", "ask_unit"),
    ],
)
def test_what_is_not_known_is_asked_for(text, question):
    assert read(text) == Amount(None, (question,))
    assert tonnes_of(text) is None


def test_nothing_said_asks_nothing():
    for text in ("", "  ", "?", "ei tiedossa"):
        assert read(text) == Amount(None, ())


def test_the_assumption_is_said_with_its_numbers():
    (lorry,) = explained(read("3 rekkaa viikossa"), "fi")
    assert "25 tonnista (puoliperävaunu) 42 tonniin" in lorry
    assert "keskikohta (oletus)" in lorry
    (rigid,) = explained(read("kuorma-autollinen viikossa"), "en")
    assert rigid.startswith("Rigid truck: payload 12 t")
    pallet, year = explained(read("lavallinen"), "fi")
    assert pallet == "Kuormalavallinen: 0,2–1 t, tavallisesti 0,5 t (oletus ilman lähdettä)."
    assert "vuodessa" in year
    (days,) = explained(read("1 t päivässä"), "fi")
    assert "250–365" in days


@pytest.mark.parametrize(
    ("said", "tonnes", "told"),
    [
        ("20 t/v", (20, 20, 20), ""),
        ("1000 t/v", (1000, 1000, 1000), ""),
        ("20 t/a", (20, 20, 20), ""),  # written in English, read in Finnish
        ("20 t", (20, 20, 20), "20 t/v"),  # a year was assumed
        ("", (20, 20, 20), "20 t/v"),
        ("rekka kuussa", (300, 402, 504), "400 t/v (300–500)"),
        ("paljon", (float("nan"),) * 3, ""),
    ],
)
def test_an_amount_is_told_once_where_the_words_say_the_same(said, tonnes, told):
    assert read_as(said, tonnes, "fi").replace("\u00a0", " ") == told


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_read_or_asked_about(text):
    amount = read(text)
    assert (amount.tonnes is None) or amount.tonnes == tuple(sorted(amount.tonnes))
    for language in LANGUAGES:
        assert len(explained(amount, language)) == len(amount.notes)
