"""The device register (B-466.3, H-426.2 ¶2)."""

import uuid

from django.db import models

from plateward.accounts.models import Agency


class DeviceKind(models.TextChoices):
    FIXED = "FIXED", "Fixed camera"
    MOBILE = "MOBILE", "ALPR-equipped car"
    FILE = "FILE", "Uploaded files"


class Device(models.Model):
    """A camera, car or other source that may send reads with its own key.

    `heading_deg` is the direction the camera looks, in degrees clockwise from north. Of the key only the
    SHA-256 is kept: it is 256 random bits, so a slow hash would protect nothing.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="devices")
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, choices=DeviceKind)
    location = models.CharField(max_length=200)
    owner = models.CharField(max_length=100)
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    heading_deg = models.PositiveSmallIntegerField(null=True, blank=True)
    installed_date = models.DateField(null=True, blank=True)
    key_sha256 = models.CharField(max_length=64, unique=True)
    key_issued_at = models.DateTimeField()
    is_enabled = models.BooleanField(default=True)
    registered_at = models.DateTimeField()

    class Meta:
        ordering = ("agency", "name")
        constraints = (
            models.UniqueConstraint(fields=["agency", "name"], name="device_name_once"),
            models.CheckConstraint(
                condition=models.Q(latitude__isnull=True, longitude__isnull=True)
                | models.Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="device_place_on_earth",
            ),
            models.CheckConstraint(
                condition=models.Q(heading_deg__isnull=True) | models.Q(heading_deg__lt=360),
                name="device_heading_in_circle",
            ),
        )

    def __str__(self) -> str:
        return self.name
