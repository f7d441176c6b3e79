"""Canvasses of crime scenes, and who was sent to them."""

import uuid

from django.db import models

from plateward.accounts.models import Agency, User
from plateward.devices.models import Device
from plateward.search.areas import Area, area_from
from plateward.search.canvass_rules import LONGEST_NOTE, OPEN, AssignmentState, CrimeKind

_OPEN = [state.value for state in OPEN]


class Canvass(models.Model):
    """A crime scene that is canvassed: all reads of its area and time (B-466.4(c), H-426.3(c)).

    `area` is what `areas.area_from` reads. `is_major` follows from `crime` and puts it first in lists.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    crime = models.CharField(max_length=20, choices=[(one.value, one.label) for one in CrimeKind])
    is_major = models.BooleanField()
    place = models.CharField(max_length=200)
    area = models.JSONField()
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()
    purpose = models.CharField(max_length=60)
    reason = models.CharField(max_length=500)
    reference = models.CharField(max_length=80, blank=True)
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closing_note = models.CharField(max_length=LONGEST_NOTE, blank=True, default="", db_default="")

    class Meta:
        ordering = ("-is_major", "-opened_at")
        verbose_name_plural = "canvasses"
        indexes = (models.Index(fields=["agency", "-is_major", "-opened_at"], name="canvass_listed"),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(until_at__gt=models.F("from_at")), name="canvass_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=models.Q(closed_at__isnull=True, closed_by__isnull=True)
                | models.Q(closed_at__isnull=False, closed_by__isnull=False) & ~models.Q(closing_note=""),
                name="canvass_closed_by_somebody",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_crime_display()}, {self.place}"

    @property
    def searched(self) -> Area:
        """The area as the rules take it."""
        return area_from(self.area)


class CanvassAssignment(models.Model):
    """A person sent, with or without a certain ALPR-equipped car, to canvass an area from when until when."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    canvass = models.ForeignKey(Canvass, on_delete=models.PROTECT, related_name="assignments")
    device = models.ForeignKey(Device, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    assigned_to = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()
    assigned_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    assigned_at = models.DateTimeField()
    state = models.CharField(
        max_length=12,
        choices=[(one.value, one.label) for one in AssignmentState],
        default=AssignmentState.ASSIGNED.value,
    )
    acknowledged_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("from_at", "id")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(until_at__gt=models.F("from_at")), name="assignment_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=_OPEN, ended_at__isnull=True, ended_by__isnull=True)
                | (~models.Q(state__in=_OPEN) & models.Q(ended_at__isnull=False, ended_by__isnull=False)),
                name="assignment_ended_by_somebody",
            ),
        )

    def __str__(self) -> str:
        return f"{self.assigned_to_id} to {self.canvass_id}"
