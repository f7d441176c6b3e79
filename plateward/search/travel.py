"""Which vehicles travel with another: what counts as passing together, and in which order they are shown."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, Self
from uuid import UUID

from plateward.plates.pattern import PatternError, PlatePattern
from plateward.plates.text import plate_key
from plateward.reads.rules import PASS
from plateward.search.meetings import (
    AnalysisError,
    Look,
    Meetings,
    Met,
    hours,
    length,
    surprise,
)
from plateward.search.rules import DAYLIGHT, lasting

SHORTEST_WITHIN, USUAL_WITHIN, LONGEST_WITHIN = (
    timedelta(seconds=5),
    timedelta(minutes=2),
    timedelta(minutes=10),
)
"""Bounds of how far apart two vehicles may pass a camera and still count as passing it together."""
FEWEST_CAMERAS, MOST_CAMERAS = 3, 20
LONGEST_SPAN = timedelta(days=30)
MOST_TIME = timedelta(hours=100)
"""So much of single cameras' time may be looked at around one vehicle's passes."""
SAME_DAY = 0.5
"""What a further common pass of a day weighs: who drives one way past one camera passes the next one too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TravelQuery:
    """Which vehicles passed at least `fewest` of the cameras that `plate` passed, each within `within` of it.

    Passes from `from_at` up to but not including `until_at` are taken. Raises AnalysisError.
    """

    plate: str
    within: timedelta
    fewest: int
    from_at: datetime
    until_at: datetime
    purpose: str
    reason: str
    reference: str = ""

    def __post_init__(self) -> None:
        if not _is_whole(self.plate):
            raise AnalysisError(
                "Write the whole plate: ? and * cannot say whose companions are looked for.", "plate"
            )
        if not SHORTEST_WITHIN <= self.within <= LONGEST_WITHIN:
            raise AnalysisError(
                f"Take between {SHORTEST_WITHIN.seconds} seconds and {LONGEST_WITHIN.seconds // 60} minutes.",
                "within",
            )
        if not FEWEST_CAMERAS <= self.fewest <= MOST_CAMERAS:
            raise AnalysisError(f"Take between {FEWEST_CAMERAS} and {MOST_CAMERAS} cameras.", "fewest")
        if lasting(self.from_at, self.until_at) <= timedelta():
            raise AnalysisError("The time must end after it begins. Choose a later end.", "until_at")
        if lasting(self.from_at, self.until_at) > LONGEST_SPAN + DAYLIGHT:
            raise AnalysisError(f"Take at most {LONGEST_SPAN.days} days.", "from_at")

    @property
    def plate_key(self) -> str:
        return plate_key(self.plate)

    @property
    def within_words(self) -> str:
        return seconds_words(self.within.total_seconds())

    def as_json(self) -> dict[str, Any]:
        """All but purpose, reason and reference: what is kept, and what the access record tells."""
        return {
            "plate": self.plate,
            "within_s": int(self.within.total_seconds()),
            "fewest_cameras": self.fewest,
            "from_at": self.from_at.astimezone(UTC).isoformat(),
            "until_at": self.until_at.astimezone(UTC).isoformat(),
        }

    @classmethod
    def from_json(cls, asked: Mapping[str, Any], **stated: str) -> Self:
        """What `as_json` wrote; `stated` are purpose, reason and reference."""
        return cls(
            plate=asked["plate"],
            within=timedelta(seconds=asked["within_s"]),
            fewest=asked["fewest_cameras"],
            from_at=datetime.fromisoformat(asked["from_at"]),
            until_at=datetime.fromisoformat(asked["until_at"]),
            **stated,
        )


def _is_whole(plate: str) -> bool:
    try:
        return PlatePattern.parse(plate).is_exact
    except PatternError:
        return False


@dataclass(frozen=True, slots=True)
class Sighting:
    """One read of the vehicle whose companions are looked for."""

    device_id: UUID
    captured_at: datetime
    read_id: UUID
    plate: str


@dataclass(frozen=True, slots=True)
class Pass:
    """The vehicle passed a camera: its reads there that follow each other within seconds, in order."""

    sightings: tuple[Sighting, ...]

    @property
    def device_id(self) -> UUID:
        return self.sightings[0].device_id

    @property
    def begins_at(self) -> datetime:
        return self.sightings[0].captured_at

    @property
    def ends_at(self) -> datetime:
        return self.sightings[-1].captured_at

    def apart(self, moment: datetime) -> timedelta:
        """How long after its last read, or, below zero, before its first; zero between them."""
        if moment < self.begins_at:
            return moment - self.begins_at
        return max(timedelta(), moment - self.ends_at)


@dataclass(frozen=True, slots=True)
class CommonPass:
    """A companion passed a camera `seconds` after the vehicle, or before it where they are below zero.

    `vehicles` counts the different plates that passed there as near.
    """

    own: Pass
    read_id: UUID
    plate: str
    captured_at: datetime
    seconds: float
    vehicles: int

    @property
    def apart(self) -> str:
        if not self.seconds:
            return "at the same moment"
        return f"{seconds_words(abs(self.seconds))} {'after' if self.seconds > 0 else 'before'}"


