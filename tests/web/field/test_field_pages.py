"""The officers' page: what is shown is on record, what is done is answered, and nothing else is kept."""

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse

from plateward.alerts import actions
from plateward.alerts.models import Alert, Disposition
from plateward.audit.models import AccessRecord
from plateward.field.models import FieldAct, HandOver
from plateward.field.rules import ActKind
from plateward.hotlists.models import Entry
from plateward.reads.models import ReadCheck
from tests.alarms import alerted, arrives, worked
from tests.field_acts import handed, sent
from tests.personas import Town

Login = Callable[[str], Client]
HTMX = {"HX-Request": "true"}
JSON = {"Accept": "application/json"}


def act_url(alert: Alert) -> str:
    return reverse("field:act", args=[alert.pk])


def marks(page: str, name: str = "have") -> list[str]:
    return re.findall(rf'name="{name}" value="([^"]+)"', page)


def test_an_officer_sees_what_was_handed_to_them_whole_and_the_rest_as_a_list(
    barstow: Town, now: datetime, login: Login
) -> None:
    alert = alerted(barstow, now)
    alerted(barstow, now, "7XYZ999")
    handed(alert, barstow, now)
    page = login("ortiz").get(reverse("field:mine")).content.decode()
    own, rest = page.split('id="others"')
    assert "UNVERIFIED" in own
    assert "blue Honda Civic" in own
    assert "Handed to you" in own
    assert "7XYZ999" not in own
    assert "7XYZ999" in rest
    assert "Nothing on record gives areas or beats" in rest


def test_an_officer_is_told_that_an_alert_is_for_information_only_and_cannot_close_it_with_an_arrest(
    barstow: Town, now: datetime, login: Login
) -> None:
    alert, other = alerted(barstow, now), alerted(barstow, now, "7XYZ999")
    for one in (alert, other):
        Entry.objects.filter(pk=one.entry_id).update(origin="federal", category="gang")
    handed(alert, barstow, now)
    own, rest = login("ortiz").get(reverse("field:mine")).content.decode().split('id="others"')
    assert "<strong>INFORMATION ONLY</strong><p>Do not stop on this alone." in own
    assert "Information only</span>" in rest
    given = {"code": "arrest", "stop_made": "yes", "stop_reason": "Plate", "not_practicable_reason": "No line"}
    refused = sent(alert, barstow, now, ActKind.DISPOSE, given=given)
    assert "are for information only" in refused.told
    assert "Gang" not in own + rest + refused.told  # Ortiz has no authorization for federal data
    assert not Disposition.objects.exists()


