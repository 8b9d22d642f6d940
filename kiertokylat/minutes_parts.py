"""Parts of the printable minutes: how a table is written; the map, the ideas, the sources."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

import pandas as pd

from kiertokylat.assumption_rows import exact
from kiertokylat.figures import kilometres, number, tonnes_range
from kiertokylat.minutes_facts import Facts, sorted_by_direction
from kiertokylat.minutes_map import lines, told
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
    here, drawn = told(facts), lines(facts)
    if here.empty and drawn.empty:
        return section(facts, "map_title", f"<p>{t(facts, 'map_none')}</p>")
    count = int(here[["out", "in"]].to_numpy().sum())
    alt = facts.text("map_alt", places=facts.places, ideas=count, lines=len(drawn))
    svg = area_sketch(facts.workshop.municipalities, here, drawn, alt)
    keys = "".join(
        f'<li><svg viewBox="0 0 18 18" aria-hidden="true">{mark(direction, 9, 9, "3")}</svg>'
        f"{t(facts, f'legend_{direction}')}</li>"
        for direction in ("out", "in")
    )
    notes = [facts.text("map_note")]
    if len(drawn):
        notes.append(facts.text("map_lines"))
    if len(drawn) < len(facts.known):
        notes.append(facts.text("map_cut", drawn=len(drawn), count=len(facts.known)))
    notes.append(facts.text("map_credit"))
    legend = f'<ul class="legend">{keys}</ul>'
    note = f'<p class="note">{escape(" ".join(notes))}</p>'
    body = f'<figure>{svg}</figure><div class="read">{legend}{note}</div>'
    return section(facts, "map_title", body, "map-page")


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
        missing = "no_place" if row["material"] else "no_material"
        return facts.text("no_match" if row["searched"] else missing)
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
    # Who reads Finnish has the explanations of the reference data, all in English, in the workbook.
    explained = facts.language == "en"
    rests = rests_on(facts, notes=explained)
    if rests.empty:
        body = f"<p>{t(facts, 'sources_none')} {notes}</p>"
        return section(facts, "sources_title", body, "sources")
    topic, item, low, value, high, unit, status, source = rests.columns
    reading = say("export.section_reading", facts.language)
    texts = " ".join(rests.loc[rests[topic] == reading, item])
    texts += "" if explained else f" {facts.text('sources_notes')}"
    body = f"<p>{notes}</p><p>{escape(texts)}</p>"
    cited: dict[str, str] = {}
    for name, part in rests[rests[topic] != reading].groupby(topic, sort=False):
        items = ""
        for row in part.to_dict("records"):
            # Most items name their unit themselves.
            shown = "" if row[item].endswith(row[unit]) else row[unit]
            told_value = _valued(row[low], row[value], row[high], shown, facts.language)
            # The long ones are told once.
            first = cited.setdefault(row[source], row[item])
            again = len(row[source]) > _LONG and first != row[item]
            told_source = facts.text("same_source", item=first) if again else row[source]
            basis = ". ".join(filter(None, (row[status], told_source)))
            told = [escape(told_value)] if told_value else []
            told += [f"<span>{escape(basis)}</span>"] if basis else []
            items += f"<li><b>{escape(row[item])}{':' if told else ''}</b> {' · '.join(told)}</li>"
        body += f'<h3>{escape(str(name))}</h3><ul class="rests">{items}</ul>'
    return section(facts, "sources_title", body, "sources")


_LONG = 80  # characters of a source that is not told twice


def _valued(low: float, value: float, high: float, unit: str, language: Language) -> str:
    """A value of the sources as they give it, with its range and unit."""
    if pd.isna(value):
        return ""
    ends = (
        "" if pd.isna(low) or low == high else f" ({exact(low, language)}…{exact(high, language)})"
    )
    return f"{exact(value, language)}{ends} {unit}".strip()
