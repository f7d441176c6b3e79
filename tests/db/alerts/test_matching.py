"""Stored reads become hits, and hits become alerts."""

from collections.abc import Collection
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from plateward.alerts import actions
from plateward.alerts.actions import match_waiting
from plateward.alerts.models import Alert, Hit
from plateward.alerts.rules import AlertStatus
from plateward.audit import actions as audit
from plateward.audit.models import AuditRecord
from plateward.hotlists import actions as hotlists
from plateward.hotlists import queries
from plateward.hotlists.filters import VehicleFilter
from plateward.hotlists.wanted import fitting
from plateward.reads.actions import store_waiting
from plateward.reads.models import InboxItem, InboxState
from plateward.reads.store import PictureStore
from tests.alarms import BEFORE_CONFIRMATION, alerted, arrives, wanted, worked
from tests.payloads import as_json, inbox_item
from tests.personas import Town


@pytest.fixture
def store(tmp_path: Path) -> PictureStore:
    return PictureStore(tmp_path)


def test_a_read_of_a_wanted_plate_raises_an_unverified_alert(barstow: Town, now: datetime) -> None:
    entry = wanted(barstow, "8ABC123", now)
    read = arrives(barstow.camera, "8ABC123", now)
    assert match_waiting(limit=10, now=now) == 1
    alert = Alert.objects.get()
    hit = alert.hits.get()
    assert (alert.entry, alert.status, alert.last_hit_at) == (entry, AlertStatus.UNVERIFIED, now)
    assert (hit.read_id, hit.device, hit.match_kind) == (read.id, barstow.camera, "EXACT")
    assert InboxItem.objects.get().state == InboxState.MATCHED
    assert (
        AuditRecord.objects.filter(verb="alerts.alert.raised", subject=f"alerts.Alert:{alert.pk}").count()
        == 1
    )
    assert match_waiting(limit=10, now=now) == 0


def test_what_no_list_names_is_matched_as_it_is_stored_and_the_rest_raises_its_alerts(
    barstow: Town, now: datetime, store: PictureStore
) -> None:
    wanted(barstow, "8ABC123", now)
    for event, plate in (("1", "7XYZ999"), ("2", "8A8C123"), ("3", "6DEF555")):
        inbox_item(barstow.camera, as_json(now, event_id=event, plate=plate), now, key=event)
    assert store_waiting(limit=10, now=now, store=store, wanted=fitting) == 3
    states = dict(InboxItem.objects.values_list("idempotency_key", "state"))
    assert states == {"1": InboxState.MATCHED, "2": InboxState.STORED, "3": InboxState.MATCHED}
    assert match_waiting(limit=10, now=now) == 1
    assert Hit.objects.get().match_kind == "LOOK_ALIKE"


def test_a_fault_of_asking_what_is_wanted_stores_all_the_same_and_leaves_the_matching_for_later(
    barstow: Town, now: datetime, store: PictureStore
) -> None:
    def broken(pairs: Collection[tuple[str, str]]) -> Collection[tuple[str, str]]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 'x'::int")
        return pairs

    wanted(barstow, "8ABC123", now)
    inbox_item(barstow.camera, as_json(now), now)
    assert store_waiting(limit=10, now=now, store=store, wanted=broken) == 1
    assert InboxItem.objects.get().state == InboxState.STORED
    assert match_waiting(limit=10, now=now) == 1
    assert Alert.objects.count() == 1


@pytest.mark.clause("B-466.4(c)", "H-426.3(c)")
def test_a_watched_vehicle_is_told_from_others_that_fit_its_partial_plate(
    barstow: Town, now: datetime
) -> None:
    watched = VehicleFilter(color="white", make="toyota", region="US-CA")
    entry = wanted(barstow, "?abc12*", now, vehicle=watched)
    arrives(barstow.camera, "8ABC123", now, color="White", make="Toyota")
    arrives(barstow.camera, "7ABC124", now, color="red", make="Toyota")
    arrives(barstow.camera, "6ABC125", now, region="US-NV", color="White")
    arrives(barstow.camera, "5ABC126", now, region="", color="")
    assert match_waiting(limit=10, now=now) == 4
    told = {hit.alert.plate: hit.explanation for hit in Hit.objects.filter(alert__entry=entry)}
    fits = "fits the partial plate ?ABC12*; color"
    assert told == {
        "8ABC123": f"read 8ABC123 {fits} White as wanted; make Toyota as wanted; state US-CA as wanted",
        "5ABC126": f"read 5ABC126 {fits} not read; make not read; state not read",
    }


