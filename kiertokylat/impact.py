"""Pairs ► candidates: what a pair is worth a year in euros and CO2e, and how far that carries.

For `t` tonnes a year over `km` of estimated road:

    eur  = t · (disposal + price − treatment − loading) − t · km · freight
    co2e = t · avoided − t · km · transport

A pair of few tonnes does not travel as full loads: below `full_loads_t` tonnes a year it is moved
by the `collection_vehicle`, at that class's freight and emissions, and all its results follow from
that. The best amount decides, for low and high too. An unknown amount is taken for full loads.

Ranges are interval arithmetic: the lowest result has every factor at its worse end and the amount
at the end that makes it lower. It is the outermost bound, so a wide factor gives a wide result.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kiertokylat import reference
from kiertokylat.assumptions import Assumptions, Range
from kiertokylat.factors import by_use

COLUMNS = (
    *("eur_low", "eur", "eur_high", "co2e_low", "co2e", "co2e_high"),
    *("breakeven_eur_km", "breakeven_co2e_km"),
)
# What a trip with a load both ways costs against one that comes back empty. Costs: the source's
# EUR per driven km are half its EUR per loaded km (Metsäteho 2023, as in `vehicles.csv`).
# Emissions: 0.074 / 0.119 kg CO2e/tkm of an articulated lorry fully and half laden (DESNZ 2025).
_COST_LADEN_BOTH_WAYS = 0.5
_EMISSIONS_LADEN_BOTH_WAYS = 0.074 / 0.119

_Array = npt.NDArray[np.float64]


def _scaled(values: Range, laden: float, empty_return: float) -> Range:
    share = laden + (1 - laden) * empty_return
    low, best, high = (value * share for value in values)
    return low, best, high


def full_loads_t(assumptions: Assumptions, vehicles: pd.DataFrame | None = None) -> float:
    """Tonnes a year from which a flow travels as full loads: `loads_per_year` of `vehicle`.

    `vehicles` takes the place of `reference.vehicles()`, here and below.
    """
    row: Any = (reference.vehicles() if vehicles is None else vehicles).loc[assumptions.vehicle]
    return assumptions.loads_per_year * float(row["payload_t"])


def is_small(
    tonnes: npt.ArrayLike, assumptions: Assumptions, vehicles: pd.DataFrame | None = None
) -> npt.NDArray[np.bool_]:
    """Which amounts (t/a) are too small for full loads; unknown ones (NaN) are not."""
    return np.asarray(tonnes, dtype=float) < full_loads_t(assumptions, vehicles)


def vehicle_class(assumptions: Assumptions, *, small: bool) -> str:
    """Key of `reference.vehicles()` of what moves a small flow, or full loads."""
    return assumptions.collection_vehicle if small else assumptions.vehicle


def freight(
    assumptions: Assumptions, *, small: bool = False, vehicles: pd.DataFrame | None = None
) -> Range:
    """Price of transport: lowest, best, highest EUR per tonne and road km, empty return included.

    With an `empty_return` below 1 it falls in a straight line to half (a load both ways).

    Parameters
    ----------
    assumptions
        Vehicle classes and empty return. `freight_eur_tkm` takes the place of the figures of
        `vehicle`, of no other class.
    small
        Of a flow too small for full loads: by `collection_vehicle`.
    """
    key = vehicle_class(assumptions, small=small)
    own = assumptions.freight_eur_tkm if key == assumptions.vehicle else None
    values = _of_vehicle(key, "freight", vehicles) if own is None else own
    return _scaled(values, _COST_LADEN_BOTH_WAYS, assumptions.empty_return)


def transport(assumptions: Assumptions, *, small: bool = False) -> Range:
    """Emissions of transport: kg CO2e per tonne and road km, empty return included.

    With an `empty_return` below 1 they fall in a straight line to 62 % (a load both ways).

    Parameters
    ----------
    assumptions, small
        As in `freight`, with `transport_kg_tkm`.
    """
    key = vehicle_class(assumptions, small=small)
    own = assumptions.transport_kg_tkm if key == assumptions.vehicle else None
    values = _of_vehicle(key, "transport") if own is None else own
    return _scaled(values, _EMISSIONS_LADEN_BOTH_WAYS, assumptions.empty_return)


def _of_vehicle(vehicle: str, name: str, vehicles: pd.DataFrame | None = None) -> Range:
    row: Any = (reference.vehicles() if vehicles is None else vehicles).loc[vehicle]
    return float(row[f"{name}_low"]), float(row[name]), float(row[f"{name}_high"])


@lru_cache(maxsize=8)
def unit_values(assumptions: Assumptions) -> pd.DataFrame:
    """What a tonne brings before it is moved; shared, so never change the frame in place.

    Returns
    -------
    DataFrame
        Index `material`, `route`; each with `_low`, plain and `_high`: `giver` (EUR/t: the disposal
        fee it avoids), `receiver` (EUR/t: the price of what it replaces less the treatment), `gain`
        (EUR/t: both together), `avoided` (kg CO2e/t). NaN where a factor is missing.
    """
    use = by_use(assumptions)
    frame = pd.DataFrame(index=use.index)
    for end, other in (("low", "high"), ("best", "best"), ("high", "low")):
        suffix = "" if end == "best" else f"_{end}"
        frame[f"giver{suffix}"] = use[f"disposal_{end}"]
        frame[f"receiver{suffix}"] = use[f"price_{end}"] - use[f"treatment_{other}"]
        frame[f"gain{suffix}"] = frame[f"giver{suffix}"] + frame[f"receiver{suffix}"]
        frame[f"avoided{suffix}"] = use[f"co2e_{end}"]
    return frame


@lru_cache(maxsize=8)
def break_even(assumptions: Assumptions, *, small: bool = False) -> pd.DataFrame:
    """Road distance at which a use comes to zero by its best value; the frame is shared, too.

    Parameters
    ----------
    assumptions
        Prices, emissions, vehicles.
    small
        Of flows too small for full loads (`is_small`).

    Returns
    -------
    DataFrame
        Index `material`, `route`; `eur`, `co2e`: km, 0 where it never pays, NaN where unknown.
    """
    units = unit_values(assumptions)
    loading = assumptions.loading_eur_t[1]
    return pd.DataFrame(
        {
            "eur": crossing(units["gain"] - loading, freight(assumptions, small=small)[1]),
            "co2e": crossing(units["avoided"], transport(assumptions, small=small)[1]),
        },
        index=units.index,
    )


def crossing(gain: npt.ArrayLike, per_km: npt.ArrayLike) -> _Array:
    """Road km at which transport has used up a gain.

    Parameters
    ----------
    gain
        Of a tonne before it is moved, EUR or kg CO2e.
    per_km
        What a tonne loses a km, in the same unit.

    Returns
    -------
    array of float
        km; 0 where there is no gain, NaN where it is unknown. Free transport carries a gain any
        distance (infinite), and so does one that takes next to nothing.
    """
    gain, per_km = np.asarray(gain, dtype=float), np.asarray(per_km, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return np.where(gain <= 0, 0.0, gain / per_km)


def assess(pairs: pd.DataFrame, assumptions: Assumptions) -> pd.DataFrame:
    """Candidates: pairs with what they are worth a year.

    Parameters
    ----------
    pairs
        As `tables.PAIRS`.
    assumptions
        Prices, emissions, vehicle, tax.

    Returns
    -------
    DataFrame
        As `tables.CANDIDATES`, same rows and order. `eur*` in EUR a year for giver and receiver
        together, freight deducted; `co2e*` in tonnes of CO2e a year; both may be negative, and are
        NaN where a factor or the amount is unknown. Pairs below `full_loads_t` tonnes a year are
        moved by the `collection_vehicle`, all others by full loads of `vehicle`; so are those of an
        unknown amount, of which only the break-even distances are known.
    """
    units = unit_values(assumptions)
    use = _codes(pairs, units.index)
    road = pairs["road_km"].to_numpy()
    amounts = tuple(pairs[name].to_numpy() for name in ("tonnes_low", "tonnes", "tonnes_high"))
    small = is_small(amounts[1], assumptions)
    columns: dict[str, _Array] = {}
    for name, gain, per_km, fixed, scale in (
        ("eur", "gain", freight, assumptions.loading_eur_t, 1.0),
        ("co2e", "avoided", transport, (0.0, 0.0, 0.0), 1 / 1000),
    ):
        by_full, by_small = (per_km(assumptions, small=one) for one in (False, True))
        # Worst: the least gain, the dearest transport; the best turns every end round.
        low, best, high = (
            (
                _taken(units[f"{gain}{suffix}"], use)
                - fixed[end]
                - road * np.where(small, by_small[end], by_full[end])
            )
            * scale
            for suffix, end in (("_low", 2), ("", 1), ("_high", 0))
        )
        columns[f"{name}_low"] = low * np.where(low < 0, amounts[2], amounts[0])
        columns[name] = best * amounts[1]
        columns[f"{name}_high"] = high * np.where(high < 0, amounts[0], amounts[2])
    full, few = (break_even(assumptions, small=one) for one in (False, True))
    for name in ("eur", "co2e"):
        edges = np.where(small, _taken(few[name], use), _taken(full[name], use))
        columns[f"breakeven_{name}_km"] = edges
    return pairs.assign(**columns)


def _taken(values: pd.Series, positions: npt.NDArray[np.intp]) -> _Array:
    return np.append(values.to_numpy(dtype=float), np.nan).take(positions)


def _codes(pairs: pd.DataFrame, index: pd.Index) -> npt.NDArray[np.intp]:
    """Position in the index of each pair's material and route, -1 for a material outside it."""
    materials, routes = pairs["material"].cat, pairs["route"].cat
    kinds = pd.MultiIndex.from_product([materials.categories, routes.categories])
    table = index.get_indexer(kinds).reshape(len(materials.categories), len(routes.categories))
    return table[materials.codes, routes.codes]


