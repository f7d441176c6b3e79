"""Taking in the lists of others (B-466.11¶3, B-466.4(e)) from files that a person uploads."""

import hashlib
from datetime import datetime, timedelta
from typing import Final

import msgspec
from django.core.exceptions import ValidationError
from django.db import OperationalError, transaction
from django.urls import reverse

from plateward.accounts.models import User
from plateward.audit import actions as audit
from plateward.audit.who import CLOCK, Who
from plateward.governance.actor import Actor
from plateward.governance.queries import PolicyUnavailableError, profile_for
from plateward.hotlists import layouts_kept, lists
from plateward.hotlists.layouts import Layout, check, check_text
from plateward.hotlists.list_file import ListLines
from plateward.hotlists.list_guards import against_file, check_times, standing_of, subject_of
from plateward.hotlists.list_reading import found_in, glance, place, store
from plateward.hotlists.lists import list_name
from plateward.hotlists.models import (
    UNDECIDED,
    WORKED,
    FileState,
    Hotlist,
    HotlistKind,
    ListFile,
    ListMode,
    PickedUp,
    RejectedLines,
)
from plateward.hotlists.version_actions import STALE, Arrival, take_version
from plateward.live import actions as live
from plateward.notices import actions as notices
from plateward.notices.rules import to_position
from plateward.policy import Profile, purpose_allowed

CAPABILITY = "hotlists.receive"
FORGOTTEN_AFTER = timedelta(days=1)
"""A limit of the product's own, no policy's: a copy that nobody decides on does not stay on the disc."""
FIRST_BYTES: Final = 2**18
"""So much of a file tells whether it is text."""
COUNTS: Final = ("named", "added", "changed", "ended", "refused")
"""What a journal row tells of a file."""


@transaction.atomic
def upload_file(
    *,
    by: Actor,
    source: str,
    origin: str,
    purpose: str,
    layout: Layout | None,
    name: str,
    data: bytes,
    now: datetime,
    layout_version: int | None = None,
    mode: str = ListMode.FULL,
    effective_at: datetime | None = None,
    who: Who | None = None,
) -> ListFile:
    """Keep a file with a list of others for the worker, who checks it; nothing matches by it yet.

    Without a layout it waits until somebody lays down its columns (`lay_down`). `effective_at` is when its
    source made it, where known; `who` leaves the name in the journal where `by` only ordered it. Raises
    Refused (title, data of that origin, purpose), UnusableFile where the beginning shows it, and
    ValidationError (a list that the policy does not know, use or limit in time, or that is past its time
    already).
    """
    _may_receive(by, origin)
    purpose_allowed(by.profile, purpose).require()
    standing = standing_of(by, source, origin)
    check_times(by.profile, source, standing, mode=mode, effective_at=effective_at, now=now)
    check_text(data[:FIRST_BYTES])
    if layout:
        glance(data, layout, by.profile, now)
    file = ListFile(
        state=FileState.UPLOADED if layout else FileState.UNREAD,
        layout_version=layout_version,
        agency_id=by.agency,
        source=source,
        origin=origin,
        purpose=purpose,
        layout=msgspec.to_builtins(layout) if layout else {},
        mode=mode,
        effective_at=effective_at,
        name=name[:200],
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        asked_from=by.address,
        uploaded_by_id=by.user_id,
        uploaded_at=now,
    )
    store().put(place(file), data)
    file.save(force_insert=True)
    _journal_file("hotlists.file.uploaded", file, by=who or by.acting(CAPABILITY), now=now, size=file.size)
    return file


@transaction.atomic
def lay_down(*, file: ListFile, layout: Layout, by: Actor, now: datetime) -> ListFile:
    """Have a file read by a layout, which is kept for the next files of its list; the worker checks it anew.

    Raises Refused (also for a purpose of the layout's), UnusableFile where the layout or the file's beginning
    shows it, FileLost, and ValidationError where the file was decided on meanwhile.
    """
    locked = _locked(file, by, FileState.UNREAD, FileState.CHECKED)
    check(layout)
    glance(store().get(place(locked), locked.sha256), layout, by.profile, now)
    kept, is_new = layouts_kept.keep(locked, layout, by.user_id, now)
    locked.layout, locked.layout_version = kept.layout, kept.version
    locked.found, locked.read_bytes, locked.attempts, locked.worked_at = {}, 0, 0, None
    locked.asked_from = by.address
    RejectedLines.objects.filter(file=locked).delete()
    _set(locked, FileState.UPLOADED)
    facts = {"version": kept.version, "new": is_new, "list": locked.source}
    _journal_file("hotlists.file.laid_down", locked, by=by.acting(CAPABILITY), now=now, **facts)
    return locked


@transaction.atomic
def take_rejected(*, file: ListFile, by: Actor, now: datetime) -> RejectedLines:
    """Take away the lines that were left out of a file, with their reasons.

    Raises Refused, and RejectedLines.DoesNotExist where none was left out.
    """
    _may_receive(by, file.origin)
    found = RejectedLines.objects.get(file=file)
    who = by.acting(CAPABILITY)
    _journal_file("hotlists.rejects.downloaded", file, by=who, now=now, count=found.count)
    return found


@transaction.atomic
def file_checked(*, file: ListFile, lines: ListLines, by: Actor, now: datetime) -> ListFile:
    """Lay the lines that were received of a file beside what stands, for somebody's decision.

    Raises Refused, and ValidationError where the file was decided on meanwhile.
    """
    locked = _locked(file, by, FileState.UPLOADED)
    standing = standing_of(by, locked.source, locked.origin)
    difference = lists.compare_received(standing, locked.mode)
    locked.found = {**found_in(lines, difference), "beside": _received_at(standing)}
    _set(locked, FileState.CHECKED)
    _journal_file("hotlists.file.checked", locked, by=by.acting(CAPABILITY), now=now, **_counts(locked))
    return locked


