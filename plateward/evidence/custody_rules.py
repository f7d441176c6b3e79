"""The chain of custody of a burned disc: which link may follow which, what its check must say (R95–R98)."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

REPORT_FORMAT: Final = "plateward-verification/1"
"""What `verify.py --report` and `plateward disc verify --report` write."""
READ_FROM_COPY: Final = ("drive", "folder")
"""What a report may be of, to say anything about a burned copy; `image` is a file."""
LONGEST_FAILURE: Final = 500
_TOLD_DEFECTS: Final = 3
_CLOCKS_APART: Final = timedelta(minutes=1)
"""So much may the clock of the computer that checks be ahead."""


class Link(StrEnum):
    """A link of the chain of custody of a burned disc."""

    BURNED = "BURNED"
    CHECKED = "CHECKED"
    BOOKED = "BOOKED"
    HANDED_OVER = "HANDED_OVER"
    DESTROYED = "DESTROYED"

    @property
    def label(self) -> str:
        """The link in words."""
        return {
            "BURNED": "Burned",
            "CHECKED": "Checked",
            "BOOKED": "Booked into evidence",
            "HANDED_OVER": "Handed over",
            "DESTROYED": "Destroyed",
        }[self.value]

    @property
    def asks(self) -> str:
        """What whoever records it is asked to tell."""
        return {
            "BURNED": "Drive, program, and whether the session was closed",
            "CHECKED": "On which computer, and what for",
            "BOOKED": "As which item, and where it is kept",
            "HANDED_OVER": "What for, seal and condition",
            "DESTROYED": "How: shredded, incinerated",
        }[self.value]


RECORDED_ALONE: Final = frozenset(Link) - {Link.BOOKED}
"""The links that a person records one by one; a booking into evidence makes its own."""


class CustodyError(ValueError):
    """A link that cannot be; `field` names what is wrong."""

    def __init__(self, told: str, field: str) -> None:
        super().__init__(told)
        self.field = field


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedLink:
    """A link as it is to be recorded; `report` is the outcome of a check, None where none is at hand.

    `to_whom` and `receipt` are of a hand-over, `witness` of a destruction. `unverified_because` is why a copy
    is handed over that no check passed.
    """

    kind: Link
    serial: str
    happened_at: datetime
    told: str
    to_whom: str = ""
    receipt: str = ""
    witness: str = ""
    unverified_because: str = ""
    report: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found: `failure` is what was wrong, "" where everything passed."""

    at: datetime
    failure: str = ""


@dataclass(frozen=True, slots=True)
class EarlierLink:
    """A link of the same copy that is recorded already; `is_here` where it is of the same disc."""

    kind: Link
    happened_at: datetime
    is_here: bool = True
    checked: Checked | None = None


def standing(links: Sequence[EarlierLink]) -> Checked | None:
    """The check of a copy that counts: its last, and of several at one time one that failed; None without."""
    checks = [one.checked for one in links if one.checked]
    return max(checks, key=lambda one: (one.at, bool(one.failure)), default=None)


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
    if wanted.kind is Link.HANDED_OVER:
        _check_hand_over(wanted, standing(earlier))
    last = max(one.happened_at for one in earlier)
    if wanted.kind is Link.DESTROYED and wanted.happened_at < last:
        raise CustodyError("Something else happened to the copy after this time.", "happened_at")


def _check_hand_over(wanted: WantedLink, last: Checked | None) -> None:
    if last and last.failure:
        raise CustodyError(
            f"The last check of this copy failed: {last.failure}. Check it anew, or burn another.", "serial"
        )
    if last is None and not wanted.unverified_because.strip():
        raise CustodyError(
            "No check of this copy is on record. Check it first, or say why it goes unchecked.",
            "unverified_because",
        )


def _check_words(wanted: WantedLink) -> None:
    if wanted.kind not in RECORDED_ALONE:
        raise CustodyError("Book the copy from its hold: the booking is the link.", "told")
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


