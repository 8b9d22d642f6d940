import streamlit as st

from kiertokylat import reference
from kiertokylat.web import municipalityview, session, texts
from kiertokylat.web.session import t

places = reference.municipalities()["name_fi"].sort_values()
# The names are the same in both languages, so the address can carry them.
name = st.selectbox(t("municipality_choose"), places, key="kunta", bind="query-params", width=360)
texts.nearest_only(session.analysis())
municipalityview.show(str(places.index[places == name][0]))
