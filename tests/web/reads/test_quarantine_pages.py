from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from plateward.audit.models import AuditRecord
from plateward.reads import actions
from plateward.reads.models import InboxItem, InboxState
from tests.payloads import as_json, inbox_item
from tests.personas import Town

Login = Callable[[str], Client]


@pytest.fixture
def held(barstow: Town, now: datetime) -> InboxItem:
    item = inbox_item(barstow.camera, as_json(now, confidence=93, note="<script>alert(1)</script>"), now)
    actions.store_waiting(limit=1, now=now)
    return item


def test_the_it_manager_sees_what_is_held_and_why(barstow: Town, held: InboxItem, login: Login) -> None:
    del barstow
    client = login("imani")
    page = client.get(reverse("reads:quarantine")).content.decode()
    assert "confidence: " in page
    assert "Main St at 1st Ave" in page
    assert "/live/stream?topics=quarantine" in page
    part = client.get(reverse("reads:quarantine-list"))
    assert str(held.pk) in part.content.decode()
    assert b"<html" not in part.content


def test_the_payload_is_shown_harmless_and_looking_is_journaled(
    barstow: Town, held: InboxItem, login: Login
) -> None:
    del barstow
    page = login("imani").get(reverse("reads:quarantined", args=[held.pk])).content.decode()
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page
    assert AuditRecord.objects.get(verb="reads.payload.inspected").username == "imani"


def test_replaying_from_the_page(barstow: Town, held: InboxItem, login: Login) -> None:
    del barstow
    client = login("imani")
    answer = client.post(reverse("reads:replay", args=[held.pk]), follow=True)
    assert "being parsed again" in answer.content.decode()
    assert "Nothing in quarantine" in answer.content.decode()
    held.refresh_from_db()
    assert held.state == InboxState.RECEIVED
    assert client.post(reverse("reads:replay", args=[held.pk])).status_code == 404


def test_replaying_all_from_the_page(barstow: Town, held: InboxItem, login: Login) -> None:
    del barstow
    answer = login("imani").post(reverse("reads:replay-all"), follow=True)
    assert "1 payload is being parsed again" in answer.content.decode()
    held.refresh_from_db()
    assert held.state == InboxState.RECEIVED


def test_discarding_asks_for_a_reason(barstow: Town, held: InboxItem, login: Login) -> None:
    del barstow
    client = login("imani")
    refused = client.post(reverse("reads:discard", args=[held.pk]), {"reason": " "})
    assert refused.status_code == 422
    assert "Please correct" in refused.content.decode()
    done = client.post(reverse("reads:discard", args=[held.pk]), {"reason": "bench test"}, follow=True)
    assert "was discarded" in done.content.decode()
    held.refresh_from_db()
    assert (held.state, held.body) == (InboxState.DISCARDED, None)


@pytest.mark.parametrize("name", ["quarantined", "replay", "discard"])
def test_another_agencys_payload_is_not_found(
    barstow: Town, huntington_park: Town, held: InboxItem, login: Login, name: str
) -> None:
    del barstow, huntington_park
    client = login("hayes")
    url = reverse(f"reads:{name}", args=[held.pk])
    answer = client.get(url) if name == "quarantined" else client.post(url, {"reason": "x"})
    assert answer.status_code == 404
    assert "Nothing in quarantine" in client.get(reverse("reads:quarantine")).content.decode()


def test_an_officer_is_refused_everywhere(barstow: Town, held: InboxItem, login: Login) -> None:
    del barstow
    client = login("ortiz")
    for url in (reverse("reads:quarantine"), reverse("reads:quarantined", args=[held.pk])):
        assert client.get(url).status_code == 403
    for url in (reverse("reads:replay-all"), reverse("reads:replay", args=[held.pk])):
        assert client.post(url).status_code == 403
    held.refresh_from_db()
    assert held.state == InboxState.QUARANTINED
