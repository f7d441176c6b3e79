"""The receiver: `POST /v1/reads` puts a payload on disc, then answers with a receipt. It parses nothing."""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from uuid import UUID

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from plateward.ingest import openapi, problems
from plateward.ingest.identity import Identity, source_address
from plateward.ingest.inbox import Inbox
from plateward.ingest.page import documentation
from plateward.ingest.payloads import THREAD_BYTES, Payload, Receipt
from plateward.ingest.problems import Problem
from plateward.ingest.room import Room, Share
from plateward.reads import framing
from plateward.reads.adapters import ADAPTERS, Adapter
from plateward.reads.adapters.native import NATIVE
from plateward.vault.masters import Masters

MAX_BODY = 25 * 1024 * 1024
MAX_KEY = 200
BODY_S = 60.0
PAGE_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"


def create_app(database_url: str, discs: tuple[Path, ...] = (), masters: Masters | None = None) -> Starlette:
    """The ASGI application on one database (`postgresql://…`); it takes nothing while a disc is low.

    `masters` open the secrets of devices that prove themselves by Digest or signatures.
    """

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with Inbox(database_url) as inbox:
            app.state.inbox, app.state.room = inbox, Room(discs=discs)
            app.state.identity = Identity(inbox, masters)
            yield

    return Starlette(
        routes=[
            Route("/v1/reads", receive, methods=["POST"]),
            Route("/v1/from/{adapter}", receive, methods=["POST"]),
            Route("/v1/from/{adapter}/{key}", receive, methods=["POST"]),
            *_makers_routes(),
            Route("/v1/receipts/{receipt}", receipt_status),
            Route("/v1/health", health),
            Route("/v1/openapi.json", openapi_document),
            Route("/v1/docs", docs),
            Route("/v1/docs.css", docs_style),
        ],
        exception_handlers={
            Problem: _problem,
            HTTPException: _http_exception,
            ClientDisconnect: _gone,
            Exception: _fault,
        },
        lifespan=lifespan,
    )


def _makers_routes() -> Iterator[Route]:
    """The makers' own addresses, with and without a slash at their end."""
    for adapter in ADAPTERS.values():
        for path in adapter.paths:
            for spelled in (path.rstrip("/"), path.rstrip("/") + "/"):
                yield Route(spelled, partial(receive, adapter=adapter), methods=["POST"])


async def receive(request: Request, adapter: Adapter | None = None) -> Response:
    """Store one payload durably and answer 202 with its receipt; 200 for one stored before.

    Devices that send again until they get an answer of their maker's get that, once the payload is on disc.
    """
    adapter = adapter or _adapter(request)
    identity: Identity = request.app.state.identity
    known = await identity.known(request, adapter)
    content_type = _content_type(request, adapter)
    room: Room = request.app.state.room
    with room.share() as share:
        body = await _body(request, share)
        await identity.check(known, body, request)
        payload = await _payload(request, adapter, body, content_type)
        receipt = await _inbox(request).store(known.sender, payload)
    if adapter.answer is not None:
        return JSONResponse(adapter.answer(body))
    return JSONResponse(_receipt(receipt), 200 if receipt.duplicate else 202)


async def receipt_status(request: Request) -> Response:
    """What became of a payload, told to the device that sent it."""
    known = await request.app.state.identity.known(request, NATIVE)
    with contextlib.suppress(ValueError):
        found = await _inbox(request).status(known.sender, UUID(request.path_params["receipt"]))
        if found is not None:
            return JSONResponse(found, headers={"Cache-Control": "no-store"})
    raise Problem(problems.RECEIPT_UNKNOWN)


async def health(request: Request) -> Response:
    """200 while payloads can be stored, else 503."""
    await _inbox(request).check()
    return JSONResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})


async def openapi_document(request: Request) -> Response:
    """The OpenAPI document of this receiver."""
    del request
    return Response(msgspec.json.encode(openapi.document()), media_type="application/json")


async def docs(request: Request) -> Response:
    """The same for people."""
    del request
    return HTMLResponse(documentation(), headers={"Content-Security-Policy": PAGE_POLICY})


async def docs_style(request: Request) -> Response:
    """The documentation page's style sheet."""
    del request
    return Response(_style(), media_type="text/css")


@cache
def _style() -> bytes:
    return (Path(__file__).parent / "static" / "docs.css").read_bytes()


