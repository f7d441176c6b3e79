import hashlib
import re
import stat
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import DataError, connection, transaction

from plateward.audit.models import AuditRecord
from plateward.reads import actions, keys, queries, rules
from plateward.reads.claims import TURN_LOCK, Claimed, claim
from plateward.reads.models import DataKey, Direction, InboxItem, InboxState, Picture, Plate, Read
from plateward.reads.store import Filed, Kind, PictureStore
from plateward.reads.storing import Prepared
from tests.ownership import the_owner
from tests.payloads import MULTIPART, as_json, as_multipart, inbox_item, picture
from tests.personas import Town

MOMENT = timedelta(milliseconds=1)
"""Payloads are taken in the order they were received; those of one instant in any order."""

Storing = Callable[..., int]


@pytest.fixture
def storing(store: PictureStore, now: datetime) -> Storing:
    return partial(actions.store_waiting, limit=100, now=now, store=store)


def test_payload_becomes_a_read_and_its_body_is_emptied(
    barstow: Town, storing: Storing, now: datetime
) -> None:
    captured = now - timedelta(seconds=2, microseconds=345_678)
    item = inbox_item(barstow.camera, as_json(captured, plate="8abc-123", confidence=0.9, gate=2), now)
    assert storing() == 1

    item.refresh_from_db()
    assert (item.state, item.reason, item.body, item.attempts) == (InboxState.STORED, "", None, 1)
    read = queries.read_by_id("barstow-pd", item.read_ids[0])
    assert (read.plate_raw, read.plate, read.plate_key) == ("8abc-123", "8ABC123", "8A8C123")
    assert read.captured_at == captured.replace(microsecond=captured.microsecond // 1000 * 1000)
    assert read.clock_skew_s == pytest.approx(-2.345678)
    assert read.payload["gate"] == 2
    assert storing() == 0


def test_what_was_not_sent_stays_unknown(barstow: Town, storing: Storing, now: datetime) -> None:
    inbox_item(barstow.camera, as_json(now), now)
    storing()
    read = Read.objects.get()
    unknown = (
        read.confidence,
        read.characters,
        read.candidates,
        read.region_confidence,
        read.plate_box,
        read.heading_deg,
    )
    assert unknown == (None,) * 6
    assert (read.region, read.vehicle, read.model) == ("", {}, "")
    assert read.direction == Direction.UNKNOWN


def test_place_comes_from_the_register_where_the_device_sends_none(
    barstow: Town, storing: Storing, now: datetime
) -> None:
    inbox_item(barstow.camera, as_json(now, event_id="1"), now)
    inbox_item(barstow.camera, as_json(now, event_id="2", latitude=1.5, longitude=2.5), now)
    storing()
    places = {read.source_event_id: (read.latitude, read.longitude) for read in Read.objects.all()}
    assert places == {"1": (34.8958, -117.0173), "2": (1.5, 2.5)}


def test_heading_follows_from_the_camera_only_when_the_direction_is_known(
    barstow: Town, storing: Storing, now: datetime
) -> None:
    for event, sent in enumerate(
        ({"direction": "receding"}, {"direction": "approaching"}, {}, {"heading_deg": 45})
    ):
        inbox_item(barstow.camera, as_json(now, event_id=str(event), **sent), now)
    storing()
    headings = dict(Read.objects.values_list("source_event_id", "heading_deg"))
    assert headings == {"0": 0, "1": 180, "2": None, "3": 45}


def test_pictures_are_kept_byte_for_byte_for_their_owner_alone(
    barstow: Town, storing: Storing, store: PictureStore, now: datetime
) -> None:
    scene, plate = picture(), picture("navy", (60, 20))
    body = as_multipart(as_json(now), scene=scene, plate=plate)
    item = inbox_item(barstow.camera, body, now, content_type=MULTIPART)
    storing()

    item.refresh_from_db()
    (read_id,) = item.read_ids
    found = {p.role: p for p in queries.pictures_of([read_id])[read_id]}
    assert (found["SCENE"].width, found["SCENE"].height, found["SCENE"].media_type) == (
        320,
        180,
        "image/jpeg",
    )
    digest = hashlib.sha256(scene).hexdigest()
    assert found["SCENE"].sha256 == digest
    day = now.astimezone(UTC).date()
    (key,) = DataKey.objects.all()
    assert (key.agency_id, key.device_id, key.captured_date) == ("barstow-pd", barstow.camera.pk, day)
    filed = Filed("barstow-pd", day, found["SCENE"].pk, digest)
    file = store.root / filed.name(Kind.ORIGINAL, key.pk)
    assert scene[:40] not in file.read_bytes()
    assert store.get(filed, keys.open_key(key)) == scene
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert all(stat.S_IMODE(f.stat().st_mode) == 0o700 for f in file.parents if store.root in (f, *f.parents))
    assert found["PLATE"].size == len(plate)


def test_the_same_event_again_is_folded_into_its_read(barstow: Town, storing: Storing, now: datetime) -> None:
    first = inbox_item(barstow.camera, as_json(now), now)
    second = inbox_item(barstow.camera, as_json(now), now + MOMENT)
    third = inbox_item(barstow.camera, as_json(now, confidence=0.5), now + 2 * MOMENT)
    storing()
    for item in (first, second, third):
        item.refresh_from_db()
    assert Read.objects.count() == 1
    assert first.read_ids == second.read_ids == third.read_ids
    assert (second.state, second.body) == (InboxState.MATCHED, None)
    assert str(first.read_ids[0]) in second.reason
    assert third.state == InboxState.MATCHED
    assert bytes(third.body or b"") == as_json(now, confidence=0.5)
    assert "differs" in third.reason


@pytest.mark.parametrize("other", ["9XYZ999", "BABC123"])
def test_another_reading_of_the_same_event_is_stored_beside_the_first(
    barstow: Town, storing: Storing, now: datetime, other: str
) -> None:
    inbox_item(barstow.camera, as_json(now), now)
    second = inbox_item(barstow.camera, as_json(now, plate=other), now + MOMENT)
    again = inbox_item(barstow.camera, as_json(now, plate=other), now + 2 * MOMENT)
    storing()
    second.refresh_from_db()
    again.refresh_from_db()
    assert set(Read.objects.values_list("plate", flat=True)) == {"8ABC123", other}
    assert (second.state, again.state) == (InboxState.STORED, InboxState.MATCHED)
    assert again.read_ids == second.read_ids


def test_bodies_larger_than_memory_allows_are_stored_in_smaller_batches(
    barstow: Town, storing: Storing, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "BATCH_BYTES", 250)
    batches, insert = [], actions.store_prepared

    def counting(batch: Sequence[Prepared], *rest: Any) -> Any:
        batches.append(len(batch))
        return insert(batch, *rest)

    monkeypatch.setattr(actions, "store_prepared", counting)
    for event in "abcde":
        inbox_item(barstow.camera, as_json(now, event_id=event), now)
    assert storing() == 5
    assert Read.objects.count() == 5
    assert batches == [3, 2]


def test_two_cameras_may_use_the_same_event_id(
    barstow: Town, huntington_park: Town, storing: Storing, now: datetime
) -> None:
    inbox_item(barstow.camera, as_json(now), now)
    inbox_item(huntington_park.camera, as_json(now), now)
    storing()
    assert set(Read.objects.values_list("agency_id", flat=True)) == {"barstow-pd", "huntington-park-pd"}


def test_bad_payload_is_quarantined_journaled_and_stops_no_other(
    barstow: Town, storing: Storing, now: datetime
) -> None:
    bad = inbox_item(barstow.camera, as_json(now, confidence=93), now - timedelta(seconds=1))
    good = inbox_item(barstow.camera, as_json(now), now)
    assert storing() == 2
    bad.refresh_from_db()
    good.refresh_from_db()
    assert bad.state == InboxState.QUARANTINED
    assert "confidence: " in bad.reason
    assert bytes(bad.body or b"") == as_json(now, confidence=93)
    assert good.state == InboxState.STORED
    record = AuditRecord.objects.get(verb="reads.payload.quarantined")
    assert (record.username, record.agency) == ("system:intake", "barstow-pd")
    assert record.subject == f"reads.InboxItem:{bad.pk}"


@pytest.mark.parametrize(
    ("body", "content_type", "said"),
    [
        (b"{", "application/json", "not valid JSON"),
        (b"\x00\x01", MULTIPART, "cannot be taken apart"),
    ],
)
def test_malformed_payloads_are_quarantined_with_the_reason(
    barstow: Town, storing: Storing, now: datetime, body: bytes, content_type: str, said: str
) -> None:
    item = inbox_item(barstow.camera, body, now, content_type=content_type)
    storing()
    item.refresh_from_db()
    assert item.state == InboxState.QUARANTINED
    assert said in item.reason


def test_what_is_no_picture_quarantines_the_payload(barstow: Town, storing: Storing, now: datetime) -> None:
    body = as_multipart(as_json(now), scene=b"<html>no camera</html>")
    item = inbox_item(barstow.camera, body, now, content_type=MULTIPART)
    storing()
    item.refresh_from_db()
    assert item.state == InboxState.QUARANTINED
    assert "“scene”" in item.reason
    assert not Read.objects.exists()


@pytest.mark.parametrize("captured", [timedelta(minutes=11), -timedelta(days=6 * 365)])
def test_impossible_clocks_are_quarantined(
    barstow: Town, storing: Storing, now: datetime, captured: timedelta
) -> None:
    item = inbox_item(barstow.camera, as_json(now + captured), now)
    storing()
    item.refresh_from_db()
    assert item.state == InboxState.QUARANTINED
    assert "captured_at" in item.reason


class BrokenStore(PictureStore):
    """A store on a full disc."""

    def put(self, *_: Any) -> None:
        raise OSError(28, "No space left on device")


def test_a_fault_of_the_disc_is_tried_again_until_it_is_mended_and_never_blamed_on_the_payload(
    barstow: Town, store: PictureStore, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    body = as_multipart(as_json(now), scene=picture())
    item = inbox_item(barstow.camera, body, now, content_type=MULTIPART)
    at = now
    for _ in range(3 * rules.MAX_ATTEMPTS):
        assert actions.store_waiting(limit=9, now=at, store=BrokenStore(store.root)) == 1
        item.refresh_from_db()
        assert (item.state, item.attempts) == (InboxState.RECEIVED, 0)
        assert "No space left" in item.reason
        assert item.retry_at is not None
        assert timedelta(seconds=4) <= item.retry_at - at <= timedelta(minutes=1)
        assert actions.store_waiting(limit=9, now=at + timedelta(seconds=3), store=store) == 0
        at = item.retry_at
    assert "No space left" in caplog.text
    assert not Read.objects.exists()

    assert queries.held_up(at) == (1, item.reason)
    assert actions.store_waiting(limit=9, now=at, store=store) == 1
    item.refresh_from_db()
    assert (item.state, item.reason, item.retry_at) == (InboxState.STORED, "", None)


def test_a_fault_of_the_payload_ends_in_quarantine_after_five_attempts(
    barstow: Town, storing: Storing, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(actions, "store_prepared", failing)
    item = inbox_item(barstow.camera, as_json(now), now)
    for attempt in range(rules.MAX_ATTEMPTS):
        assert storing(now=now + timedelta(hours=attempt)) == 1
    item.refresh_from_db()
    assert (item.state, item.attempts) == (InboxState.QUARANTINED, 5)
    assert "5 attempts" in item.reason
    assert item.body is not None


class Killed(BaseException):
    """What ends the process: nothing after it is written."""


def test_a_payload_that_kills_the_intake_holds_up_no_other_and_ends_in_quarantine(
    barstow: Town, storing: Storing, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    poison = inbox_item(barstow.camera, as_json(now, event_id="poison"), now - timedelta(seconds=1))
    inbox_item(barstow.camera, as_json(now, event_id="sound"), now)
    prepare, tries = actions.prepare, []

    def deadly(item: Claimed, *rest: Any) -> Any:
        if item.id != poison.pk:
            return prepare(item, *rest)
        tries.append(item.attempts)
        raise Killed

    monkeypatch.setattr(actions, "prepare", deadly)
    for attempt in range(rules.MAX_ATTEMPTS):
        with pytest.raises(Killed):
            storing(now=now + timedelta(hours=attempt))
        storing(now=now + timedelta(hours=attempt))
        if attempt:  # the sound one was in the same batch, and waited seconds for its turn alone
            assert Read.objects.get().source_event_id == "sound"
    assert storing(now=now + timedelta(days=1)) == 1
    poison.refresh_from_db()
    assert tries == [1, 2, 3, 4, 5]
    assert poison.state == InboxState.QUARANTINED
    assert "5 times" in poison.reason
    assert poison.body is not None
    actions.replay(by=barstow.actor("imani", now), item=poison, now=now)
    poison.refresh_from_db()
    assert (poison.state, poison.attempts, poison.retry_at) == (InboxState.RECEIVED, 0, None)


def test_a_clock_set_back_leaves_no_payload_waiting(barstow: Town, storing: Storing, now: datetime) -> None:
    inbox_item(barstow.camera, as_json(now), now, attempts=1, retry_at=now + timedelta(days=365))
    assert storing() == 1
    assert Read.objects.count() == 1


def test_a_database_fault_inside_one_payload_spares_the_others(
    barstow: Town, storing: Storing, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = inbox_item(barstow.camera, as_json(now, event_id="bad"), now - timedelta(seconds=1))
    inbox_item(barstow.camera, as_json(now, event_id="good"), now)
    insert = actions.store_prepared

    def failing(batch: Sequence[Prepared], *rest: Any) -> Any:
        if any(b"bad" in bytes(one.item.body or b"") for one in batch):
            with connection.cursor() as cursor:
                cursor.execute("SELECT 'x'::int -- 8ABC123")
        return insert(batch, *rest)

    monkeypatch.setattr(actions, "store_prepared", failing)
    assert storing() == 2
    item.refresh_from_db()
    assert (item.state, item.attempts) == (InboxState.RECEIVED, 1)
    assert DataError.__name__ in item.reason
    assert Read.objects.get().source_event_id == "good"


def test_one_poisoned_payload_among_a_thousand_is_quarantined_alone(
    barstow: Town, storing: Storing, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1000):
        inbox_item(barstow.camera, as_json(now, event_id=f"event {number}"), now)
    insert, batches = actions.store_prepared, []

    def failing(batch: Sequence[Prepared], *rest: Any) -> Any:
        batches.append(len(batch))
        if any(read.source_event_id == "event 700" for one in batch for read in one.reads):
            raise ZeroDivisionError
        return insert(batch, *rest)

    monkeypatch.setattr(actions, "store_prepared", failing)
    assert storing(limit=1000) == 1000
    assert Read.objects.count() == 999
    assert len(batches) < 30, "the others are found in halves, not one by one"
    for attempt in range(1, rules.MAX_ATTEMPTS):
        assert storing(now=now + timedelta(hours=attempt)) == 1
    poison = InboxItem.objects.get(state=InboxState.QUARANTINED)
    assert b"event 700" in bytes(poison.body or b"")


def test_a_full_disc_is_not_asked_for_every_payload(
    barstow: Town, store: PictureStore, now: datetime
) -> None:
    asked = []

    class Full(PictureStore):
        def put(self, *_: Any) -> None:
            asked.append(1)
            raise OSError(28, "No space left on device")

    for number in range(40):
        body = as_multipart(as_json(now, event_id=str(number)), scene=picture())
        inbox_item(barstow.camera, body, now, content_type=MULTIPART)
    assert actions.store_waiting(limit=99, now=now, store=Full(store.root)) == 40
    assert len(asked) < 40
    assert InboxItem.objects.filter(state=InboxState.RECEIVED, attempts=0).count() == 40
    assert actions.store_waiting(limit=99, now=now + timedelta(seconds=4), store=store) == 40
    assert Read.objects.count() == 40


@pytest.mark.django_db(transaction=True)
def test_a_lost_database_is_not_counted_against_the_payload(
    barstow: Town, storing: Storing, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = inbox_item(barstow.camera, as_json(now), now)

    def cut_off(*_: Any) -> None:
        with the_owner(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    with monkeypatch.context() as patched:
        patched.setattr(actions, "store_prepared", cut_off)
        assert storing() == 1
    item.refresh_from_db()
    assert (item.state, item.attempts) == (InboxState.RECEIVED, 0)
    assert storing(now=now + timedelta(seconds=4)) == 1
    assert Read.objects.count() == 1


def test_claiming_skips_what_another_intake_holds_and_takes_the_oldest_first(
    barstow: Town, storing: Storing, now: datetime
) -> None:
    late = inbox_item(barstow.camera, as_json(now, event_id="late"), now)
    early = inbox_item(barstow.camera, as_json(now, event_id="early"), now - timedelta(minutes=1))
    assert storing(limit=1) == 1
    early.refresh_from_db()
    late.refresh_from_db()
    assert (early.state, late.state) == (InboxState.STORED, InboxState.RECEIVED)


def test_stored_reads_wait_for_matching_and_are_marked_once(
    barstow: Town, storing: Storing, now: datetime
) -> None:
    for event in "abc":
        inbox_item(barstow.camera, as_json(now, event_id=event), now)
    storing()
    waiting = queries.waiting_for_match(2, now)
    assert {read_id for item in waiting for read_id in item.read_ids} < set(
        Read.objects.values_list("id", flat=True)
    )
    actions.mark_matched(items=waiting, now=now)
    assert len(queries.waiting_for_match(9, now)) == 1


def test_opening_a_read_by_its_id_looks_into_one_partition_only(
    barstow: Town, storing: Storing, now: datetime
) -> None:
    inbox_item(barstow.camera, as_json(now), now)
    storing()
    actions.ensure_partitions(now=now)
    read = Read.objects.get()
    plan = Read.objects.filter(captured_at=rules.captured_at_of(read.id), id=read.id).explain()
    assert len(set(re.findall(r"reads_read_\d{8}(?= )", plan))) == 1


def test_pictures_are_looked_up_for_many_reads_at_once(
    barstow: Town, storing: Storing, now: datetime, django_assert_num_queries: Any
) -> None:
    for event in "ab":
        body = as_multipart(as_json(now, event_id=event), scene=picture())
        inbox_item(barstow.camera, body, now, content_type=MULTIPART)
    storing()
    ids = list(Read.objects.values_list("id", flat=True))
    with django_assert_num_queries(1):
        assert [len(found) for found in queries.pictures_of(ids).values()] == [1, 1]
    assert Picture.objects.count() == 2


def test_one_intake_at_a_time_takes_up_payloads(barstow: Town, now: datetime, test_database_url: str) -> None:
    inbox_item(barstow.camera, as_json(now), now)
    with transaction.atomic(), psycopg.connect(test_database_url, autocommit=True) as other:
        taken, is_more = claim(1, now)
        assert (len(taken), is_more) == (1, True)
        assert other.execute("SELECT pg_try_advisory_lock(%s)", [TURN_LOCK]).fetchone() == (False,)


@pytest.mark.parametrize("again", [(), ("1",), ("1", "2")])
def test_of_a_batch_each_event_counts_once_in_the_directory(
    barstow: Town, storing: Storing, now: datetime, again: Sequence[str]
) -> None:
    for event in ("1", "2"):
        inbox_item(barstow.camera, as_json(now, event_id=event), now, key=event)
    storing()
    for event in (*again, "3"):
        inbox_item(barstow.camera, as_json(now, event_id=event), now, key=f"{event} again")
    storing()
    assert Read.objects.count() == 3
    assert [plate.read_count for plate in Plate.objects.all()] == [3]


@pytest.mark.django_db
def test_an_id_that_tells_of_no_possible_time_is_nobodys() -> None:
    with pytest.raises(Read.DoesNotExist):
        queries.read_by_id("barstow-pd", UUID(int=(1 << 128) - 1))
