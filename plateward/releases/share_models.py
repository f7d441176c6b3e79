"""Standing shares, the vendor's lists they were compared with, and agreements to exchange information."""

import uuid
from pathlib import Path

from django.db import models
from django.db.models import F, Q

from plateward.accounts.models import Agency, User
from plateward.documents.kinds import EXTENSIONS
from plateward.releases.partner_models import Partner
from plateward.releases.share_rules import Answer, ShareFact, ShareState


class StandingShare(models.Model):
    """Data that a partner sees again and again, such as through a vendor's network (R108).

    `listed_as` is what the vendor calls it, given by a person; the approval counts through `expires_date`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="shares")
    listed_as = models.CharField(max_length=200)
    what = models.CharField(max_length=300)
    authority = models.CharField(max_length=300)
    state = models.CharField(max_length=8, choices=[(s.value, s.label) for s in ShareState])
    expires_date = models.DateField()
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()

    class Meta:
        ordering = ("partner__name", "-proposed_at")
        constraints = (
            models.UniqueConstraint(
                fields=["agency", "listed_as"],
                condition=Q(state__in=("PROPOSED", "ACTIVE")),
                name="share_listed_once",
                violation_error_message="A share with this name on the vendor’s list is on record already.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.partner}: {self.what}"

    def fact(self, why_not: str) -> ShareFact:
        """What a comparison needs to know."""
        return ShareFact(self.listed_as, ShareState(self.state), self.expires_date, why_not)


class ShareEvent(models.Model):
    """One line of the dated log of a share: who did what and until when that counts. Never changed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    share = models.ForeignKey(StandingShare, on_delete=models.PROTECT, related_name="events")
    act = models.CharField(max_length=8)
    state = models.CharField(max_length=8, choices=[(s.value, s.label) for s in ShareState])
    note = models.CharField(max_length=500)
    expires_date = models.DateField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ("made_at",)

    def __str__(self) -> str:
        return f"{self.act} of {self.share}"


class VendorShareList(models.Model):
    """A vendor's own list of those it shares with, as imported, and how it differed then (R109)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    vendor = models.CharField(max_length=200)
    column = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64)
    names = models.JSONField()
    drift = models.JSONField()
    imported_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    imported_at = models.DateTimeField()

    class Meta:
        ordering = ("-imported_at",)

    def __str__(self) -> str:
        return f"{self.vendor}, {self.imported_at}"


class DriftAnswer(models.Model):
    """What was done about one difference of a vendor's list; `number` is its place there. Never changed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    share_list = models.ForeignKey(VendorShareList, on_delete=models.PROTECT, related_name="answers")
    number = models.PositiveIntegerField()
    answer = models.CharField(max_length=9, choices=[(one.value, one.label) for one in Answer])
    note = models.CharField(max_length=500)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(
                fields=["share_list", "number"],
                name="drift_answered_once",
                violation_error_message="Somebody answered this difference already. Open its list again.",
            ),
            models.CheckConstraint(condition=~Q(note=""), name="drift_answer_says_what_was_done"),
        )

    def __str__(self) -> str:
        return f"{self.get_answer_display()}: {self.number} of {self.share_list}"


class InformationAgreement(models.Model):
    """An agreement to exchange information with a partner (R114, CJIS CA-3)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="agreements")
    title = models.CharField(max_length=200)
    exchanges = models.CharField(max_length=500)
    safeguards = models.CharField(max_length=500)
    signed_date = models.DateField()
    ends_date = models.DateField(null=True, blank=True)
    document_type = models.CharField(max_length=20, choices=[(kind, kind) for kind in EXTENSIONS])
    document_sha256 = models.CharField(max_length=64)
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        ordering = ("-signed_date",)
        constraints = (
            models.CheckConstraint(
                condition=Q(ends_date__isnull=True) | Q(ends_date__gte=F("signed_date")),
                name="agreement_ends_after_it_was_signed",
                violation_error_message="It ends before it was signed; correct one of the dates.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.title} with {self.partner}"

    @property
    def document_path(self) -> Path:
        """Where the agreement lies below the store's folder."""
        return Path("agreements", self.agency_id, f"{self.document_sha256}.{EXTENSIONS[self.document_type]}")
