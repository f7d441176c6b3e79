"""The chain of custody of a burned disc: which link may follow which, what its check must say (R95–R98)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

REPORT_FORMAT: Final = "plateward-verification/1"
"""What `verify.py --report` and `plateward disc verify --report` write."""
_TOLD_DEFECTS: Final = 3


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
            "CHECKED": "Checked",
            "HANDED_OVER": "Handed over",
            "DESTROYED": "Destroyed",
        }[self.value]

    @property
    def asks(self) -> str:
        """What whoever records it is asked to tell."""
        return {
            "BURNED": "Drive, program, and whether the session was closed",
            "CHECKED": "On which computer, and what for",
            "HANDED_OVER": "What for, seal and condition",
            "DESTROYED": "How: shredded, incinerated",
        }[self.value]


class CustodyError(ValueError):
    """A link that cannot be; `field` names what is wrong."""

    def __init__(self, told: str, field: str) -> None:
        super().__init__(told)
        self.field = field


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedLink:
    """A link as it is to be recorded; `report` is the outcome of a check, None where none is at hand.

    `to_whom` and `receipt` are of a hand-over, `witness` of a destruction.
    """

    kind: Link
    serial: str
    happened_at: datetime
    told: str
    to_whom: str = ""
    receipt: str = ""
    witness: str = ""
    report: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class EarlierLink:
    """A link of the same copy that is recorded already; `is_here` where it is of the same disc."""

    kind: Link
    happened_at: datetime
    is_here: bool = True


def check_link(
    wanted: WantedLink, earlier: Sequence[EarlierLink], *, made_at: datetime, now: datetime
) -> None:
    """Everything needed is stated, it happened, and it can have happened to this copy. Raises CustodyError.

    `earlier` are the links of the agency's copies with this serial number; the image was there at `made_at`.
    People tell times to the minute.
    """
    _check_words(wanted)
    if wanted.happened_at > now:
        raise CustodyError("This time is still to come.", "happened_at")
    if any(one.kind is Link.DESTROYED for one in earlier):
        raise CustodyError("This copy was destroyed: nothing more can happen to it.", "serial")
    burned = [one for one in earlier if one.kind is Link.BURNED]
    if wanted.kind is Link.BURNED:
        if wanted.happened_at < made_at.replace(second=0, microsecond=0):
            raise CustodyError("The image of this disc was not made yet at this time.", "happened_at")
        if burned:
            raise CustodyError(
                "A copy with this serial number was burned already: a disc is written once.", "serial"
            )
        return
    if not any(one.is_here for one in burned):
        raise CustodyError(
            "No copy of this disc with this serial number was burned: record that first.", "serial"
        )
    if any(wanted.happened_at < one.happened_at for one in burned):
        raise CustodyError("The copy was not burned yet at this time.", "happened_at")
    last = max(one.happened_at for one in earlier)
    if wanted.kind is Link.DESTROYED and wanted.happened_at < last:
        raise CustodyError("Something else happened to the copy after this time.", "happened_at")


def _check_words(wanted: WantedLink) -> None:
    needed = {"serial": "Say which copy it is, by its serial number.", "told": "Say what happened."}
    if wanted.kind is Link.HANDED_OVER:
        needed |= {
            "to_whom": "Name who took it, and their agency.",
            "receipt": "Say by what they confirmed it, such as the number of the signed receipt.",
        }
    if wanted.kind is Link.DESTROYED:
        needed["witness"] = "Name who saw it destroyed."
    for field, otherwise in needed.items():
        if not str(getattr(wanted, field)).strip():
            raise CustodyError(otherwise, field)
    if wanted.kind is Link.CHECKED and wanted.report is None:
        raise CustodyError("Add the report of the check: without one it is no check.", "report")


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeDisc:
    """What is known of a disc as it was made; `listed` is the SHA-256 of its set.json, "" where unknown."""

    package: str
    fingerprint: str
    number: int
    total: int
    image: str
    listed: str


def check_report(report: Mapping[str, Any], disc: MadeDisc) -> None:
    """A check's report is of this disc, and everything passed. Raises CustodyError, field `report`."""
    problem = _unreadable(report) or _of_another(report, disc) or _failed(report, disc)
    if problem:
        raise CustodyError(problem, "report")


def _unreadable(report: Mapping[str, Any]) -> str:
    checks, here = report.get("checks"), report.get("discs")
    if report.get("format") != REPORT_FORMAT or not isinstance(checks, list) or not checks:
        return "This file is no report of “plateward disc verify” or of verify.py."
    if any(not isinstance(one, dict) or "defect_count" not in one for one in checks):
        return "This report was cut short or changed: run the check again."
    if not isinstance(here, list) and not _defects(report):
        return "This report names no disc: check the burned disc, not the package's file."
    return ""


def _of_another(report: Mapping[str, Any], disc: MadeDisc) -> str:
    here = report.get("discs") or []
    if "fingerprint" in report and report["fingerprint"] != disc.fingerprint:
        told = f" ({report['package']})" if report.get("package") else ""
        return f"This is a disc of another package{told}, not of package {disc.package}."
    if here and disc.number not in here:
        numbers = ", ".join(map(str, here))
        return f"This is disc {numbers} of {report.get('of')}, not disc {disc.number} of {disc.total}."
    if here and disc.listed and disc.listed not in report.get("sets", ()):
        return (
            "The disc's list (set.json) is not the one that was made: it is of another set, or was changed."
        )
    return ""


def _failed(report: Mapping[str, Any], disc: MadeDisc) -> str:
    defects, image = _defects(report), report.get("image_sha256", "")
    if not defects and image and image != disc.image:
        defects = ["what was read is not the image that was made, its SHA-256 is another"]
    if not defects and report.get("discs"):
        return ""
    told = "; ".join(defects[:_TOLD_DEFECTS]) or "nothing could be read"
    return f"The check failed: {told}. Do not rely on this copy: burn another, and destroy this one."


def _defects(report: Mapping[str, Any]) -> list[str]:
    return [
        str(defect)
        for check in report["checks"]
        if check["defect_count"]
        for defect in (check.get("defects") or ["a check failed"])
    ]
