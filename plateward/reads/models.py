"""The durable inbox, reads (partitioned by time) and their pictures.

The tables' final form is in the migrations: `reads_read` is range-partitioned by `captured_at` and its
primary key is `(plate_key, captured_at, id)`, so reads carry no single-column key, no trigger, and no
foreign key except to the small registers (scale-out rules of ADR 0006).
"""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from plateward.accounts.models import Agency
from plateward.devices.models import Device
from plateward.reads.check_models import ReadCheck

__all__ = (
    "AwaitedPicture",
    "AwaitedState",
    "DataKey",
    "Direction",
    "InboxItem",
    "InboxKey",
    "InboxState",
    "Passage",
    "Picture",
    "PictureRole",
    "Plate",
    "Read",
    "ReadCheck",
    "SearchedPlate",
    "SearchedRead",
)


class InboxKey(models.Model):
    """The letterbox of an agency's inbox from one UTC day on: what waits is sealed for it by its public key.

    Its private key is wrapped by a master key. The row is deleted, and with it the key, once a later one is
    in use and nothing sealed for it waits: the foreign key of what waits refuses it before.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    made_date = models.DateField()
    public = models.BinaryField()
    master = models.CharField(max_length=100)
    wrapped = models.BinaryField()
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("made_date", "id")
        constraints = (
            models.UniqueConstraint(fields=["agency", "made_date"], name="one_inbox_key_an_agency_and_day"),
        )

    def __str__(self) -> str:
        return f"{self.agency_id} {self.made_date:%Y-%m-%d}"


class InboxState(models.TextChoices):
    RECEIVED = "RECEIVED", "Received"
    HELD = "HELD", "Held until its vehicle has passed"
    STORED = "STORED", "Stored, not matched yet"
    MATCHED = "MATCHED", "Stored and matched"
    QUARANTINED = "QUARANTINED", "Quarantined"
    DISCARDED = "DISCARDED", "Discarded"


class InboxItem(models.Model):
    """One payload exactly as a device sent it. Its id is the receipt the device was given.

    The receiver inserts rows by SQL (`plateward.ingest`), so every default lives in the database. `body` is
    the request body, whole, sealed for `body_key` (in plain where an earlier release took it in): see
    `inbox_keys.opened`. It is emptied once the read and its pictures are stored. `attempts` counts those
    begun that the payload itself may have ended; before `retry_at` it is not taken up again. `read_ids` and
    `plate_keys` name, side by side, the reads it became or repeats. `passage_id` is that of the vehicle in
    view that it tells of, where its sender tells of one several times.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="+", db_index=False)
    received_at = models.DateTimeField()
    source_address = models.CharField(max_length=64)
    adapter = models.CharField(max_length=40, db_default="native")
    content_type = models.CharField(max_length=300)
    idempotency_key = models.CharField(max_length=200)
    body = models.BinaryField(null=True)
    body_key = models.ForeignKey(
        InboxKey, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    body_sha256 = models.CharField(max_length=64)
    content_sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=InboxState, db_default=InboxState.RECEIVED)
    reason = models.TextField(db_default="", blank=True)
    attempts = models.PositiveSmallIntegerField(db_default=0)
    retry_at = models.DateTimeField(null=True, blank=True)
    processed_at = models.DateTimeField(null=True, blank=True)
    read_ids = ArrayField(models.UUIDField(), db_default=[], blank=True)
    plate_keys = ArrayField(models.CharField(max_length=20), db_default=[], blank=True)
    passage_id = models.UUIDField(null=True, blank=True)

    class Meta:
        ordering = ("-received_at",)
        indexes = (
            models.Index(fields=["received_at"], condition=models.Q(state="RECEIVED"), name="inbox_received"),
            models.Index(fields=["received_at"], condition=models.Q(state="STORED"), name="inbox_stored"),
            models.Index(
                fields=["agency", "-received_at"],
                condition=models.Q(state="QUARANTINED"),
                name="inbox_quarantined",
            ),
            models.Index(
                fields=["body_key"], condition=models.Q(body_key__isnull=False), name="inbox_sealed"
            ),
            models.Index(
                fields=["received_at"],
                condition=models.Q(body__isnull=False, body_key__isnull=True),
                name="inbox_plain",
            ),
            models.Index(fields=["passage_id"], condition=models.Q(state="HELD"), name="inbox_held"),
            BrinIndex(fields=["received_at"], name="inbox_by_time"),  # what a purge walks along
        )
        constraints = (
            models.UniqueConstraint(fields=["device", "idempotency_key"], name="inbox_idempotent"),
            models.CheckConstraint(
                condition=models.Q(state__in=("STORED", "MATCHED", "DISCARDED"))
                | models.Q(body__isnull=False),
                name="inbox_keeps_unprocessed_body",
            ),
            models.CheckConstraint(
                condition=models.Q(body_key__isnull=True) | models.Q(body__isnull=False),
                name="inbox_key_while_body",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="QUARANTINED") | ~models.Q(reason=""),
                name="inbox_quarantine_has_reason",
            ),
        )

    def __str__(self) -> str:
        return f"{self.id} {self.state}"


