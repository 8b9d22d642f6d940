"""Find axe-core for the tests of accessibility; with --install, get it where it is not.

It lies in a folder of its own under `.venv`, pinned to one version, and comes from npm. As
root on Debian, npm itself is installed where it is missing. The tests fail where there is no
axe-core: they are never skipped.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

VERSION = "4.14.1"
FOLDER = Path(__file__).resolve().parents[2] / ".venv" / "axe"
PACKAGE = FOLDER / "node_modules" / "axe-core"
MISSING = (
    f"no axe-core {VERSION} in {FOLDER}: install npm (it comes with Node.js, https://nodejs.org; "
    "Debian: apt-get install npm) and run: python tests/browser/find_axe.py --install"
)


def axe() -> Path | None:
    """The script of the pinned version, None where it is not."""
    told = PACKAGE / "package.json"
    if not told.exists() or json.loads(told.read_text(encoding="utf-8"))["version"] != VERSION:
        return None
    return PACKAGE / "axe.min.js"


def install() -> None:
    """Get npm (Debian's package, as root) and with it axe-core."""
    if shutil.which("npm") is None and shutil.which("apt-get") and os.geteuid() == 0:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], env=environment, check=False)
        command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "npm"]
        subprocess.run(command, env=environment, check=False)
    npm = shutil.which("npm")  # on Windows npm.cmd, which needs its whole name
    if npm is None:
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    options = ["--prefix", str(FOLDER), "--no-audit", "--no-fund", "--ignore-scripts", "--no-save"]
    subprocess.run([npm, "install", *options, f"axe-core@{VERSION}"], check=False)


if __name__ == "__main__":
    if axe() is None and "--install" in sys.argv:
        install()
    found = axe()
    print(found or MISSING)
    sys.exit(0 if found else 1)
