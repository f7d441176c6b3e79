"""The demonstration has one report and one incident, however often it starts."""

from datetime import datetime

import pytest

from plateward.config.demo.incidents import seed_incidents
from plateward.incidents.models import Done, Incident
from plateward.violations.models import Report
from tests.personas import Town

pytestmark = pytest.mark.django_db


def test_starting_twice_leaves_one_report_and_one_incident_begun_by_the_commander(
    barstow: Town, now: datetime
) -> None:
    del barstow
    for _ in range(2):
        seed_incidents(now)
    assert (Report.objects.count(), Incident.objects.count()) == (1, 1)
    assert Done.objects.get().by.username == "cole"
