"""A workshop's minutes as a workbook: the same figures as on the page, to be worked on."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from kiertokylat import workbook
from kiertokylat.indicators import STAGES
from kiertokylat.minutes_facts import Facts
from kiertokylat.minutes_map import places
from kiertokylat.minutes_notes import about_sum, remarks, rests_on
from kiertokylat.room import VOTES
from kiertokylat.words import say

_IMPACT = ("tonnes", "eur", "co2e")
_ENDS = {"_low": "low", "": "best", "_high": "high"}


def minutes_book(facts: Facts) -> bytes:
    """The minutes of a workshop as an XLSX file.

    Its sheets: summary, ideas, votes, commitments, impact, map (the places with WGS 84 degrees, for
    any program that draws them), assumptions, sources. Texts are neutralised as in `workbook`.
    """
    rests = rests_on(facts)
    cited = {say(f"export.section_{name}", facts.language) for name in ("use", "data")}
    is_source = rests.iloc[:, 0].isin(cited)
    sheets = {
        "summary": _summary(facts),
        "ideas": _ideas(facts),
        "votes": _votes(facts),
        "commitments": _commitments(facts),
        "impact": _impact(facts),
        "map": _map(facts),
        "assumptions": rests[~is_source],
        "sources": rests[is_source],
    }
    return workbook.book_bytes(
        {facts.text(f"sheet_{name}"): table for name, table in sheets.items()}
    )


def _headed(table: pd.DataFrame, columns: Sequence[str], facts: Facts) -> pd.DataFrame:
    """Some columns of a table under their headings."""
    return table[list(columns)].rename(columns={name: facts.text(name) for name in columns})


def _summary(facts: Facts) -> pd.DataFrame:
    workshop = facts.workshop
    rows: list[tuple[str, object]] = [
        (facts.text("workshop_name"), workshop.name),
        (facts.text("workshop_place"), workshop.place),
        (facts.text("workshop_date"), facts.shown_date(workshop.date)),
        (facts.text("workshop_municipalities"), facts.places),
        *((facts.text(f"count_{name}"), count) for name, count in facts.counts.items()),
        *(
            (facts.text("stage_line", stage=facts.stage(stage)), int(facts.stages["now"][stage]))
            for stage in STAGES
        ),
    ]
    notes = [facts.text("personal"), *([facts.text("demo")] if facts.demo else []), *remarks(facts)]
    rows += [(facts.text("remark"), note) for note in notes]
    made = facts.text("made_on", day=facts.shown_date(facts.day.isoformat()))
    rows.append((facts.text("remark"), made))
    return pd.DataFrame(rows, columns=[facts.text("item"), facts.text("fact")], dtype=object)


def _ideas(facts: Facts) -> pd.DataFrame:
    table = facts.ideas.assign(
        direction=[facts.text(f"direction_{name}") for name in facts.ideas["direction"]],
        material=facts.ideas["material_name"],
        tonnes_best=facts.ideas["tonnes"],
        basis=facts.text("said_here"),
    )
    amounts = ("amount", "tonnes_low", "tonnes_best", "tonnes_high")
    columns = ("direction", "material", "place", *amounts, "note", "basis")
    return _headed(table, (*columns, "matches", "best", "best_km"), facts)


def _votes(facts: Facts) -> pd.DataFrame:
    table = facts.candidates.assign(material=facts.candidates["material_name"])
    columns = ("number", "pair", "material", *(f"votes_{vote}" for vote in VOTES))
    return _headed(table, columns, facts)


def _commitments(facts: Facts) -> pd.DataFrame:
    made = facts.commitments
    table = made.assign(
        number=made["candidate"].map(facts.candidates["number"]).astype(float),
        subject=[facts.subject(row) for row in made.to_dict("records")],
        due=[facts.shown_date(day) for day in made["due"]],
        stage=[facts.stage(stage) for stage in made["stage"]],
    )
    columns = ("number", "subject", "companies", "next_step", "who", "due", "stage")
    return _headed(table, columns, facts)


def _impact(facts: Facts) -> pd.DataFrame:
    """The promised candidates, their sum if it may be made, and what is to be said about it."""
    table = facts.promised.assign(
        number=facts.promised["number"].astype(float), material=facts.promised["material_name"]
    ).reset_index(drop=True)
    told: list[dict[Any, Any]] = [{"pair": note} for note in about_sum(facts)]
    if facts.summed is not None:
        told.insert(0, {"pair": facts.text("sum")} | facts.summed.to_dict())
    amounts = {
        f"{name}{end}": facts.text(f"end_{word}", name=facts.text(name))
        for name in _IMPACT
        for end, word in _ENDS.items()
    }
    columns = ["number", "pair", "material", *amounts]
    table = pd.concat([table[columns], pd.DataFrame(told, columns=columns)], ignore_index=True)
    names = {name: facts.text(name) for name in columns[:3]}
    return table.fillna({"material": ""}).rename(columns=names | amounts)


def _map(facts: Facts) -> pd.DataFrame:
    # Degrees as objects: a number format would show one decimal of them.
    table = places(facts).rename(columns={"name": "where"}).astype({"lon": object, "lat": object})
    return _headed(table, ("kind", "number", "what", "where", "lon", "lat", "precision"), facts)
