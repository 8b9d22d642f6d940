"""What a place lacks: tonnes without a taker, needs without a supply, the company to wish for.

A gap is a material of a municipality or sub-region whose supply finds no taker: it has no candidate
within the limits that the caller has cut the candidates by, or the portfolio has no room for it.
Sums use best values only, and fill in amounts told in part, as in `summary`.
"""

from typing import Literal

import numpy as np
import pandas as pd

from kiertokylat import reference, tables
from kiertokylat.amounts import filled
from kiertokylat.figures import significant
from kiertokylat.industry import in_2008
from kiertokylat.receivers import is_hazardous, rank_uses

Level = Literal["municipality", "subregion"]

_GAP = ["place", "material"]
_AMOUNTS = ["supply_t", "unreached_t", "left_t", "demand_t", "short_t"]
# One gram: less than this is what the solver's and the computer's arithmetic leaves of nothing.
_NOTHING_T = 1e-6
# Up to this many break-even distances a company is just outside. Assumption of this project.
NEAR_MISS = 1.5


def needs_without_supply(flows: pd.DataFrame, candidates: pd.DataFrame) -> pd.DataFrame:
    """The needs that have no candidate.

    Parameters
    ----------
    flows
        As `tables.FLOWS`.
    candidates
        As `tables.CANDIDATES`, cut by whatever limits hold.

    Returns
    -------
    DataFrame
        As `tables.FLOWS`, amounts filled in; the largest need first, unknown ones last, then by id.
    """
    needs = flows[
        (flows["direction"] == "in") & ~flows["id"].isin(candidates["demand_id"].unique())
    ]
    needs = needs.assign(**filled(needs))
    return needs.sort_values(["tonnes", "id"], ascending=[False, True], ignore_index=True)


def by_place(
    companies: pd.DataFrame,
    flows: pd.DataFrame,
    candidates: pd.DataFrame,
    portfolio: pd.DataFrame,
    *,
    level: Level,
) -> pd.DataFrame:
    """What of each material each place has over and lacks.

    Parameters
    ----------
    companies, flows
        As in `tables`. Flows of companies that are not in `companies` are left out.
    candidates
        As `tables.CANDIDATES`, cut by distance cap and break-even distance.
    portfolio
        The choice made among them: `supply_id`, `demand_id` (may be empty), `tonnes` (t/a).
    level
        What a place is.

    Returns
    -------
    DataFrame
        `place` (code; empty for companies outside the known sub-regions), `material`, and in t/a:
        `supply_t`; `unreached_t`, the tonnes of supplies without any candidate; `left_t`, supply
        less what the portfolio places, so the unreached ones and those for which no known need has
        room; `demand_t`; `short_t`, needs less what the portfolio brings. Rows with an amount only,
        by `unreached_t`, then `left_t`, largest first, then place and material.
    """
    located = _located(companies, flows, level)
    amount = located["tonnes"].fillna(0)
    out = located["direction"] == "out"
    reached = located["id"].isin(candidates["supply_id"].unique())
    left = _rest(located["id"], amount, portfolio, "supply_id")
    short = _rest(located["id"], amount, portfolio, "demand_id")
    parts = pd.DataFrame(
        {
            **located[_GAP],
            "supply_t": amount.where(out, 0),
            "unreached_t": amount.where(out & ~reached, 0),
            "left_t": left.where(out, 0),
            "demand_t": amount.where(~out, 0),
            "short_t": short.where(~out, 0),
        }
    )
    sums = parts.groupby(_GAP)[_AMOUNTS].sum().reset_index()
    some = sums[(sums[_AMOUNTS] > 0).any(axis=1)]
    return some.sort_values(
        ["unreached_t", "left_t", *_GAP], ascending=[False, False, True, True], ignore_index=True
    )


