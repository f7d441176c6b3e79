"""What the gate asks about every person: an open window of the vendor's staff, an emergency under way."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet

from plateward.accounts.models import User
from plateward.audit.models import AuditRecord
from plateward.control.models import EmergencyAccess, MaintenanceWindow
from plateward.governance.queries import PolicyUnavailableError, profile_for
from plateward.governance.standing import ORDINARY, Emergency, Standing
from plateward.policy import Decision, Profile, enforces, has_emergencies, is_vendor, window_missing

USED = "control.window.used"


def standing_of(user: User, profile: Profile, at: datetime) -> Standing:
    """A window for vendor staff, emergency access for everybody else where the agency has decided on it."""
    if is_vendor(profile, user.title):
        window = open_windows(user.agency_id, at).filter(user=user).first()
        return Standing(window=str(window.pk)) if window else ORDINARY
    if not has_emergencies(profile):
        return ORDINARY
    running = running_emergency(user, at)
    return Standing(emergency=Emergency(str(running.pk), running.until_at)) if running else ORDINARY


@enforces("B-466.10(limited)(d)")
def turned_away(user: User, at: datetime) -> Decision | None:
    """Vendor staff outside a maintenance window get no further than their password.

    Without a usable policy the gate says so: this has no say then.
    """
    try:
        profile = profile_for(user.agency_id, at)
    except PolicyUnavailableError:
        return None
    if not is_vendor(profile, user.title) or standing_of(user, profile, at).window:
        return None
    return window_missing(profile, user.title)


def open_windows(agency: str, at: datetime) -> QuerySet[MaintenanceWindow]:
    """The windows through which vendor staff may come in now."""
    return windows(agency).filter(closed_at__isnull=True, from_at__lte=at, until_at__gt=at)


def windows(agency: str) -> QuerySet[MaintenanceWindow]:
    """Every window of the agency with its people, the latest first."""
    people = ("user", "supervisor", "opened_by")
    return MaintenanceWindow.objects.filter(agency_id=agency).select_related(*people)


def requests_in(window: MaintenanceWindow) -> QuerySet[AuditRecord]:
    """Everything the vendor's staff asked of the system in a window, in order."""
    subject = f"control.MaintenanceWindow:{window.pk}"
    return AuditRecord.objects.filter(agency=window.agency_id, subject=subject, verb=USED).order_by("pk")


def emergencies(agency: str) -> QuerySet[EmergencyAccess]:
    """Every emergency access of the agency with its people, the latest first."""
    return EmergencyAccess.objects.filter(agency_id=agency).select_related("user", "reviewed_by")


def running_emergency(user: User, at: datetime) -> EmergencyAccess | None:
    """The emergency access under which a person acts now."""
    return user.emergencies.filter(reviewed_at__isnull=True, began_at__lte=at, until_at__gt=at).first()


def done_in(emergency: EmergencyAccess) -> Sequence[AuditRecord]:
    """Everything the person did under an emergency access, in order; each row carries its mark."""
    rows = AuditRecord.objects.filter(
        agency=emergency.agency_id, username=emergency.user.username, recorded_at__gte=emergency.began_at
    )
    return list(rows.filter(detail__emergency=str(emergency.pk)).order_by("pk"))
