"""Holds asked for, decided, confirmed and released; looking at what one holds (B-466.5¶2, H-426.4¶2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import Max

from plateward.accounts.models import Agency, User
from plateward.audit import actions as audit
from plateward.audit.models import AccessRecord
from plateward.audit.who import Who
from plateward.devices.models import Device
from plateward.evidence import gathering, hold_queries, holding
from plateward.evidence.hold_models import Hold, HoldScope
from plateward.evidence.hold_rules import (
    Act,
    HoldError,
    HoldState,
    Scope,
    ScopeKind,
    WantedHold,
    capability_for,
    check,
    decide,
    reason_allowed,
    reason_words,
    review_at,
    transition_of,
)
from plateward.evidence.hold_telling import ask_approvers, leave_task, subject_of
from plateward.governance.actor import Actor
from plateward.notices import actions as notices
from plateward.notices.rules import to_person
from plateward.policy import Profile, enforces, purpose_allowed
from plateward.policy.screening import screen_reason
from plateward.reads.models import Read

APPROVAL: Final = "hold-approval"
RELEASE: Final = "hold-release"
REVIEW: Final = "hold-review"
CLOSED: Final = "hold-case-closed"
BOOKING: Final = "hold-booking"
TASKS: Final = (APPROVAL, RELEASE, REVIEW, CLOSED, BOOKING)
"""Kinds of notices about a hold: what waits for somebody until it is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a hold covers now, and a page of its reads where they were asked for; `access` is committed."""

    hold: Hold
    held: holding.Held
    reads: Sequence[Read]
    access: AccessRecord


@enforces("B-466.5¶2-purge", "H-426.4¶2-purge")
@transaction.atomic(durable=True)
def request_hold(*, by: Actor, wanted: WantedHold, now: datetime) -> Hold:
    """Have data held from this moment on, and ask those who approve holds to decide.

    How many reads it holds now is an access of its own. Raises Refused (capability, reason, purpose) and
    HoldError (what was not stated, another agency's device).
    """
    by.require("evidence.hold")
    reason_allowed(by.profile, wanted.reason).require()
    purpose_allowed(by.profile, wanted.purpose).require()
    check(wanted, now)
    _check_devices(by.agency, wanted.scopes)
    holding.lock_holds(by.agency, alone=False)
    hold = _made(by, wanted, now)
    HoldScope.objects.bulk_create([HoldScope.of(hold, scope) for scope in _distinct(wanted.scopes)])
    gathering.keep_found(hold)
    detail = {"number": hold.number, "reason": reason_words(wanted.reason), "form": wanted.form.value}
    _journal(transition_of(Act.REQUEST).verb, hold, by.who, now, by.profile, detail)
    _record_look(by, hold, holding.what_is_held(hold), now, {})
    text = f"Decide on hold {hold.number}, asked for by {by.name}. Until then nothing of it is purged."
    ask_approvers(hold, APPROVAL, text, by, now)
    return hold


def _made(by: Actor, wanted: WantedHold, now: datetime) -> Hold:
    """The row of a new hold, under the agency's next number."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext('evidence.hold_number'), hashtext(%s))", [by.agency]
        )
    highest = Hold.objects.filter(agency_id=by.agency).aggregate(highest=Max("number"))["highest"]
    return Hold.objects.create(
        agency=Agency(pk=by.agency),
        number=(highest or 0) + 1,
        reason=wanted.reason.value,
        explanation=wanted.explanation.strip(),
        purpose=wanted.purpose,
        reference=wanted.reference.strip(),
        form=wanted.form.value,
        facts=wanted.facts.strip(),
        sworn_by=wanted.sworn_by.strip(),
        requested_by=User(pk=by.user_id),
        requested_at=now,
        review_at=review_at(by.profile, wanted.review_at, now),
    )


def _check_devices(agency: str, scopes: Sequence[Scope]) -> None:
    wanted = {scope.device_id for scope in scopes if scope.device_id}
    if Device.objects.filter(agency_id=agency, pk__in=wanted).count() < len(wanted):
        raise HoldError("A camera was named that this agency does not have. Choose from the list.", "devices")


def _distinct(scopes: Sequence[Scope]) -> list[Scope]:
    return list(dict.fromkeys(scopes))


