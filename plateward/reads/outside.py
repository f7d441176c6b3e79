"""Fetching a picture from where a device says that it lies, and nothing else from anywhere. No Django.

An address out of a payload is a way to make this server ask for something (SSRF). So only hosts that the
register allows for the device are asked; the address that was checked is the one connected to, so that a name
cannot change its mind in between; inside the agency's own networks only what the device may send from; this
machine and its link never, however wide those networks are; TLS is verified; few redirects, each checked
anew; limits of size and time; and only a picture is taken. A camera's log-in goes to its own networks alone.
"""

import ssl
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import SplitResult, quote, urljoin, urlsplit

import httpcore

from plateward.devices.hosts import allows_host
from plateward.devices.ways import allows
from plateward.documents import logins
from plateward.documents.addresses import Resolve, addresses_of, is_own, is_public
from plateward.documents.calling import SOCKETS, CheckedNetwork, Refusal
from plateward.documents.logins import Challenge, Login, LoginError
from plateward.reads import imaging
from plateward.reads.imaging import PictureFacts

LARGEST: Final = 15 * 1024 * 1024
SECONDS: Final = 15.0
_REDIRECTS: Final = 2
_MOVED: Final = frozenset({301, 302, 303, 307, 308})
_OK: Final = 200
_LOG_IN: Final = 401
_ATTEMPTS: Final = 3
"""Without a log-in, with it, and once more where only the server's nonce had become too old."""
_ASCII: Final = "".join(map(chr, range(0x21, 0x7F)))
"""Everything else in an address is sent as browsers do, as the percents of its UTF-8."""
_UNSAID: Final = frozenset({"", "application/octet-stream", "binary/octet-stream"})


class UnfetchedError(Exception):
    """The picture was not fetched; the message says why and, where somebody can, what to do."""


class LoginRefusedError(UnfetchedError):
    """The camera did not take the log-in that is set for it."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the register says of a device: hosts of its pictures, and networks that it may send from."""

    hosts: tuple[str, ...]
    networks: tuple[str, ...]
    login: Login | None = None
    """What its camera asks for; with it nothing outside `networks` is asked at all."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A picture with what its own header says."""

    data: bytes
    facts: PictureFacts
    took_login: bool = False
    """Whether its camera asked for the log-in, and took it."""


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
        first = _checked(url, allowed)
        for _ in range(_REDIRECTS + 1):
            parsed = _checked(url, allowed)
            is_same = (parsed.scheme, parsed.netloc) == (first.scheme, first.netloc)
            found = _asked(pool, parsed, allowed.login if is_same else None)
            if isinstance(found, Fetched):
                return found
            url = urljoin(url, found)
    raise UnfetchedError("its host sends on and on")


def _asked(pool: httpcore.ConnectionPool, url: SplitResult, login: Login | None) -> Fetched | str:
    """The picture, or where the host sends on to; logs in where it is asked to. Raises UnfetchedError."""
    authorization = b""
    for _ in range(_ATTEMPTS):
        with _answered(pool, url, authorization) as answer:
            if answer.status != _LOG_IN:
                headers = {name.lower(): value.decode("latin-1") for name, value in answer.headers}
                if answer.status in _MOVED:
                    return headers.get(b"location", "")
                found = _picture(answer, headers.get(b"content-type", ""), str(url.hostname))
                return replace(found, took_login=bool(authorization))
            named = [value for name, value in answer.headers if name.lower() == b"www-authenticate"]
        challenges = logins.challenges_of(value.decode("latin-1") for value in named)
        if authorization and not logins.is_stale(challenges):
            break
        authorization = _authorization(challenges, url, login)
    raise LoginRefusedError(f"{url.hostname} refused the user name and password set on the device's page")


def _authorization(challenges: Sequence[Challenge], url: SplitResult, login: Login | None) -> bytes:
    """Raises UnfetchedError."""
    if login is None:
        raise UnfetchedError(
            f"{url.hostname} asks for a user name and password; the IT manager can set them on the device's "
            "page"
        )
    uri = (url.path or "/") + (f"?{url.query}" if url.query else "")
    try:
        return logins.answer_to(challenges, login, uri=uri, is_secure=url.scheme == "https")
    except LoginError as error:
        raise UnfetchedError(f"{url.hostname} {error}") from error


def _trusted() -> ssl.SSLContext:
    """The authorities that this machine trusts: an agency's own, put among them, vouches for its servers."""
    return ssl.create_default_context()


def _checked(url: str, allowed: Allowed) -> SplitResult:
    try:
        parsed = urlsplit(quote(url, safe=_ASCII))
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
        if allowed.login is not None and not (networks and allows(networks, address)):
            return f"{host} is {address}, outside of the networks to which this device's log-in may go"
        if is_public(address) or (networks and allows(networks, address)):
            return ""
        return (
            f"{host} is {address}, inside a private network this device may not send from; "
            "allow its network on the device's page if that is right"
        )

    return why


@contextmanager
def _answered(
    pool: httpcore.ConnectionPool, url: SplitResult, authorization: bytes
) -> Iterator[httpcore.Response]:
    """The answer, its body still to be read. Raises UnfetchedError."""
    headers = dict(_HEADERS)
    if authorization:
        headers["Authorization"] = authorization
    try:
        with pool.stream("GET", url.geturl(), headers=headers) as answer:
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
