"""Small supplies near each other ► pools that fill a lorry or feed a plant.

A pool is "at least T tonnes a year of one material within R km, as the crow flies". DBSCAN (Ester,
Kriegel, Sander and Xu 1996) says it word for word once each site weighs its tonnes: a site with T
tonnes within R, its own included, is a core; cores within R of each other belong together, and so
do the sites within R of a core. A pool may thus be much wider than R: R is the step between
neighbours, `collect_km` what the width costs.
"""

from collections.abc import Collection
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.spatial.distance import cdist
from sklearn.cluster import DBSCAN  # type: ignore[import-untyped]

from kiertokylat import reference
from kiertokylat.amounts import filled
from kiertokylat.locate import to_metres
from kiertokylat.pool_value import newly_reached
from kiertokylat.tables import BASES

__all__ = ["all_pools", "contributions", "find_pools", "hull", "newly_reached"]

_TONNES = ("tonnes_low", "tonnes", "tonnes_high")
_LOADS = ("truckloads_low", "truckloads", "truckloads_high")
_POOLS = {
    "pool": "str",
    "material": "str",
    "members": "int64",
    **dict.fromkeys((*_TONNES, "reported_share"), "float64"),
    "hub": "str",
    "hub_kind": "str",
    **dict.fromkeys(("hub_x", "hub_y", "collect_tkm", "collect_km", *_LOADS), "float64"),
}
_MEMBERS = {
    **dict.fromkeys(("pool", "company_id", "municipality"), "str"),
    **dict.fromkeys(("x", "y", *_TONNES), "float64"),
    "basis": "str",
    "to_hub_km": "float64",
    "core": "bool",
}
_HULL_MARGIN = 1500.0  # m, so that two members also show as an area
_SITES_AT_ONCE = 500  # of the possible hubs, which keeps their distances to all members small


