"""Putting a package's files together, in the order in which they can be written: pictures, then words.

Reads are taken some at a time and looked up anew for each file, so that a package of any size takes little
memory. A read that retention destroyed between two files ends the build: half of it would be no evidence.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from plateward.alerts.models import Alert, Hit
from plateward.audit import exporting
from plateward.audit.models import AccessRecord, AuditRecord
from plateward.devices.health import whole_hour
from plateward.devices.models import Device
from plateward.evidence import package_facts as facts
from plateward.evidence.bag import Bag, json_file, json_list
from plateward.evidence.package_models import Package, PackageRead
from plateward.evidence.stamping import Authority
from plateward.governance.actor import Actor
from plateward.governance.models import Adoption
from plateward.hotlists.models import Entry
from plateward.reads.check_queries import last_checks
from plateward.reads.imaging import EXTENSIONS
from plateward.reads.models import Picture, Read
from plateward.reads.pictures import picture_bytes
from plateward.reads.queries import pictures_of, reads_by_id
from plateward.reads.store import PictureLost
from plateward.search.export_sheet import READ_COLUMNS, mark_cells, read_cells

AT_ONCE: Final = 200
"""So many reads are in memory at a time."""
ACCESS_VERB: Final = "audit.access.recorded"
_WHY: Final = READ_COLUMNS.index("why found")
"""A column of search results; a package was not searched for."""
COLUMNS: Final = tuple(name for name in READ_COLUMNS if name != "why found")
MARKS: Final = (
    *("packed by", "name", "title", "agency", "ordered", "purpose", "reason", "case", "access record"),
    *("policy version", "extent", "notice"),
)


class ReadGoneError(Exception):
    """A read was destroyed while its package was built."""

    def __init__(self) -> None:
        super().__init__(
            "A read was destroyed while the package was built. Hold what is needed, then order again."
        )


@dataclass
class Packing:
    """What one build knows: the package, for whom, and what it has met on its way."""

    package: Package
    by: Actor
    bag: Bag
    now: datetime
    progress: Callable[[int], object] = lambda _: None
    authority: Authority | None = None
    """Who is asked for a time stamp, once everything is written."""
    files: dict[UUID, str] = field(default_factory=dict)
    alerts: set[UUID] = field(default_factory=set)
    cameras: dict[UUID, set[datetime]] = field(default_factory=lambda: defaultdict(set))
    rows: set[int] = field(default_factory=set)
    plates: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    reads: int = 0
    missing: int = 0

    @property
    def is_for_outside(self) -> bool:
        """Whether somebody outside of the agency gets it: other investigations then stay out of it (R111)."""
        return bool(self.package.wanted.get("for_outside"))

    def evidence(self) -> None:
        """Write everything below `data/`. Raises ReadGoneError, PictureUnavailableError, OSError."""
        self._pictures()
        add = self.bag.add
        add("data/reads.json", json_list(self._read_facts()))
        add("data/reads.csv", self._csv())
        add("data/alerts.json", json_list(self._alert_facts()))
        add("data/entries.json", json_list(self._entry_facts()))
        add("data/accesses.json", json_list(self._access_facts()))
        add("data/cameras.json", json_list(self._camera_facts()))
        self._policy()
        add("data/limits.json", json_file(self.package.limits))

    def proof(self) -> None:
        """Write the proofs that the journal's rows in the package were sealed.

        Raises exporting.NothingSealedError.
        """
        found = exporting.files_of_rows(self.rows, agency=self.by.agency, now=self.now)
        for name, content in found:
            self.bag.add(f"proof/{name}", content)

    def batches(self) -> Iterator[list[Read]]:
        """The reads in the order of their capture, some at a time. Raises ReadGoneError."""
        ids = PackageRead.objects.filter(package=self.package).order_by("captured_at", "read_id")
        for many in _many(ids.values_list("read_id", flat=True).iterator(AT_ONCE)):
            found = reads_by_id(many)
            if len(found) != len(many):
                raise ReadGoneError
            yield [found[one] for one in many]

    def _pictures(self) -> None:
        for batch in self.batches():
            pictures = pictures_of([read.id for read in batch])
            for read in batch:
                self._note(read)
                for number, picture in enumerate(pictures[read.id], 1):
                    self._picture(read, picture, number)
            if not self.is_for_outside:
                self.alerts |= _alerts_of(batch)
            self.progress(self.reads)

    def _note(self, read: Read) -> None:
        self.reads += 1
        self.plates[read.plate] += 1
        self.cameras[read.device_id].add(whole_hour(read.captured_at))

    def _picture(self, read: Read, picture: Picture, number: int) -> None:
        at = read.captured_at
        name = f"{at:%H%M%S}-{read.plate or 'no-plate'}-{read.id.hex[-12:]}-{picture.role.lower()}"
        path = f"data/pictures/{at:%Y-%m-%d}/{name}-{number}.{EXTENSIONS[picture.media_type]}"
        try:
            self.bag.add(path, picture_bytes(picture))
            self.files[picture.pk] = path
        except (
            PictureLost
        ) as error:  # what is left is evidence too; the package says what is missing, and why
            self.files[picture.pk] = str(error)
            self.missing += 1

    def _read_facts(self) -> Iterator[dict[str, Any]]:
        for batch in self.batches():
            ids = [read.id for read in batch]
            pictures, checks = pictures_of(ids), last_checks(ids)
            for read in batch:
                found = [one for one in pictures[read.id] if one.pk in self.files]
                yield facts.read_facts(
                    read, found, self.files, checks.get(read.id), for_outside=self.is_for_outside
                )

    def _csv(self) -> Iterator[bytes]:
        zone = ZoneInfo(self.by.profile.agency.time_zone)
        access = AccessRecord.objects.get(audit_id=self.package.access_row)
        marks = mark_cells(self.by.profile, access, f"all {self.reads:,} reads of the package")
        yield _line((*COLUMNS, *MARKS), mark="\N{ZERO WIDTH NO-BREAK SPACE}")
        number = 0
        for batch in self.batches():
            ids = [read.id for read in batch]
            pictures, checks = pictures_of(ids), last_checks(ids)
            for read in batch:
                number += 1
                cells = list(read_cells(number, read, None, pictures[read.id], checks.get(read.id), zone))
                del cells[_WHY]
                yield _line((*cells, *marks))

    def _alert_facts(self) -> Iterator[dict[str, Any]]:
        alerts = Alert.objects.filter(pk__in=self.alerts).select_related("entry")
        for alert in alerts.order_by("raised_at", "pk"):
            packed = PackageRead.objects.filter(package=self.package).values("read_id")
            hits = alert.hits.filter(read_id__in=packed).order_by("captured_at", "pk")
            history = self._history(f"alerts.Alert:{alert.pk}")
            yield facts.alert_facts(self.by, alert, list(hits), history)

    def _history(self, subject: str) -> list[AuditRecord]:
        """The journal of an object, accesses left to their own file."""
        rows = list(
            AuditRecord.objects.filter(agency=self.by.agency, subject=subject)
            .exclude(verb=ACCESS_VERB)
            .order_by("pk")
        )
        self.rows |= {row.pk for row in rows}
        return rows

    def _entry_facts(self) -> Iterator[dict[str, Any]]:
        wanted = Alert.objects.filter(pk__in=self.alerts).values("entry_id")
        entries = Entry.objects.filter(pk__in=wanted, agency_id=self.by.agency)
        people = ("hotlist", "requested_by", "decided_by", "entered_by", "ended_by")
        for entry in entries.select_related(*people).order_by("requested_at", "pk"):
            told = facts.entry_facts(self.by, entry)
            self.rows |= {row["row"] for row in told.get("history", ())}
            yield told

    def _access_facts(self) -> Iterator[dict[str, Any]]:
        """Who opened these reads, their alerts and this package; searches and other packages stay out."""
        for many in _many(sorted(self._access_rows())):
            self.rows |= set(many)
            for access in AccessRecord.objects.filter(audit_id__in=many).order_by("audit_id"):
                yield facts.access_facts(access)

    def _access_rows(self) -> set[int]:
        found = self._accesses_of([self.package.subject]) | {self.package.access_row}
        if self.is_for_outside:
            return found
        for batch in self.batches():
            ids = [read.id for read in batch]
            found |= self._accesses_of([f"reads.Read:{one}" for one in ids])
        for alerts in _many(sorted(self.alerts)):
            found |= self._accesses_of([f"alerts.Alert:{one}" for one in alerts])
        return found

    def _accesses_of(self, subjects: Sequence[str]) -> set[int]:
        rows = AuditRecord.objects.filter(agency=self.by.agency, subject__in=subjects, verb=ACCESS_VERB)
        return set(rows.values_list("pk", flat=True))

    def _camera_facts(self) -> Iterator[dict[str, Any]]:
        for device in Device.objects.filter(pk__in=list(self.cameras)).order_by("name", "pk"):
            yield facts.device_facts(device, self.cameras[device.pk], for_outside=self.is_for_outside)

    def _policy(self) -> None:
        since = self.package.oldest_at or self.now
        versions = facts.versions_in_force(self.by.agency, since, self.now)
        seen = set()
        for adoption in () if self.is_for_outside else versions:
            if facts.policy_file(adoption) not in seen:
                seen.add(facts.policy_file(adoption))
                self.bag.add(facts.policy_file(adoption), bytes(adoption.profile))
        self.bag.add("data/policy/versions.json", json_list(self._versions(versions)))
        self.bag.add("data/policy/clauses.json", json_list(facts.clause_facts(self.by.profile)))

    def _versions(self, versions: Sequence[Adoption]) -> Iterator[dict[str, Any]]:
        for adoption in versions:
            told = facts.version_facts(adoption)
            yield told | {"file": ""} if self.is_for_outside else told


def _alerts_of(reads: Sequence[Read]) -> set[UUID]:
    hits = Hit.objects.filter(read_id__in=[read.id for read in reads])
    return set(hits.values_list("alert_id", flat=True))


def _many(items: Any) -> Iterator[list[Any]]:
    """Items some at a time."""
    batch = []
    for item in items:
        batch.append(item)
        if len(batch) == AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _line(cells: Sequence[str], mark: str = "") -> bytes:
    """A line of CSV (RFC 4180); the first begins with the mark by which spreadsheets know UTF-8."""
    text = io.StringIO(newline="")
    csv.writer(text).writerow(cells)
    return (mark + text.getvalue()).encode()
