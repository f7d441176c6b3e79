"""Hosts from which a device's pictures may be fetched, as the register keeps them. No I/O."""

import re
from typing import Final

MOST_HOSTS: Final = 16
_PORTS: Final = {"https": 443, "http": 80}
_HOST = re.compile(
    r"(?:(?P<scheme>https?)://)?(?P<host>(?:\*\.)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::(?P<port>\d{1,5}))?/?"
)
_LABELS_OF_WILDCARD: Final = 2
"""So many labels must follow `*.`: all of a country's hosts are nobody's."""


def parse_hosts(text: str) -> tuple[str, ...]:
    """Hosts, one a line or apart by commas, in their canonical form, such as `https://*.example.com:8443`.

    Without a scheme https is meant. Raises ValueError with the entry that is none.
    """
    found = [_host(word) for word in text.replace(",", " ").split()]
    if len(found) > MOST_HOSTS:
        raise ValueError(f"At most {MOST_HOSTS} hosts are taken; these are {len(found)}.")
    return tuple(dict.fromkeys(found))


def _host(word: str) -> str:
    match = _HOST.fullmatch(word.lower())
    if match is None or int(match["port"] or 1) not in range(1, 65_536):
        raise ValueError(
            f"“{word[:60]}” is no host. Write such as pictures.example.com or http://192.0.2.17:8080."
        )
    scheme, host, port = match["scheme"] or "https", match["host"], match["port"]
    if host.startswith("*.") and host.count(".") < _LABELS_OF_WILDCARD:
        raise ValueError(f"{word} means hosts of everybody. Name a domain, such as *.example.com.")
    return f"{scheme}://{host}" + (f":{int(port)}" if port and int(port) != _PORTS[scheme] else "")


def allows_host(hosts: tuple[str, ...], scheme: str, host: str, port: int | None) -> bool:
    """Whether one of the entries names this host by this scheme and port; `*.` stands for any part before."""
    named = f"[{host}]" if ":" in host else host.lower().rstrip(".")
    rest = "" if port in (None, _PORTS.get(scheme)) else f":{port}"
    for entry in hosts:
        kind, _, place = entry.partition("://")
        if kind != scheme:
            continue
        if place == named + rest or (place.startswith("*.") and (named + rest).endswith(place[1:])):
            return True
    return False
