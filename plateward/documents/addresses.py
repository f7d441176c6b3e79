"""Where a name leads: its IP addresses, and what kind of address one is. No Django."""

import socket
from collections.abc import Callable
from concurrent.futures import Future
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from threading import Thread
from typing import Final

Resolve = Callable[[str, int], list[str]]
"""A name and port to IP addresses. Raises OSError for a name that has none."""

RESOLVED_WITHIN: Final = 5.0
"""Seconds; the system's resolver itself would try slow name servers for much longer."""
_IPV4_WITHIN: Final = (IPv6Network("64:ff9b::/96"), IPv6Network("::/96"))
"""NAT64 (RFC 6052) and the old IPv4-compatible form (RFC 4291): the last 32 bits are an IPv4 address."""


def addresses_of(host: str, port: int) -> list[str]:
    """Ask the system's resolver. Raises OSError; TimeoutError, which is one, when it is too slow.

    It cannot be interrupted, so it is left behind in its thread then.
    """
    found: Future[list[str]] = Future()
    Thread(target=_ask, args=(found, host, port), daemon=True).start()
    return found.result(RESOLVED_WITHIN)


def _ask(found: Future[list[str]], host: str, port: int) -> None:
    try:
        entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, ValueError, OverflowError) as error:
        found.set_exception(error)
    else:
        found.set_result([str(entry[4][0]) for entry in entries])


def is_public(address: str) -> bool:
    """Whether this address is neither private, of this machine, of the link, reserved nor multicast.

    An IPv6 address that stands for an IPv4 one is judged by that too.
    """
    return all(known.is_global and not known.is_multicast for known in _known_as(address))


def is_own(address: str) -> bool:
    """Whether it means this machine or its link (where clouds answer with their secrets), in any notation."""
    return any(
        known.is_loopback or known.is_link_local or known.is_unspecified for known in _known_as(address)
    )


def _known_as(address: str) -> list[IPv4Address | IPv6Address]:
    """The address, and the IPv4 address that it stands for."""
    known = ip_address(address.partition("%")[0])
    if isinstance(known, IPv4Address):
        return [known]
    inner = known.ipv4_mapped or known.sixtofour
    if inner is None and any(known in network for network in _IPV4_WITHIN):
        inner = IPv4Address(int(known) & 0xFFFFFFFF)
    return [known] if inner is None else [known, inner]
