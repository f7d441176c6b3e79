"""People are told of alerts where the agency decided so: recorded first, and asked again each time."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings as now_set
from django.core.exceptions import ValidationError

from plateward.accounts import actions as accounts
from plateward.accounts.models import Certification
from plateward.alerts import actions as alerts
from plateward.alerts.models import Alert
from plateward.audit.models import AccessRecord, AuditRecord
from plateward.hotlists.models import Entry
from plateward.notices.models import Notice
from plateward.outgoing import actions as systems
from plateward.outgoing import mailing, outbox, person_actions, person_rules, persons, rules, sending
from plateward.outgoing.carriers import PUSH_SERVICES
from plateward.outgoing.mailing import Letter
from plateward.outgoing.models import Browser, Message, PushKey, System, Telling
from plateward.outgoing.rules import MessageState
from plateward.policy import CategoryPriority, Refused
from plateward.reads.models import Read
from tests.alarms import alerted, arrives, wanted
from tests.personas import Town
from tests.pushing import Browser as BrowserKeys
from tests.receiving import Receiver, only_message, reaches_itself, receiving, sent
from tests.telling import (
    ADDRESS,
    PUSH_HOST,
    Mailbox,
    chosen,
    decide_to_tell,
    mail_server,
    reads_mail,
    with_browser,
)


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    with mail_server(settings) as box:
        yield box


@pytest.fixture
def service(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A push service of this machine that answers 201, as RFC 8030 has it."""
    settings.ENVIRONMENT = replace(now_set.ENVIRONMENT, push_services=(*PUSH_SERVICES, "127.0.0.1"))
    reaches_itself(monkeypatch)
    with receiving() as found:
        found.status = 201
        yield found


def after(now: datetime, **given: float) -> datetime:
    return now + timedelta(**given)


def told_by_mail(town: Town, now: datetime, person: str = "dunn", **given: object) -> None:
    decide_to_tell(town, now, "MAIL", "PUSH")
    reads_mail(town, person, now)
    chosen(town, person, now, **given)


def why_dropped() -> str:
    message = only_message()
    assert message.state == MessageState.DROPPED
    return message.last_error


@pytest.mark.clause("B-466.6(a)", "CC-1798.90.52")
def test_an_alert_is_told_by_e_mail_without_its_plate_and_the_access_is_on_record(
    barstow: Town, now: datetime, mailbox: Mailbox
) -> None:
    told_by_mail(barstow, now)
    alert = alerted(barstow, after(now, seconds=1))
    assert sent(after(now, seconds=2)) == 1
    (letter,) = mailbox.received
    assert letter["To"] == ADDRESS
    assert letter["Message-ID"] == f"<{only_message().number}@city.example>"
    text = letter.get_content()
    assert f"at camera {barstow.camera.name}" in text
    assert f"/dispatch/{alert.pk}" in text
    for kept in ("8ABC123", "robbery", "26-01234", "Ortiz", "Honda"):
        assert kept not in text
        assert kept not in letter["Subject"]
    record = AccessRecord.objects.get(pk=only_message().access_record_id)
    assert (record.username, record.plate, record.elements["sent_to"]) == ("dunn", "", ADDRESS)
    assert record.elements["given"] == ["time", "camera", "category"]
    assert record.reason == "Told by e-mail that an alert waits"
    assert only_message().state == MessageState.SENT
    assert sent(after(now, days=9)) == 0


def test_an_alert_is_told_on_a_browser_which_alone_can_read_it(
    barstow: Town, now: datetime, service: Receiver
) -> None:
    decide_to_tell(barstow, now, "PUSH")
    chosen(barstow, "dunn", now, mail=[], push=["own"])
    _, browser = with_browser(barstow, "dunn", now, service)
    alert = alerted(barstow, after(now, seconds=1))
    assert sent(after(now, seconds=2)) == 1
    (came,) = service.received
    said = browser.said(came.body)
    assert said["link"] == f"/dispatch/{alert.pk}/"
    assert barstow.camera.name in said["body"]
    assert "8ABC123" not in str(said)
    assert said["tag"] == only_message().number
    assert came.headers["Topic"] == only_message().pk.hex
    assert came.headers["Authorization"].startswith("vapid t=")
    assert f"k={PushKey.objects.get().public}" in came.headers["Authorization"]
    record = AccessRecord.objects.get(pk=only_message().access_record_id)
    assert (record.username, record.elements["sent_to"]) == ("dunn", f"https://{PUSH_HOST}: My phone")


