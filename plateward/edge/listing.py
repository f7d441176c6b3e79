"""The list of wanted plates as it came, and which of it a plate matches. Entries lie sealed in the store.

A plate is found by a keyed digest of its key, so that neither the file nor the memory holds the list in
clear; partial plates alone are kept in memory, because a plate is compared with all of them.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import msgspec
from msgspec import Struct

from plateward.edge.store import Store
from plateward.plates import Comparison, ComparisonKind, PatternSet, PlatePattern, compare, plate_key
from plateward.unitwire.documents import Configuration, HotList, ListChanges, ListEntry
from plateward.vault.envelope import UnopenableError

log = logging.getLogger(__name__)

HEAD: Final = "list"
COMING: Final = "list-coming"
_BEFORE_S: Final = 300
"""By so much the unit's clock may be behind the server's before the list's age means nothing."""
_ORDER: Final = {kind: place for place, kind in enumerate(ComparisonKind)}


class ListError(ValueError):
    """What came does not continue the list at hand; the message says why."""


class Freshness(StrEnum):
    """How old the list may be: FRESH and STALE by the agency's policy, UNSTATED where it is silent."""

    NONE = "NONE"
    FRESH = "FRESH"
    STALE = "STALE"
    UNSTATED = "UNSTATED"


class Head(Struct, frozen=True, kw_only=True):
    """Which list is in force, or coming."""

    version: int
    as_of: datetime
    parts: int = 1
    have: tuple[int, ...] = ()
    is_whole: bool = True
    """False once the entries were destroyed as too old: the whole list must come again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListState:
    """The list as a person must see it beside every match. `is_used`: reads are matched with it."""

    freshness: Freshness
    is_used: bool
    version: int | None = None
    as_of: datetime | None = None
    clause: str = ""
    told: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """An entry that a plate as read agrees with; `other_state` is the state read where it differs."""

    entry: ListEntry
    comparison: Comparison
    other_state: str

    @property
    def explanation(self) -> str:
        """How read and entry agree and differ, in words."""
        told = f"read as {self.other_state}, entered as {self.entry.region}: a different state"
        return "; ".join(filter(None, (self.comparison.explanation, told if self.other_state else "")))


def state_of(head: Head | None, configuration: Configuration | None, now: datetime) -> ListState:
    """How a list stands at `now` by the agency's configuration."""
    if head is None:
        told = "No list has come yet: reads are kept and matched by the server."
        return ListState(freshness=Freshness.NONE, is_used=False, told=told)
    age_s = (now - head.as_of).total_seconds()
    wrong = "The unit's clock shows a time before the list was made: nobody can say how old it is."
    if configuration is None or configuration.list_fresh_for_s is None:
        told = "The agency's policy does not say how old the list may be."
        told = f"{wrong} {told}" if age_s < -_BEFORE_S else told
        return _listed(head, Freshness.UNSTATED, "", told, is_used=head.is_whole)
    clause = configuration.list_fresh_clause
    if age_s < -_BEFORE_S:
        told = wrong
    elif age_s <= configuration.list_fresh_for_s and head.is_whole:
        return _listed(head, Freshness.FRESH, clause, "", is_used=True)
    else:
        told = f"The list is older than the {_spoken(configuration.list_fresh_for_s)} that {clause} allows."
    is_used = configuration.list_may_be_used_stale and head.is_whole
    what = "It is used further, marked so." if is_used else "It is not used until a newer one has come."
    return _listed(head, Freshness.STALE, clause, f"{told} {what}", is_used=is_used)


def is_too_old(head: Head | None, configuration: Configuration | None, now: datetime) -> bool:
    """Whether the policy lets the list neither be used nor stored any longer; a wrong clock says nothing."""
    if head is None or configuration is None or configuration.list_fresh_for_s is None:
        return False
    age_s = (now - head.as_of).total_seconds()
    return age_s > configuration.list_fresh_for_s and not configuration.list_may_be_used_stale


def _listed(head: Head, freshness: Freshness, clause: str, told: str, *, is_used: bool) -> ListState:
    return ListState(
        freshness=freshness, is_used=is_used, version=head.version, as_of=head.as_of, clause=clause, told=told
    )


def _spoken(seconds: int) -> str:
    for size, unit in ((3600, "hours"), (60, "minutes")):
        if seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} seconds"


