"""Access that is an exception: vendors' windows, and emergencies in a town that has decided on them."""

from datetime import datetime, timedelta

from django.db import transaction

from plateward.accounts.models import User
from plateward.config.demo.decisions import with_emergency_access
from plateward.control.emergency_actions import obtain
from plateward.control.models import EmergencyAccess, MaintenanceWindow
from plateward.control.rules import WindowPurpose
from plateward.control.window_actions import open_window
from plateward.governance import actions as governance
from plateward.governance.queries import profile_for
from plateward.policy import dump_profile
from tests.personas import SETUP, Town

EMERGENCY = "Child abducted; the only searcher on duty is in pursuit."


def opened_window(town: Town, now: datetime, hours: float = 8) -> MaintenanceWindow:
    """Barstow's vendor is let in by the I.T. Manager, supervised by a sergeant."""
    return open_window(
        user=User.objects.get(username="vendor"),
        purpose=WindowPurpose.MAINTENANCE,
        work="Replace the camera at First Avenue.",
        supervisor=town.users["soto"],
        from_at=now,
        until_at=now + timedelta(hours=hours),
        by=town.actor("imani", now),
        now=now,
    )


@transaction.atomic
def decide_emergencies(town: Town, now: datetime) -> None:
    """Barstow decides what the policy leaves silent."""
    profile = with_emergency_access(profile_for(town.agency.pk), version="2026.9")
    governance.adopt(agency=town.agency, profile_bytes=dump_profile(profile), by=SETUP, now=now)


def emergency_of(town: Town, username: str, now: datetime) -> EmergencyAccess:
    """Somebody obtains emergency access in a town that has decided on it."""
    decide_emergencies(town, now)
    later = now + timedelta(seconds=1)
    return obtain(reason=EMERGENCY, by=town.actor(username, later), now=now)
