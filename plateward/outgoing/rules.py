"""How an alert is sent on: what is tried when, what an answer means, and how a system knows that it is us.

Signatures, the answers' meanings and the times of further tries are those of Standard Webhooks 1.0.0
(https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

from plateward.alerts.rules import AlertChange

SECRET_PREFIX: Final = "whsec_"  # noqa: S105  the beginning that the standard gives every secret
_SECRET_BYTES: Final = 32
BOTH_COUNT_FOR: Final = timedelta(hours=24)
"""After a rotation messages carry the signatures of both secrets for so long."""

TRIES_AFTER: Final = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""How long after each failed try the next is made; after the last the message is dead."""
_JITTER: Final = 0.2

AT_WORK_FOR: Final = timedelta(seconds=45)
"""A try whose process died is made again after so long: longer than any may take."""

RESTS_FOR: Final = timedelta(seconds=20)
"""A system that did not answer is left alone for so long, so that others need not wait for it."""


class MessageState(StrEnum):
    WAITING = "WAITING"
    SENT = "SENT"
    DEAD = "DEAD"
    DROPPED = "DROPPED"

    @property
    def label(self) -> str:
        """The state in words."""
        return {
            MessageState.WAITING: "Waiting",
            MessageState.SENT: "Arrived",
            MessageState.DEAD: "Given up",
            MessageState.DROPPED: "Not sent",
        }[self]


class SystemKind(StrEnum):
    """What a system is; the ways to people are named as the policy names them."""

    WEBHOOK = "WEBHOOK"
    MAIL = "MAIL"
    PUSH = "PUSH"

    @property
    def label(self) -> str:
        """The kind in words."""
        return {
            SystemKind.WEBHOOK: "Another system",
            SystemKind.MAIL: "E-mail to people",
            SystemKind.PUSH: "Push messages to people",
        }[self]


class SystemState(StrEnum):
    ON = "ON"
    OFF = "OFF"
    GONE = "GONE"

    @property
    def label(self) -> str:
        """The state in words."""
        return {
            SystemState.ON: "On",
            SystemState.OFF: "Off",
            SystemState.GONE: "Gone: it wants no more",
        }[self]


@dataclass(frozen=True, slots=True)
class Transition:
    """An act takes a message from any of `sources` (none: it does not exist yet) to `target`."""

    act: str
    sources: tuple[MessageState, ...]
    target: MessageState
    by: str


TRANSITIONS: Final = (
    Transition("QUEUE", (), MessageState.WAITING, "an alert raised or changed; a person, for a test"),
    Transition(
        "ARRIVE",
        (MessageState.WAITING, MessageState.DROPPED),
        MessageState.SENT,
        "the system's answer 2xx, to a try under way as it was dropped too",
    ),
    Transition("TRY_LATER", (MessageState.WAITING,), MessageState.WAITING, "any other answer, or none"),
    Transition("GIVE_UP", (MessageState.WAITING,), MessageState.DEAD, "the last try's failure"),
    Transition(
        "DROP",
        (MessageState.WAITING,),
        MessageState.DROPPED,
        "the system switched off or gone, a policy that does not let it leave any more, or a person "
        "who is not to be told any more",
    ),
    Transition(
        "REPLAY",
        (MessageState.DEAD, MessageState.DROPPED),
        MessageState.WAITING,
        "a person who may set up where alerts are sent on to",
    ),
)


def may_be_replayed(state: MessageState) -> bool:
    """Whether a person can have this message tried again."""
    return any(one.act == "REPLAY" and state in one.sources for one in TRANSITIONS)


class Verdict(StrEnum):
    """What a try came to."""

    ARRIVED = "ARRIVED"
    LATER = "LATER"
    GONE = "GONE"


def verdict(status: int) -> Verdict:
    """What an HTTP status means; redirections are not followed, so they are a failure like others."""
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Verdict.ARRIVED
    return Verdict.GONE if status == HTTPStatus.GONE else Verdict.LATER


