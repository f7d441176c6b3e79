"""Requesting, deciding, re-confirming and ending custom hotlist entries (B-466.11).

Each act asks the rules, changes the row under a lock, journals and publishes, all in one transaction.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction

from plateward.audit import actions as audit
from plateward.audit.who import Who
from plateward.governance.actions import journal_refusal
from plateward.governance.actor import Actor
from plateward.hotlists import lists, queries, rules
from plateward.hotlists.models import Entry, EntryState, Hotlist, HotlistKind, Unavailability
from plateward.hotlists.rules import Act, EntryFacts
from plateward.live import actions as live
from plateward.plates import PlatePattern
from plateward.policy import Decision, Profile, screen_reason

CUSTOM_HOTLIST = "Custom hotlist"


@transaction.atomic
def request_entry(
    *,
    plate: str,
    region: str,
    vehicle_description: str,
    purpose: str,
    reason: str,
    by: Actor,
    now: datetime,
    case_number: str = "",
) -> Entry:
    """Ask for a plate to be put on the agency's custom hotlist; nothing matches before it is approved.

    Raises Refused (title, training, purpose, or a policy silent about custom hotlists) and ValidationError
    (no plate, an impossible plate, a partial one where the policy allows none, a missing reason, or a missing
    case number where the policy asks for one).
    """
    by.require("hotlists.request")
    decision = rules.may_request(by.profile, by.person, purpose).require()
    hotlist, _ = Hotlist.objects.get_or_create(
        agency_id=by.agency, name=CUSTOM_HOTLIST, defaults={"kind": HotlistKind.CUSTOM}
    )
    spelled, key = lists.spelled(plate)
    if not PlatePattern(spelled).is_exact and not (partial := rules.may_be_partial(by.profile)):
        raise ValidationError({"plate": f"{partial.reason} {partial.remedy} ({partial.clause})"})
    if problem := rules.case_number_problem(by.profile, case_number.strip()):
        raise ValidationError({"case_number": problem})
    entry = Entry(
        agency_id=by.agency,
        hotlist=hotlist,
        plate=spelled,
        plate_key=key,
        region=region,
        vehicle_description=vehicle_description.strip(),
        purpose=purpose,
        reason=reason.strip(),
        case_number=case_number.strip(),
        requested_by_id=by.user_id,
        requested_as=by.title,
        requested_at=now,
        profile_version=by.profile.version,
    )
    entry.full_clean()
    entry.save(force_insert=True)
    _journal(
        Act.REQUEST,
        entry,
        by=by.who,
        profile=by.profile,
        clause=decision.clause,
        now=now,
        detail=_asked(entry) | {"flags": [flag.use for flag in screen_reason(by.profile, entry.reason)]},
    )
    return entry


@transaction.atomic
def assert_unavailable(
    *, entry: Entry, position: str, reason: str, by: Actor, now: datetime
) -> Unavailability:
    """Record that the approver of the chain is unavailable, so that an alternative may decide (B-466.11).

    Raises Refused, and ValidationError without a reason.
    """
    locked, _, decision = _decided(Act.ASSERT_UNAVAILABLE, entry, by=by, now=now, position=position)
    assertion = Unavailability(
        entry=locked, position=position, reason=reason.strip(), asserted_by_id=by.user_id, asserted_at=now
    )
    assertion.full_clean()
    assertion.save(force_insert=True)
    detail = {"position": position, "reason": assertion.reason}
    _journal(
        Act.ASSERT_UNAVAILABLE,
        locked,
        by=by.who,
        profile=by.profile,
        clause=decision.clause,
        now=now,
        detail=detail,
    )
    return assertion


@transaction.atomic
def approve(*, entry: Entry, by: Actor, now: datetime, note: str = "") -> Entry:
    """Make a requested entry active until its period ends; its narrative names the approver.

    Raises Refused.
    """
    locked, facts, decision = _decided(Act.APPROVE, entry, by=by, now=now)
    position = rules.acting_position(by.profile, facts, by.person)
    line = _line("Approved", by, position, decision.clause, now)
    locked.state = EntryState.ACTIVE
    locked.decided_by_id, locked.decided_as, locked.decided_at = by.user_id, position, now
    locked.decision_note = note.strip()
    locked.expires_at = rules.active_until(by.profile, now)
    locked.narrative = f"{line}\n{locked.reason}"
    locked.full_clean()
    locked.save()
    detail = {"as": position, "expires_at": locked.expires_at.isoformat(), "note": locked.decision_note}
    detail |= rules.stood_in_for(by.profile, facts, position)
    _journal(
        Act.APPROVE, locked, by=by.who, profile=by.profile, clause=decision.clause, now=now, detail=detail
    )
    return locked


@transaction.atomic
def refuse(*, entry: Entry, note: str, by: Actor, now: datetime) -> Entry:
    """Decide against a request, with a reason for the requester.

    Raises Refused, and ValidationError without a reason.
    """
    locked, facts, decision = _decided(Act.REFUSE, entry, by=by, now=now)
    locked.state = EntryState.REFUSED
    locked.decided_by_id, locked.decided_at = by.user_id, now
    locked.decided_as = rules.acting_position(by.profile, facts, by.person)
    locked.decision_note = _reason(note, "note")
    locked.full_clean()
    locked.save()
    detail = {"as": locked.decided_as, "note": locked.decision_note}
    detail |= rules.stood_in_for(by.profile, facts, locked.decided_as)
    _journal(
        Act.REFUSE, locked, by=by.who, profile=by.profile, clause=decision.clause, now=now, detail=detail
    )
    return locked


@transaction.atomic
def withdraw(*, entry: Entry, by: Actor, now: datetime, note: str = "") -> Entry:
    """Take back one's own request before anybody decides. Raises Refused."""
    locked, _, decision = _decided(Act.WITHDRAW, entry, by=by, now=now)
    return _end(Act.WITHDRAW, locked, note=note.strip(), by=by, clause=decision.clause, now=now)


