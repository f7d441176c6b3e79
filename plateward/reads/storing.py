"""Inbox items become reads and pictures, many at once, in the caller's transaction. Part of `actions`."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection, transaction
from psycopg import sql
from psycopg.types.json import set_json_dumps

from plateward.devices.models import Device
from plateward.governance.queries import PolicyUnavailableError, profile_for
from plateward.reads import awaiting, directory, imaging, inbox_keys, keys, partitions, queries, rules
from plateward.reads.adapters import (
    ADAPTERS,
    Message,
    OutsidePicture,
    Passing,
    SentPicture,
    Unreadable,
    sha256,
)
from plateward.reads.claims import Claimed, Outcome
from plateward.reads.fresh import FreshRead, Place, fresh_read
from plateward.reads.imaging import PictureFacts
from plateward.reads.models import InboxState, Picture, PictureRole, Read
from plateward.reads.store import DayKey, Filed, PictureStore
from plateward.vault.places import PUT_AT_ONCE

_NAMES = sql.SQL(", ").join(map(sql.Identifier, FreshRead._fields))
_TYPES = [str(Read._meta.get_field(name).db_type(connection)).partition("(")[0] for name in FreshRead._fields]  # noqa: SLF001  Django's documented API

# Emptied at the end of each transaction, and before use where one transaction stores twice.
_STAGING = """
    CREATE TEMPORARY TABLE IF NOT EXISTS reads_staging (LIKE reads_read INCLUDING DEFAULTS)
    ON COMMIT DELETE ROWS;
    DELETE FROM reads_staging
"""
_COPY = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)")
# The primary key folds a redelivered event, also two of one batch.
_INSERT = sql.SQL("""
    WITH stored AS (
        INSERT INTO reads_read ({names}) SELECT {names} FROM reads_staging
        ON CONFLICT DO NOTHING RETURNING id
    )
    SELECT count(*) = %s, array_agg(id) FILTER (WHERE (SELECT count(*) FROM stored) < %s) FROM stored
""").format(names=_NAMES)


@dataclass(slots=True)
class Register:
    """What a batch needs to know of its devices and agencies, each looked up once."""

    places: dict[UUID, Place] = field(default_factory=dict)
    zones: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, items: Iterable[Claimed]) -> "Register":
        """With the places of these payloads' devices."""
        devices = Device.objects.filter(pk__in={item.device_id for item in items})
        return cls({pk: Place(*place) for pk, *place in devices.values_list("pk", *Place._fields)})

    def zone(self, agency: str) -> str:
        """The time zone of the agency's policy, in which its cameras' clocks are set. Raises Unreadable."""
        if agency not in self.zones:
            try:
                self.zones[agency] = profile_for(agency).agency.time_zone
            except PolicyUnavailableError as error:
                raise Unreadable(
                    f"The agency's time zone, which this maker's times need, is not known: {error}",
                    "Have a policy put in force; then replay this payload.",
                ) from error
        return self.zones[agency]


@dataclass(frozen=True, slots=True)
class Taken:
    """A picture that belongs to a read, inspected, with the place where it is to lie."""

    read: FreshRead
    picture: SentPicture
    facts: PictureFacts
    sha256: str

    @property
    def filed(self) -> Filed:
        """Where it lies."""
        day = self.read.captured_at.astimezone(UTC).date()
        picture_id = rules.picture_id(self.read.id, self.picture.role, self.sha256)
        return Filed(self.read.agency_id, day, picture_id, self.sha256)

    @property
    def key_of(self) -> keys.KeyOf:
        """Under which key it is sealed."""
        return keys.KeyOf(self.read.agency_id, self.read.device_id, self.filed.day)


@dataclass(frozen=True, slots=True)
class Prepared:
    """An item taken apart: its reads, and their pictures, nothing written yet."""

    item: Claimed
    reads: tuple[FreshRead, ...]
    pictures: tuple[Taken, ...]
    note: str = ""
    """Why it rightly has no read."""
    outside: tuple[tuple[FreshRead, OutsidePicture], ...] = ()
    """Pictures of which only the address came."""
    passing: Passing | None = None
    """The vehicle in view of which this is one reading of several."""


def prepare(item: Claimed, register: Register, now: datetime) -> Prepared:
    """Take an item apart and check it; writes nothing. Raises Unreadable, MasterKeyError."""
    adapter = ADAPTERS[item.adapter]
    parsed = adapter.parse(
        Message(
            body=inbox_keys.opened(item),
            content_type=item.content_type,
            received_at=item.received_at,
            zone=register.zone(item.agency_id) if adapter.is_zoned else "UTC",
        )
    )
    place = register.places[item.device_id]
    reads = [(fresh_read(item, sent, place, now), sent) for sent in parsed.reads]
    pictures = tuple(_taken(read, picture) for read, sent in reads for picture in sent.pictures)
    outside = tuple((read, picture) for read, sent in reads for picture in sent.outside)
    return Prepared(item, tuple(read for read, _ in reads), pictures, parsed.note, outside, parsed.passing)


def _taken(read: FreshRead, picture: SentPicture) -> Taken:
    try:
        facts = imaging.inspect(picture.data)
    except imaging.NotAPictureError as error:
        raise Unreadable(f"{picture.where}: {error}") from error
    return Taken(read, picture, facts, sha256(picture.data))


Pair = tuple[str, str]
"""An agency and a plate's key."""
Wanted = Callable[[Collection[Pair]], Collection[Pair]]
"""Those of the pairs that a hotlist may have something about."""


