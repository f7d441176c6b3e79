"""Writing the journal: always inside the transaction of the act itself."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from plateward.audit import alarms, exporting, ledger, pruning, queries, rounds, sealing
from plateward.audit.exporting import Part
from plateward.audit.grammar import VERB
from plateward.audit.models import (
    AccessRecord,
    AlarmKind,
    AuditRecord,
    Cosignature,
    LedgerAlarm,
    LedgerCheck,
    Pruning,
    PruningState,
    TreeHead,
)
from plateward.audit.queries import AccessFilter, JournalFilter, Page
from plateward.audit.timekeeping import clock_state
from plateward.audit.who import Who
from plateward.ledger.checkpoints import ProofFile
from plateward.ledger.merkle import EMPTY_ROOT
from plateward.ledger.notes import Note, NoteError, SigningKey, VerifierKey
from plateward.ledger.rotations import Rotation
from plateward.policy import enforces

CLOCK = Who.system("clock")


class NotAllowedError(Exception):
    """An act on the journal itself that its rules refuse; the message says why and what to do."""


class NotInTransactionError(RuntimeError):
    """An act tried to write its journal row outside a transaction, where the two could come apart."""


def record(
    *,
    verb: str,
    by: Who,
    agency: str,
    subject: str,
    now: datetime,
    detail: Mapping[str, Any] | None = None,
    profile_version: str = "",
) -> AuditRecord:
    """Write one journal row in the current transaction.

    `verb` reads `subject.object.verb`, e.g. `alerts.alert.verified`; `subject` names the object the act
    touched, e.g. `hotlists.Entry:<uuid>`. Raises NotInTransactionError outside `transaction.atomic()`
    and ValueError for a verb outside the grammar.
    """
    if not VERB.fullmatch(verb):
        raise ValueError(f"The audit verb {verb!r} does not read subject.object.verb")
    if not connection.in_atomic_block:
        raise NotInTransactionError(f"{verb} must be journaled inside the transaction of its change")
    row = AuditRecord(
        recorded_at=now,
        verb=verb,
        agency=agency,
        username=by.username,
        name=by.name,
        title=by.title,
        address=by.address,
        subject=subject,
        detail=dict(detail or {}) | by.marks,
        profile_version=profile_version,
    )
    row.save(force_insert=True)
    return row


@enforces("CC-1798.90.52", "B-466.6(a)", "H-426.5(a)")
def record_access(
    *,
    by: Who,
    agency: str,
    elements: Mapping[str, Any],
    purpose: str,
    reason: str,
    reference: str,
    result_count: int,
    subject: str,
    now: datetime,
    profile_version: str,
    is_count_bounded: bool = False,
    flags: Sequence[str] = (),
) -> AccessRecord:
    """Write the access record of Civil Code § 1798.90.52 and its journal row in the current transaction.

    `elements` holds every data element of the query; the plate or pattern asked for stands under "plate".
    `is_count_bounded` says that there were more than `result_count` results; `flags` name what a reviewer
    should look at in the stated reason. The caller must commit before anything of the result is shown
    (B-466.6(a), H-426.5(a)).
    """
    row = record(
        verb="audit.access.recorded",
        by=by,
        agency=agency,
        subject=subject,
        now=now,
        detail={
            "elements": dict(elements),
            "purpose": purpose,
            "reason": reason,
            "reference": reference,
            "result_count": result_count,
            "is_count_bounded": is_count_bounded,
            "flags": list(flags),
            "organization": by.organization,
        },
        profile_version=profile_version,
    )
    access = AccessRecord(
        id=row.pk,  # so that the record's own number is sealed too
        accessed_at=now,
        agency=agency,
        organization=by.organization,
        username=by.username,
        name=by.name,
        title=by.title,
        address=by.address,
        elements=dict(elements),
        plate=str(elements.get("plate") or ""),
        purpose=purpose,
        reason=reason,
        reference=reference,
        result_count=result_count,
        is_count_bounded=is_count_bounded,
        flags=list(flags),
        subject=subject,
        profile_version=profile_version,
        audit_id=row.pk,
    )
    access.save(force_insert=True)
    return access


def read_journal(
    *, by: Who, agency: str, wanted: JournalFilter, before: int | None, profile_version: str, now: datetime
) -> Page[AuditRecord]:
    """Return a page of the agency's journal, newest first, once the looking itself is journaled."""
    with transaction.atomic(durable=True):
        page = queries.journal(agency, wanted, before)
        record(
            verb="audit.journal.viewed",
            by=by,
            agency=agency,
            subject=f"accounts.Agency:{agency}",
            detail=wanted.facts() | {"shown": len(page.rows), "before": before},
            profile_version=profile_version,
            now=now,
        )
    return page


