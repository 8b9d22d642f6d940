from typing import cast

import streamlit as st

from kiertokylat.rank import By, rank
from kiertokylat.web import candidateview, downloads, filters, session, tables, texts
from kiertokylat.web.session import projector

every = session.analysis()
view = session.view(filters.selection())
chosen = view.chosen

with st.container(horizontal=True, vertical_alignment="bottom"):
    order = candidateview.choice("order", ["tonnes", "distance", "evidence"])
    scope = candidateview.choice("scope", ["best", "all"])
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
