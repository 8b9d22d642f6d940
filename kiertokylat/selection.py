"""What the user has chosen to look at, and its application to an analysis."""

from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import pandas as pd

from kiertokylat import reference
from kiertokylat.analysis import Analysis

Limit = Literal["both", "eur", "co2e", ""]
LIMITS: tuple[Limit, ...] = ("both", "eur", "co2e", "")
USUAL_LIMIT: Limit = "both"  # of the pages, the brief and the command line


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
        Candidates beyond the break-even distance of their material's use are left out, by
        `limit_km` in euros and emissions (`both`), in `eur` or in `co2e`. Empty: no such limit.
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


def limit_km(eur_km: pd.Series, co2e_km: pd.Series, limit: Limit) -> pd.Series:
    """Road distance beyond which a use is left out.

    Under `both` the nearer break-even counts, so that no transport eats up either benefit. A use
    that avoids no emissions at the best value (`co2e_km` of 0, such as wood as fuel) is judged by
    euros alone: otherwise it would vanish at any distance.

    Parameters
    ----------
    eur_km, co2e_km
        Break-even distances of uses or candidates, km (`impact.break_even`): 0 where a use never
        pays or avoids nothing, NaN where unknown.
    limit
        As in `Selection`.

    Returns
    -------
    Series
        km; NaN where nothing limits: no limit is wished, or it isn't known. Under `both` one known
        distance is enough.
    """
    if limit == "both":
        nearer = np.fmin(eur_km, co2e_km.where(co2e_km > 0))  # the other one where one is NaN
        return pd.Series(nearer, index=eur_km.index)
    known = {"eur": eur_km, "co2e": co2e_km}
    return known[limit] if limit else pd.Series(np.nan, index=eur_km.index)


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
        eur_km, co2e_km = candidates["breakeven_eur_km"], candidates["breakeven_co2e_km"]
        candidate_fits &= ~(candidates["road_km"] > limit_km(eur_km, co2e_km, selection.limit))
    if selection.municipalities or selection.groups:
        candidate_fits &= candidates["from_company"].isin(here) | candidates["to_company"].isin(
            here
        )
    if selection.materials:
        flow_fits &= flows["material"].isin(selection.materials)
        candidate_fits &= candidates["material"].isin(selection.materials)
    if selection.certainties:
        candidate_fits &= candidates["certainty"].isin(selection.certainties)

    chosen_flows = flows[flow_fits]
    # There may be a million of them, and the app keeps several parts: no copy of what is the whole.
    chosen_candidates = candidates if candidate_fits.all() else candidates[candidate_fits]
    if selection.materials:
        receivers = chosen_candidates["to_company"]
        fits &= companies["id"].isin(chosen_flows["company_id"]) | companies["id"].isin(receivers)
    return replace(
        analysis, companies=companies[fits], flows=chosen_flows, candidates=chosen_candidates
    )
