"""The unit's one file: SQLite with a write-ahead log, every row that says anything about anybody sealed.

Each commit is on the disc before it returns (`synchronous = FULL`), so that a cut of the power at any moment
leaves what was committed and nothing of what was not. Freed pages are used again inside the file: giving up
pictures makes room for reads without asking the file system for any.
"""

import fcntl
import hmac
import logging
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Final
from uuid import UUID, uuid4

import msgspec

from plateward.edge.keys import UnitKey
from plateward.vault.envelope import UnopenableError

log = logging.getLogger(__name__)

FILE: Final = "unit.sqlite"
BALLAST: Final = "reserve"
_LOG_BYTES: Final = 4 * 1024 * 1024
_VERSION: Final = 2
_SCHEMA: Final = """
CREATE TABLE spool (
  one INTEGER PRIMARY KEY CHECK (one = 1), id TEXT NOT NULL, journal TEXT NOT NULL,
  last_sequence INTEGER NOT NULL, key_check BLOB NOT NULL
) STRICT;
CREATE TABLE item (
  sequence INTEGER PRIMARY KEY, id TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('WAITING', 'REFUSED', 'DAMAGED')),
  captured_at TEXT NOT NULL, is_matched INTEGER NOT NULL, is_hit INTEGER NOT NULL,
  read BLOB NOT NULL, refusal TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE picture (
  sequence INTEGER NOT NULL REFERENCES item ON DELETE CASCADE ON UPDATE CASCADE, role TEXT NOT NULL,
  rank INTEGER, file BLOB NOT NULL, PRIMARY KEY (sequence, role)
) STRICT;
CREATE INDEX item_state ON item (state, captured_at);
CREATE INDEX picture_rank ON picture (rank, sequence) WHERE rank IS NOT NULL;
CREATE TABLE deletion (
  n INTEGER PRIMARY KEY, spool TEXT NOT NULL, sequence INTEGER NOT NULL,
  what TEXT NOT NULL, why TEXT NOT NULL, at TEXT NOT NULL,
  receipt TEXT NOT NULL DEFAULT '', payload_sha256 TEXT NOT NULL DEFAULT '',
  is_told INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX deletion_untold ON deletion (what, n) WHERE is_told = 0;
CREATE TABLE progress (
  source TEXT NOT NULL, name TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (source, name)
) STRICT;
CREATE TABLE kept (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;
CREATE TABLE wanted (
  list TEXT NOT NULL, id TEXT NOT NULL, tag BLOB NOT NULL, is_partial INTEGER NOT NULL, entry BLOB NOT NULL,
  PRIMARY KEY (list, id)
) STRICT;
CREATE INDEX wanted_tag ON wanted (list, tag);
CREATE TABLE alert (
  id TEXT PRIMARY KEY, sequence INTEGER NOT NULL, raised_at TEXT NOT NULL, alert BLOB NOT NULL
) STRICT;
CREATE TABLE alert_scene (
  id TEXT PRIMARY KEY REFERENCES alert ON DELETE CASCADE, file BLOB NOT NULL
) STRICT;
CREATE TABLE journal (n INTEGER PRIMARY KEY, entry BLOB NOT NULL) STRICT;
CREATE TABLE answer (id TEXT PRIMARY KEY, made_at TEXT NOT NULL, answer BLOB NOT NULL) STRICT;
"""


class StoreError(Exception):
    """The unit's file cannot be used; the message says what to do."""


class NoRoomError(Exception):
    """The disc has no room for this."""


