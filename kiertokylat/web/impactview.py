"""The project's indicators: what is at stake, how sure that is, and how far one has come."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from kiertokylat import guarded, indicators, reference, workbook
from kiertokylat.figures import climate, euros, number, percent, significant, spread, tonnes
from kiertokylat.guarded import Shown
from kiertokylat.masking import LEAST, hidden_because
from kiertokylat.portfolio import By
from kiertokylat.sources import sources_table
from kiertokylat.tables import rows
from kiertokylat.web import (
    commitmentview,
    door,
    filters,
    impactcharts,
    navigation,
    session,
    tables,
    texts,
)
from kiertokylat.web.choice import choice
from kiertokylat.web.session import language, t
from kiertokylat.words import Language, say

_FIGURES: tuple[By, ...] = ("eur", "co2e", "tonnes")
_UNITS: dict[str, Callable[[float, Language], str]] = {
    "eur": euros,
    "co2e": climate,
    "tonnes": partial(tonnes, estimated=True),
}


def goal() -> By:
    """What the portfolio makes as large as possible."""
    return choice("goal", _FIGURES)


def ways(by: By) -> dict[str, pd.DataFrame]:
    """The three ways of adding candidates up, each with its uses."""
    selection = filters.selection()
    every = session.region(selection).candidates
    return {
        "naive": indicators.with_use(every, every),
        "greedy": indicators.with_use(session.portfolio(selection, by, "greedy"), every),
        "optimal": indicators.with_use(session.portfolio(selection, by), every),
    }


def of_few(ways: dict[str, pd.DataFrame]) -> bool:
    """Whether one of the ways rests on too few companies for this visitor; if so, say it."""
    public = session.guarded_summaries()
    few = any(guarded.of_few(way, public=public) for way in ways.values())
    if few:
        texts.lead(say("privacy.few", language(), least=LEAST))
    return few


def sentence(table: pd.DataFrame) -> str:
    """What is at stake, and by how much a plain list would overstate it."""
    row: Any = table.loc["optimal"]
    values = {name: _UNITS[name](row[name], language()) for name in _FIGURES}
    naive: Any = table.loc["naive"]
    times = {
        f"times_{name}": number(naive[name] / row[name], language(), digits=2)
        for name in ("eur", "tonnes")
    }
    return t(
        "impact_sentence",
        **values,
        pairs=number(row["pairs"], language()),
        companies=number(row["companies"], language()),
        **times,
    )


def assumed(listed: pd.DataFrame, by: By) -> None:
    """How much of the plain list's sum rests on receivers that have stated no need."""
    share = indicators.by_industry_only(listed, by)
    if pd.isna(share):
        return
    capacity = tonnes(session.assumptions().unknown_capacity_t, language())
    st.caption(t("naive_share", share=percent(share, language()), capacity=capacity))


def metrics(row: pd.Series, reached: dict[str, int], made: pd.DataFrame) -> None:
    """The indicators with their ranges, and the counts of what was reached.

    `made`: the funnel of the commitments (`commitments.stages`).
    """
    lang = language()
    with st.grid(4, min_column_width=150):
        for name in ("tonnes", "virgin", "eur", "co2e"):
            with st.container(border=True):
                # The unit stands in the label: the figure is large, and cells are narrow.
                label = f"{t(f'indicator_{name}')}, {t(f'unit_{name}')}"
                st.metric(label, number(row[name], lang, digits=2))
                ends = spread(row[f"{name}_low"], row[f"{name}_high"], lang)
                st.caption(t("impact_range", ends=ends))
        for name in ("companies", "municipalities"):
            with st.container(border=True):
                st.metric(t(f"indicator_{name}"), number(reached[f"{name}_reported"], lang))
                st.caption(t(f"reached_{name}", all=number(reached[name], lang)))
        with st.container(border=True):
            st.metric(t("indicator_ideas"), number(int(made["now"].sum()), lang))
            counts = made["now"].items()
            st.caption(", ".join(f"{t(f'stage_{name}')} {number(n, lang)}" for name, n in counts))
            st.button(t("open_commitments"), on_click=commitmentview.open_part, type="tertiary")
    st.caption(t("impact_range_help"))


