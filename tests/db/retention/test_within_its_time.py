"""What a purge must not take, and what must not be left: proofs against three ways in which it went wrong."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from plateward.evidence import hold_actions
from plateward.reads import partitions
from plateward.reads.models import DataKey, Picture, Read
from plateward.reads.rules import Grain
from plateward.reads.store import PictureStore
from plateward.retention import running_actions, schedule_actions, standing
from plateward.retention.rules import PurgeState
from tests import holds
from tests.personas import Town
from tests.purges import COMMANDER, approved, drive, long_ago, pictured, ready, run
from tests.sightings import seen


@pytest.mark.clause("B-466.5¶2-purge")
def test_a_held_read_that_comes_late_for_a_day_before_the_purge_begins_stays(
    barstow: Town, now: datetime, store: PictureStore
) -> None:
    ready(barstow, now)
    at = long_ago(now, 420).replace(day=20)
    partitions.ensure([at], now, Grain.MONTH)
    drive(barstow.camera, at, ["8ABC123"])
    holds.asked(barstow, "ortiz", now, holds.plate("7XYZ789"))
    purge = approved(barstow, now)
    late = seen(barstow.camera, "7XYZ789", at - timedelta(days=10))
    assert run(purge, now, store).state == PurgeState.VERIFIED
    assert [read.id for read in Read.objects.filter(agency=barstow.agency)] == [late.id]


def test_a_hold_released_after_its_pictures_were_sealed_anew_leaves_no_key_and_no_file(
    barstow: Town, now: datetime, store: PictureStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready(barstow, now)
    (read,) = drive(barstow.camera, long_ago(now), ["8ABC123"])
    pictured(read, store, now)
    hold = holds.approved(barstow, "ortiz", now, holds.plate("8ABC123"))
    drive(barstow.camera, long_ago(now) + timedelta(hours=1), ["6AAA111"])
    purge = approved(barstow, now)
    real = running_actions.keep_held_pictures

    def then_released(**facts: Any) -> int:
        count = real(**facts)
        hold.refresh_from_db()
        if hold.state == "ACTIVE":
            hold_actions.ask_release(hold=hold, reason="Dismissed.", by=barstow.actor("ortiz", now), now=now)
            hold_actions.approve_release(hold=hold, note="", by=barstow.actor("cole", now), now=now)
        return count

    monkeypatch.setattr(running_actions, "keep_held_pictures", then_released)
    done = run(purge, now, store)
    assert (done.state, done.problem) == (PurgeState.VERIFIED, "")
    assert not Picture.objects.exists()
    assert not DataKey.objects.filter(wrapped__isnull=False).exists()
    assert not [path for path in store.root.rglob("*") if path.is_file()]


@pytest.mark.clause("B-466.5¶2")
def test_a_camera_that_changes_its_source_after_the_approval_stops_the_purge(
    barstow: Town, now: datetime, store: PictureStore
) -> None:
    ready(barstow, now)
    drive(barstow.camera, long_ago(now), ["8ABC123"])
    purge = approved(barstow, now)
    schedule_actions.assign_source(
        device=barstow.camera,
        source="vendor-cloud",
        reason="The vendor's contract",
        by=barstow.actor(COMMANDER, now),
        now=now + timedelta(seconds=1),
    )
    done = run(purge, now, store)
    assert (done.state, "not server any more" in done.problem) == (PurgeState.FAILED, True)
    assert Read.objects.filter(agency=barstow.agency).count() == 1


@pytest.mark.clause("B-466.5¶2")
def test_what_a_camera_took_under_a_source_that_keeps_longer_does_not_go_by_its_new_one(
    barstow: Town, now: datetime
) -> None:
    actor = barstow.actor(COMMANDER, now)
    year_ago, lately = now - timedelta(days=800), now - timedelta(days=60)
    for source, at in (("vendor-cloud", year_ago), ("server", lately)):
        schedule_actions.assign_source(
            device=barstow.camera, source=source, reason="The contract", by=actor, now=at
        )

    def kept(at: datetime) -> set[object]:
        return set(standing.kept_longer("barstow-pd", actor.profile, "server", long_ago(now), at))

    assert kept(now) == {barstow.camera.pk}  # of the vendor's cloud the policy lets nothing go
    of_cloud = standing.kept_longer("barstow-pd", actor.profile, "vendor-cloud", long_ago(now), now)
    assert of_cloud == set()
    ready(barstow, now)
    drive(barstow.camera, long_ago(now), ["8ABC123"])
    with pytest.raises(ValidationError, match="under another source before"):
        approved(barstow, now)
