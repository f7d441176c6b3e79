"""Of which alerts a person is told, by which way, and in which words. Neither holds a plate or a name."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final
from urllib.parse import urlsplit

from plateward.alerts.rules import AlertStatus
from plateward.outgoing.rules import OWN, AlertFacts
from plateward.policy import CategoryPriority, TellingWay

LINK_COUNTS_FOR: Final = timedelta(hours=24)
"""The link by which an address is confirmed is open for so long."""


TRIES_AN_HOUR: Final = 10
"""Messages without an alert that a person may have sent in an hour, so that nobody floods a mailbox."""
NO_DOMAINS: Final = "No domains that e-mail goes to are named. The I.T. manager sets PLATEWARD_MAIL_DOMAINS."


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person chose: kinds of entries by each way, the least priority, late ones, quiet hours."""

    mail: frozenset[str]
    push: frozenset[str]
    least: CategoryPriority
    late_too: bool
    quiet_from: time | None
    quiet_until: time | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """What of an alert decides who is told of it; `category` is "" for an entry without one."""

    category: str
    priority: CategoryPriority
    is_late: bool


def unwanted(wish: Wish, way: TellingWay, alert: Waiting, local: datetime) -> str:
    """Why a person is not told of an alert by this way at an agency's `local` time, "" if they are."""
    chosen = wish.mail if way is TellingWay.MAIL else wish.push
    if (alert.category or OWN) not in chosen:
        return "They did not choose to be told of such entries."
    if alert.priority.rank > wish.least.rank:
        return "They chose to be told of more urgent alerts only."
    if alert.is_late and not wish.late_too:
        return "They chose not to be told of late reads."
    if in_quiet(wish, local):
        return "It fell into the quiet hours that they chose."
    return ""


def in_quiet(wish: Wish, local: datetime) -> bool:
    """Whether a time of the day is within the quiet hours, which may pass midnight."""
    begin, end = wish.quiet_from, wish.quiet_until
    if begin is None or end is None:
        return False
    at = local.time()
    return begin <= at < end if begin < end else at >= begin or at < end


@dataclass(frozen=True, slots=True)
class Words:
    """A message to a person: `title` in a line, `text` in a sentence or two."""

    title: str
    text: str


def alert_words(facts: AlertFacts, category: str, priority: CategoryPriority, local: datetime) -> Words:
    """The words of an alert: of what kind, how urgent, at which camera, when in the agency's time.

    `category` is its name in words, OWN for none, "" where it is to stay here; then its priority, which
    follows from it, stays here too.
    """
    kind = f" of the category “{category}”, priority {priority.lower()}," if category else ""
    kind = " on an entry without a category," if category == OWN else kind
    late = " The read came late." if facts.is_late else ""
    at = f"{local:%H:%M} on {local:%b} {local.day}"
    what = "A verified alert" if facts.status == AlertStatus.VERIFIED else "An unverified alert"
    return Words("An alert waits", f"{what}{kind} at camera {facts.camera}, {at}.{late}")


TEST_WORDS: Final = Words("A test message", "You are told of alerts here. No alert waits because of this.")


def confirming_words() -> Words:
    """The words that go to an address before it counts."""
    text = (
        "Somebody asked Plateward to tell you of alerts at this address. Open the link and log in if it was "
        "you; it counts for a day. Otherwise do nothing: nothing more is sent here."
    )
    return Words("Confirm this address", text)


def is_push_service(endpoint: str, services: tuple[str, ...]) -> bool:
    """Whether an address is one of a push service that is named, or of a host below it."""
    host = urlsplit(endpoint).hostname or ""
    return any(host == one or host.endswith(f".{one}") for one in services)


def address_problem(address: str, domains: tuple[str, ...]) -> str:
    """Why nothing is sent to an e-mail address, "" if it may be; where no domains are named, to none."""
    if not domains:
        return NO_DOMAINS
    if address.rpartition("@")[2].lower() in domains:
        return ""
    return f"This installation sends to addresses at {', '.join(domains)} only. Give one of those."


def origin_of(address: str) -> str:
    """Scheme and host of an address, with the port where one is named."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.lower()}"
