"""Who may do what: the three roles, and from what evidence a visitor gets one.

The rules are pure: `kiertokylat/web/door.py` gathers the evidence, the store asks `require_editor`.
"""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from kiertokylat import keys
from kiertokylat.errors import AccessError
from kiertokylat.words import Language, say

# viewer: reads. participant: a phone in a workshop, sees its workshop only. editor: writes.
Role = Literal["viewer", "participant", "editor"]

# Why somebody has the role they have; the texts are in `words/access.toml`.
Reason = Literal[
    "script", "here", "key", "login",
    "unverified", "unlisted", "elsewhere", "hosted", "foreign", "unknown",
]  # fmt: skip
_EDITORS: frozenset[Reason] = frozenset({"script", "here", "key", "login"})

# Headers that proxies, tunnels and content networks add to what they pass on. One is enough: the
# address of the connection is then not the visitor's.
_PASSED_ON = re.compile(
    r"forwarded|via|(x-)?(real|client|cluster-client|true-client|remote|proxyuser)-(ip|addr)"
    r"|(x-)?(forwarded|original|envoy|amz|amzn|azure|appengine|arr|cloud|proxy)-.+"
    r"|x-forwarded|(cf|fly|fastly|cdn|akamai|ngrok|tailscale)-.+"
)
# The names that this machine's own browser uses for it. Any other name, and be it one that an
# attacker's name server points to 127.0.0.1, is not a visit from this machine (DNS rebinding).
_THIS_MACHINE = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?")


@dataclass(frozen=True)
class Actor:
    """Somebody who reads or writes.

    Parameters
    ----------
    name
        For the history: an address of a login, or where the change was made (`shown_name`).
    role
        What they may do.
    """

    name: str
    role: Role


@dataclass(frozen=True)
class Visitor:
    """What is known of a visitor: the evidence.

    Parameters
    ----------
    address
        Of the connection's other end; empty when nobody is connected.
    headers
        Of the request that opened the connection, name and value of each; empty when nobody is
        connected, for a real connection has some.
    cookie
        The value of the key's cookie (`keys.cookie_of`).
    time
        When they ask (Unix seconds): a cookie has its time.
    email, email_verified
        Of an OIDC login, as its provider signed them; empty and false without one.
    """

    address: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    cookie: str = field(default="", repr=False)
    time: float = 0.0
    email: str = ""
    email_verified: bool = False

    def header(self, name: str) -> tuple[str, ...]:
        """Every value of a header, whatever the case of its name."""
        return tuple(value for key, value in self.headers if key.lower() == name)


@dataclass(frozen=True)
class Settings:
    """What the owner of the app has set.

    Parameters
    ----------
    hosted
        Whether visitors come through a server of others: being on this machine then proves nothing.
    editors
        E-mail addresses whose login makes an editor.
    key
        The key in force; empty where there is none.
    served
        Whether this process serves visitors. A script or a test run without a server has none.
    """

    hosted: bool = False
    editors: tuple[str, ...] = ()
    key: str = field(default="", repr=False)
    served: bool = True


