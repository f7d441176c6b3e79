"""Messages that tell people of alerts: who is told, whether they still may be, and what they are told.

Everything is asked twice: as the messages of an event are made, and as each is about to leave.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core import signing
from django.urls import reverse

from plateward.accounts.models import User
from plateward.accounts.rules import AccountState
from plateward.alerts.priority import UNSAID, priorities
from plateward.alerts.rules import AlertChange, AlertStatus
from plateward.audit import actions as audit
from plateward.audit.who import Who
from plateward.governance.actor import Actor
from plateward.governance.queries import actor_for, profile_for
from plateward.hotlists.queries import sees_entry
from plateward.notices import actions as notices
from plateward.notices.rules import to_person
from plateward.outgoing import person_rules, sealing, webpush
from plateward.outgoing.calling import Call
from plateward.outgoing.mailing import Letter
from plateward.outgoing.models import Browser, Event, Message, System, Telling
from plateward.outgoing.person_rules import Waiting, Words
from plateward.outgoing.rules import AlertFacts, SystemKind, SystemState
from plateward.policy import CategoryPriority, Profile, TellingWay
from plateward.policy.outgoing import way_of_telling

SEES: Final = "alerts.view"
PUSH_GONE: Final = (404, 410)
"""A push service's answers for a browser that wants no more (RFC 8030 section 7.3)."""
BROWSER_GONE: Final = "Its push service says that this browser wants no more messages."
NOTICE: Final = "telling-ended"
TOO_OLD: Final = "It happened more than an hour ago: it would mislead by now."
_ENDED: Final = {
    AlertStatus.CLOSED: "The alert has ended.",
    AlertStatus.NOT_CONFIRMED: "The alert was not confirmed.",
}
_LEFT: Final = "Their account was closed."
_SALT: Final = "plateward.outgoing.address"


def messages_of(events: Sequence[Event], now: datetime) -> Iterator[Message]:
    """The messages that tell people of alerts newly raised, or late ones come alive, once by each way."""
    raised = [event for event in events if event.what == AlertChange.RAISED or event.came_alive]
    for agency in {event.agency_id for event in raised}:
        profile = profile_for(agency)
        ways = [way for way in TellingWay if way_of_telling(profile, way)]
        tellings = Telling.objects.filter(agency_id=agency).select_related("user__agency")
        for telling in tellings if ways else ():
            actor = actor_for(telling.user, at=now)
            for event in (one for one in raised if one.agency_id == agency):
                yield from _of_person(telling, actor, ways, event, now)


def _of_person(
    telling: Telling, actor: Actor, ways: Sequence[TellingWay], event: Event, now: datetime
) -> Iterator[Message]:
    for way in ways:
        if _why_not(telling, actor, way, event, now):
            continue
        for system, browser in _places(telling, way):
            yield Message(
                agency_id=event.agency_id,
                system=system,
                event=event,
                person_id=telling.pk,
                browser=browser,
                made_at=now,
                next_at=now,
            )


def _places(telling: Telling, way: TellingWay) -> Iterator[tuple[System, Browser | None]]:
    """Where a person is told by a way: the systems that are on."""
    if way is TellingWay.PUSH:
        found = Browser.objects.filter(user_id=telling.pk, removed_at__isnull=True)
        for browser in found.filter(system__state=SystemState.ON).select_related("system"):
            yield browser.system, browser
    elif telling.confirmed_at:
        mail = System.objects.filter(agency_id=telling.agency_id, kind=SystemKind.MAIL, state=SystemState.ON)
        yield from ((system, None) for system in mail)


def not_told(message: Message, person: User, now: datetime) -> str:
    """Why a message to a person may not leave any more, "" if it may."""
    telling = Telling.objects.filter(pk=person.pk).select_related("user__agency").first()
    if closed := _browser_closed(message.browser) if message.browser else _address_closed(telling):
        return closed
    actor = actor_for(person, at=now)
    if message.event is None:
        return _kept_out(person, actor)
    if telling is None or not (message.browser or telling.confirmed_at):
        return "Their address is not confirmed."
    return _why_not(telling, actor, TellingWay(message.system.kind), message.event, now)


