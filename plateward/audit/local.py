"""The local journal: files that take what must go on record while the database refuses its journal (R133).

Only this goes here: that alerts were raised and shown, who logged out, what was refused meanwhile, and the
alarm about it.
Each process appends to a file of its own, one JSON object a line. A line holds the SHA-256 of the line before
(the first one: of the file's name) and a seal by the installation's secret key, so that a line changed, taken
out or slipped in is noticed; lines cut off at the end are not. `local_actions.merge` takes the files into the
journal.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any, Final
from uuid import UUID, uuid4

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from plateward.audit.who import Who

FOLDER: Final = "local-journal"
SET_ASIDE: Final = ".broken"
"""Ends the name of a file whose chain is broken: its good part is merged, the file is evidence."""


class JournalUnwritableError(Exception):
    """The database is there and refuses to take a row of the journal; its transaction is void."""


class NothingWritableError(JournalUnwritableError):
    """The local journal cannot be written either, so that nothing at all may be shown."""


@dataclass(frozen=True, slots=True)
class LocalAccess:
    """An access recorded locally; `pk` stands for it where an access record's number would."""

    pk: int


def folder() -> Path:
    """Where the files lie; made by the first that is written."""
    return Path(settings.ENVIRONMENT.data) / FOLDER


def record(
    *,
    verb: str,
    by: Who,
    agency: str,
    subject: str,
    now: datetime,
    detail: Mapping[str, Any] | None = None,
    profile_version: str = "",
) -> None:
    """Record an act, durably when this returns; takes what `actions.record` does.

    Raises NothingWritableError.
    """
    _append(
        {
            "verb": verb,
            "by": asdict(by),
            "agency": agency,
            "subject": subject,
            "now": now.isoformat(),
            "detail": dict(detail or {}),
            "profile_version": profile_version,
        }
    )


def record_access(*, by: Who, now: datetime, once: str = "", **facts: Any) -> LocalAccess:
    """Record an access, durably when this returns; takes what `actions.record_access` does.

    A second one for the same occasion `once` is the first, while its file lasts. Raises NothingWritableError.
    """
    return LocalAccess(_append({"by": asdict(by), "now": now.isoformat(), **facts}, once).int)


@dataclass(slots=True)
class _Writer:
    """This process's file, and the digest that its next line continues."""

    path: Path
    descriptor: int
    process: int
    tip: str
    told: dict[str, UUID] = field(default_factory=dict)

    @classmethod
    def begin(cls) -> "_Writer":
        place = folder()
        place.mkdir(mode=0o700, exist_ok=True)
        place.chmod(0o700)
        path = place / f"{uuid4()}.jsonl"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
        _sync_folder(place)
        return cls(path, descriptor, os.getpid(), _first_tip(path))

    @property
    def is_current(self) -> bool:
        """Whether the file is still there: merging removes it, and a forked process begins its own."""
        with suppress(OSError):
            return self.process == os.getpid() and os.path.samestat(
                self.path.stat(), os.fstat(self.descriptor)
            )
        return False

    def write(self, line: bytes) -> None:
        """Append and sync; what was written of a line that failed is taken back."""
        size = os.fstat(self.descriptor).st_size
        try:
            rest = line + b"\n"
            while rest:
                rest = rest[os.write(self.descriptor, rest) :]
            os.fsync(self.descriptor)
        except OSError:
            with suppress(OSError):
                os.ftruncate(self.descriptor, size)
            raise
        self.tip = hashlib.sha256(line).hexdigest()

    def close(self) -> None:
        """Let go of the file; one that holds nothing is removed."""
        with suppress(OSError):
            if self.is_current and os.fstat(self.descriptor).st_size == 0:
                self.path.unlink()
        with suppress(OSError):
            os.close(self.descriptor)


_writing = Lock()
_writers: list[_Writer] = []
"""None, or this process's."""


