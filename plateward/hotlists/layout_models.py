"""How each list's files are read, as people laid down, and the lines that were left out of a file."""

import uuid

from django.db import models

from plateward.accounts.models import Agency, User


class KeptLayout(models.Model):
    """One version of how the files of a list are read. Versions only come to it; the newest counts."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    source = models.SlugField(max_length=60)
    origin = models.SlugField(max_length=40)
    version = models.PositiveIntegerField()
    layout = models.JSONField()
    kept_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    kept_at = models.DateTimeField()

    class Meta:
        ordering = ("agency", "source", "origin", "-version")
        constraints = (
            models.UniqueConstraint(
                fields=["agency", "source", "origin", "version"], name="kept_layout_version_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.source}, version {self.version}"


class RejectedLines(models.Model):
    """Every line that was left out of a file with its reason: CSV under gzip, made by the worker."""

    file = models.OneToOneField(
        "hotlists.ListFile", on_delete=models.CASCADE, primary_key=True, related_name="rejected"
    )
    count = models.PositiveIntegerField()
    sheet = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.count} lines left out"
