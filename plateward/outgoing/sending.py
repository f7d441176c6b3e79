"""The worker's part: messages that are due are taken on, tried and settled, each in a transaction of its own.

Before a try the record that an alert's data leaves is committed (R47), anew whenever what leaves, or where
it goes, differs from what is on record: nothing leaves without it. A process that dies in between leaves a
message that is tried again with the same id; none is lost.
"""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from plateward.alerts.rules import AlertChange
from plateward.audit import actions as audit
from plateward.audit.models import AccessRecord
from plateward.audit.who import Who
from plateward.governance.queries import profile_for
from plateward.governance.telling import told
from plateward.notices import actions as notices
from plateward.outgoing import mailing, outbox, persons, rules, sealing
from plateward.outgoing.calling import Call, Reach, UnsentError, call
from plateward.outgoing.mailing import Letter
from plateward.outgoing.models import Event, Message, System
from plateward.outgoing.rules import AlertFacts, MessageState, SystemKind, SystemState, Verdict
from plateward.policy import DEPARTMENT, Decision, Profile, TellingWay
from plateward.policy.outgoing import detail_may_leave, plates_told, systems_told, way_of_telling

AT_ONCE: Final = 8
ROUNDS: Final = 500
"""A run makes so many rounds at the most; what is due beyond them, the next one finds within the minute."""
MANAGE: Final = "outgoing.manage"
NOTICE: Final = "outgoing-failing"
SWITCHED_OFF: Final = "The system is switched off."
_WHY_NOT: Final = {
    SystemState.OFF: SWITCHED_OFF,
    SystemState.GONE: "The system said that it is gone.",
}
FILTER_TELLS: Final = "It hears of chosen kinds of entries only: that this one is of them may not leave."


@dataclass(frozen=True, slots=True)
class Taken:
    """A message that this process tries now."""

    message: Message
    call: Call | Letter


