"""Vendor staff while the journal cannot be written: what cannot be recorded is not shown to them either."""

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from plateward.audit import local, local_actions
from plateward.audit.models import AuditRecord
from plateward.control import standing
from plateward.walls import scope
from tests.exceptions import opened_window
from tests.failing import FAULTS, journal_refuses
from tests.personas import Town

pytestmark = pytest.mark.clause("B-466.10(limited)(d)")

Login = Callable[[str], Client]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_request_that_cannot_be_recorded_shows_nothing_and_says_what_to_do(
    barstow: Town, now: datetime, login: Login, fault: str
) -> None:
    window, vendor = opened_window(barstow, now), login("vendor")
    assert barstow.camera.name in vendor.get(reverse("devices:list")).content.decode()
    with journal_refuses(fault), scope.as_nobody():  # as a web process outside the gate
        answer = vendor.get(reverse("devices:list"))
    said = answer.content.decode()
    assert (answer.status_code, answer["Retry-After"]) == (503, "60")
    assert "The journal cannot be written, so nothing was shown" in said
    assert "plateward doctor" in said
    assert barstow.camera.name not in said
    assert "no-store" in answer["Cache-Control"]
    local_actions.merge(now=now)
    row = AuditRecord.objects.get(verb="governance.access.unrecorded")
    assert (row.username, row.detail["attempted"]) == ("vendor", f"GET {reverse('devices:list')}")
    kept = [(one.detail["page"], one.detail["status"]) for one in standing.requests_in(window)]
    assert sorted(kept) == [("devices:list", 200), ("devices:list", 503)], "the window's own list has both"


def test_a_refusal_in_the_window_is_kept_locally_with_the_request(
    barstow: Town, now: datetime, login: Login
) -> None:
    opened_window(barstow, now)
    vendor = login("vendor")
    with journal_refuses():
        assert vendor.get(reverse("search:new")).status_code == 503
    local_actions.merge(now=now)
    kept = AuditRecord.objects.filter(username="vendor", detail__recorded="locally").order_by("id")
    assert [row.verb for row in kept] == [
        "governance.access.refused",
        "governance.access.unrecorded",
        "control.window.used",
    ]


def test_where_neither_can_be_written_a_refusal_is_a_page_and_no_crash(
    barstow: Town, now: datetime, login: Login
) -> None:
    opened_window(barstow, now)
    vendor = login("vendor")
    local.folder().touch()
    try:
        with journal_refuses():
            answer = vendor.get(reverse("search:new"))
    finally:
        local.folder().unlink()
    assert answer.status_code == 503
    assert "cannot be written either" in answer.content.decode()
