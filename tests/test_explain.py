"""Explanations: what each rule says, and that nothing the tables know goes missing."""

import numpy as np
import pandas as pd
import pytest

from kiertokylat import reference, tables
from kiertokylat.assumptions import Assumptions
from kiertokylat.explain import explain
from kiertokylat.impact import assess
from kiertokylat.match import match
from kiertokylat.worth import worth

USES = pd.DataFrame(
    {
        "use": ["wood_clean-16-1", "waste_oil-38-1"],
        "material": ["wood_clean", "waste_oil"],
        "division": ["16", "38"],
        "use_fi": ["lastulevyn raaka-aine.", "puhdistus uudeksi öljyksi"],
        "use_en": ["raw material of chipboard.", "re-refining"],
        "substitutes_fi": ["tuore puu", "raakaöljy"],
        "substitutes_en": ["fresh wood", "crude oil"],
        "route": ["recycling", "recycling"],
        "treatment_fi": ["haketus", ""],
        "treatment_en": ["chipping", ""],
        "permit_fi": ["", "ympäristölupa"],
        "permit_en": ["", "environmental permit"],
        "evidence": ["A", "C"],
        "source": ["Example precedent 2020", ""],
    }
).set_index("use")
CODES = pd.DataFrame(
    {
        "ewc": ["030105", "130205"],
        "material": ["wood_clean", "waste_oil"],
        "name_fi": ["Sahanpuru", "Klooraamaton öljy"],
        "name_en": ["Sawdust", "Non-chlorinated oil"],
        "hazardous": [False, True],
    }
).set_index("ewc")


def company(key, x, nace, precision="exact"):
    row = {"id": key, "name": f"{key} {{Oy}} <b>", "business_id": "", "nace": nace}
    row |= {"nace_edition": "2025", "municipality": "179", "employees": np.nan}
    return row | {"x": x * 1000.0, "y": 0.0, "precision": precision, "source": "test"}


def flow(key, owner, direction, **given):
    row = {"id": key, "company_id": owner, "direction": direction, "ewc": "030105"}
    row |= {"material": "wood_clean", "tonnes_low": 1234.0, "tonnes": 1234.0, "tonnes_high": 1234.0}
    row |= {"continuity": "", "basis": "reported", "source": "kysely.xlsx", "note": ""}
    return row | given


ESTIMATE = {"basis": "estimated", "tonnes_low": 56.0, "tonnes": 123.0, "tonnes_high": 246.0}
OIL = {"material": "waste_oil", "ewc": "130205"}


def matched(flows, x=10.0, nace="16100", precision="exact"):
    """The only candidate, and the tables it was found in."""
    companies = tables.companies(
        pd.DataFrame([company("Tarjoaja", 0, "25620"), company("Ottaja", x, nace, precision)])
    )
    flows = tables.flows(pd.DataFrame(flows))
    hazardous = CODES.index[CODES["hazardous"]]
    found = match(companies, flows, USES, hazardous=hazardous)
    assert len(found) == 1
    return assess(found, Assumptions()).iloc[0], companies, flows


def said(flows, language="fi", **where):
    """All sentences of the only candidate, with plain spaces."""
    sentences = explain(*matched(flows, **where), USES, reference.materials(), CODES, language)
    return [sentence.replace("\u00a0", " ") for sentence in sentences]


def test_a_stated_need_in_finnish():
    flows = [flow("s", "Tarjoaja", "out"), flow("d", "Ottaja", "in", tonnes_high=2000)]
    value = worth(matched(flows)[0], Assumptions(), "fi")
    assert said(flows) == [
        "Ottaja {Oy} <b> on ilmoittanut tarvitsevansa materiaalia, jota Tarjoaja {Oy} <b> voi "
        "tarjota: puhdas puu.",
        "Jätenimike on 03 01 05, Sahanpuru.",
        "Mahdollinen käyttö: lastulevyn raaka-aine. Se korvaisi tämän: tuore puu. "
        "Hyödyntämisen tapa: kierrätys materiaalina.",
        "Käsittely ennen käyttöä: haketus.",
        "Samanlainen vaihto on jo toteutunut muualla. Lähde: Example precedent 2020.",
        "Tarjolla on 1 234 t/v. Luku on yrityksen ilmoittama. Lähde: kysely.xlsx.",
        "Tarve on 1 200 t/v (1 200–2 000). Luku on yrityksen ilmoittama. Lähde: kysely.xlsx.",
        "Yritysten välillä voisi siis liikkua enintään 1 234 t/v. Se on yläraja, ei lupaus.",
        "Välimatka on linnuntietä 10 km ja maanteitse arviolta 13 km. Tiematka on laskettu "
        "kertomalla linnuntie luvulla 1,3.",
        *(sentence.replace("\u00a0", " ") for sentence in value),
        "Kysy tarjoajalta (Tarjoaja {Oy} <b>): Kuinka puhdasta ja tasalaatuista se on? "
        "Syntyykö sitä tasaisesti, kausittain vai vain kerran?",
        "Kysy vastaanottajalta (Ottaja {Oy} <b>): Millaista materiaalin pitää olla, jotta se "
        "kelpaa?",
    ]