@dataclass(frozen=True, slots=True)
class Round:
    """What a look at the outbox came to: the messages to try, and how many were ended without a try."""

    taken: list[Taken]
    dropped: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a try: the answer's status, or why there was none; `is_final`: nor will there be one.

    `is_of_one`: it is about this recipient alone, and the system need not rest.
    """

    status: int | None = None
    error: str = ""
    is_final: bool = False
    is_of_one: bool = False

    @property
    def verdict(self) -> Verdict:
        return Verdict.LATER if self.status is None else rules.verdict(self.status)


def reach() -> Reach:
    """Where messages of this installation may go."""
    return Reach(networks=settings.ENVIRONMENT.send_networks)


def send_due(clock: Callable[[], datetime], *, is_ending: Callable[[], bool] = lambda: False) -> int:
    """Make messages of what happened and try all that are due; returns how many tries were made.

    It goes on until nothing is due, so that messages that are not sent hold up none that are.
    """
    tries, way = 0, reach()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for _ in range(ROUNDS):
            if is_ending():
                break
            spread = outbox.spread(now=clock())
            found = take(now=clock())
            for one, outcome in zip(
                found.taken, pool.map(lambda t: _tried(t, way), found.taken), strict=True
            ):
                settle(message_id=one.message.pk, outcome=outcome, now=clock())
            tries += len(found.taken)
            if not (spread or found.taken or found.dropped):
                break
    return tries


def _tried(taken: Taken, way: Reach) -> Outcome:
    try:
        if isinstance(taken.call, Letter):
            return Outcome(status=mailing.send(taken.call, settings.ENVIRONMENT.mail))
        return Outcome(status=call(taken.call, way))
    except UnsentError as error:
        return Outcome(error=str(error)[:300], is_final=error.is_final, is_of_one=error.is_of_one)


@transaction.atomic
def take(*, now: datetime, limit: int = AT_ONCE) -> Round:
    """Take on up to `limit` messages that are due, at most one of each system that fails.

    What may not leave any more is dropped; where nothing may go to a system, all that waits for it at once.
    Raises MasterKeyError, JournalUnwritableError: nothing is taken.
    """
    due = (
        Message.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("system", "agency", "event__alert__entry", "event__hit__device")
        .select_related("person__agency", "browser")
        .filter(state=MessageState.WAITING, next_at__lte=now)
        .exclude(system__rests_until_at__gt=now)
        .order_by("next_at", "pk")[:limit]
    )
    taken: list[Taken] = []
    dropped, closed, seen = 0, set[UUID](), set[UUID]()
    for message in due:
        system = message.system
        if system.pk in closed or (system.failing_since_at and system.pk in seen):
            continue
        seen.add(system.pk)
        if why := _nothing_goes(system):
            closed.add(system.pk)
            dropped += drop_waiting(system, by=_to(system), now=now, why=why)
        elif why := _may_not_hear(message, now):
            dropped += 1
            _end(message, MessageState.DROPPED, now, why)
        else:
            taken.append(_taken(message, now))
    return Round(taken, dropped)


def _nothing_goes(system: System) -> str:
    """Why no message may go to a system now, "" if messages may."""
    if system.state != SystemState.ON:
        return _WHY_NOT[SystemState(system.state)]
    decision = goes_by(profile_for(system.agency_id), SystemKind(system.kind))
    return "" if decision else decision.reason


def goes_by(profile: Profile, kind: SystemKind) -> Decision:
    """Tell whether messages may go to systems of a kind."""
    return systems_told(profile) if kind is SystemKind.WEBHOOK else way_of_telling(profile, TellingWay(kind))


def _may_not_hear(message: Message, now: datetime) -> str:
    """Why this message may not leave any more, "" if it may."""
    if message.person:
        return persons.not_told(message, message.person, now)
    heard = message.event is None or outbox.may_hear(message.system, message.event, now)
    return "" if heard else FILTER_TELLS


def drop_waiting(system: System, *, by: Who, now: datetime, why: str) -> int:
    """End all that waits for a system in one act, journaled once; returns how many messages.

    One that another process has in its hands is left to `take`. Runs in the caller's transaction.
    """
    waiting = Message.objects.select_for_update(skip_locked=True).filter(
        system=system, state=MessageState.WAITING
    )
    ended = Message.objects.filter(pk__in=list(waiting.values_list("pk", flat=True))).update(
        state=MessageState.DROPPED, ended_at=now, last_error=why
    )
    if ended:
        _journal("outgoing.system.emptied", system, now, {"messages": ended, "why": why}, by)
    return ended


def _taken(message: Message, now: datetime) -> Taken:
    event, facts = message.event, None
    if event is not None:
        facts = _facts(event, profile_for(event.agency_id), now, to_system=message.person is None)
        message.access_record_id = _recorded(message, event, facts, now)
    made = persons.written(message, facts, now) if message.person else _written(message, facts, now)
    message.tries += 1
    message.next_at = now + rules.AT_WORK_FOR
    message.save(update_fields=["tries", "next_at", "access_record_id"])
    return Taken(message, made)


def _written(message: Message, facts: AlertFacts | None, now: datetime) -> Call:
    """The message to a system as it leaves, signed. Raises MasterKeyError."""
    event, system = message.event, message.system
    if event is None or facts is None:
        body = rules.test_body(message.made_at)
    else:
        link = settings.ENVIRONMENT.base_url + reverse("console:alert", args=[event.alert_id])
        body = rules.alert_body(AlertChange(event.what), event.happened_at, facts, link)
    return Call(system.url, body, rules.headers(sealing.valid(system, now), message.number, now, body))


def _facts(event: Event, profile: Profile, now: datetime, *, to_system: bool) -> AlertFacts:
    """What may be told: without the detail that takes an authorization, and a plate only if it is decided.

    A message to a person holds none, they log in to see it; and says how the alert is now, not how it was.
    """
    alert, hit = event.alert, event.hit or event.alert.hits.select_related("device").latest("captured_at")
    entry = alert.entry
    may_detail = bool(detail_may_leave(profile, entry.origin, entry.category, profile.agency.day(now)))
    return AlertFacts(
        id=str(alert.pk),
        category=(entry.category or rules.OWN) if may_detail else "",
        camera=hit.device.name,
        captured_at=hit.captured_at,
        status=event.status if to_system else alert.status,
        is_late=hit.is_late,
        plate=alert.plate if to_system and may_detail and plates_told(profile) else "",
    )


def _recorded(message: Message, event: Event, facts: AlertFacts, now: datetime) -> int:
    """The access record of who receives what, committed before anything leaves.

    It is the message's earlier one while that still says who receives what, and where.
    """
    system, entry = message.system, event.alert.entry
    by = persons.receiver(message.person) if message.person else _to(system)
    elements = _elements(message, entry.origin, facts)
    earlier = message.access_record_id
    before = AccessRecord.objects.filter(pk=earlier).first() if earlier else None
    if before and (before.elements, before.organization) == (elements, by.organization):
        return before.pk
    return audit.record_access(
        by=by,
        agency=system.agency_id,
        elements=elements,
        purpose=entry.purpose,
        reason=persons.reason(message) if message.person else f"Alert sent to the system “{system.name}”",
        reference=entry.case_number if entry.origin == DEPARTMENT else "",
        result_count=1,
        subject=f"alerts.Alert:{facts.id}",
        now=now,
        profile_version=profile_for(system.agency_id).version,
    ).pk


def _elements(message: Message, origin: str, facts: AlertFacts) -> dict[str, Any]:
    """What leaves, field by field, and where to."""
    given = ["time", "camera", *(["category"] if facts.category else []), *(["plate"] if facts.plate else [])]
    return {
        "plate": facts.plate,
        "alert": facts.id,
        "system": str(message.system.pk),
        "sent_to": persons.place(message) if message.person else message.system.url,
        "given": given,
    } | ({} if origin == DEPARTMENT else {"data_of": origin})


def _to(system: System) -> Who:
    """Who receives: the system, in the place of an organization."""
    return Who(username="system:outgoing", name="Plateward", title="", organization=system.name)


@transaction.atomic
def settle(*, message_id: UUID, outcome: Outcome, now: datetime) -> None:
    """Note what came of a try; one that was settled meanwhile stays as it is.

    One that was dropped while its try was under way has arrived all the same, if it has.
    """
    messages = Message.objects.select_for_update(of=("self", "system"))
    one = messages.select_related("system", "person", "event").get(pk=message_id)
    arrived = outcome.verdict is Verdict.ARRIVED
    if one.state != MessageState.WAITING and not (arrived and one.state == MessageState.DROPPED):
        return
    one.last_status, one.last_error = outcome.status, outcome.error or _said(outcome.status)
    if arrived:
        _arrived(one, now)
    elif one.browser_id and outcome.status in persons.PUSH_GONE:
        persons.wants_no_more(one.browser_id, _to(one.system), now)
        _end(one, MessageState.DROPPED, now, persons.BROWSER_GONE)
    elif outcome.is_final:
        _given_up(one, now)
    elif outcome.is_of_one or (one.browser_id and rules.is_of_recipient(outcome.status)):
        if not _postponed(one, now):
            _given_up(one, now)
    else:
        _failed(one, outcome, now)


def _said(status: int | None) -> str:
    return "" if status is None or rules.verdict(status) is Verdict.ARRIVED else f"It answered {status}."


def _arrived(message: Message, now: datetime) -> None:
    system = message.system
    System.objects.filter(pk=system.pk).update(
        arrived_at=now, failing_since_at=None, rests_until_at=None, last_error=""
    )
    _end(message, MessageState.SENT, now, "")
    if system.failing_since_at:
        notices.settle_about(
            agency=system.agency_id,
            subject=f"outgoing.System:{system.pk}",
            kind=NOTICE,
            by=_to(system),
            now=now,
        )


def _failed(message: Message, outcome: Outcome, now: datetime) -> None:
    system = message.system
    system.failed_at, system.last_error = now, message.last_error
    system.failing_since_at = system.failing_since_at or now
    system.rests_until_at = now + rules.RESTS_FOR
    gone = outcome.verdict is Verdict.GONE
    if gone:
        system.state = SystemState.GONE
        _journal("outgoing.system.gone", system, now, {"name": system.name})
    system.save(update_fields=["failed_at", "last_error", "failing_since_at", "rests_until_at", "state"])
    if not gone and _postponed(message, now):
        return
    _end(message, MessageState.DEAD, now, message.last_error)
    if gone:
        drop_waiting(system, by=_to(system), now=now, why=_WHY_NOT[SystemState.GONE])
    _tell(system, now, f"Alerts do not arrive at the system “{system.name}” any more.", _occasion(system))


def _postponed(message: Message, now: datetime) -> bool:
    """Have a message tried again later, if there is a later try."""
    again_at = rules.next_try(message.tries, now, random.random())  # noqa: S311  spreads tries
    ends_at = persons.told_until(message.event) if message.person_id and message.event else None
    if again_at is None or (ends_at and again_at >= ends_at):
        return False
    message.next_at = again_at
    message.save(update_fields=["next_at", "last_status", "last_error"])
    return True


def _given_up(message: Message, now: datetime) -> None:
    """End a message for its recipient's sake, once said for each recipient and day; the system goes on."""
    _end(message, MessageState.DEAD, now, message.last_error)
    to = message.person.full_name if message.person else message.system.name
    text = f"A message to {to} was given up at “{message.system.name}”: {message.last_error}"
    occasion = f"outgoing:{message.system_id}:{message.person_id}:{message.browser_id}:{now:%Y-%m-%d}"
    _tell(message.system, now, text[:300], occasion)


