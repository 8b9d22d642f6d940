"""What the projector shows of a candidate, of votes and of flows: little and large."""

import math

import pandas as pd

from kiertokylat import reference
from kiertokylat.assumptions import Assumptions
from kiertokylat.explain import explain, may_be_hazardous
from kiertokylat.room import VOTES, candidate_key, candidate_parts
from kiertokylat.words import Language, say


def short_explanation(
    candidate: pd.Series,
    companies: pd.DataFrame,
    flows: pd.DataFrame,
    language: Language,
    *,
    assumptions: Assumptions,
) -> list[str]:
    """Why two companies are a candidate, in what a hall can read: the rule, the use, the hazard.

    Parameters
    ----------
    candidate, companies, flows, language, assumptions
        As of `explain.explain`, whose sentences these are.

    Returns
    -------
    list of str
        Plain text; names stand as they were typed.
    """
    codes = reference.waste_codes()
    sentences = explain(
        candidate,
        companies,
        flows,
        reference.uses(),
        reference.materials(),
        codes,
        language,
        assumptions=assumptions,
    )
    ewc = str(candidate["ewc"])
    # The waste code stands between the rule and the use, where there is one.
    chosen = [sentences[0], sentences[2 if ewc else 1]]
    hazardous = ewc in codes.index and bool(codes["hazardous"][ewc])
    if hazardous:
        return [*chosen, say("explain.hazardous", language)]
    return chosen if ewc else [*chosen, *care(str(candidate["material"]), language)]


def care(material: str, language: Language) -> list[str]:
    """A sentence where waste of a material can be hazardous and its code isn't told; else none.

    Parameters
    ----------
    material
        Its key; empty: not told.
    language
        Of the sentence.
    """
    unclear = may_be_hazardous(material, reference.waste_codes())
    return [say("explain.unclear", language)] if unclear else []


def keys_of(candidates: pd.DataFrame) -> list[str]:
    """The key of each candidate, for votes and commitments (`room.candidate_key`)."""
    return [candidate_key(row) for _, row in candidates.iterrows()]


def tally(votes: pd.DataFrame, candidate: str) -> dict[str, int]:
    """How many of each of `room.VOTES` a candidate (its key) has.

    Parameters
    ----------
    votes
        As `Rooms.votes`.
    candidate
        Its key.
    """
    counts = votes.loc[votes["candidate"] == candidate, "vote"].value_counts()
    return {vote: int(counts.get(vote, 0)) for vote in VOTES}


def title(
    key: str, companies: pd.DataFrame, flows: pd.DataFrame, language: Language
) -> tuple[str, str] | None:
    """The two companies and the material of a candidate's key.

    Parameters
    ----------
    key
        From `room.candidate_key`.
    companies, flows
        Those of an `Analysis`.
    language
        Of the material's name.

    Returns
    -------
    tuple of str or None
        `Giver ► Receiver` and the material; None where one of them is no longer in the tables.
    """
    parts = candidate_parts(key)
    if parts is None:
        return None
    giver, taker, supply, _ = parts
    names = companies.set_index("id")["name"]
    materials = flows.set_index("id")["material"]
    if giver not in names.index or taker not in names.index or supply not in materials.index:
        return None
    material = str(materials[supply])
    shown = reference.materials()[f"name_{language}"].get(material, material)
    return f"{names[giver]} ► {names[taker]}", str(shown)


def largest(table: pd.DataFrame, column: str, most: int) -> pd.Series:
    """The largest amounts of a column that are shown and more than nothing, largest first.

    Parameters
    ----------
    table
        As the table of `guarded.by_material`; NaN is hidden.
    column
        `supply_t` or `demand_t`.
    most
        How many.
    """
    amounts = table[column].dropna()
    return amounts[amounts > 0].sort_values(ascending=False, kind="stable").head(most)


def committed(commitments: pd.DataFrame, candidates: pd.DataFrame) -> pd.DataFrame:
    """The candidates that something has been promised of and that hasn't been dropped.

    Parameters
    ----------
    commitments
        As `Rooms.commitments`.
    candidates
        As `tables.CANDIDATES`.

    Returns
    -------
    DataFrame
        Rows of `candidates`, each once, in the order of the first promise.
    """
    alive = commitments[commitments["stage"] != "dropped"]
    wanted: dict[tuple[str, ...] | None, int] = {}
    for place, promised in enumerate(alive["candidate"]):
        wanted.setdefault(candidate_parts(promised), place)
    # Of many candidates only those of promised supplies are looked at one by one.
    supplies = {parts[2] for parts in wanted if parts}
    candidates = candidates[candidates["supply_id"].isin(supplies)]
    ids = ["from_company", "to_company", "supply_id", "demand_id"]
    keys = [tuple(map(str, row)) for row in candidates[ids].itertuples(index=False)]
    found = [float(wanted.get(key, math.nan)) for key in keys]
    order = pd.Series(found, candidates.index, dtype=float).dropna()
    return candidates.loc[order.sort_values().index].reset_index(drop=True)
