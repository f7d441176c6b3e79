"""Readings of one vehicle in view are held until it has passed, and become one read. Part of `actions`."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from django.db import connection

from plateward.reads import rules
from plateward.reads.adapters import Passing
from plateward.reads.claims import Claimed
from plateward.reads.fresh import FreshRead
from plateward.reads.models import InboxItem, InboxState, Passage
from plateward.reads.native import Candidate
from plateward.reads.storing import Prepared, Taken

MOST_CANDIDATES = 50

# Held to the end of the transaction, so that two intakes do not open two passages of one vehicle.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


def hold(batch: Sequence[Prepared], now: datetime) -> list[Prepared]:
    """Hold the readings of vehicles in view; returns the others, which are to be stored at once."""
    told = [(one, one.passing) for one in batch if one.passing is not None]
    if not told:
        return list(batch)
    with connection.cursor() as cursor:
        for vehicle in sorted({f"{one.item.device_id}/{passing.name}" for one, passing in told}):
            cursor.execute(_LOCK, [vehicle])
    held = {one.item.id for one, passing in told if _is_held(one, passing, now)}
    return [one for one in batch if one.item.id not in held]


def _is_held(one: Prepared, passing: Passing, now: datetime) -> bool:
    item, known = one.item, _passage_of(one.item, passing)
    if not one.reads and (known is None or known.closes_at is None):
        return False
    is_over = passing.ends or (known is not None and (known.closes_at is None or known.closes_at <= now))
    passage = known or _opened(item, passing, now)
    passage.first_at, passage.last_at = min(passage.first_at, passing.at), max(passage.last_at, passing.at)
    passage.size += item.size if one.reads else 0
    passage.attempts = 0
    passage.closes_at = rules.closes_at(passage.opened_at, now, is_over=is_over, size=passage.size)
    passage.save()
    if one.reads:
        InboxItem.objects.filter(pk=item.id).update(
            state=InboxState.HELD,
            passage_id=passage.pk,
            retry_at=None,
            processed_at=now,
            reason="Its vehicle is still in view; what is known by its end becomes one read.",
        )
    return bool(one.reads)


def _opened(item: Claimed, passing: Passing, now: datetime) -> Passage:
    return Passage(
        agency_id=item.agency_id,
        device_id=item.device_id,
        vehicle=passing.name,
        first_at=passing.at,
        last_at=passing.at,
        opened_at=now,
    )


def _passage_of(item: Claimed, passing: Passing) -> Passage | None:
    """The passage this payload tells of, open or closed; None for a vehicle not seen before."""
    found = Passage.objects.select_for_update().filter(device_id=item.device_id, vehicle=passing.name)
    if passing.is_reused:
        near = rules.SAME_PASSAGE
        found = found.filter(first_at__lte=passing.at + near, last_at__gte=passing.at - near)
    newest = found.order_by("-last_at").first()
    if newest and newest.closes_at is None and passing.begins and passing.at > newest.last_at:
        return None  # the sender gave the name to another vehicle
    return newest


def merged(readings: Sequence[Prepared]) -> Prepared:
    """The best reading, with the others' texts as candidates and pictures of kinds that it lacks.

    The best is the one whose sender was surest; of equally sure ones the final one, then the latest.
    """
    ranked = sorted(readings, key=_goodness, reverse=True)
    best = ranked[0]
    read = best.reads[0]
    pictures = list(best.pictures)
    for other in ranked[1:]:
        read = read._replace(candidates=with_candidate(read.candidates, read.plate, other.reads[0]))
        pictures += moved(other.pictures, read, {taken.picture.role for taken in pictures})
    if read.plate_box and is_boxed_elsewhere(read.plate_box.picture, best.pictures, pictures):
        read = read._replace(plate_box=None)
    if len(ranked) > 1:
        others = ", ".join(str(other.item.id) for other in ranked[1 : MOST_CANDIDATES + 1])
        read = noted(
            read, f"The surest of {len(ranked)} readings of this vehicle; the others' receipts: {others}."
        )
    return replace(best, reads=(read,), pictures=tuple(replace(taken, read=read) for taken in pictures))


def _goodness(one: Prepared) -> tuple[float, bool, datetime]:
    (read,) = one.reads
    sure = -1.0 if read.confidence is None else read.confidence
    return sure, one.passing is not None and one.passing.ends, read.captured_at


def with_candidate(told: Sequence[Candidate] | None, plate: str, other: FreshRead) -> list[Candidate] | None:
    """Candidates of a plate with another reading's text, once, with the highest confidence told for it."""
    if other.plate == plate:
        return list(told) if told else None
    sure = [one.confidence for one in told or () if one.text == other.plate_raw]
    known = [one for one in (*sure, other.confidence) if one is not None]
    rest = [one for one in told or () if one.text != other.plate_raw]
    return [*rest, Candidate(text=other.plate_raw, confidence=max(known, default=None))][-MOST_CANDIDATES:]


def moved(pictures: Iterable[Taken], read: FreshRead, present: set[str]) -> list[Taken]:
    """Those pictures whose kind is not present yet, as pictures of this read."""
    return [replace(taken, read=read) for taken in pictures if taken.picture.role not in present]


def is_boxed_elsewhere(kind: str, own: Iterable[Taken], pictures: Iterable[Taken]) -> bool:
    """Whether the plate's box is one in a picture of this kind that was taken at another moment."""
    return kind not in {t.picture.role for t in own} and kind in {t.picture.role for t in pictures}


def noted(read: FreshRead, text: str) -> FreshRead:
    """The same with a note in its payload."""
    notes = [*read.payload.get("$notes", []), text]
    return read._replace(payload={**read.payload, "$notes": notes})
