"""Storing what devices sent, working the quarantine, and opening a read with a purpose."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from plateward.audit import actions as audit
from plateward.audit import local
from plateward.audit.local import LocalAccess
from plateward.audit.models import AccessRecord
from plateward.audit.who import Who
from plateward.governance.actor import Actor
from plateward.live import actions as live
from plateward.policy import enforces, purpose_allowed
from plateward.reads import faults, inbox_keys, partitions, queries, rules
from plateward.reads.adapters import Unreadable
from plateward.reads.claims import Claimed, claim, finish, held
from plateward.reads.models import InboxItem, InboxState, Picture, Read
from plateward.reads.passages import hold
from plateward.reads.store import PictureStore, picture_store
from plateward.reads.storing import (
    Prepared,
    Register,
    Wanted,
    prepare,
    store_prepared,
)
from plateward.vault.masters import MasterKeyError

log = logging.getLogger(__name__)

MANY_FAULTS = 8
"""After so many payloads that met a fault of disc or database, the others of a batch need not try."""
INTAKE = Who.system("intake")

ENDED_THE_INTAKE = (
    f"{rules.MAX_ATTEMPTS} times the intake or its database ended while it stored this payload. Have the IT "
    "manager look at the logs of those times; replay it only when the cause is known."
)
READ_GONE = "Its read was destroyed before it was compared with the hotlists, so it raised no alert."


def store_waiting(
    *, limit: int, now: datetime, store: PictureStore | None = None, wanted: Wanted | None = None
) -> int:
    """Turn up to `limit` received payloads into reads; returns how many were taken up.

    They are stored in batches, each in one transaction, and their attempts are counted and committed before:
    one that ends the intake is taken up alone from then on, holds up no other, and goes to quarantine after
    five attempts. So does, at once, one that cannot become a read. A batch that fails is halved until the
    payloads at fault are alone. Met by a fault of disc or database a payload is tried again until that is
    mended. With `wanted`, which tells the plates that a hotlist may have something about, a payload without
    such a plate is matched by that. Raises django.db.Error when the database itself is gone.
    """
    work = _Work(store or picture_store(), wanted, now)
    taken, is_more = 0, True
    while is_more and taken < limit:
        items, is_more = _claimed(limit - taken, now)
        if items:
            work.store(items)
        taken += len(items)
    return taken


@transaction.atomic
def _claimed(limit: int, now: datetime) -> tuple[list[Claimed], bool]:
    """The next payloads, their attempts counted; what never ends is taken up again at `retry_at`."""
    return claim(limit, now)


@dataclass(slots=True)
class _Work:
    """One round of storing; so many faults of disc or database, and the rest of a batch waits untried."""

    pictures: PictureStore
    wanted: Wanted | None
    now: datetime
    passing_faults: int = 0

    def store(self, items: list[Claimed]) -> None:
        """Store these payloads; on a fault each half of them apart, down to the one at fault."""
        if self.passing_faults >= MANY_FAULTS:
            self._try_later(items, OSError("disc or database failed others"))
            return
        try:
            with transaction.atomic():
                self._process(held(items))
        except Exception as error:  # noqa: BLE001  a fault of ours must not hold up other payloads
            half = len(items) // 2
            if half:
                self.store(items[:half])
                self.store(items[half:])
            else:
                self.passing_faults += faults.is_passing(error)
                self._try_later(items, error)
        finally:
            for item in items:
                item.body = None  # up to 25 MB, not needed any more

    def _process(self, items: list[Claimed]) -> None:
        register = Register.of(items)
        prepared = [one for item in items if (one := self._prepared(item, register))]
        if direct := hold(prepared, self.now):
            finish(store_prepared(direct, self.pictures, self.wanted), self.now)

    def _prepared(self, item: Claimed, register: Register) -> Prepared | None:
        """An item taken apart; None for one that went to quarantine instead."""
        if item.attempts > rules.MAX_ATTEMPTS:
            quarantine(item, ENDED_THE_INTAKE, self.now)
            return None
        try:
            return prepare(item, register, self.now)
        except Unreadable as problem:
            quarantine(item, str(problem), self.now)
            return None

    @transaction.atomic
    def _try_later(self, items: list[Claimed], error: Exception) -> None:
        for item in held(items):
            _try_later(item, error, self.now)


def _try_later(item: Claimed, error: Exception, now: datetime) -> None:
    if isinstance(error, Unreadable):  # it became so by what is stored
        quarantine(item, str(error), now)
        return
    fault = faults.in_words(error)
    log.error("Payload %s was not stored (attempt %d): %s", item.id, item.attempts, faults.with_places(error))
    if faults.is_passing(error):
        item.attempts -= 1  # the payload is not to blame
        retry_at = now + rules.fault_delay(now - item.received_at)
        reason = f"Not stored yet ({fault}); it is tried again by itself until that is mended."
    elif item.attempts >= rules.MAX_ATTEMPTS:
        quarantine(
            item,
            f"It could not be stored in {item.attempts} attempts ({fault}). The payload may be sound: have "
            "the IT manager look at the logs, then replay it.",
            now,
        )
        return
    else:
        retry_at = now + rules.retry_delay(item.attempts)
        reason = f"Attempt {item.attempts} failed ({fault}); it is tried again by itself."
    InboxItem.objects.filter(pk=item.id).update(
        attempts=item.attempts, processed_at=now, retry_at=retry_at, reason=reason
    )


def quarantine(item: Claimed, reason: str, now: datetime) -> None:
    """Put a payload aside for people, with the reason. Runs in the caller's transaction."""
    reason = reason.replace("\0", "�")
    InboxItem.objects.filter(pk=item.id).update(
        state=InboxState.QUARANTINED, reason=reason, processed_at=now, retry_at=None
    )
    _journal(item, "reads.payload.quarantined", INTAKE, {"reason": reason}, now)