@pytest.mark.clause("B-466.6(a)", "H-426.5(a)")
def test_while_the_policy_is_silent_nobody_can_choose_to_be_told_and_nothing_leaves(
    barstow: Town, now: datetime, mailbox: Mailbox
) -> None:
    told_by_mail(barstow, now)
    alerted(barstow, after(now, seconds=1))
    outbox.spread(now=after(now, seconds=1))
    decide_to_tell(barstow, after(now, microseconds=1), "PUSH", version="2026.9")
    assert sent(after(now, seconds=2)) == 0
    assert why_dropped() == "The agency does not let people be told by e-mail."
    alerted(barstow, after(now, seconds=3), "7XYZ999")
    assert sent(after(now, seconds=4)) == 0
    assert not mailbox.received
    with pytest.raises(Refused, match="e-mail"):
        chosen(barstow, "dunn", after(now, seconds=4))
    dunn = barstow.actor("dunn", after(now, seconds=4))
    with pytest.raises(Refused):
        person_actions.give_address(address=ADDRESS, by=dunn, now=now)


def test_where_nothing_was_ever_decided_both_ways_are_refused(huntington_park: Town, now: datetime) -> None:
    with pytest.raises(Refused, match="The policy does not say whether people are told by e-mail"):
        chosen(huntington_park, "hart", now)
    with pytest.raises(Refused, match="push messages"):
        person_actions.push_key(by=huntington_park.actor("hart", now), now=now)


def test_who_was_suspended_meanwhile_is_not_told(barstow: Town, now: datetime, mailbox: Mailbox) -> None:
    told_by_mail(barstow, now)
    alerted(barstow, after(now, seconds=1))
    outbox.spread(now=after(now, seconds=1))
    accounts.suspend(
        user=barstow.users["dunn"],
        reason="Review",
        needs_retraining=False,
        by=barstow.actor("cole", now),
        now=after(now, seconds=1),
    )
    assert sent(after(now, seconds=2)) == 0
    assert why_dropped() == "Their account is closed."
    assert not mailbox.received
    assert not AccessRecord.objects.filter(username="dunn").exists()


@pytest.mark.clause("B-466.4(d)")
def test_who_has_no_valid_training_any_more_is_not_told(
    barstow: Town, now: datetime, mailbox: Mailbox
) -> None:
    told_by_mail(barstow, now)
    alerted(barstow, after(now, seconds=1))
    outbox.spread(now=after(now, seconds=1))
    Certification.objects.filter(user=barstow.users["dunn"]).update(
        withdrawn_at=now, withdrawn_by=barstow.users["cole"], withdrawn_reason="Entered for the wrong person"
    )
    assert sent(after(now, seconds=2)) == 0
    assert why_dropped().endswith("has not been completed.")
    assert not mailbox.received


def test_without_the_right_to_see_alerts_nothing_can_be_chosen(barstow: Town, now: datetime) -> None:
    decide_to_tell(barstow, now, "MAIL")
    blind = next(name for name in barstow.users if not barstow.actor(name, now).may("alerts.view"))
    with pytest.raises(Refused):
        chosen(barstow, blind, now)


@pytest.mark.clause("B-466.4(e)", "H-426.3(e)")
def test_state_data_is_told_to_nobody_without_its_authorization(
    barstow: Town, now: datetime, mailbox: Mailbox
) -> None:
    told_by_mail(barstow, now, mail=["own", "gang"])
    of_the_state(alerted(barstow, after(now, seconds=1)))
    sent(after(now, seconds=2))
    assert not Message.objects.exists()
    assert not mailbox.received


def of_the_state(alert: Alert) -> None:
    Entry.objects.filter(pk=alert.entry_id).update(origin="state", category="gang")