def wanted(
    gaps: pd.DataFrame,
    *,
    companies: pd.DataFrame,
    flows: pd.DataFrame,
    candidates: pd.DataFrame,
    uses: pd.DataFrame,
    break_even_km: pd.Series,
    level: Level,
    detour_factor: float = 1.3,
    small_km: pd.Series | None = None,
    full_loads_t: float = 0.0,
) -> pd.DataFrame:
    """Which industries could fill a gap, and how far away their nearest company is.

    Distances start from the mean point of the gap's supplies, weighted by tonnes: of those without
    a candidate, or of all in the place where each has one. If one of them is hazardous, or its code
    is not known, only uses with a permit note count. Givers of the gap are no takers of it. Where
    all of them are estimated ones of one division, neither are companies of that division unless
    they have reported a need: `analysis` leaves out such twins too.

    The same supplies decide how the gap would travel: as small flows, if more than half of their
    tonnes are in supplies below `full_loads_t`.

    Parameters
    ----------
    gaps
        Rows of `by_place`. Those without `left_t` are passed over.
    companies, flows, candidates, level
        As `by_place` got them.
    uses
        As `reference.uses()`.
    break_even_km
        Road km at which a use comes to zero, by material and route: a column of
        `impact.break_even`, or both by `selection.limit_km`.
    detour_factor
        Estimated road distance divided by straight distance.
    small_km, full_loads_t
        As `break_even_km` for small flows, and the tonnes a year from which a flow is none
        (`impact.full_loads_t`). Without them everything travels as full loads.

    Returns
    -------
    DataFrame
        `place`, `material`, `unreached_t`, `left_t` (t/a); `rank` from 1, `division`, its best
        `use`, `route`, `evidence`; `hazardous`, `small` (bool: travels as small flows);
        `company_id` of the nearest company (empty if there is none), `road_km` to it,
        `break_even_km`, `beyond_km` (road less break-even, positive outside; all NaN where
        unknown); `near` (bool): not outside, compared in two digits, for both are estimates;
        `near_miss` (bool): outside, but within `NEAR_MISS` times the break-even distance.
        One row a gap and division; gaps as given, divisions in the order of `rank_uses`. A material
        without a known use has no rows.
    """
    points = _points(gaps, _located(companies, flows, level), candidates, full_loads_t)
    ranked = rank_uses(uses).rename_axis("use").reset_index()
    ranked = ranked[["material", "division", "use", "route", "evidence", "permit_fi"]]
    rows = points.merge(ranked.assign(order=range(len(ranked))), on="material")
    rows = rows[~rows["hazardous"] | (rows["permit_fi"] != "")]
    rows = rows.sort_values(["gap", "order"]).drop_duplicates(["gap", "division"])
    rows = rows.assign(rank=rows.groupby("gap").cumcount() + 1).reset_index(drop=True)
    rows = rows.join(_nearest(rows, companies, flows, detour_factor))
    rows = _judged(rows, break_even_km, break_even_km if small_km is None else small_km)
    first = [*_GAP, "unreached_t", "left_t", "rank", "division", "use", "route", "evidence"]
    last = ["hazardous", "small", "company_id", "road_km"]
    return rows[[*first, *last, "break_even_km", "beyond_km", "near", "near_miss"]]


def _judged(rows: pd.DataFrame, full_km: pd.Series, small_km: pd.Series) -> pd.DataFrame:
    """Each gap's divisions with the break-even of how it travels, and whether they are within."""
    uses_of_rows = pd.MultiIndex.from_frame(rows[["material", "route"]])
    by_full, by_small = (
        edges.reindex(uses_of_rows).to_numpy(dtype=float) for edges in (full_km, small_km)
    )
    limit = np.where(rows["small"], by_small, by_full)
    rows = rows.assign(break_even_km=limit, beyond_km=rows["road_km"] - limit)
    # Both are estimates: what agrees in two digits is no farther than the other.
    road, edge = (rows[name].map(_two_digits) for name in ("road_km", "break_even_km"))
    near_miss = (road > edge) & (rows["road_km"] <= NEAR_MISS * limit)
    return rows.assign(near=road <= edge, near_miss=near_miss)


def _two_digits(km: float) -> float:
    return significant(km, 2)


