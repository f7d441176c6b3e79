"""Data keys: one for each agency, device and UTC day, made when the first picture of that day is stored.

What comes after its day's key was destroyed is stored under a fresh one: a hold may cover it, and where none
does the next purge takes it.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from plateward.devices import wrapping
from plateward.devices.models import DeviceSecret
from plateward.reads.models import DataKey, InboxKey, Picture
from plateward.reads.store import DayKey, PictureLost, PictureUnavailableError
from plateward.vault import envelope
from plateward.vault.chosen import masters_of
from plateward.vault.masters import KeptMasters, MasterKeyError, Masters, Wrapped
from plateward.walls import scope

UNWRAPPED_S: Final = 600.0
"""How long a process remembers an unwrapped key, so that a KMS is not asked for each picture."""

_MOST_REMEMBERED: Final = 2000
_MAKERS: Final = 1886151029
"""Advisory lock: shared by who wraps a new key, alone by who changes the master (`key_actions`)."""

# Locked so that nobody destroys a key between this and the row of the picture sealed under it.
_FIND: Final = """
SELECT key.id, key.agency_id, key.device_id, key.captured_date, key.master, key.wrapped
FROM reads_datakey AS key
JOIN unnest(%s::text[], %s::uuid[], %s::date[]) AS wanted (agency, device, day)
  ON key.agency_id = wanted.agency AND key.device_id = wanted.device AND key.captured_date = wanted.day
WHERE key.kept_for = '' OR key.kept_for ~ '^late [0-9]+$'
FOR SHARE OF key
"""


class KeyOf(NamedTuple):
    """Whose pictures of which day a data key is for."""

    agency: str
    device: UUID
    day: date


@dataclass(slots=True)
class _Remembered:
    """Unwrapped keys, each for a while."""

    lock: threading.Lock
    keys: dict[UUID | bytes, tuple[bytes, float]]

    def get(self, name: UUID | bytes) -> bytes | None:
        found = self.keys.get(name)
        return found[0] if found and found[1] > time.monotonic() else None

    def put(self, name: UUID | bytes, key: bytes) -> None:
        with self.lock:
            if len(self.keys) >= _MOST_REMEMBERED:
                self.keys.clear()
            self.keys[name] = (key, time.monotonic() + UNWRAPPED_S)


_remembered = _Remembered(threading.Lock(), {})


def masters() -> Masters:
    """This installation's master keys: a KMS's, those given, or those kept in the data folder."""
    return masters_of(settings.ENVIRONMENT)


def masters_that_wrap() -> Masters:
    """The same for wrapping something new; kept ones are made when nothing was wrapped yet.

    In a transaction, until whose end no master key changes. Raises MasterKeyError.
    """
    source = masters()
    lock_makers(shared=True)
    if isinstance(source, KeptMasters) and not source.path.exists() and not is_anything_wrapped():
        source.make()
    return source


def keys_for(wanted: Collection[KeyOf], now: datetime) -> dict[KeyOf, DayKey]:
    """The keys under which these days' pictures are sealed, made where none lives; in a transaction.

    Of several intakes that need the same new key one makes it, and the others wait for that one's end. Raises
    MasterKeyError.
    """
    found, destroyed = _found(wanted)
    if missing := sorted(set(wanted) - found.keys()):
        _make(missing, destroyed, now)
        made, _ = _found(missing)
        found |= made
    return found


def _found(wanted: Collection[KeyOf]) -> tuple[dict[KeyOf, DayKey], Counter[KeyOf]]:
    """The living keys, and how many of each day were destroyed."""
    columns = list(zip(*wanted, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(_FIND, [list(column) for column in columns])
        rows = cursor.fetchall()
    found, destroyed = {}, Counter[KeyOf]()
    for key_id, agency, device, day, master, wrapped in rows:
        of = KeyOf(agency, device, day)
        if wrapped is None:
            destroyed[of] += 1
        else:
            found[of] = _opened(key_id, of, Wrapped(master, bytes(wrapped)))
    return found, destroyed


def _make(missing: Iterable[KeyOf], destroyed: Counter[KeyOf], now: datetime) -> None:
    """Insert fresh keys; in order, so that two intakes never wait for each other."""
    source = masters_that_wrap()
    rows = [
        fresh_key(of, source, now, kept_for=f"late {destroyed[of]}" if destroyed[of] else "")
        for of in missing
    ]
    DataKey.objects.bulk_create(rows, ignore_conflicts=True)


def fresh_key(of: KeyOf, source: Masters, now: datetime, *, kept_for: str = "") -> DataKey:
    """A new key's row, not saved. Raises MasterKeyError."""
    key_id = uuid4()
    wrapped = source.wrap(envelope.new_key(), context(key_id, of))
    return DataKey(
        id=key_id,
        agency_id=of.agency,
        device_id=of.device,
        captured_date=of.day,
        kept_for=kept_for,
        master=wrapped.master,
        wrapped=wrapped.key,
        created_at=now,
    )


