"""Canvasses looked up, and which devices cover their areas."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, F, Max, Min, OuterRef, Q, QuerySet, Subquery

from plateward.accounts.models import User
from plateward.accounts.queries import people_of
from plateward.accounts.rules import AccountState
from plateward.devices.geography import distance_m
from plateward.devices.models import Device, DeviceProblem
from plateward.devices.rules import DeviceKind
from plateward.reads.models import SearchedRead
from plateward.search.areas import Area
from plateward.search.canvass_rules import OPEN, Why
from plateward.search.finding import Window, reads_of
from plateward.search.incidents import LONGEST_NAME
from plateward.search.models import Canvass, CanvassAssignment, Search
from plateward.search.places import devices_asked, ground_of
from plateward.search.queries import devices_of, limits
from plateward.search.rules import SearchQuery

NEAR_M = 5_000
"""A car is near an area when it last read a plate within so many meters of its bounds' middle."""
LATELY = timedelta(hours=1)
_ROWS = 5_000


@dataclass(frozen=True, slots=True)
class Covering:
    """A device that covers an area: whether it read inside it in the time, and what was wrong with it then.

    How much it read says what passed: that is shown by a look alone, under its access record.
    """

    device: Device
    is_standing: bool
    has_read: bool
    problems: tuple[DeviceProblem, ...]

    @property
    def has_moved_away(self) -> bool:
        """Whether it is no car and read there before it was given another place."""
        return not self.is_standing and self.device.kind == DeviceKind.FIXED


@dataclass(frozen=True, slots=True)
class NearbyCar:
    """An ALPR-equipped car and where it last read a plate."""

    device: Device
    seen_at: datetime
    distance_m: float


@dataclass(frozen=True, slots=True)
class Coverage:
    """What covers a place in a time: `near` are cars about there at present."""

    devices: tuple[Covering, ...]
    near: tuple[NearbyCar, ...]

    @property
    def fixed(self) -> tuple[Covering, ...]:
        """Devices that stand inside."""
        return tuple(one for one in self.devices if one.is_standing)

    @property
    def passing(self) -> tuple[Covering, ...]:
        """Devices that read inside, but do not stand there: cars, above all."""
        return tuple(one for one in self.devices if not one.is_standing)

    @property
    def silent(self) -> tuple[Covering, ...]:
        """Devices that stand inside and read nothing: what was not found may have passed them."""
        return tuple(one for one in self.fixed if not one.has_read)


@dataclass(frozen=True, slots=True)
class PlateSeen:
    """A plate as read in a place: how often, from when to when, and by which devices."""

    plate: str
    reads: int
    first_at: datetime
    last_at: datetime
    devices: tuple[str, ...]


def canvasses_of(agency: str) -> QuerySet[Canvass]:
    """An agency's canvasses: open ones first, of these the crimes that the clause names, then the newest."""
    found = Canvass.objects.filter(agency_id=agency).select_related("opened_by", "closed_by")
    return found.order_by(F("closed_at").desc(nulls_first=True), "-is_major", "-opened_at")


def names_of(canvasses: Sequence[Canvass]) -> list[str]:
    """What canvasses are called where they are compared: by number and place, each by a name of its own."""
    names: list[str] = []
    for number, one in enumerate(canvasses, start=1):
        name = f"{one.reference} {one.place}".strip()[:LONGEST_NAME]
        if name.casefold() in {known.casefold() for known in names}:
            ending = f" ({number})"
            name = name[: LONGEST_NAME - len(ending)] + ending
        names.append(name)
    return names


def assignments_of(canvass: Canvass) -> QuerySet[CanvassAssignment]:
    """Who was sent to canvass, in order of time."""
    return canvass.assignments.select_related("device", "assigned_to", "assigned_by", "ended_by")


def assignment_of(agency: str, assignment_id: UUID) -> CanvassAssignment:
    """One of the agency's assignments. Raises CanvassAssignment.DoesNotExist."""
    found = CanvassAssignment.objects.filter(agency_id=agency)
    return found.select_related("canvass", "device", "assigned_to", "assigned_by", "ended_by").get(
        pk=assignment_id
    )


def own_tasks(agency: str, user_id: UUID) -> QuerySet[CanvassAssignment]:
    """What a person is assigned to canvass and has not ended, those of major crimes first."""
    waiting = CanvassAssignment.objects.filter(agency_id=agency, assigned_to_id=user_id, state__in=OPEN)
    with_names = waiting.select_related("canvass", "device", "assigned_to", "assigned_by")
    return with_names.order_by("-canvass__is_major", "from_at")


def tasks_of(
    agency: str, device_id: UUID, people: Sequence[UUID], now: datetime
) -> QuerySet[CanvassAssignment]:
    """What a car, or any of these people, is assigned to canvass and has not ended, of the present day."""
    theirs = Q(device_id=device_id) | Q(assigned_to_id__in=people)
    waiting = CanvassAssignment.objects.filter(theirs, agency_id=agency, state__in=OPEN, until_at__gt=now)
    with_names = waiting.select_related("canvass", "assigned_to", "assigned_by")
    return with_names.order_by("-canvass__is_major", "from_at")


def people_to_send(agency: str) -> QuerySet[User]:
    """Whom a canvass may be assigned to; the act itself checks training and title."""
    return people_of(agency).filter(state=AccountState.ACTIVE)


def cars_of(agency: str) -> QuerySet[Device]:
    """The agency's ALPR-equipped cars in use."""
    return devices_of(agency).filter(kind=DeviceKind.MOBILE, is_enabled=True)


