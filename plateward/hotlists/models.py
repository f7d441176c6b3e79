"""Hotlists, their entries (B-466.11), and the files that lists of others come in."""

import uuid
from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models.functions import Upper

from plateward.accounts.models import Agency, User
from plateward.hotlists.filters import LONGEST, VehicleFilter
from plateward.hotlists.layout_models import KeptLayout, RejectedLines
from plateward.hotlists.pickup_models import PickedUp, Pickup, PickupSecret
from plateward.hotlists.rules import EntryState
from plateward.hotlists.timing import Reminder
from plateward.plates import PlatePattern
from plateward.policy import DEPARTMENT, Decision

__all__ = [
    "UNDECIDED",
    "WORKED",
    "CategorySwitch",
    "Entry",
    "EntryPast",
    "EntryState",
    "FileState",
    "Hotlist",
    "HotlistKind",
    "IndexKeeper",
    "KeptLayout",
    "ListFile",
    "ListMode",
    "ListVersion",
    "PickedUp",
    "Pickup",
    "PickupSecret",
    "RejectedLines",
    "Unavailability",
]


class HotlistKind(models.TextChoices):
    CUSTOM = "CUSTOM", "Custom hotlist"
    LISTED = "LISTED", "List of others"


class ListMode(models.TextChoices):
    FULL = "FULL", "The whole list"
    DELTA = "DELTA", "Additions and removals"


