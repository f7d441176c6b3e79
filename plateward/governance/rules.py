"""How a version of the policy comes into force: proposed by one person, put in force by another (R10)."""

from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo

from plateward.policy import Decision, PersonFact, Position, Profile, Title, enforces, may

PROPOSE = "governance.propose"
ADOPT = "governance.adopt"


class DraftState(StrEnum):
    PROPOSED = "PROPOSED"
    ADOPTED = "ADOPTED"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"

    @property
    def label(self) -> str:
        """The state in words."""
        return "Waiting for a second person" if self is DraftState.PROPOSED else self.value.capitalize()


class Act(StrEnum):
    """What is done with a draft."""

    PROPOSE = "PROPOSE"
    ADOPT = "ADOPT"
    REFUSE = "REFUSE"
    WITHDRAW = "WITHDRAW"


@dataclass(frozen=True, slots=True)
class Transition:
    """An act takes a draft from one state (None: it does not exist yet) to another, journaled as `verb`."""

    act: Act
    source: DraftState | None
    target: DraftState
    verb: str
    by: str


TRANSITIONS = (
    Transition(Act.PROPOSE, None, DraftState.PROPOSED, "governance.draft.proposed", "proposer"),
    Transition(
        Act.ADOPT, DraftState.PROPOSED, DraftState.ADOPTED, "governance.draft.adopted", "a second person"
    ),
    Transition(
        Act.REFUSE, DraftState.PROPOSED, DraftState.REFUSED, "governance.draft.refused", "a second person"
    ),
    Transition(
        Act.WITHDRAW, DraftState.PROPOSED, DraftState.WITHDRAWN, "governance.draft.withdrawn", "proposer"
    ),
)
_OF_ACT = {transition.act: transition for transition in TRANSITIONS}


@dataclass(frozen=True, slots=True)
class DraftFacts:
    """What the rules need to know about one draft; `proposer` is an account's id."""

    state: DraftState
    proposer: str


def transition_of(act: Act) -> Transition:
    """The one transition an act makes."""
    return _OF_ACT[act]


@enforces("B-466.3¶2", "H-426.2¶2", "B-466.3.1", "H-426.2.1")
def decide(act: Act, profile: Profile, draft: DraftFacts, person: PersonFact) -> Decision:
    """Whether this person may do this with this draft, by the version in force; nobody adopts their own."""
    needed = PROPOSE if act is Act.WITHDRAW else ADOPT
    capable = may(profile, person.title, needed, person.positions)
    if draft.state is not _OF_ACT[act].source:
        said = f"This draft is {draft.state.label.lower()}; only a waiting one can be decided or withdrawn."
        return Decision(False, capable.clause, said, "Propose a new version.")
    if not capable:
        return capable
    is_proposer = person.id == draft.proposer
    if act is Act.WITHDRAW and not is_proposer:
        said = "Only the person who proposed a version withdraws it."
        return Decision(
            False, capable.clause, said, "Somebody who may put it in force can refuse it instead."
        )
    if act is not Act.WITHDRAW and is_proposer:
        said = "Nobody decides on a version they proposed: a change of the policy takes two people."
        return Decision(False, capable.clause, said, f"Ask another person who may: {_holders(profile)}.")
    return capable


def _holders(profile: Profile) -> str:
    parts: tuple[Title | Position, ...] = (*profile.titles.values(), *profile.positions.values())
    return ", ".join(dict.fromkeys(p.name for p in parts if ADOPT in (p.capabilities.settled or ())))


def effective_at(profile: Profile, adopted_at: datetime, *, is_first: bool) -> datetime:
    """When an adopted version begins to decide: with its effective date in the agency's zone.

    It never begins before its adoption, and an agency's first at once: nothing else could decide meanwhile.
    """
    if is_first:
        return adopted_at
    zone = ZoneInfo(profile.agency.time_zone)
    return max(adopted_at, datetime.combine(profile.effective_date, time.min, zone))
