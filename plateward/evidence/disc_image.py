"""Images of optical discs (ECMA-119 with Joliet, and UDF 2.60), written in one go into a sealed file.

pycdlib writes what describes a disc before its files, and at places of its own. That is remembered and put
in its order while the files pass by once, so that nothing lies anywhere in plain and no file is in memory.
"""

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import IO, Any, BinaryIO, Final, cast

from pycdlib import PyCdlib

from plateward.evidence.disc_rules import SECTOR
from plateward.evidence.package_building import UnsoundPackageError

_ZEROS: Final = bytes(1 << 16)


class _Ordered(io.RawIOBase):
    """Takes writes at any place before `begin`, and in their order after; passes them on in one go."""

    def __init__(self, out: Callable[[bytes], object]) -> None:
        self._out, self._at, self._end, self._emitted = out, 0, 0, 0
        self._saved: dict[int, bytes] = {}
        self._order: list[int] | None = None

    def seekable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._end}[whence]
        return self._at

    def begin(self) -> None:
        """From here on files pass: everything that describes them is known."""
        if self._order is None:
            self._order = sorted(self._saved, reverse=True)

    def write(self, data: Any, /) -> int:
        piece = bytes(data)
        if self._order is None:
            self._saved[self._at] = piece
        else:
            self._up_to(self._at)
            self._pass(piece)
        self._at += len(piece)
        self._end = max(self._end, self._at)
        return len(piece)

    def finish(self, size: int) -> None:
        """Pass on what is left up to the image's end."""
        self.begin()
        self._up_to(size)

    def _up_to(self, place: int) -> None:
        assert self._order is not None  # noqa: S101  begun
        while self._order and self._order[-1] < place:
            start = self._order.pop()
            self._fill(start)
            self._pass(self._saved.pop(start))
        self._fill(place)

    def _fill(self, place: int) -> None:
        if place < self._emitted:
            raise UnsoundPackageError("A part of the image would stand where another does")
        while (gap := place - self._emitted) > 0:
            self._pass(_ZEROS[: min(gap, len(_ZEROS))])

    def _pass(self, piece: bytes) -> None:
        self._out(piece)
        self._emitted += len(piece)


class _Source(io.RawIOBase):
    """A file that is opened when it is first read, and closed at its end: a disc may hold many thousands."""

    mode = "rb"

    def __init__(self, opened: Callable[[], IO[bytes]], size: int, begun: Callable[[], None]) -> None:
        self._opened, self._size, self._begun = opened, size, begun
        self._file: IO[bytes] | None = None
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        if whence == io.SEEK_END:
            offset += self._size
        if offset != self._at:
            self._shut()
        self._at = offset
        return offset

    def read(self, size: int = -1, /) -> bytes:
        self._begun()
        if self._file is None:
            self._file = self._opened()
            self._file.read(self._at)
        piece = self._file.read(size)
        self._at += len(piece)
        if self._at >= self._size:
            self._shut()
        return piece

    def _shut(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


@dataclass(frozen=True, slots=True)
class DiscFile:
    """A file of a disc: its path, where it comes from, its size in bytes; `open` may be called again."""

    path: str
    open: Callable[[], IO[bytes]]
    size: int


def write_image(out: Callable[[bytes], object], name: str, files: Iterable[DiscFile]) -> int:
    """Write an image in one go, of this volume name and these files; returns its size in bytes."""
    image, ordered = _Image(name), _Ordered(out)
    for number, file in enumerate(files):
        image.add(number, file, _Source(file.open, file.size, ordered.begin))
    image.made.force_consistency()
    image.made.inodes.sort(key=_place)  # so that the files pass in their order
    image.made.write_fp(cast(BinaryIO, ordered), blocksize=1 << 16)
    total: int = image.made.pvd.space_size * SECTOR
    image.made.close()
    ordered.finish(total)
    return total


def _place(inode: Any) -> int:
    """Where a file stands on the disc; an empty one stands nowhere."""
    return int(inode.extent_location()) if inode.get_data_length() else 0


class _Image:
    """A disc's image in the making: true names in Joliet and UDF, numbers in ISO 9660 (few letters)."""

    def __init__(self, name: str) -> None:
        self.made = PyCdlib()
        self.made.new(interchange_level=3, vol_ident=name, joliet=3, udf="2.60")
        self._folders = {"": ""}

    def add(self, number: int, file: DiscFile, source: _Source) -> None:
        folders, joined = file.path.split("/")[:-1], ""
        for folder in folders:
            above, joined = joined, f"{joined}/{folder}"
            if joined not in self._folders:
                self._folders[joined] = f"{self._folders[above]}/D{len(self._folders):06d}"
                self.made.add_directory(self._folders[joined], joliet_path=joined, udf_path=joined)
        plain = f"{self._folders[joined]}/F{number:06d}.;1"
        true = f"/{file.path}"
        self.made.add_fp(cast(BinaryIO, source), file.size, plain, joliet_path=true, udf_path=true)
