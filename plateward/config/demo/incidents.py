"""A report of a violation to decide, and a security incident being worked, in the demonstration's Barstow."""

from datetime import datetime, timedelta

from plateward.accounts.models import User
from plateward.governance.actor import Actor
from plateward.governance.queries import actor_for
from plateward.incidents import actions as incidents
from plateward.incidents.models import Incident
from plateward.incidents.rules import Data, Step
from plateward.violations import actions as violations
from plateward.violations.models import Report
from plateward.violations.rules import Kind


def seed_incidents(now: datetime) -> None:
    """Make the report and the incident, once each, by an officer; the commander began on the incident."""
    officer, commander = _actor("ortiz", now), _actor("cole", now)
    if not Report.objects.filter(agency_id=officer.agency).exists():
        text = "A search was run for a plate that stood in no report of the shift."
        draft = violations.Draft(kind=Kind.SUSPECTED, what=text)
        violations.make_report(draft=draft, by=officer, now=now)
    if not Incident.objects.filter(agency_id=officer.agency).exists():
        made = incidents.make_incident(draft=_laptop(now), by=officer, now=now)
        incidents.record_step(
            incident_id=made.pk,
            step=Step.PRESERVE,
            note="The access records of the laptop’s account are kept.",
            done_at=now,
            by=commander,
            now=now,
        )


def _laptop(now: datetime) -> incidents.Draft:
    return incidents.Draft(
        what="A laptop with results of a search was left in a restaurant and found an hour later.",
        touched=[Data.READS, Data.ACCOUNTS],
        systems="A laptop of the patrol",
        discovered_at=now - timedelta(hours=2),
    )


def _actor(username: str, now: datetime) -> Actor:
    return actor_for(User.objects.get(username=username), at=now)
