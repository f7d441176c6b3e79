"""The directory of plates: what intake enters, what stays when reads are destroyed, and making it anew."""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection, connections, transaction

from plateward.reads import directory
from plateward.reads.actions import store_waiting
from plateward.reads.models import Plate, Read
from plateward.reads.store import PictureStore
from plateward.walls import scope
from tests.payloads import as_json, inbox_item
from tests.personas import Town
from tests.sightings import seen


def entered() -> dict[str, tuple[datetime, datetime, int]]:
    """Every plate of the directory with its first and last time and its number of reads."""
    with scope.as_system("The directory of the whole installation is looked at."):
        return {
            row.plate: (row.first_seen_at, row.last_seen_at, row.read_count) for row in Plate.objects.all()
        }


def destroy(until_at: datetime, from_at: datetime) -> int:
    """What retention will do: reads of a span go, and the directory follows in the same transaction."""
    with scope.as_system("Retention works on every agency's reads."), transaction.atomic():
        Read.objects.filter(captured_at__gte=from_at, captured_at__lt=until_at).delete()
        return directory.settle(from_at=from_at, until_at=until_at)


def test_intake_enters_each_stored_read_once(barstow: Town, store: PictureStore, now: datetime) -> None:
    early = now - timedelta(hours=2)
    for event, moment in (("1", now), ("2", early), ("2", early)):
        inbox_item(
            barstow.camera, as_json(moment, event_id=event, plate="8abc-123"), now, key=f"k{time.time_ns()}"
        )
    inbox_item(barstow.camera, as_json(now, event_id="4", plate="7XYZ789"), now, key="other")
    assert store_waiting(limit=100, now=now, store=store) == 4

    millisecond = now.replace(microsecond=now.microsecond // 1000 * 1000)
    assert {plate: (last, number) for plate, (_, last, number) in entered().items()} == {
        "8ABC123": (millisecond, 2),
        "7XYZ789": (millisecond, 1),
    }


def test_a_plate_without_a_remaining_read_leaves_and_the_others_are_told_anew(
    barstow: Town, now: datetime
) -> None:
    old, recent = now - timedelta(days=40), now - timedelta(days=1)
    for plate, moments in {"6OLD111": [old], "7ABC123": [old, recent], "8NEW888": [recent]}.items():
        for moment in moments:
            seen(barstow.camera, plate, moment)
    assert entered()["7ABC123"] == (old, recent, 2)

    assert destroy(until_at=now - timedelta(days=30), from_at=now - timedelta(days=60)) == 1

    assert entered() == {"7ABC123": (recent, recent, 1), "8NEW888": (recent, recent, 1)}


def test_reads_destroyed_from_the_middle_are_no_longer_counted(barstow: Town, now: datetime) -> None:
    moments = [now - timedelta(days=days) for days in (3, 2, 1)]
    for moment in moments:
        seen(barstow.camera, "7ABC123", moment)
    assert destroy(until_at=moments[1] + timedelta(hours=1), from_at=moments[1]) == 0
    assert entered() == {"7ABC123": (moments[0], moments[2], 2)}


def test_another_agencys_reads_keep_no_plate_alive(
    barstow: Town, huntington_park: Town, now: datetime
) -> None:
    old, recent = now - timedelta(days=40), now - timedelta(days=1)
    seen(barstow.camera, "7ABC123", old)
    seen(huntington_park.camera, "7ABC123", recent)
    assert destroy(until_at=now - timedelta(days=30), from_at=now - timedelta(days=60)) == 1
    with scope.as_system("Both agencies' plates are looked at."):
        assert [row.agency_id for row in Plate.objects.all()] == [huntington_park.agency.pk]


def test_a_directory_made_anew_equals_the_one_kept(
    barstow: Town, huntington_park: Town, now: datetime
) -> None:
    for hours, plate in enumerate(["7ABC123", "7A8C123", "7ABC123", "6XYZ789"], start=1):
        seen(barstow.camera, plate, now - timedelta(hours=hours))
    seen(huntington_park.camera, "7ABC123", now)
    with scope.as_system("The whole directory is made anew."):
        kept = sorted(Plate.objects.values_list())
        Plate.objects.filter(plate="6XYZ789").delete()
        Plate.objects.filter(plate="7A8C123").update(read_count=9)
        assert directory.rebuild() == 4
        assert sorted(Plate.objects.values_list()) == kept


def in_thread(work: Callable[[], object]) -> threading.Thread:
    """Work on a connection of its own, as the whole installation."""

    def run() -> None:
        try:
            with scope.as_system("Another process of the installation."):
                work()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def wait_until_somebody_waits() -> None:
    for _ in range(200):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted AND database IS NOT NULL")
            if cursor.fetchone()[0]:
                return
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)
    raise AssertionError("nobody waited for the lock")


@pytest.mark.django_db(transaction=True)
def test_a_plate_read_again_while_its_old_reads_are_destroyed_stays(barstow: Town, now: datetime) -> None:
    old, committing = now - timedelta(days=40), threading.Event()
    seen(barstow.camera, "7ABC123", old)
    seen(barstow.camera, "7ABC123", now)
    with scope.as_system("The newer read goes again, so that only the directory knows of the plate."):
        Read.objects.filter(captured_at=now).delete()
    held = threading.Event()

    def intake() -> None:
        with transaction.atomic():
            seen(barstow.camera, "7ABC123", now)
            held.set()
            committing.wait(20)

    reading = in_thread(intake)
    assert held.wait(20)
    destroying = in_thread(
        lambda: destroy(until_at=now - timedelta(days=30), from_at=now - timedelta(days=60))
    )
    wait_until_somebody_waits()
    committing.set()
    for thread in (reading, destroying):
        thread.join(20)
    assert entered() == {"7ABC123": (now, now, 1)}