class Passage(models.Model):
    """A vehicle in a camera's view, of which its sender tells several times: all of that becomes one read.

    `vehicle` is the sender's name for it, `first_at` and `last_at` are times of capture. At `closes_at`, by
    our own clock, what came is put together; null when that is done and nothing came since. `size` is that of
    the payloads held, in bytes.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="+", db_index=False)
    vehicle = models.CharField(max_length=200)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    opened_at = models.DateTimeField()
    closes_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    size = models.PositiveBigIntegerField(default=0)
    read_id = models.UUIDField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=["device", "vehicle", "-last_at"], name="passage_of_vehicle"),
            models.Index(
                fields=["closes_at"], condition=models.Q(closes_at__isnull=False), name="passage_open"
            ),
            models.Index(fields=["opened_at"], name="passage_opened"),
        )

    def __str__(self) -> str:
        return f"{self.vehicle} since {self.first_at:%Y-%m-%d %H:%M:%S}"


class Direction(models.TextChoices):
    APPROACHING = "APPROACHING", "approaching the camera"
    RECEDING = "RECEDING", "moving away from the camera"
    UNKNOWN = "UNKNOWN", "direction not known"


class Read(models.Model):
    """One plate captured, with time and place.

    `plate_raw` is the plate as sent and never changed; `plate` is its normalized form; `plate_key` has
    look-alikes folded. Confidences are 0–1; unknown is null, never 0. `id` is deterministic (UUIDv8 of
    the capture's millisecond and the sender's own event id), so a redelivered event meets its own key.
    """

    pk = models.CompositePrimaryKey("plate_key", "captured_at", "id")
    plate_key = models.CharField(max_length=20)
    captured_at = models.DateTimeField()
    id = models.UUIDField()
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="+", db_index=False)
    received_at = models.DateTimeField()
    stored_at = models.DateTimeField()
    clock_skew_s = models.FloatField()
    plate_raw = models.CharField(max_length=40)
    plate = models.CharField(max_length=20)
    confidence = models.FloatField(null=True)
    characters = models.JSONField(null=True)
    candidates = models.JSONField(null=True)
    region = models.CharField(max_length=6, blank=True)
    region_confidence = models.FloatField(null=True)
    plate_box = models.JSONField(null=True)
    direction = models.CharField(max_length=12, choices=Direction, default=Direction.UNKNOWN)
    heading_deg = models.FloatField(null=True)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    vehicle = models.JSONField(default=dict)
    source_event_id = models.CharField(max_length=200)
    model = models.CharField(max_length=100, blank=True)
    lane = models.CharField(max_length=60, blank=True, db_default="")
    speed_kmh = models.FloatField(null=True)
    is_late = models.BooleanField(db_default=False)
    adapter = models.CharField(max_length=40, db_default="native")
    payload = models.JSONField(default=dict)

    class Meta:
        ordering = ("-captured_at", "id")
        indexes = (
            models.Index(fields=["device", "captured_at"], name="read_device_time"),
            models.Index(fields=["captured_at"], name="read_time"),
        )

    def __str__(self) -> str:
        return f"{self.plate} at {self.captured_at:%Y-%m-%d %H:%M:%S}"


class SearchedRead(models.Model):
    """What of a read a search narrows down, in a view behind the wall between agencies (ADR 0015).

    On the table itself the policy comes before any condition that PostgreSQL does not call leakproof.
    """

    pk = models.CompositePrimaryKey("plate_key", "captured_at", "id")
    plate_key = models.CharField(max_length=20)
    captured_at = models.DateTimeField()
    id = models.UUIDField()
    agency_id = models.CharField(max_length=60)
    device_id = models.UUIDField()
    region = models.CharField(max_length=6)
    plate = models.CharField(max_length=20)
    make = models.CharField(max_length=60)
    color = models.CharField(max_length=60)
    vehicle_type = models.CharField(max_length=60)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    stored_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "reads_searched"

    def __str__(self) -> str:
        return f"{self.plate} at {self.captured_at:%Y-%m-%d %H:%M:%S}"


class Plate(models.Model):
    """A plate that an agency has reads of: the directory that `reads.directory` keeps in line with them."""

    pk = models.CompositePrimaryKey("plate_key", "agency", "plate")
    plate_key = models.CharField(max_length=20)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    plate = models.CharField(max_length=20)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    read_count = models.PositiveIntegerField()

    def __str__(self) -> str:
        return self.plate


class SearchedPlate(models.Model):
    """The directory of plates in a view behind the wall between agencies, as `SearchedRead` is of reads."""

    pk = models.CompositePrimaryKey("plate_key", "agency_id", "plate")
    plate_key = models.CharField(max_length=20)
    agency_id = models.CharField(max_length=60)
    plate = models.CharField(max_length=20)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    read_count = models.PositiveIntegerField()

    class Meta:
        managed = False
        db_table = "reads_searched_plates"

    def __str__(self) -> str:
        return self.plate


class PictureRole(models.TextChoices):
    SCENE = "SCENE", "Whole scene"
    VEHICLE = "VEHICLE", "Vehicle"
    PLATE = "PLATE", "Plate"


class DataKey(models.Model):
    """The key under which one device's pictures of one UTC day are sealed, wrapped by a master key.

    Destroying it (`wrapped` becomes null, for good) makes them unreadable wherever only the picture was
    copied; the row stays and says when and why. What must outlive its day is sealed anew under a key
    `kept_for` the reason to keep it. What came after its day's key was destroyed lies under one `kept_for`
    "late" and how many were destroyed before.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="+")
    captured_date = models.DateField()
    kept_for = models.CharField(max_length=100, blank=True, db_default="")
    master = models.CharField(max_length=100)
    wrapped = models.BinaryField(null=True)
    created_at = models.DateTimeField()
    destroyed_at = models.DateTimeField(null=True, blank=True)
    destroyed_because = models.CharField(max_length=300, blank=True, db_default="")

    class Meta:
        ordering = ("captured_date", "id")
        indexes = (
            models.Index(fields=["master"], condition=models.Q(wrapped__isnull=False), name="living_keys"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["agency", "device", "captured_date", "kept_for"], name="one_key_a_device_and_day"
            ),
            models.CheckConstraint(
                condition=models.Q(wrapped__isnull=False, destroyed_at__isnull=True)
                | (
                    models.Q(wrapped__isnull=True, destroyed_at__isnull=False)
                    & ~models.Q(destroyed_because="")
                ),
                name="key_lives_or_says_why_not",
            ),
        )

    def __str__(self) -> str:
        return f"{self.device_id} {self.captured_date:%Y-%m-%d}"


