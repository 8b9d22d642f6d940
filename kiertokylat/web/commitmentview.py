"""Commitments on the pages: the list that staff keep up, the rows of the map, the sheets."""

from datetime import date
from typing import Any, Literal

import pandas as pd
import streamlit as st

from kiertokylat import reference
from kiertokylat.commitments import open_pairs, overdue
from kiertokylat.figures import calendar_day, number
from kiertokylat.indicators import STAGES
from kiertokylat.masking import hidden_because
from kiertokylat.store.rooms import Rooms
from kiertokylat.tables import rows
from kiertokylat.web import commitmentform, filters, funnelview, session, tables, texts
from kiertokylat.web.funnelview import text
from kiertokylat.web.session import language, t
from kiertokylat.workshop import WAY

_PART = "sitoumukset"  # `?osio=sitoumukset` opens the commitments
Part = Literal["potential", "commitments"]
_PARTS: tuple[Part, ...] = ("potential", "commitments")


def part() -> Part:
    """Which part of the page is shown; the address tells it."""
    if "impact_part" not in st.session_state:
        asked = st.query_params.get("osio") == _PART
        st.session_state["impact_part"] = "commitments" if asked else "potential"
    shown = st.segmented_control(
        t("impact_part"),
        _PARTS,
        format_func=lambda name: t(f"impact_part_{name}"),
        required=True,
        key="impact_part",
    )
    if shown == "commitments":
        st.query_params["osio"] = _PART
    else:
        st.query_params.pop("osio", None)
    return "commitments" if shown == "commitments" else "potential"


def open_part() -> None:
    """Show the commitments in the next run."""
    st.session_state["impact_part"] = "commitments"


def show(made: pd.DataFrame, table: pd.DataFrame) -> None:
    """Draw the section: the funnel and the list.

    Parameters
    ----------
    made
        `session.commitments()`.
    table
        `funnelview.stages_of` it.
    """
    if session.dataset().name:
        st.info(text("own_files"))
    if made.empty:
        texts.lead(text("lead_none"))
    else:
        now = table["now"]
        under_way = now[list(WAY[:-1])].sum()
        counts = {
            "all": now.sum(),
            "open": under_way,
            "realised": now["realised"],
            "dropped": now["dropped"],
        }
        spoken = {name: number(float(count), language()) for name, count in counts.items()}
        texts.lead(text("lead", **spoken))
        funnelview.bars(table)
        funnelview.as_table(table)
    _list(made)


# --- the list ---


def _list(made: pd.DataFrame) -> None:
    st.header(text("list_title"), anchor=False)
    editor = session.is_editor()
    names = _workshops() if editor else {}
    chosen = _filtered(made, names) if len(made) else made
    frame = list_frame(chosen, names)
    row = None
    if chosen.empty:
        st.caption(text("list_none"))
    else:
        headings = {str(name): text(f"column_{name}") for name in frame}
        row = tables.show(
            frame, alt=text("list_title"), headings=headings, key="commitments", select=editor
        )
    if not editor:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(text("new"), key="commitment-new", type="primary"):
            commitmentform.ask_new()
        pressed = len(chosen) and st.button(
            text("edit"), key="commitment-edit", disabled=row is None, help=text("edit_help")
        )
        if pressed and row is not None:
            (one,) = rows(chosen.iloc[[row]])
            commitmentform.ask(one, _about(one))


def _workshops() -> dict[str, str]:
    """Name and date of each workshop by its id."""
    found = Rooms(session.store()).list()
    return {one.id: f"{one.name} {calendar_day(one.date, language())}" for one in found}


