"""Fetching pictures that lie elsewhere: by the worker, again after a while, given up on record."""

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from plateward.audit import actions as audit
from plateward.audit.who import Who
from plateward.devices import login_actions
from plateward.devices.models import Device, PictureLogin
from plateward.devices.ways import reach_of
from plateward.documents.logins import Login
from plateward.reads import keys, outside, pictures, queries, rules
from plateward.reads.awaiting import PAUSES
from plateward.reads.keys import KeyOf
from plateward.reads.models import AwaitedPicture, AwaitedState, Picture, Read
from plateward.reads.outside import Allowed, Fetched, LoginRefusedError, UnfetchedError
from plateward.reads.store import PictureStore, picture_store
from plateward.vault.masters import MasterKeyError, Wrapped

log = logging.getLogger(__name__)

WORKER = Who.system("worker")
AT_ONCE: Final = 8
CLAIMED_FOR: Final = timedelta(minutes=5)
"""Longer than fetching takes; what a killed worker had claimed is fetched again then."""
REFUSED_FOR: Final = timedelta(hours=1)
"""A log-in that the camera refused is tried again so much later."""
_LATER: Final = "it is tried again an hour after that, or when it was set anew"

Fetch = Callable[[str, Allowed], Fetched]


def fetch_waiting(*, now: datetime, fetch: Fetch = outside.fetch, store: PictureStore | None = None) -> int:
    """Fetch up to `AT_ONCE` pictures whose turn it is, side by side; returns how many were tried.

    No transaction is open while another server is waited for. Raises OSError and MasterKeyError where the
    picture cannot be kept: it is fetched again.
    """
    _say_who_waits(now)
    claimed = _claimed(now)
    if not claimed:
        return 0
    devices = Device.objects.in_bulk({one.device_id for one in claimed})
    logins = PictureLogin.objects.in_bulk({*devices})
    tasks = _tasks(claimed, devices, logins)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = [result for results in pool.map(lambda one: one.tried(fetch), tasks) for result in results]
    for one, result in zip([one for task in tasks for one in task.awaited], found, strict=True):
        _settle(one, result, now, store or picture_store())
        if one.device_id in logins:
            _note(devices[one.device_id], logins[one.device_id], result, now)
    return len(claimed)


@dataclass(frozen=True, slots=True)
class _Unasked:
    """A picture whose camera had just refused the log-in for another: no attempt was made."""

    why: str


_Result = Fetched | UnfetchedError | _Unasked


@dataclass(frozen=True, slots=True)
class _Task:
    """Pictures fetched one after the other: those of a camera with a log-in, else a single one."""

    awaited: tuple[AwaitedPicture, ...]
    allowed: Allowed
    barred: UnfetchedError | None = None

    def tried(self, fetch: Fetch) -> list[_Result]:
        """Each picture or why not. After a refused log-in no more are asked for: cameras lock accounts."""
        results: list[_Result] = []
        refused = ""
        for one in self.awaited:
            if refused:
                results.append(_Unasked(f"{refused}; {_LATER}"))
            elif self.barred is None:
                try:
                    results.append(fetch(one.url, self.allowed))
                except LoginRefusedError as error:
                    refused = str(error)
                    results.append(error)
                except UnfetchedError as error:
                    results.append(error)
                except Exception as error:
                    log.exception("a picture could not be asked for")
                    results.append(
                        UnfetchedError(f"fetching it failed in Plateward ({type(error).__name__})")
                    )
            else:
                results.append(self.barred)
        return results


def _tasks(
    claimed: Sequence[AwaitedPicture],
    devices: Mapping[UUID, Device],
    logins: Mapping[UUID, PictureLogin],
) -> list[_Task]:
    """What is fetched side by side."""
    tasks = []
    for device_id, awaited in groupby(sorted(claimed, key=_device_of), _device_of):
        device, kept = devices[device_id], logins.get(device_id)
        allowed = Allowed(tuple(device.picture_hosts), tuple(device.allowed_sources))
        if kept is None:
            tasks += [_Task((one,), allowed) for one in awaited]
        else:
            tasks.append(_logged_in(tuple(awaited), allowed, device, kept))
    return tasks


def _logged_in(
    awaited: tuple[AwaitedPicture, ...], allowed: Allowed, device: Device, kept: PictureLogin
) -> _Task:
    """Pictures of a camera with a log-in, which is no reason to leave those of others waiting."""
    try:
        login = _login(device, kept)
    except MasterKeyError as error:
        return _Task(awaited, allowed, UnfetchedError(f"its camera's log-in cannot be opened: {error}"))
    return _Task(awaited, replace(allowed, login=login))


