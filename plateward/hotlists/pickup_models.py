"""From where the files of a list are fetched, and which files came."""

import uuid

from django.db import models

from plateward.accounts.models import Agency, User


class PickupWay(models.TextChoices):
    FOLDER = "FOLDER", "A watched folder of this installation"
    SFTP = "SFTP", "An SFTP server"


class Proof(models.TextChoices):
    KEY = "KEY", "A key that Plateward makes"
    PASSWORD = "PASSWORD", "A password"


class Readiness(models.TextChoices):
    STEADY = "STEADY", "It has not changed between two looks"
    MARKER = "MARKER", "A file of the same name with .done lies beside it"


class PickupLayout(models.TextChoices):
    KEPT = "KEPT", "As laid down for this list"
    HEADED = "HEADED", "The first line names the columns"
    GENETEC = "GENETEC", "Genetec: category; state; plate; from; until; record"


class Pickup(models.Model):
    """Where the worker fetches the files of one list, by whose order, and how it went.

    `seen` is what the last look found, by name: size, time of change, and True where that very file was taken
    over since it lies there. `came_at` is when the last new file
    came; after `expected_hours` without one somebody is asked why. What the server proves itself by is
    `host_key`; what it lets us in by is a `PickupSecret`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    source = models.SlugField(max_length=60)
    origin = models.SlugField(max_length=40)
    purpose = models.CharField(max_length=60)
    layout = models.CharField(max_length=10, choices=PickupLayout, default=PickupLayout.KEPT)
    mode = models.CharField(max_length=5, default="FULL")
    way = models.CharField(max_length=10, choices=PickupWay)
    host = models.CharField(max_length=253, blank=True)
    port = models.PositiveIntegerField(default=22)
    login = models.CharField(max_length=100, blank=True)
    folder = models.CharField(max_length=500, blank=True)
    host_key = models.CharField(max_length=100, blank=True)
    proof = models.CharField(max_length=10, choices=Proof, blank=True)
    public_key = models.CharField(max_length=200, blank=True)
    pattern = models.CharField(max_length=100, default="*")
    readiness = models.CharField(max_length=10, choices=Readiness, default=Readiness.STEADY)
    every_minutes = models.PositiveIntegerField(default=10)
    expected_hours = models.PositiveIntegerField(null=True, blank=True)
    takes_in = models.BooleanField(default=False)
    removes = models.BooleanField(default=False)
    is_on = models.BooleanField(default=True)
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()
    seen = models.JSONField(default=dict)
    looked_at = models.DateTimeField(null=True, blank=True)
    succeeded_at = models.DateTimeField(null=True, blank=True)
    came_at = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=500, blank=True)
    troubled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("agency", "source", "origin")
        constraints = (
            models.UniqueConstraint(fields=["agency", "source", "origin"], name="pickup_once_a_list"),
        )

    def __str__(self) -> str:
        return f"{self.source}: {self.get_way_display()}"


class PickupSecret(models.Model):
    """A password or private key, wrapped by the master key (AES-256-GCM) and bound to its row and server.

    `server` is the SHA-256 of all that names the server it was given for.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    pickup = models.OneToOneField(Pickup, on_delete=models.PROTECT, related_name="secret")
    server = models.CharField(max_length=64)
    master = models.CharField(max_length=100)
    wrapped = models.BinaryField()
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"secret of {self.pickup_id}"

    @property
    def context(self) -> str:
        """What the wrapped secret is bound to."""
        return f"pickup/{self.agency_id}/{self.pickup_id}/{self.server}/{self.pk}"


class PickedUp(models.Model):
    """A file that came by a pickup. Where the same bytes came before, `first` is the row that had them first.

    `settled_at` is when nothing was left to be done about it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    pickup = models.ForeignKey(Pickup, on_delete=models.PROTECT, related_name="files")
    name = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField()
    changed = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64)
    picked_at = models.DateTimeField()
    first = models.ForeignKey("self", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    file = models.OneToOneField(
        "hotlists.ListFile", on_delete=models.PROTECT, related_name="picked_up", null=True, blank=True
    )
    why = models.CharField(max_length=500, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-picked_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["pickup", "sha256"], condition=models.Q(first__isnull=True), name="picked_up_once"
            ),
        )

    def __str__(self) -> str:
        return self.name
