"""A hold wins over a purge, whenever it comes; what it keeps stays whole and provable."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from plateward.evidence import hold_actions
from plateward.evidence.models import Hold
from plateward.ledger.merkle import verify_inclusion
from plateward.reads import actions as reads_actions
from plateward.reads.models import DataKey, InboxItem, Picture, Read
from plateward.reads.pictures import picture_bytes
from plateward.reads.store import PictureStore
from plateward.retention import running_actions
from plateward.retention.models import DayRoot, KeptLeaf, PurgeDay
from plateward.retention.rules import PurgeState
from tests import holds
from tests.payloads import MULTIPART, as_json, as_multipart, inbox_item, picture
from tests.personas import Town
from tests.purges import approved, drive, long_ago, pictured, ready, run
from tests.sightings import seen


@pytest.mark.clause("B-466.5¶2-purge")
def test_a_held_read_stays_with_its_picture_and_its_proof(
    barstow: Town, now: datetime, store: PictureStore
) -> None:
    ready(barstow, now)
    gone, kept = drive(barstow.camera, long_ago(now), ["8ABC123", "7XYZ789"])
    pictured(gone, store, now)
    shown = pictured(kept, store, now)
    before = picture_bytes(shown, store)
    holds.asked(barstow, "ortiz", now, holds.plate("7XYZ789"))
    purge = approved(barstow, now)
    assert [(day.foreseen, day.foreseen_held) for day in purge.days.all()] == [(1, 1)]
    done = run(purge, now, store)
    assert (done.state, done.problem) == (PurgeState.VERIFIED, "")
    assert Read.objects.get(agency=barstow.agency).id == kept.id
    picture = Picture.objects.select_related("data_key").get()
    assert picture_bytes(picture, store) == before
    assert picture.data_key is not None
    assert DataKey.objects.filter(wrapped=None).count() == 1
    leaf, root = KeptLeaf.objects.get(), DayRoot.objects.get()
    hashes = [bytes.fromhex(one) for one in leaf.hashes]
    verify_inclusion(bytes.fromhex(leaf.leaf), leaf.index, root.reads, hashes, bytes.fromhex(root.root))
    told = json.loads(bytes(done.certificate.data))
    assert (told["total"]["purged"], told["total"]["held"], told["total"]["ingested"]) == (1, 1, 2)


def test_a_hold_placed_while_the_purge_runs_is_obeyed(
    barstow: Town, now: datetime, store: PictureStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready(barstow, now)
    (read,) = drive(barstow.camera, long_ago(now), ["8ABC123"])
    pictured(read, store, now)
    purge = approved(barstow, now)
    real = running_actions.keep_held_pictures

    def placed_meanwhile(**facts: Any) -> int:
        count = real(**facts)
        holds.asked(barstow, "ortiz", now, holds.plate("8ABC123"))
        return count

    monkeypatch.setattr(running_actions, "keep_held_pictures", placed_meanwhile)
    done = run(purge, now, store)
    assert done.state == PurgeState.VERIFIED
    assert Read.objects.filter(agency=barstow.agency).count() == 1
    picture = Picture.objects.select_related("data_key").get()
    assert picture_bytes(picture, store)


def test_a_late_read_into_a_held_window_is_held_and_counted(
    barstow: Town, now: datetime, store: PictureStore
) -> None:
    ready(barstow, now)
    begun = long_ago(now)
    drive(barstow.camera, begun, ["8ABC123", "7XYZ789"])
    window = holds.camera(barstow, begun - timedelta(hours=1), begun)
    holds.asked(barstow, "ortiz", now, window)
    purge = approved(barstow, now)
    late = seen(barstow.camera, "6LATE00", begun - timedelta(minutes=5))
    Read.objects.filter(id=late.id).update(stored_at=now)
    done = run(purge, now, store)
    assert Read.objects.get(agency=barstow.agency).id == late.id
    (day,) = done.days.all()
    assert (day.ingested, day.purged, day.held) == (3, 2, 1)
    assert [root.reads for root in DayRoot.objects.order_by("number")] == [2, 1]


def release(town: Town, hold: Hold, now: datetime) -> None:
    hold_actions.ask_release(hold=hold, reason="Dismissed.", by=town.actor("ortiz", now), now=now)
    hold.refresh_from_db()
    hold_actions.approve_release(hold=hold, note="", by=town.actor("cole", now), now=now)


def test_two_holds_each_keep_and_what_is_released_goes_with_the_next_purge(
    barstow: Town, now: datetime, store: PictureStore
) -> None:
    ready(barstow, now)
    reads = drive(barstow.camera, long_ago(now), ["8ABC123", "7XYZ789"])
    for read in reads:
        pictured(read, store, now)
    first = holds.approved(barstow, "ortiz", now, holds.plate("8ABC123"))
    second = holds.approved(barstow, "ortiz", now, holds.plate("8ABC123"))
    assert run(approved(barstow, now), now, store).state == PurgeState.VERIFIED
    release(barstow, first, now)
    assert Read.objects.filter(agency=barstow.agency).count() == 1
    release(barstow, second, now)
    again = run(approved(barstow, now), now, store)
    assert (again.state, again.problem) == (PurgeState.VERIFIED, "")
    assert not Read.objects.filter(agency=barstow.agency).exists()
    day = PurgeDay.objects.get(purge=again)
    assert (day.ingested, day.purged_before, day.purged, day.held) == (2, 1, 1, 0)
    assert not KeptLeaf.objects.exists()
    assert not DataKey.objects.filter(wrapped__isnull=False).exists()
    assert not [path for path in store.root.rglob("*") if path.is_file()]


@pytest.mark.clause("B-466.5¶2-purge")
def test_what_comes_after_the_purge_is_stored_and_stays_where_a_hold_covers_it(
    barstow: Town, now: datetime, store: PictureStore
) -> None:
    ready(barstow, now)
    begun = long_ago(now)
    (gone,) = drive(barstow.camera, begun, ["8ABC123"])
    pictured(gone, store, now)
    holds.asked(barstow, "ortiz", now, holds.plate("7XYZ789"))
    assert run(approved(barstow, now), now, store).state == PurgeState.VERIFIED
    items = [
        inbox_item(
            barstow.camera,
            as_multipart(as_json(begun + timedelta(hours=1), plate=plate, event_id=plate), scene=picture()),
            now,
            content_type=MULTIPART,
        )
        for plate in ("7XYZ789", "6LATE00")
    ]
    reads_actions.store_waiting(limit=9, now=now, store=store)
    assert Picture.objects.count() == 2
    assert not InboxItem.objects.filter(pk__in=[item.pk for item in items], state="QUARANTINED").exists()
    later = now + timedelta(minutes=20)
    assert run(approved(barstow, later), later, store).state == PurgeState.VERIFIED
    assert Read.objects.get(agency=barstow.agency).plate == "7XYZ789"
    assert picture_bytes(Picture.objects.select_related("data_key").get(), store) == picture()
    assert DataKey.objects.filter(wrapped__isnull=False).count() == 1
