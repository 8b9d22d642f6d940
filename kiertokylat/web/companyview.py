"""One company: who it is, what it offers and needs, and its candidates."""

from typing import Any

import streamlit as st

from kiertokylat import reference
from kiertokylat.analysis import Analysis
from kiertokylat.figures import number
from kiertokylat.rank import rank
from kiertokylat.web import filters, mapview, navigation, session, tables
from kiertokylat.web.session import language, t


def show(company: str, every: Analysis) -> None:
    """Draw the company with the given id."""
    row: Any = every.companies.set_index("id").loc[company]
    division = reference.divisions()[f"name_{language()}"].get(row["nace"][:2], "")
    facts = {
        t("fact_division"): f"{row['nace']} {division}".strip(),
        t("fact_place"): reference.municipalities()["name_fi"].get(row["municipality"], ""),
        t("fact_precision"): t(f"precision_{row['precision']}"),
        t("fact_business_id"): row["business_id"] or "–",
        t("fact_employees"): number(row["employees"], language()),
        t("fact_source"): row["source"],
    }
    st.header(row["name"].replace("*", "\\*"), anchor=False)
    # A data frame shows text as text: names in `st.table` or Markdown could be read as markup.
    st.dataframe({"": list(facts), " ": list(facts.values())}, hide_index=True, alt=t("fact_alt"))
    own = every.flows[every.flows["company_id"] == company]
    tables.flows(own, every)
    within = session.region(filters.selection()).candidates
    ends = (within["from_company"] == company) | (within["to_company"] == company)
    mine = rank(within[ends], "eur")
    st.header(t("company_candidates", count=len(mine)), anchor=False)
    if mine.empty:
        st.caption(t("company_no_candidates"))
        return
    tables.candidates(mine, every, key="company-candidates")
    first = mapview.candidate_ids(mine.head(1)).iloc[0]
    navigation.link("candidates", t("card_open_candidate"), ehdokas=first)
