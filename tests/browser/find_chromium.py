"""Find a Chromium for the browser tests; with --install, get one where there is none.

Order: $CHROMIUM, a browser on the PATH, Playwright's own download. Installing tries Debian's
package first (as root), then Playwright's download. The tests fail where there is no browser: they
are never skipped.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


def chromium() -> str | None:
    """Path of the browser's executable, None where there is none."""
    for candidate in (os.environ.get("CHROMIUM"), *map(shutil.which, NAMES)):
        if candidate and Path(candidate).exists():
            return candidate
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


def install() -> None:
    """Get a browser: Debian's package as root, else Playwright's download."""
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], env=environment, check=False)
        command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends"]
        subprocess.run([*command, "chromium", "fonts-dejavu-core"], env=environment, check=False)
    if chromium() is None:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)


if __name__ == "__main__":
    if chromium() is None and "--install" in sys.argv:
        install()
    found = chromium()
    print(found or "no Chromium found: install it, or name one in $CHROMIUM")
    sys.exit(0 if found else 1)
