"""Gaps: what has no taker, what nobody offers, and which company a place would do well to get."""

import pandas as pd
import streamlit as st

from kiertokylat import gap_rows, gaps, guarded, maps, reference
from kiertokylat.figures import number, significant, tonnes
from kiertokylat.gap_words import place_name, sentence
from kiertokylat.masking import LEAST
from kiertokylat.portfolio import By
from kiertokylat.web import filters, legend, mapview, session, tables, texts
from kiertokylat.web.choice import choice
from kiertokylat.web.session import language, t
from kiertokylat.words import say
from kiertokylat.worth import FAR_KM

_MOST_SENTENCES = 8
_FIGURES = ("left_t", "unreached_t", "short_t")
LEVELS: tuple[gaps.Level, ...] = ("municipality", "subregion")


def show(by: By) -> None:
    """Map of gaps, the sentences, the tables."""
    region = session.region(filters.selection())
    level = choice("gap_level", LEVELS)
    found = _found(level, by)
    shown = _shown(found, level, by)
    texts.lead(_sentence(shown))
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _map(found if level == "municipality" else _found("municipality", by), by)
    limit = filters.selection().limit
    wished = gap_rows.wanted(found, shown, region, session.assumptions(), limit=limit, level=level)
    with right:
        _sentences(wished)
    _tables(shown, wished, region.flows, region.candidates)


def _found(level: gaps.Level, by: By) -> pd.DataFrame:
    """The gaps of the chosen places and materials."""
    selection = filters.selection()
    region = session.region(selection)
    portfolio = session.portfolio(selection, by)
    found = gaps.by_place(region.companies, region.flows, region.candidates, portfolio, level=level)
    return _in_selection(found, level)


def _shown(
    found: pd.DataFrame, level: gaps.Level, by: By, *, by_material: bool = True
) -> guarded.Shown:
    """The gaps as this visitor may see them."""
    selection = filters.selection()
    region = session.region(selection)
    return guarded.gaps_by_place(
        found,
        region.companies,
        region.flows,
        region.candidates,
        session.portfolio(selection, by),
        level=level,
        public=session.guarded_summaries(),
        by_material=by_material,
    )


def _in_selection(found: pd.DataFrame, level: gaps.Level) -> pd.DataFrame:
    selection = filters.selection()
    if selection.materials:
        found = found[found["material"].isin(selection.materials)]
    if selection.municipalities:
        places = reference.municipalities()
        codes = pd.Index(selection.municipalities)
        own = codes if level == "municipality" else places["subregion"].reindex(codes).unique()
        found = found[found["place"].isin(own)]
    return found.reset_index(drop=True)


def _sentence(shown: guarded.Shown) -> str:
    lang = language()
    sums = shown.totals[["supply_t", "unreached_t", "left_t", "short_t"]]
    if sums.isna().any():
        return say("privacy.few", lang, least=LEAST)
    values = {str(k): tonnes(float(v), lang, estimated=True) for k, v in sums.items()}
    share = 100 * sums["left_t"] / sums["supply_t"] if sums["supply_t"] else 0.0
    return t("gap_sentence", share=number(share, lang), **values)


def _map(found: pd.DataFrame, by: By) -> None:
    codes = reference.municipalities().index.rename("municipality")
    shown = _shown(found, "municipality", by, by_material=False)
    figure = choice("gap_figure", _FIGURES, words="figure", wrap=True)
    hidden = shown.hidden[figure].reindex(codes, fill_value=False)
    values = shown.table[figure].reindex(codes, fill_value=0)
    layer, limits = mapview.coloured(figure, values, hidden)
    outline = maps.outline_layer(reference.municipalities(), filters.selection().municipalities)
    with st.container(key="bigmap"):
        mapview.show([layer, outline], key="gap-map")
    legend.draw([legend.figure(figure, limits, hidden=bool(hidden.any()))])
    texts.hidden_note(int(hidden.sum()))


def _sentences(wished: pd.DataFrame) -> None:
    st.header(t("gap_wanted"), anchor=False)
    first = gap_rows.told(wished, _MOST_SENTENCES)
    if first.empty:
        st.caption(t("gap_none"))
    limit = filters.selection().limit or "eur"
    for _, row in first.iterrows():
        st.markdown(f"- {plain(sentence(row, language(), limit=limit))}")


def _two_digits(km: pd.Series) -> pd.Series:
    return km.map(lambda value: significant(value, 2))


def plain(text: str) -> str:
    """Text that Markdown leaves alone."""
    for mark in "\\`*_{}[]<>#$~|:":
        text = text.replace(mark, "\\" + mark)
    return text


def _tables(
    shown: guarded.Shown, wished: pd.DataFrame, flows: pd.DataFrame, candidates: pd.DataFrame
) -> None:
    lang = language()
    materials = reference.materials()[f"name_{lang}"]
    divisions = reference.divisions()[f"name_{lang}"]
    tabs = st.tabs([t(f"gap_tab_{name}") for name in ("gaps", "wanted", "needs")])
    with tabs[0]:
        frame = shown.table.assign(
            place=[place_name(code, lang) for code in shown.table["place"]],
            material=shown.table["material"].map(materials),
        )
        tables.show(frame, alt=t("gap_tab_gaps"), key="gap-table", hidden=shown.hidden)
        texts.hidden_note(shown.cells)
    with tabs[1]:
        names = session.analysis().companies.set_index("id")["name"]
        far_road = _two_digits(wished["road_km"])
        frame = pd.DataFrame(
            {
                "place": [place_name(code, lang) for code in wished["place"]],
                "material": wished["material"].map(materials),
                "left_t": wished["left_t"],
                "division": wished["division"] + " " + wished["division"].map(divisions).fillna(""),
                "use": wished["use"].map(reference.uses()[f"use_{lang}"]),
                "name": wished["company_id"].map(names),
                "road_km": wished["road_km"].where(wished["road_km"] <= 100, far_road),
                "break_even_km": _two_digits(wished["break_even_km"]).clip(upper=FAR_KM),
                "near_miss": wished["near_miss"].map({True: t("yes"), False: ""}),
            }
        )
        hidden = wished[["left_t"]].isna()
        tables.show(frame, alt=t("gap_tab_wanted"), key="wanted-table", hidden=hidden)
    with tabs[2]:
        needs = gaps.needs_without_supply(flows, candidates)
        sites = session.analysis().companies.set_index("id")
        frame = pd.DataFrame(
            {
                "name": needs["company_id"].map(sites["name"]),
                "place": needs["company_id"]
                .map(sites["municipality"])
                .map(reference.municipalities()["name_fi"]),
                "material": needs["material"].map(materials),
                "tonnes": needs["tonnes"],
                "basis": needs["basis"].map(lambda basis: t(f"basis_{basis}")),
            }
        )
        told = needs["basis"] != "estimated"
        tables.show(frame, alt=t("gap_tab_needs"), key="needs-table", reported=told)
