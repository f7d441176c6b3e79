"""How a legal hold lives, what it covers, and who may do what with it (B-466.5¶2, H-426.4¶2, R84–R88)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from plateward.policy import (
    Decision,
    HoldReason,
    PersonFact,
    Profile,
    Unsettled,
    allow,
    deny,
    enforces,
    hold_review_at,
    may,
)

LONGEST_TEXT = 500
LONGEST_MEDIUM = 200
LONGEST_FACTS = 4000
LONGEST_REFERENCE = 80
MOST_PLATES = 100
"""A hold names at most so many: each is an access record at every look."""
MOST_SCOPES = 1000
"""A hold of more single things than this is asked for by plate, case or camera and time instead."""
FEWEST_CHARACTERS = 2
"""Of a plate; a hold of one character would hold half a town."""


class HoldState(StrEnum):
    REQUESTED = "REQUESTED"
    ACTIVE = "ACTIVE"
    REFUSED = "REFUSED"
    RELEASE_REQUESTED = "RELEASE_REQUESTED"
    RELEASED = "RELEASED"
    EXPORTED = "EXPORTED"
    BOOKED = "BOOKED"

    @property
    def label(self) -> str:
        """The state in words."""
        return _STATES[self]


_STATES = {
    HoldState.REQUESTED: "Waiting for approval",
    HoldState.ACTIVE: "Active",
    HoldState.REFUSED: "Refused",
    HoldState.RELEASE_REQUESTED: "Release asked for",
    HoldState.RELEASED: "Released",
    HoldState.EXPORTED: "In a package, to be booked",
    HoldState.BOOKED: "Booked into evidence",
}
BLOCKING = frozenset({HoldState.REQUESTED, HoldState.ACTIVE, HoldState.RELEASE_REQUESTED, HoldState.EXPORTED})
"""In these no read of it is purged: from the moment it is asked for until it ends."""


class HoldForm(StrEnum):
    """In which form a hold was asked for (R85)."""

    PLAIN = "PLAIN"
    WRITTEN = "WRITTEN"
    SWORN = "SWORN"

    @property
    def label(self) -> str:
        """The form in words."""
        return _FORMS[self]


_FORMS = {
    HoldForm.PLAIN: "Asked for here, no paper",
    HoldForm.WRITTEN: "In writing, with the number of the case",
    HoldForm.SWORN: "Sworn statement of the facts",
}


class ScopeKind(StrEnum):
    READ = "READ"
    PLATE = "PLATE"
    CASE = "CASE"
    CAMERA_WINDOW = "CAMERA_WINDOW"


class Act(StrEnum):
    """What is done with a hold; all are people's."""

    REQUEST = "REQUEST"
    APPROVE = "APPROVE"
    REFUSE = "REFUSE"
    CONFIRM = "CONFIRM"
    ASK_RELEASE = "ASK_RELEASE"
    APPROVE_RELEASE = "APPROVE_RELEASE"
    REFUSE_RELEASE = "REFUSE_RELEASE"
    EXPORT = "EXPORT"
    BOOK = "BOOK"


@dataclass(frozen=True, slots=True)
class Transition:
    """An act takes a hold from any of `sources` (none: it does not exist yet) to `target`."""

    act: Act
    sources: tuple[HoldState, ...]
    target: HoldState
    verb: str
    by: str


