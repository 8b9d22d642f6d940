"""Material flows to symbiosis candidates: who could take whose material.

Two rules make a candidate of a supply (a flow `out`) and a receiver within the distance limit:

1. stated need: another company has a flow `in` of the same material;
2. need known from its industry: another company's division uses the material by the uses table, and
   the company itself has stated no need of that material.

The work falls apart by material: finding the pairs of a material's group is one self-contained
task, so any `concurrent.futures.Executor` can run them.
"""

import os
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pandas as pd

from kiertokylat import tables
from kiertokylat.amounts import filled
from kiertokylat.groups import TONNES, Columns, Found, Group, empty_columns, find_pairs, write


def match(
    companies: pd.DataFrame,
    flows: pd.DataFrame,
    uses: pd.DataFrame,
    *,
    hazardous: Collection[str],
    max_km: float = 50.0,
    limits_km: Mapping[str, float] | None = None,
    detour_factor: float = 1.3,
    receivers_per_supply: int | None = None,
    executor: Executor | None = None,
) -> pd.DataFrame:
    """All symbiosis candidates between companies.

    Parameters
    ----------
    companies
        As `tables.COMPANIES`; `x`, `y` in EPSG:3067 metres.
    flows
        As `tables.FLOWS`. Flows of companies that are not in `companies` are left out.
    uses
        As `reference.uses()`: which division uses which material.
    hazardous
        EWC codes of hazardous waste. Their supplies are candidates only where the receiver's
        division has a use with a permit note (`permit_fi`).
    max_km
        Greatest straight-line distance, km, inclusive.
    limits_km
        Closer limits of single materials, km, inclusive.
    detour_factor
        Estimated road distance divided by straight distance.
    receivers_per_supply
        For rule 2 only: each supply keeps this many nearest receivers in each division (of equally
        near ones those with the first ids). None keeps all, 0 leaves rule 2 out.
    executor
        Finds the pairs of the materials' groups; without one, one group after another. The result
        is the same.

    Returns
    -------
    DataFrame
        As `tables.PAIRS`, ordered by material, supply_id, to_company, demand_id, whatever the
        order of the rows given.

        `use`, `route` and `evidence` are those of the best row of `uses` for the material and the
        receiver's division: by the waste hierarchy (`tables.ROUTES`), then evidence, then key.
        `certainty` is `reported` when both ends are reported or come from a register, `mixed` when
        one does, else `estimated`; a need known from the industry counts as estimated. `tonnes*` is
        the smaller of supply and demand, or the side that is known: what the pair could exchange at
        most, not a promise. The same supply stands in many candidates, so don't add them up (see
        `rank.best_per_supply`).
    """
    places = _places(companies)
    supplies = _side(flows, places, "out").assign(
        hazardous=lambda side: side["ewc"].isin(hazardous)
    )
    if supplies.empty:
        return tables.empty(tables.PAIRS)
    receivers = _receivers(flows, places, uses, by_industry=receivers_per_supply != 0)
    receivers = receivers[receivers["material"].isin(supplies["material"].unique())]
    supplies = supplies.rename(columns={"id": "supply_id", "company_id": "from_company"})

    kinds = _kinds(supplies, receivers, companies, uses)
    offered = _by_material(supplies, kinds, ["supply_id"])
    wanted = _by_material(receivers, kinds, ["to_company", "demand_id"])
    closer = limits_km or {}
    limits = (min(max_km, closer.get(name, max_km)) for name in kinds["material"].categories)
    parts = zip(offered, wanted, limits, strict=True)
    groups = [Group(*part, receivers_per_supply) for part in parts]
    found = list((executor.map if executor else map)(find_pairs, groups))
    return _table(_columns(groups, found), kinds, uses, detour_factor)


def _columns(groups: list[Group], found: list[Found]) -> Columns:
    """The groups' columns one after the other.

    Each column is one array from the start, and threads write the groups' slices of it (NumPy lets
    them run side by side). Joining finished parts would take twice the memory.
    """
    edges = np.cumsum([0, *(len(away_km) for *_, away_km in found)])
    columns = empty_columns(groups[0], edges[-1])
    slices = [
        {name: column[start:end] for name, column in columns.items()}
        for start, end in pairwise(edges)
    ]
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        list(threads.map(write, groups, found, slices))
    return columns


def _table(
    columns: Columns,
    kinds: Mapping[str, pd.CategoricalDtype],
    uses: pd.DataFrame,
    detour_factor: float,
) -> pd.DataFrame:
    chosen = uses[["route", "evidence"]].reindex(kinds["use"].categories, fill_value="")
    for name in ("route", "evidence"):
        columns[name] = pd.Categorical(chosen[name], dtype=kinds[name]).codes.take(columns["use"])
    columns["road_km"] = columns["distance_km"] * detour_factor
    frame = {
        name: pd.Categorical.from_codes(columns[name], dtype=kinds[name], validate=False)
        if name in kinds
        else columns[name]
        for name in tables.PAIRS.columns
    }
    return pd.DataFrame(frame, copy=False)


