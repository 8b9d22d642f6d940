"""What the server answers beside Streamlit's own: files for the browser, and the map's address.

Leaflet comes out of an installed package, so the map works with the network cable out.
"""

import json
import secrets
from html import escape
from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from kiertokylat.reference import DATA
from kiertokylat.words import Language, catalogue, say

PREFIX = "/assets"
_PAGE_SCRIPT = Path(__file__).with_name("page.js")


def page_script(language: Language, *, editor: bool) -> None:
    """Give the page its language, at first and at every change, and a way past the navigation.

    Where the app was started anew under an open page, its browser connects again by itself, with
    nothing of what was typed: an editor is told so.

    The content policy allows scripts of this server only, so the script is a file of its own. Its
    address is relative, so that it holds under `server.baseUrlPath` too.
    """
    skip, own = say("accessibility.skip", language), json.dumps(_own_texts(language))
    session = st.session_state.setdefault("page-session", secrets.token_hex(8))
    anew = say("accessibility.anew", language) if editor else ""
    given = {"lang": language, "skip": skip, "own": own, "session": session, "anew": anew}
    told = " ".join(f'data-{name}="{escape(value)}"' for name, value in given.items())
    script = f'<script src="./{PREFIX.strip("/")}/page.js" {told}></script>'
    st.html(script, unsafe_allow_javascript=True)


def _own_texts(language: Language) -> list[list[str]]:
    """What Streamlit itself says in English only, and how it is said in a language."""
    texts = [text for key, text in catalogue().items() if key.startswith("streamlit.")]
    return [[text["en"], text[language]] for text in texts]


async def _page_script(_request: object) -> FileResponse:
    return FileResponse(_PAGE_SCRIPT, media_type="text/javascript")


async def _lakes(_request: object) -> FileResponse:
    return FileResponse(
        DATA / "lakes.geojson",
        media_type="application/geo+json",
        headers={"Cache-Control": "max-age=86400"},
    )


async def _first_page(request: Request) -> RedirectResponse:
    """Send `/kartta` to `/`, filters and all: a default page answers there only.

    The address is relative, so that it holds under `server.baseUrlPath` too.
    """
    return RedirectResponse(f"./?{request.url.query}" if request.url.query else "./")


ROUTES: list[BaseRoute] = [
    Route("/kartta", _first_page),
    Mount(
        PREFIX,
        routes=[
            Route("/lakes.geojson", _lakes),
            Route("/page.js", _page_script),
            Mount("/", StaticFiles(packages=[("js_lib_leaflet", "static/js_lib_leaflet")])),
        ],
    ),
]