@transaction.atomic
def refresh(*, entry: Entry, note: str, by: Actor, now: datetime) -> Entry:
    """Re-confirm an active entry against its ground, so that it stays for a further period from `now`.

    `note` says what was re-confirmed: moving a clock is no refresh (R57). Raises Refused, and
    ValidationError without a note.
    """
    locked, facts, decision = _decided(Act.REFRESH, entry, by=by, now=now)
    confirmed, position = _reason(note, "note"), rules.acting_position(by.profile, facts, by.person)
    line = _line("Re-confirmed", by, position, decision.clause, now)
    locked.refreshed_at, locked.expires_at = now, rules.active_until(by.profile, now)
    locked.narrative = f"{locked.narrative}\n{line} {confirmed}"
    locked.full_clean()
    locked.save()
    detail = {"as": position, "confirmed": confirmed, "expires_at": locked.expires_at.isoformat()}
    _journal(
        Act.REFRESH, locked, by=by.who, profile=by.profile, clause=decision.clause, now=now, detail=detail
    )
    return locked


@transaction.atomic
def remove(*, entry: Entry, note: str, by: Actor, now: datetime) -> Entry:
    """Take an entry off the list, as on recovery by whoever located the vehicle (B-466.11).

    Raises Refused, and ValidationError without a reason.
    """
    locked, _, decision = _decided(Act.REMOVE, entry, by=by, now=now)
    return _end(Act.REMOVE, locked, note=_reason(note, "note"), by=by, clause=decision.clause, now=now)


@transaction.atomic
def expire_due(*, now: datetime) -> int:
    """Mark entries whose time is over; returns how many. They stopped matching by themselves."""
    clock = Who.system("hotlists")
    due = list(queries.overdue(now).select_for_update(skip_locked=True))
    for entry in due:
        entry.state, entry.ended_at = EntryState.EXPIRED, entry.expires_at
        entry.save(update_fields=["state", "ended_at"])
        detail = {"expired_at": entry.ended_at.isoformat() if entry.ended_at else ""}
        _journal(Act.EXPIRE, entry, by=clock, profile=None, clause="", now=now, detail=detail)
    return len(due)


def journal_withheld(*, entry: Entry, decision: Decision, by: Actor, now: datetime) -> None:
    """Record that somebody opened an entry of whose data they were shown the plate alone (B-466.4(e))."""
    journal_refusal(actor=by, decision=decision, attempted=f"hotlists.Entry:{entry.pk}", now=now)


def _decided(
    act: Act, entry: Entry, *, by: Actor, now: datetime, position: str = ""
) -> tuple[Entry, EntryFacts, Decision]:
    """Lock the entry and let the rules decide on it as it is now; raises Refused, Entry.DoesNotExist."""
    by.require("hotlists.view")
    locked = Entry.objects.select_for_update().get(pk=entry.pk, agency_id=by.agency)
    facts = queries.facts_of([locked], profile=by.profile, now=now)[locked.pk]
    decision = rules.decide(act, by.profile, facts, by.person, now=now, position=position)
    return locked, facts, decision.require()


def _end(act: Act, entry: Entry, *, note: str, by: Actor, clause: str, now: datetime) -> Entry:
    entry.state = rules.transition_of(act).target
    entry.ended_by_id, entry.ended_at, entry.ended_note = by.user_id, now, note
    entry.full_clean()
    entry.save()
    who = by.acting("hotlists.remove") if act is Act.REMOVE else by.who
    _journal(act, entry, by=who, profile=by.profile, clause=clause, now=now, detail={"note": note})
    return entry


def _reason(text: str, field: str) -> str:
    if not text.strip():
        raise ValidationError({field: "Give the reason; it goes on record."})
    return text.strip()


def _line(act: str, by: Actor, position: str, clause: str, now: datetime) -> str:
    return rules.narrative_line(
        act,
        name=by.name,
        title=by.title,
        position=position,
        clause=clause,
        profile=by.profile,
        local_at=now.astimezone(ZoneInfo(by.profile.agency.time_zone)),
    )


def _asked(entry: Entry) -> dict[str, Any]:
    return {
        "plate": entry.plate,
        "region": entry.region,
        "vehicle": entry.vehicle_description,
        "purpose": entry.purpose,
        "reason": entry.reason,
        "case_number": entry.case_number,
    }


def _journal(
    act: Act,
    entry: Entry,
    *,
    by: Who,
    profile: Profile | None,
    clause: str,
    now: datetime,
    detail: Mapping[str, Any],
) -> None:
    audit.record(
        verb=rules.transition_of(act).verb,
        by=by,
        agency=entry.agency_id,
        subject=f"hotlists.Entry:{entry.pk}",
        detail={**detail, "clause": clause},
        profile_version=profile.version if profile else entry.profile_version,
        now=now,
    )
    live.publish(agency=entry.agency_id, topic="entries", id=str(entry.pk))
