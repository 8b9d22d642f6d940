"""The one call that turns companies and flows into what the views show."""

from dataclasses import dataclass

import pandas as pd

from kiertokylat import reference, tables
from kiertokylat.assumptions import Assumptions
from kiertokylat.estimate import estimate
from kiertokylat.industry import in_2008
from kiertokylat.match import match


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
    """

    companies: pd.DataFrame
    flows: pd.DataFrame
    candidates: pd.DataFrame


def analyse(
    companies: pd.DataFrame, flows: pd.DataFrame, assumptions: Assumptions | None = None
) -> Analysis:
    """Estimate what is not reported, then match.

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
    reported = tables.flows(flows)
    # Estimates that come back with an export would outlive the numbers that they were made from.
    reported = reported[reported["basis"] != "estimated"]
    comparable = companies.assign(nace=in_2008(companies))
    estimated = estimate(
        comparable,
        reference.coefficients(),
        reported=reported,
        unknown_employees=assumptions.unknown_employees,
    )
    every_flow = pd.concat([reported, estimated], ignore_index=True)
    codes = reference.waste_codes()
    # Nothing is known of other codes, so they get the careful treatment.
    unknown = set(every_flow["ewc"]) - set(codes.index) - {""}
    candidates = match(
        comparable,
        every_flow,
        reference.uses(),
        max_km=assumptions.search_km,
        detour_factor=assumptions.detour_factor,
        hazardous=unknown.union(codes.index[codes["hazardous"]]),
        receivers_per_supply=assumptions.receivers_per_supply,
    )
    division = comparable.set_index("id")["nace"].str[:2]
    twins = candidates["from_company"].map(division).astype("str") == candidates["to_company"].map(
        division
    ).astype("str")
    # Two companies of one industry, neither of which has said a word: each would get the other's
    # offcuts. Whoever could use them uses the own ones first.
    guessed = candidates["certainty"] == "estimated"
    return Analysis(companies, every_flow, candidates[~(twins & guessed)].reset_index(drop=True))
