"""The third step: candidates, one at a time; the phones vote on the one that is shown."""

from html import escape

import pandas as pd
import streamlit as st

from kiertokylat import maps, reference
from kiertokylat.figures import kilometres, number, spread, tonnes
from kiertokylat.room import VOTES, Workshop
from kiertokylat.wall import keys_of, short_explanation, tally
from kiertokylat.web import candidateview, mapview, session, worthview
from kiertokylat.web.session import language, t
from kiertokylat.web.workshop import hall, invitation, live, promises, wallmap
from kiertokylat.web.workshop.hall import text
from kiertokylat.web.workshop.look import wall

# More than a workshop gets through in an evening; an assumption of this project.
_MOST = 30


def listed(workshop: Workshop) -> pd.DataFrame:
    """The candidates of the workshop: each supply's best, the surest and most valuable first."""
    return candidateview.best(hall.view(workshop), "eur").head(_MOST)


def show(workshop: Workshop) -> None:
    """Draw the candidate that the workshop is at, or the first."""
    found = listed(workshop)
    if found.empty:
        wall(f'<p class="big">{escape(text("pairs_none"))}</p>')
        return
    keys = keys_of(found)
    place = keys.index(workshop.candidate) if workshop.candidate in keys else 0
    if keys[place] != workshop.candidate:
        hall.attempt(hall.rooms().show, workshop.id, keys[place])
    row = found.iloc[place]
    drawn, told, rail = st.columns([7, 9, 5], gap="medium")
    with drawn:
        _map(found.iloc[[place]])
    with told:
        _facts(row)
        with st.container(horizontal=True, vertical_alignment="center"):
            _step(workshop, keys, place - 1, "previous")
            _step(workshop, keys, place + 1, "next")
            if st.button(text("promise_this"), key="promise-this"):
                promises.ask_new(workshop, keys[place])
    with rail:
        wall(f"<p>{escape(text('pair_place', place=place + 1, count=len(keys)))}</p>")
        _votes(workshop, keys[place])
        invitation.panel(workshop)


def _step(workshop: Workshop, keys: list[str], place: int, name: str) -> None:
    inside = 0 <= place < len(keys)
    st.button(
        text(name),
        key=f"pair-{name}",
        on_click=hall.press,
        args=(hall.rooms().show, workshop.id, keys[place] if inside else ""),
        disabled=not inside,
        shortcut="Left" if name == "previous" else "Right",
    )


@st.fragment(run_every=1)
def _votes(workshop: Workshop, key: str) -> None:
    votes = live.latest(workshop, "votes", lambda: hall.rooms().votes(workshop.id))
    counts = tally(votes, key)
    lines = "".join(
        f"<li>{escape(text(f'vote_{vote}'))} <b>{counts[vote]}</b></li>" for vote in VOTES
    )
    wall(f"<ul>{lines}</ul>", "votes")


def _facts(row: pd.Series) -> None:
    every = hall.everything()
    names = every.companies.set_index("id")["name"]
    material = reference.materials()[f"name_{language()}"].get(row["material"], row["material"])
    title = f"{names[row['from_company']]} ► {names[row['to_company']]}"
    places = _places(every.companies, row["from_company"], row["to_company"])
    way = " ► ".join(dict.fromkeys(places))
    certainty = t(f"certainty_{row['certainty']}")
    sentences = short_explanation(
        row, every.companies, every.flows, language(), assumptions=session.assumptions()
    )
    told = "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)
    wall(
        f"<h2>{escape(title)}</h2><p><b>{escape(str(material))}</b> "
        f'<span class="mark">{escape(certainty)}</span> {escape(way)}</p>'
        f'<div class="figures">{"".join(_figures(row))}</div>{told}',
        "pair",
    )


def _places(companies: pd.DataFrame, *ids: str) -> list[str]:
    """The names of the municipalities of some companies; empty where one isn't known."""
    codes = companies.set_index("id").loc[list(ids), "municipality"]
    return codes.map(reference.municipalities()["name_fi"]).fillna("").tolist()


def _figures(row: pd.Series) -> list[str]:
    shown = {
        "tonnes": (tonnes(row["tonnes"], language(), estimated=True), ends(row, "tonnes")),
        "eur": (worthview.amount(row["eur"], "eur"), ends(row, "eur")),
        "co2e": (worthview.amount(row["co2e"], "co2e"), ends(row, "co2e")),
        "distance": (
            kilometres(row["distance_km"], language()),
            text("road", km=number(row["road_km"], language())),
        ),
    }
    return [
        f'<div class="figure"><p><b>{escape(best)}</b></p><p>{escape(more)}</p></div>'
        for best, more in shown.values()
    ]


def ends(row: pd.Series, name: str) -> str:
    """The range of an amount in words, on one line; empty where there is none."""
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    if pd.isna(low) or pd.isna(high) or low == high:
        return ""
    # Lines break behind an ellipsis unless a word joiner stands there.
    return spread(low, high, language()).replace("…", "…\u2060")


def _map(one: pd.DataFrame) -> None:
    every = hall.everything()
    both = {str(one["from_company"].iloc[0]), str(one["to_company"].iloc[0])}
    sites = every.companies[every.companies["id"].isin(both)]
    # Names of companies are too long for a map this narrow; they stand large beside it.
    named = sites.assign(name=_places(sites, *sites["id"])).drop_duplicates("name")
    layers = [
        mapview.candidate_lines(one, every),
        mapview.company_dots(sites),
        maps.ring_layer(sites),
        maps.names_layer(named, size=wallmap.name_size()),
    ]
    wallmap.show(layers, sites, "pair-map", named=("",), share=0.4)
