"""What a unit is told: its configuration, the agency's list, and who is sent to canvass. Each is signed."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

import msgspec
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest

from plateward.accounts.rules import LOCK_SESSION_AFTER
from plateward.policy import Period, Profile, enforces
from plateward.search import canvass_queries
from plateward.search.canvass_models import CanvassAssignment
from plateward.units import editions, keys, queries, rules
from plateward.units.models import ListEdition, Unit
from plateward.unitwire.documents import (
    ENTRIES_AT_MOST,
    Assignment,
    Assignments,
    Channel,
    Configuration,
    HotList,
    ListChanges,
    ListEntry,
    Signed,
)


class Heading(TypedDict):
    device_id: str
    agency: str
    issued_at: datetime
    serial: int


@dataclass(frozen=True, slots=True)
class Configured:
    """A configuration; `tag` names what it says, `document` is None where the unit has that already."""

    tag: str
    document: Signed | None


class EditionGoneError(LookupError):
    """The version of the list that was asked for is not kept any more."""


def configure(*, unit: Unit, profile: Profile, known: str, now: datetime) -> Configured:
    """How a unit is to work, unless it knows: `known` is the tag of what it has."""
    told = _configuration(unit, profile, now)
    without = msgspec.structs.replace(told, issued_at=unit.enrolled_at)
    tag = hashlib.sha256(msgspec.json.encode(without)).hexdigest()[:32]
    if tag == known:
        return Configured(tag, None)
    return Configured(tag, keys.sign(msgspec.structs.replace(told, serial=_next_serial(unit, now))))


@enforces("B-466.11¶3", "B-466.5", "H-426.4")
def _configuration(unit: Unit, profile: Profile, now: datetime) -> Configuration:
    fresh, room = profile.hotlists.custom.refresh_within, profile.field.thin_pictures_below.settled
    return Configuration(
        device_id=str(unit.device_id),
        agency=unit.agency_id,
        issued_at=now,
        serial=0,
        agency_name=profile.agency.name,
        time_zone=profile.agency.time_zone,
        device_name=unit.device.name,
        receiver=settings.ENVIRONMENT.receiver_url,
        list_fresh_for_s=_seconds(fresh.settled),
        list_fresh_clause=profile.citation(fresh),
        list_may_be_used_stale=bool(profile.field.stale_list_used.settled),
        upload_bytes_per_s=unit.upload_kb_per_s and unit.upload_kb_per_s * rules.KILOBYTE,
        keep_pictures_bytes=None if room is None else room * rules.MEGABYTE,
        grant_s=_seconds(profile.field.unit_sign_in_for.settled),
        lock_after_s=int(LOCK_SESSION_AFTER.total_seconds()),
        ask_every_s=rules.ASK_EVERY_S,
        health_every_s=rules.HEALTH_EVERY_S,
        grant_clause=profile.field.unit_sign_in_for.clause,
        verify_clause=profile.citation(profile.verification.before_enforcement),
        channels=tuple(
            Channel(id=one.id, name=one.name) for one in profile.verification.channels.settled or ()
        ),
    )


def _seconds(period: Period | None) -> int | None:
    return None if period is None else rules.seconds_of(period)


def tell_list(*, unit: Unit, profile: Profile, since: int | None, now: datetime) -> Signed:
    """What changed on the list since a version; the first part of the whole where that is not known."""
    newest = editions.current(unit.agency_id, profile, now)
    earlier = editions.numbered(unit.agency_id, since) if since is not None else None
    if earlier is None:
        return _part(unit, newest, 1, now)
    added, removed = _between(earlier, newest)
    if len(added) > ENTRIES_AT_MOST:
        return _part(unit, newest, 1, now)
    return keys.sign(
        ListChanges(
            **heading(unit, now),
            from_version=earlier.number,
            version=newest.number,
            as_of=newest.compared_at,
            added=added,
            removed=removed,
        )
    )


def _between(earlier: ListEdition, newest: ListEdition) -> tuple[tuple[ListEntry, ...], tuple[str, ...]]:
    if earlier.number == newest.number:
        return (), ()
    before, after = ({one.id: one for one in editions.entries_of(each)} for each in (earlier, newest))
    return rules.list_changes(before, after)


def tell_part(*, unit: Unit, version: int, part: int, now: datetime) -> Signed:
    """One part of a version of the list. Raises EditionGoneError."""
    edition = editions.numbered(unit.agency_id, version)
    if edition is None or not 1 <= part <= _parts(edition):
        raise EditionGoneError
    return _part(unit, edition, part, now)


def _part(unit: Unit, edition: ListEdition, part: int, now: datetime) -> Signed:
    first = (part - 1) * ENTRIES_AT_MOST
    return keys.sign(
        HotList(
            **heading(unit, now),
            version=edition.number,
            as_of=edition.compared_at,
            part=part,
            parts=_parts(edition),
            entries=tuple(editions.part_of(edition, first, ENTRIES_AT_MOST)),
        )
    )


def _parts(edition: ListEdition) -> int:
    return max(1, -(-edition.entries // ENTRIES_AT_MOST))


@enforces("B-466.4(c)", "H-426.3(c)")
def tell_assignments(*, unit: Unit, now: datetime) -> Signed:
    """Who is sent to canvass with this unit, or is signed in on it and sent; and which sign-ins count."""
    signed_in = queries.signed_in_rightly(unit.device_id, now)
    found = canvass_queries.tasks_of(
        unit.agency_id, unit.device_id, [one.user_id for one in signed_in if one.user_id], now
    )
    return keys.sign(
        Assignments(
            **heading(unit, now),
            assignments=tuple(_told(one) for one in found),
            sessions=tuple(one.pk for one in signed_in),
        )
    )


def _told(assignment: CanvassAssignment) -> Assignment:
    canvass = assignment.canvass
    return Assignment(
        id=assignment.pk,
        username=assignment.assigned_to.username,
        name=assignment.assigned_to.full_name,
        incident=canvass.get_crime_display(),
        place=canvass.place,
        area=canvass.area,
        instruction=canvass.reason,
        from_at=assignment.from_at,
        until_at=assignment.until_at,
        sent_by=assignment.assigned_by.full_name,
        acknowledged_at=assignment.acknowledged_at,
    )


def heading(unit: Unit, now: datetime) -> Heading:
    """What every document for this unit begins with; the serial is used up by it."""
    return {
        "device_id": str(unit.device_id),
        "agency": unit.agency_id,
        "issued_at": now,
        "serial": _next_serial(unit, now),
    }


@transaction.atomic
def _next_serial(unit: Unit, now: datetime) -> int:
    """The number of the next document for this unit: whoever signs two at once signs two numbers.

    It keeps up with the clock, in microseconds: a restored database goes on above what units have.
    """
    Unit.objects.filter(pk=unit.pk).update(serial=Greatest(F("serial") + 1, rules.stamp(now, 1_000_000)))
    unit.refresh_from_db(fields=["serial"])
    return unit.serial
