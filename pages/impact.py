from typing import Any

import streamlit as st

from kiertokylat import indicators
from kiertokylat.web import filters, impactview, session, texts
from kiertokylat.web.session import t

by = impactview.goal()
ways = impactview.ways(by)
table = indicators.totals(ways)
best: Any = table.loc["optimal"]
reached = indicators.reached(session.region(filters.selection()))
texts.nearest_only(session.analysis())
if ways["optimal"].empty:
    texts.lead(t("impact_nothing"))
elif not impactview.of_few(ways):
    texts.lead(impactview.sentence(table))
    impactview.assumed(ways["naive"], by)
    st.caption(t("impact_filters"))
    impactview.metrics(best, reached)
    impactview.left_out(ways["optimal"])
    left, right = st.columns(2, gap="medium")
    with left:
        impactview.compared(table, by)
    with right:
        impactview.uncertainty(ways["optimal"], by)
    impactview.parts(ways["optimal"], by)
    goals = impactview.targets(best, reached)
    impactview.download(table, ways["optimal"], goals)
