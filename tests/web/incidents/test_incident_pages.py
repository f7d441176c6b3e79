"""Reporting and working an incident in the browser; who sees what of it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from plateward.incidents.models import Incident
from tests.incident_acts import HAPPENED, happened
from tests.personas import Town

pytestmark = pytest.mark.django_db

Login = Callable[[str], Client]


@pytest.mark.clause("CC-1798.90.51")
def test_an_officer_reports_and_the_commander_records_a_step(
    barstow: Town, now: datetime, login: Login
) -> None:
    ortiz = login("ortiz")
    sent = {
        "what": HAPPENED,
        "touched": ["READS"],
        "systems": "",
        "about": "",
        "discovered_at": timezone.localtime(now - timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M"),
    }
    assert ortiz.post(reverse("incidents:make"), sent | {"what": "Lost."}).status_code == (
        HTTPStatus.UNPROCESSABLE_ENTITY
    )
    ortiz.post(reverse("incidents:make"), sent)
    made = Incident.objects.get()
    shown = ortiz.get(reverse("incidents:incident", args=[made.pk])).content.decode()
    assert HAPPENED in shown
    assert "Checklist" not in shown

    cole = login("cole")
    address = reverse("incidents:incident", args=[made.pk])
    assert "No time is said: without unreasonable delay" in cole.get(address).content.decode()
    step = {"step": "PRESERVE", "note": "The server’s disks.", "done_at": timezone.now().isoformat()}
    cole.post(reverse("incidents:step", args=[made.pk]), step)
    assert "The server’s disks." in cole.get(address).content.decode()
    moved = cole.post(reverse("incidents:move", args=[made.pk]), {"act": "CONTAIN", "note": "Found."})
    assert moved.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Contain it: close accounts" in moved.content.decode()


def test_whom_it_is_about_and_colleagues_find_nothing(barstow: Town, now: datetime, login: Login) -> None:
    made = happened(barstow, now, about="quinn")
    for username in ("quinn", "diaz"):
        client = login(username)
        assert client.get(reverse("incidents:incident", args=[made.pk])).status_code == HTTPStatus.NOT_FOUND
        assert "I-1" not in client.get(reverse("incidents:incidents")).content.decode()
