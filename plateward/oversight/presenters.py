"""The time line of the record in words, on a page and as rows of a file."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from zoneinfo import ZoneInfo

from plateward.audit.models import AccessRecord
from plateward.audit.presenters import facts, sentence
from plateward.oversight.inquiry import PURPOSES
from plateward.oversight.models import ReviewItem, ReviewStep
from plateward.oversight.queries import Entry
from plateward.policy import Profile
from plateward.ui.sheets import harmless

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "search.Search": "Searched, thumbnails of the results shown",
        "reads.Read": "Opened a read with its pictures",
        "alerts.Alert": "Was shown an alert with its pictures",
        "reads.InboxItem": "Looked into a payload in quarantine",
        "oversight.Inquiry": "Asked the record",
        "units.Unit": "Was shown a read on a unit",
    }
)
"""What kind of access a record is, by the object it names."""

COLUMNS = (
    "when",
    "username",
    "name",
    "title",
    "organization",
    "address",
    "what",
    "plate",
    "elements",
    "purpose",
    "reason",
    "case",
    "results",
    "flags",
    "why it answers",
    "policy version",
    "access record",
    "journal row",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the time line in words; `access_id` is None for a journal row."""

    entry: Entry
    what: str
    title_name: str
    plate: str = ""
    purpose: str = ""
    reason: str = ""
    reference: str = ""
    count: str = ""
    facts: list[tuple[str, str]]
    access_id: int | None
    audit_id: int


def lines(profile: Profile, entries: Iterable[Entry]) -> list[Line]:
    """The time line in words."""
    return [_line(profile, entry) for entry in entries]


def _line(profile: Profile, entry: Entry) -> Line:
    record = entry.record
    title = profile.title_name(record.title) if record.title else ""
    if not isinstance(record, AccessRecord):
        return Line(
            entry=entry,
            what=_begun(sentence(record)),
            title_name=title,
            plate=str(record.detail.get("plate", "")),
            reason=str(record.detail.get("reason", "")),
            reference=str(record.detail.get("case_number", "")),
            facts=facts(record.detail),
            access_id=None,
            audit_id=record.pk,
        )
    purpose = profile.purposes.get(record.purpose)
    return Line(
        entry=entry,
        what=_kind(record),
        title_name=title,
        plate=record.plate,
        purpose=purpose.name if purpose else PURPOSES.get(record.purpose, record.purpose),
        reason=record.reason,
        reference=record.reference,
        count=f"more than {record.result_count:,}" if record.is_count_bounded else f"{record.result_count:,}",
        facts=facts(record.elements),
        access_id=record.pk,
        audit_id=record.audit_id,
    )


def _kind(record: AccessRecord) -> str:
    if "file" in record.elements:
        return "Took results of a search out as a file"
    return KINDS.get(record.subject.partition(":")[0], "Looked at ALPR information")


STEP_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "ASK": "asked",
        "ANSWER": "explained",
        "FIND_IN_POLICY": "found it in policy",
        "FIND_OUT_OF_POLICY": "found it out of policy",
    }
)


def steps(item: ReviewItem) -> list[tuple[ReviewStep, str]]:
    """What was done with an item, in order and in words."""
    return [(step, STEP_WORDS[step.act]) for step in item.steps.select_related("by")]


def _begun(words: str) -> str:
    return words[:1].upper() + words[1:]


def as_csv(profile: Profile, entries: Iterable[Entry]) -> str:
    """Every line with all that is recorded, as RFC 4180 CSV with a header; times with their offset."""
    zone = ZoneInfo(profile.agency.time_zone)
    text = io.StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow(COLUMNS)
    for line in lines(profile, entries):
        rows.writerow(map(harmless, _cells(line, zone)))
    return text.getvalue()


def _cells(line: Line, zone: ZoneInfo) -> tuple[str, ...]:
    record = line.entry.record
    is_access = isinstance(record, AccessRecord)
    return (
        line.entry.at.astimezone(zone).isoformat(timespec="milliseconds"),
        record.username,
        record.name,
        line.title_name,
        record.organization if isinstance(record, AccessRecord) else "",
        record.address,
        line.what,
        line.plate,
        "; ".join(f"{term}: {value}" for term, value in line.facts),
        line.purpose,
        line.reason,
        line.reference,
        line.count,
        "; ".join(record.flags) if isinstance(record, AccessRecord) else "",
        line.entry.why,
        record.profile_version,
        str(line.access_id) if is_access else "",
        str(line.audit_id),
    )
