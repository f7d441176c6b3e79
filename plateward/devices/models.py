"""The device register (B-466.3, H-426.2 ¶2)."""

import uuid
from dataclasses import fields

from django.contrib.postgres.fields import ArrayField
from django.db import models

from plateward.accounts.models import Agency
from plateward.devices.health import HourFacts, ProblemKind
from plateward.devices.rules import DeviceFacts, DeviceKind, ServiceKind
from plateward.devices.ways import LONGEST_TOPIC, Way, WayIn, login_context


class Device(models.Model):
    """A camera, car or other source that may send reads with its own key.

    `heading_deg` is the direction the camera looks, in degrees clockwise from north; `view_deg` how wide.
    `revision` counts the changes of the entry; `moved_at` is the last that gave another place, null without
    any. Of the key only the SHA-256 is kept: it is 256 random bits, so
    a slow hash would protect nothing.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="devices")
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, choices=[(kind.value, kind.label) for kind in DeviceKind])
    location = models.CharField(max_length=200)
    owner = models.CharField(max_length=100)
    site = models.CharField(max_length=100, blank=True)
    model = models.CharField(max_length=100, blank=True)
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    heading_deg = models.PositiveSmallIntegerField(null=True, blank=True)
    view_deg = models.PositiveSmallIntegerField(null=True, blank=True)
    sensitive_place = models.CharField(max_length=200, blank=True)
    installed_date = models.DateField(null=True, blank=True)
    key_sha256 = models.CharField(max_length=64, unique=True)
    key_issued_at = models.DateTimeField()
    is_enabled = models.BooleanField(default=True)
    registered_at = models.DateTimeField()
    revision = models.PositiveIntegerField(default=1)
    moved_at = models.DateTimeField(null=True, blank=True)
    format = models.CharField(max_length=40, blank=True, db_default="")
    way = models.CharField(
        max_length=10, choices=[(way.value, way.label) for way in Way], db_default=Way.KEY.value
    )
    allowed_sources = ArrayField(models.CharField(max_length=50), blank=True, db_default=[])
    picture_hosts = ArrayField(models.CharField(max_length=300), blank=True, db_default=[])
    topics = ArrayField(models.CharField(max_length=LONGEST_TOPIC), blank=True, db_default=[])
    topic_camera = models.CharField(max_length=60, blank=True, db_default="")

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
            models.CheckConstraint(
                condition=models.Q(view_deg__isnull=True) | models.Q(view_deg__range=(1, 360)),
                name="device_view_in_circle",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def facts(self) -> DeviceFacts:
        """The entry's facts as the rules take them."""
        return DeviceFacts(**{f.name: getattr(self, f.name) for f in fields(DeviceFacts)})

    @property
    def way_in(self) -> WayIn:
        """How it gets in."""
        return WayIn(
            format=self.format,
            way=Way(self.way),
            sources=tuple(self.allowed_sources),
            picture_hosts=tuple(self.picture_hosts),
            topics=tuple(self.topics),
            topic_camera=self.topic_camera,
        )


