"""What a pool is worth: which receivers pay for it, and which for its members one by one.

A model of this project, with best values, in EUR per tonne:

    alone  = gain − loading − road km to the receiver · freight
    pooled = gain − 2 · loading − `collect_km` · freight of `collection_vehicle`
             − road km from the hub · freight of `vehicle`

Alone, a member too small for full loads pays the freight of `collection_vehicle`, as every pair
does (`impact.is_small`). Assumptions: a pool's tonnes are all loaded twice, and wait at the hub for
a full load, which costs nothing.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial.distance import cdist

from kiertokylat.amounts import filled
from kiertokylat.assumptions import Assumptions
from kiertokylat.impact import freight, is_small

_Array = npt.NDArray[np.float64]


def newly_reached(
    pool: pd.Series,
    members: pd.DataFrame,
    candidates: pd.DataFrame,
    companies: pd.DataFrame,
    flows: pd.DataFrame,
    *,
    assumptions: Assumptions,
    units: pd.DataFrame,
    vehicles: pd.DataFrame,
) -> pd.DataFrame:
    """Which receivers pay as a pool, and how much better than one by one.

    The formulas stand at the top of the module.

    Parameters
    ----------
    pool, members
        One row of `find_pools`' pools, and its members.
    candidates
        As `tables.CANDIDATES`, not cut by break-even distance. Those of the members' supplies of
        the material name the receivers; the members themselves are none.
    companies, flows
        As in `tables`: where receivers are and how much they need.
    assumptions
        Vehicles, loads a year, loading, detour factor, empty return, own freight (of `vehicle`).
    units
        As `impact.unit_values(assumptions)`; a receiver of unknown `gain` is left out.
    vehicles
        As `reference.vehicles()`.

    Returns
    -------
    DataFrame
        One row a receiver, need and route: `to_company`, `demand_id`, `route`, `need_t` (t/a, NaN
        where unknown: then it could take all), `road_km` (from the hub), `alone_eur_t` (of the
        member that does best), `pooled_eur_t`, `improvement_eur` (EUR a year: the pool's tonnes, up
        to the need, less what the members would make that pay alone, best first up to the need;
        negative where pooling is worse), `only_as_pool` (bool: pooled ≥ 0, alone < 0 for every
        member); greatest improvement first.
    """
    reached = _receivers(pool, members, candidates, companies, flows)
    gain = units["gain"].xs(pool["material"], level="material")
    reached["gain"] = reached["route"].map(gain)
    reached = reached.dropna(subset="gain").sort_values(["to_company", "demand_id", "route"])

    own, loading = members["tonnes"].to_numpy(), assumptions.loading_eur_t[1]
    full, collection = (
        freight(assumptions, small=one, vehicles=vehicles)[1] for one in (False, True)
    )
    small = is_small(own, assumptions, vehicles)
    places, gains = reached[["x", "y"]].to_numpy(), reached["gain"].to_numpy()
    road = assumptions.detour_factor / 1000
    away = cdist(places, members[["x", "y"]]) * road
    alone = gains[:, np.newaxis] - loading - away * np.where(small, collection, full)

    from_hub = np.hypot(reached["x"] - pool["hub_x"], reached["y"] - pool["hub_y"]) * road
    pooled = gains - 2 * loading - pool["collect_km"] * collection - from_hub * full
    need = reached["need_t"].fillna(np.inf).to_numpy()
    improvement = pooled * np.minimum(need, own.sum()) - _one_by_one(alone, own, need)
    best = alone.max(axis=1, initial=-np.inf)
    table = reached.drop(columns=["x", "y", "gain"]).assign(
        road_km=from_hub,
        alone_eur_t=best,
        pooled_eur_t=pooled,
        improvement_eur=improvement,
        only_as_pool=(pooled >= 0) & (best < 0),
    )
    return table.sort_values("improvement_eur", ascending=False, kind="stable", ignore_index=True)


def _receivers(
    pool: pd.Series,
    members: pd.DataFrame,
    candidates: pd.DataFrame,
    companies: pd.DataFrame,
    flows: pd.DataFrame,
) -> pd.DataFrame:
    """`to_company`, `demand_id`, `route`, `need_t`, `x`, `y` of a pool's possible receivers."""
    inside = members["company_id"]
    ours = (
        candidates["from_company"].isin(inside)
        & (candidates["material"] == pool["material"])
        & ~candidates["to_company"].isin(inside)
    )
    keys = ["to_company", "demand_id", "route"]
    found = candidates.loc[ours, keys].astype("str").drop_duplicates()
    places = companies.set_index("id")[["x", "y"]]
    need = found["demand_id"].map(filled(flows.set_index("id"))["tonnes"]).astype(float)
    return found.assign(need_t=need).join(places, on="to_company")


def _one_by_one(alone: _Array, tonnes: _Array, need: _Array) -> _Array:
    """EUR a year of the members that pay on their own, best first until the need is met."""
    order = np.argsort(-alone, axis=1, kind="stable")
    gain = np.take_along_axis(alone, order, axis=1).clip(min=0)
    served = np.minimum(np.cumsum(tonnes[order], axis=1), need[:, np.newaxis])
    return (np.diff(served, axis=1, prepend=0) * gain).sum(axis=1)