def find_pools(
    companies: pd.DataFrame,
    flows: pd.DataFrame,
    *,
    material: str,
    tonnes: float,
    km: float,
    payload_t: float,
    detour_factor: float = 1.3,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The pools of one material.

    Parameters
    ----------
    companies, flows
        As in `tables`. Supplies of known tonnes above 0 take part, those of one company together;
        an amount told in part is filled in as for matching (`amounts.filled`).
    material
        The material.
    tonnes
        T, t/a: what has to be found within R of a core (compared in whole kilograms).
    km
        R, km in a straight line, inclusive, above 0.
    payload_t
        Tonnes of a full load.
    detour_factor
        Estimated road distance divided by straight distance.

    Returns
    -------
    pools : DataFrame
        `pool` (`sawdust-<first member>`), `material`, `members` (count), `tonnes_low`, `tonnes`,
        `tonnes_high` (t/a, sums of the members'), `reported_share` (0–1, of the tonnes), `hub`
        (company id or municipality code), `hub_kind` (`company`, `municipality`), `hub_x`, `hub_y`,
        `collect_tkm` (tonne-km a year by road to the hub), `collect_km` (the same per tonne),
        `truckloads_low`, `truckloads`, `truckloads_high` (full loads a year, not rounded); largest
        first. The hub is the member's site or administrative centre of a municipality with the
        fewest tonne-km, of equal ones the first id.
    members : DataFrame
        `pool`, `company_id`, `municipality`, `x`, `y`, `tonnes_low`, `tonnes`, `tonnes_high`,
        `basis` (the least sure of its flows), `to_hub_km` (road), `core` (bool); in the order of
        the pools, largest first. One site with T alone is a pool of one. A site near the cores of
        two pools belongs to the one with the first core id; a pool that has less than T without
        such a site is none.

    Raises
    ------
    ValueError
        `km` is not above 0.
    """
    sites = _sites(companies, flows, material)
    if sites.empty:
        return _empty()
    sites["label"], sites["core"] = _clustered(sites, tonnes, km)
    pools, members = [], []
    for _, group in sites[sites["label"] >= 0].groupby("label"):
        pool = _pool(group, material, payload_t, detour_factor)
        away = np.hypot(group["x"] - pool["hub_x"], group["y"] - pool["hub_y"])
        pools.append(pool)
        members.append(group.assign(pool=pool["pool"], to_hub_km=away / 1000 * detour_factor))
    return _ordered(pd.DataFrame(pools), pd.concat(members)) if pools else _empty()


def all_pools(
    companies: pd.DataFrame,
    flows: pd.DataFrame,
    thresholds: pd.DataFrame,
    *,
    payload_t: float,
    detour_factor: float = 1.3,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The pools of every material that has a threshold.

    Parameters
    ----------
    companies, flows, payload_t, detour_factor
        As in `find_pools`.
    thresholds
        As `reference.pool_thresholds()`: index `material`; `tonnes`, `km`.

    Returns
    -------
    pools, members : DataFrame
        As from `find_pools`, largest pools first whatever their material.
    """
    offered = thresholds.loc[thresholds.index.isin(flows["material"])]
    options = {"payload_t": payload_t, "detour_factor": detour_factor}
    found = [
        find_pools(companies, flows, material=str(name), tonnes=tonnes, km=km, **options)
        for name, tonnes, km in zip(offered.index, offered["tonnes"], offered["km"], strict=True)
    ]
    some = [(pools, members) for pools, members in found if len(pools)]
    if not some:
        return _empty()
    pools, members = zip(*some, strict=True)
    return _ordered(pd.concat(pools), pd.concat(members))


def contributions(
    members: pd.DataFrame, *, tonnes: float, km: float, only: Collection[str] | None = None
) -> pd.DataFrame:
    """What a pool loses when one of its members stays away.

    The others are clustered again with the same T and R, once a member.

    Parameters
    ----------
    members
        The members of one pool, from `find_pools`.
    tonnes, km
        T and R that the pool was found with.
    only
        Company ids to try, for pools of many hundred members. None tries all.

    Returns
    -------
    DataFrame
        `company_id`, `lost_t` (t/a: the pool less the largest pool that remains; never below the
        member's own tonnes), `holds` (bool: a pool remains); greatest loss first.
    """
    members = members.sort_values("company_id", ignore_index=True)
    tried = members["company_id"].isin(members["company_id"] if only is None else only)
    rows = []
    for position in members.index[tried]:
        others = members.drop(index=position)
        label, _ = _clustered(others, tonnes, km)
        remaining = others["tonnes"].groupby(label).sum().drop(index=-1, errors="ignore")
        left = remaining.max() if len(remaining) else 0.0
        lost = members["tonnes"].sum() - left
        own = members.loc[position, "tonnes"]
        # Sums in another order may differ by the last bit.
        rows.append((members.loc[position, "company_id"], max(lost, own), len(remaining) > 0))
    table = pd.DataFrame(rows, columns=["company_id", "lost_t", "holds"])
    table = table.astype({"company_id": "str", "lost_t": float, "holds": bool})
    return table.sort_values("lost_t", ascending=False, kind="stable", ignore_index=True)


def hull(members: pd.DataFrame) -> shapely.Geometry:
    """The area of a pool, for drawing: the members' convex hull and 1.5 km around it.

    Parameters
    ----------
    members
        Columns `x`, `y` (EPSG:3067 m); at least one row.

    Returns
    -------
    Geometry
        A polygon in EPSG:3067.
    """
    return shapely.MultiPoint(members[["x", "y"]].to_numpy()).convex_hull.buffer(_HULL_MARGIN)


def _sites(companies: pd.DataFrame, flows: pd.DataFrame, material: str) -> pd.DataFrame:
    """What each company offers of a material, in the order of ids (`groupby` sorts them)."""
    ours = (flows["direction"] == "out") & (flows["material"] == material)
    # Sorted by flow, so that sums don't depend on the order of rows either.
    supply = flows.loc[ours, ["id", "company_id", "basis", *_TONNES]].sort_values("id")
    supply = supply.assign(**filled(supply))
    # A comparison with NaN is false: unknown amounts stay out.
    supply = supply[supply["tonnes"] > 0]
    supply = supply.assign(
        reported=supply["tonnes"].where(supply["basis"] != "estimated", 0),
        basis=supply["basis"].map({basis: rank for rank, basis in enumerate(BASES)}),
    )
    sums = dict.fromkeys((*_TONNES, "reported"), "sum")
    sites = supply.groupby("company_id").agg({**sums, "basis": "max"}).reset_index()
    sites["basis"] = sites["basis"].map(dict(enumerate(BASES))).astype("str")
    places = companies[["id", "municipality", "x", "y"]].rename(columns={"id": "company_id"})
    return sites.merge(places, on="company_id")


def _clustered(
    sites: pd.DataFrame, tonnes: float, km: float
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.bool_]]:
    """Number of each site's pool (-1: none), and whether the site is a core of it."""
    if sites.empty:
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=bool)
    # Whole kilograms add up exactly, and DBSCAN wants a whole number as threshold.
    weight = np.round(sites["tonnes"].to_numpy() * 1000)
    threshold = max(1, round(tonnes * 1000))
    # Sites at one point have the same neighbours, so they are clustered as one of their weight:
    # DBSCAN keeps a list of neighbours of each, and a thousand at one centre would be a million.
    at = sites.groupby(["x", "y"], sort=False).ngroup().to_numpy()
    first = np.unique(at, return_index=True)[1]
    # The tree subtracts coordinates. The other way squares them and loses sites at exactly R.
    scan = DBSCAN(eps=km * 1000, min_samples=threshold, algorithm="kd_tree")
    here = sites[["x", "y"]].to_numpy()[first]
    scan.fit(here, sample_weight=np.bincount(at, weights=weight))
    label = scan.labels_[at]
    core = np.isin(at, scan.core_sample_indices_)
    some = label >= 0
    total = np.bincount(label[some], weights=weight[some])
    short = some & (total < threshold)[label] if some.any() else ~some
    return np.where(short, -1, label), core & ~short


