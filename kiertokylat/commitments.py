"""Commitments among the candidates: where they are, what they are worth, how far they have come.

A commitment knows its candidate by a key of ids (`room.candidate_key`). The store keeps the ids of
the data itself, so that erasing a company finds its commitments; everybody but editors sees sole
traders under other ids (`privacy`), so keys are renamed on the way out and on the way in.
"""

import math
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from kiertokylat import privacy
from kiertokylat.analysis import Analysis
from kiertokylat.changes import Snapshot
from kiertokylat.indicators import AMOUNTS, STAGES, with_use
from kiertokylat.masking import LEAST
from kiertokylat.portfolio import in_turn
from kiertokylat.room import candidate_key, candidate_parts
from kiertokylat.workshop import WAY, funnel

_KEY = ["from_company", "to_company", "supply_id", "demand_id"]
_ENDS = ("_low", "", "_high")
_AMOUNTS = [f"{name}{end}" for name in ("tonnes", "eur", "co2e") for end in _ENDS]
_SUMS = [f"{name}{end}" for name in AMOUNTS for end in _ENDS]
# Free text: it may name persons.
PRIVATE = ["idea", "companies", "next_step", "who", "note"]


def placed(made: pd.DataFrame, analysis: Analysis) -> pd.DataFrame:
    """Commitments with what the analysis knows of their candidates.

    Parameters
    ----------
    made
        As `Rooms.commitments`, in the ids of the analysis (`Renamed`).
    analysis
        In which the candidates are looked for.

    Returns
    -------
    DataFrame
        The rows and columns of `made`, and `from_company`, `to_company`, `supply_id`, `demand_id`,
        `material`: empty for a free idea and for what is no candidate any more; a receiver that has
        stated no need has no `demand_id` either. `tonnes*` (t/a), `eur*` (EUR a year), `co2e*`
        (t CO2e avoided a year): those of the candidate, `from_municipality`, `to_municipality`
        (codes, empty where not known).
    """
    parts = [candidate_parts(key) or ("",) * 4 for key in made["candidate"]]
    wanted = pd.DataFrame(parts, columns=_KEY, dtype="str")
    near = analysis.candidates[analysis.candidates["supply_id"].isin(set(wanted["supply_id"]))]
    known = near[[*_KEY, "material", *_AMOUNTS]].astype(dict.fromkeys([*_KEY, "material"], "str"))
    found = wanted.merge(known, on=_KEY, how="left", validate="many_to_one").set_axis(made.index)
    # A missing text is no text: categories and floats would make NaN of it.
    there = found["material"].notna()
    ids = {name: found[name].where(there, "").astype("str") for name in [*_KEY, "material"]}
    home = dict(zip(analysis.companies["id"], analysis.companies["municipality"], strict=True))
    towns = {
        f"{end}_municipality": pd.Series(
            [home.get(company, "") for company in ids[f"{end}_company"]], made.index, dtype="str"
        )
        for end in ("from", "to")
    }
    amounts = {name: found[name].astype(float) for name in _AMOUNTS}
    return made.assign(**ids, **amounts, **towns)


def for_public(placed: pd.DataFrame, analysis: Analysis) -> pd.DataFrame:
    """Commitments as everybody may see them.

    Parameters
    ----------
    placed
        From `placed`.
    analysis
        Of what everybody may see. A candidate that isn't there stays unnamed: its ids may be made
        of a person's name.

    Returns
    -------
    DataFrame
        As given, without the free texts `PRIVATE`.
    """
    pairs = analysis.candidates
    supplies = pairs["supply_id"].isin(set(placed["supply_id"]))
    shown = {tuple(map(str, row)) for row in pairs.loc[supplies, _KEY].itertuples(index=False)}
    seen = pd.Series(
        [row in shown for row in placed[_KEY].itertuples(index=False, name=None)],
        index=placed.index,
        dtype=bool,
    )
    texts = ["candidate", *_KEY, "material", "from_municipality", "to_municipality"]
    hidden: dict[str, pd.Series] = {name: placed[name].where(seen, "") for name in texts}
    hidden |= {name: placed[name].where(seen) for name in _AMOUNTS}
    return placed.assign(**hidden).drop(columns=PRIVATE)


@dataclass(frozen=True)
class Renamed:
    """How the ids of sole traders and of their flows are called in public, and back.

    Parameters
    ----------
    companies, flows
        Public ids by the store's own; only those that differ.
    """

    companies: dict[str, str]
    flows: dict[str, str]

    def public(self, key: str) -> str:
        """A candidate's key as the public analysis has it."""
        return _with_ids(key, self.companies, self.flows)

    def own(self, key: str) -> str:
        """A candidate's key as the store keeps it."""
        back = ({new: old for old, new in ids.items()} for ids in (self.companies, self.flows))
        return _with_ids(key, *back)


def renamed(snapshot: Snapshot) -> Renamed:
    """What is called otherwise in public.

    Parameters
    ----------
    snapshot
        The whole dataset as stored.
    """
    companies, flows = snapshot.companies, snapshot.flows
    public = privacy.public_companies(companies)["id"]
    theirs = privacy.public_flows(flows, companies)["id"]
    return Renamed(_changed(companies["id"], public), _changed(flows["id"], theirs))


