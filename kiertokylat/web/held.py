"""What one visitor is importing, between its reading and its saving."""

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from kiertokylat.changes import Plan, Snapshot
from kiertokylat.ingest import Ingested
from kiertokylat.plan_text import Key
from kiertokylat.words import Language


@dataclass
class Held:
    """What this visitor is importing; kept in the session until it is saved or dropped.

    Parameters
    ----------
    number
        Tells one import of the session from the next: part of the keys of its widgets.
    files
        As uploaded: they are read anew when the stored companies have changed.
    read, archived
        What the files hold: one of the two.
    companies
        The stored companies that the files were compared with when they were read.
    public
        Whether they are an archive without personal data that nobody has agreed to yet.
    plan, made_of
        The plan, and of which version and options it was made.
    again
        Whether the plan was made anew because the data had changed.
    taken, ticks
        Conflicting rows that the file's word is taken for, and how often buttons have changed that.
    lines
        The conflicts in words, which take a second or more: `plan_text.conflicts`.
    """

    number: int
    files: tuple[Any, ...]
    read: Ingested | None = None
    archived: Snapshot | None = None
    companies: pd.DataFrame = field(default_factory=pd.DataFrame)
    public: bool = False
    plan: Plan | None = None
    made_of: tuple[Any, ...] = ()
    again: bool = False
    taken: set[Key] = field(default_factory=set)
    ticks: int = 0
    lines: dict[Language, pd.DataFrame] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The names of the files."""
        return ", ".join(file.name for file in self.files)
