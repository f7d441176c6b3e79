"""How a package is split over discs: which file goes where, and what the set's list says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

SECTOR: Final = 2048
SPARE: Final = 4 * 2**20
"""What volume descriptors, path tables and the files of every disc need, rounded up generously."""
PER_FILE: Final = 2 * SECTOR
"""A file's entries in ISO 9660, Joliet and UDF, with what its last sector wastes."""
OF_CONTAINER: Final = 2000
"""One byte in so many is taken by a container: tags of age (16 bytes in 65,536), and the ZIP file's own."""
SET_FORMAT: Final = "plateward-disc-set/1"
SEALED_FORMAT: Final = "plateward-sealed-disc/1"
CONTAINER: Final = "contents.zip.age"
KEY_FILE: Final = "key.age"
MOST_MARKS: Final = 4
LONGEST_MARK: Final = 70


class Medium(StrEnum):
    """A kind of disc that can be written once."""

    CD = "CD"
    DVD = "DVD"
    BD = "BD"

    @property
    def label(self) -> str:
        """Its name as it is sold."""
        return {"CD": "CD-R, 700 MB", "DVD": "DVD-R or DVD+R, 4.7 GB", "BD": "BD-R, 25 GB"}[self.value]

    @property
    def capacity(self) -> int:
        """What fits on it, in bytes (sectors of 2,048 bytes; of DVDs the smaller, DVD+R)."""
        return {"CD": 360_000, "DVD": 2_295_104, "BD": 12_219_392}[self.value] * SECTOR


class DoesNotFitError(ValueError):
    """A file is larger than a disc; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Which disc, counted from 1, each file goes to; 0 stands for every disc."""

    files: Mapping[str, int]
    total: int

    def of(self, disc: int) -> list[str]:
        """The files of a disc."""
        return [name for name, place in self.files.items() if place in {0, disc}]

    def told(
        self, disc: int, *, package: str, fingerprint: str, number: int = 1, marks: Sequence[str] = ()
    ) -> dict[str, Any]:
        """The list of the package's nth set as it lies on a disc, or in a disc's container."""
        return {
            "set": number,
            "format": SET_FORMAT,
            "marks": list(marks),
            "package": package,
            "fingerprint": fingerprint,
            "disc": disc,
            "of": self.total,
            "files": dict(self.files),
        }


def plan(sizes: Mapping[str, int], medium: Medium, *, is_sealed: bool = False) -> Plan:
    """Put files on discs in their order; what is about the evidence goes on every disc where it is small.

    `sizes` are in bytes by path; a container takes a little more. Raises DoesNotFitError.
    """
    everywhere = {name for name in sizes if not name.startswith(("data/", "proof/", "viewer/"))}
    container = medium.capacity // OF_CONTAINER if is_sealed else 0
    room = medium.capacity - SPARE - container - sum(_takes(sizes[name]) for name in everywhere)
    placed: dict[str, int] = dict.fromkeys(everywhere, 0)
    disc, left = 1, room
    for name, size in sizes.items():
        if name in everywhere:
            continue
        if _takes(size) > room:
            raise DoesNotFitError(f"{name} does not fit on a {medium.label}: choose a larger medium.")
        if _takes(size) > left:
            disc, left = disc + 1, room
        placed[name], left = disc, left - _takes(size)
    return Plan(placed, disc)


def _takes(size: int) -> int:
    return size + PER_FILE


def image_name(number: int, disc: int) -> str:
    """The name of the image of a disc of a package's nth set, in the package's folder."""
    return f"{images_of(number)}{disc:02d}.iso"


def images_of(number: int) -> str:
    """How the names of a set's images begin."""
    return "disc-" if number == 1 else f"set-{number:02d}-disc-"


class SetState(StrEnum):
    """How a set of discs stands."""

    BUILDING = "BUILDING"
    BUILT = "BUILT"
    FAILED = "FAILED"

    @property
    def label(self) -> str:
        """The state in words."""
        return {"BUILDING": "Being made", "BUILT": "Made and checked", "FAILED": "Not made"}[self.value]


class Protection(StrEnum):
    """How what lies on a disc is protected from whoever finds it."""

    PLAIN = "PLAIN"
    PASSPHRASE = "PASSPHRASE"  # noqa: S105  a kind of protection
    KEYS = "KEYS"

    @property
    def label(self) -> str:
        """The protection in words."""
        return {
            "PLAIN": "Not encrypted: the discs stay within secure places",
            "PASSPHRASE": "Encrypted, opened by a passphrase that is shown once",
            "KEYS": "Encrypted for the public keys below",
        }[self.value]


class UnusableDiscsError(ValueError):
    """What was wanted cannot be made; `field` names what is wrong, the message what to do."""

    def __init__(self, told: str, field: str) -> None:
        super().__init__(told)
        self.field = field


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedDiscs:
    """A set of discs as it is to be made.

    `recipients` are public keys of the age format, for `Protection.KEYS` alone. `marks` are the handling
    marks: lines that stand on every label and in the set's list (CJIS MP-3, R97).
    """

    medium: Medium
    protection: Protection = Protection.PLAIN
    recipients: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()

    def check(self) -> None:
        """Raise UnusableDiscsError where keys are missing or not wanted, or the marks fit on no label."""
        if (self.protection is Protection.KEYS) != bool(self.recipients):
            told = (
                "Name at least one public key of somebody who may open the discs."
                if self.protection is Protection.KEYS
                else "Public keys are for discs that are encrypted for them: choose that, or leave them out."
            )
            raise UnusableDiscsError(told, "recipients")
        if len(self.marks) > MOST_MARKS or any(len(one) > LONGEST_MARK for one in self.marks):
            told = f"A label has room for {MOST_MARKS} lines of {LONGEST_MARK} letters."
            raise UnusableDiscsError(told, "marks")
