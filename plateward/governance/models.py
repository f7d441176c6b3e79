"""The policy's versions and drafts, and the organization: positions, delegations, authorizations, units."""

import uuid
from pathlib import Path

from django.db import models

from plateward.accounts.models import Agency, User
from plateward.documents.kinds import EXTENSIONS
from plateward.governance.registers import Covers, Promise, Reviewed
from plateward.governance.rules import DraftState
from plateward.policy import Period
from plateward.policy import Unit as LengthUnit


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


class Entered(models.Model):
    """One entry of a register: never changed, a later one stands beside it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    entered_by = models.CharField(max_length=200)

    class Meta:
        abstract = True


class PublicComment(Entered):
    """A meeting at which the public could comment (R8, Civil Code 1798.90.55(a))."""

    held_date = models.DateField("Held on")
    body = models.CharField("Public body", max_length=200, help_text="Such as the City Council.")
    agenda_item = models.CharField("Agenda item", max_length=200)
    covers = models.CharField(
        "About", max_length=12, choices=[(c.value, c.replace("_", " ").capitalize()) for c in Covers]
    )
    what = models.CharField(
        "Which",
        max_length=200,
        help_text="The vendor or source by name; a device kind as the device register writes it: FIXED.",
    )
    document_url = models.URLField("Where the minutes are", max_length=500, blank=True)

    class Meta:
        ordering = ("-held_date", "-entered_at")

    def __str__(self) -> str:
        return f"{self.body}, {self.held_date}: {self.what}"


class Review(Entered):
    """The policy or its lengths of retention looked at again (R11)."""

    subject = models.CharField(
        "What was reviewed", max_length=10, choices=[(r.value, r.capitalize()) for r in Reviewed]
    )
    done_date = models.DateField("Done on")
    finding = models.TextField("What came of it", max_length=2000)

    class Meta:
        ordering = ("-done_date", "-entered_at")

    def __str__(self) -> str:
        return f"{self.subject}, {self.done_date}"


class VendorContract(Entered):
    """A vendor's or host's contract and what it promises (R12). `layer` is the profile's for it."""

    vendor = models.CharField("Vendor", max_length=200)
    layer = models.CharField("Document of the profile", max_length=60)
    signed_date = models.DateField("Signed on")
    ends_date = models.DateField("Ends on", null=True, blank=True)
    retention_amount = models.PositiveIntegerField("Data are kept for", null=True, blank=True)
    retention_unit = models.CharField(
        "Unit", max_length=7, blank=True, choices=[(u.value, u.lower()) for u in LengthUnit]
    )
    cjis_addendum_date = models.DateField("CJIS security addendum signed on", null=True, blank=True)
    disclosure = models.TextField("To whom the vendor may disclose data", max_length=2000, blank=True)
    survival = models.TextField("What holds after the end", max_length=2000, blank=True)
    attestations = models.TextField("What the vendor attested", max_length=2000, blank=True)
    attested_date = models.DateField("Attested on", null=True, blank=True)
    attested_until_date = models.DateField("To be attested again by", null=True, blank=True)
    document_type = models.CharField(
        max_length=20, blank=True, editable=False, choices=[(kind, kind) for kind in EXTENSIONS]
    )
    document_sha256 = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        ordering = ("vendor", "-signed_date")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(retention_amount__isnull=True, retention_unit="")
                | models.Q(retention_amount__gt=0) & ~models.Q(retention_unit=""),
                name="vendor_contract_retention_has_its_unit",
                violation_error_message="Give both the number and the unit of the retention, or neither.",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_date__isnull=True) | models.Q(ends_date__gte=models.F("signed_date")),
                name="vendor_contract_ends_after_it_was_signed",
                violation_error_message="It ends before it was signed; correct one of the dates.",
            ),
            models.CheckConstraint(
                condition=models.Q(attested_until_date__isnull=True)
                | models.Q(attested_until_date__gte=models.F("attested_date")),
                name="vendor_contract_attested_before_its_end",
                violation_error_message=(
                    "Give the day of the attestation, and a later one by which it is due again."
                ),
            ),
            models.CheckConstraint(
                condition=models.Q(document_type="", document_sha256="")
                | ~models.Q(document_type="") & ~models.Q(document_sha256=""),
                name="vendor_contract_document_has_its_hash",
            ),
        )

    def __str__(self) -> str:
        return f"{self.vendor}, {self.signed_date}"

    @property
    def document_path(self) -> Path:
        """Where the document's bytes lie below the store's folder."""
        name = f"{self.document_sha256}.{EXTENSIONS[self.document_type]}"
        return Path("contracts", self.agency_id, name)

    @property
    def promise(self) -> Promise:
        """What it promises, for the comparison with the policy."""
        kept = (
            Period(self.retention_amount, LengthUnit(self.retention_unit)) if self.retention_amount else None
        )
        return Promise(self.vendor, self.layer, kept)
