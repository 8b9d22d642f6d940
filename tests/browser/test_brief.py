"""The brief in a real browser: two sheets of paper for every municipality, nothing cut off."""

import pandas as pd
import pytest

from kiertokylat import demo
from kiertokylat.analysis import Analysis, analyse
from kiertokylat.brief import of
from kiertokylat.brief_facts import Facts, region
from kiertokylat.commitments import for_public, placed
from kiertokylat.room import candidate_key
from kiertokylat.selection import Selection
from tests.test_brief import commitments

# The town, the smallest one, the only one of its sub-region, and the longest names around it.
SOME = ("179", "435", "182", "216")
SLACK = "[...document.querySelectorAll('.sheet')].map(s => s.clientHeight - s.scrollHeight)"


def printed(browser, html: str) -> tuple[int, list[int]]:
    """Pages of the brief as PDF, and how much of each sheet would be cut off (negative)."""
    page = browser.new_page(viewport={"width": 680, "height": 1000})  # 180 mm at 96 dpi
    page.emulate_media(media="print")
    page.set_content(html)
    pdf = page.pdf(format="A4", prefer_css_page_size=True)
    cut = page.evaluate(SLACK)
    page.close()
    return pdf.count(b"/Type /Page\n"), cut


@pytest.fixture(scope="module")
def every() -> Analysis:
    return analyse(demo.companies(), demo.flows())


def with_commitments(facts: Facts):
    """Four commitments of the municipality's own candidates."""
    made = commitments().head(1)
    pairs = facts.here.candidates.head(4).to_dict("records")
    rows = [made.assign(candidate=candidate_key(pair)) for pair in pairs]
    every = facts.region.every
    return for_public(placed(pd.concat(rows, ignore_index=True), every), every)


@pytest.mark.parametrize("public", [False, True])
def test_two_pages(browser, every, public) -> None:
    whole = region(every, Selection(limit="both"), public=public)
    for code in SOME:
        facts = Facts(code, whole)
        for language in ("fi", "en"):
            html = of(facts, language, commitments=with_commitments(facts))
            pages, cut = printed(browser, html)
            assert (code, language, pages, [part for part in cut if part < 0]) == (
                code,
                language,
                2,
                [],
            )


def test_two_pages_with_the_longest_names(browser, every) -> None:
    long = every.companies.assign(
        name="Keski-Suomen Ympäristöteollisuus ja Kuljetus Osakeyhtiö " * 5
    )
    named = Analysis(long, every.flows, every.candidates)
    facts = Facts("179", region(named, Selection(limit="both")))
    pages, cut = printed(browser, of(facts, "fi", commitments=with_commitments(facts)))
    assert pages == 2
    assert min(cut) >= 0


def test_two_pages_without_a_company(browser, every) -> None:
    left = every.companies["municipality"] != "256"
    rest = analyse(
        demo.companies()[left.to_numpy()],
        demo.flows()[demo.flows()["company_id"].isin(every.companies.loc[left, "id"])],
    )
    html = of(Facts("256", region(rest, Selection(limit="both"))), "fi")
    assert "0</b> yritystä aineistossa" in html
    assert printed(browser, html)[0] == 2
