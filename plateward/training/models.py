"""Sessions with who was there, assignments, and the files that prove a completion."""

import uuid
from pathlib import Path

from django.db import models
from django.db.models import Q

from plateward.accounts.models import Agency, Certification, User
from plateward.documents.kinds import EXTENSIONS
from plateward.training.rules import AssignmentReason, AttendanceState, SessionState


class Session(models.Model):
    """One time a course is taught; `topics` are those that were covered, empty until it was held."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    course = models.SlugField(max_length=60)
    held_at = models.DateTimeField()
    place = models.CharField(max_length=200)
    instructor = models.CharField(max_length=200)
    topics = models.JSONField(default=list, blank=True)
    state = models.CharField(max_length=10, choices=[(s.value, s.label) for s in SessionState])
    state_reason = models.CharField(max_length=300, blank=True)
    planned_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    planned_at = models.DateTimeField()

    class Meta:
        ordering = ("-held_at",)
        indexes = (models.Index(fields=["agency", "held_at"]),)

    def __str__(self) -> str:
        return f"{self.course} at {self.held_at}"


class Attendance(models.Model):
    """One person at one session, and the certification that came of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="attendances")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="attendances")
    state = models.CharField(max_length=8, choices=[(s.value, s.value.capitalize()) for s in AttendanceState])
    certification = models.OneToOneField(
        Certification, on_delete=models.PROTECT, related_name="attendance", null=True, blank=True
    )

    class Meta:
        ordering = ("user__full_name", "id")
        constraints = (
            models.UniqueConstraint(fields=["session", "user"], name="attendance_once_a_session"),
            models.CheckConstraint(
                condition=Q(certification__isnull=True) | Q(state="PRESENT"),
                name="attendance_certifies_only_who_was_present",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} at {self.session}"


class Assignment(models.Model):
    """A course that somebody has to complete by a day, and why. Completed is what a certification says.

    `by_name` is the person who assigned it, or what did.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="assignments")
    course = models.SlugField(max_length=60)
    reason = models.CharField(max_length=10, choices=[(r.value, r.label) for r in AssignmentReason])
    note = models.CharField(max_length=300, blank=True)
    incident_date = models.DateField(null=True, blank=True)
    assigned_date = models.DateField()
    due_date = models.DateField()
    by_name = models.CharField(max_length=200)
    assigned_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("due_date", "assigned_at")
        constraints = (
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_reason="")
                | Q(withdrawn_at__isnull=False) & ~Q(withdrawn_reason=""),
                name="assignment_withdrawn_for_a_reason",
            ),
            models.CheckConstraint(
                condition=~Q(reason="INCIDENT") | Q(incident_date__isnull=False),
                name="assignment_after_an_incident_names_its_day",
            ),
            models.UniqueConstraint(
                fields=["user", "course", "due_date"],
                condition=Q(reason="REFRESHER", withdrawn_at__isnull=True),
                name="assignment_one_refresher_for_a_day",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user}: {self.course} by {self.due_date}"


class ProofFile(models.Model):
    """A scan or photograph of a certificate; the bytes lie in the store under their SHA-256."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    certification = models.ForeignKey(Certification, on_delete=models.PROTECT, related_name="files")
    media_type = models.CharField(max_length=20, choices=[(kind, kind) for kind in EXTENSIONS])
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()

    class Meta:
        ordering = ("uploaded_at",)
        constraints = (
            models.UniqueConstraint(fields=["certification", "sha256"], name="prooffile_once_a_certificate"),
        )

    def __str__(self) -> str:
        return f"{self.media_type} of {self.certification}"

    @property
    def path(self) -> Path:
        """Where the bytes lie below the store's folder."""
        return Path("training", self.agency_id, f"{self.sha256}.{EXTENSIONS[self.media_type]}")
