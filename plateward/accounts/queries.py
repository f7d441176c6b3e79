"""The agency's people with their training."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from plateward.accounts import rules
from plateward.accounts.factor_rules import may_enroll
from plateward.accounts.models import Paper, User
from plateward.accounts.rules import AccountFacts, AccountState, PaperKind
from plateward.policy import CertificationFact, Decision, Profile, Title, enforces
from plateward.policy.clearance import ClearanceFact, admitted


@dataclass(frozen=True, slots=True)
class RosterPerson:
    """One person, and whether title, training and clearance let them use the system on the day asked for."""

    user: User
    decision: Decision
    certified: Sequence[CertificationFact]


@dataclass(frozen=True, slots=True)
class RosterGroup:
    """A job title as the policy lists it (None: not an authorized title), with everybody who has it."""

    name: str
    title: Title | None
    people: Sequence[RosterPerson]


def people_of(agency: str) -> QuerySet[User]:
    """Everybody of the agency itself with an account, by name; partners are no people of it."""
    return User.objects.filter(agency_id=agency, organization="").order_by("full_name", "username")


def certification_facts(user: User) -> tuple[CertificationFact, ...]:
    """The training on file that was not withdrawn, the newest first."""
    return tuple(
        CertificationFact(course=c.course, completed_on=c.completed_date, expires_on=c.expires_date)
        for c in user.certifications.all()
        if c.withdrawn_at is None
    )


def opens(user: User, now: datetime) -> bool:
    """Whether the password opens the account: in its time, and with a second factor or time to set one up."""
    return rules.opens(user.one_time_until_at, now) and (
        may_enroll(user.enroll_until_at, now) or user.factors.exists()
    )


def papers(user: User) -> dict[PaperKind, Paper]:
    """The latest paper of each kind that counts: filed since the account was created or reinstated."""
    counting = (paper for paper in user.papers.all() if paper.recorded_at >= user.admitted_at)
    return {PaperKind(p.kind): p for p in sorted(counting, key=lambda paper: paper.recorded_at)}


def clearance_fact(user: User) -> ClearanceFact | None:
    """The outcome of the latest screening on file."""
    paper = papers(user).get(PaperKind.CLEARANCE)
    return ClearanceFact(paper.is_granted, paper.dated_date, paper.expires_date) if paper else None


def account_facts(user: User) -> AccountFacts:
    """What the rules need to know about an account."""
    filed = papers(user)
    since = user.agency.day(user.state_since_at)
    return AccountFacts(
        is_partner=user.is_partner,
        id=str(user.pk),
        title=user.title,
        state=AccountState(user.state),
        certifications=certification_facts(user),
        clearance=clearance_fact(user),
        approved=PaperKind.APPROVAL in filed,
        agreed=PaperKind.AGREEMENT in filed,
        retrain_since=since if user.needs_retraining else None,
        retrain_course=user.retrain_course,
    )


@enforces("B-466.3.1(a)", "H-426.2.1(a)")
def roster(profile: Profile, agency: str, today: date) -> list[RosterGroup]:
    """Who may use the system, by title in the policy's order (B-466.3.1(a), H-426.2.1(a)); others last."""
    by_title: dict[str, list[RosterPerson]] = {title: [] for title in profile.titles}
    for user in people_of(agency).prefetch_related("certifications", "papers"):
        facts = certification_facts(user)
        decision = admitted(profile, user.title, facts, clearance_fact(user), today)
        by_title.setdefault(user.title, []).append(RosterPerson(user, decision, facts))
    return [
        RosterGroup(profile.title_name(title), profile.titles.get(title), people)
        for title, people in by_title.items()
    ]
