"""Agencies, their people, and the training each person has completed."""

import uuid
from datetime import date, datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.models import Session
from django.core.validators import RegexValidator
from django.db import models

from plateward.accounts.factor_rules import FactorKind, Way, why_change
from plateward.accounts.rules import AccountState, PaperKind

plain_name = RegexValidator(
    r"^[a-z0-9][a-z0-9._-]+$",
    "A username is at least two characters: letters a–z, digits, dot, hyphen and underscore.",
)


class AgencyManager(models.Manager["Agency"]):
    def get_queryset(self) -> models.QuerySet["Agency"]:
        """Police agencies only: what the self-test makes up is in no list, count or report (R52)."""
        return super().get_queryset().filter(is_synthetic=False)


class Agency(models.Model):
    """A police agency; its written policy is the profile in force (see governance).

    A synthetic one holds what the self-test of the record makes up; `objects` knows none of them.
    """

    id = models.SlugField(primary_key=True, max_length=60)
    name = models.CharField(max_length=200)
    short_name = models.CharField(max_length=60)
    ori = models.CharField(max_length=9, blank=True)
    time_zone = models.CharField(max_length=60, default="America/Los_Angeles")
    is_synthetic = models.BooleanField(default=False, db_default=False)

    objects: ClassVar[AgencyManager] = AgencyManager()
    with_synthetic: ClassVar[models.Manager["Agency"]] = models.Manager()

    class Meta:
        ordering = ("id",)
        verbose_name_plural = "agencies"

    def __str__(self) -> str:
        return self.name

    def day(self, at: datetime) -> date:
        """The day on which an instant falls by the agency's own calendar."""
        return at.astimezone(ZoneInfo(self.time_zone)).date()


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        """Find a person by username whatever its capitals: nobody is locked out by a capital letter."""
        return self.get(username__iexact=username)


class User(AbstractBaseUser):
    """One person. What they may do follows from `title` through the agency's profile, never from here.

    A partner, somebody of another `organization`, has an account for the portal of releases and nothing else.
    Rows are never deleted, so that a username is never used again (CJIS IA-4). `admitted_at` is when the
    account was created or last reinstated: papers from before do not count. `locked_at` is set by failed
    log-ins, `one_time_until_at` while the password is a one-time one. Without a second factor the account
    opens until `enroll_until_at`, for setting one up. At `password_compared_at` the password was compared
    with version `password_list` of the banned ones; `password_fault` is what was found.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    username = models.CharField(max_length=150, unique=True, validators=[plain_name])
    full_name = models.CharField(max_length=200)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="users")
    title = models.CharField(max_length=60)
    organization = models.CharField(max_length=200, blank=True, default="", db_default="")
    state = models.CharField(max_length=12, choices=[(s.value, s.label) for s in AccountState])
    state_reason = models.CharField(max_length=300, blank=True)
    state_since_at = models.DateTimeField()
    needs_retraining = models.BooleanField(default=False)
    retrain_course = models.SlugField(max_length=60, blank=True)
    admitted_at = models.DateTimeField()
    locked_at = models.DateTimeField(null=True, blank=True)
    one_time_until_at = models.DateTimeField(null=True, blank=True)
    enroll_until_at = models.DateTimeField(null=True, blank=True)
    password_changed_at = models.DateTimeField(null=True, blank=True)
    password_compared_at = models.DateTimeField(null=True, blank=True)
    password_list = models.CharField(max_length=40, blank=True)
    password_fault = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["full_name", "title"]

    class Meta:
        ordering = ("username",)

    def __str__(self) -> str:
        return f"{self.full_name} ({self.username})"

    @property
    def is_partner(self) -> bool:
        """Whether the person is another organization's, whose account opens the partners' portal alone."""
        return bool(self.organization)

    @property
    def is_active(self) -> bool:  # type: ignore[override]  # Django asks for it; the state decides
        """Whether the account's sessions count; Django ends them otherwise."""
        return self.state == AccountState.ACTIVE

    def must_change_password(self, now: datetime) -> str:
        """Why the password must be changed before anything else; empty if it need not."""
        return why_change(
            is_one_time=self.one_time_until_at is not None,
            fault=self.password_fault,
            changed_at=self.password_changed_at,
            now=now,
        )


