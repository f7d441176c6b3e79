"""What is kept of the control of accounts."""

import uuid

from django.db import models
from django.db.models import F, Q

from plateward.accounts.models import Agency, User
from plateward.control.rules import EndKind, EndState, end_state


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
