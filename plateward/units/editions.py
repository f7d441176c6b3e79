"""The agency's hotlist entries as units are given them, as numbered editions. Part of `telling_actions`."""

import gzip
import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import Final

import msgspec
from django.db import transaction

from plateward.accounts.models import Agency
from plateward.hotlists.models import Entry
from plateward.hotlists.queries import in_force
from plateward.hotlists.switches import matched_only
from plateward.policy import CategoryPermits, CategoryPriority, Profile, enforces
from plateward.policy.outgoing import detail_may_leave
from plateward.units import rules
from plateward.units.models import ListEdition
from plateward.unitwire.documents import ListEntry

COMPARED_EVERY: Final = timedelta(seconds=20)
"""However many units ask, the entries are compared with the last edition this often at most."""
KEPT: Final = 20
_AT_ONCE: Final = 5_000


@transaction.atomic
def current(agency: str, profile: Profile, now: datetime) -> ListEdition:
    """The newest edition, which is how the entries stand now; made where they stand otherwise."""
    # One at a time for an agency, without holding up what refers to it.
    Agency.objects.select_for_update(no_key=True).get(pk=agency)
    newest = ListEdition.objects.defer("data").filter(agency_id=agency).first()
    if newest is not None and now - newest.compared_at < COMPARED_EVERY:
        return newest
    entries = sorted(listed(agency, profile, now), key=lambda one: one.id)
    told = msgspec.json.encode(entries)
    sha256 = hashlib.sha256(told).hexdigest()
    if newest is not None and newest.sha256 == sha256:
        newest.compared_at = now
        newest.save(update_fields=["compared_at"])
        return newest
    made = ListEdition.objects.create(
        agency_id=agency,
        # By the clock, in milliseconds: after a restore no number comes again with other entries behind it.
        number=max(newest.number + 1 if newest else 1, rules.stamp(now, 1_000)),
        made_at=now,
        compared_at=now,
        sha256=sha256,
        entries=len(entries),
        data=gzip.compress(told, mtime=0),
    )
    kept = ListEdition.objects.filter(agency_id=agency).values_list("number", flat=True)[:KEPT]
    ListEdition.objects.filter(agency_id=agency).exclude(number__in=list(kept)).delete()
    return made


def numbered(agency: str, number: int) -> ListEdition | None:
    """One of the editions that are kept."""
    return ListEdition.objects.defer("data").filter(agency_id=agency, number=number).first()


def entries_of(edition: ListEdition) -> Sequence[ListEntry]:
    """What the edition lists, in the order of its ids."""
    return _decoded(_rows(edition.pk, edition.sha256))


def part_of(edition: ListEdition, first: int, count: int) -> Sequence[ListEntry]:
    """So many of them from the `first` on."""
    return _decoded(_rows(edition.pk, edition.sha256)[first : first + count])


@lru_cache(maxsize=2)
def _rows(edition: int, sha256: str) -> Sequence[msgspec.Raw]:
    """Its entries as they are written: every unit asks for the same few editions, part after part."""
    kept = ListEdition.objects.only("data").get(pk=edition, sha256=sha256)
    return msgspec.json.decode(gzip.decompress(kept.data), type=list[msgspec.Raw])


def _decoded(rows: Sequence[msgspec.Raw]) -> Sequence[ListEntry]:
    decoder = msgspec.json.Decoder(ListEntry)
    return [decoder.decode(row) for row in rows]


def listed(agency: str, profile: Profile, now: datetime) -> Iterator[ListEntry]:
    """Everything that matches for the agency now: in force, and its category on."""
    rows = in_force(agency, now).select_related("hotlist").iterator(chunk_size=_AT_ONCE)
    while some := list(islice(rows, _AT_ONCE)):
        yield from (as_listed(entry, profile, now) for entry in matched_only(some, now))


@enforces("B-466.4(e)", "H-426.3(e)")
def as_listed(entry: Entry, profile: Profile, now: datetime) -> ListEntry:
    """An entry as a unit gets it: where its data takes an authorization, plate and category alone."""
    category = profile.hotlists.categories.get(entry.category)
    priority = (category.priority.settled if category else None) or CategoryPriority.NORMAL
    is_open = detail_may_leave(profile, entry.origin, entry.category, profile.agency.day(now))
    ends_at = entry.ends_at
    assert ends_at is not None  # noqa: S101  in force
    return ListEntry(
        id=str(entry.pk),
        plate=entry.plate,
        region=entry.region or None,
        category=category.name if category else _purpose(profile, entry.purpose),
        priority=priority.rank + 1,
        information_only=category is not None and category.permits.settled is CategoryPermits.INFORMATION,
        source=entry.hotlist.name,
        detail=_detail(entry) if is_open else None,
        expires_at=ends_at,
    )


def _purpose(profile: Profile, purpose: str) -> str:
    known = profile.purposes.get(purpose)
    return known.name if known else purpose


def _detail(entry: Entry) -> str:
    said = (entry.vehicle_description, entry.reason, entry.caution and f"Caution: {entry.caution}")
    return ". ".join(one.rstrip(".") for one in said if one)