def _device_of(one: AwaitedPicture) -> UUID:
    return one.device_id


def _login(device: Device, kept: PictureLogin) -> Login | None:
    """A camera's log-in, for the hosts and networks that it was given for alone. Raises MasterKeyError."""
    if kept.reach != reach_of(device.way_in):
        return None
    password = keys.masters().unwrap(Wrapped(kept.master, bytes(kept.wrapped)), kept.context)
    return Login(kept.username, password.decode())


def _refused_lately(now: datetime) -> QuerySet[PictureLogin]:
    """Log-ins that their cameras refused: none is asked again at once, which uses up no attempt."""
    return PictureLogin.objects.filter(refused_at__gt=now - REFUSED_FOR)


def _say_who_waits(now: datetime) -> None:
    """Have each read whose picture waits for that say so."""
    for kept in _refused_lately(now):
        said = f"{kept.refusal}; {_LATER}."[:500]
        due = AwaitedPicture.objects.filter(
            state=AwaitedState.WAITING, device_id=kept.device_id, next_at__lte=now
        )
        due.exclude(reason=said).update(reason=said)


def _note(device: Device, kept: PictureLogin, result: _Result, now: datetime) -> None:
    """Have the device's page say how its log-in was answered, where it was asked for."""
    if isinstance(result, LoginRefusedError) or (isinstance(result, Fetched) and result.took_login):
        refusal = "" if isinstance(result, Fetched) else f"{result}"
        login_actions.note_answer(device=device, refusal=refusal, set_at=kept.set_at, now=now)


@transaction.atomic
def _claimed(now: datetime) -> list[AwaitedPicture]:
    due = AwaitedPicture.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        state=AwaitedState.WAITING, next_at__lte=now
    )
    due = due.exclude(device_id__in=_refused_lately(now).values("device_id"))
    found = list(due.order_by("next_at")[:AT_ONCE])
    for one in found:
        one.next_at = now + CLAIMED_FOR
    AwaitedPicture.objects.bulk_update(found, ["next_at"])
    return found


@transaction.atomic
def _settle(one: AwaitedPicture, found: _Result, now: datetime, store: PictureStore) -> None:
    if isinstance(found, _Unasked):
        one.next_at, one.reason = now, f"{found.why}."[:500]
        one.save(update_fields=["next_at", "reason"])
        return
    if isinstance(found, Fetched):
        try:
            _keep(one, found, now, store)
        except Read.DoesNotExist:
            _give_up(one, "Its read was destroyed meanwhile.", now)
        else:
            one.state, one.reason = AwaitedState.FETCHED, ""
    elif one.attempts >= len(PAUSES):
        _give_up(one, f"After {one.attempts + 1} attempts: {found}."[:500], now)
    else:
        one.next_at, one.reason = now + PAUSES[one.attempts], f"{found}."[:500]
    if one.state != AwaitedState.WAITING:
        one.url = ""
    one.attempts += 1
    one.save(update_fields=["state", "reason", "next_at", "attempts", "url"])


def _keep(one: AwaitedPicture, found: Fetched, now: datetime, store: PictureStore) -> None:
    """Seal the picture and enter it, as one that came with the read. Raises Read.DoesNotExist and others."""
    read = queries.read_by_id(one.agency_id, one.read_id)
    sha256 = hashlib.sha256(found.data).hexdigest()
    picture = Picture(
        id=rules.picture_id(read.id, one.role.lower(), sha256),
        agency_id=one.agency_id,
        read_id=read.id,
        captured_at=read.captured_at,
        role=one.role,
        sha256=sha256,
        media_type=found.facts.media_type,
        size=len(found.data),
        width=found.facts.width,
        height=found.facts.height,
    )
    of = KeyOf(one.agency_id, one.device_id, read.captured_at.astimezone(UTC).date())
    key = keys.keys_for({of}, now)[of]
    store.put(pictures.filed(picture), found.data, key)
    picture.data_key_id = key.id
    Picture.objects.bulk_create([picture], ignore_conflicts=True)


def _give_up(one: AwaitedPicture, reason: str, now: datetime) -> None:
    one.state, one.reason = AwaitedState.GIVEN_UP, reason
    audit.record(
        verb="reads.picture.given_up",
        by=WORKER,
        agency=one.agency_id,
        subject=f"reads.AwaitedPicture:{one.pk}",
        detail={"read": str(one.read_id), "device": str(one.device_id), "reason": reason},
        now=now,
    )
