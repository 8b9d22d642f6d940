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


def _tonnes(flows: pd.DataFrame, candidates: pd.DataFrame, key: pd.Series) -> pd.DataFrame:
    """Tonnes of each group of flows: supply, what of it has which receiver, demand, shares.

    `key` is the group of each flow. Columns as `by_municipality` tells.
    """
    tonnes = flows["tonnes"].fillna(0)
    out = flows["direction"] == "out"
    parts = {
        "supply_t": out,
        "demand_t": ~out,
        "placed_t": out & _placed(flows, candidates),
        "stated_t": out & _placed(flows, _stated(candidates)),
        "reported_t": out & (flows["basis"] != "estimated"),
    }
    frame = pd.DataFrame(
        {name: tonnes.where(part, 0).groupby(key).sum() for name, part in parts.items()}
    )
    for name, rest in (("placed_t", "unplaced_t"), ("stated_t", "unstated_t")):
        frame[rest] = (frame["supply_t"] - frame[name]).clip(lower=0)
    some = frame["supply_t"].where(frame["supply_t"] > 0)
    for name in ("unplaced", "unstated", "reported"):
        frame[f"{name}_share"] = frame[f"{name}_t"] / some
    return frame.drop(columns="reported_t")


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
    home = companies.set_index("id")["municipality"]
    figures = _tonnes(flows, candidates, flows["company_id"].map(home))
    frame = figures.reindex(pd.Index(codes, name="municipality"))
    amounts = [str(name) for name in frame if str(name).endswith("_t")]
    frame[amounts] = frame[amounts].fillna(0)
    count = companies["municipality"].value_counts().reindex(frame.index, fill_value=0)
    frame.insert(0, "companies", count)
    return frame


def by_material(flows: pd.DataFrame, candidates: pd.DataFrame) -> pd.DataFrame:
    """Supply, demand and takers of each material.

    Returns
    -------
    DataFrame
        Index `material`, largest supply first; `suppliers`, `supply_t`, `demanders`, `demand_t`,
        and the other tonnes and shares of `by_municipality`.
    """
    frame = _tonnes(flows, candidates, flows["material"])
    for name, way in (("suppliers", "out"), ("demanders", "in")):
        some = flows[flows["direction"] == way]
        count = some.groupby("material")["company_id"].nunique()
        frame[name] = count.reindex(frame.index, fill_value=0)
    first = ["suppliers", "supply_t", "demanders", "demand_t"]
    frame = frame[first + [name for name in frame if name not in first]]
    return frame.sort_index().sort_values("supply_t", ascending=False, kind="stable")


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
