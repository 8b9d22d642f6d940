"""The project's set of indicators (vaikuttavuusmittaristo): what is at stake, and what was reached.

Three ways of adding candidates up stand side by side: *naive* adds every candidate, *greedy* serves
the best first, *optimal* is the linear programme. Only the last two count each tonne once.

Ranges are sums of lows and of highs: every amount and factor erring the same way at once. That is
the outermost bound; `sensitivity` tells what the errors do one by one.
"""

import math
from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from kiertokylat.analysis import Analysis
from kiertokylat.assumptions import Assumptions, Range
from kiertokylat.factors import by_use
from kiertokylat.impact import freight, is_small, transport

STAGES = ("idea", "contacted", "negotiated", "realised", "dropped")
AMOUNTS = ("tonnes", "virgin", "eur", "co2e")
# A tonne used in these ways takes the place of a tonne of virgin material: assumption of this
# project. Fuel and fertiliser replace something else by less or more than their weight.
VIRGIN_ROUTES = ("reuse", "recycling", "earthworks")

_ENDS = ("_low", "", "_high")
_KEY = ["supply_id", "to_company", "demand_id"]
_COLUMNS = [f"{name}{end}" for name in AMOUNTS for end in _ENDS]


def with_use(chosen: pd.DataFrame, candidates: pd.DataFrame) -> pd.DataFrame:
    """A portfolio with what its candidates know of each pair, and `virgin*` (t/a).

    Further columns: `route`, `road_km`, and `pair_tonnes` (t/a), the candidate's own tonnes: they
    decide which vehicle moves the pair, however few of them the portfolio takes.

    Parameters
    ----------
    chosen
        From `portfolio.optimal` or `portfolio.greedy`; or candidates themselves.
    candidates
        As `tables.CANDIDATES`: those that it was chosen from.
    """
    if "route" not in chosen:
        known = candidates[[*_KEY, "route", "road_km", "tonnes"]]
        known = known.rename(columns={"tonnes": "pair_tonnes"}).astype(dict.fromkeys(_KEY, "str"))
        chosen = chosen.merge(known, on=_KEY, how="left", validate="one_to_one")
    else:
        chosen = chosen.assign(pair_tonnes=chosen["tonnes"])
    virgin = chosen["route"].isin(VIRGIN_ROUTES)
    amounts = {f"virgin{end}": chosen[f"tonnes{end}"].where(virgin, 0.0) for end in _ENDS}
    return chosen.assign(**amounts)


