"""Fetching pictures that lie elsewhere: by the worker, again after a while, given up on record."""

import hashlib
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db import transaction

from plateward.audit import actions as audit
from plateward.audit.who import Who
from plateward.devices.models import Device
from plateward.reads import keys, outside, pictures, queries, rules
from plateward.reads.awaiting import PAUSES
from plateward.reads.keys import KeyDestroyedError, KeyOf
from plateward.reads.models import AwaitedPicture, AwaitedState, Picture, Read
from plateward.reads.outside import Allowed, Fetched, UnfetchedError
from plateward.reads.store import PictureStore, picture_store

log = logging.getLogger(__name__)

WORKER = Who.system("worker")
AT_ONCE: Final = 8
CLAIMED_FOR: Final = timedelta(minutes=2)
"""Longer than fetching takes; what a killed worker had claimed is fetched again then."""

Fetch = Callable[[str, Allowed], Fetched]


def fetch_waiting(*, now: datetime, fetch: Fetch = outside.fetch, store: PictureStore | None = None) -> int:
    """Fetch up to `AT_ONCE` pictures whose turn it is, side by side; returns how many were tried.

    No transaction is open while another server is waited for. Raises OSError and MasterKeyError where the
    picture cannot be kept: it is fetched again.
    """
    claimed = _claimed(now)
    if not claimed:
        return 0
    devices = Device.objects.in_bulk({one.device_id for one in claimed})
    asked = [(one.url, _allowed(devices[one.device_id])) for one in claimed]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = list(pool.map(lambda one: _tried(fetch, *one), asked))
    for one, result in zip(claimed, found, strict=True):
        _settle(one, result, now, store or picture_store())
    return len(claimed)


def _allowed(device: Device) -> Allowed:
    return Allowed(tuple(device.picture_hosts), tuple(device.allowed_sources))


def _tried(fetch: Fetch, url: str, allowed: Allowed) -> Fetched | UnfetchedError:
    try:
        return fetch(url, allowed)
    except UnfetchedError as error:
        return error


@transaction.atomic
def _claimed(now: datetime) -> list[AwaitedPicture]:
    due = AwaitedPicture.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        state=AwaitedState.WAITING, next_at__lte=now
    )
    found = list(due.order_by("next_at")[:AT_ONCE])
    for one in found:
        one.next_at = now + CLAIMED_FOR
    AwaitedPicture.objects.bulk_update(found, ["next_at"])
    return found


@transaction.atomic
def _settle(one: AwaitedPicture, found: Fetched | UnfetchedError, now: datetime, store: PictureStore) -> None:
    if isinstance(found, Fetched):
        try:
            _keep(one, found, now, store)
        except (Read.DoesNotExist, KeyDestroyedError):
            _give_up(one, "Its read, or the key of its day, was destroyed meanwhile.", now)
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
