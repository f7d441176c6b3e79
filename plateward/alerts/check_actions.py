"""Checking a hit beside the dispatch steps: its picture, the entering agency, and why nobody could verify.

None of these waits for a step, and no step waits for them. Each writes rows, journal and live event in one
transaction. What does not fit the alert as it is raises NotNow; what a person may not do, Refused.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.urls import reverse

from plateward.alerts import hit_rules, picture_rules, queries
from plateward.alerts.actions import (
    allowed,
    journal_by,
    lock_alert,
    require_verifier,
    sent,
    settled_by,
    with_id,
)
from plateward.alerts.hit_rules import HitResult, Request, Urgency
from plateward.alerts.models import (
    Alert,
    Confirmation,
    HitAnswer,
    HitConfirmation,
    NotPracticable,
    PictureMatch,
)
from plateward.alerts.picture_rules import Sameness
from plateward.alerts.queries import Seen
from plateward.alerts.rules import (
    ENTERING_AGENCY,
    AlertStatus,
    ConfirmationResult,
    when,
)
from plateward.governance.actor import Actor
from plateward.notices import actions as notices
from plateward.notices.rules import to_person
from plateward.policy import DEPARTMENT
from plateward.reads.check_actions import note_comparison

NOTICE = "hit-confirmation"


@transaction.atomic
def compare_picture(
    *,
    alert: Alert,
    hit: UUID,
    characters: Sameness,
    region: Sameness,
    make: Sameness,
    color: Sameness,
    by: Actor,
    now: datetime,
    act: UUID | None = None,
) -> PictureMatch:
    """Record what a person saw on a hit's picture: characters, state, make and color, each by itself (R74).

    It changes nothing of the alert. What it says of the read's characters and state goes on the record of its
    camera, by which the read counts once; the read stays as it is. `act` is the record's id, made by the
    screen: sent again it is the one that is there. Raises Refused, NotNow and Hit.DoesNotExist.
    """
    require_verifier(by)
    locked, facts = lock_alert(alert, by)
    if (
        known := locked.picture_matches.filter(pk__in=sent(act), recorded_by_id=by.user_id).first()
    ) is not None:
        return known
    decision = allowed(picture_rules.check_picture(by.profile, facts))
    saw = {"characters": characters, "region": region, "make": make, "color": color}
    seen = queries.sighting_of(locked, hit)
    made = PictureMatch.objects.create(
        **with_id(act),
        alert=locked,
        hit=seen.hit,
        recorded_by_id=by.user_id,
        recorded_at=now,
        **saw,
    )
    detail = {"saw": str(made), "hit": str(hit), "clause": decision.clause}
    journal_by(locked, "alerts.picture.compared", by=by, detail=detail, now=now)
    _note_on_read(seen, made, locked, by, now)
    return made


def _note_on_read(seen: Seen, made: PictureMatch, alert: Alert, by: Actor, now: datetime) -> None:
    """Let the camera's accuracy record know what the comparison says of the read, where it is still kept."""
    if seen.read is None:
        return
    finding = picture_rules.found_of_read(
        characters=Sameness(made.characters),
        region=Sameness(made.region),
        comparison=seen.comparison,
        read_region=seen.read.region,
        entered_region=alert.entry.region,
    )
    if finding is not None:
        note_comparison(by=by, read=seen.read, finding=finding, found_in=alert.pk, now=now)


@transaction.atomic
def excuse_verification(
    *, alert: Alert, reason: str, by: Actor, now: datetime, act: UUID | None = None
) -> NotPracticable:
    """Record, before enforcement action, why verification is not practicable (B-466.4(f), H-426.3(f)).

    `act` is the record's id, made by the screen: sent again it is the one that is there. Raises Refused and
    NotNow.
    """
    by.require("alerts.dispose")
    locked, facts = lock_alert(alert, by)
    if (known := locked.excuses.filter(pk__in=sent(act), recorded_by_id=by.user_id).first()) is not None:
        return known
    decision = allowed(picture_rules.check_excuse(by.profile, facts, reason))
    made = NotPracticable.objects.create(
        **with_id(act), alert=locked, reason=reason.strip(), recorded_by_id=by.user_id, recorded_at=now
    )
    detail = {"reason": made.reason, "clause": decision.clause}
    journal_by(locked, "alerts.verification.excused", by=by, detail=detail, now=now)
    return made


