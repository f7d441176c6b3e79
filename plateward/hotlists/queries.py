"""Which entries match a plate, and what the rules and screens need to know about entries."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from types import MappingProxyType
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Least

from plateward.accounts.models import User
from plateward.accounts.queries import people_of
from plateward.accounts.rules import AccountState
from plateward.audit.models import AuditRecord
from plateward.governance.actor import Actor
from plateward.governance.queries import PastHoldings, actor_for, holdings_at
from plateward.governance.replays import Asked
from plateward.hotlists.models import WORKED, Entry, EntryState, Hotlist, HotlistKind, ListFile
from plateward.hotlists.pickup_models import Pickup
from plateward.hotlists.rules import EntryFacts, would_be_requested
from plateward.hotlists.switches import matched_only
from plateward.hotlists.wanted import Pair, fitting
from plateward.plates import Comparison, ComparisonKind, compare, plate_key
from plateward.policy import Decision, PersonFact, Profile, enforces, positions_held


@dataclass(frozen=True, slots=True)
class Match:
    """An active entry that a plate as read agrees with: exactly, by look-alikes, or as a partial plate.

    `other_state` is the state the read names where the entry names another (CC .51(b)(2)(F): flagged, never
    dropped); it is empty when they agree or either is unknown.
    """

    entry: Entry
    comparison: Comparison
    other_state: str
    vehicle: str = ""
    """How the vehicle as read stands to the one that a partial plate watches for."""

    @property
    def explanation(self) -> str:
        """How read and entry agree and differ, in words."""
        states = f"read as {self.other_state}, entered as {self.entry.region}: a different state"
        told = (self.comparison.explanation, self.vehicle, states if self.other_state else "")
        return "; ".join(filter(None, told))


@dataclass(frozen=True, slots=True)
class Wanted:
    """The entries in force that the plates of a batch can match, locked until the transaction ends."""

    entries: Mapping[Pair, tuple[Entry, ...]]
    """By agency and the plate's key."""

    def __contains__(self, asked: Pair) -> bool:
        return asked in self.entries

    def matches(
        self, *, agency: str, plate: str, region: str, vehicle: Mapping[str, object] = MappingProxyType({})
    ) -> list[Match]:
        """The agency's entries that a read of the batch matches, exact ones and the read's state first.

        `vehicle` is what was read of it; one that a partial plate does not watch for matches it not.
        """
        found = (
            Match(
                entry,
                compare(plate, entry.plate),
                _other_state(region, entry.region),
                entry.watched.explain(vehicle, region),
            )
            for entry in self.entries.get((agency, plate_key(plate)), ())
            if entry.watched.fits(vehicle, region)
        )
        return sorted(
            found,
            key=lambda m: (
                _ORDER[m.comparison.kind],
                bool(m.other_state),
                m.comparison.distance or 0,
                m.entry.requested_at,
            ),
        )


_ORDER = {kind: place for place, kind in enumerate(ComparisonKind)}


def wanted_among(asked: Collection[Pair], now: datetime) -> Wanted:
    """Lock the entries in force at `now` that these pairs of agency and plate key can match.

    The index in memory names the keys; the rows decide, so that one removed or expired a moment ago is not
    among them, nor one whose category was switched off. Locked in the order of their keys: matchers at work
    side by side neither open two alerts nor wait for each other in a ring. Runs in the caller's transaction.
    """
    fits = fitting(asked)
    if not fits:
        return Wanted({})
    listed = {(agency, key) for (agency, _), keys in fits.items() for key in keys}
    rows = (
        Entry.objects.select_for_update(of=("self",))
        .select_related("hotlist")
        .filter(
            agency_id__in={agency for agency, _ in listed},
            plate_key__in={key for _, key in listed},
        )
        .filter(matching_at(now))
        .order_by("pk")
    )
    by_key: dict[Pair, list[Entry]] = {}
    for entry in matched_only(rows, now):
        by_key.setdefault((entry.agency_id, entry.plate_key), []).append(entry)
    found = {
        (agency, key): tuple(entry for one in keys for entry in by_key.get((agency, one), ()))
        for (agency, key), keys in fits.items()
    }
    return Wanted({pair: entries for pair, entries in found.items() if entries})


def hold_entry(agency: str, entry_id: UUID) -> None:
    """Lock one entry of the agency in the caller's transaction, as `wanted_among` locks those that match."""
    Entry.objects.select_for_update().filter(pk=entry_id, agency_id=agency).first()


TIMED = (EntryState.APPROVED, EntryState.ACTIVE)
"""States in which an entry's time runs."""
SAME_SHOWN = 10


def _other_state(read: str, entry: str) -> str:
    return read if read and entry and read != entry else ""


@enforces("B-466.11", "B-466.11¶3")
def matching_at(now: datetime) -> Q:
    """Entries that a read can match at `now`, as `Entry.is_in_force` says of one."""
    own, of_list = Q(expires_at__gt=now), Q(hotlist__expires_at__gt=now)
    either = own | Q(expires_at__isnull=True, hotlist__expires_at__isnull=False)
    return Q(state=EntryState.ACTIVE) & either & (of_list | Q(hotlist__expires_at__isnull=True))