def left_out(chosen: pd.DataFrame) -> None:
    """How many pairs of the portfolio have a figure that nobody knows, if any."""
    unknown = int(chosen[["eur", "co2e"]].isna().any(axis=1).sum())
    if unknown:
        st.caption(t("share_unknown", count=number(unknown, language())))


def compared(table: pd.DataFrame, by: By) -> None:
    """Naive, greedy and optimal beside each other."""
    st.header(t("ways_title"), anchor=False)
    st.caption(t("ways_caption"))
    # The list is so much longer that beside it the others would be too short to compare.
    naive: Any = table.loc["naive"]
    ends = spread(naive[f"{by}_low"], naive[f"{by}_high"], language())
    st.markdown(t("naive_outside", value=_UNITS[by](naive[by], language()), ends=ends))
    drawn = table.drop(index="naive")
    names = [t(f"way_{way}") for way in drawn.index]
    impactcharts.ranges(drawn, by, names=names, unit=t(f"unit_{by}"), alt=t("ways_title"))
    frame = table.drop(columns=["companies"]).reset_index()
    frame["way"] = [t(f"way_{way}") for way in table.index]
    _table(frame, by, alt=t("ways_title"))


def uncertainty(chosen: pd.DataFrame, by: By) -> None:
    """Which assumption decides the width of the range."""
    effects = indicators.sensitivity(chosen, session.assumptions())
    figure = "co2e" if by == "co2e" else "eur"
    of = effects[effects["of"] == figure]
    total = float(chosen[figure].sum())
    low, high = indicators.likely(total, of)
    st.header(t("effects_title"), anchor=False)
    st.caption(
        t(
            "effects_caption",
            total=_UNITS[figure](total, language()),
            ends=spread(low, high, language()),
        )
    )
    names = [t(f"effect_{item}") for item in of.index]
    impactcharts.effects(of, names=names, unit=t(f"unit_{figure}"), alt=t("effects_title"))
    navigation.link("about", t("open_assumptions"), osio="oletukset")


def _places(chosen: pd.DataFrame) -> dict[str, Shown]:
    home = session.analysis().companies.set_index("id")["municipality"]
    names = reference.municipalities()["name_fi"]
    materials = reference.materials()[f"name_{language()}"]
    keys = {
        "municipality": chosen["from_company"].map(home).map(names),
        "material": chosen["material"].map(materials),
    }
    public = session.guarded_summaries()
    return {name: guarded.grouped(chosen, key, public=public) for name, key in keys.items()}


def parts(chosen: pd.DataFrame, by: By) -> None:
    """The optimal portfolio by the giver's municipality and by material."""
    st.header(t("parts_title"), anchor=False)
    groups = _places(chosen)
    for tab, (name, shown) in zip(
        st.tabs([t(f"parts_{name}") for name in groups]), groups.items(), strict=True
    ):
        with tab:
            top = shown.complete.sort_values(by, ascending=False).head(12)
            names = [str(name) for name in top.index]
            alt = t(f"parts_{name}")
            impactcharts.ranges(top, by, names=names, unit=t(f"unit_{by}"), alt=alt)
            frame = shown.table.rename_axis(name).reset_index()
            _table(frame, by, alt=alt, hidden=shown.hidden)
            texts.hidden_note(shown.cells)


def _table(frame: pd.DataFrame, by: By, *, alt: str, hidden: pd.DataFrame | None = None) -> None:
    """A table of amounts; what the chart above shows comes first, for screens are narrow."""
    ends = [f"{by}_low", by, f"{by}_high"]
    name = frame.columns[0]
    frame = frame[[name, *ends, *frame.columns.drop([name, *ends])]]
    headings = {str(name): t(f"impact_{name}") for name in frame}
    tables.show(frame, alt=alt, headings=headings, hidden=hidden)


