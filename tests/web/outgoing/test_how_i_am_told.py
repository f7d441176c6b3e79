"""“How I am told”: what the page says while the policy is silent, and what it lets a person choose after that."""

from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from plateward.audit.models import AuditRecord
from plateward.governance.models import Draft
from plateward.outgoing.models import Browser, Message, PushKey, System, Telling
from plateward.outgoing.rules import MessageState
from tests.alarms import alerted
from tests.pages import text
from tests.personas import Town
from tests.pushing import Browser as BrowserKeys
from tests.receiving import sent
from tests.telling import ADDRESS, PUSH_HOST, Mailbox, decide_to_tell, mail_server

Login = Callable[[str], Client]
MINE = "/me/told/"
CHOICE: dict[str, Any] = {"mail": ["own"], "push": ["own"], "least": "LOW"}


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    with mail_server(settings) as box:
        yield box


def page(client: Client) -> str:
    return text(client.get(MINE))


@pytest.mark.clause("B-466.6(a)", "H-426.5(a)")
@pytest.mark.parametrize(
    ("town", "person", "clause"),
    [("barstow", "dunn", "B-466.6(a)"), ("huntington_park", "hart", "H-426.5(a)")],
)
def test_while_the_policy_is_silent_the_page_says_so_and_which_decision_is_missing(
    request: pytest.FixtureRequest, login: Login, town: str, person: str, clause: str
) -> None:
    request.getfixturevalue(town)
    said = page(login(person))
    assert "The policy does not say whether people are told by e-mail." in said
    assert "The policy does not say whether people are told by push messages." in said
    assert "No clause speaks of it." in said
    assert clause in said
    assert "local decision" in said
    assert "<fieldset" not in said
    assert "data-push" not in said
    refused = login(person).post(f"{MINE}choose/", CHOICE)
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY or Telling.objects.get().mail == []
    assert not PushKey.objects.exists()


def test_a_decision_made_in_the_forms_and_adopted_makes_it_work(
    barstow: Town, now: datetime, login: Login, mailbox: Mailbox
) -> None:
    cole = login("cole")
    decided = {
        "ground": "LOCAL",
        "clause": "B-466.6(a)",
        "question": "By which ways may people be told that an alert waits?",
        "decision": "By e-mail.",
        "narrower_reading": "By none.",
        "decided_by": "The Chief of Police",
        "decided_on": "2026-11-20",
        "value": ["MAIL"],
        "confirmed": "on",
    }
    asked = f"{reverse('governance:edit-value')}?path=outgoing.told_by"
    assert 'value="MAIL"' in text(cole.get(asked))
    assert cole.post(asked, decided).status_code == HTTPStatus.FOUND
    told = {"version": "2026.3", "effective_date": "2026-11-22", "why": "The council asked."}
    assert cole.post(reverse("governance:edit-propose"), told).status_code == HTTPStatus.FOUND
    address = reverse("governance:adopt", args=[Draft.objects.get().pk])
    draft = reverse("governance:draft", args=[Draft.objects.get().pk])
    assert "how people may be told beside the console" in text(login("chen").get(draft)).lower()
    login("chen").post(address, {"adopt-compared_with": "2026.2", "adopt-note": "Agreed."})

    dunn = login("dunn")
    said = page(dunn)
    assert "The agency lets people be told by e-mail." in said
    assert "The agency does not let people be told by push messages." in said
    dunn.post(f"{MINE}choose/", CHOICE | {"quiet_from": "", "quiet_until": ""})
    dunn.post(f"{MINE}address/", {"address": ADDRESS})
    assert "Open the link sent there" in page(dunn)
    sent(now + timedelta(minutes=1))
    link = next(word for word in mailbox.received[0].get_content().split() if "confirm" in word)
    parts = urlsplit(link)
    opened = dunn.get(f"{parts.path}?{parts.query}")
    assert "This address is mine" in text(opened)
    token = parts.query.removeprefix("token=").replace("%3A", ":")
    assert "Your address counts now." in text(dunn.post(parts.path, {"token": token}, follow=True))
    alerted(barstow, now + timedelta(minutes=2))
    assert sent(now + timedelta(minutes=3)) == 1
    assert mailbox.received[1]["Subject"] == "Plateward: An alert waits"
    assert "Arrived" in page(dunn)


