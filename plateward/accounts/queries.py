"""The agency's people with their training."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from plateward.accounts.models import User
from plateward.policy import CertificationFact, Decision, Profile, Title, enforces, may_use_system


@dataclass(frozen=True, slots=True)
class RosterPerson:
    """One person, and whether title and training let them use the system on the day asked for."""

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
    """Everybody with an account at the agency, by name."""
    return User.objects.filter(agency_id=agency).order_by("full_name", "username")


def certification_facts(user: User) -> tuple[CertificationFact, ...]:
    """The training on file, the newest first."""
    return tuple(
        CertificationFact(course=c.course, completed_on=c.completed_date, expires_on=c.expires_date)
        for c in user.certifications.all()
    )


@enforces("B-466.3.1(a)", "H-426.2.1(a)")
def roster(profile: Profile, agency: str, today: date) -> list[RosterGroup]:
    """Who may use the system, by title in the policy's order (B-466.3.1(a), H-426.2.1(a)); others last."""
    by_title: dict[str, list[RosterPerson]] = {title: [] for title in profile.titles}
    for user in people_of(agency).prefetch_related("certifications"):
        facts = certification_facts(user)
        decision = may_use_system(profile, user.title, facts, today)
        by_title.setdefault(user.title, []).append(RosterPerson(user, decision, facts))
    return [
        RosterGroup(profile.title_name(title), profile.titles.get(title), people)
        for title, people in by_title.items()
    ]
