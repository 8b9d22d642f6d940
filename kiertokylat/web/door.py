"""The door: who a visitor is, the link that opens editing, login and logout.

`actor()` is what everything that writes passes on; the store asks it for its role. It is worked out
anew at every call, so that a replaced key holds at once, and a cookie ends while a page is open.
"""

import asyncio
import logging
import os
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from html import escape
from http import HTTPStatus
from pathlib import Path
from typing import Any
from unittest.mock import NonCallableMock

import streamlit as st
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from kiertokylat import access, keys
from kiertokylat.access import Actor, Settings, Visitor
from kiertokylat.web.plain import plain_page
from kiertokylat.words import Language, say

COOKIE = "kiertokylat"
# A wrong key is answered after this many seconds, and an address has so many such answers pending.
# So a guesser gets five guesses a second, and needs on average 2^255 of them.
WRONG_KEY_SECONDS = 1.0
MOST_PENDING = 5

_log = logging.getLogger(__name__)


# --- who it is ---


def _served() -> bool:
    """Whether this process serves visitors; Streamlit's test runner puts a stand-in there."""
    return runtime.exists() and not isinstance(runtime.get_instance(), NonCallableMock)


def _auth() -> Mapping[str, Any]:
    """The section `[auth]` of the secrets, empty without one."""
    return st.secrets.get("auth", {}) if st.secrets.load_if_toml_exists() else {}


def settings() -> Settings:
    """What the owner of the app has set: secrets, environment, key."""
    readable = st.secrets.load_if_toml_exists()
    # Secrets that can't be read may hold a login, so being on this machine proves nothing then.
    broken = not readable and any(Path(file).exists() for file in st.get_option("secrets.files"))
    ours = st.secrets.get("kiertokylat", {}) if readable else {}
    editors = ours.get("editors", ())
    return Settings(
        hosted=bool(_auth()) or broken or access.is_hosted(os.environ),
        editors=(editors,) if isinstance(editors, str) else tuple(map(str, editors)),
        key=keys.key(),
        served=_served(),
    )


def visitor() -> Visitor:
    """The evidence of the visitor.

    It is taken from the one connection that the session has now, not piece by piece from
    `st.context`: there a visitor who leaves between two looks would seem to have no address, as
    this machine itself. Who has left while the script still runs has no evidence and writes
    nothing.
    """
    context = get_script_run_ctx()
    if context is None or not _served():
        return Visitor()
    client = runtime.get_instance().get_client(context.session_id)
    seen = client.client_context if client else None
    if seen is None:
        return Visitor()
    login: Mapping[str, Any] = st.user.to_dict() if _auth() else {}
    logged_in = login.get("is_logged_in") is True
    return Visitor(
        address=seen.remote_ip or "",
        headers=tuple(seen.headers),
        cookie=seen.cookies.get(COOKIE, ""),
        time=time.time(),
        email=str(login.get("email") or "") if logged_in else "",
        email_verified=logged_in and login.get("email_verified") is True,
    )


def actor() -> Actor:
    """Who reads or writes, for everything that the store shall do."""
    return access.actor_of(visitor(), settings())


def while_allowed(make: Callable[[], str | bytes]) -> Callable[[], str | bytes]:
    """A maker of a file for whoever sees the page now; it asks for their role once more.

    A file is made when its button is pressed, which may be long after the page was drawn and runs
    no page. What was drawn for an editor is made for an editor only.

    Raises
    ------
    AccessError
        By the maker: the visitor is no editor any more.
    """
    seen = visitor()
    if access.actor_of(seen, settings()).role != "editor":
        return make

    def made() -> str | bytes:
        access.require_editor(access.actor_of(replace(seen, time=time.time()), settings()))
        return make()

    return made


# --- what the page says ---


def _providers() -> list[str | None]:
    """What `st.login` can be called with: None for the settings of `[auth]` itself."""
    auth = _auth()
    named = [
        name for name, part in auth.items() if isinstance(part, Mapping) and "client_id" in part
    ]
    return [None] if "client_id" in auth else [*named]


def bar(language: Language) -> None:
    """Say which role one has and why; offer login, logout, and to give the key's right back.

    Parameters
    ----------
    language
        The reader's.
    """
    here = visitor()
    reason = access.reason_of(here, settings())
    text = say(f"access.why_{reason}", language, email=here.email)
    leave = ""
    if reason == "key":
        leave = f' <a href="poistu" target="_self">{say("access.leave", language)}</a>'
    st.html(f'<p class="legend">{escape(text)}{leave}</p>')
    if not _auth():
        return
    if here.email:
        st.button(say("access.logout", language), key="door_logout", on_click=st.logout)
        return
    for name in _providers():
        label = say("access.login", language) + (f" ({name})" if name else "")
        st.button(label, key=f"door_login_{name or ''}", on_click=st.login, args=(name,))


def for_editors_only(part: str, language: Language) -> None:
    """Say that a part of a page is for editors only, and how one becomes an editor.

    Parameters
    ----------
    part
        Its name.
    language
        The reader's.
    """
    way = "login" if _providers() else "key"
    st.info(say(f"access.part_{way}", language, part=part))


# --- the key's link ---


def prepare() -> None:
    """Make a key if there is none. Without a place to keep it, no key opens anything.

    Raises
    ------
    keys.GivenKeyError
        The key of the environment is too short: the app doesn't start with it.
    """
    try:
        keys.ensure()
    except OSError as error:
        _log.warning("No key for editing from other machines: %s", error)


_pending: Counter[str] = Counter()


async def _open(request: Request) -> Response:
    """The right key gives the cookie; the redirect takes the key out of the address."""
    given = request.query_params.get("avain", "")
    # The server's log of requests, where one is kept, must not hold the key.
    request.scope["query_string"] = b""
    address = request.client.host if request.client else ""
    if _pending[address] >= MOST_PENDING:
        return plain_page("too_many", HTTPStatus.TOO_MANY_REQUESTS)
    if not keys.is_key(given):
        _pending[address] += 1
        try:
            await asyncio.sleep(WRONG_KEY_SECONDS)
        finally:
            _pending[address] -= 1
            if not _pending[address]:
                del _pending[address]
        return plain_page("wrong_key", HTTPStatus.FORBIDDEN)
    answer = RedirectResponse("./", HTTPStatus.SEE_OTHER, {"Cache-Control": "no-store"})
    answer.set_cookie(
        COOKIE,
        keys.cookie_of(given, time.time()),
        max_age=keys.COOKIE_SECONDS,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return answer


async def _leave(request: Request) -> Response:
    """Drop the cookie, unless another site's page sent the visitor here."""
    answer = RedirectResponse("./", HTTPStatus.SEE_OTHER, {"Cache-Control": "no-store"})
    if request.headers.get("sec-fetch-site") not in {"cross-site", "same-site"}:
        answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return answer


ROUTES: list[BaseRoute] = [Route("/avaa", _open), Route("/poistu", _leave)]