class Hotlist(models.Model):
    """A list of entries. One of others is received whole, and as a whole stays current until `expires_at`.

    `version` numbers what was received of it last (`ListVersion`), `effective_at` is when its source made it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="hotlists")
    kind = models.CharField(max_length=10, choices=HotlistKind)
    name = models.CharField(max_length=100)
    # Which list of the policy it is, and whose data; the agency's own list has no source.
    source = models.SlugField(max_length=60, blank=True)
    origin = models.SlugField(max_length=40, blank=True, default="", db_default="")
    version = models.PositiveIntegerField(default=0, db_default=0)
    received_at = models.DateTimeField(null=True, blank=True)
    effective_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("agency", "name")
        constraints = (
            models.UniqueConstraint(fields=["agency", "name"], name="hotlist_name_once"),
            models.CheckConstraint(
                condition=~models.Q(kind=HotlistKind.LISTED) | models.Q(expires_at__isnull=False),
                name="hotlist_of_others_expires",
            ),
        )

    def __str__(self) -> str:
        return self.name


class Entry(models.Model):
    """A plate of interest. It matches only while ACTIVE, before its `expires_at` and before its list's.

    One of a list of others has a time of its own only where its source gives one. `plate` may be a partial
    plate, in the spelling of `PlatePattern`. `origin` says whose data it is (B-466.4(e)). One of a list of
    others is nobody's to approve here: `requested_by` is who took it in. `withheld` is set on the copy that
    somebody unauthorized is shown.

    `category` is one of the policy's, "" where its source gives none; `source_record` the source's number.
    One of a list of others came with the list's version `since_version`, says what it says since
    `facts_version` (before that: `EntryPast`), and ended with `ended_version`; null before there were any.

    `entered_by` typed in what was approved, where the policy keeps that apart. `reminder` is the last one of
    the end at hand. `found_by` closed an alert with the vehicle recovered; `told_of_removal` counts the
    positions that were told since that it still stands. What a partial plate watches for beside it stands in
    `watched_…`, with how many known plates of how many days it fitted when it was asked for.
    """

    withheld: ClassVar[Decision | None] = None

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Few of its columns have an index of their own: a long list would have to be written into each.
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    hotlist = models.ForeignKey(Hotlist, on_delete=models.PROTECT, related_name="entries")
    plate = models.CharField(max_length=20)
    plate_key = models.CharField(max_length=20)
    region = models.CharField(max_length=6, blank=True)
    vehicle_description = models.CharField(max_length=200, blank=True)
    origin = models.SlugField(max_length=40, default=DEPARTMENT, db_index=False)
    category = models.CharField(max_length=60, blank=True, default="", db_default="")
    source_record = models.CharField(max_length=80, blank=True, default="", db_default="")
    since_version = models.PositiveIntegerField(null=True, blank=True)
    facts_version = models.PositiveIntegerField(null=True, blank=True)
    facts_at = models.DateTimeField(null=True, blank=True)
    ended_version = models.PositiveIntegerField(null=True, blank=True)
    purpose = models.CharField(max_length=60)
    reason = models.CharField(max_length=500)
    case_number = models.CharField(max_length=80, blank=True)
    caution = models.CharField(max_length=200, blank=True, db_default="")
    major_crime = models.CharField(max_length=80, blank=True, db_default="")
    watched_color = models.CharField(max_length=LONGEST, blank=True, db_default="")
    watched_make = models.CharField(max_length=LONGEST, blank=True, db_default="")
    watched_type = models.CharField(max_length=LONGEST, blank=True, db_default="")
    watched_region = models.CharField(max_length=6, blank=True, db_default="")
    known_plates = models.PositiveIntegerField(null=True, blank=True)
    known_days = models.PositiveSmallIntegerField(null=True, blank=True)
    narrative = models.TextField(blank=True)
    state = models.CharField(
        max_length=10,
        choices=[(state.value, state.label) for state in EntryState],
        default=EntryState.REQUESTED,
    )
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    # The title at that moment decides who approves, whatever the requester becomes later.
    requested_as = models.CharField(max_length=60)
    requested_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True, db_index=False
    )
    decided_as = models.CharField(max_length=60, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_note = models.CharField(max_length=500, blank=True)
    entered_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True, db_index=False
    )
    entered_at = models.DateTimeField(null=True, blank=True)
    refreshed_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    reminder = models.CharField(
        max_length=5, choices=[(one.value, one.value) for one in Reminder], blank=True, db_default=""
    )
    found_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True, db_index=False
    )
    recovered_at = models.DateTimeField(null=True, blank=True)
    told_of_removal = models.PositiveSmallIntegerField(default=0, db_default=0)
    ended_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True, db_index=False
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_note = models.CharField(max_length=500, blank=True)
    profile_version = models.CharField(max_length=40)

    class Meta:
        ordering = ("-requested_at",)
        verbose_name_plural = "entries"
        indexes = (
            models.Index(
                fields=["agency", "plate_key"], condition=models.Q(state="ACTIVE"), name="entry_matching"
            ),
            models.Index(
                fields=["agency", "plate_key"], condition=~models.Q(state="ACTIVE"), name="entry_past"
            ),
            # Whether a hold of a case holds a hit is asked of every read that might be purged.
            models.Index(
                Upper("case_number"), "agency", condition=~models.Q(case_number=""), name="entry_case"
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True) | ~models.Q(decided_by=models.F("requested_by")),
                name="entry_never_approved_by_its_requester",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="ACTIVE")
                | ~models.Q(origin=DEPARTMENT)
                | models.Q(expires_at__isnull=False, decided_by__isnull=False, decided_at__isnull=False)
                & ~models.Q(narrative=""),
                name="entry_active_only_after_approval",
            ),
            models.CheckConstraint(condition=~models.Q(plate_key=""), name="entry_has_a_plate"),
        )

    def __str__(self) -> str:
        return f"{self.plate} ({self.state})"

    @property
    def is_partial(self) -> bool:
        """Whether only part of the plate is known."""
        return not PlatePattern(self.plate).is_exact

    @property
    def watched(self) -> VehicleFilter:
        """What a partial plate watches for beside the plate."""
        return VehicleFilter(self.watched_color, self.watched_make, self.watched_type, self.watched_region)

    @property
    def ends_at(self) -> datetime | None:
        """When it stops matching: at its own time or its list's, whichever comes first."""
        return min(filter(None, (self.expires_at, self.hotlist.expires_at)), default=None)

    def is_in_force(self, now: datetime) -> bool:
        """Whether a read can match it at `now`; `queries.matching_at` asks the database the same."""
        return self.state == EntryState.ACTIVE and self.ends_at is not None and self.ends_at > now

    @property
    def known_at(self) -> datetime:
        """When it was last known to be right: received, re-confirmed, approved or requested."""
        return self.hotlist.received_at or self.refreshed_at or self.decided_at or self.requested_at


