"""A unit's own journal of who did what on it without network (B-466.6(a)): each entry names the one before.

Whoever takes an entry out, changes one or puts one in breaks every hash that follows.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from plateward.ledger.canonical import canonical_bytes

BEGINNING: Final = "0" * 64
"""What the first entry names as the one before."""
NO_NUL: Final = r"\A[^\x00]*\Z"
VERBS: Final = (
    "unit.started",
    "unit.enrolled",
    "unit.signed_in",
    "unit.unlocked",
    "unit.refused",
    "unit.read_opened",
    "unit.alert_shown",
    "unit.alert_answered",
    "unit.assignment_acknowledged",
    "unit.locked",
    "unit.signed_out",
    "unit.clock_jumped",
    "unit.copy_cleared",
    "unit.pictures_thinned",
    "unit.read_lost",
    "unit.reads_renumbered",
    "unit.revoked",
)
Hash = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
Said = Annotated[str, Meta(max_length=1000, pattern=NO_NUL)] | int | float | bool | None


class Entry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One act on the unit, number `n` from 1; `at` by the unit's clock.

    `clock_offset_s` is the server's time less the unit's as it was known then. `user` is who was signed in.
    A field that this release does not know is refused, not dropped: the hash is over every one.
    """

    n: Annotated[int, Meta(ge=1, le=2**53)]
    at: Annotated[datetime, Meta(tz=True)]
    clock_offset_s: Annotated[float, Meta(ge=-1e10, le=1e10)] | None
    user: Annotated[str, Meta(max_length=150, pattern=NO_NUL)] | None
    session: UUID | None
    verb: Annotated[str, Meta(max_length=60, pattern=r"^unit\.[a-z_]+$")]
    subject: Annotated[str, Meta(max_length=200, pattern=NO_NUL)]
    detail: dict[Annotated[str, Meta(max_length=60, pattern=NO_NUL)], Said]
    previous: Hash
    hash: Hash


def hash_of(entry: Entry) -> str:
    """What the entry's `hash` must be: SHA-256 over the previous one and its own canonical JSON."""
    told = msgspec.to_builtins(entry)
    del told["hash"], told["previous"]
    return hashlib.sha256(entry.previous.encode() + b"\n" + canonical_bytes(told)).hexdigest()


def linked(entry: Entry) -> Entry:
    """The same entry with its right hash, its numbers as the other side will read them (-1 as -1.0)."""
    read = msgspec.json.decode(msgspec.json.encode(entry), type=Entry)
    return msgspec.structs.replace(read, hash=hash_of(read))


def problem_of(entries: Sequence[Entry], *, after: int = 0, previous: str = BEGINNING) -> tuple[int, str]:
    """How many of the entries follow the one of number `after` and hash `previous`, and what is wrong then.

    The words are "" when all of them do.
    """
    for place, entry in enumerate(entries):
        expected = after + place + 1
        if entry.n != expected:
            return place, f"Entry {expected} is missing: entry {entry.n} came in its place."
        if entry.previous != previous:
            return place, f"Entry {entry.n} does not follow the one before: an entry was changed or put in."
        if entry.hash != hash_of(entry):
            return place, f"Entry {entry.n} is not what was written: its hash does not fit."
        previous = entry.hash
    return len(entries), ""
