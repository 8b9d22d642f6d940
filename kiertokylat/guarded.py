"""Summaries as one may see them: whole for editors, masked for everybody else.

Each function makes a summary of `summary`, `gaps` or `indicators` and, for the public, hides in it
what `masking` tells. Rows that are ordered by amounts then come in an order that tells nothing of
what is hidden.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from kiertokylat import gaps, indicators, reference, summary
from kiertokylat.masking import (
    LEAST,
    Masked,
    behind_amounts,
    behind_industries,
    behind_pairs,
    masked,
    masked_amounts,
)

_LINK = ["from_group", "material", "to_group"]
_PLACES = ["from_municipality", "to_municipality"]
_GAP = ["place", "material"]


class Shown(NamedTuple):
    """A summary as its reader may see it.

    Parameters
    ----------
    table
        NaN in the cells that are hidden.
    hidden
        True there; the same rows and columns.
    totals
        Sums of the columns of amounts; NaN where the sum has to be hidden too.
    """

    table: pd.DataFrame
    hidden: pd.DataFrame
    totals: pd.Series

    @property
    def cells(self) -> int:
        """How many cells are hidden."""
        return int(self.hidden.to_numpy().sum())

    @property
    def complete(self) -> pd.DataFrame:
        """The rows without a hidden cell."""
        return self.table[~self.hidden.any(axis=1)]


def by_municipality(
    companies: pd.DataFrame,
    flows: pd.DataFrame,
    candidates: pd.DataFrame,
    allocation: pd.DataFrame,
    codes: pd.Index,
    *,
    public: bool,
) -> Shown:
    """`summary.by_municipality`; arguments as there.

    `public`: whether the reader is no editor. Companies outside the codes count in the totals.
    """
    home = companies.set_index("id")["municipality"]
    every = codes.union(pd.Index(home.unique()))
    table = summary.by_municipality(companies, flows, candidates, allocation, every)
    key = flows["company_id"].map(home).to_frame("municipality")
    shown = _amounts(table, flows, candidates, allocation, key, public=public, disjoint=True)
    order = pd.Index(codes, name="municipality")
    return Shown(shown.table.reindex(order), shown.hidden.reindex(order), shown.totals)


def by_material(
    flows: pd.DataFrame, candidates: pd.DataFrame, allocation: pd.DataFrame, *, public: bool
) -> Shown:
    """`summary.by_material`; rows with something hidden come last, by material."""
    table = summary.by_material(flows, candidates, allocation)
    key = flows[["material"]]
    return _hidden_last(_amounts(table, flows, candidates, allocation, key, public=public))


def gaps_by_place(
    found: pd.DataFrame,
    companies: pd.DataFrame,
    flows: pd.DataFrame,
    candidates: pd.DataFrame,
    portfolio: pd.DataFrame,
    *,
    level: gaps.Level,
    public: bool,
    by_material: bool = True,
) -> Shown:
    """Rows of `gaps.by_place`, or their sums by place.

    Parameters
    ----------
    found
        Rows of `gaps.by_place`: all, or of some places and materials.
    companies, flows, candidates, portfolio, level
        As `gaps.by_place` got them.
    public
        Whether the reader is no editor.
    by_material
        Whether each place and material has its row (`place`, `material` are columns, as in
        `found`; rows with something hidden come last), or each place (it is the index).
    """
    home = companies.set_index("id")["municipality"]
    if level == "subregion":
        home = home.map(reference.municipalities()["subregion"]).fillna("")
    key = pd.DataFrame({"place": flows["company_id"].map(home), "material": flows["material"]})
    rows = pd.MultiIndex.from_frame(found[_GAP])
    there = pd.MultiIndex.from_frame(key).isin(rows)
    flows, key = flows[there], key[there]
    if by_material:
        table = found.set_index(_GAP)
    else:
        key = key[["place"]]
        table = found.drop(columns="material").groupby("place").sum()
    shown = _amounts(
        table, flows, candidates, portfolio, key, public=public, disjoint=not by_material
    )
    if not by_material:
        return shown
    last = _hidden_last(shown)
    hidden = last.hidden.reset_index().assign(place=False, material=False)
    return Shown(last.table.reset_index(), hidden.astype(bool), last.totals)


def between_municipalities(
    allocation: pd.DataFrame, companies: pd.DataFrame, *, public: bool
) -> Shown:
    """`summary.between_municipalities`; rows with something hidden come last, by municipality."""
    pairs = summary.between_municipalities(allocation, companies)
    if not public or pairs.empty:
        return _whole(pairs, ["tonnes"])
    home = companies.set_index("id")["municipality"]
    key = pd.DataFrame(
        {f"{end}_municipality": allocation[f"{end}_company"].map(home) for end in ("from", "to")}
    )
    counted = pairs.join(behind_pairs(allocation, key), on=_PLACES)
    few = of_few(allocation, public=public)
    return _pairs(pairs, counted, ["tonnes", "candidates"], by=_PLACES, few=few)


def industry_flows(
    flows: pd.DataFrame,
    candidates: pd.DataFrame,
    allocation: pd.DataFrame,
    companies: pd.DataFrame,
    *,
    public: bool,
) -> Shown:
    """`summary.industry_flows`; arguments as there, rows with something hidden last, by name."""
    links = summary.industry_flows(flows, candidates, allocation, companies)
    if not public or links.empty:
        return _whole(links, ["tonnes"])
    counted = links.join(behind_industries(flows, candidates, allocation, companies), on=_LINK)
    return _pairs(links, counted, ["tonnes"], by=_LINK)


def grouped(chosen: pd.DataFrame, key: pd.Series, *, public: bool) -> Shown:
    """`indicators.grouped`; arguments as there, rows with something hidden last, by name."""
    table = indicators.grouped(chosen, key)
    amounts = [str(name) for name in table]
    if not public or table.empty:
        return _whole(table, amounts)
    counted = table.join(behind_pairs(chosen, key.astype("str").to_frame("key")))
    # Tonnes first: they choose the further row that is hidden.
    columns = ["tonnes", *(name for name in amounts if name != "tonnes")]
    return _pairs(table, counted, columns, few=of_few(chosen, public=public))


def of_few(pairs: pd.DataFrame, *, public: bool) -> bool:
    """Whether the sums of some pairs (`from_company`, `to_company`) have to be hidden."""
    companies = {*pairs["from_company"].astype("str"), *pairs["to_company"].astype("str")}
    return public and 0 < len(companies) < LEAST


def _whole(table: pd.DataFrame, amounts: list[str]) -> Shown:
    return Shown(table, _nothing_hidden(table), table[amounts].sum())


def _nothing_hidden(table: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(False, index=table.index, columns=table.columns)


def _everything(rows: pd.DataFrame) -> pd.DataFrame:
    """The key that puts all rows into one group."""
    return pd.DataFrame({"all": ""}, index=rows.index)


def _amounts(
    table: pd.DataFrame,
    flows: pd.DataFrame,
    candidates: pd.DataFrame,
    allocation: pd.DataFrame,
    key: pd.DataFrame,
    *,
    public: bool,
    disjoint: bool = False,
) -> Shown:
    """A table of amounts by a key of flows."""
    totals = table[[str(name) for name in table if str(name).endswith("_t")]].sum()
    if "reported_share" in table:
        reported = (table["reported_share"] * table["supply_t"]).sum()
        totals["reported_share"] = reported / totals["supply_t"] if totals["supply_t"] else np.nan
    if not public:
        return Shown(table, _nothing_hidden(table), totals)
    result = masked_amounts(
        table, behind_amounts(flows, candidates, allocation, key), disjoint=disjoint
    )
    # The sum of all rows is a cell as well: it may rest on few companies by itself.
    every = behind_amounts(flows, candidates, allocation, _everything(flows))
    total = totals.to_frame("").T.rename_axis("all")
    may_be_shown = masked_amounts(total, every).table.iloc[0]
    return _shown(table, result, may_be_shown)


def _pairs(
    table: pd.DataFrame,
    counted: pd.DataFrame,
    columns: list[str],
    *,
    by: list[str] | None = None,
    few: bool = False,
) -> Shown:
    """A table whose column `companies` counts who is behind a row."""
    result = masked(counted, "companies", columns)
    totals = table[columns].sum()
    if few:
        totals[:] = np.nan
    result = result._replace(table=result.table[list(table)])
    return _hidden_last(_shown(table, result, totals), by)


def _shown(table: pd.DataFrame, result: Masked, totals: pd.Series) -> Shown:
    exposed = [name for name in result.exposed if name in totals]
    totals = totals.astype(float)
    totals[exposed] = np.nan
    return Shown(result.table, result.table.isna() & table.notna(), totals)


def _hidden_last(shown: Shown, by: list[str] | None = None) -> Shown:
    """Rows with something hidden come last, by name: their old place would tell their size."""
    some = shown.hidden.any(axis=1)
    if not some.any():
        return shown
    last = shown.table[some].sort_values(by) if by else shown.table[some].sort_index()
    order = [*shown.table.index[~some], *last.index]
    return Shown(shown.table.loc[order], shown.hidden.loc[order], shown.totals)
