"""Taking in the lists of others (B-466.11¶3, B-466.4(e)): from a program, or a file that a person uploads."""

import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse

from plateward.accounts.models import User
from plateward.audit import actions as audit
from plateward.audit.who import CLOCK, Who
from plateward.documents.store import FileLost, FileStore
from plateward.governance.actor import Actor
from plateward.governance.queries import PolicyUnavailableError, profile_for
from plateward.hotlists import lists
from plateward.hotlists.list_file import Layout, ListLines, Terms
from plateward.hotlists.lists import Difference, Listed, current_until, list_name, much_ends
from plateward.hotlists.models import FileState, Hotlist, HotlistKind, ListFile
from plateward.live import actions as live
from plateward.notices import actions as notices
from plateward.notices.rules import to_position
from plateward.policy import Profile, enforces, purpose_allowed

CAPABILITY = "hotlists.receive"
STALE = "stale-list"
FORGOTTEN_AFTER = timedelta(days=1)


@enforces("B-466.11¶3")
@transaction.atomic
def receive_list(
    *, source: str, origin: str, listed: Iterable[Listed], by: User, who: Who, now: datetime
) -> Hotlist:
    """Take in a list of others as it stands at `now`: what it no longer names ends, the rest counts anew.

    `source` and `origin` are the policy's ids of the list and of whose data it is; `by` takes it in. Raises
    ValidationError (a list or data the policy does not know, no time it stays current, an impossible plate).
    """
    hotlist, _ = _received(source=source, origin=origin, listed=listed, by=by, who=who, now=now, file={})
    return hotlist


def _received(
    *,
    source: str,
    origin: str,
    listed: Iterable[Listed],
    by: User,
    who: Who,
    now: datetime,
    file: Mapping[str, Any],
) -> tuple[Hotlist, Difference]:
    profile = profile_for(by.agency_id, now)
    name, expires_at = list_name(profile, source, origin), current_until(profile, source, now)
    hotlist, _ = Hotlist.objects.select_for_update().get_or_create(
        agency_id=by.agency_id,
        name=name,
        defaults={"kind": HotlistKind.LISTED, "source": source, "expires_at": expires_at},
    )
    difference = lists.compare(hotlist, listed, name)
    lists.put_in_place(hotlist, origin=origin, by=by.pk, title=by.title, version=profile.version, now=now)
    hotlist.received_at, hotlist.expires_at = now, expires_at
    hotlist.save(update_fields=["received_at", "expires_at"])
    detail = {
        "list": name,
        "origin": origin,
        "count": difference.named,
        "added": difference.added,
        "changed": difference.changed,
        "ended": difference.ended,
        **file,
    }
    audit.record(
        verb="hotlists.list.received",
        by=who,
        agency=by.agency_id,
        subject=_subject(hotlist),
        detail=detail,
        profile_version=profile.version,
        now=now,
    )
    notices.settle_about(agency=by.agency_id, subject=_subject(hotlist), kind=STALE, by=who, now=now)
    live.publish(agency=by.agency_id, topic="entries", id=str(hotlist.pk))
    return hotlist, difference


@transaction.atomic
def check_file(
    *,
    by: Actor,
    source: str,
    origin: str,
    purpose: str,
    layout: Layout,
    name: str,
    data: bytes,
    now: datetime,
) -> ListFile:
    """Read a file with a list of others, lay it beside what stands, and keep it for a decision.

    Nothing matches by it yet. Raises Refused (title, data of that origin, purpose), UnusableFile, and
    ValidationError (a list that the policy does not know, use or limit in time).
    """
    _may_receive(by, origin)
    purpose_allowed(by.profile, purpose).require()
    title = list_name(by.profile, source, origin)
    current_until(by.profile, source, now)
    lines = _lines(data, layout, by.profile, now)
    standing = Hotlist.objects.filter(agency_id=by.agency, name=title).first()
    difference = lists.compare(standing, _listed(lines, layout, purpose), title)
    file = ListFile(
        agency_id=by.agency,
        source=source,
        origin=origin,
        purpose=purpose,
        layout=msgspec.to_builtins(layout),
        name=name[:200],
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        found=_found(lines, difference) | {"beside": _received_at(standing)},
        uploaded_by_id=by.user_id,
        uploaded_at=now,
    )
    FileStore(settings.ENVIRONMENT.hotlists).put(_place(file), data)
    file.save(force_insert=True)
    _journal_file("hotlists.file.checked", file, by=by.acting(CAPABILITY), now=now)
    return file


@transaction.atomic
def take_in_file(*, file: ListFile, by: Actor, now: datetime, shrinks: bool = False) -> ListFile:
    """Put the list of a checked file in the place of what stands; `shrinks` says that much ends rightly.

    Raises Refused, and ValidationError where the file was decided on, another came in between, much would
    end unsaid, or the file on disc is lost.
    """
    locked = _undecided(file, by)
    name = list_name(by.profile, locked.source, locked.origin)
    standing = Hotlist.objects.select_for_update().filter(agency_id=by.agency, name=name).first()
    if _received_at(standing) != locked.found["beside"]:
        raise ValidationError("Another file of this list was taken in since. Discard this, and check anew.")
    if much_ends(locked) and not shrinks:
        raise ValidationError("Say that so many entries end rightly, or fetch the file again.")
    try:
        data = FileStore(settings.ENVIRONMENT.hotlists).get(_place(locked), locked.sha256)
    except FileLost as error:
        raise ValidationError(f"{error}. Discard this, and upload the file again.") from error
    layout = msgspec.convert(locked.layout, Layout)
    lines = _lines(data, layout, by.profile, now)
    _, difference = _received(
        source=locked.source,
        origin=locked.origin,
        listed=_listed(lines, layout, locked.purpose),
        by=User.objects.get(pk=by.user_id),
        who=by.acting(CAPABILITY),
        now=now,
        file={"file": locked.name, "sha256": locked.sha256, "receipt": str(locked.pk)},
    )
    locked.found = _found(lines, difference)
    return _decide(locked, FileState.TAKEN, by.user_id, now)


