"""An agency's written policy as typed, frozen data. Unknown keys are refused everywhere."""

from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from plateward.policy.layers import POLICY_LAYER, DataSource, Layer, Provenance
from plateward.policy.listing import HotlistCategory, HotlistSource
from plateward.policy.monitoring import MonitoringRules
from plateward.policy.organization import OrganizationRules
from plateward.policy.oversight import (
    AccountRules,
    AuditRules,
    EmergencyAccessRules,
    ProgramRules,
    PublicRules,
    ReleaseRules,
    ReportRule,
    SanctionRules,
    VendorAccessRules,
)
from plateward.policy.parameters import Basis, Param, Part, Period
from plateward.policy.retention import RetentionRules


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


class AgencyFacts(Part, frozen=True):
    """`time_zone` is an IANA name; `state` a postal code; `ori` the NCIC identifier, if assigned."""

    name: str
    short_name: str
    state: str
    time_zone: str
    roles: tuple[AgencyRole, ...]
    ori: str | None = None

    def day(self, at: datetime) -> date:
        """The day on which an instant falls by the agency's own calendar.

        Raises:
            ValueError: the instant has no time zone.
        """
        if at.tzinfo is None:
            raise ValueError("an instant without a time zone falls on no agency's day")
        return at.astimezone(ZoneInfo(self.time_zone)).date()


class Clause(Part, frozen=True):
    """One rule of one layer; `text` is quoted word for word, or told in our words (`quoted` false)."""

    id: str
    title: str
    strength: Strength
    text: str
    layer: str = POLICY_LAYER
    quoted: bool = True


class DecisionStatus(StrEnum):
    DEFAULT = "DEFAULT"  # the narrower reading, shipped; the agency has not confirmed it yet
    ADOPTED = "ADOPTED"  # the agency decided


class LocalDecision(Part, frozen=True):
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


class Title(Part, frozen=True):
    """A job title and what its holders may do; `listed` says where the policy authorizes it."""

    id: str
    name: str
    category: TitleCategory
    access: AccessLevel
    listed: Basis
    capabilities: Param[tuple[str, ...]]


class Position(Part, frozen=True):
    """An office a person holds over time, whatever the rank, and what it adds to the title."""

    id: str
    name: str
    basis: Basis
    capabilities: Param[tuple[str, ...]]


class Purpose(Part, frozen=True):
    """A use the policy permits."""

    id: str
    name: str
    clause: str


class ProhibitedUse(Part, frozen=True):
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


class AccessRules(Part, frozen=True):
    """Who may use the system; `positions_by_title` names the positions a rank carries by itself."""

    authorized_titles: Param[tuple[str, ...]]
    account_creators: Param[tuple[str, ...]]
    permission_assigner: Param[str]
    clearance_required: Param[bool]
    positions_by_title: Param[dict[str, tuple[str, ...]]]


class Course(Part, frozen=True):
    """A training course; without a settled validity its certification does not expire by itself.

    `topics` are everybody's; the syllabus of operators and that of end-users (Civil Code 1798.90.51 and
    .53) add theirs. Where `required_of` is silent, that of the training as a whole counts.
    `validity_by_title` goes before `validity`.
    """

    name: str
    topics: Param[tuple[str, ...]]
    operator_topics: Param[tuple[str, ...]]
    end_user_topics: Param[tuple[str, ...]]
    required_of: Param[tuple[str, ...]]
    validity: Param[Period]
    validity_by_title: Param[dict[str, Period]]


class TrainingRules(Part, frozen=True):
    """Who is trained in what, and who certifies it; `operators` are the titles that operate the system."""

    required_before_use: Param[bool]
    required_of: Param[tuple[str, ...]]
    certifier: Param[str]
    operators: Param[tuple[str, ...]]
    courses: dict[str, Course]


class Chain(Part, frozen=True):
    """Who approves for whom; the positions in `if_unavailable` are alternatives of equal rank.

    `entered_by` are the titles that type an approved entry in; none: the approval itself puts it on the list.
    """

    requesters: Param[tuple[str, ...]]
    approver: Param[str]
    if_unavailable: Param[tuple[str, ...]]
    entered_by: Param[tuple[str, ...]]


class RefreshScope(StrEnum):
    CUSTOM_HOTLIST = "CUSTOM_HOTLIST"
    ALL_HOTLISTS = "ALL_HOTLISTS"


class RefreshOrder(StrEnum):
    """Which approvers of an entry's chain re-confirm it."""

    ANY_APPROVER = "ANY_APPROVER"
    AS_APPROVAL = "AS_APPROVAL"  # the first; the others only while it is unavailable


