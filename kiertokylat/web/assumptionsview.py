"""What every result rests on, to look at and to change; kept for the session, or in a file.

The inputs wait until "Use these" is pressed. They are no `st.form`: the vehicle's figures follow
the choice of a vehicle at once, and cells edited for one material survive the look at another.
"""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from kiertokylat import assumption_rows, reference
from kiertokylat.assumption_rows import exact, label, vehicle_name
from kiertokylat.assumptions import Assumptions, Range
from kiertokylat.assumptions_file import LIMITS, from_json, from_values, to_json
from kiertokylat.errors import InputError
from kiertokylat.factors import ENDS
from kiertokylat.web import factorsview, session
from kiertokylat.web.factorsview import title, words
from kiertokylat.web.session import language

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


def asked() -> bool:
    """Whether the address asks for this section."""
    return st.query_params.get("osio") == _PART


def section() -> None:
    """What differs from the defaults, every input, and the buttons."""
    st.markdown(words("page_text"))
    _changes()
    current = session.assumptions()
    _begin(current)
    values = _inputs(current) | {"edits": factorsview.edits(_key, st.session_state["assume-draft"])}
    wanted = _checked(values)
    if wanted is not None and wanted != current:
        st.info(words("waiting"))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        ready = wanted is not None
        if st.button(words("use_these"), type="primary", key="assume", disabled=not ready):
            _use(wanted or current)
            st.toast(words("in_use"))
            st.rerun()
        st.button(words("restore"), key="assume-nothing", on_click=_restore)
        st.download_button(
            words("save"),
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
        st.caption(words("none_changed"))
        return
    count = len(table)
    st.markdown(words("one_changed") if count == 1 else words("some_changed", count=count))
    headings = {name: words(f"changed_{name}") for name in table}
    st.dataframe(
        table.rename(columns=headings), hide_index=True, alt=words("some_changed", count=count)
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
    st.toast(words("restored"))


def _checked(values: Mapping[str, Any]) -> Assumptions | None:
    try:
        return from_values(values)
    except InputError as error:
        problem: Any = error.problem
        st.error(problem.message(language()))
        return None


def _upload() -> None:
    file = st.file_uploader(words("load"), type=["json"], max_upload_size=1, key=_key("file"))
    if file is None:
        return
    try:
        read = from_json(file.getvalue(), file.name)
    except InputError as error:
        problem: Any = error.problem
        st.error(problem.message(language()))
        return
    _use(read)
    st.toast(words("in_use"))
    st.rerun()


# --- everything but the factors ---


def _inputs(current: Assumptions) -> dict[str, Any]:
    values: dict[str, Any] = {}

    def number(name: str) -> None:
        values[name] = _number(name, getattr(current, name))

    def span(name: str, own: Range | None = None) -> None:
        values[name] = _range(name, getattr(current, name), own)

    title("title_time")
    with st.grid(2, min_column_width=300):
        number("year")
        number("waste_tax_eur_t")
    st.caption(words("help_waste_tax_eur_t"))
    title("title_transport")
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
    title("title_matching")
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
        help=words(f"help_{name}"),
        key=_key(name),
        persist_state="session",
    )


def _percent(share: float) -> float | None:
    percent = st.number_input(
        words("empty_return_percent"),
        min_value=0.0,
        max_value=100.0,
        value=round(share * 100, 6),
        step=5.0,
        format="%g",
        help=words("help_empty_return"),
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
            shown = None
            if own is not None:
                shown = f"{words('of_vehicle_short')} {exact(own[place], language())}"
            ends.append(
                st.number_input(
                    f"{title}: {words(end).lower()}",
                    min_value=float(low),
                    max_value=float(high),
                    value=None if value is None else float(value[place]),
                    step=_STEPS[name],
                    format="%g",
                    help=words(f"help_{name}"),
                    key=_key(f"{name}-{end}"),
                    placeholder=shown,
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
            help=words(f"help_{name}"),
            key=_key(name),
            persist_state="session",
        )
        row: Any = table.loc[chosen]
        spans = {
            of: " / ".join(exact(row[f"{of}{end}"], lang) for end in ("_low", "", "_high"))
            for of in ("freight", "transport")
        }
        payload, source = exact(row["payload_t"], lang), row["source"] or row["note"]
        text = words(
            "vehicle_text",
            vehicle=vehicle_name(chosen, lang),
            payload=payload,
            source=source,
            **spans,
        )
        st.caption(text)
    return str(chosen)
