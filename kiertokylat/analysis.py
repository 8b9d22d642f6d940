"""The one call that turns companies and flows into what the views show."""

from dataclasses import dataclass

import pandas as pd

from kiertokylat import reference, tables
from kiertokylat.assumptions import Assumptions
from kiertokylat.estimate import estimate
from kiertokylat.impact import assess
from kiertokylat.industry import in_2008
from kiertokylat.match import Rules, matched

# A candidate takes some 120 bytes, and the app keeps many copies: of several visitors' data, and of
# what their filters leave. With a million, 20,000 companies with 60,000 flows of 8 materials stay
# below 1 GB in what the benchmark works out (`benchmarks/crowded.py`); the app itself took 1.6 GB
# when one visitor opened seven pages on that data (read from /proc, 2026-11). The 2,000 companies
# of `benchmarks/app_speed.py` have 560,000 pairs: nothing is left out of them.
MOST_PAIRS = 1_000_000


@dataclass(frozen=True)
class Analysis:
    """Tables that belong together. Frames are shared between sessions: never change them in place.

    Parameters
    ----------
    companies
        As `tables.COMPANIES`.
    flows
        As `tables.FLOWS`: the reported ones and, where there are none, the estimated ones.
    candidates
        As `tables.CANDIDATES`.
    nearest_only
        How many of its nearest receivers each supply has kept (`crowd`), where the whole region has
        more candidates than can be held; None: all.
    pairs_found
        How many candidates the whole region would have without that.
    """

    companies: pd.DataFrame
    flows: pd.DataFrame
    candidates: pd.DataFrame
    nearest_only: int | None = None
    pairs_found: int = 0


def analyse(
    companies: pd.DataFrame, flows: pd.DataFrame, assumptions: Assumptions | None = None
) -> Analysis:
    """Estimate what is not reported, match, then value.

    Parameters
    ----------
    companies
        As `tables.COMPANIES`.
    flows
        As `tables.FLOWS`. Estimates among them are left out and made anew.
    assumptions
        Defaults to `Assumptions()`.

    Raises
    ------
    TableError
        A table breaks its contract.
    """
    assumptions = assumptions or Assumptions()
    companies = tables.companies(companies)
    every_flow = with_estimates(companies, tables.flows(flows), assumptions)
    codes = reference.waste_codes()
    # Nothing is known of other codes, so they get the careful treatment.
    unknown = set(every_flow["ewc"]) - set(codes.index) - {""}
    rules = Rules(
        hazardous=unknown.union(codes.index[codes["hazardous"]]),
        max_km=assumptions.search_km,
        detour_factor=assumptions.detour_factor,
        receivers_per_supply=assumptions.receivers_per_supply,
        new_only=True,
        most_pairs=MOST_PAIRS,
    )
    found = matched(companies.assign(nace=in_2008(companies)), every_flow, reference.uses(), rules)
    candidates = assess(found.pairs, assumptions)
    return Analysis(companies, every_flow, candidates, found.nearest_only, found.found)


def with_estimates(
    companies: pd.DataFrame, flows: pd.DataFrame, assumptions: Assumptions
) -> pd.DataFrame:
    """The reported flows and, where there are none, the estimated ones, as `tables.FLOWS`.

    Parameters
    ----------
    companies, flows, assumptions
        As of `analyse`.
    """
    # Estimates that come back with an export would outlive the numbers that they were made from.
    reported = flows[flows["basis"] != "estimated"]
    estimated = estimate(
        companies.assign(nace=in_2008(companies)),
        reference.coefficients(),
        reported=reported,
        unknown_employees=assumptions.unknown_employees,
    )
    return pd.concat([reported, estimated], ignore_index=True)
