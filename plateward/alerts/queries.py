"""Open alerts, the facts their rules need, and what is shown of one."""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from plateward.alerts import priority
from plateward.alerts.hit_rules import HitResult, Reply, Request, Urgency
from plateward.alerts.holding import held_now
from plateward.alerts.match_rules import lateness
from plateward.alerts.models import (
    Alert,
    Confirmation,
    Disposition,
    Hit,
    HitAnswer,
    HitConfirmation,
    StepRecord,
    UnitNote,
)
from plateward.alerts.picture_rules import Compared, Sameness
from plateward.alerts.radio import Sighting
from plateward.alerts.rules import (
    AlertFacts,
    AlertStatus,
    Answer,
    Closing,
    ConfirmationResult,
    Excuse,
    StepOutcome,
    Worked,
)
from plateward.alerts.track import Leg, Spot, leg_between
from plateward.devices.rules import direction_words
from plateward.governance.actor import Actor
from plateward.hotlists import queries as hotlists
from plateward.hotlists.models import EntryState, HotlistKind
from plateward.plates import Comparison, compare
from plateward.policy import Profile
from plateward.reads import queries as reads
from plateward.reads.models import Read

HITS_SHOWN = 20
"""A wanted car parked before a camera hits all night: screens and records name the newest, and count all."""


def with_hits(agency: str) -> QuerySet[Alert]:
    """The agency's alerts with entry, `hit_count` and `newest_hits` (last capture first), in two queries."""
    newest = Hit.objects.select_related("device").order_by("-captured_at", "id")[:HITS_SHOWN]
    counted = Hit.objects.filter(alert=OuterRef("pk")).order_by().values("alert").annotate(number=Count("pk"))
    return (
        Alert.objects.filter(agency_id=agency)  # type: ignore[no-redef]  # the model declares what is set here
        .select_related("entry__hotlist", "entry__requested_by", "entry__decided_by")
        .annotate(hit_count=Coalesce(Subquery(counted.values("number")), 0), **held_now())
        .prefetch_related(Prefetch("hits", newest, "newest_hits"))
        .order_by("-last_hit_at", "id")
    )


def open_alerts(agency: str, profile: Profile) -> QuerySet[Alert]:
    """Alerts no disposition has closed: late ones last, then by the priority that the policy gives.

    Among equals doubtful ones come later, then the one hit last first.
    """
    ordered = ("is_late", priority.rank(profile), "doubt", "-last_hit_at", "id")
    return with_hits(agency).exclude(status=AlertStatus.CLOSED).order_by(*ordered)


def open_by_status(agency: str) -> dict[str, int]:
    """How many alerts are open, by status."""
    still_open = Alert.objects.filter(agency_id=agency).exclude(status=AlertStatus.CLOSED).order_by()
    return dict(still_open.values_list("status").annotate(Count("pk")))


def removals_due(agency: str) -> QuerySet[Disposition]:
    """Recovered vehicles whose own entry still matches, so that their finders have it removed (B-466.11)."""
    return (
        Disposition.objects.filter(
            removal_due=True,
            alert__agency_id=agency,
            alert__entry__state=EntryState.ACTIVE,
            alert__entry__hotlist__kind=HotlistKind.CUSTOM,
        )
        .select_related("alert__entry", "recorded_by")
        .order_by("recorded_at", "id")
    )


def facts_of(alert: Alert) -> AlertFacts:
    """What the rules need to know about an alert."""
    steps = alert.steps.select_related("worked_by", "hit").order_by("worked_at", "id")
    excuses = alert.excuses.select_related("recorded_by").order_by("recorded_at", "id")
    answers = alert.confirmations.select_related("recorded_by").order_by("recorded_at", "id")
    closing = Disposition.objects.select_related("recorded_by").filter(alert=alert).first()
    return AlertFacts(
        category=alert.entry.category,
        status=AlertStatus(alert.status),
        worked=tuple(
            Worked(
                s.step,
                StepOutcome(s.outcome),
                s.worked_at,
                s.worked_by.full_name,
                s.note,
                s.hit.captured_at if s.hit else None,
            )
            for s in steps
        ),
        answers=tuple(
            Answer(
                ConfirmationResult(a.result),
                a.recorded_at,
                a.recorded_by.full_name,
                a.channel,
                a.record_number,
            )
            for a in answers
        ),
        excuses=tuple(Excuse(e.reason, e.recorded_at, e.recorded_by.full_name) for e in excuses),
        sighted_at=alert.last_hit_at,
        closing=Closing(
            closing.code,
            closing.recorded_at,
            closing.recorded_by.full_name,
            closing.stop_made,
            closing.stop_reason,
        )
        if closing
        else None,
    )