def in_force(agency: str, now: datetime) -> QuerySet[Entry]:
    """Entries that match at `now`, the next to expire first."""
    found = Entry.objects.filter(matching_at(now), agency_id=agency)
    return found.order_by(Least("expires_at", "hotlist__expires_at"), "id")


def lists_of_others(agency: str, now: datetime) -> QuerySet[Hotlist]:
    """The lists of others that the agency took in, each with how many of its entries are in force."""
    count = Count("entries", filter=Q(entries__in=Entry.objects.filter(matching_at(now))))
    return Hotlist.objects.filter(agency_id=agency, kind=HotlistKind.LISTED).annotate(in_force=count)


def counts_by_category(hotlist: Hotlist, now: datetime) -> list[tuple[str, int]]:
    """How many entries of a list are in force at `now` in each category, "" for none."""
    found = Entry.objects.filter(matching_at(now), hotlist=hotlist).values_list("category")
    return list(found.annotate(Count("pk")).order_by("category"))


def stale_lists(agency: str, now: datetime) -> QuerySet[Hotlist]:
    """The lists of others that are past their time, so that nothing on them matches."""
    return Hotlist.objects.filter(agency_id=agency, kind=HotlistKind.LISTED, expires_at__lte=now)


def list_files(agency: str) -> QuerySet[ListFile]:
    """The files with lists of others that the agency's people uploaded, newest first."""
    return ListFile.objects.filter(agency_id=agency).select_related("uploaded_by", "decided_by")


def pickups(agency: str) -> QuerySet[Pickup]:
    """From where an agency's lists are fetched, those stopped too."""
    return Pickup.objects.filter(agency=agency).select_related("set_by")


def next_worked() -> ListFile | None:
    """The file that waits longest for the worker, those that failed less often first."""
    waits = ListFile.objects.filter(state__in=WORKED).select_related("uploaded_by", "decided_by")
    return waits.order_by("attempts", "uploaded_at").first()


def waiting(agency: str) -> QuerySet[Entry]:
    """Requests nobody has decided, the oldest first."""
    return Entry.objects.filter(agency_id=agency, state=EntryState.REQUESTED).order_by("requested_at", "id")


def to_enter(agency: str, now: datetime) -> QuerySet[Entry]:
    """What was approved and waits to be typed in, the next to run out first."""
    approved = Entry.objects.filter(agency_id=agency, state=EntryState.APPROVED, expires_at__gt=now)
    return approved.order_by("expires_at", "id")


def running(now: datetime) -> QuerySet[Entry]:
    """Every agency's own entries whose time runs at `now`, typed in or not."""
    timed = Entry.objects.filter(hotlist__kind=HotlistKind.CUSTOM, state__in=TIMED, expires_at__gt=now)
    return timed.order_by("expires_at", "id")


def who_enter(entry: Entry, titles: Collection[str], now: datetime) -> list[User]:
    """Who is to type in what was approved: its requester where their title did, else all of those titles.

    Who may not work with hotlists now, such as for want of training, is asked only where nobody else could.
    """
    if entry.requested_as in titles:
        return [entry.requested_by]
    named = people_of(entry.agency_id).filter(state=AccountState.ACTIVE, title__in=titles)
    people = list(named.order_by("username"))
    return [one for one in people if actor_for(one, at=now).may("hotlists.view")] or people


def not_removed(now: datetime) -> QuerySet[Entry]:
    """Every agency's own entries of recovered vehicles that still stand, the longest first."""
    return running(now).filter(recovered_at__isnull=False).order_by("recovered_at", "id")


def of_same_vehicle(agency: str, key: str, now: datetime) -> list[Entry]:
    """What stands or waits under a plate's key: own entries and lists of others, the newest first."""
    same = Entry.objects.filter(agency_id=agency, plate_key=key).select_related("hotlist", "requested_by")
    still = Q(state=EntryState.REQUESTED) | Q(state=EntryState.APPROVED, expires_at__gt=now)
    waiting_ = same.filter(still, hotlist__kind=HotlistKind.CUSTOM)
    found = [*same.filter(matching_at(now))[:SAME_SHOWN], *waiting_[:SAME_SHOWN]]
    return sorted(found, key=lambda entry: entry.requested_at, reverse=True)[:SAME_SHOWN]


def ended(agency: str, now: datetime) -> QuerySet[Entry]:
    """Entries that no longer match and never will again, the newest first."""
    over = Q(state__in=TIMED) & (Q(expires_at__lte=now) | Q(hotlist__expires_at__lte=now))
    done = Q(
        state__in=[EntryState.REFUSED, EntryState.WITHDRAWN, EntryState.EXPIRED, EntryState.REMOVED],
    )
    return Entry.objects.filter(over | done, agency_id=agency).order_by("-requested_at", "id")


