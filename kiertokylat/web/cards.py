"""Cards beside the map: what was clicked, in a few lines. All user text is escaped."""

from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from kiertokylat import reference
from kiertokylat.analysis import Analysis
from kiertokylat.figures import kilometres, number, tonnes_range
from kiertokylat.guarded import Shown
from kiertokylat.masking import hidden_text
from kiertokylat.rank import rank
from kiertokylat.selection import industry_group
from kiertokylat.tables import rows
from kiertokylat.web import mapview, navigation, stars, worthview
from kiertokylat.web.session import language, t

# Of a municipality, as on its card.
FIGURES = ("companies", "supply_t", "demand_t", "unstated_t")


def picked_card(analysis: Analysis, here: Shown, reach: list[str]) -> None:
    """The card of whatever is chosen on the map, or the hint that things can be clicked.

    Parameters
    ----------
    analysis
        The selection in force.
    here
        `guarded.by_municipality` of it.
    reach
        How far the chosen company's materials carry, in words.
    """
    code, company = mapview.picked("municipality"), mapview.picked("company")
    candidate = mapview.picked("candidate")
    if code in here.table.index:
        _municipality(str(code), here)
    elif company in set(analysis.companies["id"]):
        _company(str(company), analysis, reach)
    elif candidate:
        _candidate(candidate, analysis)
    else:
        st.caption(t("card_hint"))
        return
    st.button(t("card_close"), on_click=mapview.forget_pick)


def _html(title: str, lines: list[str], *lists: tuple[str, list[str]]) -> None:
    body = "".join(f"<p>{escape(line)}</p>" for line in lines if line)
    for heading, items in lists:
        if items:
            entries = "".join(f"<li>{escape(item)}</li>" for item in items)
            body += f"<p><b>{escape(heading)}</b></p><ul>{entries}</ul>"
    st.html(f'<div class="card"><h2>{escape(title)}</h2>{body}</div>')


def figures(code: str, here: Shown) -> dict[str, str]:
    """The main figures of a municipality in words, under their headings."""
    row: Any = here.table.loc[code]
    hidden: Any = here.hidden.loc[code]
    return {
        t(f"figure_{name}"): hidden_text(language())
        if hidden[name]
        else number(row[name], language(), digits=2 if name.endswith("_t") else None)
        for name in FIGURES
    }


def _municipality(code: str, here: Shown) -> None:
    place: Any = reference.municipalities().loc[code]
    lines = [f"{heading}: {figure}" for heading, figure in figures(code, here).items()]
    population = t(
        "card_population",
        population=number(place["population"], language()),
        year=place["population_year"],
    )
    _html(place["name_fi"], [population, *lines])
    navigation.link("municipality", t("card_open_municipality"), kunta=place["name_fi"])


def _company(company: str, analysis: Analysis, reach: list[str]) -> None:
    row: Any = analysis.companies.set_index("id").loc[company]
    place = reference.municipalities()["name_fi"].get(row["municipality"], "")
    group = industry_group(pd.Series([row["nace"]])).iloc[0]
    own = analysis.flows[analysis.flows["company_id"] == company]
    lists = [(t(f"direction_{d}"), flow_lines(own[own["direction"] == d])) for d in ("out", "in")]
    lists.append((t("legend_reach"), reach))
    mine = analysis.candidates[
        (analysis.candidates["from_company"] == company)
        | (analysis.candidates["to_company"] == company)
    ]
    best = rank(mine, "distance").head(5)
    lists.append((t("card_candidates", count=len(mine)), partner_lines(best, company, analysis)))
    precision = "" if row["precision"] == "exact" else t(f"precision_{row['precision']}")
    _html(row["name"], [f"{t(f'group_{group}')} · {place}", precision], *lists)


def _candidate(key: str, analysis: Analysis) -> None:
    found = analysis.candidates[mapview.candidate_ids(analysis.candidates) == key]
    if found.empty:
        st.caption(t("card_hint"))
        return
    row = found.iloc[0]
    names = analysis.companies.set_index("id")["name"]
    material = reference.materials()[f"name_{language()}"][row["material"]]
    amount = tonnes_range(row["tonnes_low"], row["tonnes"], row["tonnes_high"], language())
    _html(
        f"{names[row['from_company']]} → {names[row['to_company']]}",
        [
            f"{material}: {amount}",
            f"{kilometres(row['distance_km'], language())} · {t('certainty_' + row['certainty'])}",
            t(
                "whole_pair_worth",
                eur=worthview.amount(row["eur"], "eur"),
                co2e=worthview.amount(row["co2e"], "co2e"),
            ),
            stars.words(key),
        ],
    )
    navigation.link("candidates", t("card_open_candidate"), ehdokas=key)


def flow_lines(flows: pd.DataFrame) -> list[str]:
    """Flows of one company in words, largest first."""
    names = reference.materials()[f"name_{language()}"]
    return [
        f"{names[row.material]}: "
        f"{tonnes_range(row.tonnes_low, row.tonnes, row.tonnes_high, language())}"
        f" ({t(f'basis_{row.basis}')})"
        for row in rows(flows.sort_values("tonnes", ascending=False).head(8))
    ]


def partner_lines(candidates: pd.DataFrame, company: str, analysis: Analysis) -> list[str]:
    """The other ends of a company's candidates in words."""
    names = analysis.companies.set_index("id")["name"]
    materials = reference.materials()[f"name_{language()}"]
    lines = []
    for row in rows(candidates):
        gives = row.from_company == company
        other = names[row.to_company if gives else row.from_company]
        arrow = "→" if gives else "←"
        km = kilometres(row.distance_km, language())
        lines.append(f"{arrow} {other}: {materials[row.material]}, {km}")
    return lines
