"""The phones' page, Osallistu: plain HTML, so that it stands within a second on a hall's wifi.

No phone opens a Streamlit session. Without JavaScript the form works by reloading; with it the page
keeps what was typed while there is no network, and looks for news every two seconds.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, cast

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from kiertokylat.errors import StoreError
from kiertokylat.room import RoomError, Vote
from kiertokylat.web import phonedata, phonedoor, phoneview, phonewords
from kiertokylat.web.phonedoor import PATH, Phone, RefusedError
from kiertokylat.web.phoneview import Reader
from kiertokylat.words import Language

# A whole hall may post at once; then the answer comes without matches, to be opened later.
MATCH_SECONDS = 10.0

_FRESH = {"Cache-Control": "no-store"}
# What a phone does with a refusal: `too_fast` it tries again, anything else goes back to its owner.
_STATUS = {
    "unknown_code": HTTPStatus.NOT_FOUND,
    "not_joined": HTTPStatus.FORBIDDEN,
    "gone": HTTPStatus.GONE,
    "closed": HTTPStatus.CONFLICT,
    "full": HTTPStatus.CONFLICT,
    "too_fast": HTTPStatus.TOO_MANY_REQUESTS,
    "too_many": HTTPStatus.TOO_MANY_REQUESTS,
}
_Handler = Callable[[Request], Awaitable[Response]]


def _reader(request: Request) -> Reader:
    language: Language = "en" if request.query_params.get("kieli") == "en" else "fi"
    return Reader(language, "./" if request.url.path.endswith(PATH) else "../")


def _wants_json(request: Request) -> bool:
    return "application/json" in request.headers.get("accept", "")


def _html(text: str, status: HTTPStatus = HTTPStatus.OK) -> HTMLResponse:
    return HTMLResponse(text, status, _FRESH)


def _json(content: Any, status: HTTPStatus = HTTPStatus.OK) -> JSONResponse:
    return JSONResponse(content, status, _FRESH)


async def _refuse(request: Request, code: str, text: str, status: HTTPStatus) -> Response:
    """Say why something was not taken; what was typed stays."""
    if _wants_json(request):
        return _json({"code": code, "error": text}, status)
    reader = _reader(request)
    here = await phonedoor.phone(request)
    if here is None:
        code_typed = request.query_params.get("koodi", "")[:20]
        return _html(phoneview.code_page(reader, error=text, code=code_typed), status)
    typed = getattr(request.state, "typed", None)
    seen = await run_in_threadpool(phoneview.room_of, here)
    page = await run_in_threadpool(phoneview.room_page, reader, seen, error=text, typed=typed)
    return _html(page, status)


def _answered(handler: _Handler) -> _Handler:
    """Turn what a handler refuses into an answer in the reader's language."""

    async def answer(request: Request) -> Response:
        language = _reader(request).language
        try:
            return await handler(request)
        except RefusedError as refused:
            return await _refuse(request, refused.key, refused.message(language), refused.status)
        except RoomError as error:
            status = _STATUS.get(error.code, HTTPStatus.UNPROCESSABLE_ENTITY)
            return await _refuse(request, error.code, error.message(language), status)
        except StoreError as error:
            content = {"code": error.code, "error": error.message(language)}
            return _json(content, HTTPStatus.SERVICE_UNAVAILABLE)

    return answer


async def _joined(request: Request) -> Phone:
    """The phone that asks.

    Raises
    ------
    RoomError
        `not_joined`; `gone`: it had joined a workshop that is no more.
    """
    here = await phonedoor.phone(request)
    if here is None:
        # Who has a cookie had joined, and only deleting a workshop ends that. A made-up one hears
        # the same of every code.
        raise RoomError("gone" if request.cookies.get(phonedoor.COOKIE) else "not_joined")
    return here


async def _by_worker(draw: Callable[[], str]) -> str:
    """What takes a second, off the event loop and off the threads that answer the polls."""
    return await asyncio.get_running_loop().run_in_executor(phonedata.workers, draw)


async def _page(request: Request) -> Response:
    """The form, or the question for the code; `?koodi=` joins at once."""
    reader = _reader(request)
    code = request.query_params.get("koodi", "")
    here = await phonedoor.phone(request)
    joins = bool(code) and (here is None or here.workshop.code != _plain(code))
    if joins:
        here = await phonedoor.join(request, code)
    if here is None:
        return _html(phoneview.code_page(reader))
    phonedata.warm()
    seen = await run_in_threadpool(phoneview.room_of, here)
    about = request.query_params.get("viesti", "")
    draw = partial(phoneview.room_page, reader, seen, about=about)
    answer = _html(await (_by_worker(draw) if about else run_in_threadpool(draw)))
    if joins:
        phonedoor.remember(answer, request, here)
    return answer


