from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
import pytest

from plateward.recognition.sources import Frame, Kind, Unreadable, frames, kind_of, without_password


def picture(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(".jpg", np.full((40, 60, 3), 90, dtype=np.uint8))[1].tobytes())
    return path


def video(path: Path, count: int = 20, rate: float = 10) -> Path:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), rate, (64, 48))
    for number in range(count):
        writer.write(np.full((48, 64, 3), number * 10, dtype=np.uint8))
    writer.release()
    return path


def names(items: Iterable[Frame | Unreadable]) -> list[str]:
    return [Path(item.source).name for item in items if isinstance(item, Frame)]


def test_arguments_are_told_apart(tmp_path: Path) -> None:
    assert kind_of("rtsp://camera/1") is Kind.STREAM
    assert kind_of("HTTP://camera/video") is Kind.STREAM
    assert kind_of(str(tmp_path)) is Kind.FOLDER
    assert kind_of("drive.MP4") is Kind.VIDEO
    assert kind_of("car.jpg") is Kind.PICTURE


def test_a_folder_is_read_through_in_order_by_suffix_and_content(tmp_path: Path) -> None:
    for name in ("b.jpg", "a.jpg", "deep/er/c.jpg", ".hidden/d.jpg", ".e.jpg"):
        picture(tmp_path / name)
    picture(tmp_path / "no-suffix-but-a-picture")
    (tmp_path / "notes.txt").write_text("not a picture")
    assert names(frames(str(tmp_path), 0.5)) == ["a.jpg", "b.jpg", "no-suffix-but-a-picture", "c.jpg"]


def test_a_broken_file_is_reported_and_the_rest_goes_on(tmp_path: Path) -> None:
    picture(tmp_path / "a.jpg")
    (tmp_path / "b.jpg").write_bytes(b"")
    picture(tmp_path / "c.jpg")
    items = list(frames(str(tmp_path), 0.5))
    assert names(items) == ["a.jpg", "c.jpg"]
    assert [Path(item.source).name for item in items if isinstance(item, Unreadable)] == ["b.jpg"]


def test_an_empty_folder_says_so(tmp_path: Path) -> None:
    (item,) = frames(str(tmp_path), 0.5)
    assert isinstance(item, Unreadable)
    assert "no pictures" in item.reason


def test_a_video_gives_frames_at_even_times(tmp_path: Path) -> None:
    items = list(frames(str(video(tmp_path / "drive.mp4")), every=0.5))
    assert [item.seconds for item in items if isinstance(item, Frame)] == [0.0, 0.5, 1.0, 1.5]


def test_a_video_ends_at_the_limit(tmp_path: Path) -> None:
    items = list(frames(str(video(tmp_path / "drive.mp4")), every=0.5, limit=0.7))
    assert [item.seconds for item in items if isinstance(item, Frame)] == [0.0, 0.5]


@pytest.mark.parametrize("content", [b"", b"no video", None])
def test_what_is_no_video_is_reported(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "drive.mp4"
    if content is not None:
        path.write_bytes(content)
    (item,) = frames(str(path), 0.5)
    assert isinstance(item, Unreadable)


def test_passwords_in_addresses_are_not_shown() -> None:
    assert without_password("rtsp://gate:secret@10.0.0.5:554/1?x=2") == "rtsp://***@10.0.0.5:554/1?x=2"
    assert without_password("http://10.0.0.5/video") == "http://10.0.0.5/video"