@enforces("B-466.5¶2-purge", "H-426.4¶2-purge")
def approve_hold(*, by: Actor, hold: Hold, note: str, now: datetime) -> Hold:
    """Say that the data are rightly held. Raises Refused, also for who asked for it."""
    return _decided(by, hold, Act.APPROVE, note, now)


@enforces("B-466.5¶2-purge", "H-426.4¶2-purge")
def refuse_hold(*, by: Actor, hold: Hold, note: str, now: datetime) -> Hold:
    """Refuse a hold with the reason: what it held may be purged again. Raises Refused and HoldError."""
    _need(note, "Say why the hold is refused, for whoever asked for it.")
    return _decided(by, hold, Act.REFUSE, note, now)


def _decided(by: Actor, hold: Hold, act: Act, note: str, now: datetime) -> Hold:
    decision = {"decided_by": User(pk=by.user_id), "decided_at": now, "decision_note": note.strip()}
    with transaction.atomic():
        kept = _changed(by, hold, act, now, decision, {"note": note.strip()})
        _settle(kept, (APPROVAL,), by, now)
    return kept


@enforces("B-466.5¶2-purge", "H-426.4¶2-purge")
def confirm_hold(*, by: Actor, hold: Hold, note: str, chosen: datetime | None, now: datetime) -> Hold:
    """Say that the reason still stands; the next review is due when the policy says, or at `chosen`.

    Raises Refused and HoldError (no note, a review in the past).
    """
    _need(note, "Say why the data are still needed.")
    if chosen is not None and chosen <= now:
        raise HoldError("The review must lie in the future. Choose a later day.", "review_at")
    due = review_at(by.profile, chosen, now)
    fields = {
        "confirmed_by": User(pk=by.user_id),
        "confirmed_at": now,
        "review_at": due,
        "case_closed_at": None,
    }
    with transaction.atomic():
        detail = {"note": note.strip(), "review": due.isoformat() if due else ""}
        kept = _changed(by, hold, Act.CONFIRM, now, fields, detail)
        _settle(kept, (REVIEW, CLOSED), by, now)
    return kept


@enforces("B-466.5¶2-purge", "H-426.4¶2-purge")
def ask_release(*, by: Actor, hold: Hold, reason: str, now: datetime) -> Hold:
    """Ask that the data be held no longer; until somebody else decides they stay held.

    Raises Refused and HoldError.
    """
    _need(reason, "Say why the data need not be held any longer.", "reason")
    fields = {
        "release_asked_by": User(pk=by.user_id),
        "release_asked_at": now,
        "release_reason": reason.strip(),
        "release_decided_by": None,
        "release_note": "",
    }
    with transaction.atomic():
        kept = _changed(by, hold, Act.ASK_RELEASE, now, fields, {"reason": reason.strip()})
        text = f"Decide on the release of hold {kept.number}, asked for by {by.name}."
        ask_approvers(kept, RELEASE, text, by, now)
    return kept


@enforces("B-466.5¶2-purge", "H-426.4¶2-purge")
def approve_release(*, by: Actor, hold: Hold, note: str, now: datetime) -> Hold:
    """End a hold: what no other hold covers may be purged again. Raises Refused, also for who asked."""
    return _release_decided(by, hold, Act.APPROVE_RELEASE, note, now)


@enforces("B-466.5¶2-purge", "H-426.4¶2-purge")
def refuse_release(*, by: Actor, hold: Hold, note: str, now: datetime) -> Hold:
    """Keep the data held, with the reason. Raises Refused and HoldError."""
    _need(note, "Say why the data stay held, for whoever asked for the release.")
    return _release_decided(by, hold, Act.REFUSE_RELEASE, note, now)


def _release_decided(by: Actor, hold: Hold, act: Act, note: str, now: datetime) -> Hold:
    fields = {"release_decided_by": User(pk=by.user_id), "release_note": note.strip()}
    with transaction.atomic():
        kept = _changed(by, hold, act, now, fields, {"note": note.strip()})
        _settle(kept, (RELEASE,), by, now)
    return kept


