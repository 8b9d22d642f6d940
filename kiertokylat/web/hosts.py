"""The names that this server answers to, as one plain ASGI middleware.

A page of another site can point its own name at this machine (DNS rebinding): its browser then
takes what is served here for that site's own. The request still carries the other name in its
`Host`, so only known names get an answer. An address in digits can't be pointed elsewhere and is
always known. Streamlit itself looks at the names of WebSockets only, so these pass unchanged.
"""

import ipaddress
import re
from collections.abc import Sequence
from http import HTTPStatus

import streamlit as st
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

from kiertokylat.words import LANGUAGES, say

_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([a-z0-9.-]+))(?::[0-9]{1,5})?")
# Where a browser and this machine's own health check find it, whatever else it is called.
_ALWAYS = "localhost"


def is_known(host: str, own: Sequence[str] = ()) -> bool:
    """Whether a `Host` header names this server.

    Parameters
    ----------
    host
        The header: a name or an address, with or without a port.
    own
        Names of this server beside those of `server.allowedHosts`, which Streamlit itself reads:
        `*.example.fi` is every name under it, `*` or an empty list every name.
    """
    found = _HOST.fullmatch(host.lower())
    name = (found[1] or found[2]) if found else ""
    return name in {_ALWAYS, *own} - {""} or _is_address(name) or is_host_allowed(host)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _own() -> list[str]:
    """The names that the settings give this server."""
    options = ("server.address", "browser.serverAddress")
    return [str(st.get_option(option) or "").lower() for option in options]


class KnownHosts:
    """Answer requests for this server's own names only.

    Parameters
    ----------
    app
        What makes the answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it with 421 (RFC 9110, section 15.5.20)."""
        # Who names no host at all (HTTP/1.0) is no browser.
        hosts = Headers(scope=scope).getlist("host") if scope["type"] == "http" else []
        if len(hosts) < 2 and all(is_known(host, _own()) for host in hosts):
            await self.app(scope, receive, send)
            return
        told = "\n".join(say("access.unknown_host", language) for language in LANGUAGES)
        refusal = PlainTextResponse(
            f"{told}\n", HTTPStatus.MISDIRECTED_REQUEST, {"Cache-Control": "no-store"}
        )
        await refusal(scope, receive, send)
