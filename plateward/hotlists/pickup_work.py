"""The worker's part in fetching lists' files: looks where it is time, takes one at a time, follows up."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from plateward.hotlists import pickup_actions, pickup_secrets
from plateward.hotlists.models import FileState
from plateward.hotlists.pickup_models import PickedUp, Pickup, PickupWay, Readiness
from plateward.hotlists.pickup_places import FolderPlace, Found, PickupTrouble, SftpPlace, fits, ready
from plateward.policy import Refused
from plateward.walls import scope

STEADY_FOR: Final = timedelta(seconds=30)
"""A file that did not change for so long between two looks is whole."""


def work_pickups(*, now: datetime) -> int:
    """Look at every place whose time it is, and see to what came before; returns how many files came."""
    with scope.as_system("Lists are fetched for every agency."):
        pickups = [(pickup.pk, pickup.agency_id) for pickup in Pickup.objects.filter(is_on=True)]
        waiting = list(
            PickedUp.objects.filter(settled_at__isnull=True).values_list("pk", "pickup__agency_id")
        )
    came = 0
    for pk, agency in pickups:
        with scope.as_agency(agency):
            pickup = Pickup.objects.select_related("set_by").get(pk=pk)
            if is_due(pickup, now):
                came += look(pickup, now)
            pickup_actions.warn_of_missing(pickup=pickup, now=now)
    for row, agency in waiting:
        with scope.as_agency(agency):
            follow_up(row, now)
    return came


def is_due(pickup: Pickup, now: datetime) -> bool:
    """Whether it is time for the next look."""
    if not pickup.is_on:
        return False
    return pickup.looked_at is None or pickup.looked_at + timedelta(minutes=pickup.every_minutes) <= now


def look(pickup: Pickup, now: datetime) -> bool:
    """Look at a place and take over the oldest new file that is whole; whether one came.

    What goes wrong is said on the pickup, and a file that could not be taken over lies where it lay.
    """
    try:
        return _look(pickup, now)
    except PickupTrouble as error:
        pickup_actions.troubled(pickup=pickup, why=str(error), now=now)
    except Refused as error:
        why = f"Whoever ordered it may not any more: {error.decision.reason} Have somebody enter it anew."
        pickup_actions.troubled(pickup=pickup, why=why, now=now)
    return False


def _look(pickup: Pickup, now: datetime) -> bool:
    place, marked = _place(pickup), pickup.readiness == Readiness.MARKER
    known = set() if isinstance(place, FolderPlace) else _known(pickup)
    is_long_ago = pickup.succeeded_at is not None and now - pickup.succeeded_at >= STEADY_FOR
    seen = pickup.seen if is_long_ago else {}
    waiting: list[Found] = []

    def choose(found: list[Found]) -> Found | None:
        whole = ready(found, pickup.pattern, marked=marked, seen=seen)
        waiting.extend(one for one in whole if (one.name, one.size, one.changed) not in known)
        return waiting[0] if waiting else None

    found, chosen, data = place.look(choose)
    names = {one.name for one in found if (one.name, one.size, one.changed) not in known}
    goes_on = len(waiting) > 1 or (not marked and any(fits(name, pickup.pattern) for name in names))
    if chosen is None:
        pickup_actions.looked(pickup=pickup, found=found, goes_on=goes_on, now=now)
        return False
    came = pickup_actions.picked_up(pickup=pickup, found=chosen, data=data, now=now)
    pickup_actions.looked(pickup=pickup, found=found, goes_on=goes_on, now=now)
    if isinstance(place, FolderPlace):
        place.put_away(chosen.name, "failed" if came.why else "done")
    elif pickup.removes and not came.why:
        place.remove(chosen.name)
    return True


def _known(pickup: Pickup) -> set[tuple[str, int, str]]:
    """What came from a server already, and lies there still."""
    return set(pickup.files.values_list("name", "size", "changed"))


def _place(pickup: Pickup) -> FolderPlace | SftpPlace:
    if pickup.way == PickupWay.FOLDER:
        return pickup_secrets.folder_of(pickup)
    return pickup_secrets.server_of(pickup)


def follow_up(row: UUID, now: datetime) -> None:
    """See to a file that came, and move one of no use from `done` to `failed`."""
    came = PickedUp.objects.select_related("pickup").get(pk=row)
    state = pickup_actions.follow_up(came_id=came.pk, now=now)
    if state == FileState.FAILED and came.pickup.way == PickupWay.FOLDER:
        pickup_secrets.folder_of(came.pickup).fail(came.name)
