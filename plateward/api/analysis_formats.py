"""What the API takes and gives of analyses: who traveled with a vehicle, and who was at several incidents."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from plateward.api.formats import NO_NUL, Area, DeviceIds, Instant, Stated
from plateward.search.incidents import FEWEST, LONGEST_NAME, MOST
from plateward.search.travel import (
    FEWEST_CAMERAS,
    LONGEST_WITHIN,
    MOST_CAMERAS,
    SHORTEST_WITHIN,
    USUAL_WITHIN,
)

WholePlate = Annotated[
    str, Meta(min_length=1, max_length=40, pattern=NO_NUL, description="A whole plate, without ? and *")
]
Within = Annotated[
    int,
    Meta(
        ge=SHORTEST_WITHIN.seconds,
        le=LONGEST_WITHIN.seconds,
        description="Seconds between two passes that count as one together",
    ),
]
Name = Annotated[str, Meta(min_length=1, max_length=LONGEST_NAME, pattern=NO_NUL)]


class TravelRequest(Stated, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose companions to look for. Without times the past seven days are looked through; at most 30."""

    plate: WholePlate
    within_s: Within = USUAL_WITHIN.seconds
    fewest_cameras: Annotated[int, Meta(ge=FEWEST_CAMERAS, le=MOST_CAMERAS)] = FEWEST_CAMERAS
    from_at: Instant | UnsetType = UNSET
    until_at: Instant | UnsetType = UNSET


class IncidentRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where and when: an area or cameras, or both, and at most a day."""

    name: Name
    from_at: Instant
    until_at: Instant
    area: Area | UnsetType = UNSET
    device_ids: DeviceIds = ()


class IncidentsRequest(Stated, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which incidents to compare, and at how many of them a plate must have been."""

    incidents: Annotated[tuple[IncidentRequest, ...], Meta(min_length=FEWEST, max_length=MOST)]
    fewest_incidents: Annotated[int, Meta(ge=FEWEST, le=MOST)] = FEWEST


class SeenRead(Struct, frozen=True, kw_only=True):
    """A read that an analysis counts; open it to see more."""

    id: UUID
    captured_at: datetime
    plate: str
    device_id: UUID
    device: str


class CommonPassFacts(Struct, frozen=True, kw_only=True):
    """Both passed a camera: the companion `seconds` after the vehicle, or before it where below zero.

    `own_read_id` is the vehicle's read; `vehicles` counts the different plates that passed as near.
    """

    read: SeenRead
    own_read_id: UUID
    seconds: float
    vehicles: int


class CompanionFacts(Struct, frozen=True, kw_only=True):
    """A plate that traveled with the vehicle; `surprise_bits` says how unlikely that is by chance."""

    plate: str
    cameras: int
    days: int
    surprise_bits: float
    passes: tuple[CommonPassFacts, ...]


class TravelAnalysis(Struct, frozen=True, kw_only=True, tag_field="kind", tag="TRAVEL"):
    """Who traveled with a vehicle, the least likely by chance first: up to 50 of `count`.

    `access_record` was committed before this was sent; `passes` counts the vehicle's own.
    """

    analysis_id: UUID
    access_record: int
    plate: str
    passes: int
    count: int
    flags: tuple[str, ...]
    companions: tuple[CompanionFacts, ...]


class PresenceFacts(Struct, frozen=True, kw_only=True):
    """A plate's reads at one incident, one of `vehicles` different plates there."""

    incident: str
    vehicles: int
    reads: tuple[SeenRead, ...]


class SuspectFacts(Struct, frozen=True, kw_only=True):
    """A plate that was at enough of the incidents; `plate` is how it was read first."""

    plate: str
    surprise_bits: float
    presences: tuple[PresenceFacts, ...]


class IncidentsAnalysis(Struct, frozen=True, kw_only=True, tag_field="kind", tag="INCIDENTS"):
    """Which plates were at several incidents, the least likely by chance first: up to 50 of `count`.

    `access_record` was committed before this was sent; `looked` counts the cameras of each incident.
    """

    analysis_id: UUID
    access_record: int
    looked: tuple[int, ...]
    count: int
    flags: tuple[str, ...]
    plates: tuple[SuspectFacts, ...]


class OwnAnalysis(Struct, frozen=True, kw_only=True):
    """An analysis made before; `result` is the address that runs it again, under a new access record."""

    analysis_id: UUID
    kind: str
    asked_at: datetime
    asked: dict[str, Any]
    purpose: str
    reason: str
    reference: str
    count: int
    result: str


class OwnAnalyses(Struct, frozen=True, kw_only=True):
    """One's own analyses for the token's purpose, newest first; `next` is the following page, if any."""

    analyses: tuple[OwnAnalysis, ...]
    next: str | None
