"""The public's requests for records: the statute's clock, its extension, and what a determination says.

Gov. Code § 7922.535: within 10 days of receiving a request the agency determines whether it has records to
disclose and tells the requester; unusual circumstances extend that by 14 days at most, by written notice
that says why and until when. Days are calendar days. § 7922.540: a denial is in writing, gives its ground and
names who is responsible for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from plateward.policy import Decision, Profile, enforces

CLOCK = timedelta(days=10)
LONGEST_EXTENSION = timedelta(days=14)
STATUTE = "Gov. Code § 7922.535"
DENIAL = "Gov. Code § 7922.540"
WARNED_BEFORE = timedelta(days=3)
"""A request's list marks it as due soon so long before."""


class RecordsState(StrEnum):
    RECEIVED = "RECEIVED"
    DETERMINED = "DETERMINED"
    CLOSED = "CLOSED"
    WITHDRAWN = "WITHDRAWN"

    @property
    def label(self) -> str:
        """The state in words."""
        return "Waits for a determination" if self is RecordsState.RECEIVED else self.value.capitalize()


@dataclass(frozen=True, slots=True)
class Transition:
    """An act takes a request from any of `sources` (none: it does not exist yet) to `target`."""

    act: str
    sources: tuple[RecordsState, ...]
    target: RecordsState
    by: str


_WHO = "whoever works public requests"
TRANSITIONS = (
    Transition("RECEIVE", (), RecordsState.RECEIVED, _WHO),
    Transition("EXTEND", (RecordsState.RECEIVED,), RecordsState.RECEIVED, f"{_WHO}, once, within 10 days"),
    Transition("DETERMINE", (RecordsState.RECEIVED,), RecordsState.DETERMINED, f"{_WHO}, by letter"),
    Transition("CLOSE", (RecordsState.DETERMINED,), RecordsState.CLOSED, _WHO),
    Transition(
        "WITHDRAW", (RecordsState.RECEIVED, RecordsState.DETERMINED), RecordsState.WITHDRAWN, "the requester"
    ),
)
_SOURCES = {transition.act: transition.sources for transition in TRANSITIONS}


def may_become(state: RecordsState, act: str) -> bool:
    """Whether a request in this state lets this be done."""
    return state in _SOURCES[act]


class Unusual(StrEnum):
    """The statute's unusual circumstances (SB 1034 of 2024, AB 370 of 2025); nothing else counts."""

    ELSEWHERE = "ELSEWHERE"
    VOLUMINOUS = "VOLUMINOUS"
    CONSULTATION = "CONSULTATION"
    COMPILATION = "COMPILATION"
    EMERGENCY = "EMERGENCY"
    CYBERATTACK = "CYBERATTACK"

    @property
    def label(self) -> str:
        """The circumstance in the statute's sense."""
        return _UNUSUAL[self]


_UNUSUAL: Mapping[Unusual, str] = {
    Unusual.ELSEWHERE: "Records must be searched for and collected from places apart from this office",
    Unusual.VOLUMINOUS: "A voluminous amount of separate records must be searched, collected and examined",
    Unusual.CONSULTATION: "Another agency with a substantial interest must be consulted",
    Unusual.COMPILATION: "Data must be compiled, or a program or report made, to extract them",
    Unusual.EMERGENCY: "A state of emergency that the Governor proclaimed affects our staffing or facilities",
    Unusual.CYBERATTACK: "A cyberattack keeps us from the systems that alone hold the records",
}


class Outcome(StrEnum):
    """What a determination says."""

    DISCLOSE = "DISCLOSE"
    PARTLY = "PARTLY"
    EXEMPT = "EXEMPT"
    NONE_HELD = "NONE_HELD"

    @property
    def label(self) -> str:
        """The outcome in words."""
        return _OUTCOMES[self]

    @property
    def withholds(self) -> bool:
        """Whether a ground must be given and somebody named as responsible."""
        return self in {Outcome.PARTLY, Outcome.EXEMPT}


_OUTCOMES: Mapping[Outcome, str] = {
    Outcome.DISCLOSE: "The records are disclosed",
    Outcome.PARTLY: "The records are disclosed in part",
    Outcome.EXEMPT: "The records are exempt and not disclosed",
    Outcome.NONE_HELD: "The agency holds no such records",
}


def due_date(received: date, extended_until: date | None) -> date:
    """The last day for the determination."""
    return extended_until or received + CLOCK


def extension_problem(received: date, until: date, today: date) -> str:
    """What is wrong with an extension given today, "" for nothing."""
    if today > received + CLOCK:
        return (
            f"The 10 days ended on {received + CLOCK:%b %-d, %Y}: they can be extended only while they run."
        )
    if until <= received + CLOCK:
        return f"An extension ends after {received + CLOCK:%b %-d, %Y}, the end of the 10 days."
    longest = received + CLOCK + LONGEST_EXTENSION
    return f"An extension ends on {longest:%b %-d, %Y} at the latest ({STATUTE})." if until > longest else ""


@dataclass(frozen=True, slots=True)
class Determination:
    """What was determined; `ground` names the exemption, `responsible` who is by name and title."""

    outcome: Outcome
    text: str
    ground: str = ""
    responsible: str = ""
    available_date: date | None = None


@enforces("B-466.7¶2")
def determination_problems(made: Determination, today: date) -> dict[str, str]:
    """By field, what a determination lacks."""
    problems = {}
    if made.outcome.withholds and not made.ground.strip():
        problems["ground"] = f"Say which exemption is relied on ({DENIAL})."
    if made.outcome.withholds and not made.responsible.strip():
        problems["responsible"] = f"Name who is responsible for the denial, with the title ({DENIAL})."
    if made.outcome in {Outcome.DISCLOSE, Outcome.PARTLY} and made.available_date is None:
        problems["available_date"] = f"Estimate when the records will be available ({STATUTE})."
    if made.available_date is not None and made.available_date < today:
        problems["available_date"] = "The records become available today at the earliest."
    return problems


def path_of(profile: Profile) -> Decision:
    """By what the policy wants such requests worked; where it is silent, the statute alone."""
    rule = profile.releases.other_requests
    if rule.delegated_to:
        return Decision(True, profile.citation(rule), f"The {rule.delegated_to} applies beside the statute.")
    return Decision(True, "", "Not addressed by this policy: the statute alone applies.")