def _journal(
    item: InboxItem | Claimed,
    verb: str,
    by: Who,
    detail: dict[str, object],
    now: datetime,
    *,
    is_change: bool = True,
) -> None:
    facts = {"device": str(item.device_id), "sha256": item.body_sha256, "size": item.size}
    audit.record(
        verb=verb,
        by=by,
        agency=item.agency_id,
        subject=f"reads.InboxItem:{item.id}",
        detail=facts | detail,
        now=now,
    )
    if is_change:
        live.publish(agency=item.agency_id, topic="quarantine", id=str(item.id))


@transaction.atomic
def mark_matched(*, items: Iterable[InboxItem], now: datetime) -> None:
    """Note that these stored items were compared with the hotlists."""
    InboxItem.objects.filter(pk__in=[item.pk for item in items], state=InboxState.STORED).update(
        state=InboxState.MATCHED, processed_at=now, retry_at=None, reason=""
    )


@transaction.atomic
def match_later(*, item: InboxItem, error: Exception, now: datetime) -> None:
    """Note that comparing this stored item failed. It waits its turn again, without limit: no hit is lost."""
    fault = faults.in_words(error)
    log.error("Payload %s was not matched: %s", item.pk, faults.with_places(error))
    item.retry_at = now + rules.fault_delay(now - item.received_at)
    item.reason = f"Not compared with the hotlists yet ({fault}); it is tried again by itself."
    item.save(update_fields=["retry_at", "reason"])


@transaction.atomic
def end_unmatched(*, item: InboxItem, now: datetime) -> None:
    """End a stored item whose reads are gone: nothing can be compared any more, and the journal says so."""
    log.error("The reads of payload %s are gone; they were never compared with the hotlists", item.pk)
    item.state, item.reason, item.processed_at = InboxState.DISCARDED, READ_GONE, now
    item.retry_at = None
    item.save(update_fields=["state", "reason", "processed_at", "retry_at"])
    detail: dict[str, object] = {"reads": [str(one) for one in item.read_ids], "reason": READ_GONE}
    _journal(item, "reads.read.unmatched", INTAKE, detail, now, is_change=False)


@transaction.atomic
def ensure_partitions(*, now: datetime) -> None:
    """Have the partitions of today and of the coming time ready."""
    partitions.make_ahead(now)


MAINTENANCE = "system-maintenance"
LONGEST_REASON = 500
SHOWN_BYTES = 2000


@transaction.atomic
def inspect(*, by: Actor, item: InboxItem, now: datetime) -> str:
    """The printable beginning of a quarantined payload, which may hold a plate: looking is an access.

    It serves to keep the system running, which no agency's list of purposes names; the record says so.
    """
    by.require("reads.quarantine")
    item = _in_quarantine(by, item)
    _journal(item, "reads.payload.inspected", by.acting("reads.quarantine"), {}, now, is_change=False)
    audit.record_access(
        by=by.acting("reads.quarantine"),
        agency=by.agency,
        elements={"payload": str(item.pk), "device": item.device.name},
        purpose=MAINTENANCE,
        reason=f"Quarantined payload inspected: {item.reason}"[:LONGEST_REASON],
        reference="",
        result_count=1,
        subject=f"reads.InboxItem:{item.pk}",
        profile_version=by.profile.version,
        now=now,
    )
    try:
        return rules.printable(inbox_keys.opened(item)[:SHOWN_BYTES])
    except (Unreadable, MasterKeyError) as error:
        return f"(It cannot be shown: {error})"


@transaction.atomic
def replay(*, by: Actor, item: InboxItem, now: datetime) -> None:
    """Have a quarantined payload parsed again. Raises Refused; ValidationError when it left quarantine."""
    by.require("reads.quarantine")
    _replay(by, _in_quarantine(by, item), now)


