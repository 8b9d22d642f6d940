"""The security headers of every answer, as one plain ASGI middleware.

The content policy lets a page load only what this server serves. Streamlit's own pages need inline
styles, and the few inline scripts of its `index.html` are allowed by their hash. A component that
runs in a frame (the map) builds its scripts while it runs, so its own files, and only they, may use
inline scripts and `eval`. Reference: Content Security Policy Level 3, https://www.w3.org/TR/CSP3/
"""

import base64
import hashlib
import re
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kiertokylat.web.plain import plain_page

COMPONENTS = "/component/"
MADE = "/media/"  # files that were made for one visitor
_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_PLAIN_HOST = re.compile(r"[a-zA-Z0-9.-]+(:[0-9]{1,5})?|\[[0-9a-fA-F:.]+\](:[0-9]{1,5})?")

_FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# One year, the shortest that counts as a lasting promise (RFC 6797, hstspreload.org).
_HTTPS_ONLY = "max-age=31536000"


@lru_cache
def _own_scripts() -> str:
    """Hashes of the inline scripts in Streamlit's own page, as a content policy writes them."""
    page = Path(st.__file__).with_name("static") / "index.html"
    scripts = _INLINE_SCRIPT.findall(page.read_text(encoding="utf-8"))
    hashes = [hashlib.sha256(script.encode()).digest() for script in scripts]
    return "".join(f" 'sha256-{base64.b64encode(found).decode()}'" for found in hashes)


def content_policy(path: str, host: str = "") -> str:
    """The content policy of an answer.

    Parameters
    ----------
    path
        What was asked for.
    host
        The request's Host header: some browsers don't count a WebSocket of the same host as 'self'.
    """
    sockets = f" ws://{host} wss://{host}" if _PLAIN_HOST.fullmatch(host) else ""
    scripts = f"'self'{_own_scripts()}"
    if path.startswith(COMPONENTS):
        scripts = "'self' 'unsafe-inline' 'unsafe-eval'"
    rules = {
        "default-src": "'self'",
        "script-src": scripts,
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": f"'self'{sockets}",
        "worker-src": "'self' blob:",
        "frame-src": "'self'",
        "frame-ancestors": "'self'",
        "form-action": "'self'",
        "base-uri": "'self'",
        "object-src": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def security_headers(path: str, host: str, *, https: bool) -> dict[str, str]:
    """Every security header of an answer.

    Parameters
    ----------
    path, host
        As `content_policy`.
    https
        Whether the visitor came by https. Only then may an answer ask for https ever after.
    """
    found = {**_FIXED, "Content-Security-Policy": content_policy(path, host)}
    if path.startswith(MADE):
        found["Cache-Control"] = "no-store"
    return {**found, "Strict-Transport-Security": _HTTPS_ONLY} if https else found


def failure(request: Request, _error: Exception) -> Response:
    """The answer to a request that failed. It is made outside of every middleware."""
    answer = plain_page("failure", HTTPStatus.INTERNAL_SERVER_ERROR)
    host, https = request.headers.get("host", ""), request.url.scheme == "https"
    answer.headers.update(security_headers(request.url.path, host, https=https))
    return answer


class SecurityHeaders:
    """Put the security headers on every answer, whoever makes it.

    Parameters
    ----------
    app
        What makes the answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and its answer back with the headers."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        host = Headers(scope=scope).get("host", "")
        https = scope["scheme"] in {"https", "wss"}
        ours = security_headers(scope["path"], host, https=https)

        async def send_with_headers(message: Message) -> None:
            if message["type"] in {"http.response.start", "websocket.http.response.start"}:
                MutableHeaders(scope=message).update(ours)
            await send(message)

        await self.app(scope, receive, send_with_headers)
