"""What the user has chosen to look at, and its application to an analysis."""

from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from kiertokylat import reference
from kiertokylat.analysis import Analysis

Limit = Literal["eur", "co2e", ""]


@dataclass(frozen=True)
class Selection:
    """One state of the filter bar. An empty tuple means no limit.

    Parameters
    ----------
    municipalities
        Three-digit codes. A candidate counts when either end lies in one of them.
    materials
        Keys of `reference.materials()`.
    groups
        Industry groups of `reference.divisions()`. A candidate counts when either end is in one.
    certainties
        Of `tables.CERTAINTIES`.
    max_km
        Greatest straight-line distance, km.
    limit
        `eur` or `co2e`: candidates beyond the break-even distance of their material's use are left
        out (those for which it isn't known stay). Empty: no such limit.
    """

    municipalities: tuple[str, ...] = ()
    materials: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    certainties: tuple[str, ...] = ()
    max_km: float = field(default=50.0)
    limit: Limit = ""

    @property
    def limits(self) -> tuple[str, ...]:
        """Names of the filters that are in force, for telling what could be widened."""
        names = ("municipalities", "materials", "groups", "certainties")
        return tuple(name for name in names if getattr(self, name))


def industry_group(nace: pd.Series) -> pd.Series:
    """The industry group of each TOL code, `other` where it is unknown.

    Parameters
    ----------
    nace
        TOL digits without dots; the first two are the division.
    """
    return nace.str[:2].map(reference.divisions()["group"]).fillna("other")


def select(analysis: Analysis, selection: Selection) -> Analysis:
    """The part of an analysis that a selection leaves.

    Companies stay when their municipality and industry fit and, where materials are chosen, when
    they have a flow of one of them. Flows stay with their company and material. Candidates stay
    when either end fits.
    """
    companies, flows, candidates = analysis.companies, analysis.flows, analysis.candidates
    fits = pd.Series(True, index=companies.index)
    if selection.municipalities:
        fits &= companies["municipality"].isin(selection.municipalities)
    if selection.groups:
        fits &= industry_group(companies["nace"]).isin(selection.groups)
    here = companies.loc[fits, "id"]

    flow_fits = flows["company_id"].isin(here)
    candidate_fits = candidates["distance_km"].le(selection.max_km)
    if selection.limit:
        candidate_fits &= ~(candidates["road_km"] > candidates[f"breakeven_{selection.limit}_km"])
    if selection.municipalities or selection.groups:
        candidate_fits &= candidates["from_company"].isin(here) | candidates["to_company"].isin(
            here
        )
    if selection.materials:
        flow_fits &= flows["material"].isin(selection.materials)
        candidate_fits &= candidates["material"].isin(selection.materials)
    if selection.certainties:
        candidate_fits &= candidates["certainty"].isin(selection.certainties)

    chosen_flows, chosen_candidates = flows[flow_fits], candidates[candidate_fits]
    if selection.materials:
        receivers = chosen_candidates["to_company"]
        fits &= companies["id"].isin(chosen_flows["company_id"]) | companies["id"].isin(receivers)
    return Analysis(companies[fits], chosen_flows, chosen_candidates)
