"""The screen's addresses: one page, one look at everything, its pictures, and what can be done."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from string import Template
from typing import Annotated, Any, Final, Generic, TypeVar
from uuid import UUID

import msgspec
import segno
from msgspec import Meta, Struct
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from plateward.edge.reading import media_type
from plateward.edge.screen.desk import Desk, JournalError, RefusedError
from plateward.edge.screen.guard import Guard
from plateward.edge.screen.view import Shown, shown
from plateward.ui import assets
from plateward.unitwire.calls import Sameness

COOKIE: Final = "plateward-unit-screen"
LONGEST_BODY: Final = 4096
LOOK_EVERY_S: Final = 0.25
ALIVE_EVERY_S: Final = 10.0
_PAGE: Final = Path(__file__).parent / "templates" / "screen.html"
_STATIC: Final = "/static/"
_Body = TypeVar("_Body", bound=Struct)
_Of = dict[str, Any]
"""What an address names: the read's `sequence`, or the alert's or assignment's `name`."""


class Nothing(Struct, frozen=True, forbid_unknown_fields=True):
    """An act that needs no more words."""


class Pin(Struct, frozen=True, forbid_unknown_fields=True):
    """A PIN to open the screen with."""

    session: UUID
    pin: Annotated[str, Meta(max_length=64)]


class NewPin(Struct, frozen=True, forbid_unknown_fields=True):
    """A PIN that is chosen, twice."""

    pin: Annotated[str, Meta(max_length=64)]
    again: Annotated[str, Meta(max_length=64)]


class Compared(Struct, frozen=True, forbid_unknown_fields=True):
    """Whether the picture shows the characters."""

    characters: Sameness


class Told(Struct, frozen=True, forbid_unknown_fields=True):
    """What dispatch told."""

    is_confirmed: bool
    said: Annotated[str, Meta(max_length=2000)] = ""
    channel: Annotated[str, Meta(max_length=100)] = ""


@dataclass(frozen=True, slots=True)
class Act(Generic[_Body]):
    """Something that can be done; `do` gives the browser's new token where it gets one."""

    path: str
    body: type[_Body]
    do: Callable[[Desk, str, _Of, _Body], str | None]


ACTS: Final[tuple[Act[Any], ...]] = (
    Act("/sign-in", Nothing, lambda desk, *_: desk.begin_sign_in()),
    Act("/sign-in/cancel", Nothing, lambda desk, token, *_: desk.cancel_sign_in(token)),
    Act("/pin", NewPin, lambda desk, token, _, new: desk.set_pin(token, new.pin, new.again)),
    Act("/unlock", Pin, lambda desk, _, __, given: desk.unlock(given.session, given.pin)),
    Act("/lock", Nothing, lambda desk, token, *_: desk.lock(token)),
    Act("/sign-out", Nothing, lambda desk, token, *_: desk.sign_out(token)),
    Act("/touch", Nothing, lambda desk, token, *_: desk.touch(token)),
    Act(
        "/reads/{sequence:int}/open",
        Nothing,
        lambda desk, token, of, _: desk.open_read(token, of["sequence"]),
    ),
    Act("/reads/close", Nothing, lambda desk, token, *_: desk.close_read(token)),
    Act("/alerts/close", Nothing, lambda desk, token, *_: desk.choose(token, None)),
    Act("/alerts/{name:uuid}/open", Nothing, lambda desk, token, of, _: desk.choose(token, of["name"])),
    Act(
        "/alerts/{name:uuid}/acknowledge",
        Nothing,
        lambda desk, token, of, _: desk.acknowledge(token, of["name"]),
    ),
    Act(
        "/alerts/{name:uuid}/compare",
        Compared,
        lambda desk, token, of, given: desk.compare(token, of["name"], given.characters),
    ),
    Act(
        "/alerts/{name:uuid}/told",
        Told,
        lambda desk, token, of, given: desk.told_by_dispatch(
            token, of["name"], is_confirmed=given.is_confirmed, said=given.said, channel=given.channel
        ),
    ),
    Act(
        "/assignments/{name:uuid}/acknowledge",
        Nothing,
        lambda desk, token, of, _: desk.acknowledge_assignment(token, of["name"]),
    ),
)


