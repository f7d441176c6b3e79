"""Days' commitments, purges with what became of each day, and their certificates."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from plateward.accounts.models import Agency
from plateward.devices.models import Device
from plateward.policy import DataClass
from plateward.retention.rules import CLASSES, PICTURES, UNDER_WAY, Balance, PurgeState


class DayRoot(models.Model):
    """A commitment to reads that one camera took on a UTC day: their number and the root over their leaves.

    Covered are those stored from `stored_from_at` (null: from the first) to before `stored_until_at`; what
    comes later has a root of its own. `salt_key` makes the leaves' salts and is null once the reads are gone.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="+", db_index=False)
    captured_date = models.DateField()
    number = models.PositiveSmallIntegerField()
    stored_from_at = models.DateTimeField(null=True)
    stored_until_at = models.DateTimeField()
    reads = models.PositiveIntegerField()
    root = models.CharField(max_length=64)
    salt_key = models.BinaryField(null=True)
    closed_at = models.DateTimeField()
    destroyed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "retention"
        ordering = ("captured_date", "device", "number")
        constraints = (
            models.UniqueConstraint(
                fields=["agency", "captured_date", "device", "number"], name="one_root_a_closing"
            ),
            models.CheckConstraint(
                condition=models.Q(salt_key__isnull=False, destroyed_at__isnull=True)
                | models.Q(salt_key__isnull=True, destroyed_at__isnull=False),
                name="salts_live_or_say_since_when_not",
            ),
        )

    def __str__(self) -> str:
        return f"{self.captured_date:%Y-%m-%d} {self.device_id}: {self.reads}"


class KeptLeaf(models.Model):
    """A held read's salt and proof, written down before the day's salts were destroyed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    day_root = models.ForeignKey(DayRoot, on_delete=models.PROTECT, related_name="kept")
    read_id = models.UUIDField()
    captured_at = models.DateTimeField()
    leaf = models.CharField(max_length=64)
    salt = models.BinaryField()
    index = models.PositiveIntegerField()
    hashes = ArrayField(models.CharField(max_length=64))

    class Meta:
        app_label = "retention"
        constraints = (models.UniqueConstraint(fields=["day_root", "read_id"], name="one_proof_a_kept_read"),)

    def __str__(self) -> str:
        return f"{self.read_id} at {self.index}"


class Purge(models.Model):
    """An order to destroy the reads that an agency's devices of one source took before `until_at`.

    The devices are those of the source when it was proposed. `ground` says by which clause and for how long
    such data stay. With `pictures_only` their pictures go and the reads stay.
    `step` is the last that is wholly done, so that a killed purge goes on after it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.PositiveIntegerField()
    source = models.CharField(max_length=60)
    devices = ArrayField(models.UUIDField())
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()
    ground = models.CharField(max_length=400)
    profile_version = models.CharField(max_length=40)
    rules_sha256 = models.CharField(max_length=64)
    authority = models.CharField(max_length=400)
    pictures_only = models.BooleanField(default=False, db_default=False)
    reapplies = models.UUIDField(null=True, blank=True)
    state = models.CharField(
        max_length=8,
        choices=[(one.value, one.label) for one in PurgeState],
        default=PurgeState.PROPOSED.value,
    )
    proposed_by = models.CharField(max_length=150)
    proposed_by_name = models.CharField(max_length=200)
    proposed_at = models.DateTimeField()
    decided_by = models.CharField(max_length=150, blank=True)
    decided_by_name = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    begun_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=500, blank=True)
    stores = models.JSONField(default=dict, blank=True)

    class Meta:
        app_label = "retention"
        ordering = ("-proposed_at",)
        constraints = (
            models.UniqueConstraint(fields=["agency", "number"], name="purge_number_once"),
            models.UniqueConstraint(
                fields=["agency"],
                condition=models.Q(state__in=[one.value for one in sorted(UNDER_WAY)]),
                name="purge_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(decided_by=models.F("proposed_by")) | models.Q(decided_by=""),
                name="purge_takes_two",
            ),
        )

    def __str__(self) -> str:
        return f"{self.agency_id} {self.number}"

    @property
    def classes(self) -> tuple[DataClass, ...]:
        """What it destroys."""
        return PICTURES if self.pictures_only else CLASSES


class PurgeDay(models.Model):
    """One camera's UTC day in a purge: what the preview foresaw, what the purge did (rules.Balance).

    `rows_at`, `files_at` and `settled_at` say when its rows, its files and its plates in the directory went.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    purge = models.ForeignKey(Purge, on_delete=models.PROTECT, related_name="days")
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="+", db_index=False)
    captured_date = models.DateField()
    foreseen = models.PositiveIntegerField()
    foreseen_held = models.PositiveIntegerField()
    ingested = models.PositiveIntegerField(default=0)
    purged_before = models.PositiveIntegerField(default=0)
    purged = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0)
    remaining = models.PositiveIntegerField(default=0)
    pictures = models.PositiveIntegerField(default=0)
    pictures_held = models.PositiveIntegerField(default=0, db_default=0)
    rows_at = models.DateTimeField(null=True, blank=True)
    files_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "retention"
        ordering = ("captured_date", "device")
        constraints = (
            models.UniqueConstraint(fields=["purge", "captured_date", "device"], name="purge_day_once"),
        )

    def __str__(self) -> str:
        return f"{self.captured_date:%Y-%m-%d} {self.device_id}"

    @property
    def balance(self) -> Balance:
        """The day's figures as the rules take them."""
        return Balance(self.ingested, self.purged_before, self.purged, self.held, self.remaining)


class HeldRead(models.Model):
    """A read that a hold kept from a purge under way; the database's function copies these and no others."""

    id = models.BigAutoField(primary_key=True)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    purge = models.ForeignKey(Purge, on_delete=models.CASCADE, related_name="+")
    plate_key = models.CharField(max_length=20)
    captured_at = models.DateTimeField()
    read_id = models.UUIDField()

    class Meta:
        app_label = "retention"
        indexes = (models.Index(fields=["purge", "captured_at"], name="held_of_purge"),)

    def __str__(self) -> str:
        return str(self.read_id)


class Certificate(models.Model):
    """What a purge destroyed, by whose word and with what proof: the bytes as issued (R91)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    purge = models.OneToOneField(Purge, on_delete=models.PROTECT, related_name="certificate")
    data = models.BinaryField()
    data_sha256 = models.CharField(max_length=64)
    document = models.BinaryField()
    document_sha256 = models.CharField(max_length=64)
    audit_id = models.BigIntegerField()
    issued_at = models.DateTimeField()

    class Meta:
        app_label = "retention"
        ordering = ("-issued_at",)

    def __str__(self) -> str:
        return self.data_sha256[:12]
