import streamlit as st

from kiertokylat import reference
from kiertokylat.web import municipalityview
from kiertokylat.web.session import t

places = reference.municipalities()["name_fi"].sort_values()
left, right = st.columns([1, 3], gap="medium", vertical_alignment="center")
# The names are the same in both languages, so the address can carry them.
with left:
    name = st.selectbox(
        t("municipality_choose"),
        places,
        key="kunta",
        bind="query-params",
        label_visibility="collapsed",
    )
with right:
    facts = municipalityview.facts(str(places.index[places == name][0]))
    municipalityview.lead(facts)
municipalityview.show(facts)
