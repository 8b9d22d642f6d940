"""What decides whether a candidate is worth it: the numbers, and where each of them is from."""

import math
from typing import Any, Literal

import numpy as np
import pandas as pd

from kiertokylat import reference
from kiertokylat.assumptions import Assumptions, Range
from kiertokylat.factors import edited
from kiertokylat.figures import climate, euros, kilometres, number, spread, tonnes
from kiertokylat.impact import (
    breakdown,
    crossing,
    freight,
    full_loads_t,
    is_small,
    transport,
    vehicle_class,
)
from kiertokylat.words import Language, say

Figure = Literal["eur", "co2e"]
Verdict = Literal["pays", "depends", "loses", "unknown"]

# Parts of `impact.breakdown` that make up each result; the last one grows with the distance.
PARTS: dict[Figure, tuple[str, ...]] = {
    "eur": ("disposal", "price", "treatment", "loading", "freight"),
    "co2e": ("avoided", "transport"),
}
_ENDS = ["unit_low", "unit", "unit_high"]
# Beyond this a break-even distance says no more than that the road does not decide.
FAR_KM = 1000
_FACTORS = {"disposal": "disposal", "price": "price", "treatment": "treatment", "avoided": "co2e"}


def verdict(low: float, high: float) -> Verdict:
    """Whether a result is a gain over its whole range, over none of it, or over a part of it."""
    if math.isnan(low) or math.isnan(high):
        return "unknown"
    if low > 0:
        return "pays"
    return "depends" if high > 0 else "loses"


def decisive(parts: pd.DataFrame, figure: Figure) -> str:
    """The part of `impact.breakdown` whose own range moves the result most."""
    own = parts.loc[list(PARTS[figure])]
    return str((own["unit_high"] - own["unit_low"]).idxmax())


def missing(candidate: pd.Series, parts: pd.DataFrame, figure: Figure) -> list[str]:
    """What stands in the way of a result: parts without a factor, and `amount`."""
    unknown = [name for name in PARTS[figure] if parts.loc[name, _ENDS].isna().any()]
    return [*unknown, *(["amount"] if pd.isna(candidate["tonnes"]) else [])]


def break_even_range(parts: pd.DataFrame, figure: Figure, assumptions: Assumptions) -> Range:
    """Road km at which a use comes to zero: least, best and greatest.

    The least distance has the least gain and the dearest transport, the greatest the opposite ends:
    the outermost bound, as in `impact`. The best value is the one of `impact.break_even`.

    Parameters
    ----------
    parts
        From `impact.breakdown`; it tells by which vehicle the candidate is moved.
    figure
        Of euros or of CO2e.
    assumptions
        Those of the breakdown.

    Returns
    -------
    tuple
        km; 0 where it never pays, infinite where transport takes nothing, NaN where unknown.
    """
    small = bool(parts["small"].any())
    per_km = (freight if figure == "eur" else transport)(assumptions, small=small)
    gains = parts.loc[list(PARTS[figure][:-1]), _ENDS].sum(skipna=False)
    low, best, high = crossing(gains, per_km[::-1]).tolist()
    return low, best, high


def origins(candidate: pd.Series, assumptions: Assumptions) -> pd.DataFrame:
    """Where each part of a candidate's result comes from.

    Parameters
    ----------
    candidate
        One row of `tables.CANDIDATES`. Its tonnes decide which vehicle class moves it.
    assumptions
        Those of the analysis.

    Returns
    -------
    DataFrame
        Index: the parts of `PARTS`; `status` (`source`, `derived`, `assumption`, `missing`,
        `edited`), `source`, `year` (text, may be empty).
    """
    table = edited(assumptions)
    table = table[table["material"] == candidate["material"]]
    found: dict[str, Any] = {}
    for part, item in _FACTORS.items():
        rows: Any = table[table["item"] == item].set_index("route")
        # As in `factors.by_use`: a row that names the route takes the general one's place.
        route = next((name for name in (candidate["route"], "") if name in rows.index), None)
        found[part] = ("missing", "", "") if route is None else _origin(rows.loc[route])
    small = bool(is_small(candidate["tonnes"], assumptions))
    key = vehicle_class(assumptions, small=small)
    of_class: Any = reference.vehicles().loc[key]
    own = {"freight": assumptions.freight_eur_tkm, "transport": assumptions.transport_kg_tkm}
    for part, values in own.items():
        given = values is not None and key == assumptions.vehicle
        found[part] = ("edited", "", "") if given else (of_class["status"], of_class["source"], "")
    usual = assumptions.loading_eur_t == Assumptions().loading_eur_t
    found["loading"] = ("assumption" if usual else "edited", "", "")
    order = [part for names in PARTS.values() for part in names]
    columns = ["status", "source", "year"]
    return pd.DataFrame.from_dict(found, orient="index", columns=columns).loc[order]


def _origin(row: Any) -> tuple[str, str, str]:
    if pd.isna(row["best"]):
        return "missing", "", ""
    year = "" if row["status"] == "edited" else str(row["year"])
    return str(row["status"]), str(row["source"]).strip().rstrip("."), year


def per_tonne(low: float, best: float, high: float, figure: Figure, language: Language) -> str:
    """EUR or kg CO2e per tonne with the range, in two significant digits."""
    if math.isnan(best):
        return say("figures.unknown", language)
    text = say(f"explain.per_tonne_{figure}", language, value=number(best, language, digits=2))
    return text if low == high else f"{text} ({spread(low, high, language)})"


def far(km: float, language: Language) -> str:
    """A break-even distance in two significant digits; no more than "over 1,000 km"."""
    if math.isnan(km):
        return say("figures.unknown", language)
    text = say("figures.kilometres", language, value=number(min(km, FAR_KM), language, digits=2))
    return say("explain.over", language, value=text) if km > FAR_KM else text