def living() -> QuerySet[DataKey]:
    """The keys that were not destroyed."""
    return DataKey.objects.filter(wrapped__isnull=False)


def is_anything_wrapped() -> bool:
    """Whether a master key is needed already."""
    with scope.as_system("One agency's page must not make the master key anew that others' keys wait for."):
        own = any(model.objects.exists() for model in (DataKey, InboxKey, DeviceSecret))
        return own or wrapping.is_any()


def wrapped_by_others(current: str) -> int:
    """How many data keys and secrets another master key wrapped."""
    wrapped = (living(), InboxKey.objects.all(), DeviceSecret.objects.all())
    own = sum(rows.exclude(master=current).count() for rows in wrapped)
    return own + wrapping.by_others(current)


def counted(count: int) -> str:
    """So many wrapped things, in words."""
    return "1 key or secret" if count == 1 else f"{count:,} keys and secrets"


def lock_makers(*, shared: bool) -> None:
    """Until the transaction ends, let no master key change (shared), or no data key be made."""
    call = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {call}(%s)", [_MAKERS])


def context(key_id: UUID, of: KeyOf) -> str:
    """What a wrapped key is bound to."""
    return f"{of.agency}/{of.device}/{of.day.isoformat()}/{key_id}"


def of_row(row: DataKey) -> KeyOf:
    """Whose and of which day a key is."""
    return KeyOf(row.agency_id, row.device_id, row.captured_date)


def key_of(picture: Picture) -> DayKey:
    """The key of a picture that has one. Raises PictureLost, PictureUnavailableError."""
    row = picture.data_key
    assert row is not None  # noqa: S101  who asks has looked
    try:
        return open_key(row)
    except MasterKeyError as error:
        raise PictureUnavailableError(f"its key cannot be unwrapped. {error}") from error


def open_key(row: DataKey) -> DayKey:
    """A row's key. Raises PictureLost when it was destroyed, MasterKeyError."""
    if row.wrapped is None:
        day = f"{row.destroyed_at:%Y-%m-%d}"
        raise PictureLost(f"its key was destroyed on {day}: {row.destroyed_because}")
    return _opened(row.pk, of_row(row), Wrapped(row.master, bytes(row.wrapped)))


def _opened(key_id: UUID, of: KeyOf, wrapped: Wrapped) -> DayKey:
    return DayKey(key_id, remembered(key_id, lambda: masters().unwrap(wrapped, context(key_id, of))))


def remembered(name: UUID | bytes, find: Callable[[], bytes]) -> bytes:
    """A key that this process opened a while ago, or opens now; raises what `find` raises."""
    key = _remembered.get(name)
    if key is None:
        key = find()
        _remembered.put(name, key)
    return key


def forget_unwrapped() -> None:
    """Let this process forget every unwrapped key."""
    with _remembered.lock:
        _remembered.keys.clear()