def create_app(desk: Desk) -> Starlette:
    """The application; everything it knows comes from the desk."""

    async def look(request: Request) -> Response:
        return await _answered(lambda: _json(shown(desk, _token(request))))

    async def changes(request: Request) -> Response:
        return StreamingResponse(_changes(desk, request), media_type="text/event-stream")

    async def code(request: Request) -> Response:
        return await _answered(lambda: _code(desk, _token(request)))

    async def of_read(request: Request) -> Response:
        sequence = request.path_params["sequence"]
        return await _answered(lambda: _picture(desk.plate_picture(_token(request), sequence)))

    async def of_alert(request: Request) -> Response:
        name, role = request.path_params["name"], request.path_params["role"]
        return await _answered(lambda: _picture(desk.alert_picture(_token(request), name, role)))

    return Starlette(
        routes=[
            Route("/", page),
            Route("/look", look),
            Route("/changes", changes),
            Route("/sign-in/code.svg", code),
            Route("/reads/{sequence:int}/plate", of_read),
            Route("/alerts/{name:uuid}/{role}", of_alert, methods=["GET"]),
            *(Route(act.path, _endpoint(desk, act), methods=["POST"]) for act in ACTS),
            Mount(_STATIC.rstrip("/"), StaticFiles(directory=assets.DIST.parent.parent, check_dir=False)),
        ],
        middleware=[Middleware(Guard)],
    )


async def page(request: Request) -> Response:
    """The one page; its script fetches what there is to see."""
    del request
    styles = "".join(f'<link rel="stylesheet" href="{_STATIC}{one}">' for one in assets.styles("screen"))
    template = Template(_PAGE.read_text(encoding="utf-8"))
    text = template.substitute(styles=styles, script=_STATIC + assets.script("screen"))
    return Response(text, media_type="text/html", headers={"Cache-Control": "no-cache"})


def _endpoint(desk: Desk, act: Act[Any]) -> Callable[[Request], Awaitable[Response]]:
    async def answered(request: Request) -> Response:
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > LONGEST_BODY:
                return _refusal("That is too long.", 413)
        try:
            given = msgspec.json.decode(body, type=act.body)
        except msgspec.DecodeError as error:
            return _refusal(f"The act cannot be read: {error}.", 400)
        return await _answered(lambda: _done(desk, act, request, given))

    return answered


def _done(desk: Desk, act: Act[Any], request: Request, given: Struct) -> Response:
    """Do it; the answer is what is to be seen then."""
    token = _token(request)
    fresh = act.do(desk, token, request.path_params, given)
    is_token = isinstance(fresh, str)
    response = _json(shown(desk, fresh if is_token and fresh else token))
    if is_token and fresh:
        response.set_cookie(COOKIE, fresh, httponly=True, samesite="strict", path="/")
    return response


async def _answered(work: Callable[[], Response]) -> Response:
    """The work's answer, or its refusal in words."""
    try:
        return await run_in_threadpool(work)
    except RefusedError as refused:
        return _refusal(str(refused), 409)
    except JournalError as problem:
        return _json(Shown(version="", stage="BLOCKED", told=str(problem)), 503)


def _refusal(told: str, status: int) -> Response:
    return _json({"told": told}, status)


def _json(told: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(told), status, media_type="application/json")


def _picture(file: bytes) -> Response:
    return Response(file, media_type=media_type(file) or "application/octet-stream")


def _code(desk: Desk, token: str) -> Response:
    """The address to confirm the sign-in at as a QR code, drawn here."""
    drawn = BytesIO()
    segno.make(desk.sign_in_address(token), micro=False).save(drawn, kind="svg", scale=8, light="white")
    return Response(drawn.getvalue(), media_type="image/svg+xml")


async def _changes(desk: Desk, request: Request) -> AsyncIterator[str]:
    """Server-sent events: one whenever there is something else to see, and now and then a sign of life."""
    last, quiet = "", 0.0
    while not await request.is_disconnected():
        version = await run_in_threadpool(_version, desk)
        if version != last or quiet >= ALIVE_EVERY_S:
            yield f"data: {version}\n\n"
            last, quiet = version, 0.0
        await asyncio.sleep(LOOK_EVERY_S)
        quiet += LOOK_EVERY_S


def _version(desk: Desk) -> str:
    try:
        return desk.version()
    except JournalError:
        return "blocked"


def _token(request: Request) -> str:
    return request.cookies.get(COOKIE, "")
