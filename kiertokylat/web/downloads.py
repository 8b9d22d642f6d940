"""Download buttons: each file is made only when its button is pressed."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from kiertokylat import export, workbook
from kiertokylat.analysis import Analysis
from kiertokylat.brief import brief as brief_page
from kiertokylat.geopackage import geopackage_bytes
from kiertokylat.web.session import assumptions, language, t


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
    lang, assumed = language(), assumptions()
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
        "xlsx": lambda: workbook.workbook_bytes(part, lang, assumed),
        "gpkg": lambda: geopackage_bytes(part, lang),
        "geojson": lambda: export.geojson_bytes(
            export.candidate_lines(table(), companies), t("page_candidates")
        ),
    }
    with st.container(horizontal=True):
        for kind, make in makers.items():
            st.download_button(
                t(f"download_{kind}"),
                data=make,
                file_name=f"symbioosiehdokkaat.{kind}",
                on_click="ignore",
                key=f"download-{kind}",
            )


def brief(code: str, every: Analysis, max_km: float) -> None:
    """The printable brief of one municipality, within the page's own distance."""
    st.download_button(
        t("download_brief"),
        data=lambda: brief_page(code, every, language(), max_km=max_km).encode(),
        file_name=f"kiertokylat-{code}.html",
        mime="text/html",
        on_click="ignore",
        key="download-brief",
    )
