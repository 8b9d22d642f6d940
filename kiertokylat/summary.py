"""Tables to figures: per municipality, per material, between municipalities.

A supply may have many candidates. Wherever tonnes of pairs are added up here, they are those of
an `allocation`: each tonne and each stated need counts once. Sums use best values only: adding the
lows or the highs of many companies would claim that all of them err the same way. An amount told
in part is filled in as for matching (`amounts.filled`).
"""

import numpy as np
import pandas as pd

from kiertokylat.amounts import filled
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


def _of(flows: pd.DataFrame, allocation: pd.DataFrame) -> pd.Series:
    """Tonnes of each flow that an allocation uses as supply."""
    used = allocation.groupby("supply_id")["tonnes"].sum()
    return flows["id"].map(used).astype(float).fillna(0)


def _tonnes(
    flows: pd.DataFrame, candidates: pd.DataFrame, allocation: pd.DataFrame, key: pd.Series
) -> pd.DataFrame:
    """Tonnes of each group of flows: supply, what of it has which receiver, demand, shares.

    `key` is the group of each flow. Columns as `by_municipality` tells.
    """
    tonnes = filled(flows)["tonnes"].fillna(0)
    out = flows["direction"] == "out"
    parts = {
        "supply_t": out,
        "demand_t": ~out,
        "placed_t": out & _placed(flows, candidates),
        "reported_t": out & (flows["basis"] != "estimated"),
    }
    frame = pd.DataFrame(
        {name: tonnes.where(part, 0).groupby(key).sum() for name, part in parts.items()}
    )
    frame["stated_t"] = _of(flows, allocation).groupby(key).sum()
    for name, rest in (("placed_t", "unplaced_t"), ("stated_t", "unstated_t")):
        frame[rest] = (frame["supply_t"] - frame[name]).clip(lower=0)
    some = frame["supply_t"].where(frame["supply_t"] > 0)
    for name in ("unplaced", "unstated", "reported"):
        frame[f"{name}_share"] = frame[f"{name}_t"] / some
    return frame.drop(columns="reported_t")


def by_municipality(
    companies: pd.DataFrame,
    flows: pd.DataFrame,
    candidates: pd.DataFrame,
    allocation: pd.DataFrame,
    codes: pd.Index,
) -> pd.DataFrame:
    """The figures that the map can colour municipalities by.

    Parameters
    ----------
    companies, flows, candidates
        As in `tables`.
    allocation
        `allocation.allocate` of the whole region.
    codes
        Every municipality code that gets a row.

    Returns
    -------
    DataFrame
        Index `codes`; `companies` (count), `supply_t`, `demand_t` (t/a); of the supply `placed_t`
        (with at least one candidate), `unplaced_t` (without), `stated_t` (that fits into stated
        needs), `unstated_t` (that doesn't); the shares `unplaced_share`,
        `unstated_share`, `reported_share` (0–1, NaN without supply).
    """
    home = companies.set_index("id")["municipality"]
    figures = _tonnes(flows, candidates, allocation, flows["company_id"].map(home))
    frame = figures.reindex(pd.Index(codes, name="municipality"))
    amounts = [str(name) for name in frame if str(name).endswith("_t")]
    frame[amounts] = frame[amounts].fillna(0)
    count = companies["municipality"].value_counts().reindex(frame.index, fill_value=0)
    frame.insert(0, "companies", count)
    return frame


def by_material(
    flows: pd.DataFrame, candidates: pd.DataFrame, allocation: pd.DataFrame
) -> pd.DataFrame:
    """Supply, demand and takers of each material.

    Returns
    -------
    DataFrame
        Index `material`, largest supply first; `suppliers`, `supply_t`, `demanders`, `demand_t`,
        and the other tonnes and shares of `by_municipality`.
    """
    frame = _tonnes(flows, candidates, allocation, flows["material"])
    for name, way in (("suppliers", "out"), ("demanders", "in")):
        some = flows[flows["direction"] == way]
        count = some.groupby("material")["company_id"].nunique()
        frame[name] = count.reindex(frame.index, fill_value=0)
    first = ["suppliers", "supply_t", "demanders", "demand_t"]
    frame = frame[first + [name for name in frame if name not in first]]
    return frame.sort_index().sort_values("supply_t", ascending=False, kind="stable")


def between_municipalities(allocation: pd.DataFrame, companies: pd.DataFrame) -> pd.DataFrame:
    """Tonnes that could move between municipalities to meet stated needs.

    Parameters
    ----------
    allocation
        From `allocation.allocate`.
    companies
        As `tables.COMPANIES`, all that the allocation names.

    Returns
    -------
    DataFrame
        `from_municipality`, `to_municipality`, `tonnes` (t/a), `candidates` (count), largest first;
        rows within one municipality included.
    """
    home = companies.set_index("id")["municipality"]
    frame = pd.DataFrame(
        {
            "from_municipality": allocation["from_company"].map(home),
            "to_municipality": allocation["to_company"].map(home),
            "tonnes": allocation["tonnes"],
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
    known = flows.assign(**filled(flows))
    reported = known[known["basis"] != "estimated"].groupby("company_id")["tonnes"].sum()
    tonnes = known.groupby("company_id")["tonnes"].sum()
    order = pd.DataFrame(
        {
            "reported": companies["id"].map(reported).fillna(-1),
            "tonnes": companies["id"].map(tonnes).fillna(0),
            "id": companies["id"],
        }
    ).sort_values(["reported", "tonnes", "id"], ascending=[False, False, True])
    return companies.loc[order.index[:most].sort_values()]


def industry_flows(
    flows: pd.DataFrame,
    candidates: pd.DataFrame,
    allocation: pd.DataFrame,
    companies: pd.DataFrame,
) -> pd.DataFrame:
    """From which industry which material could go to which industry.

    Parameters
    ----------
    flows, candidates
        As in `tables`; the supplies among the flows are drawn.
    allocation
        From `allocation.allocate`.
    companies
        As `tables.COMPANIES`, all of the region.

    Returns
    -------
    DataFrame
        `from_group`, `material`, `to_group`, `tonnes` (t/a), largest first. `to_group` is the
        receiver's industry group for what meets stated needs; of the rest `possible` where some
        industry near could use it, `none` where not. All rows of a supply sum to its tonnes.
    """
    group = industry_group(companies.set_index("id")["nace"])
    supply = flows[flows["direction"] == "out"]
    supply = supply.assign(**filled(supply))
    supply = supply[supply["tonnes"] > 0]
    met = allocation[allocation["supply_id"].isin(supply["id"])]
    rest = supply["tonnes"] - _of(supply, met)
    open_to = _placed(supply, candidates).map({True: "possible", False: "none"})
    parts = [
        pd.DataFrame(
            {
                "from_group": met["from_company"].map(group),
                "material": met["material"],
                "to_group": met["to_company"].map(group),
                "tonnes": met["tonnes"],
            }
        ),
        pd.DataFrame(
            {
                "from_group": supply["company_id"].map(group),
                "material": supply["material"],
                "to_group": open_to,
                "tonnes": rest,
            }
        ),
    ]
    keys = ["from_group", "material", "to_group"]
    sums = pd.concat(parts).groupby(keys)[["tonnes"]].sum().reset_index()
    sums = sums[sums["tonnes"] > 1e-9]  # what arithmetic leaves of nothing
    return sums.sort_values(
        ["tonnes", *keys], ascending=[False, True, True, True], ignore_index=True
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
