"""The public's requests for records, their letters, and the copies from which something was taken out."""

import uuid
from datetime import date
from pathlib import Path

from django.db import models
from django.db.models import F, Q

from plateward.accounts.models import Agency, User
from plateward.documents.kinds import EXTENSIONS, PDF
from plateward.releases.records_rules import Outcome, RecordsState, Unusual, due_date


class Channel(models.TextChoices):
    LETTER = "LETTER", "Letter"
    MAIL = "MAIL", "E-mail"
    COUNTER = "COUNTER", "In person"
    TELEPHONE = "TELEPHONE", "Telephone"
    WEB = "WEB", "Website"


class RecordsRequest(models.Model):
    """One request under the Public Records Act; the requester need not say who they are."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=20)
    state = models.CharField(max_length=10, choices=[(s.value, s.label) for s in RecordsState])
    requester = models.CharField(max_length=200, blank=True)
    contact = models.CharField(max_length=300, blank=True)
    channel = models.CharField(max_length=9, choices=Channel.choices)
    described = models.CharField(max_length=2000)
    received_date = models.DateField()
    extended_until_date = models.DateField(null=True, blank=True)
    extension_reason = models.CharField(
        max_length=12, blank=True, choices=[(one.value, one.label) for one in Unusual]
    )
    outcome = models.CharField(max_length=9, blank=True, choices=[(one.value, one.label) for one in Outcome])
    determined_date = models.DateField(null=True, blank=True)
    ended_note = models.CharField(max_length=500, blank=True)
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        ordering = ("-received_date", "-number")
        constraints = (
            models.UniqueConstraint(fields=["agency", "number"], name="records_request_numbered_once"),
            models.CheckConstraint(
                condition=Q(extended_until_date__isnull=True, extension_reason="")
                | Q(extended_until_date__gt=F("received_date")) & ~Q(extension_reason=""),
                name="records_extension_has_its_reason",
            ),
        )

    def __str__(self) -> str:
        return f"{self.number}: {self.described[:60]}"

    @property
    def due_date(self) -> date:
        """The last day for the determination."""
        return due_date(self.received_date, self.extended_until_date)


class RecordsPaper(models.Model):
    """A letter sent, or a copy from which something was taken out; the bytes lie in the store."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    request = models.ForeignKey(RecordsRequest, on_delete=models.PROTECT, related_name="papers")
    kind = models.CharField(
        max_length=13,
        choices=[
            ("EXTENSION", "Notice of extension"),
            ("DETERMINATION", "Determination"),
            ("REDACTED", "Redacted copy"),
            ("WHOLE", "Copy, nothing redacted"),
        ],
    )
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64)
    original_sha256 = models.CharField(max_length=64, blank=True)
    taken_out = models.CharField(max_length=500, blank=True)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ("made_at",)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.request}"

    @property
    def path(self) -> Path:
        """Where the bytes lie below the store's folder."""
        ending = {PDF: EXTENSIONS[PDF], "text/csv": "csv"}.get(self.media_type, "png")
        return Path("records", self.agency_id, f"{self.sha256}.{ending}")