def store_prepared(
    batch: Sequence[Prepared], store: PictureStore, wanted: Wanted | None = None
) -> list[Outcome]:
    """Seal the pictures and put them at their place, then the reads in the database, in one COPY.

    With `wanted` a payload none of whose plates is wanted is matched by that; the others wait for it. Raises
    OSError, MasterKeyError and django.db.Error.
    """
    reads = [read for one in batch for read in one.reads]
    if reads:
        partitions.ensure((read.captured_at for read in reads), reads[0].stored_at)
    pictures = [taken for one in batch for taken in one.pictures]
    day_keys = put_pictures(pictures, store)
    fresh = _insert(reads) if reads else None
    outcomes = list(_outcomes(batch, fresh, _waiting(reads, wanted)))
    insert_pictures(pictures, day_keys)
    outside = [pair for one in batch for pair in one.outside]
    awaiting.expect([(read, one) for read, one in outside if fresh is None or read.id in fresh])
    # Last: plates seen often are every intake's, and the others wait for them until this transaction ends.
    if reads:
        directory.note_staged(fresh)
    return outcomes


def _insert(reads: Sequence[FreshRead]) -> set[UUID] | None:
    """Insert reads, each event once; returns the ids of those that were not stored before, None for all."""
    with connection.cursor() as cursor:
        cursor.execute(_STAGING)
        # In the order of the key: two intakes at work side by side never wait for each other in a ring.
        copy_rows(cursor, "reads_staging", sorted(reads, key=attrgetter("plate_key", "captured_at", "id")))
        cursor.execute(_INSERT, [len(reads), len(reads)])
        ((are_all, ids),) = cursor.fetchall()
    return None if are_all else set(ids or ())


def copy_rows(cursor: Any, table: str, reads: Iterable[FreshRead]) -> None:
    """Copy rows as they are, in binary, into a table with the columns of `reads_read`."""
    set_json_dumps(msgspec.json.encode, cursor)
    with cursor.copy(_COPY.format(sql.Identifier(table), _NAMES)) as copy:
        copy.set_types(_TYPES)
        for read in reads:
            copy.write_row(read)


def _waiting(reads: Sequence[FreshRead], wanted: Wanted | None) -> Collection[Pair]:
    """What is still to be matched. A fault of asking is met again, and said, by the matching itself."""
    pairs = {(read.agency_id, read.plate_key) for read in reads}
    if wanted is None:
        return pairs
    try:
        with transaction.atomic():
            return wanted(pairs)
    except Exception:
        if connection.needs_rollback:
            raise  # the database is gone
        return pairs


def _outcomes(
    batch: Sequence[Prepared], fresh: set[UUID] | None, waiting: Collection[Pair]
) -> Iterator[Outcome]:
    """What became of each item; of an event that comes twice in the batch the first one is the new one."""
    repeated: dict[UUID, list[FreshRead]] = {}
    new = set(fresh or ())
    for one in batch if fresh is not None else ():
        for read in one.reads:
            if read.id in new:
                new.remove(read.id)
            else:
                repeated.setdefault(one.item.id, []).append(read)
    earlier = queries.reads_by_id([read.id for reads in repeated.values() for read in reads])
    for one in batch:
        again = repeated.get(one.item.id, []) if repeated else []
        is_changed = any(earlier[read.id].payload != read.payload for read in again)
        # A repetition is matched, or about to be, through the item that stored it; without a read nothing is.
        is_duplicate = len(again) == len(one.reads)
        is_waiting = (
            bool(waiting)
            and not is_duplicate
            and any((read.agency_id, read.plate_key) in waiting for read in one.reads)
        )
        state = InboxState.STORED if is_waiting else InboxState.MATCHED
        yield _outcome(one, state, is_duplicate=bool(again) and is_duplicate, is_changed=is_changed)


def _outcome(one: Prepared, state: InboxState, *, is_duplicate: bool, is_changed: bool) -> Outcome:
    reason = one.note
    if is_duplicate:
        reason = f"Repeats read {', '.join(str(read.id) for read in one.reads[:3])}, stored before."
    if is_changed:
        reason = f"{reason} Its payload differs from the one stored and is therefore kept here.".strip()
    return Outcome(
        id=one.item.id,
        read_ids=[read.id for read in one.reads],
        plate_keys=[read.plate_key for read in one.reads],
        state=state.value,
        reason=reason,
        is_changed=is_changed,
    )


def put_pictures(pictures: Sequence[Taken], store: PictureStore) -> Mapping[keys.KeyOf, DayKey]:
    """Seal every picture and have it at its place; several at once, since each waits for disc or server.

    Returns the keys used. Raises OSError, MasterKeyError.
    """
    if not pictures:
        return {}
    day_keys = keys.keys_for({taken.key_of for taken in pictures}, pictures[0].read.stored_at)

    def put(taken: Taken) -> None:
        store.put(taken.filed, taken.picture.data, day_keys[taken.key_of])

    put(pictures[0])  # alone: a full disc or a server that is away is met once, not eight times
    if len(pictures) > 1:
        with ThreadPoolExecutor(PUT_AT_ONCE) as pool:
            list(pool.map(put, pictures[1:]))
    return day_keys


def insert_pictures(pictures: Iterable[Taken], day_keys: Mapping[keys.KeyOf, DayKey]) -> None:
    """Enter pictures that lie in the store already, each once."""
    rows = [
        Picture(
            id=taken.filed.picture,
            agency_id=taken.read.agency_id,
            read_id=taken.read.id,
            captured_at=taken.read.captured_at,
            role=PictureRole[taken.picture.role.upper()],
            data_key_id=day_keys[taken.key_of].id,
            sha256=taken.sha256,
            media_type=taken.facts.media_type,
            size=len(taken.picture.data),
            width=taken.facts.width,
            height=taken.facts.height,
        )
        for taken in pictures
    ]
    Picture.objects.bulk_create(rows, ignore_conflicts=True)
