"""What is kept of the control of accounts."""

import uuid

from django.db import models
from django.db.models import F, Q

from plateward.accounts.models import Agency, User
from plateward.control.rules import EndKind, EndState, Finding, ReviewDecision, WindowPurpose, end_state

LAST_LOG_IN = "Last log-in"
FACTS = ("Title", "Positions", "State", LAST_LOG_IN, "Training", "Clearance", "May")
"""What a review says of an account, by heading, in this order."""


class PlannedEnd(models.Model):
    """An account's end at a known time: its person leaves, or it was made for a time only.

    One at a time waits for an account; the clock executes it at `ends_at`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="planned_ends")
    kind = models.CharField(max_length=12, choices=[(kind.value, kind.label) for kind in EndKind])
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=300)
    recorded_by = models.CharField(max_length=200)
    recorded_at = models.DateTimeField()
    executed_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-recorded_at",)
        indexes = (
            models.Index(
                fields=["ends_at"],
                condition=Q(executed_at__isnull=True, withdrawn_at__isnull=True),
                name="end_planned_at",
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(executed_at__isnull=True, withdrawn_at__isnull=True),
                name="end_planned_once",
            ),
            models.CheckConstraint(
                condition=Q(executed_at__isnull=True) | Q(withdrawn_at__isnull=True),
                name="end_executed_or_withdrawn",
            ),
            models.CheckConstraint(
                condition=Q(executed_at__isnull=True) | Q(executed_at__gte=F("ends_at")),
                name="end_never_executed_early",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} at {self.ends_at}"

    @property
    def state(self) -> EndState:
        """The state that its moments amount to."""
        return end_state(self.executed_at, self.withdrawn_at)


class MaintenanceWindow(models.Model):
    """A time for which one of the vendor's staff may come in, for what, and who supervises (B-466.10)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="windows")
    purpose = models.CharField(max_length=12, choices=[(p.value, p.label) for p in WindowPurpose])
    work = models.CharField(max_length=300)
    supervisor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("-from_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["user"], condition=Q(closed_at__isnull=True), name="window_open_once"
            ),
            models.CheckConstraint(
                condition=Q(until_at__gt=F("from_at")), name="window_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=~Q(user=F("supervisor")) & ~Q(user=F("opened_by")), name="window_opened_by_another"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} from {self.from_at} to {self.until_at}"


class EmergencyAccess(models.Model):
    """What somebody obtained for a short time in a real emergency, and what its review found."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="emergencies")
    reason = models.CharField(max_length=500)
    began_at = models.DateTimeField()
    until_at = models.DateTimeField()
    review_due_at = models.DateTimeField()
    reviewed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    finding = models.CharField(max_length=13, choices=[(f.value, f.label) for f in Finding], blank=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("-began_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(reviewed_at__isnull=True),
                name="emergency_unreviewed_once",
            ),
            models.CheckConstraint(condition=~Q(reviewed_by=F("user")), name="emergency_reviewed_by_another"),
            models.CheckConstraint(
                condition=Q(reviewed_at__isnull=True, reviewed_by__isnull=True, finding="")
                | Q(reviewed_at__isnull=False, reviewed_by__isnull=False) & ~Q(finding=""),
                name="emergency_review_is_whole",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} at {self.began_at}"


class ReviewCampaign(models.Model):
    """A look through all accounts of an agency; it is finished when every one is decided (B-466.6(d))."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    opened_by = models.CharField(max_length=200)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-opened_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["agency"], condition=Q(finished_at__isnull=True), name="review_open_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.agency_id} of {self.opened_at}"


class ReviewItem(models.Model):
    """One account in a review: what was known of it when the review began, and what was decided.

    `facts` are words for people, by heading; `position` decides.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    campaign = models.ForeignKey(ReviewCampaign, on_delete=models.PROTECT, related_name="items")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    position = models.CharField(max_length=60, blank=True)
    facts = models.JSONField(default=dict)
    decision = models.CharField(
        max_length=11, choices=[(d.value, d.label) for d in ReviewDecision], blank=True
    )
    note = models.CharField(max_length=300, blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("user__full_name",)
        constraints = (
            models.UniqueConstraint(fields=["campaign", "user"], name="review_item_once"),
            models.CheckConstraint(condition=~Q(decided_by=F("user")), name="review_never_of_oneself"),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by__isnull=True, decision="")
                | Q(decided_at__isnull=False, decided_by__isnull=False) & ~Q(decision=""),
                name="review_decision_is_whole",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user}: {self.decision or 'undecided'}"

    @property
    def facts_in_order(self) -> list[tuple[str, str]]:
        """The facts as a page or file lists them; the database keeps no order."""
        return [(heading, self.facts[heading]) for heading in FACTS if heading in self.facts]

    @property
    def last_log_in(self) -> str:
        """The day of the last log-in before the review, in words without one."""
        return str(self.facts.get(LAST_LOG_IN, ""))
