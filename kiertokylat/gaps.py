"""What a place lacks: tonnes without a taker, needs without a supply, the company to wish for.

A gap is a material of a municipality or sub-region whose supply finds no taker: it has no candidate
within the limits that the caller has cut the candidates by, or the portfolio has no room for it.
Sums use best values only, as in `summary`.
"""

from functools import lru_cache
from typing import Any, Literal

import numpy as np
import pandas as pd

from kiertokylat import reference, tables
from kiertokylat.figures import kilometres, tonnes
from kiertokylat.industry import in_2008
from kiertokylat.receivers import is_hazardous, rank_uses
from kiertokylat.words import Language, say

Level = Literal["municipality", "subregion"]
Limit = Literal["both", "eur", "co2e"]

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
        As `tables.FLOWS`, the largest need first, unknown amounts last, then by id.
    """
    needs = flows[
        (flows["direction"] == "in") & ~flows["id"].isin(candidates["demand_id"].unique())
    ]
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
) -> pd.DataFrame:
    """Which industries could fill a gap, and how far away their nearest company is.

    Distances start from the mean point of the gap's supplies, weighted by tonnes: of those without
    a candidate, or of all in the place where each has one. If one of them is hazardous, or its code
    is not known, only uses with a permit note count. Givers of the gap are no takers of it. Where
    all of them are estimated ones of one division, neither are companies of that division unless
    they have reported a need: `analysis` leaves out such twins too.

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

    Returns
    -------
    DataFrame
        `place`, `material`, `unreached_t`, `left_t` (t/a); `rank` from 1, `division`, its best
        `use`, `route`, `evidence`; `hazardous` (bool); `company_id` of the nearest company (empty
        if there is none), `road_km` to it, `break_even_km`, `beyond_km` (road less break-even,
        positive outside; all NaN where unknown); `near_miss` (bool): outside, but within
        `NEAR_MISS` times the break-even distance. One row a gap and division; gaps as given,
        divisions in the order of `rank_uses`. A material without a known use has no rows.
    """
    points = _points(gaps, _located(companies, flows, level), candidates)
    ranked = rank_uses(uses).rename_axis("use").reset_index()
    ranked = ranked[["material", "division", "use", "route", "evidence", "permit_fi"]]
    rows = points.merge(ranked.assign(order=range(len(ranked))), on="material")
    rows = rows[~rows["hazardous"] | (rows["permit_fi"] != "")]
    rows = rows.sort_values(["gap", "order"]).drop_duplicates(["gap", "division"])
    rows = rows.assign(rank=rows.groupby("gap").cumcount() + 1).reset_index(drop=True)
    rows = rows.join(_nearest(rows, companies, flows, detour_factor))
    uses_of_rows = pd.MultiIndex.from_frame(rows[["material", "route"]])
    limit = break_even_km.reindex(uses_of_rows).to_numpy(dtype=float)
    rows = rows.assign(break_even_km=limit, beyond_km=rows["road_km"] - limit)
    rows["near_miss"] = (rows["beyond_km"] > 0) & (rows["road_km"] <= NEAR_MISS * limit)
    first = [*_GAP, "unreached_t", "left_t", "rank", "division", "use", "route", "evidence"]
    last = ["hazardous", "company_id", "road_km", "break_even_km", "beyond_km", "near_miss"]
    return rows[first + last]


def place_name(code: str, language: Language) -> str:
    """The name of a municipality or sub-region; the code itself where it has none."""
    return _place_names(language).get(code, code)


def sentence(row: Any, language: Language, *, limit: Limit = "eur") -> str:
    """A row of `wanted` in words: which company a place would do well to get, and why.

    Parameters
    ----------
    row
        One row of `wanted`, as a Series or a named tuple's `_asdict()`.
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
    # Who is near enough already comes before a newcomer.
    near = bool(row["company_id"]) and row["beyond_km"] <= 0
    opening = "possible" if not edge > 0 else "ask" if near else "welcome"
    parts = [say(f"gaps.{opening}", language, **values)]
    if not edge > 0:
        parts.append(say(f"gaps.{'unknown' if np.isnan(edge) else 'never'}_{limit}", language))
    amount = tonnes(row[f"{kind}_t"], language, estimated=True)
    parts.append(say(f"gaps.{kind}", language, amount=amount))
    return " ".join([*parts, _distance(row, language, limit)])


def _distance(row: Any, language: Language, limit: Limit) -> str:
    """Where the nearest company is, against the break-even distance where that says something."""
    if not row["company_id"]:
        return say("gaps.nobody", language)
    road, edge = kilometres(row["road_km"], language), row["break_even_km"]
    if not (edge > 0 and np.isfinite(edge)):
        return say("gaps.nearest", language, road=road)
    key = f"gaps.{'beyond' if row['beyond_km'] > 0 else 'within'}_{limit}"
    values = {"road": road, "edge": kilometres(edge, language)}
    if row["beyond_km"] > 0:
        values["beyond"] = kilometres(row["beyond_km"], language)
    return say(key, language, **values)


def _division(companies: pd.DataFrame) -> pd.Series:
    return in_2008(companies).str[:2]


def _located(companies: pd.DataFrame, flows: pd.DataFrame, level: Level) -> pd.DataFrame:
    """Flows with the place and point of their company, by id: no sum depends on the rows' order."""
    place = companies["municipality"]
    if level == "subregion":
        place = place.map(reference.municipalities()["subregion"]).fillna("")
    points = companies[["id", "x", "y"]].rename(columns={"id": "company_id"})
    points = points.assign(place=place, division=_division(companies))
    located = flows.merge(points, on="company_id")
    return located.sort_values("id", ignore_index=True)


def _rest(ids: pd.Series, amount: pd.Series, portfolio: pd.DataFrame, side: str) -> pd.Series:
    """Tonnes of each flow that the portfolio leaves."""
    used = portfolio.sort_values(["supply_id", "demand_id"]).groupby(side)["tonnes"].sum()
    rest = amount - ids.map(used).astype(float).fillna(0)
    return rest.where(rest > _NOTHING_T, 0)


def _points(gaps: pd.DataFrame, located: pd.DataFrame, candidates: pd.DataFrame) -> pd.DataFrame:
    """The gaps with their number `gap`, mean point, hazard, givers, and the division of twins.

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
                "givers": frozenset(mine["company_id"]),
                "twins": mine["division"].iloc[0] if guessed else "",
            }
        )
    columns = ["gap", "x", "y", "hazardous", "givers", "twins"]
    return some.merge(pd.DataFrame(points, columns=columns).astype({"hazardous": bool}), on="gap")


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


@lru_cache
def _place_names(language: Language) -> dict[str, str]:
    """Names by code: no sub-region has the code of a municipality."""
    places = reference.municipalities()
    subregions = zip(places["subregion"], places[f"subregion_{language}"], strict=True)
    return {**dict(subregions), **places["name_fi"].to_dict()}
