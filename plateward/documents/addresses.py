"""Where a name leads: its IP addresses, and whether one is on the public internet. No Django."""

import ipaddress
import socket
from collections.abc import Callable

Resolve = Callable[[str, int], list[str]]
"""A name and port to IP addresses. Raises OSError for a name that has none."""


def addresses_of(host: str, port: int) -> list[str]:
    """Ask the system's resolver. Raises OSError."""
    return [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def is_public(address: str) -> bool:
    """Whether this address is neither private, of this machine, of the link, reserved nor multicast.

    An IPv6 address that stands for an IPv4 one is judged by that too.
    """
    known = ipaddress.ip_address(address.partition("%")[0])
    inner = getattr(known, "ipv4_mapped", None) or getattr(known, "sixtofour", None) or known
    return bool(known.is_global and inner.is_global and not known.is_multicast)
