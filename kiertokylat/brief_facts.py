"""What the official's page and the printed brief tell of a municipality: the same figures for both.

`Region` holds what all municipalities share and is made once; `Facts` is one municipality of it.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from kiertokylat import gap_rows, gaps, guarded, pooling, rank, reference
from kiertokylat.allocation import allocate
from kiertokylat.amounts import filled
from kiertokylat.analysis import Analysis
from kiertokylat.areas import Areas, by_area
from kiertokylat.assumptions import Assumptions
from kiertokylat.guarded import Shown
from kiertokylat.masking import LEAST, masked
from kiertokylat.palette import GROUP_COLOURS
from kiertokylat.portfolio import By, optimal
from kiertokylat.selection import Selection, industry_group, select
from kiertokylat.workshop import WAY

_ENDS = ("from", "to")
USUAL_ORDER: rank.By = "eur"  # in which the page lists candidates unless asked otherwise
POOL_AMOUNTS = ("tonnes_low", "tonnes", "tonnes_high", "truckloads")


@dataclass(frozen=True)
class Region:
    """What the pages of all municipalities share.

    Parameters
    ----------
    every
        The analysis of the whole region.
    within
        Distance and break-even limit of a candidate.
    assumed
        Of the analysis.
    public
        Whether figures with few companies behind them are hidden (`guarded`).
    near
        The analysis `within` these limits.
    allocation, portfolio
        `allocation.allocate` and `portfolio.optimal` of it.
    pools, members
        `pooling.all_pools` of `every`, with the default thresholds.
    """

    every: Analysis
    within: Selection
    assumed: Assumptions
    public: bool
    near: Analysis
    allocation: pd.DataFrame
    portfolio: pd.DataFrame
    pools: pd.DataFrame
    members: pd.DataFrame

    @cached_property
    def municipalities(self) -> Shown:
        """`guarded.by_municipality`: what is hidden of one depends on the others."""
        return guarded.by_municipality(
            *self._some, reference.municipalities().index, public=self.public
        )

    @cached_property
    def areas(self) -> Areas:
        """Every municipality, sub-region and the whole, to be compared."""
        return by_area(*self._some, public=self.public)

    @cached_property
    def gaps(self) -> pd.DataFrame:
        """`gaps.by_place` of the municipalities."""
        near = self.near
        return gaps.by_place(
            near.companies, near.flows, near.candidates, self.portfolio, level="municipality"
        )

    @property
    def _some(self) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
        near = self.near
        return near.companies, near.flows, near.candidates, self.allocation


def region(
    every: Analysis,
    within: Selection,
    assumed: Assumptions | None = None,
    *,
    by: By = "eur",
    public: bool = False,
) -> Region:
    """The region, with everything reckoned anew.

    Parameters
    ----------
    every, within, assumed, public
        As `Region`; the default assumptions.
    by
        What the portfolio makes as large as possible.
    """
    assumed = assumed or Assumptions()
    near = select(every, within)
    pools, members = pooling.all_pools(
        every.companies,
        every.flows,
        reference.pool_thresholds(),
        payload_t=reference.vehicles()["payload_t"][assumed.vehicle],
        detour_factor=assumed.detour_factor,
    )
    return Region(
        every,
        within,
        assumed,
        public,
        near,
        allocate(near.candidates, near.flows),
        optimal(near.candidates, near.flows, by, unknown_capacity_t=assumed.unknown_capacity_t),
        pools,
        members,
    )


@dataclass(frozen=True)
class Facts:
    """One municipality: what is here, what leaves, what comes, who with whom, what is missing.

    Parameters
    ----------
    code
        Three digits.
    region
        Where it lies.
    """

    code: str
    region: Region

    @property
    def place(self) -> Any:
        """Its row of `reference.municipalities()`.

        Raises
        ------
        KeyError
            There is no such municipality.
        """
        return reference.municipalities().loc[self.code]

    @cached_property
    def here(self) -> Analysis:
        """Its companies and flows, and the candidates with at least one end in it."""
        return select(self.region.every, replace(self.region.within, municipalities=(self.code,)))

    @property
    def outgoing(self) -> pd.DataFrame:
        """Candidates whose giver is here."""
        candidates = self.here.candidates
        return candidates[candidates["from_company"].isin(self.here.companies["id"])]

    @property
    def figures(self) -> Any:
        """Its row of `Region.municipalities`."""
        return self.region.municipalities.table.loc[self.code]

    @property
    def hidden(self) -> Any:
        """Which of its `figures` are hidden."""
        return self.region.municipalities.hidden.loc[self.code]

    @property
    def groups(self) -> pd.Series:
        """Companies by industry group, those that there are, in the order of the palette."""
        counts = industry_group(self.here.companies["nace"]).value_counts()
        return counts.reindex([group for group in GROUP_COLOURS if group in counts])

    @cached_property
    def materials(self) -> Shown:
        """`guarded.by_material` of its flows."""
        some = (self.here.flows, self.outgoing, self.region.allocation)
        return guarded.by_material(*some, public=self.region.public)

    @cached_property
    def _gaps(self) -> pd.DataFrame:
        every = self.region.gaps
        return every[every["place"] == self.code].reset_index(drop=True)

    @cached_property
    def gaps(self) -> Shown:
        """`guarded.gaps_by_place` of it: by material what finds no taker, and what is needed."""
        near = self.region.near
        return guarded.gaps_by_place(
            self._gaps,
            near.companies,
            near.flows,
            near.candidates,
            self.region.portfolio,
            level="municipality",
            public=self.region.public,
        )

    @cached_property
    def wanted(self) -> pd.DataFrame:
        """Which industry could take what finds no taker: `gap_rows.wanted`."""
        region = self.region
        return gap_rows.wanted(
            self._gaps,
            self.gaps,
            region.near,
            region.assumed,
            limit=region.within.limit,
            level="municipality",
        )

    def wished(self, most: int) -> pd.DataFrame:
        """The largest gaps, each with the best use that pays."""
        return gap_rows.told(self.wanted, most, newcomers_first=False)

    @property
    def needs(self) -> pd.DataFrame:
        """What is needed here: `material`, `demanders`, `demand_t`, `short_t`, largest first.

        `demanders` counts companies, the amounts are t/a and NaN where hidden; `short_t` is what
        the best portfolio does not bring.
        """
        table = self.gaps.table
        hidden = self.gaps.hidden["demand_t"].to_numpy()
        needed = table[(table["demand_t"] > 0).to_numpy() | hidden]
        counts = needed["material"].map(self.materials.table["demanders"])
        rows = needed.assign(demanders=counts)[["material", "demanders", "demand_t", "short_t"]]
        return rows.sort_values(["demand_t", "material"], ascending=[False, True])

    @property
    def without_taker(self) -> pd.DataFrame:
        """What is on offer here without any candidate, as `_sums` tells."""
        flows = self.here.flows
        reached = flows["id"].isin(self.here.candidates["supply_id"].unique())
        return self._sums(flows[(flows["direction"] == "out") & ~reached])

    @property
    def without_supply(self) -> pd.DataFrame:
        """What is needed here without any candidate, as `_sums` tells."""
        return self._sums(gaps.needs_without_supply(self.here.flows, self.here.candidates))

    def _sums(self, flows: pd.DataFrame) -> pd.DataFrame:
        """`material`, `tonnes` (t/a, NaN where unknown or hidden), `hidden`, largest first."""
        known = flows.assign(**filled(flows))
        sums = known.groupby("material")["tonnes"].sum(min_count=1).to_frame()
        behind = known[known["tonnes"] > 0].groupby("material")["company_id"].nunique()
        counted = sums.assign(companies=behind.reindex(sums.index).fillna(0))
        few = masked(counted, "companies", ["tonnes"]).table["tonnes"].isna()
        hidden = few & sums["tonnes"].notna() & self.region.public
        # Hidden ones last, by material: their place would tell their size.
        rows = sums.mask(hidden).assign(hidden=hidden).reset_index()
        return rows.sort_values(["tonnes", "material"], ascending=[False, True], ignore_index=True)

    @cached_property
    def pools(self) -> pd.DataFrame:
        """Pools of two or more with a member here, largest first; `here` counts these members.

        In public, amounts of fewer than `masking.LEAST` members are NaN: these rows are `hidden`
        and come last.
        """
        pools, members = self.region.pools, self.region.members
        mine = members.loc[members["municipality"] == self.code, "pool"].value_counts()
        found = pools[(pools["members"] >= 2) & pools["pool"].isin(mine.index)]
        hidden = (found["members"] < LEAST) & self.region.public
        amounts = found[list(POOL_AMOUNTS)].mask(hidden)
        found = found.assign(here=found["pool"].map(mine), hidden=hidden, **amounts)
        return found.sort_values("hidden", kind="stable", ignore_index=True)

    @cached_property
    def share(self) -> pd.DataFrame:
        """Rows of the best portfolio whose giver or receiver is here."""
        home = self.region.every.companies.set_index("id")["municipality"]
        chosen = self.region.portfolio
        ends = [chosen[f"{end}_company"].map(home) == self.code for end in _ENDS]
        return chosen[ends[0] | ends[1]]

    @property
    def share_is_hidden(self) -> bool:
        """Whether the sums of `share` rest on too few companies."""
        return guarded.of_few(self.share, public=self.region.public)

    def sums(self, name: str) -> tuple[float, float, float]:
        """Low, best and high sum of `tonnes`, `eur` or `co2e` of `share`; unknown ones left out."""
        low, best, high = (float(self.share[f"{name}{end}"].sum()) for end in ("_low", "", "_high"))
        return low, best, high


def commitments_here(placed: pd.DataFrame, code: str) -> pd.DataFrame:
    """Commitments whose giver or receiver is in a municipality, the furthest ones first.

    Parameters
    ----------
    placed
        From `commitments.placed`, or `for_public` of it.
    code
        Of the municipality.

    Returns
    -------
    DataFrame
        The rows and columns of `placed`, without what was dropped.
    """
    ours = np.logical_or.reduce([placed[f"{end}_municipality"] == code for end in _ENDS])
    mine = placed[ours & (placed["stage"] != "dropped").to_numpy()]
    order = {stage: -place for place, stage in enumerate(WAY)}
    return mine.sort_values("stage", key=lambda stage: stage.map(order), kind="stable")
