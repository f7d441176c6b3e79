"""Carrying out an approved purge, step by step; each step is a transaction of its own.

Killed at any moment, it goes on with the first step that is not done: a partition is replaced or it is not,
files go only after the key that opens them was destroyed, and a second look finds what came meanwhile.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from plateward.audit.who import CLOCK
from plateward.evidence.holding import held_condition, lock_holds
from plateward.governance.queries import profile_for
from plateward.reads import keys
from plateward.reads.key_actions import keep_apart, prepare_kept
from plateward.reads.partitions import Partition
from plateward.reads.store import PictureStore
from plateward.retention import destruction, rules, standing, waiting
from plateward.retention.closing_actions import close_days, keep_proofs
from plateward.retention.destruction import Counts, Span
from plateward.retention.models import DayRoot, HeldRead, KeptLeaf, Purge, PurgeDay
from plateward.retention.noting import add, journal, owe_files
from plateward.retention.purge_actions import span_of
from plateward.retention.rules import Balance, PurgeState


class PurgeStoppedError(Exception):
    """A purge may not go on; the message says why and what to do."""


class UnevenError(Exception):
    """After a step the database does not hold what it should: the step is undone."""


def kept_for(purge: Purge) -> str:
    """The name of the keys under which held pictures are sealed anew for a purge."""
    return f"held at purge {purge.number}"


@transaction.atomic
def begin(*, purge_id: UUID, now: datetime) -> Purge:
    """Let an approved purge begin, or one under way go on, after a look whether it still may.

    Raises PurgeStoppedError, and Purge.DoesNotExist for one that is neither.
    """
    purge = Purge.objects.select_for_update().get(
        pk=purge_id, state__in=[PurgeState.APPROVED, PurgeState.RUNNING]
    )
    profile = profile_for(purge.agency_id, now)
    refusal = standing.purge_refusal(purge.agency_id, profile, purge.source, now, purge.classes)
    if refusal is not None:
        raise PurgeStoppedError(f"{refusal.reason} {refusal.remedy}")
    before = rules.purgeable_before(profile, purge.source, now, purge.classes)
    if before is None or purge.until_at > before:
        raise PurgeStoppedError(
            "The policy in force keeps some of these reads longer than when this purge was approved. "
            "End it, and propose another."
        )
    belong = set(standing.devices_of(purge.agency_id, profile, purge.source))
    if set(purge.devices) - (
        belong - standing.kept_longer(purge.agency_id, profile, purge.source, purge.until_at, now)
    ):
        raise PurgeStoppedError(
            f"Devices of this purge are not {purge.source} any more, or were under a source that keeps their "
            "reads longer. "
            "End it, and propose another."
        )
    if destruction.is_any_plain(span_of(purge)):
        raise PurgeStoppedError(
            "Pictures of these days lie unencrypted, as an earlier release stored them, so no destroyed key "
            "would end them. Run `plateward pictures encrypt`, then let this purge go on."
        )
    if purge.state == PurgeState.APPROVED:
        purge.state, purge.begun_at = PurgeState.RUNNING, now
        purge.save(update_fields=["state", "begun_at"])
        journal("retention.purge.begun", purge, CLOCK, now)
    return purge


@transaction.atomic
def stop(*, purge_id: UUID, problem: str, now: datetime) -> None:
    """Stop a purge that may not go on, saying why; a person lets it go on."""
    purge = Purge.objects.select_for_update().get(
        pk=purge_id, state__in=[PurgeState.APPROVED, PurgeState.RUNNING]
    )
    purge.state, purge.problem = PurgeState.FAILED, problem[:500]
    purge.save(update_fields=["state", "problem"])
    journal("retention.purge.stopped", purge, CLOCK, now, {"reason": purge.problem})
    text = f"Purge {purge.number} was stopped. Let it go on, or end it: what it destroyed is then certified."
    profile = profile_for(purge.agency_id, now)
    waiting.ask(purge, waiting.STOPPED, text, profile=profile, by=CLOCK, now=now)


def keep_held_pictures(
    *, purge: Purge, part: Partition, now: datetime, store: PictureStore | None = None
) -> int:
    """Seal the pictures of a partition's held reads anew, before the table is locked; returns how many.

    Their keys are there first, for good. What proves the reads is written down too: making a day's tree anew
    takes long. Raises PictureError, OSError, MasterKeyError.
    """
    span = span_of(purge).within(part)
    with transaction.atomic():
        held = hold_back(purge, span)
        pictures = destruction.held_pictures(purge.pk, span)
        prepare_kept(picture_ids=pictures, kept_for=kept_for(purge), now=now)
    if not purge.pictures_only:
        with transaction.atomic():
            _keep_proofs(purge, span, _roots(span, held), held)
    with transaction.atomic():
        hold_back(purge, span)
        return keep_pictures(purge, span, now, store)


def hold_back(purge: Purge, span: Span) -> Counts:
    """Lock the holds and note which reads of the span stay; how many of each day."""
    lock_holds(purge.agency_id, alone=True)
    return destruction.hold_back(purge.pk, span, held_condition("read"))


def keep_pictures(purge: Purge, span: Span, now: datetime, store: PictureStore | None) -> int:
    """Seal the pictures of the noted reads under a key of the purge, in the caller's transaction."""
    held = destruction.held_pictures(purge.pk, span)
    if not held:
        return 0
    return keep_apart(by=CLOCK, picture_ids=held, kept_for=kept_for(purge), now=now, store=store)


