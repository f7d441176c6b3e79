"""Several people and several matchers at the same instant."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime
from queue import SimpleQueue
from threading import Barrier

import pytest
from django.db import connection, transaction

from plateward.alerts import actions
from plateward.alerts.actions import NotNow
from plateward.alerts.models import Alert, Disposition, Hit, StepRecord
from plateward.hotlists.models import Entry
from tests.alarms import alerted, arrives, wanted, worked
from tests.personas import Town, build_barstow

AT_ONCE = 4


@pytest.fixture
def barstow(transactional_db: None, now: datetime) -> Town:  # noqa: ARG001  threads see only what is committed
    return build_barstow(now)


def at_once(act: Callable[[], object]) -> list[object]:
    """Do it in several threads, each with a database connection of its own; returns results and NotNows."""
    start = Barrier(AT_ONCE, timeout=60)

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


def is_kept_waiting(backend: int) -> bool:
    """Whether this connection waits for a lock that another one has."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", [backend])
        return bool(cursor.fetchone()[0])


def test_closing_a_recovery_takes_the_entry_before_the_alert_as_the_matcher_does(
    barstow: Town, now: datetime
) -> None:
    """A recovered car still stands before a camera that goes on reading it: neither waits in a ring."""
    alert = worked(alerted(barstow, now), barstow, now, "confirm", confirmed=True)
    ortiz, backends = barstow.actor("ortiz", now), SimpleQueue[int]()

    def close() -> Disposition:
        with closing(connection), connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            backends.put(cursor.fetchone()[0])
            return actions.dispose(alert=alert, code="recovered", stop_made=False, by=ortiz, now=now)

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Entry.objects.select_for_update().get(pk=alert.entry_id)
            closed = pool.submit(close)
            backend = backends.get()
            while not is_kept_waiting(backend):
                assert not closed.done(), "it took no lock of the entry"
            Alert.objects.select_for_update(nowait=True).get(pk=alert.pk)
        assert closed.result().removal_due
    assert Entry.objects.get(pk=alert.entry_id).recovered_at == now