@transaction.atomic
def replay_all(*, by: Actor, now: datetime) -> int:
    """Have all of the agency's quarantined payloads parsed again; returns how many. Raises Refused."""
    by.require("reads.quarantine")
    items = list(queries.quarantined(by.agency).select_for_update(of=("self",)))
    for item in items:
        _replay(by, item, now)
    return len(items)


def _replay(by: Actor, item: InboxItem, now: datetime) -> None:
    before, item.reason = item.reason, ""
    item.state, item.attempts, item.processed_at = InboxState.RECEIVED, 0, None
    item.save(update_fields=["state", "attempts", "processed_at", "reason"])
    _journal(item, "reads.payload.replayed", by.acting("reads.quarantine"), {"reason": before}, now)


@transaction.atomic
def discard(*, by: Actor, item: InboxItem, reason: str, now: datetime) -> None:
    """Destroy a quarantined payload for good; its digest, size and the reason stay in the journal.

    Raises Refused, and ValidationError without a reason or when it left quarantine meanwhile.
    """
    by.require("reads.quarantine")
    if not reason.strip():
        raise ValidationError({"reason": "Say why this payload is not needed: discarding destroys it."})
    item = _in_quarantine(by, item)
    before = item.reason
    item.state, item.reason, item.processed_at = InboxState.DISCARDED, reason.strip(), now
    item.body = item.body_key = None
    item.save(update_fields=["state", "reason", "processed_at", "body", "body_key"])
    _journal(
        item,
        "reads.payload.discarded",
        by.acting("reads.quarantine"),
        {"reason": reason.strip(), "quarantined_for": before},
        now,
    )


def _in_quarantine(by: Actor, item: InboxItem) -> InboxItem:
    locked = queries.locked_item(by.agency, item.pk)
    if locked.state != InboxState.QUARANTINED:
        raise ValidationError(
            f"This payload is not in quarantine any more: somebody worked it meanwhile ({locked.state}). "
            "Reload the list."
        )
    return locked


@dataclass(frozen=True, slots=True)
class OpenedRead:
    """A read that may be shown, the access record that says why, and what was read in the same pass.

    `deleted` says why one that is deleted logically may be seen nevertheless; "" for all others.
    """

    read: Read
    pictures: list[Picture]
    access: AccessRecord | LocalAccess
    same_pass: Sequence[Read] = ()
    deleted: str = ""


@enforces("B-466.6(a)", "H-426.5(a)")
@transaction.atomic(durable=True)
def open_read(
    *,
    by: Actor,
    read_id: UUID,
    purpose: str,
    reason: str,
    reference: str,
    now: datetime,
    with_pass: bool = False,
    deleted: Callable[[Read], str] | None = None,
) -> OpenedRead:
    """Open one read for a purpose; the access record is committed when this returns, and only then shown.

    `with_pass` also opens the other reads of the vehicle's same pass. `deleted` says of one that is deleted
    logically why it may be seen (`deleted_actions`). Raises Refused (capability, training, purpose) and
    Read.DoesNotExist (also for another agency's read, and one deleted logically).
    """
    read = _read_for(by, read_id, purpose)
    why = deleted(read) if deleted else ""
    others = queries.same_pass(read) if with_pass else []
    facts = _access_facts(by, read, purpose, reason, reference)
    if others:
        facts["elements"]["same_pass"] = [{"read": str(one.id), "plate": one.plate} for one in others]
        facts["result_count"] += len(others)
    if why:
        facts["elements"]["deleted_logically"] = why
    access = audit.record_access(**facts, now=now)
    return OpenedRead(read, queries.pictures_of([read_id])[read_id], access, others, why)


def open_alerted_read(
    *, by: Actor, read_id: UUID, purpose: str, reason: str, reference: str, now: datetime
) -> OpenedRead:
    """Open an alert's read while the journal cannot be written: recorded locally, durably, before (R133).

    For alerts alone, which cannot wait. Raises what `open_read` does, and NothingWritableError.
    """
    read = _read_for(by, read_id, purpose)
    access = local.record_access(**_access_facts(by, read, purpose, reason, reference), now=now)
    return OpenedRead(read, queries.pictures_of([read_id])[read_id], access)


def _read_for(by: Actor, read_id: UUID, purpose: str) -> Read:
    by.require("reads.view")
    purpose_allowed(by.profile, purpose).require()
    return queries.read_by_id(by.agency, read_id)


def _access_facts(by: Actor, read: Read, purpose: str, reason: str, reference: str) -> dict[str, Any]:
    return {
        "by": by.who,
        "agency": by.agency,
        "elements": {"read": str(read.id), "plate": read.plate},
        "purpose": purpose,
        "reason": reason,
        "reference": reference,
        "result_count": 1,
        "subject": f"reads.Read:{read.id}",
        "profile_version": by.profile.version,
    }
