"""Several people and several matchers at the same instant."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime
from threading import Barrier

import pytest
from django.db import connection

from plateward.alerts import actions
from plateward.alerts.actions import NotNow
from plateward.alerts.models import Alert, Disposition, Hit, StepRecord
from tests.alarms import alerted, arrives, wanted
from tests.personas import Town, build_barstow

AT_ONCE = 4


@pytest.fixture
def barstow(transactional_db: None, now: datetime) -> Town:  # noqa: ARG001  threads see only what is committed
    return build_barstow(now)


def at_once(act: Callable[[], object]) -> list[object]:
    """Do it in several threads, each with a database connection of its own; returns results and NotNows."""
    start = Barrier(AT_ONCE)

    def one() -> object:
        with closing(connection):
            start.wait()
            try:
                return act()
            except NotNow as not_now:
                return not_now

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [future.result() for future in [pool.submit(one) for _ in range(AT_ONCE)]]


def test_an_alert_is_closed_once_and_the_others_are_told_by_whom(barstow: Town, now: datetime) -> None:
    alert, dunn = alerted(barstow, now), barstow.actor("dunn", now)
    results = at_once(lambda: actions.dispose(alert=alert, code="not-located", by=dunn, now=now))
    assert Disposition.objects.count() == 1
    refused = [result for result in results if isinstance(result, NotNow)]
    assert len(refused) == AT_ONCE - 1
    assert all("by Drew Dunn: Not located" in str(one) for one in refused)


def test_a_double_click_on_an_update_records_one(barstow: Town, now: datetime) -> None:
    alert, dunn = alerted(barstow, now), barstow.actor("dunn", now)
    for step in ("confirm", "advise-pending", "describe"):
        actions.work_step(alert=alert, step=step, by=dunn, now=now)
    at_once(lambda: actions.work_step(alert=alert, step="update-direction", seen=0, by=dunn, now=now))
    assert StepRecord.objects.filter(step="update-direction").count() == 1


def test_matchers_side_by_side_raise_one_alert_and_lose_no_hit(barstow: Town, now: datetime) -> None:
    for plate in ("8ABC123", "7XYZ456"):
        wanted(barstow, plate, now)
    for number in range(24):
        arrives(barstow.camera, ("8ABC123", "7XYZ456")[number % 2], now)
    at_once(lambda: [actions.match_waiting(limit=3, now=now) for _ in range(4)])
    while actions.match_waiting(limit=10, now=now):
        pass
    assert Alert.objects.count() == 2
    assert Hit.objects.count() == 24
