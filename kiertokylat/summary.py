"""Tables to figures: per municipality, per material, between municipalities.

A supply may have many candidates. Wherever tonnes of candidates are added up here, each supply
counts once, with its first-ranked candidate, so that no tonne is counted twice. Sums use best
values only: adding the lows or the highs of many companies would claim that all of them err the
same way.
"""

import numpy as np
import pandas as pd

from kiertokylat.selection import industry_group

# What the map can colour municipalities by.
FIGURES = (
    "companies",
    "supply_t",
    "demand_t",
    "stated_t",
    "unstated_t",
    "unstated_share",
    "unplaced_t",
)


def _placed(supply: pd.DataFrame, candidates: pd.DataFrame) -> pd.Series:
    """Whether each supply has a candidate."""
    return supply["id"].isin(candidates["supply_id"].unique())


def _stated(candidates: pd.DataFrame) -> pd.DataFrame:
    """Candidates whose receiver has stated the need."""
    return candidates[candidates["demand_id"] != ""]


def _per_municipality(values: pd.Series, flows: pd.DataFrame, companies: pd.DataFrame) -> pd.Series:
    home = companies.set_index("id")["municipality"]
    return values.groupby(flows["company_id"].map(home)).sum()


def by_municipality(
    companies: pd.DataFrame, flows: pd.DataFrame, candidates: pd.DataFrame, codes: pd.Index
) -> pd.DataFrame:
    """The figures that the map can colour municipalities by.

    Parameters
    ----------
    companies, flows, candidates
        As in `tables`.
    codes
        Every municipality code that gets a row.

    Returns
    -------
    DataFrame
        Index `codes`; `companies` (count), `supply_t`, `demand_t` (t/a); of the supply `placed_t`
        (with at least one candidate), `unplaced_t` (without), `stated_t` (with a receiver that has
        stated the need), `unstated_t` (without such); the shares `unplaced_share`,
        `unstated_share`, `reported_share` (0–1, NaN without supply).
    """
    supply = flows[flows["direction"] == "out"]
    demand = flows[flows["direction"] == "in"]
    tonnes = supply["tonnes"].fillna(0)
    placed, stated = _placed(supply, candidates), _placed(supply, _stated(candidates))
    reported = supply["basis"] != "estimated"
    frame = pd.DataFrame(index=pd.Index(codes, name="municipality"))
    frame["companies"] = companies["municipality"].value_counts()
    frame["supply_t"] = _per_municipality(tonnes, supply, companies)
    frame["demand_t"] = _per_municipality(demand["tonnes"].fillna(0), demand, companies)
    frame["placed_t"] = _per_municipality(tonnes.where(placed, 0), supply, companies)
    frame["stated_t"] = _per_municipality(tonnes.where(stated, 0), supply, companies)
    frame["reported_t"] = _per_municipality(tonnes.where(reported, 0), supply, companies)
    frame = frame.fillna(0)
    frame["companies"] = frame["companies"].astype(int)
    for name, rest in (("placed_t", "unplaced_t"), ("stated_t", "unstated_t")):
        frame[rest] = (frame["supply_t"] - frame[name]).clip(lower=0)
    some = frame["supply_t"].where(frame["supply_t"] > 0)
    frame["unplaced_share"] = frame["unplaced_t"] / some
    frame["unstated_share"] = frame["unstated_t"] / some
    frame["reported_share"] = frame.pop("reported_t") / some
    return frame


def by_material(flows: pd.DataFrame, candidates: pd.DataFrame) -> pd.DataFrame:
    """Supply, demand and takers of each material.

    Returns
    -------
    DataFrame
        Index `material`, largest supply first; `suppliers`, `supply_t`, `demanders`, `demand_t`,
        `placed_t`, `unplaced_t`, `stated_t`, `unstated_t` (t/a, as in `by_municipality`),
        `reported_share` of supply (0–1, NaN without supply).
    """
    supply = flows[flows["direction"] == "out"]
    demand = flows[flows["direction"] == "in"]
    tonnes = supply["tonnes"].fillna(0)
    placed, stated = _placed(supply, candidates), _placed(supply, _stated(candidates))
    reported = supply["basis"] != "estimated"
    key = supply["material"]
    frame = pd.DataFrame(
        {
            "suppliers": supply.groupby("material")["company_id"].nunique(),
            "supply_t": tonnes.groupby(key).sum(),
            "demanders": demand.groupby("material")["company_id"].nunique(),
            "demand_t": demand["tonnes"].fillna(0).groupby(demand["material"]).sum(),
            "placed_t": tonnes.where(placed, 0).groupby(key).sum(),
            "stated_t": tonnes.where(stated, 0).groupby(key).sum(),
            "reported_t": tonnes.where(reported, 0).groupby(key).sum(),
        }
    ).fillna(0)
    frame = frame.astype({"suppliers": int, "demanders": int})
    for name, rest in (("placed_t", "unplaced_t"), ("stated_t", "unstated_t")):
        frame[rest] = (frame["supply_t"] - frame[name]).clip(lower=0)
    frame["reported_share"] = frame.pop("reported_t") / frame["supply_t"].where(
        frame["supply_t"] > 0
    )
    frame.index.name = "material"
    return (
        frame.reset_index()
        .sort_values(["supply_t", "material"], ascending=[False, True], ignore_index=True)
        .set_index("material")
    )