def _filtered(made: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    """What the reader wants to see; the latest changes first."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kept = st.pills(
            text("filter_stage"),
            STAGES,
            selection_mode="multi",
            format_func=lambda stage: t(f"stage_{stage}"),
            key="commitment-stages",
            wrap=True,
        )
        if kept:
            made = made[made["stage"].isin(kept)]
        used = [key for key in names if key in set(made["workshop"])]
        if used:
            workshop = st.selectbox(
                text("filter_workshop"),
                ["", *used],
                format_func=lambda key: names.get(key, text("filter_workshop_all")),
                key="commitment-workshop",
            )
            made = made[made["workshop"] == workshop] if workshop else made
        if session.is_editor():
            late = overdue(made, date.today())
            label = text("filter_overdue", count=number(int(late.sum()), language()))
            if st.toggle(label, key="commitment-overdue"):
                made = made[late]
    return made.sort_values("updated", ascending=False, kind="stable")


def list_frame(made: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    """Commitments in words.

    Parameters
    ----------
    made
        `session.commitments()`: with free texts for editors, without for others.
    names
        Of the workshops, by id.

    Returns
    -------
    DataFrame
        `subject`, `material`, `stage`, `places`; for editors further `workshop`, `companies`,
        `next_step`, `who`, `due`, `updated`.
    """
    materials = reference.materials()[f"name_{language()}"]
    frame = pd.DataFrame(
        {
            "subject": _subjects(made),
            "material": [materials.get(key, "") for key in made["material"]],
            "stage": [t(f"stage_{stage}") for stage in made["stage"]],
            "places": _places(made),
        },
        index=made.index,
    )
    if "next_step" not in made:
        return frame
    late = overdue(made, date.today())
    due = [
        calendar_day(day, language()) + (f" ({text('late')})" if is_late else "")
        for day, is_late in zip(made["due"], late, strict=True)
    ]
    more: dict[str, Any] = {
        "next_step": made["next_step"],
        "who": made["who"],
        "due": due,
        "companies": made["companies"],
        "workshop": [names.get(key, "") for key in made["workshop"]],
        "updated": [
            calendar_day(when.date().isoformat(), language())
            for when in made["updated"].dt.tz_convert("Europe/Helsinki")
        ],
    }
    frame = frame.assign(**more)
    # What one acts on comes first: screens are narrow.
    first = ["subject", "stage", "next_step", "who", "due"]
    return frame[first + [name for name in frame if name not in first]]


def _subjects(made: pd.DataFrame) -> list[str]:
    names = session.analysis().companies.set_index("id")["name"]
    told = []
    for row in rows(made):
        about = ""
        if row.material:
            about = f"{names[row.from_company]} ► {names[row.to_company]}"
        elif "idea" not in made:
            about = text("unnamed")
        elif row.candidate:
            about = text("gone")
        idea = row.idea if "idea" in made else ""
        told.append(". ".join(part for part in (about, idea) if part))
    return told


def _about(row: Any) -> str:
    """A commitment's candidate in words, for its form."""
    if not row.candidate:
        return ""
    if not row.material:
        return text("gone")
    names = session.analysis().companies.set_index("id")["name"]
    material = reference.materials()[f"name_{language()}"][row.material]
    return f"{names[row.from_company]} ► {names[row.to_company]}: {material}"


def _places(made: pd.DataFrame) -> list[str]:
    names = reference.municipalities()["name_fi"]
    ends = [[names.get(code, "") for code in made[f"{end}_municipality"]] for end in ("from", "to")]
    return [" ► ".join(dict.fromkeys(filter(None, pair))) for pair in zip(*ends, strict=True)]


# --- the map ---


def on_map() -> pd.DataFrame:
    """The commitments that the map shows: `commitments.open_pairs` within the filter bar.

    Only its places and materials count: other limits don't hide what somebody has promised.
    """
    found = open_pairs(session.commitments())
    within = filters.selection()
    if within.municipalities:
        ends = ("from_municipality", "to_municipality")
        inside = [found[end].isin(within.municipalities) for end in ends]
        found = found[inside[0] | inside[1]]
    return found[found["material"].isin(within.materials)] if within.materials else found


def map_table(shown: pd.DataFrame) -> None:
    """The same as rows."""
    with st.expander(text("map_table")):
        frame = list_frame(shown, {})[["subject", "material", "stage", "places"]]
        headings = {str(name): text(f"column_{name}") for name in frame}
        if frame.empty:
            st.caption(text("list_none"))
        else:
            tables.show(frame, alt=text("map_table"), headings=headings, key="map-commitments")


def sheets(made: pd.DataFrame, table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The funnel and the list for a workbook, with headings."""
    frame = funnelview.frame(table)
    if table["hidden"].any():
        amounts = frame.columns[4:]
        hidden = table["hidden"].to_numpy()
        frame = frame.astype(object)
        frame.loc[hidden, amounts] = hidden_because(language())
    frame = frame.rename(columns={name: funnelview.heading(str(name)) for name in frame})
    if made.empty:
        return {text("sheet_funnel"): frame}
    listed = list_frame(made, _workshops() if session.is_editor() else {})
    listed = listed.rename(columns={str(name): text(f"column_{name}") for name in listed})
    return {text("sheet_funnel"): frame, text("sheet_list"): listed}