class Asserter(StrEnum):
    """Who may record that the first approver of an entry is unavailable."""

    REQUESTER = "REQUESTER"
    STAND_IN = "STAND_IN"  # whoever may decide in the approver's place
    APPROVER = "APPROVER"  # the approver, of themselves


class Reminded(StrEnum):
    """Who is reminded that an entry is about to expire."""

    REQUESTER = "REQUESTER"
    ENTERED_BY = "ENTERED_BY"
    APPROVER = "APPROVER"  # the position that approved it


class CustomHotlistRules(Part, frozen=True):
    """Entries the agency makes itself; a silent `procedure` has no chains, so nobody can request.

    Reminders come that long before an entry expires. A recovered vehicle's entry is to be removed within
    `removal_within`; each such period later the next position of `removal_escalates_to` is told as well.
    `restricted_override` lets a person say that what looks like restricted content in a narrative is none.
    """

    procedure: Basis
    chains: dict[str, Chain]
    unavailability_asserted_by: Param[tuple[Asserter, ...]]
    self_approval: Param[bool]
    approver_in_narrative: Param[bool]
    refresh_within: Param[Period]
    refresh_needs_approver: Param[bool]
    refresh_order: Param[RefreshOrder]
    refresh_covers: Param[RefreshScope]
    finder_removes_on_recovery: Param[bool]
    reminded: Param[tuple[Reminded, ...]]
    first_reminder: Param[Period]
    last_reminder: Param[Period]
    removal_within: Param[Period]
    removal_escalates_to: Param[tuple[str, ...]]
    restricted_override: Param[bool]


class HotlistRules(Part, frozen=True):
    """Custom entries, lists of others and their categories by id, and whether a plate may be partial.

    `excluded_categories` are further codes, as sources write them, whose entries are not kept.
    Partial plates are for `major_crimes`, in the policy's words; for `mandatory_purposes` a vehicle must be
    entered.
    """

    custom: CustomHotlistRules
    sources: dict[str, HotlistSource]
    categories: dict[str, HotlistCategory]
    excluded_categories: Param[tuple[str, ...]]
    partial_plates: Param[bool]
    major_crimes: Param[tuple[str, ...]]
    mandatory_purposes: Param[tuple[str, ...]]


class StepKind(StrEnum):
    ASK_CONFIRMATION = "ASK_CONFIRMATION"
    ADVISE_PENDING = "ADVISE_PENDING"
    DESCRIBE = "DESCRIBE"
    ADVISE_VERIFIED = "ADVISE_VERIFIED"
    UPDATE_DIRECTION = "UPDATE_DIRECTION"


class DispatchStep(Part, frozen=True):
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


class ReadFault(StrEnum):
    """What a disposition says of the read behind the alert; it goes on the camera's accuracy record."""

    MISREAD = "MISREAD"
    WRONG_STATE = "WRONG_STATE"

    @property
    def label(self) -> str:
        """The fault in words."""
        return self.value.replace("_", " ").capitalize()


class Disposition(Part, frozen=True):
    """How an alert can end; `recovered` ones make the finder's removal task.

    `enforcement` ones tell of action taken against somebody, which verification should precede. `finding` is
    what the outcome says of the read.
    """

    id: str
    name: str
    enforcement: bool = False
    note_required: bool = False
    recovered: bool = False
    finding: ReadFault | None = None


class DispatchRules(Part, frozen=True):
    """The procedure and its steps, how an alert can end, and whether each end says if a stop was made.

    A read that arrives `late_after` its capture calls nobody; one whose confidence is known to be below
    `unsure_below` percent ranks its alert lower. `step_limits`, by a step's id, is how long the step may wait
    once it can be worked. What is not settled makes nothing late, unsure or overdue.
    """

    procedure: Basis
    dispositions: Param[tuple[Disposition, ...]]
    late_after: Param[Period]
    unsure_below: Param[int]
    stop_asked: Param[bool]
    step_limits: Param[dict[str, Period]]
    steps: tuple[DispatchStep, ...] = ()


class Channel(Part, frozen=True):
    """A way to check a hit against the live record."""

    id: str
    name: str


class VerificationRules(Part, frozen=True):
    """How a hit is checked; `overdue_to` is the position told when an entering agency answers too late."""

    before_enforcement: Param[Strength]
    channels: Param[tuple[Channel, ...]]
    reason_if_not_practicable: Param[bool]
    record_number_required: Param[bool]
    overdue_to: Param[str]