@transaction.atomic
def ask_entering_agency(
    *,
    alert: Alert,
    entering_agency: str,
    urgency: Urgency,
    by: Actor,
    now: datetime,
    act: UUID | None = None,
) -> HitConfirmation:
    """Record that the agency that entered the record was asked to confirm the hit, and wait for its answer.

    Who asked has a task until the answer is recorded; past its time it goes to the profile's position too.
    `act` is the record's id, made by the screen: sent again it is the one that is there. Raises Refused and
    NotNow.
    """
    require_verifier(by)
    locked, facts = lock_alert(alert, by)
    if (
        known := locked.hit_confirmations.filter(pk__in=sent(act), asked_by_id=by.user_id).first()
    ) is not None:
        return known
    requests, own = queries.hit_requests(locked), locked.entry.origin == DEPARTMENT
    check = hit_rules.check_request(by.profile, facts, requests, urgency, own_entry=own, now=now)
    decision = allowed(check)
    for earlier in requests:
        _settle(earlier, by, now)
    made = HitConfirmation.objects.create(
        **with_id(act),
        alert=locked,
        number=len(requests) + 1,
        entering_agency=entering_agency.strip(),
        urgency=urgency,
        asked_by_id=by.user_id,
        asked_at=now,
        due_at=hit_rules.due_at(urgency, now),
    )
    _await(locked, queries.request_of(made), by, now)
    detail = _told(made) | {"due_at": made.due_at.isoformat(), "clause": decision.clause}
    journal_by(locked, "alerts.hit_confirmation.asked", by=by, detail=detail, now=now)
    return made


@transaction.atomic
def record_hit_answer(
    *,
    request: HitConfirmation,
    result: HitResult,
    by: Actor,
    now: datetime,
    promised_at: datetime | None = None,
    note: str = "",
    act: UUID | None = None,
) -> HitAnswer:
    """Record the entering agency's answer. A "no" withdraws what CLETS confirmed; a "yes" verifies nothing.

    It is taken on a closed alert too. `act` is the record's id, made by the screen: sent again it is the one
    that is there. Raises Refused, NotNow, and Alert.DoesNotExist for another agency's.
    """
    require_verifier(by)
    locked, _ = lock_alert(request.alert, by)
    if (known := request.answers.filter(pk__in=sent(act), recorded_by_id=by.user_id).first()) is not None:
        return known
    asked = queries.request_of(locked.hit_confirmations.get(pk=request.pk))
    decision = allowed(hit_rules.check_reply(by.profile, asked, result, promised_at, now))
    made = HitAnswer.objects.create(
        **with_id(act),
        request=request,
        result=result,
        promised_at=promised_at,
        note=note.strip(),
        recorded_by_id=by.user_id,
        recorded_at=now,
    )
    _settle(asked, by, now)
    if result is HitResult.WILL_ANSWER:
        _await(locked, queries.request_of(locked.hit_confirmations.get(pk=request.pk)), by, now)
    elif result is HitResult.NOT_CONFIRMED:
        _withdraw(locked, asked, by, now)
    detail = _told(request) | {"result": result.value, "note": made.note, "clause": decision.clause}
    journal_by(locked, "alerts.hit_confirmation.answered", by=by, detail=detail, now=now)
    return made


def _withdraw(alert: Alert, asked: Request, by: Actor, now: datetime) -> None:
    """The record does not hold, whatever CLETS said of it: nobody is told "verified" any more (R72)."""
    if alert.status in {AlertStatus.CLOSED, AlertStatus.NOT_CONFIRMED}:
        return
    answer = Confirmation(
        alert=alert,
        channel=ENTERING_AGENCY,
        result=ConfirmationResult.NOT_CONFIRMED,
        note=f"{asked.entering_agency} did not confirm the hit",
    )
    settled_by(answer, clause=hit_rules.SOURCE, by=by, now=now)


def _await(alert: Alert, asked: Request, by: Actor, now: datetime) -> None:
    """Leave who asked the task of recording the answer, due when NCIC or the agency itself says."""
    notices.raise_notice(
        agency=alert.agency_id,
        key=f"{NOTICE}:{asked.id}:{len(asked.replies)}",
        kind=NOTICE,
        to=to_person(by.user_id, by.name),
        text=f"The answer to hit confirmation {asked.number} ({asked.urgency.label.lower()}) is due "
        f"{when(by.profile, asked.ends_at)}.",
        by=by.who,
        now=now,
        link=reverse("console:alert", args=[alert.pk]),
        subject=_subject(asked),
        due_at=asked.ends_at,
        escalates_to=by.profile.verification.overdue_to.settled or "",
        is_task=True,
    )


def _settle(asked: Request, by: Actor, now: datetime) -> None:
    notices.settle_about(agency=by.agency, subject=_subject(asked), kind=NOTICE, by=by.who, now=now)


def _subject(asked: Request) -> str:
    return f"alerts.HitConfirmation:{asked.id}"


def _told(asked: HitConfirmation) -> dict[str, Any]:
    return {
        "request": str(asked.pk),
        "number": asked.number,
        "entering_agency": asked.entering_agency,
        "urgency": asked.urgency,
    }
