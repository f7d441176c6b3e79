"""An alert worked from UNVERIFIED to its disposition, and who is told what when it cannot be."""

from datetime import datetime, timedelta

import pytest

from plateward.alerts import actions, queries
from plateward.alerts.actions import NotNow
from plateward.alerts.models import Alert, AlertDelivery, StepRecord
from plateward.alerts.rules import AlertStatus, ConfirmationResult, Place, StepOutcome
from plateward.audit import actions as audit
from plateward.audit.models import AccessRecord, AuditRecord
from plateward.hotlists import actions as hotlists
from plateward.policy import Refused
from tests.alarms import BEFORE_CONFIRMATION, alerted, arrives, worked
from tests.personas import Town


def again(alert: Alert, town: Town) -> Alert:
    """The alert with its hits, as a screen gets it."""
    return queries.with_hits(town.agency.pk).get(pk=alert.pk)


@pytest.mark.clause("B-466.9(a)", "B-466.9(b)", "B-466.9(c)", "B-466.9(d)", "B-466.9(e)")
def test_the_five_steps_are_recorded_with_person_time_and_words(barstow: Town, now: datetime) -> None:
    alert = worked(alerted(barstow, now), barstow, now, *BEFORE_CONFIRMATION, confirmed=True)
    assert alert.status == AlertStatus.VERIFIED
    worked(alert, barstow, now + timedelta(minutes=1), "advise-verified", "update-direction")
    recorded = StepRecord.objects.order_by("clause").values_list("clause", "worked_by__username", "spoken")
    records = list(recorded)
    assert [clause for clause, _, _ in records] == [f"B-466.9({letter})" for letter in "abcde"]
    assert {username for _, username, _ in records} == {"dunn"}
    assert "8 Adam Boy Charles 1 2 3" in records[2][2]
    assert "northbound" in records[2][2]
    journal = AuditRecord.objects.filter(subject=f"alerts.Alert:{alert.pk}", username="dunn")
    assert journal.filter(verb="alerts.step.worked").count() == 5
    assert journal.filter(verb="alerts.alert.verified").count() == 1


@pytest.mark.clause("B-466.9(d)")
def test_verified_cannot_be_told_before_the_confirmation(barstow: Town, now: datetime) -> None:
    alert = worked(alerted(barstow, now), barstow, now, *BEFORE_CONFIRMATION)
    with pytest.raises(NotNow, match="No confirmation is recorded"):
        actions.work_step(alert=alert, step="advise-verified", by=barstow.actor("dunn", now), now=now)
    assert not StepRecord.objects.filter(step="advise-verified").exists()


@pytest.mark.clause("B-466.9(b)")
def test_a_confirmation_that_comes_first_overtakes_the_advice(barstow: Town, now: datetime) -> None:
    alert = worked(alerted(barstow, now), barstow, now, "confirm", confirmed=True)
    dunn = barstow.actor("dunn", now)
    with pytest.raises(NotNow, match="cannot be told any more"):
        actions.work_step(alert=alert, step="advise-pending", by=dunn, now=now)
    record = actions.work_step(
        alert=alert, step="advise-pending", outcome=StepOutcome.OVERTAKEN, by=dunn, now=now
    )
    assert record.spoken == ""


def test_the_words_recorded_are_those_of_the_sighting_on_the_screen(barstow: Town, now: datetime) -> None:
    alert = worked(alerted(barstow, now), barstow, now, "confirm", "advise-pending")
    shown = alert.hits.get()
    barstow.camera.location = "Armory Road at Muriel Drive"
    barstow.camera.save()
    arrives(barstow.camera, "8ABC123", now + timedelta(seconds=5))
    actions.match_waiting(limit=5, now=now)
    record = actions.work_step(
        alert=alert, step="describe", hit=shown.pk, by=barstow.actor("dunn", now), now=now
    )
    assert "8 Adam Boy Charles" in record.spoken


def test_officers_do_not_work_the_dispatch_and_dispatchers_of_another_agency_do_not_see_it(
    barstow: Town, huntington_park: Town, now: datetime
) -> None:
    alert = alerted(barstow, now)
    with pytest.raises(Refused, match="may not work an alert"):
        actions.work_step(alert=alert, step="confirm", by=barstow.actor("ortiz", now), now=now)
    with pytest.raises(Alert.DoesNotExist):
        actions.dispose(alert=alert, code="other", note="?", by=huntington_park.actor("hyde", now), now=now)


@pytest.mark.clause("B-466.4(f)")
def test_an_arrest_on_an_unverified_alert_states_why_verification_was_not_practicable(
    barstow: Town, now: datetime
) -> None:
    alert, ortiz = alerted(barstow, now), barstow.actor("ortiz", now)
    with pytest.raises(NotNow, match=r"B-466\.4\(f\).*not verified"):
        actions.dispose(alert=alert, code="arrest", by=ortiz, now=now)
    closed = actions.dispose(
        alert=alert, code="arrest", not_practicable_reason="CLETS was down", by=ortiz, now=now
    )
    assert closed.not_practicable_reason == "CLETS was down"
    row = AuditRecord.objects.get(verb="alerts.alert.closed")
    assert (row.username, row.detail["was"], row.detail["clause"]) == ("ortiz", "UNVERIFIED", "B-466.4(f)")


@pytest.mark.clause("H-426.3(f)")
def test_a_policy_silent_on_dispatch_still_records_verification(huntington_park: Town, now: datetime) -> None:
    alert, hart = alerted(huntington_park, now), huntington_park.actor("hart", now)
    with pytest.raises(NotNow, match=r"H-426\.3\(f\)"):
        actions.dispose(alert=alert, code="arrest", by=hart, now=now)
    actions.record_confirmation(
        alert=alert, channel="mdc", result=ConfirmationResult.CONFIRMED, by=hart, now=now
    )
    actions.dispose(alert=alert, code="arrest", by=hart, now=now)
    alert.refresh_from_db()
    assert alert.status == AlertStatus.CLOSED