@transaction.atomic
def discard_file(*, file: ListFile, by: Actor, now: datetime) -> ListFile:
    """Take in nothing of a checked file, and delete it. Raises Refused, and ValidationError once decided."""
    locked = _decide(_undecided(file, by), FileState.DISCARDED, by.user_id, now)
    _journal_file("hotlists.file.discarded", locked, by=by.acting(CAPABILITY), now=now)
    return locked


@transaction.atomic
def discard_forgotten(*, now: datetime) -> int:
    """Delete files that nobody decided on for a day; returns how many."""
    left = ListFile.objects.select_for_update(skip_locked=True).filter(
        state=FileState.CHECKED, uploaded_at__lt=now - FORGOTTEN_AFTER
    )
    for file in left:
        _decide(file, FileState.DISCARDED, None, now)
        _journal_file("hotlists.file.discarded", file, by=CLOCK, now=now)
    return len(left)


@transaction.atomic
def warn_of_stale(*, now: datetime) -> int:
    """Ask whoever takes lists in for those that are past their time; returns how many there are."""
    stale = list(Hotlist.objects.filter(kind=HotlistKind.LISTED, expires_at__lte=now))
    for hotlist in stale:
        try:
            positions = profile_for(hotlist.agency_id, now).positions
        except PolicyUnavailableError:
            continue  # doctor says so
        able = (key for key, held in positions.items() if CAPABILITY in (held.capabilities.settled or ()))
        if position := next(able, ""):
            notices.raise_notice(
                agency=hotlist.agency_id,
                key=f"{STALE}:{hotlist.pk}:{hotlist.expires_at}",
                kind=STALE,
                to=to_position(position),
                text=f"“{hotlist.name}” is past its time and matches nothing. Take in a newer one.",
                by=CLOCK,
                now=now,
                link=reverse("hotlists:lists"),
                subject=_subject(hotlist),
                is_task=True,
            )
    return len(stale)


def _may_receive(by: Actor, origin: str) -> None:
    by.require(CAPABILITY)
    by.sees(origin).require()


def _undecided(file: ListFile, by: Actor) -> ListFile:
    locked = ListFile.objects.select_for_update().get(pk=file.pk, agency_id=by.agency)
    _may_receive(by, locked.origin)
    if locked.state != FileState.CHECKED:
        raise ValidationError(f"This file is {locked.get_state_display().lower()} already. Upload it again.")
    return locked


def _decide(file: ListFile, state: FileState, by: UUID | None, now: datetime) -> ListFile:
    file.state, file.decided_by_id, file.decided_at = state, by, now
    file.save(update_fields=["state", "decided_by", "decided_at", "found"])
    same = ListFile.objects.filter(agency=file.agency_id, sha256=file.sha256, state=FileState.CHECKED)
    if not same.exists():
        place = _place(file)
        transaction.on_commit(lambda: FileStore(settings.ENVIRONMENT.hotlists).remove(place), robust=True)
    return file


def _place(file: ListFile) -> Path:
    return Path(file.agency_id, f"{file.sha256}.list")


def _lines(data: bytes, layout: Layout, profile: Profile, now: datetime) -> ListLines:
    terms = Terms(
        now=now,
        zone=profile.agency.time_zone,
        partial=bool(profile.hotlists.partial_plates.settled),
        excluded=frozenset(one.lower() for one in profile.hotlists.excluded_categories.settled or ()),
    )
    for purpose in set(layout.purposes.values()):
        purpose_allowed(profile, purpose).require()
    return ListLines(io.BytesIO(data), layout, terms)


def _listed(lines: ListLines, layout: Layout, purpose: str) -> Iterator[Listed]:
    for line in lines:
        yield Listed(
            plate=line.plate,
            purpose=layout.purposes.get(line.code, purpose),
            region=line.region,
            vehicle_description=line.vehicle,
            reason=line.reason,
            reference=line.reference,
            expires_at=line.expires_at,
        )


def _found(lines: ListLines, difference: Difference) -> dict[str, Any]:
    told = [{"line": problem.line, "text": problem.text} for problem in lines.problems]
    states = {"unknown_states": lines.unknown_states}
    return {**asdict(difference), "refused": lines.refused, "problems": told, **states}


def _received_at(hotlist: Hotlist | None) -> str:
    return hotlist.received_at.isoformat() if hotlist and hotlist.received_at else ""


def _subject(hotlist: Hotlist) -> str:
    return f"hotlists.Hotlist:{hotlist.pk}"


def _journal_file(verb: str, file: ListFile, *, by: Who, now: datetime) -> None:
    counts = {key: file.found[key] for key in ("named", "added", "changed", "ended", "refused")}
    audit.record(
        verb=verb,
        by=by,
        agency=file.agency_id,
        subject=f"hotlists.ListFile:{file.pk}",
        detail={"file": file.name, "sha256": file.sha256, "origin": file.origin, **counts},
        now=now,
    )
