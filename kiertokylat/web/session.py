"""The state of one visitor: language, dataset, analysis. The app's caches live here."""

from dataclasses import dataclass, replace
from typing import Any, Literal, cast

import pandas as pd
import streamlit as st

from kiertokylat import guarded, privacy, reference
from kiertokylat.access import Actor, require_editor
from kiertokylat.allocation import allocate
from kiertokylat.analysis import Analysis, analyse
from kiertokylat.assumptions import Assumptions
from kiertokylat.changes import Snapshot
from kiertokylat.commitments import Renamed, for_public, placed, published, renamed
from kiertokylat.ingest import Ingested
from kiertokylat.portfolio import By, greedy, optimal
from kiertokylat.problems import Problem
from kiertokylat.selection import Selection, select
from kiertokylat.store import Store, load_demo, open_store
from kiertokylat.store.rooms import Rooms
from kiertokylat.web import door
from kiertokylat.words import Language, say


@dataclass(frozen=True)
class Dataset:
    """Companies and reported flows, and where they came from.

    Parameters
    ----------
    name
        Names of the files that only this visitor looks at; empty: what the store holds.
    companies, flows
        As in `tables`, without estimates.
    problems
        What was wrong in the files.
    public
        Whether it is what everybody may see of the store: then summaries are masked. A visitor's
        own files are their own data.
    """

    name: str
    companies: pd.DataFrame
    flows: pd.DataFrame
    problems: tuple[Problem, ...] = ()
    public: bool = False

    @property
    def is_demo(self) -> bool:
        """Whether made-up rows of the bundled region are in it: then the banner warns."""
        return not self.name and bool(self.companies["source"].eq("demo").any())


def start() -> None:
    """Read language and projector mode from the address, before any text is drawn."""
    if "kieli" not in st.session_state:
        st.session_state["kieli"] = "en" if st.query_params.get("kieli") == "en" else "fi"
    if "projektori" not in st.session_state:
        st.session_state["projektori"] = st.query_params.get("projektori") == "true"


def language() -> Language:
    """The reader's language: Finnish unless English was chosen."""
    return cast("Language", st.session_state.get("kieli") or "fi")


def t(key: str, **values: Any) -> str:
    """A text of `words/app.toml` in the reader's language."""
    return say(f"app.{key}", language(), **values)


def projector() -> bool:
    """Whether the page is on a projector: large type, no side bar."""
    return bool(st.session_state.get("projektori"))


@st.cache_resource(show_spinner=False)
def store() -> Store:
    """The database, opened once for all sessions; a new one is filled with the demo region."""
    opened = open_store()
    load_demo(opened, Actor("Kiertokylät", "editor"))
    return opened


def actor() -> Actor:
    """Who this visitor is, worked out anew at each call."""
    return door.actor()


def is_editor() -> bool:
    """Whether this visitor may change what is stored; the store asks once more."""
    return actor().role == "editor"


def refresh() -> None:
    """Take up what others have stored since the visitor's last run.

    Raises
    ------
    StoreError
        The database can't be read.
    """
    st.session_state["version"] = store().version()


# A run of the script sees one version throughout. Frames are shared and never changed in place.
@st.cache_resource(max_entries=3, show_spinner=False)
def _snapshot(version: int) -> Snapshot:  # noqa: ARG001 (what the cache tells apart)
    return store().snapshot()


def _version() -> int:
    """The version that this run of the script works with."""
    if "version" not in st.session_state:
        refresh()
    return int(st.session_state["version"])


def snapshot() -> Snapshot:
    """Everything that is stored, contacts included: for pages of editors only.

    Raises
    ------
    AccessError
        The visitor is no editor.
    """
    require_editor(actor())
    return _snapshot(_version())


@st.cache_resource(max_entries=6, show_spinner=False)
def _public(version: int, lang: Language) -> Snapshot:
    return privacy.public(_snapshot(version), lang)


def public_snapshot() -> Snapshot:
    """What is stored, as everybody may see it."""
    return _public(_version(), language())


@st.cache_resource(max_entries=6, show_spinner=False)
def _stored(version: int, lang: Language | None) -> Dataset:
    held = _snapshot(version) if lang is None else _public(version, lang)
    return Dataset("", *held.active(), public=lang is not None)


def dataset() -> Dataset:
    """What this session looks at: its own files, or what is stored (in public if no editor)."""
    own: Dataset | None = st.session_state.get("dataset")
    return own or _stored(_version(), None if is_editor() else language())


def public_dataset() -> Dataset:
    """What is stored, as everybody may see it, whoever this visitor is."""
    return _stored(_version(), language())


def guarded_summaries() -> bool:
    """Whether summaries of what this session looks at are masked: the `public` of `guarded`."""
    return dataset().public


def replace_dataset(name: str, ingested: Ingested) -> None:
    """Let this session look at what was read from files."""
    st.session_state["dataset"] = Dataset(
        name, ingested.companies, ingested.flows, ingested.problems
    )


def forget_dataset() -> None:
    """Go back to what is stored."""
    st.session_state.pop("dataset", None)


def assumptions() -> Assumptions:
    """What this session takes for granted: its own edits, or the defaults."""
    return st.session_state.get("assumptions") or Assumptions()


def assume(changed: Assumptions) -> None:
    """Let this session take other things for granted."""
    st.session_state["assumptions"] = changed


# The frames are shared between sessions and never changed in place (`Analysis`), so the cheap cache
# without copies is right. A dataset is hashed by its identity: it is frozen and made once.
@st.cache_resource(max_entries=8, hash_funcs={Dataset: id}, show_spinner=False)
def _analysis(chosen: Dataset, assumed: Assumptions) -> tuple[Dataset, Analysis]:
    return chosen, analyse(chosen.companies, chosen.flows, assumed)