def test_a_look_alike_raises_an_alert_that_says_how_it_differs(barstow: Town, now: datetime) -> None:
    wanted(barstow, "BBC123", now)
    arrives(barstow.camera, "8BC123", now, region="US-NV")
    match_waiting(limit=10, now=now)
    hit = Hit.objects.get()
    assert hit.match_kind == "LOOK_ALIKE"
    assert hit.explanation == (
        "read 8BC123, entry BBC123: one look-alike (8/B); read as US-NV, entered as US-CA: a different state"
    )


@pytest.mark.clause("B-466.4(c)")
def test_a_partial_plate_raises_an_alert_for_each_vehicle_that_fits_it(barstow: Town, now: datetime) -> None:
    entry = wanted(barstow, "?ab-c1*", now)
    assert (entry.plate, entry.plate_key, entry.is_partial) == ("?ABC1*", "?A8C1*", True)
    for plate in ("8ABC123", "7A8C199", "8XYZ123", "ABC123"):
        arrives(barstow.camera, plate, now)
    match_waiting(limit=10, now=now)
    assert {(hit.match_kind, hit.explanation) for hit in Hit.objects.all()} == {
        ("PARTIAL", "read 8ABC123 fits the partial plate ?ABC1*"),
        ("PARTIAL", "read 7A8C199 fits the partial plate ?ABC1*, with look-alikes"),
    }
    assert Alert.objects.count() == 2


def test_further_hits_join_the_open_alert_and_a_closed_one_stays_closed(barstow: Town, now: datetime) -> None:
    alert = alerted(barstow, now)
    later = now + timedelta(minutes=3)
    arrives(barstow.camera, "8ABC123", later)
    match_waiting(limit=10, now=later)
    alert.refresh_from_db()
    assert (alert.hits.count(), alert.last_hit_at) == (2, later)
    actions.dispose(alert=alert, code="not-located", by=barstow.actor("dunn", later), now=later)
    much_later = now + timedelta(hours=1)
    arrives(barstow.camera, "8ABC123", much_later)
    match_waiting(limit=10, now=much_later)
    assert Alert.objects.exclude(status=AlertStatus.CLOSED).get().hits.count() == 1


@pytest.mark.clause("B-466.9(d)", "B-466.4(f)")
@pytest.mark.parametrize(("plate", "region"), [("BABC123", "US-CA"), ("8ABC123", "US-NV")])
def test_what_was_verified_of_one_plate_is_never_said_of_another(
    barstow: Town, now: datetime, plate: str, region: str
) -> None:
    alert = worked(alerted(barstow, now), barstow, now, *BEFORE_CONFIRMATION, confirmed=True)
    assert alert.status == AlertStatus.VERIFIED
    later = now + timedelta(minutes=3)
    arrives(barstow.camera, plate, later, region=region)
    match_waiting(limit=10, now=later)
    other = Alert.objects.exclude(pk=alert.pk).get()
    assert (other.entry, other.plate, other.status) == (alert.entry, plate, AlertStatus.UNVERIFIED)
    assert alert.hits.count() == 1


def test_a_read_whose_state_is_unknown_joins_the_alert_of_its_plate(barstow: Town, now: datetime) -> None:
    alert = alerted(barstow, now)
    arrives(barstow.camera, "8ABC123", now + timedelta(minutes=1), region="")
    match_waiting(limit=10, now=now + timedelta(minutes=1))
    assert Alert.objects.get() == alert
    assert alert.hits.count() == 2


def test_a_late_upload_joins_without_becoming_the_last_sighting(barstow: Town, now: datetime) -> None:
    alert = alerted(barstow, now)
    arrives(barstow.camera, "8ABC123", now - timedelta(minutes=40))
    match_waiting(limit=10, now=now)
    alert.refresh_from_db()
    assert (alert.hits.count(), alert.last_hit_at) == (2, now)