def _is_loopback(address: str) -> bool:
    """Whether an address is this machine's own, also when written as IPv6 (::ffff:127.0.0.1)."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return (mapped or parsed).is_loopback


def _passed_on(visitor: Visitor) -> bool:
    """Whether somebody between the visitor and this process passed the request on."""
    names = (name.lower().replace("_", "-") for name, _ in visitor.headers)
    return any(_PASSED_ON.fullmatch(name) for name in names)


def is_here(visitor: Visitor) -> bool:
    """Whether the visitor's browser runs on this machine and was sent to this machine's name.

    Every doubt counts against it: another name of the host, two hosts, a header of a proxy, a page
    of another origin that opened the connection.
    """
    hosts = [host.lower() for host in visitor.header("host")]
    return (
        _is_loopback(visitor.address)
        and not _passed_on(visitor)
        and len(hosts) == 1
        and _THIS_MACHINE.fullmatch(hosts[0]) is not None
        and is_own_page(visitor)
    )


_USUAL_PORTS = {"http": "80", "https": "443"}


def is_own_page(visitor: Visitor) -> bool:
    """Whether the page that opened the connection came from this server: its host and its port.

    Cookies know no ports (RFC 6265, section 8.5), so the page of another program on the same host
    could open a connection with the key's cookie or a login's. A browser always names the page's
    origin when it opens a WebSocket (RFC 6455, section 4.1), and no page can set that header, the
    host or what a proxy passes on of it. Who names no origin is no browser.
    """
    named = [*visitor.header("host"), *visitor.header("x-forwarded-host")]
    hosts = [host.strip().lower() for several in named for host in several.split(",")]
    for origin in visitor.header("origin"):
        scheme, _, page = origin.lower().partition("://")
        port = _USUAL_PORTS.get(scheme, "")
        if not page or _with_port(page, port) not in {_with_port(host, port) for host in hosts}:
            return False
    return True


def _with_port(host: str, port: str) -> str:
    """A host with its port; the usual one of the scheme where it names none."""
    return host if re.search(r":[0-9]+$", host) else f"{host}:{port}"


def _is_listed(email: str, editors: tuple[str, ...]) -> bool:
    known = {editor.strip().casefold() for editor in editors} - {""}
    return email.strip().casefold() in known


def _proof(visitor: Visitor, settings: Settings) -> Reason | None:
    """What makes an editor of a visitor wherever they are."""
    if visitor.email and visitor.email_verified and _is_listed(visitor.email, settings.editors):
        return "login"
    return "key" if keys.is_cookie(visitor.cookie, settings.key, visitor.time) else None


def reason_of(visitor: Visitor, settings: Settings) -> Reason:
    """Why a visitor has the role that `role_of` gives.

    Returns
    -------
    Reason
        Of an editor: `script` (nobody is served), `here` (this machine), `key`, `login`. Of a
        viewer: `unverified` or `unlisted` (a login that isn't enough), `hosted` (no login),
        `elsewhere` (no key, or its cookie is too old), `foreign` (another server's page: its
        cookies prove nothing), `unknown` (no connection, so no evidence).
    """
    if not visitor.headers:
        return "unknown" if settings.served else "script"
    if not is_own_page(visitor):
        return "foreign"
    proof = _proof(visitor, settings)
    if proof:
        return proof
    if not settings.hosted:
        return "here" if is_here(visitor) else "elsewhere"
    if not visitor.email:
        return "hosted"
    return "unlisted" if visitor.email_verified else "unverified"


def role_of(visitor: Visitor, settings: Settings) -> Role:
    """What a visitor may do.

    An editor is who visits from this machine itself (unless the app is hosted), has the key, or has
    a login with a verified e-mail address that is on the list. Everybody else is a viewer.
    """
    return "editor" if reason_of(visitor, settings) in _EDITORS else "viewer"


def actor_of(visitor: Visitor, settings: Settings) -> Actor:
    """A visitor as who reads or writes: named by the login's address, else by the reason."""
    reason = reason_of(visitor, settings)
    return Actor(visitor.email if reason == "login" else reason, role_of(visitor, settings))


def shown_name(name: str, language: Language) -> str:
    """How the history shows an actor's name: in words where it is a reason, not an address."""
    return say(f"access.name_{name}", language) if name in {"script", "here", "key"} else name


def is_hosted(environment: Mapping[str, str]) -> bool:
    """Whether KIERTOKYLAT_HOSTED says that the app is hosted: any value but 0, false, no."""
    value = environment.get("KIERTOKYLAT_HOSTED", "").strip().lower()
    return value not in {"", "0", "false", "no"}


def require_editor(actor: Actor) -> None:
    """Stop everybody but an editor.

    Raises
    ------
    AccessError
        The actor is no editor.
    """
    if actor.role != "editor":
        raise AccessError