def totals(ways: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """What each way of adding up promises.

    Parameters
    ----------
    ways
        Frames from `with_use` by the name of the way.

    Returns
    -------
    DataFrame
        Index `way`; `tonnes*`, `virgin*` (t/a), `eur*` (EUR a year), `co2e*` (t CO2e a year), and
        the counts `pairs`, `companies` (giving or receiving).
    """
    rows: dict[str, dict[str, float]] = {}
    for way, frame in ways.items():
        companies = {*frame["from_company"], *frame["to_company"]}
        counts = {"pairs": len(frame), "companies": len(companies)}
        rows[way] = {**{name: float(frame[name].sum()) for name in _COLUMNS}, **counts}
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("way")
    return table.astype({"pairs": int, "companies": int})


def grouped(chosen: pd.DataFrame, key: pd.Series) -> pd.DataFrame:
    """The amounts of a portfolio by a key, largest tonnes first.

    Parameters
    ----------
    chosen
        From `with_use`.
    key
        The group of each row, e.g. its material or the giver's municipality.

    Returns
    -------
    DataFrame
        Index: the key; columns as `totals`, without counts. Sums to the portfolio's totals.
    """
    table = chosen[_COLUMNS].groupby(key.astype("str").to_numpy()).sum()
    return table.sort_values(["tonnes", "eur"], ascending=False)


def by_industry_only(candidates: pd.DataFrame, name: str) -> float:
    """Share of a sum that comes from receivers known by their industry only.

    A plain list gives every such receiver every tonne that it could use: nobody has said how much
    that is.

    Parameters
    ----------
    candidates
        `demand_id` (empty where the receiver has stated no need) and the amount.
    name
        The amount: `tonnes`, `eur` or `co2e`.

    Returns
    -------
    float
        0–1; NaN where there is no such share, because a part or the sum is not above zero.
    """
    part = float(candidates.loc[candidates["demand_id"].astype(str) == "", name].sum())
    total = float(candidates[name].sum())
    return part / total if 0 <= part <= total and total > 0 else math.nan


def reached(analysis: Analysis) -> dict[str, int]:
    """How far the project has come, in counts.

    Returns
    -------
    dict
        `companies` (in the material), `companies_reported` (that have told a flow themselves or
        through a register), `municipalities`, `municipalities_reported`.
    """
    told = analysis.flows.loc[analysis.flows["basis"] != "estimated", "company_id"]
    home = analysis.companies.set_index("id")["municipality"]
    spoken = home[home.index.isin(told)]
    return {
        "companies": len(home),
        "companies_reported": len(spoken),
        "municipalities": home.nunique(),
        "municipalities_reported": spoken.nunique(),
    }


def sensitivity(chosen: pd.DataFrame, assumptions: Assumptions) -> pd.DataFrame:
    """What each assumption alone does to the portfolio's total, all others at their best value.

    Parameters
    ----------
    chosen
        From `with_use`: the pairs stay the same, and so does the vehicle of each.
    assumptions
        Those of the analysis.

    Returns
    -------
    DataFrame
        Index `item`: `amounts`, `disposal`, `price`, `treatment`, `loading`, `freight` for euros,
        `amounts`, `avoided`, `transport` for CO2e, told apart by `of` (`eur`, `co2e`); `low`,
        `high`: change of the total (EUR, t CO2e a year) at the worse and the better end. The widest
        first within each. The ends of independent items combine as the root of the sum of their
        squares (IPCC 2006 Guidelines, vol. 1, ch. 3, approach 1).
    """
    use = by_use(assumptions)
    keys = pd.MultiIndex.from_arrays([chosen["material"].astype(str), chosen["route"].astype(str)])
    unit = use.reindex(keys).reset_index(drop=True)
    tonnes, road = (chosen[name].reset_index(drop=True) for name in ("tonnes", "road_km"))
    rows = []

    def add(of: str, item: str, worse: pd.Series, better: pd.Series, scale: float = 1.0) -> None:
        low, high = float((worse * tonnes).sum()), float((better * tonnes).sum())
        rows.append({"of": of, "item": item, "low": low * scale, "high": high * scale})

    for item, sign in (("disposal", 1), ("price", 1), ("treatment", -1)):
        low, high = (
            sign * (unit[f"{item}_{end}"] - unit[f"{item}_best"]) for end in ("low", "high")
        )
        add("eur", item, *((low, high) if sign > 0 else (high, low)))
    least, best, most = assumptions.loading_eur_t
    one = road * 0 + 1
    add("eur", "loading", one * (best - most), one * (best - least))
    add("eur", "freight", *_driven(chosen, freight, assumptions))
    avoided = unit["co2e_best"]
    low, high = unit["co2e_low"] - avoided, unit["co2e_high"] - avoided
    add("co2e", "avoided", low, high, 1 / 1000)
    add("co2e", "transport", *_driven(chosen, transport, assumptions), 1 / 1000)
    for of in ("eur", "co2e"):
        each = chosen[of].reset_index(drop=True) / tonnes
        ends = [each * (chosen[f"tonnes{end}"].reset_index(drop=True) - tonnes) for end in _ENDS]
        low, high = ends[0].where(each > 0, ends[2]), ends[2].where(each > 0, ends[0])
        rows.append({"of": of, "item": "amounts", "low": low.sum(), "high": high.sum()})
    table = pd.DataFrame(rows)
    width = table["high"] - table["low"]
    return table.loc[width.sort_values(ascending=False, kind="stable").index].set_index("item")


def _driven(
    chosen: pd.DataFrame, per_km: Callable[..., Range], assumptions: Assumptions
) -> tuple[pd.Series, pd.Series]:
    """What a tonne of each pair loses, and gains, at the worse and better end of its transport."""
    small = is_small(chosen["pair_tonnes"], assumptions)
    of_small, of_full = (per_km(assumptions, small=size) for size in (True, False))
    least, best, most = (np.where(small, *ends) for ends in zip(of_small, of_full, strict=True))
    road = chosen["road_km"].reset_index(drop=True)
    return road * (best - most), road * (best - least)


def likely(total: float, effects: pd.DataFrame) -> tuple[float, float]:
    """Range of a total if the items of `sensitivity` err independently of each other.

    Parameters
    ----------
    total
        At best values.
    effects
        Rows of `sensitivity` of one kind (`of`).
    """
    low, high = ((effects[end] ** 2).sum() ** 0.5 for end in ("low", "high"))
    return total - low, total + high