@pytest.mark.clause("B-466.11")
def test_an_expired_or_removed_entry_and_another_agencys_match_nothing(
    barstow: Town, huntington_park: Town, now: datetime
) -> None:
    entry = wanted(barstow, "8ABC123", now)
    arrives(huntington_park.camera, "8ABC123", now)
    assert entry.expires_at is not None
    match_waiting(limit=10, now=now)
    arrives(barstow.camera, "8ABC123", now + timedelta(minutes=1))
    match_waiting(limit=10, now=entry.expires_at)
    hotlists.remove(entry=entry, note="Found", by=barstow.actor("ortiz", now), now=now)
    arrives(barstow.camera, "8ABC123", now + timedelta(minutes=2))
    match_waiting(limit=10, now=now)
    assert not Alert.objects.exists()


def test_one_read_matching_two_entries_raises_two_alerts(barstow: Town, now: datetime) -> None:
    wanted(barstow, "8BC123", now)
    wanted(barstow, "BBC123", now)
    arrives(barstow.camera, "8BC123", now)
    match_waiting(limit=10, now=now)
    assert Alert.objects.count() == 2


def test_an_entry_removed_while_a_matcher_looked_raises_no_alert(
    barstow: Town, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = wanted(barstow, "8ABC123", now)
    arrives(barstow.camera, "8ABC123", now)
    look = queries.fitting

    def and_then_it_is_removed(asked: Any) -> Any:
        found = look(asked)
        hotlists.remove(entry=entry, note="Found", by=barstow.actor("ortiz", now), now=now)
        return found

    monkeypatch.setattr(queries, "fitting", and_then_it_is_removed)
    assert match_waiting(limit=10, now=now) == 1
    assert not Alert.objects.exists()
    assert InboxItem.objects.get().state == InboxState.MATCHED


def test_stored_items_whose_read_is_gone_are_ended_and_hold_up_no_other(barstow: Town, now: datetime) -> None:
    wanted(barstow, "8ABC123", now)
    wanted(barstow, "7XYZ456", now)
    for _ in range(3):
        arrives(barstow.camera, "7XYZ456", now - timedelta(minutes=1)).delete()
    arrives(barstow.camera, "8ABC123", now)
    assert match_waiting(limit=3, now=now) == 3
    ended = InboxItem.objects.filter(state=InboxState.DISCARDED)
    assert ended.count() == 3
    assert all("destroyed before it was compared" in item.reason for item in ended)
    assert AuditRecord.objects.filter(verb="reads.read.unmatched").count() == 3
    assert match_waiting(limit=3, now=now) == 1
    assert Alert.objects.count() == 1


def test_one_agencys_broken_policy_holds_up_no_other_agencys_alerts(
    barstow: Town, huntington_park: Town, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    for town in (barstow, huntington_park):
        wanted(town, "8ABC123", now)
        arrives(town.camera, "8ABC123", now)
    load = actions.profile_for

    def failing(agency: str) -> Any:
        if agency == barstow.agency.pk:
            raise RuntimeError("the policy cannot be loaded")
        return load(agency)

    with monkeypatch.context() as broken:
        broken.setattr(actions, "profile_for", failing)
        assert match_waiting(limit=10, now=now) == 2
        assert Alert.objects.get().agency == huntington_park.agency
        assert match_waiting(limit=10, now=now) == 0
    waiting = InboxItem.objects.get(state=InboxState.STORED)
    assert "the policy cannot be loaded" in waiting.reason
    assert match_waiting(limit=10, now=now + timedelta(seconds=4)) == 1
    assert Alert.objects.count() == 2


def test_no_alert_without_its_journal_row(
    barstow: Town, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted(barstow, "8ABC123", now)
    arrives(barstow.camera, "8ABC123", now)

    def fail(**_: object) -> None:
        raise RuntimeError("the journal is full")

    with monkeypatch.context() as broken:
        broken.setattr(audit, "record", fail)
        match_waiting(limit=10, now=now)
    assert not Alert.objects.exists()
    item = InboxItem.objects.get()
    assert (item.state, item.retry_at) == (InboxState.STORED, now + timedelta(seconds=4))
    match_waiting(limit=10, now=now + timedelta(seconds=4))
    assert Alert.objects.count() == 1
