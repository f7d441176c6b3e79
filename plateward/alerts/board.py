"""Every open alert with what it waits for, and what the last 24 hours were like: the supervisor's board."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Min

from plateward.alerts import rules
from plateward.alerts.hit_rules import HitResult
from plateward.alerts.models import Alert, Confirmation, HitAnswer, HitConfirmation, StepRecord
from plateward.alerts.rules import (
    AlertFacts,
    AlertStatus,
    Answer,
    ConfirmationResult,
    StepOutcome,
    StepState,
)
from plateward.alerts.rules import Worked as WorkedStep
from plateward.alerts.spans import Span, Worked, spans
from plateward.policy import DispatchStep, Period, Profile, dispatch_steps

LOOKED_BACK = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An open alert: the step it waits for, since when, until when, and by when an entering agency answers.

    A step has no time by which it is due where the policy states no limit for it.
    """

    alert: Alert
    step: DispatchStep | None
    since: datetime | None
    step_due_at: datetime | None
    asked_at: datetime | None
    answer_due_at: datetime | None

    def is_answer_overdue(self, now: datetime) -> bool:
        """Whether an answer that was due did not come, by NCIC's own times."""
        return self.answer_due_at is not None and now >= self.answer_due_at

    def is_step_overdue(self, now: datetime) -> bool:
        """Whether the step waits longer than the policy lets it."""
        return self.step_due_at is not None and now >= self.step_due_at

    def is_overdue(self, now: datetime) -> bool:
        """Whether anything of it is overdue."""
        return self.is_step_overdue(now) or self.is_answer_overdue(now)


@dataclass(frozen=True, slots=True)
class Day:
    """The last 24 hours: alerts raised, late ones, what became of them, how long steps took."""

    raised: int
    late: int
    by_status: Mapping[AlertStatus, int]
    spans: Sequence[Span]


def limits(profile: Profile) -> list[tuple[DispatchStep, Period | None]]:
    """Each step of the procedure with how long it may wait, None where the policy states no limit."""
    stated = profile.dispatch.step_limits.settled or {}
    return [(step, stated.get(step.id)) for step in dispatch_steps(profile)]


def waiting(alerts: Sequence[Alert], profile: Profile, now: datetime) -> list[Waiting]:
    """The open alerts, overdue ones first, then those that wait longest; three queries, however many."""
    facts, due = _facts(alerts), _due(alerts)
    shown = [_waiting(alert, facts[alert.pk], due.get(alert.pk), profile) for alert in alerts]
    return sorted(shown, key=lambda one: (not one.is_overdue(now), one.alert.is_late, one.alert.raised_at))


def _waiting(alert: Alert, facts: AlertFacts, due_at: datetime | None, profile: Profile) -> Waiting:
    views = rules.step_views(profile, facts)
    current = next((view for view in views if view.state is StepState.CURRENT), None)
    asked_at = None if facts.answers else rules.asked_at(profile, facts)
    if current is None:
        return Waiting(alert, None, None, None, asked_at, due_at)
    since = rules.waits_since(facts, current, alert.raised_at)
    step_due_at = rules.due_at(profile, current.step, since)
    return Waiting(alert, current.step, since, step_due_at, asked_at, due_at)


def _facts(alerts: Iterable[Alert]) -> dict[UUID, AlertFacts]:
    """What the steps' rules ask of each alert, fetched for all at once."""
    pks = {alert.pk: alert for alert in alerts}
    worked, answers = defaultdict(list), defaultdict(list)
    steps = StepRecord.objects.filter(alert__in=pks).select_related("worked_by", "hit")
    for step in steps.order_by("worked_at", "id"):
        told_at = step.hit.captured_at if step.hit else None
        done = WorkedStep(
            step.step, StepOutcome(step.outcome), step.worked_at, step.worked_by.full_name, "", told_at
        )
        worked[step.alert_id].append(done)
    given = Confirmation.objects.filter(alert__in=pks).select_related("recorded_by")
    for one in given.order_by("recorded_at", "id"):
        said = Answer(ConfirmationResult(one.result), one.recorded_at, one.recorded_by.full_name)
        answers[one.alert_id].append(said)
    return {
        pk: AlertFacts(
            status=AlertStatus(alert.status),
            worked=tuple(worked[pk]),
            answers=tuple(answers[pk]),
            sighted_at=alert.last_hit_at,
        )
        for pk, alert in pks.items()
    }


def _due(alerts: Iterable[Alert]) -> dict[UUID, datetime]:
    """By when the entering agency is to answer the last request of each alert, where it has not."""
    last = {
        request.alert_id: request
        for request in HitConfirmation.objects.filter(alert__in=list(alerts))
        .prefetch_related("answers")
        .order_by("number")
    }
    return {pk: ends_at for pk, request in last.items() if (ends_at := _ends_at(request)) is not None}


def _ends_at(request: HitConfirmation) -> datetime | None:
    replies: list[HitAnswer] = list(request.answers.all())
    if not replies:
        return request.due_at
    return replies[-1].promised_at if replies[-1].result == HitResult.WILL_ANSWER else None


def day(agency: str, profile: Profile, now: datetime) -> Day:
    """What the last 24 hours were like, in three queries; late reads call nobody and count in no span."""
    raised = Alert.objects.filter(agency_id=agency, raised_at__gt=now - LOOKED_BACK).order_by()
    first = defaultdict[UUID, dict[str, datetime]](dict)
    steps = StepRecord.objects.filter(alert__in=raised).order_by().values("alert_id", "step")
    for row in steps.annotate(at=Min("worked_at")):
        first[row["alert_id"]][row["step"]] = row["at"]
    answered = dict(
        Confirmation.objects.filter(alert__in=raised)
        .order_by()
        .values_list("alert_id")
        .annotate(at=Min("recorded_at"))
    )
    alerts = list(raised)
    moments = [
        Worked(
            raised_at=one.raised_at,
            acknowledged_at=one.acknowledged_at,
            answered_at=answered.get(one.pk),
            closed_at=one.closed_at,
            first=first[one.pk],
        )
        for one in alerts
        if not one.is_late
    ]
    by_status = Counter(AlertStatus(one.status) for one in alerts)
    return Day(len(alerts), len(alerts) - len(moments), by_status, spans(profile, moments))
