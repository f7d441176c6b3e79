"""What a package is made of and how it stands: no clock, no database."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

MOST_ATTEMPTS: Final = 5
"""So often a build that ended without a word (a killed worker, a power cut) is begun anew."""


class PackageState(StrEnum):
    """How a package stands."""

    BUILDING = "BUILDING"
    BUILT = "BUILT"
    FAILED = "FAILED"
    DISCARDED = "DISCARDED"

    @property
    def label(self) -> str:
        """The state in words."""
        return _LABELS[self]


_LABELS: Final = {
    PackageState.BUILDING: "Being built",
    PackageState.BUILT: "Built and checked",
    PackageState.FAILED: "Not built",
    PackageState.DISCARDED: "Our copy was destroyed",
}


@dataclass(frozen=True, slots=True)
class Transition:
    """One way from a state to the next; `verb` is what the journal says of it, `by` who does it."""

    source: PackageState | None
    target: PackageState
    act: str
    verb: str
    by: str


WHO: Final = "whoever may build packages"
TRANSITIONS: Final = (
    Transition(None, PackageState.BUILDING, "order", "evidence.package.ordered", WHO),
    Transition(
        PackageState.BUILDING, PackageState.BUILT, "build, read back", "evidence.package.built", "the worker"
    ),
    Transition(
        PackageState.BUILDING,
        PackageState.FAILED,
        "fail",
        "evidence.package.failed",
        "the worker, with the reason",
    ),
    Transition(
        PackageState.FAILED,
        PackageState.BUILDING,
        "order again",
        "evidence.package.ordered",
        WHO,
    ),
    Transition(
        PackageState.BUILT,
        PackageState.DISCARDED,
        "destroy our copy",
        "evidence.package.discarded",
        "whoever may build packages, with the reason",
    ),
    Transition(
        PackageState.FAILED,
        PackageState.DISCARDED,
        "give up",
        "evidence.package.discarded",
        "whoever may build packages, with the reason",
    ),
)


def may_become(source: PackageState, target: PackageState) -> bool:
    """Whether the table has a way from one state to the other."""
    return any(one.source is source and one.target is target for one in TRANSITIONS)


class UnusableWishError(ValueError):
    """What was wanted cannot be packed; the message says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be packed, and what for. Reads, alerts and a hold may be named together.

    The reads of an alert are those of its hits; a hold's are those its scope covers now. `recipient` is who
    gets it, `limits` are the sentences that bind them and go into the package (R111). `for_outside` is always
    said: it is what goes to another agency or the public, as everything with limits does. Of accesses then
    this package's own alone goes along; alerts, hotlist entries, what cameras sent beside the read, and the
    notes on cameras do not.
    """

    reads: tuple[UUID, ...] = ()
    alerts: tuple[UUID, ...] = ()
    hold: UUID | None = None
    purpose: str
    reason: str
    reference: str
    recipient: str = ""
    limits: tuple[str, ...] = ()
    for_outside: bool

    @property
    def is_for_outside(self) -> bool:
        """Whether somebody outside of the agency gets it."""
        return self.for_outside or bool(self.limits)

    def check(self) -> None:
        """Raise UnusableWishError where nothing is named, or no reason given."""
        if not (self.reads or self.alerts or self.hold):
            raise UnusableWishError("Name at least one read, an alert or a hold to be packed.")
        if not self.reason.strip():
            raise UnusableWishError("Say what the package is for: the reason stands on it.")

    def kept(self) -> dict[str, list[str] | str | bool]:
        """The named things, as a row keeps them."""
        return {
            "reads": [str(one) for one in self.reads],
            "alerts": [str(one) for one in self.alerts],
            "hold": str(self.hold or ""),
            "for_outside": self.is_for_outside,
        }


def number_of(year: int, number: int) -> str:
    """A package's number as people write it."""
    return f"{year}-{number:04d}"


def folder_of(agency: str, year: int, number: int) -> str:
    """The name of a package's one folder."""
    return f"plateward-{agency}-{number_of(year, number)}"


_UNITS: Final = ("bytes", "KB", "MB", "GB", "TB")


def size_words(size: int) -> str:
    """A number of bytes as discs are sold: 1 KB is 1,000 bytes."""
    amount, unit = float(size), 0
    while amount >= 1000 and unit < len(_UNITS) - 1:  # noqa: PLR2004  the next unit
        amount, unit = amount / 1000, unit + 1
    return f"{size} {_UNITS[0]}" if not unit else f"{amount:.1f} {_UNITS[unit]}"
