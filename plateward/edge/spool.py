"""Reads on their way to the server: numbered without a gap, sealed, kept until the server's receipt."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal
from uuid import UUID, uuid4

import msgspec

from plateward.edge import thinning
from plateward.edge.store import NoRoomError, Store
from plateward.edge.thinning import Level
from plateward.unitwire.calls import event_id
from plateward.vault.envelope import UnopenableError

log = logging.getLogger(__name__)

Renamed = Mapping[str, tuple[str, int]]
"""New names and numbers of reads, by the names before."""
Role = Literal["scene", "plate"]
ROLES: Final[tuple[Role, ...]] = ("scene", "plate")
_AT_ONCE: Final = 16
"""Pictures given up in one transaction: it must fit into the reserve."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRead:
    """What is to be spooled. `written` gives the read's JSON, once its number is known."""

    captured_at: datetime
    written: Callable[[UUID, int], bytes]
    pictures: dict[Role, bytes] = field(repr=False)
    is_matched: bool
    is_hit: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """A read as it waits."""

    sequence: int
    captured_at: datetime
    read: bytes = field(repr=False)
    pictures: dict[str, bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Thinned:
    """A picture that was given up, a read that was damaged, a number that was changed; `n` is its line."""

    n: int
    spool: UUID
    sequence: int
    what: str
    why: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """How the spool stands. `oldest_at` of what waits; sizes and room in bytes."""

    id: UUID
    last_sequence: int
    waiting: int
    refused: int
    oldest_at: datetime | None
    size: int
    room: int
    level: Level


class Spool:
    """The spool in the unit's store; threads may share it."""

    def __init__(self, store: Store, *, stop_below: int, thin_below: int | None = None) -> None:
        self._store, self._stop_below, self.thin_below = store, stop_below, thin_below
        self.on_renumbering: Callable[[Renamed], object] = lambda _: None
        """Called within the transaction that gives reads other names."""
        (found,) = store.one("SELECT id FROM spool")
        self.id = UUID(found)

    def add(
        self,
        reads: Sequence[NewRead],
        now: datetime,
        *,
        progress: tuple[str, str, str] | None = None,
        also: Callable[[Sequence[int]], None] = lambda _: None,
    ) -> tuple[int, ...]:
        """Keep the reads, and what their source has come to; gives their numbers once they are on the disc.

        `also` is done in the same transaction, with the numbers. What does not fit is made to fit by the rule
        of `thinning`. Raises NoRoomError where that leaves no room: then nothing was kept, and the unit has
        to stop capturing.
        """
        level = self.level()
        if level is Level.STOP:
            raise NoRoomError(self._told(level))
        try:
            return self._add(reads, now, progress, also, with_pictures=level is not Level.READS_ONLY)
        except NoRoomError:
            if self.thin_below is None:
                raise
        self._store.release_reserve()
        needed = sum(len(file) for read in reads for file in read.pictures.values())
        self.thin(2 * needed, now)
        try:
            return self._add(reads, now, progress, also, with_pictures=True)
        except NoRoomError:
            return self._add(reads, now, progress, also, with_pictures=False)

    def _add(
        self,
        reads: Sequence[NewRead],
        now: datetime,
        progress: tuple[str, str, str] | None,
        also: Callable[[Sequence[int]], None],
        *,
        with_pictures: bool,
    ) -> tuple[int, ...]:
        with self._store.transaction() as db:
            last = self.last()
            for sequence, read in enumerate(reads, last + 1):
                self._insert(sequence, read, now, with_pictures=with_pictures or read.is_hit)
            db.execute("UPDATE spool SET last_sequence = ?", (last + len(reads),))
            if progress is not None:
                db.execute("INSERT OR REPLACE INTO progress VALUES (?, ?, ?)", progress)
            numbers = tuple(range(last + 1, last + len(reads) + 1))
            also(numbers)
        return numbers

    def _insert(self, sequence: int, read: NewRead, now: datetime, *, with_pictures: bool) -> None:
        with self._store.transaction() as db:
            name = str(uuid4())
            written = self._store.sealed(read.written(self.id, sequence), f"{name} read")
            facts = (sequence, name, read.captured_at.isoformat(), read.is_matched, read.is_hit, written)
            db.execute(
                "INSERT INTO item (sequence, id, state, captured_at, is_matched, is_hit, read) "
                "VALUES (?, ?, 'WAITING', ?, ?, ?, ?)",
                facts,
            )
            for role, picture in read.pictures.items():
                if with_pictures:
                    file = self._store.sealed(picture, f"{name} {role}")
                    rank = None if read.is_hit else thinning.ORDER.index((read.is_matched, role))
                    db.execute("INSERT INTO picture VALUES (?, ?, ?, ?)", (sequence, role, rank, file))
                else:
                    self._log(sequence, role, thinning.WHY, now)

    def is_known(self, name: str) -> bool:
        """Whether a read of this name waits here, or went because the server gave its receipt."""
        spool, _, number = name.rpartition("-")
        sequence = int(number) if number.isdigit() else 0
        query = "SELECT 1 FROM deletion WHERE spool = ? AND sequence = ? AND what = 'copy'"
        return bool(
            (spool == str(self.id) and self._store.rows("SELECT 1 FROM item WHERE sequence = ?", sequence))
            or self._store.rows(query, spool, sequence)
        )

    def progress(self, source: str, name: str) -> str:
        """How far a video came, or that a picture was done; "" for one never seen."""
        found = self._store.rows("SELECT at FROM progress WHERE source = ? AND name = ?", source, name)
        return str(found[0][0]) if found else ""

    def forget_progress(self, source: str, name: str) -> None:
        """Of a file that is gone."""
        with self._store.transaction() as db:
            db.execute("DELETE FROM progress WHERE source = ? AND name = ?", (source, name))

    def next(self, after: int = 0) -> Waiting | None:
        """The first read that waits behind this number; one that the disc has damaged is set aside."""
        query = (
            "SELECT sequence, id, captured_at, read FROM item "
            "WHERE state = 'WAITING' AND sequence > ? ORDER BY sequence LIMIT 1"
        )
        while found := self._store.rows(query, after):
            sequence, name, captured_at, read = found[0]
            try:
                opened = self._store.opened(read, f"{name} read")
            except UnopenableError as error:
                self._set_aside(sequence, error)
                continue
            return Waiting(sequence, datetime.fromisoformat(captured_at), opened, self.pictures(sequence))
        return None

    def _set_aside(self, sequence: int, error: UnopenableError) -> None:
        """A read that cannot be opened stays, holds up no other, and is told to the server as lost."""
        log.warning("Read %s cannot be opened any more: %s", sequence, error)
        with self._store.transaction() as db:
            db.execute(
                "UPDATE item SET state = 'DAMAGED', refusal = ? WHERE sequence = ?", (str(error), sequence)
            )
            self._log(sequence, "read", f"the disc has damaged the read itself: {error}", datetime.now(UTC))

    def pictures(self, sequence: int) -> dict[str, bytes]:
        """The pictures of a read that are still here and whole, by role."""
        query = (
            "SELECT id, role, file FROM picture JOIN item USING (sequence) "
            "WHERE sequence = ? ORDER BY role DESC"
        )
        found: dict[str, bytes] = {}
        for name, role, file in self._store.rows(query, sequence):
            try:
                found[role] = self._store.opened(file, f"{name} {role}")
            except UnopenableError as error:
                log.warning("The %s of read %s cannot be opened any more: %s", role, sequence, error)
                with self._store.transaction() as db:
                    db.execute("DELETE FROM picture WHERE sequence = ? AND role = ?", (sequence, role))
                    self._log(sequence, role, f"the disc has damaged it: {error}", datetime.now(UTC))
        return found

    def claim(self) -> Waiting | None:
        """The first read that waits, to be sent: from now on it stays as it is, the same bytes each time."""
        with self._store.transaction() as db:
            waiting = self.next()
            if waiting is not None:
                db.execute(
                    "UPDATE picture SET rank = NULL WHERE sequence = ? AND rank IS NOT NULL",
                    (waiting.sequence,),
                )
        return waiting

    def clear(self, sequence: int, *, receipt: str, payload_sha256: str, now: datetime) -> None:
        """Delete the copy of a read that the server has; the log keeps the receipt."""
        with self._store.transaction() as db:
            db.execute("DELETE FROM item WHERE sequence = ?", (sequence,))
            self._log(sequence, "copy", "the server gave its receipt", now, receipt, payload_sha256)

    def refuse(self, sequence: int, why: str) -> None:
        """The server will never take this read as it is: it stays here, and does not hold up the others."""
        with self._store.transaction() as db:
            db.execute(
                "UPDATE item SET state = 'REFUSED', refusal = ? WHERE sequence = ?", (why[:500], sequence)
            )

    def begin_anew(self) -> None:
        """Give everything that waits numbers of a new spool: the server has had other reads under these.

        That is so after an older copy of the disc was put back, or when a disc was copied. Reads are sent in
        their order, so none that waits was taken under its number. The log tells the server where each went.
        """
        before, spool = self.id, uuid4()
        try:
            self._renumber(spool)
        except BaseException:
            self.id = before
            raise

    def _renumber(self, spool: UUID) -> None:
        with self._store.transaction() as db:
            query = "SELECT sequence, id, read FROM item WHERE state != 'DAMAGED' ORDER BY sequence"
            waiting = self._store.rows(query)
            db.execute("DELETE FROM item WHERE state = 'DAMAGED'")
            db.execute("UPDATE item SET sequence = -sequence")
            now, renamed = datetime.now(UTC), {}
            for number, (sequence, name, read) in enumerate(waiting, 1):
                told = msgspec.json.decode(self._store.opened(read, f"{name} read"))
                told["event_id"] = event_id(spool, number)
                told["unit"] |= {"spool": str(spool), "sequence": number}
                db.execute(
                    "UPDATE item SET sequence = ?, read = ? WHERE sequence = ?",
                    (number, self._store.sealed(told, f"{name} read"), -sequence),
                )
                renamed[event_id(self.id, sequence)] = (told["event_id"], number)
                self._log(sequence, "number", f"it goes on as {number} of {spool}", now)
            db.execute("UPDATE spool SET id = ?, last_sequence = ?", (str(spool), len(waiting)))
            self.on_renumbering(renamed)
            self.id = spool

    def retry_refused(self) -> int:
        """Let what was refused wait again; how many."""
        with self._store.transaction() as db:
            return db.execute(
                "UPDATE item SET state = 'WAITING', refusal = '' WHERE state = 'REFUSED'"
            ).rowcount

    def level(self) -> Level:
        """What there is room for."""
        return thinning.level(self._store.room(), thin_below=self.thin_below, stop_below=self._stop_below)

    def maintain(self, now: datetime) -> Level:
        """Give pictures up while there is too little room, take the reserve back when there is enough."""
        if self.thin_below is not None and (missing := self.thin_below - self._store.room()) > 0:
            self.thin(missing, now)
        level = self.level()
        if level is Level.ENOUGH:
            self._store.keep_reserve()
        return level

    def thin(self, wanted: int, now: datetime) -> int:
        """Give up pictures by the rule until so many bytes are free; how many were. Each is logged."""
        freed = 0
        query = (
            "SELECT sequence, role, length(file) FROM picture WHERE rank IS NOT NULL "
            "ORDER BY rank, sequence LIMIT ?"
        )
        while freed < wanted and (found := self._store.rows(query, _AT_ONCE)):
            with self._store.transaction() as db:
                for sequence, role, size in found:
                    if freed >= wanted:
                        break
                    db.execute("DELETE FROM picture WHERE sequence = ? AND role = ?", (sequence, role))
                    self._log(sequence, role, thinning.WHY, now)
                    freed += size
        return freed

    def standing(self) -> Standing:
        """How the spool stands."""
        counts = dict(self._store.rows("SELECT state, count(*) FROM item GROUP BY state"))
        (oldest,) = self._store.one("SELECT min(captured_at) FROM item WHERE state = 'WAITING'")
        return Standing(
            self.id,
            self.last(),
            counts.get("WAITING", 0),
            counts.get("REFUSED", 0) + counts.get("DAMAGED", 0),
            datetime.fromisoformat(oldest) if oldest else None,
            self._store.size(),
            self._store.room(),
            self.level(),
        )

    def untold_thinning(self, at_most: int) -> list[Thinned]:
        """What was given up and not yet told to the server, in order; of one spool at once."""
        query = (
            "SELECT n, spool, sequence, what, why, at FROM deletion "
            "WHERE is_told = 0 AND what IN ('scene', 'plate', 'read', 'number') ORDER BY n LIMIT ?"
        )
        found = [
            Thinned(n, UUID(spool), sequence, what, why, datetime.fromisoformat(at))
            for n, spool, sequence, what, why, at in self._store.rows(query, at_most)
        ]
        return [one for one in found if one.spool == found[0].spool]

    def unwritten_clearing(self) -> list[tuple[int, UUID, int]]:
        """Line, spool and number of copies cleared since the journal last said so; of one spool at once."""
        query = "SELECT n, spool, sequence FROM deletion WHERE is_told = 0 AND what = 'copy' ORDER BY n"
        found = [(n, UUID(spool), sequence) for n, spool, sequence in self._store.rows(query)]
        return [line for line in found if line[1] == found[0][1]]

    def last(self) -> int:
        """The highest number that was given to a read; 0 before the first."""
        return int(self._store.one("SELECT last_sequence FROM spool")[0])

    def told(self, lines: Sequence[int]) -> None:
        """Lines of the log of deletions were reported."""
        with self._store.transaction() as db:
            db.executemany("UPDATE deletion SET is_told = 1 WHERE n = ?", [(n,) for n in lines])

    def prune_log(self, before: datetime) -> None:
        """Drop lines of the log of deletions that were reported long ago: the server has them."""
        with self._store.transaction() as db:
            db.execute("DELETE FROM deletion WHERE is_told = 1 AND at < ?", (before.isoformat(),))

    def deletions(self) -> list[tuple[Any, ...]]:
        """The log: number, what went, why, and the receipt."""
        return self._store.rows("SELECT sequence, what, why, receipt FROM deletion ORDER BY n")

    def _log(
        self, sequence: int, what: str, why: str, now: datetime, receipt: str = "", payload_sha256: str = ""
    ) -> None:
        with self._store.transaction() as db:
            db.execute(
                "INSERT INTO deletion (spool, sequence, what, why, at, receipt, payload_sha256) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (str(self.id), sequence, what, why, now.isoformat(), receipt, payload_sha256),
            )

    def _told(self, level: Level) -> str:
        return f"There is no room for further reads on the disc ({level.value})."
