import streamlit as st

from kiertokylat.web import companyview, filters, session, tables, texts
from kiertokylat.web.session import t

view = session.view(filters.selection())
every, chosen = session.analysis(), view.chosen
texts.lead(texts.map_sentence(view))
texts.widen(chosen)

if not chosen.companies.empty:
    company = tables.companies(chosen)
    if company is None:
        st.info(t("companies_hint"))
    else:
        companyview.show(company, every)
