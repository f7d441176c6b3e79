"""Fetches a posted document for the worker, and nothing else: no way into the agency's own network.

An address typed by a person is a way to make this server ask for something (SSRF). So only http and https,
only public addresses unless the installation allows private ones, the address checked is the one connected
to (a name cannot change its mind in between), few redirects each checked anew, and limits of size and time.
"""

import ssl
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import httpcore

from plateward.documents.addresses import Resolve, addresses_of, is_public
from plateward.transparency.posted_text import MAX_BYTES

SECONDS = 20.0
_REDIRECTS = 3
_MOVED = frozenset({301, 302, 303, 307, 308})
_OK = 200


class FetchError(OSError):
    """The document was not fetched; the message says why."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """The bytes and the address they came from in the end."""

    url: str
    body: bytes


def resolve(host: str, port: int) -> list[str]:
    """Ask the system's resolver."""
    try:
        return addresses_of(host, port)
    except OSError as unknown:
        raise FetchError(f"{host} has no address: check how it is written.") from unknown


class GuardedNetwork(httpcore.SyncBackend):
    """Connects to allowed addresses only; every name is resolved here, once for each connection."""

    def __init__(self, *, allow_private: bool, resolver: Resolve = resolve) -> None:
        self._allow_private = allow_private
        self._resolve = resolver

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of `host`; raises FetchError when any of them is not allowed."""
        addresses = self._resolve(host, port)
        for address in addresses:
            if not self._allow_private and not is_public(address):
                raise FetchError(f"{host} is {address}, inside a private network, and is not asked.")
        return super().connect_tcp(addresses[0], port, timeout, local_address, socket_options)

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Never: a website is not behind a socket of this machine."""
        del timeout, socket_options
        raise FetchError(f"{path} is no website.")


def fetch(url: str, *, allow_private: bool, resolver: Resolve = resolve) -> Fetched:
    """Return what is posted at `url`; raises FetchError with the reason."""
    network = GuardedNetwork(allow_private=allow_private, resolver=resolver)
    until = time.monotonic() + SECONDS
    with httpcore.ConnectionPool(network_backend=network, ssl_context=ssl.create_default_context()) as pool:
        for _ in range(_REDIRECTS + 1):
            _check(url)
            status, location, body = _asked(pool, url, until)
            if status == _OK:
                return Fetched(url, body)
            if status not in _MOVED or not location:
                raise FetchError(f"{url} answered {status}.")
            url = urljoin(url, location)
    raise FetchError(f"{url} sends on and on.")


def _check(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise FetchError(f"{url} is no address of a website: it begins with https:// or http://.")
    if parts.username or parts.password:
        raise FetchError("An address with a name or password in it is not asked.")


def _asked(pool: httpcore.ConnectionPool, url: str, until: float) -> tuple[int, str, bytes]:
    limits = dict.fromkeys(("connect", "read", "write", "pool"), SECONDS / 2)
    try:
        with pool.stream("GET", url, headers=_HEADERS, extensions={"timeout": limits}) as answer:
            location = next((v.decode("latin-1") for k, v in answer.headers if k.lower() == b"location"), "")
            return answer.status, location, _limited(answer.iter_stream(), until)
    except FetchError:
        raise
    except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, ssl.SSLError) as failed:
        raise FetchError(f"{url} did not answer: {str(failed) or type(failed).__name__}.") from failed


_HEADERS: Mapping[bytes | str, bytes | str] = {
    "User-Agent": "Plateward posting check",
    "Accept": "text/html, application/pdf, text/plain",
}


def _limited(chunks: Iterable[bytes], until: float) -> bytes:
    body = b""
    for chunk in chunks:
        body += chunk
        if len(body) > MAX_BYTES:
            raise FetchError(f"It has more than {MAX_BYTES // 1024**2} MB. Record the check by hand.")
        if time.monotonic() > until:
            raise FetchError(f"It did not come within {SECONDS:.0f} seconds. Record the check by hand.")
    return body