class Paper(models.Model):
    """What is on file for a person: approval with need to know, clearance status, signed agreement.

    A clearance holds the outcome of the screening, never the record (CJIS PS-3); the latest counts.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="papers")
    kind = models.CharField(max_length=10, choices=[(kind.value, kind.value) for kind in PaperKind])
    is_granted = models.BooleanField(default=True)
    statement = models.CharField(max_length=500, blank=True)
    dated_date = models.DateField()
    expires_date = models.DateField(null=True, blank=True)
    recorded_by = models.CharField(max_length=200)
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ("-recorded_at",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(expires_date__isnull=True)
                | models.Q(expires_date__gt=models.F("dated_date")),
                name="paper_expires_after_its_date",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="APPROVAL", statement=""), name="paper_approval_states_the_need"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user}: {self.kind} of {self.dated_date}"


class FailedLogin(models.Model):
    """A wrong password, code or key since the last log-in; enough of them lock the account (CJIS AC-7)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="failures")
    failed_at = models.DateTimeField()

    class Meta:
        ordering = ("-failed_at",)

    def __str__(self) -> str:
        return f"{self.user} at {self.failed_at}"


class LoginSession(models.Model):
    """An open session and when its person last did something; it goes away with Django's own row.

    `proved_at` is when both factors were last given in it, `way` how its person said who they are, `factor`
    the kind of the second factor; without one the session opens nothing but the pages that set one up.
    `roles` are the person's since then; both are asked for again when these change.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.OneToOneField(Session, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="sessions")
    address = models.CharField(max_length=60, blank=True)
    browser = models.CharField(max_length=200, blank=True)
    opened_at = models.DateTimeField()
    active_at = models.DateTimeField()
    proved_at = models.DateTimeField()
    way = models.CharField(max_length=10, blank=True, choices=[(way.value, way.value) for way in Way])
    factor = models.CharField(max_length=10, blank=True)
    roles = models.TextField(blank=True)

    class Meta:
        ordering = ("-active_at",)

    def __str__(self) -> str:
        return f"{self.user} since {self.opened_at}"


class Factor(models.Model):
    """Something that one person has, which proves who they are beside the password (CJIS IA-2(1)).

    Of an app, `secret` is the shared secret, sealed for its person, and `counter` the last time step whose
    code was used. Of a key, `secret` is its public credential, and `counter` how often it says it was used.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="factors")
    kind = models.CharField(max_length=10, choices=[(kind.value, kind.label) for kind in FactorKind])
    name = models.CharField(max_length=60)
    secret = models.BinaryField()
    counter = models.BigIntegerField(default=0)
    added_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("added_at",)
        constraints = (models.UniqueConstraint(fields=["user", "name"], name="factor_named_once"),)

    def __str__(self) -> str:
        return f"{self.user}: {self.name}"


class RecoveryCode(models.Model):
    """One code of a person's printed set, hashed; each opens once, and a new set replaces all."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="recovery_codes")
    digest = models.CharField(max_length=128)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.user}: recovery code of {self.made_at}"


class Identity(models.Model):
    """Who an agency's OpenID Connect provider says a person is: linked by somebody, never guessed.

    One identity belongs to one account, and an account has one identity of each provider.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="identities")
    issuer = models.CharField(max_length=300)
    subject = models.CharField(max_length=255)
    linked_by = models.CharField(max_length=200)
    linked_at = models.DateTimeField()

    class Meta:
        ordering = ("linked_at",)
        verbose_name_plural = "identities"
        constraints = (
            models.UniqueConstraint(fields=["issuer", "subject"], name="identity_of_one_account"),
            models.UniqueConstraint(fields=["user", "issuer"], name="identity_once_per_provider"),
        )

    def __str__(self) -> str:
        return f"{self.user}: {self.subject} at {self.issuer}"


class Certification(models.Model):
    """A completed course of department-approved training (B-466.8, H-426.7).

    `topics` are those covered, `instructor` who taught. A withdrawn one counts for nothing and stays.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="certifications")
    course = models.SlugField(max_length=60)
    completed_date = models.DateField()
    expires_date = models.DateField(null=True, blank=True)
    topics = models.JSONField(default=list, blank=True)
    instructor = models.CharField(max_length=200, blank=True)
    certified_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("-completed_date",)
        constraints = (
            models.UniqueConstraint(
                fields=["user", "course", "completed_date"],
                condition=models.Q(withdrawn_at__isnull=True),
                name="certification_once_a_day",
            ),
            models.CheckConstraint(
                condition=models.Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True, withdrawn_reason="")
                | models.Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False)
                & ~models.Q(withdrawn_reason=""),
                name="certification_withdrawn_by_somebody_for_a_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(expires_date__isnull=True)
                | models.Q(expires_date__gt=models.F("completed_date")),
                name="certification_expires_after_completion",
            ),
            models.CheckConstraint(
                condition=~models.Q(certified_by=models.F("user")), name="certification_never_by_oneself"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user}: {self.course} on {self.completed_date}"
