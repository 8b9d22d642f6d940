"""Materials that a municipality both has over and lacks: why the two don't meet."""

from typing import Literal

import numpy as np
import pandas as pd

from kiertokylat.brief_facts import Facts
from kiertokylat.export import names
from kiertokylat.figures import number
from kiertokylat.industry import in_2008
from kiertokylat.sides import dealers
from kiertokylat.words import Language, say

Reason = Literal["unpaid", "far", "twins", "dealers", "own", "other"]

# The order in which they are told.
_REASONS: tuple[Reason, ...] = ("unpaid", "far", "twins", "dealers", "own", "other")


def reasons(facts: Facts) -> pd.DataFrame:
    """Why supplies without a taker and needs without a supply of one material are no candidates.

    Parameters
    ----------
    facts
        Of the municipality.

    Returns
    -------
    DataFrame
        `material`, `reason`, each once, by material: `unpaid` (a candidate, but beyond the
        break-even limit), `far` (beyond the distance); where `match.Rules` leave the pair out,
        `own` (one company has both), `twins` (of one division, both estimated), `dealers` (both
        have said to offer and to need it); `other` (a permit is missing, or they are too far for
        any candidate).
    """
    pairs = _pairs(facts)
    every = facts.region.every
    home = every.companies.set_index("id")
    division = pd.Series(in_2008(every.companies).str[:2].to_numpy(), home.index)
    deals = dealers(every.flows)
    ends = ("give", "take")
    one_division = pairs["give_company"].map(division) == pairs["take_company"].map(division)
    dealing = [
        pd.MultiIndex.from_frame(pairs[[f"{end}_company", "material"]]).isin(deals) for end in ends
    ]
    far = every.candidates["distance_km"] > facts.region.within.max_km
    known = every.candidates[["supply_id", "demand_id"]].astype("str")
    beyond = [
        pd.MultiIndex.from_frame(pairs[["give_id", "take_id"]]).isin(pd.MultiIndex.from_frame(some))
        for some in (known[~far], known[far])
    ]
    own = pairs["give_company"] == pairs["take_company"]
    guessed = (pairs["give_basis"] == "estimated") & (pairs["take_basis"] == "estimated")
    reason = np.select(
        [*beyond, own, one_division & guessed, dealing[0] & dealing[1]],
        ["unpaid", "far", "own", "twins", "dealers"],
        default="other",
    )
    told = pairs[["material"]].assign(reason=reason).drop_duplicates()
    return told.sort_values(["material", "reason"], ignore_index=True)


def sentence(facts: Facts, language: Language) -> str:
    """The materials of both lists with the reasons, in words; empty where there are none.

    Parameters
    ----------
    facts
        Of the municipality.
    language
        `"fi"` or `"en"`.

    Returns
    -------
    str
        Plain text.
    """
    found = reasons(facts)
    if found.empty:
        return ""
    called = names("materials", language)
    alike: dict[tuple[Reason, ...], list[str]] = {}
    for material, some in found.groupby("material")["reason"]:
        why = tuple(reason for reason in _REASONS if reason in set(some))
        alike.setdefault(why, []).append(str(called.get(material, material)))
    km = number(facts.region.within.max_km, language)
    parts = [
        f"{', '.join(materials)} "
        f"({'; '.join(say(f'brief.both_{reason}', language, km=km) for reason in why)})"
        for why, materials in alike.items()
    ]
    return say("brief.both", language, materials="; ".join(parts))


def _pairs(facts: Facts) -> pd.DataFrame:
    """Supplies without a taker beside the needs of their material without a supply."""
    flows, candidates = facts.here.flows, facts.here.candidates
    sides = {}
    for end, way, column in (("give", "out", "supply_id"), ("take", "in", "demand_id")):
        met = flows["id"].isin(candidates[column].unique())
        rows = flows.loc[(flows["direction"] == way) & ~met]
        rows = rows[["id", "company_id", "basis", "material"]].astype("str")
        rows = rows.rename(columns={"company_id": "company"})
        names_here = {name: f"{end}_{name}" for name in ("id", "company", "basis")}
        sides[end] = rows.rename(columns=names_here)
    return sides["give"].merge(sides["take"], on="material")
