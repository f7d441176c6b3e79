"""A town's organization: one delegation, one authorization and one unit."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from plateward.accounts.models import User
from plateward.governance.models import DataAuthorization, Delegation, PositionHolding, Unit
from plateward.governance.organization import actions
from tests.personas import Town

PEOPLE = {
    "barstow-pd": ("cole", "administrative-division-commander", "soto"),
    "huntington-park-pd": ("hayes", "administration-division-commander", "hale"),
}
"""Who delegates and authorizes, as what, and to whom."""


@dataclass(frozen=True)
class Organized:
    holding: PositionHolding
    delegation: Delegation
    authorization: DataAuthorization
    unit: Unit


def organized(town: Town, now: datetime) -> Organized:
    """What the commander has delegated, authorized and entered."""
    agency = town.agency.pk
    commander, position, member = PEOPLE[agency]
    holding = PositionHolding.objects.get(agency_id=agency, position=position)
    by = town.actor(commander, now)
    user = User.objects.get(username=member)
    until = by.today + timedelta(days=30)
    return Organized(
        holding,
        actions.delegate(
            user=user,
            position=position,
            capabilities=["devices.manage"],
            from_date=None,
            until_date=until,
            note="",
            by=by,
            now=now,
        ),
        actions.authorize_data(
            user=user, origin="state", authority="CLETS certificate", until_date=until, by=by, now=now
        ),
        actions.create_unit(name="Patrol", part_of=None, by=by, now=now),
    )
