"""The pictures of an answer to the public: each is decided on before the answer leaves (B-466.7¶2)."""

import uuid
from pathlib import Path

from django.db import models
from django.db.models import Q

from plateward.accounts.models import Agency, User
from plateward.reads.imaging import EXTENSIONS
from plateward.releases.answer_rules import PictureDecision
from plateward.releases.records_models import RecordsPaper, RecordsRequest


class AnswerPicture(models.Model):
    """A picture that an answer was to show, as it came, and what was decided about redacting it.

    `found` are boxes around plates that the recognizer found, as left, top, width and height; null until it
    looked, and `unsearched` says why it could not. `paper` is the copy that goes out. Our copy of the
    original lies sealed under a key of its own, untouched, until the request ends; its SHA-256 stays.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    request = models.ForeignKey(RecordsRequest, on_delete=models.PROTECT, related_name="pictures")
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=40, choices=[(kind, kind) for kind in EXTENSIONS])
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    found = models.JSONField(null=True, blank=True)
    unsearched = models.CharField(max_length=200, blank=True)
    decision = models.CharField(
        max_length=8, blank=True, choices=[(one.value, one.label) for one in PictureDecision]
    )
    reason = models.CharField(max_length=500, blank=True)
    paper = models.OneToOneField(
        RecordsPaper, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("added_at", "name")
        constraints = (
            models.UniqueConstraint(
                fields=["request", "sha256"],
                name="answer_picture_once",
                violation_error_message="This very picture is in the answer already.",
            ),
            models.CheckConstraint(
                condition=Q(decision="", paper__isnull=True, decided_at__isnull=True, decided_by__isnull=True)
                | Q(
                    decision__in=("REDACTED", "WHOLE"),
                    paper__isnull=False,
                    decided_at__isnull=False,
                    decided_by__isnull=False,
                )
                | Q(
                    decision="WITHHELD",
                    paper__isnull=True,
                    decided_at__isnull=False,
                    decided_by__isnull=False,
                ),
                name="answer_picture_decision_is_whole",
            ),
            models.CheckConstraint(
                condition=~Q(decision__in=("WHOLE", "WITHHELD")) | ~Q(reason=""),
                name="answer_picture_decision_has_its_reason",
            ),
            models.CheckConstraint(
                condition=Q(unsearched="") | Q(found__isnull=True), name="answer_picture_searched_or_not"
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} in {self.request.number}"

    @property
    def path(self) -> Path:
        """Where the sealed original lies below the store's folder."""
        return Path("records", self.agency_id, "originals", f"{self.pk}.sealed")


class AnswerPictureKey(models.Model):
    """The key under which an original is sealed, wrapped by a master key; it goes when the request ends."""

    picture = models.OneToOneField(
        AnswerPicture, on_delete=models.PROTECT, primary_key=True, related_name="key"
    )
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    master = models.CharField(max_length=100)
    wrapped = models.BinaryField()

    def __str__(self) -> str:
        return f"key of picture {self.picture_id}"

    @property
    def context(self) -> str:
        """What the wrapped key is bound to."""
        return f"{self.agency_id}/answer picture/{self.picture_id}"
