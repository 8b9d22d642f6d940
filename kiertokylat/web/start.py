"""Open the app to the local network: `make workshop`, or `python -m kiertokylat.web.start`.

Prints where the others find the app, and the link that opens editing. This print is the only place
where the key is told; the server that is then started doesn't get it in its arguments.
"""

import argparse
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from kiertokylat import keys
from kiertokylat.words import LANGUAGES, Language, say

try:
    from fcntl import ioctl
except ImportError:  # Windows
    ioctl = None  # type: ignore[assignment]

ROOT = Path(__file__).resolve().parents[2]
PORT = 8501
# Linux, linux/sockios.h: the address of a network interface.
_SIOCGIFADDR = 0x8915
# TEST-NET-1 (RFC 5737). No packet is sent: the system only says which own address it would use.
_NOWHERE = ("192.0.2.1", 9)


def _of_interfaces() -> set[str]:
    """The IPv4 address of each network interface, where the system tells it so (Linux)."""
    found: set[str] = set()
    if ioctl is None or not sys.platform.startswith("linux"):
        return found
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        for _, name in socket.if_nameindex():
            with suppress(OSError):  # an interface without an address
                answer = ioctl(asking, _SIOCGIFADDR, name.encode()[:15].ljust(256, b"\0"))
                found.add(socket.inet_ntoa(answer[20:24]))
    return found


def _of_name() -> set[str]:
    """The IPv4 addresses that the machine's own name stands for."""
    with suppress(OSError):
        found = socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)
        return {str(entry[4][0]) for entry in found}
    return set()


def _of_route() -> set[str]:
    """The IPv4 address that this machine uses towards the rest of the world."""
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.connect(_NOWHERE)
        return {asking.getsockname()[0]}
    return set()


def lan_addresses() -> list[str]:
    """The machine's own IPv4 addresses that other devices can use, in a steady order."""
    found = _of_interfaces() | _of_name() | _of_route()
    return sorted(address for address in found if not address.startswith("127."))


def is_free(port: int) -> bool:
    """Whether nobody listens on a port of this machine."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as trying:
        if sys.platform != "win32":
            trying.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trying.bind(("0.0.0.0", port))  # noqa: S104
        except OSError:
            return False
    return True


def invitation(addresses: Sequence[str], port: int, key: str, language: Language) -> str:
    """Who finds the app where.

    Parameters
    ----------
    addresses
        From `lan_addresses`.
    port
        Where the app listens.
    key
        The key in force.
    language
        Of the text.
    """
    lines = [say("access.hall_local", language), f"  http://localhost:{port}", ""]
    if not addresses:
        return "\n".join([*lines, say("access.hall_no_network", language), ""])
    links = [f"http://{address}:{port}" for address in addresses]
    lines += [say("access.hall_view", language), *(f"  {link}" for link in links), ""]
    lines += [say("access.hall_edit", language)]
    lines += [f"  {link}{keys.path_of(key)}" for link in links]
    return "\n".join([*lines, ""])


def command(addresses: Sequence[str], port: int) -> list[str]:
    """The command that starts the server; it answers to this machine's names and addresses only."""
    name = socket.gethostname().lower()
    hosts = ["localhost", "127.0.0.1", "::1", name, f"{name}.local", *addresses]
    options = ["--server.address=0.0.0.0", f"--server.port={port}", "--server.headless=true"]
    # Without a name to show, Streamlit would ask a server on the internet for the machine's own.
    options += ["--browser.serverAddress=localhost"]
    options += [f"--server.allowedHosts={host}" for host in hosts]
    return [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py"), *options]


def _serve(line: list[str]) -> int:
    """Run the server until it is stopped."""
    os.chdir(ROOT)
    if os.name == "posix":  # the server takes this process's place, and with it every signal
        os.execv(line[0], line)  # noqa: S606
    with suppress(KeyboardInterrupt):
        return subprocess.call(line)  # noqa: S603
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the invitation and serve until stopped; the exit code."""
    top = argparse.ArgumentParser(prog="python -m kiertokylat.web.start", description=__doc__)
    top.add_argument("--port", type=int, default=PORT, help=f"default {PORT}")
    top.add_argument("--language", choices=LANGUAGES, default="fi")
    asked = top.parse_args(arguments)
    language: Language = asked.language
    if not is_free(asked.port):
        sys.stderr.write(f"{say('access.hall_port', language, port=asked.port)}\n")
        return 2
    try:
        key = keys.ensure()
    except keys.GivenKeyError as error:
        sys.stderr.write(f"{error.message(language)}\n")
        return 2
    except OSError as error:
        sys.stderr.write(f"{say('access.key_unwritable', language, reason=error)}\n")
        return 2
    addresses = lan_addresses()
    sys.stdout.write(f"\n{invitation(addresses, asked.port, key, language)}\n")
    sys.stdout.flush()
    return _serve(command(addresses, asked.port))


if __name__ == "__main__":
    sys.exit(main())
