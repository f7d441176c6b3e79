"""Requests for data: recorded, decided, withdrawn; every one is kept, whatever becomes of it (B-466.7(c))."""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from plateward.governance.actor import Actor
from plateward.notices import actions as notices
from plateward.policy import enforces
from plateward.releases import rules
from plateward.releases.request_models import ReleaseDecision, ReleaseRequest, Verdict
from plateward.releases.requesting import (
    APPROVE,
    KIND,
    RECORD,
    Asked,
    journal,
    keep,
    locked,
    stops_of,
    take_back,
)
from plateward.releases.rules import Act, Override, RequestState


@enforces("B-466.7(a)", "B-466.7(c)")
@transaction.atomic
def record_request(*, asked: Asked, by: Actor, now: datetime) -> ReleaseRequest:
    """Record a written request that came in; raises Refused, and ValidationError for what it must contain."""
    by.require(RECORD)
    return keep(asked=asked, by=by, now=now, through_portal=False)


@enforces("B-466.7(b)", "CC-1798.90.55")
@transaction.atomic
def approve_request(
    *,
    request: ReleaseRequest,
    reason: str,
    override: Override,
    destroy_by: date | None,
    by: Actor,
    now: datetime,
) -> ReleaseRequest:
    """Approve a request; of an override give the first or the second of its two approvals.

    Raises Refused (not a decider, who asked or recorded it, something stands against it that nothing
    overrides) and ValidationError (an override without its authority and counsel's reference).
    """
    known = _decidable(request, by, Act.APPROVE)
    found = stops_of(known, by)
    for stop in rules.firm(found):
        stop.decision.require()
    if rules.is_override(found):
        if not override.is_whole:
            raise ValidationError({"legal_authority": f"{found[0].decision.reason} {rules.OVERRIDE_NEEDS}"})
    else:
        override = Override()
        if known.partner is not None:
            reviewer = str(known.partner.latest.reviewed_by_id)
            rules.may_rely_on_own_review(by.profile, str(by.user_id), reviewer).require()
    if destroy_by is not None and destroy_by <= by.today:
        raise ValidationError({"destroy_by": "The day of destruction lies ahead: choose a later one."})
    approved = [str(one.decided_by_id) for one in known.decisions.all()]
    rules.may_approve_also(by.profile, str(by.user_id), approved).require()
    _decide(known, Verdict.APPROVED, reason, override, by, now)
    known.destroy_by_date = destroy_by or known.destroy_by_date
    is_last = len(approved) + 1 >= rules.approvals_needed(found)
    if is_last:
        known.state, known.approved_at = RequestState.APPROVED, now
        notices.settle(agency=known.agency_id, key=f"{KIND}:{known.pk}", by=by.who, now=now)
    known.save()
    verb = "releases.request.approved" if is_last else "releases.request.approved_first"
    detail = {
        "number": known.number,
        "of": known.agency_name,
        "reason": reason,
        "legal_authority": override.legal_authority,
        "counsel_reference": override.counsel_reference,
    }
    journal(verb, known, by, now, detail, capability=APPROVE)
    return known


@enforces("B-466.7(b)", "B-466.7(c)")
@transaction.atomic
def refuse_request(*, request: ReleaseRequest, reason: str, by: Actor, now: datetime) -> ReleaseRequest:
    """Refuse a request, with what stands against it on record; raises Refused."""
    known = _decidable(request, by, Act.REFUSE)
    known.state = RequestState.REFUSED
    known.save()
    ground = "; ".join(dict.fromkeys(stop.decision.clause for stop in stops_of(known, by)))
    _decide(known, Verdict.REFUSED, reason, Override(), by, now, ground=ground)
    notices.settle(agency=known.agency_id, key=f"{KIND}:{known.pk}", by=by.who, now=now)
    detail = {"number": known.number, "of": known.agency_name, "reason": reason, "ground": ground}
    journal("releases.request.refused", known, by, now, detail, capability=APPROVE)
    return known


@transaction.atomic
def withdraw_request(*, request: ReleaseRequest, reason: str, by: Actor, now: datetime) -> ReleaseRequest:
    """Note that the agency withdrew its request before it was fulfilled; it stays on file. Raises Refused."""
    by.require(RECORD)
    return take_back(request=request, reason=reason, by=by, now=now, capability=RECORD)


def _decidable(request: ReleaseRequest, by: Actor, act: Act) -> ReleaseRequest:
    by.require(APPROVE)
    known = locked(request, by)
    rules.may_move(RequestState(known.state), act).require()
    rules.may_decide(by.profile, by.person, known.askers).require()
    return known


def _decide(
    request: ReleaseRequest,
    verdict: Verdict,
    reason: str,
    override: Override,
    by: Actor,
    now: datetime,
    ground: str = "",
) -> None:
    made = ReleaseDecision(
        agency_id=request.agency_id,
        request=request,
        verdict=verdict,
        reason=reason.strip(),
        ground=ground[:300],
        legal_authority=override.legal_authority.strip(),
        counsel_reference=override.counsel_reference.strip(),
        decided_by_id=by.user_id,
        decided_at=now,
        profile_version=by.profile.version,
    )
    made.full_clean(validate_constraints=False, validate_unique=False)
    made.save(force_insert=True)
