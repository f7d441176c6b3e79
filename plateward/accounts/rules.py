"""How an account lives, who acts on it, and what keeps a person out.

Sources: B-466.4(d), B-466.8, B-466.10, H-426.3(d), H-426.7; CJIS Security Policy v6.0
AC-7, AC-11, IA-5, PS-3, PS-6.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from plateward.policy import (
    CertificationFact,
    Decision,
    PersonFact,
    Profile,
    deny,
    enforces,
    may,
    may_use_system,
    required_courses,
    title_authorized,
)
from plateward.policy.clearance import ClearanceFact, account_creators, cleared

LOCK_AFTER_FAILURES = 5
FAILURES_COUNT_FOR = timedelta(minutes=15)
"""So many consecutive failures within so long lock an account until it is released (CJIS AC-7)."""

LOCK_SESSION_AFTER = timedelta(minutes=30)
"""So long without anything a person did locks a session (CJIS AC-11)."""

SESSION_LASTS = timedelta(hours=12)
"""So long after a log-in everybody authenticates again (CJIS IA-11)."""

ONE_TIME_PASSWORD_FOR = timedelta(hours=72)
"""So long a one-time password opens the account that it was issued for."""


class AccountState(StrEnum):
    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    DEACTIVATED = "DEACTIVATED"

    @property
    def label(self) -> str:
        """The state in words."""
        return "Not activated yet" if self is AccountState.PENDING else self.value.capitalize()


class Act(StrEnum):
    """What is done with an account as a whole."""

    CREATE = "CREATE"
    ACTIVATE = "ACTIVATE"
    SUSPEND = "SUSPEND"
    REACTIVATE = "REACTIVATE"
    DEACTIVATE = "DEACTIVATE"
    REINSTATE = "REINSTATE"
    REOPEN = "REOPEN"


@dataclass(frozen=True, slots=True)
class Transition:
    """An act takes an account from any of `sources` (none: it does not exist yet) to `target`."""

    act: Act
    sources: tuple[AccountState, ...]
    target: AccountState
    by: str


TRANSITIONS = (
    Transition(Act.CREATE, (), AccountState.PENDING, "account creator"),
    Transition(Act.ACTIVATE, (AccountState.PENDING,), AccountState.ACTIVE, "account manager"),
    Transition(Act.SUSPEND, (AccountState.ACTIVE,), AccountState.SUSPENDED, "account manager"),
    Transition(Act.REACTIVATE, (AccountState.SUSPENDED,), AccountState.ACTIVE, "account manager"),
    Transition(
        Act.DEACTIVATE,
        (AccountState.PENDING, AccountState.ACTIVE, AccountState.SUSPENDED),
        AccountState.DEACTIVATED,
        "account manager",
    ),
    Transition(Act.REINSTATE, (AccountState.DEACTIVATED,), AccountState.PENDING, "account manager"),
    Transition(
        Act.REOPEN,
        (AccountState.SUSPENDED, AccountState.DEACTIVATED),
        AccountState.ACTIVE,
        "account creator, of a partner's person",
    ),
)

_OF_ACT = {transition.act: transition for transition in TRANSITIONS}


class PaperKind(StrEnum):
    """What is put on file before an account is activated."""

    APPROVAL = "APPROVAL"
    CLEARANCE = "CLEARANCE"
    AGREEMENT = "AGREEMENT"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFacts:
    """What the rules need to know about one account.

    `approved` and `agreed` tell of papers since the account was created or last reinstated.
    `retrain_since` is the day of a suspension that demands retraining, `retrain_course` in what ("" any).
    `is_partner` tells another agency's person, who fetches what was released and reaches nothing else.
    """

    id: str
    title: str
    state: AccountState
    certifications: Sequence[CertificationFact] = ()
    clearance: ClearanceFact | None = None
    approved: bool = False
    agreed: bool = False
    retrain_since: date | None = None
    retrain_course: str = ""
    is_partner: bool = False


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing that activation needs, and the decision whether it is there."""

    id: str
    name: str
    decision: Decision


