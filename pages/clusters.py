import streamlit as st

from kiertokylat.web import gapview, impactview, networkview, poolview, session, texts
from kiertokylat.web.choice import choice

with st.container(horizontal=True, vertical_alignment="bottom"):
    section = choice("section", ("pools", "gaps", "network"))
    by = impactview.goal() if section != "pools" else None
texts.nearest_only(session.analysis())
if by is None:
    poolview.show()
elif section == "gaps":
    gapview.show(by)
else:
    networkview.show(by)
