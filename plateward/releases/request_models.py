"""Requests for data by other agencies, and everything that was decided about them; none ever goes."""

import uuid
from pathlib import Path
from typing import Any

from django.db import models
from django.db.models import F, Q

from plateward.accounts.models import Agency, User
from plateward.documents.kinds import EXTENSIONS
from plateward.releases.partner_models import Partner
from plateward.releases.rules import RequestFact, RequestState


class ReleaseRequest(models.Model):
    """One written request (B-466.7(a)): who asks, what for, which data, and what became of it.

    `agency_name` is as the request writes it, `partner` whom somebody found it to be on the register.
    `asked_by` is the partner's account where it came through the portal, else somebody recorded it.
    `cameras` are pairs of id and name; none: all. `plates` are as asked, with ? and *. `approved_at` is the
    last approval that it took.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=20)
    state = models.CharField(
        max_length=9, choices=[(s.value, s.label) for s in RequestState], default=RequestState.RECORDED.value
    )
    partner = models.ForeignKey(
        Partner, on_delete=models.PROTECT, related_name="requests", null=True, blank=True
    )
    agency_name = models.CharField(max_length=200)
    person = models.CharField(max_length=200, blank=True)
    contact = models.CharField(max_length=200, blank=True)
    purpose = models.CharField(max_length=60, blank=True)
    intended = models.CharField(max_length=1000)
    further = models.JSONField(default=dict, blank=True)
    reference = models.CharField(max_length=60, blank=True)
    plates = models.JSONField(default=list, blank=True)
    cameras = models.JSONField(default=list, blank=True)
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()
    form_type = models.CharField(max_length=20, blank=True, choices=[(kind, kind) for kind in EXTENSIONS])
    form_sha256 = models.CharField(max_length=64, blank=True)
    is_acknowledged = models.BooleanField(default=False)
    is_immigration = models.BooleanField(default=False)
    received_date = models.DateField()
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    recorded_at = models.DateTimeField()
    approved_at = models.DateTimeField(null=True, blank=True)
    destroy_by_date = models.DateField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("-recorded_at",)
        constraints = (
            models.UniqueConstraint(fields=["agency", "number"], name="release_request_numbered_once"),
            models.CheckConstraint(condition=Q(until_at__gt=F("from_at")), name="release_request_spans_time"),
            models.CheckConstraint(
                condition=Q(asked_by__isnull=False, recorded_by__isnull=True)
                | Q(asked_by__isnull=True, recorded_by__isnull=False),
                name="release_request_comes_one_way",
            ),
            models.CheckConstraint(
                condition=Q(form_type="", form_sha256="") | ~Q(form_type="") & ~Q(form_sha256=""),
                name="release_request_form_has_its_hash",
            ),
            models.CheckConstraint(
                condition=Q(state="WITHDRAWN", withdrawn_at__isnull=False)
                | ~Q(state="WITHDRAWN") & Q(withdrawn_at__isnull=True),
                name="release_request_withdrawal_is_dated",
            ),
            models.CheckConstraint(
                condition=Q(state="WITHDRAWN")
                | Q(state__in=("APPROVED", "FULFILLED"), approved_at__isnull=False)
                | Q(state__in=("RECORDED", "REFUSED"), approved_at__isnull=True),
                name="release_request_approval_is_dated",
            ),
        )
        indexes = (models.Index(fields=["agency", "state", "-recorded_at"], name="release_by_state"),)

    def __str__(self) -> str:
        return f"{self.number} of {self.agency_name}"

    @property
    def fact(self) -> RequestFact:
        """What the rules need to know."""
        return RequestFact(
            agency=self.agency_name,
            person=self.person,
            purpose=self.purpose,
            intended=self.intended,
            has_form=bool(self.form_sha256),
            is_acknowledged=self.is_acknowledged,
            is_immigration=self.is_immigration,
            further=self.further,
            reference=self.reference,
        )

    @property
    def form_path(self) -> Path:
        """Where the written request lies below the store's folder."""
        return Path("releases", self.agency_id, f"{self.form_sha256}.{EXTENSIONS[self.form_type]}")

    @property
    def askers(self) -> frozenset[str]:
        """The accounts that made or recorded it."""
        return frozenset(str(one) for one in (self.asked_by_id, self.recorded_by_id) if one)

    @property
    def data(self) -> dict[str, Any]:
        """The data described, for records."""
        return {
            "plates": self.plates,
            "from_at": self.from_at.isoformat(),
            "until_at": self.until_at.isoformat(),
            "cameras": [name for _, name in self.cameras] or "all",
        }


class Verdict(models.TextChoices):
    APPROVED = "APPROVED", "Approved"
    REFUSED = "REFUSED", "Refused"


class ReleaseDecision(models.Model):
    """One person's decision on a request (B-466.7(b)); an override has two that approve."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    request = models.ForeignKey(ReleaseRequest, on_delete=models.PROTECT, related_name="decisions")
    verdict = models.CharField(max_length=8, choices=Verdict.choices)
    reason = models.CharField(max_length=500)
    ground = models.CharField(max_length=300, blank=True)
    legal_authority = models.CharField(max_length=300, blank=True)
    counsel_reference = models.CharField(max_length=200, blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()
    profile_version = models.CharField(max_length=40)

    class Meta:
        ordering = ("decided_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["request", "decided_by", "verdict"], name="release_decided_once_by_each"
            ),
            models.CheckConstraint(
                condition=Q(legal_authority="", counsel_reference="")
                | ~Q(legal_authority="") & ~Q(counsel_reference=""),
                name="release_override_is_whole",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_verdict_display()} by {self.decided_by}"
