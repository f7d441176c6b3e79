"""Alerts handed to officers, and what officers sent in from the field."""

import uuid

from django.db import models

from plateward.accounts.models import Agency, User
from plateward.alerts.models import Alert
from plateward.field.rules import ActKind, ActOutcome
from plateward.governance.models import Unit


class HandOver(models.Model):
    """An alert that dispatch gave to one officer, alone or with the `unit` they are in.

    `acknowledged_at` is when the acknowledgment was received, `device_at` when it was given by the clock of
    the officer's device.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="hand_overs")
    officer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)
    sent_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    sent_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    device_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("sent_at", "id")
        constraints = (
            models.UniqueConstraint(fields=["alert", "officer"], name="handed_over_once"),
            models.CheckConstraint(
                condition=models.Q(acknowledged_at__isnull=False) | models.Q(device_at__isnull=True),
                name="hand_over_acknowledged_once_received",
            ),
        )

    def __str__(self) -> str:
        return f"{self.alert_id} to {self.officer_id}"


class FieldAct(models.Model):
    """One act that an officer's device sent, with what became of it: sent again, it is answered from here.

    `act` is the id the device made. `done_at` and `sent_at` are by the device's clock, `received_at` by ours.
    `told` is the reason of a refusal and what to do; "" for an act that was done. `given` is what was chosen
    and typed for a refused one, as pairs of label and words: what was done has its own record.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="field_acts")
    officer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    act = models.UUIDField()
    kind = models.CharField(max_length=12, choices=[(one.value, one.label) for one in ActKind])
    done_at = models.DateTimeField()
    sent_at = models.DateTimeField()
    received_at = models.DateTimeField()
    outcome = models.CharField(max_length=8, choices=[(one.value, one.value) for one in ActOutcome])
    told = models.CharField(max_length=600, blank=True)
    given = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ("received_at", "id")
        constraints = (
            models.UniqueConstraint(fields=["officer", "act"], name="field_act_once"),
            models.CheckConstraint(
                condition=models.Q(outcome="REFUSED") & ~models.Q(told="")
                | models.Q(outcome="DONE", told=""),
                name="field_act_refused_says_why",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.outcome}"