def read_accesses(
    *, by: Who, agency: str, wanted: AccessFilter, before: int | None, profile_version: str, now: datetime
) -> Page[AccessRecord]:
    """Return a page of the agency's access records, newest first, once the looking itself is journaled."""
    with transaction.atomic(durable=True):
        page = queries.accesses(agency, wanted, before)
        record(
            verb="audit.accesses.viewed",
            by=by,
            agency=agency,
            subject=f"accounts.Agency:{agency}",
            detail=wanted.facts() | {"shown": len(page.rows), "before": before},
            profile_version=profile_version,
            now=now,
        )
    return page


def seal(*, now: datetime) -> int:
    """Put every journal row that waits into the tree and sign its head; returns how many rows it were.

    Writes no journal row: it would have to be sealed in turn, for ever. Raises sealing.TamperedTreeError when
    what is kept of the tree is not what was signed last.
    """
    key, total = sealing.signing_key(), 0
    while sealed := sealing.seal_batch(key=key, now=now):
        total += sealed
    return total


def take_proof(*, by: Who, agency: str, row_id: int, profile_version: str, now: datetime) -> ProofFile:
    """Give out the proof that a row of the agency's journal is sealed, once that is journaled.

    Raises AuditRecord.DoesNotExist for another agency's row and ledger.NotSealedError.
    """
    with transaction.atomic(durable=True):
        proof = ledger.proof_of(queries.row_of(agency, row_id))
        record(
            verb="audit.proof.taken",
            by=by,
            agency=agency,
            subject=f"audit.AuditRecord:{row_id}",
            detail={"row": row_id},
            profile_version=profile_version,
            now=now,
        )
    return proof


def export_journal(*, by: Who, agency: str, path: Path, now: datetime) -> int:
    """Export the journal to a new ZIP file, its owner's alone; returns how many rows it shows.

    With an agency, rows of other agencies are there as hashes only; with "" all are shown, and every agency's
    journal says so. Raises exporting.NothingSealedError and FileExistsError.
    """
    with transaction.atomic(durable=True):
        record(
            verb="audit.journal.exported",
            by=by,
            agency=agency,
            subject=f"accounts.Agency:{agency}",
            detail={"of": agency or "all agencies"},
            now=now,
        )
        return exporting.write_file(path, agency=agency, now=now)


def send_journal(*, by: Who, agency: str, part: Part, profile_version: str, now: datetime) -> Iterator[bytes]:
    """Give out an export of the agency's journal as it is made, once that is journaled.

    Raises exporting.NothingSealedError.
    """
    with transaction.atomic(durable=True):
        sent = exporting.chunks(agency=agency, now=now, part=part)
        record(
            verb="audit.journal.exported",
            by=by,
            agency=agency,
            subject=f"accounts.Agency:{agency}",
            detail={"of": agency, "first": part.first, "last": part.last, "known": list(part.known)},
            profile_version=profile_version,
            now=now,
        )
    return sent


def keep_cosignature(*, head: TreeHead, lines: str, witness: VerifierKey) -> Cosignature:
    """Keep a witness's answer about a head after checking it; raises NoteError for any other text."""
    note = Note.parse(head.note + lines)
    at = note.verified_by(witness)
    if at is None:
        raise NoteError(f"{witness.name} answered with a signature that has no time")
    line = next(line for line in note.signatures if line.startswith(f"— {witness.name} "))
    kept, _ = Cosignature.objects.get_or_create(
        size=head.size,
        witness=witness.name,
        defaults={"line": line, "cosigned_at": datetime.fromtimestamp(at, UTC)},
    )
    return kept