def query_of(
    canvass: Canvass, assignment: CanvassAssignment | None = None, why: Why | None = None
) -> SearchQuery:
    """What a canvass searches: its time; for an assignment the time and the car of that.

    It states `why` somebody looks; without it, why the canvass was opened.
    """
    why = why or Why(canvass.purpose, canvass.reason, canvass.reference)
    device_ids: tuple[UUID, ...] = ()
    from_at, until_at = canvass.from_at, canvass.until_at
    if assignment is not None:
        from_at, until_at = assignment.from_at, assignment.until_at
        device_ids = (assignment.device_id,) if assignment.device_id else ()
    return SearchQuery(
        pattern=None,
        area=canvass.searched,
        from_at=from_at,
        until_at=until_at,
        device_ids=device_ids,
        purpose=why.purpose,
        reason=why.reason,
        reference=why.reference,
    )


def words_of(assignment: CanvassAssignment) -> dict[str, str]:
    """An assignment's details as the journal tells them."""
    return {
        "to": assignment.assigned_to.username,
        "device": assignment.device.name if assignment.device else "the car they drive",
        "place": assignment.canvass.place,
        "from_at": assignment.from_at.isoformat(),
        "until_at": assignment.until_at.isoformat(),
    }


def coverage(agency: str, query: SearchQuery, now: datetime) -> Coverage:
    """Which devices cover a query's area in its time, which of them read, and which cars are about there.

    Raises SearchTooBroad when the database needs too long.
    """
    ground = ground_of(agency, query)
    with limits():
        asked = devices_asked(agency, query, ground)
        reading = _reading(agency, query, asked)
    standing = ground.standing if ground else frozenset(query.device_ids)
    wrong = _problems(agency, query)
    shown = devices_of(agency).filter(pk__in={*standing, *reading})
    if query.device_ids:
        shown = shown.filter(pk__in=query.device_ids)
    devices = tuple(
        Covering(device, device.pk in standing, device.pk in reading, tuple(wrong[device.pk]))
        for device in shown
    )
    return Coverage(devices, tuple(cars_near(agency, query.area, now)) if query.area else ())


def _reading(agency: str, query: SearchQuery, devices: list[UUID]) -> set[UUID]:
    """Which devices read inside; the places they read at are told apart in the database."""
    ground, window = ground_of(agency, query), Window(query.from_at, query.until_at, frozenset())
    reads = reads_of(agency, query, devices, window, None, ground)
    places = reads.values_list("device_id", "latitude", "longitude").distinct()
    return {place[0] for place in places if ground is None or ground.holds(*place)}


def _problems(agency: str, query: SearchQuery) -> defaultdict[UUID, list[DeviceProblem]]:
    """What was wrong with the agency's devices during the time."""
    found: defaultdict[UUID, list[DeviceProblem]] = defaultdict(list)
    during = DeviceProblem.objects.filter(agency_id=agency, since_at__lt=query.until_at)
    for problem in during.filter(Q(ended_at=None) | Q(ended_at__gt=query.from_at)).order_by(
        "since_at", "kind"
    ):
        found[problem.device_id].append(problem)
    return found


def cars_near(agency: str, area: Area, now: datetime) -> list[NearbyCar]:
    """The cars whose last read of the past hour was made near an area, the nearest first."""
    box = area.bounds
    middle = (box.south + box.north) / 2, (box.west + box.east) / 2
    reach = NEAR_M + distance_m(middle, (box.north, box.east))
    last = SearchedRead.objects.filter(
        agency_id=agency,
        device_id=OuterRef("pk"),
        captured_at__gt=now - LATELY,
        captured_at__lte=now,
        latitude__isnull=False,
    ).order_by("-captured_at")
    cars = cars_of(agency).annotate(
        last_read_at=Subquery(last.values("captured_at")[:1]),
        last_latitude=Subquery(last.values("latitude")[:1]),
        last_longitude=Subquery(last.values("longitude")[:1]),
    )
    found = [
        NearbyCar(car, car.last_read_at, distance_m(middle, (car.last_latitude, car.last_longitude)))
        for car in cars
        if car.last_read_at
    ]
    return sorted((one for one in found if one.distance_m <= reach), key=lambda one: one.distance_m)


def distinct_plates(agency: str, query: SearchQuery) -> list[PlateSeen]:
    """The distinct plates of a canvass, those read most often first. Raises SearchTooBroad.

    Reads are added up in the database, by plate and place, before the first row comes: its limit of time
    holds for that as a whole.
    """
    ground, window = ground_of(agency, query), Window(query.from_at, query.until_at, frozenset())
    names = {device.pk: device.name for device in devices_of(agency)}
    # Sums and not reads: a week of a town is millions of them.
    spans: dict[str, tuple[int, datetime, datetime]] = {}
    by: dict[str, dict[str, None]] = defaultdict(dict)
    with limits():
        devices = devices_asked(agency, query, ground)
        reads = reads_of(agency, query, devices, window, None, ground)
        places = reads.values_list("plate", "device_id", "latitude", "longitude").annotate(
            number=Count("captured_at"), first=Min("captured_at"), last=Max("captured_at")
        )
        for plate, device_id, latitude, longitude, number, first, last in places.order_by("first").iterator(
            chunk_size=_ROWS
        ):
            if ground is None or ground.holds(device_id, latitude, longitude):
                count, first_at, last_at = spans.get(plate, (0, first, last))
                spans[plate] = count + number, first_at, max(last_at, last)
                by[plate][names[device_id]] = None
    seen = (PlateSeen(one, *span, tuple(by[one])) for one, span in spans.items())
    return sorted(seen, key=lambda one: (-one.reads, one.first_at, one.plate))


def own_searches_of(canvass: Canvass, user_id: UUID) -> QuerySet[Search]:
    """A person's own looks at a canvass, newest first."""
    return canvass.searches.filter(searched_by_id=user_id).order_by("-searched_at", "id")