def _browser_closed(browser: Browser) -> str:
    if browser.removed_at:
        return "The browser was removed."
    if person_rules.is_push_service(browser.endpoint, settings.ENVIRONMENT.push_services):
        return ""
    return "This installation names its push service no more (PLATEWARD_PUSH_SERVICES)."


def _kept_out(person: User, actor: Actor) -> str:
    """Why somebody is told of no alert at all."""
    if person.state != AccountState.ACTIVE:
        return "Their account is closed."
    may = actor.decide(SEES)
    return "" if may else may.reason


def _address_closed(telling: Telling | None) -> str:
    if telling is None or not telling.address:
        return "They gave no address."
    mail = settings.ENVIRONMENT.mail  # without a server it waits for one
    return person_rules.address_problem(telling.address, mail.domains) if mail else ""


def _why_not(telling: Telling, actor: Actor, way: TellingWay, event: Event, now: datetime) -> str:
    """Why a person is not told of an event by a way: who they are, what it is about, what they chose."""
    alert = event.alert
    if now >= told_until(event):
        return TOO_OLD
    if why := _kept_out(telling.user, actor):
        return why
    if not (sees := sees_entry(actor, alert.entry)):
        return sees.reason
    if ended := _ENDED.get(AlertStatus(alert.status)):
        return ended
    waiting = Waiting(alert.entry.category, priority_of(actor.profile, alert.entry.category), is_late(event))
    return person_rules.unwanted(telling.wish, way, waiting, local_time(actor.profile, now))


def told_until(event: Event) -> datetime:
    """Until when people are told of an event: a later message would mislead."""
    return event.happened_at + webpush.KEPT_FOR


def is_late(event: Event) -> bool:
    """Whether the event's read came too late to call anybody."""
    return event.hit.is_late if event.hit else event.alert.is_late


def priority_of(profile: Profile, category: str) -> CategoryPriority:
    """How urgent the policy says that entries of a category are."""
    return priorities(profile).get(category, UNSAID)


def local_time(profile: Profile, at: datetime) -> datetime:
    """An instant in the agency's zone."""
    return at.astimezone(ZoneInfo(profile.agency.time_zone))


def receiver(person: User) -> Who:
    """The person who receives the data, as the access record names them."""
    return Who(person.username, person.full_name, person.title, person.agency.name)


def reason(message: Message) -> str:
    """Why the person receives the data, as the access record says it."""
    return f"Told by {'push message' if message.browser_id else 'e-mail'} that an alert waits"


def place(message: Message) -> str:
    """Where a message goes: the address, or the push service's host with the browser."""
    if message.browser:
        return f"{message.system.url}: {message.browser.name}"
    return Telling.objects.get(pk=message.person_id).address


def written(message: Message, facts: AlertFacts | None, now: datetime) -> Call | Letter:
    """The message as it leaves. Raises MasterKeyError."""
    profile = profile_for(message.agency_id)
    words, link = _words(message, facts, profile, now)
    if message.browser is None:
        to = Telling.objects.get(pk=message.person_id).address
        return Letter(to, words.title, _letter(words, link), message.number, message.made_at)
    urgent = bool(facts and facts.category and priority_of(profile, facts.category) is CategoryPriority.HIGH)
    return _pushed(message, message.browser, words, link, now, is_urgent=urgent)


def _words(message: Message, facts: AlertFacts | None, profile: Profile, now: datetime) -> tuple[Words, str]:
    if facts is None or message.event is None:
        telling = None if message.browser else Telling.objects.get(pk=message.person_id)
        if telling is None or telling.confirmed_at:
            return person_rules.TEST_WORDS, reverse("told:mine")
        return person_rules.confirming_words(), _link(telling, now)
    at = local_time(profile, facts.captured_at or message.event.happened_at)
    priority = priority_of(profile, message.event.alert.entry.category)
    link = reverse("console:alert", args=[message.event.alert_id])
    return person_rules.alert_words(facts, _named(profile, facts.category), priority, at), link


