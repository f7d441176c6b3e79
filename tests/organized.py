"""A town's organization: one delegation, one authorization and one unit."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

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


def organized(town: Town) -> Organized:
    """The same objects each time it is asked."""
    now = timezone.now()
    agency = town.agency.pk
    commander, position, member = PEOPLE[agency]
    holding = PositionHolding.objects.get(agency_id=agency, position=position)
    if known := Delegation.objects.filter(agency_id=agency).first():
        authorization = DataAuthorization.objects.get(agency_id=agency)
        return Organized(holding, known, authorization, Unit.objects.get(agency_id=agency))
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
