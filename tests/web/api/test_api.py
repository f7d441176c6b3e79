"""What programs ask with a token: decided and recorded as in the browser."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from plateward.accounts.models import Certification
from plateward.api import problems
from plateward.api.models import Token
from plateward.audit.models import AccessRecord, AuditRecord
from plateward.reads.check_actions import check_read
from plateward.search import rules as search_rules
from tests.failing import journal_refuses
from tests.personas import SETUP, Town
from tests.sightings import seen
from tests.tokens import PURPOSE, REASON, made, refused

SEARCHES = reverse("api:searches")
DEVICES = reverse("api:devices")


def asked(**changes: Any) -> dict[str, Any]:
    return {"plate": "7AB?123", "purpose": PURPOSE, "reason": REASON, "reference": "26-01234"} | changes


def ask(client: Client, **changes: Any) -> HttpResponse:
    return client.post(SEARCHES, asked(**changes), content_type="application/json")


def openings(read_id: UUID) -> str:
    return reverse("api:open-read", args=[read_id])


def last_row(verb: str) -> AuditRecord:
    return AuditRecord.objects.filter(verb=verb).latest("id")


@pytest.mark.clause("B-466.6(a)", "B-466.6(b)")
def test_a_search_is_answered_with_its_access_record(barstow: Town, now: datetime) -> None:
    read = seen(barstow.camera, "7ABC123", now - timedelta(hours=1))
    token, client = made(barstow, "ortiz", now)
    page = ask(client).json()
    record = AccessRecord.objects.get()
    assert page["access_record"] == record.pk
    assert [(one["id"], one["plate"]) for one in page["reads"]] == [(str(read.id), "7ABC123")]
    assert page["reads"][0]["why_found"] == "7AB and 123 as given, the rest unknown"
    assert (record.username, record.purpose, record.reason) == ("ortiz", PURPOSE, REASON)
    assert last_row("audit.access.recorded").detail["token"] == str(token.pk)


def test_a_read_found_is_opened_under_a_record_of_its_own(barstow: Town, now: datetime) -> None:
    read = seen(barstow.camera, "7ABC123", now - timedelta(hours=1))
    _, client = made(barstow, "ortiz", now)
    stated = {"purpose": PURPOSE, "reason": REASON, "reference": "26-01234"}
    opened = client.post(openings(read.id), stated, content_type="application/json").json()
    record = AccessRecord.objects.get()
    assert (opened["access_record"], opened["read"]["plate"]) == (record.pk, "7ABC123")
    assert record.subject == f"reads.Read:{read.id}"
    refused(
        client.post(openings(uuid4()), stated, content_type="application/json"), problems.NOT_FOUND
    )


def test_what_people_found_in_its_picture_stands_beside_a_read_as_it_was_read(
    barstow: Town, now: datetime
) -> None:
    read = seen(barstow.camera, "7ABC123", now - timedelta(hours=1), region="US-CA")
    _, client = made(barstow, "ortiz", now)
    stated = {"purpose": PURPOSE, "reason": REASON, "reference": "26-01234"}

    def told() -> tuple[Any, Any]:
        opened = client.post(openings(read.id), stated, content_type="application/json").json()
        return ask(client).json()["reads"][0], opened["read"]

    assert [one["compared"] for one in told()] == [None, None]
    ortiz = barstow.actor("ortiz", now)
    check_read(
        by=ortiz, read_id=read.id, shows="7A8C123", shows_region="US-CA", reason="The third is an 8", now=now
    )
    for one in told():
        assert (one["plate"], one["compared"]["shows_plate"]) == ("7ABC123", "7A8C123")
        assert (one["compared"]["is_misread"], one["compared"]["is_wrong_state"]) == (True, False)
        assert (one["compared"]["checked_by"], one["compared"]["reason"]) == (ortiz.name, "The third is an 8")


def test_a_read_is_not_opened_without_a_reason(barstow: Town, now: datetime) -> None:
    read = seen(barstow.camera, "7ABC123", now - timedelta(hours=1))
    _, client = made(barstow, "ortiz", now)
    stated = {"purpose": PURPOSE, "reason": " "}
    told = refused(
        client.post(openings(read.id), stated, content_type="application/json"), problems.REFUSED
    )
    assert told["clause"].startswith("B-466")
    assert not AccessRecord.objects.exists()


def test_pages_follow_each_other_without_a_gap(
    barstow: Town, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plateward.search.queries.PAGE_SIZE", 2)
    assert search_rules.PAGE_SIZE == 200
    for hours in range(1, 4):
        seen(barstow.camera, "7ABC123", now - timedelta(hours=hours))
    _, client = made(barstow, "ortiz", now)
    first = ask(client).json()
    second = client.get(first["next"]).json()
    times = [read["captured_at"] for page in (first, second) for read in page["reads"]]
    assert len(times) == 3
    assert times == sorted(times, reverse=True)
    assert (second["page"], second["count"], second["next"]) == (2, 3, None)
    assert AccessRecord.objects.count() == 2
    refused(client.get(f"{reverse('api:results', args=[first['search_id']])}?after=x"), problems.QUERY)


def test_own_searches_are_listed_for_the_token_s_purpose_only(barstow: Town, now: datetime) -> None:
    _, client = made(barstow, "ortiz", now)
    _, other = made(barstow, "ortiz", now, "missing-person")
    mine = ask(client).json()["search_id"]
    theirs = ask(other, purpose="missing-person").json()["search_id"]
    assert [one["search_id"] for one in client.get(SEARCHES).json()["searches"]] == [mine]
    assert client.get(f"{SEARCHES}?after={mine}").json() == {"searches": [], "next": None}
    refused(client.get(f"{SEARCHES}?after={uuid4()}"), problems.NOT_FOUND)
    refused(client.post(f"{SEARCHES}?after={mine}"), problems.QUERY)
    refused(client.get(reverse("api:results", args=[theirs])), problems.REFUSED)


def test_the_device_register_is_listed_with_its_health(barstow: Town, now: datetime) -> None:
    _, client = made(barstow, "imani", now)
    (device,) = client.get(DEVICES).json()["devices"]
    assert (device["name"], device["is_enabled"]) == (barstow.camera.name, True)


@pytest.mark.clause("H-426.2")
def test_a_purpose_the_policy_does_not_name_makes_no_token(
    huntington_park: Town, now: datetime, login: Any
) -> None:
    typed = {"use": "Counts", "purpose": "crime-analysis", "capabilities": ["search.run"], "days": 7}
    response = login("hale").post(reverse("api:make"), typed)
    assert response.status_code == 403
    assert "H-426.2" in response.content.decode()
    assert not Token.objects.exists()
    assert huntington_park.users


@pytest.mark.clause("B-466.3")
def test_a_token_of_another_purpose_is_refused_and_journaled(barstow: Town, now: datetime) -> None:
    _, client = made(barstow, "ortiz", now)
    told = refused(ask(client, purpose="missing-person"), problems.REFUSED)
    assert "stolen-plate" in told["detail"]
    assert told["clause"]
    assert last_row("governance.access.refused").detail["attempted"] == f"POST {SEARCHES}"
    assert not AccessRecord.objects.exists()


@pytest.mark.clause("B-466.4(d)", "H-426.3(d)")
def test_training_that_ends_ends_what_the_token_opens(barstow: Town, now: datetime) -> None:
    _, client = made(barstow, "ortiz", now)
    Certification.objects.filter(user=barstow.users["ortiz"]).update(
        withdrawn_at=now, withdrawn_by=barstow.users["cruz"], withdrawn_reason="Wrong day."
    )
    told = refused(ask(client), problems.REFUSED)
    assert told["clause"].startswith("B-466")
    assert not AccessRecord.objects.exists()


def test_a_token_opens_only_what_it_was_made_for(barstow: Town, now: datetime) -> None:
    _, client = made(barstow, "ortiz", now, PURPOSE, "devices.view")
    assert "search.run" in refused(ask(client), problems.REFUSED)["detail"]
    assert client.get(DEVICES).status_code == 200


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"revoked_at": "now", "revoked_by": "Ivy Imani"}, "revoked"),
        ({"expires_at": "now", "made_at": "before"}, "expired"),
        ({"roles": "sergeant: "}, "Title or positions"),
        ({"made_at": "before"}, "since it was made"),
    ],
)
def test_a_token_that_ended_opens_nothing(
    barstow: Town, now: datetime, change: dict[str, str], why: str
) -> None:
    token, client = made(barstow, "ortiz", now)
    instants = {"now": now, "before": now - timedelta(days=9)}
    Token.objects.filter(pk=token.pk).update(**{k: instants.get(v, v) for k, v in change.items()})
    told = refused(client.get(DEVICES), problems.TOKEN_INVALID)
    assert why in told["detail"]
    row = last_row("api.token.refused")
    assert (row.agency, row.detail["why"]) == (barstow.agency.pk, told["detail"])


def test_nobody_gets_in_with_a_session_or_a_token_nobody_made(
    barstow: Town, now: datetime, login: Any
) -> None:
    assert refused(login("ortiz").get(DEVICES), problems.TOKEN_MISSING)
    stranger = Client(headers={"Authorization": "Bearer pw_unknown"})
    assert refused(stranger.get(DEVICES), problems.TOKEN_INVALID)
    row = last_row("api.token.refused")
    assert row.agency == ""
    assert "pw_unknown" not in str(row.detail)
    assert barstow.users
    assert now


def test_suspension_ends_the_token_for_good(barstow: Town, now: datetime) -> None:
    from plateward.accounts import actions as accounts  # noqa: PLC0415  one story needs it

    _, client = made(barstow, "ortiz", now)
    user, by = barstow.users["ortiz"], barstow.actor("imani", now)
    given = {"user": user, "by": by, "now": now + timedelta(seconds=1)}
    accounts.suspend(**given, reason="Under review", needs_retraining=False)
    assert "not active" in refused(client.get(DEVICES), problems.TOKEN_INVALID)["detail"]
    accounts.reactivate(**given, reason="Reviewed")
    assert "was closed" in refused(client.get(DEVICES), problems.TOKEN_INVALID)["detail"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.clause("B-466.6(a)", "H-426.5(a)")
def test_nothing_is_shown_while_the_journal_cannot_be_written(barstow: Town, now: datetime) -> None:
    seen(barstow.camera, "7ABC123", now - timedelta(hours=1))
    _, client = made(barstow, "ortiz", now)
    with journal_refuses():
        response = ask(client)
    assert refused(response, problems.UNRECORDED)
    assert response["Retry-After"] == "60"
    assert b"7ABC123" not in response.content


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"plate": "**"}, problems.QUERY),
        ({"from_at": "2026-01-02T00:00:00Z", "until_at": "2026-01-01T00:00:00Z"}, problems.QUERY),
        ({"from_at": "0001-01-01T00:00:00+14:00"}, problems.QUERY),
        ({"device_ids": [str(uuid4())]}, problems.QUERY),
        ({"plate": "*8B*", "from_at": "2020-01-01T00:00:00Z", "plate_": None}, problems.BODY),
        ({"plate": "A\0B"}, problems.BODY),
        ({"from_at": "2026-01-01T00:00:00"}, problems.BODY),
        ({"reason": ""}, problems.REFUSED),
    ],
)
def test_what_cannot_be_asked_is_answered_with_what_to_change(
    barstow: Town, now: datetime, changes: dict[str, Any], kind: problems.Kind
) -> None:
    _, client = made(barstow, "ortiz", now)
    refused(ask(client, **changes), kind)
    assert not AccessRecord.objects.exists()


def test_other_methods_and_addresses_are_answered_in_the_same_form(barstow: Town, now: datetime) -> None:
    _, client = made(barstow, "ortiz", now)
    response = client.delete(SEARCHES)
    refused(response, problems.METHOD)
    assert response["Allow"] == "GET, POST"
    refused(client.get("/api/v1/plates"), problems.NOT_FOUND)
    assert "afer" in refused(client.get(f"{SEARCHES}?afer=1"), problems.QUERY)["detail"]
    refused(client.post(SEARCHES, "plate=7", content_type="text/plain"), problems.BODY)


def test_one_agency_s_token_finds_nothing_of_another_s(
    barstow: Town, huntington_park: Town, now: datetime
) -> None:
    read = seen(huntington_park.camera, "7ABC123", now - timedelta(hours=1))
    _, client = made(barstow, "ortiz", now)
    assert ask(client).json()["reads"] == []
    stated = {"purpose": PURPOSE, "reason": REASON, "reference": "26-01234"}
    refused(
        client.post(openings(read.id), stated, content_type="application/json"), problems.NOT_FOUND
    )
    refused(ask(client, device_ids=[str(huntington_park.camera.pk)]), problems.QUERY)
    assert str(huntington_park.camera.pk) not in client.get(DEVICES).content.decode()
    assert SETUP