def test_a_category_whose_detail_may_not_leave_is_not_named_to_who_may_see_it(
    barstow: Town, now: datetime, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    told_by_mail(barstow, now, mail=["own", "gang"])
    of_the_state(alerted(barstow, after(now, seconds=1)))
    monkeypatch.setattr(persons, "sees_entry", lambda *_: True)  # authorized for the state's data
    assert sent(after(now, seconds=2)) == 1
    text = mailbox.received[0].get_content()
    assert "gang" not in text.lower()
    assert "priority" not in text
    assert AccessRecord.objects.get(username="dunn").elements["given"] == ["time", "camera"]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"mail": ["gang"]}, "They did not choose"),
        ({"least": CategoryPriority.HIGH}, "more urgent"),
    ],
)
def test_what_was_not_chosen_is_not_told_even_if_the_choice_comes_last(
    barstow: Town, now: datetime, mailbox: Mailbox, given: dict[str, object], why: str
) -> None:
    told_by_mail(barstow, now)
    alerted(barstow, after(now, seconds=1))
    outbox.spread(now=after(now, seconds=1))
    chosen(barstow, "dunn", after(now, seconds=1), **given)
    assert sent(after(now, seconds=2)) == 0
    assert why in why_dropped()
    assert not mailbox.received


def test_in_quiet_hours_nothing_is_sent_nor_made_up_for(
    barstow: Town, now: datetime, mailbox: Mailbox
) -> None:
    here = now.astimezone(ZoneInfo("America/Los_Angeles"))
    begin, end = here - timedelta(hours=1), here + timedelta(hours=1)
    told_by_mail(barstow, now, quiet_from=begin.time(), quiet_until=end.time())
    alerted(barstow, after(now, seconds=1))
    assert sent(after(now, seconds=2)) == 0
    assert sent(after(now, hours=3)) == 0
    alerted(barstow, after(now, hours=3), "7XYZ999")
    assert sent(after(now, hours=3, seconds=1)) == 1
    assert len(mailbox.received) == 1


def test_of_an_alert_that_ended_nobody_is_told(barstow: Town, now: datetime, mailbox: Mailbox) -> None:
    told_by_mail(barstow, now)
    alert = alerted(barstow, after(now, seconds=1))
    outbox.spread(now=after(now, seconds=1))
    Alert.objects.filter(pk=alert.pk).update(status="CLOSED", closed_at=after(now, seconds=1))
    assert sent(after(now, seconds=2)) == 0
    assert why_dropped() == "The alert has ended."
    assert not mailbox.received


def test_a_mail_server_that_fails_is_tried_again_under_the_same_id_and_those_who_set_up_are_told(
    barstow: Town, now: datetime, mailbox: Mailbox
) -> None:
    told_by_mail(barstow, now)
    alerted(barstow, after(now, seconds=1))
    mailbox.to_data = "451 try later"
    at = after(now, seconds=2)
    for _ in range(3):
        assert sent(at) == 1
        at += timedelta(minutes=7)
    assert sent(after(now, minutes=55)) == 1
    at = after(now, minutes=56)
    assert sent(at) == 0
    assert only_message().state == MessageState.DEAD
    assert "451" in only_message().last_error
    assert Notice.objects.filter(kind="outgoing-failing").exists()
    assert AccessRecord.objects.filter(username="dunn").count() == 1
    mailbox.to_data = ""
    systems.replay(message_id=only_message().pk, by=barstow.actor("imani", at), now=at)
    assert sent(at) == 1
    assert [one["Message-ID"] for one in mailbox.received] == [f"<{only_message().number}@city.example>"]


def test_a_try_whose_process_died_is_made_again_under_the_same_id_and_its_access_recorded_once(
    barstow: Town, now: datetime, mailbox: Mailbox
) -> None:
    told_by_mail(barstow, now)
    alerted(barstow, after(now, seconds=1))
    at = after(now, seconds=2)
    outbox.spread(now=at)
    (taken,) = sending.take(now=at).taken
    assert isinstance(taken.call, Letter)
    mailing.send(taken.call, now_set.ENVIRONMENT.mail)  # and then the process dies
    assert sent(at) == 0
    assert sent(at + rules.AT_WORK_FOR) == 1
    first, again = mailbox.received
    assert first["Message-ID"] == again["Message-ID"]
    assert first.get_content() == again.get_content()
    assert AccessRecord.objects.filter(username="dunn").count() == 1


