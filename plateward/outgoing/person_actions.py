"""What people choose for themselves: of what they are told, at which address, on which of their browsers."""

from collections.abc import Collection, Mapping
from datetime import datetime, time, timedelta
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from plateward.alerts.rules import AlertChange
from plateward.audit import actions as audit
from plateward.governance.actor import Actor
from plateward.outgoing import person_rules, persons, rules, sealing, webpush
from plateward.outgoing.models import Browser, Message, PushKey, System, Telling
from plateward.outgoing.rules import SystemKind, SystemState
from plateward.outgoing.tasks import send_soon
from plateward.policy import CategoryPriority, TellingWay
from plateward.policy.outgoing import way_of_telling

SEES = persons.SEES


@transaction.atomic
def choose(
    *,
    mail: Collection[str],
    push: Collection[str],
    least: CategoryPriority,
    late_too: bool,
    quiet_from: time | None,
    quiet_until: time | None,
    by: Actor,
    now: datetime,
) -> Telling:
    """Choose of which alerts one is told by which way. Choosing nothing ends it.

    Raises Refused: without the right to see alerts, and for a way that the agency did not decide on.
    Raises ValidationError for quiet hours of which one end is missing, or both are the same, and
    MasterKeyError where the agency's first push key is to be made.
    """
    by.require(SEES)
    for way, chosen in ((TellingWay.MAIL, mail), (TellingWay.PUSH, push)):
        if chosen:
            way_of_telling(by.profile, way).require()
    if push:
        push_key(by=by, now=now)  # browsers need it before they can be added
    if (quiet_from is None) != (quiet_until is None) or (quiet_from and quiet_from == quiet_until):
        raise ValidationError({"quiet_until": "Give both times, and not the same one; or neither."})
    telling = _mine(by, now)
    telling.mail, telling.push, telling.least, telling.late_too = sorted(mail), sorted(push), least, late_too
    telling.quiet_from, telling.quiet_until, telling.changed_at = quiet_from, quiet_until, now
    telling.full_clean()
    telling.save()
    quiet = f"{quiet_from:%H:%M}–{quiet_until:%H:%M}" if quiet_from and quiet_until else ""
    detail = {"mail": telling.mail, "push": telling.push, "least": least, "late": late_too, "quiet": quiet}
    _journal("outgoing.telling.chosen", f"outgoing.Telling:{telling.pk}", by, now, detail)
    return telling


@transaction.atomic
def give_address(*, address: str, by: Actor, now: datetime) -> Telling:
    """Give one's address for e-mail, "" to take it back. It counts once the link sent there was opened.

    Raises Refused as `choose`, and ValidationError for one to which nothing is sent.
    """
    by.require(SEES)
    address = address.strip()
    if address:
        way_of_telling(by.profile, TellingWay.MAIL).require()
        _check_address(address)
    telling = _mine(by, now)
    telling.address, telling.confirmed_at, telling.changed_at = address, None, now
    telling.save()
    _journal("outgoing.address.given", f"outgoing.Telling:{telling.pk}", by, now, {"address": address})
    if address:
        _queue(_mail_system(by, now), None, by, now)
    return telling


@transaction.atomic
def confirm_address(*, token: str, by: Actor, now: datetime) -> Telling:
    """Prove with the link that was sent to an address that one reads it.

    Raises Refused as `choose`, and ValidationError for a link of another address or person, or too old.
    """
    by.require(SEES)
    way_of_telling(by.profile, TellingWay.MAIL).require()
    telling = Telling.objects.select_for_update().filter(pk=by.user_id).first()
    if telling is None or not persons.is_token_of(telling, token, now):
        raise ValidationError(
            "This link is too old, or not for your present address. Give the address again."
        )
    if telling.confirmed_at is None:
        telling.confirmed_at = now
        telling.save(update_fields=["confirmed_at"])
        detail = {"address": telling.address}
        _journal("outgoing.address.confirmed", f"outgoing.Telling:{telling.pk}", by, now, detail)
    return telling


@transaction.atomic
def add_browser(*, name: str, endpoint: str, p256dh: str, auth: str, by: Actor, now: datetime) -> Browser:
    """Have a browser told, as which its push service knows it. Whoever it told before is told there no more.

    Raises Refused as `choose`, ValidationError for a push service that this installation does not name and
    for keys that are none, and MasterKeyError.
    """
    by.require(SEES)
    way_of_telling(by.profile, TellingWay.PUSH).require()
    service = _service(endpoint)
    try:
        webpush.check_subscription(webpush.Subscription(endpoint, p256dh, auth))
    except ValueError as error:
        raise ValidationError(f"This browser gave keys that cannot be used: {error}.") from error
    push_key(by=by, now=now)
    known = Browser.objects.select_for_update(of=("self",)).select_related("system", "user")
    for earlier in known.filter(agency_id=by.agency, endpoint=endpoint, removed_at__isnull=True):
        persons.forget(earlier, by.acting(SEES), now, "It was added anew.")
    browser = Browser(
        agency_id=by.agency,
        user_id=by.user_id,
        system=_push_system(service, by, now),
        name=name.strip(),
        endpoint=endpoint,
        p256dh=p256dh,
        auth=auth,
        added_at=now,
    )
    browser.full_clean()
    browser.save(force_insert=True)
    detail = {"name": browser.name, "service": browser.system.url}
    _journal("outgoing.browser.added", f"outgoing.Browser:{browser.pk}", by, now, detail)
    return browser


