"""Hits, alerts, and how each alert was worked (B-466.4(f), B-466.9, H-426.3(f))."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from django.db import models

from plateward.accounts.models import Agency, User
from plateward.alerts.hit_rules import HitResult, Urgency
from plateward.alerts.picture_rules import Sameness
from plateward.alerts.rules import AlertStatus, ConfirmationResult, HoldingEnd, StepOutcome
from plateward.devices.models import Device
from plateward.hotlists.models import Entry
from plateward.policy import ReadFault


class _Labeled(Protocol):
    @property
    def value(self) -> str: ...
    @property
    def label(self) -> str: ...


def _choices(kind: Iterable[_Labeled]) -> list[tuple[str, str]]:
    return [(one.value, one.label) for one in kind]


class Alert(models.Model):
    """One vehicle's hits on one entry, shown to people until a disposition closes it.

    `plate` is the plate as its hits read it, `other_state` the state they read where that is not the entry's.
    What was verified of one plate thus never stands beside the picture of another (B-466.9(d)). `is_late`
    while every hit came too late to call anybody; `doubt` is the least of its hits' (`match_rules.doubt`).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="alerts")
    plate = models.CharField(max_length=20)
    other_state = models.CharField(max_length=6, blank=True)
    status = models.CharField(max_length=14, choices=_choices(AlertStatus), default=AlertStatus.UNVERIFIED)
    raised_at = models.DateTimeField()
    last_hit_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    profile_version = models.CharField(max_length=40)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    is_late = models.BooleanField(default=False, db_default=False)
    doubt = models.PositiveSmallIntegerField(default=0, db_default=0)

    # Set by `queries.with_hits`.
    holder_id: uuid.UUID | None
    holder_name: str | None
    held_at: datetime | None
    hit_count: int
    newest_hits: "list[Hit]"

    class Meta:
        ordering = ("-last_hit_at",)
        indexes = (models.Index(fields=["agency", "status", "-last_hit_at"], name="alert_console"),)
        constraints = (
            models.UniqueConstraint(
                fields=["entry", "plate", "other_state"],
                condition=~models.Q(status="CLOSED"),
                name="alert_open_once_per_vehicle",
            ),
            models.CheckConstraint(
                condition=models.Q(status="CLOSED", closed_at__isnull=False)
                | ~models.Q(status="CLOSED") & models.Q(closed_at__isnull=True),
                name="alert_closed_has_time",
            ),
        )

    def __str__(self) -> str:
        return f"{self.plate} {self.status}"


