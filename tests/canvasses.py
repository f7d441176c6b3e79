"""Canvasses for tests: rows to be looked at, and every act of theirs (tests/db/test_every_act.py)."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from plateward.accounts.models import User
from plateward.search import canvass_actions
from plateward.search.areas import Circle
from plateward.search.canvass_rules import CrimeKind, Why
from plateward.search.models import Canvass, CanvassAssignment, Search
from plateward.search.rules import SearchQuery
from tests.personas import Town

Act = Callable[[], object]
SCENE = Circle(34.8986, -117.0228, 500)
REASON = "Homicide at 1st and Main, every car nearby"
WHY = Why("suspect-interdiction", REASON)


class Stage(Protocol):
    """Barstow at an instant."""

    town: Town
    now: datetime

    def by(self, username: str) -> dict[str, Any]: ...


def asked(now: datetime, **changes: object) -> SearchQuery:
    """Two hours around a homicide."""
    stated = {
        "pattern": None,
        "area": SCENE,
        "from_at": now - timedelta(hours=2),
        "until_at": now,
        "purpose": "suspect-interdiction",
        "reason": REASON,
    }
    return SearchQuery(**(stated | changes))  # type: ignore[arg-type]  # one story differs in one field


def opened(town: Town, username: str, now: datetime, **changes: object) -> Canvass:
    """A canvass that somebody opened."""
    return canvass_actions.open_canvass(
        by=town.actor(username, now),
        crime=CrimeKind.HOMICIDE,
        place="1st and Main",
        query=asked(now, **changes),
        now=now,
    )


def assigned(
    town: Town, canvass: Canvass, by: str, to: str, now: datetime, **changes: object
) -> CanvassAssignment:
    """Somebody sent to canvass for the next two hours."""
    given = {"device": None, "from_at": now, "until_at": now + timedelta(hours=2)} | changes
    return canvass_actions.assign_car(
        by=town.actor(by, now), canvass=canvass, assigned_to=town.users[to], now=now, **given
    )


def canvassed(town: Town) -> Canvass:
    """A canvass as a row alone, without its act."""
    camera, person = town.camera, _somebody(town)
    return Canvass.objects.create(
        agency=town.agency,
        crime=CrimeKind.HOMICIDE,
        is_major=True,
        place="1st and Main",
        area=SCENE.as_json(),
        from_at=camera.registered_at - timedelta(hours=2),
        until_at=camera.registered_at,
        purpose="suspect-interdiction",
        reason=REASON,
        opened_by=person,
        opened_at=camera.registered_at,
    )


def looked_at(town: Town, like: Search) -> Search:
    """A search for all plates by who searched before, as a row alone."""
    found, search = canvassed(town), Search.objects.get(pk=like.pk)
    search.pk, search.pattern, search.canvass, search.area = None, "", found, found.area
    search.save(force_insert=True)
    return search


def sent(town: Town) -> CanvassAssignment:
    """An assignment as a row alone."""
    found, person = canvassed(town), _somebody(town)
    return CanvassAssignment.objects.create(
        agency=town.agency,
        canvass=found,
        assigned_to=person,
        from_at=found.from_at,
        until_at=found.until_at,
        assigned_by=person,
        assigned_at=found.opened_at,
    )


def _somebody(town: Town) -> User:
    return next(iter(town.users.values()))


def _open(s: Stage) -> Act:
    return lambda: opened(s.town, "ortiz", s.now)


def _search(s: Stage) -> Act:
    found = opened(s.town, "ortiz", s.now)
    return lambda: canvass_actions.search_canvass(canvass=found, why=WHY, **s.by("ortiz"))


def _list(s: Stage) -> Act:
    found = opened(s.town, "ortiz", s.now)
    return lambda: canvass_actions.list_plates(canvass=found, why=WHY, **s.by("ortiz"))


def _show(s: Stage) -> Act:
    seen = canvass_actions.list_plates(canvass=opened(s.town, "ortiz", s.now), why=WHY, **s.by("ortiz"))
    return lambda: canvass_actions.show_plates(search_id=seen.search.pk, page=1, **s.by("ortiz"))


def _assign(s: Stage) -> Act:
    found = opened(s.town, "ortiz", s.now)
    return lambda: assigned(s.town, found, "ortiz", "quinn", s.now)


def _end(s: Stage) -> Act:
    made = assigned(s.town, opened(s.town, "ortiz", s.now), "ortiz", "quinn", s.now)
    return lambda: canvass_actions.end_assignment(assignment=made, is_done=True, note="", **s.by("quinn"))


def _acknowledge(s: Stage) -> Act:
    made = assigned(s.town, opened(s.town, "ortiz", s.now), "ortiz", "quinn", s.now)
    return lambda: canvass_actions.acknowledge(assignment=made, **s.by("quinn"))


def _close(s: Stage) -> Act:
    found = opened(s.town, "ortiz", s.now)
    return lambda: canvass_actions.close_canvass(canvass=found, note="Suspect found", **s.by("ortiz"))


CANVASS_ACTS: Mapping[str, Callable[[Stage], Act]] = {
    "search.open_canvass": _open,
    "search.search_canvass": _search,
    "search.list_plates": _list,
    "search.show_plates": _show,
    "search.assign_car": _assign,
    "search.acknowledge": _acknowledge,
    "search.close_canvass": _close,
    "search.end_assignment": _end,
}