@transaction.atomic
def remove_browser(*, browser_id: UUID, by: Actor, now: datetime) -> Browser:
    """Have one of one's browsers told no more. Raises Browser.DoesNotExist; nothing else stops it."""
    found = Browser.objects.select_for_update(of=("self",)).select_related("system", "user")
    browser = found.get(pk=browser_id, user_id=by.user_id, removed_at__isnull=True)
    persons.forget(browser, by.who, now, "Its person removed it.")
    return browser


@transaction.atomic
def try_telling(*, browser_id: UUID | None, by: Actor, now: datetime) -> Message:
    """Send oneself a message that tells of no alert: to a browser, None: to one's address.

    Raises Refused as `choose`, Browser.DoesNotExist, and ValidationError where it would not leave.
    """
    by.require(SEES)
    if browser_id:
        browsers = Browser.objects.select_related("system")
        browser = browsers.get(pk=browser_id, user_id=by.user_id, removed_at__isnull=True)
        way_of_telling(by.profile, TellingWay.PUSH).require()
        return _queue(browser.system, browser, by, now)
    way_of_telling(by.profile, TellingWay.MAIL).require()
    if not Telling.objects.filter(pk=by.user_id).exclude(address="").exists():
        raise ValidationError("Give your address first.")
    return _queue(_mail_system(by, now), None, by, now)


@transaction.atomic
def push_key(*, by: Actor, now: datetime) -> PushKey:
    """The agency's push key, made as the first of its people chooses push. Raises Refused, MasterKeyError."""
    by.require(SEES)
    way_of_telling(by.profile, TellingWay.PUSH).require()
    key, is_new = sealing.make_push_key(by.agency, now)
    if is_new:
        _journal("outgoing.push_key.made", f"outgoing.PushKey:{by.agency}", by, now, {"public": key.public})
    return key


def _queue(system: System, browser: Browser | None, by: Actor, now: datetime) -> Message:
    if system.state != SystemState.ON:
        raise ValidationError("Your agency has switched this way off. Ask whoever sets up what alerts go to.")
    lately = Message.objects.filter(
        person_id=by.user_id, event=None, made_at__gt=now - timedelta(hours=1)
    ).count()
    if lately >= person_rules.TRIES_AN_HOUR:
        raise ValidationError(
            f"You had {person_rules.TRIES_AN_HOUR} test messages and links sent within an hour, which is the "
            "most. Try again later."
        )
    message = Message.objects.create(
        agency_id=by.agency,
        system=system,
        person_id=by.user_id,
        browser=browser,
        made_at=now,
        next_at=now,
    )
    detail = {"name": browser.name if browser else system.name, "message": message.number}
    _journal("outgoing.message.tested", f"outgoing.System:{system.pk}", by, now, detail)
    transaction.on_commit(send_soon, robust=True)
    return message


def _mine(by: Actor, now: datetime) -> Telling:
    """One's row, locked, also the first one."""
    blank = {"agency_id": by.agency, "least": CategoryPriority.LOW, "changed_at": now}
    Telling.objects.get_or_create(pk=by.user_id, defaults=blank)
    return Telling.objects.select_for_update().get(pk=by.user_id)


def _check_address(address: str) -> None:
    mail = settings.ENVIRONMENT.mail
    if mail is None:
        raise ValidationError(
            {"address": "This installation sends no e-mail. The I.T. manager names a mail server first."}
        )
    try:
        validate_email(address)
    except ValidationError as error:
        raise ValidationError({"address": "This is no e-mail address."}) from error
    if problem := person_rules.address_problem(address, mail.domains):
        raise ValidationError({"address": problem})


def _service(endpoint: str) -> str:
    """The push service of an endpoint, as an address. Raises ValidationError."""
    try:
        address = rules.checked_address(endpoint)
    except ValueError as error:
        raise ValidationError(str(error)) from error
    if not person_rules.is_push_service(address, settings.ENVIRONMENT.push_services):
        raise ValidationError(
            "This browser’s push service is not one that this installation sends to. The I.T. manager names "
            "its host in PLATEWARD_PUSH_SERVICES if that is right."
        )
    return person_rules.origin_of(address)


def _mail_system(by: Actor, now: datetime) -> System:
    return _system(SystemKind.MAIL, "E-mail", "", by, now)


def _push_system(service: str, by: Actor, now: datetime) -> System:
    name = f"Push by {service.removeprefix('https://')}"[:100]
    return _system(SystemKind.PUSH, name, service, by, now)


def _system(kind: SystemKind, name: str, url: str, by: Actor, now: datetime) -> System:
    """What carries messages to people, made when the first person needs it."""
    found, _ = System.objects.get_or_create(
        agency_id=by.agency,
        kind=kind,
        name=name,
        defaults={
            "purpose": "Tells people of alerts, as they chose.",
            "url": url,
            "whats": [AlertChange.RAISED],
            "made_at": now,
            "made_by": by.name,
        },
    )
    return found


def _journal(verb: str, subject: str, by: Actor, now: datetime, detail: Mapping[str, object]) -> None:
    audit.record(
        verb=verb,
        by=by.acting(SEES),
        agency=by.agency,
        subject=subject,
        detail=dict(detail),
        profile_version=by.profile.version,
        now=now,
    )