def _division(companies: pd.DataFrame) -> pd.Series:
    return in_2008(companies).str[:2]


def _located(companies: pd.DataFrame, flows: pd.DataFrame, level: Level) -> pd.DataFrame:
    """Flows, filled in, with the place of their company, by id: no sum depends on rows' order."""
    place = companies["municipality"]
    if level == "subregion":
        place = place.map(reference.municipalities()["subregion"]).fillna("")
    points = companies[["id", "x", "y"]].rename(columns={"id": "company_id"})
    points = points.assign(place=place, division=_division(companies))
    located = flows.assign(**filled(flows)).merge(points, on="company_id")
    return located.sort_values("id", ignore_index=True)


def _rest(ids: pd.Series, amount: pd.Series, portfolio: pd.DataFrame, side: str) -> pd.Series:
    """Tonnes of each flow that the portfolio leaves."""
    used = portfolio.sort_values(["supply_id", "demand_id"]).groupby(side)["tonnes"].sum()
    rest = amount - ids.map(used).astype(float).fillna(0)
    return rest.where(rest > _NOTHING_T, 0)


def _points(
    gaps: pd.DataFrame, located: pd.DataFrame, candidates: pd.DataFrame, full_loads_t: float
) -> pd.DataFrame:
    """The gaps with their number `gap`, mean point, hazard, size, givers, and division of twins.

    `twins` is the division that all givers are of, where all that is known of them is estimated.
    """
    some = gaps.loc[gaps["left_t"] > 0, [*_GAP, "unreached_t", "left_t"]]
    some = some.assign(gap=range(len(some)))
    supplies = located[located["direction"] == "out"].merge(some, on=_GAP)
    reached = supplies["id"].isin(candidates["supply_id"].unique())
    supplies = supplies[~reached | (supplies["unreached_t"] == 0)]
    feared = [code for code in supplies["ewc"].unique() if code and is_hazardous(code)]
    points = []
    for gap, mine in supplies.groupby("gap"):
        weight = mine["tonnes"].fillna(0)
        guessed = mine["basis"].eq("estimated").all() and len(set(mine["division"])) == 1
        points.append(
            {
                "gap": gap,
                "x": np.average(mine["x"], weights=weight),
                "y": np.average(mine["y"], weights=weight),
                "hazardous": bool(mine["ewc"].isin(feared).any()),
                "small": bool(weight[weight < full_loads_t].sum() > weight.sum() / 2),
                "givers": frozenset(mine["company_id"]),
                "twins": mine["division"].iloc[0] if guessed else "",
            }
        )
    columns = ["gap", "x", "y", "hazardous", "small", "givers", "twins"]
    table = pd.DataFrame(points, columns=columns).astype({"hazardous": bool, "small": bool})
    return some.merge(table, on="gap")


def _nearest(
    rows: pd.DataFrame, companies: pd.DataFrame, flows: pd.DataFrame, detour_factor: float
) -> pd.DataFrame:
    """The nearest company of each row's division, of equally near ones that with the first id."""
    firms = companies[["id", "x", "y"]].sort_values("id")
    by_division = dict(iter(firms.groupby(_division(companies))))
    sure = flows[(flows["direction"] == "in") & (flows["basis"] != "estimated")]
    asking = sure.groupby("material")["company_id"].agg(set).to_dict()
    found = []
    for row in tables.rows(rows):
        takers = by_division.get(row.division, firms.iloc[:0])
        takers = takers[~takers["id"].isin(row.givers)]
        if row.twins == row.division:
            takers = takers[takers["id"].isin(asking.get(row.material, set()))]
        away_m = np.hypot(takers["x"] - row.x, takers["y"] - row.y).to_numpy()
        if len(takers):
            near = away_m.argmin()
            found.append((takers["id"].iloc[near], away_m[near] / 1000 * detour_factor))
        else:
            found.append(("", np.nan))
    frame = pd.DataFrame(found, columns=["company_id", "road_km"], index=rows.index)
    return frame.astype({"company_id": "str", "road_km": float})
