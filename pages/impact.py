from typing import Any

import streamlit as st

from kiertokylat import indicators
from kiertokylat.web import commitmentview, filters, funnelview, impactview, session, texts
from kiertokylat.web.session import t


def potential() -> None:
    """What is possible within the filters, and how far one has come."""
    by = impactview.goal()
    ways = impactview.ways(by)
    table = indicators.totals(ways)
    best: Any = table.loc["optimal"]
    reached = indicators.reached(session.region(filters.selection()))
    texts.nearest_only(session.analysis())
    if ways["optimal"].empty:
        texts.lead(t("impact_nothing"))
        return
    if impactview.of_few(ways):
        return
    texts.lead(impactview.sentence(table))
    impactview.assumed(ways["naive"], by)
    st.caption(t("impact_filters"))
    impactview.metrics(best, reached, funnel)
    impactview.left_out(ways["optimal"])
    left, right = st.columns(2, gap="medium")
    with left:
        impactview.compared(table, by)
    with right:
        impactview.uncertainty(ways["optimal"], by)
    impactview.parts(ways["optimal"], by)
    realised: Any = funnel.loc["realised"]
    goals = impactview.targets(best, reached, realised)
    impactview.download(table, ways["optimal"], goals, commitmentview.sheets(made, funnel))


made = session.commitments()
funnel = funnelview.stages_of(made)
if commitmentview.part() == "commitments":
    commitmentview.show(made, funnel)
else:
    potential()