def may_move(facts: AccountFacts, act: Act) -> Decision:
    """Whether the state lets this be done now; only a partner's account opens again without new papers."""
    sources = _OF_ACT[act].sources
    if act is Act.REOPEN and not facts.is_partner:
        return Decision(
            False,
            "CJIS AC-2",
            "This is an account of the agency's own.",
            "Reactivate or reinstate it under People.",
        )
    if facts.state in sources:
        return Decision(True, "CJIS AC-2", f"The account is {facts.state.label.lower()}.")
    needed = " or ".join(state.label.lower() for state in sources)
    reason = f"The account is {facts.state.label.lower()}; this needs one that is {needed}."
    return Decision(
        False, "CJIS AC-2", reason, "Open the account's page again; somebody may have acted meanwhile."
    )


def target_of(act: Act) -> AccountState:
    """The state an act leads to."""
    return _OF_ACT[act].target


@enforces("B-466.10-accounts", "H-426.2¶2")
def may_create(profile: Profile, creator: PersonFact) -> Decision:
    """Whether this person may create accounts: the capability, and one of the positions the policy names."""
    capable = may(profile, creator.title, "accounts.manage", creator.positions)
    named = profile.access.account_creators
    if capable and creator.positions & set(named.settled or ()):
        return capable
    reason = f"Only the {account_creators(profile)} may create an ALPR user account."
    return deny(profile, named, reason, f"Ask the {account_creators(profile)}.")


def may_manage(profile: Profile, manager: PersonFact, person_id: str) -> Decision:
    """Whether this person may act on the account `person_id`; never on their own."""
    capable = may(profile, manager.title, "accounts.manage", manager.positions)
    if not capable or manager.id != person_id:
        return capable
    remedy = f"Ask another who manages accounts: the {account_creators(profile)}."
    return deny(profile, profile.access.account_creators, "Nobody manages their own account.", remedy)


@enforces("B-466.10-permissions", "H-426.2¶2")
def may_assign(profile: Profile, assigner: PersonFact, person_id: str) -> Decision:
    """Whether this person may approve somebody's access and assign the title it follows from."""
    rule = profile.access.permission_assigner
    who = profile.position_name(rule.settled) if rule.settled else ""
    if assigner.id == person_id:
        return deny(
            profile, rule, "Nobody decides on their own access.", "Ask the Chief of Police who does it."
        )
    if rule.settled and rule.settled in assigner.positions:
        return may(profile, assigner.title, "accounts.manage", assigner.positions)
    if not rule.settled:
        reason = "The policy does not say who assigns permissions."
        return deny(profile, rule, reason, "Have the agency decide it in its profile.")
    return deny(profile, rule, f"Only the {who} assigns permissions.", f"Ask the {who}.")


def requirements(profile: Profile, facts: AccountFacts, today: date) -> tuple[Requirement, ...]:
    """What activation needs, in the order in which it is usually done, each with its decision."""
    return (
        Requirement("title", "Authorized title", title_authorized(profile, facts.title)),
        Requirement("approval", "Approval with the need to know", _approved(profile, facts)),
        Requirement("clearance", "Security clearance", cleared(profile, facts.clearance, today)),
        Requirement("agreement", "Signed access agreement", _agreed(profile, facts)),
        Requirement("training", "Training", _trained(profile, facts, today)),
    )


def ready(profile: Profile, facts: AccountFacts, today: date) -> Decision:
    """The first requirement that is missing, or the last that is there."""
    decisions = [requirement.decision for requirement in requirements(profile, facts, today)]
    return next((decision for decision in decisions if not decision), decisions[-1])


def _approved(profile: Profile, facts: AccountFacts) -> Decision:
    rule = profile.access.permission_assigner
    who = profile.position_name(rule.settled) if rule.settled else "agency's ALPR administrator"
    if facts.approved:
        return Decision(True, profile.citation(rule), "Access is approved.")
    return deny(profile, rule, "Nobody has approved this person's access.", f"Ask the {who} to approve it.")


