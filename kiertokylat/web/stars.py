"""The best portfolio on the pages that list candidates: who is in it, and with how much."""

from typing import Any, cast

import pandas as pd
import streamlit as st

from kiertokylat.figures import climate, euros, tonnes
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
    """What the portfolio takes of a candidate, by its own rows; empty where it takes nothing."""
    chosen = portfolio()
    taken = chosen[(mapview.candidate_ids(chosen) == key).to_numpy()]
    if taken.empty:
        return ""
    row: Any = taken.iloc[0]
    lang = language()
    values = {
        "tonnes": tonnes(row["tonnes"], lang, estimated=True),
        "eur": t("worth_unknown_eur") if pd.isna(row["eur"]) else euros(row["eur"], lang),
        "co2e": t("worth_unknown_co2e") if pd.isna(row["co2e"]) else climate(row["co2e"], lang),
    }
    return f"{STAR} " + t("star_in", goal=t(f"goal_{goal()}"), **values)
