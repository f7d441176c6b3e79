"""Where passes of vehicles were seen: places with their counts, and the order of places of one plate."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from plateward.devices.geography import Point
from plateward.search.passes import Pass, Sighting

_DECIMALS = 3
"""A camera's reads are of one place where their degrees agree to so many decimals: about 100 meters."""

SpotKey = tuple[UUID, Point | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A place and what was seen there; without a `place` it is on no map. `number` 1 is the fullest."""

    number: int
    name: str
    location: str
    place: Point | None
    passes: tuple[Pass, ...]

    @property
    def reads(self) -> int:
        return sum(len(one.sightings) for one in self.passes)

    @property
    def first_at(self) -> datetime:
        return min(one.first_at for one in self.passes)

    @property
    def last_at(self) -> datetime:
        return max(one.last_at for one in self.passes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One station of a plate's way: how often in a row it was seen there, before it was seen elsewhere."""

    spot: Spot
    from_at: datetime
    until_at: datetime
    passes: int


def spots_of(passes: Iterable[Pass]) -> tuple[Spot, ...]:
    """Every place with its passes, the fullest first, then by name; a pass counts where its best read is."""
    seen: dict[SpotKey, list[Pass]] = {}
    for one in passes:
        seen.setdefault(spot_key(one.best), []).append(one)
    ordered = sorted(seen.values(), key=lambda there: (-len(there), _named(there[0].best), there[0].best.id))
    return tuple(_spot(number, there) for number, there in enumerate(ordered, start=1))


def spot_key(sighting: Sighting) -> SpotKey:
    """What tells places apart: the camera, and where it was."""
    if sighting.place is None:
        return sighting.camera.id, None
    latitude, longitude = sighting.place
    return sighting.camera.id, (round(latitude, _DECIMALS), round(longitude, _DECIMALS))


def way_of(spots: Sequence[Spot]) -> tuple[Stop, ...]:
    """The places in the order in which one plate was seen there, oldest first; none for several plates.

    Several times at one place with no other between is one stop.
    """
    seen = [(one, spot) for spot in spots for one in spot.passes]
    if len({one.best.plate_key for one, _ in seen}) != 1:
        return ()
    stops: list[Stop] = []
    for one, spot in sorted(seen, key=lambda pair: (pair[0].first_at, pair[0].last_at, pair[1].number)):
        if stops and stops[-1].spot is spot:
            last = stops.pop()
            until_at = max(last.until_at, one.last_at)
            stops.append(Stop(spot=spot, from_at=last.from_at, until_at=until_at, passes=last.passes + 1))
        else:
            stops.append(Stop(spot=spot, from_at=one.first_at, until_at=one.last_at, passes=1))
    return tuple(stops)


def _named(sighting: Sighting) -> tuple[str, str]:
    return sighting.camera.name, sighting.camera.location


def _spot(number: int, there: Sequence[Pass]) -> Spot:
    best = max(there, key=lambda one: one.last_at).best
    name, location = _named(best)
    return Spot(number=number, name=name, location=location, place=best.place, passes=tuple(there))
