"""Searches that people keep for a case; nothing compares them with reads but a look of their person."""

import uuid

from django.db import models

from plateward.accounts.models import Agency, User
from plateward.plates.matching import Tolerance


class KeptSearch(models.Model):
    """A search kept for the case `reference` until `until_at`, or until it is ended.

    `area` is what `areas.area_from` reads. At `looked_at` its person looked last; `looks` counts the looks.
    What the look made at `seen_at` showed was marked as seen; None: nothing yet.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    pattern = models.CharField(max_length=40)
    tolerance = models.CharField(max_length=16, choices=[(one.value, one.value) for one in Tolerance])
    area = models.JSONField(null=True, blank=True)
    purpose = models.CharField(max_length=60)
    reason = models.CharField(max_length=500)
    reference = models.CharField(max_length=80)
    kept_at = models.DateTimeField()
    until_at = models.DateTimeField()
    looked_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    looks = models.PositiveIntegerField(default=0)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_because = models.CharField(max_length=12, blank=True)

    class Meta:
        app_label = "search"
        ordering = ("-kept_at",)
        verbose_name_plural = "kept searches"
        indexes = (
            models.Index(fields=["agency", "person", "-kept_at"], name="kept_mine"),
            models.Index(fields=["until_at"], condition=models.Q(ended_at__isnull=True), name="kept_until"),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(until_at__gt=models.F("kept_at")), name="kept_ends_after_it_begins"
            ),
            models.CheckConstraint(condition=~models.Q(reference=""), name="kept_for_a_case"),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True, ended_because="")
                | (models.Q(ended_at__isnull=False) & ~models.Q(ended_because="")),
                name="kept_ended_for_a_reason",
            ),
        )

    def __str__(self) -> str:
        return f"{self.reference} by {self.person_id}"
