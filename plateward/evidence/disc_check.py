"""Checking one disc: its image, the drive that it lies in, or where it is mounted or was copied to (R95).

The verifier of packages does the work; here is what only Plateward has, reading images, and the verdict on a
single disc of a set. No Django: it runs on the computer that burned the disc.
"""

import hashlib
import io
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, BinaryIO, Final, cast

from pycdlib import PyCdlib
from pycdlib.pycdlibexception import PyCdlibException

from plateward.evidence import package_verifier as verifier
from plateward.evidence.disc_rules import SECTOR
from plateward.ledger.verifier import Defect, Report

_AT_THE_TOP: Final = ("verify.py", "README.txt")
_PIECE: Final = 1 << 20


class Quiet(Report):
    """Keeps what is wrong, and prints nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.defects: list[str] = []

    def tell(self, check: str, defects: list[str]) -> None:
        del check
        self.failed += bool(defects)
        self.defects += defects

    def note(self, text: str) -> None:
        del text


class _OnImage(verifier.Place):
    """The files of an image by their true names; below one folder of it, or all."""

    def __init__(self, image: Any, top: str = "") -> None:
        self._image, self._top = image, top
        super().__init__([])

    def _found(self) -> Iterator[tuple[str, int]]:
        for below, _, names in self._image.walk(joliet_path="/"):
            for name in names:
                path = f"{below.rstrip('/')}/{name}"
                if path.startswith(f"{self._top}/"):
                    size = self._image.get_record(joliet_path=path).get_data_length()
                    yield path[len(self._top) + 1 :], size

    def open(self, name: str, copy: int = 0) -> IO[bytes]:
        del copy  # an image has each once
        if name not in self.sizes:
            raise Defect(f"{name} is missing")
        file = self._image.open_file_from_iso(joliet_path=f"{self._top}/{name}")
        return cast(IO[bytes], file.__enter__())

    def copies(self, name: str) -> list[str]:
        return [name] if name in self.sizes else []


def check_image(stream: IO[bytes], report: Report, *, fingerprint: str = "") -> dict[str, Any]:
    """Every check of an image; returns what names the disc. Raises Defect for what is none."""
    try:
        image = opened_image(stream)
        size = image.pvd.space_size * SECTOR
        places = _OnImage(image)
        if verifier.is_sealed(places):
            told = verifier.check_sealed(places, report, fingerprint)
        else:
            folders = {name.partition("/")[0] for name in places.sizes if name.endswith("/bagit.txt")}
            if len(folders) != 1:
                raise Defect("this is no disc of an evidence package")
            with tempfile.TemporaryDirectory() as folder:
                listed = Path(folder, verifier.SET_LIST)
                listed.write_text(places.text(verifier.SET_LIST), encoding="utf-8")
                discs = verifier.Discs([folder])
            told = _plain(discs, _OnImage(image, f"/{folders.pop()}"), places, report, fingerprint)
        image.close()
    except PyCdlibException as error:
        raise Defect(f"this is no image of a disc, or it was cut short: {error}") from error
    return {**told, "image_sha256": _sha256(stream, size), "image_size": size}


def opened_image(stream: IO[bytes]) -> Any:
    """An image that can be read. Raises PyCdlibException for what is none."""
    image = PyCdlib()
    image.open_fp(cast(BinaryIO, stream))
    return image


def check_folder(path: Path, report: Report, *, fingerprint: str = "") -> dict[str, Any]:
    """Every check of a mounted disc or a copy of one; returns what names it. Raises Defect."""
    top = verifier.Top([str(path)])
    if verifier.is_sealed(top):
        return verifier.check_sealed(top, report, fingerprint)
    if verifier.SET_LIST not in top.sizes:
        raise Defect(f"{path} is no disc of an evidence package: there is no {verifier.SET_LIST}")
    return _plain(verifier.Discs([str(path)]), verifier.Place([str(path)]), top, report, fingerprint)


def _plain(
    discs: verifier.Discs, place: verifier.Place, top: verifier.Place, report: Report, fingerprint: str
) -> dict[str, Any]:
    """The checks of the files of a disc that is not encrypted."""
    found = place.sha256(verifier.MANIFESTS[0])
    if fingerprint:
        same = found == "".join(fingerprint.split()).lower()
        report.tell("the fingerprint is the one you gave", [] if same else [f"it is {found}"])
    discs.tell(report, place)
    verifier.check_files(place, discs, report)
    wrong = [
        f"{name} at the top is not the package's"
        for name in _AT_THE_TOP
        if name in place.sizes and (name not in top.sizes or top.sha256(name) != place.sha256(name))
    ]
    report.tell("what lies at the top is the package's", wrong)
    return {
        "fingerprint": found,
        "package": discs.sets[0]["package"],
        "discs": discs.here,
        "of": discs.total,
        "sets": discs.lists,
        "bytes": sum(top.sizes.values()),
        "is_origin_checked": bool(fingerprint),
    }


def verify(path: Path, *, fingerprint: str, report_to: str | None) -> int:
    """Print every check of a disc and the verdict; 0 when all passed, 1 when one failed."""
    report, told = verifier.KeptReport(), dict[str, Any]()
    read = {"read": _kind_of(path)}
    try:
        if path.is_dir():
            told = check_folder(path, report, fingerprint=fingerprint)
        else:
            with path.open("rb") as stream:
                told = check_image(stream, report, fingerprint=fingerprint)
    except Exception as defect:  # noqa: BLE001  whatever cannot be checked has failed
        report.tell("the disc can be read", [str(defect) or type(defect).__name__])
    return verifier.close(report, {**told, **read}, _verdict(report, told), report_to)


def _kind_of(path: Path) -> str:
    """What a check reads: a burned disc in its drive, where it is mounted or was copied to, or a file."""
    if path.is_dir():
        return "folder"
    is_drive = path.is_block_device() or path.is_char_device() or str(path).startswith("\\\\.\\")
    return "drive" if is_drive else "image"


def _verdict(report: verifier.KeptReport, told: dict[str, Any]) -> tuple[int, str]:
    if report.failed or not told:
        return 1, "FAIL: do not rely on this copy. Burn another, and destroy this one."
    inside = ", still sealed: open it as README.txt says and check what lies in it" * told.get(
        "is_sealed", False
    )
    return 0, f"PASS: disc {told['discs'][0]} of {told['of']} is as it was made{inside}."


def _sha256(stream: IO[bytes], size: int) -> str:
    """Of the image alone: a drive may give more than was burned. Raises Defect where there is less."""
    stream.seek(0, io.SEEK_SET)
    made, left = hashlib.sha256(), size
    while left:
        piece = stream.read(min(left, _PIECE))
        if not piece:
            raise Defect("the image is cut short")
        made.update(piece)
        left -= len(piece)
    return made.hexdigest()
