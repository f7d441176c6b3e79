"""Proposing a purge with its preview, and deciding it; `running_actions` carries it out."""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from plateward.audit.who import CLOCK, Who
from plateward.evidence.holding import held_condition
from plateward.governance.actor import Actor
from plateward.policy import Profile, enforces
from plateward.retention import destruction, picture_counts, rules, standing, waiting
from plateward.retention.closing_actions import close_days
from plateward.retention.destruction import Span
from plateward.retention.models import Purge, PurgeDay
from plateward.retention.noting import journal
from plateward.retention.rules import UNDER_WAY, PurgeState

STANDING = Who.system("standing authority")
"""Who approves where the policy lets purges run without a person's word for each."""


_VERBS: Final = {
    "reads": {
        "proposed": "retention.purge.proposed",
        "approved": "retention.purge.approved",
        "refused": "retention.purge.refused",
    },
    "pictures": {
        "proposed": "retention.pictures.proposed",
        "approved": "retention.pictures.approved",
        "refused": "retention.pictures.refused",
    },
}


def span_of(purge: Purge) -> Span:
    """What a purge is about."""
    return Span(purge.agency_id, tuple(purge.devices), purge.from_at, purge.until_at)


@enforces("B-466.5¶2", "H-426.4¶2", "B-466.3.1(f)", "H-426.2.1(f)")
@transaction.atomic
def propose(
    *, source: str, until_at: datetime | None, by: Actor, now: datetime, pictures_only: bool = False
) -> Purge:
    """Propose to destroy a source's reads before `until_at`, or all that may go, with a preview of each day.

    Or its pictures alone, where the policy says a length of their own for them.

    Raises Refused (below the floor, layers that contradict, a length left to another document, no signed
    schedule, no authority on file) and ValidationError (nothing due, another under way).
    """
    by.require("retention.agree")
    classes = rules.PICTURES if pictures_only else rules.CLASSES
    purge = _proposed(by.agency, by.profile, source, classes, until_at, by.who, now)
    return _put(purge, by.profile, by.who, now)


@transaction.atomic
def propose_due(
    *, agency: str, profile: Profile, source: str, now: datetime, classes: rules.Classes = rules.CLASSES
) -> Purge:
    """The clock proposes what may go; with a standing authority it is approved by that.

    Raises Refused and ValidationError as `propose` does.
    """
    return _put(_proposed(agency, profile, source, classes, None, CLOCK, now), profile, CLOCK, now)


def propose_short(*, agency: str, profile: Profile, source: str, now: datetime) -> Purge | None:
    """The clock's look each minute at a source with a short ceiling: what would pass it before the next goes.

    None where the ceiling is not short or nothing is due. Raises Refused and ValidationError as `propose`.
    """
    if not rules.is_short(profile, source, now):
        return None
    devices = standing.devices_of(agency, profile, source)
    oldest_at = destruction.oldest(agency, devices, f"NOT ({held_condition('read')})")
    if oldest_at is None or not rules.must_go(profile, source, oldest_at, now):
        return None
    return propose_due(agency=agency, profile=profile, source=source, now=now)


def _put(purge: Purge, profile: Profile, by: Who, now: datetime) -> Purge:
    """Approve it at once by the standing authority where the policy gives one; else ask another person."""
    if profile.retention.standing_authority.settled:
        return _decide(purge, PurgeState.APPROVED, STANDING, now)
    text = f"Decide on purge {purge.number}, proposed by {by.name}. Until then nothing else is purged."
    waiting.ask(purge, waiting.TO_DECIDE, text, profile=profile, by=by, now=now)
    return purge


def _proposed(
    agency: str,
    profile: Profile,
    source: str,
    classes: rules.Classes,
    until_at: datetime | None,
    by: Who,
    now: datetime,
) -> Purge:
    pictures_only = classes == rules.PICTURES
    if pictures_only and rules.rule_of_pictures(profile, source) is None:
        raise ValidationError("The policy says no length of its own for these pictures: purge their reads.")
    if (refusal := standing.purge_refusal(agency, profile, source, now, classes)) is not None:
        refusal.require()
    may_go_before = rules.purgeable_before(profile, source, now, classes)
    assert may_go_before is not None  # noqa: S101  else it was refused
    until_at = until_at or may_go_before
    if until_at > may_go_before:
        rules.floor_refusal(profile, source, until_at, now, classes).require()
    if Purge.objects.filter(agency_id=agency, state__in=UNDER_WAY).exists():
        raise ValidationError("Another purge is under way or waits for a second person. Decide that first.")
    kept = standing.kept_longer(agency, profile, source, until_at, now)
    devices = [one for one in standing.devices_of(agency, profile, source) if one not in kept]
    unheld = f"NOT ({held_condition('read')})"
    oldest = picture_counts.oldest if pictures_only else destruction.oldest
    from_at = oldest(agency, devices, unheld)
    if from_at is None or from_at >= until_at:
        what = "picture" if pictures_only else "read"
        told = f"No {what} of this source that nobody holds is old enough to be purged."
        if kept:
            told += " Devices that were under another source before stay until that one's time is over."
        raise ValidationError(told)
    authority = standing.authority_for(agency, source)
    assert authority is not None  # noqa: S101  else it was refused
    from_at = oldest(agency, devices) or from_at
    purge = Purge.objects.create(
        agency_id=agency,
        number=(Purge.objects.filter(agency_id=agency).aggregate(last=Max("number"))["last"] or 0) + 1,
        source=source,
        devices=devices,
        from_at=rules.day_of(from_at),
        until_at=until_at,
        ground=rules.ground(profile, source, now, classes),
        pictures_only=pictures_only,
        profile_version=profile.version,
        rules_sha256=rules.rules_digest(profile),
        authority=str(
            f"{authority.resolution} of {authority.resolution_date:%Y-%m-%d}; consent of "
            f"{authority.consent_by}, {authority.consent_date:%Y-%m-%d}"
        )[:400],
        proposed_by=by.username,
        proposed_by_name=by.name,
        proposed_at=now,
    )
    span = span_of(purge)
    if not pictures_only:
        close_days(agency=agency, span=span, now=now)
    _preview(purge, span)
    _journal("proposed", purge, by, now)
    return purge


