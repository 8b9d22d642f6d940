"""Erased companies: recognised by fingerprints, left out of plans with the date."""

import hashlib
import hmac
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiertokylat.changes import Snapshot
from kiertokylat.erasures import Erasure, erased_on, fingerprint, in_words, sort_out
from kiertokylat.plan import counts, plan_archive
from kiertokylat.plan_text import figures
from tests.ingest.files import csv
from tests.plans import applied, imported, planned

SALT = "00ff" * 16
SAW, POWER = "0112038-9", "0116754-4"
COMPANIES = f"""Tunniste;Yritys;Y-tunnus;Toimiala;Kunta;Henkilöstö
saha;Saha Oy;{SAW};16100;Laukaa;20
voima;Voima Oy;;35;Jyväskylä;5
"""
FLOWS = """Yrityksen tunniste;Suunta;Materiaali;Määrä (t/v)
saha;tarjoaa;Kuori;120,5
voima;tarvitsee;Kuori;1000
"""


def erasure(company: str, *business_ids: str, salt: str = SALT, date: str = "2026-11-24"):
    prints = frozenset(fingerprint(salt, "business_id", one) for one in business_ids)
    return Erasure(fingerprint(salt, "company", company), prints, salt, date)


def named(*pairs: tuple[str, str]) -> pd.DataFrame:
    return pd.DataFrame(list(pairs), columns=["id", "business_id"], dtype="str")


def test_a_fingerprint_is_hmac_sha256():
    told = hmac.new(bytes.fromhex(SALT), b"company:saha", hashlib.sha256).hexdigest()
    assert fingerprint(SALT, "company", "saha") == told
    assert fingerprint(SALT, "business_id", "saha") != told
    assert fingerprint("11" * 32, "company", "saha") != told
    assert "saha" not in repr(erasure("saha", SAW))
    assert SALT not in repr(erasure("saha", SAW))


@pytest.mark.parametrize(
    ("company", "found"),
    [
        (("saha", SAW), True),
        (("saha", ""), True),  # the list tells no business id
        (("saha", POWER), False),  # another company under the same id, such as a row number
        (("toinen", SAW), True),  # the same company under another id
        (("toinen", ""), False),
        (("toinen", POWER), False),
    ],
)
def test_who_is_the_erased_company(company, found):
    dates = erased_on(named(company), (erasure("saha", SAW),))
    assert dates.tolist() == ["2026-11-24" if found else ""]


def test_without_a_business_id_the_id_alone_tells():
    dates = erased_on(named(("saha", POWER), ("voima", "")), (erasure("saha"),))
    assert dates.tolist() == ["2026-11-24", ""]


def test_fingerprints_of_two_databases_stand_beside_each_other():
    """As after a restore from another database."""
    both = (erasure("a"), erasure("b", salt="22" * 32, date="2025-01-31"))
    assert erased_on(named(("a", ""), ("b", ""), ("c", "")), both).tolist() == [
        "2026-11-24",
        "2025-01-31",
        "",
    ]


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.text(max_size=3), st.sampled_from(["", SAW, POWER])), max_size=6),
    st.lists(st.tuples(st.text(max_size=3), st.sampled_from(["", SAW, POWER])), max_size=4),
)
def test_every_row_is_in_one_of_the_two(rows, gone):
    companies = named(*rows)
    flows = pd.DataFrame({"company_id": [*companies["id"], "x"]}, dtype="str")
    erasures = tuple(erasure(key, *filter(None, [number])) for key, number in gone)
    kept = sort_out(companies, flows, erasures)
    assert len(kept.companies) + len(kept.erased_companies) == len(companies)
    assert len(kept.flows) + len(kept.erased_flows) == len(flows)
    for pair in rows:
        if pair in gone:
            assert pair in set(map(tuple, kept.erased_companies[["id", "business_id"]].to_numpy()))


def test_a_date_in_words():
    assert in_words("2026-11-04") == {"fi": "4.11.2026", "en": "4 Nov 2026"}


# --- plans ---


def test_the_same_list_does_not_bring_an_erased_company_back():
    stored = Snapshot(erasures=(erasure("saha", SAW),))
    plan = planned(stored, csv(COMPANIES, name="yritykset.csv"), csv(FLOWS, name="virrat.csv"))
    assert counts(plan)["rejected"].tolist() == [1, 1]
    assert counts(plan)["new"].tolist() == [1, 1]
    assert figures(plan).loc["rejected"].tolist() == [1, 1, 2]  # the problem is no third row
    left = plan.findings[plan.findings["state"] == "rejected"]
    assert left["reason"].tolist() == ["erased", "erased"]
    assert left["name"].tolist() == ["Saha Oy", "Saha Oy"]
    after = applied(stored, plan)
    assert after.companies["id"].tolist() == ["voima"]
    assert after.flows["company_id"].tolist() == ["voima"]
    (problem,) = plan.problems
    assert problem.severity == "error"
    assert problem.message("fi").startswith("Saha Oy on poistettu pyynnöstä 24.11.2026, joten")
    assert problem.message("fi").endswith("erase saha --allow")
    assert "erased on request on 24 Nov 2026" in problem.message("en")


def test_without_erasures_a_plan_is_as_before():
    plan = planned(Snapshot(), csv(COMPANIES))
    assert not counts(plan)["rejected"].any()
    assert plan.problems == ()


def test_an_erased_company_that_was_added_by_hand_is_updated():
    """It is stored, by somebody's decision: lists may tell more of it."""
    stored = replace(imported(csv(COMPANIES)), erasures=(erasure("saha", SAW),))
    plan = planned(stored, csv(COMPANIES.replace(";20", ";25")))
    assert plan.companies.after["employees"].tolist() == [25]
    assert not counts(plan)["rejected"].any()


def test_an_archive_leaves_erased_companies_out():
    archived = imported(csv(COMPANIES), csv(FLOWS, name="virrat.csv"))
    now = Snapshot(7, erasures=(erasure("saha", SAW),))
    plan = plan_archive(now, archived, "arkisto.zip")
    assert plan.companies.after["id"].tolist() == ["voima"]
    assert plan.flows.after["company_id"].tolist() == ["voima"]
    assert counts(plan)["rejected"].tolist() == [1, 1]
    assert [problem.code for problem in plan.problems] == ["erased"]
