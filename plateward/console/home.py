"""What the start page offers a person: one card for each capability, with what waits behind it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from plateward.alerts import queries as alerts
from plateward.alerts.models import Disposition
from plateward.alerts.rules import AlertStatus
from plateward.control.queries import sees_reviews
from plateward.governance.actor import Actor
from plateward.hotlists import queries as hotlists
from plateward.policy import has_emergencies, is_vendor
from plateward.reads import queries as reads


@dataclass(frozen=True, slots=True)
class Card:
    """A part of the product; `waits` says in words what waits there, "" for nothing."""

    title: str
    text: str
    url_name: str
    capability: str = ""
    waits: Callable[[Actor, datetime], str] = lambda actor, now: ""  # noqa: ARG005  nothing ever waits


@dataclass(frozen=True, slots=True)
class ShownCard:
    """A card for one person."""

    card: Card
    waiting: str


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}" if number else ""


def _alerts(actor: Actor, now: datetime) -> str:
    del now
    counted = alerts.open_by_status(actor.agency)
    total, unverified = sum(counted.values()), counted.get(AlertStatus.UNVERIFIED, 0)
    return f"{_counted(total, 'open alert', 'open alerts')}, {unverified} UNVERIFIED" if total else ""


def _requests(actor: Actor, now: datetime) -> str:
    waits = (
        _counted(hotlists.waiting(actor.agency).count(), "request waits", "requests wait"),
        _counted(hotlists.to_enter(actor.agency, now).count(), "entry to be entered", "to be entered"),
    )
    return ", ".join(filter(None, waits))


def _quarantine(actor: Actor, now: datetime) -> str:
    del now
    return _counted(reads.quarantined(actor.agency).count(), "payload held", "payloads held")


CARDS = (
    Card(
        "Dispatch console",
        "Open alerts, from UNVERIFIED to their disposition.",
        "console:dispatch",
        "alerts.view",
        _alerts,
    ),
    Card("Search reads", "By plate or part of one, with a purpose.", "search:new", "search.run"),
    Card(
        "Custom hotlist", "Entries, requests and their approval.", "hotlists:list", "hotlists.view", _requests
    ),
    Card(
        "Quarantine",
        "Payloads that could not become reads.",
        "reads:quarantine",
        "reads.quarantine",
        _quarantine,
    ),
    Card("Devices", "Cameras and cars, and when each was last heard.", "devices:list", "devices.view"),
    Card("Access records", "Who looked at what, when and why.", "audit:accesses", "audit.view"),
    Card(
        "Policy in force",
        "What it permits, its clauses and its open points.",
        "governance:policy",
        "governance.view",
    ),
    Card("People", "Accounts, titles and training.", "accounts:people", "accounts.manage"),
)

REVIEWS = Card("Account reviews", "Every account confirmed, changed or deactivated.", "control:reviews")
EMERGENCY = Card(
    "Emergency access",
    "In a real emergency, for a short time; reviewed afterwards.",
    "control:emergencies",
)


def cards_for(actor: Actor, now: datetime) -> list[ShownCard]:
    """The cards this person may follow: by capability, and what a position or the policy opens."""
    given = [ShownCard(card, card.waits(actor, now)) for card in CARDS if actor.may(card.capability)]
    if sees_reviews(actor):
        given.append(ShownCard(REVIEWS, ""))
    if has_emergencies(actor.profile) and actor.admission and not is_vendor(actor.profile, actor.title):
        given.append(ShownCard(EMERGENCY, ""))
    return given


def removals_for(actor: Actor) -> list[Disposition]:
    """Recovered vehicles whose entry still matches: one's own, or all for who may remove entries."""
    if not actor.may("alerts.view"):
        return []
    due = alerts.removals_due(actor.agency)
    return list(due if actor.may("hotlists.remove") else due.filter(recorded_by_id=actor.user_id))
