"""Discs of evidence packages: the image made for each, and what became of what was burned (R95, R96, R98)."""

import uuid

from django.db import models

from plateward.accounts.models import Agency, User
from plateward.evidence.disc_rules import Link, Medium
from plateward.evidence.package_models import Package


class Disc(models.Model):
    """The image of one disc of a package's set, read back; `sha256` and `size` (bytes) are of the image."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    package = models.ForeignKey(Package, on_delete=models.PROTECT, related_name="discs")
    medium = models.CharField(max_length=4, choices=[(one.value, one.label) for one in Medium])
    number = models.PositiveSmallIntegerField()
    total = models.PositiveSmallIntegerField()
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ("package", "number")
        constraints = (models.UniqueConstraint(fields=["package", "number"], name="disc_once_in_its_set"),)

    def __str__(self) -> str:
        return f"Disc {self.number} of {self.total}"


class DiscLink(models.Model):
    """A link of a burned disc's chain of custody: burned, checked, handed over or destroyed; rows stay.

    `serial` tells copies of a disc apart. `happened_at` is when, as told by whoever recorded it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    disc = models.ForeignKey(Disc, on_delete=models.PROTECT, related_name="links")
    kind = models.CharField(max_length=12, choices=[(one.value, one.label) for one in Link])
    serial = models.CharField(max_length=80)
    told = models.CharField(max_length=500)
    is_verified = models.BooleanField(default=False)
    happened_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ("recorded_at",)
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(serial="") & ~models.Q(told=""), name="disc_link_names_disc_and_what"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.serial}"
