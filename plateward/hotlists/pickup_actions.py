"""Fetching lists' files by the clock: who ordered it, what came, what went wrong, and what waits for whom."""

import hashlib
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse

from plateward.audit import actions as audit
from plateward.audit.who import Who
from plateward.governance.actor import Actor
from plateward.governance.queries import PolicyUnavailableError, actor_for, profile_for
from plateward.hotlists import layouts_kept, list_actions, pickup_secrets
from plateward.hotlists.layouts import Layout, UnusableFile
from plateward.hotlists.list_actions import CAPABILITY
from plateward.hotlists.lists import list_name
from plateward.hotlists.models import FileState, ListFile
from plateward.hotlists.pickup_models import PickedUp, Pickup, PickupLayout, PickupWay, Proof
from plateward.hotlists.pickup_places import Found, new_key
from plateward.notices import actions as notices
from plateward.notices.rules import to_position
from plateward.policy import Refused, purpose_allowed

WORKER: Final = Who.system("worker")
TROUBLE: Final = "list-pickup-trouble"
MISSING: Final = "list-did-not-come"
WAITS: Final = "list-file-waits"


class PickupFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What a person says of a pickup; see `Pickup`."""

    source: str
    origin: str
    purpose: str
    layout: str
    mode: str = "FULL"
    way: str
    host: str = ""
    port: int = 22
    login: str = ""
    folder: str = ""
    host_key: str = ""
    proof: str = ""
    pattern: str = "*"
    readiness: str = "STEADY"
    every_minutes: int = 10
    expected_hours: int | None = None
    takes_in: bool = False
    removes: bool = False


@transaction.atomic
def set_pickup(*, by: Actor, facts: PickupFacts, password: str = "", now: datetime) -> Pickup:
    """Have a list's files fetched so from now on, in the name of `by`.

    A fresh key is made where the server is to know one. A kept secret goes on only for the very server, port,
    user and host key that it was given for. Raises Refused (title, data, purpose), ValidationError (a list
    that the policy does not know or use, a password that is missing), and MasterKeyError.
    """
    by.require(CAPABILITY)
    by.sees(facts.origin).require()
    purpose_allowed(by.profile, facts.purpose).require()
    list_name(by.profile, facts.source, facts.origin)
    found = Pickup.objects.select_for_update().filter(
        agency_id=by.agency, source=facts.source, origin=facts.origin
    )
    pickup = found.first() or Pickup(agency_id=by.agency)
    place = _place_of(pickup)
    for name, value in msgspec.structs.asdict(facts).items():
        setattr(pickup, name, value)
    pickup.set_by_id, pickup.set_at, pickup.is_on = by.user_id, now, True
    pickup.looked_at, pickup.seen = None, pickup.seen if place == _place_of(pickup) else {}
    secret = _secret(pickup, password)
    pickup.save()
    if secret:
        pickup_secrets.keep(pickup, secret, now)
    pickup_secrets.forget_others(pickup)
    detail = {name: value for name, value in msgspec.structs.asdict(facts).items() if value}
    _journal("hotlists.pickup.set", pickup, by.acting(CAPABILITY), now, **detail)
    return pickup


def _place_of(pickup: Pickup) -> tuple[str, str, int, str, str]:
    return pickup.way, pickup.host, pickup.port, pickup.login, pickup.folder


def _secret(pickup: Pickup, password: str) -> bytes:
    """What is to be kept anew, b"" for nothing."""
    if pickup.way != PickupWay.SFTP:
        return b""
    if pickup.proof == Proof.PASSWORD:
        if not password and not pickup_secrets.is_kept(pickup):
            why = "Enter the password of the user on this server. None that was given for another is used."
            raise ValidationError({"password": why})
        pickup.public_key = ""
        return password.encode()
    if pickup_secrets.is_kept(pickup):
        return b""
    private, pickup.public_key = new_key()
    return private


@transaction.atomic
def stop_pickup(*, pickup: Pickup, by: Actor, now: datetime) -> Pickup:
    """Fetch nothing any more, and destroy key or password. Raises Refused."""
    by.require(CAPABILITY)
    by.sees(pickup.origin).require()
    stopped = Pickup.objects.select_for_update().get(pk=pickup.pk, agency_id=by.agency)
    stopped.is_on, stopped.trouble, stopped.troubled_at = False, "", None
    stopped.public_key = stopped.proof = ""
    stopped.save()
    pickup_secrets.forget(stopped)
    who = by.acting(CAPABILITY)
    for kind in (TROUBLE, MISSING):
        notices.settle_about(agency=by.agency, subject=_subject(stopped), kind=kind, by=who, now=now)
    _journal("hotlists.pickup.stopped", stopped, who, now)
    return stopped


@transaction.atomic
def ask_to_look(*, pickup: Pickup, by: Actor, now: datetime) -> None:
    """Have the next look come at once. Raises Refused."""
    by.require(CAPABILITY)
    by.sees(pickup.origin).require()
    Pickup.objects.filter(pk=pickup.pk, agency_id=by.agency).update(looked_at=None)
    _journal("hotlists.pickup.asked", pickup, by.acting(CAPABILITY), now)


@transaction.atomic
def looked(*, pickup: Pickup, found: list[Found], goes_on: bool, now: datetime) -> None:
    """Remember what a look found; `goes_on` has the next look come at once, since more waits."""
    recovered = bool(pickup.trouble)
    pickup.seen = {one.name: [*one.facts, True] if _has(pickup, one) else one.facts for one in found}
    pickup.looked_at, pickup.succeeded_at = None if goes_on else now, now
    pickup.trouble, pickup.troubled_at = "", None
    pickup.save(update_fields=["seen", "looked_at", "succeeded_at", "trouble", "troubled_at"])
    if recovered:
        _journal("hotlists.pickup.recovered", pickup, WORKER, now)
        subject = _subject(pickup)
        notices.settle_about(agency=pickup.agency_id, subject=subject, kind=TROUBLE, by=WORKER, now=now)


@transaction.atomic
def troubled(*, pickup: Pickup, why: str, now: datetime) -> None:
    """Say that a place could not be looked at; whoever takes lists in is asked once until it can again."""
    is_new = not pickup.trouble
    pickup.looked_at, pickup.trouble = now, why[:500]
    pickup.troubled_at = pickup.troubled_at or now
    pickup.save(update_fields=["looked_at", "trouble", "troubled_at"])
    if is_new:
        _journal("hotlists.pickup.failed", pickup, WORKER, now, why=pickup.trouble)
    key = f"{TROUBLE}:{pickup.pk}:{pickup.troubled_at.isoformat()}"
    text = f"The files of “{_name(pickup, now)}” cannot be fetched. Its page says why and what to do."
    _ask(pickup, key, TROUBLE, text, now, subject=_subject(pickup), link=_page(pickup))


@transaction.atomic
def picked_up(*, pickup: Pickup, found: Found, data: bytes, now: datetime) -> PickedUp:
    """Take over the bytes of a file that was fetched; the worker checks it next.

    Only the very file that still lies there is not taken again. Bytes that came before are looked at like
    others: where they are a version already, that speaks against them and somebody is asked. A file that
    cannot be used says so on its row and is over with. Raises Refused where whoever ordered it may not any
    more.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    came = PickedUp(
        pickup=pickup, name=found.name, size=len(data), changed=found.changed, sha256=sha256, picked_at=now
    )
    same = pickup.files.filter(sha256=sha256)
    again = same.filter(name=came.name, changed=came.changed).first()
    if again and _has(pickup, found):  # it could not be put away
        return again
    came.first = same.filter(first__isnull=True).first()
    _take_over(came, data, now)
    if came.file is None:
        came.settled_at = now
    came.save()
    detail = {"file": came.name, "sha256": sha256, "why": came.why, "again": came.first is not None}
    _journal("hotlists.pickup.fetched", pickup, WORKER, now, **detail)
    pickup.came_at, pickup.seen = now, pickup.seen | {found.name: [*found.facts, True]}
    pickup.save(update_fields=["came_at", "seen"])
    subject = _subject(pickup)
    notices.settle_about(agency=pickup.agency_id, subject=subject, kind=MISSING, by=WORKER, now=now)
    if came.why:
        _tell(came, now)
    return came


