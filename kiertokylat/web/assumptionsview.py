"""What every result rests on, to look at and to change; kept for the session, or in a file.

The inputs wait until "Use these" is pressed. They are no `st.form`: the vehicle's figures follow
the choice of a vehicle at once, and cells edited for one material survive the look at another.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from kiertokylat import assumption_rows, reference
from kiertokylat.assumption_rows import exact, label, unit, vehicle_name
from kiertokylat.assumptions import Assumptions, Range
from kiertokylat.assumptions_file import LIMITS, OPTIONAL, from_json, from_values, to_json
from kiertokylat.errors import InputError
from kiertokylat.factors import ENDS, edited
from kiertokylat.web import session
from kiertokylat.web.session import language
from kiertokylat.words import say

_PART = "oletukset"  # `?osio=oletukset` opens the section
_STEPS = {
    "detour_factor": 0.05,
    "search_km": 5.0,
    "waste_tax_eur_t": 5.0,
    "loads_per_year": 1.0,
    "unknown_capacity_t": 100.0,
    "unknown_employees": 1.0,
    "freight_eur_tkm": 0.01,
    "transport_kg_tkm": 0.01,
    "loading_eur_t": 0.5,
}
_Draft = dict[int, tuple[float | None, ...]]


def _words(key: str, **values: object) -> str:
    return say(f"assumptions.{key}", language(), **values)


def asked() -> bool:
    """Whether the address asks for this section."""
    return st.query_params.get("osio") == _PART


def section() -> None:
    """What differs from the defaults, every input, and the buttons."""
    st.markdown(_words("page_text"))
    _changes()
    current = session.assumptions()
    _begin(current)
    values = _inputs(current) | {"edits": _factors()}
    wanted = _checked(values)
    if wanted is not None and wanted != current:
        st.info(_words("waiting"))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        ready = wanted is not None
        if st.button(_words("use_these"), type="primary", key="assume", disabled=not ready):
            _use(wanted or current)
            st.toast(_words("in_use"))
            st.rerun()
        st.button(_words("restore"), key="assume-nothing", on_click=_restore)
        st.download_button(
            _words("save"),
            data=to_json(current),
            file_name="oletukset.json",
            mime="application/json",
            on_click="ignore",
            key="assumptions-save",
        )
    _upload()


def _changes() -> None:
    table = assumption_rows.changes(session.assumptions(), language())
    if table.empty:
        st.caption(_words("none_changed"))
        return
    count = len(table)
    st.markdown(_words("one_changed") if count == 1 else _words("some_changed", count=count))
    headings = {name: _words(f"changed_{name}") for name in table}
    st.dataframe(
        table.rename(columns=headings), hide_index=True, alt=_words("some_changed", count=count)
    )


# --- what is typed in belongs to the assumptions that it was typed over ---


def _begin(current: Assumptions) -> None:
    """Make new inputs, showing what is in force, when other assumptions have come into force."""
    state = st.session_state
    if state.get("assume-of") != current:
        state["assume-of"], state["assume-draft"] = current, {}
        state["assume-generation"] = state.get("assume-generation", 0) + 1


def _key(name: str) -> str:
    return f"assume-{st.session_state['assume-generation']}-{name}"


def _use(assumptions: Assumptions) -> None:
    session.assume(assumptions)
    st.session_state.pop("assume-of", None)


def _restore() -> None:
    _use(Assumptions())
    st.toast(_words("restored"))


def _checked(values: Mapping[str, Any]) -> Assumptions | None:
    try:
        return from_values(values)
    except InputError as error:
        problem: Any = error.problem
        st.error(problem.message(language()))
        return None


def _upload() -> None:
    file = st.file_uploader(_words("load"), type=["json"], key=_key("file"))
    if file is None:
        return
    try:
        read = from_json(file.getvalue(), file.name)
    except InputError as error:
        problem: Any = error.problem
        st.error(problem.message(language()))
        return
    _use(read)
    st.toast(_words("in_use"))
    st.rerun()


# --- everything but the factors ---


def _inputs(current: Assumptions) -> dict[str, Any]:
    values: dict[str, Any] = {}

    def number(name: str) -> None:
        values[name] = _number(name, getattr(current, name))

    def span(name: str, own: Range | None = None) -> None:
        values[name] = _range(name, getattr(current, name), own)

    st.subheader(_words("title_time"), anchor=False)
    with st.grid(2, min_column_width=300):
        number("year")
        number("waste_tax_eur_t")
    st.subheader(_words("title_transport"), anchor=False)
    with st.grid(2, min_column_width=300):
        for name in ("vehicle", "collection_vehicle"):
            values[name] = _vehicle(name, getattr(current, name))
    of: Any = reference.vehicles().loc[values["vehicle"]]
    span("freight_eur_tkm", (of["freight_low"], of["freight"], of["freight_high"]))
    span("transport_kg_tkm", (of["transport_low"], of["transport"], of["transport_high"]))
    span("loading_eur_t")
    with st.grid(3, min_column_width=220):
        values["empty_return"] = _percent(current.empty_return)
        number("loads_per_year")
        number("detour_factor")
    st.subheader(_words("title_matching"), anchor=False)
    with st.grid(3, min_column_width=220):
        for name in ("search_km", "receivers_per_supply", "unknown_capacity_t"):
            number(name)
    span("unknown_employees")
    return values


def _number(name: str, value: float) -> float | None:
    kind = type(value)
    low, high = LIMITS[name]
    return st.number_input(
        label(name, language()),
        min_value=kind(low),
        max_value=kind(high),
        value=value,
        step=kind(_STEPS.get(name, 1)),
        format="%d" if kind is int else "%g",
        help=_words(f"help_{name}"),
        key=_key(name),
        persist_state="session",
    )


def _percent(share: float) -> float | None:
    percent = st.number_input(
        _words("empty_return_percent"),
        min_value=0.0,
        max_value=100.0,
        value=round(share * 100, 6),
        step=5.0,
        format="%g",
        help=_words("help_empty_return"),
        key=_key("empty_return"),
        persist_state="session",
    )
    return None if percent is None else percent / 100


def _range(name: str, value: Range | None, own: Range | None) -> list[float | None]:
    low, high = LIMITS[name]
    title = label(name, language())
    ends: list[float | None] = []
    with st.grid(3, min_column_width=180):
        for place, end in enumerate(ENDS):
            shown = "" if own is None else f"{_words('of_vehicle_short')} {own[place]:g}"
            ends.append(
                st.number_input(
                    f"{title}: {_words(end).lower()}",
                    min_value=float(low),
                    max_value=float(high),
                    value=None if value is None else float(value[place]),
                    step=_STEPS[name],
                    format="%g",
                    help=_words(f"help_{name}"),
                    key=_key(f"{name}-{end}"),
                    placeholder=shown if name in OPTIONAL else None,
                    persist_state="session",
                )
            )
    return ends


def _vehicle(name: str, value: str) -> str:
    lang = language()
    table = reference.vehicles()
    keys = list(table.index)
    with st.container():
        chosen = st.selectbox(
            label(name, lang),
            keys,
            index=keys.index(value),
            format_func=lambda key: vehicle_name(key, lang),
            help=_words(f"help_{name}"),
            key=_key(name),
            persist_state="session",
        )
        row: Any = table.loc[chosen]
        spans = {
            of: " / ".join(exact(row[f"{of}{end}"], lang) for end in ("_low", "", "_high"))
            for of in ("freight", "transport")
        }
        payload, source = exact(row["payload_t"], lang), row["source"] or row["note"]
        text = _words(
            "vehicle_text",
            vehicle=vehicle_name(chosen, lang),
            payload=payload,
            source=source,
            **spans,
        )
        st.caption(text)
    return str(chosen)


# --- the factors ---


def _factors() -> list[dict[str, Any]]:
    """The table of factors; gives all edits, those of rows out of sight too."""
    lang = language()
    st.subheader(_words("title_factors"), anchor=False)
    st.caption(_words("factors_text"))
    names = reference.materials()[f"name_{lang}"]
    chosen = st.selectbox(
        _words("choose_material"),
        sorted(names.index, key=lambda key: names[key].casefold()),
        index=None,
        format_func=lambda key: names[key],
        placeholder=_words("all_materials"),
        key=_key("material"),
    )
    draft: _Draft = st.session_state["assume-draft"]
    table = edited(session.assumptions())
    key = _key(f"factors-{chosen}-{lang}")
    # The table under a cell that is being edited must stay the same, or the edit is lost.
    if key not in st.session_state:
        st.session_state["assume-rows"] = _rows(table, draft, chosen)
    shown = _editor(st.session_state["assume-rows"], key)
    for place, *ends in shown[list(ENDS)].itertuples(name=None):
        draft[place] = tuple(None if pd.isna(end) else float(end) for end in ends)
    return _edits(table, draft)


def _rows(table: pd.DataFrame, draft: _Draft, material: str | None) -> pd.DataFrame:
    lang = language()
    rows = table if material is None else table[table["material"] == material]
    frame = pd.DataFrame(
        {
            "material": rows["material"].map(reference.materials()[f"name_{lang}"]),
            "route": [
                say(f"explain.route_{route}", lang) if route else _words("every_use")
                for route in rows["route"]
            ],
            "item": [_words(f"item_{item}") for item in rows["item"]],
            **{end: rows[end] for end in ENDS},
            "unit": [unit(text, lang) for text in rows["unit"]],
            "year": rows["year"],
            "status": [say(f"export.status_{status}", lang) for status in rows["status"]],
            "source": rows["source"],
            "note": rows["note"],
        }
    )
    for place in frame.index.intersection(list(draft)):
        frame.loc[place, list(ENDS)] = [
            float("nan") if end is None else end for end in draft[place]
        ]
    return frame


def _editor(frame: pd.DataFrame, key: str) -> pd.DataFrame:
    config: dict[str, Any] = {
        name: st.column_config.TextColumn(_words(f"column_{name}"))
        for name in frame.columns.drop(list(ENDS))
    }
    config |= {end: st.column_config.NumberColumn(_words(end), format="localized") for end in ENDS}
    return st.data_editor(
        frame,
        hide_index=True,
        disabled=list(frame.columns.drop(list(ENDS))),
        column_config=config,
        alt=_words("title_factors"),
        key=key,
    )


def _edits(table: pd.DataFrame, draft: _Draft) -> list[dict[str, Any]]:
    """Every row that is or becomes the user's own; rows cleared altogether are the default's."""
    edits = []
    for place, row in table.iterrows():
        kept = tuple(None if pd.isna(row[end]) else float(row[end]) for end in ENDS)
        ends = draft.get(int(str(place)), kept)
        known = row["status"] == "edited" or ends != kept
        if known and ends != (None, None, None):
            names = {name: row[name] for name in ("material", "route", "item")}
            edits.append(names | dict(zip(ENDS, ends, strict=True)))
    return edits
