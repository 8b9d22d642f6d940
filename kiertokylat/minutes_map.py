"""Where a workshop's ideas and candidates lie: for the map of the minutes, and as a table."""

import numpy as np
import pandas as pd

from kiertokylat import reference
from kiertokylat.locate import locate, to_degrees, to_metres
from kiertokylat.minutes_facts import Facts
from kiertokylat.words import say

# Lines that a map of this size can hold; an assumption of this project.
_LINES = 15


def dots(facts: Facts) -> pd.DataFrame:
    """Where the ideas lie: those whose municipality is known, around its centre.

    Returns
    -------
    DataFrame
        `direction`, `material_name`, `place`, `x`, `y` (EPSG:3067 m), `precision`.
    """
    here = facts.ideas[facts.ideas["place"] != ""].reset_index(drop=True)
    # The spiral fills in the order of ids.
    order = [f"{place:06}" for place in range(len(here))]
    points = locate(here[["municipality"]].assign(id=order, postal_code="", x=np.nan, y=np.nan))
    return here[["direction", "material_name", "place"]].join(points)


def told(facts: Facts) -> pd.DataFrame:
    """How many ideas there are of each municipality, and where its centre is.

    Returns
    -------
    DataFrame
        Index: codes; `x`, `y` (EPSG:3067 m), `out` and `in` (ideas of each direction).
    """
    here = facts.ideas[facts.ideas["place"] != ""]
    counts = pd.crosstab(here["municipality"], here["direction"])
    counts = counts.reindex(columns=["out", "in"], fill_value=0)
    centres = reference.municipalities().loc[counts.index]
    x, y = to_metres(centres["centre_lon"], centres["centre_lat"])
    return counts.assign(x=x, y=y)


def lines(facts: Facts) -> pd.DataFrame:
    """The candidates on the map: the promised ones first, then by number, so many as fit.

    Returns
    -------
    DataFrame
        `number`, `pair`, `material_name`, `certainty`, ordered by number; of both ends (`from_`,
        `to_`) `x`, `y` (EPSG:3067 m), `precision`.
    """
    first = facts.known.index.isin(facts.promised.index)
    drawn = pd.concat([facts.known[first], facts.known[~first]]).head(_LINES)
    return _with_ends(drawn.sort_values("number"), facts)


def _with_ends(candidates: pd.DataFrame, facts: Facts) -> pd.DataFrame:
    sites = facts.analysis.companies.set_index("id")
    ends = {
        f"{end}_{name}": candidates[f"{end}_company"].map(sites[name])
        for end in ("from", "to")
        for name in ("name", "x", "y", "precision")
    }
    shown = candidates[["number", "pair", "material_name", "certainty"]]
    return shown.assign(**ends).reset_index(drop=True)


def places(facts: Facts) -> pd.DataFrame:
    """Every idea and both ends of every candidate, with WGS 84 degrees.

    Returns
    -------
    DataFrame
        `kind` (in words), `number` (of the candidate; NaN for ideas), `what` (material), `name`
        (the company, or the idea's municipality), `lon`, `lat`, `precision` (in words).
    """
    ideas = dots(facts)
    ideas = ideas.assign(
        kind=[facts.text(f"kind_{direction}") for direction in ideas["direction"]],
        number=np.nan,
        what=ideas["material_name"],
        name=ideas["place"],
    )
    parts = [ideas]
    pairs = _with_ends(facts.known, facts)
    for end in ("from", "to"):
        own = {name: pairs[f"{end}_{name}"] for name in ("name", "x", "y", "precision")}
        parts.append(
            pairs[["number"]].assign(
                kind=facts.text(f"kind_{end}"), what=pairs["material_name"], **own
            )
        )
    table = pd.concat(parts, ignore_index=True)
    # One decimetre: no place is known better.
    lon, lat = (np.round(degrees, 6) for degrees in to_degrees(table["x"], table["y"]))
    words = [say(f"export.precision_{key}", facts.language) for key in table["precision"]]
    table = table.assign(lon=lon, lat=lat, precision=words, number=table["number"].astype(float))
    return table[["kind", "number", "what", "name", "lon", "lat", "precision"]]
