"""Systems and their messages as people see them, and how a person is told."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from plateward.outgoing import rules
from plateward.outgoing.models import Browser, Message, PushKey, System, Telling
from plateward.outgoing.rules import MessageState, SystemKind, SystemState

MESSAGES_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Listed:
    """A system with how many of its messages wait and were given up, and what to do about it."""

    system: System
    waiting: int
    dead: int

    @property
    def advice(self) -> str:
        """What to do, "" for nothing."""
        return advice(self.system, self.dead)


def systems_of(agency: str) -> list[Listed]:
    """The agency's systems by name."""
    found = System.objects.filter(agency_id=agency).annotate(
        waiting=Count("messages", filter=Q(messages__state=MessageState.WAITING)),
        dead=Count("messages", filter=Q(messages__state=MessageState.DEAD)),
    )
    return [Listed(system, system.waiting, system.dead) for system in found]


def messages_of(system: System) -> QuerySet[Message]:
    """A system's newest messages."""
    return system.messages.select_related("event", "person", "browser").order_by("-made_at", "pk")[
        :MESSAGES_SHOWN
    ]


def advice(system: System, dead: int) -> str:
    """What somebody should do about a system, "" for nothing."""
    if system.state == SystemState.GONE:
        return "It said that it is gone (410). Ask its keeper; if it is back, switch it on."
    if system.state == SystemState.OFF:
        return "Switch it on when it is to hear of alerts again."
    if system.failing_since_at:
        return f"{_because(system.last_error)} Messages are tried again by themselves for three days."
    return "Some messages were given up. Send them again if they still matter." if dead else ""


def _because(error: str) -> str:
    if "private network" in error or "this machine" in error:
        return "Its address may not be called."
    if "answered 401" in error or "answered 403" in error:
        return "It refuses our messages: compare the secret with its keeper."
    return "Ask its keeper whether it runs and can be reached."


def replayable(message: Message) -> bool:
    """Whether a person can have it tried again."""
    return rules.may_be_replayed(MessageState(message.state))


def telling_of(person: UUID) -> Telling | None:
    """How a person chose to be told, None if they never chose."""
    return Telling.objects.filter(pk=person).first()


def push_key(agency: str) -> str:
    """The public half of an agency's push key, "" while there is none."""
    return PushKey.objects.filter(pk=agency).values_list("public", flat=True).first() or ""


@dataclass(frozen=True, slots=True)
class BrowserShown:
    """One of a person's browsers, and what became of the newest message to it."""

    browser: Browser
    last: Message | None


def browsers_of(person: UUID) -> list[BrowserShown]:
    """The browsers on which a person is told, the newest first."""
    found = Browser.objects.filter(user_id=person, removed_at__isnull=True).select_related("system")
    return [BrowserShown(one, one.messages.order_by("-made_at", "pk").first()) for one in found]


def last_mail(person: UUID) -> Message | None:
    """The newest e-mail to a person."""
    sent = Message.objects.filter(person_id=person, system__kind=SystemKind.MAIL)
    return sent.order_by("-made_at", "pk").first()
