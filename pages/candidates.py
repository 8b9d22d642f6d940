from typing import cast

import streamlit as st

from kiertokylat.rank import By, rank
from kiertokylat.web import candidateview, downloads, filters, session, tables, texts
from kiertokylat.web.session import projector, t

every = session.analysis()
view = session.view(filters.selection())
chosen = view.chosen

with st.container(horizontal=True, vertical_alignment="bottom"):
    order = st.segmented_control(
        t("order"),
        ["tonnes", "distance", "evidence"],
        format_func=lambda name: t(f"order_{name}"),
        default="tonnes",
        required=True,
        key="order",
        on_change=candidateview.start_over,
        persist_state="session",
    )
    scope = st.segmented_control(
        t("scope"),
        ["best", "all"],
        format_func=lambda name: t(f"scope_{name}"),
        default="best",
        required=True,
        key="scope",
        on_change=candidateview.start_over,
        persist_state="session",
    )
listed = view.best if scope == "best" else chosen.candidates
listed = rank(listed, cast("By", order))
texts.lead(texts.candidates_sentence(listed, chosen))
texts.widen(chosen)

if not listed.empty:
    if not projector():
        row = tables.candidates(listed, every, key="candidate-table", select=True, height=330)
        candidateview.choose_row(listed, row)
        downloads.buttons(chosen, listed, every)
    candidateview.show(listed, every)
