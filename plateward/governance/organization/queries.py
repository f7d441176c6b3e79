"""Who held what when: positions, delegations, authorizations, units, contracts."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from plateward.accounts.models import User
from plateward.accounts.rules import AccountState
from plateward.governance.models import (
    Contract,
    DataAuthorization,
    Delegation,
    PositionHolding,
    Unit,
    UnitMembership,
)
from plateward.governance.queries import delegations_at, holdings_at
from plateward.policy import DelegationFact, PersonFact, Profile, positions_held, vacant_positions


def members_of(agency: str) -> QuerySet[User]:
    """Everybody whose account is not closed, by name."""
    kept = User.objects.filter(agency_id=agency, organization="").exclude(state=AccountState.DEACTIVATED)
    return kept.order_by("full_name", "username")


def holdings_of(agency: str) -> QuerySet[PositionHolding]:
    """Every holding of a position, past, present, to come and called off, the latest first."""
    return (
        PositionHolding.objects.filter(agency_id=agency)
        .select_related("user")
        .order_by("position", "-from_at", "id")
    )


def vacant_at(profile: Profile, at: datetime) -> frozenset[str]:
    """Positions that nobody holds at an instant, neither appointed nor by rank."""
    appointed = holdings_at(profile.id, at).filter(user__state=AccountState.ACTIVE)
    active = User.objects.filter(agency_id=profile.id, state=AccountState.ACTIVE)
    titles = set(active.order_by().values_list("title", flat=True).distinct())
    return vacant_positions(profile, list(appointed.values_list("position", flat=True)), titles)


def person_facts(profile: Profile, at: datetime) -> list[tuple[User, PersonFact]]:
    """Every member with what rules need to know about them at an instant, in three queries."""
    held: dict[UUID, set[str]] = defaultdict(set)
    given: dict[UUID, list[DelegationFact]] = defaultdict(list)
    for holding in holdings_at(profile.id, at):
        held[holding.user_id].add(holding.position)
    for one in delegations_at(profile.id, at):
        by = one.holding.user.full_name
        given[one.user_id] += [DelegationFact(each, one.holding.position, by) for each in one.capabilities]
    return [
        (
            user,
            PersonFact(
                id=str(user.pk),
                title=user.title,
                positions=positions_held(profile, user.title, held[user.pk]),
                delegations=tuple(given[user.pk]),
            ),
        )
        for user in members_of(profile.id)
    ]


def delegations_of_agency(agency: str) -> QuerySet[Delegation]:
    """Every delegation, the latest first."""
    return (
        Delegation.objects.filter(agency_id=agency)
        .select_related("holding__user", "user")
        .order_by("-from_at", "id")
    )


def authorizations_of_agency(agency: str) -> QuerySet[DataAuthorization]:
    """Every authorization for data, by person."""
    return (
        DataAuthorization.objects.filter(agency_id=agency)
        .select_related("user")
        .order_by("user__full_name", "origin", "-granted_at", "id")
    )


def units_of(agency: str) -> QuerySet[Unit]:
    """The agency's units by name."""
    return Unit.objects.filter(agency_id=agency).select_related("part_of").order_by("name")


def memberships_at(agency: str, at: datetime) -> QuerySet[UnitMembership]:
    """Who is in which unit at an instant, supervisors first."""
    running = Q(until_at__isnull=True) | Q(until_at__gt=at)
    return (
        UnitMembership.objects.filter(running, agency_id=agency, from_at__lte=at)
        .select_related("user", "unit")
        .order_by("-is_supervisor", "user__full_name", "id")
    )


def members_within(agency: str, unit: str, at: datetime) -> frozenset[UUID]:
    """Ids of the people who are at an instant in a unit, given by its id as text, or in a part of it."""
    parents = _parents(agency)
    within = {known for known in parents if str(known) == unit}
    grown = True
    while grown:
        parts = {known for known, parent in parents.items() if parent in within}
        grown, within = not parts <= within, within | parts
    return frozenset(one.user_id for one in memberships_at(agency, at) if one.unit_id in within)


def supervisor_of(user: User, at: datetime) -> list[User]:
    """Who supervises a person at an instant: the supervisors of their unit, else of the one above it.

    Nobody supervises themselves. Empty when the person is in no unit, or nobody above supervises one.
    """
    memberships = list(memberships_at(user.agency_id, at))
    unit_id = next((one.unit_id for one in memberships if one.user_id == user.pk), None)
    return _supervisors(user, unit_id, memberships, _parents(user.agency_id))


def _parents(agency: str) -> dict[UUID, UUID | None]:
    return dict(Unit.objects.filter(agency_id=agency).order_by().values_list("id", "part_of_id"))


def _supervisors(
    user: User,
    unit_id: UUID | None,
    memberships: Sequence[UnitMembership],
    parents: Mapping[UUID, UUID | None],
) -> list[User]:
    by_unit = defaultdict(list)
    for one in memberships:
        if one.is_supervisor and one.user_id != user.pk and one.user.is_active:
            by_unit[one.unit_id].append(one.user)
    passed: set[UUID] = set()
    while unit_id is not None and unit_id not in passed:
        if by_unit[unit_id]:
            return by_unit[unit_id]
        passed.add(unit_id)
        unit_id = parents.get(unit_id)
    return []


def contracts_of(user: User) -> QuerySet[Contract]:
    """A contractor's contracts, the latest recorded first."""
    return Contract.objects.filter(user=user).order_by("-recorded_at", "id")