class Service(models.Model):
    """Installation, maintenance or repair of a device: what was done, when and by whom (B-466.3¶2)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="services")
    kind = models.CharField(max_length=12, choices=[(kind.value, kind.label) for kind in ServiceKind])
    done_date = models.DateField()
    done_by = models.CharField(max_length=150)
    note = models.CharField(max_length=500)
    recorded_by = models.CharField(max_length=200)
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ("-done_date", "-recorded_at")

    def __str__(self) -> str:
        return f"{self.device}: {self.kind} on {self.done_date}"


class DeviceHour(models.Model):
    """How many reads a device took in an hour, their mean confidence (0-1) and median clock skew (s).

    Figures without any plate: they stay when the reads are destroyed, so that a camera keeps its past.
    """

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="+", db_index=False)
    hour_at = models.DateTimeField()
    reads = models.PositiveIntegerField()
    confidence = models.FloatField(null=True)
    skew_s = models.FloatField(null=True)

    class Meta:
        ordering = ("device", "hour_at")
        constraints = (models.UniqueConstraint(fields=["device", "hour_at"], name="device_hour_once"),)

    def __str__(self) -> str:
        return f"{self.device_id} {self.hour_at:%Y-%m-%d %H}h: {self.reads}"

    @property
    def facts(self) -> HourFacts:
        """The hour as the rules take it."""
        return HourFacts(
            hour_at=self.hour_at, reads=self.reads, confidence=self.confidence, skew_s=self.skew_s
        )


class DeviceProblem(models.Model):
    """Something wrong with a device from `since_at` until `ended_at`; `text` gives the newest figures."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="problems")
    kind = models.CharField(max_length=12, choices=[(kind.value, kind.label) for kind in ProblemKind])
    text = models.CharField(max_length=400)
    since_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-since_at", "kind")
        constraints = (
            models.UniqueConstraint(
                fields=["device", "kind"], condition=models.Q(ended_at=None), name="device_problem_open_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.device}: {self.get_kind_display()}"


class DeviceSecret(models.Model):
    """The user name and secret of a device that proves itself by Digest or signatures.

    `wrapped` is the secret under the master key named by `master` (AES-256-GCM), bound to the device.
    """

    device = models.OneToOneField(
        Device, on_delete=models.PROTECT, primary_key=True, related_name="device_secret"
    )
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    login = models.CharField(max_length=40, unique=True)
    master = models.CharField(max_length=100)
    wrapped = models.BinaryField()
    issued_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.login}"


class PictureLogin(models.Model):
    """What a camera asks for before it gives a picture: a user name, and a password under the master key.

    It is bound to the hosts and networks of `reach` (`ways.reach_of`), and goes when these change. `taken_at`
    and `refused_at` say how the camera answered it last.
    """

    device = models.OneToOneField(
        Device, on_delete=models.PROTECT, primary_key=True, related_name="picture_login"
    )
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    username = models.CharField(max_length=100)
    reach = models.CharField(max_length=64)
    master = models.CharField(max_length=100)
    wrapped = models.BinaryField()
    set_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
    refused_at = models.DateTimeField(null=True)
    refusal = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return f"{self.username} at {self.device_id}"

    @property
    def context(self) -> str:
        """What the password is bound to."""
        return login_context(self.device_id, self.reach)


class Feed(models.Model):
    """What a broker's subscriber (`plateward.ingest`, by SQL) last said of a device's messages.

    `broker` is its host and port, and the client where two of ours are connected to it. `topics` are those
    subscribed to, none any more once empty; `problem` is what stands against that.
    `left_out` counts messages not taken, the last for `last_reason`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="feeds", db_index=False)
    broker = models.CharField(max_length=255)
    topics = ArrayField(models.CharField(max_length=LONGEST_TOPIC))
    problem = models.CharField(max_length=300, blank=True)
    reported_at = models.DateTimeField()
    last_message_at = models.DateTimeField(null=True)
    last_topic = models.CharField(max_length=300, blank=True)
    messages = models.BigIntegerField()
    left_out = models.BigIntegerField()
    last_left_out_at = models.DateTimeField(null=True)
    last_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("broker",)
        constraints = (models.UniqueConstraint(fields=["device", "broker"], name="feed_once"),)

    def __str__(self) -> str:
        return f"{self.device_id} by {self.broker}"


class Refusal(models.Model):
    """Attempts in a known device's name that the receiver refused, counted over some minutes.

    The receiver inserts rows by SQL (`plateward.ingest`); the worker journals each once.
    """

    class Reason(models.TextChoices):
        SOURCE = "SOURCE", "it came from an address that is not allowed"
        PROOF = "PROOF", "its password or signature was wrong"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="refusals", db_index=False)
    reason = models.CharField(max_length=10, choices=Reason)
    addresses = models.CharField(max_length=300)
    count = models.PositiveIntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    journaled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-last_at",)
        indexes = (
            models.Index(fields=["device", "-last_at"], name="refusal_of_device"),
            models.Index(
                fields=["last_at"], condition=models.Q(journaled_at__isnull=True), name="refusal_waiting"
            ),
        )

    def __str__(self) -> str:
        return f"{self.count} refused, {self.reason}, until {self.last_at:%Y-%m-%d %H:%M:%S}"
