"""Parts of the printable minutes: how a table is written; the map, the ideas, the sources."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

import pandas as pd

from kiertokylat.figures import cell, kilometres, number, tonnes_range
from kiertokylat.minutes_facts import Facts, sorted_by_direction
from kiertokylat.minutes_map import dots, lines
from kiertokylat.minutes_notes import remarks, rests_on
from kiertokylat.sketch import area_sketch, mark
from kiertokylat.words import Language, say


def t(facts: Facts, key: str, **values: object) -> str:
    """A text of the minutes, escaped."""
    return escape(facts.text(key, **values))


def section(facts: Facts, key: str, body: str, css_class: str = "") -> str:
    """A section under its heading."""
    named = f' class="{css_class}"' if css_class else ""
    return f"<section{named}><h2>{t(facts, key)}</h2>{body}</section>"


def table(headings: Mapping[str, str], rows: Iterable[Iterable[str]], css_class: str) -> str:
    """A table; cells are HTML, headings text by the class of their column.

    Each cell names its column for narrow screens, where a row is drawn as a list.
    """
    head = "".join(
        f'<th scope="col" class="{key}">{escape(heading)}</th>' for key, heading in headings.items()
    )
    body = "".join(
        "<tr>"
        + "".join(
            f'<td class="{key}" data-label="{escape(heading)}">{cell}</td>'
            for (key, heading), cell in zip(headings.items(), row, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    return f'<table class="{css_class}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


# --- where it is ---


def where(facts: Facts) -> str:
    """The map with its legend."""
    told, drawn = dots(facts), lines(facts)
    alt = facts.text("map_alt", places=facts.places, ideas=len(told), lines=len(drawn))
    svg = area_sketch(facts.workshop.municipalities, told, drawn, alt)
    keys = "".join(
        f'<li><svg viewBox="0 0 12 12" aria-hidden="true">{mark(direction, 6, 6)}</svg>'
        f"{t(facts, f'legend_{direction}')}</li>"
        for direction in ("out", "in")
    )
    notes = [facts.text("map_note")]
    if len(drawn):
        notes.append(facts.text("map_lines"))
    if len(drawn) < len(facts.known):
        notes.append(facts.text("map_cut", drawn=len(drawn), count=len(facts.known)))
    notes.append(facts.text("map_credit"))
    named = "".join(
        f'<li value="{row["number"]}">{escape(row["pair"])}</li>'
        for row in drawn.to_dict("records")
    )
    legend = f'<ul class="legend">{keys}</ul><ol class="named">{named}</ol>'
    note = f'<p class="note">{escape(" ".join(notes))}</p>'
    body = f'<div class="where-map"><figure>{svg}</figure><div>{legend}{note}</div></div>'
    return section(facts, "map_title", body, "together")


# --- what was said ---


def ideas(facts: Facts) -> str:
    """The accepted posts, offers and needs apart, and how many were left out."""
    counts = facts.counts
    if facts.ideas.empty:
        body = f"<p>{t(facts, 'ideas_none')}</p>"
    else:
        km = number(facts.assumptions.search_km, facts.language)
        body = f"<p>{t(facts, 'ideas_sentence', km=km)}</p>"
    for direction, rows in sorted_by_direction(facts.ideas).items():
        if len(rows):
            heading = f"{facts.text(f'direction_{direction}')} ({len(rows)})"
            body += f"<h3>{escape(heading)}</h3>{_said(rows, facts)}"
    if counts["waiting"] or counts["rejected"]:
        states = {name: counts[name] for name in ("waiting", "rejected")}
        body += f'<p class="note">{t(facts, "left_out", **states)}</p>'
    return section(facts, "ideas_title", body)


def _said(posts: pd.DataFrame, facts: Facts) -> str:
    columns = ("material", "place", "amount", "tonnes_read", "best")
    headings = {key: facts.text(key) for key in columns}
    rows = []
    for row in posts.to_dict("records"):
        note = f"<br><span>{escape(row['note'])}</span>" if row["note"] else ""
        ends = (row["tonnes_low"], row["tonnes"], row["tonnes_high"])
        read = "" if pd.isna(row["tonnes"]) else tonnes_range(*ends, facts.language)
        texts = (row["place"], row["amount"], read, _best(row, facts))
        rows.append((f"<b>{escape(row['material_name'])}</b>{note}", *map(escape, texts)))
    return table(headings, rows, "ideas")


def _best(row: Mapping[Any, Any], facts: Facts) -> str:
    if not row["matches"]:
        return facts.text("no_match" if row["searched"] else "not_sought")
    km = "" if pd.isna(row["best_km"]) else kilometres(row["best_km"], facts.language)
    company = ", ".join(part for part in (row["best"], km) if part)
    if row["matches"] == 1:
        return facts.text("best_one", company=company)
    count = number(row["matches"], facts.language)
    return facts.text("best_of", company=company, count=count)


# --- what it rests on ---


def sources(facts: Facts) -> str:
    """How the figures are meant, and the assumptions and sources that they rest on."""
    notes = " ".join(escape(note) for note in remarks(facts))
    rests = rests_on(facts)
    if rests.empty:
        body = f"<p>{t(facts, 'sources_none')} {notes}</p>"
        return section(facts, "sources_title", body, "sources")
    topic, item, low, value, high, unit, status, source = rests.columns
    reading = say("export.section_reading", facts.language)
    told = rests[rests[topic] == reading]
    body = f"<p>{notes}</p><p>{escape(' '.join(told[item]))}</p>"
    headings = {"item": item, "value": facts.text("value"), "status": status, "source": source}
    for name, part in rests[rests[topic] != reading].groupby(topic, sort=False):
        rows = [
            (
                escape(row[item]),
                escape(_valued(row[low], row[value], row[high], row[unit], facts.language)),
                escape(row[status]),
                escape(row[source]),
            )
            for row in part.to_dict("records")
        ]
        body += f"<h3>{escape(str(name))}</h3>{table(headings, rows, 'rests')}"
    return section(facts, "sources_title", body, "sources")


def _valued(low: float, value: float, high: float, unit: str, language: Language) -> str:
    """A value of the sources with its range and unit, in four significant digits."""
    if pd.isna(value):
        return ""
    best, *ends = (cell(one, "factor", language) for one in (value, low, high) if pd.notna(one))
    shown = f"{best} ({'…'.join(ends)})" if len(ends) == 2 and ends[0] != ends[1] else best
    return f"{shown} {unit}".strip()