def worth(candidate: pd.Series, assumptions: Assumptions, language: Language) -> list[str]:
    """What a candidate is worth and why.

    Parameters
    ----------
    candidate
        One row of `tables.CANDIDATES`.
    assumptions
        Those of the analysis.
    language
        `"fi"` or `"en"`.

    Returns
    -------
    list of str
        The verdict in euros, the giver's and the receiver's share, loading and freight, which
        vehicle class moves it and why; the verdict in CO2e and its parts; both break-even distances
        against the pair's own road; where each number comes from.
    """
    if candidate["material"] not in reference.materials().index:
        return [say("explain.worth_no_material", language)]
    parts = breakdown(candidate, assumptions)
    return [
        _judged("eur", candidate, parts, language),
        *_shares(candidate, parts, language),
        *_vehicle(candidate, parts, assumptions, language),
        _judged("co2e", candidate, parts, language),
        *_emissions(candidate, parts, language),
        *_edges(candidate, parts, assumptions, language),
        *_sources(origins(candidate, assumptions), language),
    ]


def _judged(figure: Figure, candidate: pd.Series, parts: pd.DataFrame, language: Language) -> str:
    low, best, high = (candidate[f"{figure}{end}"] for end in ("_low", "", "_high"))
    found = verdict(low, high)
    key = f"explain.{figure}_{found}"
    if found == "unknown":
        names = [
            say(f"explain.part_{name}", language) for name in missing(candidate, parts, figure)
        ]
        return say(key, language, missing=", ".join(names))
    value = (euros if figure == "eur" else climate)(best, language)
    ends = spread(low, high, language)
    if found != "depends":
        return say(key, language, value=value, ends=ends)
    part = decisive(parts, figure)
    return say(
        key,
        language,
        value=value,
        ends=ends,
        part=say(f"explain.part_{part}", language),
        range=_of_part(parts, part, figure, language),
    )


def _of_part(parts: pd.DataFrame, part: str, figure: Figure, language: Language) -> str:
    """A part as one speaks of it: costs and emissions without their minus."""
    row: Any = parts.loc[part]
    low, best, high = row["unit_low"], row["unit"], row["unit_high"]
    if part in ("treatment", "loading", "freight", "transport"):
        low, best, high = -high, -best, -low
    return per_tonne(low, best, high, figure, language)


def _shares(candidate: pd.Series, parts: pd.DataFrame, language: Language) -> list[str]:
    said = {name: _of_part(parts, name, "eur", language) for name in PARTS["eur"]}
    sentences = []
    if parts["unit"].notna()["disposal"]:
        sentences.append(say("explain.worth_giver", language, fee=said["disposal"]))
    low, best, high = parts.loc[["price", "treatment"], _ENDS].sum(skipna=False)
    if not np.isnan(best):
        share = per_tonne(low, best, high, "eur", language)
        values = {"price": said["price"], "treatment": said["treatment"]}
        sentences.append(say("explain.worth_receiver", language, share=share, **values))
    road = kilometres(candidate["road_km"], language)
    values = {"loading": said["loading"], "freight": said["freight"]}
    return [*sentences, say("explain.worth_moving", language, road=road, **values)]


def _vehicle(
    candidate: pd.Series, parts: pd.DataFrame, assumptions: Assumptions, language: Language
) -> list[str]:
    """Which class moves the candidate: nothing to tell where all flows travel alike."""
    if assumptions.vehicle == assumptions.collection_vehicle:
        return []
    small = bool(parts["small"].any())
    name = reference.vehicles()[f"name_{language}"][vehicle_class(assumptions, small=small)]
    unknown = pd.isna(candidate["tonnes"])
    found = "unknown" if unknown else "small" if small else "full"
    limit = tonnes(full_loads_t(assumptions), language)
    return [say(f"explain.vehicle_{found}", language, vehicle=name.lower(), limit=limit)]


def _emissions(candidate: pd.Series, parts: pd.DataFrame, language: Language) -> list[str]:
    if parts["unit"].isna()["avoided"]:
        return []
    said = {name: _of_part(parts, name, "co2e", language) for name in PARTS["co2e"]}
    road = kilometres(candidate["road_km"], language)
    return [say("explain.worth_emissions", language, road=road, **said)]


def _edges(
    candidate: pd.Series, parts: pd.DataFrame, assumptions: Assumptions, language: Language
) -> list[str]:
    sentences = []
    for figure in PARTS:
        low, best, high = break_even_range(parts, figure, assumptions)
        if math.isnan(best):
            continue
        road = float(candidate["road_km"])
        if best == 0 or math.isinf(best):
            sentences.append(
                say(f"explain.edge_{figure}_{'never' if best == 0 else 'always'}", language)
            )
            continue
        least, most = far(low, language), far(high, language)
        sentences.append(
            say(
                f"explain.edge_{figure}_{'beyond' if road > best else 'within'}",
                language,
                edge=far(best, language),
                ends="" if least == most else f" ({least}…{most})",
                road=kilometres(road, language),
            )
        )
    return sentences


def _sources(found: pd.DataFrame, language: Language) -> list[str]:
    """A sentence for each origin, with all the parts that have it."""
    sentences = []
    known = found[found["status"] != "missing"]
    for (status, source, year), parts in known.groupby(list(known), sort=False):
        names = ", ".join(say(f"explain.part_{part}", language) for part in parts.index)
        dated = f"{source} ({year})" if year and str(year) not in str(source) else source
        key = f"explain.from_{status}{'_bare' if status != 'edited' and not source else ''}"
        sentences.append(say(key, language, parts=names, source=dated))
    return sentences
