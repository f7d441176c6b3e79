"""A report in words, for each of those who see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse

from plateward.governance.actor import Actor
from plateward.policy.oversight import SanctionAction
from plateward.training.queries import course_name
from plateward.violations import queries
from plateward.violations.models import Report
from plateward.violations.rules import Act, State

ORIGINS = {"oversight.ReviewItem": "oversight:item", "audits.SampleItem": "audits:item"}
"""The pages of what a report may come from."""

_DONE = {
    Act.REPORT: "reported it",
    Act.NOTE: "added",
    Act.FIND: "decided",
    Act.ASSIGN_RETRAINING: "decided, and assigned retraining",
    Act.ASSIGN_AGAIN: "assigned the retraining again",
    Act.COMPLETE_RETRAINING: "closed it: the retraining is completed",
}
_SANCTIONS = {
    SanctionAction.REVIEW: "a review",
    SanctionAction.RETRAIN: "retraining",
    SanctionAction.SUSPEND_QUERIES: "retraining, and searching is suspended",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was done with a report."""

    who: str
    words: str
    said_at: datetime
    note: str


def steps(report: Report, actor: Actor, *, decides: bool) -> Sequence[Step]:
    """What was done, as far as this person is told: all, the decision on themself, or their own part."""
    found = report.steps.select_related("by")
    if not decides:
        is_about = report.about_id == actor.user_id and report.told_at is not None
        own = {step.pk for step in found if step.by_id == actor.user_id}
        decided = {Act.FIND, Act.ASSIGN_RETRAINING, Act.ASSIGN_AGAIN, Act.COMPLETE_RETRAINING}
        found = [step for step in found if step.pk in own or (is_about and step.act in decided)]  # type: ignore[assignment]  # both are read in order
    return [
        Step(step.by.full_name if step.by else "The clock", _DONE[Act(step.act)], step.said_at, step.note)
        for step in found
    ]


def sheet(report: Report, actor: Actor, *, decides: bool) -> dict[str, Any]:
    """The words of a report's page."""
    profile = actor.profile
    clause = profile.clauses.get(report.clause)
    sanction = profile.sanctions.violation.settled
    return {
        "report": report,
        "decides": decides,
        "is_own": report.reported_by_id == actor.user_id,
        "is_mine": report.about_id == actor.user_id,
        "steps": steps(report, actor, decides=decides),
        "retraining": queries.retraining_of(report, profile, actor.today),
        "course": course_name(profile, report.retraining.course) if report.retraining else "",
        "clause_title": clause.title if clause else "",
        "sanctions": profile.sanctions,
        "sanction": _SANCTIONS[sanction] if sanction else "",
        "origin_url": origin_url(report),
        "origin_words": "A search drawn for an audit"
        if report.origin.startswith("audits.")
        else "An item of the review of accesses",
        "may_note": (decides and report.state != State.CLOSED)
        or (report.reported_by_id == actor.user_id and report.state == State.OPEN),
    }


def origin_url(report: Report) -> str:
    """Where what a report came from is shown, "" for nothing on record."""
    what, _, id_ = report.origin.partition(":")
    return reverse(ORIGINS[what], args=[UUID(id_)]) if what in ORIGINS else ""
