"""Evidence of what the agency's website showed on which day."""

import uuid

from django.db import models
from django.db.models import Q

from plateward.accounts.models import Agency
from plateward.transparency.figures_models import MonthlyFigures
from plateward.transparency.rules import Outcome

__all__ = ["MonthlyFigures", "Posting", "Way"]


class Way(models.TextChoices):
    """How the posted text came here."""

    BY_HAND = "BY_HAND", "Pasted or uploaded"
    FETCHED = "FETCHED", "Fetched by the worker"


class Posting(models.Model):
    """One check of a posted document: where, when, what stood there, and how it differs (R6).

    `document` is the id of the profile's layer, `version` the policy version it was compared with. `text` is
    what was posted, as text; `sha256` is that of the posted bytes, of the text where only text was given.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    document = models.CharField(max_length=60)
    url = models.URLField(max_length=500)
    checked_at = models.DateTimeField()
    checked_by = models.CharField(max_length=200)
    way = models.CharField(max_length=10, choices=Way.choices)
    outcome = models.CharField(max_length=12, choices=[(o.value, o.label) for o in Outcome])
    version = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64, blank=True)
    text = models.TextField(blank=True)
    missing = models.JSONField(default=list, blank=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("-checked_at", "-id")
        indexes = (models.Index(fields=["agency", "document", "-checked_at"], name="posting_latest"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(outcome="NOT_FOUND") | ~Q(sha256=""), name="posting_found_has_its_hash"
            ),
            models.CheckConstraint(
                condition=Q(missing=[]) | Q(outcome="DIFFERENT"), name="posting_differs_where_clauses_miss"
            ),
        )

    def __str__(self) -> str:
        return f"{self.agency_id} {self.document}: {self.outcome}"
