"""The best portfolio on the pages that list candidates: who is in it, and with how much."""

from typing import cast

import pandas as pd
import streamlit as st

from kiertokylat.figures import tonnes
from kiertokylat.portfolio import By
from kiertokylat.web import filters, mapview, session
from kiertokylat.web.session import language, t

STAR = "★"


def goal() -> By:
    """What the portfolio makes as large as possible, as chosen on the page of impact."""
    return cast("By", st.session_state.get("goal") or "eur")


def portfolio() -> pd.DataFrame:
    """The best portfolio of the whole region within the distance and limit of the filter bar."""
    return session.portfolio(filters.selection(), goal())


def shares() -> pd.Series:
    """Tonnes a year that the portfolio gives to each of its candidates, by the candidate's key."""
    chosen = portfolio()
    return pd.Series(chosen["tonnes"].to_numpy(), index=mapview.candidate_ids(chosen).to_numpy())


def members(candidates: pd.DataFrame) -> pd.Series:
    """Which of the candidates are in the portfolio."""
    return mapview.candidate_ids(candidates).isin(shares().index)


def words(key: str) -> str:
    """That a candidate is in the portfolio, and with how much; empty where it is not."""
    amount = shares().get(key)
    if amount is None:
        return ""
    text = tonnes(float(amount), language(), estimated=True)
    return f"{STAR} " + t("star_in", tonnes=text, goal=t(f"goal_{goal()}"))
