"""Pictures with a shorter length than their reads: purged by themselves, with a certificate of their own."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from plateward.audit.models import AuditRecord
from plateward.evidence import hold_actions
from plateward.policy import Refused
from plateward.reads import queries
from plateward.reads.models import DataKey, Picture, Read
from plateward.reads.store import PictureStore
from plateward.retention import purge_actions, purge_list, reapply_actions, stores
from plateward.retention.models import Purge
from plateward.retention.rules import PurgeState
from tests import holds
from tests.personas import Town
from tests.purges import (
    COMMANDER,
    CUSTODIAN,
    OF_THEIR_OWN,
    THIRTY_DAYS,
    drive,
    long_ago,
    pictured,
    ready,
    run,
)
from tests.sightings import seen
from tests.versions import policy_text, put_on_file


@pytest.fixture
def town(barstow: Town, now: datetime) -> Town:
    """Barstow under a policy that keeps reads for a year and their pictures for thirty days."""
    put_on_file(barstow, policy_text("barstow-pd", "2026.9", OF_THEIR_OWN, THIRTY_DAYS), now)
    ready(barstow, now)
    return barstow


def approved(town: Town, now: datetime) -> Purge:
    by = town.actor(CUSTODIAN, now)
    purge = purge_actions.propose(source="server", until_at=None, by=by, now=now, pictures_only=True)
    return purge_actions.approve(purge_id=purge.pk, by=town.actor(COMMANDER, now), now=now)


def files(store: PictureStore) -> int:
    return sum(path.is_file() for path in store.root.rglob("*"))


@pytest.mark.clause("B-466.5¶2", "B-466.5¶2-purge")
def test_pictures_go_with_their_key_and_their_reads_stay_and_say_so(
    town: Town, now: datetime, store: PictureStore
) -> None:
    old = seen(town.camera, "8ABC123", long_ago(now, 40))
    young = seen(town.camera, "7XYZ789", now - timedelta(days=9))
    pictured(old, store, now)
    stays = pictured(young, store, now)
    assert queries.pictures_destroyed(old) == ""
    purge = approved(town, now)
    assert [(day.foreseen, day.foreseen_held) for day in purge.days.all()] == [(1, 0)]
    done = run(purge, now, store)
    assert (done.state, done.problem) == (PurgeState.VERIFIED, "")
    assert set(Read.objects.filter(agency=town.agency)) == {old, young}
    assert ([row.pk for row in Picture.objects.all()], files(store)) == ([stays.pk], 1)
    assert sorted(key.wrapped is None for key in DataKey.objects.all()) == [False, True]
    assert f"purge {done.number}: older than 30 days" in queries.pictures_destroyed(old)
    told = json.loads(bytes(done.certificate.data))
    assert (told["classes"], told["pictures"]) == (["IMAGES"], {"held": 0, "purged": 1})
    assert told["total"] == dict.fromkeys(("ingested", "purged", "purged_before", "held", "remaining"), 0)
    assert bytes(done.certificate.document).startswith(b"%PDF-")
    row = AuditRecord.objects.get(verb="retention.pictures.purged")
    assert (row.detail["pictures"], row.detail["held"], row.detail["keys"]) == (1, 0, 1)


@pytest.mark.clause("B-466.5¶2-purge")
def test_a_hold_on_the_read_keeps_its_picture_until_the_hold_ends(
    town: Town, now: datetime, store: PictureStore
) -> None:
    held, loose = drive(town.camera, long_ago(now, 40), ["8ABC123", "7XYZ789"])
    shown = pictured(held, store, now)
    pictured(loose, store, now)
    hold = holds.approved(town, "ortiz", now, holds.one_read(held))
    done = run(approved(town, now), now, store)
    assert (done.state, done.problem) == (PurgeState.VERIFIED, "")
    assert (Picture.objects.get().pk, files(store)) == (shown.pk, 1)
    assert json.loads(bytes(done.certificate.data))["pictures"] == {"held": 1, "purged": 1}
    with pytest.raises(ValidationError, match="No picture of this source"):
        approved(town, now)
    at = {"now": now + timedelta(minutes=1)}
    hold_actions.ask_release(hold=hold, reason="Dismissed.", by=town.actor("ortiz", now), **at)
    hold_actions.approve_release(hold=hold, note="", by=town.actor("cole", now), **at)
    assert run(approved(town, now), now, store).state == PurgeState.VERIFIED
    assert (Picture.objects.count(), files(store), Read.objects.count()) == (0, 0, 2)


def test_the_reads_go_after_their_year_and_their_days_still_add_up(
    town: Town, now: datetime, store: PictureStore
) -> None:
    (read,) = drive(town.camera, long_ago(now), ["8ABC123"])
    pictured(read, store, now)
    run(approved(town, now), now, store)
    by = town.actor(CUSTODIAN, now)
    purge = purge_actions.propose(source="server", until_at=None, by=by, now=now)
    done = run(purge_actions.approve(purge_id=purge.pk, by=town.actor(COMMANDER, now), now=now), now, store)
    assert (done.state, done.days.get().balance.is_even, Read.objects.count()) == (
        PurgeState.VERIFIED,
        True,
        0,
    )
    told = json.loads(bytes(done.certificate.data))
    assert (told["classes"], told["pictures"]["purged"], told["total"]["purged"]) == (
        ["READS", "IMAGES"],
        0,
        1,
    )


def test_after_a_restore_pictures_go_again_alone(town: Town, now: datetime, store: PictureStore) -> None:
    (read,) = drive(town.camera, long_ago(now, 40), ["8ABC123"])
    done = run(_of_one_picture(town, read, store, now), now, store)
    (listed,) = [one for one in purge_list.read(purge_list.path()) if one.purge == str(done.pk)]
    assert listed.pictures_only
    pictured(read, store, now)
    who = town.actor(COMMANDER, now).who
    again = reapply_actions.reapply(listed=listed, by=who, now=now)
    assert again is not None
    assert (again.pictures_only, run(again, now, store).state) == (True, PurgeState.VERIFIED)
    assert (Picture.objects.count(), Read.objects.count()) == (0, 1)


def _of_one_picture(town: Town, read: Read, store: PictureStore, now: datetime) -> Purge:
    pictured(read, store, now)
    return approved(town, now)


def test_the_oldest_picture_counts_against_its_own_ceiling(
    town: Town, now: datetime, store: PictureStore
) -> None:
    (read,) = drive(town.camera, long_ago(now, 40), ["8ABC123"])
    pictured(read, store, now)
    profile = town.actor(COMMANDER, now).profile
    found = {age.name: age.is_overdue for age in stores.by_source("barstow-pd", profile, now)}
    assert (found["Reads of server"], found["Pictures of server"]) == (False, True)
    run(approved(town, now), now, store)
    found = {age.name: age.is_overdue for age in stores.by_source("barstow-pd", profile, now)}
    assert found["Pictures of server"] is False


def test_where_the_policy_has_one_length_for_both_pictures_do_not_go_alone(
    barstow: Town, now: datetime, store: PictureStore
) -> None:
    ready(barstow, now)
    pictured(seen(barstow.camera, "8ABC123", long_ago(now)), store, now)
    with pytest.raises(ValidationError, match="no length of its own"):
        approved(barstow, now)


def test_pictures_do_not_go_below_their_own_floor(town: Town, now: datetime, store: PictureStore) -> None:
    pictured(seen(town.camera, "8ABC123", long_ago(now, 20)), store, now)
    by = town.actor(CUSTODIAN, now)
    with pytest.raises(Refused, match="whole days"):
        purge_actions.propose(
            source="server", until_at=now - timedelta(days=10), by=by, now=now, pictures_only=True
        )
    assert Picture.objects.count() == 1


def test_a_purge_that_the_backup_has_under_way_is_done_again_before_any_other(
    barstow: Town, now: datetime, store: PictureStore
) -> None:
    ready(barstow, now)
    drive(barstow.camera, long_ago(now, 430), ["8ABC123"])
    first = run(_reads(barstow, now), now, store)
    drive(barstow.camera, long_ago(now, 420), ["7XYZ789"])
    (one,) = [one for one in purge_list.read(purge_list.path()) if one.purge == str(first.pk)]
    second = _reads(barstow, now)  # approved when the backup was taken
    until_at = second.until_at.isoformat()
    listed = [one, replace(one, purge=str(second.pk), number=second.number, until_at=until_at)]
    drive(barstow.camera, long_ago(now, 430), ["8ABC123"])
    who = barstow.actor(COMMANDER, now).who
    with pytest.raises(reapply_actions.PurgeInTheWayError):
        reapply_actions.reapply(listed=listed[0], by=who, now=now)
    assert [one.purge for one in reapply_actions.in_order(listed)] == [str(second.pk), str(first.pk)]
    for one in reapply_actions.in_order(listed):
        purge = reapply_actions.reapply(listed=one, by=who, now=now)
        assert purge is None or run(purge, now, store).state == PurgeState.VERIFIED
    assert not Read.objects.filter(agency=barstow.agency).exists()


def _reads(town: Town, now: datetime) -> Purge:
    by = town.actor(CUSTODIAN, now)
    purge = purge_actions.propose(source="server", until_at=None, by=by, now=now)
    return purge_actions.approve(purge_id=purge.pk, by=town.actor(COMMANDER, now), now=now)
