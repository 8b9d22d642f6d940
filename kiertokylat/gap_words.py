"""Gaps in words: which company a place would do well to get, and why."""

from functools import lru_cache
from typing import Any, Literal

import numpy as np

from kiertokylat import reference
from kiertokylat.figures import kilometres, number, tonnes
from kiertokylat.words import Language, say
from kiertokylat.worth import FAR_KM, far

Limit = Literal["both", "eur", "co2e"]

_EXACT_KM = 100  # of a distance that is estimated, beyond this two digits are all that one knows


def place_name(code: str, language: Language) -> str:
    """The name of a municipality or sub-region; the code itself where it has none."""
    return _place_names(language).get(code, code)


def sentence(row: Any, language: Language, *, limit: Limit = "eur") -> str:
    """A row of `wanted` in words: which company a place would do well to get, and why.

    Parameters
    ----------
    row
        One row of `gaps.wanted`, as a Series or a named tuple's `_asdict()`.
    language
        `"fi"` or `"en"`.
    limit
        What the break-even distance was reckoned in.

    Returns
    -------
    str
        Plain text; no user's text in it.
    """
    division = reference.divisions()[f"name_{language}"].get(row["division"], "")
    values = {
        "place": place_name(row["place"], language),
        "material": reference.materials()[f"name_{language}"].get(row["material"], row["material"]),
        "division": f"{row['division']} ({division})" if division else row["division"],
        "use": reference.uses()[f"use_{language}"].get(row["use"], row["use"]).rstrip(". "),
    }
    edge, kind = row["break_even_km"], "unreached" if row["unreached_t"] > 0 else "left"
    amount = float(row[f"{kind}_t"])
    # Who is near enough already comes before a newcomer.
    opening = "possible" if not edge > 0 else "ask" if row["near"] else "welcome"
    parts = [say(f"gaps.{opening}", language, **values)]
    if not edge > 0:
        parts.append(say(f"gaps.{'unknown' if np.isnan(edge) else 'never'}_{limit}", language))
    # Both are hidden where few companies stand behind them: then the sentence tells no amount.
    if not (np.isnan(amount) or np.isnan(row["unreached_t"])):
        told = tonnes(amount, language, estimated=True)
        parts.append(say(f"gaps.{kind}", language, amount=told))
    parts.append(_distance(row, language, limit))
    if row["small"] and row["company_id"] and _decides(edge):
        parts.append(say("gaps.small", language))
    return " ".join(parts)


def _distance(row: Any, language: Language, limit: Limit) -> str:
    """Where the nearest company is, against the break-even distance where that says something."""
    if not row["company_id"]:
        return say("gaps.nobody", language)
    road, edge = _road(row["road_km"], language), row["break_even_km"]
    if not _decides(edge):
        return say("gaps.nearest", language, road=road)
    key = f"gaps.{'within' if row['near'] else 'beyond'}_{limit}"
    values = {"road": road, "edge": far(edge, language)}
    if not row["near"]:
        values["beyond"] = _road(row["beyond_km"], language)
    return say(key, language, **values)


def _decides(edge: float) -> bool:
    """Whether a break-even distance says more than that the road does not matter."""
    return 0 < edge <= FAR_KM


def _road(km: float, language: Language) -> str:
    """An estimated distance: two digits where it is long."""
    if km <= _EXACT_KM:
        return kilometres(km, language)
    return say("figures.kilometres", language, value=number(km, language, digits=2))


@lru_cache
def _place_names(language: Language) -> dict[str, str]:
    """Names by code: no sub-region has the code of a municipality."""
    places = reference.municipalities()
    subregions = zip(places["subregion"], places[f"subregion_{language}"], strict=True)
    return {**dict(subregions), **places["name_fi"].to_dict()}
