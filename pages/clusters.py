import streamlit as st

from kiertokylat.web import gapview, impactview, networkview, poolview
from kiertokylat.web.session import t

SECTIONS = ("pools", "gaps", "network")

with st.container(horizontal=True, vertical_alignment="bottom"):
    section = st.segmented_control(
        t("section"),
        SECTIONS,
        format_func=lambda name: t(f"section_{name}"),
        default=SECTIONS[0],
        required=True,
        key="section",
        persist_state="session",
    )
    by = impactview.goal() if section != "pools" else None
if by is None:
    poolview.show()
elif section == "gaps":
    gapview.show(by)
else:
    networkview.show(by)
