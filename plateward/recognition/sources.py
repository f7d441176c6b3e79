"""Where pictures come from: files, folders, video files and camera streams, one frame after the other."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import cv2
import numpy as np

from plateward.recognition.geometry import Picture
from plateward.recognition.pictures import SUFFIXES, PictureError, open_picture

VIDEO_SUFFIXES = frozenset(
    (".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".ts", ".mts", ".mpg", ".mpeg", ".wmv")
)
USB = "/dev/video"
"""Begins the names of cameras that are plugged in."""
SCHEMES = ("rtsp://", "rtsps://", "http://", "https://", "rtmp://")
OPEN_MILLISECONDS = READ_MILLISECONDS = 10_000
ATTEMPTS = 3
PAUSE_SECONDS = 2.0
COMPLETE = 0.9
"""Share of the frames a video announces that must be there."""
USUAL_RATE = 25.0

_PICTURE_STARTS = (
    b"\xff\xd8\xff",
    b"\x89PNG\r\n",
    b"GIF8",
    b"BM",
    b"II*\x00",
    b"MM\x00*",
    b"\x00\x00\x00\x0cjP",
)


class Kind(StrEnum):
    PICTURE = "PICTURE"
    FOLDER = "FOLDER"
    VIDEO = "VIDEO"
    STREAM = "STREAM"


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture; `seconds` from the beginning of a video or stream, None for single pictures."""

    source: str
    picture: Picture
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A source, or the rest of it, that could not be read; `reason` also says what to do."""

    source: str
    reason: str


def kind_of(source: str) -> Kind:
    """What an argument names; whatever is neither address, folder nor video is tried as a picture."""
    if source.lower().startswith((*SCHEMES, USB)):
        return Kind.STREAM
    path = Path(source)
    if path.is_dir():
        return Kind.FOLDER
    return Kind.VIDEO if path.suffix.lower() in VIDEO_SUFFIXES else Kind.PICTURE


def frames(source: str, every: float, limit: float | None = None) -> Iterator[Frame | Unreadable]:
    """Every picture of a source, and what could not be read, in order.

    Args:
        source: path of a picture, folder or video, address of a camera stream, or `/dev/video0`.
        every: seconds between the frames taken from a video or stream.
        limit: seconds after which a video or stream ends; a stream without it goes on until interrupted.
    """
    match kind_of(source):
        case Kind.STREAM:
            yield from _stream(source, every, limit)
        case Kind.FOLDER:
            yield from _folder(Path(source), every, limit)
        case Kind.VIDEO:
            yield from _video(source, every, limit)
        case Kind.PICTURE:
            yield _picture(source)


def without_password(address: str) -> str:
    """A stream's address as it may be shown: user name and password replaced."""
    parts = urlsplit(address)
    if "@" not in parts.netloc:
        return address
    return urlunsplit(parts._replace(netloc="***@" + parts.netloc.rpartition("@")[2]))


def _picture(source: str) -> Frame | Unreadable:
    try:
        return Frame(source, open_picture(Path(source)))
    except PictureError as problem:
        return Unreadable(source, str(problem))


def _folder(folder: Path, every: float, limit: float | None) -> Iterator[Frame | Unreadable]:
    refused: list[OSError] = []
    found = False
    for parent, subfolders, names in os.walk(folder, onerror=refused.append):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        for path in (Path(parent) / name for name in sorted(names) if not name.startswith(".")):
            if path.suffix.lower() in VIDEO_SUFFIXES or _may_be_picture(path):
                found = True
                yield from frames(str(path), every, limit)
    yield from (Unreadable(str(e.filename), f"The folder cannot be read: {e.strerror}.") for e in refused)
    if not found and not refused:
        yield Unreadable(str(folder), "The folder holds no pictures and no videos.")


def _may_be_picture(path: Path) -> bool:
    if path.suffix.lower() in SUFFIXES:
        return True
    try:
        with path.open("rb") as file:
            start = file.read(12)
    except OSError:
        return False
    return start.startswith(_PICTURE_STARTS) or (start[:4] == b"RIFF" and start[8:] == b"WEBP")