def _has(pickup: Pickup, found: Found) -> bool:
    """Whether this very file was taken over and lies there since."""
    return bool(pickup.seen.get(found.name) == [*found.facts, True])


def _take_over(came: PickedUp, data: bytes, now: datetime) -> None:
    pickup = came.pickup
    try:
        layout, version = _layout(pickup)
        with transaction.atomic():
            came.file = list_actions.upload_file(
                by=_orderer(pickup, now),
                source=pickup.source,
                origin=pickup.origin,
                purpose=pickup.purpose,
                layout=layout,
                layout_version=version,
                mode=pickup.mode,
                name=came.name,
                data=data,
                now=now,
                who=WORKER,
            )
    except UnusableFile as error:
        came.why = str(error)[:500]
    except ValidationError as error:
        came.why = " ".join(error.messages)[:500]


def _layout(pickup: Pickup) -> tuple[Layout | None, int | None]:
    """By which layout its files are read; none where nobody laid one down: then a file waits for it."""
    match pickup.layout:
        case PickupLayout.HEADED:
            return Layout(kind="HEADED"), None
        case PickupLayout.GENETEC:
            return Layout(kind="GENETEC"), None
    kept = layouts_kept.newest(pickup.agency_id, pickup.source, pickup.origin)
    return (layouts_kept.layout_in(kept), kept.version) if kept else (None, None)


def _orderer(pickup: Pickup, now: datetime) -> Actor:
    """Whoever ordered the pickup, as they may act now."""
    return actor_for(pickup.set_by, at=now, address="")


