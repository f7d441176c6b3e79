import csv
import io
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import msgspec
import numpy as np
import pytest
from PIL import Image

from plateward.config.commands.feed import feed_one
from plateward.config.demo.feeder import DIRECTIONS, PICTURES
from plateward.config.feeding import TRIES, Courier, native_read, photographs
from plateward.config.problems import Problem
from plateward.reads.native import NativeRead
from plateward.recognition import Alternative, CharacterReading, PictureResult, PlateBox, PlateReading

Answers = Callable[[httpx.Request], httpx.Response]
BOX = PlateBox(10, 20, 30, 8, ((10, 20), (40, 20), (40, 28), (10, 28)))
READING = PlateReading(
    text="8ABC123",
    characters=tuple(CharacterReading(char, 0.9) for char in "8ABC123"),
    confidence=0.8,
    region=None,
    region_confidence=0.0,
    box=BOX,
    alternatives=(Alternative("BABC123", 0.1),),
)


class FakeRecognizer:
    """Finds the readings it was given in every picture."""

    def __init__(self, *readings: PlateReading) -> None:
        self.readings = readings

    def recognize(self, picture: np.ndarray) -> PictureResult:
        return PictureResult(self.readings, picture.shape[1], picture.shape[0], 12.0, "model@abc")


@pytest.fixture
def photograph(tmp_path: Path) -> Path:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "white").save(out, "JPEG")
    (tmp_path / "one.jpg").write_bytes(out.getvalue())
    return tmp_path / "one.jpg"


def courier(answers: Answers, waits: list[float] | None = None) -> Courier:
    client = httpx.Client(transport=httpx.MockTransport(answers))
    return Courier(client, "http://receiver/", "pwd_key", sleep=([] if waits is None else waits).append)


def accepted(_: httpx.Request) -> httpx.Response:
    return httpx.Response(202, json={"receipt": "r-1", "duplicate": False})


def refused(status: int, **headers: str) -> httpx.Response:
    problem = {"detail": "Not now.", "what_to_do": "Send it later."}
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, json=problem, headers=names)


def test_a_photograph_is_sent_with_what_was_recognized(
    photograph: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sent: list[httpx.Request] = []

    def answers(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return accepted(request)

    assert feed_one(photograph, FakeRecognizer(READING), courier(answers), by_file=True)
    assert re.match(r"one\.jpg  8ABC123  80%  12 ms  receipt r-1\n", capsys.readouterr().out)
    (request,) = sent
    assert request.headers["authorization"] == "Bearer pwd_key"
    assert photograph.read_bytes() in request.content
    document = re.search(rb'filename="read.json".*?\r\n\r\n(.*?)\r\n--', request.content, re.DOTALL)
    assert document is not None
    read = msgspec.json.decode(document[1], type=NativeRead)
    assert (read.plate, read.region, read.region_confidence, read.direction) == ("8ABC123", None, None, None)
    assert read.plate_box is not None
    assert (read.plate_box.x, read.plate_box.w) == (10, 30)
    assert read.captured_at.timestamp() == pytest.approx(photograph.stat().st_mtime, abs=0.001)
    assert request.headers["idempotency-key"] == read.event_id


def test_the_direction_the_camera_sees_goes_with_the_read(photograph: Path) -> None:
    read = native_read(
        FakeRecognizer(READING).recognize(np.zeros((48, 64, 3), np.uint8)),
        READING,
        event_id="1",
        captured_at=datetime.now(UTC),
        direction="receding",
    )
    assert msgspec.convert(read, NativeRead, strict=False).direction == "receding"
    sent: list[bytes] = []

    def answers(request: httpx.Request) -> httpx.Response:
        sent.append(request.content)
        return accepted(request)

    feed_one(photograph, FakeRecognizer(READING), courier(answers), by_file=False, direction="approaching")
    assert b'"direction":"approaching"' in sent[0]


def test_every_demonstration_picture_says_which_way_its_vehicle_drives() -> None:
    with (PICTURES / "manifest.csv").open(newline="", encoding="utf-8") as stream:
        views = {row["file"]: row["view"] for row in csv.DictReader(stream)}
    assert {path.name for path in photographs(PICTURES)} <= views.keys()
    assert set(views.values()) <= DIRECTIONS.keys()


def test_the_same_key_goes_with_every_try_and_the_receiver_sets_the_pace(photograph: Path) -> None:
    keys: list[str] = []
    waits: list[float] = []
    replies: Iterator[Answers] = iter(
        [lambda _: refused(503, Retry_After="7"), lambda _: refused(507), _unreachable, accepted]
    )

    def answers(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers["idempotency-key"])
        return next(replies)(request)

    assert feed_one(photograph, FakeRecognizer(READING), courier(answers, waits), by_file=False)
    assert len(keys) == 4
    assert len(set(keys)) == 1
    assert waits == [7.0, 1.0, 2.0]


def _unreachable(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused", request=request)


def test_after_enough_tries_it_is_reported_and_the_next_goes_on(
    photograph: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    waits: list[float] = []
    assert not feed_one(photograph, FakeRecognizer(READING), courier(_unreachable, waits), by_file=False)
    assert f"given up after {TRIES} tries" in capsys.readouterr().err
    assert len(waits) == TRIES


def test_a_refused_read_is_reported_without_trying_again(
    photograph: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    waits: list[float] = []
    too_large = courier(lambda _: refused(413), waits)
    assert not feed_one(photograph, FakeRecognizer(READING), too_large, by_file=False)
    assert "Send it later." in capsys.readouterr().err
    assert waits == []


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_device_ends_the_run(photograph: Path, status: int) -> None:
    with pytest.raises(Problem, match="refuses this device"):
        feed_one(photograph, FakeRecognizer(READING), courier(lambda _: refused(status)), by_file=False)


def test_every_plate_of_a_picture_is_a_read_of_its_own(photograph: Path) -> None:
    keys: list[str] = []

    def answers(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers["idempotency-key"])
        return accepted(request)

    feed_one(photograph, FakeRecognizer(READING, READING), courier(answers), by_file=False)
    assert len(set(keys)) == 2


def test_pictures_without_a_plate_and_unreadable_ones_are_told_apart(
    photograph: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = photograph.with_name("two.jpg")
    broken.write_bytes(b"not a picture")
    assert feed_one(photograph, FakeRecognizer(), courier(_unreachable), by_file=False)
    assert not feed_one(broken, FakeRecognizer(READING), courier(accepted), by_file=False)
    said = capsys.readouterr()
    assert "no plate found" in said.out
    assert "two.jpg  cannot be read" in said.err


def test_photographs_are_found_in_sub_folders_by_name(photograph: Path) -> None:
    folder = photograph.parent
    (folder / "b").mkdir()
    (folder / "b" / "three.PNG").touch()
    (folder / "notes.txt").touch()
    assert [path.name for path in photographs(folder)] == ["three.PNG", "one.jpg"]
