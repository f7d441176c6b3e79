"""The server-sent event stream that open screens listen to."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from types import MappingProxyType
from weakref import WeakKeyDictionary

from asgiref.sync import sync_to_async
from django.contrib.sessions.backends.base import SessionBase
from django.db import connections
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from plateward.live.stream import ALIVE, REOPEN, RESYNC, Event, Hub
from plateward.ui.access import access

KEEP_ALIVE_S = 15.0
"""How often an `alive` event is sent: proxies keep the stream open, and screens notice a dead one."""

STREAM_LASTS_S = 300.0
"""So long a stream goes on before its page opens another: the gate asks again whether its person may."""

REOPENED_AFTER_MS = 50

TOPIC_CAPABILITIES: Mapping[str, str | None] = MappingProxyType(
    {
        "alerts": "alerts.view",
        "entries": "hotlists.view",
        "notices": None,
        "packages": "evidence.package",
        "quarantine": "reads.quarantine",
    }
)
"""What listening to a topic takes; None: no more than being logged in."""

_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def _hub() -> Hub:
    """The hub of the running event loop; a loop is a process in production, a test in the tests."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]


@access(login=True, why="Each topic asks for its own capability; events carry ids only.")
@require_GET
async def stream(request: HttpRequest) -> HttpResponseBase:
    """Stream `?topics=alerts,entries` of the person's agency as server-sent events.

    400 for an unknown topic; Refused (403) for one whose capability the person lacks. The stream ends by
    itself after a while, and when sessions of its person end: the page opens another, which is asked again.
    """
    topics = frozenset(filter(None, request.GET.get("topics", "").split(",")))
    unknown = topics - TOPIC_CAPABILITIES.keys()
    if unknown or not topics:
        known = ", ".join(sorted(TOPIC_CAPABILITIES))
        return HttpResponse(f"Name topics to listen to: {known}", status=400, content_type="text/plain")
    actor = request.actor  # type: ignore[attr-defined]  # set by the gate
    for topic in sorted(topics):
        if capability := TOPIC_CAPABILITIES[topic]:
            actor.require(capability)
    # The gate's queries left this request's connection open, and a stream lasts for a whole shift.
    await sync_to_async(connections.close_all)()
    events = _events(actor.agency, str(actor.user_id), topics, request.session)
    response = StreamingHttpResponse(events, content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


async def _events(
    agency: str, person: str, topics: frozenset[str], session: SessionBase
) -> AsyncIterator[bytes]:
    clock, hub = asyncio.get_running_loop().time, _hub()
    async with hub.subscribe(agency, person, topics) as subscriber:
        # What happened between the page and this moment has no event: the screen fetches once.
        yield b"retry: 1000\n" + _encoded(RESYNC)
        alive_at, ends_at = clock() + KEEP_ALIVE_S, clock() + STREAM_LASTS_S
        # The end of a session between the gate and this moment was told to nobody here.
        goes_on = await session.aexists(session.session_key or "")
        await sync_to_async(connections.close_all)()
        while goes_on and clock() < ends_at:
            try:
                async with asyncio.timeout_at(min(alive_at, ends_at)):
                    event = await subscriber.queue.get()
            except TimeoutError:
                alive_at = clock() + KEEP_ALIVE_S
                if not hub.is_listening:
                    yield b": waiting for the database\n\n"
                    continue
                event = ALIVE
            if event == REOPEN:
                break
            yield _encoded(event)
    yield b"retry: %d\n" % REOPENED_AFTER_MS + _encoded(REOPEN)


def _encoded(event: Event) -> bytes:
    return f"event: {event.topic}\ndata: {event.id}\n\n".encode()