class Listing:
    """The list in the unit's store; threads may share it."""

    def __init__(self, store: Store) -> None:
        self._store, self._lock = store, threading.Lock()
        self._head: Head | None = None
        self._patterns = PatternSet(())
        self._load()

    @property
    def head(self) -> Head | None:
        """Which list is in force."""
        return self._head

    def put(self, part: HotList) -> bool:
        """Take one part of a whole list; with its last part the list is in force. Says whether it is."""
        kept = self._store.kept(COMING)
        coming = msgspec.json.decode(kept, type=Head) if kept else None
        with self._store.transaction() as db:
            if coming is None or (coming.version, coming.parts) != (part.version, part.parts):
                db.execute("DELETE FROM wanted WHERE list = 'coming'")
                coming = Head(version=part.version, as_of=part.as_of, parts=part.parts)
            self._insert("coming", part.entries)
            have = tuple(sorted({*coming.have, part.part}))
            coming = msgspec.structs.replace(coming, have=have, as_of=min(coming.as_of, part.as_of))
            is_whole = len(have) == part.parts
            if is_whole:
                db.execute("DELETE FROM wanted WHERE list = 'now'")
                db.execute("UPDATE wanted SET list = 'now' WHERE list = 'coming'")
                self._store.keep(HEAD, msgspec.structs.replace(coming, parts=1, have=()))
                self._store.forget(COMING)
            else:
                self._store.keep(COMING, coming)
        if is_whole:
            self._load()
        return is_whole

    def missing_part(self) -> tuple[int, int] | None:
        """Version and number of the part to ask for next; None while no list is half there."""
        kept = self._store.kept(COMING)
        if kept is None:
            return None
        coming = msgspec.json.decode(kept, type=Head)
        return coming.version, next(n for n in range(1, coming.parts + 1) if n not in coming.have)

    def abandon(self) -> None:
        """Forget the parts of a list that the server does not keep any more."""
        with self._store.transaction() as db:
            db.execute("DELETE FROM wanted WHERE list = 'coming'")
            self._store.forget(COMING)

    def change(self, changes: ListChanges) -> None:
        """Turn the list at hand into the next version. Raises ListError where it is not the one meant."""
        if self._head is None or not self._head.is_whole or self._head.version != changes.from_version:
            at_hand = self._head.version if self._head else "none"
            raise ListError(f"The changes are of list {changes.from_version}; at hand is {at_hand}.")
        with self._store.transaction() as db:
            db.executemany(
                "DELETE FROM wanted WHERE list = 'now' AND id = ?", [(one,) for one in changes.removed]
            )
            self._insert("now", changes.added)
            self._store.keep(HEAD, Head(version=changes.version, as_of=changes.as_of))
        self._load()

    def destroy(self) -> None:
        """Forget the list; freed pages are overwritten."""
        with self._store.transaction() as db:
            db.execute("DELETE FROM wanted")
            self._store.forget(HEAD, COMING)
        self._load()

    def destroy_entries(self) -> None:
        """The list is older than the policy lets it be stored: only its age stays, to be shown."""
        if self._head is None or not self._head.is_whole:
            return
        with self._store.transaction() as db:
            db.execute("DELETE FROM wanted")
            self._store.forget(COMING)
            self._store.keep(HEAD, msgspec.structs.replace(self._head, is_whole=False))
        self._store.scrub()
        self._load()

    def has(self, entry_id: str) -> bool:
        """Whether the entry is on the list in force."""
        return bool(self._store.rows("SELECT 1 FROM wanted WHERE list = 'now' AND id = ?", entry_id))

    def forget_expired(self, now: datetime) -> None:
        """Take out of the store what matches no more."""
        entries = self._entries(self._store.rows("SELECT id, entry FROM wanted WHERE list = 'now'"))
        gone = [(entry.id,) for entry in entries if entry.expires_at <= now]
        if gone:
            with self._store.transaction() as db:
                db.executemany("DELETE FROM wanted WHERE list = 'now' AND id = ?", gone)
            self._load()

    def count(self) -> int:
        """How many entries the list in force has."""
        return int(self._store.one("SELECT count(*) FROM wanted WHERE list = 'now'")[0])

    def matches(self, plate: str, region: str | None, now: datetime) -> list[Match]:
        """The entries in force at `now` that the plate agrees with: exact ones first, then by priority."""
        key = plate_key(plate)
        with self._lock:
            keys = (key, *self._patterns.fitting(key))
            # A clock that shows long ago must not bring back entries that have ended.
            at = max(now, self._head.as_of) if self._head else now
        found = [
            Match(entry, compare(plate, entry.plate), _other_state(region, entry.region))
            for one in keys
            for entry in self._under(one)
            if entry.expires_at > at
        ]
        agreeing = [match for match in found if match.comparison.kind is not ComparisonKind.DIFFERENT]
        return sorted(
            agreeing, key=lambda m: (_ORDER[m.comparison.kind], bool(m.other_state), m.entry.priority)
        )

    def _under(self, key: str) -> list[ListEntry]:
        query = "SELECT id, entry FROM wanted WHERE list = 'now' AND tag = ?"
        return self._entries(self._store.rows(query, self._store.tag(key)))

    def _entries(self, rows: Sequence[tuple[Any, ...]]) -> list[ListEntry]:
        """The entries; where the disc has damaged one, the list is destroyed and comes whole again."""
        try:
            return [self._entry(entry_id, file) for entry_id, file in rows]
        except UnopenableError:
            log.exception("The list cannot be opened any more; it is destroyed and asked for anew")
            self.destroy()
            return []

    def _entry(self, entry_id: str, file: bytes) -> ListEntry:
        return msgspec.json.decode(self._store.opened(file, f"wanted {entry_id}"), type=ListEntry)

    def _insert(self, name: str, entries: Sequence[ListEntry]) -> None:
        rows = [
            (
                name,
                entry.id,
                self._store.tag(_key_of(entry.plate)),
                not PlatePattern(entry.plate).is_exact,
                self._store.sealed(entry, f"wanted {entry.id}"),
            )
            for entry in entries
        ]
        with self._store.transaction() as db:
            db.executemany("INSERT OR REPLACE INTO wanted VALUES (?, ?, ?, ?, ?)", rows)

    def reload(self) -> None:
        """Look again: the list was changed by somebody else."""
        self._load()

    def _load(self) -> None:
        query = "SELECT id, entry FROM wanted WHERE list = 'now' AND is_partial"
        patterns = PatternSet(_key_of(entry.plate) for entry in self._entries(self._store.rows(query)))
        kept = self._store.kept(HEAD)
        with self._lock:
            self._head = msgspec.json.decode(kept, type=Head) if kept else None
            self._patterns = patterns


def _key_of(plate: str) -> str:
    """The plate's key; of a partial plate the key with its open places."""
    pattern = PlatePattern(plate)
    return plate_key(plate) if pattern.is_exact else pattern.folded.text


def _other_state(read: str | None, entered: str | None) -> str:
    return read if read and entered and read != entered else ""
