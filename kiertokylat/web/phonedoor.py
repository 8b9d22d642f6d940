"""The phones' door: who posts, from which page, how much, and how often a code may be wrong.

A phone has a cookie with its workshop's code and its token. It is sent by this site's own pages
only (SameSite=Strict), scripts can't read it, and it goes to `/osallistu` only.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qsl, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from kiertokylat.room import RoomError, Workshop
from kiertokylat.web import phonedata
from kiertokylat.words import Language, say

PATH = "/osallistu"
COOKIE = "kiertokylat_osallistuja"
# As long as an editor's: a workshop is over by then.
COOKIE_SECONDS = 12 * 60 * 60
MOST_BYTES = 8192  # the longest post, all of it emoji in percent signs, has about 6000
MOST_FIELDS = 20
# As for a wrong key (`door`): five codes a second from an address. Of 32⁶ codes a guesser finds one
# in 3.4 years on average while one workshop is open.
WRONG_CODE_SECONDS = 1.0
MOST_PENDING = 5

_FORM = "application/x-www-form-urlencoded"


class RefusedError(Exception):
    """A request that is not taken.

    Parameters
    ----------
    key
        Of the text in `words/participate.toml`.
    status
        Of the answer.
    """

    def __init__(self, key: str, status: HTTPStatus) -> None:
        super().__init__(key)
        self.key, self.status = key, status

    def message(self, language: Language) -> str:
        """What is wrong and what to do."""
        return say(f"participate.{self.key}", language)


@dataclass(frozen=True)
class Phone:
    """A phone that has joined a workshop.

    Parameters
    ----------
    workshop
        Which one, as it was when the phone asked.
    token
        Kept by the phone only.
    number
        In the workshop.
    """

    workshop: Workshop
    token: str
    number: int


def phone_of(code: str, token: str) -> Phone | None:
    """The phone of a code and a token; None: there is no such workshop, or it has not joined.

    Both look the same from outside: a made-up cookie doesn't tell which codes exist.
    """
    if not code or not token:
        return None
    rooms = phonedata.rooms()
    try:
        workshop = rooms.get(code)
        number = rooms.number(code, token)
    except RoomError:
        return None
    return None if number is None else Phone(workshop, token, number)


async def phone(request: Request) -> Phone | None:
    """The phone that asks."""
    code, _, token = request.cookies.get(COOKIE, "").partition(".")
    return await run_in_threadpool(phone_of, code, token)


_pending: Counter[str] = Counter()
_trying = asyncio.Lock()


async def join(request: Request, code: str) -> Phone:
    """Let a phone in by its code; a wrong one is answered slowly.

    Raises
    ------
    RefusedError
        Too many wrong codes from this address.
    RoomError
        As `Rooms.join`.
    """
    address = request.client.host if request.client else ""
    wrong: RoomError | None = None
    # One at a time, so that no guesser slips past the count while an earlier code is looked up.
    async with _trying:
        if _pending[address] >= MOST_PENDING:
            raise RefusedError("wait", HTTPStatus.TOO_MANY_REQUESTS)
        try:
            token = await run_in_threadpool(phonedata.rooms().join, code)
        except RoomError as error:
            if error.code != "unknown_code":
                raise
            wrong = error
            _pending[address] += 1
    if wrong:
        await _delay(address)
        raise wrong
    joined = await run_in_threadpool(phone_of, code, token)
    if joined is None:  # the workshop has gone in this moment
        raise RoomError("unknown_workshop")
    return joined


async def _delay(address: str) -> None:
    """Let a wrong code wait; it is counted until then."""
    try:
        await asyncio.sleep(WRONG_CODE_SECONDS)
    finally:
        _pending[address] -= 1
        if not _pending[address]:
            del _pending[address]


def remember(answer: Response, request: Request, joined: Phone) -> None:
    """Give a phone its cookie."""
    above = request.url.path.rpartition(PATH)[0]
    answer.set_cookie(
        COOKIE,
        f"{joined.workshop.code}.{joined.token}",
        max_age=COOKIE_SECONDS,
        path=above + PATH,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )


def is_own_page(request: Request) -> bool:
    """Whether a page of this site sent the request.

    Browsers say so in `Sec-Fetch-Site`, but not on plain http in a local network; there `Origin`
    tells. Who says neither is no browser of today, and is refused too.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin", "")
    return bool(origin) and urlsplit(origin).netloc == request.headers.get("host", "")


async def form(request: Request) -> dict[str, str]:
    """The fields of a small form that a page of this site sent.

    Raises
    ------
    RefusedError
        Another site's page sent it; it is too large, or no form.
    """
    if not is_own_page(request):
        raise RefusedError("foreign", HTTPStatus.FORBIDDEN)
    if request.headers.get("content-type", "").partition(";")[0].strip() != _FORM:
        raise RefusedError("no_form", HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    body = b""
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MOST_BYTES:
                raise RefusedError("too_large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    except ClientDisconnect as error:  # a lost network is no fault of the server's: nobody reads it
        raise RefusedError("no_form", HTTPStatus.BAD_REQUEST) from error
    try:
        return dict(
            parse_qsl(
                body.decode("ascii"),
                keep_blank_values=True,
                errors="strict",
                max_num_fields=MOST_FIELDS,
            )
        )
    except ValueError as error:
        raise RefusedError("no_form", HTTPStatus.BAD_REQUEST) from error