def targets(row: pd.Series, reached: dict[str, int], realised: pd.Series) -> pd.DataFrame:
    """Targets that staff set, beside what is possible and what is realised.

    `realised`: the row of realised commitments of `commitments.stages`; NaN: hidden.
    """
    st.header(t("targets_title"), anchor=False)
    st.caption(t("targets_caption"))
    possible = {name: significant(float(row[name]), 2) for name in indicators.AMOUNTS}
    now = {name: significant(float(realised[name]), 2) for name in indicators.AMOUNTS}
    for name in ("companies", "municipalities"):
        possible[name], now[name] = float(reached[name]), float(reached[f"{name}_reported"])
    kept = st.session_state.setdefault("targets", {})
    frame = pd.DataFrame(
        {
            "indicator": [t(f"indicator_{name}") for name in possible],
            "now": list(now.values()),
            "possible": list(possible.values()),
            "target": [kept.get(name) for name in possible],
        },
        index=list(possible),
    ).astype({"target": float})
    config: dict[str, Any] = {
        name: st.column_config.NumberColumn(t(f"targets_{name}"), min_value=0)
        for name in ("now", "possible", "target")
    }
    config["indicator"] = st.column_config.TextColumn(t("targets_indicator"))
    edited: pd.DataFrame = st.data_editor(
        tables.written(frame, language()),
        hide_index=True,
        disabled=["indicator", "now", "possible"],
        column_config=config,
        placeholder="",
        key=f"targets-{language()}",
    )
    kept.update(edited["target"].dropna().to_dict())
    if realised["hidden"]:
        texts.hidden_note(len(indicators.AMOUNTS))
    for goal_row in rows(edited[(edited["target"] > 0) & edited["now"].notna()]):
        values = {"now": goal_row.now, "target": goal_row.target}
        spoken = {key: number(float(value), language()) for key, value in values.items()}
        label = f"{goal_row.indicator}: {t('targets_progress', **spoken)}"
        st.progress(min(goal_row.now / goal_row.target, 1.0), text=label)
    return edited


def download(
    table: pd.DataFrame,
    chosen: pd.DataFrame,
    goals: pd.DataFrame,
    promised: dict[str, pd.DataFrame],
) -> None:
    """Everything on the page as a workbook, with what it rests on.

    `promised`: the sheets of the commitments (`commitmentview.sheets`).
    """
    st.download_button(
        t("download_impact"),
        data=door.while_allowed(lambda: _book(table, chosen, goals, promised)),
        file_name="vaikuttavuus.xlsx",
        on_click="ignore",
    )


def _book(
    table: pd.DataFrame,
    chosen: pd.DataFrame,
    goals: pd.DataFrame,
    promised: dict[str, pd.DataFrame],
) -> bytes:
    lang = language()
    within = filters.selection()
    rests = sources_table(session.region(within), session.assumptions(), lang, within=within)
    ways_frame = table.reset_index()
    ways_frame["way"] = [t(f"way_{way}") for way in table.index]
    sheets = {t("sheet_ways"): ways_frame}
    for name, shown in _places(chosen).items():
        frame = shown.table.astype(object).mask(shown.hidden, hidden_because(lang))
        frame = frame if shown.cells else shown.table
        sheets[t(f"parts_{name}")] = frame.rename_axis(name).reset_index()
    for title, frame in sheets.items():
        sheets[title] = frame.rename(columns={name: t(f"impact_{name}") for name in frame})
    sheets |= promised
    renamed = {name: t(f"targets_{name}") for name in goals}
    sheets[t("sheet_targets")] = goals.rename(columns=renamed)
    cited = {say(f"export.section_{name}", lang) for name in ("use", "data")}
    assumed = ~rests.iloc[:, 0].isin(cited)
    sheets[t("sheet_assumptions")] = rests[assumed]
    sheets[t("sheet_sources")] = rests[~assumed]
    return workbook.book_bytes(sheets)
