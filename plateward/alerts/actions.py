"""Matching reads into alerts, delivering alerts to people, and working them to a disposition.

Each act asks the rules on the alert as it is under a lock, then writes rows, journal and live event in one
transaction. What the rules lock raises NotNow with their words; what a person may not do raises Refused.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from plateward.alerts import match_rules, queries, rules
from plateward.alerts.announcing import announce
from plateward.alerts.models import Alert, AlertDelivery, Confirmation, Disposition, Hit, StepRecord
from plateward.alerts.radio import radio_text
from plateward.alerts.rules import (
    DISPOSED,
    TRANSITIONS,
    AlertChange,
    AlertFacts,
    AlertStatus,
    ConfirmationResult,
    HoldingEnd,
    Place,
    StepOutcome,
)
from plateward.audit import actions as audit
from plateward.audit import local
from plateward.audit.local import JournalUnwritableError, LocalAccess
from plateward.audit.models import AccessRecord
from plateward.audit.who import Who
from plateward.governance.actor import Actor
from plateward.governance.queries import profile_for
from plateward.hotlists import queries as hotlists
from plateward.hotlists.actions import journal_withheld, report_recovered
from plateward.hotlists.queries import Match, Wanted
from plateward.live import actions as live
from plateward.policy import DEPARTMENT, Decision, enforces
from plateward.reads import actions as read_actions
from plateward.reads import queries as reads
from plateward.reads.check_actions import note_fault
from plateward.reads.models import InboxItem, Picture, Read

MATCHER = Who.system("matching")

ANSWER_VERBS: Mapping[ConfirmationResult, str] = MappingProxyType(
    {
        ConfirmationResult.CONFIRMED: "alerts.alert.verified",
        ConfirmationResult.NOT_CONFIRMED: "alerts.alert.not_confirmed",
        ConfirmationResult.NO_ANSWER: "alerts.confirmation.unanswered",
    }
)
"""What the journal says of each answer from CLETS."""


class NotNow(Exception):
    """The alert is not in a state for this act; `decision` says by which clause, why and what to do."""

    def __init__(self, decision: Decision) -> None:
        self.decision = decision
        super().__init__(f"{decision.clause}: {decision.reason} {decision.remedy}".strip())


@transaction.atomic
def match_waiting(*, limit: int, now: datetime) -> int:
    """Match up to `limit` stored payloads' reads against the entries in force and raise alerts.

    Returns how many payloads. One open alert stands for an entry and the plate and state as read: later hits
    of the same join it, a look-alike or another state's plate gets an alert of its own, UNVERIFIED. A payload
    not to be matched now is tried again later and holds up no other; one whose read is gone is ended.
    """
    waiting = reads.waiting_for_match(limit, now)
    wanted = hotlists.wanted_among(
        {(item.agency_id, key) for item in waiting for key in item.plate_keys}, now
    )
    hit = [item for item in waiting if any((item.agency_id, key) in wanted for key in item.plate_keys)]
    read_by_id = reads.reads_by_id([read_id for item in hit for read_id in item.read_ids])
    unfinished = set()
    for item in hit:
        sighted = [read_by_id[read_id] for read_id in item.read_ids if read_id in read_by_id]
        if not sighted:
            read_actions.end_unmatched(item=item, now=now)
            unfinished.add(item.pk)
        elif not _is_matched(item, [(read, _matches(read, wanted)) for read in sighted], now):
            unfinished.add(item.pk)
    read_actions.mark_matched(items=[item for item in waiting if item.pk not in unfinished], now=now)
    return len(waiting)


def _matches(read: Read, wanted: Wanted) -> list[Match]:
    return wanted.matches(agency=read.agency_id, plate=read.plate, region=read.region, vehicle=read.vehicle)


def _is_matched(item: InboxItem, sightings: Iterable[tuple[Read, Sequence[Match]]], now: datetime) -> bool:
    try:
        with transaction.atomic():
            for read, matches in sightings:
                for match in matches:
                    _hit(read, match, now)
    except Exception as error:
        if connection.needs_rollback:
            raise  # the database is gone, and with it the batch's transaction
        read_actions.match_later(item=item, error=error, now=now)
        return False
    return True


def _hit(read: Read, match: Match, now: datetime) -> None:
    if Hit.objects.filter(alert__entry=match.entry, read_id=read.id).exists():
        return  # the same event, delivered again
    sighted = {"entry": match.entry, "plate": read.plate, "other_state": match.other_state}
    open_alerts = Alert.objects.select_for_update().exclude(status=AlertStatus.CLOSED)
    alert = open_alerts.filter(**sighted).first()
    verb = "alerts.hit.joined" if alert else "alerts.alert.raised"
    profile = profile_for(read.agency_id)
    is_late = match_rules.is_late(
        profile, captured_at=read.captured_at, received_at=read.received_at, said_late=read.is_late
    )
    doubt = match_rules.doubt(
        profile, match.comparison, other_state=match.other_state, confidence=read.confidence
    )
    alert = alert or Alert.objects.create(
        agency_id=read.agency_id,
        **sighted,
        raised_at=now,
        last_hit_at=read.captured_at,
        profile_version=profile.version,
        is_late=is_late,
        doubt=doubt,
    )
    hit = _record_hit(alert, read, match, is_late=is_late, now=now)
    _take_in(alert, hit, doubt)
    detail = {
        "plate": read.plate,
        "entry": str(match.entry.pk),
        "entered": match.entry.plate,
        "read": str(read.id),
        "match": hit.explanation,
        "late": hit.is_late,
    }
    # A hit cannot wait for the journal to be mended.
    audit.record_or_locally(
        verb=verb,
        by=MATCHER,
        agency=alert.agency_id,
        subject=_subject(alert),
        detail=detail,
        profile_version=alert.profile_version,
        now=now,
    )
    live.publish(agency=alert.agency_id, topic="alerts", id=str(alert.pk))
    announce(alert, AlertChange.HIT if verb == "alerts.hit.joined" else AlertChange.RAISED, now, hit)


def _record_hit(alert: Alert, read: Read, match: Match, *, is_late: bool, now: datetime) -> Hit:
    """The hit with all that was read: it outlives its read."""
    device = read.device
    has_place = read.latitude is not None and read.longitude is not None
    return Hit.objects.create(
        agency_id=read.agency_id,
        alert=alert,
        device=device,
        read_id=read.id,
        plate_key=read.plate_key,
        captured_at=read.captured_at,
        received_at=read.received_at,
        matched_at=now,
        match_kind=match.comparison.kind,
        distance=match.comparison.distance,
        explanation=match.explanation,
        confidence=read.confidence,
        read_region=read.region,
        is_late=is_late,
        latitude=read.latitude if has_place else device.latitude,
        longitude=read.longitude if has_place else device.longitude,
        heading_deg=read.heading_deg,
    )


def _take_in(alert: Alert, hit: Hit, doubt: int) -> None:
    """What a further hit changes of its alert: its last sighting, whether it is late, its doubt."""
    alert.last_hit_at = max(alert.last_hit_at, hit.captured_at)
    if alert.is_late and not hit.is_late:
        # What somebody heard of was late; this one calls.
        alert.is_late, alert.acknowledged_at, alert.acknowledged_by = False, None, None
    alert.doubt = min(alert.doubt, doubt)
    alert.save(update_fields=["last_hit_at", "is_late", "doubt", "acknowledged_at", "acknowledged_by"])


@enforces("B-466.6(a)", "H-426.5(a)")
def deliver(*, by: Actor, alerts: Sequence[Alert], place: Place, now: datetime) -> dict[UUID, int]:
    """Record that these alerts are shown to the person; returns the access record's id for each alert.

    An access record is written the first time a person is shown an alert and each time a further hit has
    joined it since (Civil Code § 1798.90.52); its reason names the page, `place`. The alerts carry their hits
    (see `queries.with_hits`). The caller commits before anything is shown. Where the database refuses its
    journal, what is shown is recorded in the local one (R133), whose record's number stands for the access
    record's. Raises Refused, and NothingWritableError when neither can be written.
    """
    by.require("alerts.view")
    try:
        return _delivered(by, alerts, place, now)
    except JournalUnwritableError:
        return {alert.pk: _delivered_locally(by, alert, place, now) for alert in alerts}


@transaction.atomic
def _delivered(by: Actor, alerts: Sequence[Alert], place: Place, now: datetime) -> dict[UUID, int]:
    delivered = {
        one.alert_id: one for one in AlertDelivery.objects.filter(user_id=by.user_id, alert__in=alerts)
    }
    news = [
        AlertDelivery(
            alert=alert,
            user_id=by.user_id,
            delivered_at=now,
            hits_shown=alert.hit_count,
            access_record_id=_delivery_recorded(by, alert, place, now),
        )
        for alert in alerts
        if alert.pk not in delivered or delivered[alert.pk].hits_shown < alert.hit_count
    ]
    AlertDelivery.objects.bulk_create(
        news,
        update_conflicts=True,
        unique_fields=["alert", "user"],
        update_fields=["delivered_at", "hits_shown", "access_record_id"],
    )
    known = delivered | {one.alert_id: one for one in news}
    return {pk: one.access_record_id for pk, one in known.items()}


def _delivery_recorded(by: Actor, alert: Alert, place: Place, now: datetime) -> int:
    return audit.record_access(**_delivery_facts(by, alert, place), now=now).pk


def _delivered_locally(by: Actor, alert: Alert, place: Place, now: datetime) -> int:
    """Once for the person, the alert and its hits, as in the journal."""
    occasion = f"{by.user_id}:{alert.pk}:{alert.hit_count}"
    return local.record_access(**_delivery_facts(by, alert, place), now=now, once=occasion).pk


def _delivery_facts(by: Actor, alert: Alert, place: Place) -> dict[str, Any]:
    return {
        "by": by.who,
        "agency": alert.agency_id,
        "elements": {
            "plate": alert.entry.plate,
            "alert": str(alert.pk),
            "reads": [str(hit.read_id) for hit in alert.newest_hits],
        }
        | ({} if alert.entry.origin == DEPARTMENT else {"data_of": alert.entry.origin}),
        "purpose": alert.entry.purpose,
        "reason": f"Alert delivered on the {place}",
        "reference": _recorded_case(alert),
        "result_count": alert.hit_count,
        "subject": _subject(alert),
        "profile_version": by.profile.version,
    }


def _recorded_case(alert: Alert) -> str:
    """The department's own case; the number that the state keeps its data under stays out of the record.

    The journal is read by people without the authorization that B-466.4(e) asks for, and is never shortened.
    """
    return alert.entry.case_number if alert.entry.origin == DEPARTMENT else ""


@dataclass(frozen=True, slots=True)
class OpenedAlert:
    """What a person is shown of an alert: its last sighting with pictures, and the record of showing it.

    `access` is None when the read is no longer kept and so no picture is shown.
    """

    seen: queries.Seen
    pictures: Sequence[Picture]
    access: AccessRecord | LocalAccess | None


def open_alert(*, by: Actor, alert: Alert, now: datetime) -> OpenedAlert:
    """Open the alert's last read with its pictures; the access record is committed first.

    Each opening is recorded, also by somebody to whom the alert was delivered before; locally where the
    database refuses its journal (R133). Raises Refused, and NothingWritableError when neither can be written.
    """
    by.require("alerts.view")
    shown = queries.shown_to(by, alert)
    seen = queries.last_seen(shown, shown.newest_hits)
    if shown.entry.withheld is not None:
        journal_withheld(entry=alert.entry, decision=shown.entry.withheld, by=by, now=now)
    if seen.read is None:
        return OpenedAlert(seen, (), None)
    asked: dict[str, Any] = {
        "by": by,
        "read_id": seen.hit.read_id,
        "purpose": alert.entry.purpose,
        "reason": f"Alert {alert.pk} opened with its pictures",
        "reference": _recorded_case(alert),
        "now": now,
    }
    try:
        opened = read_actions.open_read(**asked)
    except JournalUnwritableError:
        opened = read_actions.open_alerted_read(**asked)
    return OpenedAlert(seen, opened.pictures, opened.access)


@transaction.atomic
def work_step(
    *,
    alert: Alert,
    step: str,
    by: Actor,
    now: datetime,
    outcome: StepOutcome = StepOutcome.DONE,
    note: str = "",
    seen: int | None = None,
    hit: UUID | None = None,
    act: UUID | None = None,
) -> StepRecord:
    """Record a dispatch step as worked, with the words given to the units (B-466.9).

    `hit` is the sighting the person's screen showed, None for the last; `seen` how often the screen said
    the step had been worked. `act` is the record's id, made by the screen: sent again it is the one that is
    there. Raises Refused, NotNow, UnknownStep and Hit.DoesNotExist.
    """
    by.require("alerts.dispatch")
    locked, facts = lock_alert(alert, by)
    if (known := locked.steps.filter(pk__in=sent(act), worked_by_id=by.user_id).first()) is not None:
        return known
    wanted = rules.step_by_id(by.profile, step)
    allowed(rules.check_step(by.profile, facts, wanted, outcome, seen=seen))
    spoken, told = "", None
    if outcome is StepOutcome.DONE:
        seen_there = queries.sighting_of(locked, hit)
        told = seen_there.hit
        if hotlists.shown_to(by, locked.entry).withheld is not None:
            seen_there = replace(seen_there, entered_vehicle="")
        spoken = radio_text(by.profile, wanted, seen_there.sighting, facts)
    record = StepRecord.objects.create(
        **with_id(act),
        alert=locked,
        step=wanted.id,
        clause=wanted.clause,
        outcome=outcome,
        spoken=spoken,
        note=note.strip(),
        hit=told,
        worked_by_id=by.user_id,
        worked_at=now,
    )
    detail = {"step": wanted.id, "clause": wanted.clause, "outcome": outcome.value, "note": record.note}
    journal_by(locked, "alerts.step.worked", by=by, detail=detail, now=now)
    return record


@transaction.atomic
def record_confirmation(
    *,
    alert: Alert,
    channel: str,
    result: ConfirmationResult,
    by: Actor,
    now: datetime,
    record_number: str = "",
    note: str = "",
    seen: int | None = None,
    act: UUID | None = None,
) -> Confirmation:
    """Record the answer from CLETS, which a person obtained and typed in; it decides the alert's status.

    Whoever works the dispatch or acts on the alert may (B-466.9(a), B-466.4(f), H-426.3(f)). `act` is the
    record's id, made by the screen: sent again it is the one that is there. Raises Refused and NotNow.
    """
    require_verifier(by)
    locked, facts = lock_alert(alert, by)
    if (
        known := locked.confirmations.filter(pk__in=sent(act), recorded_by_id=by.user_id).first()
    ) is not None:
        return known
    allowed(rules.check_channel(by.profile, channel))
    decision = allowed(rules.check_confirmation(by.profile, facts, result, seen=seen))
    answer = Confirmation(
        **with_id(act),
        alert=locked,
        channel=channel,
        result=result,
        record_number=record_number.strip(),
        note=note.strip(),
    )
    return settled_by(answer, clause=decision.clause, by=by, now=now)


@transaction.atomic
def dispose(
    *,
    alert: Alert,
    code: str,
    by: Actor,
    now: datetime,
    note: str = "",
    not_practicable_reason: str = "",
    stop_made: bool | None = None,
    stop_reason: str = "",
    done_at: datetime | None = None,
    act: UUID | None = None,
) -> Disposition:
    """Close the alert with its outcome; after a recovery the entry's removal is due (B-466.11).

    What the outcome says of the read behind the last hit goes on the record of its camera. `stop_made` is
    None where nobody asked. `done_at` is when it was acted on, where that is recorded later: enforcement is
    judged by what was confirmed then.

    `act` is the record's id, made by the screen: sent again it is the one that is there. Raises Refused and
    NotNow.
    """
    by.require("alerts.dispose")
    chosen = rules.disposition_by_code(by.profile, code)
    if chosen is not None and chosen.recovered:
        # The matcher too takes the entry, then its alert: the other way round each would wait for the other.
        hotlists.hold_entry(by.agency, alert.entry_id)
    locked, facts = lock_alert(alert, by)
    known = Disposition.objects.filter(pk__in=sent(act), alert=locked, recorded_by_id=by.user_id).first()
    if known is not None:
        return known
    decision = allowed(
        rules.check_disposition(
            by.profile,
            facts,
            code,
            note=note,
            not_practicable_reason=not_practicable_reason,
            done_at=done_at,
        )
    )
    allowed(rules.check_stop(by.profile, stop_made=stop_made, reason=stop_reason))
    disposition = Disposition.objects.create(
        **with_id(act),
        alert=locked,
        code=code,
        note=note.strip(),
        not_practicable_reason=not_practicable_reason.strip(),
        removal_due=chosen is not None and chosen.recovered,
        stop_made=stop_made,
        stop_reason=stop_reason.strip(),
        read_fault=(chosen and chosen.finding) or "",
        recorded_by_id=by.user_id,
        recorded_at=now,
    )
    locked.status, locked.closed_at = TRANSITIONS[facts.status, DISPOSED], now
    locked.save(update_fields=["status", "closed_at"])
    if disposition.removal_due:
        report_recovered(entry=locked.entry, by=by, now=now)
    detail = {
        "disposition": code,
        "was": facts.status.value,
        "note": disposition.note,
        "not_practicable_reason": disposition.not_practicable_reason,
        "stop_made": stop_made,
        "stop_reason": disposition.stop_reason,
        "clause": decision.clause,
    }
    if chosen is not None and chosen.finding is not None:
        note_fault(
            by=by,
            read_id=queries.sighting_of(locked, None).hit.read_id,
            fault=chosen.finding,
            reason=note.strip() or chosen.name,
            found_in=locked.pk,
            now=now,
        )
    locked.holdings.filter(ended_at__isnull=True).update(ended_at=now, ended_as=HoldingEnd.CLOSED)
    journal_by(locked, "alerts.alert.closed", by=by, detail=detail, now=now)
    announce(locked, AlertChange.CLOSED, now)
    return disposition


def settled_by(answer: Confirmation, *, clause: str, by: Actor, now: datetime) -> Confirmation:
    """Keep an answer about the record and let it decide its alert's status; everybody is told of it.

    Whoever gave the answer, the alert is under the caller's lock.
    """
    alert, result = answer.alert, ConfirmationResult(answer.result)
    answer.recorded_by_id, answer.recorded_at = by.user_id, now
    answer.save(force_insert=True)
    alert.status = TRANSITIONS[AlertStatus(alert.status), result]
    alert.save(update_fields=["status"])
    detail = {"channel": answer.channel, "record_number": answer.record_number, "clause": clause}
    journal_by(alert, ANSWER_VERBS[result], by=by, detail=detail, now=now)
    announce(alert, AlertChange.CHANGED, now)
    return answer


def lock_alert(alert: Alert, by: Actor) -> tuple[Alert, AlertFacts]:
    """The alert under a lock and its facts; raises Alert.DoesNotExist for another agency's."""
    mine = Alert.objects.select_related("entry").select_for_update(of=("self",))
    locked = mine.get(pk=alert.pk, agency_id=by.agency)
    return locked, queries.facts_of(locked)


def require_verifier(by: Actor) -> None:
    """Refuse who neither works the dispatch nor acts on alerts. Raises Refused."""
    if not by.may("alerts.dispatch"):
        by.require("alerts.dispose")


def sent(act: UUID | None) -> list[UUID]:
    """The record that a screen named, if it did, to be looked for before it is made."""
    return [act] if act else []


def with_id(act: UUID | None) -> dict[str, UUID]:
    """The id that a screen chose for the record, or a new one."""
    return {"id": act} if act else {}


def allowed(decision: Decision) -> Decision:
    """The decision; raises NotNow where it denies."""
    if not decision:
        raise NotNow(decision)
    return decision


def _subject(alert: Alert) -> str:
    return f"alerts.Alert:{alert.pk}"


def journal_by(alert: Alert, verb: str, *, by: Actor, detail: Mapping[str, Any], now: datetime) -> None:
    """Journal a person's act on the alert and tell open screens of it."""
    audit.record(
        verb=verb,
        by=by.who,
        agency=alert.agency_id,
        subject=_subject(alert),
        detail=detail,
        profile_version=by.profile.version,
        now=now,
    )
    live.publish(agency=alert.agency_id, topic="alerts", id=str(alert.pk))
