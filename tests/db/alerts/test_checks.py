"""Checking a hit beside the steps: pictures, entering agencies, why nobody could verify, late reads."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from plateward.alerts import actions, announcing, check_actions, queries
from plateward.alerts.actions import NotNow
from plateward.alerts.hit_rules import HitResult, Urgency
from plateward.alerts.models import Alert, Hit, HitConfirmation, StepRecord
from plateward.alerts.picture_rules import Sameness
from plateward.alerts.rules import AlertChange, AlertStatus, ConfirmationResult
from plateward.audit.models import AuditRecord
from plateward.notices.actions import escalate_due
from plateward.notices.models import Notice
from plateward.policy import Refused
from plateward.reads.check_actions import COMPARED
from plateward.reads.check_models import ReadCheck
from plateward.reads.check_queries import device_checks
from plateward.reads.models import InboxItem
from tests.alarms import BEFORE_CONFIRMATION, alerted, arrives, wanted, worked
from tests.personas import Town

SAME = dict.fromkeys(("characters", "region", "make", "color"), Sameness.YES)
TEN = timedelta(minutes=10)


def opened(town: Town, now: datetime) -> list[Alert]:
    return list(queries.open_alerts(town.agency.pk, town.actor("dunn", now).profile))


def of_the_state(alert: Alert) -> Alert:
    alert.entry.origin = "state"
    alert.entry.save(update_fields=["origin"])
    return alert


def ask(town: Town, alert: Alert, now: datetime, who: str = "dunn") -> HitConfirmation:
    return check_actions.ask_entering_agency(
        alert=alert, entering_agency="Reno PD", urgency=Urgency.URGENT, by=town.actor(who, now), now=now
    )


@pytest.mark.clause("B-466.9(a)")
def test_what_the_picture_shows_stands_beside_the_alert_and_changes_nothing_of_it(
    barstow: Town, now: datetime
) -> None:
    alert = alerted(barstow, now)
    hit, act = alert.hits.get(), uuid4()
    seen = SAME | {"color": Sameness.NO, "make": Sameness.CANNOT_TELL}
    for _ in range(2):
        check_actions.compare_picture(
            alert=alert, hit=hit.pk, **seen, by=barstow.actor("dunn", now), now=now, act=act
        )
    (compared,) = queries.compared_pictures(alert)
    assert compared.differing == ("color",)
    alert.refresh_from_db()
    assert alert.status == AlertStatus.UNVERIFIED
    assert worked(alert, barstow, now, "confirm").steps.count() == 1


@pytest.mark.clause("CC-1798.90.51")
def test_what_the_picture_says_of_the_read_counts_once_for_its_camera_and_alters_nothing(
    barstow: Town, now: datetime
) -> None:
    entry = wanted(barstow, "BBC123", now)
    read = arrives(barstow.camera, "8BC123", now)
    actions.match_waiting(limit=10, now=now)
    alert, act = Alert.objects.get(entry=entry), uuid4()
    told = {"alert": alert, "hit": alert.hits.get().pk, **SAME}
    for username, acts in (("dunn", (act, act)), ("ortiz", (uuid4(),))):
        for number in acts:
            check_actions.compare_picture(**told, by=barstow.actor(username, now), now=now, act=number)
    assert ReadCheck.objects.count() == 2
    (counted,) = device_checks(barstow.camera.pk)
    assert (counted.is_misread, counted.pairs) == (True, ("8/B",))
    check = ReadCheck.objects.first()
    assert check is not None
    assert (check.shows_plate, check.found_in) == ("BBC123", alert.pk)
    assert check.reason == COMPARED  # who searches reads it, and learns of no alert
    read.refresh_from_db()
    assert read.plate == "8BC123"


def test_a_picture_that_tells_nothing_of_the_read_puts_nothing_on_the_cameras_record(
    barstow: Town, now: datetime
) -> None:
    alert = alerted(barstow, now)
    blurred = dict.fromkeys(SAME, Sameness.CANNOT_TELL) | {"make": Sameness.NO, "color": Sameness.NO}
    dunn = barstow.actor("dunn", now)
    check_actions.compare_picture(alert=alert, hit=alert.hits.get().pk, **blurred, by=dunn, now=now)
    assert not ReadCheck.objects.exists()


def test_only_who_works_alerts_says_what_a_picture_shows_and_only_of_this_alerts_hits(
    barstow: Town, now: datetime
) -> None:
    alert, other = alerted(barstow, now), alerted(barstow, now, "7XYZ999")
    given: dict[str, Any] = {"alert": alert, "now": now, **SAME}
    with pytest.raises(Refused):
        check_actions.compare_picture(hit=alert.hits.get().pk, by=barstow.actor("imani", now), **given)
    with pytest.raises(Hit.DoesNotExist):
        check_actions.compare_picture(hit=other.hits.get().pk, by=barstow.actor("dunn", now), **given)


@pytest.mark.clause("B-466.4(f)")
def test_an_officer_states_before_enforcement_why_nobody_could_verify(barstow: Town, now: datetime) -> None:
    alert, ortiz = alerted(barstow, now), barstow.actor("ortiz", now)
    with pytest.raises(NotNow, match="No reason is given"):
        check_actions.excuse_verification(alert=alert, reason=" ", by=ortiz, now=now)
    check_actions.excuse_verification(alert=alert, reason="CLETS is down", by=ortiz, now=now)
    made = actions.dispose(alert=alert, code="arrest", by=ortiz, now=now)
    assert made.not_practicable_reason == ""
    record = AuditRecord.objects.get(verb="alerts.verification.excused")
    assert (record.detail["reason"], record.detail["clause"]) == ("CLETS is down", "B-466.4(f)")


def test_an_urgent_request_is_a_task_that_goes_to_the_watch_commander_after_ten_minutes(
    barstow: Town, now: datetime
) -> None:
    alert = of_the_state(alerted(barstow, now))
    request = ask(barstow, alert, now)
    task = Notice.objects.get(kind="hit-confirmation")
    assert (request.due_at, task.due_at, task.is_task) == (now + TEN, now + TEN, True)
    assert escalate_due(now=now + TEN - timedelta(seconds=1)) == 0
    assert escalate_due(now=now + TEN) == 1
    task.refresh_from_db()
    assert task.escalates_to == "watch-commander"
    again = ask(barstow, alert, now + TEN)
    assert again.number == 2
    assert Notice.objects.filter(kind="hit-confirmation", done_at__isnull=True).count() == 1


def test_where_the_policy_names_nobody_an_overdue_request_goes_to_nobody_else(
    huntington_park: Town, now: datetime
) -> None:
    ask(huntington_park, of_the_state(alerted(huntington_park, now)), now, who="hyde")
    assert Notice.objects.get(kind="hit-confirmation").escalates_to == ""
    assert escalate_due(now=now + TEN) == 0


def test_a_promise_moves_the_task_and_an_answer_ends_it(barstow: Town, now: datetime) -> None:
    request = ask(barstow, of_the_state(alerted(barstow, now)), now)
    given: dict[str, Any] = {"request": request, "by": barstow.actor("dunn", now)}
    until = now + timedelta(minutes=30)
    check_actions.record_hit_answer(result=HitResult.WILL_ANSWER, promised_at=until, now=now, **given)
    assert Notice.objects.get(kind="hit-confirmation", done_at__isnull=True).due_at == until
    check_actions.record_hit_answer(result=HitResult.CONFIRMED, now=until, **given)
    assert not Notice.objects.filter(kind="hit-confirmation", done_at__isnull=True).exists()
    with pytest.raises(NotNow, match="Already recorded"):
        check_actions.record_hit_answer(result=HitResult.NOT_CONFIRMED, now=until, **given)


@pytest.mark.clause("B-466.9(d)")
def test_the_entering_agencys_yes_verifies_nothing_and_its_no_withdraws_verified(
    barstow: Town, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    alert = of_the_state(worked(alerted(barstow, now), barstow, now, *BEFORE_CONFIRMATION))
    dunn = barstow.actor("dunn", now)
    check_actions.record_hit_answer(
        request=ask(barstow, alert, now), result=HitResult.CONFIRMED, by=dunn, now=now
    )
    alert.refresh_from_db()
    assert alert.status == AlertStatus.UNVERIFIED
    worked(alert, barstow, now, confirmed=True)
    later, told = now + timedelta(minutes=1), list[tuple[str, AlertChange]]()
    hear = [lambda one, change, *_: told.append((one.status, change))]
    monkeypatch.setattr(announcing, "_listeners", hear)
    check_actions.record_hit_answer(
        request=ask(barstow, alert, later), result=HitResult.NOT_CONFIRMED, by=dunn, now=later
    )
    alert.refresh_from_db()
    assert alert.status == AlertStatus.NOT_CONFIRMED
    assert told == [(AlertStatus.NOT_CONFIRMED, AlertChange.CHANGED)], "whoever heard VERIFIED hears this"
    with pytest.raises(NotNow, match="did not confirm the record"):
        actions.work_step(alert=alert, step="advise-verified", by=dunn, now=later)


def test_the_departments_own_entry_has_no_entering_agency_to_ask(barstow: Town, now: datetime) -> None:
    with pytest.raises(NotNow, match="The department itself entered this plate"):
        ask(barstow, alerted(barstow, now), now)


def test_an_answer_is_taken_after_the_alert_is_closed(barstow: Town, now: datetime) -> None:
    alert = of_the_state(alerted(barstow, now))
    request, dunn = ask(barstow, alert, now), barstow.actor("dunn", now)
    actions.dispose(alert=alert, code="not-located", by=dunn, now=now)
    check_actions.record_hit_answer(request=request, result=HitResult.NOT_CONFIRMED, by=dunn, now=now)
    alert.refresh_from_db()
    assert alert.status == AlertStatus.CLOSED
    with pytest.raises(NotNow, match="was closed"):
        ask(barstow, alert, now)


@pytest.mark.clause("B-466.9(a)")
def test_that_no_answer_came_is_recorded_and_decides_nothing(barstow: Town, now: datetime) -> None:
    alert = alerted(barstow, now)
    actions.record_confirmation(
        alert=alert,
        channel="mdc",
        result=ConfirmationResult.NO_ANSWER,
        by=barstow.actor("ortiz", now),
        now=now,
    )
    alert.refresh_from_db()
    assert alert.status == AlertStatus.UNVERIFIED
    assert AuditRecord.objects.filter(verb="alerts.confirmation.unanswered").count() == 1


def test_a_late_read_raises_an_alert_that_calls_nobody_until_a_prompt_one_joins(
    barstow: Town, now: datetime
) -> None:
    prompt = alerted(barstow, now, "7XYZ999")
    entry = wanted(barstow, "8ABC123", now)
    read = arrives(barstow.camera, "8ABC123", now - timedelta(hours=2))
    type(read).objects.filter(id=read.id).update(received_at=now)
    actions.match_waiting(limit=10, now=now)
    alert = Alert.objects.get(entry=entry)
    assert (alert.is_late, alert.hits.get().is_late) == (True, True)
    assert opened(barstow, now) == [prompt, alert]
    arrives(barstow.camera, "8ABC123", now)
    actions.match_waiting(limit=10, now=now)
    alert.refresh_from_db()
    assert not alert.is_late
    assert not InboxItem.objects.exclude(state="MATCHED").exists()


def test_look_alikes_and_other_states_stand_below_the_very_plate(barstow: Town, now: datetime) -> None:
    wanted(barstow, "BBC123", now)
    for plate, region in (("BBC123", "US-NV"), ("8BC123", "US-CA"), ("BBC123", "US-CA")):
        arrives(barstow.camera, plate, now, region=region)
    actions.match_waiting(limit=10, now=now)
    shown = [(alert.plate, alert.other_state) for alert in opened(barstow, now)]
    assert shown == [("BBC123", ""), ("8BC123", ""), ("BBC123", "US-NV")]
    assert [hit.distance for hit in Hit.objects.order_by("plate_key", "distance")] == [0, 0, 1]
    assert {hit.read_region for hit in Hit.objects.all()} == {"US-CA", "US-NV"}
    first = opened(barstow, now)[0]
    assert len(queries.beside(first)) == 2


@pytest.mark.clause("B-466.9(e)")
def test_a_new_read_gives_the_last_known_direction_and_asks_for_an_update_of_that_sighting(
    barstow: Town, now: datetime
) -> None:
    alert = worked(alerted(barstow, now), barstow, now, *BEFORE_CONFIRMATION)
    facts = queries.facts_of(alert)
    assert facts.sighted_at == now
    later = now + timedelta(minutes=2)
    arrives(barstow.camera, "8ABC123", later)
    actions.match_waiting(limit=10, now=later)
    newest = alert.hits.order_by("-captured_at")[0]
    Hit.objects.filter(pk=newest.pk).update(latitude=34.9286, longitude=-117.0228, heading_deg=None)
    first = alert.hits.order_by("captured_at")[0]
    Hit.objects.filter(pk=first.pk).update(latitude=34.8986, longitude=-117.0228)
    alert.refresh_from_db()
    leg = queries.sighting_of(alert, None).leg
    assert leg is not None
    assert "northbound, at least 62 miles per hour" in leg.words
    told = actions.work_step(
        alert=alert, step="update-direction", hit=newest.pk, by=barstow.actor("dunn", later), now=later
    )
    assert leg.words in told.spoken
    assert StepRecord.objects.get(pk=told.pk).hit_id == newest.pk


def test_a_misread_is_on_record_with_each_camera_that_read_it(barstow: Town, now: datetime) -> None:
    misread, other = alerted(barstow, now), alerted(barstow, now, "7XYZ999")
    dunn = barstow.actor("dunn", now)
    actions.dispose(alert=misread, code="misread", note="The third character is an 8", by=dunn, now=now)
    actions.dispose(alert=other, code="not-located", by=dunn, now=now)
    (hit,) = queries.faulty_hits(barstow.agency.pk)
    assert (hit.device, hit.alert.disposition.read_fault) == (barstow.camera, "MISREAD")
