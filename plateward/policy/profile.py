"""An agency's written policy as typed, frozen data. Unknown keys are refused everywhere."""

from datetime import date
from enum import StrEnum

from msgspec import Struct

from plateward.policy.parameters import Basis, Param, Period


class _Part(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    pass


class Strength(StrEnum):
    """How strongly a clause binds (requirement R3)."""

    SHALL = "SHALL"
    SHALL_NOT = "SHALL_NOT"
    SHOULD = "SHOULD"
    SHOULD_NOT = "SHOULD_NOT"
    SHOULD_IF_PRACTICABLE = "SHOULD_IF_PRACTICABLE"
    MAY = "MAY"
    STATEMENT = "STATEMENT"  # declares a scope or a fact, obliges nobody


class AgencyRole(StrEnum):
    """What the agency is under Civil Code 1798.90.5, and who keeps its data."""

    OWNER = "OWNER"
    OPERATOR = "OPERATOR"
    END_USER = "END_USER"
    HOST = "HOST"


class AgencyFacts(_Part, frozen=True):
    """`time_zone` is an IANA name; `state` a postal code; `ori` the NCIC identifier, if assigned."""

    name: str
    short_name: str
    state: str
    time_zone: str
    roles: tuple[AgencyRole, ...]
    ori: str | None = None


class Clause(_Part, frozen=True):
    """One numbered rule; `text` is quoted word for word from the policy."""

    id: str
    title: str
    strength: Strength
    text: str


class DecisionStatus(StrEnum):
    DEFAULT = "DEFAULT"  # the narrower reading, shipped; the agency has not confirmed it yet
    ADOPTED = "ADOPTED"  # the agency decided


class LocalDecision(_Part, frozen=True):
    """An answer to a question the text leaves open; `clause` is where the question arises."""

    id: str
    clause: str
    question: str
    decision: str
    narrower_reading: str
    decided_by: str
    decided_on: date
    status: DecisionStatus = DecisionStatus.DEFAULT


class TitleCategory(StrEnum):
    SWORN = "SWORN"
    PROFESSIONAL = "PROFESSIONAL"
    CONTRACTOR = "CONTRACTOR"


class AccessLevel(StrEnum):
    FULL = "FULL"
    LIMITED = "LIMITED"
    MAINTENANCE = "MAINTENANCE"


class Title(_Part, frozen=True):
    """A job title and what its holders may do; `listed` says where the policy authorizes it."""

    id: str
    name: str
    category: TitleCategory
    access: AccessLevel
    listed: Basis
    capabilities: Param[tuple[str, ...]]


class Position(_Part, frozen=True):
    """An office a person holds over time, whatever the rank, and what it adds to the title."""

    id: str
    name: str
    basis: Basis
    capabilities: Param[tuple[str, ...]]


class Purpose(_Part, frozen=True):
    """A use the policy permits."""

    id: str
    name: str
    clause: str


class ProhibitedUse(_Part, frozen=True):
    """A use nobody may make, by the policy's `clause` and, where there is one, a statute (`law`).

    `terms` are whole words or phrases (`*` ends a word stem) that flag a search's reason.
    """

    id: str
    name: str
    clause: str
    explanation: str
    law: str = ""
    terms: tuple[str, ...] = ()

    @property
    def citation(self) -> str:
        return f"{self.clause}; {self.law}" if self.law else self.clause


class AccessRules(_Part, frozen=True):
    """Who may use the system; `positions_by_title` names the positions a rank carries by itself."""

    authorized_titles: Param[tuple[str, ...]]
    account_creators: Param[tuple[str, ...]]
    permission_assigner: Param[str]
    clearance_required: Param[bool]
    positions_by_title: Param[dict[str, tuple[str, ...]]]


class Course(_Part, frozen=True):
    """A training course; without a settled `validity` its certification does not expire by itself."""

    name: str
    topics: Param[tuple[str, ...]]
    validity: Param[Period]


class TrainingRules(_Part, frozen=True):
    required_before_use: Param[bool]
    required_of: Param[tuple[str, ...]]
    certifier: Param[str]
    courses: dict[str, Course]


class Chain(_Part, frozen=True):
    """Who approves for whom; the positions in `if_unavailable` are alternatives of equal rank."""

    requesters: Param[tuple[str, ...]]
    approver: Param[str]
    if_unavailable: Param[tuple[str, ...]]


class RefreshScope(StrEnum):
    CUSTOM_HOTLIST = "CUSTOM_HOTLIST"
    ALL_HOTLISTS = "ALL_HOTLISTS"


class CustomHotlistRules(_Part, frozen=True):
    chains: dict[str, Chain]
    self_approval: Param[bool]
    approver_in_narrative: Param[bool]
    refresh_within: Param[Period]
    refresh_needs_approver: Param[bool]
    refresh_covers: Param[RefreshScope]
    finder_removes_on_recovery: Param[bool]


class HotlistRules(_Part, frozen=True):
    custom: CustomHotlistRules


class StepKind(StrEnum):
    ASK_CONFIRMATION = "ASK_CONFIRMATION"
    ADVISE_PENDING = "ADVISE_PENDING"
    DESCRIBE = "DESCRIBE"
    ADVISE_VERIFIED = "ADVISE_VERIFIED"
    UPDATE_DIRECTION = "UPDATE_DIRECTION"


class DispatchStep(_Part, frozen=True):
    """One step of the dispatch procedure, in the policy's order.

    `radio` is read out as it stands, with {plate}, {vehicle}, {direction} and {place} filled in.
    """

    id: str
    clause: str
    kind: StepKind
    title: str
    instruction: str
    radio: str = ""
    requires_confirmation: bool = False
    if_possible: bool = False


class Disposition(_Part, frozen=True):
    """How an alert can end; `recovered` ones make the finder's removal task.

    `enforcement` ones tell of action taken against somebody, which verification should precede.
    """

    id: str
    name: str
    enforcement: bool = False
    note_required: bool = False
    recovered: bool = False


class DispatchRules(_Part, frozen=True):
    procedure: Basis
    dispositions: Param[tuple[Disposition, ...]]
    steps: tuple[DispatchStep, ...] = ()


class Channel(_Part, frozen=True):
    """A way to check a hit against the live record."""

    id: str
    name: str


class VerificationRules(_Part, frozen=True):
    before_enforcement: Param[Strength]
    channels: Param[tuple[Channel, ...]]
    reason_if_not_practicable: Param[bool]


class SearchRules(_Part, frozen=True):
    """What a search must state; each precondition is switched by its own parameter."""

    purposes_closed: Param[bool]
    purpose_required: Param[bool]
    reason_min_length: Param[int]
    reference_required: Param[bool]
    suspicion_required: Param[bool]
    supervisor_approval_required: Param[bool]
    vague_reasons: Param[tuple[str, ...]]
    prohibited: dict[str, ProhibitedUse]


class RecordRules(_Part, frozen=True):
    """By what every access is documented, and the clause that asks for a procedure."""

    procedure: Basis
    access_documented_by: Param[tuple[str, ...]]


class RetentionRule(_Part, frozen=True):
    """How long one kind of data stays: not purged before `floor`, not kept past `ceiling`."""

    name: str
    floor: Param[Period]
    ceiling: Param[Period]
    schedule: Param[str]
    purged_by: Param[str]
    legal_basis: str = ""


class RetentionRules(_Part, frozen=True):
    rules: dict[str, RetentionRule]


class ReleaseRules(_Part, frozen=True):
    """Sharing with other agencies; later issues fill it."""

    procedure: Basis


class Profile(_Part, frozen=True):
    """One version of one agency's policy. Load it with `load_profile`, which also checks it as a whole."""

    id: str
    version: str
    effective_date: date
    policy_title: str
    agency: AgencyFacts
    clauses: dict[str, Clause]
    titles: dict[str, Title]
    positions: dict[str, Position]
    purposes: dict[str, Purpose]
    access: AccessRules
    training: TrainingRules
    hotlists: HotlistRules
    dispatch: DispatchRules
    verification: VerificationRules
    search: SearchRules
    records: RecordRules
    retention: RetentionRules
    releases: ReleaseRules
    decisions: dict[str, LocalDecision]

    def citation(self, basis: Basis) -> str:
        """Return the clause a ground rests on, or where its question arises; "" where silent."""
        if basis.local_decision:
            return self.decisions[basis.local_decision].clause
        return basis.clause

    def title_name(self, title_id: str) -> str:
        title = self.titles.get(title_id)
        return title.name if title else title_id

    def position_name(self, position_id: str) -> str:
        position = self.positions.get(position_id)
        return position.name if position else position_id
