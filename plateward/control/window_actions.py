"""Opening and closing maintenance windows, and recording what was asked in them."""

from collections.abc import Mapping
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from plateward.accounts.models import User
from plateward.accounts.rules import AccountState
from plateward.accounts.session_actions import end_sessions
from plateward.audit import actions as audit
from plateward.audit import local
from plateward.audit.who import CLOCK, Who
from plateward.control import standing
from plateward.control.models import MaintenanceWindow
from plateward.control.rules import WindowPurpose
from plateward.governance.actor import Actor
from plateward.policy import is_vendor, may_open_window, window_length


@transaction.atomic
def open_window(
    *,
    user: User,
    purpose: WindowPurpose,
    work: str,
    supervisor: User,
    from_at: datetime,
    until_at: datetime,
    by: Actor,
    now: datetime,
) -> MaintenanceWindow:
    """Let one of the vendor's staff in for a time, for installation or maintenance (B-466.10).

    Raises Refused (not who the policy names, longer than it lets) and ValidationError.
    """
    may_open_window(by.profile, by.person).require()
    window_length(by.profile, max(from_at, now), until_at).require()
    if until_at <= max(from_at, now):
        raise ValidationError({"until_at": "The window must end after it begins, and not be over."})
    vendor = User.objects.select_for_update(of=("self",)).get(pk=user.pk, agency_id=by.agency)
    if not is_vendor(by.profile, vendor.title) or vendor.state != AccountState.ACTIVE:
        raise ValidationError({"user": "Choose an active account of the vendor's staff."})
    if is_vendor(by.profile, supervisor.title) or supervisor.agency_id != by.agency:
        raise ValidationError({"supervisor": "A member of the department supervises."})
    if vendor.windows.filter(closed_at__isnull=True, until_at__gt=now).exists():
        raise ValidationError({"user": "A window is open or planned for this person. Close it first."})
    _close_all(list(vendor.windows.filter(closed_at__isnull=True)), CLOCK, now)
    opened = MaintenanceWindow(
        agency_id=by.agency,
        user=vendor,
        purpose=purpose,
        work=work,
        supervisor=supervisor,
        from_at=max(from_at, now),
        until_at=until_at,
        opened_by_id=by.user_id,
        opened_at=now,
    )
    opened.full_clean(validate_constraints=False)
    opened.save(force_insert=True)
    detail = {
        "username": vendor.username,
        "purpose": purpose.value,
        "work": work,
        "supervisor": supervisor.full_name,
        "from_at": opened.from_at.isoformat(),
        "until_at": until_at.isoformat(),
    }
    _journal("control.window.opened", opened, by.who, now, detail)
    return opened


@transaction.atomic
def close_window(*, window: MaintenanceWindow, by: Actor, now: datetime) -> None:
    """Close a window at once, ending the sessions in it; raises ValidationError when it is closed."""
    may_open_window(by.profile, by.person).require()
    mine = MaintenanceWindow.objects.select_for_update(of=("self",))
    known = mine.filter(pk=window.pk, agency_id=by.agency, closed_at__isnull=True).first()
    if known is None:
        raise ValidationError("This window is closed already.")
    _close_all([known], by.who, now)


@transaction.atomic
def close_due(*, now: datetime) -> int:
    """Close every window that is over and end the sessions in it; returns how many."""
    over = MaintenanceWindow.objects.select_for_update(of=("self",), skip_locked=True)
    return _close_all(list(over.filter(closed_at__isnull=True, until_at__lte=now)), CLOCK, now)


@transaction.atomic
def note_request(
    *, by: Actor, method: str, page: str, status: int, now: datetime, locally: bool = False
) -> None:
    """Record one request of the vendor's staff in their window: how, which page, and how it was answered.

    `locally` is for one refused because the journal cannot be written (R133).
    Raises JournalUnwritableError, NothingWritableError.
    """
    write = local.record if locally else audit.record
    write(
        verb=standing.USED,
        by=by.who,
        agency=by.agency,
        subject=f"control.MaintenanceWindow:{by.standing.window}",
        detail={"method": method, "page": page, "status": status},
        profile_version=by.profile.version,
        now=now,
    )


def _close_all(windows: list[MaintenanceWindow], by: Who, now: datetime) -> int:
    for window in windows:
        window.closed_at, window.closed_by = min(now, window.until_at), by.name
        window.save(update_fields=["closed_at", "closed_by"])
        end_sessions(user=window.user, sessions=window.user.sessions.all(), now=now)
        _journal("control.window.closed", window, by, now, {"username": window.user.username})
    return len(windows)


def _journal(verb: str, window: MaintenanceWindow, by: Who, now: datetime, detail: Mapping[str, str]) -> None:
    audit.record(
        verb=verb,
        by=by,
        agency=window.agency_id,
        subject=f"control.MaintenanceWindow:{window.pk}",
        detail=detail,
        now=now,
    )