class AwaitedState(models.TextChoices):
    WAITING = "WAITING", "To be fetched"
    FETCHED = "FETCHED", "Fetched"
    GIVEN_UP = "GIVEN_UP", "Given up"


class AwaitedPicture(models.Model):
    """A picture of which a device sent the address only: to be fetched, fetched, or given up and why.

    Makers sign addresses, which lets whoever has one see the picture; so it is kept only while it is needed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="+", db_index=False)
    read_id = models.UUIDField()
    captured_at = models.DateTimeField()
    role = models.CharField(max_length=8, choices=PictureRole)
    url = models.CharField(max_length=2000, blank=True)
    state = models.CharField(max_length=10, choices=AwaitedState, default=AwaitedState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("captured_at", "id")
        indexes = (
            models.Index(fields=["next_at"], condition=models.Q(state="WAITING"), name="awaited_due"),
            models.Index(fields=["read_id"], name="awaited_of_read"),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state="WAITING") | models.Q(url=""), name="address_only_while_awaited"
            ),
        )

    def __str__(self) -> str:
        return f"{self.role} of {self.read_id}: {self.state}"


class Picture(models.Model):
    """A picture's facts; its original bytes lie in the picture store, sealed under its data key.

    Its id is deterministic (UUIDv8 of read, role and digest), so a repeated attempt meets its own file. One
    without a key was stored by a release that did not encrypt; `plateward pictures encrypt` ends that.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    read_id = models.UUIDField()
    captured_at = models.DateTimeField()
    role = models.CharField(max_length=8, choices=PictureRole)
    data_key = models.ForeignKey(DataKey, on_delete=models.PROTECT, null=True, related_name="+")
    sha256 = models.CharField(max_length=64)
    media_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()

    class Meta:
        ordering = ("read_id", "role")
        constraints = (
            models.UniqueConstraint(fields=["read_id", "role", "sha256"], name="picture_once_per_read"),
        )

    def __str__(self) -> str:
        return f"{self.role} {self.sha256[:12]}"
