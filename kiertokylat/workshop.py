"""A workshop's posts ► companies, flows and candidates; its commitments ► the funnel.

A post has no company: it stands for one at its municipality's centre, marked as stated in the
workshop. It takes part in the workshop only and never becomes a row of the dataset by itself.
"""

import numpy as np
import pandas as pd

from kiertokylat import reference, tables
from kiertokylat.assumptions import Assumptions
from kiertokylat.impact import assess
from kiertokylat.indicators import STAGES
from kiertokylat.industry import in_2008
from kiertokylat.locate import locate
from kiertokylat.match import match
from kiertokylat.rank import rank
from kiertokylat.room import Post
from kiertokylat.words import say

# The stages that lead to each other; what is dropped has left the way.
WAY = STAGES[: STAGES.index("realised") + 1]
# Begins the ids of companies and flows that stand for a post.
MARK = "workshop-"
SOURCE = say("room.source", "fi")


def flows_of(
    posts: pd.DataFrame, municipalities: pd.DataFrame | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Accepted posts as companies and flows, each post one of both.

    Parameters
    ----------
    posts
        As `Rooms.posts`. Those without a material or a municipality of the region are left out.
    municipalities
        As `reference.municipalities()`: the region.

    Returns
    -------
    tuple of DataFrame
        `tables.COMPANIES` and `tables.FLOWS`, in the order of the posts, both with the id
        `workshop-` and the post's, and the source "työpaja". A company has no industry, lies near
        the centre of its municipality (`precision` says so) and keeps its place when posts are
        added. A flow is reported; its note is what was said of the amount, then the post's note, as
        typed.
    """
    region = reference.municipalities() if municipalities is None else municipalities
    usable = posts["state"].eq("accepted") & posts["material"].ne("")
    here = posts[usable & posts["municipality"].isin(region.index)].reset_index(drop=True)
    if here.empty:
        return tables.empty(tables.COMPANIES), tables.empty(tables.FLOWS)
    ids = MARK + here["id"]
    companies = pd.DataFrame(
        {
            "id": ids,
            "name": [
                say("room.post_company", "fi", municipality=region.loc[code, "name_fi"])
                for code in here["municipality"]
            ],
            "business_id": "",
            "nace": "",
            "nace_edition": "",
            "municipality": here["municipality"],
            "employees": np.nan,
            **_places(here),
            "source": SOURCE,
        }
    )
    notes = here["amount"].str.cat(here["note"], sep="; ").str.removeprefix("; ")
    flows = pd.DataFrame(
        {
            "id": ids,
            "company_id": ids,
            "direction": here["direction"],
            "ewc": "",
            "material": here["material"],
            **{name: here[name] for name in ("tonnes_low", "tonnes", "tonnes_high")},
            "continuity": "",
            "basis": "reported",
            "source": SOURCE,
            "note": notes.str.removesuffix("; "),
        }
    )
    kinds = tables.empty(tables.COMPANIES).dtypes, tables.empty(tables.FLOWS).dtypes
    return companies.astype(kinds[0]), flows.astype(kinds[1])


def _places(posts: pd.DataFrame) -> pd.DataFrame:
    """`x`, `y`, `precision`; the spiral of `locate` fills in the order of the posts."""
    order = [f"{position:06}" for position in range(len(posts))]
    return locate(posts[["municipality"]].assign(id=order, postal_code="", x=np.nan, y=np.nan))


def matches(
    post: Post,
    companies: pd.DataFrame,
    flows: pd.DataFrame,
    posts: pd.DataFrame,
    assumptions: Assumptions | None = None,
    *,
    max_km: float | None = None,
    participant: int = 0,
) -> pd.DataFrame:
    """The candidates of one post, against the region and the room's other posts.

    Parameters
    ----------
    post
        Whether or not it is stored and accepted.
    companies, flows
        As `tables.COMPANIES` and `tables.FLOWS`, those of an `Analysis`.
    posts
        As `Rooms.posts`: the room's. Only accepted ones are met.
    assumptions
        Defaults to `Assumptions()`.
    max_km
        Greatest straight-line distance; None: that of the assumptions.
    participant
        Who posts: the own other posts are no match. 0 is the facilitator, who writes for many.

    Returns
    -------
    DataFrame
        As `tables.CANDIDATES`, best first (`rank.rank` by tonnes). The post's own end has the id
        `workshop-` and its own. An offer meets stated and estimated needs, and companies whose
        industry uses the material; a need meets stated and estimated offers. Nothing is found for a
        post without material or place.
    """
    assumptions = assumptions or Assumptions()
    others = posts[posts["id"] != post.id]
    if participant:
        others = others[others["participant"] != participant]
    own_companies, own_flows = flows_of(_as_row(post))
    if own_flows.empty:
        return tables.candidates(tables.empty(tables.CANDIDATES))
    limit_km = assumptions.search_km if max_km is None else max_km
    met_companies, met_flows = flows_of(others)
    met = pd.concat([flows, met_flows], ignore_index=True)
    opposite = {"out": "in", "in": "out"}[post.direction]
    met = met[met["material"].eq(post.material) & met["direction"].eq(opposite)]
    everybody = pd.concat([companies, met_companies, own_companies], ignore_index=True)
    # The region's many are cut down first: a phone waits for this. One metre more, so that `match`
    # alone decides.
    away_m = np.hypot(*(everybody[axis] - own_companies[axis].iloc[0] for axis in ("x", "y")))
    everybody = everybody[away_m <= 1000 * limit_km + 1].reset_index(drop=True)
    codes = reference.waste_codes()
    # As in `analysis.analyse`: nothing is known of other codes, so they get the careful treatment.
    unknown = set(met["ewc"]) - set(codes.index) - {""}
    pairs = match(
        everybody.assign(nace=in_2008(everybody)),
        pd.concat([met, own_flows], ignore_index=True),
        reference.uses(),
        max_km=limit_km,
        detour_factor=assumptions.detour_factor,
        hazardous=unknown.union(codes.index[codes["hazardous"]]),
        # Of a need only its givers are asked for, not who else could take theirs.
        receivers_per_supply=assumptions.receivers_per_supply if post.direction == "out" else 0,
    )
    return rank(assess(pairs, assumptions))


def _as_row(post: Post) -> pd.DataFrame:
    low, best, high = post.tonnes or (np.nan,) * 3
    row = {
        "id": post.id,
        "direction": post.direction,
        "material": post.material,
        "tonnes_low": low,
        "tonnes": best,
        "tonnes_high": high,
        "amount": post.amount,
        "municipality": post.municipality,
        "note": post.note,
        "state": "accepted",
    }
    return pd.DataFrame([row])


def funnel(commitments: pd.DataFrame) -> pd.DataFrame:
    """How far commitments have come.

    Parameters
    ----------
    commitments
        As `Rooms.commitments`: `stage` of `indicators.STAGES`.

    Returns
    -------
    DataFrame
        Index `stage`, all of `indicators.STAGES` in their order; `now`: commitments that stand
        there; `reached`: those that stand there or further on the way to `realised`. How far the
        dropped ones had come is not kept, so they count only as dropped.
    """
    now = commitments["stage"].value_counts().reindex(list(STAGES), fill_value=0)
    reached = now[list(WAY)][::-1].cumsum().reindex(list(STAGES)).fillna(now)
    return pd.DataFrame({"now": now, "reached": reached}).astype(int).rename_axis("stage")