class Unavailability(models.Model):
    """An approver of the chain asserted to be unavailable, so that the next one may decide (B-466.11)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="unavailabilities")
    position = models.SlugField(max_length=60)
    reason = models.CharField(max_length=500)
    asserted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asserted_at = models.DateTimeField()

    class Meta:
        ordering = ("asserted_at",)
        verbose_name_plural = "unavailabilities"
        constraints = (
            models.UniqueConstraint(fields=["entry", "position"], name="unavailability_asserted_once"),
        )

    def __str__(self) -> str:
        return f"{self.position} unavailable"


class EntryPast(models.Model):
    """What an entry of a list of others said before its source changed it: from one version to another."""

    id = models.BigAutoField(primary_key=True)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="past")
    from_version = models.PositiveIntegerField(null=True, blank=True)
    until_version = models.PositiveIntegerField()
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()
    category = models.CharField(max_length=60, blank=True)
    vehicle_description = models.CharField(max_length=200, blank=True)
    purpose = models.CharField(max_length=60)
    reason = models.CharField(max_length=500)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("from_at",)
        verbose_name_plural = "entries' past"

    def __str__(self) -> str:
        return f"{self.entry_id} until version {self.until_version}"


class ListVersion(models.Model):
    """What was received of a list of others at one time, counted from 1; it is never changed.

    `rows` is how many entries stood afterwards, `counts` how many were named, added, changed and ended, and
    how many lines of which forbidden category were left out. `reason` is why it was taken in although
    something spoke against it. It stayed current until `expires_at` unless another came.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    hotlist = models.ForeignKey(Hotlist, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    mode = models.CharField(max_length=5, choices=ListMode)
    received_at = models.DateTimeField()
    effective_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()
    file_name = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    rows = models.PositiveIntegerField()
    counts = models.JSONField(default=dict)
    reason = models.CharField(max_length=500, blank=True)
    taken_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    profile_version = models.CharField(max_length=40)

    class Meta:
        ordering = ("hotlist", "-number")
        constraints = (
            models.UniqueConstraint(fields=["hotlist", "number"], name="list_version_number_once"),
        )

    def __str__(self) -> str:
        return f"version {self.number}"


class CategorySwitch(models.Model):
    """A time in which a category of the lists of others was switched on or off, and by whom, with the reason.

    Where none covers an instant, the policy in force then says it. The next switch ends this one.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    category = models.SlugField(max_length=60)
    is_on = models.BooleanField()
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500)
    switched_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    switched_as = models.CharField(max_length=60)
    profile_version = models.CharField(max_length=40)

    class Meta:
        ordering = ("category", "-from_at")
        verbose_name_plural = "category switches"
        constraints = (
            models.UniqueConstraint(
                fields=["agency", "category"],
                condition=models.Q(until_at__isnull=True),
                name="category_switched_one_way_at_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(until_at__isnull=True) | models.Q(until_at__gt=models.F("from_at")),
                name="category_switch_lasts",
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="category_switch_has_a_reason"),
        )

    def __str__(self) -> str:
        return f"{self.category} {'on' if self.is_on else 'off'}"


class FileState(models.TextChoices):
    UNREAD = "UNREAD", "Columns not laid down"
    UPLOADED = "UPLOADED", "Being checked"
    CHECKED = "CHECKED", "Checked, not taken in"
    TAKING = "TAKING", "Being taken in"
    TAKEN = "TAKEN", "Taken in"
    FAILED = "FAILED", "Not usable"
    DISCARDED = "DISCARDED", "Discarded"


WORKED = (FileState.UPLOADED, FileState.TAKING)
"""What the worker has something to do with."""
UNDECIDED = (FileState.UNREAD, FileState.CHECKED)
"""What waits for a person."""


class ListFile(models.Model):
    """A file with a list of others, as somebody uploaded it, and what became of it.

    The file itself lies on disc under its SHA-256 only until it is taken in, discarded or of no use. `layout`
    is how its lines are read, by `layout_version` of those kept for its list where it is one; `found` is what
    the check counted, or the taking in, and why it is of no use. `effective_at` is when its source made it,
    where known; `reason` why it is taken in although something speaks against it. The worker's progress is
    `read_bytes` of `size`; `attempts` is how often it began, `worked_at` when it got on last; `asked_from` is
    the address from where a person asked for it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    source = models.SlugField(max_length=60)
    origin = models.SlugField(max_length=40)
    purpose = models.CharField(max_length=60)
    layout = models.JSONField()
    layout_version = models.PositiveIntegerField(null=True, blank=True)
    mode = models.CharField(max_length=5, choices=ListMode, default=ListMode.FULL, db_default=ListMode.FULL)
    effective_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True, default="", db_default="")
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    state = models.CharField(max_length=10, choices=FileState, default=FileState.UPLOADED)
    asked_from = models.CharField(max_length=64, blank=True)
    read_bytes = models.PositiveBigIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    worked_at = models.DateTimeField(null=True, blank=True)
    found = models.JSONField(default=dict)
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-uploaded_at",)

    def __str__(self) -> str:
        return f"{self.name} ({self.state})"


class IndexKeeper(models.Model):
    """One machine's index of wanted plates, for all agencies at once; `place` is the machine and its folder.

    `kept_at` is when the worker last looked after it, `trouble` why it could not be written since
    `troubled_at`. Matching there had to ask the database instead from `asking_since_at` to `asked_at`.
    """

    place = models.CharField(max_length=200, primary_key=True)
    kept_at = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=200, blank=True)
    troubled_at = models.DateTimeField(null=True, blank=True)
    asking_since_at = models.DateTimeField(null=True, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.place
