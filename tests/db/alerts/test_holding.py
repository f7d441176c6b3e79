"""Who works which alert: taken, handed over, taken over, let go of, and never in anybody's way."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from plateward.accounts import actions as accounts
from plateward.alerts import actions, holding, holding_actions, queries
from plateward.alerts.actions import NotNow
from plateward.alerts.models import Alert, Holding, StepRecord, UnitNote
from plateward.alerts.rules import HoldingEnd
from plateward.audit.models import AuditRecord
from plateward.policy import Refused
from tests.alarms import alerted, worked
from tests.dispatchers import joined
from tests.failing import journal_refuses
from tests.personas import Town, open_session


@pytest.fixture(autouse=True)
def colleague(barstow: Town, now: datetime) -> None:
    joined(barstow, now)


def held_by(alert: Alert) -> str | None:
    return queries.with_hits(alert.agency_id).get(pk=alert.pk).holder_name


def verbs(alert: Alert) -> list[str]:
    """What the journal says of who works the alert."""
    journal = AuditRecord.objects.filter(subject=f"alerts.Alert:{alert.pk}").order_by("id")
    said = journal.filter(verb__startswith="alerts.holding") | journal.filter(
        verb="alerts.alert.acknowledged"
    )
    return list(said.values_list("verb", flat=True))


def test_taking_an_alert_says_that_it_was_heard_and_who_works_it(barstow: Town, now: datetime) -> None:
    alert, dunn = alerted(barstow, now), barstow.actor("dunn", now)
    first = holding_actions.take(alert=alert, by=dunn, now=now)
    assert holding_actions.take(alert=alert, by=dunn, now=now) == first, "once more changes nothing"
    alert.refresh_from_db()
    assert (held_by(alert), alert.acknowledged_by) == ("Drew Dunn", barstow.users["dunn"])
    assert verbs(alert) == ["alerts.alert.acknowledged", "alerts.holding.taken"]


def test_taking_it_from_a_colleague_asks_for_a_reason_and_stops_neither(barstow: Town, now: datetime) -> None:
    alert, doyle = alerted(barstow, now), barstow.actor("doyle", now)
    holding_actions.take(alert=alert, by=barstow.actor("dunn", now), now=now)
    with pytest.raises(NotNow, match="Say why you take it over"):
        holding_actions.take(alert=alert, by=doyle, now=now)
    actions.work_step(alert=alert, step="confirm", by=doyle, now=now)
    assert StepRecord.objects.get().worked_by == barstow.users["doyle"]
    holding_actions.take(alert=alert, by=doyle, now=now, reason="Dunn is on the telephone")
    assert Holding.objects.get(ended_at__isnull=False).ended_as == HoldingEnd.TAKEN_OVER
    row = AuditRecord.objects.get(verb="alerts.holding.overtaken")
    assert row.detail == {"of": "dunn", "reason": "Dunn is on the telephone"}


def test_only_who_holds_it_hands_it_over_and_only_to_somebody_who_may_work_it(
    barstow: Town, now: datetime
) -> None:
    alert, dunn, doyle = alerted(barstow, now), barstow.actor("dunn", now), barstow.actor("doyle", now)
    with pytest.raises(NotNow, match="Nobody holds this alert"):
        holding_actions.hand_over(alert=alert, to=doyle, by=dunn, now=now)
    holding_actions.take(alert=alert, by=dunn, now=now)
    with pytest.raises(NotNow, match="Drew Dunn holds this alert"):
        holding_actions.release(alert=alert, by=doyle, now=now)
    with pytest.raises(NotNow, match="Olivia Ortiz cannot work this alert"):
        holding_actions.hand_over(alert=alert, to=barstow.actor("ortiz", now), by=dunn, now=now)
    holding_actions.hand_over(alert=alert, to=doyle, by=dunn, now=now)
    holding_actions.release(alert=alert, by=doyle, now=now)
    assert held_by(alert) is None
    assert verbs(alert)[2:] == ["alerts.holding.handed", "alerts.holding.released"]


def test_who_does_not_work_the_dispatch_holds_nothing_and_notes_nothing(barstow: Town, now: datetime) -> None:
    alert, ortiz = alerted(barstow, now), barstow.actor("ortiz", now)
    for refused in (
        lambda: holding_actions.take(alert=alert, by=ortiz, now=now),
        lambda: holding_actions.acknowledge(alerts=[alert.pk], by=ortiz, now=now),
        lambda: holding_actions.note_unit(alert=alert, unit="4A12", text="On scene", by=ortiz, now=now),
    ):
        with pytest.raises(Refused):
            refused()
    assert verbs(alert) == []


def test_a_closed_alert_is_nobodys_work(barstow: Town, now: datetime) -> None:
    alert, dunn = alerted(barstow, now), barstow.actor("dunn", now)
    holding_actions.take(alert=alert, by=dunn, now=now)
    actions.dispose(alert=alert, code="not-located", by=dunn, now=now)
    assert Holding.objects.get().ended_as == HoldingEnd.CLOSED
    assert holding_actions.take_if_free(alert=alert, by=dunn, now=now) is None
    with pytest.raises(NotNow, match="This alert is closed"):
        holding_actions.take(alert=alert, by=dunn, now=now)
    with pytest.raises(NotNow, match="This alert is closed"):
        holding_actions.note_unit(alert=alert, unit="4A12", text="On scene", by=dunn, now=now)


@pytest.mark.clause("B-466.6(e)")
def test_logging_out_lets_the_alert_wait_for_somebody_else(barstow: Town, now: datetime) -> None:
    alert = alerted(barstow, now)
    here, elsewhere = open_session(Client(), "dunn"), open_session(Client(), "dunn")
    holding_actions.take(alert=alert, by=barstow.actor("dunn", now), now=now)
    elsewhere.post(reverse("accounts:logout"))
    assert held_by(alert) == "Drew Dunn", "still at another console"
    here.post(reverse("accounts:logout"))
    assert held_by(alert) is None
    assert Holding.objects.get().ended_as == HoldingEnd.LEFT
    assert AuditRecord.objects.get(verb="alerts.holding.ended").detail == {"of": "dunn"}


@pytest.mark.clause("B-466.6(e)")
def test_suspension_and_sessions_that_ran_out_end_it_too(barstow: Town, now: datetime) -> None:
    alert, dunn = alerted(barstow, now), barstow.actor("dunn", now)
    open_session(Client(), "dunn")
    holding_actions.take(alert=alert, by=dunn, now=now)
    assert holding_actions.end_absent(now=timezone.now()) == 0
    accounts.suspend(
        user=barstow.users["dunn"],
        reason="On leave.",
        needs_retraining=False,
        by=barstow.actor("cole", now),
        now=now,
    )
    assert held_by(alert) is None
    doyle = barstow.actor("doyle", now)
    open_session(Client(), "doyle")
    holding_actions.take(alert=alert, by=doyle, now=now)
    assert holding_actions.end_absent(now=timezone.now() + timedelta(days=30)) == 1


def test_leaving_succeeds_while_the_journal_cannot_be_written(barstow: Town, now: datetime) -> None:
    alert, client = alerted(barstow, now), open_session(Client(), "dunn")
    holding_actions.take(alert=alert, by=barstow.actor("dunn", now), now=now)
    with journal_refuses():
        assert client.post(reverse("accounts:logout")).status_code == 302
    assert held_by(alert) is None


def test_an_act_sent_again_over_a_bad_line_is_one_act(barstow: Town, now: datetime) -> None:
    alert, dunn, act = alerted(barstow, now), barstow.actor("dunn", now), uuid4()
    for _ in range(2):
        actions.work_step(alert=alert, step="confirm", by=dunn, now=now, act=act)
        holding_actions.note_unit(alert=alert, unit="4a12", text="On scene", by=dunn, now=now, act=act)
    assert (StepRecord.objects.count(), UnitNote.objects.count()) == (1, 1)
    with pytest.raises(NotNow, match="Already done"):
        actions.work_step(alert=alert, step="confirm", by=barstow.actor("doyle", now), now=now, act=act)
    ended = [actions.dispose(alert=alert, code="not-located", by=dunn, now=now, act=act).pk for _ in range(2)]
    assert ended == [act, act]


def test_the_log_holds_what_units_were_told_and_what_they_did(barstow: Town, now: datetime) -> None:
    alert = worked(alerted(barstow, now), barstow, now, "confirm", "advise-pending")
    later = now + timedelta(minutes=2)
    dunn = barstow.actor("dunn", later)
    holding_actions.note_unit(alert=alert, unit="4a12", text="On scene", by=dunn, now=later)
    shown = queries.with_hits("barstow-pd").get(pk=alert.pk)
    told, noted = holding.unit_log(shown)
    assert told.said.startswith("All units, ALPR alert, unverified")
    assert (noted.what, noted.said, noted.by) == ("4A12", "On scene", "Drew Dunn")
    assert AuditRecord.objects.get(verb="alerts.unit.noted").detail == {"unit": "4A12", "text": "On scene"}