def _pool(
    members: pd.DataFrame, material: str, payload_t: float, detour_factor: float
) -> dict[str, Any]:
    sums = members[[*_TONNES]].sum()
    total = sums["tonnes"]
    hub, straight_tkm = _hub(members)
    return {
        "pool": f"{material}-{members['company_id'].iloc[0]}",
        "material": material,
        "members": len(members),
        **dict(zip(_TONNES, sums, strict=True)),
        "reported_share": members["reported"].sum() / total,
        **hub,
        "collect_tkm": straight_tkm * detour_factor,
        "collect_km": straight_tkm * detour_factor / total,
        **dict(zip(_LOADS, sums / payload_t, strict=True)),
    }


@lru_cache
def _towns() -> pd.DataFrame:
    centres = reference.municipalities()
    x, y = to_metres(centres["centre_lon"], centres["centre_lat"])
    return pd.DataFrame({"hub": centres.index, "hub_kind": "municipality", "hub_x": x, "hub_y": y})


def _hub(members: pd.DataFrame) -> tuple[dict[str, Any], float]:
    """The possible hub with the fewest tonne-km, and its straight tonne-km."""
    towns = _towns()
    own = members.rename(columns={"company_id": "hub", "x": "hub_x", "y": "hub_y"})
    sites = pd.concat([own.assign(hub_kind="company")[[*towns]], towns], ignore_index=True)
    places, tonnes = members[["x", "y"]].to_numpy(), members["tonnes"].to_numpy()
    here = sites[["hub_x", "hub_y"]].to_numpy()
    parts = np.array_split(here, range(_SITES_AT_ONCE, len(here), _SITES_AT_ONCE))
    work = np.concatenate([cdist(part, places) @ tonnes for part in parts]) / 1000
    # Rounded to kilogram-km, below which a difference is arithmetic and not distance.
    first = np.lexsort((sites["hub_kind"], sites["hub"], np.round(work, 3)))[0]
    hub = {str(name): value for name, value in sites.loc[first].items()}
    return hub, float(work[first])


def _ordered(pools: pd.DataFrame, members: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Largest first, members in the order of their pools, with the right columns and types."""
    pools = pools.sort_values(["tonnes", "pool"], ascending=[False, True], ignore_index=True)
    position = members["pool"].map(pd.Series(pools.index, index=pools["pool"]))
    members = members.assign(position=position).sort_values(
        ["position", "tonnes", "company_id"], ascending=[True, False, True], ignore_index=True
    )
    return pools[[*_POOLS]].astype(_POOLS), members[[*_MEMBERS]].astype(_MEMBERS)


def _empty() -> tuple[pd.DataFrame, pd.DataFrame]:
    pools, members = pd.DataFrame(columns=[*_POOLS]), pd.DataFrame(columns=[*_MEMBERS])
    return pools.astype(_POOLS), members.astype(_MEMBERS)
