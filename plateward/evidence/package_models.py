"""Evidence packages: what was ordered, how it stands, and which reads went into it."""

import uuid

from django.db import models

from plateward.accounts.models import Agency, User
from plateward.evidence.hold_models import Hold
from plateward.evidence.package_rules import PackageState, folder_of, number_of


class Package(models.Model):
    """An evidence package, numbered per agency and year; its file is stored sealed under its own key.

    `wanted` names what was ordered (`package_rules.Wanted`), `access_row` the journal row of the first access
    record, committed before anything was read. `fingerprint` is the SHA-256 of the bag's tag manifest, which
    stands for every file in it. `size` is of the files, in bytes; `missing` counts pictures that could not be
    packed, and why each is in the package. `read_count` grows while it is built. `stamped_at` is the time
    that an authority put into its time stamp (RFC 3161); where that failed `unstamped_because` says why.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    state = models.CharField(
        max_length=10,
        choices=[(one.value, one.label) for one in PackageState],
        default=PackageState.BUILDING.value,
    )
    wanted = models.JSONField()
    hold = models.ForeignKey(Hold, on_delete=models.PROTECT, related_name="packages", null=True, blank=True)
    purpose = models.CharField(max_length=60)
    reason = models.CharField(max_length=500)
    reference = models.CharField(max_length=80, blank=True)
    recipient = models.CharField(max_length=200, blank=True)
    limits = models.JSONField(default=list)
    ordered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ordered_as = models.CharField(max_length=60)
    ordered_at = models.DateTimeField()
    asked_from = models.CharField(max_length=64, blank=True)
    access_row = models.BigIntegerField()
    profile_version = models.CharField(max_length=40)
    attempts = models.PositiveSmallIntegerField(default=0)
    worked_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=500, blank=True)
    built_at = models.DateTimeField(null=True, blank=True)
    fingerprint = models.CharField(max_length=64, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    file_count = models.PositiveIntegerField(default=0)
    read_count = models.PositiveIntegerField(default=0)
    picture_count = models.PositiveIntegerField(default=0)
    missing = models.PositiveIntegerField(default=0)
    stamped_at = models.DateTimeField(null=True, blank=True)
    stamped_by = models.CharField(max_length=300, blank=True)
    unstamped_because = models.CharField(max_length=300, blank=True)
    oldest_at = models.DateTimeField(null=True, blank=True)
    newest_at = models.DateTimeField(null=True, blank=True)
    discarded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    discarded_at = models.DateTimeField(null=True, blank=True)
    discarded_because = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("-year", "-number")
        indexes = (
            models.Index(fields=["ordered_at"], condition=models.Q(state="BUILDING"), name="package_waiting"),
        )
        constraints = (
            models.UniqueConstraint(fields=["agency", "year", "number"], name="package_number_once"),
            models.CheckConstraint(
                condition=~models.Q(state="BUILT")
                | models.Q(built_at__isnull=False, size__gt=0) & ~models.Q(fingerprint=""),
                name="package_built_has_its_fingerprint",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="FAILED") | ~models.Q(failure=""), name="package_failed_says_why"
            ),
            models.CheckConstraint(
                condition=models.Q(stamped_at__isnull=True, stamped_by="")
                | models.Q(stamped_at__isnull=False, unstamped_because="") & ~models.Q(stamped_by=""),
                name="package_stamped_by_somebody_or_says_why",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="DISCARDED")
                | models.Q(discarded_at__isnull=False, discarded_by__isnull=False)
                & ~models.Q(discarded_because=""),
                name="package_discarded_says_why",
            ),
        )

    def __str__(self) -> str:
        return f"{self.agency_id} {self.name} ({self.state})"

    @property
    def name(self) -> str:
        """Its number as people write it."""
        return number_of(self.year, self.number)

    @property
    def folder(self) -> str:
        """The name of its one folder."""
        return folder_of(self.agency_id, self.year, self.number)

    @property
    def subject(self) -> str:
        """How the journal names it."""
        return f"evidence.Package:{self.pk}"


class PackageKey(models.Model):
    """The key under which a package's files are sealed, wrapped by a master key; it goes with our copy."""

    package = models.OneToOneField(
        Package, on_delete=models.PROTECT, primary_key=True, related_name="package_key"
    )
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    master = models.CharField(max_length=100)
    wrapped = models.BinaryField()

    def __str__(self) -> str:
        return f"key of package {self.package_id}"

    @property
    def context(self) -> str:
        """What the wrapped key is bound to."""
        return f"{self.agency_id}/package/{self.package_id}"


class PackageRead(models.Model):
    """A read that a package holds or was to hold: so a read's page and a purge know of it."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    package = models.ForeignKey(Package, on_delete=models.PROTECT, related_name="packed", db_index=False)
    read_id = models.UUIDField()
    captured_at = models.DateTimeField()

    class Meta:
        ordering = ("package", "captured_at", "read_id")
        indexes = (models.Index(fields=["read_id"], name="packages_of_read"),)
        constraints = (models.UniqueConstraint(fields=["package", "read_id"], name="packed_once"),)

    def __str__(self) -> str:
        return f"{self.read_id} in {self.package_id}"
