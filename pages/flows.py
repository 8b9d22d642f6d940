import streamlit as st

from kiertokylat import summary
from kiertokylat.rank import best_per_supply
from kiertokylat.selection import select
from kiertokylat.web import charts, filters, session, tables, texts
from kiertokylat.web.session import t

every = session.analysis()
chosen = select(every, filters.selection())
texts.lead(texts.flows_sentence(chosen))
texts.widen(chosen)

best = best_per_supply(chosen.candidates, by="distance")
links = summary.industry_flows(chosen.flows, best, every.companies)
if not links.empty:
    st.subheader(t("sankey_title"), anchor=False)
    st.caption(t("sankey_caption"))
    charts.sankey(links)
    tables.materials(summary.by_material(chosen.flows, chosen.candidates))
    tables.flows(chosen.flows, every)
