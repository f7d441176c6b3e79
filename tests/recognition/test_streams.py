"""A camera that sends motion JPEG over HTTP, as most network cameras do."""

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from plateward.recognition import sources
from plateward.recognition.sources import Frame, Unreadable, frames


class Camera(BaseHTTPRequestHandler):
    """Sends one picture twenty times a second, two seconds long."""

    picture: bytes

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(self.picture)}\r\n\r\n"
        with suppress(OSError):
            for _ in range(40):
                self.wfile.write(head.encode() + self.picture + b"\r\n")
                time.sleep(0.05)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def camera(pictures: Path) -> Iterator[str]:
    Camera.picture = (pictures / "scene-001.jpg").read_bytes()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Camera)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/video"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_stream_gives_its_newest_frames_until_the_limit(camera: str) -> None:
    items = list(frames(camera, every=0.3, limit=1.0))
    times = [item.seconds for item in items if isinstance(item, Frame) and item.seconds is not None]
    assert len(items) == len(times) >= 2
    assert all(0 <= seconds <= 1.0 for seconds in times)
    assert times == sorted(times)


def test_a_camera_that_does_not_answer_is_reported_without_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sources, "PAUSE_SECONDS", 0.01)
    (item,) = frames("http://gate:secret@127.0.0.1:9/video", every=0.3)
    assert isinstance(item, Unreadable)
    assert item.source == "http://***@127.0.0.1:9/video"
    assert "Check address" in item.reason
