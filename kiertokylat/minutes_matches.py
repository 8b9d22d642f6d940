"""The matches of all posts of a workshop at once; one post's own are `workshop.matches`."""

import pandas as pd

from kiertokylat import reference
from kiertokylat.assumptions import Assumptions
from kiertokylat.impact import assess
from kiertokylat.industry import in_2008
from kiertokylat.match import match
from kiertokylat.rank import rank
from kiertokylat.workshop import MARK, flows_of


def best_matches(
    posts: pd.DataFrame,
    companies: pd.DataFrame,
    flows: pd.DataFrame,
    assumptions: Assumptions,
) -> pd.DataFrame:
    """How many matches each accepted post has, and the best of them.

    The rules are those of `workshop.matches`, which takes a fifth of a second a post: too long for
    hundreds. Here two calls of `match` serve all. A post lies at the same point as there, so its
    distances to companies are the same; those between two posts are not, and mean nothing: all that
    is known of a post's place is its municipality.

    Parameters
    ----------
    posts
        As `Rooms.posts`.
    companies, flows
        Those of an `Analysis`.
    assumptions
        Those of the analysis.

    Returns
    -------
    DataFrame
        Index: the id of each post that has a match. `matches`: how many; `other`: the company at
        the other end of the best one (`rank.rank` by tonnes), `workshop-` and an id where that is a
        post; `distance_km`.
    """
    said_by, said = flows_of(posts)
    # All of a municipality lie where `workshop.matches` puts a post: at the spiral's first point.
    said_by[["x", "y"]] = said_by.groupby("municipality")[["x", "y"]].transform("first")
    everybody = pd.concat([companies, said_by], ignore_index=True)
    everybody = everybody.assign(nace=in_2008(everybody))
    met = flows[flows["material"].isin(said["material"])]
    speaker = posts.set_index(MARK + posts["id"])["participant"]
    found = []
    for direction, opposite in (("out", "in"), ("in", "out")):
        ours = said[said["direction"] == direction]
        others = pd.concat([met, said])
        others = others[others["direction"] == opposite]
        pairs = _matched(everybody, ours, others, assumptions)
        own, other = ("supply_id", "to_company") if direction == "out" else _NEED
        pairs = pairs.assign(own=pairs[own].astype("str"), other=pairs[other].astype("str"))
        pairs = pairs[pairs["own"].isin(ours["id"])]
        # A phone's own other posts are no match; 0 is the facilitator, who writes for many.
        same = pairs["own"].map(speaker).eq(pairs["other"].map(speaker))
        found.append(pairs[~same | pairs["own"].map(speaker).eq(0)])
    ranked = pd.concat([rank(pairs) for pairs in found], ignore_index=True)
    ranked["own"] = ranked["own"].str.removeprefix(MARK)
    best = ranked.drop_duplicates("own").set_index("own")[["other", "distance_km"]]
    return best.assign(matches=ranked["own"].value_counts())


_NEED = ("demand_id", "from_company")


def _matched(
    companies: pd.DataFrame, ours: pd.DataFrame, others: pd.DataFrame, assumptions: Assumptions
) -> pd.DataFrame:
    """Candidates between the posts of one direction and what meets them, assessed."""
    flows = pd.concat([ours, others], ignore_index=True)
    codes = reference.waste_codes()
    # As in `workshop.matches`: nothing is known of other codes, so they get the careful treatment.
    unknown = set(flows["ewc"]) - set(codes.index) - {""}
    offered = ours["direction"].eq("out").any()
    pairs = match(
        companies,
        flows,
        reference.uses(),
        max_km=assumptions.search_km,
        detour_factor=assumptions.detour_factor,
        hazardous=unknown.union(codes.index[codes["hazardous"]]),
        # Of a need only its givers are asked for, not who else could take theirs.
        receivers_per_supply=assumptions.receivers_per_supply if offered else 0,
    )
    return assess(pairs, assumptions)