class Hit(models.Model):
    """A read that matched an entry: a fact, possibly stale. It points to its read by the read's key.

    `distance` is how many characters look alike and are not the same; null against a partial plate.
    `confidence` is 0–1; what is not known is null, or "" for the state as read. `latitude`, `longitude` and
    `heading_deg` (where it drove, clockwise from north) are the read's, the first two else its camera's.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="hits")
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="+")
    read_id = models.UUIDField()
    plate_key = models.CharField(max_length=20)
    captured_at = models.DateTimeField()
    matched_at = models.DateTimeField()
    match_kind = models.CharField(max_length=12)
    explanation = models.CharField(max_length=300)
    distance = models.PositiveSmallIntegerField(null=True)
    confidence = models.FloatField(null=True)
    read_region = models.CharField(max_length=6, blank=True, default="", db_default="")
    received_at = models.DateTimeField(null=True)
    is_late = models.BooleanField(default=False, db_default=False)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    heading_deg = models.FloatField(null=True)

    class Meta:
        ordering = ("-captured_at",)
        constraints = (models.UniqueConstraint(fields=["alert", "read_id"], name="hit_once_per_read"),)

    def __str__(self) -> str:
        return self.explanation


class Confirmation(models.Model):
    """The answer to the CLETS inquiry, entered by a person; Plateward itself never talks to CLETS."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="confirmations")
    channel = models.SlugField(max_length=40)
    result = models.CharField(max_length=14, choices=_choices(ConfirmationResult))
    record_number = models.CharField(max_length=60, blank=True)
    note = models.CharField(max_length=300, blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ("recorded_at",)

    def __str__(self) -> str:
        return f"{self.result} by {self.channel}"


class StepRecord(models.Model):
    """One dispatch step worked, with the words given to the units (B-466.9), and the hit they told of."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="steps")
    step = models.SlugField(max_length=40)
    clause = models.CharField(max_length=40)
    outcome = models.CharField(max_length=14, choices=_choices(StepOutcome))
    spoken = models.TextField(blank=True)
    note = models.CharField(max_length=300, blank=True)
    hit = models.ForeignKey(Hit, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    worked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    worked_at = models.DateTimeField()

    class Meta:
        ordering = ("worked_at",)

    def __str__(self) -> str:
        return f"{self.step} {self.outcome}"


class Disposition(models.Model):
    """How an alert ended. An enforcement action without verification carries the reason (B-466.4(f)).

    `removal_due`: the vehicle was recovered, so its finder has the entry removed (B-466.11). `read_fault`:
    what was wrong with the read, by the profile's word for `code` at that time. `stop_made` is None where
    nobody was asked whether somebody was stopped.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    alert = models.OneToOneField(Alert, on_delete=models.PROTECT, related_name="disposition")
    code = models.SlugField(max_length=40)
    note = models.CharField(max_length=500, blank=True)
    not_practicable_reason = models.CharField(max_length=300, blank=True)
    removal_due = models.BooleanField(default=False, db_default=False)
    stop_made = models.BooleanField(null=True)
    stop_reason = models.CharField(max_length=300, blank=True, default="", db_default="")
    read_fault = models.CharField(
        max_length=12, choices=_choices(ReadFault), blank=True, default="", db_default=""
    )
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ("recorded_at",)

    def __str__(self) -> str:
        return self.code


class PictureMatch(models.Model):
    """What a person saw when comparing a hit's picture with read and entry. It holds up nothing (R74)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="picture_matches")
    hit = models.ForeignKey(Hit, on_delete=models.PROTECT, related_name="picture_matches")
    characters = models.CharField(max_length=12, choices=_choices(Sameness))
    region = models.CharField(max_length=12, choices=_choices(Sameness))
    make = models.CharField(max_length=12, choices=_choices(Sameness))
    color = models.CharField(max_length=12, choices=_choices(Sameness))
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ("recorded_at",)
        verbose_name_plural = "picture matches"

    def __str__(self) -> str:
        return f"characters {self.characters}, state {self.region}, make {self.make}, color {self.color}"


class NotPracticable(models.Model):
    """Why an officer could not verify before enforcement action, recorded before it (B-466.4(f))."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="excuses")
    reason = models.CharField(max_length=300)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ("recorded_at",)
        verbose_name_plural = "not practicable"

    def __str__(self) -> str:
        return self.reason


class HitConfirmation(models.Model):
    """A request to the agency that entered the record to confirm the hit (NCIC), sent by a person elsewhere.

    `number` counts the alert's requests from 1. Plateward itself transmits nothing (R78).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="hit_confirmations")
    number = models.PositiveSmallIntegerField()
    entering_agency = models.CharField(max_length=80)
    urgency = models.CharField(max_length=8, choices=_choices(Urgency))
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()

    class Meta:
        ordering = ("asked_at", "number")
        constraints = (models.UniqueConstraint(fields=["alert", "number"], name="hit_confirmation_number"),)

    def __str__(self) -> str:
        return f"{self.entering_agency} {self.urgency} {self.number}"


class HitAnswer(models.Model):
    """What the entering agency answered; "will answer by" carries the time it named."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request = models.ForeignKey(HitConfirmation, on_delete=models.PROTECT, related_name="answers")
    result = models.CharField(max_length=14, choices=_choices(HitResult))
    promised_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ("recorded_at",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(result="WILL_ANSWER", promised_at__isnull=False)
                | ~models.Q(result="WILL_ANSWER") & models.Q(promised_at__isnull=True),
                name="hit_answer_promises_a_time",
            ),
        )

    def __str__(self) -> str:
        return self.result


class AlertDelivery(models.Model):
    """An alert shown to a person, with the access record of what they were shown last (R47).

    `hits_shown` counts the hits that record covers; a further hit is delivered, and recorded, anew.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="deliveries")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    delivered_at = models.DateTimeField()
    hits_shown = models.PositiveIntegerField()
    access_record_id = models.BigIntegerField()

    class Meta:
        ordering = ("delivered_at",)
        verbose_name_plural = "alert deliveries"
        constraints = (models.UniqueConstraint(fields=["alert", "user"], name="delivery_once_per_person"),)

    def __str__(self) -> str:
        return f"{self.alert_id} to {self.user_id}"


class Holding(models.Model):
    """Somebody works an alert, from taking it until the end; at most one person at a time.

    It tells colleagues who is at it and stops nobody: steps that are urgent are open to all who dispatch.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="holdings")
    holder = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    taken_at = models.DateTimeField()
    reason = models.CharField(max_length=300, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_as = models.CharField(max_length=12, choices=_choices(HoldingEnd), blank=True)

    class Meta:
        ordering = ("taken_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["alert"], condition=models.Q(ended_at__isnull=True), name="holding_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True, ended_as="")
                | models.Q(ended_at__isnull=False) & ~models.Q(ended_as=""),
                name="holding_ended_somehow",
            ),
        )

    def __str__(self) -> str:
        return f"{self.alert_id} held by {self.holder_id}"


class UnitNote(models.Model):
    """What a unit did or said about an alert, as a dispatcher took it down: "4A12: on scene".

    Its id is made by the screen, so that a note sent twice over a bad line is one note.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="unit_notes")
    unit = models.CharField(max_length=20)
    text = models.CharField(max_length=300)
    noted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    noted_at = models.DateTimeField()

    class Meta:
        ordering = ("noted_at",)

    def __str__(self) -> str:
        return f"{self.unit}: {self.text}"
