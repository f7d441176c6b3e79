"""Whether a plate was on a list at an instant: by which version, in which category, and as what (R66)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.db.models.functions import Coalesce

from plateward.audit.models import AuditRecord
from plateward.hotlists.models import Entry, EntryPast, EntryState, Hotlist, HotlistKind, ListVersion
from plateward.hotlists.rules import Act, transition_of
from plateward.hotlists.switches import Proof, proof_of
from plateward.plates import Comparison, ComparisonKind, compare, plate_key
from plateward.policy import DEPARTMENT

_EVER_ACTIVE = (EntryState.ACTIVE, EntryState.EXPIRED, EntryState.REMOVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """An entry that a plate agreed with, as it stood at an instant.

    `version` is what had been received of its list last by then, None for the agency's own entries and for
    what came before versions were kept. `proof` says whether its category was on; None without a category.
    `past` is what it said then where its source changed it since.
    """

    entry: Entry
    comparison: Comparison
    at: datetime
    version: ListVersion | None
    proof: Proof | None
    past: EntryPast | None

    @property
    def facts(self) -> Entry | EntryPast:
        """What holds what it said then."""
        return self.past or self.entry

    @property
    def category(self) -> str:
        """Its category then."""
        return self.facts.category

    @property
    def is_current(self) -> bool:
        """Whether neither it nor its list was past its time then."""
        ends = (self.facts.expires_at, self.version.expires_at if self.version else None)
        return all(end > self.at for end in ends if end)

    @property
    def would_match(self) -> bool:
        """Whether a read of the plate raised an alert then."""
        return self.is_current and (self.proof is None or self.proof.decision.allowed)

    @property
    def explanation(self) -> str:
        """Why a read of it matched then, or did not."""
        if not self.is_current:
            return "It was past its time, or its list was."
        if self.proof and not self.proof.decision.allowed:
            return self.proof.decision.reason
        return "A read of this plate matched it."


def listings_at(agency: str, plate: str, at: datetime) -> list[Listing]:
    """Every entry of the agency that a plate agreed with at `at`, exact ones first."""
    found = [_listing(agency, entry, plate, at) for entry in _standing(agency, plate_key(plate), at)]
    agreeing = [one for one in found if one.comparison.kind is not ComparisonKind.DIFFERENT]
    agreeing = [one for one in agreeing if _was_active(one.entry)]
    order = list(ComparisonKind)
    return sorted(agreeing, key=lambda one: (order.index(one.comparison.kind), one.entry.requested_at))


def _standing(agency: str, key: str, at: datetime) -> Iterator[Entry]:
    """Entries that could have answered at `at`: of the same key, and partial ones."""
    stood = Q(ended_at__isnull=True) | Q(ended_at__gt=at)
    active_at = Coalesce("entered_at", "decided_at")
    own = Q(hotlist__kind=HotlistKind.CUSTOM, active_at__lte=at)
    listed = Q(hotlist__kind=HotlistKind.LISTED, requested_at__lte=at)
    same = Q(plate_key=key) | Q(plate_key__contains="?") | Q(plate_key__contains="*")
    for alternative in (Q(plate_key=key), same & ~Q(plate_key=key)):
        yield from (
            Entry.objects.alias(active_at=active_at)
            .filter(stood, own | listed, alternative, agency_id=agency, state__in=_EVER_ACTIVE)
            .select_related("hotlist", "agency", "requested_by")
        )


def _was_active(entry: Entry) -> bool:
    """Whether an entry ever came alive: one that the policy has typed in may run out before anybody does.

    Its approval says in the journal whether it had to be.
    """
    if entry.hotlist.kind != HotlistKind.CUSTOM or entry.entered_at or entry.state == EntryState.ACTIVE:
        return True
    approvals = AuditRecord.objects.filter(
        agency=entry.agency_id, verb=transition_of(Act.APPROVE).verb, subject=f"hotlists.Entry:{entry.pk}"
    )
    return not any(approval.detail.get("entered_by") for approval in approvals)


def _listing(agency: str, entry: Entry, plate: str, at: datetime) -> Listing:
    past = entry.past.filter(from_at__lte=at, until_at__gt=at).first()
    category = (past or entry).category
    return Listing(
        entry=entry,
        comparison=compare(plate, entry.plate),
        at=at,
        version=None if entry.origin == DEPARTMENT else version_at(entry.hotlist, at),
        proof=proof_of(agency, category, at) if category else None,
        past=past,
    )


def version_at(hotlist: Hotlist, at: datetime) -> ListVersion | None:
    """What had been received of a list last by `at`."""
    return hotlist.versions.filter(received_at__lte=at).order_by("-number").first()