@transaction.atomic
def order_taking(
    *, file: ListFile, by: Actor, now: datetime, reason: str = "", who: Who | None = None
) -> ListFile:
    """Have the worker take in a checked file's list; `reason` answers what speaks against it.

    `who` leaves the name in the journal where `by` only gave a standing order.
    Raises Refused, and ValidationError where the file was decided on, another came in between, it is past its
    time, or what speaks against it is not answered.
    """
    locked = _locked(file, by, FileState.CHECKED)
    standing = standing_of(by, locked.source, locked.origin)
    _check_beside(locked, standing)
    against = against_file(locked, by.profile, standing)
    if against and not reason.strip():
        raise ValidationError({"reason": f"{against[0].reason} {against[0].remedy}"})
    check_times(
        by.profile, locked.source, standing, mode=locked.mode, effective_at=locked.effective_at, now=now
    )
    locked.decided_by_id, locked.decided_at, locked.asked_from = by.user_id, now, by.address
    locked.reason = reason.strip()[:500] if against else ""
    locked.read_bytes, locked.attempts, locked.worked_at = 0, 0, None
    _set(locked, FileState.TAKING)
    told: dict[str, object] = dict(_counts(locked))
    if against:
        told |= {"against": [one.reason for one in against], "reason": locked.reason}
    _journal_file("hotlists.file.ordered", locked, by=who or by.acting(CAPABILITY), now=now, **told)
    return locked


@transaction.atomic
def file_taken(*, file: ListFile, lines: ListLines, by: Actor, now: datetime) -> ListFile:
    """Put the lines that were received of a file in the place of what stands, all of them or none.

    Raises Refused, and ValidationError where the file was decided on meanwhile, or another came in between.
    """
    locked = _locked(file, by, FileState.TAKING)
    name = list_name(by.profile, locked.source, locked.origin)
    _check_beside(locked, Hotlist.objects.select_for_update().filter(agency_id=by.agency, name=name).first())
    arrival = Arrival(
        source=locked.source,
        origin=locked.origin,
        by=User.objects.get(pk=by.user_id),
        who=by.acting(CAPABILITY),
        now=now,
        mode=locked.mode,
        effective_at=locked.effective_at,
        reason=locked.reason,
        left_out=lines.left_out,
        file=locked,
    )
    _, difference = take_version(arrival, lambda hotlist: lists.compare_received(hotlist, locked.mode))
    locked.found = {**found_in(lines, difference), "beside": locked.found["beside"]}
    locked.decided_at = now
    _finish(locked, FileState.TAKEN)
    return locked


@transaction.atomic
def wait_for_room(*, file: ListFile) -> None:
    """Note that a file's work waits for room on the disc: the try from `file` on does not count."""
    locked = ListFile.objects.select_for_update().get(pk=file.pk)
    if locked.state == file.state:
        locked.attempts, locked.found = file.attempts, {**locked.found, "no_room": True}
        locked.save(update_fields=["attempts", "found"])


@transaction.atomic
def fail_file(*, file: ListFile, why: str, now: datetime) -> ListFile:
    """Say why a file cannot be used, and delete it. Raises ValidationError where it was decided on."""
    locked = ListFile.objects.select_for_update().get(pk=file.pk)
    _check_state(locked, *WORKED, *UNDECIDED)
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
            locked = _locked(file, by, *WORKED, *UNDECIDED, nowait=True)
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
    """Delete files that nobody decided on for a day; returns how many.

    One that was fetched waits on, as its task does: nobody who could send it again knows that it is gone.
    """
    left = ListFile.objects.select_for_update(skip_locked=True).filter(
        state__in=UNDECIDED, uploaded_at__lt=now - FORGOTTEN_AFTER
    )
    waiting = PickedUp.objects.filter(settled_at__isnull=True, file__isnull=False)
    left = left.exclude(pk__in=waiting.values("file_id"))
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
            position = receiving_position(profile_for(hotlist.agency_id, now))
        except PolicyUnavailableError:
            continue  # doctor says so
        if position:
            notices.raise_notice(
                agency=hotlist.agency_id,
                key=f"{STALE}:{hotlist.pk}:{hotlist.expires_at}",
                kind=STALE,
                to=to_position(position),
                text=f"“{hotlist.name}” is past its time and matches nothing. Take in a newer one.",
                by=CLOCK,
                now=now,
                link=reverse("hotlists:lists"),
                subject=subject_of(hotlist.pk),
                is_task=True,
            )
    return len(stale)


def receiving_position(profile: Profile) -> str:
    """The position that is asked about lists of others, "" where the policy lets none take them in."""
    held = profile.positions.items()
    return next((key for key, one in held if CAPABILITY in (one.capabilities.settled or ())), "")


def _may_receive(by: Actor, origin: str) -> None:
    by.require(CAPABILITY)
    by.sees(origin).require()


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
        agency=file.agency_id, sha256=file.sha256, state__in=[*WORKED, *UNDECIDED]
    )
    if not needed.exists():
        transaction.on_commit(lambda: store().remove(place(file)), robust=True)


def _received_at(hotlist: Hotlist | None) -> str:
    return hotlist.received_at.isoformat() if hotlist and hotlist.received_at else ""


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
