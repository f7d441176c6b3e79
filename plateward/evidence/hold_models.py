"""Legal holds, what each covers, and how what it held was booked into evidence (B-466.5¶2, H-426.4¶2)."""

import uuid

from django.db import models

from plateward.accounts.models import Agency, User
from plateward.devices.models import Device
from plateward.evidence.hold_rules import (
    LONGEST_FACTS,
    LONGEST_MEDIUM,
    LONGEST_REFERENCE,
    LONGEST_TEXT,
    HoldFacts,
    HoldForm,
    HoldState,
    Scope,
    ScopeKind,
    reason_words,
)
from plateward.policy import HoldReason

_DECIDED = models.Q(decided_by__isnull=False, decided_at__isnull=False)
_ENDED = ("REFUSED", "RELEASED", "BOOKED")


class Hold(models.Model):
    """Data kept from being purged, for one of the policy's reasons, until it ends.

    `number` counts the agency's holds. `review_at`: when it must be confirmed again, null where nobody said.
    `facts` were sworn to by `sworn_by`, in that form alone. `case_closed_at`: the case was said to be closed.
    `decided_…` is the answer to the request, `release_…` the last time its release was asked for.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.PositiveIntegerField()
    state = models.CharField(
        max_length=20,
        choices=[(one.value, one.label) for one in HoldState],
        default=HoldState.REQUESTED.value,
    )
    reason = models.CharField(max_length=20, choices=[(one.value, reason_words(one)) for one in HoldReason])
    explanation = models.CharField(max_length=LONGEST_TEXT)
    purpose = models.CharField(max_length=60)
    reference = models.CharField(max_length=LONGEST_REFERENCE, blank=True)
    form = models.CharField(max_length=10, choices=[(one.value, one.label) for one in HoldForm])
    facts = models.TextField(max_length=LONGEST_FACTS, blank=True)
    sworn_by = models.CharField(max_length=200, blank=True)
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_note = models.CharField(max_length=LONGEST_TEXT, blank=True)
    review_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    release_asked_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    release_asked_at = models.DateTimeField(null=True, blank=True)
    release_reason = models.CharField(max_length=LONGEST_TEXT, blank=True)
    release_decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    release_note = models.CharField(max_length=LONGEST_TEXT, blank=True)
    case_closed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-number",)
        constraints = (
            models.UniqueConstraint(fields=["agency", "number"], name="hold_number_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=_ENDED, ended_at__isnull=False)
                | ~models.Q(state__in=_ENDED) & models.Q(ended_at__isnull=True),
                name="hold_ended_has_time",
            ),
            models.CheckConstraint(
                condition=models.Q(state="REQUESTED") | _DECIDED, name="hold_decided_by_somebody"
            ),
            models.CheckConstraint(
                condition=~_DECIDED | ~models.Q(decided_by=models.F("requested_by")),
                name="hold_decided_by_another",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=("RELEASE_REQUESTED", "RELEASED"))
                | models.Q(release_asked_by__isnull=False, release_asked_at__isnull=False),
                name="hold_release_asked_by_somebody",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="RELEASED")
                | models.Q(release_decided_by__isnull=False)
                & ~models.Q(release_decided_by=models.F("release_asked_by")),
                name="hold_released_by_another",
            ),
            models.CheckConstraint(
                condition=~models.Q(form="SWORN") | ~models.Q(facts="") & ~models.Q(sworn_by=""),
                name="hold_sworn_names_facts",
            ),
            models.CheckConstraint(
                condition=models.Q(form="PLAIN") | ~models.Q(reference=""), name="hold_in_form_names_case"
            ),
        )

    def __str__(self) -> str:
        return f"Hold {self.number}"

    @property
    def is_blocking(self) -> bool:
        """Whether nothing of it is purged now."""
        return self.ended_at is None

    @property
    def facts_for_rules(self) -> HoldFacts:
        """What the rules decide by."""
        asked_by = str(self.release_asked_by_id) if self.release_asked_by_id else ""
        return HoldFacts(HoldState(self.state), str(self.requested_by_id), asked_by)


class HoldScope(models.Model):
    """One thing that a hold covers, as `hold_rules.Scope` has it.

    `is_found`: a read that was opened under a case which the hold covers, written down since its access
    record loses its details one day.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    hold = models.ForeignKey(Hold, on_delete=models.PROTECT, related_name="scopes")
    kind = models.CharField(max_length=14, choices=[(one.value, one.value) for one in ScopeKind])
    read_id = models.UUIDField(null=True, blank=True)
    captured_at = models.DateTimeField(null=True, blank=True)
    plate = models.CharField(max_length=20, blank=True)
    plate_key = models.CharField(max_length=20, blank=True)
    reference = models.CharField(max_length=LONGEST_REFERENCE, blank=True)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    from_at = models.DateTimeField(null=True, blank=True)
    until_at = models.DateTimeField(null=True, blank=True)
    is_found = models.BooleanField(default=False)

    class Meta:
        ordering = ("kind", "reference", "plate", "from_at", "captured_at", "id")
        indexes = (
            models.Index(fields=["read_id"], condition=models.Q(kind="READ"), name="held_read"),
            models.Index(fields=["plate_key"], condition=models.Q(kind="PLATE"), name="held_plate"),
            models.Index(
                fields=["device", "from_at"], condition=models.Q(kind="CAMERA_WINDOW"), name="held_window"
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["hold", "read_id"], condition=models.Q(kind="READ"), name="read_once_in_a_hold"
            ),
            models.CheckConstraint(
                condition=models.Q(kind="READ", read_id__isnull=False, captured_at__isnull=False)
                | models.Q(kind="PLATE") & ~models.Q(plate_key="")
                | models.Q(kind="CASE") & ~models.Q(reference="")
                | models.Q(kind="CAMERA_WINDOW", device__isnull=False, from_at__isnull=False),
                name="scope_names_its_thing",
            ),
            models.CheckConstraint(
                condition=models.Q(until_at__isnull=True)
                | models.Q(from_at__isnull=True)
                | models.Q(until_at__gt=models.F("from_at")),
                name="scope_ends_after_it_begins",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} of {self.hold_id}"

    @property
    def as_rule(self) -> Scope:
        """The scope as the rules take it."""
        return Scope(
            kind=ScopeKind(self.kind),
            read_id=self.read_id,
            captured_at=self.captured_at,
            plate=self.plate,
            plate_key=self.plate_key,
            reference=self.reference,
            device_id=self.device_id,
            from_at=self.from_at,
            until_at=self.until_at,
        )

    @classmethod
    def of(cls, hold: Hold, scope: Scope, *, is_found: bool = False) -> "HoldScope":
        """The row of a scope."""
        return cls(
            agency_id=hold.agency_id,
            hold=hold,
            kind=scope.kind.value,
            read_id=scope.read_id,
            captured_at=scope.captured_at,
            plate=scope.plate,
            plate_key=scope.plate_key,
            reference=scope.reference.strip(),
            device_id=scope.device_id,
            from_at=scope.from_at,
            until_at=scope.until_at,
            is_found=is_found,
        )


class Booking(models.Model):
    """What a hold held was booked into evidence: as which item, where, when, by whom, on what (B-466.5¶2).

    `disc_set` is the set of discs of which a verified copy of each was booked, None where the booking names a
    medium in words alone. The database demands the copies, which are links of their chains of custody.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    hold = models.ForeignKey(Hold, on_delete=models.PROTECT, related_name="bookings")
    package = models.ForeignKey("evidence.Package", on_delete=models.PROTECT, related_name="bookings")
    item_number = models.CharField(max_length=80)
    place = models.CharField(max_length=200)
    booked_at = models.DateTimeField()
    booked_by = models.CharField(max_length=200)
    medium = models.CharField(max_length=LONGEST_MEDIUM)
    disc_set = models.ForeignKey(
        "evidence.DiscSet", on_delete=models.PROTECT, related_name="bookings", null=True, blank=True
    )
    note = models.CharField(max_length=LONGEST_TEXT, blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ("-booked_at",)
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(item_number="") & ~models.Q(place="") & ~models.Q(booked_by=""),
                name="booking_says_what_where_and_who",
            ),
            models.CheckConstraint(
                condition=models.Q(booked_at__lte=models.F("recorded_at")), name="booked_before_recorded"
            ),
        )

    def __str__(self) -> str:
        return f"Item {self.item_number}"
