"""Making the image of each disc of a set, in the clear or as a container; each is read back before it counts.

A container is an age file around a ZIP file of what would lie on the disc. Its size must be known before the
image is begun, so that it is written beside first, sealed under the package's key as everything here is.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import IO, Any, Final, Self, cast

from django.template.loader import render_to_string

from plateward.evidence import disc_check, package_store, standalone
from plateward.evidence.age_box import Drawn, UnopenableBoxError, Witness
from plateward.evidence.disc_image import DiscFile, write_image
from plateward.evidence.disc_models import DiscSet
from plateward.evidence.disc_rules import (
    CONTAINER,
    KEY_FILE,
    SEALED_FORMAT,
    Medium,
    Plan,
    Protection,
    image_name,
    plan,
)
from plateward.evidence.package_building import UnsoundPackageError
from plateward.evidence.package_models import Package
from plateward.ledger.verifier import Defect

_ALSO_AT_THE_TOP: Final = ("verify.py", "README.txt")
_LIST: Final = "set.json"
_STORED: Final = (".jpg", ".png", ".webp", ".pdf")


@dataclass(frozen=True, slots=True)
class Image:
    """An image as it was read back; `listed` is the SHA-256 of the disc's set.json."""

    sha256: str
    listed: str
    size: int


class DiscMaker:
    """Makes the images of one set, one after the other. Use it as a context manager."""

    def __init__(self, discs: DiscSet) -> None:
        self._set, self._package = discs, discs.package

    def __enter__(self) -> Self:
        """Open the package's file. Raises DoesNotFitError, OSError, UnopenableError, MasterKeyError."""
        self._opened = package_store.opened(self._package, package_store.BAG)
        self._archive = zipfile.ZipFile(
            cast(IO[bytes], io.BufferedReader(self._opened, package_store.BUFFER))
        )
        inside = len(self._package.folder) + 1
        sizes = {info.filename[inside:]: info.file_size for info in self._archive.infolist()}
        self.plan = plan(sizes, Medium(self._set.medium), is_sealed=self._set.is_encrypted)
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def make(self, disc: int) -> Image:
        """Write one disc's image and read it back. Raises UnsoundPackageError, UnopenableError, OSError."""
        package, name = self._package, image_name(self._set.number, disc)
        told = self.plan.told(
            disc,
            package=package.name,
            fingerprint=package.fingerprint,
            number=self._set.number,
            marks=self._set.marks,
        )
        files = [_in_memory(_LIST, _json(told)), *_contents(package, self._archive, self.plan, disc)]
        if not self._set.is_encrypted:
            return _written(package, name, _volume(package, self._set, disc), files)
        return _written_sealed(self._set, disc, self.plan.total, name, files)


def _contents(package: Package, archive: zipfile.ZipFile, split: Plan, disc: int) -> Iterator[DiscFile]:
    """Each file of a package that lies on a disc; what tells how to check it stands at the top too."""
    for name in split.of(disc):
        info = archive.getinfo(f"{package.folder}/{name}")
        opened = partial(archive.open, info)
        yield DiscFile(f"{package.folder}/{name}", opened, info.file_size)
        if name in _ALSO_AT_THE_TOP:
            yield DiscFile(name, opened, info.file_size)


def _written(package: Package, name: str, volume: str, files: list[DiscFile]) -> Image:
    """Write an image, and read it back as a computer will."""
    digest = hashlib.sha256()
    with package_store.writing(package, name) as sealed:

        def out(piece: bytes) -> None:
            digest.update(piece)
            sealed.write(piece)

        size = write_image(out, volume, files)
    listed = _sha256_of(files[0].open())
    try:
        _read_back(package, name, digest.hexdigest(), listed)
    except BaseException:
        package_store.remove_file(package, name)
        raise
    return Image(digest.hexdigest(), listed, size)


def _read_back(package: Package, name: str, sha256: str, listed: str) -> None:
    quiet = disc_check.Quiet()
    with package_store.reading(package, name) as reader:
        stream = cast(IO[bytes], io.BufferedReader(reader, package_store.BUFFER))
        try:
            found = disc_check.check_image(stream, quiet, fingerprint=package.fingerprint)
        except Defect as defect:
            raise UnsoundPackageError(f"{name} is not what was written: {defect}") from defect
    if quiet.defects or found["image_sha256"] != sha256 or found["sets"] != [listed]:
        raise UnsoundPackageError(f"{name} is not what was written: {(quiet.defects or [''])[0]}")


