import streamlit as st

from kiertokylat.web import aboutview, accessibilityview, assumptionsview
from kiertokylat.web.session import t

aboutview.principles()
with st.expander(t("about_assumptions"), expanded=assumptionsview.asked()):
    assumptionsview.section()
with st.expander(t("about_uses")):
    aboutview.uses()
with st.expander(t("about_coefficients")):
    aboutview.coefficients()
with st.expander(t("about_codes")):
    aboutview.waste_codes()
with st.expander(t("about_sources")):
    aboutview.sources()
with st.expander(aboutview.notice_title()):
    aboutview.privacy_notice()
with st.expander(accessibilityview.title()):
    accessibilityview.statement()
