"""A unit's own journal of who did what on it is taken into the journal (B-466.6(a), H-426.5(a), R150).

Each entry is put on record at its own time, under its person's name, marked with the unit it was kept on.
What shows a plate to a person is an access record as well. A broken chain is recorded as such.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from plateward.audit import actions as audit
from plateward.audit.who import Who
from plateward.hotlists.models import Entry as ListedEntry
from plateward.policy import Profile, enforces
from plateward.units import queries, rules
from plateward.units.actions import record
from plateward.units.models import Unit, UnitJournal
from plateward.unitwire.calls import JournalPortion
from plateward.unitwire.journal import BEGINNING, Entry, problem_of

UNIT: Final = Who.system("unit")
UNSTATED: Final = "not-stated-on-a-unit"
"""Where neither the entry that was hit nor the unit says a purpose; no agency's list of purposes has it."""
VERBS: Final[Mapping[str, str]] = {
    "unit.started": "units.program.started",
    "unit.enrolled": "units.program.enrolled",
    "unit.signed_in": "units.screen.signed_in",
    "unit.unlocked": "units.screen.unlocked",
    "unit.refused": "units.screen.refused",
    "unit.read_opened": "units.read.opened",
    "unit.alert_shown": "units.alert.shown",
    "unit.alert_answered": "units.alert.answered",
    "unit.assignment_acknowledged": "units.assignment.acknowledged",
    "unit.locked": "units.screen.locked",
    "unit.signed_out": "units.screen.signed_out",
    "unit.clock_jumped": "units.clock.jumped",
    "unit.copy_cleared": "units.copy.cleared",
    "unit.pictures_thinned": "units.copy.thinned",
    "unit.read_lost": "units.copy.lost",
    "unit.reads_renumbered": "units.copy.renumbered",
    "unit.revoked": "units.program.revoked",
}
OTHER: Final = "units.program.acted"
"""For what a newer unit does that this server has no sentence for."""
ACCESSES: Final = frozenset({"unit.read_opened", "unit.alert_shown"})
FOREIGN: Final = "This journal is another unit's: it was copied here."


@dataclass(frozen=True, slots=True)
class Merging:
    """How far a journal is on record now; `broken` says why no further, "" where all came."""

    merged_to: int
    broken: str


@enforces("B-466.6(a)", "H-426.5(a)")
@transaction.atomic
def merge(*, unit: Unit, portion: JournalPortion, profile: Profile, now: datetime) -> Merging:
    """Take in what follows of a unit's journal; what came before is passed over, so it can be sent again.

    At the first entry that does not follow the journal ends here as broken, on record.
    """
    Unit.objects.select_for_update().get(pk=unit.pk)
    kept, _ = UnitJournal.objects.get_or_create(
        device_id=unit.device_id,
        journal=portion.journal,
        defaults={
            "agency_id": unit.agency_id,
            "last_hash": BEGINNING,
            "first_at": now,
            "merged_at": now,
        },
    )
    if kept.broken_at is not None:
        return Merging(kept.merged_to, kept.broken)
    new, told = _new_entries(kept, portion)
    for entry in new:
        _put_on_record(unit, kept, entry, profile, now)
    if new:
        kept.merged_to, kept.last_hash, kept.merged_at = new[-1].n, new[-1].hash, now
    if told:
        kept.broken_at, kept.broken = now, told
        detail = {"name": unit.device.name, "journal": str(kept.journal), "told": told, "to": kept.merged_to}
        record(unit.device, "units.journal.broken", UNIT, now, **detail)
    kept.save()
    return Merging(kept.merged_to, told)


def _new_entries(kept: UnitJournal, portion: JournalPortion) -> tuple[tuple[Entry, ...], str]:
    copied = UnitJournal.objects.filter(journal=kept.journal).exclude(pk=kept.pk)
    if copied.exists():
        return (), FOREIGN
    last = next((one for one in portion.entries if one.n == kept.merged_to), None)
    if last is not None and last.hash != kept.last_hash:
        return (), f"Entry {last.n} is on record with another content."
    rest = [one for one in portion.entries if one.n > kept.merged_to]
    count, told = problem_of(rest, after=kept.merged_to, previous=kept.last_hash)
    return tuple(rest[:count]), told


def _put_on_record(unit: Unit, kept: UnitJournal, entry: Entry, profile: Profile, now: datetime) -> None:
    at, is_doubtful = rules.acted_at(entry.at, entry.clock_offset_s, unit.device.registered_at, now)
    who, is_known = _who(unit, entry, at)
    facts: dict[str, Any] = {
        "name": unit.device.name,
        "act": entry.verb,
        "said": _said(entry),
        "device_time": entry.at.isoformat(),
        "clock_offset_s": entry.clock_offset_s,
        "is_time_doubtful": is_doubtful,
        "is_sign_in_unknown": not is_known,
        "session": str(entry.session or ""),
        "on_unit": entry.subject,
        "hash": entry.hash,
        "detail": dict(entry.detail),
    }
    marks = {
        "local_id": f"{unit.device_id}:{kept.journal}:{entry.n}",
        "recorded": "on a unit",
        "merged_at": now.isoformat(),
    }
    audit.record(
        verb=VERBS.get(entry.verb, OTHER),
        by=who,
        agency=unit.agency_id,
        subject=f"devices.Device:{unit.device_id}",
        detail=facts,
        profile_version=profile.version,
        marks=marks,
        now=at,
    )
    if entry.verb in ACCESSES:
        _record_access(unit, entry, who, profile, at, marks["merged_at"])


def _said(entry: Entry) -> str:
    return ", ".join(f"{name} {value}" for name, value in entry.detail.items() if value not in {None, ""})


def _who(unit: Unit, entry: Entry, at: datetime) -> tuple[Who, bool]:
    """The person by the sign-in that the entry names, if it counted then; else as the unit tells it."""
    if entry.user is None:
        return UNIT, True
    user = queries.signed_in_at(unit.device_id, entry.session, at)
    if user is None or user.username != entry.user:
        return Who(entry.user, f"{entry.user} (sign-in not known)", "", unit.agency.name), False
    return Who(user.username, user.full_name, user.title, unit.agency.name), True


def _record_access(unit: Unit, entry: Entry, who: Who, profile: Profile, at: datetime, merged: str) -> None:
    said = "Alert shown" if entry.verb == "unit.alert_shown" else "Read opened"
    audit.record_access(
        by=who,
        agency=unit.agency_id,
        elements={
            "plate": str(entry.detail.get("plate") or "")[:40],
            "unit": unit.device.name,
            "read": str(entry.detail.get("event_id") or entry.subject),
            "shown": dict(entry.detail),
        },
        purpose=_purpose(unit, entry, profile),
        reason=f"{said} on the unit of {unit.device.name}",
        reference="",
        result_count=rules.shown(entry.detail),
        is_count_bounded="and_for_s" in entry.detail,
        subject=f"units.Unit:{unit.device_id}",
        profile_version=profile.version,
        marks={"recorded": "on a unit", "merged_at": merged},
        now=at,
    )


def _purpose(unit: Unit, entry: Entry, profile: Profile) -> str:
    told = str(entry.detail.get("purpose") or "")
    if told in profile.purposes:
        return told
    listed = _uuid(entry.detail.get("entry"))
    found = ListedEntry.objects.filter(pk=listed, agency_id=unit.agency_id) if listed else None
    return (found.values_list("purpose", flat=True).first() if found is not None else None) or UNSTATED


def _uuid(text: object) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None