def _inbox(request: Request) -> Inbox:
    inbox: Inbox = request.app.state.inbox
    return inbox


def _adapter(request: Request) -> Adapter:
    """Whose format the address names; the native one without a name."""
    name = request.path_params.get("adapter", NATIVE.id)
    if name not in ADAPTERS:
        raise Problem(problems.FORMAT_UNKNOWN, f"“{name[:40]}” is none of {', '.join(sorted(ADAPTERS))}.")
    return ADAPTERS[name]


def _content_type(request: Request, adapter: Adapter) -> str:
    content_type = request.headers.get("content-type", "")
    encoding = request.headers.get("content-encoding", "identity")
    if framing.media_type(content_type) not in adapter.media_types:
        taken = ", ".join(sorted(adapter.media_types))
        raise Problem(
            problems.MEDIA, f"The content type was “{content_type[:100]}”; this address takes {taken}."
        )
    if encoding.lower() != "identity":
        raise Problem(problems.MEDIA, f"The content encoding was “{encoding[:100]}”.")
    if len(content_type) > 300:  # noqa: PLR2004  the inbox's column
        raise Problem(problems.MEDIA, "The Content-Type header is longer than 300 characters.")
    return content_type


async def _body(request: Request, share: Share) -> bytes:
    """The whole body; refused before it is read where its length is announced."""
    too_large = Problem(problems.TOO_LARGE, f"At most {MAX_BODY // 1024**2} MB (2^20 bytes) are taken.")
    announced = request.headers.get("content-length", "")
    if announced.isascii() and announced.isdigit() and int(announced) > MAX_BODY:
        raise too_large
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_S):
            async for chunk in request.stream():
                share.grow(len(chunk))
                body += chunk
                if len(body) > MAX_BODY:
                    raise too_large
    except TimeoutError as error:
        raise Problem(problems.TOO_SLOW, f"It may take {BODY_S:.0f} seconds.") from error
    return bytes(body)


async def _payload(request: Request, adapter: Adapter, body: bytes, content_type: str) -> Payload:
    if len(body) > THREAD_BYTES:
        body_sha256, content_sha256 = await asyncio.to_thread(_digests, body, content_type)
    else:
        body_sha256, content_sha256 = _digests(body, content_type)
    return Payload(
        adapter=adapter.id,
        body=body,
        body_sha256=body_sha256,
        content_sha256=content_sha256,
        content_type=content_type,
        idempotency_key=_idempotency_key(request) or f"content:{content_sha256}",
        source_address=source_address(request),
        received_at=datetime.now(UTC),
    )


def _digests(body: bytes, content_type: str) -> tuple[str, str]:
    whole = hashlib.sha256(body).hexdigest()
    if framing.media_type(content_type) != framing.MULTIPART:
        return whole, whole
    return whole, framing.content_sha256(body, content_type)


def _idempotency_key(request: Request) -> str | None:
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    if not 1 <= len(key) <= MAX_KEY or not key.isascii() or not key.isprintable():
        raise Problem(problems.KEY_FORM)
    return key


def _receipt(receipt: Receipt) -> dict[str, object]:
    return {
        "receipt": str(receipt.id),
        "received_at": receipt.received_at.astimezone(UTC).isoformat(),
        "payload_sha256": receipt.payload_sha256,
        "duplicate": receipt.duplicate,
        "status_url": f"/v1/receipts/{receipt.id}",
    }


async def _problem(request: Request, error: Exception) -> Response:
    del request
    assert isinstance(error, Problem)  # noqa: S101  Starlette types handlers for any exception
    return error.response()


async def _http_exception(request: Request, error: Exception) -> Response:
    """Routing's own 404 and 405 in the same form."""
    known = {404: problems.ADDRESS_UNKNOWN, 405: problems.METHOD}
    assert isinstance(error, HTTPException)  # noqa: S101  see _problem
    kind = known.get(error.status_code, problems.FAULT)
    response = Problem(kind, f"{request.method} {request.url.path[:200]}").response()
    response.headers.update(error.headers or {})
    return response


async def _gone(request: Request, error: Exception) -> Response:
    """The device hung up before its body was complete: nothing was stored, nobody reads this answer."""
    del request, error
    return Response(status_code=400)


async def _fault(request: Request, error: Exception) -> Response:
    """A bug: the device keeps its read. The server logs the traceback."""
    del request, error
    return Problem(problems.FAULT).response()
