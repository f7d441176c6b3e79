"""What a package says of reads, alerts, entries, accesses, cameras and the policy: plain values for JSON."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from plateward.alerts.models import Alert, Hit
from plateward.audit.models import AccessRecord, AuditRecord
from plateward.audit.presenters import sentence
from plateward.devices.models import Device, DeviceHour
from plateward.governance.actor import Actor
from plateward.governance.models import Adoption
from plateward.governance.queries import adoptions
from plateward.hotlists.models import Entry
from plateward.hotlists.queries import history_of, shown_to
from plateward.policy import Profile
from plateward.reads.models import Picture, Read, ReadCheck

READ_FIELDS: Final = (
    *("plate_raw", "plate", "confidence", "characters", "candidates", "region", "region_confidence"),
    *("plate_box", "direction", "heading_deg", "latitude", "longitude", "vehicle", "lane", "speed_kmh"),
    *("clock_skew_s", "is_late", "source_event_id", "model", "adapter", "payload"),
)
ENTRY_FIELDS: Final = (
    *("plate", "region", "vehicle_description", "origin", "category", "source_record", "purpose", "reason"),
    *("case_number", "caution", "major_crime", "narrative", "state", "requested_as", "decided_as"),
    *("decision_note", "ended_note", "profile_version"),
)
ENTRY_TIMES: Final = ("requested_at", "decided_at", "entered_at", "refreshed_at", "expires_at", "ended_at")
ENTRY_PEOPLE: Final = ("requested_by", "decided_by", "entered_by", "ended_by")
DEVICE_FIELDS: Final = (
    *("name", "kind", "location", "owner", "site", "model", "latitude", "longitude", "heading_deg"),
    *("view_deg", "sensitive_place", "revision", "format"),
)
ACCESS_FIELDS: Final = (
    *("agency", "organization", "username", "name", "title", "address", "elements", "purpose", "reason"),
    *("reference", "result_count", "is_count_bounded", "profile_version", "subject"),
)


def instant(at: datetime | None) -> str:
    """An instant as ISO 8601 in UTC; "" for none."""
    return at.isoformat().replace("+00:00", "Z") if at else ""


INSIDE: Final = frozenset({"payload", "sensitive_place"})
"""What a device sent beside the read, and why a place is sensitive: fields that no outsider is given."""


def read_facts(
    read: Read,
    pictures: Sequence[Picture],
    files: Mapping[UUID, str],
    check: ReadCheck | None,
    *,
    for_outside: bool,
) -> dict[str, Any]:
    """One read, whole; of a picture that could not be packed `missing` says why.

    `for_outside`: without the payload, in which a vendor may name lists and alerts.
    """
    return {
        "id": str(read.id),
        "captured_at": instant(read.captured_at),
        "received_at": instant(read.received_at),
        "stored_at": instant(read.stored_at),
        "camera": str(read.device_id),
        "camera_name": read.device.name,
        **_fields(read, READ_FIELDS, for_outside=for_outside),
        "pictures": [_picture(one, files[one.pk]) for one in pictures],
        "compared_with_picture": check.said if check else "",
    }


def _fields(row: object, names: Iterable[str], *, for_outside: bool) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names if not (for_outside and name in INSIDE)}


def _picture(picture: Picture, place: str) -> dict[str, Any]:
    is_here = place.startswith("data/")
    return {
        "role": picture.role,
        "sha256": picture.sha256,
        "media_type": picture.media_type,
        "size": picture.size,
        "width": picture.width,
        "height": picture.height,
        "file": place if is_here else "",
        "missing": "" if is_here else place,
    }


def row_facts(row: AuditRecord) -> dict[str, Any]:
    """A journal row: its number is that of its proof."""
    return {
        "row": row.pk,
        "at": instant(row.recorded_at),
        "username": row.username,
        "name": row.name,
        "title": row.title,
        "verb": row.verb,
        "said": sentence(row),
        "detail": row.detail,
    }


def access_facts(access: AccessRecord) -> dict[str, Any]:
    """An access record with everything Civil Code § 1798.90.52 asks for; `row` is the number of its proof."""
    facts = {name: getattr(access, name) for name in ACCESS_FIELDS}
    return {"row": access.audit_id, "accessed_at": instant(access.accessed_at), **facts}


def alert_facts(
    by: Actor, alert: Alert, hits: Sequence[Hit], history: Iterable[AuditRecord]
) -> dict[str, Any]:
    """An alert with the hits that are packed, and everything that was done with it, from the journal."""
    is_withheld = shown_to(by, alert.entry).withheld is not None
    return {
        "id": str(alert.pk),
        "entry": str(alert.entry_id),
        "plate": alert.plate,
        "status": alert.status,
        "raised_at": instant(alert.raised_at),
        "closed_at": instant(alert.closed_at),
        "profile_version": alert.profile_version,
        "hits": [
            {
                "read": str(hit.read_id),
                "captured_at": instant(hit.captured_at),
                "matched_at": instant(hit.matched_at),
                # What follows the comparison of plates tells the entry's state.
                "why": hit.explanation.partition(";")[0] if is_withheld else hit.explanation,
                "is_late": hit.is_late,
            }
            for hit in hits
        ],
        "timeline": [row_facts(row) for row in history],
    }


def entry_facts(by: Actor, entry: Entry) -> dict[str, Any]:
    """A hotlist entry with its approvals; without the authorization its data takes, the plate alone."""
    seen = shown_to(by, entry)
    if seen.withheld is not None:
        told = f"{seen.withheld.reason} ({seen.withheld.clause})"
        return {"id": str(entry.pk), "plate": entry.plate, "withheld": told}
    return {
        "id": str(entry.pk),
        "hotlist": entry.hotlist.name,
        **{name: getattr(entry, name) for name in ENTRY_FIELDS},
        **{name: instant(getattr(entry, name)) for name in ENTRY_TIMES},
        **{name: _person(getattr(entry, name)) for name in ENTRY_PEOPLE},
        "unavailable": [
            {"position": one.position, "reason": one.reason, "at": instant(one.asserted_at)}
            for one in entry.unavailabilities.order_by("asserted_at", "pk")
        ],
        "history": [row_facts(row) for row in history_of(entry)],
    }


def _person(user: Any) -> str:
    return f"{user.full_name} ({user.username})" if user else ""


def device_facts(device: Device, hours: Collection[datetime], *, for_outside: bool) -> dict[str, Any]:
    """A camera's entry in the register, its maintenance, what was wrong with it, and its clock at the time.

    A positive skew means that what it sent said an earlier time than the server's clock at receipt.
    `for_outside`: of maintenance what and when alone, without who and their notes.
    """
    known = DeviceHour.objects.filter(device=device, hour_at__in=list(hours)).order_by("hour_at")
    first, last = min(hours), max(hours) + timedelta(hours=1)
    problems = device.problems.filter(since_at__lt=last).exclude(ended_at__lt=first)
    return {
        "id": str(device.pk),
        **_fields(device, DEVICE_FIELDS, for_outside=for_outside),
        "installed_date": str(device.installed_date or ""),
        "registered_at": instant(device.registered_at),
        "moved_at": instant(device.moved_at),
        "services": [
            {"kind": one.kind, "date": str(one.done_date)}
            | ({} if for_outside else {"by": one.done_by, "note": one.note})
            for one in device.services.order_by("done_date", "recorded_at")
        ],
        "problems_then": [
            {"text": one.text, "since": instant(one.since_at), "ended": instant(one.ended_at)}
            for one in problems.order_by("since_at")
        ],
        "hours": [
            {
                "hour": instant(one.hour_at),
                "reads": one.reads,
                "mean_confidence": one.confidence,
                "median_clock_skew_s": one.skew_s,
            }
            for one in known
        ],
    }


def versions_in_force(agency: str, since: datetime, now: datetime) -> list[Adoption]:
    """The policy's versions in force from an instant until now, the last first."""
    found = []
    for adoption in adoptions(agency).filter(effective_at__lte=now).order_by("-effective_at", "-adopted_at"):
        found.append(adoption)
        if adoption.effective_at <= since:
            break
    return found


def version_facts(adoption: Adoption) -> dict[str, Any]:
    """A version of the policy, and which file its very bytes are in."""
    return {
        "version": adoption.version,
        "effective_at": instant(adoption.effective_at),
        "adopted_at": instant(adoption.adopted_at),
        "adopted_by": adoption.adopted_by,
        "sha256": adoption.profile_sha256,
        "file": policy_file(adoption),
    }


def policy_file(adoption: Adoption) -> str:
    """Where a version's profile lies in the package; a version's name may hold anything."""
    return f"data/policy/profile-{adoption.profile_sha256[:12]}.yaml"


def clause_facts(profile: Profile) -> Iterator[dict[str, Any]]:
    """Every clause of the version in force, in the policy's own words where it is quoted."""
    for clause in profile.clauses.values():
        yield {
            "id": clause.id,
            "title": clause.title,
            "strength": clause.strength.value,
            "text": clause.text,
            "layer": clause.layer,
            "is_quoted": clause.quoted,
        }
