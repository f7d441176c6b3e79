"""Reports of errors and violations as people make them, and every act on one."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from plateward.accounts import actions as accounts
from plateward.governance.actor import Actor
from plateward.governance.organization import actions as organization
from plateward.training import actions as training
from plateward.violations import actions
from plateward.violations.actions import Draft, Judgment
from plateward.violations.models import Report
from plateward.violations.rules import Finding, Kind
from tests.personas import CONTENT, Town

Act = Callable[[], object]
WHAT = "A search of a neighbor’s plate was shown around in the briefing room."


class Stage(Protocol):
    """Barstow at an instant."""

    town: Town
    now: datetime

    def actor(self, username: str) -> Actor: ...
    def by(self, username: str) -> dict[str, Any]: ...


def patrol(town: Town, now: datetime) -> None:
    """Sergeant Soto supervises the patrol, of which Ortiz and Quinn are."""
    given = {"by": town.actor("cole", now), "now": now}
    unit = organization.create_unit(name="Patrol", part_of=None, **given)
    for username in ("soto", "ortiz", "quinn"):
        organization.place_in_unit(
            user=town.users[username], unit=unit, is_supervisor=username == "soto", **given
        )


def reported(
    town: Town, now: datetime, *, about: str = "quinn", by: str = "ortiz", kind: Kind = Kind.SUSPECTED
) -> Report:
    person = town.users[about] if about else None
    draft = Draft(kind=kind, what=WHAT, about=person)
    return actions.make_report(draft=draft, by=town.actor(by, now), now=now)


def found(report: Report, town: Town, now: datetime, *, by: str = "cole", **judged: Any) -> Report:
    given = {"finding": Finding.VIOLATION, "note": "No case, and shown to others."} | judged
    return actions.decide_report(
        report_id=report.pk, judgment=Judgment(**given), by=town.actor(by, now), now=now
    )


def retrained(town: Town, username: str, now: datetime) -> None:
    """The course that follows a violation, completed today and certified."""
    by = town.actor("cruz", now)
    accounts.certify_training(
        user=town.users[username],
        course="alpr-basic",
        completed_date=by.today,
        expires_date=None,
        topics=CONTENT,
        instructor="Celia Cruz",
        by=by,
        now=now,
    )


def withdrawn(report: Report, town: Town, now: datetime) -> None:
    assert report.retraining is not None
    training.withdraw_assignment(
        assignment=report.retraining, reason="Entered twice.", by=town.actor("cruz", now), now=now
    )


def make_report(s: Stage) -> Act:
    return lambda: reported(s.town, s.now)


def note_report(s: Stage) -> Act:
    report = reported(s.town, s.now)
    return lambda: actions.note_report(report_id=report.pk, note="It was on Monday.", **s.by("ortiz"))


def open_report(s: Stage) -> Act:
    report = reported(s.town, s.now)
    return lambda: actions.open_report(report_id=report.pk, **s.by("cole"))


def decide_report(s: Stage) -> Act:
    report = reported(s.town, s.now)
    return lambda: found(report, s.town, s.now)


def assign_again(s: Stage) -> Act:
    report = found(reported(s.town, s.now), s.town, s.now)
    withdrawn(report, s.town, s.now)
    return lambda: actions.assign_again(report_id=report.pk, note="It was right.", course="", **s.by("cole"))


def close_retrained(s: Stage) -> Act:
    found(reported(s.town, s.now), s.town, s.now)
    retrained(s.town, "quinn", s.now)
    return lambda: actions.close_retrained(now=s.now)


REPORT_ACTS: Mapping[str, Callable[[Stage], Act]] = {
    "violations.assign_again": assign_again,
    "violations.close_retrained": close_retrained,
    "violations.decide_report": decide_report,
    "violations.make_report": make_report,
    "violations.note_report": note_report,
    "violations.open_report": open_report,
}
