import streamlit as st

from kiertokylat import summary
from kiertokylat.web import charts, filters, session, tables, texts
from kiertokylat.web.session import t

every = session.analysis()
view = session.view(filters.selection())
chosen = view.chosen
texts.lead(texts.flows_sentence(view))
texts.widen(chosen)

reach = view.reach
links = summary.industry_flows(reach.flows, reach.candidates, view.allocation, every.companies)
if not links.empty:
    st.subheader(t("sankey_title"), anchor=False)
    st.caption(t("sankey_caption"))
    charts.sankey(links)
    tables.materials(summary.by_material(reach.flows, reach.candidates, view.allocation))
    tables.flows(chosen.flows, every)
