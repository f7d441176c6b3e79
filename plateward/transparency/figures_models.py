"""Monthly figures as they were published."""

import uuid

from django.db import models

from plateward.accounts.models import Agency, User


class MonthlyFigures(models.Model):
    """One edition of a month's figures, as its bytes were published; a later one does not change it.

    `month_date` is the month's first day. `note` says why there is another edition.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    month_date = models.DateField()
    edition = models.PositiveIntegerField()
    data = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    note = models.CharField(max_length=500, blank=True)
    published_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField()

    class Meta:
        app_label = "transparency"
        ordering = ("-month_date", "-edition")
        constraints = (
            models.UniqueConstraint(fields=["agency", "month_date", "edition"], name="figures_edition_once"),
            models.CheckConstraint(
                condition=models.Q(edition=1) | ~models.Q(note=""), name="figures_later_edition_says_why"
            ),
            models.CheckConstraint(condition=models.Q(month_date__day=1), name="figures_of_a_whole_month"),
        )

    def __str__(self) -> str:
        return f"{self.agency_id} {self.month_date:%Y-%m}, edition {self.edition}"
