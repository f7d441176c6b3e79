"""What the API takes and gives. Instants carry their offset from UTC; unknown keys are refused."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from plateward.plates.matching import Tolerance
from plateward.search.areas import (
    FEWEST_CORNERS,
    FEWEST_STOPS,
    LARGEST_RADIUS_M,
    LARGEST_WIDTH_M,
    MOST_POINTS,
    SMALLEST_RADIUS_M,
    SMALLEST_WIDTH_M,
)

NO_NUL = "^[^\\u0000]*$"
"""PostgreSQL keeps every character of a text but this one."""
Instant = Annotated[datetime, Meta(tz=True, description="Date and time with offset (RFC 3339), 2000 to 2100")]
Purpose = Annotated[
    str,
    Meta(max_length=60, pattern=NO_NUL, description="Id of the purpose; the one the token was made for"),
]
Reason = Annotated[
    str,
    Meta(max_length=500, pattern=NO_NUL, description="In a sentence: what happened, what is looked for"),
]
Reference = Annotated[
    str, Meta(max_length=80, pattern=NO_NUL, description="Case or incident number; the policy may demand it")
]
Fact = Annotated[
    str, Meta(max_length=60, pattern=NO_NUL, description="Part of what the sender said; unknown agrees")
]
Region = Annotated[str, Meta(pattern="^(US-[A-Z]{2})?$", description="ISO 3166-2 code, such as US-CA")]
Plate = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=40,
        pattern=NO_NUL,
        description="Whole or partial: ? is exactly one unknown character, * any number of them",
    ),
]
Latitude = Annotated[float, Meta(ge=-90, le=90)]
Longitude = Annotated[float, Meta(ge=-180, le=180)]
Place = Annotated[tuple[Latitude, Longitude], Meta(description="Latitude and longitude in degrees")]
DeviceIds = Annotated[tuple[UUID, ...], Meta(max_length=200, description="Empty: all cameras")]
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


class Circle(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="CIRCLE"):
    """All within a radius of a point (WGS 84, degrees; meters)."""

    latitude: Latitude
    longitude: Longitude
    radius_m: Annotated[float, Meta(ge=SMALLEST_RADIUS_M, le=LARGEST_RADIUS_M)]


class Polygon(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="POLYGON"):
    """All inside a line through corners, in order, that returns to the first."""

    points: Annotated[tuple[Place, ...], Meta(min_length=FEWEST_CORNERS, max_length=MOST_POINTS)]


class Corridor(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="CORRIDOR"):
    """All along a route, within half of its width."""

    points: Annotated[tuple[Place, ...], Meta(min_length=FEWEST_STOPS, max_length=MOST_POINTS)]
    width_m: Annotated[float, Meta(ge=SMALLEST_WIDTH_M, le=LARGEST_WIDTH_M)]


Area = Circle | Polygon | Corridor


class Stated(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why one asks."""

    purpose: Purpose
    reason: Reason
    reference: Reference = ""


class SearchRequest(Stated, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to look for, and why. Without times the past 30 days are searched.

    Without a plate every plate is searched: a canvass, which needs an area or cameras and at most seven days.
    """

    plate: Plate | UnsetType = UNSET
    area: Area | UnsetType = UNSET
    from_at: Instant | UnsetType = UNSET
    until_at: Instant | UnsetType = UNSET
    tolerance: Tolerance = Tolerance.AS_WRITTEN
    region: Region = ""
    make: Fact = ""
    color: Fact = ""
    vehicle_type: Fact = ""
    device_ids: DeviceIds = ()


class OpeningRequest(Stated, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why one read is opened."""


class PictureCheck(Struct, frozen=True, kw_only=True):
    """What a person found who compared a read with its picture; the read itself is never altered.

    `shows_plate` is "" where the plate was not made out, `shows_region` where its state is not;
    `checked_by` is the person's name, as the read's page gives it.
    """

    checked_at: datetime
    checked_by: str
    is_misread: bool
    is_wrong_state: bool
    shows_plate: str
    shows_region: str
    reason: str


class ReadSummary(Struct, frozen=True, kw_only=True):
    """One read. `why_found` says how its plate answers what was asked; unknown figures are null.

    `compared` is the last comparison with its picture, null where nobody compared it.
    """

    id: UUID
    captured_at: datetime
    plate: str
    region: str
    confidence: float | None
    device_id: UUID
    device: str
    location: str
    direction: str
    vehicle: dict[str, Any]
    compared: PictureCheck | None
    why_found: str = ""


class SearchPage(Struct, frozen=True, kw_only=True):
    """A page of results, newest first. `access_record` was committed before this was sent.

    `count` is that of all results up to the end of this page, exact unless `is_count_bounded`: then there are
    more, and `next` is the address of the following page. `flags` are what a reviewer may ask about.
    """

    search_id: UUID
    access_record: int
    page: int
    count: int
    is_count_bounded: bool
    flags: tuple[str, ...]
    reads: tuple[ReadSummary, ...]
    next: str | None


class PlateFacts(Struct, frozen=True, kw_only=True):
    """A plate seen in a canvass: how often, by how many cameras, and when first and last."""

    plate: str
    reads: int
    cameras: int
    first_at: datetime
    last_at: datetime


class PlatesPage(Struct, frozen=True, kw_only=True):
    """A page of the distinct plates of a canvass, most reads first. `access_record` was committed before."""

    search_id: UUID
    access_record: int
    page: int
    count: int
    reads: int
    plates: tuple[PlateFacts, ...]
    next: str | None


class PictureFacts(Struct, frozen=True, kw_only=True):
    """A picture's facts; `address` gives the original bytes to the same person, for 15 minutes.

    `sha256` is of the bytes when they were taken in, in hexadecimal digits.
    """

    id: UUID
    address: str
    role: str
    media_type: str
    sha256: str
    width: int
    height: int


class OpenedRead(Struct, frozen=True, kw_only=True):
    """One read as it was opened; `access_record` was committed before."""

    access_record: int
    plate_as_sent: str
    read: ReadSummary
    pictures: tuple[PictureFacts, ...]


class OwnSearch(Struct, frozen=True, kw_only=True):
    """A search made before; `results` is the address that shows it again, under a new access record.

    `plate` is "" where every plate was searched.
    """

    search_id: UUID
    searched_at: datetime
    plate: str
    area: dict[str, Any] | None
    purpose: str
    reason: str
    reference: str
    from_at: datetime
    until_at: datetime
    count: int
    is_count_bounded: bool
    results: str


class OwnSearches(Struct, frozen=True, kw_only=True):
    """One's own searches for the token's purpose, newest first; `next` is the following page, if any."""

    searches: tuple[OwnSearch, ...]
    next: str | None


class DeviceProblemFacts(Struct, frozen=True, kw_only=True):
    """What is wrong with a device, with the figures that say so."""

    kind: str
    text: str
    since_at: datetime


class DeviceFacts(Struct, frozen=True, kw_only=True):
    """A device of the register with its health; the place is WGS 84, in degrees."""

    id: UUID
    name: str
    kind: str
    location: str
    owner: str
    latitude: float | None
    longitude: float | None
    heading_deg: int | None
    is_enabled: bool
    last_read_at: datetime | None
    reads_24h: int
    problems: tuple[DeviceProblemFacts, ...]


class Devices(Struct, frozen=True, kw_only=True):
    """The agency's device register, by name."""

    devices: tuple[DeviceFacts, ...]
