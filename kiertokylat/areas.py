"""A municipality beside its sub-region and the whole region: figures that compare.

A sum of a sub-region less the shown figures of its other municipalities would give away a hidden
one. So a sub-region's figure is hidden where what is hidden inside it rests on too few companies,
and one more, where the region's sum would give that away (`masking.masked`). How many companies
there are of which industry is no secret: everybody sees the list of companies.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from kiertokylat import guarded, reference, summary
from kiertokylat.masking import behind_amounts, masked
from kiertokylat.palette import GROUP_COLOURS
from kiertokylat.selection import industry_group

REGION = ""  # the code of the whole region

# What is hidden by which count of `masking.behind_amounts`.
_RESTS_ON = {"supply_t": "suppliers", "reported_t": "reported", "stated_t": "stated"}
# The column of a municipality's figures whose hiding tells that the amount is hidden.
_HIDDEN_BY = {"supply_t": "supply_t", "reported_t": "reported_share", "stated_t": "stated_t"}


class Areas(NamedTuple):
    """Figures of every municipality, sub-region and the whole region, to be compared.

    Parameters
    ----------
    figures
        Index `area`: the codes of municipalities, of sub-regions, and `REGION`. `companies`
        (count), `per_thousand` (companies a thousand inhabitants), `supply_t` (t/a on offer),
        `each_t` (t/a an inhabitant), of the tonnes on offer `reported_share` and `stated_share`
        (fits into stated needs; 0–1). NaN where hidden, and the shares where nothing is on offer.
    hidden
        True where a figure is hidden; the same rows and columns.
    groups
        Share of the companies (0–1) in each industry group of `palette.GROUP_COLOURS`, by `area`;
        NaN where there is no company.
    """

    figures: pd.DataFrame
    hidden: pd.DataFrame
    groups: pd.DataFrame


def by_area(
    companies: pd.DataFrame,
    flows: pd.DataFrame,
    candidates: pd.DataFrame,
    allocation: pd.DataFrame,
    *,
    public: bool,
) -> Areas:
    """The figures of all areas.

    Parameters
    ----------
    companies, flows, candidates, allocation
        As `summary.by_municipality` gets them, of the whole region. Companies outside the known
        municipalities count in the region only.
    public
        Whether the reader is no editor.
    """
    places = reference.municipalities()
    subregion = places["subregion"]
    some = (companies, flows, candidates, allocation)
    every = places.index.union(pd.Index(companies["municipality"].unique()))
    table = summary.by_municipality(*some, every)
    table["reported_t"] = (table["reported_share"] * table["supply_t"]).fillna(0)
    amounts = ["companies", *_RESTS_ON]
    owner = pd.Series(table.index.map(subregion), table.index).fillna("outside")
    shown = guarded.by_municipality(*some, places.index, public=public)
    hidden = _hidden(shown, table, owner, some) if public else None
    sums = pd.concat(
        [
            table.loc[places.index, amounts],
            table[amounts].groupby(owner).sum().drop(index="outside", errors="ignore"),
            table[amounts].sum().to_frame(REGION).T,
        ]
    )
    people = pd.concat([places["population"], places["population"].groupby(subregion).sum()])
    people[REGION] = places["population"].sum()
    return _compared(sums, people, hidden, _groups(companies, subregion, sums.index))


def compared(code: str) -> list[str]:
    """The areas that a municipality is compared with, itself first.

    A sub-region of one municipality is left out: it is the municipality.
    """
    subregion = reference.municipalities()["subregion"]
    own = subregion[code]
    return [code, *([own] if (subregion == own).sum() > 1 else []), REGION]


def _compared(
    sums: pd.DataFrame, people: pd.Series, hidden: pd.DataFrame | None, groups: pd.DataFrame
) -> Areas:
    """Sums of areas as figures that don't depend on how large an area is."""
    people = people.reindex(sums.index)
    offered = sums["supply_t"].where(sums["supply_t"] > 0)
    figures = pd.DataFrame(
        {
            "companies": sums["companies"],
            "per_thousand": 1000 * sums["companies"] / people,
            "supply_t": sums["supply_t"],
            "each_t": sums["supply_t"] / people,
            "reported_share": sums["reported_t"] / offered,
            "stated_share": sums["stated_t"] / offered,
        }
    ).rename_axis("area")
    mask = pd.DataFrame(False, index=figures.index, columns=figures.columns)
    if hidden is not None:
        few = hidden.reindex(figures.index)
        mask["supply_t"] = mask["each_t"] = few["supply_t"]
        for name in ("reported", "stated"):
            mask[f"{name}_share"] = few["supply_t"] | few[f"{name}_t"]
    return Areas(figures.mask(mask), mask & figures.notna(), groups)


def _hidden(
    shown: guarded.Shown,
    table: pd.DataFrame,
    owner: pd.Series,
    some: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame],
) -> pd.DataFrame:
    """Which amounts of which area are hidden from the public; columns of `_RESTS_ON`."""
    companies, flows, candidates, allocation = some
    home = companies.set_index("id")["municipality"]
    key = flows["company_id"].map(home).to_frame("municipality")
    behind = behind_amounts(flows, candidates, allocation, key).reindex(table.index).fillna(0)
    columns = {}
    for name, count in _RESTS_ON.items():
        here = shown.hidden[_HIDDEN_BY[name]].reindex(table.index, fill_value=False)
        # What is hidden inside each sub-region: its sum would tell the rest.
        rests = pd.DataFrame(
            {
                "companies": behind[count].where(here, 0).groupby(owner).sum(),
                "tonnes": table["supply_t"].where(here, 0).groupby(owner).sum(),
            }
        )
        result = masked(rests, "companies", ["tonnes"], disjoint=True)
        total = shown.totals[_HIDDEN_BY[name]]
        exposed = bool(result.exposed) or (np.isnan(total) and table["supply_t"].sum() > 0)
        columns[name] = pd.concat(
            [
                shown.hidden[_HIDDEN_BY[name]],
                result.table["tonnes"].isna(),
                pd.Series({REGION: exposed}),
            ]
        )
    return pd.DataFrame(columns).astype(bool)


def _groups(companies: pd.DataFrame, subregion: pd.Series, areas: pd.Index) -> pd.DataFrame:
    """Shares of the industry groups among each area's companies."""
    group = industry_group(companies["nace"])
    home = companies["municipality"]
    keys = [home, home.map(subregion), pd.Series(REGION, companies.index)]
    counts = [pd.crosstab(key, group) for key in keys if len(companies)]
    if not counts:
        return pd.DataFrame(np.nan, index=areas, columns=list(GROUP_COLOURS))
    table = pd.concat(counts).reindex(columns=list(GROUP_COLOURS)).fillna(0).reindex(areas)
    return table.div(table.sum(axis=1), axis=0).rename_axis("area")
