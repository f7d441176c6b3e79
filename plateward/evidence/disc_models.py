"""Discs of evidence packages: the set, the image made of each, what became of what was burned (R95–R98)."""

import uuid

from django.db import models

from plateward.accounts.models import Agency, User
from plateward.evidence.custody_rules import Link
from plateward.evidence.disc_rules import Medium, Protection, SetState, image_name
from plateward.evidence.hold_models import Booking
from plateward.evidence.package_models import Package


class DiscSet(models.Model):
    """A set of discs that a package was ordered to be put on; the worker makes its images.

    `recipients` are the public keys (age format) that an encrypted set is sealed for, and `key_file` is the
    private key of one of them, itself sealed under the passphrase that was shown once and is kept nowhere.
    `marks` are the handling marks. `total` is the number of discs, known once the work has begun.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    package = models.ForeignKey(Package, on_delete=models.PROTECT, related_name="disc_sets")
    number = models.PositiveSmallIntegerField()
    medium = models.CharField(max_length=4, choices=[(one.value, one.label) for one in Medium])
    protection = models.CharField(max_length=10, choices=[(one.value, one.label) for one in Protection])
    recipients = models.JSONField(default=list)
    key_file = models.TextField(blank=True)
    marks = models.JSONField(default=list)
    state = models.CharField(
        max_length=10,
        choices=[(one.value, one.label) for one in SetState],
        default=SetState.BUILDING.value,
    )
    total = models.PositiveSmallIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    failure = models.CharField(max_length=500, blank=True)
    ordered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ordered_at = models.DateTimeField()
    asked_from = models.CharField(max_length=64, blank=True)
    made_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("package", "number")
        constraints = (
            models.UniqueConstraint(fields=["package", "number"], name="disc_set_number_once"),
            models.UniqueConstraint(
                fields=["package"], condition=models.Q(state="BUILDING"), name="disc_sets_one_by_one"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="BUILT") | models.Q(made_at__isnull=False, total__gt=0),
                name="disc_set_made_has_its_discs",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="FAILED") | ~models.Q(failure=""), name="disc_set_failed_says_why"
            ),
            models.CheckConstraint(
                condition=models.Q(protection="PLAIN", recipients=[])
                | ~models.Q(protection="PLAIN") & ~models.Q(recipients=[]),
                name="disc_set_encrypted_for_somebody",
            ),
            models.CheckConstraint(
                condition=models.Q(protection="PASSPHRASE") & ~models.Q(key_file="")
                | ~models.Q(protection="PASSPHRASE") & models.Q(key_file=""),
                name="disc_set_passphrase_opens_key",
            ),
        )

    def __str__(self) -> str:
        return f"Set {self.number}"

    @property
    def is_encrypted(self) -> bool:
        """Whether a container lies on its discs, and not the files themselves."""
        return self.protection != Protection.PLAIN


class Disc(models.Model):
    """The image of one disc of a set, read back; `sha256` and `size` (bytes) are of the image.

    `listed_sha256` is that of the set's list as it lies on the disc, by which a copy is known; "" where a
    disc was made before that was kept.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    of_set = models.ForeignKey(DiscSet, on_delete=models.PROTECT, related_name="discs")
    number = models.PositiveSmallIntegerField()
    total = models.PositiveSmallIntegerField()
    sha256 = models.CharField(max_length=64)
    listed_sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveBigIntegerField()
    made_at = models.DateTimeField()

    class Meta:
        ordering = ("of_set", "number")
        constraints = (models.UniqueConstraint(fields=["of_set", "number"], name="disc_once_in_its_set"),)

    def __str__(self) -> str:
        return f"Disc {self.number} of {self.total}"

    @property
    def package(self) -> Package:
        """The package that lies on it, or a part of it."""
        return self.of_set.package

    @property
    def file(self) -> str:
        """The name of its image in the package's folder."""
        return image_name(self.of_set.number, self.number)


class DiscLink(models.Model):
    """A link of a burned disc's chain of custody: burned, checked, booked, handed over, destroyed; rows stay.

    `serial` tells copies apart. `happened_at` is when, as told by whoever recorded it; `report` is the
    outcome of a check at `checked_at`, which makes a link verified, or says of what the copy failed it. The
    database refuses to change a row, or a made disc, to add one to a made set, and to book a copy that no
    check of its own found good.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    disc = models.ForeignKey(Disc, on_delete=models.PROTECT, related_name="links")
    kind = models.CharField(max_length=12, choices=[(one.value, one.label) for one in Link])
    serial = models.CharField(max_length=160)
    told = models.CharField(max_length=500)
    to_whom = models.CharField(max_length=200, blank=True)
    receipt = models.CharField(max_length=200, blank=True)
    witness = models.CharField(max_length=200, blank=True)
    report = models.JSONField(null=True, blank=True)
    report_sha256 = models.CharField(max_length=64, blank=True)
    is_verified = models.BooleanField(default=False)
    checked_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=500, blank=True)
    unverified_because = models.CharField(max_length=300, blank=True)
    booking = models.ForeignKey(
        Booking, on_delete=models.PROTECT, related_name="copies", null=True, blank=True
    )
    happened_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ("recorded_at",)
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(serial="") & ~models.Q(told=""), name="disc_link_names_disc_and_what"
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="HANDED_OVER") | ~models.Q(to_whom="") & ~models.Q(receipt=""),
                name="disc_hand_over_names_who",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="DESTROYED") | ~models.Q(witness=""),
                name="disc_destruction_names_witness",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="BOOKED", booking__isnull=False)
                | ~models.Q(kind="BOOKED") & models.Q(booking__isnull=True),
                name="disc_booked_by_a_booking",
            ),
            models.CheckConstraint(
                condition=models.Q(is_verified=False) | models.Q(report__isnull=False),
                name="disc_verified_by_report",
            ),
            models.CheckConstraint(
                condition=models.Q(is_verified=False) | models.Q(failure=""),
                name="disc_verified_without_failure",
            ),
            models.UniqueConstraint(
                fields=["agency", "report_sha256"],
                condition=~models.Q(report_sha256=""),
                name="disc_report_serves_once",
            ),
            models.UniqueConstraint(
                fields=["agency", "serial"], condition=models.Q(kind="BURNED"), name="disc_copy_burned_once"
            ),
            models.UniqueConstraint(
                fields=["disc", "serial"],
                condition=models.Q(kind="DESTROYED"),
                name="disc_copy_destroyed_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.serial}"
