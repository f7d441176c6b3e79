from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from plateward.alerts.models import Confirmation, Hit, PictureMatch
from plateward.audit.models import AuditRecord
from plateward.reads.models import InboxItem, InboxState, ReadCheck
from plateward.search.canvass_models import CanvassAssignment
from plateward.unitwire.calls import Acknowledged, Done, Outcome, PictureCompared, RecordTold, event_id
from plateward.units import answer_actions
from plateward.units.models import Unit
from tests.alarms import alerted
from tests.canvasses import sent as sent_to_canvass
from tests.payloads import inbox_item
from tests.personas import Town
from tests.sightings import seen
from tests.units import signed_in

SPOOL = uuid4()


def take(unit: Unit, now: datetime, answer: Done) -> Outcome:
    return answer_actions.take_answer(unit=unit, answer=answer, now=now)


@pytest.mark.clause("B-466.4(c)", "H-426.3(c)")
def test_an_assignment_is_acknowledged_on_the_unit_once(barstow: Town, now: datetime) -> None:
    unit, sign_in = signed_in(barstow, now)
    assignment = sent_to_canvass(barstow)
    assignment.assigned_to, assignment.until_at = barstow.users["ortiz"], now + timedelta(hours=1)
    assignment.save()
    answer = Acknowledged(id=uuid4(), session=sign_in.pk, at=now, assignment=assignment.pk)
    assert [take(unit, now, answer).outcome for _ in range(2)] == ["DONE", "DONE"]
    assert CanvassAssignment.objects.get().state == "ACKNOWLEDGED"
    other = Acknowledged(id=uuid4(), session=uuid4(), at=now, assignment=assignment.pk)
    refused = take(unit, now, other)
    assert (refused.outcome, "Nobody was signed in" in refused.told) == ("REFUSED", True)


def test_what_was_done_on_a_unit_is_dated_when_it_was_done_whatever_its_clock_shows(
    barstow: Town, now: datetime
) -> None:
    unit, sign_in = signed_in(barstow, now)
    unit.clock_offset_s = -7200.0
    assignment = sent_to_canvass(barstow)
    assignment.assigned_to, assignment.until_at = barstow.users["ortiz"], now + timedelta(hours=9)
    assignment.save()
    answer = Acknowledged(
        id=uuid4(),
        session=sign_in.pk,
        at=now + timedelta(hours=1),
        clock_offset_s=-3600.0,
        assignment=assignment.pk,
    )
    assert take(unit, now + timedelta(hours=5), answer).outcome == "DONE"
    assert CanvassAssignment.objects.get().acknowledged_at == now
    row = AuditRecord.objects.get(verb="search.assignment.acknowledged")
    assert (row.recorded_at, row.detail["unit"]) == (now, unit.device.name)


def arrived(unit: Unit, read_id: UUID, now: datetime, **more: Any) -> str:
    name = event_id(SPOOL, 1)
    inbox_item(
        unit.device, b"{}", now, key=name, **{"state": InboxState.MATCHED, "read_ids": [read_id], **more}
    )
    return name


def compared(session: UUID, name: str, entry: UUID, now: datetime, characters: str = "NO") -> PictureCompared:
    return PictureCompared(
        id=uuid4(),
        session=session,
        at=now,
        event_id=name,
        entry=entry,
        characters=characters,  # type: ignore[arg-type]  # one of three words
    )


def test_a_verdict_on_a_hit_goes_to_its_alert_and_the_cameras_record(barstow: Town, now: datetime) -> None:
    unit, sign_in = signed_in(barstow, now)
    alert = alerted(barstow, now)
    name = arrived(unit, Hit.objects.get(alert=alert).read_id, now)
    answer = compared(sign_in.pk, name, alert.entry_id, now)
    assert take(unit, now, answer).outcome == "DONE"
    assert take(unit, now, answer).outcome == "DONE"
    assert PictureMatch.objects.get(alert=alert).characters == "NO"
    assert ReadCheck.objects.get().is_misread


def told(session: UUID, name: str, entry: UUID, at: datetime, **changes: Any) -> RecordTold:
    facts = {"id": uuid4(), "session": session, "at": at, "clock_offset_s": 0.0, "event_id": name, "entry": entry}
    return RecordTold(**facts | {"channel": "radio", "is_active": True, "said": "Nguyen"} | changes)


@pytest.mark.clause("B-466.4(f)", "H-426.3(f)")
def test_what_an_officer_was_told_of_the_record_stands_on_the_alert_and_overrules_nothing_since(
    barstow: Town, now: datetime
) -> None:
    unit, sign_in = signed_in(barstow, now)
    alert = alerted(barstow, now)
    name = arrived(unit, Hit.objects.get(alert=alert).read_id, now)
    done = now + timedelta(minutes=30)
    answer = told(sign_in.pk, name, alert.entry_id, done)
    assert [take(unit, now + timedelta(hours=1), answer).outcome for _ in range(2)] == ["DONE", "DONE"]
    (kept,) = Confirmation.objects.all()
    assert (kept.result, kept.channel, kept.note, kept.recorded_at) == ("CONFIRMED", "radio", "Nguyen", done)
    alert.refresh_from_db()
    assert alert.status == "VERIFIED"
    earlier = told(sign_in.pk, name, alert.entry_id, now + timedelta(minutes=10), is_active=False)
    refused = take(unit, now + timedelta(hours=1), earlier)
    assert (refused.outcome, "Already recorded" in refused.told) == ("REFUSED", True)
    by_hand = take(unit, now, told(sign_in.pk, name, alert.entry_id, now, channel="smoke", is_active=False))
    assert "is no way to verify" in by_hand.told
    off_list = take(unit, now, told(sign_in.pk, name, uuid4(), now))
    assert "raised no alert here" in off_list.told


def test_a_verdict_on_a_read_without_an_alert_goes_to_the_cameras_record(
    barstow: Town, now: datetime
) -> None:
    unit, sign_in = signed_in(barstow, now)
    read = seen(unit.device, "8ABC123", now)
    name = arrived(unit, read.id, now)
    assert take(unit, now, compared(sign_in.pk, name, uuid4(), now, "YES")).outcome == "DONE"
    assert not ReadCheck.objects.get().is_misread


def test_a_verdict_before_its_read_waits_and_one_of_no_use_is_refused(barstow: Town, now: datetime) -> None:
    unit, sign_in = signed_in(barstow, now)
    answer = compared(sign_in.pk, event_id(SPOOL, 1), uuid4(), now)
    assert take(unit, now, answer).outcome == "LATER"
    arrived(unit, uuid4(), now, state=InboxState.QUARANTINED, read_ids=[], reason="No plate.")
    refused = take(unit, now, answer)
    assert (refused.outcome, "could not be used" in refused.told) == ("REFUSED", True)
    assert InboxItem.objects.filter(device=unit.device).count() == 1
