"""Searches, kept so that a person can return to a result and an auditor to the search."""

import uuid

from django.db import models

from plateward.accounts.models import Agency, User
from plateward.plates.matching import Tolerance
from plateward.search.analysis_models import Analysis
from plateward.search.canvass_models import Canvass, CanvassAssignment
from plateward.search.kept_models import KeptSearch

__all__ = ("Analysis", "Canvass", "CanvassAssignment", "KeptSearch", "Search")


class Search(models.Model):
    """One search as it was asked: `pattern` is "" for all plates, `area` what `areas.area_from` reads.

    `access_record_id` names its record under Civil Code § 1798.90.52. `result_count` is exact unless
    `is_count_bounded`: then there were more than the first page shows. One `of_deleted` reads looked up
    what is deleted logically, and its pages do so again.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    searched_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    searched_at = models.DateTimeField()
    pattern = models.CharField(max_length=40, blank=True)
    tolerance = models.CharField(
        max_length=16,
        choices=[(one.value, one.value) for one in Tolerance],
        db_default=Tolerance.AS_WRITTEN.value,
    )
    region = models.CharField(max_length=6, blank=True)
    make = models.CharField(max_length=60, blank=True, db_default="")
    color = models.CharField(max_length=60, blank=True, db_default="")
    vehicle_type = models.CharField(max_length=60, blank=True, db_default="")
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()
    device_ids = models.JSONField(default=list)
    area = models.JSONField(null=True, blank=True)
    canvass = models.ForeignKey(
        Canvass, on_delete=models.PROTECT, null=True, blank=True, related_name="searches"
    )
    purpose = models.CharField(max_length=60)
    reason = models.CharField(max_length=500)
    reference = models.CharField(max_length=80, blank=True)
    result_count = models.PositiveIntegerField()
    is_count_bounded = models.BooleanField(default=False)
    access_record_id = models.BigIntegerField()
    profile_version = models.CharField(max_length=40)
    of_deleted = models.BooleanField(db_default=False)

    class Meta:
        ordering = ("-searched_at",)
        verbose_name_plural = "searches"
        indexes = (models.Index(fields=["agency", "searched_by", "-searched_at"], name="search_mine"),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(until_at__gt=models.F("from_at")), name="search_ends_after_it_begins"
            ),
        )

    def __str__(self) -> str:
        return f"{self.pattern or 'all plates'} by {self.searched_by_id}"
