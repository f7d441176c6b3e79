"""Which policy version is in force, and who holds which position over time."""

import uuid

from django.db import models

from plateward.accounts.models import Agency, User


class Adoption(models.Model):
    """The act that put a profile version in force. The profile's very bytes are kept, old versions too."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="adoptions")
    version = models.CharField(max_length=40)
    profile = models.BinaryField()
    profile_sha256 = models.CharField(max_length=64)
    adopted_by = models.CharField(max_length=200)
    adopted_at = models.DateTimeField()

    class Meta:
        ordering = ("-adopted_at",)
        constraints = (models.UniqueConstraint(fields=["agency", "version"], name="adoption_version_once"),)

    def __str__(self) -> str:
        return f"{self.agency_id} {self.version}"


class PositionHolding(models.Model):
    """A person holding a position from one instant to another (B-466.3, H-426.2 ¶2)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    position = models.SlugField(max_length=60)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="holdings")
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True, blank=True)
    appointed_by = models.CharField(max_length=200)

    class Meta:
        ordering = ("agency", "position", "-from_at")
        constraints = (
            models.UniqueConstraint(
                fields=["agency", "position"],
                condition=models.Q(until_at__isnull=True),
                name="position_has_one_holder",
            ),
            models.CheckConstraint(
                condition=models.Q(until_at__isnull=True) | models.Q(until_at__gt=models.F("from_at")),
                name="position_ends_after_it_begins",
            ),
        )

    def __str__(self) -> str:
        return f"{self.position}: {self.user}"