def check_ledger(*, now: datetime) -> LedgerCheck:
    """Take the worker's look at the ledger, keep its result, and raise an alarm for what is newly found.

    Writes no journal row unless something is wrong; the result itself is kept for good.
    """
    found = rounds.look(keys=sealing.known_keys())
    with transaction.atomic():
        made = LedgerCheck.objects.create(
            checked_at=now,
            size=found.head.size if found.head else 0,
            root=bytes(found.head.root) if found.head else EMPTY_ROOT,
            rows=found.rows,
            portion_end=found.portion_end,
            portion_row=found.portion_row,
            defects=found.defects[: alarms.TOLD],
            clock=clock_state(),
        )
        raise_alarm(kind=AlarmKind.MODIFIED, told=found.defects, now=now)
        raise_alarm(kind=AlarmKind.CLOCK, told=found.setbacks, now=now)
    return made


@transaction.atomic
def watch_sealing(*, now: datetime) -> LedgerAlarm | None:
    """Raise an alarm when sealing falls behind, and end it once it caught up; returns the open one."""
    state = ledger.state(now)
    if not state.late:
        for alarm in LedgerAlarm.objects.filter(kind=AlarmKind.LATE, ended_at=None):
            _end_alarm(alarm, CLOCK, "sealing caught up", now)
        return None
    since = f"{state.waiting_since:%Y-%m-%d %H:%M:%S} UTC" if state.waiting_since else "it left the journal"
    open_one = LedgerAlarm.objects.filter(kind=AlarmKind.LATE, ended_at=None).first()
    told = [f"rows wait to be sealed, the oldest since {since}"]
    return open_one or raise_alarm(kind=AlarmKind.LATE, told=told, now=now)


@transaction.atomic
def raise_alarm(*, kind: AlarmKind, told: Sequence[str], now: datetime) -> LedgerAlarm | None:
    """Raise an alarm about the journal itself, in every agency's journal and to whoever listens (R135).

    What an earlier alarm told, open or answered, is no news; None when nothing is.
    """
    news = alarms.news(kind, told)
    if not news:
        return None
    alarm = LedgerAlarm.objects.create(kind=kind, told=news, raised_at=now)
    record(
        verb="audit.alarm.raised",
        by=CLOCK,
        agency="",
        subject=f"audit.LedgerAlarm:{alarm.pk}",
        detail={"kind": kind, "what": alarm.get_kind_display(), "told": news},
        now=now,
    )
    alarms.tell(alarm)
    return alarm


@transaction.atomic
def answer_alarm(*, by: Who, agency: str, alarm_id: int, answer: str, now: datetime) -> LedgerAlarm:
    """End an alarm with a person's finding; what was found stays on record and is not told again.

    Raises LedgerAlarm.DoesNotExist (also for one that ended) and ValueError without an answer.
    """
    if not answer.strip():
        raise ValueError("Say what was found and what was done.")
    alarm = LedgerAlarm.objects.select_for_update().get(pk=alarm_id, ended_at=None)
    return _end_alarm(alarm, by, answer.strip(), now, agency)


def _end_alarm(alarm: LedgerAlarm, by: Who, answer: str, now: datetime, agency: str = "") -> LedgerAlarm:
    alarm.ended_at, alarm.ended_by, alarm.answer = now, by.name, answer
    alarm.save(update_fields=["ended_at", "ended_by", "answer"])
    record(
        verb="audit.alarm.ended",
        by=by,
        agency="",
        subject=f"audit.LedgerAlarm:{alarm.pk}",
        detail={"what": alarm.get_kind_display(), "answer": answer, "of": agency},
        now=now,
    )
    return alarm


@transaction.atomic
def propose_pruning(
    *,
    by: Who,
    agency: str,
    until_at: datetime,
    period: str,
    reason: str,
    profile_version: str,
    now: datetime,
) -> Pruning:
    """Propose to destroy the plate details of the agency's accesses before `until_at` (R137).

    `until_at` and `period` come from the policy (policy.prunable_before). Raises NotAllowedError while
    another order is under way or nothing is old enough.
    """
    if Pruning.objects.filter(agency=agency, state__in=_UNDER_WAY).exists():
        raise NotAllowedError("Another pruning is under way. Decide that one first.")
    if not (count := pruning.count_before(agency, until_at)):
        raise NotAllowedError("No access is old enough to lose its details.")
    order = Pruning.objects.create(
        agency=agency,
        until_at=until_at,
        period=period,
        reason=reason,
        proposed_by=by.username,
        proposed_by_name=by.name,
        proposed_at=now,
    )
    _journal_order("audit.pruning.proposed", order, by, profile_version, now, count=count, reason=reason)
    return order