@pytest.mark.clause("B-466.11")
def test_a_recovery_makes_the_removal_due_until_the_entry_is_removed(barstow: Town, now: datetime) -> None:
    alert = worked(alerted(barstow, now), barstow, now, "confirm", confirmed=True)
    actions.dispose(alert=alert, code="recovered", by=barstow.actor("ortiz", now), now=now)
    assert [due.alert for due in queries.removals_due("barstow-pd")] == [alert]
    assert not queries.removals_due("huntington-park-pd").exists()
    hotlists.remove(entry=alert.entry, note="Recovered", by=barstow.actor("ortiz", now), now=now)
    assert not queries.removals_due("barstow-pd").exists()


def test_what_is_done_is_not_done_twice(barstow: Town, now: datetime) -> None:
    alert = worked(alerted(barstow, now), barstow, now, "confirm", confirmed=True)
    dunn = barstow.actor("dunn", now)
    with pytest.raises(NotNow, match=r"Already done at .* by Drew Dunn"):
        actions.work_step(alert=alert, step="confirm", by=dunn, now=now)
    with pytest.raises(NotNow, match=r"Already recorded at .* by Drew Dunn"):
        actions.record_confirmation(
            alert=alert, channel="radio", result=ConfirmationResult.CONFIRMED, by=dunn, now=now, seen=0
        )
    actions.dispose(alert=alert, code="not-located", by=dunn, now=now)
    with pytest.raises(NotNow, match=r"closed at .* by Drew Dunn: Not located"):
        actions.dispose(alert=alert, code="not-located", by=dunn, now=now)


def test_nothing_changes_without_its_journal_row(
    barstow: Town, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    alert = worked(alerted(barstow, now), barstow, now, "confirm")

    def fail(**_: object) -> None:
        raise RuntimeError("the journal is full")

    monkeypatch.setattr(audit, "record", fail)
    dunn = barstow.actor("dunn", now)
    with pytest.raises(RuntimeError):
        actions.record_confirmation(
            alert=alert, channel="radio", result=ConfirmationResult.CONFIRMED, by=dunn, now=now
        )
    with pytest.raises(RuntimeError):
        actions.dispose(alert=alert, code="not-located", by=dunn, now=now)
    with pytest.raises(RuntimeError):
        actions.work_step(alert=alert, step="advise-pending", by=dunn, now=now)
    alert.refresh_from_db()
    assert (alert.status, alert.confirmations.count(), alert.steps.count()) == (AlertStatus.UNVERIFIED, 0, 1)


@pytest.mark.clause("B-466.6(a)")
def test_delivery_is_on_record_once_per_person_and_hit(barstow: Town, now: datetime) -> None:
    alert, dunn = alerted(barstow, now), barstow.actor("dunn", now)
    first = actions.deliver(by=dunn, alerts=[again(alert, barstow)], place=Place.CONSOLE, now=now)
    assert actions.deliver(by=dunn, alerts=[again(alert, barstow)], place=Place.CONSOLE, now=now) == first
    record = AccessRecord.objects.get()
    assert (record.username, record.purpose, record.elements["plate"], record.result_count) == (
        "dunn",
        "stolen-or-wanted-vehicle",
        "8ABC123",
        1,
    )
    actions.deliver(
        by=barstow.actor("soto", now), alerts=[again(alert, barstow)], place=Place.CONSOLE, now=now
    )
    arrives(barstow.camera, "8ABC123", now + timedelta(minutes=1))
    actions.match_waiting(limit=5, now=now)
    actions.deliver(by=dunn, alerts=[again(alert, barstow)], place=Place.CONSOLE, now=now)
    assert list(AccessRecord.objects.order_by("id").values_list("username", "result_count")) == [
        ("dunn", 1),
        ("soto", 1),
        ("dunn", 2),
    ]
    assert AlertDelivery.objects.count() == 2


@pytest.mark.clause("B-466.6(a)")
def test_each_opening_with_pictures_is_on_record(barstow: Town, now: datetime) -> None:
    alert, dunn = alerted(barstow, now), barstow.actor("dunn", now)
    for _ in range(2):
        opened = actions.open_alert(by=dunn, alert=again(alert, barstow), now=now)
        assert opened.access is not None
    assert AccessRecord.objects.filter(subject=f"reads.Read:{alert.hits.get().read_id}").count() == 2
    with pytest.raises(Refused):
        actions.open_alert(by=barstow.actor("imani", now), alert=again(alert, barstow), now=now)


@pytest.mark.clause("B-466.9(d)")
def test_a_clock_set_back_between_two_answers_does_not_leave_the_alert_verified(
    barstow: Town, now: datetime
) -> None:
    alert, dunn = alerted(barstow, now), barstow.actor("dunn", now)
    worked(alert, barstow, now, *BEFORE_CONFIRMATION, confirmed=True)
    withdrawn = ConfirmationResult.NOT_CONFIRMED
    earlier = now - timedelta(minutes=5)
    actions.record_confirmation(alert=alert, channel="clets-terminal", result=withdrawn, by=dunn, now=earlier)
    with pytest.raises(NotNow):
        actions.work_step(alert=alert, step="advise-verified", by=dunn, now=now)
    with pytest.raises(NotNow, match="not verified"):
        actions.dispose(alert=alert, code="arrest", by=dunn, now=now)
