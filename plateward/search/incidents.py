"""Which vehicles were at several incidents: what is asked of each, and in which order plates are shown."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from uuid import UUID

from plateward.search.areas import Area, area_from
from plateward.search.meetings import AnalysisError, hours, surprise
from plateward.search.rules import DAYLIGHT, lasting

Key = tuple[datetime, UUID, str]
"""A read by captured_at, id and plate_key, as `places` gives it."""

FEWEST, MOST = 2, 10
"""So many incidents are compared."""
LONGEST = timedelta(hours=24)
"""The window of one incident."""
MOST_TIME = timedelta(hours=1000)
"""So much of single cameras' time may be looked through for all incidents together."""
LONGEST_NAME = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """Where and when: reads captured in `area`, or by the devices of `device_ids`, in a window of time.

    Given both, by those devices and inside. Raises AnalysisError.
    """

    name: str
    from_at: datetime
    until_at: datetime
    area: Area | None = None
    device_ids: tuple[UUID, ...] = ()

    def __post_init__(self) -> None:
        if not self.name.strip() or len(self.name) > LONGEST_NAME:
            raise AnalysisError(f"Name each incident, in at most {LONGEST_NAME} characters.", "name")
        if self.area is None and not self.device_ids:
            raise AnalysisError("Say where it was: a place with a radius, or cameras.", "place")
        if lasting(self.from_at, self.until_at) <= timedelta():
            raise AnalysisError("The time must end after it begins. Choose a later end.", "until_at")
        if lasting(self.from_at, self.until_at) > LONGEST + DAYLIGHT:
            raise AnalysisError(f"Take at most {hours(LONGEST)} around an incident.", "from_at")

    def as_json(self) -> dict[str, Any]:
        """What is kept, and what the access record tells of it."""
        told: dict[str, Any] = {
            "name": self.name,
            "from_at": self.from_at.astimezone(UTC).isoformat(),
            "until_at": self.until_at.astimezone(UTC).isoformat(),
        }
        if self.area:
            told["area"] = self.area.as_json()
        if self.device_ids:
            told["cameras"] = [str(device) for device in self.device_ids]
        return told

    @classmethod
    def from_json(cls, asked: Mapping[str, Any]) -> Self:
        """What `as_json` wrote."""
        return cls(
            name=asked["name"],
            from_at=datetime.fromisoformat(asked["from_at"]),
            until_at=datetime.fromisoformat(asked["until_at"]),
            area=area_from(asked["area"]) if "area" in asked else None,
            device_ids=tuple(UUID(device) for device in asked.get("cameras", ())),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentsQuery:
    """Which plates were read at `fewest` or more of these incidents. Raises AnalysisError."""

    incidents: tuple[Incident, ...]
    fewest: int
    purpose: str
    reason: str
    reference: str = ""

    def __post_init__(self) -> None:
        if not FEWEST <= len(self.incidents) <= MOST:
            raise AnalysisError(f"Compare between {FEWEST} and {MOST} incidents.")
        names = [one.name.strip().casefold() for one in self.incidents]
        if len(set(names)) < len(names):
            raise AnalysisError("Give each incident a name of its own.")
        if not FEWEST <= self.fewest <= len(self.incidents):
            raise AnalysisError(
                f"Take between {FEWEST} and {len(self.incidents)}: so many incidents are given.", "fewest"
            )

    def as_json(self) -> dict[str, Any]:
        """All but purpose, reason and reference."""
        return {"incidents": [one.as_json() for one in self.incidents], "fewest_incidents": self.fewest}

    @classmethod
    def from_json(cls, asked: Mapping[str, Any], **stated: str) -> Self:
        """What `as_json` wrote; `stated` are purpose, reason and reference."""
        incidents = tuple(Incident.from_json(one) for one in asked["incidents"])
        return cls(incidents=incidents, fewest=asked["fewest_incidents"], **stated)


@dataclass(frozen=True, slots=True)
class Presence:
    """A plate's reads at one incident in order of time; `vehicles` different plates were read there."""

    incident: Incident
    read_ids: tuple[UUID, ...]
    times: tuple[datetime, ...]
    vehicles: int


@dataclass(frozen=True, slots=True)
class Suspect:
    """A plate that was at enough of the incidents, in the order in which they were given.

    `bits` is how unlikely it is to have been at all of these by chance.
    """

    plate_key: str
    presences: tuple[Presence, ...]
    bits: float


def check_incidents_cost(query: IncidentsQuery, devices: Sequence[int]) -> None:
    """Keep an analysis from running that would look through too much. Raises AnalysisError.

    `devices` counts for each incident those whose reads would be looked through.
    """
    pairs = zip(query.incidents, devices, strict=True)
    times = [lasting(one.from_at, one.until_at) * count for one, count in pairs]
    asked = sum(times, timedelta())
    if asked <= MOST_TIME:
        return
    largest = query.incidents[times.index(max(times))]
    raise AnalysisError(
        f"This was not run: it would look through {hours(asked)} of single cameras’ time, more than the "
        f"{hours(MOST_TIME)} that one may take. Take shorter windows or smaller places, first of all for "
        f"“{largest.name}”."
    )


def suspects(query: IncidentsQuery, reads: Sequence[Sequence[Key]]) -> list[Suspect]:
    """The plates that were at enough incidents, the least likely by chance first; `reads` are each one's."""
    at: dict[str, dict[int, list[Key]]] = defaultdict(lambda: defaultdict(list))
    for number, keys in enumerate(reads):
        for key in keys:
            at[key[2]][number].append(key)
    crowds = [len({plate_key for _, _, plate_key in keys}) for keys in reads]
    found = [
        _suspect(plate_key, places, query, crowds, len(at))
        for plate_key, places in at.items()
        if len(places) >= query.fewest
    ]
    return sorted(found, key=lambda one: (-len(one.presences), -one.bits, one.plate_key))


def _suspect(
    plate_key: str,
    places: Mapping[int, list[Key]],
    query: IncidentsQuery,
    crowds: Sequence[int],
    plates: int,
) -> Suspect:
    presences = []
    for number, keys in sorted(places.items()):
        in_order = sorted(keys)
        times, ids = tuple(key[0] for key in in_order), tuple(key[1] for key in in_order)
        presences.append(Presence(query.incidents[number], ids, times, crowds[number]))
    return Suspect(plate_key, tuple(presences), sum(surprise(one.vehicles, plates) for one in presences))
