"""The unit's own journal: who did what on it, each entry naming the one before; the server merges it later.

An entry that is merged goes, but for the last one, which the next must name.
"""

import logging
from collections.abc import Mapping
from typing import Final
from uuid import UUID, uuid4

import msgspec

from plateward.edge.clock import Clock
from plateward.edge.store import Store
from plateward.unitwire.journal import BEGINNING, Entry, Said, linked
from plateward.vault.envelope import UnopenableError

log = logging.getLogger(__name__)

_LONGEST_PORTION: Final = 700_000
"""Bytes of entries that are sent at once; a call's body has at most a mebibyte."""
_AT_ONCE: Final = 400


class Journal:
    """The journal in the unit's store; threads may share it."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def write(
        self,
        verb: str,
        subject: str = "",
        detail: Mapping[str, Said] | None = None,
        *,
        user: str | None = None,
        session: UUID | None = None,
    ) -> Entry:
        """Add an entry; it is on the disc when this returns. Raises NoRoomError."""
        with self._store.transaction() as db:
            before = self._last()
            entry = linked(
                Entry(
                    n=before.n + 1 if before else 1,
                    at=self._clock.now(),
                    clock_offset_s=self._clock.offset_s(),
                    user=user,
                    session=session,
                    verb=verb,
                    subject=subject,
                    detail=dict(detail or {}),
                    previous=before.hash if before else BEGINNING,
                    hash=BEGINNING,
                )
            )
            db.execute("INSERT INTO journal VALUES (?, ?)", (entry.n, self._sealed(entry)))
        return entry

    def unmerged(self) -> tuple[Entry, ...]:
        """The next entries to send, in order; empty when the server has all."""
        merged, size = self._merged_to(), 0
        found: list[Entry] = []
        query = "SELECT n, entry FROM journal WHERE n > ? ORDER BY n LIMIT ?"
        for n, file in self._store.rows(query, merged, _AT_ONCE):
            size += len(file)
            if found and size > _LONGEST_PORTION:
                break
            entry = self._whole(n, file)
            if entry is None:
                self.begin_anew(merged)
                return self.unmerged()
            found.append(entry)
        return tuple(found)

    @property
    def name(self) -> UUID:
        """What the server calls this journal by."""
        return UUID(self._store.one("SELECT journal FROM spool")[0])

    def begin_anew(self, merged_to: int) -> None:
        """The server found the chain broken after this entry: the rest becomes a new journal's beginning."""
        with self._store.transaction() as db:
            rows = self._store.rows("SELECT n, entry FROM journal WHERE n > ? ORDER BY n", merged_to)
            rest = [entry for n, file in rows if (entry := self._whole(n, file)) is not None]
            db.execute("DELETE FROM journal")
            self._store.rename_journal(uuid4())
            self._store.forget("journal-merged")
            previous = BEGINNING
            for n, entry in enumerate(rest, 1):
                anew = linked(msgspec.structs.replace(entry, n=n, previous=previous))
                db.execute("INSERT INTO journal VALUES (?, ?)", (n, self._sealed(anew)))
                previous = anew.hash

    def merged(self, n: int) -> None:
        """The server has the entries up to this one."""
        if n <= self._merged_to():
            return
        with self._store.transaction() as db:
            self._store.keep("journal-merged", n)
            db.execute("DELETE FROM journal WHERE n <= ? AND n < (SELECT max(n) FROM journal)", (n,))

    def _merged_to(self) -> int:
        kept = self._store.kept("journal-merged")
        return msgspec.json.decode(kept, type=int) if kept else 0

    def _last(self) -> Entry | None:
        """The entry that the next must name; where the disc has damaged it, the journal begins anew."""
        found = self._store.rows("SELECT n, entry FROM journal ORDER BY n DESC LIMIT 1")
        if not found:
            return None
        if (entry := self._whole(*found[0])) is None:
            self.begin_anew(self._merged_to())
            return self._last()
        return entry

    def _sealed(self, entry: Entry) -> bytes:
        return self._store.sealed(entry, f"journal {entry.n}")

    def _whole(self, n: int, file: bytes) -> Entry | None:
        """The entry, or None where the disc has damaged it: the server then sees that a journal broke off."""
        try:
            return msgspec.json.decode(self._store.opened(file, f"journal {n}"), type=Entry)
        except UnopenableError:
            log.exception("Entry %s of the journal cannot be opened any more", n)
            return None
