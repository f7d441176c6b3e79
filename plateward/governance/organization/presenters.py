"""The organization as its pages show it: who holds what, what a vacancy stops, who may do what and why."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from plateward.accounts.models import User
from plateward.governance.actor import Actor
from plateward.governance.models import DataAuthorization, Delegation, PositionHolding, Unit, UnitMembership
from plateward.governance.organization import queries
from plateward.governance.presenters import Shown, shown
from plateward.policy import (
    CAPABILITIES,
    AccessLevel,
    Consequence,
    Decision,
    LocalDecision,
    Position,
    Profile,
    TitleCategory,
    delegable,
    designee_words,
    may,
    positions_held,
    separation,
    vacancy,
)


@dataclass(frozen=True, slots=True)
class PositionRow:
    """A position with who holds it, who will and who did, and what its vacancy means."""

    position: Position
    basis: Shown
    holding: PositionHolding | None
    by_rank: str
    upcoming: Sequence[PositionHolding]
    history: Sequence[PositionHolding]
    consequences: Sequence[Consequence]


def positions(profile: Profile, now: datetime) -> list[PositionRow]:
    """Every position of the profile in its order."""
    by_position = defaultdict(list)
    for holding in queries.holdings_of(profile.id):
        by_position[holding.position].append(holding)
    vacant = queries.vacant_at(profile, now)
    return [
        _position(profile, position, by_position[key], vacant, now)
        for key, position in profile.positions.items()
    ]


def _position(
    profile: Profile,
    position: Position,
    holdings: Sequence[PositionHolding],
    vacant: frozenset[str],
    now: datetime,
) -> PositionRow:
    standing = [one for one in holdings if one.revoked_at is None]
    upcoming = [one for one in standing if one.from_at > now]
    current = next((one for one in standing if is_current(one, now)), None)
    ranks = profile.access.positions_by_title.settled or {}
    carried = [profile.title_name(title) for title, held in ranks.items() if position.id in held]
    return PositionRow(
        position=position,
        basis=shown(profile, "Basis", position.basis),
        holding=current,
        by_rank=", ".join(carried),
        upcoming=upcoming,
        history=[one for one in holdings if one != current and one not in upcoming],
        consequences=vacancy(profile, position.id, vacant) if position.id in vacant else (),
    )


def is_current(holding: PositionHolding, now: datetime) -> bool:
    """Whether the holding counts at this instant."""
    if holding.revoked_at is not None or holding.from_at > now:
        return False
    return holding.until_at is None or holding.until_at > now


def designee(profile: Profile, rows: Sequence[PositionRow]) -> tuple[str, PositionHolding | None]:
    """The designee in the words that are published, and the holding that says since when."""
    key = profile.public.designee.settled
    holding = next((row.holding for row in rows if row.position.id == key), None)
    return designee_words(profile, holding.user.full_name if holding else ""), holding


@dataclass(frozen=True, slots=True)
class DelegationRow:
    """A delegation in words; `state` is CURRENT, COMING or ENDED."""

    delegation: Delegation
    position: str
    does: Sequence[str]
    state: str
    ended: str


def delegations(profile: Profile, found: Sequence[Delegation], now: datetime) -> list[DelegationRow]:
    """Delegations in words, what counts now first."""
    rows = [_delegation(profile, one, now) for one in found]
    return sorted(rows, key=lambda row: ("CURRENT", "COMING", "ENDED").index(row.state))


def _delegation(profile: Profile, one: Delegation, now: datetime) -> DelegationRow:
    state, ended = "CURRENT", ""
    if one.revoked_at:
        state, ended = "ENDED", f"Revoked by {one.revoked_by}: {one.revoked_note}"
    elif one.until_at <= now:
        state, ended = "ENDED", "Its time is over."
    elif not is_current(one.holding, now):
        state, ended = "ENDED", f"{one.holding.user.full_name} no longer holds the position."
    elif one.from_at > now:
        state = "COMING"
    does = [CAPABILITIES[each].does for each in one.capabilities if each in CAPABILITIES]
    return DelegationRow(one, profile.position_name(one.holding.position), does, state, ended)


def delegators(actor: Actor) -> list[tuple[str, str]]:
    """Positions of this person of which something can be delegated, with their names."""
    return [
        (each, actor.profile.position_name(each))
        for each in sorted(actor.positions)
        if delegable(actor.profile, each)
    ]


@dataclass(frozen=True, slots=True)
class AuthorizationRow:
    """An authorization for data in words; `state` is ACTIVE, EXPIRED or REVOKED."""

    authorization: DataAuthorization
    origin: str
    state: str


def authorizations(actor: Actor, found: Sequence[DataAuthorization]) -> list[AuthorizationRow]:
    """Authorizations in words, those that count first."""
    rows = [
        AuthorizationRow(one, origin_name(actor.profile, one.origin), _state(actor, one)) for one in found
    ]
    return sorted(rows, key=lambda row: row.state != "ACTIVE")


def _state(actor: Actor, one: DataAuthorization) -> str:
    if one.revoked_at:
        return "REVOKED"
    return "ACTIVE" if actor.today <= one.until_date else "EXPIRED"


def origin_name(profile: Profile, origin: str) -> str:
    """Such as "State data"."""
    known = profile.organization.data_origins.get(origin)
    return known.name if known else origin


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit with its people now, supervisors first."""

    unit: Unit
    members: Sequence[UnitMembership]

    @property
    def is_without_supervisor(self) -> bool:
        return bool(self.members) and not any(one.is_supervisor for one in self.members)


