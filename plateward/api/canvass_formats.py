"""What the API takes and gives of canvasses of crime scenes, and of who is sent to them."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from plateward.api.formats import NO_NUL, Area, DeviceProblemFacts, Instant, Stated
from plateward.search.canvass_rules import LONGEST_NOTE, LONGEST_PLACE, AssignmentState, CrimeKind
from plateward.search.incidents import FEWEST, MOST

PlaceName = Annotated[
    str,
    Meta(max_length=LONGEST_PLACE, pattern=NO_NUL, description="Address or place in words, as on the report"),
]
Note = Annotated[str, Meta(max_length=LONGEST_NOTE, pattern=NO_NUL)]
Username = Annotated[
    str, Meta(max_length=150, pattern=NO_NUL, description="Name that the person logs in with")
]


class CanvassRequest(Stated, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The incident, where and when (seven days at most), and why. Nothing is searched yet."""

    crime: CrimeKind
    place: PlaceName
    area: Area
    from_at: Instant
    until_at: Instant


class LookRequest(Stated, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why one looks at what was read; with an assignment, at what the car of that read in its time."""

    assignment_id: UUID | UnsetType = UNSET


class CloseRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """How a canvass ended: what it found, or why it is not needed any more."""

    note: Note


class AssignmentRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom to send to canvass, from when until when, and in which car; without one, whichever they drive."""

    username: Username
    from_at: Instant
    until_at: Instant
    device_id: UUID | UnsetType = UNSET


class EndRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How an assignment ended: the area was canvassed, or (`is_done` false) it is withdrawn."""

    is_done: bool
    note: Note = ""


class ComparisonRequest(Stated, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which canvasses to compare, each of a day at most, and at how many a plate must have been."""

    canvass_ids: Annotated[tuple[UUID, ...], Meta(min_length=FEWEST, max_length=MOST)]
    fewest_incidents: Annotated[int, Meta(ge=FEWEST, le=MOST)] = FEWEST


class CanvassFacts(Struct, frozen=True, kw_only=True):
    """A canvass; `is_major` puts it first for people. `closing_note` says how it ended."""

    id: UUID
    crime: CrimeKind
    is_major: bool
    place: str
    area: dict[str, Any]
    from_at: datetime
    until_at: datetime
    purpose: str
    reason: str
    reference: str
    opened_by: str
    opened_at: datetime
    closed_by: str | None
    closed_at: datetime | None
    closing_note: str


class OpenedCanvass(Struct, frozen=True, kw_only=True):
    """A canvass just opened; `flags` are signs in its reason of something never permitted."""

    canvass: CanvassFacts
    flags: tuple[str, ...]


class AssignmentFacts(Struct, frozen=True, kw_only=True):
    """A person sent to a canvass; `device` is the car, or null where it is whichever they drive."""

    id: UUID
    canvass_id: UUID
    username: str
    name: str
    device_id: UUID | None
    device: str | None
    from_at: datetime
    until_at: datetime
    state: AssignmentState
    assigned_by: str
    assigned_at: datetime
    acknowledged_at: datetime | None
    ended_by: str | None
    ended_at: datetime | None
    note: str


class CanvassDetails(Struct, frozen=True, kw_only=True):
    """A canvass and who was sent to it, in order of time."""

    canvass: CanvassFacts
    assignments: tuple[AssignmentFacts, ...]


class Canvasses(Struct, frozen=True, kw_only=True):
    """The agency's canvasses for the token's purpose, newest first; `next` is the following page, if any."""

    canvasses: tuple[CanvassFacts, ...]
    next: str | None


class OwnAssignments(Struct, frozen=True, kw_only=True):
    """What one is oneself sent to canvass and has not ended, those of major crimes first."""

    assignments: tuple[AssignmentFacts, ...]


class CoveringFacts(Struct, frozen=True, kw_only=True):
    """A device that covers a canvass: it stands inside, or read there in its time; `problems` it had then.

    How much it read is shown by a look alone.
    """

    device_id: UUID
    device: str
    is_standing: bool
    has_read: bool
    problems: tuple[DeviceProblemFacts, ...]


class NearbyCarFacts(Struct, frozen=True, kw_only=True):
    """An ALPR-equipped car whose last read of the past hour was near; meters from the area's middle."""

    device_id: UUID
    device: str
    seen_at: datetime
    distance_m: float


class CoverageFacts(Struct, frozen=True, kw_only=True):
    """What covers a canvass, and which cars are about there now."""

    devices: tuple[CoveringFacts, ...]
    cars_near: tuple[NearbyCarFacts, ...]