def test_an_address_that_the_server_refuses_for_good_is_given_up_and_holds_up_nobody(
    barstow: Town, now: datetime, mailbox: Mailbox
) -> None:
    told_by_mail(barstow, now)
    alerted(barstow, after(now, seconds=1))
    mailbox.to_rcpt = "550 5.1.1 no such mailbox"
    assert sent(after(now, seconds=2)) == 1
    assert (only_message().state, "550" in only_message().last_error) == (MessageState.DEAD, True)
    assert System.objects.get().failing_since_at is None
    notice = Notice.objects.filter(kind="outgoing-failing").first()
    assert notice
    assert notice.text.startswith(
        "A message to Drew Dunn was given up at “E-mail”: the mail server answered 550"
    )


@pytest.mark.parametrize("answer", ["550 5.7.1 relaying denied", "554 client blocked", "550 no"])
def test_a_mail_server_that_refuses_everybody_is_tried_again(
    barstow: Town, now: datetime, mailbox: Mailbox, answer: str
) -> None:
    told_by_mail(barstow, now)
    alerted(barstow, after(now, seconds=1))
    mailbox.to_rcpt = answer
    assert sent(after(now, seconds=2)) == 1
    assert only_message().state == MessageState.WAITING
    assert System.objects.get().rests_until_at
    mailbox.to_rcpt = ""
    assert sent(after(now, minutes=10)) == 1
    assert len(mailbox.received) == 1


def test_one_mailbox_that_is_busy_holds_up_nobody_else(
    barstow: Town, now: datetime, mailbox: Mailbox
) -> None:
    told_by_mail(barstow, now)
    reads_mail(barstow, "ortiz", now, "ortiz@pd.city.example")
    chosen(barstow, "ortiz", now)
    alerted(barstow, after(now, seconds=1))
    mailbox.to_one = {ADDRESS: "450 4.2.1 grey-listed"}
    assert sent(after(now, seconds=2)) == 2
    assert [one["To"] for one in mailbox.received] == ["ortiz@pd.city.example"]
    states = Message.objects.values_list("person__username", "state")
    assert set(states) == {("dunn", MessageState.WAITING), ("ortiz", MessageState.SENT)}
    assert (System.objects.get().failing_since_at, System.objects.get().rests_until_at) == (None, None)


@pytest.mark.parametrize(
    ("status", "service_then"), [(403, "goes on"), (413, "goes on"), (429, "rests"), (503, "rests")]
)
def test_one_browser_that_is_refused_holds_up_no_other_and_a_busy_service_rests(
    barstow: Town, now: datetime, service: Receiver, status: int, service_then: str
) -> None:
    decide_to_tell(barstow, now, "PUSH")
    chosen(barstow, "dunn", now, mail=[], push=["own"])
    with_browser(barstow, "dunn", now, service)
    alerted(barstow, after(now, seconds=1))
    service.status = status
    assert sent(after(now, seconds=2)) == 1
    assert only_message().state == MessageState.WAITING
    assert bool(System.objects.get().rests_until_at) is (service_then == "rests")


def read_of(town: Town, at: datetime, *, is_late: bool) -> None:
    read = arrives(town.camera, "8ABC123", at)
    Read.objects.filter(pk=read.pk).update(is_late=is_late)
    alerts.match_waiting(limit=10, now=at)


def test_a_late_alert_that_comes_alive_is_told_once(barstow: Town, now: datetime, mailbox: Mailbox) -> None:
    told_by_mail(barstow, now)
    wanted(barstow, "8ABC123", now)
    read_of(barstow, after(now, seconds=1), is_late=True)
    assert sent(after(now, seconds=2)) == 0
    assert Alert.objects.get().is_late
    for seconds in (3, 4):
        read_of(barstow, after(now, seconds=seconds), is_late=False)
    assert Alert.objects.get().hits.count() == 3
    assert sent(after(now, seconds=5)) == 1
    assert "came late" not in mailbox.received[0].get_content()


def test_what_happened_more_than_an_hour_ago_is_told_no_more(
    barstow: Town, now: datetime, mailbox: Mailbox
) -> None:
    told_by_mail(barstow, now)
    alerted(barstow, after(now, seconds=1))
    outbox.spread(now=after(now, seconds=1))
    assert sent(after(now, hours=1, seconds=1)) == 0
    assert why_dropped() == persons.TOO_OLD
    assert not mailbox.received


