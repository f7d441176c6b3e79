"""Reports of errors and violations, who was told of them, and what was done with each."""

import uuid

from django.db import models
from django.db.models import F, Q

from plateward.accounts.models import Agency, User
from plateward.training.models import Assignment
from plateward.violations.rules import Act, Finding, Kind, State, Via


class Report(models.Model):
    """One report; `number` counts in the agency. `about` is empty while nobody is named.

    `origin` names what it came from, as "oversight.ReviewItem:id". `told_at` is when the person it is about
    was told of the finding. Nobody decides on a report of their own or about themself.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=[(kind.value, kind.short) for kind in Kind])
    about = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    what = models.TextField(max_length=4000)
    happened_date = models.DateField(null=True, blank=True)
    origin = models.CharField(max_length=80, blank=True)
    via = models.CharField(max_length=10, choices=[(via.value, via.value) for via in Via])
    bypassed = models.BooleanField(default=False)
    reported_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reported_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(
        max_length=10, choices=[(state.value, state.label) for state in State], default=State.OPEN.value
    )
    finding = models.CharField(max_length=9, choices=[(f.value, f.label) for f in Finding], blank=True)
    clause = models.CharField(max_length=60, blank=True)
    found_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    found_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)
    retraining = models.OneToOneField(
        Assignment, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-number",)
        indexes = (models.Index(fields=["about", "finding"], name="report_of_person"),)
        constraints = (
            models.UniqueConstraint(fields=["agency", "number"], name="report_number_once"),
            models.CheckConstraint(condition=~Q(found_by=F("about")), name="report_never_decided_by_oneself"),
            models.CheckConstraint(condition=~Q(found_by=F("reported_by")), name="report_decided_by_another"),
            models.CheckConstraint(
                condition=Q(state=State.OPEN.value, finding="", found_by__isnull=True, found_at__isnull=True)
                | ~Q(state=State.OPEN.value)
                & ~Q(finding="")
                & Q(found_by__isnull=False, found_at__isnull=False),
                name="report_finding_is_whole",
            ),
            models.CheckConstraint(
                condition=~Q(finding=Finding.VIOLATION.value) | Q(about__isnull=False),
                name="report_violation_of_somebody",
            ),
            models.CheckConstraint(
                condition=Q(told_at__isnull=True) & Q(retraining__isnull=True)
                | Q(finding=Finding.VIOLATION.value),
                name="report_consequences_of_violation",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.RETRAINING.value) | Q(retraining__isnull=False),
                name="report_retraining_is_assigned",
            ),
            models.CheckConstraint(
                condition=Q(state=State.CLOSED.value, closed_at__isnull=False)
                | ~Q(state=State.CLOSED.value) & Q(closed_at__isnull=True),
                name="report_closed_at_a_time",
            ),
        )

    def __str__(self) -> str:
        return f"V-{self.number}"

    @property
    def name(self) -> str:
        """What people call it."""
        return f"V-{self.number}"


class Told(models.Model):
    """Somebody to whom a report went when it was made."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="told")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("person__full_name",)
        constraints = (models.UniqueConstraint(fields=["report", "person"], name="report_told_once"),)

    def __str__(self) -> str:
        return f"{self.person_id} of {self.report_id}"


class ReportStep(models.Model):
    """What was done with a report, in order, each with its words; "" for the clock."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="steps")
    act = models.CharField(max_length=20, choices=[(act.value, act.value) for act in Act])
    note = models.CharField(max_length=2000)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    said_at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.act} of {self.report_id}"
