"""The native format: what a device sends to `POST /v1/reads`. The OpenAPI document is generated from this.

Leave out, or send null for, whatever is not known; no value is ever made up for it. Fields that are not
listed here are kept with the read and otherwise ignored.
"""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

Way = Literal["approaching", "receding"]
Probability = Annotated[float, Meta(ge=0, le=1, description="0 to 1")]
Word = Annotated[str, Meta(max_length=60)]
Role = Literal["scene", "vehicle", "plate"]

ROLES: tuple[Role, ...] = ("scene", "vehicle", "plate")
MAX_PICTURES = 8


class Character(Struct, frozen=True, kw_only=True):
    """One character of the plate and how sure the reader is of it."""

    char: Annotated[str, Meta(min_length=1, max_length=4)]
    confidence: Probability | None = None


class Candidate(Struct, frozen=True, kw_only=True):
    """Another text the same plate may carry."""

    text: Annotated[str, Meta(min_length=1, max_length=40)]
    confidence: Probability | None = None


Pixels = Annotated[float, Meta(ge=0, le=1_000_000)]


class PlateBox(Struct, frozen=True, kw_only=True):
    """Where the plate is, in pixels of the named picture as a person sees it (EXIF orientation applied)."""

    x: Pixels
    y: Pixels
    w: Annotated[float, Meta(gt=0, le=1_000_000)]
    h: Annotated[float, Meta(gt=0, le=1_000_000)]
    picture: Role = "scene"


class Vehicle(Struct, frozen=True, kw_only=True):
    """What the sender recognized of the vehicle, in its own words."""

    color: Word | None = None
    make: Word | None = None
    model: Word | None = None
    type: Word | None = None
    year: Word | None = None


class EncodedPicture(Struct, frozen=True, kw_only=True):
    """A picture inside the JSON form; prefer multipart, which is a quarter smaller."""

    role: Role
    data: Annotated[bytes, Meta(description="The picture file's bytes: JPEG, PNG or WebP")]
    media_type: Annotated[str, Meta(max_length=100)] | None = None


LONGEST_URL = 2000


class PictureAddress(Struct, frozen=True, kw_only=True):
    """Where a picture lies that is fetched later, if the device's entry allows its host."""

    role: Role
    url: Annotated[
        str,
        Meta(
            max_length=LONGEST_URL,
            pattern="^[Hh][Tt][Tt][Pp][Ss]?://",
            description="https:// or http://, without a password in it",
        ),
    ]


class NativeRead(Struct, frozen=True, kw_only=True):
    """One plate captured by the device."""

    event_id: Annotated[
        str,
        Meta(min_length=1, max_length=200, description="The device's own name of this capture"),
    ]
    captured_at: Annotated[
        datetime, Meta(tz=True, description="By the device's clock: RFC 3339, with seconds and UTC offset")
    ]
    plate: Annotated[str, Meta(min_length=1, max_length=40, description="As read; kept exactly as sent")]
    confidence: Probability | None = None
    characters: Annotated[list[Character], Meta(max_length=40)] | None = None
    candidates: Annotated[list[Candidate], Meta(max_length=50)] | None = None
    region: (
        Annotated[
            str,
            Meta(
                pattern="^[A-Za-z]{2}(-[A-Za-z0-9]{1,3})?$",
                description="ISO 3166 code of who issued the plate, such as US-CA or MX",
            ),
        ]
        | None
    ) = None
    region_confidence: Probability | None = None
    plate_box: PlateBox | None = None
    direction: (
        Annotated[
            Way,
            Meta(description="Towards the camera or away from it"),
        ]
        | None
    ) = None
    heading_deg: (
        Annotated[float, Meta(ge=0, lt=360, description="Direction of travel, clockwise from north")] | None
    ) = None
    latitude: Annotated[float, Meta(ge=-90, le=90, description="WGS 84; only with longitude")] | None = None
    longitude: Annotated[float, Meta(ge=-180, le=180, description="WGS 84; only with latitude")] | None = None
    lane: Word | None = None
    speed_kmh: Annotated[float, Meta(ge=0, le=500, description="Kilometers an hour")] | None = None
    is_late: (
        Annotated[bool, Meta(description="True for a read the device kept back and sends after the fact")]
        | None
    ) = None
    vehicle: Vehicle | None = None
    model: (
        Annotated[str, Meta(max_length=100, description="Name and version of what read the plate")] | None
    ) = None
    pictures: (
        Annotated[list[EncodedPicture], Meta(max_length=MAX_PICTURES, description="JSON form only")] | None
    ) = None
    picture_urls: (
        Annotated[
            list[PictureAddress],
            Meta(max_length=MAX_PICTURES, description="For senders that keep their pictures elsewhere"),
        ]
        | None
    ) = None


def heading_of(looks_deg: float | None, direction: Way | None) -> float | None:
    """Where a vehicle drives by where its camera looks, in degrees clockwise from north; None: not known."""
    if looks_deg is None or direction is None:
        return None
    return float((looks_deg + (180 if direction == "approaching" else 0)) % 360)
