"""How the figures of a workshop's minutes are meant, and what they rest on."""

import pandas as pd

from kiertokylat.analysis import Analysis
from kiertokylat.minutes_facts import IDS, Facts, among
from kiertokylat.sources import sources_table


def about_sum(facts: Facts) -> list[str]:
    """Why there is a sum of the promised candidates or none, and what is missing in it."""
    notes = []
    if facts.sharing:
        *most, last = map(str, facts.sharing)
        pair = facts.text("and", first=", ".join(most), last=last)
        notes.append(facts.text("sum_refused", numbers=pair))
    elif facts.summed is not None:
        notes.append(facts.text("sum_allowed"))
    if facts.unknown:
        notes.append(facts.text("sum_unknown", count=facts.unknown))
    return notes


def remarks(facts: Facts) -> list[str]:
    """How the figures are meant: what was edited, whose names are in the data."""
    keys = ["sources_edited"] if facts.edited else []
    keys += ["sources_public" if facts.public else "sources_whole", "sources_promise"]
    return [facts.text(key) for key in keys]


def rests_on(facts: Facts, *, notes: bool = True) -> pd.DataFrame:
    """What the impact rests on: `sources.sources_table` of the promised candidates alone.

    `notes` as there; data whose source is "demo" says so in the reader's words.

    Empty where there are none: then nothing rests on anything.
    """
    every = facts.analysis
    known = facts.promised
    candidates = every.candidates[every.candidates["supply_id"].isin(known["supply_id"])]
    companies, flows = (pd.concat([known[name] for name in ends]) for ends in (IDS[:2], IDS[2:]))
    cut = Analysis(
        every.companies[every.companies["id"].isin(companies)],
        every.flows[every.flows["id"].isin(flows)],
        candidates[among(candidates, known)],
    )
    table = sources_table(cut, facts.assumptions, facts.language, notes=notes)
    source = table.columns[-1]
    table[source] = table[source].replace("demo", facts.text("demo_source"))
    return table if len(known) else table.head(0)
