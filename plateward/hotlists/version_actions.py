"""A list of others arrives (B-466.11¶3): as a whole, or as additions and removals; each time is a version.

What speaks against a file is said before it is taken in, and a person answers it with a reason that is kept.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction

from plateward.accounts.models import User
from plateward.audit import actions as audit
from plateward.audit.who import Who
from plateward.governance.queries import profile_for
from plateward.hotlists import lists
from plateward.hotlists.list_guards import check_times, objections, subject_of
from plateward.hotlists.lists import Difference, Listed, current_until, list_name
from plateward.hotlists.models import Hotlist, HotlistKind, ListFile, ListMode, ListVersion
from plateward.live import actions as live
from plateward.notices import actions as notices
from plateward.policy import Decision, Profile, enforces, forbidden_categories

STALE: Final = "stale-list"
COUNTS: Final = ("named", "added", "changed", "ended", "unfound")
"""What a version keeps of how it differed from what stood."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What came of which list, from whom, and by whom it is taken in."""

    source: str
    origin: str
    by: User
    who: Who
    now: datetime
    mode: str = ListMode.FULL
    effective_at: datetime | None = None
    """When its source made it, where that is known."""
    reason: str = ""
    """Why it is taken in although something speaks against it."""
    left_out: Mapping[str, int] = field(default_factory=dict)
    file: ListFile | None = None


@enforces("B-466.11¶3")
@transaction.atomic
def receive_list(
    *,
    source: str,
    origin: str,
    listed: Iterable[Listed],
    by: User,
    who: Who,
    now: datetime,
    mode: str = ListMode.FULL,
    effective_at: datetime | None = None,
    reason: str = "",
) -> Hotlist:
    """Take in what a program has of a list of others: what it no longer names ends, the rest counts anew.

    `source` and `origin` are the policy's ids of the list and of whose data it is; `by` takes it in. Entries
    of forbidden categories are counted and not kept. Raises ValidationError (a list or data the policy does
    not know, no time it stays current, an impossible plate, an objection without a reason).
    """
    profile = profile_for(by.agency_id, now)
    name, left_out = list_name(profile, source, origin), Counter[str]()

    def compare(hotlist: Hotlist) -> Difference:
        return lists.compare(hotlist, _kept(listed, profile, left_out), name, mode)

    arrival = Arrival(
        source=source,
        origin=origin,
        by=by,
        who=who,
        now=now,
        mode=mode,
        effective_at=effective_at,
        reason=reason,
        left_out=left_out,
    )
    hotlist, _ = take_version(arrival, compare)
    return hotlist


def _kept(listed: Iterable[Listed], profile: Profile, left_out: Counter[str]) -> Iterator[Listed]:
    forbidden = forbidden_categories(profile)
    for one in listed:
        if one.category in forbidden:
            left_out[one.category] += 1
        else:
            yield one


def take_version(arrival: Arrival, compare: Callable[[Hotlist], Difference]) -> tuple[Hotlist, Difference]:
    """Put what arrived in the place of what stands, as the list's next version, in the caller's transaction.

    `compare` lays it beside what stands. Raises ValidationError as `check_times`, and for an objection
    without a reason.
    """
    by, now = arrival.by, arrival.now
    profile = profile_for(by.agency_id, now)
    hotlist, _ = Hotlist.objects.select_for_update().get_or_create(
        agency_id=by.agency_id,
        name=list_name(profile, arrival.source, arrival.origin),
        defaults={
            "kind": HotlistKind.LISTED,
            "source": arrival.source,
            "origin": arrival.origin,
            "expires_at": current_until(profile, arrival.source, now),
        },
    )
    expires_at = check_times(
        profile, arrival.source, hotlist, mode=arrival.mode, effective_at=arrival.effective_at, now=now
    )
    difference = compare(hotlist)
    sha256 = arrival.file.sha256 if arrival.file else ""
    against = objections(profile, arrival.source, hotlist, difference.standing, difference.ended, sha256)
    if against and not arrival.reason.strip():
        raise ValidationError(f"{against[0].reason} {against[0].remedy}")
    version = _keep(arrival, hotlist, difference, expires_at, profile)
    lists.put_in_place(
        hotlist,
        number=version.number,
        origin=arrival.origin,
        by=by.pk,
        title=by.title,
        version=profile.version,
        now=now,
    )
    _tell(arrival, hotlist, version, against)
    return hotlist, difference


def _keep(
    arrival: Arrival, hotlist: Hotlist, difference: Difference, expires_at: datetime, profile: Profile
) -> ListVersion:
    hotlist.version += 1
    hotlist.origin, hotlist.received_at, hotlist.expires_at = arrival.origin, arrival.now, expires_at
    if arrival.effective_at:
        hotlist.effective_at = arrival.effective_at
    elif arrival.mode == ListMode.FULL:
        hotlist.effective_at = None
    hotlist.save(update_fields=["version", "origin", "received_at", "effective_at", "expires_at"])
    counted = asdict(difference)
    return ListVersion.objects.create(
        agency_id=hotlist.agency_id,
        hotlist=hotlist,
        number=hotlist.version,
        mode=arrival.mode,
        received_at=arrival.now,
        effective_at=arrival.effective_at,
        expires_at=expires_at,
        file_name=arrival.file.name if arrival.file else "",
        sha256=arrival.file.sha256 if arrival.file else "",
        rows=difference.stands_then,
        counts={
            **{key: counted[key] for key in COUNTS},
            "categories": dict(difference.categories),
            "left_out": dict(arrival.left_out),
        },
        reason=arrival.reason.strip(),
        taken_by=arrival.by,
        profile_version=profile.version,
    )


def _tell(arrival: Arrival, hotlist: Hotlist, version: ListVersion, against: tuple[Decision, ...]) -> None:
    subject = subject_of(hotlist.pk)
    detail = {
        "list": hotlist.name,
        "origin": arrival.origin,
        "version": version.number,
        "mode": version.mode,
        "count": version.counts["named"],
        **{key: version.counts[key] for key in ("added", "changed", "ended", "left_out")},
    }
    if arrival.file:
        detail |= {
            "file": arrival.file.name,
            "sha256": arrival.file.sha256,
            "receipt": str(arrival.file.pk),
        }
    if against:
        detail |= {"against": [one.reason for one in against], "reason": version.reason}
    audit.record(
        verb="hotlists.list.received",
        by=arrival.who,
        agency=hotlist.agency_id,
        subject=subject,
        detail=detail,
        profile_version=version.profile_version,
        now=arrival.now,
    )
    if version.expires_at > arrival.now:
        notices.settle_about(
            agency=hotlist.agency_id, subject=subject, kind=STALE, by=arrival.who, now=arrival.now
        )
    live.publish(agency=hotlist.agency_id, topic="entries", id=str(hotlist.pk))