def _named(profile: Profile, category: str) -> str:
    """A category in words; "" and OWN stay as they are."""
    known = profile.hotlists.categories.get(category)
    return known.name if known else category


def _letter(words: Words, link: str) -> str:
    base = settings.ENVIRONMENT.base_url
    mine = f"{base}{reverse('told:mine')}"
    return f"{words.text}\n\n{base}{link}\n\nHow you are told, and how to end it: {mine}\n"


def _pushed(
    message: Message, browser: Browser, words: Words, link: str, now: datetime, *, is_urgent: bool
) -> Call:
    text = {"title": words.title, "body": words.text, "link": link, "tag": message.number}
    sealed = webpush.sealed(
        text,
        webpush.Subscription(browser.endpoint, browser.p256dh, browser.auth),
        sealing.push_key(message.agency_id),
        settings.ENVIRONMENT.base_url,
        message.pk.hex,
        now,
        is_urgent=is_urgent,
    )
    return Call(browser.endpoint, sealed.body, sealed.headers)


def _link(telling: Telling, now: datetime) -> str:
    """Signed as it leaves, so that one that was long on its way counts its whole day."""
    return f"{reverse('told:confirm')}?{urlencode({'token': token_of(telling, now)})}"


def token_of(telling: Telling, made_at: datetime) -> str:
    """What proves that somebody read a message at an address: signed, and of its person alone."""
    return signing.dumps([str(telling.pk), telling.address, made_at.timestamp()], salt=_SALT)


def is_token_of(telling: Telling, token: str, now: datetime) -> bool:
    """Whether a token was sent to a person's present address, and lately."""
    try:
        person, address, made = signing.loads(token, salt=_SALT)
    except (signing.BadSignature, ValueError):
        return False
    counts_until = datetime.fromtimestamp(made, UTC) + person_rules.LINK_COUNTS_FOR
    return (person, address) == (str(telling.pk), telling.address) and now < counts_until


def forget(browser: Browser, by: Who, now: datetime, why: str) -> None:
    """Tell a browser nothing any more and forget its keys, in the caller's transaction."""
    host = browser.system.url
    browser.endpoint = browser.p256dh = browser.auth = ""
    browser.removed_at = now
    browser.save(update_fields=["endpoint", "p256dh", "auth", "removed_at"])
    audit.record(
        verb="outgoing.browser.removed",
        by=by,
        agency=browser.agency_id,
        subject=f"outgoing.Browser:{browser.pk}",
        detail={"name": browser.name, "of": browser.user.username, "service": host, "why": why},
        now=now,
    )


def forget_person(user: User, by: Who, now: datetime) -> None:
    """Forget where somebody was told whose account is closed for good, in the caller's transaction."""
    told_on = Browser.objects.select_for_update(of=("self",)).select_related("system", "user")
    for browser in told_on.filter(user=user, removed_at__isnull=True):
        forget(browser, by, now, _LEFT)
    if Telling.objects.filter(pk=user.pk).exclude(address="").update(address="", confirmed_at=None):
        audit.record(
            verb="outgoing.address.forgotten",
            by=by,
            agency=user.agency_id,
            subject=f"outgoing.Telling:{user.pk}",
            detail={"of": user.username, "why": _LEFT},
            now=now,
        )


def wants_no_more(browser_id: UUID, by: Who, now: datetime) -> None:
    """A push service said that a browser is gone: forget it, and leave its person a notice."""
    browser = (
        Browser.objects.select_for_update(of=("self",)).select_related("system", "user").get(pk=browser_id)
    )
    if browser.removed_at:
        return
    forget(browser, by, now, BROWSER_GONE)
    notices.raise_notice(
        agency=browser.agency_id,
        key=f"telling:{browser.pk}",
        kind=NOTICE,
        to=to_person(browser.user_id, browser.user.full_name),
        text=f"You are not told of alerts on “{browser.name}” any more. Add it again if you want to be.",
        by=by,
        link=reverse("told:mine"),
        subject=f"outgoing.Browser:{browser.pk}",
        now=now,
    )