def _video(source: str, every: float, limit: float | None) -> Iterator[Frame | Unreadable]:
    try:
        Path(source).open("rb").close()
    except OSError as problem:
        yield Unreadable(source, f"The file cannot be read: {problem.strerror}.")
        return
    capture = _open(source)
    try:
        if not capture.isOpened():
            yield Unreadable(source, "Not a video that can be decoded. Convert it to H.264 in an MP4 file.")
            return
        yield from _video_frames(source, capture, every, limit)
    finally:
        capture.release()


def _video_frames(
    source: str, capture: Any, every: float, limit: float | None
) -> Iterator[Frame | Unreadable]:
    rate = capture.get(cv2.CAP_PROP_FPS) or USUAL_RATE
    announced = capture.get(cv2.CAP_PROP_FRAME_COUNT)
    count, due = 0, 0.0
    while capture.grab():
        seconds = count / rate
        if limit is not None and seconds > limit:
            return
        if seconds >= due:
            taken, picture = capture.retrieve()
            if taken:
                yield Frame(source, np.asarray(picture, dtype=np.uint8), seconds)
            due += every
        count += 1
    if count == 0 or count < announced * COMPLETE:
        yield Unreadable(
            source,
            f"The video breaks off after {count} of {max(int(announced), 1)} frames. "
            "Copy it from the recorder again.",
        )


def _stream(address: str, every: float, limit: float | None) -> Iterator[Frame | Unreadable]:
    """The newest frame every `every` seconds; a lost camera is called again ATTEMPTS times."""
    shown = without_password(address)
    started = time.monotonic()
    failures = 0
    while failures < ATTEMPTS:
        camera = _Camera(address)
        try:
            for picture in camera.newest(every):
                failures = 0
                seconds = time.monotonic() - started
                if limit is not None and seconds > limit:
                    return
                yield Frame(shown, picture, seconds)
        finally:
            camera.close()
        if limit is not None and time.monotonic() - started > limit:
            return
        failures += 1
        if failures < ATTEMPTS:
            time.sleep(PAUSE_SECONDS)
    yield Unreadable(
        shown,
        f"The camera did not answer or stopped sending, {ATTEMPTS} times in a row. "
        "Check address, user name, password and network, and that the camera offers this stream.",
    )


class _Camera:
    """Takes every frame off the line as it comes, so that what is read is now and not a minute ago."""

    def __init__(self, address: str) -> None:
        self._capture = _open(address)
        self._newest: Picture | None = None
        self._ended = threading.Event()
        self._arrived = threading.Condition()
        self._thread = threading.Thread(target=self._take, daemon=True)
        self._thread.start()

    def newest(self, every: float) -> Iterator[Picture]:
        """The newest frame, at most one every `every` seconds, until the camera stops sending."""
        while (picture := self._next()) is not None:
            taken_at = time.monotonic()
            yield picture
            self._ended.wait(max(0.0, every - (time.monotonic() - taken_at)))

    def close(self) -> None:
        self._ended.set()
        self._thread.join()
        self._capture.release()

    def _next(self) -> Picture | None:
        with self._arrived:
            self._arrived.wait_for(lambda: self._newest is not None or self._ended.is_set())
            picture, self._newest = self._newest, None
            return picture

    def _take(self) -> None:
        while not self._ended.is_set():
            taken, picture = self._capture.read()
            with self._arrived:
                if taken:
                    self._newest = np.asarray(picture, dtype=np.uint8)
                else:
                    self._ended.set()
                self._arrived.notify_all()


def _open(source: str) -> Any:
    # FFmpeg writes every broken frame to the error output otherwise.
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    if source.startswith(USB):
        return cv2.VideoCapture(source, cv2.CAP_V4L2)
    timeouts = [
        cv2.CAP_PROP_OPEN_TIMEOUT_MSEC,
        OPEN_MILLISECONDS,
        cv2.CAP_PROP_READ_TIMEOUT_MSEC,
        READ_MILLISECONDS,
    ]
    return cv2.VideoCapture(source, cv2.CAP_FFMPEG, timeouts)
