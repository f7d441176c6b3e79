"""The supervisor's board: who works what, what waits for how long, and what the last day was like."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from plateward.alerts import actions, holding_actions
from plateward.alerts.hit_rules import Urgency
from plateward.alerts.models import Alert, HitConfirmation
from plateward.audit.models import AccessRecord
from tests.alarms import alerted, arrives, wanted, worked
from tests.personas import Town
from tests.versions import STEP_LIMITS, policy_text, put_on_file

Login = Callable[[str], Client]
BOARD = "console:board"
PAGES = (("lane", BOARD), ("ortiz", "field:mine"))


@pytest.fixture
def now() -> datetime:
    """The board looks back from the moment it is shown."""
    return timezone.now().replace(microsecond=0) - timedelta(minutes=10)


def test_the_board_says_who_holds_what_and_what_each_alert_waits_for(
    barstow: Town, now: datetime, login: Login
) -> None:
    first, second = alerted(barstow, now), alerted(barstow, now + timedelta(minutes=1), "7XYZ456")
    holding_actions.take(alert=first, by=barstow.actor("dunn", now), now=now)
    worked(first, barstow, now, "confirm")
    page = login("lane").get(reverse(BOARD)).content.decode()
    assert "Drew Dunn" in page
    assert page.index("8ABC123") < page.index("7XYZ456"), "who waits longest comes first"
    assert "Advise units, confirmation in progress, for" in page
    assert "no answer" in page
    assert '<dt>Held by nobody</dt><dd>1</dd>' in page
    assert "no time for any of them" in page
    for alert in (first, second):
        record = AccessRecord.objects.get(subject=f"alerts.Alert:{alert.pk}")
        assert record.reason == "Alert delivered on the dispatch board"


@pytest.mark.clause("B-466.10", "H-426.2.1(a)")
def test_the_board_is_for_those_who_answer_for_the_dispatch(
    barstow: Town, huntington_park: Town, now: datetime, login: Login
) -> None:
    alerted(barstow, now)
    for username in ("dunn", "ortiz", "imani", "vendor"):
        for name in (BOARD, "console:board-body"):
            answer = login(username).get(reverse(name))
            assert answer.status_code == 403
            assert "8ABC123" not in answer.content.decode()
    other = login("hayes").get(reverse(BOARD)).content.decode()
    assert "8ABC123" not in other
    assert "No open alerts" in other
    assert huntington_park.users


def test_an_answer_that_the_entering_agency_owes_is_overdue_and_comes_first(
    barstow: Town, now: datetime, login: Login
) -> None:
    alerted(barstow, now)
    owed = alerted(barstow, now + timedelta(minutes=2), "7XYZ456")
    HitConfirmation.objects.create(
        alert=owed,
        number=1,
        entering_agency="Needles PD",
        urgency=Urgency.URGENT,
        asked_by=barstow.users["dunn"],
        asked_at=now - timedelta(minutes=10),
        due_at=now,
    )
    page = login("lane").get(reverse(BOARD)).content.decode()
    assert page.index("7XYZ456") < page.index("8ABC123")
    assert "Overdue for" in page
    assert page.count('<td class="pw-is-overdue">') == 1, "what is not overdue is not painted as if it were"
    assert '<dt>Answers overdue</dt><dd>1</dd>' in page


@pytest.mark.clause("B-466.9(a)")
def test_a_step_is_overdue_where_the_policy_states_a_limit_and_nowhere_else(
    barstow: Town, now: datetime, login: Login
) -> None:
    alert = alerted(barstow, now)
    client, opened = login("lane"), reverse("console:alert", args=[alert.pk])
    page = client.get(reverse(BOARD)).content.decode()
    assert "No limit stated</span>" in page
    assert "Steps overdue" in page
    assert "Overdue for" not in page
    assert ", no limit stated</p>" in client.get(opened).content.decode()
    put_on_file(barstow, policy_text("barstow-pd", "2026.3", STEP_LIMITS), now)
    page = client.get(reverse(BOARD)).content.decode()
    assert "Overdue for" in page
    assert "<dt>Steps overdue</dt><dd>1</dd>" in page
    assert "Confirm the status in CLETS <strong>5 minutes</strong>" in page
    assert "Overdue for" in client.get(opened).content.decode()
    worked(alert, barstow, timezone.now(), "confirm")
    page = client.get(reverse(BOARD)).content.decode()
    assert "Overdue for" not in page
    assert "<dt>Steps overdue</dt><dd>0</dd>" in page


def test_two_alerts_of_one_partial_plate_are_told_apart_by_what_was_read(
    barstow: Town, now: datetime, login: Login
) -> None:
    wanted(barstow, "8AB*", now)
    for plate in ("8ABC123", "8ABD456"):
        arrives(barstow.camera, plate, now)
    actions.match_waiting(limit=10, now=now)
    dispatch, field = (login(who).get(reverse(at)).content.decode() for who, at in PAGES)
    for page in (dispatch, field):
        assert "Read as 8ABC123" in page
        assert "Read as 8ABD456" in page
    assert field.count("Partial plate") == 2


def test_the_last_day_is_counted_with_medians_and_late_reads_apart(
    barstow: Town, now: datetime, login: Login
) -> None:
    alert = alerted(barstow, now)
    dunn = barstow.actor("dunn", now)
    holding_actions.take(alert=alert, by=dunn, now=now + timedelta(seconds=40))
    actions.work_step(alert=alert, step="confirm", by=dunn, now=now + timedelta(minutes=2))
    actions.dispose(alert=alert, code="not-located", by=dunn, now=now + timedelta(minutes=9))
    late = alerted(barstow, now, "7XYZ456")
    Alert.objects.filter(pk=late.pk).update(is_late=True)
    old = alerted(barstow, now, "6OLD111")
    Alert.objects.filter(pk=old.pk).update(raised_at=now - timedelta(days=2))
    page = " ".join(login("lane").get(reverse("console:board-body")).content.decode().split())
    assert "2 raised, 1 of them from reads that came late" in page
    assert "closed 1." in page
    assert 'Acknowledged</th><td>1</td><td>40 s</td><td>40 s</td>' in page
    assert "<td>1</td><td>9 min</td><td>9 min</td>" in page


def test_the_board_takes_a_fixed_number_of_queries(
    barstow: Town, now: datetime, login: Login, django_assert_max_num_queries: Any
) -> None:
    for number in range(6):
        worked(alerted(barstow, now, f"8ABC12{number}"), barstow, now, "confirm")
    client, url = login("lane"), reverse("console:board-body")
    client.get(url)
    with django_assert_max_num_queries(20):
        client.get(url)
