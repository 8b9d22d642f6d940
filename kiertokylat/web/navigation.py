"""The pages, their addresses and links between them."""

from pathlib import Path

import streamlit as st
from streamlit.navigation.page import Page

from kiertokylat.web.session import t

ROOT = Path(__file__).resolve().parents[2]

# Addresses stay Finnish in both languages, so that a link means the same to everyone.
PAGES = {
    "map": "kartta",
    "companies": "yritykset",
    "flows": "materiaalivirrat",
    "candidates": "symbioosiehdokkaat",
    "clusters": "keskittymat",
    "municipality": "kunta",
    "workshop": "tyopaja",
    "impact": "vaikuttavuus",
    "data": "aineisto",
    "about": "tietoa",
}


def page(name: str) -> Page:
    """One page, titled in the reader's language."""
    return st.Page(
        ROOT / "pages" / f"{name}.py",
        title=t(f"page_{name}"),
        url_path=PAGES[name],
        default=name == "map",
    )


def link(name: str, label: str, **address: str) -> None:
    """Draw a link to a page, with what the page shall show in its address."""
    st.page_link(page(name), label=label, query_params=address or None)