def _preview(purge: Purge, span: Span) -> None:
    """What would go and what would stay, by day and device."""
    counts = picture_counts.counts if purge.pictures_only else destruction.counts
    there = counts(span)
    held = counts(span, held_condition("read"))
    PurgeDay.objects.bulk_create(
        PurgeDay(
            agency_id=purge.agency_id,
            purge=purge,
            device_id=device,
            captured_date=day,
            foreseen=number - held.get((device, day), 0),
            foreseen_held=held.get((device, day), 0),
        )
        for (device, day), number in there.items()
    )


def _journal(act: str, purge: Purge, by: Who, now: datetime) -> None:
    """Journal an act with how much it is about."""
    what = "pictures" if purge.pictures_only else "reads"
    foreseen = sum(purge.days.values_list("foreseen", flat=True))
    journal(_VERBS[what][act], purge, by, now, {what: foreseen})


@transaction.atomic
def approve(*, purge_id: UUID, by: Actor, now: datetime) -> Purge:
    """Let a proposed purge run; never by who proposed it.

    Raises Refused, Purge.DoesNotExist and ValidationError.
    """
    by.require("retention.purge")
    purge = _proposed_one(purge_id, by.agency)
    if purge.proposed_by == by.username:
        raise ValidationError("Data are destroyed on the word of two people: have somebody else approve it.")
    if (
        refusal := standing.purge_refusal(by.agency, by.profile, purge.source, now, purge.classes)
    ) is not None:
        refusal.require()
    return _decide(purge, PurgeState.APPROVED, by.who, now)


@transaction.atomic
def refuse(*, purge_id: UUID, by: Actor, now: datetime) -> Purge:
    """Have a proposed purge not done; who proposed it may do so too.

    Raises Refused, Purge.DoesNotExist and ValidationError.
    """
    by.require("retention.agree")
    return _decide(_proposed_one(purge_id, by.agency), PurgeState.REFUSED, by.who, now)


@transaction.atomic
def resume(*, purge_id: UUID, by: Actor, now: datetime) -> Purge:
    """Let a purge that was stopped go on; what stopped it is looked at again first.

    Raises Refused, Purge.DoesNotExist and ValidationError.
    """
    by.require("retention.purge")
    purge = Purge.objects.select_for_update().get(pk=purge_id, agency_id=by.agency, state=PurgeState.FAILED)
    if (
        refusal := standing.purge_refusal(by.agency, by.profile, purge.source, now, purge.classes)
    ) is not None:
        refusal.require()
    if Purge.objects.filter(agency_id=by.agency, state__in=UNDER_WAY).exists():
        raise ValidationError("Another purge is under way or waits for a second person. Decide that first.")
    purge.state, purge.problem = PurgeState.RUNNING, ""
    purge.save(update_fields=["state", "problem"])
    journal("retention.purge.resumed", purge, by.who, now)
    waiting.settle(purge, waiting.STOPPED, by=by.who, now=now)
    return purge


@transaction.atomic
def end(*, purge_id: UUID, by: Actor, now: datetime) -> Purge:
    """End a purge that was stopped: the worker certifies what it destroyed, and the rest stays.

    Raises Refused and Purge.DoesNotExist.
    """
    by.require("retention.purge")
    purge = Purge.objects.select_for_update().get(pk=purge_id, agency_id=by.agency, state=PurgeState.FAILED)
    purge.state = PurgeState.ENDED
    if not purge.days.filter(rows_at__isnull=False).exists():
        purge.done_at = now  # nothing to certify
    purge.save(update_fields=["state", "done_at"])
    journal("retention.purge.ended", purge, by.who, now, {"reason": purge.problem})
    waiting.settle(purge, waiting.STOPPED, by=by.who, now=now)
    return purge


def _proposed_one(purge_id: UUID, agency: str) -> Purge:
    return Purge.objects.select_for_update().get(pk=purge_id, agency_id=agency, state=PurgeState.PROPOSED)


def _decide(purge: Purge, state: PurgeState, by: Who, now: datetime) -> Purge:
    purge.state = state
    purge.decided_by, purge.decided_by_name, purge.decided_at = by.username, by.name, now
    if state is PurgeState.REFUSED and purge.proposed_by == by.username:
        purge.decided_by = ""  # withdrawn by who proposed it
    purge.save(update_fields=["state", "decided_by", "decided_by_name", "decided_at"])
    _journal("approved" if state is PurgeState.APPROVED else "refused", purge, by, now)
    waiting.settle(purge, waiting.TO_DECIDE, by=by, now=now)
    return purge