def overdue(now: datetime) -> QuerySet[Entry]:
    """Every agency's own entries past their time that are not marked expired yet."""
    own = Entry.objects.filter(hotlist__kind=HotlistKind.CUSTOM, state__in=TIMED, expires_at__lte=now)
    return own.order_by("expires_at", "id")


def with_people(entries: QuerySet[Entry]) -> QuerySet[Entry]:
    """The same entries with what a list of them shows, in two queries."""
    return entries.select_related(
        "requested_by", "decided_by", "entered_by", "found_by", "ended_by", "hotlist", "agency"
    ).prefetch_related("unavailabilities")


def facts_of(entries: Iterable[Entry], *, profile: Profile, now: datetime) -> dict[UUID, EntryFacts]:
    """What the rules need to know about each of one agency's entries, with its positions as held at `now`."""
    appointed = [(h.position, h.user) for h in holdings_at(profile.id, now) if h.user.is_active]
    vacant = frozenset(profile.positions) - {position for position, _ in appointed} - _held_by_rank(profile)
    return {entry.pk: _facts(entry, profile, appointed, vacant) for entry in entries}


def _held_by_rank(profile: Profile) -> frozenset[str]:
    """Positions that a rank carries and somebody of that rank fills."""
    by_title = profile.access.positions_by_title.settled or {}
    ranks = User.objects.filter(agency_id=profile.id, state=AccountState.ACTIVE, title__in=list(by_title))
    return frozenset(
        position for title in ranks.values_list("title", flat=True) for position in by_title[title]
    )


def _facts(
    entry: Entry, profile: Profile, appointed: Sequence[tuple[str, User]], vacant: frozenset[str]
) -> EntryFacts:
    requester = entry.requested_by
    named = [position for position, holder in appointed if holder == requester]
    return EntryFacts(
        state=EntryState(entry.state),
        requester=PersonFact(
            id=str(requester.pk),
            title=entry.requested_as,
            positions=positions_held(profile, requester.title, named),
        ),
        listed_by=entry.hotlist.name if entry.hotlist.source else "",
        asserted=frozenset(assertion.position for assertion in entry.unavailabilities.all()),
        vacant=vacant,
        expires_at=entry.ends_at,
        recovered=entry.recovered_at is not None,
    )


WITHHELD = (
    *("region", "vehicle_description", "purpose", "reason", "case_number", "narrative", "caution"),
    *("major_crime", "watched_color", "watched_make", "watched_type", "watched_region"),
)
"""What of an entry is kept from somebody without the authorization that its data takes."""


def sees_entry(actor: Actor, entry: Entry) -> Decision:
    """Whether a person may see more of an entry than its plate: by its origin's data, and its category's."""
    decision = actor.sees(entry.origin)
    known = actor.profile.hotlists.categories.get(entry.category)
    if decision and known and known.detail_needs.settled:
        return actor.sees(known.detail_needs.settled)
    return decision


@enforces("B-466.4(e)", "H-426.3(e)")
def shown_to(actor: Actor, entry: Entry) -> Entry:
    """The entry as this person may see it: without the authorization its data takes, the plate alone.

    The copy says in `withheld` what is missing; it is only to be shown.
    """
    decision = sees_entry(actor, entry)
    if decision:
        return entry
    seen = copy(entry)
    for field in WITHHELD:
        setattr(seen, field, "")
    seen.withheld = decision  # type: ignore[misc]  # set on this one copy
    return seen


def own_entry(actor: Actor, entry_id: str) -> Entry | None:
    """An entry of the agency's own hotlist that this person may see wholly, None for any other."""
    if not actor.may("hotlists.view"):
        return None
    with suppress(ValidationError):
        own = Entry.objects.filter(agency_id=actor.agency, hotlist__kind=HotlistKind.CUSTOM, pk=entry_id)
        entry = own.first()
        return entry if entry and shown_to(actor, entry).withheld is None else None
    return None


def history_of(entry: Entry) -> QuerySet[AuditRecord]:
    """Every journaled act on the entry, in order."""
    return AuditRecord.objects.filter(agency=entry.agency_id, subject=f"hotlists.Entry:{entry.pk}").order_by(
        "id"
    )


def asked_since(agency: str, since: datetime) -> Iterator[Asked]:
    """The agency's requests from an instant on, newest first, to be decided again by another policy.

    Each counts with the title it was made under and the positions its requester had then.
    """
    holdings = PastHoldings(agency, since)
    requests = Entry.objects.filter(agency_id=agency, requested_at__gte=since).select_related("requested_by")
    for entry in requests.order_by("-requested_at", "id").iterator():
        held = holdings.at(entry.requested_by_id, entry.requested_at)
        yield Asked(
            at=entry.requested_at,
            person=entry.requested_by.full_name,
            what=f"Hotlist entry for {entry.purpose.replace('-', ' ')}",
            reason=entry.reason,
            decide=partial(
                would_be_requested,
                person=PersonFact(id=str(entry.requested_by_id), title=entry.requested_as, positions=held),
                purpose=entry.purpose,
                case_number=entry.case_number,
            ),
        )
