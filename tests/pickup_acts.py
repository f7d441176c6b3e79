"""Fetching lists' files, for test_every_act."""

from collections.abc import Callable
from datetime import timedelta

from plateward.hotlists import pickup_actions
from plateward.hotlists.pickup_actions import PickupFacts
from plateward.hotlists.pickup_models import Pickup
from tests.listing import takes_lists_in, work_files
from tests.pickups import FOLDER, came, ordered
from tests.stage import Act, Stage


def as_kept(pickup: Pickup) -> Pickup:
    """The row as the worker reads it anew for each look."""
    return Pickup.objects.get(pk=pickup.pk)


def of_pickup(act: Callable[[Stage, Pickup], object]) -> Callable[[Stage], Act]:
    def prepare(s: Stage) -> Act:
        pickup = ordered(s.town, s.now)
        return lambda: act(s, as_kept(pickup))

    return prepare


def recovered(s: Stage) -> Act:
    pickup = ordered(s.town, s.now)
    pickup_actions.troubled(pickup=pickup, why="It is not there.", now=s.now)
    return lambda: pickup_actions.looked(pickup=as_kept(pickup), found=[], goes_on=False, now=s.now)


def followed_up(s: Stage) -> Act:
    one = came(ordered(s.town, s.now), s.now)
    work_files(s.now)
    return lambda: pickup_actions.follow_up(came_id=one.pk, now=s.now)


def held_up(s: Stage) -> Act:
    one = came(ordered(s.town, s.now), s.now)
    return lambda: pickup_actions.held_up(came_id=one.pk, now=s.now)


def warned_of_missing(s: Stage) -> Act:
    pickup = ordered(s.town, s.now, expected_hours=1)
    return lambda: pickup_actions.warn_of_missing(pickup=pickup, now=s.now + timedelta(hours=1))


def set_up(s: Stage) -> Act:
    takes_lists_in(s.town, s.now)
    return lambda: pickup_actions.set_pickup(facts=PickupFacts(**FOLDER), **s.by("soto"))


PICKUP_ACTS: dict[str, Callable[[Stage], Act]] = {
    "hotlists.ask_to_look": of_pickup(
        lambda s, pickup: pickup_actions.ask_to_look(pickup=pickup, **s.by("soto"))
    ),
    "hotlists.follow_up": followed_up,
    "hotlists.held_up": held_up,
    "hotlists.looked": recovered,
    "hotlists.picked_up": of_pickup(lambda s, pickup: came(pickup, s.now)),
    "hotlists.set_pickup": set_up,
    "hotlists.stop_pickup": of_pickup(
        lambda s, pickup: pickup_actions.stop_pickup(pickup=pickup, **s.by("soto"))
    ),
    "hotlists.troubled": of_pickup(
        lambda s, pickup: pickup_actions.troubled(pickup=pickup, why="It is not there.", now=s.now)
    ),
    "hotlists.warn_of_missing": warned_of_missing,
}
