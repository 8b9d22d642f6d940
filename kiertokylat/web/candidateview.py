"""One candidate: on the map, in figures, and explained; with its neighbours in the ranking."""

from html import escape

import pandas as pd
import streamlit as st

from kiertokylat import maps, reference
from kiertokylat.analysis import Analysis
from kiertokylat.explain import explain
from kiertokylat.figures import kilometres, number, tonnes_range
from kiertokylat.rank import By, best_per_supply
from kiertokylat.room import candidate_key
from kiertokylat.wall import title
from kiertokylat.web import commitmentform, mapview, session, stars, worthview
from kiertokylat.web.choice import Option, choice
from kiertokylat.web.session import language, t

ORDERS: tuple[By, ...] = ("eur", "co2e", "tonnes", "distance", "evidence")


def best(view: session.View, by: By) -> pd.DataFrame:
    """Each supply's best candidate of a view, in order."""
    return _best(view, by)[1]


# As in `session`: the entry holds the view itself, so that its id can't be given to another one.
@st.cache_resource(max_entries=32, hash_funcs={session.View: id}, show_spinner=False)
def _best(view: session.View, by: By) -> tuple[session.View, pd.DataFrame]:
    return view, best_per_supply(view.chosen.candidates, by)


def choose_row(listed: pd.DataFrame, row: int | None) -> None:
    """Make the table's newly selected row the candidate that is shown."""
    if row != st.session_state.get("candidate-row"):
        st.session_state["candidate-row"] = row
        if row is not None:
            st.session_state["candidate"] = mapview.candidate_ids(listed.iloc[[row]]).iloc[0]


def _position(ids: pd.Series) -> int:
    """Place of the chosen candidate in the ranking; the first when it is not there."""
    if "candidate" not in st.session_state and "ehdokas" in st.query_params:
        st.session_state["candidate"] = st.query_params["ehdokas"]
    found = ids.to_numpy() == st.session_state.get("candidate", "")
    return int(found.argmax())


def list_choice(name: str, options: tuple[Option, ...]) -> Option:
    """A choice of how the list is made; a new one starts at its first row."""
    return choice(name, options, on_change=_step, args=("",))


def _step(key: str) -> None:
    st.session_state["candidate"] = key


def show(listed: pd.DataFrame, every: Analysis) -> None:
    """Draw the chosen candidate, or the first."""
    ids = mapview.candidate_ids(listed)
    place = _position(ids)
    st.query_params["ehdokas"] = ids.iloc[place]
    row = listed.iloc[place]
    left, right = st.columns([1, 1], gap="medium")
    with left:
        _map(listed.iloc[[place]], every)
    with right:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                t("previous"),
                on_click=_step,
                args=(ids.iloc[max(place - 1, 0)],),
                disabled=place == 0,
                shortcut="Left",
            )
            st.button(
                t("next"),
                on_click=_step,
                args=(ids.iloc[min(place + 1, len(ids) - 1)],),
                disabled=place == len(ids) - 1,
                shortcut="Right",
            )
            st.caption(_place_in_list(place, len(listed)), width="content")
            # Own files are looked at by this visitor only: a commitment would point to nothing.
            if session.is_editor() and not session.dataset().name:
                _commit(row, every)
        _facts(row, every, stars.words(ids.iloc[place]))
        worthview.figures(row)
    worthview.parts(row)
    _explanation(row, every)


def _commit(row: pd.Series, every: Analysis) -> None:
    """The way to note a commitment of the candidate."""
    if st.button(t("commit"), key="commit"):
        key = candidate_key(row)
        named = title(key, every.companies, every.flows, language())
        commitmentform.ask_new(": ".join(named) if named else "", key)


def _place_in_list(place: int, count: int) -> str:
    here, every = number(place + 1, language()), number(count, language())
    return t("place_in_list", place=here, count=every)


def _facts(row: pd.Series, every: Analysis, star: str) -> None:
    names = every.companies.set_index("id")["name"]
    material = reference.materials()[f"name_{language()}"][row["material"]]
    amount = tonnes_range(row["tonnes_low"], row["tonnes"], row["tonnes_high"], language())
    certainty = t(f"certainty_{row['certainty']}")
    title = f"{names[row['from_company']]} → {names[row['to_company']]}"
    km = kilometres(row["distance_km"], language())
    whole = t("whole_pair", tonnes=amount)
    mark = f"<p><b>{escape(star)}</b></p>" if star else ""
    st.html(
        f'<div class="card"><h2>{escape(title)}</h2>'
        f'<p class="lead"><b>{escape(material)}</b> · {escape(amount)} · {escape(km)}'
        f" · {escape(certainty)}</p>{mark}<p>{escape(whole)}</p></div>"
    )


def _explanation(row: pd.Series, every: Analysis) -> None:
    sentences = explain(
        row,
        every.companies,
        every.flows,
        reference.uses(),
        reference.materials(),
        reference.waste_codes(),
        language(),
        assumptions=session.assumptions(),
    )
    items = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
    st.html(f'<div class="card"><ul>{items}</ul></div>')


def _map(one: pd.DataFrame, every: Analysis) -> None:
    ends = {str(one["from_company"].iloc[0]), str(one["to_company"].iloc[0])}
    sites = every.companies[every.companies["id"].isin(ends)]
    layers = [
        mapview.candidate_lines(one, every),
        mapview.company_dots(sites),
        maps.ring_layer(sites),
        maps.names_layer(sites, size=18 if session.projector() else 13),
    ]
    mapview.show_pair(layers, sites, key="candidate-map")
