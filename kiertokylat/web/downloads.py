"""Download buttons: each file is made only when its button is pressed."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from kiertokylat import export, workbook
from kiertokylat.analysis import Analysis
from kiertokylat.assumptions import Assumptions
from kiertokylat.brief import of as brief_of
from kiertokylat.brief_facts import Facts
from kiertokylat.geopackage import geopackage_bytes
from kiertokylat.web import door, filters
from kiertokylat.web.session import assumptions, guarded_summaries, language, t
from kiertokylat.words import Language


def buttons(chosen: Analysis, listed: pd.DataFrame, every: Analysis) -> None:
    """The listed candidates, with the chosen companies and flows where the format has room.

    Parameters
    ----------
    chosen
        The selection in force.
    listed
        Its candidates in the order of the page.
    every
        The whole analysis: a candidate's other end may lie outside the selection.
    """
    lang, assumed, within = language(), assumptions(), filters.selection()
    public = guarded_summaries()
    # Every company that a candidate names, or a row would point at nobody.
    ends = set(listed["from_company"]) | set(listed["to_company"]) | set(chosen.companies["id"])
    companies = every.companies[every.companies["id"].isin(ends)]
    part = replace(chosen, companies=companies, candidates=listed)

    def table() -> pd.DataFrame:
        return export.candidates_table(listed, companies, lang)

    makers = {
        "csv": lambda: export.csv_bytes(
            export.headed(table(), "candidates", lang), decimal="," if lang == "fi" else "."
        ),
        "xlsx": lambda: workbook.workbook_bytes(part, lang, assumed, within=within),
        "gpkg": lambda: geopackage_bytes(part, lang, public=public),
        "geojson": lambda: export.geojson_bytes(
            export.candidate_lines(table(), companies), t("page_candidates")
        ),
    }
    with st.container(horizontal=True):
        for kind, make in makers.items():
            st.download_button(
                t(f"download_{kind}"),
                data=door.while_allowed(make),
                file_name=f"symbioosiehdokkaat.{kind}",
                on_click="ignore",
                key=f"download-{kind}",
            )


def brief(facts: Facts, made: pd.DataFrame) -> None:
    """The printable brief of one municipality: the figures of its page.

    Parameters
    ----------
    facts
        Of the municipality.
    made
        From `session.commitments()`.
    """
    lang, edited = language(), assumptions() != Assumptions()
    st.download_button(
        t("download_brief"),
        data=door.while_allowed(lambda: brief_bytes(facts, lang, edited=edited, made=made)),
        file_name=f"kiertokylat-{facts.code}.html",
        mime="text/html",
        on_click="ignore",
        key="download-brief",
    )


def brief_bytes(
    facts: Facts, lang: Language, *, edited: bool, made: pd.DataFrame | None = None
) -> bytes:
    """The brief as a file."""
    return brief_of(facts, lang, edited=edited, commitments=made).encode()
