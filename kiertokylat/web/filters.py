"""The filter bar: one for all pages, kept in the session and in the address.

Streamlit's own `bind="query-params"` writes labels into the address; ours are translated, and a
link must survive a change of language. So the address carries codes, written here by hand, and each
widget's key carries the language: a change of language makes it a new widget, same choice.
"""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from kiertokylat import reference, tables
from kiertokylat.selection import LIMITS, USUAL_LIMIT, Selection
from kiertokylat.web.session import language, t

SLIDER_KM = (5, 100, 50)  # least, greatest, default
_LISTS = ("seutu", "kunnat", "materiaalit", "toimialat", "varmuus")
_LIMIT_CODES: dict[str, str] = {limit: limit or "ei" for limit in LIMITS}


def _options() -> dict[str, list[str]]:
    places = reference.municipalities()
    return {
        "seutu": sorted(places["subregion"].unique()),
        "kunnat": sorted(places.index, key=lambda code: places["name_fi"][code]),
        "materiaalit": list(reference.materials().index),
        "toimialat": list(dict.fromkeys(reference.divisions()["group"])),
        "varmuus": list(tables.CERTAINTIES),
    }


def _chosen() -> dict[str, Any]:
    """The choices of this session, read once from the address."""
    if "choices" not in st.session_state:
        options = _options()
        asked = {name: st.query_params.get_all(name) for name in _LISTS}
        choices: dict[str, Any] = {
            name: [code for code in options[name] if code in asked[name]] for name in _LISTS
        }
        low, high, usual = SLIDER_KM
        km = st.query_params.get("km", "")
        choices["km"] = min(max(int(km), low), high) if km.isdecimal() else usual
        limits = {code: limit for limit, code in _LIMIT_CODES.items()}
        choices["raja"] = limits.get(st.query_params.get("raja", ""), USUAL_LIMIT)
        st.session_state["choices"] = choices
    return st.session_state["choices"]


def choose(**changes: Any) -> None:
    """Change filters from a button or a click; call it in a callback, before widgets are drawn."""
    _chosen().update(changes)
    for key in [key for key in st.session_state if str(key).startswith("filter-")]:
        del st.session_state[key]


def clear() -> None:
    """Take every filter off."""
    choose(**{name: [] for name in _LISTS}, km=SLIDER_KM[2], raja=USUAL_LIMIT)


def _widget(
    kind: Callable[..., Any], name: str, choices: dict[str, Any], *args: Any, **options: Any
) -> None:
    key = f"filter-{name}-{language()}"
    st.session_state.setdefault(key, choices[name])
    choices[name] = kind(t(f"filter_{name}"), *args, key=key, **options)


def filter_bar() -> Selection:
    """Draw the bar into the side bar, write the address, and give the selection."""
    choices, options = _chosen(), _options()
    labels = _labels()
    with st.sidebar:
        st.header(t("filters"), anchor=False)
        for name in _LISTS:
            pills = name == "varmuus"  # three choices fit in one look
            _widget(
                st.pills if pills else st.multiselect,
                name,
                choices,
                options[name],
                format_func=labels[name].get,
                **({"selection_mode": "multi"} if pills else {"placeholder": t("filter_all")}),
            )
        low, high, _ = SLIDER_KM
        more = {"format": "%d km", "help": t("filter_km_help")}
        _widget(st.slider, "km", choices, low, high, step=5, **more)
        _widget(
            st.selectbox,
            "raja",
            choices,
            LIMITS,
            format_func=labels["raja"].get,
            help=t("filter_raja_help"),
        )
        st.button(t("filter_clear"), on_click=clear, width="stretch")
    _write_address(choices)
    return as_selection(choices)


def tell() -> None:
    """Say which filters are on, where the bar is hidden."""
    choices, labels = _chosen(), _labels()
    chosen = [str(labels[name][code]) for name in _LISTS for code in choices[name]]
    if chosen:
        st.caption(t("filters_on", what=", ".join(chosen)))


def _labels() -> dict[str, Mapping[str, str]]:
    lang = language()
    places = reference.municipalities()
    groups = list(dict.fromkeys(reference.divisions()["group"]))
    return {
        "seutu": dict(zip(places["subregion"], places[f"subregion_{lang}"], strict=True)),
        "kunnat": places["name_fi"].to_dict(),
        "materiaalit": reference.materials()[f"name_{lang}"].to_dict(),
        "toimialat": {group: t(f"group_{group}") for group in groups},
        "varmuus": {name: t(f"certainty_{name}") for name in tables.CERTAINTIES},
        "raja": {limit: t(f"limit_{limit or 'none'}") for limit in LIMITS},
    }


def _write_address(choices: Mapping[str, Any]) -> None:
    wanted = {name: list(choices[name]) for name in _LISTS}
    wanted["km"] = [] if choices["km"] == SLIDER_KM[2] else [str(choices["km"])]
    raja = choices["raja"]
    wanted["raja"] = [] if raja == USUAL_LIMIT else [_LIMIT_CODES[raja]]
    for name, values in wanted.items():
        if st.query_params.get_all(name) != values:
            if values:
                st.query_params[name] = values
            else:
                del st.query_params[name]


def as_selection(choices: Mapping[str, Any]) -> Selection:
    """Choices of the bar as a selection: sub-regions become their municipalities."""
    places = reference.municipalities()
    codes = set(choices["kunnat"]) | set(places.index[places["subregion"].isin(choices["seutu"])])
    return Selection(
        municipalities=tuple(sorted(codes)),
        materials=tuple(choices["materiaalit"]),
        groups=tuple(choices["toimialat"]),
        certainties=tuple(choices["varmuus"]),
        max_km=float(choices["km"]),
        limit=choices["raja"],
    )


def selection() -> Selection:
    """The selection in force."""
    return as_selection(_chosen())