def _end(message: Message, state: MessageState, now: datetime, why: str) -> None:
    message.state, message.ended_at, message.last_error = state, now, why
    message.save(update_fields=["state", "ended_at", "last_status", "last_error"])
    detail = {"system": message.system.name, "message": message.number, "tries": message.tries, "why": why}
    if message.person:
        detail["to"] = message.person.username
    verb = {
        MessageState.SENT: "outgoing.message.arrived",
        MessageState.DEAD: "outgoing.message.died",
        MessageState.DROPPED: "outgoing.message.dropped",
    }[state]
    _journal(verb, message.system, now, detail)


def _journal(
    verb: str, system: System, now: datetime, detail: dict[str, object], by: Who | None = None
) -> None:
    audit.record(
        verb=verb,
        by=by or _to(system),
        agency=system.agency_id,
        subject=f"outgoing.System:{system.pk}",
        detail=detail,
        now=now,
    )


def _tell(system: System, now: datetime, text: str, occasion: str) -> None:
    """Leave a notice, once for each occasion, to those who set a system up."""
    profile = profile_for(system.agency_id)
    for addressee, _ in told(profile, system.agency_id, {MANAGE}, now):
        notices.raise_notice(
            agency=system.agency_id,
            key=f"{occasion}:{addressee.position or addressee.user_id}",
            kind=NOTICE,
            to=addressee,
            text=text,
            by=_to(system),
            link=reverse("outgoing:system", args=[system.pk]),
            subject=f"outgoing.System:{system.pk}",
            now=now,
        )


def _occasion(system: System) -> str:
    since = system.failing_since_at
    return f"outgoing:{system.pk}:{since.isoformat() if since else ''}"
