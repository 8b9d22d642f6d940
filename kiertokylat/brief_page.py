"""What all sections of the brief need: the figures, the language, and how a section is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any

import pandas as pd

from kiertokylat.analysis import Analysis
from kiertokylat.brief_facts import Facts
from kiertokylat.export import names
from kiertokylat.figures import number, significant, tonnes, tonnes_range
from kiertokylat.rank import best_per_supply, rank
from kiertokylat.selection import Selection
from kiertokylat.words import Language, say

_CANDIDATES = 3
_LONGEST = 60  # characters of a name: the brief has two pages, whatever companies are called


@dataclass(frozen=True)
class Page:
    """What all sections need.

    Parameters
    ----------
    facts
        The figures, the same as on the page of the municipality.
    language
        Of the brief.
    edited
        Whether the analysis rests on other assumptions than the defaults.
    commitments
        From `commitments.for_public`: those of this municipality (`commitments_here`).
    day
        The date on it.
    """

    facts: Facts
    language: Language
    edited: bool
    commitments: pd.DataFrame
    day: date

    def t(self, key: str, **values: object) -> str:
        """A text of the brief, escaped."""
        km = number(self.within.max_km, self.language)
        edge = say("brief.edge", self.language) if self.within.limit else ""
        return escape(say(f"brief.{key}", self.language, **{"km": km, "edge": edge, **values}))

    @property
    def code(self) -> str:
        """Of the municipality."""
        return self.facts.code

    @property
    def every(self) -> Analysis:
        """The whole region."""
        return self.facts.region.every

    @property
    def here(self) -> Analysis:
        """Companies and flows of the municipality, candidates with at least one end in it."""
        return self.facts.here

    @property
    def within(self) -> Selection:
        """Distance and break-even limit."""
        return self.facts.region.within

    @property
    def public(self) -> bool:
        """Whether figures with few companies behind them are hidden."""
        return self.facts.region.public

    @property
    def place(self) -> str:
        """The municipality's name."""
        return str(names("municipalities", self.language)[self.code])

    @property
    def few(self) -> str:
        """What stands in the place of a hidden figure: some are hidden for the sake of others."""
        return self.t("hidden")

    @property
    def takers(self) -> pd.DataFrame:
        """One candidate a material, the surest first, then the largest: none fills the list."""
        best = rank(best_per_supply(self.facts.outgoing))
        return best.drop_duplicates("material").head(_CANDIDATES)

    def company(self, company: str) -> str:
        """A company's name, cut where it is very long; not escaped."""
        return shortened(str(self.every.companies.set_index("id")["name"].get(company, company)))

    def material(self, key: str) -> str:
        """A material's name; not escaped."""
        return str(names("materials", self.language).get(key, key))

    def amount(self, row: Mapping[Any, Any]) -> str:
        """Tonnes a year with their range, all in two digits as everywhere here; not escaped."""
        low, best, high = row["tonnes_low"], row["tonnes"], row["tonnes_high"]
        if low == high:
            return tonnes(best, self.language, estimated=True)
        return tonnes_range(low, best, high, self.language)

    def about(self, amount: float) -> str:
        """A number that rests on estimates, in two digits; not escaped."""
        return number(significant(amount, 2), self.language)


def shortened(text: str) -> str:
    """A text that is not too long for the brief."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1].rstrip()}…"


def section(page: Page, key: str, body: str, css_class: str = "plain") -> str:
    """A section under its heading."""
    return f'<section class="{css_class}"><h2>{page.t(key)}</h2>{body}</section>'