def _plain(code: str) -> str:
    return "".join(code.split()).upper()


async def _join(request: Request) -> Response:
    """The code as typed ► the form."""
    fields = await phonedoor.form(request)
    here = await phonedoor.join(request, fields.get("koodi", ""))
    answer = _see_other(request)
    phonedoor.remember(answer, request, here)
    return answer


def _see_other(request: Request, more: str = "") -> RedirectResponse:
    """Back to the page, so that a reload sends nothing again."""
    address = f"..{PATH}?kieli={_reader(request).language}{more}"
    return RedirectResponse(address, HTTPStatus.SEE_OTHER, _FRESH)


async def _materials(request: Request) -> Response:
    """Materials that the words may mean."""
    text, language = request.query_params.get("q", ""), _reader(request).language
    return _json({"hits": await run_in_threadpool(phonewords.hits, text, language)})


async def _amount(request: Request) -> Response:
    """How an amount is read."""
    text, language = request.query_params.get("q", ""), _reader(request).language
    return _json({"text": await run_in_threadpool(phonewords.understood, text, language)})


async def _post(request: Request) -> Response:
    """Keep a post and answer with its matches."""
    fields = await phonedoor.form(request)
    request.state.typed = fields
    here = await _joined(request)
    post = phonewords.post_of(fields)
    code = here.workshop.code
    await run_in_threadpool(phonedata.rooms().post, code, here.token, post)
    if not _wants_json(request):
        return _see_other(request, f"&viesti={post.id}#vastineet")
    reader = Reader(_reader(request).language)
    seen = await run_in_threadpool(phoneview.room_of, here)
    try:
        draw = partial(phoneview.matches, reader, seen, post.id)
        found = await asyncio.wait_for(_by_worker(draw), MATCH_SECONDS)
    except TimeoutError:
        found = phoneview.later(reader)
    mine = await run_in_threadpool(phoneview.mine, reader, seen)
    return _json({"mine": mine, "matches": found})


async def _vote(request: Request) -> Response:
    """Keep a vote on the candidate that the phone was shown."""
    fields = await phonedoor.form(request)
    here = await _joined(request)
    seen = await run_in_threadpool(phoneview.room_of, here)
    workshop = here.workshop
    key = phonedata.voted_on(fields.get("ehdokas", ""), workshop.candidate, seen.votes)
    vote = cast("Vote", fields.get("aani", ""))  # the rooms check it
    await run_in_threadpool(phonedata.rooms().vote, workshop.code, here.token, key, vote)
    if not _wants_json(request):
        return _see_other(request)
    reader = Reader(_reader(request).language)
    seen = await run_in_threadpool(phoneview.room_of, here)
    return _json({"candidate": await run_in_threadpool(phoneview.candidate, reader, seen)})


async def _news(request: Request) -> Response:
    """What has changed since the pulse that the phone saw: asked every two seconds."""
    here = await _joined(request)
    workshop = here.workshop
    if request.query_params.get("pulssi") == str(workshop.pulse):
        return _json({"pulse": workshop.pulse})
    reader = Reader(_reader(request).language)
    seen = await run_in_threadpool(phoneview.room_of, here)
    return _json(
        {
            "pulse": workshop.pulse,
            "open": workshop.open,
            "candidate": await run_in_threadpool(phoneview.candidate, reader, seen),
            "mine": await run_in_threadpool(phoneview.mine, reader, seen),
        }
    )


def _file(name: str) -> _Handler:
    async def answer(_request: Request) -> Response:
        return FileResponse(Path(__file__).with_name(name), headers={"Cache-Control": "no-cache"})

    return answer


ROUTES: list[BaseRoute] = [
    Route(PATH, _answered(_page)),
    Route(f"{PATH}/participate.js", _file("participate.js")),
    Route(f"{PATH}/participate.css", _file("participate.css")),
    Route(f"{PATH}/materiaalit", _answered(_materials)),
    Route(f"{PATH}/maara", _answered(_amount)),
    Route(f"{PATH}/tila", _answered(_news)),
    Route(f"{PATH}/liity", _answered(_join), methods=["POST"]),
    Route(f"{PATH}/ilmoitus", _answered(_post), methods=["POST"]),
    Route(f"{PATH}/aani", _answered(_vote), methods=["POST"]),
]
