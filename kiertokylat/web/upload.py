"""Which data the visitor looks at, and the way to look at one's own."""

from collections import Counter
from html import escape
from typing import BinaryIO

import streamlit as st

from kiertokylat.errors import InputError
from kiertokylat.export import csv_bytes
from kiertokylat.figures import number
from kiertokylat.ingest import Ingested, ingest
from kiertokylat.ingest.allowance import VISITOR, Allowance, check, check_rows
from kiertokylat.ingest.source import MEGABYTE
from kiertokylat.problems import Problem, problems_table
from kiertokylat.web import session
from kiertokylat.web.session import language, t

KINDS = ["csv", "tsv", "txt", "xlsx", "geojson", "json", "gpkg", "zip"]


def dataset_bar() -> None:
    """What is shown, and the button that changes it, in the row that the shell has opened."""
    chosen = session.dataset()
    if chosen.is_demo:
        text = t("demo_banner")
    else:
        counts = {"companies": len(chosen.companies), "flows": len(chosen.flows)}
        text = (
            t("dataset_banner", name=chosen.name, **counts)
            if chosen.name
            else t("store_banner", **counts)
        )
    st.html(f'<p class="{"demo" if chosen.is_demo else "own"}">{escape(text)}</p>', width="stretch")
    if session.projector():
        return
    if st.button(t("upload_open"), type="primary"):
        # Its title is its name for screen readers, in the language of this moment.
        st.dialog(t("upload_title"), width="large")(_dialog)()
    if chosen.name:
        st.button(t("upload_forget"), on_click=session.forget_dataset)


def findings() -> None:
    """What was wrong in the visitor's files, if anything."""
    problems = session.dataset().problems
    if problems:
        with st.expander(_headline(problems)):
            _problems(problems)


def _dialog() -> None:
    st.write(t("upload_help"))
    # Editors answer for what they load; the server has to bear what anybody else brings.
    allowance = None if session.is_editor() else VISITOR
    if allowance:
        megabytes, rows = allowance.size // MEGABYTE, number(allowance.rows, language())
        st.caption(t("upload_limit", size=megabytes, rows=rows))
    files = st.file_uploader(
        t("upload_files"),
        type=KINDS,
        accept_multiple_files=True,
        max_upload_size=allowance.size // MEGABYTE if allowance else None,
    )
    if not files or not st.button(t("upload_read"), type="primary"):
        return
    try:
        read = _read([(file.name, file) for file in files], allowance)
    except InputError as error:
        problem = error.problem
        st.error(problem.message(language()) if isinstance(problem, Problem) else str(error))
        return
    if read.companies.empty:
        st.error(t("upload_nothing"))
        _problems(read.problems)
        return
    session.replace_dataset(", ".join(file.name for file in files), read)
    st.rerun()


def _read(files: list[tuple[str, BinaryIO]], allowance: Allowance | None) -> Ingested:
    """What the files hold.

    Raises
    ------
    InputError
        They are more than the visitor may look at.
    """
    if allowance:
        check(files, allowance)
    bar = st.progress(0.0, t("upload_reading"))

    def progress(share: float) -> None:
        bar.progress(min(max(share, 0.0), 1.0), t("upload_reading"))

    read = ingest(files, progress=progress)
    bar.empty()
    if allowance:
        check_rows(files[0][0], max(len(read.companies), len(read.flows)), allowance)
    return read


def _headline(problems: tuple[Problem, ...]) -> str:
    counts = Counter(problem.severity for problem in problems)
    return t(
        "problems_headline",
        errors=counts["error"],
        warnings=counts["warning"],
        notes=counts["note"],
    )


def _problems(problems: tuple[Problem, ...]) -> None:
    table = problems_table(problems, language()).drop(columns="code")
    table["severity"] = table["severity"].map(lambda name: t(f"severity_{name}"))
    table["row"] = table["row"].astype("str").replace("<NA>", "")
    table = table[["severity", "file", "row", "message", "column", "value"]]
    table.columns = [t(f"problem_{name}") for name in table.columns]
    wide = {t("problem_message"): st.column_config.TextColumn(width=760)}
    st.dataframe(table, hide_index=True, column_config=wide, row_height=70, alt=t("problems_alt"))
    st.download_button(
        t("problems_download"),
        data=lambda: csv_bytes(table),
        file_name="huomiot.csv",
        on_click="ignore",
    )
