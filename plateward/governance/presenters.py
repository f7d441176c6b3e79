"""The profile in force as the policy page shows it: every value with its ground, silence included."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from plateward.governance.models import PositionHolding
from plateward.policy import (
    CAPABILITIES,
    Basis,
    DispatchStep,
    LocalDecision,
    Param,
    Position,
    Profile,
    RetentionRule,
    State,
    Title,
    in_words,
    open_points,
)


@dataclass(frozen=True, slots=True)
class Shown:
    """One value of the policy with the ground it stands on."""

    label: str
    text: str
    clause: str
    state: State

    @property
    def is_silent(self) -> bool:
        return self.state is State.SILENT

    @property
    def is_local(self) -> bool:
        return self.state is State.LOCAL


@dataclass(frozen=True, slots=True)
class ShownTitle:
    """A title with where it is listed and what it allows."""

    title: Title
    listed: Shown
    capabilities: Sequence[str]
    ground: Shown


@dataclass(frozen=True, slots=True)
class ShownPosition:
    """A position with its holder now, if somebody holds it."""

    position: Position
    basis: Shown
    capabilities: Sequence[str]
    holding: PositionHolding | None


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its values."""

    title: str
    values: Sequence[Shown]


def shown(profile: Profile, label: str, basis: Basis, text: str = "") -> Shown:
    """A value in words; `text` replaces the plain rendering where names say more than ids."""
    settled = basis.settled if isinstance(basis, Param) else None
    if isinstance(settled, StrEnum):
        text = settled.replace("_", " ").lower()
    return Shown(label, (settled and text) or in_words(basis), profile.citation(basis), basis.state)


def titles(profile: Profile) -> list[ShownTitle]:
    """Every title of the profile."""
    return [
        ShownTitle(
            title=title,
            listed=shown(profile, "Listed", title.listed),
            capabilities=_abilities(title.capabilities),
            ground=shown(profile, "Capabilities", title.capabilities),
        )
        for title in profile.titles.values()
    ]


def positions(profile: Profile, holdings: Iterable[PositionHolding]) -> list[ShownPosition]:
    """Every position of the profile with its holder."""
    held = {holding.position: holding for holding in holdings}
    return [
        ShownPosition(
            position=position,
            basis=shown(profile, "Basis", position.basis),
            capabilities=_abilities(position.capabilities),
            holding=held.get(position.id),
        )
        for position in profile.positions.values()
    ]


def _abilities(granted: Param[tuple[str, ...]]) -> list[str]:
    return [CAPABILITIES[capability].does for capability in granted.settled or ()]


def hotlists(profile: Profile) -> list[Section]:
    """The approval chains, and what holds for every custom entry."""
    custom = profile.hotlists.custom
    chains = [
        Section(
            _titles(profile, chain.requesters.settled or ()) or "Requests",
            [
                shown(profile, "Who requests", chain.requesters, _titles(profile, chain.requesters.settled)),
                shown(profile, "Who approves", chain.approver, _positions(profile, [chain.approver.settled])),
                shown(
                    profile,
                    "If unavailable",
                    chain.if_unavailable,
                    _positions(profile, chain.if_unavailable.settled),
                ),
            ],
        )
        for chain in custom.chains.values()
    ]
    common = [
        shown(profile, "Procedure", custom.procedure),
        shown(profile, "Who records that the approver is unavailable", custom.unavailability_asserted_by),
        shown(profile, "Approving one's own request", custom.self_approval),
        shown(profile, "Approver noted in the narrative", custom.approver_in_narrative),
        shown(profile, "Re-confirm within", custom.refresh_within),
        shown(profile, "Re-confirmed by an approver only", custom.refresh_needs_approver),
        shown(profile, "Which approvers re-confirm", custom.refresh_order),
        shown(profile, "Re-confirmation covers", custom.refresh_covers),
        shown(profile, "Finder has the entry removed on recovery", custom.finder_removes_on_recovery),
    ]
    return [*chains, Section("Every entry", common)]


def access(profile: Profile) -> list[Shown]:
    """Accounts and permissions."""
    rules = profile.access
    return [
        shown(
            profile,
            "Who creates accounts",
            rules.account_creators,
            _positions(profile, rules.account_creators.settled),
        ),
        shown(
            profile,
            "Who assigns permissions",
            rules.permission_assigner,
            _positions(profile, [rules.permission_assigner.settled]),
        ),
        shown(profile, "Security clearance required", rules.clearance_required),
    ]


