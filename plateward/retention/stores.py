"""The oldest that nobody holds, store by store: whether anything is past a limit that is said (R83, R91)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import Min, QuerySet

from plateward.alerts.models import Hit
from plateward.devices.models import Device
from plateward.evidence.holding import held_condition
from plateward.evidence.holding_unread import may_be_held_condition
from plateward.evidence.package_models import PackageRead
from plateward.evidence.package_rules import PackageState
from plateward.evidence.stores import kept
from plateward.outgoing.models import Message
from plateward.policy import DataClass, Profile, reads_kept_since
from plateward.reads.models import AwaitedPicture, InboxItem, InboxState, Passage, Plate, ReadCheck
from plateward.retention import destruction, picture_counts, rules, standing
from plateward.retention.models import DayRoot, Purge
from plateward.retention.rules import PurgeState
from plateward.search.models import Analysis, KeptSearch, Search
from plateward.units.models import Spool


@dataclass(frozen=True, slots=True)
class StoreAge:
    """A store with the oldest it holds that nobody holds back; `is_overdue` when that is past a ceiling.

    `note` says what the age cannot.
    """

    name: str
    oldest_at: datetime | None
    is_overdue: bool = False
    note: str = ""


# One that a read needs is looked up by that read, so that what is held does not count.
_PICTURES: Final = """
SELECT min(picture.captured_at) FROM reads_picture AS picture
LEFT JOIN reads_read AS read ON read.captured_at = picture.captured_at AND read.id = picture.read_id
WHERE picture.agency_id = %s AND (read.id IS NULL OR NOT ({held}))
"""
_KEYS: Final = """
SELECT key.captured_date::timestamp AT TIME ZONE 'UTC' FROM reads_datakey AS key
WHERE key.agency_id = %s AND key.wrapped IS NOT NULL AND NOT EXISTS (
    SELECT FROM reads_picture AS picture
    JOIN reads_read AS read ON read.captured_at = picture.captured_at AND read.id = picture.read_id
    WHERE picture.data_key_id = key.id AND {held}
)
ORDER BY key.captured_date LIMIT 1
"""
_RECEIPTS: Final = """
SELECT min(plateward_captured_at(item.read_ids[1])) FROM reads_inboxitem AS item
WHERE item.agency_id = %s AND item.read_ids <> '{}'
"""

_QUARANTINED: Final = """
SELECT min(item.received_at) FROM reads_inboxitem AS item
WHERE item.agency_id = %s AND item.state = 'QUARANTINED' AND NOT ({held})
"""


def ages(agency: str, profile: Profile, now: datetime) -> list[StoreAge]:
    """Every store of the agency that holds what reads tell, in the order in which they are purged.

    Last come those with a rule of their own, which no limit for reads makes overdue.
    """
    limit = reads_kept_since(profile, now)
    return [
        *by_source(agency, profile, now),
        *(
            StoreAge(name, oldest, bool(limit and oldest and oldest < limit), note)
            for name, oldest, note in _found(agency)
        ),
        *(
            StoreAge(name, oldest, note=note)
            for name, oldest, note in _by_rules_of_their_own(agency, profile)
        ),
    ]


def by_source(agency: str, profile: Profile, now: datetime) -> list[StoreAge]:
    """The oldest read of each source that nobody holds, against that source's own limit.

    Where no limit is said, `note` says so: then nothing can be past it. Devices whose source nobody said,
    and which no purge takes, stand last.
    """
    devices: dict[str, list[UUID]] = {source: [] for source in rules.sources(profile)}
    for device, source in standing.sources_of_devices(agency, profile).items():
        devices.setdefault(source, []).append(device)
    held = f"NOT ({held_condition('read')})"
    found = []
    for source, of_source in devices.items():
        limit = rules.kept_since(profile, source, now) if source else None
        oldest = destruction.oldest(agency, of_source, held) if of_source else None
        is_overdue = bool(limit and oldest and oldest < limit)
        name, note = (f"Reads of {source}", "" if limit else NO_LIMIT) if source else (UNSAID, NEVER_PURGED)
        found.append(StoreAge(name, oldest, is_overdue, note))
        if source and rules.rule_of_pictures(profile, source):
            limit = rules.kept_since(profile, source, now, DataClass.IMAGES)
            oldest = picture_counts.oldest(agency, of_source, held)
            is_overdue = bool(limit and oldest and oldest < limit)
            found.append(StoreAge(f"Pictures of {source}", oldest, is_overdue, "" if limit else NO_LIMIT))
    return found


NO_LIMIT: Final = "the policy says no longest time, so nothing can be past it"
UNSAID: Final = "Reads of devices without a source"
NEVER_PURGED: Final = "nobody said whose rule these devices are under, so no purge takes them"


def stuck_purges(agency: str) -> list[tuple[int, str]]:
    """Purges that were stopped or cannot go on, with why."""
    found = Purge.objects.filter(agency_id=agency).exclude(problem="").exclude(state=PurgeState.ENDED)
    return list(found.order_by("number").values_list("number", "problem"))


def _found(agency: str) -> Iterator[tuple[str, datetime | None, str]]:
    devices = list(Device.objects.filter(agency_id=agency).values_list("pk", flat=True))
    held = held_condition("read")
    yield "Reads", destruction.oldest(agency, devices, f"NOT ({held})"), ""
    yield "Pictures", _one(_PICTURES.format(held=held), agency), ""
    yield "Keys of pictures", _one(_KEYS.format(held=held), agency), "that no picture of a held read needs"
    salts = DayRoot.objects.filter(agency=agency, salt_key__isnull=False)
    yield "Salts of days", _day(_min(salts, "captured_date")), _HELD_TOO
    yield "Directory of plates", _min(Plate.objects.filter(agency=agency), "first_seen_at"), _HELD_TOO
    waiting = AwaitedPicture.objects.filter(agency=agency)
    yield "Pictures awaited", _min(waiting, "captured_at"), _HELD_TOO
    yield "Checks of reads", _min(ReadCheck.objects.filter(agency=agency), "captured_at"), _HELD_TOO
    yield "Vehicles in view", _min(Passage.objects.filter(agency=agency), "last_at"), _HELD_TOO
    yield "Receipts of payloads", _one(_RECEIPTS, agency), _HELD_TOO
    bodies = InboxItem.objects.filter(agency=agency, body__isnull=False)
    unread = _QUARANTINED.format(held=may_be_held_condition("item"))
    yield "Payloads in quarantine", _one(unread, agency), _UNREAD
    waits = bodies.exclude(state=InboxState.QUARANTINED)
    yield "Payloads that wait", _min(waits, "received_at"), ""
    packed = PackageRead.objects.filter(agency=agency, package__state=PackageState.BUILT)
    yield "Evidence packages", _min(packed, "captured_at"), _packages(packed)
    on_discs = packed.filter(package__disc_sets__discs__isnull=False)
    yield "Images of discs", _min(on_discs, "captured_at"), "they lie with their package, and go with it"
    spools = Spool.objects.filter(agency=agency)
    yield "Mobile units", _min(spools, "first_at"), "a unit clears its own copy once a transfer is confirmed"


def _by_rules_of_their_own(agency: str, profile: Profile) -> Iterator[tuple[str, datetime | None, str]]:
    """What tells of reads and is not under the rule for reads, with why it stays when they go."""
    hits = Hit.objects.filter(agency=agency)
    yield "Hits of alerts", _min(hits, "captured_at"), "records of alerts: the rule for reads is not theirs"
    messages = Message.objects.filter(agency=agency, event__isnull=False)
    yield "Messages of alerts", _min(messages, "made_at"), "no copy: one is written from its alert when sent"
    asked = Search.objects.filter(agency=agency)
    yield "Searches", _min(asked, "searched_at"), "what was asked, without results: with the access records"
    searches = KeptSearch.objects.filter(agency=agency)
    yield "Kept searches", _min(searches, "kept_at"), "what is asked, without results; each ends by itself"
    analyses = Analysis.objects.filter(agency=agency)
    yield "Analyses", _min(analyses, "asked_at"), "what was asked, without results: with the access records"
    for store in kept(agency):
        yield store.name, store.oldest_at, store.because
    yield "Exports", None, "made while they are downloaded, and not kept here"
    yield "Caches", None, "no results are kept on the server"
    yield "Backups", None, _backups(profile)


_UNREAD: Final = "they go with the day of their receipt; a person replays or discards what a hold may cover"
_HELD_TOO: Final = "held ones count too"


def _packages(packed: QuerySet[PackageRead]) -> str:
    count = packed.values("package").distinct().count()
    return f"{count:,} packages of ours hold copies of reads; a person destroys each"


def _min(rows: "QuerySet[object]", field: str) -> Any:  # type: ignore[type-var]  # any model's rows
    """The smallest instant or date of a column; None where no row has one."""
    return rows.aggregate(oldest=Min(field))["oldest"]


def _one(statement: str, agency: str) -> datetime | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [agency])
        row = cursor.fetchone()
    return row[0] if row else None


def _day(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), UTC) if day else None


def _backups(profile: Profile) -> str:
    lag = profile.retention.backups_gone_after.settled
    if lag is None:
        return "when backups are gone is not addressed by this policy"
    return f"by the policy gone {lag} after a purge, which nothing here can check"
