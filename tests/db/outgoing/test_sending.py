"""From an alert to another system: recorded before it leaves, signed, tried again, given up, sent again."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from plateward.alerts import actions as alerts
from plateward.alerts.models import Alert
from plateward.audit.models import AccessRecord, AuditRecord
from plateward.hotlists.models import Entry
from plateward.notices.models import Notice
from plateward.outgoing import actions, outbox, rules, sending
from plateward.outgoing.models import Event, Message, System
from plateward.outgoing.rules import MessageState, SystemState
from plateward.policy import DEPARTMENT, Refused
from tests.alarms import alerted, arrives, worked
from tests.personas import Town
from tests.receiving import Receiver, decide_to_send, only_message, reaches_itself, receiving, sent, set_up


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    reaches_itself(monkeypatch)
    with receiving() as found:
        yield found


def later(now: datetime, **given: float) -> datetime:
    return now + timedelta(**given)


@pytest.mark.clause("B-466.6(a)")
def test_a_new_alert_arrives_signed_without_its_plate_and_who_received_what_is_on_record(
    barstow: Town, now: datetime, receiver: Receiver
) -> None:
    decide_to_send(barstow, now)
    system, secret = set_up(barstow, now, receiver)
    alert = alerted(barstow, later(now, seconds=1))
    assert sent(later(now, seconds=2)) == 1
    (message,) = receiver.received
    assert message.is_signed_by(secret)
    assert not message.is_signed_by(rules.new_secret())
    assert message.number == only_message().number
    assert message.said["type"] == "alert.raised"
    assert message.said["data"]["alert"] == str(alert.pk)
    assert message.said["data"]["camera"] == barstow.camera.name
    assert b"8ABC123" not in message.body
    record = AccessRecord.objects.get(pk=only_message().access_record_id)
    assert (record.organization, record.plate) == ("County CAD", "")
    assert record.elements["given"] == ["time", "camera", "category"]
    assert only_message().state == MessageState.SENT
    system.refresh_from_db()
    assert system.arrived_at == later(now, seconds=2)
    assert sent(later(now, days=9)) == 0


def test_where_it_is_decided_the_plate_goes_too_and_the_record_says_so(
    barstow: Town, now: datetime, receiver: Receiver
) -> None:
    decide_to_send(barstow, now, plates=True)
    set_up(barstow, now, receiver)
    alerted(barstow, later(now, seconds=1))
    sent(later(now, seconds=2))
    assert receiver.received[0].said["data"]["plate"] == "8ABC123"
    assert AccessRecord.objects.get(pk=only_message().access_record_id).plate == "8ABC123"


@pytest.mark.clause("B-466.4(e)")
def test_of_state_data_neither_category_nor_plate_leaves_as_nobody_authorizes_a_system(
    barstow: Town, now: datetime, receiver: Receiver
) -> None:
    decide_to_send(barstow, now, plates=True)
    set_up(barstow, now, receiver)
    of_the_state(alerted(barstow, later(now, seconds=1)))
    sent(later(now, seconds=2))
    said = receiver.received[0].said["data"]
    assert said["category"] == ""
    assert "plate" not in said


def of_the_state(alert: Alert) -> None:
    Entry.objects.filter(pk=alert.entry_id).update(origin="state", category="gang")


def test_a_choice_of_categories_tells_no_category_that_must_stay_here(
    barstow: Town, now: datetime, receiver: Receiver
) -> None:
    decide_to_send(barstow, now)
    set_up(barstow, now, receiver, name="Gang unit", categories=["gang"])
    set_up(barstow, now, receiver, name="Everything")
    of_the_state(alerted(barstow, later(now, seconds=1)))
    assert sent(later(now, seconds=2)) == 1
    assert only_message().system.name == "Everything"


def test_a_message_that_waited_as_its_category_had_to_stay_here_is_not_sent_by_it(
    barstow: Town, now: datetime, receiver: Receiver
) -> None:
    decide_to_send(barstow, now)
    set_up(barstow, now, receiver, categories=["own"])
    alert = alerted(barstow, later(now, seconds=1))
    outbox.spread(now=later(now, seconds=1))
    of_the_state(alert)
    assert sent(later(now, seconds=2)) == 0
    assert (only_message().state, only_message().last_error) == (MessageState.DROPPED, sending.FILTER_TELLS)
    assert AuditRecord.objects.filter(verb="outgoing.message.dropped").count() == 1


@pytest.mark.clause("B-466.6(a)", "CC-1798.90.52")
def test_a_later_try_that_tells_more_or_goes_elsewhere_is_on_record_before_it_leaves(
    barstow: Town, now: datetime, receiver: Receiver
) -> None:
    decide_to_send(barstow, now)
    system, _ = set_up(barstow, now, receiver)
    alert = alerted(barstow, later(now, seconds=1))
    of_the_state(alert)
    receiver.status = 503
    sent(later(now, seconds=2))
    Entry.objects.filter(pk=alert.entry_id).update(origin=DEPARTMENT, category="")
    sent(later(now, minutes=2))
    System.objects.filter(pk=system.pk).update(url=f"{receiver.url}/elsewhere", name="CAD of the region")
    receiver.status = 204
    sent(later(now, hours=1))
    assert [one.said["data"]["category"] for one in receiver.received] == ["", "own", "own"]
    records = AccessRecord.objects.filter(username="system:outgoing").order_by("pk")
    told = ["time", "camera", "category"]
    assert [(one.elements["given"], one.organization, one.elements["sent_to"]) for one in records] == [
        (told[:2], "County CAD", receiver.url),
        (told, "County CAD", receiver.url),
        (told, "CAD of the region", f"{receiver.url}/elsewhere"),
    ]
    assert only_message().access_record_id == records[2].pk


def waiting_for(town: Town, system: System, now: datetime, many: int) -> None:
    """Messages that wait for a system since long."""
    Message.objects.bulk_create(
        Message(agency=town.agency, system=system, made_at=now, next_at=now) for _ in range(many)
    )


def states_of(system: System) -> set[str]:
    return set(system.messages.values_list("state", flat=True))


def test_switching_a_system_off_ends_all_that_waits_for_it_in_one_act(
    barstow: Town, now: datetime, receiver: Receiver
) -> None:
    decide_to_send(barstow, now)
    dead, _ = set_up(barstow, now, receiver)
    waiting_for(barstow, dead, now, 40)
    actions.switch(system_id=dead.pk, on=False, by=barstow.actor("imani", now), now=now)
    assert states_of(dead) == {MessageState.DROPPED}
    (row,) = AuditRecord.objects.filter(verb="outgoing.system.emptied")
    assert (row.detail["messages"], row.username) == (40, "imani")
    assert sent(later(now, seconds=1)) == 0
    assert receiver.received == []


def test_what_waits_for_a_system_that_is_off_or_gone_holds_up_no_other(
    barstow: Town, now: datetime, receiver: Receiver
) -> None:
    decide_to_send(barstow, now)
    for name, state in (("Off", SystemState.OFF), ("Gone", SystemState.GONE)):
        system, _ = set_up(barstow, now, name=name)
        waiting_for(barstow, system, now, 40)
        System.objects.filter(pk=system.pk).update(state=state)
    set_up(barstow, now, receiver)
    alerted(barstow, later(now, seconds=1))
    assert sent(later(now, seconds=2)) == 1
    assert len(receiver.received) == 1
    assert not Message.objects.filter(state=MessageState.WAITING).exists()


def test_a_system_that_answers_nothing_any_more_holds_up_no_other(
    barstow: Town, now: datetime, receiver: Receiver
) -> None:
    decide_to_send(barstow, now)
    dead, _ = set_up(barstow, now, name="Dead")
    System.objects.filter(pk=dead.pk).update(url="http://127.0.0.1:9/alerts", failing_since_at=now)
    waiting_for(barstow, dead, now, 40)
    alive, _ = set_up(barstow, now, receiver)
    alerted(barstow, later(now, seconds=1))
    assert sent(later(now, seconds=2)) == 2
    assert states_of(alive) == {MessageState.SENT}
    assert states_of(dead) == {MessageState.WAITING}


def test_a_message_that_arrives_while_its_system_is_switched_off_has_arrived(
    barstow: Town, now: datetime
) -> None:
    decide_to_send(barstow, now)
    system, _ = set_up(barstow, now)
    waiting_for(barstow, system, now, 2)
    one, other = sending.take(now=now).taken
    actions.switch(system_id=system.pk, on=False, by=barstow.actor("imani", now), now=now)
    sending.settle(message_id=one.message.pk, outcome=sending.Outcome(status=204), now=now)
    sending.settle(message_id=other.message.pk, outcome=sending.Outcome(status=503), now=now)
    assert Message.objects.get(pk=one.message.pk).state == MessageState.SENT
    assert Message.objects.get(pk=other.message.pk).state == MessageState.DROPPED


def test_while_the_policy_is_silent_nothing_is_set_up_and_nothing_sent(
    barstow: Town, huntington_park: Town, now: datetime, receiver: Receiver
) -> None:
    for town, person in ((barstow, "imani"), (huntington_park, "hayes")):
        with pytest.raises(Refused, match="does not say whether"):
            set_up(town, now) if town is barstow else actions.try_out(
                system_id=barstow.camera.pk, by=town.actor(person, now), now=now
            )
    alerted(barstow, now)
    assert outbox.spread(now=now) == 1
    assert not Message.objects.exists()
    assert receiver.received == []


def test_a_message_waiting_when_the_agency_decides_against_it_stays_here(
    barstow: Town, now: datetime, receiver: Receiver
) -> None:
    decide_to_send(barstow, now)
    set_up(barstow, now, receiver)
    alerted(barstow, later(now, seconds=1))
    outbox.spread(now=later(now, seconds=1))
    System.objects.update(state=SystemState.OFF)
    sent(later(now, seconds=2))
    assert only_message().state == MessageState.DROPPED
    assert receiver.received == []
    assert AuditRecord.objects.filter(verb="outgoing.system.emptied").count() == 1


def test_a_failing_system_is_tried_again_with_the_same_id_and_one_record(
    barstow: Town, now: datetime, receiver: Receiver
) -> None:
    decide_to_send(barstow, now)
    system, _ = set_up(barstow, now, receiver)
    alerted(barstow, later(now, seconds=1))
    receiver.status = 503
    first = later(now, seconds=2)
    sent(first)
    system.refresh_from_db()
    assert (system.failing_since_at, system.last_error) == (first, "It answered 503.")
    assert sent(later(first, seconds=1)) == 0
    receiver.status = 200
    assert sent(later(first, minutes=1)) == 1
    one, two = receiver.received
    assert one.number == two.number
    assert AccessRecord.objects.filter(organization="County CAD").count() == 1
    system.refresh_from_db()
    assert (system.failing_since_at, system.last_error) == (None, "")


def fail_to_the_end(now: datetime) -> datetime:
    at = now
    for _ in range(len(rules.TRIES_AFTER) + 1):
        assert sent(at) == 1
        at = later(at, days=2)
    return at


def test_what_never_arrives_is_given_up_told_to_its_keepers_and_sent_again_by_one_of_them(
    barstow: Town, now: datetime, receiver: Receiver
) -> None:
    decide_to_send(barstow, now)
    set_up(barstow, now, receiver)
    alerted(barstow, later(now, seconds=1))
    receiver.status = 500
    end = fail_to_the_end(later(now, seconds=2))
    assert only_message().state == MessageState.DEAD
    notice = Notice.objects.get(kind=sending.NOTICE, position="administrative-division-commander")
    assert "County CAD" in notice.text
    with pytest.raises(Refused):
        actions.replay(message_id=only_message().pk, by=barstow.actor("ortiz", now), now=now)
    receiver.status = 200
    # Training counts for two years and the account for as long as it is used: the act is of the same day.
    actions.replay(message_id=only_message().pk, by=barstow.actor("imani", now), now=end)
    assert sent(end) == 1
    assert only_message().state == MessageState.SENT
    assert {one.number for one in receiver.received} == {only_message().number}
    notice.refresh_from_db()
    assert notice.done_at == end
    with pytest.raises(ValidationError, match="arrived already"):
        actions.replay(message_id=only_message().pk, by=barstow.actor("imani", now), now=end)


def test_a_system_that_is_gone_gets_nothing_more(barstow: Town, now: datetime, receiver: Receiver) -> None:
    decide_to_send(barstow, now)
    system, _ = set_up(barstow, now, receiver)
    alerted(barstow, later(now, seconds=1))
    outbox.spread(now=later(now, seconds=1))
    waiting_for(barstow, system, later(now, minutes=5), 40)
    receiver.status = 410
    sent(later(now, seconds=2))
    assert states_of(system) == {MessageState.DEAD, MessageState.DROPPED}
    alerted(barstow, later(now, seconds=3), "7XYZ999")
    assert sent(later(now, minutes=9)) == 0
    system.refresh_from_db()
    assert system.state == SystemState.GONE
    assert AuditRecord.objects.filter(verb="outgoing.system.gone").count() == 1


def test_a_redirection_is_not_followed(barstow: Town, now: datetime, receiver: Receiver) -> None:
    decide_to_send(barstow, now)
    set_up(barstow, now, receiver)
    alerted(barstow, later(now, seconds=1))
    receiver.status = 307
    sent(later(now, seconds=2))
    assert len(receiver.received) == 1
    assert only_message().last_status == 307


def test_a_new_secret_signs_beside_the_old_one_for_a_day(
    barstow: Town, now: datetime, receiver: Receiver
) -> None:
    decide_to_send(barstow, now)
    system, old = set_up(barstow, now, receiver)
    _, new = actions.rotate(system_id=system.pk, by=barstow.actor("imani", now), now=now)
    for hours, expected in ((23, True), (25, False)):
        at = later(now, hours=hours)
        actions.try_out(system_id=system.pk, by=barstow.actor("imani", now), now=at)
        sent(at)
        assert receiver.received[-1].is_signed_by(new)
        assert receiver.received[-1].is_signed_by(old) is expected


def test_a_test_message_tells_of_no_alert_and_is_no_access(
    barstow: Town, now: datetime, receiver: Receiver
) -> None:
    decide_to_send(barstow, now)
    system, _ = set_up(barstow, now, receiver)
    actions.try_out(system_id=system.pk, by=barstow.actor("imani", now), now=now)
    sent(now)
    assert receiver.received[0].said["type"] == "plateward.test"
    assert only_message().access_record_id is None


def test_a_system_hears_of_what_it_was_set_up_for_and_of_nothing_before(
    barstow: Town, now: datetime, receiver: Receiver
) -> None:
    decide_to_send(barstow, now)
    alerted(barstow, now, "6AAA111")
    set_up(barstow, later(now, seconds=1), receiver, whats=["HIT", "CHANGED", "CLOSED"])
    set_up(barstow, later(now, seconds=1), receiver, name="Other", categories=["stolen-vehicle"])
    alert = alerted(barstow, later(now, seconds=2))
    at = later(now, seconds=3)
    arrives(barstow.camera, "8ABC123", at)
    alerts.match_waiting(limit=10, now=at)
    worked(alert, barstow, at, "confirm", confirmed=True)
    alerts.dispose(
        alert=Alert.objects.get(pk=alert.pk), code="not-located", by=barstow.actor("dunn", at), now=at
    )
    sent(later(now, seconds=4))
    assert sorted(one.said["type"] for one in receiver.received) == [
        "alert.changed",
        "alert.closed",
        "alert.hit",
    ]


def test_what_happened_is_written_with_it_or_not_at_all(
    barstow: Town, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(**_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(Event.objects, "create", fails)
    with pytest.raises(Alert.DoesNotExist):
        alerted(barstow, now)
    assert not Event.objects.exists()


def test_another_agencys_system_does_not_exist(barstow: Town, huntington_park: Town, now: datetime) -> None:
    decide_to_send(barstow, now)
    system, _ = set_up(barstow, now)
    hayes = huntington_park.actor("hayes", now)
    with pytest.raises(System.DoesNotExist):
        actions.switch(system_id=system.pk, on=False, by=hayes, now=now)


def test_only_who_may_sets_systems_up_and_only_where_messages_may_go(barstow: Town, now: datetime) -> None:
    decide_to_send(barstow, now)
    facts = {"name": "CAD", "purpose": "Calls.", "whats": ["RAISED"], "categories": []}
    with pytest.raises(Refused):
        actions.set_up(**facts, url="https://cad.example/", by=barstow.actor("ortiz", now), now=now)
    with pytest.raises(ValidationError, match="https"):
        actions.set_up(**facts, url="http://cad.example/", by=barstow.actor("imani", now), now=now)