@pytest.mark.parametrize(("status", "said"), [("VERIFIED", "A verified alert"), ("NOT_CONFIRMED", "")])
def test_a_message_says_how_the_alert_is_now(
    barstow: Town, now: datetime, mailbox: Mailbox, status: str, said: str
) -> None:
    told_by_mail(barstow, now)
    alert = alerted(barstow, after(now, seconds=1))
    outbox.spread(now=after(now, seconds=1))
    Alert.objects.filter(pk=alert.pk).update(status=status)
    sent(after(now, seconds=2))
    if said:
        assert said in mailbox.received[0].get_content()
    else:
        assert why_dropped() == "The alert was not confirmed."


def test_a_link_that_was_long_on_its_way_counts_its_day(
    barstow: Town, now: datetime, mailbox: Mailbox
) -> None:
    decide_to_tell(barstow, now, "MAIL")
    person_actions.give_address(address=ADDRESS, by=barstow.actor("dunn", now), now=now)
    at = after(now, days=3)
    assert sent(at) == 1
    token = parse_qs(mailbox.received[0].get_content().split("confirm/?")[1].split()[0])["token"][0]
    dunn = barstow.actor("dunn", at)
    assert person_actions.confirm_address(token=token, by=dunn, now=after(at, hours=23)).confirmed_at


@pytest.mark.usefixtures("mailbox")
def test_with_an_account_its_address_and_browsers_are_forgotten(barstow: Town, now: datetime) -> None:
    told_by_mail(barstow, now)
    with_browser(barstow, "dunn", now)
    accounts.deactivate(
        user=barstow.users["dunn"], reason="Left the agency", by=barstow.actor("cole", now), now=now
    )
    told, browser = Telling.objects.get(), Browser.objects.get()
    assert (told.address, told.confirmed_at, told.mail) == ("", None, ["own"])
    assert (browser.endpoint, browser.p256dh, browser.removed_at) == ("", "", now)
    assert AuditRecord.objects.get(verb="outgoing.address.forgotten").detail["of"] == "dunn"


@pytest.mark.usefixtures("mailbox")
def test_nobody_floods_a_mailbox(barstow: Town, now: datetime) -> None:
    decide_to_tell(barstow, now, "MAIL")
    dunn = barstow.actor("dunn", now)
    for _ in range(person_rules.TRIES_AN_HOUR):
        person_actions.give_address(address=ADDRESS, by=dunn, now=now)
    with pytest.raises(ValidationError, match="within an hour"):
        person_actions.give_address(address="chief@city.example", by=dunn, now=now)
    assert Telling.objects.get().address == ADDRESS
    person_actions.give_address(address=ADDRESS, by=dunn, now=after(now, hours=1))


def test_without_a_mail_server_messages_wait_and_say_what_is_missing(
    barstow: Town, now: datetime, mailbox: Mailbox, settings: Any
) -> None:
    told_by_mail(barstow, now)
    alerted(barstow, after(now, seconds=1))
    settings.ENVIRONMENT = replace(now_set.ENVIRONMENT, mail=None)
    assert sent(after(now, seconds=2)) == 1
    assert only_message().state == MessageState.WAITING
    assert "PLATEWARD_MAIL_HOST" in only_message().last_error
    assert not mailbox.received


def test_an_address_counts_once_its_link_was_opened_by_its_person(
    barstow: Town, now: datetime, mailbox: Mailbox
) -> None:
    decide_to_tell(barstow, now, "MAIL")
    dunn = barstow.actor("dunn", now)
    telling = person_actions.give_address(address=ADDRESS, by=dunn, now=now)
    chosen(barstow, "dunn", now)
    alerted(barstow, after(now, seconds=1))
    assert sent(after(now, seconds=2)) == 1
    text = mailbox.received[0].get_content()
    token = parse_qs(text.split("confirm/?")[1].split()[0])["token"][0]
    with pytest.raises(ValidationError, match="too old"):
        person_actions.confirm_address(token=token, by=barstow.actor("ortiz", now), now=now)
    with pytest.raises(ValidationError, match="too old"):
        person_actions.confirm_address(token=token, by=dunn, now=after(now, days=1, seconds=2))
    with pytest.raises(ValidationError):
        person_actions.confirm_address(token=f"{token}x", by=dunn, now=now)
    assert person_actions.confirm_address(token=token, by=dunn, now=after(now, minutes=5)).confirmed_at
    person_actions.give_address(address="elsewhere@city.example", by=dunn, now=now)
    telling.refresh_from_db()
    assert telling.confirmed_at is None


