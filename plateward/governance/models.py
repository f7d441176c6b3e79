"""The policy's versions and drafts, and the organization: positions, delegations, authorizations, units."""

import uuid

from django.db import models

from plateward.accounts.models import Agency, User
from plateward.governance.rules import DraftState


class Adoption(models.Model):
    """The act that put a profile version in force. The profile's very bytes are kept, old versions too.

    It decides from `effective_at` on, until one with a later beginning does.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="adoptions")
    version = models.CharField(max_length=40)
    profile = models.BinaryField()
    profile_sha256 = models.CharField(max_length=64)
    adopted_by = models.CharField(max_length=200)
    adopted_at = models.DateTimeField()
    effective_at = models.DateTimeField()

    class Meta:
        ordering = ("-adopted_at",)
        indexes = (models.Index(fields=["agency", "-effective_at", "-adopted_at"], name="adoption_in_force"),)
        constraints = (
            models.UniqueConstraint(fields=["agency", "version"], name="adoption_version_once"),
            models.CheckConstraint(
                condition=models.Q(effective_at__gte=models.F("adopted_at")),
                name="adoption_never_effective_before_it_was_made",
            ),
        )

    def __str__(self) -> str:
        return f"{self.agency_id} {self.version}"


class Draft(models.Model):
    """A proposed version, unchanged from proposal to decision. `compared_with` was in force when proposed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    version = models.CharField(max_length=40)
    profile = models.BinaryField()
    profile_sha256 = models.CharField(max_length=64)
    compared_with = models.CharField(max_length=40)
    why = models.CharField(max_length=500)
    state = models.CharField(
        max_length=10,
        choices=[(state.value, state.label) for state in DraftState],
        default=DraftState.PROPOSED,
    )
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_note = models.CharField(max_length=500, blank=True)
    adoption = models.OneToOneField(
        Adoption, on_delete=models.PROTECT, related_name="draft", null=True, blank=True
    )

    class Meta:
        ordering = ("-proposed_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["agency", "version"],
                condition=models.Q(state="PROPOSED"),
                name="draft_version_waits_once",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=("ADOPTED", "REFUSED"))
                | models.Q(ended_by__isnull=False, ended_at__isnull=False)
                & ~models.Q(ended_by=models.F("proposed_by")),
                name="draft_decided_by_a_second_person",
            ),
            models.CheckConstraint(
                condition=models.Q(state="ADOPTED", adoption__isnull=False)
                | ~models.Q(state="ADOPTED") & models.Q(adoption__isnull=True),
                name="draft_adopted_has_its_adoption",
            ),
        )

    def __str__(self) -> str:
        return f"{self.agency_id} {self.version} ({self.state})"


class Workspace(models.Model):
    """The version a person is preparing by changing single values; it binds nobody until it is proposed.

    `begun_from` is the version whose text it began with; `profile` the text as changed so far.
    """

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="+")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    begun_from = models.CharField(max_length=40)
    profile = models.BinaryField()
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.user_id}, begun from {self.begun_from}"


class PositionHolding(models.Model):
    """A person holding a position from one instant to another (B-466.3, H-426.2 ¶2).

    `authority` names the order it rests on. An appointment called off before it began keeps its row, with
    `revoked_at`, and never counts.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    position = models.SlugField(max_length=60)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="holdings")
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True, blank=True)
    appointed_by = models.CharField(max_length=200)
    authority = models.CharField(max_length=200, blank=True)
    ended_by = models.CharField(max_length=200, blank=True)
    ended_note = models.CharField(max_length=300, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("agency", "position", "-from_at")
        constraints = (
            models.UniqueConstraint(
                fields=["agency", "position"],
                condition=models.Q(until_at__isnull=True, revoked_at__isnull=True),
                name="position_has_one_holder",
            ),
            models.CheckConstraint(
                condition=models.Q(until_at__isnull=True) | models.Q(until_at__gt=models.F("from_at")),
                name="position_ends_after_it_begins",
            ),
        )

    def __str__(self) -> str:
        return f"{self.position}: {self.user}"


class Delegation(models.Model):
    """Capabilities of a position that its holder delegates to a member for a time (B-466.3¶2, H-426.2¶2).

    It ends with the holding it was given under, whatever `until_at` says.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    holding = models.ForeignKey(PositionHolding, on_delete=models.PROTECT, related_name="delegations")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="delegations")
    capabilities = models.JSONField()
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()
    note = models.CharField(max_length=300, blank=True)
    delegated_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.CharField(max_length=200, blank=True)
    revoked_note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("-from_at",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(until_at__gt=models.F("from_at")), name="delegation_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=~models.Q(capabilities=[]), name="delegation_delegates_something"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user}, for the {self.holding.position}"


class DataAuthorization(models.Model):
    """A person's authorization for the data of an origin, to its last day (B-466.4(e), H-426.3(e))."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="data_authorizations")
    origin = models.SlugField(max_length=40)
    authority = models.CharField(max_length=200)
    from_date = models.DateField()
    until_date = models.DateField()
    granted_by = models.CharField(max_length=200)
    granted_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.CharField(max_length=200, blank=True)
    revoked_note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("-granted_at",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(until_date__gte=models.F("from_date")),
                name="data_authorization_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=~models.Q(authority=""), name="data_authorization_has_authority"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user}: {self.origin}"


class Unit(models.Model):
    """A part of the department, such as Patrol or Dispatch, itself `part_of` another or of none."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="units")
    name = models.CharField(max_length=100)
    part_of = models.ForeignKey("self", on_delete=models.PROTECT, related_name="parts", null=True, blank=True)

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=["agency", "name"], name="unit_name_once"),)

    def __str__(self) -> str:
        return self.name


class UnitMembership(models.Model):
    """A person in a unit from one instant to another, perhaps supervising it; one unit at a time."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    is_supervisor = models.BooleanField(default=False)
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True, blank=True)
    entered_by = models.CharField(max_length=200)

    class Meta:
        ordering = ("-from_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(until_at__isnull=True), name="one_unit_at_a_time"
            ),
            models.CheckConstraint(
                condition=models.Q(until_at__isnull=True) | models.Q(until_at__gt=models.F("from_at")),
                name="membership_ends_after_it_begins",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} in {self.unit}"


class Contract(models.Model):
    """The contract under which a contractor works."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="contracts")
    company = models.CharField(max_length=200)
    reference = models.CharField(max_length=100)
    from_date = models.DateField()
    until_date = models.DateField()
    recorded_by = models.CharField(max_length=200)
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ("-recorded_at",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(until_date__gte=models.F("from_date")),
                name="contract_ends_after_it_begins",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user}: {self.company}, {self.reference}"
