"""The key that opens editing from another machine: made, kept, compared, replaced.

It lies in a file that only its owner can read (`KIERTOKYLAT_KEY_FILE`, else `kiertokylat.key` in
the project's root), or is given by `KIERTOKYLAT_KEY`. Every check looks at the file's time, so a
new key holds at once in every process. A browser never keeps the key itself: its cookie is the time
when it was given, signed with the key (HMAC-SHA256, RFC 2104). So a new key also ends what old
cookies opened, and a cookie ends in time even where a browser keeps it for longer.
"""

import hashlib
import hmac
import os
import re
import secrets
import sys
import tempfile
from functools import lru_cache
from pathlib import Path

from kiertokylat.errors import KiertokylatError
from kiertokylat.words import Language, say

ROOT = Path(__file__).resolve().parents[1]
# A key that somebody thought up must be long enough not to be guessed.
SHORTEST = 20
# One working day: a borrowed machine doesn't stay an editor's for long.
COOKIE_SECONDS = 12 * 60 * 60
# Clocks of several servers, or one that is set right, may differ by this much.
_CLOCKS_SECONDS = 60
_PURPOSE = "kiertokylat: cookie of an editor, given at "
_TIME = re.compile(r"[0-9]{1,12}")


class GivenKeyError(KiertokylatError):
    """The key of the environment is too short, or can't be replaced from here.

    Parameters
    ----------
    code
        Key of the text in `words/access.toml`.
    """

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(self.message())

    def message(self, language: Language = "fi") -> str:
        """What is wrong and what to do."""
        return say(f"access.{self.code}", language, shortest=SHORTEST)


def key_file() -> Path:
    """Where the key is kept."""
    return Path(os.environ.get("KIERTOKYLAT_KEY_FILE") or ROOT / "kiertokylat.key")


def _given() -> str:
    """The key of the environment, empty without one.

    Raises
    ------
    GivenKeyError
        It is too short.
    """
    given = os.environ.get("KIERTOKYLAT_KEY", "").strip()
    if given and len(given) < SHORTEST:
        raise GivenKeyError("key_short")
    return given


@lru_cache(maxsize=4)
def _read(path: Path, _inode: int, _time: int) -> str:
    return path.read_text(encoding="utf-8").strip()


def key() -> str:
    """The key that holds now; empty where there is none, and then nothing opens with a key.

    Raises
    ------
    GivenKeyError
        The key of the environment is too short.
    """
    given = _given()
    if given:
        return given
    path = key_file()
    try:
        state = path.stat()
        kept = _read(path, state.st_ino, state.st_mtime_ns)
    except (OSError, UnicodeDecodeError):
        return ""
    return kept if len(kept) >= SHORTEST else ""


def rotate() -> str:
    """Make a new key; the old one and every cookie made with it stop working at once.

    Raises
    ------
    GivenKeyError
        The key comes from the environment.
    OSError
        The file can't be written.
    """
    if _given():
        raise GivenKeyError("key_given")
    new, path = secrets.token_urlsafe(32), key_file()
    # A reader sees the old file or the new one, never a half. mkstemp makes it with mode 0600.
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=".key-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as output:
            output.write(f"{new}\n")
        Path(beside).replace(path)
    except OSError:
        Path(beside).unlink(missing_ok=True)
        raise
    return new


def ensure() -> str:
    """The key that holds now, made if there is none; its file is closed to others.

    Raises
    ------
    GivenKeyError, OSError
        As `rotate`.
    """
    kept = key()
    if not kept:
        return rotate()
    path = key_file()
    if not _given() and os.name == "posix" and path.stat().st_mode & 0o077:
        path.chmod(0o600)
    return kept


def is_key(given: str) -> bool:
    """Whether this is the key, compared in constant time."""
    kept = key()
    return bool(kept) and hmac.compare_digest(given.encode(), kept.encode())


def cookie_of(secret: str, given_at: float) -> str:
    """The cookie that a key gives at a time (Unix seconds): that time, and its signature."""
    time = f"{int(given_at)}"
    signed = hmac.new(secret.encode(), f"{_PURPOSE}{time}".encode(), hashlib.sha256)
    return f"{time}.{signed.hexdigest()}"


def is_cookie(value: str, secret: str, now: float) -> bool:
    """Whether a key gave this cookie, in the last `COOKIE_SECONDS`; compared in constant time.

    Parameters
    ----------
    value
        What a browser sent.
    secret
        The key in force; empty where there is none, and then no cookie holds.
    now
        Unix seconds.
    """
    time = value.partition(".")[0]
    if not secret or not _TIME.fullmatch(time):
        return False
    ours = hmac.compare_digest(value.encode(), cookie_of(secret, int(time)).encode())
    return ours and -_CLOCKS_SECONDS <= now - int(time) < COOKIE_SECONDS


def path_of(secret: str) -> str:
    """Path and query of the link that opens editing."""
    return f"/avaa?avain={secret}"


def key_command(language: Language, *, new: bool) -> int:
    """Print the link that opens editing, with a new key if so asked: `python -m kiertokylat key`.

    Returns
    -------
    int
        Exit code: 0 done, 2 the key can't be made or replaced (said on standard error).
    """
    try:
        made = rotate() if new else ensure()
    except GivenKeyError as error:
        sys.stderr.write(f"{error.message(language)}\n")
        return 2
    except OSError as error:
        sys.stderr.write(f"{say('access.key_unwritable', language, reason=error)}\n")
        return 2
    told = "key_new" if new else "key_now"
    sys.stdout.write(f"{say(f'access.{told}', language, path=path_of(made))}\n")
    return 0