@transaction.atomic
def follow_up(*, came_id: UUID, now: datetime) -> str:
    """See to what is next for a file that came: ask somebody, take it in by standing order, or close it.

    Returns the state its file is in.
    """
    came = PickedUp.objects.select_for_update(of=("self",)).select_related("file", "pickup").get(pk=came_id)
    assert came.file is not None  # noqa: S101  only these are followed up
    state = FileState(came.file.state)
    match state:
        case FileState.UNREAD:
            _ask_about(came, "its columns are not laid down", now)
        case FileState.CHECKED:
            _decide(came, came.file, now)
        case FileState.FAILED:
            came.why = str(came.file.found.get("why", ""))[:500]
            _tell(came, now)
            _close(came, now)
        case FileState.TAKEN | FileState.DISCARDED:
            _close(came, now)
    return state.value


@transaction.atomic
def held_up(*, came_id: UUID, now: datetime) -> None:
    """Ask somebody to see to a file that came and that the worker cannot see to; it goes on trying."""
    came = PickedUp.objects.select_related("pickup").get(pk=came_id)
    _ask_about(came, "the worker cannot see to it. Decide here; the worker's log says why", now)


def _decide(came: PickedUp, file: ListFile, now: datetime) -> None:
    """Take the list in where that was ordered and nothing speaks against it; else ask somebody."""
    if not came.pickup.takes_in:
        _ask_about(came, "it waits for your decision", now)
        return
    try:
        with transaction.atomic():
            list_actions.order_taking(file=file, by=_orderer(came.pickup, now), now=now, who=WORKER)
    except (ValidationError, Refused) as error:
        told = error.decision.reason if isinstance(error, Refused) else " ".join(error.messages)
        _ask_about(came, f"it is not taken in by itself: {told}", now)


def _ask_about(came: PickedUp, why: str, now: datetime) -> None:
    link = reverse("hotlists:list-file", args=[came.file_id])
    text = f"A file of “{_name(came.pickup, now)}” came; {why}"
    key = f"{WAITS}:{came.pk}:{hashlib.sha256(why.encode()).hexdigest()[:12]}"
    _ask(came.pickup, key, WAITS, f"{text.rstrip('.')}.", now, subject=_about(came), link=link)


def _tell(came: PickedUp, now: datetime) -> None:
    """Tell of a file that came and is of no use; there is nothing to be done about that very file."""
    text = f"A file of “{_name(came.pickup, now)}” came and cannot be used. The pickup's page says why."
    key = f"list-file-of-no-use:{came.pk}"
    _ask(came.pickup, key, "list-file-of-no-use", text, now, link=_page(came.pickup), is_task=False)


def _close(came: PickedUp, now: datetime) -> None:
    notices.settle_about(agency=came.pickup.agency_id, subject=_about(came), kind=WAITS, by=WORKER, now=now)
    came.settled_at = now
    came.save(update_fields=["settled_at", "why"])


@transaction.atomic
def warn_of_missing(*, pickup: Pickup, now: datetime) -> bool:
    """Ask why no file came for as long as one was expected; whether it is missing."""
    if not pickup.is_on or pickup.expected_hours is None:
        return False
    since = pickup.came_at or pickup.set_at
    if now < since + timedelta(hours=pickup.expected_hours):
        return False
    text = f"No file of “{_name(pickup, now)}” came for {pickup.expected_hours} hours. Ask its source."
    key = f"{MISSING}:{pickup.pk}:{since.isoformat()}"
    _ask(pickup, key, MISSING, text, now, subject=_subject(pickup), link=_page(pickup))
    return True


def _ask(
    pickup: Pickup,
    key: str,
    kind: str,
    text: str,
    now: datetime,
    *,
    link: str,
    subject: str = "",
    is_task: bool = True,
) -> None:
    """Leave a notice for whoever takes lists in; nobody where no policy gives anybody the right."""
    try:
        profile = profile_for(pickup.agency_id, now)
    except PolicyUnavailableError:
        return  # doctor says so
    if position := list_actions.receiving_position(profile):
        notices.raise_notice(
            agency=pickup.agency_id,
            key=key,
            kind=kind,
            to=to_position(position),
            text=text[:300],
            by=WORKER,
            now=now,
            link=link,
            subject=subject,
            is_task=is_task,
        )


def _name(pickup: Pickup, now: datetime) -> str:
    try:
        source = profile_for(pickup.agency_id, now).hotlists.sources.get(pickup.source)
    except PolicyUnavailableError:
        source = None  # doctor says so
    return source.name if source else pickup.source


def _page(pickup: Pickup) -> str:
    return reverse("hotlists:pickup", args=[pickup.pk])


def _subject(pickup: Pickup) -> str:
    return f"hotlists.Pickup:{pickup.pk}"


def _about(came: PickedUp) -> str:
    return f"hotlists.PickedUp:{came.pk}"


def _journal(verb: str, pickup: Pickup, by: Who, now: datetime, **detail: object) -> None:
    audit.record(
        verb=verb,
        by=by,
        agency=pickup.agency_id,
        subject=_subject(pickup),
        detail={"list": pickup.source, "origin": pickup.origin, **detail},
        now=now,
    )