class Store:
    """One connection, which threads share; `transaction` is entered by one at a time."""

    def __init__(self, folder: Path, key: UnitKey, *, reserve: int = 0) -> None:
        """Open the file, or make it. Raises StoreError."""
        self.folder, self._key, self._reserve = folder, key, reserve
        self._lock = threading.RLock()
        self._depth = 0
        self._claim: IO[str] | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                self._open()
            except sqlite3.OperationalError:
                # On a full disc not even the log beside the file can be made: for that there is the reserve.
                self.release_reserve()
                self._open()
            self._inode = (folder / FILE).stat().st_ino
        except OSError as error:
            raise StoreError(f"The folder {folder} cannot be written ({error.strerror}).") from error
        except NoRoomError as error:
            raise StoreError(f"{error} Free some of it; nothing of what waits is lost.") from error
        except sqlite3.DatabaseError as error:
            if os.statvfs(folder).f_bavail == 0:
                raise StoreError(
                    f"The disc of {folder} is full. Free some of it; nothing of what waits is lost."
                ) from error
            raise StoreError(
                f"{folder / FILE} cannot be opened ({error}). If its disc is damaged, move the file to "
                "another place and keep it: with the unit's key, what waits in it can be read. A new one is "
                "made then."
            ) from error
        self.keep_reserve()

    def _open(self) -> None:
        self._db = sqlite3.connect(
            self.folder / FILE,
            isolation_level=None,
            check_same_thread=False,
            timeout=10,
            cached_statements=64,
        )
        self._prepare()

    def _prepare(self) -> None:
        pragmas = (
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            "secure_delete = ON",
            f"journal_size_limit = {_LOG_BYTES}",
            "cache_size = -4096",
        )
        (self.folder / FILE).chmod(0o600)
        for pragma in pragmas:
            self._db.execute(f"PRAGMA {pragma}")
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if version not in {0, _VERSION}:
            release = (
                "a newer release: install that" if version > _VERSION else "a trial version: move it away"
            )
            raise StoreError(f"{self.folder / FILE} was written by {release}.")
        if version == 0:
            self._make()
        self._check_key()

    def _make(self) -> None:
        with self.transaction() as db:
            for statement in filter(str.strip, _SCHEMA.split(";")):
                db.execute(statement)
            mark = self._key.sealed(b"unit", "key check")
            db.execute("INSERT INTO spool VALUES (1, ?, ?, 0, ?)", (str(uuid4()), str(uuid4()), mark))
            db.execute(f"PRAGMA user_version = {_VERSION}")

    def _check_key(self) -> None:
        (mark,) = self._db.execute("SELECT key_check FROM spool").fetchone()
        try:
            self._key.opened(mark, "key check")
        except UnopenableError as error:
            raise StoreError(
                f"{self.folder / FILE} was sealed under another key: restore the unit's key, or move the "
                "file to another place and keep it with its key."
            ) from error

    def close(self) -> None:
        with self._lock:
            self._db.close()
        self.disclaim()

    def scrub(self) -> None:
        """Let nothing of what was destroyed stay in the log beside the file."""
        self.rows("PRAGMA wal_checkpoint(TRUNCATE)")

    def set_aside(self, name: str) -> Path:
        """Close the file and give it another name, where it keeps what waits for whom it belongs to."""
        self.scrub()
        self.close()
        path = self.folder / f"{FILE}.{name}.{self._inode}"
        (self.folder / FILE).replace(path)
        for left in ("-wal", "-shm"):
            (self.folder / f"{FILE}{left}").unlink(missing_ok=True)
        return path

    def claim(self) -> bool:
        """Be the one program that works on this store; whether no other is. Holds until it is closed."""
        if self._claim is not None:
            return True
        claim = (self.folder / "lock").open("w")
        try:
            fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            claim.close()
            return False
        self._claim = claim
        return True

    def disclaim(self) -> None:
        """Let another program work on it."""
        if self._claim is not None:
            self._claim.close()
            self._claim = None

    def is_moved(self) -> bool:
        """Whether another file stands where ours was: the unit was enrolled with another agency meanwhile."""
        with suppress(FileNotFoundError):
            return (self.folder / FILE).stat().st_ino != self._inode
        return True

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing; one inside another is part of it. Raises NoRoomError where the disc is full."""
        with self._lock:
            if self._depth:
                yield self._db
                return
            self._depth += 1
            try:
                self._db.execute("BEGIN IMMEDIATE")
                yield self._db
                self._db.execute("COMMIT")
            except BaseException as error:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                if is_full(error):
                    raise NoRoomError(f"The disc of {self.folder} is full.") from error
                raise
            finally:
                self._depth -= 1

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What a query finds."""
        with self._lock:
            return self._db.execute(query, values).fetchall()

    def one(self, query: str, *values: object) -> tuple[Any, ...]:
        """The one row of a query that always has one."""
        (found,) = self.rows(query, *values)
        return found

    def sealed(self, value: object, label: str) -> bytes:
        """A value as sealed JSON; bytes as they are."""
        return self._key.sealed(value if isinstance(value, bytes) else msgspec.json.encode(value), label)

    def opened(self, file: bytes, label: str) -> bytes:
        """What was sealed under the label."""
        return self._key.opened(file, label)

    def tag(self, word: str) -> bytes:
        """What finds a word without saying it: a keyed digest."""
        return hmac.digest(self._key.secret, b"tag\0" + word.encode(), "sha256")[:16]

    def keep(self, name: str, value: object) -> None:
        """Keep one thing under its name, instead of what was there."""
        with self.transaction() as db:
            file = self.sealed(value, f"kept {name}")
            db.execute("INSERT OR REPLACE INTO kept VALUES (?, ?)", (name, file))

    def kept(self, name: str) -> bytes | None:
        """What is kept under the name; what the disc has damaged counts as not kept."""
        for (file,) in self.rows("SELECT value FROM kept WHERE name = ?", name):
            try:
                return self.opened(file, f"kept {name}")
            except UnopenableError:
                log.exception("What is kept as %s cannot be opened any more", name)
        return None

    def forget(self, *names: str) -> None:
        """Destroy what is kept under the names; freed pages are overwritten."""
        with self.transaction() as db:
            db.executemany("DELETE FROM kept WHERE name = ?", [(name,) for name in names])

    def rename_journal(self, name: UUID) -> None:
        """The journal begins anew under this name."""
        with self.transaction() as db:
            db.execute("UPDATE spool SET journal = ?", (str(name),))

    def room(self) -> int:
        """Bytes that can still be written: of the file system, and free inside the file."""
        found = os.statvfs(self.folder)
        (pages,), (size,) = self.one("PRAGMA freelist_count"), self.one("PRAGMA page_size")
        return int(found.f_bavail * found.f_frsize + pages * size)

    def size(self) -> int:
        """Bytes in use inside the file."""
        (pages,), (free,) = self.one("PRAGMA page_count"), self.one("PRAGMA freelist_count")
        (size,) = self.one("PRAGMA page_size")
        return int((pages - free) * size)

    def keep_reserve(self) -> bool:
        """Hold some room back for the work of giving pictures up on a full disc; whether there was room."""
        path = self.folder / BALLAST
        if not self._reserve or (path.exists() and path.stat().st_size == self._reserve):
            return True
        try:
            with path.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, self._reserve)
        except OSError:
            path.unlink(missing_ok=True)
            return False
        return True

    def release_reserve(self) -> None:
        """Give the room that was held back to the file."""
        (self.folder / BALLAST).unlink(missing_ok=True)


def is_full(error: BaseException) -> bool:
    """Whether SQLite found the disc full (SQLITE_FULL, or a failed write of its log)."""
    code = getattr(error, "sqlite_errorcode", None)
    full = code is not None and (code & 0xFF == sqlite3.SQLITE_FULL or code == sqlite3.SQLITE_IOERR_WRITE)
    return isinstance(error, sqlite3.OperationalError) and full