def test_a_person_chooses_what_and_when_and_it_is_on_record(
    barstow: Town, now: datetime, login: Login
) -> None:
    decide_to_tell(barstow, now, "MAIL", "PUSH")
    dunn = login("dunn")
    given = CHOICE | {"least": "HIGH", "late_too": "on", "quiet_from": "22:00", "quiet_until": "06:30"}
    assert "Saved." in text(dunn.post(f"{MINE}choose/", given, follow=True))
    telling = Telling.objects.get()
    assert (telling.mail, telling.push, telling.least, telling.late_too) == (["own"], ["own"], "HIGH", True)
    assert (telling.quiet_from, telling.quiet_until) == (time(22), time(6, 30))
    assert AuditRecord.objects.get(verb="outgoing.telling.chosen").detail["quiet"] == "22:00–06:30"
    half = dunn.post(f"{MINE}choose/", CHOICE | {"quiet_from": "22:00"})
    assert half.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Give both times" in text(half)


def test_without_a_mail_server_the_page_names_the_variable(barstow: Town, now: datetime, login: Login) -> None:
    decide_to_tell(barstow, now, "MAIL")
    dunn = login("dunn")
    assert "PLATEWARD_MAIL_HOST" in page(dunn)
    refused = dunn.post(f"{MINE}address/", {"address": ADDRESS})
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY


def test_who_may_see_no_alerts_is_refused_and_shown_no_link(barstow: Town, now: datetime, login: Login) -> None:
    blind = next(name for name in barstow.users if not barstow.actor(name, now).may("alerts.view"))
    assert login(blind).get(MINE).status_code == HTTPStatus.FORBIDDEN
    assert MINE not in text(login(blind).get("/me/"))
    assert MINE in text(login("dunn").get("/me/"))


def test_a_browser_is_added_tried_and_removed_by_its_person_alone(
    barstow: Town, now: datetime, login: Login
) -> None:
    decide_to_tell(barstow, now, "PUSH")
    dunn = login("dunn")
    assert "Choose above what your browsers tell you of" in page(dunn)
    assert not PushKey.objects.exists()  # looking makes none
    assert "Saved." in text(dunn.post(f"{MINE}choose/", {"push": ["own"], "least": "LOW"}, follow=True))
    assert f'data-push="{PushKey.objects.get().public}"' in page(dunn)
    keys = BrowserKeys().at(f"https://{PUSH_HOST}/wpush/v2/a")
    given = {"name": "My phone", "endpoint": keys.endpoint, "p256dh": keys.p256dh, "auth": keys.auth}
    assert "is told from now on" in text(dunn.post(f"{MINE}browsers/", given, follow=True))
    elsewhere = given | {"endpoint": "https://collector.example/a"}
    assert "PLATEWARD_PUSH_SERVICES" in text(dunn.post(f"{MINE}browsers/", elsewhere, follow=True))
    unusable = given | {"auth": "c2hvcnQ"}
    assert "keys that cannot be used" in text(dunn.post(f"{MINE}browsers/", unusable, follow=True))
    kept = Browser.objects.get()
    assert login("ortiz").post(f"{MINE}browsers/{kept.pk}/remove/").status_code == HTTPStatus.NOT_FOUND
    assert "on its way" in text(dunn.post(f"{MINE}browsers/{kept.pk}/try/", follow=True))
    assert Message.objects.get().state == MessageState.WAITING
    assert "told no more" in text(dunn.post(f"{MINE}browsers/{kept.pk}/remove/", follow=True))
    assert dunn.post(f"{MINE}browsers/{kept.pk}/try/").status_code == HTTPStatus.NOT_FOUND


def test_who_sets_systems_up_sees_what_was_not_delivered_and_can_send_it_again(
    barstow: Town, now: datetime, login: Login, mailbox: Mailbox
) -> None:
    decide_to_tell(barstow, now, "MAIL")
    dunn = login("dunn")
    dunn.post(f"{MINE}address/", {"address": ADDRESS})
    mailbox.to_rcpt = "550 5.1.1 no such mailbox"
    sent(now + timedelta(minutes=1))
    imani = login("imani")
    address = f"/outgoing/systems/{System.objects.get().pk}/"
    said = text(imani.get(address))
    assert "to Drew Dunn" in said
    assert "550" in said
    assert "New secret" not in said
    assert imani.get(f"{address}change/").status_code == HTTPStatus.NOT_FOUND
    again = imani.post(f"/outgoing/messages/{Message.objects.get().pk}/replay/", follow=True)
    assert "tried again now" in text(again)
    assert "told that" not in text(imani.get("/outgoing/systems/"))
    assert "The agency lets people be told by e-mail." in text(imani.get("/outgoing/systems/"))
