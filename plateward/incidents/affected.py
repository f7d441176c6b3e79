"""Which accesses an incident is about, and what they say of plates and reads. Pure.

An access record says how many reads a search found and not which: only plates that were asked for, and reads
that were opened, are counted one by one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any

from plateward.ledger.canonical import canonical_bytes


class Source(StrEnum):
    """What was accessed."""

    SEARCHES = "SEARCHES"
    READS = "READS"
    ALERTS = "ALERTS"
    FILES = "FILES"
    RECORDS = "RECORDS"

    @property
    def label(self) -> str:
        """The source in words."""
        return {
            Source.SEARCHES: "Searches, and results taken out as files",
            Source.READS: "Reads opened, with their pictures",
            Source.ALERTS: "Alerts and hotlists",
            Source.FILES: "Evidence packages and releases",
            Source.RECORDS: "The record of accesses itself",
        }[self]

    @property
    def beginnings(self) -> tuple[str, ...]:
        """How the subjects of its access records begin."""
        return {
            Source.SEARCHES: ("search.",),
            Source.READS: ("reads.",),
            Source.ALERTS: ("alerts.", "hotlists.", "outgoing."),
            Source.FILES: ("evidence.", "releases."),
            Source.RECORDS: ("oversight.", "incidents."),
        }[self]


@dataclass(frozen=True, slots=True)
class Access:
    """What is counted of one access record."""

    id: int
    audit_id: int
    subject: str
    elements: Mapping[str, Any]
    plate: str
    results: int
    is_bounded: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """What accesses come to: at least `results` where `is_bounded`; plates and reads as they were named."""

    results: int
    is_bounded: bool
    plates: int
    reads: int
    sha256: str


def figures(accesses: Iterable[Access]) -> Figures:
    """What accesses come to, with the SHA-256 of the list as canonical JSON."""
    known = list(accesses)
    plates, reads = set[str](), set[str]()
    for one in known:
        passed = one.elements.get("same_pass") or []
        named = [one.plate, *(str(other.get("plate") or "") for other in passed)]
        opened = [str(one.elements.get("read") or ""), *(str(other.get("read") or "") for other in passed)]
        plates |= {plate for plate in named if plate and not {"?", "*"} & set(plate)}
        reads |= {read for read in opened if read}
    listed = [[one.id, one.audit_id, one.subject, one.results, one.is_bounded] for one in known]
    return Figures(
        results=sum(one.results for one in known),
        is_bounded=any(one.is_bounded for one in known),
        plates=len(plates),
        reads=len(reads),
        sha256=sha256(canonical_bytes(listed)).hexdigest(),
    )
