"""What people found when they compared reads with their pictures."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from plateward.accounts.models import Agency, User
from plateward.devices.models import Device


class ReadCheck(models.Model):
    """One comparison of a read with its picture: a row of its own, the read itself is never altered.

    `shows_plate` is "" where the plate cannot be made out, `shows_region` where the state cannot. The last
    check of a read counts; earlier ones stay. `pairs` hold no plate: ["8/B"] is 8 read where B is shown.
    `found_in` is the alert whose outcome, or comparison, said it; None for a check on the read's own page.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="+", db_index=False)
    read_id = models.UUIDField()
    captured_at = models.DateTimeField()
    plate = models.CharField(max_length=20)
    region = models.CharField(max_length=6, blank=True)
    shows_plate = models.CharField(max_length=20, blank=True)
    shows_region = models.CharField(max_length=6, blank=True)
    is_misread = models.BooleanField()
    is_wrong_state = models.BooleanField()
    pairs = ArrayField(models.CharField(max_length=3), default=list, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    found_in = models.UUIDField(null=True, blank=True)
    checked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    checked_at = models.DateTimeField()

    class Meta:
        ordering = ("-checked_at", "id")
        indexes = (
            models.Index(fields=["read_id", "-checked_at"], name="check_of_read"),
            models.Index(fields=["device", "captured_at"], name="check_of_device"),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(is_misread=False, is_wrong_state=False) | ~models.Q(reason=""),
                name="check_says_how_it_is_known",
            ),
        )

    def __str__(self) -> str:
        return f"{self.plate} at {self.captured_at:%Y-%m-%d %H:%M:%S}, checked"

    @property
    def is_right(self) -> bool:
        """True when the read was found right."""
        return not (self.is_misread or self.is_wrong_state)

    @property
    def said(self) -> str:
        """What was found, in a line: "misread: the picture shows 8ABC123"."""
        if self.is_right:
            return "compared with its picture and found right"
        wrong, shows = [], []
        if self.is_misread:
            wrong.append("misread")
            shows.append(self.shows_plate or "a plate that nobody spelled out")
        if self.is_wrong_state:
            wrong.append("wrong state")
            shows.append(self.shows_region or "another state's plate")
        return f"{' and '.join(wrong)}: the picture shows {', '.join(shows)}"
