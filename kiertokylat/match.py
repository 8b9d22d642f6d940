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
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd

from kiertokylat import sides, tables
from kiertokylat.crowd import limited
from kiertokylat.groups import Columns, Found, Group, empty_columns, find_pairs, write


@dataclass(frozen=True)
class Rules:
    """Which pairs are candidates.

    Parameters
    ----------
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
    new_only
        Leave out pairs that put nothing to a new use. Twins: two companies of one division of which
        neither has said a word; each would get the other's offcuts, and whoever could use them uses
        the own ones first. Dealers: two companies that have both said to offer and to need the
        material; between them goods go round.
    most_pairs
        Above this number of pairs only the nearest are kept, as `crowd` tells (of equally near ones
        those with the first ids). None keeps all, however many.
    """

    hazardous: Collection[str]
    max_km: float = 50.0
    limits_km: Mapping[str, float] | None = None
    detour_factor: float = 1.3
    receivers_per_supply: int | None = None
    new_only: bool = False
    most_pairs: int | None = None


class Matched(NamedTuple):
    """Pairs, and what was left out of them.

    Parameters
    ----------
    pairs
        As `tables.PAIRS`.
    found
        How many there would be without `Rules.most_pairs`.
    nearest_only
        How many of its nearest receivers each supply has kept; None: all.
    """

    pairs: pd.DataFrame
    found: int
    nearest_only: int | None


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
    most_pairs: int | None = None,
    executor: Executor | None = None,
) -> pd.DataFrame:
    """All symbiosis candidates between companies: the `pairs` of `matched`.

    Parameters
    ----------
    companies, flows, uses, executor
        As in `matched`.
    hazardous, max_km, limits_km, detour_factor, receivers_per_supply, most_pairs
        As in `Rules`.
    """
    rules = Rules(
        hazardous,
        max_km,
        limits_km,
        detour_factor,
        receivers_per_supply,
        most_pairs=most_pairs,
    )
    return matched(companies, flows, uses, rules, executor).pairs


def matched(
    companies: pd.DataFrame,
    flows: pd.DataFrame,
    uses: pd.DataFrame,
    rules: Rules,
    executor: Executor | None = None,
) -> Matched:
    """All symbiosis candidates between companies, and how many there would be.

    Parameters
    ----------
    companies
        As `tables.COMPANIES`; `x`, `y` in EPSG:3067 metres.
    flows
        As `tables.FLOWS`. Flows of companies that are not in `companies` are left out.
    uses
        As `reference.uses()`: which division uses which material.
    rules
        Which pairs are candidates.
    executor
        Finds the pairs of the materials' groups; without one, one group after another. The result
        is the same.

    Returns
    -------
    Matched
        Its pairs ordered by material, supply_id, to_company, demand_id, whatever the order of the
        rows given.

        `use`, `route` and `evidence` are those of the best row of `uses` for the material and the
        receiver's division: by the waste hierarchy (`tables.ROUTES`), then evidence, then key.
        `certainty` is `reported` when both ends are reported or come from a register, `mixed` when
        one does, else `estimated`; a need known from the industry counts as estimated. `tonnes*` is
        the smaller of supply and demand, or the side that is known: what the pair could exchange at
        most, not a promise. The same supply stands in many candidates, so don't add them up (see
        `rank.best_per_supply`).
    """
    located = sides.places(companies)
    supplies = sides.side(flows, located, "out")
    supplies = supplies.assign(hazardous=supplies["ewc"].isin(rules.hazardous))
    if supplies.empty:
        return Matched(tables.empty(tables.PAIRS), 0, None)
    stated = sides.side(flows, located, "in").drop(columns="ewc")
    by_industry = rules.receivers_per_supply != 0
    receivers = sides.receivers(stated, located, uses, by_industry=by_industry)
    receivers = receivers[receivers["material"].isin(supplies["material"].unique())]
    supplies = supplies.rename(columns={"id": "supply_id", "company_id": "from_company"})

    kinds = _kinds(supplies, receivers, companies, uses)
    groups = _groups(supplies, receivers, kinds, rules)
    run = executor.map if executor else map
    every = None
    if rules.most_pairs is not None:
        groups, every = limited(groups, rules.most_pairs, run)
    found = list(run(find_pairs, groups))
    pairs = _table(_columns(groups, found), kinds, uses, rules.detour_factor)
    if every is None or every == len(pairs):
        return Matched(pairs, len(pairs), None)
    return Matched(pairs, every, groups[0].nearest_only)


def _groups(
    supplies: pd.DataFrame,
    receivers: pd.DataFrame,
    kinds: Mapping[str, pd.CategoricalDtype],
    rules: Rules,
) -> list[Group]:
    offered = _by_material(supplies, kinds, ["supply_id"])
    wanted = _by_material(receivers, kinds, ["to_company", "demand_id"])
    closer, most = rules.limits_km or {}, rules.max_km
    limits = (min(most, closer.get(name, most)) for name in kinds["material"].categories)
    parts = zip(offered, wanted, limits, strict=True)
    return [Group(*part, rules.receivers_per_supply, rules.new_only) for part in parts]


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
