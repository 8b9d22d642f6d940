"""The factors as a table to write into, and the words that all inputs of assumptions share."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from kiertokylat import reference
from kiertokylat.assumption_rows import unit
from kiertokylat.factors import ENDS, edited
from kiertokylat.web import session
from kiertokylat.web.session import language, t
from kiertokylat.words import say

Draft = dict[int, tuple[float | None, ...]]  # lowest, best, highest by position of the row


def words(key: str, **values: object) -> str:
    """A text of `words/assumptions.toml` in the reader's language."""
    return say(f"assumptions.{key}", language(), **values)


def title(key: str) -> None:
    """A heading inside the section."""
    st.markdown(f"**{words(key)}**")


def edits(named: Callable[[str], str], draft: Draft) -> list[dict[str, Any]]:
    """Draw the table of factors; give all edits, also of rows that are out of sight now.

    Parameters
    ----------
    named
        The key of a widget by its name, new when other assumptions have come into force.
    draft
        What has been typed in, by position of the row; this function keeps it up to date.
    """
    lang = language()
    title("title_factors")
    st.caption(words("factors_text"))
    _vehicles()
    names = reference.materials()[f"name_{lang}"]
    chosen = st.selectbox(
        words("choose_material"),
        sorted(names.index, key=lambda key: names[key].casefold()),
        index=None,
        format_func=lambda key: names[key],
        placeholder=words("all_materials"),
        key=named("material"),
    )
    table = edited(session.assumptions())
    key = named(f"factors-{chosen}-{lang}")
    # The table under a cell that is being edited must stay the same, or the edit is lost.
    if key not in st.session_state:
        st.session_state["assume-rows"] = _rows(table, draft, chosen)
    shown = _editor(st.session_state["assume-rows"], key)
    for place, *ends in shown[list(ENDS)].itertuples(name=None):
        draft[place] = tuple(None if pd.isna(end) else float(end) for end in ends)
    return _edits(table, draft)


def _vehicles() -> None:
    """Say which vehicle classes rest on assumptions: their numbers stand further up."""
    table = reference.vehicles()
    names = table.loc[table["status"] == "assumption", f"name_{language()}"]
    if len(names):
        st.caption(t("vehicle_assumptions", vehicles=", ".join(names)))


def _rows(table: pd.DataFrame, draft: Draft, material: str | None) -> pd.DataFrame:
    lang = language()
    rows = table if material is None else table[table["material"] == material]
    frame = pd.DataFrame(
        {
            "material": rows["material"].map(reference.materials()[f"name_{lang}"]),
            "route": [
                say(f"explain.route_{route}", lang) if route else words("every_use")
                for route in rows["route"]
            ],
            "item": [words(f"item_{item}") for item in rows["item"]],
            # Near the left, so that a narrow screen shows how far a number can be trusted.
            "status": [say(f"export.status_{status}", lang) for status in rows["status"]],
            **{end: rows[end] for end in ENDS},
            "unit": [unit(text, lang) for text in rows["unit"]],
            "year": rows["year"],
            "source": rows["source"],
            "note": rows["note"],
        }
    )
    for place in frame.index.intersection(list(draft)):
        frame.loc[place, list(ENDS)] = [
            float("nan") if end is None else end for end in draft[place]
        ]
    return frame


def _editor(frame: pd.DataFrame, key: str) -> pd.DataFrame:
    config: dict[str, Any] = {
        name: st.column_config.TextColumn(words(f"column_{name}"))
        for name in frame.columns.drop(list(ENDS))
    }
    config |= {end: st.column_config.NumberColumn(words(end), format="localized") for end in ENDS}
    return st.data_editor(
        frame,
        hide_index=True,
        disabled=list(frame.columns.drop(list(ENDS))),
        column_config=config,
        alt=words("title_factors"),
        key=key,
    )


def _edits(table: pd.DataFrame, draft: Draft) -> list[dict[str, Any]]:
    """Every row that is or becomes the user's own; rows cleared altogether are the default's."""
    found = []
    for place, row in table.iterrows():
        kept = tuple(None if pd.isna(row[end]) else float(row[end]) for end in ENDS)
        ends = draft.get(int(str(place)), kept)
        known = row["status"] == "edited" or ends != kept
        if known and ends != (None, None, None):
            names = {name: row[name] for name in ("material", "route", "item")}
            found.append(names | dict(zip(ENDS, ends, strict=True)))
    return found
