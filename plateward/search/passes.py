"""Which of the reads found are of one vehicle passing, so that they can be shown as one row.

Reads are linked when they are of one plate, look-alikes folded, within seconds, by one camera or by cameras
that stand together; and when their sender read the very same event twice. What is linked, also through
others, is one pass. Nothing else is assumed: a plate read at two distant places at once stays two passes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from plateward.devices.geography import Point, distance_m
from plateward.reads.rules import PASS

TOGETHER_M: Final = 150
"""Cameras no farther apart, or of one site, see one pass."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """A device; `place` is where it stands by the register, None where that is not known."""

    id: UUID
    name: str
    location: str
    site: str = ""
    place: Point | None = None

    def place_of(self, own: Point | None) -> Point | None:
        """Where a read of it was made: by its own position, unless that is the camera's but for a trifle."""
        if own is None or (self.place and distance_m(own, self.place) <= TOGETHER_M):
            return self.place
        return own


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What is to be known of a read; `place` as its camera's `place_of` says; `region` "" if unknown."""

    id: UUID
    plate: str
    plate_key: str
    region: str
    camera: Camera
    captured_at: datetime
    event: str
    place: Point | None = None
    confidence: float | None = None
    has_picture: bool = False


@dataclass(frozen=True, slots=True)
class Pass:
    """One vehicle passing: its best read and the others of it, newest first."""

    best: Sighting
    others: tuple[Sighting, ...] = ()

    @property
    def sightings(self) -> tuple[Sighting, ...]:
        """All reads, newest first."""
        return tuple(sorted((self.best, *self.others), key=_newest_first))

    @property
    def last_at(self) -> datetime:
        return self.sightings[0].captured_at

    @property
    def first_at(self) -> datetime:
        return self.sightings[-1].captured_at

    @property
    def told(self) -> str:
        """How often, how long, by how many cameras: "Seen 3 times in 4 s by 2 cameras"; "" for one read."""
        if not self.others:
            return ""
        seconds = (self.last_at - self.first_at).total_seconds()
        cameras = len({one.camera.id for one in self.sightings})
        by = f" by {cameras} cameras" if cameras > 1 else ""
        return f"Seen {len(self.sightings)} times {_lasting(seconds)}{by}"

    @property
    def differing(self) -> tuple[str, ...]:
        """What the others were read as where that is not what the best was: plates, and states if read."""
        plates = [one.plate for one in self.others if one.plate != self.best.plate]
        states = [one.region for one in self.others if one.region not in {"", self.best.region}]
        return tuple(dict.fromkeys(plates + states))


def fold(sightings: Iterable[Sighting]) -> tuple[Pass, ...]:
    """Every sighting in exactly one pass, those seen last first; in what order they come does not matter."""
    ordered = sorted(sightings, key=_newest_first)
    group = list(range(len(ordered)))
    for late, one in enumerate(ordered):
        for early in range(late + 1, len(ordered)):
            if one.captured_at - ordered[early].captured_at > PASS:
                break
            if is_linked(one, ordered[early]):
                group[_root(group, late)] = _root(group, early)
    members: dict[int, list[Sighting]] = {}
    for place, one in enumerate(ordered):
        members.setdefault(_root(group, place), []).append(one)
    return tuple(_pass_of(found) for found in members.values())


def is_linked(one: Sighting, other: Sighting) -> bool:
    """Whether two reads are of one pass for themselves, without any third."""
    if (one.camera.id, one.captured_at, one.event) == (other.camera.id, other.captured_at, other.event):
        return True
    is_near = abs(one.captured_at - other.captured_at) <= PASS
    return is_near and one.plate_key == other.plate_key and _stand_together(one, other)


def _stand_together(one: Sighting, other: Sighting) -> bool:
    if one.camera.id == other.camera.id or (one.camera.site and one.camera.site == other.camera.site):
        return True
    return bool(one.place and other.place and distance_m(one.place, other.place) <= TOGETHER_M)


def _root(group: list[int], place: int) -> int:
    while group[place] != place:
        group[place] = place = group[group[place]]
    return place


def _pass_of(found: Sequence[Sighting]) -> Pass:
    best = max(found, key=_goodness)
    return Pass(best, tuple(one for one in found if one.id != best.id))


def _goodness(one: Sighting) -> tuple[bool, float, datetime, UUID]:
    """A picture to look at first, then the surest reading, then the latest."""
    return one.has_picture, -1.0 if one.confidence is None else one.confidence, one.captured_at, one.id


def _newest_first(one: Sighting) -> tuple[float, int]:
    return -one.captured_at.timestamp(), -one.id.int


def _lasting(seconds: float) -> str:
    if seconds < 1:
        return "within a second"
    if seconds < 120:  # noqa: PLR2004  two minutes
        return f"in {seconds:.0f} s"
    return f"in {seconds / 60:.0f} min" if seconds < 2 * 3600 else f"in {seconds / 3600:.0f} h"
