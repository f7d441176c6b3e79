"""Payloads in quarantine go with the day of their receipt, unless a hold may cover what nobody could read."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from plateward.evidence.hold_rules import Scope
from plateward.reads.models import InboxItem, InboxState
from plateward.reads.store import PictureStore
from plateward.retention import presenters, stores
from plateward.retention.rules import PurgeState
from plateward.search.models import Canvass
from tests import holds
from tests.canvasses import canvassed
from tests.payloads import inbox_item
from tests.personas import Town
from tests.purges import COMMANDER, approved, drive, long_ago, ready, run


def unread(town: Town, at: datetime, state: InboxState = InboxState.QUARANTINED) -> InboxItem:
    """A payload that nobody could read."""
    return inbox_item(town.camera, b'{"plate": ', at, state=state, reason="It is no JSON.")


def quarantined() -> set[object]:
    return set(InboxItem.objects.values_list("pk", flat=True))


def oldest(town: Town, now: datetime) -> datetime | None:
    profile = town.actor(COMMANDER, now).profile
    ages = stores.ages(town.agency.pk, profile, now)
    return next(age.oldest_at for age in ages if age.name == "Payloads in quarantine")


@pytest.mark.clause("B-466.5¶2-purge")
def test_payloads_in_quarantine_go_with_the_day_of_their_receipt_and_stand_on_the_certificate(
    barstow: Town, huntington_park: Town, now: datetime, store: PictureStore
) -> None:
    ready(barstow, now)
    drive(barstow.camera, long_ago(now), ["8ABC123"])
    for days in (400, 900):
        unread(barstow, long_ago(now, days))
    stay = {
        unread(barstow, now - timedelta(days=9)).pk,
        unread(huntington_park, long_ago(now)).pk,
        unread(barstow, long_ago(now), InboxState.RECEIVED).pk,
    }
    assert oldest(barstow, now) == long_ago(now, 900)
    purge = approved(barstow, now)
    assert (presenters.needed(purge).payloads, presenters.needed(purge).is_any) == (2, True)
    done = run(purge, now, store)
    assert done.state == PurgeState.VERIFIED
    assert quarantined() == stay
    assert json.loads(bytes(done.certificate.data))["stores"]["payloads"] == 2
    assert oldest(barstow, now) == now - timedelta(days=9)


def of_plate(_: Town, at: datetime) -> Scope:
    return holds.plate("7XYZ789", until_at=at - timedelta(days=30))


def of_camera(town: Town, at: datetime) -> Scope:
    return holds.camera(town, at + timedelta(hours=20), at + timedelta(hours=21))


def of_canvass(town: Town, at: datetime) -> Scope:
    made = canvassed(town)
    span = {"from_at": at - timedelta(hours=2), "until_at": at}
    Canvass.objects.filter(pk=made.pk).update(reference=holds.CASE.lower(), **span)
    return holds.case()


@pytest.mark.clause("B-466.5¶2-purge")
@pytest.mark.parametrize("covering", [of_plate, of_camera, of_canvass])
def test_a_payload_that_a_hold_may_cover_stays_and_does_not_count_as_due(
    barstow: Town, now: datetime, store: PictureStore, covering: Callable[[Town, datetime], Scope]
) -> None:
    ready(barstow, now)
    drive(barstow.camera, long_ago(now), ["8ABC123"])
    kept = unread(barstow, long_ago(now))
    holds.asked(barstow, "ortiz", now, covering(barstow, long_ago(now)))
    done = run(approved(barstow, now), now, store)
    assert done.state == PurgeState.VERIFIED
    assert quarantined() == {kept.pk}
    assert done.stores["payloads"] == 0
    assert oldest(barstow, now) is None


def test_a_hold_that_cannot_cover_a_payload_does_not_keep_it(
    barstow: Town, now: datetime, store: PictureStore
) -> None:
    ready(barstow, now)
    _, kept = drive(barstow.camera, long_ago(now), ["8ABC123", "7XYZ789"])
    unread(barstow, long_ago(now))
    later = long_ago(now) + timedelta(days=2)
    holds.asked(barstow, "ortiz", now, holds.one_read(kept), holds.camera(barstow, later))
    assert run(approved(barstow, now), now, store).state == PurgeState.VERIFIED
    assert quarantined() == set()
