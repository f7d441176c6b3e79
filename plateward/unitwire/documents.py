"""What the server tells a unit, each a document that it signs (`signing`) for that unit alone.

`serial` grows with every document for a unit; the unit refuses one that is not newer than its own.
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

Instant = Annotated[datetime, Meta(tz=True)]

ENTRIES_AT_MOST = 5_000
"""Entries in one part of a list; a longer list comes in several."""


class Signed(Struct, frozen=True, kw_only=True):
    """A document's canonical JSON and its Ed25519 signature, both base64url; `key_id` names the key."""

    payload: str
    key_id: str
    signature: str


class Document(Struct, frozen=True, kw_only=True, tag_field="kind"):
    """What every document says of itself."""

    device_id: str
    agency: str
    issued_at: Instant
    serial: int


class Channel(Struct, frozen=True, kw_only=True):
    """A way by which a record may be verified."""

    id: str
    name: str


class Configuration(Document, frozen=True, kw_only=True, tag="configuration"):
    """How the unit is to work. Times in seconds; null is a value that the agency's policy leaves open.

    The list is fresh for `list_fresh_for_s` after its `as_of` by `list_fresh_clause`; an older one is used
    further, marked stale, only with `list_may_be_used_stale`. `keep_pictures_bytes` is the room under which
    the oldest pictures of unsent reads may be thinned; null: none ever. `grant_s` is how long a sign-in lasts
    without network by `grant_clause`; null: no sign-in lasts without network. `verify_clause` asks for the
    verification of a hit before anybody acts on it, by `channels`; without any the policy names none.
    """

    agency_name: str
    time_zone: str
    device_name: str
    receiver: str
    list_fresh_for_s: int | None
    list_fresh_clause: str
    list_may_be_used_stale: bool
    upload_bytes_per_s: int | None
    keep_pictures_bytes: int | None
    grant_s: int | None
    lock_after_s: int
    ask_every_s: int
    health_every_s: int
    grant_clause: str = ""
    verify_clause: str = ""
    channels: tuple[Channel, ...] = ()


class ListEntry(Struct, frozen=True, kw_only=True):
    """A plate that the agency is looking for; `plate` may be partial (`?` one, `*` any run of characters).

    `category` is in words; `priority` 1 goes before 2. One for `information_only` calls for no stop.
    `source` says whose data it is. `detail` is why and what vehicle; null is withheld: ask dispatch.
    The entry matches before `expires_at` only.
    """

    id: str
    plate: str
    region: str | None
    category: str
    priority: int
    information_only: bool
    source: str
    detail: str | None
    expires_at: Instant


class HotList(Document, frozen=True, kw_only=True, tag="list"):
    """Part `part` of `parts` of everything that matches for the agency at `as_of`.

    A unit puts a version in force when it has all its parts.
    """

    version: int
    as_of: Instant
    part: int
    parts: int
    entries: tuple[ListEntry, ...]


class ListChanges(Document, frozen=True, kw_only=True, tag="list-changes", rename={"from_version": "from"}):
    """What turns version `from` into `version`: first `removed` ids go, then `added` come in.

    With neither and the same version it says that the list was compared at `as_of` and is the same.
    """

    from_version: int
    version: int
    as_of: Instant
    added: tuple[ListEntry, ...]
    removed: tuple[str, ...]


class Assignment(Struct, frozen=True, kw_only=True):
    """Somebody sent to canvass the area of an incident, by `username`.

    `area` is GeoJSON geometry or a circle as the server keeps it; `place` the same in words.
    """

    id: UUID
    username: str
    name: str
    incident: str
    place: str
    area: dict[str, object]
    instruction: str
    from_at: Instant
    until_at: Instant
    sent_by: str
    acknowledged_at: Instant | None


class Assignments(Document, frozen=True, kw_only=True, tag="assignments"):
    """Every assignment open now for this unit and for those signed in on it.

    `sessions` are the sign-ins that still count: the unit ends every other one.
    """

    assignments: tuple[Assignment, ...]
    sessions: tuple[UUID, ...]


class Grant(Document, frozen=True, kw_only=True, tag="grant"):
    """That a person may use this unit: who, what they may do there, and until when without network.

    `training_ok_until` is null for training that does not lapse. `session` names this sign-in.
    """

    session: UUID
    user: str
    name: str
    title: str
    capabilities: tuple[str, ...]
    training_ok_until: Instant | None
    valid_until: Instant


class NextKey(Document, frozen=True, kw_only=True, tag="next-key"):
    """The installation signs with `public` (base64url) from now on; the key before signed this.

    It is for every unit: `device_id` and `agency` are "".
    """

    public: str


AnyDocument = Configuration | HotList | ListChanges | Assignments | Grant | NextKey
