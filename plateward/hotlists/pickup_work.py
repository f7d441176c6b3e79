"""The worker's part in fetching lists' files: looks where it is time, takes one at a time, follows up."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from plateward.governance.queries import PolicyUnavailableError
from plateward.hotlists import pickup_actions, pickup_secrets
from plateward.hotlists.models import FileState
from plateward.hotlists.pickup_models import PickedUp, Pickup, PickupWay, Readiness
from plateward.hotlists.pickup_places import FolderPlace, Found, PickupTrouble, SftpPlace, fits, ready
from plateward.hotlists.room import NO_ROOM, is_disc_full
from plateward.policy import Refused
from plateward.walls import scope

log = logging.getLogger(__name__)
STEADY_FOR: Final = timedelta(seconds=30)
"""A file that did not change for so long between two looks is whole."""


def work_pickups(*, now: datetime) -> int:
    """Look at every place whose time it is, and see to what came before; returns how many files came.

    What goes wrong with one is said on it and asked of its own agency; the others are seen to all the same.
    """
    with scope.as_system("Lists are fetched for every agency."):
        pickups = [(pickup.pk, pickup.agency_id) for pickup in Pickup.objects.filter(is_on=True)]
        waiting = list(
            PickedUp.objects.filter(settled_at__isnull=True).values_list("pk", "pickup__agency_id")
        )
    came = 0
    for pk, agency in pickups:
        with scope.as_agency(agency):
            came += _see_to(pk, now)
    for row, agency in waiting:
        with scope.as_agency(agency):
            _go_on_with(row, now)
    return came


def _see_to(pk: UUID, now: datetime) -> bool:
    pickup = Pickup.objects.select_related("set_by").get(pk=pk)
    try:
        came = is_due(pickup, now) and look(pickup, now)
        pickup_actions.warn_of_missing(pickup=pickup, now=now)
    except Exception as error:  # one agency's trouble must not hold up the others'
        log.exception("Files of the pickup %s cannot be fetched", pk)
        pickup.refresh_from_db()
        pickup_actions.troubled(pickup=pickup, why=_said(error), now=now)
        return False
    return came


def _said(error: Exception) -> str:
    """What a person can do about what was not foreseen."""
    if isinstance(error, PolicyUnavailableError):
        return "The agency's policy cannot be used. Nothing is fetched until “plateward doctor” says it can."
    if is_disc_full(error):
        return f"{NO_ROOM}. What was not fetched lies where it lay and is fetched then."
    if isinstance(error, OSError):
        return (
            f"This machine could not keep the file ({error.strerror}). Have the I.T. manager see to its disc."
        )
    return "Something failed that was not foreseen. The worker's log says what; tell the I.T. manager."


def _go_on_with(row: UUID, now: datetime) -> None:
    try:
        follow_up(row, now)
    except Exception:  # the same
        log.exception("The fetched file %s cannot be seen to", row)
        pickup_actions.held_up(came_id=row, now=now)


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
    known = set() if isinstance(place, FolderPlace) else _known(pickup.seen)
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
    if isinstance(place, FolderPlace):
        place.put_away(chosen.name, "failed" if came.why else "done")
        found.remove(chosen)
    elif pickup.removes and not came.why:
        place.remove(chosen.name)
        found.remove(chosen)
    pickup_actions.looked(pickup=pickup, found=found, goes_on=goes_on, now=now)
    return True


def _known(seen: Mapping[str, list[Any]]) -> set[tuple[str, int, str]]:
    """What was taken over from a server, and lies there since."""
    return {(name, size, changed) for name, (size, changed, *taken) in seen.items() if taken}


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