def test_only_addresses_of_the_installations_domains_are_taken(
    barstow: Town, now: datetime, settings: Any
) -> None:
    decide_to_tell(barstow, now, "MAIL")
    with mail_server(settings, domains=("pd.city.example",)):
        with pytest.raises(ValidationError, match=r"pd\.city\.example"):
            reads_mail(barstow, "dunn", now, "dunn@mail.example")
        reads_mail(barstow, "dunn", now)


@pytest.mark.parametrize("gone", [404, 410])
def test_a_browser_that_wants_no_more_is_forgotten_and_its_person_hears_of_it(
    barstow: Town, now: datetime, service: Receiver, gone: int
) -> None:
    decide_to_tell(barstow, now, "PUSH")
    chosen(barstow, "dunn", now, mail=[], push=["own"])
    with_browser(barstow, "dunn", now, service)
    alerted(barstow, after(now, seconds=1))
    service.status = gone
    assert sent(after(now, seconds=2)) == 1
    assert why_dropped() == persons.BROWSER_GONE
    kept = Browser.objects.get()
    assert (kept.removed_at, kept.endpoint, kept.auth) == (after(now, seconds=2), "", "")
    assert AuditRecord.objects.filter(verb="outgoing.browser.removed").count() == 1
    assert Notice.objects.get(kind=persons.NOTICE).user_id == barstow.users["dunn"].pk
    assert System.objects.get().failing_since_at is None
    service.status = 201
    alerted(barstow, after(now, seconds=3), "7XYZ999")
    assert sent(after(now, seconds=4)) == 0


def test_a_push_service_inside_a_private_network_is_not_called(
    barstow: Town, now: datetime, settings: Any
) -> None:
    settings.ENVIRONMENT = replace(now_set.ENVIRONMENT, push_services=("127.0.0.1",))
    decide_to_tell(barstow, now, "PUSH")
    with pytest.raises(ValidationError, match="PLATEWARD_PUSH_SERVICES"):
        with_browser(barstow, "dunn", now)
    settings.ENVIRONMENT = replace(now_set.ENVIRONMENT, push_services=("127.0.0.1", *PUSH_SERVICES))
    kept, _ = with_browser(barstow, "dunn", now)
    Browser.objects.update(endpoint="https://127.0.0.1:1/push")
    person_actions.try_telling(browser_id=kept.pk, by=barstow.actor("dunn", now), now=now)
    assert sent(now) == 1
    assert "never called" in only_message().last_error


def test_a_browser_tells_the_one_who_added_it_last(barstow: Town, now: datetime) -> None:
    decide_to_tell(barstow, now, "PUSH")
    keys = BrowserKeys().at(f"https://{PUSH_HOST}/wpush/v2/car-5")
    given = {"endpoint": keys.endpoint, "p256dh": keys.p256dh, "auth": keys.auth}
    for person in ("dunn", "ortiz"):
        person_actions.add_browser(name="Car 5", **given, by=barstow.actor(person, now), now=now)
    assert Browser.objects.get(removed_at__isnull=True).user == barstow.users["ortiz"]
    first = Browser.objects.get(removed_at__isnull=False)
    with pytest.raises(Browser.DoesNotExist):
        person_actions.remove_browser(browser_id=first.pk, by=barstow.actor("dunn", now), now=now)


def test_a_message_is_made_once_for_a_person_and_a_way(
    barstow: Town, now: datetime, mailbox: Mailbox
) -> None:
    told_by_mail(barstow, now)
    alerted(barstow, after(now, seconds=1))
    outbox.spread(now=after(now, seconds=1))
    outbox.Event.objects.update(spread_at=None)
    outbox.spread(now=after(now, seconds=1))
    assert sent(after(now, seconds=2)) == 1
    assert len(mailbox.received) == 1
    assert Telling.objects.get().address == ADDRESS