def breakdown(candidate: pd.Series, assumptions: Assumptions) -> pd.DataFrame:
    """A candidate's result, part by part, in the order in which one adds it up.

    Parameters
    ----------
    candidate
        One row of `tables.CANDIDATES`.
    assumptions
        Those of the analysis.

    Returns
    -------
    DataFrame
        Index `disposal`, `price`, `treatment`, `loading`, `freight`, `eur`, `avoided`,
        `transport`, `co2e`; `unit_low`, `unit`, `unit_high` (EUR/t, kg CO2e/t; costs and emissions
        negative, each from its worse to its better end), `total` (EUR or t CO2e a year, best
        values), `small` (bool, in every row: moved by the `collection_vehicle`). `disposal` is the
        giver's share, `price` and `treatment` the receiver's.
    """
    use: Any = by_use(assumptions).loc[(candidate["material"], candidate["route"])]
    road, amount = candidate["road_km"], candidate["tonnes"]
    small = bool(is_small(amount, assumptions))

    def driven(per_km: Range) -> Range:
        return -road * per_km[2], -road * per_km[1], -road * per_km[0]

    def gained(item: str) -> Range:
        return use[f"{item}_low"], use[f"{item}_best"], use[f"{item}_high"]

    def paid(values: Range) -> Range:
        return -values[2], -values[1], -values[0]

    parts: dict[str, Range] = {
        "disposal": gained("disposal"),
        "price": gained("price"),
        "treatment": paid(gained("treatment")),
        "loading": paid(assumptions.loading_eur_t),
        "freight": driven(freight(assumptions, small=small)),
    }
    parts["eur"] = _sum(parts.values())
    climate: dict[str, Range] = {
        "avoided": gained("co2e"),
        "transport": driven(transport(assumptions, small=small)),
    }
    climate["co2e"] = _sum(climate.values())
    frame = pd.DataFrame.from_dict(
        {**parts, **climate}, orient="index", columns=["unit_low", "unit", "unit_high"]
    )
    scale = np.where(frame.index.isin(list(climate)), amount / 1000, amount)
    return frame.assign(total=frame["unit"] * scale, small=small)


def _sum(parts: Iterable[Range]) -> Range:
    low, best, high = (float(sum(values)) for values in zip(*parts, strict=True))
    return low, best, high
