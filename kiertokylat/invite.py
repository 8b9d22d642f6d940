"""How phones find a workshop: addresses, the link, its QR code. Nothing leaves this machine."""

from collections.abc import Sequence
from urllib.parse import quote, urlsplit

import segno

PATH = "osallistu"
# Phones that join over a camera from the back row: quiet zone of the standard, ISO/IEC 18004.
_QUIET_MODULES = 4
_LOCAL = {"localhost", "127.0.0.1", "::1"}


def is_local(listening: str | None, visited: str) -> bool:
    """Whether only this machine itself can reach the app.

    Parameters
    ----------
    listening
        The address at which the server listens; None: at all of them.
    visited
        The address at which the facilitator looks at the app.
    """
    return listening in _LOCAL and (urlsplit(visited).hostname or "localhost") in _LOCAL


def origins(addresses: Sequence[str], port: int, visited: str = "") -> list[str]:
    """Where phones may find the app, the likeliest first.

    Parameters
    ----------
    addresses
        The machine's own in the local network.
    port
        Where the app listens.
    visited
        The address at which the facilitator looks at the app: where it is hosted, it is the one.

    Returns
    -------
    list of str
        `http://ADDRESS:PORT`; this machine's own name where there is no other.
    """
    own = [f"http://{address}:{port}" for address in addresses]
    seen = urlsplit(visited)
    if seen.hostname and seen.hostname not in _LOCAL:
        own = [f"{seen.scheme}://{seen.netloc}", *own]
    return list(dict.fromkeys(own)) or [f"http://localhost:{port}"]


def join_link(origin: str, code: str) -> str:
    """The link that a phone opens to join a workshop."""
    return f"{origin}/{PATH}?koodi={quote(code)}"


def short_address(origin: str) -> str:
    """What to type into a phone that has no camera; the code is asked there."""
    return f"{origin.removeprefix('http://')}/{PATH}"


def qr_image(link: str) -> str:
    """A link's QR code as the address of an image (`data:image/svg+xml`)."""
    code = segno.make(link, micro=False, error="m")
    return code.svg_data_uri(border=_QUIET_MODULES, dark="#000", light="#fff")
