"""What all sections of the brief need: the municipality, its data, and how a section is written."""

from dataclasses import dataclass
from functools import cached_property
from html import escape

import pandas as pd

from kiertokylat.allocation import allocate
from kiertokylat.analysis import Analysis
from kiertokylat.export import names
from kiertokylat.figures import number
from kiertokylat.masking import hidden_text
from kiertokylat.rank import best_per_supply, rank
from kiertokylat.selection import Selection, select
from kiertokylat.words import Language, say

_CANDIDATES = 5


@dataclass(frozen=True)
class Page:
    """What all sections need.

    `every` is the whole region; `here` the selection: companies and flows of the municipality,
    candidates with at least one end in it. Both lie `within` distance and break-even limit.
    """

    code: str
    every: Analysis
    here: Analysis
    within: Selection
    edited: bool
    language: Language
    public: bool = False

    def t(self, key: str, **values: object) -> str:
        """A text of the brief, escaped."""
        km = number(self.within.max_km, self.language)
        edge = say("brief.edge", self.language) if self.within.limit else ""
        return escape(say(f"brief.{key}", self.language, **{"km": km, "edge": edge, **values}))

    @property
    def place(self) -> str:
        """The municipality's name."""
        return str(names("municipalities", self.language)[self.code])

    @property
    def outgoing(self) -> pd.DataFrame:
        """Candidates whose supplier is here."""
        candidates = self.here.candidates
        return candidates[candidates["from_company"].isin(self.here.companies["id"])]

    @cached_property
    def region(self) -> Analysis:
        """The whole region within distance and break-even limit."""
        return select(self.every, self.within)

    @cached_property
    def allocation(self) -> pd.DataFrame:
        """The region's supplies, shared out among its stated needs."""
        return allocate(self.region.candidates, self.region.flows)

    @property
    def few(self) -> str:
        """What stands in the place of a figure that few companies stand behind."""
        return escape(hidden_text(self.language))

    @property
    def takers(self) -> pd.DataFrame:
        """The largest candidates, one a material, so that one big stream doesn't fill the list."""
        best = rank(best_per_supply(self.outgoing))
        return best.drop_duplicates("material").head(_CANDIDATES)


def section(page: Page, key: str, body: str, css_class: str = "plain") -> str:
    """A section under its heading."""
    return f'<section class="{css_class}"><h2>{page.t(key)}</h2>{body}</section>'
