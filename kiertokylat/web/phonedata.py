"""What phones are told of the region: as everybody may see it, worked out once a version.

Phones open no Streamlit session, so this is kept here and not in the cache of a session.
"""

import hashlib
import hmac
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

import pandas as pd

from kiertokylat import keys, privacy, reference, workshop
from kiertokylat.analysis import with_estimates
from kiertokylat.assumptions import Assumptions
from kiertokylat.changes import Snapshot
from kiertokylat.room import Post, candidate_parts
from kiertokylat.store.rooms import Rooms
from kiertokylat.tables import rows
from kiertokylat.web import session
from kiertokylat.words import LANGUAGES, Language, say

# Matching keeps a core busy for about a second. One at a time, so that the other core of a small
# server goes on answering polls and taking posts.
workers = ThreadPoolExecutor(1, thread_name_prefix="matches")

_making = Lock()
_SECRET = secrets.token_bytes(32)  # where there is no start-up key


@dataclass(frozen=True)
class Region:
    """The region without personal data. Frames are shared and never changed in place.

    Parameters
    ----------
    companies, flows
        `tables.COMPANIES` and `tables.FLOWS`, estimates included, under public ids.
    names
        A company's public name by its id, stored or public, in each language.
    places
        The code of its municipality, likewise.
    materials
        The material of a flow by its id, stored or public.
    """

    companies: pd.DataFrame
    flows: pd.DataFrame
    names: dict[Language, dict[str, str]]
    places: dict[str, str]
    materials: dict[str, str]


@dataclass(frozen=True)
class Shown:
    """The candidate on the projector, as a phone may name it.

    Parameters
    ----------
    giver, taker
        Name and municipality.
    material
        Its name; empty where it can't be told.
    """

    giver: str
    taker: str
    material: str


def rooms() -> Rooms:
    """The workshops of the app's database."""
    return Rooms(session.store())


def region() -> Region:
    """The region as it is stored now."""
    with _making:  # the second one who asks waits for the first one's answer
        return _region(session.store().version())


def warm() -> None:
    """Work the region out before the first post comes."""
    workers.submit(region)


@lru_cache(maxsize=2)
def _region(version: int) -> Region:  # noqa: ARG001 (what the cache tells apart)
    stored = session.store().snapshot()
    public = privacy.public(stored)
    companies, flows = public.active()
    # Without the candidates of `analyse`, which no phone asks for.
    flows = with_estimates(companies, flows, Assumptions())
    materials = pd.concat([stored.flows, flows])[["id", "material"]]
    return Region(
        companies,
        flows,
        {language: _names(stored, language) for language in LANGUAGES},
        _by_id(stored, "municipality", privacy.public_companies(stored.companies)),
        dict(zip(materials["id"], materials["material"], strict=True)),
    )


def _names(stored: Snapshot, language: Language) -> dict[str, str]:
    return _by_id(stored, "name", privacy.public_companies(stored.companies, language))


def _by_id(stored: Snapshot, column: str, public: pd.DataFrame) -> dict[str, str]:
    """A column of the public companies by their ids, stored and public: the rows agree."""
    values = list(public[column])
    own = dict(zip(stored.companies["id"], values, strict=True))
    return own | dict(zip(public["id"], values, strict=True))


def place_name(code: str) -> str:
    """The name of a municipality; empty for a code that is none of the region."""
    places = reference.municipalities()["name_fi"]
    return str(places[code]) if code in places.index else ""


def company(key: str, posts: pd.DataFrame, language: Language) -> str:
    """Name and municipality of a company, or of a post that stands for one; empty: not known.

    Parameters
    ----------
    key
        Its id, stored or public; or `workshop.MARK` and a post's.
    posts
        As `Rooms.posts`: the room's.
    language
        The reader's.
    """
    if key.startswith(workshop.MARK):
        of_post = posts.loc[posts["id"] == key.removeprefix(workshop.MARK), "municipality"]
        if of_post.empty:
            return ""
        return say("room.post_company", language, municipality=place_name(of_post.iloc[0]))
    here = region()
    name, place = here.names[language].get(key, ""), place_name(here.places.get(key, ""))
    return f"{name} ({place})" if name and place and place not in name else name


def shown(candidate: str, posts: pd.DataFrame, language: Language) -> Shown | None:
    """The candidate of a key from `room.candidate_key`; None: none, or it can't be named."""
    parts = candidate_parts(candidate)
    if parts is None:
        return None
    giver, taker = (company(key, posts, language) for key in parts[:2])
    if not giver or not taker:
        return None
    names = reference.materials()[f"name_{language}"]
    material = next((m for flow in parts[2:] if (m := _material(flow, posts)) in names), "")
    return Shown(giver, taker, str(names[material]) if material else "")


def _material(flow: str, posts: pd.DataFrame) -> str:
    """The material of a flow, of a post's, or of an estimate: its id ends in it (`estimate`)."""
    if flow.startswith(workshop.MARK):
        of_post = posts.loc[posts["id"] == flow.removeprefix(workshop.MARK), "material"]
        return "" if of_post.empty else str(of_post.iloc[0])
    known = region().materials.get(flow)
    if known is None and flow.startswith("est-"):
        direction = "-out-" if "-out-" in flow else "-in-"
        return flow.rpartition(direction)[2]
    return known or ""


@dataclass(frozen=True)
class Match:
    """The other end of a candidate of somebody's post.

    Parameters
    ----------
    name
        Of the company, and its municipality.
    road_km
        Estimated.
    tonnes
        Low, best, high in t/a that could move.
    certainty
        Of `tables.CERTAINTIES`.
    """

    name: str
    road_km: float
    tonnes: tuple[float, float, float]
    certainty: str


def matches(
    post: Post, participant: int, posts: pd.DataFrame, language: Language, most: int
) -> tuple[list[Match], int]:
    """The best candidates of a post, and how many there are in all.

    Parameters
    ----------
    post
        Whether or not it is accepted.
    participant
        Whose it is.
    posts
        As `Rooms.posts`: the room's.
    language
        The reader's.
    most
        How many to name.
    """
    here = region()
    found = workshop.matches(post, here.companies, here.flows, posts, participant=participant)
    other = "to_company" if post.direction == "out" else "from_company"
    named = [
        Match(
            company(str(getattr(row, other)), posts, language),
            row.road_km,
            (row.tonnes_low, row.tonnes, row.tonnes_high),
            row.certainty,
        )
        for row in rows(found.drop_duplicates(other).head(most))
    ]
    return named, found[other].nunique()


def is_listed(post: Post) -> bool:
    """Whether a post can have matches: it says what it is, and where."""
    return bool(post.material and post.municipality in reference.municipalities().index)


def digest(candidate: str) -> str:
    """What stands for a candidate's key where the ids in it are nobody's business.

    Signed, as a business id is short enough to be found by trying; with the start-up key, so that a
    phone's vote holds when the app is started anew.
    """
    secret = keys.key().encode() or _SECRET
    named = f"kiertokylat: candidate {candidate}".encode(errors="replace")
    return hmac.new(secret, named, hashlib.sha256).hexdigest()[:32]


def voted_on(ballot: str, shown_now: str, votes: pd.DataFrame) -> str:
    """The key of a candidate by its digest: the one shown, or one voted on before; empty: none."""
    known = [shown_now, *votes["candidate"].unique()]
    return next((key for key in known if key and digest(key) == ballot), "")
