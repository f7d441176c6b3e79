"""A worker killed while a message is on its way: nothing is lost, and the repetition is recognized."""

import os
import subprocess
import sys
from datetime import datetime, timedelta

import pytest

from plateward.audit.models import AccessRecord
from plateward.outgoing import rules
from plateward.outgoing.rules import MessageState
from tests.alarms import alerted
from tests.personas import Town
from tests.receiving import decide_to_send, only_message, reaches_itself, receiving, sent, set_up

SENDS = """
import sys
from datetime import datetime
from plateward.config.cli import setup_django
setup_django()
from plateward.outgoing import sending
from plateward.outgoing.calling import Reach
sending.reach = lambda: Reach(own=True, seconds=30)
sending.send_due(lambda: datetime.fromisoformat(sys.argv[1]))
"""


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_mid_delivery_loses_nothing_and_repeats_it_under_the_same_id(
    barstow: Town, now: datetime, test_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reaches_itself(monkeypatch)
    decide_to_send(barstow, now)
    with receiving() as receiver:
        set_up(barstow, now, receiver)
        alerted(barstow, now + timedelta(seconds=1))
        at = now + timedelta(seconds=2)
        receiver.answers.clear()
        worker = subprocess.Popen(  # noqa: S603  the words above and a time
            [sys.executable, "-c", SENDS, at.isoformat()],
            env={**os.environ, "DATABASE_URL": test_database_url},
        )
        try:
            assert receiver.came.wait(60)
        finally:
            worker.kill()
            worker.wait()
        assert (only_message().state, only_message().tries) == (MessageState.WAITING, 1)
        receiver.answers.set()
        assert sent(at) == 0
        assert sent(at + rules.AT_WORK_FOR) == 1
    assert only_message().state == MessageState.SENT
    assert [one.number for one in receiver.received] == [only_message().number] * 2
    assert AccessRecord.objects.filter(username="system:outgoing").count() == 1
