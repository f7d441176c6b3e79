"""Files of any length under AES-256-GCM, written and read part by part (NIST SP 800-38D; CJIS SC-28, R139).

The construction is STREAM (Hoang, Reyhanitabar, Rogaway, Vizár: “Online Authenticated-Encryption and its
Nonce-Reuse Misuse-Resistance”, 2015): the file is cut into parts of one MiB, each sealed under a nonce of the
file's own seven random bytes, the part's number (4) and one byte that marks the last. So parts can be neither
exchanged nor left out, and any of them can be read without those before it.

A file is its head (whatever the caller puts in front), the header, and the parts, each with its tag. The
header: five letters, one byte of version, the key's id (16 bytes), the nonce's seven. Head, header and label
are authenticated with every part.
"""

import io
import secrets
import struct
from collections import OrderedDict
from typing import IO, Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from plateward.vault.envelope import UnopenableError

MAGIC: Final = b"PWSTR"
VERSION: Final = 1
PART_BYTES: Final = 2**20
TAG_BYTES: Final = 16
_HEADER: Final = struct.Struct(">5sB16s7s")
_KEPT_PARTS: Final = 4
"""So many opened parts a reader remembers: a ZIP file is read at its end and at a member by turns."""


def _nonce(prefix: bytes, number: int, *, is_last: bool) -> bytes:
    return prefix + struct.pack(">IB", number, is_last)


class SealedWriter(io.RawIOBase):
    """Seals what is written to it into `stream`; the file is whole once this is closed without an error."""

    def __init__(self, stream: IO[bytes], *, key: bytes, key_id: UUID, label: str, head: bytes = b"") -> None:
        self._stream, self._aead = stream, AESGCM(key)
        self._prefix, self._number, self._size = secrets.token_bytes(7), 0, 0
        header = _HEADER.pack(MAGIC, VERSION, key_id.bytes, self._prefix)
        self._bound = head + header + label.encode()
        self._buffer = bytearray()
        stream.write(head + header)

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        """How much was written, in bytes of what is sealed."""
        return self._size

    def write(self, data: io.RawIOBase | bytes | bytearray | memoryview, /) -> int:  # type: ignore[override]  # any buffer
        view = memoryview(data)  # type: ignore[arg-type]  # the same
        self._buffer += view
        self._size += view.nbytes
        while len(self._buffer) > PART_BYTES:  # the last part is sealed as such when it is known to be
            self._seal(bytes(self._buffer[:PART_BYTES]), is_last=False)
            del self._buffer[:PART_BYTES]
        return view.nbytes

    def finish(self) -> None:
        """Seal the last part; only then can the file be opened."""
        self._seal(bytes(self._buffer), is_last=True)
        self._buffer.clear()

    def _seal(self, part: bytes, *, is_last: bool) -> None:
        nonce = _nonce(self._prefix, self._number, is_last=is_last)
        self._stream.write(self._aead.encrypt(nonce, part, self._bound))
        self._number += 1


class SealedReader(io.RawIOBase):
    """What was sealed, to be read from any place on; `size` is its length. Raises UnopenableError."""

    def __init__(
        self, stream: IO[bytes], *, key: bytes, key_id: UUID, label: str, head_bytes: int = 0
    ) -> None:
        self._stream, self._aead = stream, AESGCM(key)
        stream.seek(0)
        head, header = stream.read(head_bytes), stream.read(_HEADER.size)
        if len(header) < _HEADER.size:
            raise UnopenableError("it is cut short within its header")
        magic, version, sealed_under, self._prefix = _HEADER.unpack(header)
        if magic != MAGIC or version != VERSION:
            raise UnopenableError("its first bytes are none of a file that this release knows")
        if sealed_under != key_id.bytes:
            raise UnopenableError(f"it is sealed under key {UUID(bytes=sealed_under)}, not {key_id}")
        self._bound = head + header + label.encode()
        self._first = head_bytes + _HEADER.size
        self._measure(stream.seek(0, io.SEEK_END) - self._first)
        self._opened: OrderedDict[int, bytes] = OrderedDict()
        self._position = 0
        self._part(self._parts - 1)  # fails here, and not at the end, where the file was cut short

    def _measure(self, sealed: int) -> None:
        whole, rest = divmod(sealed, PART_BYTES + TAG_BYTES)
        self._parts = whole + bool(rest)
        self.size = sealed - self._parts * TAG_BYTES
        if not self._parts or 0 < rest < TAG_BYTES:
            raise UnopenableError("it is cut short")

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]  # any buffer
        view = memoryview(buffer).cast("B")
        number, offset = divmod(self._position, PART_BYTES)
        if self._position >= self.size or not view:
            return 0
        found = self._part(number)[offset : offset + len(view)]
        view[: len(found)] = found
        self._position += len(found)
        return len(found)

    def _part(self, number: int) -> bytes:
        if number in self._opened:
            self._opened.move_to_end(number)
            return self._opened[number]
        self._stream.seek(self._first + number * (PART_BYTES + TAG_BYTES))
        sealed = self._stream.read(PART_BYTES + TAG_BYTES)
        nonce = _nonce(self._prefix, number, is_last=number == self._parts - 1)
        try:
            part = self._aead.decrypt(nonce, sealed, self._bound)
        except InvalidTag as error:
            raise UnopenableError(
                "it was changed, was cut short, is another one's file, or the key is not its own"
            ) from error
        self._opened[number] = part
        if len(self._opened) > _KEPT_PARTS:
            self._opened.popitem(last=False)
        return part