def _best_uses(uses: pd.DataFrame) -> pd.DataFrame:
    """The best use of each material and division, and the best of those with a permit note."""
    key = ["material", "division"]
    ranked = uses.rename_axis("use").reset_index()
    ranked["route"] = pd.Categorical(ranked["route"], tables.ROUTES)
    ranked["evidence"] = pd.Categorical(ranked["evidence"], tables.EVIDENCE)
    ranked = ranked.sort_values(["route", "evidence", "use"])
    best = ranked.drop_duplicates(key)[[*key, "use"]]
    permitted = ranked[ranked["permit_fi"] != ""].drop_duplicates(key)[[*key, "use"]]
    return best.merge(permitted.rename(columns={"use": "permitted_use"}), how="left", on=key)


def _places(companies: pd.DataFrame) -> pd.DataFrame:
    places = companies[["id", "precision", "x", "y"]].rename(columns={"id": "company_id"})
    return places.assign(division=companies["nace"].str[:2])


def _side(flows: pd.DataFrame, places: pd.DataFrame, direction: str) -> pd.DataFrame:
    """The flows of one direction, their amounts filled in, with the place of their company."""
    columns = ["id", "company_id", "ewc", "material", "basis", *TONNES]
    side = flows.loc[flows["direction"] == direction, columns].merge(places, on="company_id")
    estimated = side["basis"].eq("estimated").astype(np.int8)
    return side.assign(estimated=estimated, **filled(side))


def _receivers(
    flows: pd.DataFrame, places: pd.DataFrame, uses: pd.DataFrame, *, by_industry: bool
) -> pd.DataFrame:
    """Who needs a material, by its own word or by its industry, with the best use there."""
    best = _best_uses(uses)
    receivers = _side(flows, places, "in").drop(columns="ewc").assign(stated=True)
    if by_industry:
        receivers = pd.concat([receivers, _industry_receivers(receivers, places, best)])
    receivers = receivers.merge(best, how="left", on=["material", "division"])
    receivers = receivers.fillna({"use": "", "permitted_use": ""})
    return receivers.rename(columns={"id": "demand_id", "company_id": "to_company"})


def _industry_receivers(
    stated: pd.DataFrame, places: pd.DataFrame, best: pd.DataFrame
) -> pd.DataFrame:
    """Companies whose division uses a material that they have not stated a need of."""
    key = ["company_id", "material"]
    users = places.merge(best[["material", "division"]], on="division")
    users = users.merge(stated[key].drop_duplicates(), on=key, how="left", indicator=True)
    users = users[users["_merge"] == "left_only"].drop(columns="_merge")
    return users.assign(id="", estimated=np.int8(1), stated=False, **dict.fromkeys(TONNES, np.nan))


def _kinds(
    supplies: pd.DataFrame, receivers: pd.DataFrame, companies: pd.DataFrame, uses: pd.DataFrame
) -> dict[str, pd.CategoricalDtype]:
    """The categories of every column of text."""

    def alphabetical(values: pd.Series) -> pd.CategoricalDtype:
        return pd.CategoricalDtype(pd.Index(values.unique(), dtype="str").sort_values())

    kinds = {
        "supply_id": alphabetical(supplies["supply_id"]),
        "demand_id": alphabetical(receivers["demand_id"]),
        "from_company": alphabetical(companies["id"]),
        "material": alphabetical(supplies["material"]),
        "ewc": alphabetical(supplies["ewc"]),
        "use": alphabetical(pd.Series(["", *uses.index], dtype="str")),
        "division": alphabetical(companies["nace"].str[:2]),
        "route": pd.CategoricalDtype([*tables.ROUTES, ""], ordered=True),
        "evidence": pd.CategoricalDtype([*tables.EVIDENCE], ordered=True),
        "certainty": pd.CategoricalDtype([*tables.CERTAINTIES], ordered=True),
        "precision": pd.CategoricalDtype([*tables.PRECISIONS], ordered=True),
    }
    return {**kinds, "to_company": kinds["from_company"], "permitted_use": kinds["use"]}


def _by_material(
    frame: pd.DataFrame, kinds: Mapping[str, pd.CategoricalDtype], order: list[str]
) -> Iterator[pd.DataFrame]:
    """One frame a material, rows in the order of the result, text as codes of its categories."""
    names = frame.columns.intersection([*kinds])
    codes = {name: pd.Categorical(frame[name], dtype=kinds[name]).codes for name in names}
    numbers = frame.assign(**codes).select_dtypes(["number", "bool"])
    numbers = numbers.sort_values(["material", *order], ignore_index=True)
    count = len(kinds["material"].categories)
    edges = np.searchsorted(numbers["material"], np.arange(count + 1))
    return (numbers.iloc[start:end] for start, end in pairwise(edges))