@dataclass(frozen=True, slots=True)
class Companion:
    """A plate that passed enough of the same cameras, each common pass in order of time.

    `plate` is what was read most often; `bits` is how unlikely it is to have met it so often by chance.
    """

    plate_key: str
    plate: str
    passes: tuple[CommonPass, ...]
    days: int
    bits: float

    @property
    def cameras(self) -> int:
        return len({one.own.device_id for one in self.passes})


def passes_of(sightings: Iterable[Sighting]) -> list[Pass]:
    """The vehicle's passes in order of time: each camera's reads within seconds of one another are one."""
    open_at: dict[UUID, list[Sighting]] = {}
    found: list[list[Sighting]] = []
    for one in sorted(sightings, key=lambda one: (one.captured_at, one.read_id)):
        last = open_at.get(one.device_id)
        if last and one.captured_at - last[-1].captured_at <= PASS:
            last.append(one)
        else:
            open_at[one.device_id] = [one]
            found.append(open_at[one.device_id])
    return [Pass(tuple(reads)) for reads in found]


def looks_of(passes: Sequence[Pass], within: timedelta) -> list[Look]:
    """Where companions are looked for: each pass's camera, as long before and after as counts as together."""
    cameras = {device: place for place, device in enumerate(dict.fromkeys(one.device_id for one in passes))}
    instant = timedelta(microseconds=1)
    return [
        Look(
            number,
            cameras[one.device_id],
            one.device_id,
            one.begins_at - within,
            one.ends_at + within + instant,
        )
        for number, one in enumerate(passes)
    ]


def check_travel_cost(looks: Sequence[Look], query: TravelQuery) -> None:
    """Keep an analysis from running that would look at too much traffic. Raises AnalysisError."""
    asked = length(looks)
    if asked <= MOST_TIME:
        return
    fits = int(lasting(query.from_at, query.until_at) * (MOST_TIME / asked) / timedelta(days=1))
    raise AnalysisError(
        f"This was not run: {query.plate} passed cameras {len(looks):,} times, and {query.within_words} "
        f"around each pass are {hours(asked)} of traffic, more than the {hours(MOST_TIME)} that one may "
        f"take. Take fewer minutes, or {f'about {fits} days' if fits > 1 else 'single days'}."
    )


def companions(
    passes: Sequence[Pass], meetings: Meetings, query: TravelQuery, zone: tzinfo
) -> list[Companion]:
    """The plates that traveled with the vehicle, the least likely by chance first."""
    by_plate: dict[str, list[Met]] = defaultdict(list)
    for met in meetings.met:
        by_plate[met.plate_key].append(met)
    found = [
        _companion(key, list(_common(passes, met)), meetings.plates, zone) for key, met in by_plate.items()
    ]
    enough = [one for one in found if one.cameras >= query.fewest]
    return sorted(enough, key=lambda one: (-one.bits, -one.cameras, one.plate_key))


def _common(passes: Sequence[Pass], met: Iterable[Met]) -> Iterable[CommonPass]:
    """One plate's common passes: a read goes with the nearest pass, and of these the nearest one counts."""
    of_read: dict[UUID, tuple[int, CommonPass]] = {}
    for one in met:
        own = passes[one.number]
        seconds = own.apart(one.captured_at).total_seconds()
        known = of_read.get(one.read_id)
        if known is None or abs(seconds) < abs(known[1].seconds):
            common = CommonPass(own, one.read_id, one.plate, one.captured_at, seconds, one.vehicles)
            of_read[one.read_id] = one.number, common
    of_pass: dict[int, CommonPass] = {}
    for number, common in of_read.values():
        nearest = of_pass.get(number)
        if nearest is None or abs(common.seconds) < abs(nearest.seconds):
            of_pass[number] = common
    return of_pass.values()


def _companion(key: str, common: Sequence[CommonPass], plates: int, zone: tzinfo) -> Companion:
    by_day: dict[date, list[float]] = defaultdict(list)
    for one in common:
        by_day[one.own.begins_at.astimezone(zone).date()].append(surprise(one.vehicles, plates))
    bits = sum(max(day) + SAME_DAY * (sum(day) - max(day)) for day in by_day.values())
    (often, _), *_ = Counter(one.plate for one in common).most_common(1)
    in_order = tuple(sorted(common, key=lambda one: one.captured_at))
    return Companion(key, often, in_order, len(by_day), bits)


def seconds_words(seconds: float) -> str:
    """A short time in words: "45 s", "2 min", "1 min 30 s"."""
    minutes, rest = divmod(round(seconds), 60)
    return " ".join([f"{minutes} min"] * bool(minutes) + [f"{rest} s"] * bool(rest or not minutes))