def shown_to(actor: Actor, alert: Alert) -> Alert:
    """The alert as this person may see it: where the entry's data takes an authorization, its plate alone."""
    entry = hotlists.shown_to(actor, alert.entry)
    if entry.withheld is None:
        return alert
    seen = copy(alert)
    seen.entry, seen.other_state = entry, ""
    seen.newest_hits = [_without_states(hit) for hit in alert.newest_hits]
    return seen


def _without_states(hit: Hit) -> Hit:
    seen = copy(hit)
    seen.explanation = hit.explanation.partition(";")[0]
    return seen


@dataclass(frozen=True, slots=True)
class Seen:
    """The vehicle as one hit saw it. `read` is None once retention has destroyed the read."""

    hit: Hit
    read: Read | None
    entered_plate: str
    entered_vehicle: str
    leg: Leg | None = None

    @property
    def read_plate(self) -> str:
        """The plate as read, or the entered one when the read is gone."""
        return self.read.plate if self.read else self.entered_plate

    @property
    def comparison(self) -> Comparison:
        """How the plate as read relates to the one entered."""
        return compare(self.read_plate, self.entered_plate)

    @property
    def confidences(self) -> list[float] | None:
        """One confidence per character of the plate as read, where the reader gave them."""
        characters = (self.read.characters if self.read else None) or []
        given = [one["confidence"] for one in characters if one.get("confidence") is not None]
        return given if given and len(given) == len(characters) else None

    @property
    def heading_deg(self) -> float | None:
        """Where the vehicle drove, clockwise from north: by the camera, else from place to place."""
        by_camera = self.hit.heading_deg
        if by_camera is None and self.read:
            by_camera = self.read.heading_deg
        if by_camera is None and self.leg and self.leg.is_plausible:
            return self.leg.bearing_deg
        return by_camera

    @property
    def direction_by(self) -> str:
        """What the direction rests on, in words; "" where it is not known."""
        if self.heading_deg is None:
            return ""
        has_camera = self.hit.heading_deg is not None or (self.read and self.read.heading_deg is not None)
        return "by the camera" if has_camera else "from place to place"

    @property
    def late_by(self) -> timedelta | None:
        """How long after its capture the read was received, where it came too late to call anybody."""
        return lateness(self.hit.captured_at, self.hit.received_at) if self.hit.is_late else None

    @property
    def place(self) -> tuple[float, float] | None:
        """Latitude and longitude of the read, else of its camera."""
        for source in (self.read, self.hit.device):
            if source and source.latitude is not None and source.longitude is not None:
                return source.latitude, source.longitude
        return None

    @property
    def direction(self) -> str:
        """Such as "northbound"; "" when nobody knows."""
        return direction_words(self.heading_deg)

    @property
    def sighting(self) -> Sighting:
        """What the radio says of it."""
        return Sighting(
            entered_plate=self.entered_plate,
            read_plate=self.read_plate,
            vehicle=self.entered_vehicle or vehicle_words(self.read.vehicle if self.read else {}),
            place=self.hit.device.location,
            heading_deg=self.heading_deg,
            movement=self.leg.words if self.leg and self.leg.is_plausible else "",
        )


def vehicle_words(vehicle: Mapping[str, object]) -> str:
    """A vehicle as a reader described it, in words: "silver Toyota Prius sedan"."""
    parts = (vehicle.get(name) for name in ("color", "make", "model", "type"))
    return " ".join(str(part) for part in parts if part)


def leg_to(hit: Hit) -> Leg | None:
    """How the vehicle came to where this hit saw it: from where it was seen last at another place."""
    earlier = Hit.objects.filter(alert=hit.alert_id, captured_at__lt=hit.captured_at)
    spots = earlier.select_related("device").order_by("-captured_at", "id")[:HITS_SHOWN]
    return leg_between((_spot(one) for one in spots), _spot(hit))