def training(profile: Profile) -> list[Shown]:
    """What training is required of whom, and who certifies it."""
    rules = profile.training
    values = [
        shown(profile, "Required before any use", rules.required_before_use),
        shown(profile, "Required of", rules.required_of, _titles(profile, rules.required_of.settled)),
        shown(profile, "Certified by", rules.certifier, _positions(profile, [rules.certifier.settled])),
    ]
    for course in rules.courses.values():
        values += [
            shown(profile, f"{course.name}: topics", course.topics),
            shown(profile, f"{course.name}: valid for", course.validity),
        ]
    return values


def searching(profile: Profile) -> list[Shown]:
    """What a search must state, and verification before enforcement."""
    search, verification = profile.search, profile.verification
    return [
        shown(profile, "A purpose of the list is required", search.purpose_required),
        shown(profile, "Shortest reason, in characters", search.reason_min_length),
        shown(profile, "Case or incident number required", search.reference_required),
        shown(profile, "Suspicion required", search.suspicion_required),
        shown(profile, "Supervisor's approval required", search.supervisor_approval_required),
        shown(profile, "Who sends cars to canvass a crime scene", search.canvass_sent_by),
        shown(profile, "Verification before enforcement action", verification.before_enforcement),
        shown(profile, "Ways to verify", verification.channels),
        shown(profile, "Reason recorded if not practicable", verification.reason_if_not_practicable),
        shown(profile, "A confirmation names its record", verification.record_number_required),
        shown(profile, "Who is told of an overdue hit confirmation", verification.overdue_to),
        shown(profile, "A read calls nobody when it comes this much later", profile.dispatch.late_after),
        shown(profile, "How long each dispatch step may wait", profile.dispatch.step_limits),
        shown(profile, "A read is unsure below, in percent", profile.dispatch.unsure_below),
        shown(profile, "A sign-in on the unit of a car lasts", profile.field.unit_sign_in_for),
        shown(profile, "A unit matches a list past its time", profile.field.stale_list_used),
        shown(profile, "A unit gives up oldest pictures below, in MB", profile.field.thin_pictures_below),
    ]


def dispatch(profile: Profile) -> tuple[Shown, Sequence[DispatchStep]]:
    """The ground of the dispatch procedure and its steps, none where the policy is silent."""
    return shown(profile, "Procedure", profile.dispatch.procedure), profile.dispatch.steps


def retention(profile: Profile) -> list[Section]:
    """How long which data stays."""
    return [
        Section(
            f"{rule.name} ({rule.legal_basis})" if rule.legal_basis else rule.name,
            [
                Shown("Covers", _covers(profile, rule), "", State.SPECIFIED),
                shown(profile, "At least", rule.floor),
                shown(profile, "At most", rule.ceiling),
                shown(profile, "Schedule", rule.schedule),
                shown(profile, "Purged by", rule.purged_by),
            ],
        )
        for rule in profile.retention.rules.values()
    ] + [
        Section(
            "Destruction",
            [
                shown(profile, "Signed by", profile.retention.agreed_by),
                shown(profile, "Purges need no approval of their own", profile.retention.standing_authority),
                shown(profile, "No backup holds what was purged after", profile.retention.backups_gone_after),
                shown(profile, "Held for", profile.retention.holds.reasons),
                shown(profile, "A hold is confirmed again every", profile.retention.holds.reverify_every),
                shown(profile, "Reminded so many days before a purge", profile.retention.holds.reminders),
                shown(profile, "Booked on portable media", profile.retention.holds.portable_media),
            ],
        )
    ]


def _covers(profile: Profile, rule: RetentionRule) -> str:
    classes = ", ".join(data.replace("_", " ").lower() for data in rule.data_classes)
    return f"{classes}; source: {profile.sources[rule.source].name}"


def decisions(profile: Profile) -> list[LocalDecision]:
    """What the agency decided where the text leaves a question open."""
    return list(profile.decisions.values())


def unaddressed(profile: Profile) -> list[Shown]:
    """Everything on which the policy is silent or which it leaves to another document."""
    return [
        Shown(place_of(point.path.replace("-", " ").split(".")), point.text, point.clause, point.state)
        for point in open_points(profile)
        if point.state in {State.SILENT, State.DELEGATED}
    ]


def place_of(parts: Iterable[str]) -> str:
    """A parameter's path as people read it: `audit`, `papers_kept` is “Audit › Papers kept”."""
    spaced = (part.replace("_", " ") for part in parts)
    return " › ".join(part[:1].upper() + part[1:] for part in spaced)


def _titles(profile: Profile, ids: Iterable[str] | None) -> str:
    return ", ".join(profile.title_name(title) for title in ids or ())


def _positions(profile: Profile, ids: Iterable[str | None] | None) -> str:
    return " or ".join(profile.position_name(position) for position in ids or () if position)
