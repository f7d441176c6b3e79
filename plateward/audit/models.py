"""Journal rows. They hold no foreign keys: they outlive what they describe."""

from django.db import models
from django.db.models.functions import Upper


class AuditRecord(models.Model):
    """One journaled fact. The database refuses UPDATE, DELETE and TRUNCATE (see the migrations).

    `agency` is empty for what concerns the whole installation, such as a log-in under a name nobody has.
    """

    recorded_at = models.DateTimeField()
    verb = models.CharField(max_length=80)
    agency = models.CharField(max_length=60)
    username = models.CharField(max_length=150)
    name = models.CharField(max_length=200)
    title = models.CharField(max_length=60, blank=True)
    address = models.CharField(max_length=64, blank=True)
    subject = models.CharField(max_length=200)
    detail = models.JSONField(default=dict)
    profile_version = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(fields=["agency", "-id"], name="audit_agency_newest"),
            models.Index(fields=["subject"], name="audit_subject"),
            models.Index(fields=["agency", "username", "-id"], name="audit_user_newest"),
        )

    def __str__(self) -> str:
        return f"{self.recorded_at:%Y-%m-%d %H:%M:%S} {self.username} {self.verb} {self.subject}"


class AccessRecord(models.Model):
    """One access to ALPR information, with everything Civil Code § 1798.90.52 asks for, and the result count.

    `elements` holds every data element the query was made with; `plate` repeats the plate or pattern among
    them, so that "who looked at this plate" is one look-up (R54). `result_count` is exact unless
    `is_count_bounded`: then there were more. `flags` name what a reviewer should look at in the reason (R46).
    `audit_id` is the journal row of the same act.
    """

    accessed_at = models.DateTimeField()
    agency = models.CharField(max_length=60)
    organization = models.CharField(max_length=200)
    username = models.CharField(max_length=150)
    name = models.CharField(max_length=200)
    title = models.CharField(max_length=60, blank=True)
    address = models.CharField(max_length=64, blank=True)
    elements = models.JSONField()
    plate = models.CharField(max_length=40, blank=True)
    purpose = models.CharField(max_length=60)
    reason = models.TextField(blank=True)
    reference = models.CharField(max_length=80, blank=True)
    result_count = models.PositiveIntegerField()
    is_count_bounded = models.BooleanField(default=False)
    flags = models.JSONField(default=list)
    subject = models.CharField(max_length=200)
    profile_version = models.CharField(max_length=40, blank=True)
    audit_id = models.BigIntegerField()

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(fields=["agency", "-id"], name="access_agency_newest"),
            models.Index(fields=["agency", "username", "-id"], name="access_user_newest"),
            models.Index(fields=["agency", "plate"], name="access_plate"),
            models.Index(
                fields=["agency"], condition=models.Q(plate__regex="[?*]"), name="access_partial_plates"
            ),
            models.Index(
                Upper("reference"), "agency", condition=~models.Q(reference=""), name="access_reference"
            ),
        )
        constraints = (
            models.CheckConstraint(condition=~models.Q(purpose=""), name="access_names_its_purpose"),
            models.CheckConstraint(condition=~models.Q(username=""), name="access_names_its_user"),
        )

    def __str__(self) -> str:
        return f"{self.accessed_at:%Y-%m-%d %H:%M:%S} {self.username} {self.purpose} ({self.result_count})"