def published(made: pd.DataFrame, ids: Renamed) -> pd.DataFrame:
    """Commitments (`Rooms.commitments`) with the keys of the public analysis."""
    return made.assign(candidate=[ids.public(key) for key in made["candidate"]])


def _changed(own: pd.Series, public: pd.Series) -> dict[str, str]:
    return {old: new for old, new in zip(own, public, strict=True) if old != new}


def _with_ids(key: str, companies: dict[str, str], flows: dict[str, str]) -> str:
    parts = candidate_parts(key)
    if parts is None:
        return key
    giver, taker, *ends = parts
    owners = [companies.get(name, name) for name in (giver, taker)]
    flow_ids = []
    for owner, new, end in zip((giver, taker), owners, ends, strict=True):
        # An estimated flow is called after its company (`estimate`).
        rest = end.removeprefix(f"est-{owner}-")
        flow_ids.append(f"est-{new}-{rest}" if rest != end else flows.get(end, end))
    return candidate_key(dict(zip(_KEY, [*owners, *flow_ids], strict=True)))


def open_pairs(placed: pd.DataFrame) -> pd.DataFrame:
    """Rows of `placed` whose candidate is known: each candidate once, at its furthest stage.

    Dropped ones are left out. The furthest come first, within a stage who was first.
    """
    there = placed[(placed["material"] != "") & (placed["stage"] != "dropped")]
    return _furthest(there)


def _furthest(there: pd.DataFrame) -> pd.DataFrame:
    # The way backwards, then what has left it.
    turns = {stage: turn for turn, stage in enumerate((*reversed(WAY), "dropped"))}
    order = there["stage"].map(turns).sort_values(kind="stable").index
    return there.loc[order].drop_duplicates(_KEY)


def overdue(made: pd.DataFrame, today: date) -> pd.Series:
    """Which commitments are late: due before today, and neither realised nor dropped."""
    going = made["stage"].isin(set(WAY) - {"realised"})
    return going & (made["due"] != "") & (made["due"] < today.isoformat())


def shares(placed: pd.DataFrame, analysis: Analysis) -> pd.DataFrame:
    """The candidates committed to, each once, so that no tonne counts twice.

    A candidate stands at the furthest stage that one of its commitments has come to; dropped only
    where all of them are. Where two share an offer or a need, who has come further is served first,
    within a stage who was first (`portfolio.in_turn`). A receiver that has stated no need takes
    what it has committed to. Dropped candidates take nothing from the others.

    Parameters
    ----------
    placed
        From `placed` (or `for_public` of it).
    analysis
        The same as there.

    Returns
    -------
    DataFrame
        As `portfolio.in_turn`, with `stage`, and `route`, `virgin*` (t/a) as
        `indicators.with_use` tells. What isn't known of a candidate is NaN; one of which no amount
        is known, or for which nothing is left, has no row.
    """
    there = placed[placed["material"] != ""]
    furthest = _furthest(there)[[*_KEY, "stage"]]
    near = analysis.candidates[
        analysis.candidates["supply_id"].isin(set(furthest["supply_id"]))
    ].astype(dict.fromkeys(_KEY, "str"))
    pairs = furthest.merge(near, on=_KEY, how="inner")
    parts = []
    for part in (pairs[pairs["stage"] != "dropped"], pairs[pairs["stage"] == "dropped"]):
        served = in_turn(part, analysis.flows, unknown_capacity_t=math.inf)
        stages = part[[*_KEY, "stage"]]
        parts.append(with_use(served, part).merge(stages, on=_KEY, how="left"))
    return pd.concat(parts, ignore_index=True)


def stages(placed: pd.DataFrame, shares: pd.DataFrame, *, public: bool) -> pd.DataFrame:
    """The funnel with what stands behind each stage.

    Parameters
    ----------
    placed
        From `placed` (or `for_public` of it).
    shares
        From `shares`.
    public
        Whether the reader is no editor. Then the amounts of a stage are hidden where it, or what it
        has more than the next stage whose amounts are shown, rests on fewer than `masking.LEAST`
        companies: else a subtraction would tell.

    Returns
    -------
    DataFrame
        Index `stage`, all of `indicators.STAGES`: `now`, `reached` (`workshop.funnel`); of the
        candidates that have reached the stage `pairs`, `companies`, the sums `tonnes*`, `virgin*`
        (t/a), `eur*` (EUR a year), `co2e*` (t CO2e a year), NaN where `hidden`. What is unknown
        adds nothing.
    """
    rows = {}
    shown = shares.iloc[:0]
    for stage in (*reversed(WAY), "dropped"):
        on_way = stage in WAY
        at = WAY[WAY.index(stage) :] if on_way else (stage,)
        here = shares[shares["stage"].isin(at)]
        more = here.drop(index=shown.index) if on_way else here
        hidden = public and 0 < _companies(more) < LEAST
        sums = {name: np.nan if hidden else float(here[name].sum()) for name in _SUMS}
        rows[stage] = {"pairs": len(here), "companies": _companies(here), "hidden": hidden, **sums}
        if on_way and not hidden:
            shown = here
    return funnel(placed).join(pd.DataFrame.from_dict(rows, orient="index").reindex(list(STAGES)))


def _companies(pairs: pd.DataFrame) -> int:
    return len({*pairs["from_company"], *pairs["to_company"]})
