"""Analyses of reads, kept so that a person can return to a result and an auditor to what was asked."""

import uuid

from django.db import models

from plateward.accounts.models import Agency, User


class AnalysisKind(models.TextChoices):
    TRAVEL = "TRAVEL", "Traveling together"
    INCIDENTS = "INCIDENTS", "Seen at incidents"


class Analysis(models.Model):
    """One analysis as it was asked, without its results. `access_record_id` names its access record.

    `asked` is the query's own `as_json`; `match_count` counts the plates found.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=12, choices=AnalysisKind)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    asked = models.JSONField()
    purpose = models.CharField(max_length=60)
    reason = models.CharField(max_length=500)
    reference = models.CharField(max_length=80, blank=True)
    match_count = models.PositiveIntegerField()
    access_record_id = models.BigIntegerField()
    profile_version = models.CharField(max_length=40)

    class Meta:
        app_label = "search"
        ordering = ("-asked_at",)
        verbose_name_plural = "analyses"
        indexes = (models.Index(fields=["agency", "asked_by", "-asked_at"], name="analysis_mine"),)

    def __str__(self) -> str:
        return f"{self.kind} by {self.asked_by_id}"
