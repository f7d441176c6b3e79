"""Audits as people make them, and every act on one."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from plateward.audit.sealing_actions import seal
from plateward.audits import actions, clock_actions, finding_actions
from plateward.audits.finding_actions import Draft
from plateward.audits.models import Audit, Finding
from plateward.audits.rules import Outcome, Severity, Verdict
from plateward.governance.actor import Actor
from tests.personas import Town
from tests.reviewing import searched

Act = Callable[[], object]
WHY = "The reason names no report and no case."
DONE = "The course was held and certified."
ACCEPTED = "Known, and answered by letter of this week."
CONCLUSION = "The system was used within the policy."


class Stage(Protocol):
    """Barstow at an instant."""

    town: Town
    now: datetime

    def actor(self, username: str) -> Actor: ...
    def by(self, username: str) -> dict[str, Any]: ...


def a_day_of_searches(town: Town, now: datetime, *people: str) -> datetime:
    """Each person searches once in the day from now on; returns its end."""
    for minute, person in enumerate(people or ("ortiz", "quinn", "diaz")):
        searched(town, person, "7ABC123", now + timedelta(minutes=10 + minute))
    return now + timedelta(days=1)


def begun(town: Town, now: datetime, *, by: str = "cole", random: int = 2, risk: int = 0) -> Audit:
    return actions.begin_audit(random_size=random, risk_size=risk, by=town.actor(by, now), now=now)


def drawn(town: Town, now: datetime, **given: Any) -> Audit:
    """An audit whose sample is drawn a minute later."""
    made = begun(town, now, **given)
    sealed = now + timedelta(minutes=1)
    seal(now=sealed)
    return actions.draw_sample(audit_id=made.pk, now=sealed)


def found(audit: Audit, town: Town, now: datetime, *, owner: str = "cruz", **about: Any) -> Finding:
    actor = town.actor("cole", now)
    draft = Draft(
        severity=Severity.MEDIUM,
        what="Two people searched without valid training.",
        owner=town.users[owner],
        due_date=actor.today + timedelta(days=14),
        **about,
    )
    return finding_actions.raise_finding(audit_id=audit.pk, draft=draft, by=actor, now=now)


def judged(audit: Audit, town: Town, now: datetime, verdict: Verdict = Verdict.IN_POLICY) -> None:
    for item in audit.items.filter(verdict=""):
        actions.mark_item(item_id=item.pk, verdict=verdict, note=WHY, by=town.actor("cole", now), now=now)


def accepted(audit: Audit, town: Town, now: datetime) -> None:
    cole = town.actor("cole", now)
    for one in audit.checks.filter(outcome=Outcome.ATTENTION, answer="", findings__isnull=True):
        actions.answer_check(audit_id=audit.pk, kind=one.kind, answer=ACCEPTED, by=cole, now=now)


def signed(audit: Audit, town: Town, now: datetime, by: str = "cole") -> Audit:
    return actions.sign_off(audit_id=audit.pk, conclusion=CONCLUSION, by=town.actor(by, now), now=now)


def worked(town: Town, now: datetime) -> Audit:
    """An audit of which nothing stands in the way of a signature."""
    made = drawn(town, a_day_of_searches(town, now))
    at = made.until_at + timedelta(minutes=2)
    judged(made, town, at)
    accepted(made, town, at)
    return made


def resolved(finding: Finding, town: Town, now: datetime) -> Finding:
    by = town.actor(finding.owner.username, now)
    return finding_actions.resolve_finding(finding_id=finding.pk, note=DONE, by=by, now=now)


def retested(finding: Finding, town: Town, now: datetime, *, passed: bool, by: str = "cole") -> Finding:
    return finding_actions.retest_finding(
        finding_id=finding.pk, passed=passed, note=DONE, by=town.actor(by, now), now=now
    )


def begin_audit(s: Stage) -> Act:
    end = a_day_of_searches(s.town, s.now)
    return lambda: begun(s.town, end)


def draw_sample(s: Stage) -> Act:
    made = begun(s.town, a_day_of_searches(s.town, s.now))
    seal(now=made.until_at)
    return lambda: actions.draw_sample(audit_id=made.pk, now=made.until_at)


def draw_waiting(s: Stage) -> Act:
    made = begun(s.town, a_day_of_searches(s.town, s.now))
    seal(now=made.until_at)
    return lambda: clock_actions.draw_waiting(now=made.until_at)


def remind_of_audits(s: Stage) -> Act:
    return lambda: clock_actions.remind_of_audits(now=s.now + timedelta(days=80))


def open_item(s: Stage) -> Act:
    item = drawn(s.town, a_day_of_searches(s.town, s.now)).items.earliest("place")
    return lambda: actions.open_item(item_id=item.pk, **s.by("cole"))


def mark_item(s: Stage) -> Act:
    made = drawn(s.town, a_day_of_searches(s.town, s.now))
    return lambda: judged(made, s.town, made.until_at)


def answer_check(s: Stage) -> Act:
    made = drawn(s.town, a_day_of_searches(s.town, s.now))
    return lambda: accepted(made, s.town, made.until_at)


def sign_off(s: Stage) -> Act:
    made = worked(s.town, s.now)
    return lambda: signed(made, s.town, made.until_at)


def take_paper(s: Stage) -> Act:
    made = drawn(s.town, a_day_of_searches(s.town, s.now))
    return lambda: actions.take_paper(audit_id=made.pk, what="draw", **s.by("cole"))


def raise_finding(s: Stage) -> Act:
    made = drawn(s.town, a_day_of_searches(s.town, s.now))
    return lambda: found(made, s.town, made.until_at)


def _finding(s: Stage) -> Finding:
    made = drawn(s.town, a_day_of_searches(s.town, s.now))
    return found(made, s.town, made.until_at)


def open_finding(s: Stage) -> Act:
    finding = _finding(s)
    return lambda: finding_actions.open_finding(finding_id=finding.pk, **s.by("cruz"))


def resolve_finding(s: Stage) -> Act:
    finding = _finding(s)
    return lambda: resolved(finding, s.town, s.now)


def retest_finding(s: Stage) -> Act:
    finding = _finding(s)
    resolved(finding, s.town, s.now)
    return lambda: retested(finding, s.town, s.now, passed=True)


AUDIT_ACTS: Mapping[str, Callable[[Stage], Act]] = {
    "audits.answer_check": answer_check,
    "audits.begin_audit": begin_audit,
    "audits.draw_sample": draw_sample,
    "audits.draw_waiting": draw_waiting,
    "audits.mark_item": mark_item,
    "audits.open_finding": open_finding,
    "audits.open_item": open_item,
    "audits.raise_finding": raise_finding,
    "audits.remind_of_audits": remind_of_audits,
    "audits.resolve_finding": resolve_finding,
    "audits.retest_finding": retest_finding,
    "audits.sign_off": sign_off,
    "audits.take_paper": take_paper,
}
