"""The server-sent event stream that open screens listen to."""

import asyncio
from collections.abc import AsyncIterator
from weakref import WeakKeyDictionary

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from plateward.live.stream import Event, Hub
from plateward.ui.access import access

KEEP_ALIVE_S = 15.0
"""Silence after which an `alive` event is sent: proxies keep the stream open, screens notice a dead one."""

TOPIC_CAPABILITIES = {"alerts": "alerts.view", "entries": "hotlists.view", "quarantine": "reads.quarantine"}

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

    400 for an unknown topic; Refused (403) for one whose capability the person lacks.
    """
    topics = frozenset(filter(None, request.GET.get("topics", "").split(",")))
    unknown = topics - TOPIC_CAPABILITIES.keys()
    if unknown or not topics:
        known = ", ".join(sorted(TOPIC_CAPABILITIES))
        return HttpResponse(f"Name topics to listen to: {known}", status=400, content_type="text/plain")
    actor = request.actor  # type: ignore[attr-defined]  # set by the gate
    for topic in sorted(topics):
        actor.require(TOPIC_CAPABILITIES[topic])
    response = StreamingHttpResponse(_events(actor.agency, topics), content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


async def _events(agency: str, topics: frozenset[str]) -> AsyncIterator[bytes]:
    async with _hub().subscribe(agency, topics) as subscriber:
        yield b"retry: 1000\n: connected\n\n"
        while True:
            try:
                event = await asyncio.wait_for(subscriber.queue.get(), KEEP_ALIVE_S)
            except TimeoutError:
                yield b"event: alive\ndata: -\n\n"
            else:
                yield _encoded(event)


def _encoded(event: Event) -> bytes:
    return f"event: {event.topic}\ndata: {event.id}\n\n".encode()
