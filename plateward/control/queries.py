"""The agency's accounts as the clock sees them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, QuerySet
from django.db.models.functions import Coalesce, Greatest

from plateward.accounts.models import User
from plateward.accounts.rules import AccountState
from plateward.audit.models import AuditRecord
from plateward.control import rules
from plateward.control.models import PlannedEnd
from plateward.control.rules import Disuse
from plateward.governance.actor import Actor
from plateward.notices.models import Notice
from plateward.policy import Decision, Profile

TRANSFER = "transfer-review"
TRANSFER_VERBS = (
    "accounts.user.retitled",
    "governance.position.appointed",
    "governance.position.relieved",
    "governance.unit.joined",
    "governance.delegation.given",
    "governance.delegation.revoked",
)
"""Journal verbs that tell of changed duties."""


@dataclass(frozen=True, slots=True)
class ClockedAccount:
    """An account with its last use, when disuse disables it, and its planned end."""

    user: User
    last_used_at: datetime
    disabled_at: datetime
    disuse: Disuse
    end: PlannedEnd | None
    transfers: Sequence[Notice]


def sees_reviews(actor: Actor) -> Decision:
    """Whether this person sees account reviews: account managers, auditors, and whoever decides in one."""
    if not (enters := actor.admission):
        return enters
    profile, position = actor.profile, rules.reviewer_of(actor.profile)
    for capability in ("accounts.manage", "audit.view"):
        if (given := actor.decide(capability)).allowed:
            return given
    return rules.may_decide(profile, actor.person, "", position)


def with_last_use(users: QuerySet[User]) -> QuerySet[User]:
    """Add `last_used_at`: the last log-in, activity of an open session, or the account's opening."""
    since = "state_since_at"
    return users.annotate(
        last_used_at=Greatest(
            since, Coalesce("last_login", since), Coalesce(Max("sessions__active_at"), since)
        )
    )


def active_accounts(agency: str) -> QuerySet[User]:
    """The agency's active accounts with their last use, by name."""
    active = User.objects.filter(agency_id=agency, state=AccountState.ACTIVE)
    return with_last_use(active).select_related("agency").order_by("full_name", "username")


def planned_ends() -> QuerySet[PlannedEnd]:
    """Every end that waits, the next first."""
    waiting = PlannedEnd.objects.filter(executed_at__isnull=True, withdrawn_at__isnull=True)
    return waiting.select_related("user", "user__agency").order_by("ends_at")


def planned_end(user: User) -> PlannedEnd | None:
    """The end that waits for an account."""
    return planned_ends().filter(user=user).first()


def transfers_to_review(user: User) -> QuerySet[Notice]:
    """Changes of a person's duties that nobody has looked at yet."""
    about = {"agency": user.agency_id, "subject": f"accounts.User:{user.pk}", "kind": TRANSFER}
    return Notice.objects.filter(**about, done_at__isnull=True)


def changed_duties(agency: str, since: datetime) -> QuerySet[AuditRecord]:
    """Journal rows since then of people who gave somebody other duties; a first unit is no transfer."""
    rows = AuditRecord.objects.filter(agency=agency, verb__in=TRANSFER_VERBS, recorded_at__gte=since)
    by_people = rows.exclude(username__startswith="system:")
    return by_people.exclude(verb="governance.unit.joined", detail__from="").order_by("pk")


def clocked(profile: Profile, agency: str, now: datetime) -> list[ClockedAccount]:
    """The active accounts, those first that the clock disables soonest."""
    ends = {end.user_id: end for end in planned_ends().filter(agency_id=agency)}
    reviews = Notice.objects.filter(agency=agency, kind=TRANSFER, done_at__isnull=True)
    by_subject: dict[str, list[Notice]] = {}
    for notice in reviews:
        by_subject.setdefault(notice.subject, []).append(notice)
    accounts = [
        clocked_account(profile, user, now, ends.get(user.pk), by_subject.get(f"accounts.User:{user.pk}", []))
        for user in active_accounts(agency)
    ]
    return sorted(accounts, key=_ends_at)


def clocked_account(
    profile: Profile, user: User, now: datetime, end: PlannedEnd | None, transfers: Sequence[Notice]
) -> ClockedAccount:
    """One account that `with_last_use` found."""
    used: datetime = user.last_used_at  # type: ignore[attr-defined]  # with_last_use adds it
    at = rules.disabled_at(profile, used)
    return ClockedAccount(user, used, at, rules.disuse(profile, used, now), end, transfers)


def _ends_at(account: ClockedAccount) -> datetime:
    return min(account.disabled_at, account.end.ends_at) if account.end else account.disabled_at
