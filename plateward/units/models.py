"""Units, the codes that enroll them, who signed in on them, and what they sent of themselves."""

import uuid

from django.db import models

from plateward.accounts.models import Agency, User
from plateward.devices.models import Device
from plateward.units.rules import AnswerOutcome, Gone, SignInState


class Unit(models.Model):
    """A device of the register that is enrolled: a program in a car or beside a fixed camera.

    `host` and `version` are what it said of itself. `serial` is that of the last document signed for it;
    `configuration_sha256` digests the last configuration, without serial and time. `told` is its last health
    report (unitwire.calls.HealthReport), `clock_offset_s` the server's time less its own then;
    `upload_kb_per_s` is how fast it may send, null as fast as it can.
    """

    device = models.OneToOneField(Device, on_delete=models.PROTECT, primary_key=True, related_name="unit")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    enrolled_at = models.DateTimeField()
    host = models.CharField(max_length=100)
    version = models.CharField(max_length=100)
    serial = models.BigIntegerField(default=0)
    configuration_sha256 = models.CharField(max_length=64, blank=True)
    upload_kb_per_s = models.PositiveIntegerField(null=True, blank=True)
    told = models.JSONField(default=dict)
    told_at = models.DateTimeField(null=True)
    clock_offset_s = models.FloatField(null=True)

    def __str__(self) -> str:
        return f"{self.device_id} on {self.host}"


class EnrollmentCode(models.Model):
    """A code that enrolls one device once; of the code only the SHA-256 is kept.

    It ends when it is used, when another is made for the device, and at `expires_at`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64, unique=True)
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-made_at",)

    def __str__(self) -> str:
        return f"code for {self.device_id}"


class WrongTry(models.Model):
    """A wrong code: tried from an address, or by a person who is logged in (`key`)."""

    key = models.CharField(max_length=120)
    tried_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["key", "tried_at"], name="unit_wrong_try"),)

    def __str__(self) -> str:
        return f"{self.key} {self.tried_at:%Y-%m-%d %H:%M:%S}"


class SignIn(models.Model):
    """A person's sign-in on a unit, from the moment the unit asks for one (RFC 8628).

    The codes are kept as SHA-256 only. `id` names the sign-in in grants and in the unit's journal.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="+")
    device_code_sha256 = models.CharField(max_length=64, unique=True)
    user_code_sha256 = models.CharField(max_length=64)
    state = models.CharField(
        max_length=9,
        choices=[(one.value, one.label) for one in SignInState],
        default=SignInState.WAITING.value,
    )
    begun_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True)
    interval_s = models.PositiveSmallIntegerField()
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    valid_until_at = models.DateTimeField(null=True)
    capabilities = models.JSONField(default=list)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-begun_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["user_code_sha256"],
                condition=models.Q(state="WAITING"),
                name="unit_sign_in_code_once",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["WAITING", "EXPIRED"])
                | models.Q(user__isnull=False, decided_at__isnull=False),
                name="unit_sign_in_decided_by_somebody",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user_id} on {self.device_id}, {self.state}"


class Spool(models.Model):
    """What arrived of a unit's spool: `received` are ranges of sequence numbers, both ends included.

    `announced` is the highest number that the unit said it has, at `announced_at`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="spools")
    spool = models.UUIDField()
    received = models.JSONField(default=list)
    announced = models.BigIntegerField(default=0)
    announced_at = models.DateTimeField()
    first_at = models.DateTimeField()
    received_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-first_at",)
        constraints = (models.UniqueConstraint(fields=["device", "spool"], name="unit_spool_once"),)

    def __str__(self) -> str:
        return f"{self.spool} up to {self.announced}"


class ThinnedPictures(models.Model):
    """What a unit no longer has under a number of its spool: mostly pictures it gave up for want of room.

    `what` says whether the pictures alone, the read, or only the number, which became another spool's.
    """

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    spool = models.ForeignKey(Spool, on_delete=models.PROTECT, related_name="thinned")
    sequence = models.BigIntegerField()
    what = models.CharField(
        max_length=8,
        choices=[(one.value, one.label) for one in Gone],
        default=Gone.PICTURES.value,
    )
    why = models.CharField(max_length=300)
    thinned_at = models.DateTimeField()
    told_at = models.DateTimeField()

    class Meta:
        ordering = ("sequence",)
        constraints = (
            models.UniqueConstraint(fields=["spool", "sequence", "why"], name="unit_pictures_thinned_once"),
        )

    def __str__(self) -> str:
        return f"{self.spool_id} {self.sequence}"


class UnitJournal(models.Model):
    """How far a unit's own journal is on record; `journal` names it, anew when the unit begins anew.

    Once `broken_at`, nothing more of it is taken; `broken` says what was wrong.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="+")
    journal = models.UUIDField()
    merged_to = models.BigIntegerField(default=0)
    last_hash = models.CharField(max_length=64)
    first_at = models.DateTimeField()
    merged_at = models.DateTimeField()
    broken_at = models.DateTimeField(null=True)
    broken = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("-first_at",)
        constraints = (models.UniqueConstraint(fields=["device", "journal"], name="unit_journal_once"),)

    def __str__(self) -> str:
        return f"{self.journal} to {self.merged_to}"


class ListEdition(models.Model):
    """Everything that matched for an agency when it was compared last, as units are given it.

    `data` is gzip over the JSON of unitwire.documents.ListEntry by id; `sha256` digests that JSON. A unit
    that has one of the editions kept gets what changed since; any other gets the whole.
    """

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.BigIntegerField()
    made_at = models.DateTimeField()
    compared_at = models.DateTimeField()
    sha256 = models.CharField(max_length=64)
    entries = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        ordering = ("-number",)
        constraints = (models.UniqueConstraint(fields=["agency", "number"], name="unit_list_edition_once"),)

    def __str__(self) -> str:
        return f"edition {self.number}: {self.entries}"


class UnitAnswer(models.Model):
    """What a person did on a unit that changes something here, with what became of it; sent again, the same.

    `act` is the unit's own id of it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="+")
    act = models.UUIDField()
    kind = models.CharField(max_length=40)
    done_at = models.DateTimeField()
    received_at = models.DateTimeField()
    outcome = models.CharField(max_length=8, choices=[(one.value, one.value) for one in AnswerOutcome])
    told = models.CharField(max_length=600, blank=True)

    class Meta:
        ordering = ("-received_at",)
        constraints = (models.UniqueConstraint(fields=["device", "act"], name="unit_answer_once"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.outcome}"