def _spot(hit: Hit) -> Spot:
    return Spot(hit.device.location, hit.captured_at, hit.latitude, hit.longitude)


def beside(alert: Alert) -> list[Alert]:
    """Other open alerts, with their hits, on what may be the same vehicle: its plate or a look-alike."""
    keys = Hit.objects.filter(alert=alert).values("plate_key")
    same = Alert.objects.filter(
        Q(hits__plate_key__in=keys) | Q(entry=alert.entry_id), agency_id=alert.agency_id
    )
    others = same.exclude(status=AlertStatus.CLOSED).exclude(pk=alert.pk)
    found = with_hits(alert.agency_id).filter(pk__in=others.values("pk"))
    return list(found.order_by("raised_at", "id"))


def compared_pictures(alert: Alert) -> tuple[Compared, ...]:
    """Who compared which hit's picture, and what they saw, in the order of it."""
    seen = alert.picture_matches.select_related("recorded_by").order_by("recorded_at", "id")
    return tuple(
        Compared(
            hit_id=one.hit_id,
            characters=Sameness(one.characters),
            region=Sameness(one.region),
            make=Sameness(one.make),
            color=Sameness(one.color),
            at=one.recorded_at,
            by=one.recorded_by.full_name,
        )
        for one in seen
    )


def hit_requests(alert: Alert) -> tuple[Request, ...]:
    """What the entering agency was asked, and answered."""
    asked = alert.hit_confirmations.select_related("asked_by").prefetch_related(
        Prefetch("answers", HitAnswer.objects.select_related("recorded_by").order_by("recorded_at", "id"))
    )
    return tuple(request_of(one) for one in asked.order_by("number"))


def request_of(asked: HitConfirmation) -> Request:
    """One request to an entering agency with its answers."""
    return Request(
        id=asked.pk,
        number=asked.number,
        entering_agency=asked.entering_agency,
        urgency=Urgency(asked.urgency),
        at=asked.asked_at,
        by=asked.asked_by.full_name,
        due_at=asked.due_at,
        replies=tuple(
            Reply(HitResult(a.result), a.recorded_at, a.recorded_by.full_name, a.promised_at, a.note)
            for a in asked.answers.all()
        ),
    )


def faulty_hits(agency: str) -> QuerySet[Hit]:
    """Hits of alerts that were closed as misreads or another state's plates, with what was found (R76)."""
    found = Hit.objects.filter(agency_id=agency).exclude(alert__disposition__read_fault="")
    return found.filter(alert__disposition__isnull=False).select_related("alert__disposition", "device")


def seen_by(alert: Alert, hit: Hit) -> Seen:
    """What one hit of the alert saw, and how the vehicle came there."""
    try:
        read = reads.read_by_id(alert.agency_id, hit.read_id)
    except Read.DoesNotExist:
        read = None
    return Seen(hit, read, alert.entry.plate, alert.entry.vehicle_description, leg_to(hit))


def last_seen(alert: Alert, hits: Sequence[Hit]) -> Seen:
    """What the hit captured last saw; an alert has at least one hit."""
    return seen_by(alert, max(hits, key=lambda hit: hit.captured_at))


def sighting_of(alert: Alert, hit_id: UUID | None) -> Seen:
    """What the hit the screen showed saw, or the last one; raises Hit.DoesNotExist."""
    hits = alert.hits.select_related("device").order_by("-captured_at", "id")
    return seen_by(alert, hits.get(pk=hit_id) if hit_id else hits[0])


def recorded_acts(agency: str, person: UUID, acts: Sequence[UUID]) -> set[UUID]:
    """Those of these acts on alerts, by the ids a screen gave them, which are on record as the person's."""
    rows: tuple[QuerySet[Any], ...] = (
        StepRecord.objects.filter(worked_by=person),
        Confirmation.objects.filter(recorded_by=person),
        Disposition.objects.filter(recorded_by=person),
        UnitNote.objects.filter(noted_by=person),
    )
    mine = (one.filter(pk__in=acts, alert__agency_id=agency).values_list("pk", flat=True) for one in rows)
    return {act for found in mine for act in found}


def entry_fresh_at(alert: Alert) -> datetime:
    """When the list entry behind the alert was last known to be right."""
    return alert.entry.known_at
