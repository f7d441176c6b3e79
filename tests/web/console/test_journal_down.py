"""With a journal that cannot be written dispatch still sees alerts, and is told; everything else is a 503."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse

from plateward.alerts.models import StepRecord
from plateward.audit import local, local_actions
from plateward.audit.models import AuditRecord
from tests.alarms import alerted
from tests.failing import journal_refuses
from tests.personas import Town

Login = Callable[[str], Client]
HTMX = {"HX-Request": "true"}


def test_dispatch_sees_the_queue_and_the_alert_and_is_told_loudly(
    barstow: Town, now: datetime, login: Login
) -> None:
    alert, client = alerted(barstow, now), login("dunn")
    with journal_refuses():
        client.get(reverse("console:queue"))
        page = client.get(reverse("console:dispatch")).content.decode()
        opened = client.get(reverse("console:alert", args=[alert.pk]), headers=HTMX).content.decode()
    assert "8ABC123" in page
    assert "Taken in the robbery at 1st and Main" in opened
    banner = page[page.index('id="journal-down"') : page.index("Tell the IT manager")]
    assert 'role="alert"' in banner
    assert "Journal down since " in banner
    assert "alerts are still shown, every look is recorded locally" in banner
    local_actions.merge(now=now)
    assert "Journal down" not in client.get(reverse("console:dispatch")).content.decode()


def test_a_fragment_says_it_once_by_the_announcer(barstow: Town, now: datetime, login: Login) -> None:
    alerted(barstow, now)
    client = login("dunn")
    with journal_refuses():
        part = client.get(reverse("console:queue"), headers=HTMX).content.decode()
    assert 'data-arrival="journal-down-' in part
    assert 'role="alert"' not in part


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_search_is_a_503_that_says_what_to_do_and_shows_nothing(
    barstow: Town, now: datetime, login: Login, headers: dict[str, str]
) -> None:
    alerted(barstow, now)
    client, here = login("ortiz"), now.astimezone(ZoneInfo("America/Los_Angeles"))
    with journal_refuses():
        answer = client.post(
            reverse("search:new"),
            {
                "plate": "8ABC123",
                "from_at": f"{here - timedelta(days=2):%Y-%m-%dT%H:%M}",
                "until_at": f"{here + timedelta(minutes=1):%Y-%m-%dT%H:%M}",
                "purpose": "stolen-or-wanted-vehicle",
                "reason": "Robbery at 1st and Main, taken car",
                "reference": "26-01234",
            },
            headers=headers,
            follow=True,
        )
    said = answer.content.decode()
    assert answer.status_code == 503
    assert answer["Retry-After"] == "60"
    assert "data-refusal" in said
    assert "The journal cannot be written, so nothing was" in said
    assert "8ABC123" not in said
    for leaked in ("audit_auditrecord", "permission denied", "Traceback", "InsufficientPrivilege"):
        assert leaked not in said
    local_actions.merge(now=now)
    row = AuditRecord.objects.get(verb="governance.access.unrecorded")
    assert (row.username, row.detail["cause"]) == ("ortiz", "InsufficientPrivilege")


def test_a_step_is_a_503_with_the_words_to_keep_a_paper_log(
    barstow: Town, now: datetime, login: Login
) -> None:
    alert, client = alerted(barstow, now), login("dunn")
    with journal_refuses():
        answer = client.post(reverse("alerts:step", args=[alert.pk, "confirm"]), headers=HTMX)
    assert answer.status_code == 503
    assert "so nothing was saved" in answer.content.decode()
    assert "keep a paper log" in answer.content.decode()
    assert not StepRecord.objects.exists()


def test_where_neither_can_be_written_nothing_is_shown_and_the_screen_says_so(
    barstow: Town, now: datetime, login: Login
) -> None:
    alert, client = alerted(barstow, now), login("dunn")
    local.folder().touch()
    try:
        with journal_refuses():
            part = client.get(reverse("console:queue"), headers=HTMX)
            page = client.get(reverse("console:alert", args=[alert.pk]))
    finally:
        local.folder().unlink()
    assert "Alerts cannot be shown" in part.content.decode()
    assert page.status_code == 503
    assert "alerts are not shown" in page.content.decode()
    for answer in (part, page):
        assert "8ABC123" not in answer.content.decode()


def test_a_refusal_stays_a_refusal_and_is_recorded_locally(
    barstow: Town, now: datetime, login: Login
) -> None:
    client = login("imani")
    with journal_refuses():
        assert client.get(reverse("console:dispatch")).status_code == 403
    local_actions.merge(now=now)
    assert AuditRecord.objects.get(verb="governance.access.refused").detail["recorded"] == "locally"
    assert barstow.agency.pk == "barstow-pd"


def test_whoever_logs_out_is_out_and_it_is_recorded_once_the_journal_is_there(
    barstow: Town, now: datetime, login: Login
) -> None:
    client = login("dunn")
    closed = AuditRecord.objects.filter(verb="accounts.session.closed", username="dunn")
    with journal_refuses():
        left = client.post(reverse("accounts:logout"))
        assert left.status_code == 302
        assert client.get(reverse("console:dispatch")).status_code == 302
    assert not closed.exists()
    local_actions.merge(now=now)
    assert closed.count() == 1
    assert barstow.users
