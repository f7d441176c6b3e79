"""A pass of a plate as it is kept and sent: the receiver's native read and the unit's own words."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import cv2
import msgspec
import numpy as np

from plateward.edge.settings import SourceSettings
from plateward.edge.spool import NewRead, Role, Waiting
from plateward.reads.native import Candidate, Character, NativeRead, Way, heading_of
from plateward.reads.native import PlateBox as NativeBox
from plateward.recognition import PlateReading
from plateward.recognition.geometry import Picture
from plateward.unitwire.calls import Origin, event_id

LARGEST_FILE: Final = 12 * 1024 * 1024
"""A picture file above this is sent as a JPEG made of it: the receiver takes 25 MB with everything."""
_MARGIN: Final = 0.6
"""How much around the characters the plate's picture shows, in their heights."""
_STARTS: Final = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png", b"RIFF": "image/webp"}
_LONGEST_MODEL: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """One pass of a plate before a source: when, what was read, and the pictures as files."""

    source: SourceSettings
    captured_at: datetime
    reading: PlateReading
    model: str
    direction: Way | None
    list_version: int | None
    clock_offset_s: float | None
    scene: bytes = field(repr=False)
    plate: bytes = field(repr=False)

    def as_new(self, *, is_matched: bool, is_hit: bool) -> NewRead:
        """What the spool keeps of it."""
        pictures: dict[Role, bytes] = {"scene": self.scene, "plate": self.plate}
        return NewRead(
            captured_at=self.captured_at,
            written=self.written,
            pictures=pictures,
            is_matched=is_matched,
            is_hit=is_hit,
        )

    def written(self, spool: UUID, sequence: int) -> bytes:
        """The read as JSON, with its place in the spool."""
        told = _without_none(msgspec.to_builtins(self._native(event_id(spool, sequence))))
        origin = Origin(
            spool=spool,
            sequence=sequence,
            list_version=self.list_version,
            clock_offset_s=self.clock_offset_s,
            model=self.model[:_LONGEST_MODEL],
            source=self.source.name,
        )
        return msgspec.json.encode({**told, "unit": _without_none(msgspec.to_builtins(origin))})

    def _native(self, name: str) -> NativeRead:
        reading, source, box = self.reading, self.source, self.reading.box
        return NativeRead(
            event_id=name,
            captured_at=self.captured_at,
            plate=reading.text,
            confidence=_share(reading.confidence),
            characters=[Character(char=c.char, confidence=_share(c.confidence)) for c in reading.characters],
            candidates=[
                Candidate(text=a.text, confidence=_share(a.confidence)) for a in reading.alternatives
            ],
            region=reading.region,
            region_confidence=_share(reading.region_confidence) if reading.region else None,
            plate_box=NativeBox(x=box.x, y=box.y, w=max(box.width, 1), h=max(box.height, 1)),
            direction=self.direction,
            heading_deg=heading_of(source.heading_deg, self.direction),
            latitude=source.latitude,
            longitude=source.longitude,
            model=self.model[:_LONGEST_MODEL],
        )


def _share(value: float) -> float:
    return round(min(max(float(value), 0.0), 1.0), 4)


def _without_none(told: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in told.items() if value is not None}


def jpeg(picture: Picture, quality: int) -> bytes:
    """The picture as a JPEG file."""
    written, file = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not written:
        raise ValueError(f"a picture of {picture.shape} cannot be written as JPEG")
    return bytes(file.tobytes())


def scene_file(picture: Picture, original: bytes | None, quality: int) -> bytes:
    """The file as the camera wrote it where the receiver takes such files, else a JPEG of the picture."""
    if original is not None and len(original) <= LARGEST_FILE and media_type(original):
        return original
    return jpeg(picture, quality)


def plate_file(picture: Picture, reading: PlateReading, quality: int) -> bytes:
    """The plate with a margin around it."""
    box = reading.box
    margin = round(_MARGIN * max(box.height, 8))
    top, left = max(0, box.y - margin), max(0, box.x - margin)
    window = picture[top : box.y + box.height + margin, left : box.x + box.width + margin]
    return jpeg(np.ascontiguousarray(window if window.size else picture), quality)


def smaller(file: bytes, width: int) -> bytes:
    """A picture file as a JPEG of at most this width; as it is where it cannot be decoded."""
    picture: Any = cv2.imdecode(np.frombuffer(file, dtype=np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        return file
    share = min(1.0, width / picture.shape[1])
    return jpeg(cv2.resize(picture, None, fx=share, fy=share, interpolation=cv2.INTER_AREA), 80)


def media_type(file: bytes) -> str:
    """The media type of a picture file that the receiver takes; "" for another."""
    return next((kind for start, kind in _STARTS.items() if file.startswith(start)), "")


def multipart(spool: UUID, waiting: Waiting) -> tuple[bytes, str]:
    """The body that hands a read over, and its content type: the same bytes each time it is sent."""
    boundary = f"plateward-{spool.hex}-{waiting.sequence}"
    parts = [_part(boundary, "read", "read.json", "application/json", waiting.read)]
    parts += [
        _part(boundary, role, f"{role}.{media_type(file).rpartition('/')[2]}", media_type(file), file)
        for role, file in waiting.pictures.items()
    ]
    body = b"".join(parts) + f"--{boundary}--\r\n".encode()
    return body, f"multipart/form-data; boundary={boundary}"


def _part(boundary: str, name: str, filename: str, kind: str, data: bytes) -> bytes:
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
        f"Content-Type: {kind}\r\n\r\n"
    )
    return head.encode() + data + b"\r\n"