_ASKS, _DECIDES = "evidence.hold", "evidence.approve"
_OTHER = "another person who approves holds"
TRANSITIONS = (
    Transition(Act.REQUEST, (), HoldState.REQUESTED, "evidence.hold.requested", "whoever may ask for holds"),
    Transition(Act.APPROVE, (HoldState.REQUESTED,), HoldState.ACTIVE, "evidence.hold.approved", _OTHER),
    Transition(Act.REFUSE, (HoldState.REQUESTED,), HoldState.REFUSED, "evidence.hold.refused", _OTHER),
    Transition(
        Act.CONFIRM,
        (HoldState.ACTIVE,),
        HoldState.ACTIVE,
        "evidence.hold.confirmed",
        "whoever approves holds",
    ),
    Transition(
        Act.CONFIRM,
        (HoldState.EXPORTED,),
        HoldState.EXPORTED,
        "evidence.hold.confirmed",
        "whoever approves holds",
    ),
    Transition(
        Act.ASK_RELEASE,
        (HoldState.ACTIVE, HoldState.EXPORTED),
        HoldState.RELEASE_REQUESTED,
        "evidence.hold.release_asked",
        "whoever may ask for holds",
    ),
    Transition(
        Act.APPROVE_RELEASE,
        (HoldState.RELEASE_REQUESTED,),
        HoldState.RELEASED,
        "evidence.hold.released",
        "another person who approves holds than who asked for the release",
    ),
    Transition(
        Act.REFUSE_RELEASE,
        (HoldState.RELEASE_REQUESTED,),
        HoldState.ACTIVE,
        "evidence.hold.release_refused",
        "another person who approves holds than who asked for the release",
    ),
    Transition(
        Act.EXPORT,
        (HoldState.ACTIVE, HoldState.EXPORTED),
        HoldState.EXPORTED,
        "evidence.hold.exported",
        "the worker, when a package of it was built",
    ),
    Transition(
        Act.BOOK,
        (HoldState.ACTIVE, HoldState.EXPORTED),
        HoldState.BOOKED,
        "evidence.hold.booked",
        "whoever may ask for holds, with a package that has all it holds",
    ),
    Transition(
        Act.BOOK,
        (HoldState.ACTIVE, HoldState.EXPORTED),
        HoldState.RELEASE_REQUESTED,
        "evidence.booking.made",
        "whoever may ask for holds, where more is or may come to be held than was booked",
    ),
)


class HoldError(ValueError):
    """An act that a hold does not allow, or something wrong with what was entered; says what to do.

    `field` is the form's field it concerns, "" for the whole.
    """

    def __init__(self, message: str, field: str = "") -> None:
        self.field = field
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class ReadFact:
    """What decides whether a read is held. `cases` are the numbers, upper-case, that it was worked under."""

    id: UUID
    plate_key: str
    captured_at: datetime
    device_id: UUID
    cases: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """One thing that a hold covers; what came or comes later is covered as well. Raises HoldError.

    A window includes its beginning and not its end; a beginning or end of None is open. `plate_key` has
    look-alikes folded, so that a misread of the plate is held too.
    """

    kind: ScopeKind
    read_id: UUID | None = None
    captured_at: datetime | None = None
    plate: str = ""
    plate_key: str = ""
    reference: str = ""
    device_id: UUID | None = None
    from_at: datetime | None = None
    until_at: datetime | None = None

    def __post_init__(self) -> None:
        if not self._names_its_thing():
            raise HoldError("Say what is to be held: a read, a plate, a case, or a camera and when.")
        if self.kind is ScopeKind.PLATE and len(self.plate_key) < FEWEST_CHARACTERS:
            raise HoldError(f"“{self.plate}” is too short for a plate. Give the whole plate.", "plates")
        if self.from_at and self.until_at and _utc(self.until_at) <= _utc(self.from_at):
            raise HoldError("The time held must end after it begins. Choose a later end.", "until_at")

    def _names_its_thing(self) -> bool:
        match self.kind:
            case ScopeKind.READ:
                return self.read_id is not None and self.captured_at is not None
            case ScopeKind.PLATE:
                return bool(self.plate_key)
            case ScopeKind.CASE:
                return bool(self.reference.strip())
            case ScopeKind.CAMERA_WINDOW:
                return self.device_id is not None and self.from_at is not None

    def is_open_at(self, now: datetime) -> bool:
        """Whether what is read from `now` on may still come under it."""
        match self.kind:
            case ScopeKind.READ:
                return False
            case ScopeKind.CASE:
                return True
        return self.until_at is None or _utc(self.until_at) > _utc(now)

    def covers(self, read: ReadFact) -> bool:
        """Whether the read is one of what is held."""
        match self.kind:
            case ScopeKind.READ:
                return self.read_id == read.id
            case ScopeKind.PLATE:
                return self.plate_key == read.plate_key and self._in_window(read.captured_at)
            case ScopeKind.CASE:
                return self.reference.upper() in read.cases
            case ScopeKind.CAMERA_WINDOW:
                return self.device_id == read.device_id and self._in_window(read.captured_at)

    def _in_window(self, at: datetime) -> bool:
        at = _utc(at)
        is_after = self.from_at is None or _utc(self.from_at) <= at
        return is_after and (self.until_at is None or at < _utc(self.until_at))


