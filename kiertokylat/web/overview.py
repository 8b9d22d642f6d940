"""What is stored at a glance: how much, from where, what is missing; and the files to take away."""

from typing import Any

import pandas as pd
import streamlit as st

from kiertokylat import access, reference
from kiertokylat.archive import archive_bytes
from kiertokylat.changes import Snapshot
from kiertokylat.completeness import (
    MEASURES,
    ORIGINS,
    by_origin,
    completeness,
    most_missing,
    next_municipality,
)
from kiertokylat.figures import number, percent
from kiertokylat.palette import CLASS_COLOURS
from kiertokylat.templates import template_bytes
from kiertokylat.web import door, session, tables, texts
from kiertokylat.web.editfilters import counted, words
from kiertokylat.web.session import language
from kiertokylat.words import say


def section() -> None:
    """Draw the section, for everybody: who is no editor sees the public data."""
    editor = session.is_editor()
    stored = session.snapshot() if editor else session.public_snapshot()
    _role()
    _origins(stored)
    _completeness(stored, editor=editor)
    _downloads(stored, editor=editor)


def _role() -> None:
    """Which role one has and why; the side bar, which has the login, may be hidden."""
    here = door.visitor()
    reason = access.reason_of(here, door.settings())
    st.caption(say(f"access.why_{reason}", language(), email=here.email))


# --- how much, from where ---


def _origins(stored: Snapshot) -> None:
    own = bool(session.dataset().name)
    estimated = 0 if own else int((session.analysis().flows["basis"] == "estimated").sum())
    table = by_origin(stored, estimated)
    lang = language()
    total: Any = table.sum()
    texts.lead(
        words(
            "overview_sentence",
            companies=number(total["companies"], lang),
            flows=number(total["flows"] - table["flows"]["estimated"], lang),
            estimated=number(table["flows"]["estimated"], lang),
        )
    )
    if own:
        st.caption(words("overview_own"))
    with st.grid(4, min_column_width=190):
        for origin in ORIGINS:
            row: Any = table.loc[origin]
            with st.container(border=True):
                unit = "flows" if origin == "estimated" else "companies"
                label = f"{words(f'overview_{origin}')}: {words(f'overview_unit_{unit}')}"
                st.metric(label, number(row[unit], lang))
                if unit == "companies":
                    st.markdown(counted("overview_flows", int(row["flows"])))
                st.caption(words(f"overview_{origin}_help"))
    out = {name: number(total[name], lang) for name in ("ceased", "retired", "flows_out")}
    st.caption(words("overview_out", **out))
    with st.expander(words("overview_table")):
        frame = table.rename_axis("origin").reset_index()
        frame["origin"] = [words(f"overview_{origin}") for origin in table.index]
        headings = {str(name): words(f"overview_column_{name}") for name in frame}
        tables.show(frame, alt=words("overview_table"), headings=headings)


# --- what is missing ---


def _completeness(stored: Snapshot, *, editor: bool) -> None:
    places = reference.municipalities()["name_fi"].sort_values()
    companies, flows = stored.active()
    table = completeness(companies, flows, places.index)
    missing = most_missing(table)
    st.header(words("overview_completeness"), anchor=False)
    _next(table, missing, places)
    st.caption(words("overview_completeness_help"))
    if not editor:
        st.caption(words("overview_completeness_public"))
    shares = {name: f"{name}_share" for name in MEASURES}
    frame = table.rename(columns=shares).rename_axis("place").reset_index()
    frame["place"] = frame["place"].map(places)
    frame["missing"] = [words(f"overview_missing_{name}") if name else "" for name in missing]
    frame = frame[["place", "companies", "share", "missing", *shares.values()]]
    headings = {str(name): words(f"overview_column_{name}") for name in frame}
    marked = tables.written(frame, language()).apply(_mark, axis=1, columns=missing, names=shares)
    st.dataframe(
        marked,
        hide_index=True,
        column_config={name: st.column_config.Column(text) for name, text in headings.items()},
        height="content",
        placeholder="–",
        alt=words("overview_completeness"),
        key="completeness",
    )


def _mark(row: pd.Series, columns: pd.Series, names: dict[str, str]) -> list[str]:
    """The colour of what is missing most in a row; the column `missing` says it in words."""
    worst = names.get(columns.iloc[int(str(row.name))])
    style = f"background-color: {CLASS_COLOURS[1]}; color: black"
    return [style if name == worst else "" for name in row.index]


def _next(table: pd.DataFrame, missing: pd.Series, places: pd.Series) -> None:
    """The municipality to work on next, in words."""
    code = next_municipality(table)
    if not code:
        st.success(words("overview_complete"))
        return
    row: Any = table.loc[code]
    if not row["companies"]:
        texts.lead(words("overview_next_empty", name=places[code]))
        return
    measure = missing[code]
    lacking = round(row["companies"] * (1 - row[measure]))
    texts.lead(
        words(
            "overview_next",
            name=places[code],
            share=percent(row["share"], language()),
            measure=words(f"overview_missing_{measure}"),
            lacking=number(lacking, language()),
            companies=number(row["companies"], language()),
        )
    )


# --- files to take away ---


def _downloads(stored: Snapshot, *, editor: bool) -> None:
    lang = language()
    st.header(words("overview_files"), anchor=False)
    with st.container(horizontal=True):
        if editor:
            st.download_button(
                words("overview_archive_full"),
                data=door.while_allowed(lambda: archive_bytes(stored, contacts=True)),
                file_name="kiertokylat-kaikki.zip",
                on_click="ignore",
                key="archive-full",
            )
        st.download_button(
            words("overview_archive_public"),
            data=lambda: archive_bytes(stored, contacts=False),
            file_name="kiertokylat-julkinen.zip",
            on_click="ignore",
            key="archive-public",
        )
        st.download_button(
            words("overview_template"),
            data=lambda: template_bytes(lang),
            file_name="kiertokylat-pohja.xlsx",
            on_click="ignore",
            key="template",
        )
    st.caption(words("overview_files_full" if editor else "overview_files_public"))
    formats()


def formats() -> None:
    """What the import reads, in short."""
    with st.expander(words("overview_formats")):
        st.markdown(words("overview_formats_text"))
