"""An audit being worked in the demonstration's Barstow: the clock draws it once the journal is sealed."""

from datetime import datetime

from plateward.accounts.models import User
from plateward.audits.actions import begin_audit
from plateward.audits.models import Audit
from plateward.governance.queries import actor_for


def seed_audits(now: datetime) -> None:
    """Let the commander begin an audit, once."""
    commander = actor_for(User.objects.get(username="cole"), at=now)
    if not Audit.objects.filter(agency_id=commander.agency).exists():
        begin_audit(random_size=6, risk_size=3, by=commander, now=now)
