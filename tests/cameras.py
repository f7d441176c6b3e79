"""A camera at the other end of the receiver: draws a street with one car and sends what it read."""

import io
import json
from base64 import b64encode
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from PIL import Image, ImageDraw, ImageFont

SIZE = (1280, 720)
PLATE_BOX = {"x": 560, "y": 452, "w": 168, "h": 58, "picture": "scene"}


def street(plate: str) -> bytes:
    """A JPEG of a car from behind at dusk, its plate at PLATE_BOX."""
    image = Image.new("RGB", SIZE, "#2b3440")
    draw = ImageDraw.Draw(image)
    draw.polygon([(0, 720), (480, 300), (800, 300), (1280, 720)], fill="#3b4652")
    draw.line([(640, 300), (640, 720)], fill="#c9b458", width=6)
    draw.rounded_rectangle([420, 260, 868, 560], 60, fill="#27507f")
    draw.rounded_rectangle([480, 280, 808, 390], 34, fill="#11202f")
    for left in (440, 780):
        draw.rounded_rectangle([left, 420, left + 68, 470], 14, fill="#b3202a")
    x, y, w, h = (int(PLATE_BOX[side]) for side in ("x", "y", "w", "h"))  # type: ignore[call-overload]  # numbers
    draw.rounded_rectangle([x, y, x + w, y + h], 8, fill="#f2f2ee", outline="#1b2733", width=2)
    font = ImageFont.load_default(38)
    draw.text((x + w / 2, y + h / 2), plate, fill="#1b2f6b", font=font, anchor="mm")
    out = io.BytesIO()
    image.save(out, "JPEG", quality=88)
    return out.getvalue()


def sees(
    plate: str, captured_at: datetime, *, event: str, confidences: Sequence[float] = (), **more: Any
) -> dict[str, Any]:
    """A read in the native format, with its picture."""
    sure = confidences or [0.98] * len(plate)
    return {
        "event_id": event,
        "captured_at": captured_at.isoformat(),
        "plate": plate,
        "confidence": min(sure),
        "characters": [{"char": c, "confidence": s} for c, s in zip(plate, sure, strict=True)],
        "region": "US-CA",
        "direction": "receding",
        "plate_box": PLATE_BOX,
        "vehicle": {"color": "blue", "make": "Honda", "model": "Civic"},
        "pictures": [{"role": "scene", "data": b64encode(street(plate)).decode()}],
        **more,
    }


def body_of(read: dict[str, Any]) -> bytes:
    """The read as it is sent."""
    return json.dumps(read).encode()


def send(ingest_url: str, key: str, read: dict[str, Any]) -> None:
    """Post one read to the receiver as the device with this key; fails unless a receipt comes back."""
    parts = urlsplit(ingest_url)
    with closing(HTTPConnection(parts.hostname or "", parts.port, timeout=10)) as connection:
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        connection.request("POST", "/v1/reads", body_of(read), headers)
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 202, body
