import streamlit as st

from kiertokylat.selection import select
from kiertokylat.web import companyview, filters, session, tables, texts
from kiertokylat.web.session import t

every = session.analysis()
chosen = select(every, filters.selection())
texts.lead(texts.map_sentence(chosen))
texts.widen(chosen)

if not chosen.companies.empty:
    company = tables.companies(chosen)
    if company is None:
        st.info(t("companies_hint"))
    else:
        companyview.show(company, every)