def units(agency: str, now: datetime) -> tuple[list[UnitRow], list[User]]:
    """Every unit with its people, and the people who are in none."""
    memberships = list(queries.memberships_at(agency, now))
    placed = {one.user_id for one in memberships}
    rows = [
        UnitRow(unit, [one for one in memberships if one.unit_id == unit.pk])
        for unit in queries.units_of(agency)
    ]
    return rows, [user for user in queries.members_of(agency) if user.pk not in placed]


@dataclass(frozen=True, slots=True)
class Ground:
    """Why somebody may do something: by title, position or delegation, with the clause it rests on."""

    kind: str
    text: str
    clause: str
    is_local: bool


@dataclass(frozen=True, slots=True)
class Ability:
    """A capability of one person: the decision on it, and every ground there is."""

    does: str
    decision: Decision
    grounds: Sequence[Ground]


def abilities(person: Actor) -> list[Ability]:
    """Every capability for one person, what is allowed first."""
    shown_ = [
        Ability(one.does[:1].upper() + one.does[1:], person.decide(one.id), list(_grounds(person, one.id)))
        for one in CAPABILITIES.values()
    ]
    return sorted(shown_, key=lambda ability: not ability.decision.allowed)


def _grounds(person: Actor, capability: str) -> Iterator[Ground]:
    profile = person.profile
    title = profile.titles.get(person.title)
    if title and capability in (title.capabilities.settled or ()):
        granted = title.capabilities
        yield Ground("Title", title.name, profile.citation(granted), bool(granted.local_decision))
    for key in sorted(positions_held(profile, person.title, person.positions) & profile.positions.keys()):
        held = profile.positions[key]
        if capability in (held.capabilities.settled or ()):
            granted = held.capabilities
            yield Ground("Position", held.name, profile.citation(granted), bool(granted.local_decision))
    by_delegation = may(profile, person.title, capability, (), person.delegations)
    if by_delegation.capacity:
        yield Ground("Delegation", by_delegation.capacity, by_delegation.clause, is_local=False)


@dataclass(frozen=True, slots=True)
class Limit:
    """How far a title's access goes, and the local decision that says what "limited" means (R18)."""

    level: str
    clause: str
    decision: LocalDecision | None


def limit_of(person: Actor) -> Limit | None:
    """The access level of the person's title; None for a title the policy does not know."""
    title = person.profile.titles.get(person.title)
    if title is None:
        return None
    ground = title.capabilities.local_decision
    decision = person.profile.decisions.get(ground) if title.access is not AccessLevel.FULL else None
    return Limit(title.access.lower(), person.profile.citation(title.listed), decision)


def data_access(person: Actor) -> list[tuple[str, Decision]]:
    """Whether the person may see each origin's data, and why not."""
    return [(one.name, person.sees(key)) for key, one in person.profile.organization.data_origins.items()]


def both_duties(profile: Profile, now: datetime) -> list[tuple[User, Decision]]:
    """People who manage accounts and search with the same account (CJIS AC-6(2)), each with the finding."""
    found = ((user, separation(profile, fact)) for user, fact in queries.person_facts(profile, now))
    return [(user, finding) for user, finding in found if finding is not None]


def is_contractor(person: Actor) -> bool:
    """Whether the person's title is a contractor's."""
    title = person.profile.titles.get(person.title)
    return title is not None and title.category is TitleCategory.CONTRACTOR