def _utc(at: datetime) -> datetime:
    """Of two times of one zone Python compares only what its clocks show, which one hour a year repeats."""
    return at.astimezone(UTC)


def holding(read: ReadFact, holds: Iterable[tuple[HoldState, Collection[Scope]]]) -> list[int]:
    """Which of the holds, by their place, keep this read from being purged: each does so by itself."""
    return [
        place
        for place, (state, scopes) in enumerate(holds)
        if state in BLOCKING and any(scope.covers(read) for scope in scopes)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedHold:
    """What somebody asks to have held and why; see `check`.

    `sworn_by` is who swore to the `facts`, needed for that form alone. `purpose` is one of the policy's and
    stands in the access records that looking at the held reads writes.
    """

    reason: HoldReason
    explanation: str
    purpose: str
    form: HoldForm = HoldForm.PLAIN
    reference: str = ""
    facts: str = ""
    sworn_by: str = ""
    scopes: tuple[Scope, ...] = ()
    review_at: datetime | None = None


@enforces("B-466.5¶2-purge", "H-426.4¶2-purge")
def reason_allowed(profile: Profile, reason: HoldReason) -> Decision:
    """Whether the policy names this reason to keep data past their limit; no other counts."""
    rule = profile.retention.holds.reasons
    if rule.settled is None:
        said = "This policy does not say for which reasons data may be held."
        return deny(profile, rule, said, "Record the reasons, with their ground, in the profile.")
    if reason in rule.settled:
        return allow(profile, rule, "The policy names this reason.")
    named = "; ".join(reason_words(one) for one in rule.settled)
    said = f"“{reason_words(reason)}” is none of this policy's reasons to hold data."
    return deny(profile, rule, said, f"It names these: {named}.")


def reason_words(reason: HoldReason) -> str:
    """The reason as the clause puts it."""
    return _REASONS[reason]


_REASONS = {
    HoldReason.EVIDENCE: "has become evidence in a criminal or civil action",
    HoldReason.LIKELY_EVIDENCE: "reasonable to believe it will become evidence in a criminal or civil action",
    HoldReason.DISCOVERY_REQUEST: "subject to a discovery request",
    HoldReason.LAWFUL_DEMAND: "subject to other lawful action to produce records",
    HoldReason.PENDING_CLAIM: "evidence in a claim or pending litigation",
}


def check(wanted: WantedHold, now: datetime) -> None:
    """What every hold must state. Raises HoldError."""
    if not wanted.explanation.strip():
        raise HoldError("Say in your own words why these data are to be held.", "explanation")
    if wanted.form is not HoldForm.PLAIN and not wanted.reference.strip():
        raise HoldError("A request in this form names its case. Give the number.", "reference")
    if wanted.form is HoldForm.SWORN and not wanted.facts.strip():
        raise HoldError("Write down the facts that were sworn to.", "facts")
    if wanted.form is HoldForm.SWORN and not wanted.sworn_by.strip():
        raise HoldError("Name who swore to the facts.", "sworn_by")
    if wanted.review_at is not None and wanted.review_at <= now:
        raise HoldError("The review must lie in the future. Choose a later day.", "review_at")
    if not wanted.scopes:
        raise HoldError("Say what is to be held: a plate, a case, or a camera and when.")
    if sum(scope.kind is ScopeKind.PLATE for scope in wanted.scopes) > MOST_PLATES:
        raise HoldError(f"A hold names at most {MOST_PLATES} plates. Ask for several holds.", "plates")
    if len(wanted.scopes) > MOST_SCOPES:
        raise HoldError(
            f"These are {len(wanted.scopes)} single things; a hold takes at most {MOST_SCOPES}. Hold the "
            "plate, the case, or the cameras and the time instead."
        )


def review_at(profile: Profile, chosen: datetime | None, confirmed_at: datetime) -> datetime | None:
    """When the hold must be confirmed again: what was chosen, but never later than the policy says.

    None where the policy is silent and nobody chose: then no review is due, and screens say so.
    """
    try:
        latest = hold_review_at(profile, confirmed_at)
    except Unsettled:
        return chosen
    return min(chosen, latest) if chosen else latest


def step_of(reminders: Collection[int], leaves_at: datetime, now: datetime) -> tuple[int, int] | None:
    """Which reminder is due before data leave: its place, the earliest is 0, and its days; None: none is."""
    days_of = enumerate(sorted(set(reminders), reverse=True))
    left = _utc(leaves_at) - _utc(now)
    due = [(place, days) for place, days in days_of if timedelta() < left <= timedelta(days=days)]
    return due[-1] if due else None


@dataclass(frozen=True, slots=True)
class HoldFacts:
    """What the rules need to know about one hold; people by the ids of their accounts."""

    state: HoldState
    requested_by: str
    release_asked_by: str = ""


def transition_of(act: Act, source: HoldState | None = None, target: HoldState | None = None) -> Transition:
    """The transition an act makes, from `source` and to `target` where it makes several."""
    made = (known for known in TRANSITIONS if known.act is act and target in {None, known.target})
    return next(known for known in made if source is None or source in known.sources)


def sources_of(act: Act) -> frozenset[HoldState]:
    """The states in which an act is possible."""
    return frozenset(state for known in TRANSITIONS if known.act is act for state in known.sources)


@enforces("B-466.5¶2-purge", "H-426.4¶2-purge")
def decide(act: Act, profile: Profile, hold: HoldFacts, person: PersonFact) -> Decision:
    """Whether this person may do this with this hold now; screens show the reason when not."""
    rule = profile.retention.holds.reasons
    able = may(profile, person.title, capability_for(act), person.positions, person.delegations)
    if not able:
        return able
    if hold.state not in sources_of(act):
        said = f"This hold is in the state “{hold.state.label}”. Nothing was changed."
        return deny(profile, rule, said, _instead(hold.state))
    if act in {Act.APPROVE, Act.REFUSE} and person.id == hold.requested_by:
        return deny(profile, rule, "Nobody decides on a hold they asked for.", "Ask somebody else to decide.")
    if act in {Act.APPROVE_RELEASE, Act.REFUSE_RELEASE} and person.id == hold.release_asked_by:
        said = "Nobody decides on a release they asked for."
        return deny(profile, rule, said, "Ask somebody else to decide.")
    return able


def capability_for(act: Act) -> str:
    """The capability that the act needs."""
    decides = {Act.APPROVE, Act.REFUSE, Act.CONFIRM, Act.APPROVE_RELEASE, Act.REFUSE_RELEASE}
    return _DECIDES if act in decides else _ASKS


def _instead(state: HoldState) -> str:
    return {
        HoldState.REQUESTED: "Wait for the decision on it; until then nothing of it is purged.",
        HoldState.ACTIVE: "Reload the page; somebody decided meanwhile.",
        HoldState.RELEASE_REQUESTED: "Decide on the release first.",
        HoldState.EXPORTED: "Book the package into evidence, or ask for the hold's release.",
    }.get(state, "Ask for a new hold where the data are still needed.")
