"""Sending one message to one system, and nothing else to anywhere. No database.

Only https; only public addresses and the private networks that the installation names, never this machine or
its link; the address that was checked is the one connected to; redirections are not followed.
"""

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import httpcore

from plateward.devices.ways import allows
from plateward.documents.addresses import Resolve, addresses_of, is_own, is_public
from plateward.documents.calling import CheckedNetwork, Refusal

SECONDS: Final = 15.0
"""What Standard Webhooks asks senders to wait at least; also the most for everything together."""
_MOST_READ: Final = 64 * 1024


class UnsentError(Exception):
    """The message did not arrive; the message says why and, where somebody can, what to do.

    `is_of_one`: it is about this one's recipient, and says nothing of the system; `is_final`: for good.
    """

    is_of_one = False
    is_final = False


@dataclass(frozen=True, slots=True)
class Reach:
    """Where messages may go. `own` lets them go to this machine, without encryption: for tests alone."""

    networks: tuple[str, ...] = ()
    own: bool = False
    resolver: Resolve = addresses_of
    seconds: float = SECONDS


@dataclass(frozen=True, slots=True)
class Call:
    """One try: the bytes to send, and where to."""

    url: str
    body: bytes
    headers: Mapping[str, str]


def call(wanted: Call, reach: Reach) -> int:
    """Send it; returns the status of the answer. Raises UnsentError."""
    parts = urlsplit(wanted.url)
    if parts.scheme != "https" and not reach.own:
        raise UnsentError("its address does not begin with https://")
    network = CheckedNetwork(_refusal(reach), UnsentError, reach.resolver, time.monotonic() + reach.seconds)
    trusted = ssl.create_default_context()
    try:
        with (
            httpcore.ConnectionPool(network_backend=network, ssl_context=trusted) as pool,
            pool.stream("POST", wanted.url, headers=_headers(wanted), content=wanted.body) as answer,
        ):
            _read_some(answer)
            return answer.status
    except httpcore.TimeoutException as error:
        raise UnsentError(f"{parts.hostname} was too slow") from error
    except (httpcore.NetworkError, httpcore.ProtocolError, ssl.SSLError, UnicodeError) as error:
        said = str(error) or type(error).__name__
        raise UnsentError(f"{parts.hostname} did not answer ({said})"[:300]) from error


def _headers(wanted: Call) -> list[tuple[bytes | str, bytes | str]]:
    return [("User-Agent", "Plateward"), *wanted.headers.items()]


def _read_some(answer: httpcore.Response) -> None:
    """Let a polite server finish its answer; what it says is not kept."""
    read = 0
    for chunk in answer.iter_stream():
        read += len(chunk)
        if read > _MOST_READ:
            return


def _refusal(reach: Reach) -> Refusal:
    def why(host: str, address: str) -> str:
        if is_own(address):
            return (
                "" if reach.own else f"{host} is {address}, this machine or its link, which is never called"
            )
        if is_public(address) or (reach.networks and allows(reach.networks, address)):
            return ""
        return (
            f"{host} is {address}, inside a private network. If that is right, the I.T. manager "
            "names the network in PLATEWARD_SEND_NETWORKS"
        )

    return why
