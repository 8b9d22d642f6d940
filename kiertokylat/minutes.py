"""A workshop ► its minutes: one printable HTML page.

The page is a single file without scripts or anything from outside: it can be mailed, archived and
printed on A4. Whatever somebody has typed is escaped.
"""

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from kiertokylat.figures import number, spread
from kiertokylat.indicators import STAGES
from kiertokylat.minutes_facts import Facts
from kiertokylat.minutes_notes import about_sum
from kiertokylat.minutes_parts import ideas, section, sources, t, table, where
from kiertokylat.room import VOTES

_IMPACT = ("tonnes", "eur", "co2e")
_VOTES = tuple(f"votes_{vote}" for vote in VOTES)
_COUNTS = ("now", "reached")


def minutes(facts: Facts) -> str:
    """The printable minutes of a workshop, as a whole HTML document."""
    style = Path(__file__).with_name("minutes.css").read_text(encoding="utf-8")
    sections = (
        *(_header(facts), _commitments(facts), _impact(facts), where(facts), _votes(facts)),
        *(ideas(facts), sources(facts)),
    )
    title = t(facts, "title", name=facts.workshop.name)
    return (
        f'<!DOCTYPE html>\n<html lang="{facts.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{style}</style></head>"
        f"<body><main>{''.join(sections)}</main></body></html>\n"
    )


def _header(facts: Facts) -> str:
    workshop = facts.workshop
    counts = {
        name: t(facts, f"{name}_one" if count == 1 else name, count=number(count, facts.language))
        for name, count in facts.counts.items()
        if name in {"people", "ideas", "votes", "promises"}
    }
    told = (workshop.place, facts.shown_date(workshop.date), facts.places)
    made = t(facts, "made_on", day=facts.shown_date(facts.day.isoformat()))
    typed = bool(facts.counts["ideas"] or facts.counts["promises"])
    personal = f'<p class="note">{t(facts, "personal")}</p>' if typed else ""
    banner = f'<p class="demo">{t(facts, "demo")}</p>' if facts.demo else ""
    return (
        f'<header><p class="over"><span>{t(facts, "over_title")}</span>'
        f'<time datetime="{facts.day.isoformat()}">{made}</time></p>'
        f"<h1>{escape(workshop.name)}</h1>"
        f'<p class="where">{escape(" · ".join(part for part in told if part))}</p>'
        f'<p class="lead">{facts.text("lead", **counts)}</p>'
        f"{personal}{banner}</header>"
    )


# --- what was promised ---


def _commitments(facts: Facts) -> str:
    if facts.commitments.empty:
        return section(facts, "commitments_title", f"<p>{t(facts, 'commitments_none')}</p>")
    columns = ("subject", "companies", "next_step", "who", "due", "stage")
    rows = [
        (
            escape(facts.subject(row)),
            *(escape(row[name]) for name in ("companies", "next_step", "who")),
            escape(facts.shown_date(row["due"])),
            escape(facts.stage(row["stage"])),
        )
        for row in facts.commitments.to_dict("records")
    ]
    headings = {key: facts.text(key) for key in columns}
    body = table(headings, rows, "commitments") + _stages(facts)
    return section(facts, "commitments_title", body)


def _stages(facts: Facts) -> str:
    headings = {key: facts.text(key) for key in ("stage", "stage_now", "stage_reached")}
    rows = [
        (escape(facts.stage(stage)), *(str(facts.stages.loc[stage, name]) for name in _COUNTS))
        for stage in STAGES
    ]
    return f"<h3>{t(facts, 'stages_title')}</h3>" + table(headings, rows, "stages")


def _impact(facts: Facts) -> str:
    promised = facts.promised
    if promised.empty:
        return section(facts, "impact_title", f"<p>{t(facts, 'impact_none')}</p>")
    headings = {key: facts.text(key) for key in ("number", "pair", *_IMPACT)}
    rows = [
        (str(row["number"]), _pair(row), *(_amount(row, name, facts) for name in _IMPACT))
        for row in promised.to_dict("records")
    ]
    summed = facts.summed
    if summed is not None:
        sums = summed.to_dict()
        word = f"<b>{t(facts, 'sum')}</b>"
        rows.append(("", word, *(_amount(sums, name, facts) for name in _IMPACT)))
    told = f"<p>{t(facts, 'impact_sentence')}</p>"
    body = told + table(headings, rows, "impact") + _about_sum(facts)
    return section(facts, "impact_title", body)


def _about_sum(facts: Facts) -> str:
    notes = about_sum(facts)
    return f'<p class="note">{escape(" ".join(notes))}</p>' if notes else ""


def _pair(row: Mapping[Any, Any]) -> str:
    material = row["material_name"]
    return escape(row["pair"]) + (f"<br><span>{escape(material)}</span>" if material else "")


def _amount(row: Mapping[Any, Any], name: str, facts: Facts) -> str:
    """The best value, and its range under it."""
    best, low, high = (float(row[f"{name}{end}"]) for end in ("", "_low", "_high"))
    text = f"<b>{escape(number(best, facts.language, digits=2))}</b>"
    if pd.isna(low) or pd.isna(high) or low == high:
        return text
    return f"{text}<br><span>{escape(spread(low, high, facts.language))}</span>"


def _votes(facts: Facts) -> str:
    shown = facts.candidates
    if shown.empty:
        return section(facts, "votes_title", f"<p>{t(facts, 'votes_none')}</p>")
    headings = {key: facts.text(key) for key in ("number", "pair", *_VOTES)}
    rows = [
        (str(row["number"]), _pair(row), *(str(row[name]) for name in _VOTES))
        for row in shown.to_dict("records")
    ]
    told = f"<p>{t(facts, 'votes_sentence')}</p>"
    return section(facts, "votes_title", told + table(headings, rows, "votes"))