def check_report(report: Mapping[str, Any], disc: MadeDisc, *, burned_at: datetime, now: datetime) -> Checked:
    """What a check of a copy of this disc found. Raises CustodyError, field `report`, for any other's report.

    It is of this disc alone, of what was burned (a drive, or where it is mounted or was copied to, and not of
    an image's file), and made between the burning, which people tell to the minute, and now.
    """
    problem = _unreadable(report) or _of_another(report, disc)
    if problem:
        raise CustodyError(problem, "report")
    at = _verified_at(report)
    if at is None or at > now + _CLOCKS_APART or at < burned_at.replace(second=0, microsecond=0):
        told = "has no time" if at is None else f"was made at {at:%Y-%m-%d %H:%M} UTC"
        raise CustodyError(
            f"This report {told}: it must have been made after the copy was burned, and before now.", "report"
        )
    return Checked(at, _failed(report, disc))


def digest_of(report: Mapping[str, Any]) -> str:
    """The SHA-256 by which a report is known again, however its file is laid out."""
    return hashlib.sha256(json.dumps(report, sort_keys=True).encode()).hexdigest()


def _unreadable(report: Mapping[str, Any]) -> str:
    checks = report.get("checks")
    if report.get("format") != REPORT_FORMAT or not isinstance(checks, list) or not checks:
        return "This file is no report of “plateward disc verify” or of verify.py."
    if not (all(map(_is_check, checks)) and all(is_it(report) for is_it in _SHAPES)):
        return "This report was cut short or changed: run the check again."
    if report.get("read") not in READ_FROM_COPY:
        return (
            "This report is not of a burned disc: an image's file says nothing about a copy. "
            "Check the disc in its drive, or where it is mounted."
        )
    return "" if _defects(report) else _unsaid(report)


def _unsaid(report: Mapping[str, Any]) -> str:
    """What a report lacks that says that everything passed."""
    if not report.get("discs"):
        return "This report names no disc: check the burned disc, not the package's file."
    if len(report["discs"]) != 1:
        return "This report is of several discs: check each alone."
    if not report.get("fingerprint") or not report.get("sets"):
        return "This report does not say which package's disc was read: run the check again."
    return ""


def _is_check(one: object) -> bool:
    return (
        isinstance(one, dict)
        and type(one.get("defect_count")) is int
        and isinstance(one.get("defects", []), list)
    )


def _is_text(name: str) -> Callable[[Mapping[str, Any]], bool]:
    return lambda report: isinstance(report.get(name, ""), str)


def _is_list(name: str, kind: type) -> Callable[[Mapping[str, Any]], bool]:
    return lambda report: (
        isinstance(report.get(name, []), list) and all(type(one) is kind for one in report.get(name, []))
    )


_SHAPES: Final = (
    *map(_is_text, ("fingerprint", "package", "image_sha256", "verified_at", "read")),
    _is_list("discs", int),
    _is_list("sets", str),
)


def _verified_at(report: Mapping[str, Any]) -> datetime | None:
    try:
        at = datetime.fromisoformat(report.get("verified_at", ""))
    except ValueError:
        return None
    return at if at.tzinfo else None


def _of_another(report: Mapping[str, Any], disc: MadeDisc) -> str:
    here, sets = report.get("discs"), report.get("sets")
    if report.get("fingerprint") and report["fingerprint"] != disc.fingerprint:
        told = f" ({report['package']})" if report.get("package") else ""
        return f"This is a disc of another package{told}, not of package {disc.package}."
    if here and here != [disc.number]:
        numbers = ", ".join(map(str, here))
        return f"This is disc {numbers} of {report.get('of')}, not disc {disc.number} of {disc.total}."
    if sets and disc.listed and disc.listed not in sets and not _defects(report):
        return (
            "The disc's list (set.json) is not the one that was made: it is of another set, or was changed."
        )
    return ""


def _failed(report: Mapping[str, Any], disc: MadeDisc) -> str:
    defects, image = _defects(report), report.get("image_sha256", "")
    if not defects and image and image != disc.image:
        defects = ["what was read is not the image that was made, its SHA-256 is another"]
    return "; ".join(defects[:_TOLD_DEFECTS])[:LONGEST_FAILURE]


def _defects(report: Mapping[str, Any]) -> list[str]:
    return [
        str(defect)
        for check in report["checks"]
        if check["defect_count"]
        for defect in (check.get("defects") or ["a check failed"])
    ]
