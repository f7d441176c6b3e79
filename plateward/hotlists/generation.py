"""One generation of the index of wanted plates as bytes: every agency's keys, as of one moment."""

import hashlib
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec
import numpy as np

from plateward.plates import PatternSet
from plateward.plates.plate_index import PlateIndex

_MAGIC: Final = b"PWHL0001"
_DIGEST: Final = 32
_LENGTH: Final = struct.Struct("<Q")
_HEAD: Final = len(_MAGIC) + _DIGEST
_NUMBER: Final = np.dtype("<u8")


class Damaged(ValueError):
    """The bytes are no generation, or no longer the one that was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """The keys in force in one snapshot of one running database server.

    `server` tells that database from every other, and from itself after a restart: a restored backup counts
    its transactions on from another one, so that a snapshot means nothing there.
    """

    server: str
    snapshot: str
    """As PostgreSQL writes a pg_snapshot: "xmin:xmax:running,…"."""
    built_at: datetime
    lists: Mapping[str, PlateIndex]

    @property
    def size(self) -> int:
        """How many keys, partial plates included."""
        return sum(len(one.numbers) + len(one.patterns) for one in self.lists.values())


class _List(msgspec.Struct):
    agency: str
    count: int
    patterns: tuple[str, ...]


class _Header(msgspec.Struct):
    server: str
    snapshot: str
    built_at: datetime
    lists: tuple[_List, ...]


def encode(generation: Generation) -> bytes:
    """The generation as a file's bytes, with their SHA-256."""
    named = tuple(
        _List(agency, len(index.numbers), index.patterns.patterns)
        for agency, index in generation.lists.items()
    )
    header = msgspec.json.encode(_Header(generation.server, generation.snapshot, generation.built_at, named))
    header += b" " * (-(_HEAD + _LENGTH.size + len(header)) % _NUMBER.itemsize)
    arrays = (index.numbers.astype(_NUMBER).tobytes() for index in generation.lists.values())
    body = b"".join((_LENGTH.pack(len(header)), header, *arrays))
    return _MAGIC + hashlib.sha256(body).digest() + body


def decode(data: memoryview) -> Generation:
    """The generation whose numbers stay where they are in `data`. Raises Damaged."""
    if len(data) < _HEAD + _LENGTH.size or bytes(data[: len(_MAGIC)]) != _MAGIC:
        raise Damaged("it is no index of wanted plates, or of another version")
    body = data[_HEAD:]
    if hashlib.sha256(body).digest() != bytes(data[len(_MAGIC) : _HEAD]):
        raise Damaged("its SHA-256 is not that of the file written")
    (length,) = _LENGTH.unpack(body[: _LENGTH.size])
    place = _LENGTH.size + length
    header = msgspec.json.decode(bytes(body[_LENGTH.size : place]), type=_Header)
    lists = {}
    for one in header.lists:
        numbers = np.frombuffer(body, _NUMBER, one.count, place)
        lists[one.agency] = PlateIndex(numbers, PatternSet(one.patterns))
        place += numbers.nbytes
    return Generation(server=header.server, snapshot=header.snapshot, built_at=header.built_at, lists=lists)
