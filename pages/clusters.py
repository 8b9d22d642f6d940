import streamlit as st

from kiertokylat.web import gapview, impactview, networkview, poolview
from kiertokylat.web.session import t

SECTIONS = ("pools", "gaps", "network")

section = st.segmented_control(
    t("section"),
    SECTIONS,
    format_func=lambda name: t(f"section_{name}"),
    default=SECTIONS[0],
    required=True,
    key="section",
    label_visibility="collapsed",
    persist_state="session",
)
if section == "pools":
    poolview.show()
elif section == "gaps":
    gapview.show(impactview.goal())
else:
    networkview.show(impactview.goal())
