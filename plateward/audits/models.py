"""Audits with what was drawn, the checks that computed themselves, and the findings."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from plateward.accounts.models import Agency, User
from plateward.audits.kinds import CheckKind
from plateward.audits.rules import AuditState, Draw, FindingAct, FindingState, Outcome, Severity, Verdict


class Audit(models.Model):
    """One audit of a period; `number` counts in the agency, and each period begins where the last ended.

    `population` are the searches of the period by the number of their first access record, fixed when the
    sample is drawn by `seed`: the root of the head of `head_size` rows, the first sealed after the period.
    It saw the first `sealed_size` rows of the journal and the `unsealed_rows` that waited. `data` and `pdf`
    are the report as signed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    begun_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    begun_at = models.DateTimeField()
    random_size = models.PositiveIntegerField()
    risk_size = models.PositiveIntegerField()
    profile_version = models.CharField(max_length=40)
    state = models.CharField(
        max_length=6, choices=[(one.value, one.label) for one in AuditState], default=AuditState.BEGUN.value
    )
    seed = models.CharField(max_length=200, blank=True)
    head_size = models.BigIntegerField(null=True, blank=True)
    population = ArrayField(models.BigIntegerField(), default=list, blank=True)
    at_risk = ArrayField(models.BigIntegerField(), default=list, blank=True)
    sealed_size = models.BigIntegerField(null=True, blank=True)
    unsealed_rows = ArrayField(models.BigIntegerField(), default=list, blank=True)
    drawn_at = models.DateTimeField(null=True, blank=True)
    conclusion = models.TextField(max_length=4000, blank=True)
    signed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    signed_at = models.DateTimeField(null=True, blank=True)
    data = models.BinaryField(null=True, blank=True)
    pdf = models.BinaryField(null=True, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ("-number",)
        constraints = (
            models.UniqueConstraint(fields=["agency", "number"], name="audit_number_once"),
            models.UniqueConstraint(
                fields=["agency"], condition=~Q(state="SIGNED"), name="audit_one_at_a_time"
            ),
            models.CheckConstraint(condition=Q(from_at__lt=F("until_at")), name="audit_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(state="BEGUN", seed="", drawn_at__isnull=True)
                | ~Q(state="BEGUN") & ~Q(seed="") & Q(drawn_at__isnull=False, head_size__isnull=False),
                name="audit_drawn_by_a_seed",
            ),
            models.CheckConstraint(
                condition=Q(
                    state="SIGNED", signed_by__isnull=False, signed_at__isnull=False, pdf__isnull=False
                )
                | ~Q(state="SIGNED") & Q(signed_by__isnull=True, signed_at__isnull=True, pdf__isnull=True),
                name="audit_signed_by_somebody",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """What people call it."""
        return f"A-{self.number}"


class SampleItem(models.Model):
    """A search drawn, by the number of its access record, and how it was judged."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    audit = models.ForeignKey(Audit, on_delete=models.PROTECT, related_name="items")
    place = models.PositiveIntegerField()
    draw = models.CharField(max_length=6, choices=[(one.value, one.label) for one in Draw])
    access_id = models.BigIntegerField()
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    verdict = models.CharField(max_length=13, choices=[(v.value, v.label) for v in Verdict], blank=True)
    note = models.CharField(max_length=1000, blank=True)
    marked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    marked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("place",)
        constraints = (
            models.UniqueConstraint(fields=["audit", "access_id"], name="audit_item_once"),
            models.CheckConstraint(
                condition=~Q(marked_by=F("person")), name="audit_item_never_marked_by_oneself"
            ),
            models.CheckConstraint(
                condition=Q(verdict="", marked_by__isnull=True, marked_at__isnull=True)
                | ~Q(verdict="") & Q(marked_by__isnull=False, marked_at__isnull=False),
                name="audit_item_mark_is_whole",
            ),
            models.CheckConstraint(
                condition=~Q(verdict="OUT_OF_POLICY") | ~Q(note=""), name="audit_item_out_says_why"
            ),
        )

    def __str__(self) -> str:
        return f"{self.access_id} of {self.audit_id}"


class ComputedCheck(models.Model):
    """What one check found when the sample was drawn, and the auditor's word on it."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    audit = models.ForeignKey(Audit, on_delete=models.PROTECT, related_name="checks")
    kind = models.CharField(max_length=12, choices=[(kind.value, kind.label) for kind in CheckKind])
    outcome = models.CharField(max_length=9, choices=[(one.value, one.label) for one in Outcome])
    count = models.PositiveIntegerField()
    facts = models.JSONField(default=list, blank=True)
    answer = models.CharField(max_length=1000, blank=True)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=["audit", "kind"], name="audit_check_once"),
            models.CheckConstraint(
                condition=Q(answer="", answered_by__isnull=True, answered_at__isnull=True)
                | ~Q(answer="") & Q(answered_by__isnull=False, answered_at__isnull=False),
                name="audit_check_answer_is_whole",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind}: {self.outcome}"

    @property
    def about(self) -> CheckKind:
        """What it looks at."""
        return CheckKind(self.kind)


class Finding(models.Model):
    """Something to be put right: by whom, by when, and whether it was (R119). It may outlive its audit."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    audit = models.ForeignKey(Audit, on_delete=models.PROTECT, related_name="findings")
    number = models.PositiveIntegerField()
    severity = models.CharField(max_length=8, choices=[(one.value, one.label) for one in Severity])
    what = models.TextField(max_length=2000)
    item = models.ForeignKey(
        SampleItem, on_delete=models.PROTECT, related_name="findings", null=True, blank=True
    )
    computed = models.ForeignKey(
        ComputedCheck, on_delete=models.PROTECT, related_name="findings", null=True, blank=True
    )
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    due_date = models.DateField()
    state = models.CharField(
        max_length=8,
        choices=[(one.value, one.label) for one in FindingState],
        default=FindingState.OPEN.value,
    )
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("audit", "number")
        constraints = (
            models.UniqueConstraint(fields=["audit", "number"], name="finding_number_once"),
            models.CheckConstraint(condition=~Q(closed_by=F("owner")), name="finding_never_closed_by_owner"),
            models.CheckConstraint(
                condition=Q(state="CLOSED", closed_by__isnull=False, closed_at__isnull=False)
                | ~Q(state="CLOSED") & Q(closed_by__isnull=True, closed_at__isnull=True),
                name="finding_closed_by_somebody",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """What people call it, such as "A-3.1"."""
        return f"{self.audit.name}.{self.number}"


class FindingStep(models.Model):
    """What was done with a finding, in order, each with its words."""

    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="steps")
    act = models.CharField(max_length=7, choices=[(act.value, act.value) for act in FindingAct])
    note = models.CharField(max_length=2000)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    said_at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.act} of {self.finding_id}"

    @property
    def words(self) -> str:
        """What was done, after a name."""
        return FindingAct(self.act).words
