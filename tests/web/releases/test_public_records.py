"""The public asks, the clock runs, a letter answers, and copies leave without plates (B-466.7¶2)."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from plateward.releases import records_actions
from plateward.releases.models import RecordsPaper, RecordsRequest
from tests.pages import text
from tests.personas import Town
from tests.releasing import with_clerk

Login = Callable[[str], Client]


def taken_in(client: Client, received: str) -> RecordsRequest:
    asked = {"received_date": received, "channel": "MAIL", "described": "Reads of my own car in May"}
    client.post(reverse("releases:records-new"), asked)
    return RecordsRequest.objects.get()


def act(client: Client, request: RecordsRequest, task: str, **given: Any) -> Any:
    return client.post(reverse("releases:records-act", args=[request.pk, task]), given)


@pytest.mark.clause("B-466.7¶2")
def test_a_request_is_extended_once_determined_by_letter_and_closed(
    barstow: Town, now: datetime, login: Login
) -> None:
    clerk = login(with_clerk(barstow, now))
    today = barstow.actor("soto", now).today
    made = taken_in(clerk, (today - timedelta(days=4)).isoformat())
    assert made.due_date == today + timedelta(days=6)
    assert made.number in text(clerk.get(reverse("releases:records")))
    late = act(clerk, made, "extend", reason="VOLUMINOUS", until=(today + timedelta(days=21)).isoformat())
    assert "at the latest" in text(late)
    until = (today + timedelta(days=20)).isoformat()
    act(clerk, made, "extend", reason="VOLUMINOUS", until=until)
    assert "already" in text(act(clerk, made, "extend", reason="VOLUMINOUS", until=until))

    said = {"outcome": "EXEMPT", "text": "The records are of an investigation."}
    assert "which exemption" in text(act(clerk, made, "determine", **said))
    whole = said | {"ground": "Gov. Code § 7923.600", "responsible": "Sam Soto, Custodian of Records"}
    act(clerk, made, "determine", **whole)
    letters = RecordsPaper.objects.filter(request=made)
    assert [one.kind for one in letters] == ["EXTENSION", "DETERMINATION"]
    answer = clerk.get(reverse("releases:records-paper", args=[letters[1].pk]))
    assert answer.content.startswith(b"%PDF-")
    act(clerk, made, "close", note="Letter sent.")
    made.refresh_from_db()
    assert made.state == "CLOSED"


@pytest.mark.clause("B-466.7¶2", "H-426.6")
def test_a_table_leaves_without_what_was_taken_out(huntington_park: Town, now: datetime, login: Login) -> None:
    clerk = login(with_clerk(huntington_park, now))
    made = taken_in(clerk, huntington_park.actor("howe", now).today.isoformat())
    page = text(clerk.get(reverse("releases:records-request", args=[made.pk])))
    assert "Not addressed by this policy" in page
    sheet = SimpleUploadedFile("reads.csv", b"plate,camera\n8ABC123,Main St\n")
    act(clerk, made, "table", name="Reads", columns="plate", file=sheet)
    table = RecordsPaper.objects.get(media_type="text/csv")
    assert b"8ABC123" not in clerk.get(reverse("releases:records-paper", args=[table.pk])).content


def test_the_day_of_receipt_is_the_agencys_own_not_that_of_greenwich(barstow: Town, now: datetime) -> None:
    with_clerk(barstow, now)
    tomorrow = now.astimezone(UTC).date() + timedelta(days=1)
    late = datetime.combine(tomorrow, time(7, 30), UTC)  # half past eleven at night
    clerk = barstow.actor("soto", late)
    asked = {"requester": "", "contact": "", "channel": "MAIL", "described": "Reads", "by": clerk, "now": late}
    with pytest.raises(ValidationError, match="today at the latest"):
        records_actions.receive(received_date=late.date(), **asked)
    made = records_actions.receive(received_date=late.date() - timedelta(days=1), **asked)
    assert made.due_date == late.date() + timedelta(days=9)


def test_who_works_no_public_requests_sees_none(barstow: Town, login: Login) -> None:
    assert login("ortiz").get(reverse("releases:records")).status_code == HTTPStatus.FORBIDDEN
