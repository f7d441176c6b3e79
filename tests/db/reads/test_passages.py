"""A vehicle that its camera reports several times while in view becomes one read; nothing of it is lost."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plateward.reads import faults, passage_actions, rules
from plateward.reads.actions import replay_all, store_waiting
from plateward.reads.models import InboxItem, InboxState, Passage, Picture, Read
from plateward.reads.passage_actions import close_passages, forget_passages
from plateward.reads.store import PictureStore
from tests.maker_samples import sample
from tests.payloads import inbox_item, picture
from tests.personas import Town

LOST = sample("axis-alpv-lost.json").document
SECOND = timedelta(seconds=1)

Camera = Callable[..., InboxItem]


def event(state: str, at: datetime, plate: str = "TST0123", sure: str = "0.7", **more: Any) -> bytes:
    stamp = str(int(at.timestamp() * 1000))
    said = {"carState": state, "capture_timestamp": stamp, "plateUTF8": plate, "plateConfidence": sure}
    return json.dumps(LOST | said | more).encode()


def image(kind: str, color: str) -> dict[str, Any]:
    return {"imageArray": [{"ImageType": kind, "BinaryImage": base64.b64encode(picture(color)).decode()}]}


@pytest.fixture
def sent(barstow: Town, now: datetime) -> Camera:
    """Have the camera send an event so many seconds after the first one."""

    def send(state: str, after: float = 0, **more: Any) -> InboxItem:
        at = now + after * SECOND
        return inbox_item(barstow.camera, event(state, at, **more), at, adapter="axis")

    return send


@pytest.fixture
def work(store: PictureStore, now: datetime) -> Callable[[float], None]:
    """Have the intake work so many seconds after the first event."""

    def step(after: float) -> None:
        store_waiting(limit=50, now=now + after * SECOND, store=store)
        close_passages(limit=50, now=now + after * SECOND, store=store)

    return step


def states() -> list[str]:
    return list(InboxItem.objects.order_by("received_at", "id").values_list("state", flat=True))


def test_a_car_becomes_one_read_with_its_best_reading_and_the_others_as_candidates(
    sent: Camera, work: Callable[[float], None]
) -> None:
    sent("new", plate="TST0I23", sure="0.7", **image("frame", "red"))
    work(0)
    assert (states(), Read.objects.count()) == (["HELD"], 0)
    sent("update", 1, plate="TST0123", sure="0.93", **image("plate", "blue"))
    sent("lost", 9, plate="TST0128", sure="0.9", **image("plate", "green"))
    work(9)
    read = Read.objects.get()
    assert (read.plate, read.confidence) == ("TST0123", 0.93)
    assert {one["text"]: one["confidence"] for one in read.candidates} == {"TST0I23": 0.7, "TST0128": 0.9}
    assert sorted(Picture.objects.values_list("role", flat=True)) == ["PLATE", "SCENE"]
    assert states() == ["MATCHED", "STORED", "MATCHED"]
    assert {tuple(item.read_ids) for item in InboxItem.objects.all()} == {(read.id,)}
    assert not InboxItem.objects.filter(body__isnull=False).exists()
    assert "The surest of 3 readings" in read.payload["$notes"][0]


def test_a_scene_of_another_moment_carries_no_box(sent: Camera, work: Callable[[float], None]) -> None:
    sent("new", sure="0.7", **image("frame", "red"))
    sent("lost", 5, sure="0.9")
    work(5)
    read = Read.objects.get()
    assert (read.plate_box, read.payload["plateCoordinates"]) == (None, [600, 290, 60, 22])


def test_of_equally_sure_readings_the_final_one_counts(sent: Camera, work: Callable[[float], None]) -> None:
    sent("lost", 0, plate="TST0128", sure="0.9")
    sent("update", 1, plate="TST0123", sure="0.9")
    work(1)
    assert Read.objects.get().plate == "TST0128"


def test_a_car_that_is_never_lost_is_a_read_when_its_time_is_over(
    sent: Camera, work: Callable[[float], None]
) -> None:
    sent("new")
    work(0)
    sent("update", 40)
    work(40)
    work(90)
    assert not Read.objects.exists()
    work(101)
    assert (Read.objects.count(), states()) == (1, ["MATCHED", "STORED"])


def test_a_car_that_stays_is_a_read_after_ten_minutes_and_what_follows_joins_it(
    sent: Camera, work: Callable[[float], None]
) -> None:
    for second in range(0, 900, 50):
        sent("new" if second == 0 else "update", second)
        work(second)
    assert Read.objects.count() == 1
    sent("lost", 900)
    work(900)
    assert Read.objects.count() == 1
    assert set(states()) == {"STORED", "MATCHED"}


def test_what_comes_late_joins_its_read(sent: Camera, work: Callable[[float], None]) -> None:
    sent("lost", 5, sure="0.9", **image("plate", "green"))
    work(5)
    late = sent("new", 0, plate="TST0I23", sure="0.7", **image("frame", "red"))
    work(30)
    read = Read.objects.get()
    late.refresh_from_db()
    assert (late.state, late.read_ids) == (InboxState.MATCHED, [read.id])
    assert "joined to the read" in late.reason
    assert read.candidates == [{"text": "TST0I23", "confidence": 0.7}]
    assert sorted(Picture.objects.values_list("role", "read_id")) == [("PLATE", read.id), ("SCENE", read.id)]


def test_a_late_reading_that_is_surer_of_another_plate_is_a_read_too_and_is_matched(
    sent: Camera, work: Callable[[float], None]
) -> None:
    sent("new", plate="TST0I28", sure="0.6")
    work(0)
    work(61)
    early = Read.objects.get()
    late = sent("lost", 4, plate="TST0123", sure="0.95")
    work(3600)
    better = Read.objects.exclude(id=early.id).get()
    late.refresh_from_db()
    assert (late.state, better.plate) == (InboxState.STORED, "TST0123")
    assert str(early.id) in better.payload["$notes"][0]
    assert better.candidates == [{"text": "TST0I28", "confidence": 0.6}]


def test_a_number_given_again_is_another_car(sent: Camera, work: Callable[[float], None]) -> None:
    sent("new")
    sent("lost", 5)
    work(5)
    sent("new", 120, plate="TST0999")
    sent("lost", 125, plate="TST0999")
    sent("lost", 86_400, plate="TST0777")
    work(86_400)
    assert sorted(Read.objects.values_list("plate", flat=True)) == ["TST0123", "TST0777", "TST0999"]


def test_a_car_lost_without_a_plate_ends_what_was_read_of_it(
    sent: Camera, work: Callable[[float], None]
) -> None:
    sent("new")
    sent("lost", 3, plate="", plateText="")
    work(3)
    assert (Read.objects.count(), states()) == (1, ["STORED", "MATCHED"])


def test_the_same_number_of_two_cameras_is_two_cars(
    barstow: Town, huntington_park: Town, now: datetime, work: Callable[[float], None]
) -> None:
    for town in (barstow, huntington_park):
        inbox_item(town.camera, event("lost", now), now, adapter="axis")
    work(0)
    assert {read.device_id for read in Read.objects.all()} == {barstow.camera.pk, huntington_park.camera.pk}


def test_what_cannot_be_read_goes_to_quarantine_and_its_replay_joins(
    barstow: Town, now: datetime, sent: Camera, work: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    spoilt = sent("new", imageArray=[{"ImageType": "plate", "BinaryImage": "????"}])
    sent("lost", 2)
    work(2)
    spoilt.refresh_from_db()
    assert spoilt.state == InboxState.QUARANTINED
    monkeypatch.setattr("plateward.reads.adapters.axis._within", lambda _: ())
    replay_all(by=barstow.actor("imani", now), now=now)
    work(60)
    assert (Read.objects.count(), set(states())) == (1, {"STORED", "MATCHED"})


def test_a_fault_is_tried_again_and_loses_nothing(
    sent: Camera, work: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent("lost")
    with monkeypatch.context() as broken:
        broken.setattr(passage_actions, "store_prepared", _raise(OSError(28, "No space left on device")))
        work(0)
    assert (states(), Passage.objects.get().attempts) == (["HELD"], 0)
    work(10)
    assert Read.objects.count() == 1


def test_what_fails_again_and_again_goes_to_quarantine_with_the_reason(
    sent: Camera, work: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent("lost")
    monkeypatch.setattr(passage_actions, "store_prepared", _raise(ZeroDivisionError("a fault")))
    for hour in range(rules.MAX_ATTEMPTS):
        work(hour * 3600)
    item = InboxItem.objects.get()
    assert item.state == InboxState.QUARANTINED
    assert faults.in_words(ZeroDivisionError("a fault")) in item.reason
    assert item.body


def test_passages_are_forgotten_after_a_week(
    sent: Camera, work: Callable[[float], None], now: datetime
) -> None:
    sent("lost")
    work(0)
    assert forget_passages(now=now + timedelta(days=6)) == 0
    assert forget_passages(now=now + timedelta(days=8)) == 1


def _raise(error: Exception) -> Callable[..., Any]:
    def fail(*_: object) -> None:
        raise error

    return fail


STATES = st.lists(
    st.tuples(
        st.sampled_from(["new", "update", "lost"]),
        st.integers(0, 30),
        st.sampled_from(["TST0123", "TST0I23", ""]),
        st.sampled_from(["0.5", "0.9", "", "unknown"]),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=STATES, order=st.randoms(use_true_random=False))
def test_in_whatever_order_they_come_no_payload_is_lost(
    barstow: Town, store: PictureStore, told: list[tuple[str, int, str, str]], order: Any
) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    InboxItem.objects.all().delete()
    Passage.objects.all().delete()
    order.shuffle(told)
    plates = {}
    for arrival, (state, second, plate, sure) in enumerate(told):
        at, arrived = start + second * SECOND, start + arrival * SECOND
        body = event(state, at, plate, sure, plateText="")
        plates[inbox_item(barstow.camera, body, arrived, adapter="axis").pk] = plate
        if order.random() < 0.5:
            store_waiting(limit=9, now=arrived, store=store)
            close_passages(limit=9, now=arrived, store=store)
    store_waiting(limit=9, now=start + timedelta(hours=1), store=store)
    close_passages(limit=9, now=start + timedelta(hours=2), store=store)
    stored = {read.id for read in Read.objects.all()}
    for item in InboxItem.objects.all():
        assert item.state in {"STORED", "MATCHED"}, item.reason
        assert bool(item.read_ids) == bool(plates[item.pk])
        assert set(item.read_ids) <= stored
