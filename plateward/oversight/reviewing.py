"""What a review is made of, and the items that somebody sees."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Q, QuerySet

from plateward.accounts.models import User
from plateward.audit.ledger import newest_head
from plateward.audit.models import AccessRecord, AuditRecord, Leaf, Unsealed
from plateward.governance.actor import Actor
from plateward.governance.queries import positions_of
from plateward.oversight.gathering import NOTHING_LATE, gather
from plateward.oversight.models import SAMPLE, OwnPlate, Review, ReviewItem
from plateward.oversight.queries import Entry, with_destroyed
from plateward.oversight.rules import ItemState, draw, flags_of, reviewing_position
from plateward.policy import Period, Profile, positions_held

DRAWN = "Drawn at random from the {population} accesses that no flag is about."
ANSWER_WITHIN = timedelta(days=7)
"""How long somebody who is asked may take before the reviewer's superior hears of it."""

UNDECIDED = [state for state in ItemState if not state.is_decided]


@dataclass(frozen=True, slots=True)
class Contents:
    """Items of a review not saved yet, how many accesses there were, and how many no flag was about."""

    items: list[ReviewItem]
    accesses: int
    population: int


def last_review(agency: str) -> Review | None:
    """The agency's newest review."""
    return Review.objects.filter(agency_id=agency).order_by("-until_at").first()


def begins_at(agency: str, every: Period, now: datetime) -> datetime:
    """Where the next review begins: where the last ended, else one period ago."""
    last = last_review(agency)
    return last.until_at if last else now - (every.after(now) - now)


def is_due(agency: str, every: Period, now: datetime) -> bool:
    """Whether a whole period has passed since the last review ended; the first is due at once."""
    last = last_review(agency)
    return last is None or every.after(last.until_at) <= now


def seed_for(agency: str, until_at: datetime) -> str:
    """A seed nobody chooses: the root of the sealed journal, else chance; either is published."""
    head = newest_head()
    chance = bytes(head.root).hex() if head else secrets.token_hex(16)
    return f"{agency} {until_at.isoformat(timespec='seconds')} {chance}"


def seen_rows() -> tuple[int, list[int]]:
    """How many rows of the journal are sealed, and the ids of those that wait for it."""
    unsealed = list(Unsealed.objects.order_by("audit_id").values_list("audit_id", flat=True))
    head = newest_head()
    return head.size if head else 0, unsealed


class Seen(Protocol):
    """How far a review or audit saw the journal, as `seen_rows` told it."""

    @property
    def sealed_size(self) -> int | None: ...
    @property
    def unsealed_rows(self) -> list[int]: ...


def late_rows(previous: Seen | None) -> Q:
    """What came on record since the previous one, by `audit_id`; nothing where that did not note it."""
    if previous is None or previous.sealed_size is None:
        return NOTHING_LATE
    sealed = Leaf.objects.filter(index__gte=previous.sealed_size).values("audit_id")
    since = Q(audit_id__in=sealed) | Q(audit_id__in=Unsealed.objects.values("audit_id"))
    return since & ~Q(audit_id__in=previous.unsealed_rows)


def contents(profile: Profile, review: Review) -> Contents:
    """The flagged items of every person, and the sample of everything else; raises Unsettled."""
    plan, zone = profile.monitoring, ZoneInfo(profile.agency.time_zone)
    back = plan.compared_with.require("How far back habits are compared")
    since = review.from_at - (back.after(review.from_at) - review.from_at)
    late = late_rows(last_review(review.agency_id))
    found = gather(review.agency_id, zone, since, review.from_at, review.until_at, late)
    people = User.objects.in_bulk(list(found.weeks))
    positions = {
        pk: reviewing_position(
            profile, positions_held(profile, user.title, positions_of(user, review.made_at))
        )
        for pk, user in people.items()
    }
    flags = plan.flags.require("Which flags are raised")
    items = [
        ReviewItem(
            agency_id=review.agency_id,
            review=review,
            person=people[pk],
            kind=raised.flag.value,
            explanation=raised.explanation,
            access_ids=list(raised.access_ids),
            refusal_ids=list(raised.refusal_ids),
            position=positions[pk],
        )
        for pk, week in found.weeks.items()
        for raised in flags_of(week, flags)
    ]
    uses = {use.ids[0]: pk for pk, of_person in found.uses.items() for use in of_person}
    flagged = {one for item in items for one in item.access_ids}
    unflagged = [one for one in uses if one not in flagged]
    size = plan.sample_size.require("How many records are drawn at random")
    items += [
        ReviewItem(
            agency_id=review.agency_id,
            review=review,
            person=people[uses[drawn]],
            kind=SAMPLE,
            explanation=DRAWN.format(population=len(unflagged)),
            access_ids=[drawn],
            position=positions[uses[drawn]],
        )
        for drawn in draw(review.seed, unflagged, size)
    ]
    return Contents(items, len(uses), len(unflagged))


def reviews(agency: str) -> QuerySet[Review]:
    """The agency's reviews with how many items they have and how many wait, newest first."""
    waiting = Count("items", filter=Q(items__state__in=UNDECIDED))
    out = Count("items", filter=Q(items__state=ItemState.OUT_OF_POLICY))
    made = Review.objects.filter(agency_id=agency).order_by("-until_at")
    return made.annotate(item_count=Count("items"), waiting=waiting, out_of_policy=out)


def items_of(review: Review) -> QuerySet[ReviewItem]:
    """A review's items, undecided ones first."""
    waiting_first = F("decided_at").asc(nulls_first=True)
    return review.items.select_related("person").order_by(waiting_first, "kind", "person__username", "pk")


def item_of(agency: str, item_id: UUID) -> ReviewItem:
    """One item of the agency; raises ReviewItem.DoesNotExist."""
    items = ReviewItem.objects.select_related("person", "review", "decided_by")
    return items.get(agency_id=agency, pk=item_id)


def entries_of(item: ReviewItem) -> list[Entry]:
    """The access records and refusals an item is about, newest first."""
    accesses = AccessRecord.objects.filter(agency=item.agency_id, pk__in=item.access_ids)
    refused = AuditRecord.objects.filter(agency=item.agency_id, pk__in=item.refusal_ids)
    found = [Entry(row.accessed_at, row, "") for row in accesses]
    found += [Entry(row.recorded_at, row, "") for row in refused]
    return with_destroyed(sorted(found, key=lambda entry: entry.order, reverse=True))


def asked_of(person: Actor) -> QuerySet[ReviewItem]:
    """The items that a person is asked to explain."""
    mine = ReviewItem.objects.filter(agency_id=person.agency, person_id=person.user_id, state=ItemState.ASKED)
    return mine.order_by("review__until_at").prefetch_related("steps")


def waiting_positions(review: Review) -> Iterator[tuple[str, int]]:
    """The positions that items of a review wait for, and how many each."""
    waiting = review.items.filter(state__in=UNDECIDED).values_list("position").annotate(Count("pk"))
    yield from waiting.order_by("position")


def own_plates(person: Actor) -> QuerySet[OwnPlate]:
    """The plates entered for this person, which show nothing but that they are there."""
    return OwnPlate.objects.filter(agency_id=person.agency, person_id=person.user_id)