def _append(facts: Mapping[str, Any], once: str = "") -> UUID:
    with _writing:
        try:
            with _locked_writer() as writer:
                if (known := writer.told.get(once)) is not None:
                    return known
                number = uuid4()
                writer.write(_sealed({"id": str(number), **facts, "before": writer.tip}))
                if once:
                    writer.told[once] = number
                return number
        except OSError as error:
            while _writers:
                _writers.pop().close()
            raise NothingWritableError(f"the local journal cannot be written: {error}") from error


@contextmanager
def _locked_writer() -> Iterator[_Writer]:
    """This process's file, locked against being merged and removed meanwhile."""
    while True:
        if not _writers:
            _writers.append(_Writer.begin())
        writer = _writers[0]
        fcntl.flock(writer.descriptor, fcntl.LOCK_EX)
        if writer.is_current:
            break
        _writers.pop().close()
    try:
        yield writer
    finally:
        fcntl.flock(writer.descriptor, fcntl.LOCK_UN)


def _first_tip(path: Path) -> str:
    return hashlib.sha256(path.name.removesuffix(SET_ASIDE).encode()).hexdigest()


def _body(facts: Mapping[str, Any]) -> str:
    return json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _seal(facts: Mapping[str, Any]) -> str:
    return salted_hmac("plateward.audit.local", _body(facts), algorithm="sha256").hexdigest()


def _sealed(facts: Mapping[str, Any]) -> bytes:
    return _body({**facts, "seal": _seal(facts)}).encode()


def _sync_folder(place: Path) -> None:
    descriptor = os.open(place, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@dataclass(frozen=True, slots=True)
class Chain:
    """A file as read: its good records, how many bytes there were, and where it is broken ("" if nowhere).

    A last line without its end was never whole, so that nothing was shown under it: it is no record.
    """

    path: Path
    records: Sequence[Mapping[str, Any]]
    size: int
    broken: str


def chains() -> list[Chain]:
    """The files to be merged, each read up to the first line that does not fit. Raises OSError."""
    return [_read(path) for path in files(folder())]


def files(place: Path) -> list[Path]:
    """The files to be merged in a local journal's folder, whether or not it exists."""
    return sorted(place.glob("*.jsonl"))


def set_aside(place: Path) -> list[Path]:
    """The files with a broken chain in a local journal's folder."""
    return sorted(place.glob(f"*.jsonl{SET_ASIDE}"))


def _read(path: Path) -> Chain:
    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        data = file.read()
    tip, records = _first_tip(path), list[dict[str, Any]]()
    for number, line in enumerate(data.split(b"\n")[:-1], 1):
        facts = _opened(line)
        if facts is None or facts["before"] != tip:
            why = "it is not as it was written" if facts is None else "it does not continue the line before"
            return Chain(path, records, len(data), f"{path.name}, line {number}: {why}")
        records.append(facts)
        tip = hashlib.sha256(line).hexdigest()
    return Chain(path, records, len(data), "")


def _opened(line: bytes) -> dict[str, Any] | None:
    """The facts of a line; None unless its seal fits."""
    try:
        facts: dict[str, Any] = json.loads(line)
        seal = facts.pop("seal")
        is_ours = constant_time_compare(str(seal), _seal(facts)) and {"id", "before", "now"} <= facts.keys()
    except (ValueError, KeyError, AttributeError, TypeError):
        return None
    return facts if is_ours else None


def since() -> datetime | None:
    """When the first record that waits to be merged was made; the journal is down since then."""
    begun = []
    for path in files(folder()):
        with suppress(OSError), path.open("rb") as file:
            if (facts := _opened(file.readline().rstrip(b"\n"))) is not None:
                begun.append(datetime.fromisoformat(facts["now"]))
    return min(begun, default=None)


def finish(chain: Chain) -> bool:
    """Remove a merged file, or set a broken one aside; False when a line was added since it was read."""
    with chain.path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if os.fstat(file.fileno()).st_size != chain.size:
            return False
        if chain.broken:
            chain.path.rename(chain.path.with_name(chain.path.name + SET_ASIDE))
        else:
            chain.path.unlink()
        _sync_folder(chain.path.parent)
    return True