@pytest.mark.clause("B-466.6(a)", "H-426.5(a)")
def test_what_the_page_hands_out_is_on_record_before(
    barstow: Town, now: datetime, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    alert = alerted(barstow, now)
    handed(alert, barstow, now)
    client = login("ortiz")
    client.get(reverse("field:mine"))
    record = AccessRecord.objects.get()
    assert record.subject == f"alerts.Alert:{alert.pk}"
    assert record.reason == "Alert delivered on the officers’ page"

    def fail(**_: object) -> None:
        raise RuntimeError("the journal is full")

    monkeypatch.setattr("plateward.audit.actions.record_access", fail)
    client = login("quinn")
    client.raise_request_exception = False
    for url in (reverse("field:mine"), reverse("field:changes"), reverse("field:alert", args=[alert.pk])):
        answer = client.get(url)
        assert answer.status_code == 500
        assert "8ABC123" not in answer.content.decode()


def test_a_live_page_gets_only_what_changed(barstow: Town, now: datetime, login: Login) -> None:
    alert = alerted(barstow, now)
    handed(alert, barstow, now)
    client = login("ortiz")
    page = client.get(reverse("field:mine")).content.decode()
    asked = {"have": marks(page), "card": marks(page, "card")}
    assert len(asked["have"]) == 2
    same = client.get(reverse("field:changes"), asked).content.decode()
    assert "facts-" not in same
    assert "acts-" not in same

    worked(alert, barstow, now, "confirm", confirmed=True)
    news = alerted(barstow, now, "7XYZ999")
    handed(news, barstow, now)
    changed = client.get(reverse("field:changes"), asked).content.decode()
    assert f'id="facts-{alert.pk}" hx-swap-oob="true"' in changed
    assert "VERIFIED" in changed
    assert 'hx-swap-oob="afterbegin:#field-cards"' in changed
    assert f'id="card-{news.pk}"' in changed

    sent(alert, barstow, now)
    Disposition.objects.create(alert=alert, code="other", recorded_by=barstow.users["soto"], recorded_at=now)
    Alert.objects.filter(pk=alert.pk).update(status="CLOSED", closed_at=now)
    gone = client.get(reverse("field:changes"), asked).content.decode()
    assert f'id="card-{alert.pk}" hx-swap-oob="delete"' in gone


def test_a_late_alert_is_handed_over_without_a_tone_and_arrives_anew_with_a_prompt_read(
    barstow: Town, now: datetime, login: Login
) -> None:
    alert, client = alerted(barstow, now), login("ortiz")
    handed(alert, barstow, now)
    Alert.objects.filter(pk=alert.pk).update(is_late=True)
    page = client.get(reverse("field:mine")).content.decode()
    assert f'data-arrival="{alert.pk}-late" data-quiet' in page
    arrives(barstow.camera, "8ABC123", now + timedelta(minutes=1))
    actions.match_waiting(limit=5, now=now + timedelta(minutes=1))
    asked = {"have": marks(page), "card": marks(page, "card")}
    changed = client.get(reverse("field:changes"), asked).content.decode()
    assert f'data-arrival="{alert.pk}" data-announce="Handed to you, UNVERIFIED' in changed


def test_an_opened_alert_shows_picture_beside_characters(barstow: Town, now: datetime, login: Login) -> None:
    alert = alerted(barstow, now)
    client = login("ortiz")
    page = client.get(reverse("field:alert", args=[alert.pk])).content.decode()
    assert "As read" in page
    assert "As entered" in page
    assert "UNVERIFIED" in page
    assert "no-store" in client.get(reverse("field:alert", args=[alert.pk])).headers["Cache-Control"]
    assert (
        client.get(reverse("field:alert-changes", args=[alert.pk]), {"have": marks(page)}).status_code == 204
    )


def test_acts_are_answered_to_a_program_and_to_a_plain_form(
    barstow: Town, now: datetime, login: Login
) -> None:
    alert = alerted(barstow, now)
    handed(alert, barstow, now)
    client, act = login("ortiz"), str(uuid4())
    device = (now - timedelta(minutes=9)).isoformat()
    asked = {"act": act, "kind": "ACKNOWLEDGE", "done_at": device, "sent_at": now.isoformat()}
    for _ in range(2):
        answer = client.post(act_url(alert), asked, headers=JSON)
        assert answer.json() == {"act": act, "outcome": "DONE", "told": ""}
    assert HandOver.objects.get().device_at == now - timedelta(minutes=9)
    plain = {"act": str(uuid4()), "kind": "DISPOSE", "code": "misread", "note": "", "stop_made": "no"}
    page = client.post(act_url(alert), plain, follow=True).content.decode()
    assert "needs a note" in page
    assert FieldAct.objects.get(act=plain["act"]).outcome == "REFUSED"
    done = client.post(act_url(alert), plain | {"act": str(uuid4()), "note": "It is a B."}, follow=True)
    assert "On record: how an alert ended" in done.content.decode()


def test_a_malformed_act_is_refused(barstow: Town, now: datetime, login: Login) -> None:
    alert = alerted(barstow, now)
    for asked in (
        {"kind": "ACKNOWLEDGE"},
        {"act": "x", "kind": "DISPOSE"},
        {"act": str(uuid4()), "kind": "FLY"},
    ):
        assert login("ortiz").post(act_url(alert), asked).status_code == 400
    assert not FieldAct.objects.exists()


def test_dispatch_hands_over_and_sees_who_acknowledged(barstow: Town, now: datetime, login: Login) -> None:
    alert = alerted(barstow, now)
    dunn, url = login("dunn"), reverse("field:hand-over", args=[alert.pk])
    to = {"to": f"officer:{barstow.users['ortiz'].pk}", "note": "Northbound on Main"}
    assert dunn.post(url, {"to": ""}, headers=HTMX).status_code == 422
    assert dunn.post(url, to, headers=HTMX).status_code == 204
    assert dunn.post(url, to, headers=HTMX).status_code == 409
    assert "not acknowledged yet" in dunn.get(reverse("console:alert", args=[alert.pk])).content.decode()
    login("ortiz").post(act_url(alert), {"act": str(uuid4()), "kind": "ACKNOWLEDGE"})
    page = dunn.get(reverse("console:alert", args=[alert.pk])).content.decode()
    assert "Olivia Ortiz" in page
    assert "not acknowledged yet" not in page


def test_officers_do_not_hand_over_and_others_see_nothing(barstow: Town, now: datetime, login: Login) -> None:
    alert = alerted(barstow, now)
    to = {"to": f"officer:{barstow.users['quinn'].pk}"}
    assert login("ortiz").post(reverse("field:hand-over", args=[alert.pk]), to).status_code == 403
    assert login("imani").get(reverse("field:mine")).status_code == 403
    assert not HandOver.objects.exists()


def test_another_agency_sees_none_of_it(
    barstow: Town, huntington_park: Town, now: datetime, login: Login
) -> None:
    handed(alerted(barstow, now), barstow, now)
    del huntington_park
    assert "8ABC123" not in login("hart").get(reverse("field:mine")).content.decode()


def test_the_app_can_be_installed_and_holds_nothing_of_anybody(
    barstow: Town, now: datetime, client: Client
) -> None:
    alerted(barstow, now)
    manifest = json.loads(client.get(reverse("field:manifest")).content)
    assert manifest["start_url"] == manifest["scope"] == "/field/"
    assert all(finders.find(icon["src"].removeprefix("/static/")) for icon in manifest["icons"])
    worker = client.get(reverse("field:worker"))
    assert worker["Content-Type"].startswith("text/javascript")
    assert '"/field/offline"' in worker.content.decode()
    assert 'link: "/me/told/"' in worker.content.decode()  # where a browser that lost its address is added again
    assert "8ABC123" not in client.get(reverse("field:offline")).content.decode()


def test_how_long_it_stays_readable_is_the_agencys_decision(barstow: Town, login: Login) -> None:
    del barstow
    assert 'data-readable="1800"' in login("ortiz").get(reverse("field:mine")).content.decode()


def test_a_further_hit_is_delivered_and_recorded_anew(barstow: Town, now: datetime, login: Login) -> None:
    alert = alerted(barstow, now)
    handed(alert, barstow, now)
    client = login("ortiz")
    client.get(reverse("field:mine"))
    arrives(barstow.camera, "8ABC123", now + timedelta(seconds=1))
    actions.match_waiting(limit=10, now=now + timedelta(seconds=2))
    client.get(reverse("field:changes"))
    assert AccessRecord.objects.filter(subject=f"alerts.Alert:{alert.pk}").count() == 2


@pytest.mark.parametrize(
    ("said", "told"),
    [({}, "Say whether a stop was made."), ({"stop_made": "yes"}, "State the reason for the stop.")],
)
def test_where_the_agency_asks_each_end_says_whether_a_stop_was_made_and_why(
    barstow: Town, now: datetime, login: Login, said: dict[str, str], told: str
) -> None:
    alert = alerted(barstow, now)
    asked = {"act": str(uuid4()), "kind": "DISPOSE", "code": "not-located", **said}
    assert told in login("ortiz").post(act_url(alert), asked, headers=JSON).json()["told"]
    assert not Disposition.objects.exists()
    stopped = {"stop_made": "yes", "stop_reason": "It matched plate and color", "code": "mistaken-stop"}
    why = {"note": "The wrong car", "not_practicable_reason": "CLETS was down"}
    done = {"act": str(uuid4()), "kind": "DISPOSE", **stopped, **why}
    assert login("ortiz").post(act_url(alert), done, headers=JSON).json()["outcome"] == "DONE"
    made = Disposition.objects.get()
    assert (made.stop_made, made.stop_reason) == (True, "It matched plate and color")
    page = login("dunn").get(reverse("console:alert", args=[alert.pk])).content.decode()
    assert "A stop was made: It matched plate and color" in page


def test_a_misread_alert_goes_on_the_camera_s_accuracy_record(
    barstow: Town, now: datetime, login: Login
) -> None:
    alert = alerted(barstow, now)
    told = {"code": "misread", "note": "It is a B, not an 8.", "stop_made": "no"}
    login("ortiz").post(act_url(alert), {"act": str(uuid4()), "kind": "DISPOSE", **told})
    check = ReadCheck.objects.get()
    assert (check.is_misread, check.shows_plate, check.found_in) == (True, "", alert.pk)
    page = login("imani").get(reverse("devices:device", args=[barstow.camera.pk])).content.decode()
    assert "1 of 1 (100.0\u00a0%)" in page


def test_what_was_given_for_a_refused_act_stays_for_the_officer_and_for_dispatch(
    barstow: Town, now: datetime, login: Login
) -> None:
    alert = alerted(barstow, now)
    handed(alert, barstow, now)
    stopped = {"stop_made": "yes", "stop_reason": "Plate and color matched", "note": "Ran at Main\0"}
    refused = {"act": str(uuid4()), "kind": "DISPOSE", "code": "arrest", **stopped}
    assert login("ortiz").post(act_url(alert), refused, headers=JSON).json()["outcome"] == "REFUSED"
    assert ["Reason for the stop", "Plate and color matched"] in FieldAct.objects.get().given
    for person, url in (("ortiz", "field:alert"), ("dunn", "console:alert")):
        page = login(person).get(reverse(url, args=[alert.pk])).content.decode()
        for said in (
            "Outcome: <strong>Arrest",
            "stop made because of this alert?: <strong>Yes",
            "Ran at Main",
        ):
            assert said in page


def test_an_opened_alert_hears_of_its_hand_over_and_of_what_dispatch_worked(
    barstow: Town, now: datetime, login: Login
) -> None:
    alert = alerted(barstow, now)
    client, url = login("ortiz"), reverse("field:alert-changes", args=[alert.pk])
    asked = {"have": marks(client.get(reverse("field:alert", args=[alert.pk])).content.decode())}
    handed(alert, barstow, now)
    news = client.get(url, asked).content.decode()
    assert "data-handed" in news
    assert "Acknowledge" in news
    page = client.get(reverse("field:alert", args=[alert.pk])).content.decode()
    worked(alert, barstow, now, "confirm")
    assert "<dt>Dispatch</dt><dd>Confirm the status in CLETS: done" in client.get(url, {"have": marks(page)}).content.decode()
