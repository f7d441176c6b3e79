"""Who works which alert, and what was said to and by units about it."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Subquery

from plateward.accounts.models import User
from plateward.accounts.rules import LOCK_SESSION_AFTER, AccountState
from plateward.alerts.models import Alert, Holding, StepRecord, UnitNote
from plateward.governance.actor import Actor
from plateward.governance.queries import actor_for


def current(alert: Alert) -> Holding | None:
    """Who holds the alert now."""
    return alert.holdings.select_related("holder").filter(ended_at__isnull=True).first()


def held_now() -> dict[str, Subquery]:
    """Annotations of an alert: `holder_id`, `holder_name` and `held_at`, without a query of their own."""
    held = Holding.objects.filter(alert=OuterRef("pk"), ended_at__isnull=True)
    return {
        "holder_id": Subquery(held.values("holder")[:1]),
        "holder_name": Subquery(held.values("holder__full_name")[:1]),
        "held_at": Subquery(held.values("taken_at")[:1]),
    }


def colleagues(by: Actor, now: datetime) -> list[Actor]:
    """Who of the agency is at a console now and may work the dispatch, without the person themselves."""
    here = (
        User.objects.filter(
            agency_id=by.agency,
            state=AccountState.ACTIVE,
            sessions__active_at__gt=now - LOCK_SESSION_AFTER,
            sessions__session__expire_date__gt=now,
        )
        .exclude(pk=by.user_id)
        .distinct()
        .order_by("full_name", "username")
    )
    return [actor for user in here if (actor := actor_for(user, at=now, address="")).may("alerts.dispatch")]


@dataclass(frozen=True, slots=True)
class Logged:
    """A line of an alert's log: at what time who said or did what; `said` are the words read out."""

    at: datetime
    by: str
    what: str
    said: str = ""


def unit_log(alert: Alert) -> list[Logged]:
    """What units were told and what they did, in the order of time.

    Words read out may hold what the entry says; who may not see that sees only when units were told.
    """
    steps = alert.steps.select_related("worked_by").exclude(spoken="", note="")
    notes = alert.unit_notes.select_related("noted_by")
    withheld = alert.entry.withheld is not None
    lines = [_told(step, "" if withheld else step.spoken) for step in steps]
    lines += [_noted(note) for note in notes]
    return sorted(lines, key=lambda line: line.at)


def _told(step: StepRecord, spoken: str) -> Logged:
    said = " ".join(part for part in (spoken, step.note) if part)
    return Logged(step.worked_at, step.worked_by.full_name, f"All units told ({step.clause})", said)


def _noted(note: UnitNote) -> Logged:
    return Logged(note.noted_at, note.noted_by.full_name, note.unit, note.text)
