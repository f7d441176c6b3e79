"""Images of optical discs (ECMA-119 with Joliet, and UDF 2.60), written in one go into a sealed file.

pycdlib writes what describes a disc before its files, and at places of its own. That is remembered and put
in its order while the files pass by once, so that nothing lies anywhere in plain and no file is in memory.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import IO, Any, BinaryIO, Final, cast

from pycdlib import PyCdlib

from plateward.evidence import package_store
from plateward.evidence.bag import MANIFEST, TAG_MANIFEST
from plateward.evidence.disc_rules import SECTOR, Medium, Plan, image_name, plan
from plateward.evidence.package_building import UnsoundPackageError
from plateward.evidence.package_models import Package

_ALSO_AT_THE_TOP: Final = ("verify.py", "README.txt")
_TOP: Final = 900_000
"""Numbers from here on are of the files at the top."""
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


def write_images(package: Package, medium: Medium) -> list[tuple[str, int]]:
    """Write an image for each disc that the package needs, and read each back; (SHA-256, size) of each.

    Raises DoesNotFitError, UnsoundPackageError, OSError, UnopenableError, MasterKeyError.
    """
    with package_store.reading(package, package_store.BAG) as reader:
        archive = zipfile.ZipFile(cast(IO[bytes], io.BufferedReader(reader, package_store.BUFFER)))
        inside = len(package.folder) + 1
        sizes = {info.filename[inside:]: info.file_size for info in archive.infolist()}
        split = plan(sizes, medium)
        return [_write(package, archive, split, disc) for disc in range(1, split.total + 1)]


def _write(package: Package, archive: zipfile.ZipFile, split: Plan, disc: int) -> tuple[str, int]:
    """Write one disc's image and read it back; its SHA-256 and size."""
    digest, image = hashlib.sha256(), _Image(f"PW{package.year}{package.number:04d}D{disc:02d}")
    with package_store.writing(package, image_name(disc)) as sealed:

        def out(piece: bytes) -> None:
            digest.update(piece)
            sealed.write(piece)

        ordered = _Ordered(out)
        told = split.told(disc, package=package.name, fingerprint=package.fingerprint)
        listed = json.dumps(told, sort_keys=True).encode()
        for file in _contents(package, archive, split.of(disc), listed, ordered.begin):
            image.add(file)
        image.made.force_consistency()
        image.made.inodes.sort(key=_place)  # so that the files pass in their order
        image.made.write_fp(cast(BinaryIO, ordered), blocksize=1 << 16)
        total = image.made.pvd.space_size * SECTOR
        image.made.close()
        ordered.finish(total)
    _read_back(package, split, disc, listed)
    return digest.hexdigest(), total


def _place(inode: Any) -> int:
    """Where a file stands on the disc; an empty one stands nowhere."""
    return int(inode.extent_location()) if inode.get_data_length() else 0


@dataclass(frozen=True, slots=True)
class _File:
    """A file of a disc: its number, path, where it comes from, its size in bytes."""

    number: int
    path: str
    source: _Source
    size: int


def _contents(
    package: Package,
    archive: zipfile.ZipFile,
    files: Sequence[str],
    listed: bytes,
    begun: Callable[[], None],
) -> Iterator[_File]:
    """Each file of a disc; what tells how to check it stands at the top too."""
    yield _File(0, "set.json", _Source(lambda: io.BytesIO(listed), len(listed), begun), len(listed))
    for number, name in enumerate(files, 1):
        info = archive.getinfo(f"{package.folder}/{name}")
        opened = partial(archive.open, info)
        source = _Source(opened, info.file_size, begun)
        yield _File(number, f"{package.folder}/{name}", source, info.file_size)
        if name in _ALSO_AT_THE_TOP:
            top = _Source(opened, info.file_size, begun)
            yield _File(_TOP + number, name, top, info.file_size)


class _Image:
    """A disc's image in the making: true names in Joliet and UDF, numbers in ISO 9660 (few letters)."""

    def __init__(self, name: str) -> None:
        self.made = PyCdlib()
        self.made.new(interchange_level=3, vol_ident=name, joliet=3, udf="2.60")
        self._folders = {"": ""}

    def add(self, file: _File) -> None:
        folders, joined = file.path.split("/")[:-1], ""
        for folder in folders:
            above, joined = joined, f"{joined}/{folder}"
            if joined not in self._folders:
                self._folders[joined] = f"{self._folders[above]}/D{len(self._folders):06d}"
                self.made.add_directory(self._folders[joined], joliet_path=joined, udf_path=joined)
        plain = f"{self._folders[joined]}/F{file.number:06d}.;1"
        true = f"/{file.path}"
        self.made.add_fp(cast(BinaryIO, file.source), file.size, plain, joliet_path=true, udf_path=true)


def _read_back(package: Package, split: Plan, disc: int, listed: bytes) -> None:
    """Open the stored image as a computer will, and hash every file in it. Raises UnsoundPackageError."""
    with package_store.reading(package, image_name(disc)) as reader:
        image = PyCdlib()
        image.open_fp(io.BufferedReader(reader, package_store.BUFFER))
        top = f"/{package.folder}"
        known = dict(_digests(image, f"{top}/{TAG_MANIFEST}")) | dict(_digests(image, f"{top}/{MANIFEST}"))
        known[TAG_MANIFEST] = package.fingerprint
        wrong = [name for name in split.of(disc) if _sha256(image, f"{top}/{name}") != known.get(name)]
        if _sha256(image, "/set.json") != hashlib.sha256(listed).hexdigest():
            wrong.append("set.json")
        image.close()
    if wrong:
        raise UnsoundPackageError(f"On disc {disc} {wrong[0]} is not what was written")


def _digests(image: Any, path: str) -> Iterator[tuple[str, str]]:
    text = io.BytesIO()
    image.get_file_from_iso_fp(text, joliet_path=path)
    for line in text.getvalue().decode().splitlines():
        digest, _, name = line.partition("  ")
        yield name, digest


class _Hash(io.RawIOBase):
    """Hashes what is written to it."""

    def __init__(self) -> None:
        self.made = hashlib.sha256()

    def write(self, data: Any, /) -> int:
        self.made.update(data)
        return len(data)


def _sha256(image: Any, path: str) -> str:
    out = _Hash()
    image.get_file_from_iso_fp(out, joliet_path=path)
    return out.made.hexdigest()
