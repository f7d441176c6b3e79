"""The demonstration has one audit, however often it starts, and the clock draws its sample."""

from datetime import datetime, timedelta

import pytest

from plateward.audit.sealing_actions import seal
from plateward.audits.clock_actions import draw_waiting
from plateward.audits.models import Audit
from plateward.config.demo.audits import seed_audits
from tests.auditing import a_day_of_searches
from tests.personas import Town

pytestmark = pytest.mark.django_db


def test_starting_twice_leaves_one_audit_which_the_clock_draws(barstow: Town, now: datetime) -> None:
    end = a_day_of_searches(barstow, now)
    for _ in range(2):
        seed_audits(end)
    seal(now=end + timedelta(minutes=1))
    assert draw_waiting(now=end + timedelta(minutes=1)) == 1
    assert Audit.objects.get().items.count() == 3
