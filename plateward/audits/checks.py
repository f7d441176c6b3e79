"""The checks of an audit, computed from live data when its sample is drawn."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from plateward.alerts.models import Hit
from plateward.audit.models import AccessRecord, LedgerAlarm, LedgerCheck
from plateward.audits.kinds import CheckKind
from plateward.audits.population import SEARCHES
from plateward.audits.rules import Outcome
from plateward.control.models import ReviewCampaign
from plateward.control.queries import active_accounts
from plateward.control.rules import review_due
from plateward.hotlists.queries import not_removed, overdue, stale_lists
from plateward.oversight.models import CompletenessTest, ReviewItem
from plateward.oversight.reviewing import UNDECIDED
from plateward.policy import Profile
from plateward.releases.queries import share_lists
from plateward.retention.stores import ages, stuck_purges
from plateward.training.queries import trainees
from plateward.training.rules import Standing
from plateward.violations.models import Report
from plateward.violations.rules import State as ReportState

SHOWN = 50
"""So many facts of a check are kept; its count tells how many there were."""


@dataclass(frozen=True, slots=True)
class Period:
    """What is looked at: an agency under its profile, the time of the audit, and the instant of the look."""

    agency: str
    profile: Profile
    from_at: datetime
    until_at: datetime
    now: datetime


@dataclass(frozen=True, slots=True)
class Computed:
    """What one check says; `facts` are sentences without plates, at most SHOWN of `count`."""

    kind: CheckKind
    outcome: Outcome
    count: int
    facts: list[str]


def computed(period: Period) -> list[Computed]:
    """Every check, in the report's order."""
    return [_outcome(kind, look(period)) for kind, look in _LOOKS.items()]


_Found = Iterable[str] | None
"""What is wrong, in sentences; None where the policy gives nothing to compare with."""


def _outcome(kind: CheckKind, found: _Found) -> Computed:
    if found is None:
        return Computed(kind, Outcome.UNSAID, 0, [])
    facts = list(found)
    outcome = Outcome.ATTENTION if facts else Outcome.GOOD
    return Computed(kind, outcome, len(facts), facts[:SHOWN])


def _training(period: Period) -> Iterator[str]:
    active = set(active_accounts(period.agency).values_list("pk", flat=True))
    today = period.now.astimezone(ZoneInfo(period.profile.agency.time_zone)).date()
    for trainee in trainees(period.profile, period.agency, today):
        worst = trainee.worst
        if trainee.user.pk in active and worst in {Standing.NEVER, Standing.EXPIRED}:
            yield f"{trainee.user.full_name}, {trainee.title_name}: {worst.label.lower()}."


def _accounts(period: Period) -> Iterator[str]:
    campaigns = ReviewCampaign.objects.filter(agency_id=period.agency)
    last = campaigns.filter(finished_at__isnull=False).order_by("-opened_at").first()
    if last is None:
        yield "No review of the accounts was ever finished."
    elif review_due(period.profile, last.opened_at) <= period.now:
        yield f"The last finished review was begun on {last.opened_at:%Y-%m-%d}; another is due."
    for late in campaigns.filter(finished_at__isnull=True, due_at__lte=period.now):
        yield f"The review begun on {late.opened_at:%Y-%m-%d} is past its time."


def _lists(period: Period) -> Iterator[str]:
    for known in stale_lists(period.agency, period.now):
        hits = Hit.objects.filter(
            agency_id=period.agency, alert__entry__hotlist=known, matched_at__gt=known.expires_at
        )
        yield f"{known.name} is past its time; {hits.count()} hits since."


def _removals(period: Period) -> Iterator[str]:
    for entry in not_removed(period.now).filter(agency_id=period.agency):
        yield f"Entry {entry.pk}: recovered {entry.recovered_at:%Y-%m-%d}, and still stands."
    for entry in overdue(period.now).filter(agency_id=period.agency):
        yield f"Entry {entry.pk}: ended {entry.expires_at:%Y-%m-%d}, and is not marked so."


def _purges(period: Period) -> Iterator[str]:
    for store in ages(period.agency, period.profile, period.now):
        if store.is_overdue:
            yield f"{store.name}: the oldest that nobody holds is of {store.oldest_at:%Y-%m-%d}."
    for number, problem in stuck_purges(period.agency):
        yield f"Purge {number} stopped: {problem}"


def _shares(period: Period) -> Iterator[str]:
    newest = {known.vendor: known for known in share_lists(period.agency).order_by("imported_at")}
    for known in newest.values():
        answered = set(known.answers.values_list("number", flat=True))
        for number, (_, name, detail) in enumerate(known.drift):
            if number not in answered:
                yield f"{known.vendor}: {name}. {detail}"


def _ledger(period: Period) -> Iterator[str]:
    looks = LedgerCheck.objects.filter(checked_at__gte=period.from_at)
    if not looks.exists():
        yield "The journal was not verified in this period."
    for look in looks.exclude(defects=[]):
        yield f"The look of {look.checked_at:%Y-%m-%d %H:%M} found defects."
    for alarm in LedgerAlarm.objects.filter(ended_at__isnull=True):
        yield f"{alarm.get_kind_display()}, since {alarm.raised_at:%Y-%m-%d %H:%M}."


def _record(period: Period) -> Iterator[str]:
    tests = CompletenessTest.objects.filter(agency_id=period.agency, tested_at__gte=period.from_at)
    if not tests.exists():
        yield "Known acts were not looked for on record in this period."
    for one in tests.filter(is_complete=False):
        yield f"The test of {one.tested_at:%Y-%m-%d} missed something."


def _cases(period: Period) -> _Found:
    demanded = period.profile.search.reference_required.settled
    if demanded is None:
        return None
    if not demanded:
        return []
    found = AccessRecord.objects.filter(
        agency=period.agency,
        subject__startswith=SEARCHES,
        reference="",
        accessed_at__gte=period.from_at,
        accessed_at__lt=period.until_at,
    )
    return [f"Access record {one} names no case." for one in found.values_list("pk", flat=True)]


def _reviews(period: Period) -> Iterator[str]:
    waiting = ReviewItem.objects.filter(
        agency_id=period.agency, state__in=UNDECIDED, review__due_at__lte=period.now
    )
    for item in waiting.select_related("review").order_by("review__due_at", "pk"):
        yield f"{item.get_kind_display()}: due {item.review.due_at:%Y-%m-%d}."


def _reports(period: Period) -> Iterator[str]:
    late = Report.objects.filter(agency_id=period.agency, state=ReportState.OPEN, due_at__lte=period.now)
    for report in late.order_by("number"):
        yield f"{report.name}: due {report.due_at:%Y-%m-%d}."


_LOOKS: dict[CheckKind, Callable[[Period], _Found]] = {
    CheckKind.TRAINING: _training,
    CheckKind.ACCOUNTS: _accounts,
    CheckKind.LISTS: _lists,
    CheckKind.REMOVALS: _removals,
    CheckKind.PURGES: _purges,
    CheckKind.SHARES: _shares,
    CheckKind.LEDGER: _ledger,
    CheckKind.RECORD: _record,
    CheckKind.CASES: _cases,
    CheckKind.REVIEWS: _reviews,
    CheckKind.REPORTS: _reports,
}