def between_municipalities(best: pd.DataFrame, companies: pd.DataFrame) -> pd.DataFrame:
    """Tonnes that would move between municipalities.

    Parameters
    ----------
    best
        Candidates, one a supply.
    companies
        As `tables.COMPANIES`.

    Returns
    -------
    DataFrame
        `from_municipality`, `to_municipality`, `tonnes` (t/a), `candidates` (count), largest first;
        rows within one municipality included.
    """
    home = companies.set_index("id")["municipality"]
    frame = pd.DataFrame(
        {
            "from_municipality": best["from_company"].astype(str).map(home),
            "to_municipality": best["to_company"].astype(str).map(home),
            "tonnes": best["tonnes"].fillna(0),
        }
    )
    pairs = frame.groupby(["from_municipality", "to_municipality"], as_index=False).agg(
        tonnes=("tonnes", "sum"), candidates=("tonnes", "size")
    )
    return pairs.sort_values(
        ["tonnes", "from_municipality", "to_municipality"],
        ascending=[False, True, True],
        ignore_index=True,
    )


def receivers(flows: pd.DataFrame, candidates: pd.DataFrame) -> tuple[int, int, int]:
    """How many supplies have a receiver with a stated need, one known by its industry only, none.

    Parameters
    ----------
    flows, candidates
        As in `tables`.
    """
    supply = flows[flows["direction"] == "out"]
    placed = int(_placed(supply, candidates).sum())
    stated = int(_placed(supply, _stated(candidates)).sum())
    return stated, placed - stated, len(supply) - placed


def largest(companies: pd.DataFrame, flows: pd.DataFrame, most: int) -> pd.DataFrame:
    """The companies with the largest flows, reported ones first, in their own order.

    Parameters
    ----------
    companies, flows
        As in `tables`.
    most
        How many at most.
    """
    if len(companies) <= most:
        return companies
    reported = flows[flows["basis"] != "estimated"].groupby("company_id")["tonnes"].sum()
    tonnes = flows.groupby("company_id")["tonnes"].sum()
    order = pd.DataFrame(
        {
            "reported": companies["id"].map(reported).fillna(-1),
            "tonnes": companies["id"].map(tonnes).fillna(0),
            "id": companies["id"],
        }
    ).sort_values(["reported", "tonnes", "id"], ascending=[False, False, True])
    return companies.loc[order.index[:most].sort_values()]


def industry_flows(
    flows: pd.DataFrame, best: pd.DataFrame, companies: pd.DataFrame
) -> pd.DataFrame:
    """From which industry which material goes to which industry.

    Parameters
    ----------
    flows
        As `tables.FLOWS`; the supplies are drawn.
    best
        Candidates, one a supply.
    companies
        As `tables.COMPANIES`.

    Returns
    -------
    DataFrame
        `from_group`, `material`, `to_group` (empty where a supply has no candidate), `tonnes`
        (t/a), largest first.
    """
    group = industry_group(companies.set_index("id")["nace"])
    supply = flows[(flows["direction"] == "out") & (flows["tonnes"] > 0)]
    taker = best.set_index(best["supply_id"].astype(str))["to_company"].astype(str).map(group)
    frame = pd.DataFrame(
        {
            "from_group": supply["company_id"].map(group),
            "material": supply["material"],
            "to_group": supply["id"].map(taker).fillna(""),
            "tonnes": supply["tonnes"],
        }
    ).dropna(subset="from_group")
    keys = ["from_group", "material", "to_group"]
    sums = frame.groupby(keys)[["tonnes"]].sum().reset_index()
    return sums.sort_values(["tonnes", *keys], ascending=[False, True, True, True]).reset_index(
        drop=True
    )


def classes(values: pd.Series, count: int = 5) -> tuple[pd.Series, list[float]]:
    """Classes of about equal size with round limits, for a choropleth.

    Parameters
    ----------
    values
        Numbers; NaN gets no class.
    count
        The greatest number of classes.

    Returns
    -------
    ranks : Series
        Class of each value from 0, as nullable integers.
    limits : list of float
        Lower limits of the classes from 1 on, rounded to two significant digits.
    """
    known = values.dropna()
    if known.empty:
        return pd.Series(pd.NA, index=values.index, dtype="Int64"), []
    cuts = np.quantile(known, np.linspace(0, 1, count + 1)[1:-1])
    rounded = sorted({float(f"{cut:.2g}") for cut in cuts})
    limits = [limit for limit in rounded if known.min() < limit <= known.max()]
    ranks = pd.Series(np.searchsorted(limits, values, side="right"), index=values.index)
    return ranks.astype("Int64").where(values.notna(), pd.NA), limits
