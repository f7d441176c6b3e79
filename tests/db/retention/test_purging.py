"""A purge from its preview to its certificate: what goes, what stays, and what proves it."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, ProgrammingError, transaction
from django.test import Client

from plateward.audit.models import AuditRecord
from plateward.policy.decisions import Refused
from plateward.reads import actions as reads
from plateward.reads.models import DataKey, InboxItem, InboxState, Picture, Plate, Read
from plateward.reads.store import PictureStore
from plateward.retention import destruction, purge_actions, purge_list, rules, schedule_actions, standing
from plateward.retention.models import DayRoot
from plateward.retention.rules import PurgeState
from tests.payloads import inbox_item
from tests.personas import Town
from tests.purges import (
    COMMANDER,
    CUSTODIAN,
    appoint_custodian,
    approved,
    authorize,
    drive,
    long_ago,
    pictured,
    ready,
    run,
    sign,
)
from tests.sightings import seen


@pytest.mark.clause("B-466.5¶2", "CC-1798.90.51")
def test_a_purge_destroys_rows_pictures_keys_and_salts_and_is_certified(
    barstow: Town, now: datetime, store: PictureStore
) -> None:
    ready(barstow, now)
    old = drive(barstow.camera, long_ago(now), ["8ABC123", "7XYZ789"])
    young = seen(barstow.camera, "8ABC123", now - timedelta(days=30))
    shown = pictured(old[0], store, now)
    purge = approved(barstow, now)
    assert [day.foreseen for day in purge.days.all()] == [2]
    done = run(purge, now, store)
    assert (done.state, done.problem) == (PurgeState.VERIFIED, "")
    assert [read.id for read in Read.objects.filter(agency=barstow.agency)] == [young.id]
    assert not Picture.objects.filter(pk=shown.pk).exists()
    assert DataKey.objects.get().wrapped is None
    assert not [path for path in store.root.rglob("*") if path.is_file()]
    assert Plate.objects.get(agency=barstow.agency).plate == "8ABC123"
    root = DayRoot.objects.get()
    assert (root.reads, root.salt_key) == (2, None)
    told = json.loads(bytes(done.certificate.data))
    assert told["total"] == {"ingested": 2, "purged": 2, "purged_before": 0, "held": 0, "remaining": 0}
    assert bytes(done.certificate.document).startswith(b"%PDF-")
    row = AuditRecord.objects.get(verb="retention.certificate.issued")
    assert row.detail["certificate_sha256"] == done.certificate.data_sha256
    assert [one.purge for one in purge_list.read(purge_list.path())][-1] == str(done.pk)


def test_another_agencys_and_another_sources_reads_stay(
    barstow: Town, huntington_park: Town, now: datetime, store: PictureStore
) -> None:
    ready(barstow, now)
    drive(barstow.camera, long_ago(now), ["8ABC123"])
    theirs = seen(huntington_park.camera, "8ABC123", long_ago(now))
    done = run(approved(barstow, now), now, store)
    assert done.state == PurgeState.VERIFIED
    assert [read.id for read in Read.objects.all()] == [theirs.id]
    assert Plate.objects.get(agency=huntington_park.agency).read_count == 1


def test_a_receipt_that_names_only_purged_reads_goes_too(
    barstow: Town, now: datetime, store: PictureStore
) -> None:
    ready(barstow, now)
    (gone,) = drive(barstow.camera, long_ago(now), ["8ABC123"])
    young = seen(barstow.camera, "7XYZ789", now - timedelta(days=3))
    for read in (gone, young):
        item = inbox_item(barstow.camera, b"{}", read.captured_at)
        InboxItem.objects.filter(pk=item.pk).update(
            state=InboxState.MATCHED, body=None, read_ids=[read.id], plate_keys=[read.plate_key]
        )
    done = run(approved(barstow, now), now, store)
    assert done.stores["receipts"] == 1
    assert InboxItem.objects.get(device=barstow.camera).read_ids == [young.id]


@pytest.mark.clause("B-466.5¶2")
def test_nobody_purges_below_the_floor(barstow: Town, now: datetime) -> None:
    ready(barstow, now)
    drive(barstow.camera, long_ago(now, 30), ["8ABC123"])
    for username in (COMMANDER, CUSTODIAN):
        with pytest.raises(Refused) as told:
            purge_actions.propose(
                source="server",
                until_at=rules.day_of(now) - timedelta(days=10),
                by=barstow.actor(username, now),
                now=now,
            )
        assert "B-466.5" in told.value.decision.clause
    with pytest.raises(ValidationError, match="No read of this source"):
        purge_actions.propose(source="server", until_at=None, by=barstow.actor(COMMANDER, now), now=now)
    with pytest.raises(Refused):
        purge_actions.propose(source="server", until_at=None, by=barstow.actor("imani", now), now=now)


@pytest.mark.clause("B-466.3.1(f)")
def test_without_both_signatures_and_an_authority_nothing_goes(barstow: Town, now: datetime) -> None:
    appoint_custodian(barstow, now)
    drive(barstow.camera, long_ago(now), ["8ABC123"])

    def refused() -> str:
        with pytest.raises(Refused) as told:
            purge_actions.propose(source="server", until_at=None, by=barstow.actor(COMMANDER, now), now=now)
        return told.value.decision.reason

    assert "not in effect" in refused()
    sign(barstow, now, [COMMANDER])
    assert "custodian" in refused().lower()
    sign(barstow, now, [CUSTODIAN])
    assert "Gov. Code 34090" in refused()
    kept = authorize(barstow, now)
    actor = barstow.actor(COMMANDER, now)
    schedule_actions.withdraw_authority(authority=kept, because="Superseded", by=actor, now=now)
    assert "Gov. Code 34090" in refused()


def test_a_signature_is_for_the_rules_that_were_read_and_given_once(barstow: Town, now: datetime) -> None:
    appoint_custodian(barstow, now)
    actor = barstow.actor(COMMANDER, now)
    with pytest.raises(ValidationError, match="rules changed"):
        schedule_actions.sign_schedule(digest="0" * 64, by=actor, now=now)
    sign(barstow, now, [COMMANDER])
    with pytest.raises(ValidationError, match="already"):
        sign(barstow, now, [COMMANDER])
    signature = standing.schedule(actor.agency, actor.profile).signatures[0]
    schedule_actions.withdraw_signature(signature=signature, by=actor, now=now)
    assert not standing.schedule(actor.agency, actor.profile).signatures


@pytest.mark.clause("B-466.5¶2-cloud")
def test_what_is_in_the_vendors_cloud_waits_for_counsels_word(barstow: Town, now: datetime) -> None:
    ready(barstow, now)
    with pytest.raises(Refused) as told:
        purge_actions.propose(source="vendor-cloud", until_at=None, by=barstow.actor(COMMANDER, now), now=now)
    assert "Ask counsel which of them counts" in told.value.decision.remedy


@pytest.mark.clause("H-426.4¶2")
def test_huntington_parks_data_wait_for_the_records_schedule(huntington_park: Town, now: datetime) -> None:
    with pytest.raises(Refused) as told:
        purge_actions.propose(source="server", until_at=None, by=huntington_park.actor("hayes", now), now=now)
    assert "records retention schedule" in told.value.decision.reason


def test_two_people_or_it_does_not_run(barstow: Town, now: datetime) -> None:
    ready(barstow, now)
    drive(barstow.camera, long_ago(now), ["8ABC123"])
    commander, custodian = barstow.actor(COMMANDER, now), barstow.actor(CUSTODIAN, now)
    purge = purge_actions.propose(source="server", until_at=None, by=commander, now=now)
    with pytest.raises(ValidationError, match="two people"):
        purge_actions.approve(purge_id=purge.pk, by=commander, now=now)
    with pytest.raises(Refused):
        purge_actions.approve(purge_id=purge.pk, by=custodian, now=now)
    with pytest.raises(ValidationError, match="under way"):
        purge_actions.propose(source="server", until_at=None, by=custodian, now=now)
    assert purge_actions.refuse(purge_id=purge.pk, by=commander, now=now).state == PurgeState.REFUSED
    assert Read.objects.filter(agency=barstow.agency).count() == 1


def test_a_device_whose_data_are_anothers_is_not_purged(barstow: Town, now: datetime) -> None:
    ready(barstow, now)
    actor = barstow.actor(COMMANDER, now)
    drive(barstow.camera, long_ago(now), ["8ABC123"])
    later = now + timedelta(seconds=1)
    schedule_actions.assign_source(
        device=barstow.camera, source="vendor-cloud", reason="Flock's contract", by=actor, now=later
    )
    with pytest.raises(ValidationError, match="No read of this source"):
        purge_actions.propose(source="server", until_at=None, by=actor, now=now)


def test_what_was_agreed_before_counts_no_more_when_the_purge_begins(
    barstow: Town, now: datetime, store: PictureStore
) -> None:
    ready(barstow, now)
    drive(barstow.camera, long_ago(now), ["8ABC123"])
    purge = approved(barstow, now)
    actor = barstow.actor(COMMANDER, now)
    authority = standing.authority_for(actor.agency, "server")
    assert authority is not None
    schedule_actions.withdraw_authority(authority=authority, because="Repealed", by=actor, now=now)
    stopped = run(purge, now, store)
    assert stopped.state == PurgeState.FAILED
    assert "Gov. Code 34090" in stopped.problem
    assert Read.objects.filter(agency=barstow.agency).count() == 1
    with pytest.raises(Refused):
        purge_actions.resume(purge_id=purge.pk, by=actor, now=now)
    authorize(barstow, now)
    purge_actions.resume(purge_id=purge.pk, by=actor, now=now)
    assert run(purge, now, store).state == PurgeState.VERIFIED


def test_the_database_itself_drops_nothing_for_a_purge_that_nobody_approved(
    barstow: Town, now: datetime
) -> None:
    ready(barstow, now)
    drive(barstow.camera, long_ago(now), ["8ABC123"])
    purge = purge_actions.propose(source="server", until_at=None, by=barstow.actor(CUSTODIAN, now), now=now)
    (part,) = destruction.partitions_of(purge_actions.span_of(purge))
    with pytest.raises(ProgrammingError, match="not approved and under way"), transaction.atomic():
        destruction.replace_partition(purge.pk, part, lambda: None)
    assert Read.objects.filter(agency=barstow.agency).count() == 1


def test_a_certificate_stays_as_it_was_issued(barstow: Town, now: datetime, store: PictureStore) -> None:
    ready(barstow, now)
    drive(barstow.camera, long_ago(now), ["8ABC123"])
    done = run(approved(barstow, now), now, store)
    for change in (done.certificate.delete, lambda: done.days.update(purged=0) and done.days.all().delete()):
        with pytest.raises((ProgrammingError, IntegrityError)), transaction.atomic():
            change()


def test_what_may_still_be_needed_is_shown_before_the_approval(
    barstow: Town, now: datetime, login: Callable[[str], Client]
) -> None:
    ready(barstow, now)
    (read,) = drive(barstow.camera, long_ago(now), ["8ABC123"])
    why = {"purpose": "stolen-plate", "reason": "Plate taken overnight from the lot", "reference": "26-04711"}
    reads.open_read(by=barstow.actor("diaz", now), read_id=read.id, **why, now=now)
    purge = purge_actions.propose(source="server", until_at=None, by=barstow.actor(CUSTODIAN, now), now=now)
    page = login(COMMANDER).get(f"/retention/purges/{purge.pk}/")
    assert "Reads of this time were opened for: 26-04711" in page.content.decode()
