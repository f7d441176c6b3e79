"""How a vehicle came from one place to the next: direction and least speed, only where they can be true."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from plateward.devices.geography import Point, bearing_deg, distance_m
from plateward.devices.rules import direction_words

NEAREST_M: Final = 200.0
"""Nearer places are one: cameras of a crossing say nothing of a way between them."""
LONGEST: Final = timedelta(minutes=30)
"""After a longer time the vehicle may have been anywhere between."""
FASTEST_MPH: Final = 150.0
"""Faster, and it is another vehicle with the plate, a misread, or a clock that is wrong."""
METERS_PER_MILE: Final = 1609.344


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a hit saw the vehicle, and when; coordinates are None where the camera's are not known."""

    name: str
    at: datetime
    latitude: float | None
    longitude: float | None

    @property
    def place(self) -> Point | None:
        """Latitude and longitude, where known."""
        if self.latitude is None or self.longitude is None:
            return None
        return self.latitude, self.longitude


@dataclass(frozen=True, slots=True)
class Leg:
    """The straight way from one place to the next. Roads are longer, so the speed is the least there was."""

    start: str
    end: str
    distance_m: float
    took: timedelta
    bearing_deg: float

    @property
    def speed_mph(self) -> float:
        """Miles per hour, at least."""
        return self.distance_m / METERS_PER_MILE / (self.took.total_seconds() / 3600)

    @property
    def is_plausible(self) -> bool:
        """Whether a vehicle can have driven it."""
        return self.speed_mph <= FASTEST_MPH

    @property
    def words(self) -> str:
        """What is known of the way, with what it rests on."""
        way = (
            f"From {self.start} to {self.end}, {self.distance_m / METERS_PER_MILE:.1f} miles in {self._took}"
        )
        if not self.is_plausible:
            why = "another vehicle with this plate, a misread, or a clock that is wrong"
            return f"{way}: faster than any vehicle drives. It may be {why}."
        return f"{way}: {direction_words(self.bearing_deg)}, at least {self.speed_mph:.0f} miles per hour."

    @property
    def _took(self) -> str:
        minutes, seconds = divmod(round(self.took.total_seconds()), 60)
        parts = ((minutes, "minute"), (seconds, "second"))
        return " ".join(f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in parts if count)


def leg_between(earlier: Iterable[Spot], last: Spot) -> Leg | None:
    """The way to where the vehicle was seen last from the last other place, newest first in `earlier`.

    None where no other place is known, or it was too long ago, or at the very same moment.
    """
    if (end := last.place) is None:
        return None
    for one in earlier:
        start, took = one.place, last.at - one.at
        if took > LONGEST:
            return None
        if start is None or took <= timedelta() or (far := distance_m(start, end)) < NEAREST_M:
            continue
        return Leg(one.name, last.name, far, took, bearing_deg(start, end))
    return None