def _agreed(profile: Profile, facts: AccountFacts) -> Decision:
    if facts.agreed:
        return Decision(True, "CJIS PS-6", "The signed access agreement is on file.")
    reason = "No signed access agreement is on file."
    return Decision(False, "CJIS PS-6", reason, f"Ask the {account_creators(profile)} to record it.")


@enforces("B-466.6(e)")
def _trained(profile: Profile, facts: AccountFacts, today: date) -> Decision:
    """The training the policy demands; after a suspension for a violation, training since then."""
    since, wanted = facts.retrain_since, facts.retrain_course
    done = (f.completed_on for f in facts.certifications if wanted in ("", f.course))
    if since and not any(since <= day <= today for day in done):
        known = profile.training.courses.get(wanted)
        what = f" in “{known.name}”" if known else ""
        reason = f"Retraining{what} is required since the suspension of {since.isoformat()}."
        rule = profile.training.certifier
        who = profile.position_name(rule.settled) if rule.settled else account_creators(profile)
        return deny(profile, rule, reason, f"Complete the training again and have the {who} certify it.")
    return may_use_system(profile, facts.title, facts.certifications, today)


def locks_account(failed_at: Sequence[datetime], now: datetime) -> bool:
    """Whether these consecutive failures lock the account."""
    recent = [moment for moment in failed_at if now - moment < FAILURES_COUNT_FOR]
    return len(recent) >= LOCK_AFTER_FAILURES


WRONG_PASSWORD = "wrong password"  # noqa: S105  a reason, no password


def why_refused(state: AccountState, locked_at: datetime | None, wrong: str, *, opens: bool) -> str:
    """What the journal says of a refused log-in to an account that exists; the person is never told.

    `wrong` is what was given wrongly; only that counts towards the lock.
    """
    if state is not AccountState.ACTIVE:
        return "inactive account"
    if locked_at is not None:
        return "locked account"
    return wrong if opens else "one-time password past its time"


def opens(one_time_until_at: datetime | None, now: datetime) -> bool:
    """Whether a password opens its account: one that was chosen does, a one-time one for a while."""
    return one_time_until_at is None or now < one_time_until_at


def is_idle(active_at: datetime, now: datetime) -> bool:
    """Whether a session last used at `active_at` is locked."""
    return now - active_at >= LOCK_SESSION_AFTER


@enforces("B-466.8-record", "H-426.7")
def may_certify(profile: Profile, certifier: PersonFact, person_id: str) -> Decision:
    """Whether `certifier` may put the training of the account `person_id` on file; never their own."""
    capable = may(profile, certifier.title, "training.certify", certifier.positions)
    if not capable or certifier.id != person_id:
        return capable
    assigner = profile.access.permission_assigner.settled
    whom = f"the {profile.position_name(assigner)}" if assigner else "the agency's ALPR administrator"
    return deny(
        profile,
        profile.training.certifier,
        "Nobody certifies their own training.",
        f"Ask {whom} who certifies it instead.",
    )


def retraining_problem(profile: Profile, course: str, title: str) -> tuple[str, str] | None:
    """What is wrong with a course to be retrained in: it must be one that the title needs anyhow."""
    required = required_courses(profile, title)
    if course in required or not required:
        return None
    names = ", ".join(profile.training.courses[known].name for known in required)
    return "retrain_course", f"Choose one of the courses that this title needs: {names}."


def certification_problem(
    profile: Profile, course: str, completed_date: date, expires_date: date | None, today: date
) -> tuple[str, str] | None:
    """The field and what is wrong with it, or None."""
    if course not in profile.training.courses:
        return "course", "This course is not one of the policy's. Choose one of the list."
    if completed_date > today:
        return (
            "completed_date",
            "This day has not come yet. Enter the day on which the training was completed.",
        )
    if expires_date is not None and expires_date <= completed_date:
        return "expires_date", "The certificate must end after the day of completion."
    return None


def paper_problem(dated: date, expires: date | None, today: date) -> tuple[str, str] | None:
    """The field of a paper's dates and what is wrong with it, or None."""
    if dated > today:
        return "dated_date", "This day has not come yet. Enter the day on the paper."
    if expires is not None and expires <= dated:
        return "expires_date", "It must end after the day it began."
    return None
