"""uvicorn's HTTP protocol, with a limit on how long a sender may take over a request's headers.

uvicorn waits for them for ever: a few hundred connections that never finish theirs would keep every camera
out. The body's time is the application's to limit; it begins where this ends.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADERS_S = 10.0


class ImpatientProtocol(HttpToolsProtocol):
    """Closes a connection whose next request is begun and whose headers are not complete in time."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._headers_due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Also a connection that never sends anything is closed."""
        super().connection_made(transport)
        self._await_headers()

    def on_message_begin(self) -> None:
        """A request's first bytes are here."""
        super().on_message_begin()
        self._await_headers()

    def on_headers_complete(self) -> None:
        """A request's headers are here."""
        self._await_no_more()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is awaited any more."""
        self._await_no_more()
        super().connection_lost(exc)

    def _await_headers(self) -> None:
        if self._headers_due is None:
            self._headers_due = self.loop.call_later(HEADERS_S, self._give_up)

    def _await_no_more(self) -> None:
        if self._headers_due is not None:
            self._headers_due.cancel()
            self._headers_due = None

    def _give_up(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()
