"""The sentence that says what a page shows, and what to widen when it shows nothing."""

from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from kiertokylat import reference
from kiertokylat.amounts import filled
from kiertokylat.analysis import Analysis
from kiertokylat.figures import number
from kiertokylat.guarded import Shown
from kiertokylat.masking import LEAST
from kiertokylat.web import filters, mapview, session
from kiertokylat.web.session import View, language, t
from kiertokylat.words import say


def lead(sentence: str) -> None:
    """Draw a page's summary sentence."""
    if sentence:
        st.html(f'<p class="lead">{escape(sentence)}</p>')


def hidden_note(cells: int) -> None:
    """Say why figures are hidden, if any are."""
    if cells:
        st.caption(say("privacy.hidden_note", language(), least=LEAST, cells=cells))


def map_sentence(view: View) -> str:
    """What the map shows, in words: the same figures as in its table."""
    chosen, lang = view.reach, language()
    if chosen.companies.empty:
        return ""
    companies = number(len(chosen.companies), lang)
    municipalities = chosen.companies["municipality"].nunique()
    shown = view.municipalities
    if _hidden(shown, "supply_t", "stated_t", "reported_share"):
        return say("privacy.map", lang, companies=companies, municipalities=municipalities)
    supply = chosen.flows[chosen.flows["direction"] == "out"]
    tonnes = filled(supply)["tonnes"].fillna(0)
    reported = tonnes[supply["basis"] != "estimated"].sum()
    return t(
        "map_sentence",
        companies=companies,
        municipalities=municipalities,
        tonnes=number(tonnes.sum(), lang, digits=2),
        reported=number(100 * reported / tonnes.sum() if tonnes.sum() else 0, lang),
        stated=number(shown.totals["stated_t"], lang, digits=2),
        km=number(filters.selection().max_km, lang),
        edge=_edge(),
    )


def _hidden(shown: Shown, *sums: str) -> bool:
    """Whether one of these sums is hidden; without supply there is no share to hide."""
    without = shown.totals["supply_t"] == 0
    return any(
        pd.isna(shown.totals[name]) and not (name.endswith("_share") and without) for name in sums
    )


def _edge() -> str:
    """What follows a distance where the break-even limit cuts candidates too."""
    return t("municipality_edge") if filters.selection().limit else ""


def dots_left_out(companies: int) -> None:
    """Say so when the map draws only the largest of the companies."""
    if companies > mapview.MOST_DOTS:
        most, every = (number(n, language()) for n in (mapview.MOST_DOTS, companies))
        st.caption(t("dots_left_out", most=most, companies=every))


def nearest_only(every: Analysis) -> None:
    """Say so when only each supply's nearest candidates could be kept."""
    if every.nearest_only is not None:
        found = number(every.pairs_found, language(), digits=2)
        nearest = number(every.nearest_only, language())
        st.info(t("nearest_only", found=found, nearest=nearest))


def flows_sentence(shown: Shown) -> str:
    """The largest material on offer and the largest need, in words.

    Parameters
    ----------
    shown
        `guarded.by_material`.
    """
    table = shown.table
    if table["suppliers"].sum() == 0 or shown.totals["supply_t"] == 0:
        return t("flows_none")
    materials = int((table["supply_t"].gt(0) | shown.hidden["supply_t"]).sum())
    if _hidden(shown, "supply_t", "stated_t") or table["supply_t"].isna().all():
        return say("privacy.flows", language(), materials=materials)
    names = reference.materials()[f"name_{language()}"]
    first = str(table["supply_t"].idxmax())
    values: dict[str, Any] = {
        "materials": materials,
        "tonnes": number(shown.totals["supply_t"], language(), digits=2),
        "largest": names[first][:1].lower() + names[first][1:],
        "largest_tonnes": number(table["supply_t"][first], language(), digits=2),
        "stated": number(shown.totals["stated_t"], language(), digits=2),
        "km": number(filters.selection().max_km, language()),
        "edge": _edge(),
    }
    # A hidden one may be larger than the largest that is shown.
    if shown.hidden["supply_t"].any():
        return say("privacy.flows_part", language(), **values)
    return t("flows_sentence", **values)


def candidates_sentence(listed: pd.DataFrame, chosen: Analysis) -> str:
    """How many candidates there are and how sure they are, in words."""
    counts = listed["certainty"].value_counts()
    return t(
        "candidates_sentence",
        candidates=number(len(listed), language()),
        all=number(len(chosen.candidates), language()),
        reported=number(int(counts.get("reported", 0)), language()),
        mixed=number(int(counts.get("mixed", 0)), language()),
        estimated=number(int(counts.get("estimated", 0)), language()),
    )


def widen(chosen: Analysis) -> None:
    """Say why there is nothing to see and what to widen, if there is nothing."""
    selection = filters.selection()
    if chosen.companies.empty:
        reason = t("empty_companies")
    elif chosen.candidates.empty:
        reason = t("empty_candidates", km=number(selection.max_km, language()), edge=_edge())
    else:
        return
    wider = [t(f"widen_{name}") for name in selection.limits]
    if not chosen.companies.empty:
        wider += [t("widen_km")] if selection.max_km < filters.SLIDER_KM[1] else []
        wider += [t("widen_limit")] if selection.limit else []
    if session.analysis().candidates.empty:
        wider = []  # nothing to be widened brings any
    advice = t("widen_advice", what=", ".join(wider)) if wider else t("widen_data")
    st.warning(f"{reason} {advice}")
    if selection.limits:
        st.button(t("filter_clear"), on_click=filters.clear, key="clear-empty")
