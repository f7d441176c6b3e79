"""What the clock does with entries: ends them, reminds of their end, tells of removals that are overdue."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from plateward.audit import actions as audit
from plateward.audit.who import Who
from plateward.governance.queries import PolicyUnavailableError, profile_for
from plateward.hotlists import queries, timing
from plateward.hotlists.actions import EXPIRES, REMOVAL, journal, settle, subject_of, tell
from plateward.hotlists.models import Entry, EntryState
from plateward.hotlists.rules import Act
from plateward.notices.rules import Addressee, to_person, to_position
from plateward.policy import Profile, Reminded

CLOCK = Who.system("hotlists")


@transaction.atomic
def expire_due(*, now: datetime) -> int:
    """Mark entries whose time is over; returns how many. They stopped matching by themselves."""
    due = list(queries.overdue(now).select_for_update(skip_locked=True, of=("self",)))
    for entry in due:
        entry.state, entry.ended_at = EntryState.EXPIRED, entry.expires_at
        entry.save(update_fields=["state", "ended_at"])
        detail = {"expired_at": entry.ended_at.isoformat() if entry.ended_at else ""}
        journal(Act.EXPIRE, entry, by=CLOCK, profile=None, clause="", now=now, detail=detail)
        settle(entry, by=CLOCK, now=now)
    return len(due)


@transaction.atomic
def remind_due(*, now: datetime) -> int:
    """Remind whom the policy names of entries that end soon; returns of how many."""
    due = [entry.pk for entry in queries.running(now) if _reminder(entry, now)]
    locked = list(_locked(due))
    for entry in locked:
        reminder, profile = _reminder(entry, now), _profile_of(entry, now)
        if reminder is None or profile is None:
            continue
        entry.reminder = reminder
        entry.save(update_fields=["reminder"])
        settle(entry, by=CLOCK, now=now, kinds=[EXPIRES])
        reached = list(dict.fromkeys(_reminded(entry, profile)))
        for addressee in reached:
            tell(entry, EXPIRES, addressee, by=CLOCK, now=now, due_at=entry.expires_at)
        to, basis = ", ".join(one.name for one in reached), profile.hotlists.custom.reminded
        _journal("hotlists.entry.reminded", entry, profile, now, to=to, clause=profile.citation(basis))
    return len(locked)


def _reminder(entry: Entry, now: datetime) -> timing.Reminder | None:
    """The reminder of an entry's end that has come and was not sent."""
    profile = _profile_of(entry, now)
    if profile is None or entry.expires_at is None or entry.reminder == timing.Reminder.LAST:
        return None
    due = timing.reminder_due(profile, entry.expires_at, now)
    return None if due == entry.reminder else due


@transaction.atomic
def tell_of_removals(*, now: datetime) -> int:
    """Tell the next positions of recovered vehicles whose entry still stands; returns how often."""
    told = 0
    for entry in _locked([entry.pk for entry in queries.not_removed(now)]):
        profile = _profile_of(entry, now)
        if profile is None or entry.recovered_at is None:
            continue
        late = timing.told_of_removal(profile, entry.recovered_at, now)[entry.told_of_removal :]
        clause = profile.citation(profile.hotlists.custom.removal_escalates_to)
        for position in late:
            tell(entry, REMOVAL, to_position(position), by=CLOCK, now=now)
            _journal("hotlists.removal.escalated", entry, profile, now, to=position, clause=clause)
        entry.told_of_removal += len(late)
        entry.save(update_fields=["told_of_removal"])
        told += len(late)
    return told


def _locked(entries: list[UUID]) -> QuerySet[Entry]:
    """Those of these entries that still run, but for those somebody works on; the next minute takes them.

    What was removed since it was found is asked about under the lock, so that nobody gets a task about it.
    """
    running = Entry.objects.filter(pk__in=entries, state__in=queries.TIMED)
    locked = running.select_for_update(skip_locked=True, of=("self",))
    return locked.select_related("requested_by", "entered_by").order_by("pk")


def _reminded(entry: Entry, profile: Profile) -> Iterator[Addressee]:
    for one in timing.reminded(profile):
        if one is Reminded.APPROVER:
            yield to_position(entry.decided_as)
        elif one is Reminded.REQUESTER:
            yield to_person(entry.requested_by_id, entry.requested_by.full_name)
        elif entry.entered_by is not None:
            yield to_person(entry.entered_by.pk, entry.entered_by.full_name)


def _profile_of(entry: Entry, now: datetime) -> Profile | None:
    """The agency's policy in force; None where none can be read, which doctor says."""
    try:
        return profile_for(entry.agency_id, now)
    except PolicyUnavailableError:
        return None


def _journal(verb: str, entry: Entry, profile: Profile, now: datetime, *, to: str, clause: str) -> None:
    audit.record(
        verb=verb,
        by=CLOCK,
        agency=entry.agency_id,
        subject=subject_of(entry),
        detail={"to": to, "clause": clause},
        profile_version=profile.version,
        now=now,
    )
