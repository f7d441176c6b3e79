"""The intake as a process of its own: woken, interrupted, asked to stop."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import psycopg
import pytest
from django.db import IntegrityError

from plateward.config.intake import Intake
from plateward.ingest.inbox import CHANNEL
from plateward.reads.models import InboxItem, InboxState, Read
from tests.alarms import wanted
from tests.payloads import as_json, inbox_item
from tests.personas import Town

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def intake(test_database_url: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "plateward.config.cli", "intake"],
        env={**os.environ, "DATABASE_URL": test_database_url},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def until(condition: Callable[[], bool], seconds: float = 20) -> float:
    """Wait for the condition; returns how long it took."""
    start = time.monotonic()
    while not condition():
        assert time.monotonic() < start + seconds, "it did not happen in time"
        time.sleep(0.01)
    return time.monotonic() - start


def matched() -> int:
    return InboxItem.objects.filter(state=InboxState.MATCHED).count()


def announce(test_database_url: str) -> None:
    with psycopg.connect(test_database_url, autocommit=True) as connection:
        connection.execute(f"NOTIFY {CHANNEL}")


@contextmanager
def within_this_process(test_database_url: str) -> Iterator[None]:
    """An intake as a thread that ends with the block, also when what is awaited in it does not happen.

    One left behind would wake at a later test's announcement, and take its payloads.
    """
    stopped = threading.Event()
    loop = threading.Thread(target=Intake(test_database_url, 10, stopped).run)
    loop.start()
    try:
        yield
    finally:
        stopped.set()
        while loop.is_alive():  # an announcement before it listens would pass it by
            announce(test_database_url)
            loop.join(1)


def test_an_announcement_wakes_it_long_before_its_own_next_look(
    barstow: Town, now: datetime, test_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plateward.config.intake.IDLE_S", 600)
    inbox_item(barstow.camera, as_json(now, event_id="1"), now)
    with within_this_process(test_database_url):
        until(lambda: matched() == 1)
        inbox_item(barstow.camera, as_json(now, event_id="2"), now)
        announce(test_database_url)
        until(lambda: matched() == 2)


def test_asked_to_stop_it_ends_in_order(barstow: Town, now: datetime, intake: subprocess.Popen[str]) -> None:
    inbox_item(barstow.camera, as_json(now), now)
    until(lambda: matched() == 1)
    intake.send_signal(signal.SIGTERM)
    assert intake.wait(10) == 0


@pytest.mark.parametrize("part", ["make_inbox_keys", "close_passages", "match_waiting"])
def test_a_fault_of_what_is_done_beside_it_does_not_stop_the_storing_and_is_soon_tried_again(
    part: str, barstow: Town, now: datetime, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def failing(**_: object) -> int:
        raise IntegrityError("8ABC123 is not there")

    clock = [1_000.0]
    monkeypatch.setattr("plateward.config.intake.time.monotonic", lambda: clock[0])
    monkeypatch.setattr(f"plateward.config.intake.{part}", failing)
    wanted(barstow, "8ABC123", now)
    one = Intake("", 10, threading.Event())
    for event in "12":
        inbox_item(barstow.camera, as_json(now, event_id=event), now)
        assert one.step() >= 1
    assert Read.objects.count() == 2
    assert [record.args[1] for record in caplog.records if record.args] == [0.5], "told once, not each time"
    for pause in (1, 2, 4, 8, 15, 15):
        clock[0] += 30
        caplog.clear()
        one.step()
        assert [record.args[1] for record in caplog.records if record.args] == [pause]
    assert (matched() == 0) is (part == "match_waiting")
    monkeypatch.undo()
    time_again = Intake("", 10, threading.Event())
    time_again.step()
    assert matched() == 2


def test_the_databases_cut_is_survived_and_said(
    barstow: Town, now: datetime, intake: subprocess.Popen[str], test_database_url: str
) -> None:
    inbox_item(barstow.camera, as_json(now, event_id="1"), now)
    until(lambda: matched() == 1)
    with psycopg.connect(test_database_url, autocommit=True) as connection:
        listening = (
            "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            " AND datname = current_database() AND query LIKE '%LISTEN%'"
        )
        ((cut,),) = connection.execute(listening).fetchall()
        connection.execute("SELECT pg_terminate_backend(%s)", [cut])
        inbox_item(barstow.camera, as_json(now, event_id="2"), now)
        until(lambda: matched() == 2)
        until(lambda: connection.execute(listening).fetchall() not in ([], [(cut,)]))
    intake.send_signal(signal.SIGTERM)
    _, said = intake.communicate(timeout=10)
    assert "does not answer" in said
    assert "answers again" in said
    assert Read.objects.count() == 2
