"""Making one read of all that was told of a vehicle in view, once it has passed."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import msgspec
from django.db import transaction

from plateward.reads import faults, passages, queries, rules
from plateward.reads.actions import ENDED_THE_INTAKE, quarantine
from plateward.reads.adapters import Unreadable
from plateward.reads.claims import Claimed, Outcome, finish, held_of_passage
from plateward.reads.fresh import FreshRead
from plateward.reads.models import InboxState, Passage, Read
from plateward.reads.native import Candidate
from plateward.reads.store import PictureStore, picture_store
from plateward.reads.storing import Prepared, Register, insert_pictures, prepare, put_pictures, store_prepared

log = logging.getLogger(__name__)


def close_passages(*, limit: int, now: datetime, store: PictureStore | None = None) -> int:
    """Make reads of up to `limit` vehicles that have passed; returns how many were taken up.

    Each is taken up in a transaction of its own and its attempts are counted before, as for payloads. Raises
    django.db.Error when the database itself is gone.
    """
    claimed = _claimed(limit, now)
    for passage in claimed:
        try:
            _close(passage, store or picture_store(), now)
        except Exception as error:  # noqa: BLE001  a fault of ours must not hold up other vehicles
            _try_later(passage, error, now)
    return len(claimed)


@transaction.atomic
def forget_passages(*, now: datetime) -> int:
    """Delete closed passages after their time; returns how many. What comes then is a read of its own."""
    old = Passage.objects.filter(closes_at__isnull=True, opened_at__lt=now - rules.PASSAGES_KEPT)
    return old.delete()[0]


@transaction.atomic
def _claimed(limit: int, now: datetime) -> list[Passage]:
    """The next vehicles that have passed, their attempts counted; what never ends is taken up again."""
    due = Passage.objects.select_for_update(skip_locked=True).filter(closes_at__lte=now)
    found = list(due.order_by("closes_at")[:limit])
    for passage in found:
        passage.attempts += 1
        passage.closes_at = now + rules.retry_delay(passage.attempts)
    if found:
        Passage.objects.bulk_update(found, ["attempts", "closes_at"])
    return found


def _is_still_claimed(passage: Passage) -> bool:
    """Lock it again; False when another intake took it up, or more was told of the vehicle since."""
    same = Passage.objects.select_for_update().filter(
        pk=passage.pk, attempts=passage.attempts, closes_at=passage.closes_at
    )
    return same.exists()


@transaction.atomic
def _close(passage: Passage, store: PictureStore, now: datetime) -> None:
    if not _is_still_claimed(passage):
        return
    items = held_of_passage(passage.pk)
    if passage.attempts > rules.MAX_ATTEMPTS:
        _set_aside(items, ENDED_THE_INTAKE, now)
    elif readings := _readings(items, now):
        _store(passage, readings, store, now)
    _closed(passage)


def _closed(passage: Passage) -> None:
    passage.closes_at, passage.attempts, passage.size = None, 0, 0
    passage.save()


def _readings(items: Sequence[Claimed], now: datetime) -> list[Prepared]:
    """The items taken apart again; what has become unreadable, by an update of ours, goes to quarantine."""
    register, found = Register.of(items), []
    for item in items:
        try:
            found.append(prepare(item, register, now))
        except Unreadable as problem:
            quarantine(item, str(problem), now)
        item.body = None
    return found


def _store(passage: Passage, readings: list[Prepared], store: PictureStore, now: datetime) -> None:
    stored = _stored_before(passage)
    if stored is None:
        best = passages.merged(readings)
        (read,) = best.reads
        note = f"One of {len(readings)} readings of its vehicle; the surest is the read {read.id}."
        others = [one for one in readings if one.item is not best.item]
        outcomes = store_prepared([best], store)
        finish(outcomes + [_joined(one, read.id, read.plate_key, note) for one in others], now)
        passage.read_id = read.id
        return
    for one in readings:
        if _is_better(one.reads[0], stored):
            stored = _surer(one, stored, store, now)
        else:
            _join(one, stored, store, now)
    passage.read_id = stored.id


def _stored_before(passage: Passage) -> Read | None:
    if passage.read_id is None:
        return None
    try:
        return queries.read_by_id(passage.agency_id, passage.read_id)
    except Read.DoesNotExist:  # destroyed by now
        return None


def _is_better(read: FreshRead, stored: Read) -> bool:
    """Whether a late reading tells another plate than the stored one, and more surely."""
    if read.plate == stored.plate or read.confidence is None:
        return False
    return stored.confidence is None or read.confidence > stored.confidence


def _surer(one: Prepared, stored: Read, store: PictureStore, now: datetime) -> Read:
    """A late reading that is surer of another plate becomes a read too, so that it is matched.

    The one stored before stays, because an alert may rest on it.
    """
    told = f"The same vehicle was stored before as the read {stored.id}, less surely, as {stored.plate}."
    read = passages.noted(one.reads[0], told)
    candidates = [*(read.candidates or ()), Candidate(text=stored.plate_raw, confidence=stored.confidence)]
    read = read._replace(candidates=candidates)
    pictures = tuple(replace(taken, read=read) for taken in one.pictures)
    finish(store_prepared([replace(one, reads=(read,), pictures=pictures)], store), now)
    return queries.read_by_id(read.agency_id, read.id)


def _join(one: Prepared, stored: Read, store: PictureStore, now: datetime) -> None:
    """Add to the stored read what a late reading of its vehicle knows: its text and pictures of new kinds."""
    (late,) = one.reads
    own = queries.pictures_of([stored.id])[stored.id]
    fresh = late._replace(id=stored.id, captured_at=stored.captured_at)
    added = passages.moved(one.pictures, fresh, {picture.role.lower() for picture in own})
    insert_pictures(added, put_pictures(added, store))
    if stored.plate_box and passages.is_boxed_elsewhere(stored.plate_box["picture"], (), added):
        stored.plate_box = None
    told = msgspec.convert(stored.candidates or [], list[Candidate])
    stored.candidates = msgspec.to_builtins(passages.with_candidate(told, stored.plate, late))
    Read.objects.filter(captured_at=stored.captured_at, id=stored.id).update(
        candidates=stored.candidates, plate_box=stored.plate_box
    )
    note = f"Came after its vehicle had passed; joined to the read {stored.id}."
    finish([_joined(one, stored.id, stored.plate_key, note)], now)


def _joined(one: Prepared, read_id: UUID, plate_key: str, note: str) -> Outcome:
    """What became of a reading that is part of a read: that is matched through the payload that stored it."""
    return Outcome(
        id=one.item.id,
        state=InboxState.MATCHED.value,
        reason=note,
        read_ids=[read_id],
        plate_keys=[plate_key],
        is_changed=False,
    )


def _set_aside(items: Sequence[Claimed], reason: str, now: datetime) -> None:
    for item in items:
        quarantine(item, reason, now)


@transaction.atomic
def _try_later(passage: Passage, error: Exception, now: datetime) -> None:
    said = faults.with_places(error)
    log.error("Passage %s was not stored (attempt %d): %s", passage.pk, passage.attempts, said)
    if not _is_still_claimed(passage):
        return
    if isinstance(error, Unreadable):
        _set_aside(held_of_passage(passage.pk), str(error), now)
        _closed(passage)
        return
    if faults.is_passing(error):
        passage.attempts -= 1  # the payloads are not to blame
        passage.closes_at = now + rules.fault_delay(now - passage.opened_at)
    elif passage.attempts >= rules.MAX_ATTEMPTS:
        reason = (
            f"It could not be stored in {passage.attempts} attempts ({faults.in_words(error)}). The payload "
            "may be sound: have the IT manager look at the logs, then replay it."
        )
        _set_aside(held_of_passage(passage.pk), reason, now)
        _closed(passage)
        return
    passage.save()