def is_of_recipient(status: int | None) -> bool:
    """Whether a push service's answer is about the one browser; 429 and the rest are about the service."""
    return status in range(400, 500) and status != HTTPStatus.TOO_MANY_REQUESTS


def next_try(tries: int, now: datetime, chance: float) -> datetime | None:
    """When to try again after so many failed tries, None for never; `chance` from 0 to 1 spreads them."""
    if tries > len(TRIES_AFTER):
        return None
    return now + TRIES_AFTER[tries - 1] * (1 + _JITTER * chance)


def new_secret() -> str:
    """A fresh secret as a system's keeper enters it: 256 random bits."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def signature(text: str, message_id: str, sent_at: datetime, body: bytes) -> str:
    """One secret's signature: HMAC-SHA256 over the message's id, its time in seconds and its body."""
    key = base64.b64decode(text.removeprefix(SECRET_PREFIX))
    signed = f"{message_id}.{int(sent_at.timestamp())}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def headers(valid: Sequence[str], message_id: str, sent_at: datetime, body: bytes) -> dict[str, str]:
    """The headers that prove a message, with a signature by every valid secret."""
    signatures = [signature(text, message_id, sent_at, body) for text in valid]
    return {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(sent_at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


@dataclass(frozen=True, slots=True)
class AlertFacts:
    """What may be told of an alert; `category`, `camera` and `plate` are "" where they are to stay here."""

    id: str
    category: str
    camera: str
    captured_at: datetime | None
    status: str
    is_late: bool
    plate: str = ""


TEST: Final = "TEST"
_TYPES: Final[Mapping[str, str]] = {
    AlertChange.RAISED: "alert.raised",
    AlertChange.HIT: "alert.hit",
    AlertChange.CHANGED: "alert.changed",
    AlertChange.CLOSED: "alert.closed",
    TEST: "plateward.test",
}


def type_of(what: str) -> str:
    """A message's type, as the system sees it."""
    return _TYPES[what]


def alert_body(what: AlertChange, at: datetime, facts: AlertFacts, link: str) -> bytes:
    """The message about an alert: without a plate unless the facts hold one."""
    data: dict[str, Any] = {
        "alert": facts.id,
        "status": facts.status,
        "category": facts.category,
        "camera": facts.camera,
        "captured_at": _utc(facts.captured_at) if facts.captured_at else None,
        "late": facts.is_late,
        "link": link,
    }
    return _body(type_of(what), at, data | ({"plate": facts.plate} if facts.plate else {}))


def test_body(at: datetime) -> bytes:
    """The message that tries the way and tells of no alert."""
    return _body(type_of(TEST), at, {"text": "Plateward reaches this system."})


def _body(kind: str, at: datetime, data: Mapping[str, Any]) -> bytes:
    return json.dumps({"type": kind, "timestamp": _utc(at), "data": data}, separators=(",", ":")).encode()


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def checked_address(text: str) -> str:
    """The address of a system: https, a host, no name or password. Raises ValueError with what to do."""
    try:
        parsed = urlsplit(text.strip())
        parsed.port  # noqa: B018  reading it checks it
    except ValueError as error:
        raise ValueError(f"This address cannot be understood ({error}).") from error
    if parsed.scheme != "https" or not parsed.hostname:
        raise ValueError(
            "Write an address that begins with https://, such as https://cad.city.example/alerts."
        )
    if parsed.username or parsed.password:
        raise ValueError("Leave name and password out of the address: messages are signed instead.")
    if parsed.fragment:
        raise ValueError("Leave out what follows the #: no server sees it.")
    return parsed.geturl()


def wants(chosen: Collection[str], category: str) -> bool:
    """Whether a choice of categories covers one; none chosen means all, "" is what has no category."""
    return not chosen or (category or OWN) in chosen


OWN: Final = "own"
"""Stands for entries without a category: the agency's own ones above all."""
