"""What is wrong with a device is found by the clock, told to who keeps devices, and ends by itself."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from plateward.accounts.models import Agency
from plateward.audit.models import AuditRecord
from plateward.devices import actions, watch_actions
from plateward.devices.health import HOUR, HourFacts, ProblemKind, whole_hour
from plateward.devices.models import Device, DeviceHour, DeviceProblem
from plateward.devices.watch_actions import Lately
from plateward.governance.models import Adoption
from plateward.governance.queries import profile_for
from plateward.notices.models import Notice
from plateward.reads import actions as reads
from plateward.reads import queries, tasks
from plateward.reads.models import InboxItem
from plateward.walls import scope
from tests.payloads import as_json, inbox_item
from tests.personas import Town


def watch(town: Town, now: datetime, **lately: object) -> int:
    facts: Mapping[UUID, Lately] = {town.camera.pk: Lately(**lately)} if lately else {}  # type: ignore[arg-type]  # the test's own names
    profile = profile_for("barstow-pd", now)
    return watch_actions.watch(agency="barstow-pd", profile=profile, lately=facts, now=now)


def verbs() -> list[str]:
    return list(
        AuditRecord.objects.filter(verb__startswith="devices.problem")
        .order_by("id")
        .values_list("verb", flat=True)
    )


@pytest.mark.clause("B-466.3¶2")
def test_a_silent_camera_is_told_once_to_who_keeps_devices_and_ends_with_its_next_read(
    barstow: Town, now: datetime
) -> None:
    Device.objects.update(registered_at=now - timedelta(days=40))
    assert watch(barstow, now) == 1
    assert watch(barstow, now + HOUR) == 1
    problem = DeviceProblem.objects.get()
    assert (problem.kind, problem.since_at) == (ProblemKind.SILENT, now)
    told = Notice.objects.filter(subject=f"devices.DeviceProblem:{problem.pk}")
    assert told.count() >= 1
    assert not told.exclude(done_at=None).exists()
    later = now + 2 * HOUR
    assert watch(barstow, later, last_read_at=later) == 0
    problem.refresh_from_db()
    assert problem.ended_at == later
    assert not told.filter(done_at=None).exists(), "whoever was told has nothing left to do"
    assert verbs() == ["devices.problem.found", "devices.problem.ended"]


def test_a_camera_that_was_switched_off_is_not_watched(barstow: Town, now: datetime) -> None:
    Device.objects.update(registered_at=now - timedelta(days=40))
    watch(barstow, now)
    actions.set_enabled(device=barstow.camera, enabled=False, by=barstow.actor("cole", now).who, now=now)
    assert watch(barstow, now) == 0
    assert not DeviceProblem.objects.filter(ended_at=None).exists()


def test_new_figures_of_a_standing_problem_replace_the_old_ones(barstow: Town, now: datetime) -> None:
    Device.objects.update(registered_at=now - timedelta(hours=3))
    watch(barstow, now, last_read_at=now, refused=4)
    watch(barstow, now + HOUR, last_read_at=now, refused=7)
    problem = DeviceProblem.objects.get()
    assert problem.text.startswith("7 of its payloads")
    assert verbs() == ["devices.problem.found"]


def test_hours_are_counted_with_their_confidence_and_clock_and_counted_again_when_reads_come_late(
    barstow: Town, now: datetime
) -> None:
    hour = whole_hour(now) - HOUR
    for event, minutes in (("1", 5), ("2", 50)):
        inbox_item(barstow.camera, as_json(hour + timedelta(minutes=minutes), event_id=event), hour + HOUR)
    reads.store_waiting(limit=9, now=now)
    tasks.watch_devices(0)
    tasks.watch_devices(0)
    kept = DeviceHour.objects.get(hour_at=hour)
    assert kept.reads == 2
    assert kept.confidence == pytest.approx(kept.facts.confidence)
    assert kept.skew_s == pytest.approx(-(55 + 10) * 60 / 2)
    inbox_item(barstow.camera, as_json(hour + timedelta(minutes=51), event_id="3"), now)
    reads.store_waiting(limit=9, now=now)
    tasks.watch_devices(0)
    assert DeviceHour.objects.get(hour_at=hour).reads == 3


def test_an_hour_stays_in_the_past_of_its_device_when_its_reads_are_gone(
    barstow: Town, now: datetime
) -> None:
    long_ago = whole_hour(now - timedelta(days=20))
    facts = {barstow.camera.pk: [HourFacts(hour_at=long_ago, reads=7, confidence=0.9)]}
    watch_actions.record_hours(agency="barstow-pd", hours=facts)
    tasks.watch_devices(0)
    assert DeviceHour.objects.get(hour_at=long_ago).reads == 7


def test_payloads_in_quarantine_are_counted_by_device_and_day(barstow: Town, now: datetime) -> None:
    for number in range(2):
        inbox_item(barstow.camera, b"not json", now - timedelta(hours=number), key=f"k{number}")
    reads.store_waiting(limit=9, now=now)
    InboxItem.objects.filter(idempotency_key="k1").update(received_at=now - timedelta(hours=25))
    assert queries.devices_lately("barstow-pd", now)[barstow.camera.pk].refused == 1


def test_an_agency_without_a_policy_is_passed_over_and_the_next_is_watched(
    barstow: Town, huntington_park: Town, now: datetime, caplog: pytest.LogCaptureFixture, as_owner: None
) -> None:
    del barstow, as_owner
    Device.objects.update(registered_at=now - timedelta(days=40))
    Adoption.objects.filter(agency_id="barstow-pd").delete()
    assert tasks.watch_devices(0) == 1
    assert DeviceProblem.objects.get().device == huntington_park.camera
    assert "barstow-pd" in caplog.text


def test_another_agencys_hours_and_problems_are_out_of_sight(
    barstow: Town, huntington_park: Town, now: datetime
) -> None:
    Device.objects.update(registered_at=now - timedelta(days=40))
    watch(barstow, now)
    with scope.as_agency(huntington_park.camera.agency_id):
        assert not DeviceProblem.objects.exists()
    assert Agency.objects.count() >= 2
