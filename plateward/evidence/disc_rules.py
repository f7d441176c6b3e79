"""How a package is split over discs: which file goes where, and what the set's list says."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

SECTOR: Final = 2048
SPARE: Final = 4 * 2**20
"""What volume descriptors, path tables and the files of every disc need, rounded up generously."""
PER_FILE: Final = 2 * SECTOR
"""A file's entries in ISO 9660, Joliet and UDF, with what its last sector wastes."""
SET_FORMAT: Final = "plateward-disc-set/1"


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

    def told(self, disc: int, *, package: str, fingerprint: str) -> dict[str, Any]:
        """The set's list as it lies on a disc."""
        return {
            "format": SET_FORMAT,
            "package": package,
            "fingerprint": fingerprint,
            "disc": disc,
            "of": self.total,
            "files": dict(self.files),
        }


def plan(sizes: Mapping[str, int], medium: Medium) -> Plan:
    """Put files on discs in their order; what is about the evidence goes on every disc where it is small.

    `sizes` are in bytes by path. Raises DoesNotFitError.
    """
    everywhere = {name for name in sizes if not name.startswith(("data/", "proof/", "viewer/"))}
    room = medium.capacity - SPARE - sum(_takes(sizes[name]) for name in everywhere)
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


def image_name(disc: int) -> str:
    """The name of a disc's image in the package's folder."""
    return f"disc-{disc:02d}.iso"


class Link(StrEnum):
    """A link of the chain of custody of a burned disc."""

    BURNED = "BURNED"
    CHECKED = "CHECKED"
    HANDED_OVER = "HANDED_OVER"
    DESTROYED = "DESTROYED"

    @property
    def label(self) -> str:
        """The link in words."""
        return {
            "BURNED": "Burned",
            "CHECKED": "Checked by verify.py",
            "HANDED_OVER": "Handed over",
            "DESTROYED": "Destroyed",
        }[self.value]

    @property
    def asks(self) -> str:
        """What whoever records it is asked to tell."""
        return {
            "BURNED": "Drive, program, and whether the session was closed",
            "CHECKED": "What verify.py said of the burned disc, and on which computer",
            "HANDED_OVER": "From whom, to whom, what for, seal and condition",
            "DESTROYED": "How (shredded, incinerated), and who saw it",
        }[self.value]
