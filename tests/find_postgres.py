"""Find PostgreSQL's server programs for the store's tests; with --install, get them.

Order: a server named in $KIERTOKYLAT_TEST_POSTGRES, programs on the PATH, Debian's own folder.
Installing takes Debian's package (as root). The tests fail where there is neither: they are never
skipped.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

VARIABLE = "KIERTOKYLAT_TEST_POSTGRES"
MISSING = (
    "no PostgreSQL found: install its server (15 or newer; Debian: apt-get install postgresql) "
    "and put its folder `bin` on the PATH, or name a server whose user may create databases in "
    f"{VARIABLE}, such as postgresql://user:password@localhost/postgres (on Windows always)"
)


def server_address() -> str | None:
    """A server that runs already and that the tests may use."""
    return os.environ.get(VARIABLE) or None


def programs() -> Path | None:
    """Folder of a server's programs, None where there are none that the tests can start."""
    if os.name != "posix":  # they talk to it through a socket in a folder of their own
        return None
    on_path = shutil.which("initdb")
    folders = [Path(on_path).resolve().parent] if on_path else []
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    folders += sorted(debian, key=lambda folder: int(folder.parent.name), reverse=True)
    for folder in folders:
        if all(shutil.which(name, path=folder) for name in ("initdb", "postgres")):
            return folder
    return None


def install() -> None:
    """Get Debian's package, as root."""
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], env=environment, check=False)
        command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "postgresql"]
        subprocess.run(command, env=environment, check=False)


if __name__ == "__main__":
    if server_address() is None and programs() is None and "--install" in sys.argv:
        install()
    found = (server_address() and f"the server in ${VARIABLE}") or programs()
    print(found or MISSING)
    sys.exit(0 if found else 1)
