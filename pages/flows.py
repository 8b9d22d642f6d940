import streamlit as st

from kiertokylat import guarded
from kiertokylat.web import charts, filters, session, tables, texts
from kiertokylat.web.session import t

every = session.analysis()
view = session.view(filters.selection())
chosen = view.chosen
reach, public = view.reach, session.guarded_summaries()
materials = guarded.by_material(reach.flows, reach.candidates, view.allocation, public=public)
texts.lead(texts.flows_sentence(materials))
texts.nearest_only(every)
texts.widen(chosen)

links = guarded.industry_flows(
    reach.flows, reach.candidates, view.allocation, every.companies, public=public
)
if not links.table.empty:
    st.header(t("sankey_title"), anchor=False)
    st.caption(t("sankey_caption"))
    charts.sankey(links.complete)
    texts.hidden_note(links.cells)
    tables.materials(materials)
    tables.flows(chosen.flows, every)
