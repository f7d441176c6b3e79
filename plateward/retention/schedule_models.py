"""What must stand before anything is destroyed: signatures, authority, and whose rule a camera is under."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from plateward.accounts.models import Agency, User
from plateward.devices.models import Device


class ScheduleSignature(models.Model):
    """A person's signature, for a position they held, under the retention rules with this digest.

    It counts for these rules alone: other rules have another digest and need new signatures.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    rules_sha256 = models.CharField(max_length=64)
    profile_version = models.CharField(max_length=40)
    position = models.SlugField(max_length=60)
    signed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.CharField(max_length=200, blank=True)

    class Meta:
        app_label = "retention"
        ordering = ("-signed_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["agency", "rules_sha256", "position"],
                condition=models.Q(withdrawn_at__isnull=True),
                name="schedule_signed_once_a_position",
            ),
        )

    def __str__(self) -> str:
        return f"{self.position}: {self.rules_sha256[:12]}"


class DestructionAuthority(models.Model):
    """The city's word that records may be destroyed: the council's resolution and the attorney's consent.

    Gov. Code 34090 asks for both before records of a city go (R89). `document_sha256` is that of the scan,
    which the agency keeps; `sources` are those of the retention rules that it covers.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    sources = ArrayField(models.CharField(max_length=60))
    resolution = models.CharField(max_length=120)
    resolution_date = models.DateField()
    consent_by = models.CharField(max_length=200)
    consent_date = models.DateField()
    document_name = models.CharField(max_length=200)
    document_sha256 = models.CharField(max_length=64)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.CharField(max_length=200, blank=True)
    withdrawn_because = models.CharField(max_length=300, blank=True)

    class Meta:
        app_label = "retention"
        ordering = ("-recorded_at",)
        verbose_name_plural = "destruction authorities"
        indexes = (models.Index(fields=["agency", "-recorded_at"], name="authority_of_agency"),)

    def __str__(self) -> str:
        return self.resolution


class DeviceSource(models.Model):
    """Which source, by the retention rules, a device's data belong to, since when.

    The newest row of a device counts. Where the rules know one source only, no row is needed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=60)
    reason = models.CharField(max_length=300)
    assigned_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    assigned_at = models.DateTimeField()

    class Meta:
        app_label = "retention"
        ordering = ("-assigned_at",)
        indexes = (models.Index(fields=["agency", "device", "-assigned_at"], name="source_of_device"),)

    def __str__(self) -> str:
        return f"{self.device_id}: {self.source}"


class VendorAttestation(models.Model):
    """The vendor's word that it purged what is older than `until_date`, as the agency recorded it (R93)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    source = models.CharField(max_length=60)
    until_date = models.DateField()
    attested_by = models.CharField(max_length=200)
    attested_date = models.DateField()
    document_name = models.CharField(max_length=200)
    document_sha256 = models.CharField(max_length=64)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        app_label = "retention"
        ordering = ("-until_date", "-recorded_at")
        indexes = (models.Index(fields=["agency", "-until_date"], name="attestation_of_agency"),)

    def __str__(self) -> str:
        return f"{self.attested_by}, until {self.until_date:%Y-%m-%d}"


class VendorSample(models.Model):
    """A person's look whether old reads can still be had from the vendor: how many were tried, found."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    attestation = models.ForeignKey(VendorAttestation, on_delete=models.PROTECT, related_name="samples")
    tried = models.PositiveIntegerField()
    found = models.PositiveIntegerField()
    note = models.CharField(max_length=300)
    checked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    checked_at = models.DateTimeField()

    class Meta:
        app_label = "retention"
        ordering = ("-checked_at",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(tried__gt=0, found__lte=models.F("tried")), name="sample_is_of_something"
            ),
        )

    def __str__(self) -> str:
        return f"{self.found} of {self.tried} found"
