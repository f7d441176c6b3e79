"""The acts on positions, delegations, data authorizations, units and contracts, for test_every_act."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from plateward.governance.models import Delegation, PositionHolding, Unit
from plateward.governance.organization import actions as organization
from tests.stage import Act, Stage


def appoint_person(s: Stage) -> Act:
    soto = s.town.users["soto"]
    return lambda: organization.appoint_person(
        user=soto,
        position="custodian-of-records",
        from_date=None,
        authority="Order 26-14",
        **s.by("chen"),
    )


def relieve(s: Stage) -> Act:
    holding = PositionHolding.objects.get(user=s.town.users["cruz"])
    later = s.now + timedelta(hours=1)
    return lambda: organization.relieve(
        holding=holding, on_date=None, note="Transferred.", by=s.actor("chen"), now=later
    )


def delegate(s: Stage) -> Callable[[], Delegation]:
    return lambda: organization.delegate(
        user=s.town.users["soto"],
        position="administrative-division-commander",
        capabilities=["devices.manage"],
        from_date=None,
        until_date=s.actor("cole").today,
        note="",
        **s.by("cole"),
    )


def revoke_delegation(s: Stage) -> Act:
    given = delegate(s)()
    return lambda: organization.revoke_delegation(delegation=given, note="Back on patrol.", **s.by("cole"))


def authorize_data(s: Stage) -> Any:
    return lambda: organization.authorize_data(
        user=s.town.users["soto"],
        origin="state",
        authority="CLETS certificate 4471",
        until_date=s.actor("cole").today,
        **s.by("cole"),
    )


def revoke_authorization(s: Stage) -> Act:
    granted = authorize_data(s)()
    return lambda: organization.revoke_authorization(authorization=granted, note="Lapsed.", **s.by("cole"))


def create_unit(s: Stage) -> Callable[[], Unit]:
    return lambda: organization.create_unit(name="Patrol", part_of=None, **s.by("cole"))


def place_in_unit(s: Stage) -> Act:
    unit = create_unit(s)()
    return lambda: organization.place_in_unit(
        user=s.town.users["soto"], unit=unit, is_supervisor=True, **s.by("cole")
    )


def record_contract(s: Stage) -> Act:
    today = s.actor("cole").today
    return lambda: organization.record_contract(
        user=s.town.users["vendor"],
        company="Reader Works Inc.",
        reference="2026-17",
        from_date=today,
        until_date=today + timedelta(days=365),
        **s.by("cole"),
    )


ORGANIZATION_ACTS: Mapping[str, Callable[[Stage], Act]] = {
    "organization.appoint_person": appoint_person,
    "organization.authorize_data": authorize_data,
    "organization.create_unit": create_unit,
    "organization.delegate": delegate,
    "organization.place_in_unit": place_in_unit,
    "organization.record_contract": record_contract,
    "organization.relieve": relieve,
    "organization.revoke_authorization": revoke_authorization,
    "organization.revoke_delegation": revoke_delegation,
}
