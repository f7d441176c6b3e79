"""What keeps other pages and machines away from the screen.

Every request must name this machine as its Host (against DNS rebinding); every act must come from the page
itself (Origin, RFC 6454, and Fetch metadata) as JSON, which no other page can send without being asked first.
"""

from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HOSTS: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})
HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Guard:
    """Refuses what does not come from this machine's own page, and adds the headers that keep it so."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        refused = foreign(Headers(scope=scope), scope["method"])
        answer = PlainTextResponse(refused, 403) if refused else self._app
        await answer(scope, receive, sent)


def foreign(headers: Headers, method: str) -> str:
    """Why a request is not the page's own, and what to do; "" where it is."""
    host = headers.get("host", "")
    if _name(host) not in HOSTS:
        return "This screen answers to its own machine only: open http://127.0.0.1 with its port."
    if method in {"GET", "HEAD"}:
        is_own = headers.get("sec-fetch-site", "none") in {"none", "same-origin"}
        return "" if is_own else "Another page may not look at this screen."
    if headers.get("origin", "") != f"http://{host}":
        return "An act must come from the screen's own page."
    is_json = headers.get("content-type", "").partition(";")[0].strip() == "application/json"
    return "" if is_json else "An act is JSON."


def _name(host: str) -> str:
    """The host without its port."""
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]