def _written_sealed(discs: DiscSet, disc: int, total: int, name: str, files: list[DiscFile]) -> Image:
    """The same with a container in the place of the files; the container is opened again and looked at."""
    package, witness, box = discs.package, Witness(), f"{name}.box"
    try:
        with package_store.writing(package, box) as sealed:
            witness.seal(Drawn(_zipped(files)), sealed, discs.recipients)
        with package_store.reading(package, box) as reader:
            size, digest = reader.size, _sha256_of(cast(IO[bytes], reader))
        opened = partial(package_store.opened, package, box)
        beside = list(_beside(discs, disc, total))
        hashes = {one.path: _sha256_of(one.open()) for one in beside} | {CONTAINER: digest}
        told = {
            "format": SEALED_FORMAT,
            "set": discs.number,
            "package": package.name,
            "fingerprint": package.fingerprint,
            "disc": disc,
            "of": total,
            "marks": discs.marks,
            "files": hashes,
        }
        container = DiscFile(CONTAINER, cast(Any, opened), size)
        made = _written(
            package,
            name,
            _volume(package, discs, disc),
            [_in_memory(_LIST, _json(told)), *beside, container],
        )
        package_store.remove_file(package, box)
        try:
            _open_again(package, name, witness, files)
        except BaseException:
            package_store.remove_file(package, name)
            raise
    finally:
        package_store.remove_file(package, box)
    return made


def _beside(discs: DiscSet, disc: int, total: int) -> Iterator[DiscFile]:
    """What lies beside a container in the clear: how to open it, and nothing of what is in it."""
    told = {
        "agency": discs.agency.name,
        "number": discs.package.name,
        "disc": disc,
        "total": total,
        "marks": discs.marks,
        "container": CONTAINER,
        "key_file": KEY_FILE if discs.protection == Protection.PASSPHRASE else "",
        "recipients": discs.recipients,
    }
    yield _in_memory("README.txt", render_to_string("evidence/disc/README.txt", told).encode())
    yield _in_memory("verify.py", standalone.verify_file())
    if discs.protection == Protection.PASSPHRASE:
        yield _in_memory(KEY_FILE, discs.key_file.encode())


def _zipped(files: list[DiscFile]) -> Iterator[bytes]:
    """A ZIP file of these files, piece by piece."""
    out = _Taken()
    with zipfile.ZipFile(cast(IO[bytes], out), "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        for file in files:
            info = zipfile.ZipInfo(file.path)
            info.external_attr, info.compress_type = 0o100644 << 16, zipfile.ZIP_DEFLATED
            info._compresslevel = 0 if file.path.endswith(_STORED) else 6  # type: ignore[attr-defined]  # noqa: SLF001  the way before Python 3.13
            with archive.open(info, "w", force_zip64=True) as inside, file.open() as source:
                while piece := source.read(package_store.BUFFER):
                    inside.write(piece)
                    yield out.take()
            yield out.take()
    yield out.take()


class _Taken(io.RawIOBase):
    """Holds what was written to it until it is taken."""

    def __init__(self) -> None:
        self._held, self._size = bytearray(), 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._size

    def write(self, data: Any, /) -> int:
        self._held += data
        self._size += len(data)
        return len(data)

    def take(self) -> bytes:
        held = bytes(self._held)
        self._held.clear()
        return held


def _open_again(package: Package, name: str, witness: Witness, files: list[DiscFile]) -> None:
    """Take the container from the image, open it, compare every file in it. Raises UnsoundPackageError."""
    again = f"{name}.opened"
    try:
        with package_store.reading(package, name) as reader, package_store.writing(package, again) as out:
            image = disc_check.opened_image(cast(IO[bytes], io.BufferedReader(reader, package_store.BUFFER)))
            with image.open_file_from_iso(joliet_path=f"/{CONTAINER}") as container:
                witness.open(container, out)
        with package_store.reading(package, again) as reader:
            archive = zipfile.ZipFile(cast(IO[bytes], io.BufferedReader(reader, package_store.BUFFER)))
            if archive.namelist() != [file.path for file in files]:
                raise UnsoundPackageError(f"The container of {name} does not hold what was put into it")
            for file in files:
                if _sha256_of(archive.open(file.path)) != _sha256_of(file.open()):
                    raise UnsoundPackageError(
                        f"In the container of {name} {file.path} is not what was written"
                    )
    except UnopenableBoxError as error:
        raise UnsoundPackageError(f"The container of {name} does not open: {error}") from error
    finally:
        package_store.remove_file(package, again)


def _volume(package: Package, discs: DiscSet, disc: int) -> str:
    return f"PW{package.year}{package.number:04d}S{discs.number:02d}D{disc:02d}"


def _in_memory(path: str, data: bytes) -> DiscFile:
    return DiscFile(path, lambda: io.BytesIO(data), len(data))


def _json(told: dict[str, Any]) -> bytes:
    return json.dumps(told, sort_keys=True).encode()


def _sha256_of(file: IO[bytes]) -> str:
    made = hashlib.sha256()
    with file:
        while piece := file.read(package_store.BUFFER):
            made.update(piece)
    return made.hexdigest()
