"""The register of bodies that may receive data, each with the evidence of what it is (R104)."""

import uuid
from datetime import date
from pathlib import Path

from django.db import models
from django.db.models.functions import Lower

from plateward.accounts.models import Agency, User
from plateward.documents.kinds import EXTENSIONS
from plateward.policy import PartnerClass
from plateward.releases.rules import CLASS_NAMES, PartnerFact


class Partner(models.Model):
    """A body on the register. What it is, its latest review says; its name says nothing."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    ori = models.CharField(max_length=9, blank=True)
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    ended_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(
                "agency",
                Lower("name"),
                name="partner_named_once",
                violation_error_message="A partner of this name is on the register. Review that one.",
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True, ended_by__isnull=True, ended_reason="")
                | models.Q(ended_at__isnull=False, ended_by__isnull=False) & ~models.Q(ended_reason=""),
                name="partner_ended_by_somebody_for_a_reason",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def latest(self) -> "PartnerReview":
        """The review that counts; a partner is entered with its first."""
        return max(self.reviews.all(), key=lambda review: review.reviewed_at)

    @property
    def fact(self) -> PartnerFact:
        """What the rules need to know."""
        review = self.latest
        return PartnerFact(
            name=self.name,
            kind=PartnerClass(review.kind),
            state=review.state,
            is_enforcement=review.is_enforcement,
            again_date=review.again_date,
            is_ended=self.ended_at is not None,
        )


class PartnerStep(models.Model):
    """That a body was taken off the register, or put on it again: by whom and why. Never changed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="steps")
    act = models.CharField(
        max_length=8, choices=[("ENDED", "Taken off the register"), ("REOPENED", "Put on the register again")]
    )
    reason = models.CharField(max_length=300)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ("made_at",)
        constraints = (
            models.CheckConstraint(condition=~models.Q(reason=""), name="partner_step_has_its_reason"),
        )

    def __str__(self) -> str:
        return f"{self.partner}: {self.get_act_display()}"


class PartnerReview(models.Model):
    """What somebody found a partner to be, on which evidence, and until when that counts. Never changed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="reviews")
    kind = models.CharField(max_length=13, choices=[(kind.value, name) for kind, name in CLASS_NAMES.items()])
    state = models.CharField(max_length=2, blank=True)
    is_enforcement = models.BooleanField()
    authority = models.CharField(max_length=300)
    document_type = models.CharField(max_length=20, blank=True, choices=[(kind, kind) for kind in EXTENSIONS])
    document_sha256 = models.CharField(max_length=64, blank=True)
    reviewed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField()
    again_date = models.DateField()

    class Meta:
        ordering = ("-reviewed_at",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(document_type="", document_sha256="")
                | ~models.Q(document_type="") & ~models.Q(document_sha256=""),
                name="partner_review_document_has_its_hash",
            ),
        )

    def __str__(self) -> str:
        return f"{self.partner}: {self.get_kind_display()}"

    @property
    def document_path(self) -> Path:
        """Where the evidence lies below the store's folder."""
        return Path("partners", self.agency_id, f"{self.document_sha256}.{EXTENSIONS[self.document_type]}")

    def is_over(self, today: date) -> bool:
        """Whether the review counts no more."""
        return self.again_date < today
