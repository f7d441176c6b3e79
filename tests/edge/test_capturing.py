"""Frames to reads: one a pass, at once where the plate is wanted, once also when a video is begun anew."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from plateward.edge.agent import Unit
from plateward.edge.capturing import Capturing, Parts
from plateward.edge.settings import SourceSettings
from plateward.edge.sources import DONE, Ended, Taken
from plateward.edge.store import NoRoomError
from plateward.recognition import PictureResult
from plateward.recognition.geometry import Picture
from plateward.unitwire.documents import HotList
from plateward.unitwire.signing import opened
from tests.edge.unit_server import UnitServer, entry
from tests.edge.units import START, EveryFrame, reading

CAMERA = SourceSettings(name="front", kind="stream", place="rtsp://camera", frames_per_s=10)
VIDEO = replace(CAMERA, name="drive", kind="video", place="drive.mp4")


class Scripted(EveryFrame):
    """Reads what the test says is in each frame: the frame's gray value is its number."""

    def __init__(self, frames: dict[int, tuple[str, int]]) -> None:
        self.frames = frames

    def recognize(self, picture: Picture) -> PictureResult:
        seen = self.frames.get(int(picture[0, 0, 0]))
        return PictureResult((reading(*seen),) if seen else (), 200, 60, 1.0, "scripted@1")


def capturing(unit: Unit, frames: dict[int, tuple[str, int]]) -> Capturing:
    parts = Parts(unit.store, unit.spool, unit.listing, unit.alerts, unit.clock, unit.state, 88)
    return Capturing(parts, Scripted(frames), {})


def play(eye: Capturing, source: SourceSettings, numbers: range, *, ended: bool = True) -> None:
    """Ten frames a second, each a picture of its number."""
    name = "drive.mp4 1 1" if source is VIDEO else ""
    for number in numbers:
        picture = np.full((60, 200, 3), number, dtype=np.uint8)
        eye.take(Taken(source, START + timedelta(seconds=number / 10), picture, number / 10, name))
    if ended:
        eye.take(Ended(source, name))


def passing(plate: str, first: int, last: int) -> dict[int, tuple[str, int]]:
    """A plate that moves to the right, two pixels a frame."""
    return {number: (plate, 8 + 2 * (number - first)) for number in range(first, last + 1)}


def plates(unit: Unit) -> list[str]:
    return [read.plate for read in reversed(unit.state.snapshot().reads)]


def put_list(unit: Unit, server: UnitServer, plate: str) -> None:
    who = unit.identities.now()
    assert who is not None
    server.entries = (entry(plate),)
    told = server.listed({})
    unit.listing.put(opened(told, who.keys, HotList, device_id=who.device_id, agency=who.agency))


def test_a_pass_is_one_read_with_its_time_and_its_picture(unit: Unit) -> None:
    eye = capturing(unit, passing("7ABC123", 10, 20) | passing("8XYZ999", 60, 70))
    play(eye, CAMERA, range(100))
    assert plates(unit) == ["7ABC123", "8XYZ999"]
    first = unit.spool.next()
    assert first is not None
    assert START + timedelta(seconds=1) <= first.captured_at <= START + timedelta(seconds=2)
    assert set(first.pictures) == {"scene", "plate"}


def test_a_wanted_plate_alerts_while_it_is_in_view_and_is_one_read(unit: Unit, server: UnitServer) -> None:
    put_list(unit, server, "7ABC123")
    eye = capturing(unit, passing("7ABC123", 10, 40))
    play(eye, CAMERA, range(20), ended=False)
    assert unit.alerts.all() == [], "it is watched for a second"
    play(eye, CAMERA, range(20, 21), ended=False)
    assert [alert.plate for alert in unit.alerts.all()] == ["7ABC123"]
    play(eye, CAMERA, range(21, 60))
    assert plates(unit) == ["7ABC123"]
    assert [alert.seen for alert in unit.alerts.all()] == [1]


def test_a_plate_seen_in_one_frame_alone_does_not_alert_before_it_has_passed(
    unit: Unit, server: UnitServer
) -> None:
    put_list(unit, server, "7ABC123")
    eye = capturing(unit, passing("7ABC123", 10, 10))
    play(eye, CAMERA, range(12), ended=False)
    assert unit.alerts.all() == []
    eye.take(Ended(CAMERA))
    assert len(unit.alerts.all()) == 1


@pytest.mark.parametrize("cut_at", [5, 15, 30, 45, 75, 99])
@pytest.mark.parametrize("wanted", [False, True])
def test_a_video_begun_anew_gives_each_pass_once(
    unit: Unit, server: UnitServer, cut_at: int, *, wanted: bool
) -> None:
    if wanted:
        put_list(unit, server, "8XYZ999")
    frames = passing("7ABC123", 10, 20) | passing("8XYZ999", 40, 70)
    play(capturing(unit, frames), VIDEO, range(cut_at), ended=False)
    play(capturing(unit, frames), VIDEO, range(100))
    assert plates(unit) == ["7ABC123", "8XYZ999"]
    assert unit.spool.progress("drive", "drive.mp4 1 1") == DONE


def test_what_finds_no_room_is_kept_in_hand_until_there_is_some(
    unit: Unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    eye = capturing(unit, passing("7ABC123", 1, 5))
    play(eye, CAMERA, range(8), ended=False)
    with monkeypatch.context() as full:
        full.setattr(unit.store, "room", lambda: 1000)
        with pytest.raises(NoRoomError, match="no room for further reads"):
            eye.take(Ended(CAMERA))
    assert plates(unit) == []
    eye.keep_pending()
    eye.keep_pending()
    assert plates(unit) == ["7ABC123"]