def close_case(*, by: Actor, hold: Hold, now: datetime) -> list[Hold]:
    """Say that a hold's case is closed: every hold of it is to be confirmed or released. Returns these.

    Raises Refused and HoldError (no case, none of it holds any more).
    """
    by.require("evidence.hold")
    with transaction.atomic():
        open_ones = [
            one for one in hold_queries.of_case(by.agency, hold.reference) if one.case_closed_at is None
        ]
        if not open_ones:
            raise HoldError("No hold of this case waits for it to close. Nothing was changed.")
        for one in open_ones:
            one.case_closed_at = now
            one.save(update_fields=["case_closed_at"])
            _journal("evidence.case.closed", one, by.who, now, by.profile, {"number": one.number})
            text = f"The case of hold {one.number} is closed. Confirm the hold, or ask for its release."
            requester = to_person(one.requested_by_id, one.requested_by.full_name)
            leave_task(one, CLOSED, requester, text, by.who, now)
            ask_approvers(one, CLOSED, text, by, now)
    return open_ones


@enforces("B-466.6(a)", "H-426.5(a)", "CC-1798.90.52")
@transaction.atomic(durable=True)
def look_at_hold(*, by: Actor, hold: Hold, now: datetime, limit: int = 0, offset: int = 0) -> Seen:
    """What a hold covers now, with `limit` of its reads; the access record is committed when this returns.

    Raises Refused.
    """
    by.require("evidence.hold")
    held = holding.what_is_held(hold)
    reads = holding.reads_of(hold, limit=limit, offset=offset) if limit else []
    shown = {"reads": [str(read.id) for read in reads]} if reads else {}
    return Seen(hold=hold, held=held, reads=reads, access=_record_look(by, hold, held, now, shown))


def _record_look(
    by: Actor, hold: Hold, held: holding.Held, now: datetime, shown: dict[str, Any]
) -> AccessRecord:
    """One access record for each plate that the hold names, so that each is found by its plate (R54)."""
    scopes = list(hold.scopes.select_related("device"))
    plates = [scope.plate for scope in scopes if scope.kind == ScopeKind.PLATE.value] or [""]
    elements = {"hold": hold.number, "scopes": hold_queries.elements_of(scopes)} | shown
    flags = [f"{flag.name}: {flag.matched}" for flag in screen_reason(by.profile, hold.explanation)]
    records = [
        audit.record_access(
            by=by.who,
            agency=by.agency,
            elements=elements | ({"plate": plate} if plate else {}),
            purpose=hold.purpose,
            reason=hold.explanation,
            reference=hold.reference,
            result_count=held.reads,
            flags=flags,
            subject=f"evidence.Hold:{hold.pk}",
            profile_version=by.profile.version,
            now=now,
        )
        for plate in plates
    ]
    return records[0]


def _changed(
    by: Actor, hold: Hold, act: Act, now: datetime, fields: dict[str, Any], detail: dict[str, Any]
) -> Hold:
    """The hold after an act, journaled; the caller's transaction commits. Raises Refused."""
    by.require(capability_for(act))
    holding.lock_holds(by.agency, alone=False)
    kept = hold_queries.locked(by.agency, hold.pk)
    decide(act, by.profile, kept.facts_for_rules, by.person).require()
    move = transition_of(act, HoldState(kept.state))
    ends = move.target not in holding.BLOCKING
    changes = fields | {"state": move.target.value} | ({"ended_at": now} if ends else {})
    for name, value in changes.items():
        setattr(kept, name, value)
    kept.save(update_fields=list(changes))
    _journal(
        move.verb, kept, by.acting(capability_for(act)), now, by.profile, {"number": kept.number} | detail
    )
    if ends:
        _settle(kept, TASKS, by, now)
    return kept


def _need(note: str, otherwise: str, field: str = "note") -> None:
    if not note.strip():
        raise HoldError(otherwise, field)


def _settle(hold: Hold, kinds: Sequence[str], by: Actor, now: datetime) -> None:
    for kind in kinds:
        notices.settle_about(agency=hold.agency_id, subject=subject_of(hold), kind=kind, by=by.who, now=now)


def _journal(verb: str, hold: Hold, by: Who, now: datetime, profile: Profile, detail: dict[str, Any]) -> None:
    audit.record(
        verb=verb,
        by=by,
        agency=hold.agency_id,
        subject=subject_of(hold),
        detail=detail,
        now=now,
        profile_version=profile.version,
    )
