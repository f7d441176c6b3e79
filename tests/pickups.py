"""From where lists' files are fetched, in the name of Sergeant Soto."""

from datetime import datetime
from typing import Any, Final

from plateward.hotlists import pickup_actions
from plateward.hotlists.pickup_actions import PickupFacts
from plateward.hotlists.pickup_models import PickedUp, Pickup
from plateward.hotlists.pickup_places import Found
from tests.listing import takes_lists_in
from tests.personas import Town

FOLDER: Final[dict[str, Any]] = {
    "source": "state-federal",
    "origin": "state",
    "purpose": "stolen-or-wanted-vehicle",
    "layout": "HEADED",
    "way": "FOLDER",
}
"""What is said of a watched folder."""


def ordered(town: Town, now: datetime, password: str = "", **facts: Any) -> Pickup:
    """A pickup that Sergeant Soto ordered."""
    takes_lists_in(town, now)
    said = PickupFacts(**FOLDER | facts)
    return pickup_actions.set_pickup(by=town.actor("soto", now), facts=said, password=password, now=now)


def came(pickup: Pickup, now: datetime, data: bytes = b"plate\n8STA733\n") -> PickedUp:
    """A file that was fetched."""
    found = Found("extract.csv", len(data), "1")
    return pickup_actions.picked_up(pickup=pickup, found=found, data=data, now=now)


def pickup_on_record(town: Town, now: datetime) -> Pickup:
    """A stopped pickup of the town's, without a secret; of a list it has one."""
    user = next(iter(town.users.values()))
    rest = {**FOLDER, "set_by": user, "set_at": now, "is_on": False}
    found, _ = Pickup.objects.get_or_create(agency=town.agency, source=rest.pop("source"), defaults=rest)
    return found