@transaction.atomic
def purge_part(*, purge: Purge, part: Partition, now: datetime, store: PictureStore | None = None) -> Balance:
    """Destroy what goes of one partition: rows, pictures, keys and salts.

    Holds are locked first and looked at then: one placed meanwhile waits, one placed before counts. Raises
    UnevenError, PictureError, OSError, MasterKeyError, and django.db.Error where the table stays taken.
    """
    Purge.objects.select_for_update().get(pk=purge.pk, state=PurgeState.RUNNING)
    span = span_of(purge).within(part)
    lock_holds(purge.agency_id, alone=True)
    destruction.lock()
    close_days(agency=purge.agency_id, span=span, now=now, all_stored=True)
    left_over = destruction.left_over(span)
    there = {**dict.fromkeys(left_over, 0), **destruction.counts(span)}
    held = destruction.hold_back(purge.pk, span, held_condition("read"))
    roots = _roots(span, there)
    unproved = _keep_proofs(purge, span, roots, held)
    keep_pictures(purge, span, now, store)
    pictures, files = destruction.delete_pictures(purge.pk, span)
    owe_files(purge, files)
    beside = {**destruction.delete_beside(purge.pk, span), "payloads": destruction.delete_unread(span)}
    because = f"purge {purge.number}: older than {purge.ground}"
    destroyed = destruction.destroy_keys(_with_days(span, left_over), because=because[:300], now=now)
    _destroy_salts(span, roots, purge, now)
    all_of_days = destruction.counts(span.whole_days)
    days = _days(purge, there, held, pictures, roots, now)
    for day in days:
        at = (day.device_id, day.captured_date)
        day.remaining = all_of_days.get(at, 0) - there[at]
    PurgeDay.objects.bulk_update(days, ["remaining"])
    add(purge, {**beside, "keys": destroyed, "unproved": unproved})
    total = rules.total(day.balance for day in days)
    journal(
        "retention.day.purged",
        purge,
        CLOCK,
        now,
        {
            "from": span.from_at.isoformat(),
            "purged": total.purged,
            "held": total.held,
            "ingested": total.ingested,
            "pictures": sum(pictures.values()),
            "payloads": beside["payloads"],
            "keys": destroyed,
        },
    )
    transaction.on_commit(keys.forget_unwrapped)
    _destroy_rows(purge, part, span, held, now)
    return total


def _with_days(span: Span, earlier: Sequence[tuple[UUID, date]]) -> Span:
    """The span, begun with the earliest of these days."""
    first = min((day for _, day in earlier), default=span.from_at.astimezone(UTC).date())
    begin = min(span.from_at, datetime.combine(first, time(), UTC))
    return Span(span.agency, span.devices, begin, span.until_at)


