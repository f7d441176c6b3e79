"""Context processors: what every page's frame needs."""

from collections.abc import Sequence
from typing import Any, Protocol, TypedDict

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from plateward.ui.navigation import NavigationItem, items


class HoldsCapabilities(Protocol):
    """What the frame asks of `request.actor`; governance's Actor fits."""

    @property
    def organization(self) -> str: ...
    def may(self, capability: str) -> bool: ...


class NavigationLink(TypedDict):
    """One link of the menu. `current` marks the section that the page belongs to."""

    label: str
    url: str
    current: bool


class NavigationSection(TypedDict):
    """Links under one label: those of a group, or a single one that stands by itself."""

    label: str
    links: list[NavigationLink]
    current: bool


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Give templates `actor` (None before login) and `navigation`, sections of links open to this actor.

    Somebody who must first choose a password or set up a second factor may follow none: `is_confined`.
    """
    actor: HoldsCapabilities | None = getattr(request, "actor", None)
    is_confined: bool = getattr(request, "is_confined", False)
    known = items() if actor and not is_confined else []
    shown = [item for item in known if actor and _is_open(item, actor)]
    links = [(item, reverse(item.url_name)) for item in shown]
    begins = [(start, url) for item, url in links for start in (url, *item.also)]
    matching = [(len(start), url) for start, url in begins if request.path.startswith(start)]
    _, current = max(matching, default=(0, None))
    return {
        "actor": actor,
        "is_confined": is_confined,
        "navigation": _sections(links, current),
    }


def _is_open(item: NavigationItem, actor: HoldsCapabilities) -> bool:
    if item.is_partners or actor.organization:
        return item.is_partners and bool(actor.organization)
    return not item.opened_by or any(actor.may(capability) for capability in item.opened_by)


def street_map(request: HttpRequest) -> dict[str, str]:
    """Give templates `pmtiles_url`, the address of the configured street map; empty without one."""
    del request
    return {"pmtiles_url": settings.PMTILES_URL}


def demonstration(request: HttpRequest) -> dict[str, bool]:
    """Give templates `demonstration`: whether everything here is invented and the logins are public."""
    del request
    return {"demonstration": settings.DEMONSTRATION}


def _sections(links: Sequence[tuple[NavigationItem, str]], current: str | None) -> list[NavigationSection]:
    grouped: dict[str, list[NavigationLink]] = {}
    for item, url in links:
        link: NavigationLink = {"label": item.label, "url": url, "current": url == current}
        grouped.setdefault(item.group or item.label, []).append(link)
    return [
        {"label": label, "links": found, "current": any(link["current"] for link in found)}
        for label, found in grouped.items()
    ]
