"""Taking in the lists of others (B-466.11¶3, B-466.4(e)): from a program, or a file that a person uploads."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from django.core.exceptions import ValidationError
from django.db import OperationalError, transaction
from django.urls import reverse

from plateward.accounts.models import User
from plateward.audit import actions as audit
from plateward.audit.who import CLOCK, Who
from plateward.governance.actor import Actor
from plateward.governance.queries import PolicyUnavailableError, profile_for
from plateward.hotlists import lists
from plateward.hotlists.layouts import Layout
from plateward.hotlists.list_file import ListLines
from plateward.hotlists.list_reading import found_in, glance, place, store
from plateward.hotlists.lists import Difference, Listed, current_until, list_name, much_ends
from plateward.hotlists.models import WORKED, FileState, Hotlist, HotlistKind, ListFile
from plateward.live import actions as live
from plateward.notices import actions as notices
from plateward.notices.rules import to_position
from plateward.policy import enforces, purpose_allowed

CAPABILITY = "hotlists.receive"
STALE = "stale-list"
FORGOTTEN_AFTER = timedelta(days=1)
COUNTS: Final = ("named", "added", "changed", "ended", "refused")
"""What a journal row tells of a file."""


@enforces("B-466.11¶3")
@transaction.atomic
def receive_list(
    *, source: str, origin: str, listed: Iterable[Listed], by: User, who: Who, now: datetime
) -> Hotlist:
    """Take in a list of others as it stands at `now`: what it no longer names ends, the rest counts anew.

    `source` and `origin` are the policy's ids of the list and of whose data it is; `by` takes it in. Raises
    ValidationError (a list or data the policy does not know, no time it stays current, an impossible plate).
    """
    name = list_name(profile_for(by.agency_id, now), source, origin)

    def compare(hotlist: Hotlist) -> Difference:
        return lists.compare(hotlist, listed, name)

    hotlist, _ = _received(source=source, origin=origin, compare=compare, by=by, who=who, now=now, file={})
    return hotlist


def _received(
    *,
    source: str,
    origin: str,
    compare: Callable[[Hotlist], Difference],
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
    difference = compare(hotlist)
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
def upload_file(
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
    """Keep a file with a list of others for the worker, who checks it; nothing matches by it yet.

    Raises Refused (title, data of that origin, purpose), UnusableFile where the beginning shows it, and
    ValidationError (a list that the policy does not know, use or limit in time).
    """
    _may_receive(by, origin)
    purpose_allowed(by.profile, purpose).require()
    list_name(by.profile, source, origin)
    current_until(by.profile, source, now)
    glance(data, layout, by.profile, now)
    file = ListFile(
        agency_id=by.agency,
        source=source,
        origin=origin,
        purpose=purpose,
        layout=msgspec.to_builtins(layout),
        name=name[:200],
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        asked_from=by.address,
        uploaded_by_id=by.user_id,
        uploaded_at=now,
    )
    store().put(place(file), data)
    file.save(force_insert=True)
    _journal_file("hotlists.file.uploaded", file, by=by.acting(CAPABILITY), now=now, size=file.size)
    return file


@transaction.atomic
def file_checked(*, file: ListFile, lines: ListLines, by: Actor, now: datetime) -> ListFile:
    """Lay the lines that were received of a file beside what stands, for somebody's decision.

    Raises Refused, and ValidationError where the file was decided on meanwhile.
    """
    locked = _locked(file, by, FileState.UPLOADED)
    standing = Hotlist.objects.filter(agency_id=by.agency, name=_name(locked, by)).first()
    difference = lists.compare_received(standing)
    locked.found = {**found_in(lines, difference), "beside": _received_at(standing)}
    _set(locked, FileState.CHECKED)
    _journal_file("hotlists.file.checked", locked, by=by.acting(CAPABILITY), now=now, **_counts(locked))
    return locked


@transaction.atomic
def order_taking(*, file: ListFile, by: Actor, now: datetime, shrinks: bool = False) -> ListFile:
    """Have the worker take in a checked file's list; `shrinks` says that much ends rightly.

    Raises Refused, and ValidationError where the file was decided on, another came in between, or much would
    end unsaid.
    """
    locked = _locked(file, by, FileState.CHECKED)
    _check_beside(locked, Hotlist.objects.filter(agency_id=by.agency, name=_name(locked, by)).first())
    if much_ends(locked) and not shrinks:
        raise ValidationError("Say that so many entries end rightly, or fetch the file again.")
    locked.decided_by_id, locked.decided_at, locked.asked_from = by.user_id, now, by.address
    locked.read_bytes, locked.attempts, locked.worked_at = 0, 0, None
    _set(locked, FileState.TAKING)
    _journal_file("hotlists.file.ordered", locked, by=by.acting(CAPABILITY), now=now, **_counts(locked))
    return locked


@transaction.atomic
def file_taken(*, file: ListFile, lines: ListLines, by: Actor, now: datetime) -> ListFile:
    """Put the lines that were received of a file in the place of what stands, all of them or none.

    Raises Refused, and ValidationError where the file was decided on meanwhile, or another came in between.
    """
    locked = _locked(file, by, FileState.TAKING)
    name = _name(locked, by)
    _check_beside(locked, Hotlist.objects.select_for_update().filter(agency_id=by.agency, name=name).first())
    _, difference = _received(
        source=locked.source,
        origin=locked.origin,
        compare=lists.compare_received,
        by=User.objects.get(pk=by.user_id),
        who=by.acting(CAPABILITY),
        now=now,
        file={"file": locked.name, "sha256": locked.sha256, "receipt": str(locked.pk)},
    )
    locked.found = {**found_in(lines, difference), "beside": locked.found["beside"]}
    locked.decided_at = now
    _finish(locked, FileState.TAKEN)
    return locked


@transaction.atomic
def fail_file(*, file: ListFile, why: str, now: datetime) -> ListFile:
    """Say why a file cannot be used, and delete it. Raises ValidationError where it was decided on."""
    locked = ListFile.objects.select_for_update().get(pk=file.pk)
    _check_state(locked, *WORKED)
    locked.found = {**locked.found, "why": why}
    _finish(locked, FileState.FAILED)
    _journal_file("hotlists.file.failed", locked, by=Who.system("worker"), now=now, why=why)
    return locked


@transaction.atomic
def discard_file(*, file: ListFile, by: Actor, now: datetime) -> ListFile:
    """Take in nothing of a file, stop the worker's work on it, and delete it.

    Raises Refused, and ValidationError once it is decided, or while the worker finishes it.
    """
    try:
        with transaction.atomic():
            locked = _locked(file, by, *WORKED, FileState.CHECKED, nowait=True)
    except OperationalError as error:
        raise ValidationError(
            "The worker is putting the last of it in place, which cannot be stopped. Look again in a minute."
        ) from error
    locked.decided_by_id, locked.decided_at = by.user_id, now
    _finish(locked, FileState.DISCARDED)
    _journal_file("hotlists.file.discarded", locked, by=by.acting(CAPABILITY), now=now, **_counts(locked))
    return locked


@transaction.atomic
def discard_forgotten(*, now: datetime) -> int:
    """Delete files that nobody decided on for a day; returns how many."""
    left = ListFile.objects.select_for_update(skip_locked=True).filter(
        state=FileState.CHECKED, uploaded_at__lt=now - FORGOTTEN_AFTER
    )
    for file in left:
        file.decided_at = now
        _finish(file, FileState.DISCARDED)
        _journal_file("hotlists.file.discarded", file, by=CLOCK, now=now, **_counts(file))
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


def _name(file: ListFile, by: Actor) -> str:
    return list_name(by.profile, file.source, file.origin)


def _locked(file: ListFile, by: Actor, *states: FileState, nowait: bool = False) -> ListFile:
    locked = ListFile.objects.select_for_update(nowait=nowait).get(pk=file.pk, agency_id=by.agency)
    _may_receive(by, locked.origin)
    _check_state(locked, *states)
    return locked


def _check_state(file: ListFile, *states: FileState) -> None:
    if file.state not in states:
        told = file.get_state_display().lower()
        raise ValidationError(f"This file is {told} already. Reload the page, or upload it again.")


def _check_beside(file: ListFile, standing: Hotlist | None) -> None:
    if _received_at(standing) != file.found["beside"]:
        raise ValidationError("Another file of this list was taken in since. Discard this, and check anew.")


def _set(file: ListFile, state: FileState) -> None:
    file.state = state
    file.save()
    live.publish(agency=file.agency_id, topic="entries", id=str(file.pk))


def _finish(file: ListFile, state: FileState) -> None:
    """Nothing is to be done with the file any more: it leaves the disc when this is committed."""
    _set(file, state)
    needed = ListFile.objects.filter(
        agency=file.agency_id, sha256=file.sha256, state__in=[*WORKED, FileState.CHECKED]
    )
    if not needed.exists():
        transaction.on_commit(lambda: store().remove(place(file)), robust=True)


def _received_at(hotlist: Hotlist | None) -> str:
    return hotlist.received_at.isoformat() if hotlist and hotlist.received_at else ""


def _subject(hotlist: Hotlist) -> str:
    return f"hotlists.Hotlist:{hotlist.pk}"


def _counts(file: ListFile) -> dict[str, int]:
    return {key: file.found[key] for key in COUNTS if key in file.found}


def _journal_file(verb: str, file: ListFile, *, by: Who, now: datetime, **detail: object) -> None:
    audit.record(
        verb=verb,
        by=by,
        agency=file.agency_id,
        subject=f"hotlists.ListFile:{file.pk}",
        detail={"file": file.name, "sha256": file.sha256, "origin": file.origin, **detail},
        now=now,
    )
