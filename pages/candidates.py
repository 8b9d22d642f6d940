import streamlit as st

from kiertokylat.rank import rank
from kiertokylat.web import candidateview, downloads, filters, session, stars, tables, texts
from kiertokylat.web.session import projector, t

every = session.analysis()
view = session.view(filters.selection())
chosen = view.chosen

with st.container(horizontal=True, vertical_alignment="bottom"):
    order = candidateview.list_choice("order", candidateview.ORDERS)
    scope = candidateview.list_choice("scope", ("best", "all"))
best = scope == "best"
listed = candidateview.best(view, order) if best else rank(chosen.candidates, order)
texts.lead(texts.candidates_sentence(listed, chosen))
texts.nearest_only(every)
texts.widen(chosen)

if not listed.empty:
    if not projector():
        st.caption(t("star_help", star=stars.STAR))
        row = tables.candidates(listed, every, key="candidate-table", select=True, height=330)
        candidateview.choose_row(listed, row)
        downloads.buttons(chosen, listed, every)
    candidateview.show(listed, every)
