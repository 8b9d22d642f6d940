"""What the page and the workbook of a workshop's minutes have in common: all but the form."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from kiertokylat.analysis import Analysis
from kiertokylat.assumptions import Assumptions
from kiertokylat.export import names
from kiertokylat.figures import calendar_day
from kiertokylat.minutes_matches import best_matches
from kiertokylat.portfolio import totals
from kiertokylat.room import VOTES, Workshop, candidate_parts
from kiertokylat.wall import committed, title
from kiertokylat.words import Language, say
from kiertokylat.workshop import MARK, funnel

IDS = ["from_company", "to_company", "supply_id", "demand_id"]
_AMOUNTS = [f"{name}{end}" for name in ("tonnes", "eur", "co2e") for end in ("_low", "", "_high")]
# What of a candidate the minutes tell.
_FIGURES = [*_AMOUNTS, "certainty", "distance_km"]


@dataclass(frozen=True)
class Facts:
    """A workshop, what it has said, and what that comes to.

    Parameters
    ----------
    workshop
        Any; open or closed.
    posts, votes, commitments
        As `Rooms.posts`, `Rooms.votes` and `Rooms.commitments`: the workshop's. Only accepted posts
        are told of; of the others only how many they are.
    participants
        How many phones have joined.
    analysis
        Of the whole region, as the hall has seen it.
    language
        Of the minutes.
    assumptions
        Those of the analysis.
    edited
        Whether they differ from the defaults: the minutes say so.
    public
        Whether sole traders' names have been left out of the analysis: the minutes say which.
    day
        When the minutes were made.
    """

    workshop: Workshop
    posts: pd.DataFrame
    votes: pd.DataFrame
    participants: int
    commitments: pd.DataFrame
    analysis: Analysis
    language: Language
    _: KW_ONLY
    assumptions: Assumptions = field(default_factory=Assumptions)
    edited: bool = False
    public: bool = False
    day: date = field(default_factory=date.today)

    def text(self, key: str, **values: object) -> str:
        """A text of the minutes, not escaped."""
        return say(f"minutes.{key}", self.language, **values)

    def shown_date(self, day: str) -> str:
        """An ISO date as people write it; empty stays empty."""
        return calendar_day(day, self.language)

    def stage(self, key: str) -> str:
        """A stage in words."""
        return say(f"app.stage_{key}", self.language)

    @property
    def places(self) -> str:
        """The names of the workshop's municipalities."""
        shown = names("municipalities", self.language)
        chosen = [str(shown[code]) for code in self.workshop.municipalities]
        return ", ".join(chosen) or self.text("whole_region")

    @property
    def demo(self) -> bool:
        """Whether made-up companies take part."""
        return bool(self.analysis.companies["source"].eq("demo").any())

    @cached_property
    def accepted(self) -> pd.DataFrame:
        """The posts that are shown, in the order they came."""
        return self.posts[self.posts["state"] == "accepted"].reset_index(drop=True)

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many phones, ideas, votes, commitments; and posts that are left out, by state."""
        state = self.posts["state"].value_counts()
        return {
            "people": self.participants,
            "ideas": len(self.accepted),
            "votes": len(self.votes),
            "promises": len(self.commitments),
            "waiting": int(state.get("waiting", 0)),
            "rejected": int(state.get("rejected", 0)),
        }

    @cached_property
    def ideas(self) -> pd.DataFrame:
        """Accepted posts in words, with the number of their matches and the best one.

        Returns
        -------
        DataFrame
            Those of `Rooms.posts`, then `material_name`, `place`, `searched` (whether a match could
            be sought), `matches`, `best` (company, or where a post of the room is from), `best_km`
            (straight line; NaN where `best` is a post).
        """
        said = self.accepted
        materials, places = (names(key, self.language) for key in ("materials", "municipalities"))
        found = best_matches(
            self.posts, self.analysis.companies, self.analysis.flows, self.assumptions
        ).reindex(said["id"])
        named = said["material"].map(materials)
        room = found["other"].astype("str").str.startswith(MARK).to_numpy(bool)
        return said.assign(
            material_name=named.fillna(self.text("other_material")),
            place=said["municipality"].map(places).fillna(""),
            searched=said["material"].ne("") & said["municipality"].isin(places.index),
            matches=found["matches"].fillna(0).astype(int).to_numpy(),
            best=[self._other(other) for other in found["other"]],
            best_km=found["distance_km"].astype(float).mask(room).to_numpy(),
        )

    def _other(self, company: Any) -> str:
        if pd.isna(company):
            return ""
        if company.startswith(MARK):
            post: Any = self._posts_by_id.loc[company.removeprefix(MARK)]
            place = names("municipalities", self.language)[post["municipality"]]
            return say("room.post_company", self.language, municipality=place)
        return str(self._names[company])

    @cached_property
    def _posts_by_id(self) -> pd.DataFrame:
        return self.accepted.set_index("id")

    @cached_property
    def _names(self) -> pd.Series:
        return self.analysis.companies.set_index("id")["name"]

    @cached_property
    def candidates(self) -> pd.DataFrame:
        """The candidates that were voted on or promised, numbered: most interest first.

        Returns
        -------
        DataFrame
            Index: the key (`room.candidate_key`); `number` from 1, `pair`, `material_name` (empty
            where the candidate is no longer in the data), `votes_yes`, `votes_maybe`, `votes_no`;
            the columns `IDS`, `tonnes*` (t/a), `eur*` (EUR a year), `co2e*` (t CO2e a year),
            `certainty`, `distance_km` of the candidate (empty or NaN where there is none).
        """
        promised = self.commitments.loc[self.commitments["candidate"] != "", "candidate"]
        keys = pd.Index(pd.unique(pd.concat([self.votes["candidate"], promised])), name="key")
        counts = pd.crosstab(self.votes["candidate"], self.votes["vote"])
        counts = counts.reindex(index=keys, columns=list(VOTES), fill_value=0)
        order = counts.assign(no=-counts["no"]).sort_values(
            list(VOTES), ascending=False, kind="stable"
        )
        keys = order.index
        titles = [self._title(key) for key in keys]
        figures = self._figures(keys)
        return pd.DataFrame(
            {
                "number": np.arange(1, len(keys) + 1),
                "pair": [pair for pair, _ in titles],
                "material_name": [material for _, material in titles],
                **{f"votes_{vote}": counts.loc[keys, vote] for vote in VOTES},
                **{name: figures[name].to_numpy() for name in (*IDS, *_FIGURES)},
            },
            index=keys,
        )

    def _title(self, key: str) -> tuple[str, str]:
        found = title(key, self.analysis.companies, self.analysis.flows, self.language)
        return found or (self.text("gone"), "")

    def _figures(self, keys: pd.Index) -> pd.DataFrame:
        parts = [candidate_parts(key) or ("",) * len(IDS) for key in keys]
        wanted = pd.DataFrame(parts, columns=IDS, dtype="str")
        known = self.analysis.candidates.astype(dict.fromkeys([*IDS, "certainty"], "str"))
        # First cut down: there may be a hundred thousand candidates.
        known = known.loc[known["supply_id"].isin(wanted["supply_id"]), [*IDS, *_FIGURES]]
        return wanted.merge(known, on=IDS, how="left", validate="many_to_one")

    @property
    def known(self) -> pd.DataFrame:
        """The rows of `candidates` that are still in the data."""
        return self.candidates[self.candidates["distance_km"].notna()]

    @cached_property
    def promised(self) -> pd.DataFrame:
        """The rows of `candidates` that are promised, not dropped, and still in the data."""
        kept = committed(self.commitments, self.analysis.candidates)
        return self.candidates[among(self.candidates, kept)]

    @cached_property
    def sharing(self) -> list[int]:
        """The numbers of promised candidates that share a supply or a receiver with another one.

        A receiver known by its industry only has one need of each material, as in `portfolio`.
        """
        ends = self.promised.assign(need=self.promised["demand_id"])
        unstated = ends["demand_id"] == ""
        ends.loc[unstated, "need"] = ends["to_company"] + "\0" + ends["material_name"]
        both = ends.duplicated("supply_id", keep=False) | ends.duplicated("need", keep=False)
        return cast("list[int]", ends.loc[both, "number"].tolist())

    @cached_property
    def summed(self) -> pd.Series | None:
        """The sums of the promised candidates' amounts; None where a tonne would count twice."""
        if len(self.promised) < 2 or self.sharing:
            return None
        return totals(self.promised)

    @property
    def unknown(self) -> int:
        """How many promised candidates lack one of the figures."""
        return int(self.promised[["tonnes", "eur", "co2e"]].isna().any(axis=1).sum())

    def subject(self, row: Mapping[Any, Any]) -> str:
        """What a commitment is about, in words."""
        if not row["candidate"]:
            return str(row["idea"])
        known: Any = self.candidates.loc[row["candidate"]]
        values = {"number": known["number"], "pair": known["pair"]}
        material = known["material_name"]
        about = (
            self.text("about", **values, material=material)
            if material
            else self.text("about_gone", **values)
        )
        return f"{about} {row['idea']}".strip()

    @cached_property
    def stages(self) -> pd.DataFrame:
        """`workshop.funnel` of the commitments."""
        return funnel(self.commitments)


def among(candidates: pd.DataFrame, wanted: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Which rows of some candidates are among those wanted, by their ids."""
    ids = set(wanted[IDS].astype("str").itertuples(index=False, name=None))
    rows = candidates[IDS].astype("str").itertuples(index=False, name=None)
    return np.array([row in ids for row in rows], dtype=bool)


def sorted_by_direction(ideas: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Offers and needs apart, each by material and place."""
    ordered = ideas.sort_values(["material_name", "place"], kind="stable")
    return {name: ordered[ordered["direction"] == name] for name in ("out", "in")}