@transaction.atomic
def decide_pruning(
    *, by: Who, agency: str, pruning_id: int, approve: bool, profile_version: str, now: datetime
) -> Pruning:
    """Approve or refuse a proposed pruning as a second person.

    Raises Pruning.DoesNotExist (also for one decided before) and NotAllowedError for its proposer.
    """
    order = Pruning.objects.select_for_update().get(pk=pruning_id, agency=agency, state=PruningState.PROPOSED)
    if order.proposed_by == by.username:
        raise NotAllowedError("Details are destroyed by two people: have somebody else decide.")
    order.state = PruningState.APPROVED if approve else PruningState.REFUSED
    order.decided_by, order.decided_by_name, order.decided_at = by.username, by.name, now
    order.save(update_fields=["state", "decided_by", "decided_by_name", "decided_at"])
    verb = "audit.pruning.approved" if approve else "audit.pruning.refused"
    _journal_order(verb, order, by, profile_version, now)
    return order


@transaction.atomic
def prune(*, now: datetime, limit: int = pruning.BATCH) -> int:
    """Destroy the details of up to `limit` rows of an approved order; 0 when none is under way.

    Each call is a transaction with its own journal row that names every pruned row, so an interrupted order
    goes on where it stopped.
    """
    order = Pruning.objects.select_for_update().filter(state=PruningState.APPROVED).order_by("pk").first()
    if order is None:
        return 0
    rows = pruning.due(order, limit)
    if rows:
        by = {"proposed_by": order.proposed_by_name, "approved_by": order.decided_by_name}
        act = _journal_order("audit.access.pruned", order, CLOCK, "", now, rows=rows, count=len(rows), **by)
        pruning.destroy(order, act, rows)
        order.rows += len(rows)
    if len(rows) < limit:
        order.state, order.done_at = PruningState.DONE, now
        _journal_order("audit.pruning.done", order, CLOCK, "", now, count=order.rows)
    order.save(update_fields=["rows", "state", "done_at"])
    return max(len(rows), 1)


_UNDER_WAY = (PruningState.PROPOSED, PruningState.APPROVED)


def _journal_order(
    verb: str, order: Pruning, by: Who, profile_version: str, now: datetime, **detail: Any
) -> AuditRecord:
    return record(
        verb=verb,
        by=by,
        agency=order.agency,
        subject=f"audit.Pruning:{order.pk}",
        detail={"until": order.until_at.isoformat(), "period": order.period, **detail},
        profile_version=profile_version,
        now=now,
    )


@transaction.atomic
def rotate_key(*, by: Who, old: SigningKey | None, new: SigningKey, reason: str, now: datetime) -> Rotation:
    """Announce the journal's new key, signed by the old one and the new; without `old` it is lost.

    No sealer signs meanwhile; afterward only the new key does. Raises NotAllowedError for a key that is not
    the journal's or a new one under another name.
    """
    sealing.lock()
    head = ledger.newest_head()
    if head is None:
        raise NotAllowedError("Nothing is sealed yet, so there is no key to replace.")
    replaced = VerifierKey.parse(head.key)
    if new.name != replaced.name or new.verifier == replaced:
        raise NotAllowedError(
            f"The new key must be another one, and bear the journal's name {replaced.name}."
        )
    if old is not None and old.verifier != replaced:
        raise NotAllowedError("This is not the key that signed the newest checkpoint.")
    turn = Rotation(replaced, new.verifier, head.size, reason)
    record(
        verb="audit.key.rotated",
        by=by,
        agency="",
        subject=f"audit.TreeHead:{head.size}",
        detail={
            "reason": reason,
            "new": str(new.verifier),
            "fingerprint": new.verifier.fingerprint,
            "note": turn.signed(*(key for key in (old, new) if key is not None)),
        },
        now=now,
    )
    return turn
