"""Connections to addresses that were checked, and to no others, within a time for everything. No Django.

A name is resolved once for each connection, every address it has is checked, and the checked one is connected
to, so that a name cannot change its mind in between (SSRF). Who calls says what is allowed.
"""

import ssl
import time
from collections.abc import Callable, Iterable
from typing import Any, Final

import httpcore

from plateward.documents.addresses import Resolve

SOCKETS: Final = httpcore.SyncBackend()

Refusal = Callable[[str, str], str]
"""A host and one of its addresses to why it is not called; "" where it is."""


class CheckedNetwork(httpcore.NetworkBackend):
    """Connects to addresses that were checked, and takes no longer for everything than until its end.

    What is refused, or has no address, raises `problem` with the reason.
    """

    def __init__(
        self,
        refusal: Refusal,
        problem: type[Exception],
        resolver: Resolve,
        until: float,
        backend: httpcore.NetworkBackend = SOCKETS,
    ) -> None:
        self._refusal, self._problem = refusal, problem
        self._resolve, self._backend, self._until = resolver, backend, until

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of `host`; raises the problem when any of them is not allowed."""
        del timeout
        found = self._resolved(host, port)
        left = seconds_left(self._until)
        stream = self._backend.connect_tcp(found[0], port, left, local_address, socket_options)
        return _Timed(stream, self._until)

    def _resolved(self, host: str, port: int) -> list[str]:
        try:
            found = self._resolve(host, port)
        except TimeoutError as error:
            raise self._problem(f"the name server was too slow to say where {host} is") from error
        except OSError as error:
            raise self._problem(f"{host} has no address") from error
        for address in found:
            if why := self._refusal(host, address):
                raise self._problem(why)
        if not found:
            raise self._problem(f"{host} has no address")
        return found


class _Timed(httpcore.NetworkStream):
    """A connection whose every wait ends when the time for all is over."""

    def __init__(self, stream: httpcore.NetworkStream, until: float) -> None:
        self._stream, self._until = stream, until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What came; at most so much."""
        del timeout
        return self._stream.read(max_bytes, seconds_left(self._until))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send it all."""
        del timeout
        self._stream.write(buffer, seconds_left(self._until))

    def close(self) -> None:
        """End it."""
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """The same, encrypted."""
        del timeout
        left = seconds_left(self._until)
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, left), self._until)

    def get_extra_info(self, info: str) -> Any:
        """What the connection knows of itself."""
        return self._stream.get_extra_info(info)


def seconds_left(until: float) -> float:
    """The seconds that are left on the monotonic clock. Raises httpcore.ReadTimeout for none."""
    left = until - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("its time is over")
    return left