class SearchRules(Part, frozen=True):
    """What a search must state, each precondition by its own parameter; how long one is kept for a case.

    `canvass_sent_by` are the titles that send cars to canvass; where it is not settled, whoever may search.
    """

    purposes_closed: Param[bool]
    purpose_required: Param[bool]
    reason_min_length: Param[int]
    reference_required: Param[bool]
    suspicion_required: Param[bool]
    supervisor_approval_required: Param[bool]
    kept_longest: Param[Period]
    canvass_sent_by: Param[tuple[str, ...]]
    vague_reasons: Param[tuple[str, ...]]
    prohibited: dict[str, ProhibitedUse]


class ExportRules(Part, frozen=True):
    """What takes results of a search out as a file; `notice` stands on every line of it."""

    reference_required: Param[bool]
    most_reads: Param[int]
    notice: Param[str]


class AccuracyRules(Part, frozen=True):
    """What keeps reads accurate (CC 1798.90.51(b)(2)(F)): the measure named, and who corrects a read.

    Where `corrected_by`, titles, is not settled, whoever may look at a read and its picture.
    """

    measure: Param[str]
    corrected_by: Param[tuple[str, ...]]


class FieldRules(Part, frozen=True):
    """Work away from the station: how long what a device was given stays readable there without network.

    `unit_sign_in_for` is how long a person's sign-in on a car's or camera's unit lasts; not settled: nobody
    signs in there. On a unit a list older than hotlists may be is still matched, marked stale, only where
    `stale_list_used`; not settled: it is not. With less room than `thin_pictures_below`, in megabytes, a unit
    gives up the oldest pictures, never a read; not settled: it gives up none.
    """

    offline_for: Param[Period]
    unit_sign_in_for: Param[Period]
    stale_list_used: Param[bool]
    thin_pictures_below: Param[int]


class TellingWay(StrEnum):
    """A way beside the console in which a person is told that an alert waits."""

    MAIL = "MAIL"
    PUSH = "PUSH"


class OutgoingRules(Part, frozen=True):
    """What leaves Plateward because of an alert; what is not settled is not sent.

    `told_by` are the ways in which people may choose to be told, in words without plate data. `systems`:
    alerts may go to other systems at all; `plates`: with the plate.
    """

    told_by: Param[tuple[TellingWay, ...]]
    systems: Param[bool]
    plates: Param[bool]


class RecordRules(Part, frozen=True):
    """By what every access is documented, and the clause that asks for a procedure."""

    procedure: Basis
    access_documented_by: Param[tuple[str, ...]]


SCHEMA = 20
"""How a profile is arranged and what it is asked; a change of it needs a step in upgrades.py."""


class Profile(Part, frozen=True):
    """One version of one agency's policy. Load it with `load_profile`, which also checks it as a whole."""

    schema: int
    id: str
    version: str
    effective_date: date
    policy_title: str
    provenance: Provenance
    agency: AgencyFacts
    layers: dict[str, Layer]
    sources: dict[str, DataSource]
    clauses: dict[str, Clause]
    titles: dict[str, Title]
    positions: dict[str, Position]
    purposes: dict[str, Purpose]
    access: AccessRules
    organization: OrganizationRules
    training: TrainingRules
    hotlists: HotlistRules
    dispatch: DispatchRules
    verification: VerificationRules
    search: SearchRules
    exports: ExportRules
    accuracy: AccuracyRules
    field: FieldRules
    outgoing: OutgoingRules
    records: RecordRules
    retention: RetentionRules
    releases: ReleaseRules
    accounts: AccountRules
    vendor_access: VendorAccessRules
    emergency_access: EmergencyAccessRules
    sanctions: SanctionRules
    audit: AuditRules
    monitoring: MonitoringRules
    reports: dict[str, ReportRule]
    public: PublicRules
    program: ProgramRules
    decisions: dict[str, LocalDecision]

    def citation(self, basis: Basis) -> str:
        """Return the clause a ground rests on, or where its question arises; "" where silent."""
        if basis.local_decision:
            return self.decisions[basis.local_decision].clause
        return basis.clause

    def layer_of(self, basis: Basis) -> Layer | None:
        """Return the layer whose clause a ground rests on; None where silent."""
        clause = self.clauses.get(self.citation(basis))
        return self.layers[clause.layer] if clause else None

    def title_name(self, title_id: str) -> str:
        title = self.titles.get(title_id)
        return title.name if title else title_id

    def position_name(self, position_id: str) -> str:
        position = self.positions.get(position_id)
        return position.name if position else position_id