def _destroy_rows(purge: Purge, part: Partition, span: Span, held: Counts, now: datetime) -> None:
    """The last step of its transaction, since searches wait from here to its end."""

    def check() -> None:
        if destruction.counts(span) != held:
            raise UnevenError(
                "After a partition was purged it did not hold what it should; nothing was changed."
            )

    if part.until_at <= rules.day_of(now):
        destruction.replace_partition(purge.pk, part, check)
    else:
        destruction.delete_rows(purge.pk, span)
        check()


def _roots(span: Span, days: Counts) -> Mapping[tuple[UUID, date], list[DayRoot]]:
    found: dict[tuple[UUID, date], list[DayRoot]] = defaultdict(list)
    wanted = {day for _, day in days}
    rows = DayRoot.objects.filter(agency_id=span.agency, device_id__in=span.devices, captured_date__in=wanted)
    for row in rows.order_by("number"):
        found[row.device_id, row.captured_date].append(row)
    return found


def _keep_proofs(
    purge: Purge, span: Span, roots: Mapping[tuple[UUID, date], list[DayRoot]], held: Counts
) -> int:
    """Write down what proves the held reads; returns how many roots could not be made again."""
    ids = set(
        HeldRead.objects.filter(
            purge=purge, captured_at__gte=span.from_at, captured_at__lt=span.until_at
        ).values_list("read_id", flat=True)
    )
    rows = [row for at in held for row in roots.get(at, ()) if row.salt_key is not None]
    ids -= set(KeptLeaf.objects.filter(day_root__in=rows).values_list("read_id", flat=True))
    return sum(not keep_proofs(row=row, kept=ids) for row in rows) if ids else 0


def _destroy_salts(
    span: Span, roots: Mapping[tuple[UUID, date], list[DayRoot]], purge: Purge, now: datetime
) -> None:
    """Of whole days; and the salts kept of reads that were held once and go now."""
    last = span.until_at.astimezone(UTC).date()
    over = [row.pk for (_, day), rows in roots.items() if day < last for row in rows]
    DayRoot.objects.filter(pk__in=over, salt_key__isnull=False).update(salt_key=None, destroyed_at=now)
    held = HeldRead.objects.filter(purge=purge).values("read_id")
    gone = KeptLeaf.objects.filter(
        day_root__in=over, captured_at__gte=span.from_at, captured_at__lt=span.until_at
    )
    gone.exclude(read_id__in=held).delete()


def _days(
    purge: Purge,
    there: Counts,
    held: Counts,
    pictures: Counts,
    roots: Mapping[tuple[UUID, date], list[DayRoot]],
    now: datetime,
) -> list[PurgeDay]:
    known = {(row.device_id, row.captured_date): row for row in purge.days.all()}
    before = _purged_before(purge, there)
    rows = []
    for at, number in there.items():
        row = known.get(at) or PurgeDay(
            agency_id=purge.agency_id,
            purge=purge,
            device_id=at[0],
            captured_date=at[1],
            foreseen=0,
            foreseen_held=0,
        )
        row.ingested = sum(root.reads for root in roots.get(at, ()))
        row.purged_before = before.get(at, 0)
        row.purged += number - held.get(at, 0)
        row.held = held.get(at, 0)
        row.pictures += pictures.get(at, 0)
        row.rows_at, row.files_at, row.settled_at = now, None, None
        row.save()
        rows.append(row)
    return rows


def _purged_before(purge: Purge, days: Counts) -> Counts:
    earlier = PurgeDay.objects.filter(
        agency_id=purge.agency_id, captured_date__in={day for _, day in days}, purged__gt=0
    ).exclude(purge=purge)
    sums = earlier.order_by().values_list("device_id", "captured_date").annotate(Sum("purged"))
    return {(device, day): number for device, day, number in sums}


def note_problem(*, purge_id: UUID, problem: str) -> None:
    """Tell what keeps a purge from going on now; the worker tries again."""
    Purge.objects.filter(pk=purge_id, state=PurgeState.RUNNING).update(problem=problem[:500])