@dataclass(frozen=True)
class View:
    """What a selection leaves of a dataset, and the figures that several pages show of it.

    Parameters
    ----------
    chosen
        The part of the analysis.
    reach
        The same without the limit on certainty: whether a flow has a receiver doesn't depend on
        which candidates one wants to look at.
    allocation
        `allocation.allocate` of the whole region within the distance and the break-even limit.
    between
        `guarded.between_municipalities` of what flows of `reach` give or take of the allocation.
    municipalities
        `guarded.by_municipality` of `reach`.
    """

    chosen: Analysis
    reach: Analysis
    allocation: pd.DataFrame
    between: guarded.Shown
    municipalities: guarded.Shown


# Parts of an analysis of up to a million candidates (`analysis.MOST_PAIRS`) take over 100 MB each.
# Of such only a few are kept, of all others many: so the app's memory has a bound.
_LARGE = 200_000


@st.cache_resource(max_entries=64, hash_funcs={Dataset: id}, show_spinner=False)
def _view(of: Dataset, assumed: Assumptions, selection: Selection) -> tuple[Dataset, View]:
    return _new_view(of, assumed, selection)


@st.cache_resource(max_entries=4, hash_funcs={Dataset: id}, show_spinner=False)
def _large_view(of: Dataset, assumed: Assumptions, selection: Selection) -> tuple[Dataset, View]:
    return _new_view(of, assumed, selection)


def _new_view(of: Dataset, assumed: Assumptions, selection: Selection) -> tuple[Dataset, View]:
    every = _analysis(of, assumed)[1]
    anyhow = replace(selection, certainties=())
    whole = anyhow == region_only(selection)
    reach = _region(of, assumed, anyhow)[1] if whole else select(every, anyhow)
    chosen = select(every, selection) if selection.certainties else reach
    shared = _allocation(of, assumed, region_only(selection))[1]
    here = guarded.by_municipality(
        reach.companies,
        reach.flows,
        reach.candidates,
        shared,
        reference.municipalities().index,
        public=of.public,
    )
    ours = shared["supply_id"].isin(reach.flows["id"]) | shared["demand_id"].isin(reach.flows["id"])
    between = guarded.between_municipalities(shared[ours], every.companies, public=of.public)
    return of, View(chosen, reach, shared, between, here)


def region_only(selection: Selection) -> Selection:
    """The whole region, cut by distance and break-even as in a selection."""
    return Selection(max_km=selection.max_km, limit=selection.limit)


@st.cache_resource(max_entries=32, hash_funcs={Dataset: id}, show_spinner=False)
def _allocation(
    of: Dataset, assumed: Assumptions, region: Selection
) -> tuple[Dataset, pd.DataFrame]:
    within = _region(of, assumed, region)[1]
    return of, allocate(within.candidates, within.flows)


@st.cache_resource(max_entries=32, hash_funcs={Dataset: id}, show_spinner=False)
def _portfolio(
    of: Dataset, assumed: Assumptions, region: Selection, by: By, way: str
) -> tuple[Dataset, pd.DataFrame]:
    within = _region(of, assumed, region)[1]
    choose = optimal if way == "optimal" else greedy
    capacity = assumed.unknown_capacity_t
    return of, choose(within.candidates, within.flows, by, unknown_capacity_t=capacity)


def portfolio(
    selection: Selection, by: By, way: Literal["optimal", "greedy"] = "optimal"
) -> pd.DataFrame:
    """The choice of the whole region within the selection's distance: `portfolio.optimal`."""
    return _portfolio(dataset(), assumptions(), region_only(selection), by, way)[1]


def region(selection: Selection) -> Analysis:
    """The whole region, cut by distance and break-even as in a selection."""
    return _region(dataset(), assumptions(), region_only(selection))[1]


# Six of up to a million candidates each.
@st.cache_resource(max_entries=6, hash_funcs={Dataset: id}, show_spinner=False)
def _region(of: Dataset, assumed: Assumptions, region: Selection) -> tuple[Dataset, Analysis]:
    return of, select(_analysis(of, assumed)[1], region)


def view(selection: Selection) -> View:
    """What a selection leaves of the visitor's dataset."""
    return view_of(dataset(), selection)


def view_of(of: Dataset, selection: Selection) -> View:
    """What a selection leaves of a dataset."""
    assumed = assumptions()
    large = len(_analysis(of, assumed)[1].candidates) > _LARGE
    kept = _large_view if large else _view
    return kept(of, assumed, selection)[1]


def analysis() -> Analysis:
    """The analysis of the visitor's dataset."""
    return analysis_of(dataset())


def analysis_of(of: Dataset) -> Analysis:
    """The analysis of a dataset."""
    # The cache entry holds the dataset itself: its id can't be given to another one meanwhile.
    return _analysis(of, assumptions())[1]


@st.cache_resource(max_entries=3, show_spinner=False)
def _ids(version: int) -> Renamed:
    return renamed(_snapshot(version))


def stored_key(candidate: str) -> str:
    """A candidate's key (`room.candidate_key`) as the store keeps it, from any dataset's."""
    return _ids(_version()).own(candidate)


def with_keys_of(of: Dataset, made: pd.DataFrame) -> pd.DataFrame:
    """Commitments (`Rooms.commitments`) with the keys that their candidates have in a dataset."""
    return published(made, _ids(_version())) if of.public else made


def commitments() -> pd.DataFrame:
    """The stored commitments, placed in the visitor's analysis: `commitments.placed`.

    Everybody but editors gets `commitments.for_public` of them.
    """
    made = with_keys_of(dataset(), Rooms(store()).commitments())
    found = placed(made, analysis())
    return found if is_editor() else for_public(found, analysis())
