"""The dispatch console's pages: who sees what, what is refused, and what is on record before it is shown."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from plateward.alerts import actions
from plateward.alerts.models import Alert, Disposition, Hit, StepRecord, UnitNote
from plateward.alerts.priority import priorities
from plateward.alerts.rules import AlertStatus
from plateward.audit.models import AccessRecord
from plateward.hotlists.models import Entry
from plateward.reads.models import Picture, PictureRole
from tests.alarms import BEFORE_CONFIRMATION, alerted, arrives, wanted, worked
from tests.dispatchers import joined
from tests.personas import Town

Login = Callable[[str], Client]
HTMX = {"HX-Request": "true"}
STOPPED = {"stop_made": "yes", "stop_reason": "The plate matched, the vehicle too"}


def step_url(alert: Alert, step: str) -> str:
    return reverse("alerts:step", args=[alert.pk, step])


def marks(html: str) -> list[str]:
    """The versions of its parts that a page holds."""
    return re.findall(r'name="have" value="([^"]+)"', html)


def test_the_queue_says_unverified_in_words_and_in_the_title(
    barstow: Town, now: datetime, login: Login
) -> None:
    alerted(barstow, now)
    page = login("dunn").get(reverse("console:dispatch")).content.decode()
    assert "<title>1 UNVERIFIED of 1 open – Dispatch – Plateward</title>" in page
    assert '<span class="pw-badge pw-badge--warn">UNVERIFIED</span>' in page
    assert "New alert, UNVERIFIED: plate 8ABC123" in page


@pytest.mark.clause("B-466.6(a)")
def test_no_plate_is_shown_without_an_access_record(
    barstow: Town, now: datetime, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    alert = alerted(barstow, now)
    login("dunn").get(reverse("console:queue"))
    record = AccessRecord.objects.get()
    assert record.subject == f"alerts.Alert:{alert.pk}"
    assert record.reason == "Alert delivered on the dispatch console"

    def fail(**_: object) -> None:
        raise RuntimeError("the journal is full")

    monkeypatch.setattr("plateward.audit.actions.record_access", fail)
    client = login("soto")
    client.raise_request_exception = False
    for url in (reverse("console:queue"), reverse("console:alert", args=[alert.pk])):
        answer = client.get(url)
        assert answer.status_code == 500
        assert "8ABC123" not in answer.content.decode()


def test_an_opened_alert_shows_entry_match_direction_and_the_five_steps(
    barstow: Town, now: datetime, login: Login
) -> None:
    alert = alerted(barstow, now)
    page = login("dunn").get(reverse("console:alert", args=[alert.pk])).content.decode()
    for words in (
        "List entry is",
        "Taken in the robbery at 1st and Main",
        "Approved by Lieutenant Laura Lane",
        "Every character is the same.",
        "State read as US-CA, as entered.",
        "Northbound",
        "Confirm the status in CLETS",
        "First: Confirm the status in CLETS (B-466.9(a)).",
        "Record the answer",
    ):
        assert words in page
    assert re.findall(r'pw-step--(\w+)"', page) == ["current", "locked", "locked", "locked", "locked"]


@pytest.mark.clause("H-426.3(f)")
def test_where_the_policy_is_silent_on_dispatch_the_page_says_so(
    huntington_park: Town, now: datetime, login: Login
) -> None:
    alert = alerted(huntington_park, now)
    page = login("hyde").get(reverse("console:alert", args=[alert.pk])).content.decode()
    assert "Not addressed by this policy." in page
    assert "Record the answer" in page
    assert "pw-step--" not in page


@pytest.mark.clause("B-466.9(d)")
def test_a_step_out_of_order_is_a_409_with_the_reason_and_changes_nothing(
    barstow: Town, now: datetime, login: Login
) -> None:
    alert = worked(alerted(barstow, now), barstow, now, *BEFORE_CONFIRMATION)
    for headers in ({}, HTMX):
        answer = login("dunn").post(step_url(alert, "advise-verified"), headers=headers)
        assert answer.status_code == 409
        assert "No confirmation is recorded" in answer.content.decode()
        assert "B-466.9(d)" in answer.content.decode()
    assert not StepRecord.objects.filter(step="advise-verified").exists()


def test_an_officer_sees_the_alert_and_is_refused_working_the_dispatch(
    barstow: Town, now: datetime, login: Login
) -> None:
    alert, client = alerted(barstow, now), login("ortiz")
    page = client.get(reverse("console:alert", args=[alert.pk])).content.decode()
    assert 'action="/alerts' in page
    assert step_url(alert, "confirm") not in page
    answer = client.post(step_url(alert, "confirm"))
    assert answer.status_code == 403
    assert not StepRecord.objects.exists()


def test_people_without_plate_data_are_refused_the_console(
    barstow: Town, now: datetime, login: Login
) -> None:
    alert = alerted(barstow, now)
    for username in ("imani", "vendor", "ruiz"):
        for url in (reverse("console:dispatch"), reverse("console:alert", args=[alert.pk])):
            answer = login(username).get(url)
            assert answer.status_code == 403
            assert "8ABC123" not in answer.content.decode()
    assert not AccessRecord.objects.exists()


def test_another_agencys_alert_does_not_exist(
    barstow: Town, huntington_park: Town, now: datetime, login: Login
) -> None:
    alert, client = alerted(barstow, now), login("hyde")
    assert "8ABC123" not in client.get(reverse("console:dispatch")).content.decode()
    for name in ("console:alert", "console:changes"):
        assert client.get(reverse(name, args=[alert.pk])).status_code == 404
    assert client.post(step_url(alert, "confirm")).status_code == 404
    assert client.post(reverse("alerts:confirm", args=[alert.pk]), {}).status_code == 404
    assert client.post(reverse("alerts:dispose", args=[alert.pk]), {}).status_code == 404
    assert huntington_park.agency.pk == "huntington-park-pd"


def test_the_answer_from_clets_needs_its_result_and_then_verifies(
    barstow: Town, now: datetime, login: Login
) -> None:
    alert = worked(alerted(barstow, now), barstow, now, "confirm")
    client, url = login("dunn"), reverse("alerts:confirm", args=[alert.pk])
    answer = client.post(url, {}, headers=HTMX)
    assert answer.status_code == 422
    assert "Choose what the answer says." in answer.content.decode()
    assert "Choose how the answer was obtained." in answer.content.decode()
    sent = {"channel": "radio", "result": "CONFIRMED", "record_number": "V123456789", "seen": "0"}
    answer = client.post(url, sent, headers=HTMX)
    assert (answer.status_code, answer["HX-Trigger"]) == (204, "alert-changed")
    alert.refresh_from_db()
    assert alert.status == AlertStatus.VERIFIED
    assert client.post(url, sent).status_code == 409


def test_a_confirmation_without_a_number_says_that_none_was_given(
    barstow: Town, now: datetime, login: Login
) -> None:
    alert = worked(alerted(barstow, now), barstow, now, "confirm")
    client, url = login("dunn"), reverse("alerts:confirm", args=[alert.pk])
    sent = {"channel": "radio", "result": "CONFIRMED", "seen": "0"}
    assert "or say below that you were given none" in client.post(url, sent, headers=HTMX).content.decode()
    assert client.post(url, sent | {"no_number": "on"}, headers=HTMX).status_code == 204


@pytest.mark.clause("B-466.4(f)")
def test_closing_with_an_arrest_unverified_asks_for_the_reason_beside_the_field(
    barstow: Town, now: datetime, login: Login
) -> None:
    alert = alerted(barstow, now)
    client, url = login("dunn"), reverse("alerts:dispose", args=[alert.pk])
    answer = client.post(url, {"code": "arrest", **STOPPED}, headers=HTMX)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "this alert is not verified" in page
    assert "(B-466.4(f))" in page
    assert not Disposition.objects.exists()
    closed = client.post(url, {"code": "arrest", "not_practicable_reason": "CLETS was down"} | STOPPED)
    assert closed["Location"] == reverse("console:alert", args=[alert.pk])
    assert client.post(url, {"code": "not-located", "stop_made": "no"}).status_code == 409


def test_an_alert_for_information_only_says_so_wherever_it_is_shown_and_is_closed_without_enforcement(
    barstow: Town, now: datetime, login: Login
) -> None:
    alert = alerted(barstow, now)
    client, url = login("ortiz"), reverse("console:alert", args=[alert.pk])
    assert "INFORMATION ONLY" not in client.get(url).content.decode()
    Entry.objects.filter(pk=alert.entry_id).update(category="gang")
    worked(alert, barstow, now, *BEFORE_CONFIRMATION, confirmed=True)
    page = client.get(url).content.decode()
    row, opened = page.split('id="opened"')
    assert "Information only</span>" in row
    assert "New alert, VERIFIED, information only: plate" in row
    assert "<strong>INFORMATION ONLY</strong>" in opened
    assert "Information only: do not stop on this alone. All units, the ALPR alert on plate" in opened
    spoken = StepRecord.objects.get(alert=alert, step="describe").spoken
    assert spoken.startswith("Information only: do not stop on this alone.")
    dispose = reverse("alerts:dispose", args=[alert.pk])
    answer = client.post(dispose, STOPPED | {"code": "arrest"}, headers=HTMX)
    assert answer.status_code == 422
    assert "are for information only. Choose an outcome without enforcement." in answer.content.decode()
    assert not Disposition.objects.exists()
    seen = {"code": "not-located", "stop_made": "no"}
    assert client.post(dispose, seen, headers=HTMX).status_code < 300
    assert Disposition.objects.get().code == "not-located"


@pytest.mark.clause("B-466.4(e)")
def test_who_sees_nothing_of_an_entry_learns_that_it_is_for_information_only_and_not_of_which_category(
    barstow: Town, now: datetime, login: Login
) -> None:
    alert = alerted(barstow, now)
    Entry.objects.filter(pk=alert.entry_id).update(origin="federal", category="gang")
    client = login("dunn")
    page = client.get(reverse("console:alert", args=[alert.pk])).content.decode()
    assert "You see the plate and nothing else of this entry." in page
    assert "Do not stop on this alone." in page
    refused = client.post(reverse("alerts:dispose", args=[alert.pk]), STOPPED | {"code": "arrest"}, headers=HTMX)
    assert refused.status_code == 422
    assert "Alerts of its category are for information only." in refused.content.decode()
    for shown in (page, refused.content.decode()):
        assert "Gang" not in shown


def test_without_javascript_a_mistaken_form_comes_back_as_a_page(
    barstow: Town, now: datetime, login: Login
) -> None:
    alert, client = alerted(barstow, now), login("dunn")
    answer = client.post(reverse("alerts:dispose", args=[alert.pk]), {"code": "misread"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "needs a note. Write what was found." in page
    assert reverse("console:alert", args=[alert.pk]) in page
    assert client.post(step_url(alert, "confirm"))["Location"] == reverse("console:alert", args=[alert.pk])
    assert client.post(step_url(alert, "dance")).status_code == 404
    assert client.post(step_url(alert, "advise-pending"), {"hit": "first"}).status_code == 400


def test_a_live_screen_is_sent_only_the_parts_that_changed(
    barstow: Town, now: datetime, login: Login
) -> None:
    alert, client = alerted(barstow, now), login("dunn")
    have = marks(client.get(reverse("console:alert", args=[alert.pk])).content.decode())
    url = reverse("console:changes", args=[alert.pk])
    assert len(have) == 20
    assert client.get(url, {"have": have}).status_code == 204
    worked(alert, barstow, now, "confirm")
    changed = {mark.partition(":")[0] for mark in marks(client.get(url, {"have": have}).content.decode())}
    # What waited for the asking changes, and since when an answer is awaited; the rest stays.
    assert changed == {"step-confirm", "step-advise-pending", "step-describe", "confirmation"}


def test_after_an_act_of_ones_own_the_focus_goes_to_what_comes_next(
    barstow: Town, now: datetime, login: Login
) -> None:
    alert, client = alerted(barstow, now), login("dunn")
    url = reverse("console:changes", args=[alert.pk])

    def focused(**query: object) -> list[str]:
        page = client.get(url, {"have": have} | query).content.decode()
        return re.findall(r'id="([^"]+)"[^>]* data-focus', page)

    have = marks(client.get(reverse("console:alert", args=[alert.pk])).content.decode())
    worked(alert, barstow, now, "confirm")
    assert focused(mine=1) == ["step-advise-pending"]
    assert focused() == []
    have = marks(client.get(reverse("console:alert", args=[alert.pk])).content.decode())
    assert focused(mine=1) == ["step-advise-pending"]  # the live stream was quicker: nothing differs any more
    actions.dispose(alert=alert, code="not-located", by=barstow.actor("dunn", now), now=now)
    assert focused(mine=1) == ["status"]


@pytest.mark.clause("B-466.6(a)")
def test_a_new_hit_on_an_open_screen_is_shown_only_after_it_is_on_record(
    barstow: Town, now: datetime, login: Login
) -> None:
    alert, client = alerted(barstow, now), login("dunn")
    have = marks(client.get(reverse("console:alert", args=[alert.pk])).content.decode())
    read = arrives(barstow.camera, "8ABC123", now + timedelta(minutes=1))
    actions.match_waiting(limit=5, now=now)
    before = AccessRecord.objects.count()
    page = client.get(reverse("console:changes", args=[alert.pk]), {"have": have}).content.decode()
    assert {"scene", "where"} <= {mark.partition(":")[0] for mark in marks(page)}
    assert AccessRecord.objects.count() == before + 2
    assert AccessRecord.objects.filter(subject=f"reads.Read:{read.id}").count() == 1


@pytest.mark.clause("B-466.11")
def test_after_a_recovery_start_page_and_alert_ask_for_the_removal(
    barstow: Town, now: datetime, login: Login
) -> None:
    alert = worked(alerted(barstow, now), barstow, now, "confirm", confirmed=True)
    login("ortiz").post(reverse("alerts:dispose", args=[alert.pk]), {"code": "recovered", "stop_made": "no"})
    for username, expected in (("ortiz", True), ("quinn", True), ("dunn", False)):
        page = login(username).get(reverse("home")).content.decode()
        assert ("Recovered, and still on the hotlist" in page) is expected
        assert "8ABC123" not in page
    page = login("ortiz").get(reverse("console:alert", args=[alert.pk])).content.decode()
    assert "Have the entry removed" in page


def test_the_start_page_offers_what_the_person_may_do(barstow: Town, now: datetime, login: Login) -> None:
    alerted(barstow, now)
    officer = login("ortiz").get(reverse("home")).content.decode()
    assert "1 open alert, 1 UNVERIFIED" in officer
    assert "Search reads" in officer
    assert "Quarantine" not in officer
    assert "Search reads" not in login("dunn").get(reverse("home")).content.decode()
    untrained = login("ruiz").get(reverse("home")).content.decode()
    assert "Nothing is open to you yet" in untrained
    assert "B-466.4(d)" in untrained


def test_many_open_alerts_are_bounded_counted_in_full_and_fetched_in_a_fixed_number_of_queries(
    barstow: Town,
    now: datetime,
    login: Login,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_max_num_queries: Any,
) -> None:
    monkeypatch.setattr("plateward.console.views.SHOWN", 12)
    for number in range(15):
        wanted(barstow, f"8ABC{number:03}", now)
        arrives(barstow.camera, f"8ABC{number:03}", now + timedelta(seconds=number))
    actions.match_waiting(limit=50, now=now)
    client = login("dunn")
    page = client.get(reverse("console:queue")).content.decode()
    assert "15 open, <strong>15 UNVERIFIED</strong>; 12 of them are shown" in page
    assert page.count("data-arrival=") == 12
    assert "8ABC014" in page
    assert "8ABC000" not in page
    assert AccessRecord.objects.count() == 12
    with django_assert_max_num_queries(13):
        client.get(reverse("console:queue"))
    monkeypatch.setattr("plateward.console.views.SHOWN", 250)
    assert "15 open, <strong>15 UNVERIFIED</strong>. By" in client.get(reverse("console:queue")).content.decode()
    with django_assert_max_num_queries(12):  # nothing is left out, so nothing is counted apart
        client.get(reverse("console:queue"))


def test_the_queue_goes_by_the_policys_priority_and_late_ones_stand_apart_without_a_tone(
    barstow: Town, now: datetime, login: Login
) -> None:
    for number, (category, is_late) in enumerate(
        [("", False), ("high", False), ("low", False), ("high", True)], start=1
    ):
        alert = alerted(barstow, now + timedelta(seconds=number), f"8ABC12{number}")
        Entry.objects.filter(pk=alert.entry_id).update(category=category and chosen(barstow, now, category))
        Alert.objects.filter(pk=alert.pk).update(is_late=is_late)
    page = login("dunn").get(reverse("console:queue")).content.decode()
    assert re.findall(r'<span class="plate">(8ABC12\d)', page) == ["8ABC122", "8ABC121", "8ABC123", "8ABC124"]
    assert "By the policy’s priorities" in page
    assert page.index("Came late") < page.index("8ABC124")
    assert (page.count(" data-unheard"), page.count(" data-quiet")) == (3, 1)


def test_a_late_alert_that_a_prompt_read_joins_arrives_anew(
    barstow: Town, now: datetime, login: Login
) -> None:
    alert, client = alerted(barstow, now), login("dunn")
    Alert.objects.filter(pk=alert.pk).update(is_late=True)
    page = client.get(reverse("console:queue")).content.decode()
    assert f'data-arrival="{alert.pk}-late" data-quiet' in page
    arrives(barstow.camera, "8ABC123", now + timedelta(minutes=1))
    actions.match_waiting(limit=5, now=now + timedelta(minutes=1))
    page = client.get(reverse("console:queue")).content.decode()
    assert f'data-arrival="{alert.pk}" data-unheard data-announce="New alert, UNVERIFIED' in page


@pytest.mark.clause("B-466.6(a)")
def test_an_alert_named_beside_another_is_on_record_though_the_queue_does_not_reach_to_it(
    barstow: Town, now: datetime, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plateward.console.views.SHOWN", 0)
    joined(barstow, now)
    first, client = alerted(barstow, now, "BBC123"), login("dunn")
    have = marks(client.get(reverse("console:alert", args=[first.pk])).content.decode())
    arrives(barstow.camera, "8BC123", now + timedelta(minutes=1))
    actions.match_waiting(limit=5, now=now)
    second = Alert.objects.exclude(pk=first.pk).get()
    shown = AccessRecord.objects.filter(subject=f"alerts.Alert:{second.pk}")
    assert not shown.exists()
    page = client.get(reverse("console:changes", args=[first.pk]), {"have": have}).content.decode()
    assert "Read as 8BC123" in page
    assert shown.get().elements["plate"] == "BBC123"
    login("doyle").get(reverse("console:alert", args=[first.pk]), headers=HTMX)
    assert shown.filter(username="doyle").count() == 1


def chosen(town: Town, now: datetime, priority: str) -> str:
    """A category to which the policy gives this priority."""
    said = priorities(town.actor("dunn", now).profile)
    return next(key for key, one in said.items() if one == priority.upper())


def test_where_the_policy_gives_no_priorities_the_queue_says_so(
    barstow: Town, now: datetime, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    alerted(barstow, now)
    monkeypatch.setattr("plateward.console.views.priorities", lambda _: {})
    page = login("dunn").get(reverse("console:queue")).content.decode()
    assert "The policy gives no priorities: the last seen first." in page


def test_new_alerts_are_acknowledged_once_for_every_console_and_by_dispatch_alone(
    barstow: Town, now: datetime, login: Login
) -> None:
    alert, url = alerted(barstow, now), reverse("alerts:acknowledge")
    page = login("ortiz").get(reverse("console:queue")).content.decode()
    assert "data-unheard" in page
    assert "Acknowledge" not in page
    assert login("ortiz").post(url, {"alert": alert.pk}).status_code == 403
    client = login("dunn")
    assert "Acknowledge 1 new alert" in client.get(reverse("console:queue")).content.decode()
    assert client.post(url, {"alert": "first"}).status_code == 400
    assert client.post(url, {"alert": alert.pk}, headers=HTMX).status_code == 204
    assert client.post(url, {"alert": alert.pk})["Location"] == reverse("console:dispatch")
    assert "data-unheard" not in client.get(reverse("console:queue")).content.decode()


def test_an_alert_of_another_agency_cannot_be_acknowledged(
    barstow: Town, huntington_park: Town, now: datetime, login: Login
) -> None:
    alert = alerted(barstow, now)
    assert huntington_park.users
    login("hyde").post(reverse("alerts:acknowledge"), {"alert": alert.pk})
    alert.refresh_from_db()
    assert alert.acknowledged_at is None


def test_who_holds_an_alert_is_shown_and_can_be_changed_by_dispatch_alone(
    barstow: Town, now: datetime, login: Login
) -> None:
    joined(barstow, now)
    alert, dunn, doyle = alerted(barstow, now), login("dunn"), login("doyle")
    hold, hand = (reverse(f"alerts:{name}", args=[alert.pk]) for name in ("hold", "hand-over"))
    assert login("ortiz").post(hold, {"do": "take"}).status_code == 403
    assert dunn.post(hold, {"do": "take"}, headers=HTMX).status_code == 204
    page = doyle.get(reverse("console:alert", args=[alert.pk])).content.decode()
    assert "Drew Dunn holds this alert" in page
    assert "Drew Dunn holds it" in page
    refused = doyle.post(hold, {"do": "take"})
    assert refused.status_code == 409
    assert "Say why you take it over" in refused.content.decode()
    assert doyle.post(hold, {"do": "dance"}).status_code == 400
    assert "Dee Doyle, Dispatcher" in dunn.get(hand).content.decode()
    answer = dunn.post(hand, {"to": ""}, headers=HTMX)
    assert answer.status_code == 422
    assert "Choose a colleague." in answer.content.decode()
    dunn.post(hand, {"to": str(barstow.users["doyle"].pk)})
    page = doyle.get(reverse("console:alert", args=[alert.pk])).content.decode()
    assert "You hold this alert" in page
    assert dunn.post(hand, {"to": str(barstow.users["doyle"].pk)}).status_code == 409


def test_a_unit_note_says_what_is_missing_and_is_kept_once(
    barstow: Town, now: datetime, login: Login
) -> None:
    alert, client = alerted(barstow, now), login("dunn")
    url = reverse("alerts:note-unit", args=[alert.pk])
    assert login("ortiz").post(url, {"unit": "4A12", "text": "On scene"}).status_code == 403
    answer = client.post(url, {"unit": "4A12"}, headers=HTMX)
    assert answer.status_code == 422
    assert "Type what the unit did or said" in answer.content.decode()
    sent = {"unit": "4A12", "text": "On scene", "act": str(uuid4())}
    for _ in range(2):
        assert client.post(url, sent, headers=HTMX).status_code == 204
    assert UnitNote.objects.count() == 1
    assert "4A12" in client.get(reverse("console:alert", args=[alert.pk])).content.decode()


def test_a_screen_learns_which_of_its_acts_are_on_record_and_nothing_of_anybody_elses(
    barstow: Town, huntington_park: Town, now: datetime, login: Login
) -> None:
    alert = alerted(barstow, now)
    step, note, never = (str(uuid4()) for _ in range(3))
    dunn, url = login("dunn"), reverse("alerts:recorded")
    assert dunn.post(step_url(alert, "confirm"), {"act": step}, headers=HTMX).status_code == 204
    said = {"unit": "4A12", "text": "On scene", "act": note}
    assert dunn.post(reverse("alerts:note-unit", args=[alert.pk]), said, headers=HTMX).status_code == 204
    asked = {"act": [step, never, note]}
    assert dunn.get(url, asked).json() == [step, note]
    assert login("soto").get(url, asked).json() == []
    assert login("hyde").get(url, asked).json() == []
    assert dunn.get(url, {"act": "one"}).status_code == 400
    assert login("imani").get(url, asked).status_code == 403
    assert huntington_park.users


def test_a_car_parked_before_a_camera_fills_neither_screen_nor_records(
    barstow: Town, now: datetime, login: Login
) -> None:
    alert = alerted(barstow, now)
    for number in range(1, 25):
        arrives(barstow.camera, "8ABC123", now + timedelta(seconds=number))
    actions.match_waiting(limit=50, now=now)
    page = login("dunn").get(reverse("console:alert", args=[alert.pk])).content.decode()
    assert "25 hits" in page
    assert "And 5 earlier hits." in page
    delivered = AccessRecord.objects.get(subject=f"alerts.Alert:{alert.pk}")
    assert (delivered.result_count, len(delivered.elements["reads"])) == (25, 20)


def test_a_read_sent_late_says_how_old_it_was_on_arrival(barstow: Town, now: datetime, login: Login) -> None:
    alert, client = alerted(barstow, now), login("dunn")
    url = reverse("console:alert", args=[alert.pk])
    assert "before it was received" not in client.get(url).content.decode()
    Hit.objects.update(received_at=now + timedelta(minutes=42), is_late=True)
    assert "Captured 42 min before it was received" in client.get(url).content.decode()


def test_pictures_brought_by_a_change_have_fresh_addresses(
    barstow: Town, now: datetime, login: Login
) -> None:
    """A console is open all night; an address lives for 15 minutes."""
    alert, client = alerted(barstow, now), login("dunn")
    Picture.objects.create(
        agency=barstow.agency,
        read_id=alert.hits.get().read_id,
        captured_at=now,
        role=PictureRole.SCENE,
        sha256="0" * 64,
        media_type="image/jpeg",
        size=1,
        width=1,
        height=1,
    )

    def addresses(html: str) -> list[str]:
        return re.findall(r'<img class="pw-picture" src="([^"]+)"', html)

    (first,) = addresses(client.get(reverse("console:alert", args=[alert.pk])).content.decode())
    (fresh,) = addresses(client.get(reverse("console:changes", args=[alert.pk])).content.decode())
    assert fresh != first
    assert AccessRecord.objects.filter(reason__contains="opened with its pictures").count() == 2
