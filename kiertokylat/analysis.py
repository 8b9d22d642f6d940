"""The one call that turns companies and flows into what the views show."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kiertokylat import reference, tables
from kiertokylat.assumptions import Assumptions
from kiertokylat.estimate import estimate
from kiertokylat.impact import assess
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
    pairs = match(
        comparable,
        every_flow,
        reference.uses(),
        max_km=assumptions.search_km,
        detour_factor=assumptions.detour_factor,
        hazardous=unknown.union(codes.index[codes["hazardous"]]),
        receivers_per_supply=assumptions.receivers_per_supply,
    )
    pairs = _without_trade(_without_twins(pairs, comparable), reported)
    candidates = assess(pairs, assumptions)
    return Analysis(companies, every_flow, candidates)


def _without_twins(candidates: pd.DataFrame, companies: pd.DataFrame) -> pd.DataFrame:
    """Leave out pairs of one division of which neither has said a word.

    Each would get the other's offcuts; whoever could use them uses the own ones first.
    """
    division = companies.set_index("id")["nace"].str[:2]
    giver, taker = (
        candidates[f"{end}_company"].astype("str").map(division) for end in ("from", "to")
    )
    twins = (giver == taker) & (candidates["certainty"] == "estimated")
    return candidates[~twins].reset_index(drop=True)


def _without_trade(candidates: pd.DataFrame, reported: pd.DataFrame) -> pd.DataFrame:
    """Leave out pairs of two companies that have both said to offer and to need the material.

    They deal in it: between dealers goods go round, and nothing is put to a new use.
    """
    ends = reported.groupby(["company_id", "material"])["direction"].nunique()
    dealers = ends.index[ends == 2]
    companies = candidates["from_company"].cat.categories  # the same of both ends
    materials = candidates["material"].cat.categories
    deals = np.zeros((len(companies), len(materials)), dtype=bool)
    rows, columns = (
        names.get_indexer(dealers.get_level_values(level))
        for level, names in enumerate((companies, materials))
    )
    known = (rows >= 0) & (columns >= 0)
    deals[rows[known], columns[known]] = True
    material = candidates["material"].cat.codes
    trade = np.logical_and(
        *(deals[candidates[f"{end}_company"].cat.codes, material] for end in ("from", "to"))
    )
    return candidates[~trade].reset_index(drop=True)
