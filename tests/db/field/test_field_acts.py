"""Hand-over, and acts from the field: each once, each answered, each with both clocks."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from plateward.alerts.actions import NotNow
from plateward.alerts.models import Alert, Disposition
from plateward.alerts.rules import AlertStatus, ConfirmationResult
from plateward.audit.models import AuditRecord
from plateward.field import actions, queries
from plateward.field.models import FieldAct, HandOver
from plateward.field.rules import ActKind, ActOutcome
from plateward.governance.organization import actions as organization
from plateward.notices.models import Notice
from plateward.policy import Refused
from tests.alarms import alerted, worked
from tests.field_acts import handed, sent
from tests.personas import Town

NOT_LOCATED = {"code": "not-located"}
ARREST = {"code": "arrest"}
CONFIRMED = {"result": ConfirmationResult.CONFIRMED, "channel": "mdc", "record_number": "V123456789"}


def test_an_officer_is_handed_an_alert_told_of_it_and_acknowledges(barstow: Town, now: datetime) -> None:
    alert = alerted(barstow, now)
    made = handed(alert, barstow, now)
    notice = Notice.objects.get(kind=actions.NOTICE)
    assert (notice.user_id, notice.done_at) == (barstow.users["ortiz"].pk, None)
    assert "8ABC123" not in notice.text
    assert list(queries.mine(barstow.actor("ortiz", now))) == [alert]

    assert sent(alert, barstow, now).outcome == ActOutcome.DONE
    made.refresh_from_db()
    assert (made.acknowledged_at, made.device_at) == (now, now - timedelta(minutes=5))
    notice.refresh_from_db()
    assert notice.done_at == now
    assert AuditRecord.objects.get(verb="field.alert.acknowledged").username == "ortiz"


def test_only_dispatch_hands_alerts_over(barstow: Town, now: datetime) -> None:
    with pytest.raises(Refused):
        handed(alerted(barstow, now), barstow, now, to="quinn", by="ortiz")


def test_nobody_is_handed_what_they_may_not_work(barstow: Town, now: datetime) -> None:
    with pytest.raises(NotNow, match="title or training is missing"):
        handed(alerted(barstow, now), barstow, now, to="ruiz")
    with pytest.raises(NotNow, match="Nobody"):
        handed(Alert.objects.get(), barstow, now, to="imani")
    assert not HandOver.objects.exists()


def test_an_alert_is_handed_to_the_same_officer_once(barstow: Town, now: datetime) -> None:
    alert = alerted(barstow, now)
    handed(alert, barstow, now)
    with pytest.raises(NotNow, match="handed this alert before"):
        handed(alert, barstow, now)


def test_a_unit_is_everybody_in_it_who_may_work_the_alert(barstow: Town, now: datetime) -> None:
    cole = barstow.actor("cole", now)
    patrol = organization.create_unit(name="Patrol", part_of=None, by=cole, now=now)
    for name in ("ortiz", "quinn", "ruiz", "imani"):
        organization.place_in_unit(
            user=barstow.users[name], unit=patrol, is_supervisor=False, by=cole, now=now - timedelta(hours=1)
        )
    made = actions.hand_over(
        alert=alerted(barstow, now),
        officer=None,
        unit=patrol.pk,
        note="Meet at Main and First",
        by=barstow.actor("dunn", now),
        now=now,
    )
    assert {one.officer.username for one in made} == {"ortiz", "quinn"}


def test_an_alert_that_was_not_handed_over_is_not_acknowledged(barstow: Town, now: datetime) -> None:
    made = sent(alerted(barstow, now), barstow, now)
    assert (made.outcome, made.told[:38]) == (ActOutcome.REFUSED, "This alert was not handed to you. Tell")


def test_an_act_sent_twice_is_done_once_and_answered_the_same(barstow: Town, now: datetime) -> None:
    alert, act = alerted(barstow, now), uuid4()
    first = sent(alert, barstow, now, ActKind.DISPOSE, act=act, given=NOT_LOCATED)
    again = sent(alert, barstow, now + timedelta(minutes=1), ActKind.DISPOSE, act=act, given=NOT_LOCATED)
    assert first == again
    assert (first.outcome, Disposition.objects.count()) == (ActOutcome.DONE, 1)


def test_an_act_that_came_too_late_is_refused_with_the_reason_and_kept(barstow: Town, now: datetime) -> None:
    alert = alerted(barstow, now)
    sent(alert, barstow, now, ActKind.DISPOSE, by="quinn", given=NOT_LOCATED)
    late = sent(alert, barstow, now, ActKind.DISPOSE, given=ARREST)
    assert late.outcome == ActOutcome.REFUSED
    assert "was closed" in late.told
    assert "by Quentin Quinn" in late.told
    assert FieldAct.objects.get(outcome=ActOutcome.REFUSED).done_at == now - timedelta(minutes=5)
    assert AuditRecord.objects.filter(verb="field.act.refused").count() == 1
    assert Disposition.objects.get().code == "not-located"


@pytest.mark.clause("B-466.4(f)", "H-426.3(f)")
def test_enforcement_from_the_field_asks_for_verification_or_a_reason(barstow: Town, now: datetime) -> None:
    alert = worked(alerted(barstow, now), barstow, now, "confirm")
    refused = sent(alert, barstow, now, ActKind.DISPOSE, given=ARREST)
    assert refused.outcome == ActOutcome.REFUSED
    assert "(B-466.4(f))" in refused.told
    assert sent(alert, barstow, now, ActKind.VERIFY, given=CONFIRMED).outcome == ActOutcome.DONE
    alert.refresh_from_db()
    assert alert.status == AlertStatus.VERIFIED
    assert sent(alert, barstow, now, ActKind.DISPOSE, given=ARREST).outcome == ActOutcome.DONE


def test_what_was_typed_wrong_is_refused_and_on_record(barstow: Town, now: datetime) -> None:
    told = actions.Sent(
        act=uuid4(), kind=ActKind.DISPOSE, done_at=now, sent_at=now, given={}, problem="Choose how it ended."
    )
    made = actions.take_act(alert=alerted(barstow, now), sent=told, by=barstow.actor("ortiz", now), now=now)
    assert (made.outcome, made.told) == (ActOutcome.REFUSED, "Choose how it ended.")


def test_another_agencys_officer_sends_nothing_about_it(
    barstow: Town, huntington_park: Town, now: datetime
) -> None:
    alert = alerted(barstow, now)
    with pytest.raises(Alert.DoesNotExist):
        sent(alert, huntington_park, now, by="hart")


@pytest.mark.clause("B-466.4(f)", "H-426.3(f)")
def test_a_reason_given_before_acting_stands_for_the_verification(barstow: Town, now: datetime) -> None:
    alert = alerted(barstow, now)
    assert sent(alert, barstow, now, ActKind.EXCUSE, given={"reason": " "}).outcome == ActOutcome.REFUSED
    why = {"reason": "No radio coverage in the wash"}
    assert sent(alert, barstow, now, ActKind.EXCUSE, given=why).outcome == ActOutcome.DONE
    assert sent(alert, barstow, now, ActKind.DISPOSE, given=ARREST).outcome == ActOutcome.DONE


NO_ANSWER = {"result": ConfirmationResult.NO_ANSWER, "channel": "mdc"}


def test_answers_of_one_officer_without_network_all_count(barstow: Town, now: datetime) -> None:
    alert = alerted(barstow, now)
    for minute, given in enumerate((NO_ANSWER, CONFIRMED)):
        at = now + timedelta(minutes=minute)
        assert sent(alert, barstow, at, ActKind.VERIFY, given=given | {"seen": 0}).told == ""
    alert.refresh_from_db()
    assert alert.status == AlertStatus.VERIFIED


def test_an_answer_that_does_not_know_of_a_colleagues_is_refused(barstow: Town, now: datetime) -> None:
    alert = alerted(barstow, now)
    sent(alert, barstow, now, ActKind.VERIFY, by="quinn", given=NO_ANSWER | {"seen": 0})
    late = sent(alert, barstow, now + timedelta(minutes=1), ActKind.VERIFY, given=CONFIRMED | {"seen": 0})
    assert "by Quentin Quinn" in late.told


@pytest.mark.clause("B-466.4(f)", "H-426.3(f)")
def test_enforcement_is_judged_by_what_was_confirmed_when_it_was_done(barstow: Town, now: datetime) -> None:
    alert = alerted(barstow, now)
    withdrawn = CONFIRMED | {"result": ConfirmationResult.NOT_CONFIRMED, "record_number": ""}
    sent(alert, barstow, now, ActKind.VERIFY, by="quinn", given=CONFIRMED)
    sent(alert, barstow, now + timedelta(minutes=8), ActKind.VERIFY, by="quinn", given=withdrawn)
    after = sent(alert, barstow, now + timedelta(minutes=14), ActKind.DISPOSE, given=ARREST)
    assert "(B-466.4(f))" in after.told
    while_verified = sent(alert, barstow, now + timedelta(minutes=11), ActKind.DISPOSE, given=ARREST)
    assert while_verified.outcome == ActOutcome.DONE


def test_a_device_whose_clock_is_wrong_tells_how_long_ago_it_was(now: datetime) -> None:
    wrong = now + timedelta(hours=7)
    told = actions.Sent(
        act=uuid4(), kind=ActKind.DISPOSE, done_at=wrong - timedelta(minutes=4), sent_at=wrong, given={}
    )
    assert told.acted_at(now) == now - timedelta(minutes=4)
    assert replace(told, done_at=wrong + timedelta(minutes=1)).acted_at(now) == now
