"""Fetching a picture from where a device says that it lies, and nothing else from anywhere. No Django.

An address out of a payload is a way to make this server ask for something (SSRF). So only hosts that the
register allows for the device are asked; the address that was checked is the one connected to, so that a name
cannot change its mind in between; inside the agency's own networks only what the device may send from; this
machine and its link never, however wide those networks are; TLS is verified; few redirects, each checked
anew; limits of size and time; and only a picture is taken.
"""

import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urljoin, urlsplit

import httpcore

from plateward.devices.hosts import allows_host
from plateward.devices.ways import allows
from plateward.documents.addresses import Resolve, addresses_of, is_own, is_public
from plateward.documents.calling import SOCKETS, CheckedNetwork, Refusal
from plateward.reads import imaging
from plateward.reads.imaging import PictureFacts

LARGEST: Final = 15 * 1024 * 1024
SECONDS: Final = 15.0
_REDIRECTS: Final = 2
_MOVED: Final = frozenset({301, 302, 303, 307, 308})
_OK: Final = 200
_UNSAID: Final = frozenset({"", "application/octet-stream", "binary/octet-stream"})


class UnfetchedError(Exception):
    """The picture was not fetched; the message says why and, where somebody can, what to do."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the register says of a device: hosts of its pictures, and networks that it may send from."""

    hosts: tuple[str, ...]
    networks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fetched:
    """A picture with what its own header says."""

    data: bytes
    facts: PictureFacts


def fetch(
    url: str,
    allowed: Allowed,
    *,
    resolver: Resolve = addresses_of,
    backend: httpcore.NetworkBackend = SOCKETS,
    seconds: float = SECONDS,
) -> Fetched:
    """The picture at `url`; `backend` connects to the address that was checked. Raises UnfetchedError."""
    until = time.monotonic() + seconds
    network = CheckedNetwork(_refusal(allowed), UnfetchedError, resolver, until, backend)
    with httpcore.ConnectionPool(network_backend=network, ssl_context=_trusted()) as pool:
        for _ in range(_REDIRECTS + 1):
            parsed = _checked(url, allowed)
            with _answered(pool, parsed) as answer:
                headers = {name.lower(): value.decode("latin-1") for name, value in answer.headers}
                if answer.status not in _MOVED:
                    return _picture(answer, headers.get(b"content-type", ""), str(parsed.hostname))
                url = urljoin(url, headers.get(b"location", ""))
    raise UnfetchedError("its host sends on and on")


def _trusted() -> ssl.SSLContext:
    """The authorities that this machine trusts: an agency's own, put among them, vouches for its servers."""
    return ssl.create_default_context()


def _checked(url: str, allowed: Allowed) -> SplitResult:
    try:
        parsed = urlsplit(url)
        port = parsed.port
    except ValueError as error:
        raise UnfetchedError(f"its address cannot be understood ({error})") from error
    if parsed.scheme not in ("https", "http") or not parsed.hostname:
        raise UnfetchedError("its address does not begin with https:// or http://")
    if parsed.username or parsed.password:
        raise UnfetchedError("its address has a name or password in it, and is not asked")
    if not allows_host(allowed.hosts, parsed.scheme, parsed.hostname, port):
        raise UnfetchedError(
            f"{parsed.scheme}://{parsed.netloc} is no host allowed for this device; the IT manager can allow "
            "it on its page"
        )
    return parsed


def _refusal(allowed: Allowed) -> Refusal:
    def why(host: str, address: str) -> str:
        if is_own(address):
            return f"{host} is {address}, this machine or its link, which is never asked"
        networks = allowed.networks
        if is_public(address) or (networks and allows(networks, address)):
            return ""
        return (
            f"{host} is {address}, inside a private network this device may not send from; "
            "allow its network on the device's page if that is right"
        )

    return why


@contextmanager
def _answered(pool: httpcore.ConnectionPool, url: SplitResult) -> Iterator[httpcore.Response]:
    """The answer, its body still to be read. Raises UnfetchedError."""
    try:
        with pool.stream("GET", url.geturl(), headers=_HEADERS) as answer:
            yield answer
    except httpcore.TimeoutException as error:
        raise UnfetchedError(f"{url.hostname} was too slow") from error
    except (httpcore.NetworkError, httpcore.ProtocolError, ssl.SSLError, UnicodeError) as error:
        said = str(error) or type(error).__name__
        raise UnfetchedError(f"{url.hostname} did not answer ({said})"[:300]) from error


_HEADERS: Mapping[bytes | str, bytes | str] = {
    "User-Agent": "Plateward",
    "Accept": "image/jpeg, image/png, image/webp",
    "Accept-Encoding": "identity",
}


def _picture(answer: httpcore.Response, content_type: str, host: str) -> Fetched:
    if answer.status != _OK:
        raise UnfetchedError(f"{host} answered {answer.status}")
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in _UNSAID and not kind.startswith("image/"):
        raise UnfetchedError(f"{host} sent {kind[:60]} in place of a picture")
    data = bytearray()
    for chunk in answer.iter_stream():
        data += chunk
        if len(data) > LARGEST:
            raise UnfetchedError(f"{host} sent more than {LARGEST // 1024**2} MB")
    try:
        return Fetched(bytes(data), imaging.inspect(bytes(data)))
    except imaging.NotAPictureError as error:
        raise UnfetchedError(f"{host} sent no picture: {error}") from error
