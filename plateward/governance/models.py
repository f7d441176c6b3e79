"""Which policy version is in force, which are proposed, and who holds which position over time."""

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


class PositionHolding(models.Model):
    """A person holding a position from one instant to another (B-466.3, H-426.2 ¶2)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    position = models.SlugField(max_length=60)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="holdings")
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True, blank=True)
    appointed_by = models.CharField(max_length=200)

    class Meta:
        ordering = ("agency", "position", "-from_at")
        constraints = (
            models.UniqueConstraint(
                fields=["agency", "position"],
                condition=models.Q(until_at__isnull=True),
                name="position_has_one_holder",
            ),
            models.CheckConstraint(
                condition=models.Q(until_at__isnull=True) | models.Q(until_at__gt=models.F("from_at")),
                name="position_ends_after_it_begins",
            ),
        )

    def __str__(self) -> str:
        return f"{self.position}: {self.user}"