def test_a_need_known_from_the_industry_in_english():
    sentences = said([flow("s", "Tarjoaja", "out", **ESTIMATE)], "en", precision="municipality")
    division = reference.divisions().loc["16", "name_en"]
    assert sentences[0] == (
        "Tarjoaja {Oy} <b> can offer a material that the receiver’s industry uses: clean wood. "
        f"The industry is 16 {division}. Ottaja {{Oy}} <b> itself has not reported a need."
    )
    text = " ".join(sentences)
    assert "On offer, as an estimate: 120 t/a (56–250)." in text
    assert "nobody has asked the company" in text
    assert "How much the receiver needs is not known." in text
    assert "located by its municipality only" in text
    assert "How much of the material is there in a year?" in text
    assert "Do you use such a material" in text


def test_the_receivers_estimated_and_registered_needs_say_so():
    supply = flow("s", "Tarjoaja", "out")
    estimated = said([supply, flow("d", "Ottaja", "in", **ESTIMATE)])
    assert "todennäköisesti tarvitsee" in estimated[0]
    assert any(s.startswith("Tarve on arviolta 120 t/v (56–250).") for s in estimated)
    registered = said([supply, flow("d", "Ottaja", "in", basis="register")])
    assert registered[0].startswith("Rekisteritietojen mukaan")


def test_hazardous_waste_names_permits_and_asks_for_them():
    sentences = said([flow("s", "Tarjoaja", "out", **OIL)], nace="38120")
    assert "Luvat: ympäristölupa." in sentences
    assert any(s.startswith("Jäte on vaarallista.") for s in sentences)
    assert sentences[-1].endswith("Salliiko lupanne tämän materiaalin vastaanoton?")
    assert "Käyttö on asiantuntija-arvio, jota ei ole vielä tarkistettu." in sentences


def test_waste_without_a_code_is_asked_about_where_its_material_can_be_hazardous():
    asked = "Selvitä, onko jäte vaarallista: silloin tarvitaan lupa."
    assert asked in said([flow("s", "Tarjoaja", "out", **OIL | {"ewc": ""})], nace="38120")
    assert asked not in said([flow("s", "Tarjoaja", "out", **OIL)], nace="38120")  # it is: said so
    assert asked not in said([flow("s", "Tarjoaja", "out", ewc="")])


def test_what_nobody_knows_is_said():
    nothing = dict.fromkeys(("tonnes_low", "tonnes", "tonnes_high"), np.nan)
    sentences = said(
        [
            flow("s", "Tarjoaja", "out", ewc="200138", **nothing),
            flow("d", "Ottaja", "in", **nothing),
        ],
        x=0.0,
        nace="",
        precision="postal",
    )
    assert any("20 01 38" in s and "tarkista, onko jäte vaarallista" in s for s in sentences)
    assert "Tarjolla oleva määrä ei ole tiedossa." in sentences
    assert "Vastaanottajan tarve ei ole tiedossa." in sentences
    assert not any("enintään" in s for s in sentences)
    assert any(s.startswith("Ohjelmassa ei ole tietoa siitä, mihin") for s in sentences)
    assert "Yritykset ovat kartalla samassa paikassa." in sentences
    assert any("vain postinumeron perusteella" in s for s in sentences)


def test_only_what_is_missing_is_asked():
    answered = {"note": "puhdasta", "continuity": "seasonal"}
    steady = {"note": "kuivaa", "continuity": "continuous"}
    sentences = said(
        [flow("s", "Tarjoaja", "out", **answered), flow("d", "Ottaja", "in", **steady)]
    )
    assert sentences[-1] == (
        "Kysy tarjoajalta (Tarjoaja {Oy} <b>): Voiko sitä varastoida niin, että se riittää "
        "tasaiseen tarpeeseen?"
    )
    sentences = said(
        [
            flow("s", "Tarjoaja", "out", note="puhdasta", continuity="continuous"),
            flow("d", "Ottaja", "in", **steady),
        ]
    )
    assert sentences[-1].endswith("Kuka hoitaa kuljetuksen ja paljonko se saa maksaa?")


@pytest.mark.parametrize("basis", tables.BASES)
@pytest.mark.parametrize("language", ["fi", "en"])
def test_every_basis_route_grade_and_precision_has_words(basis, language):
    for route, grade, precision in zip(
        tables.ROUTES,
        ("A", "B", "C", "A", "B"),
        (*tables.PRECISIONS, "exact", "postal"),
        strict=True,
    ):
        uses = USES.assign(route=route, evidence=grade)
        companies = pd.DataFrame([company("a", 0, "25620"), company("b", 1, "16100", precision)])
        flows = pd.DataFrame(
            [flow("s", "a", "out", basis=basis), flow("d", "b", "in", basis=basis)]
        )
        row = assess(match(companies, flows, uses, hazardous=set()), Assumptions()).iloc[0]
        sentences = explain(row, companies, flows, uses, reference.materials(), CODES, language)
        assert all(sentence.endswith((".", "?")) for sentence in sentences)


def test_a_flow_that_is_not_there_is_an_error():
    companies = pd.DataFrame([company("a", 0, "25620"), company("b", 1, "16100")])
    flows = pd.DataFrame([flow("s", "a", "out")])
    row = match(companies, flows, USES, hazardous=set()).iloc[0]
    with pytest.raises(KeyError, match="s"):
        explain(row, companies, flows.iloc[:0], USES, reference.materials(), CODES, "fi")
