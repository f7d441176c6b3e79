"""Sending photographs to the receiver as a camera would: recognized, then delivered until acknowledged."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import httpx

from plateward.config.problems import Problem
from plateward.recognition import PictureResult, PlateReading

SUFFIXES = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}
TRIES = 8
Direction = Literal["approaching", "receding"]
LONGEST_PAUSE_S = 30.0
REFUSED = {401, 403}
"""Statuses that mean that no read of this device will be taken."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What the receiver said: its receipt, or why it took nothing."""

    receipt: str = ""
    duplicate: bool = False
    problem: str = ""


def photographs(folder: Path) -> list[Path]:
    """The photographs of a folder and its sub-folders, by name."""
    found = (path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    return sorted(found)


def native_read(
    result: PictureResult,
    reading: PlateReading,
    *,
    event_id: str,
    captured_at: datetime,
    direction: Direction | None = None,
) -> dict[str, Any]:
    """One recognized plate in the receiver's native format; `direction` is what the camera sees."""
    box = reading.box
    return {
        "event_id": event_id,
        "captured_at": captured_at.isoformat(timespec="milliseconds"),
        "plate": reading.text,
        "confidence": reading.confidence,
        "characters": [{"char": c.char, "confidence": c.confidence} for c in reading.characters],
        "candidates": [{"text": a.text, "confidence": a.confidence} for a in reading.alternatives],
        "region": reading.region,
        "region_confidence": reading.region_confidence if reading.region else None,
        "direction": direction,
        "plate_box": {"x": box.x, "y": box.y, "w": box.width, "h": box.height, "picture": "scene"},
        "model": result.model[:100],
    }


class Courier:
    """Delivers reads with one device's key; tries again as the receiver asks."""

    def __init__(
        self, client: httpx.Client, url: str, key: str, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._client = client
        self._url = url.rstrip("/") + "/v1/reads"
        self._key = key
        self._sleep = sleep

    def deliver(self, read: bytes, photograph: Path, data: bytes, idempotency_key: str) -> Delivered:
        """Send a read with its photograph until it is acknowledged or refused.

        The same key goes with each try, so that nothing is stored twice. Raises Problem where the receiver
        will take nothing from this device.
        """
        problem = ""
        for pause in _pauses():
            try:
                answer = self._client.post(
                    self._url,
                    headers={"Authorization": f"Bearer {self._key}", "Idempotency-Key": idempotency_key},
                    files={
                        "read": ("read.json", read, "application/json"),
                        "scene": (photograph.name, data, SUFFIXES[photograph.suffix.lower()]),
                    },
                )
            except httpx.TransportError as error:
                problem = f"the receiver does not answer ({error})"
                self._sleep(pause)
                continue
            if answer.is_success:
                receipt = answer.json()
                return Delivered(receipt["receipt"], receipt["duplicate"])
            problem = _problem(answer)
            if answer.status_code in REFUSED:
                raise Problem(f"The receiver refuses this device: {problem}")
            if not answer.is_server_error and answer.status_code not in {408, 429}:
                return Delivered(problem=problem)
            self._sleep(_asked_pause(answer, pause))
        return Delivered(problem=f"given up after {TRIES} tries: {problem}")


def _pauses() -> Iterator[float]:
    for attempt in range(TRIES):
        yield min(2.0**attempt / 2, LONGEST_PAUSE_S)


def _asked_pause(answer: httpx.Response, otherwise: float) -> float:
    """The Retry-After of an answer in seconds, within reason."""
    asked = answer.headers.get("Retry-After", "")
    return min(float(asked), 10 * LONGEST_PAUSE_S) if asked.isdigit() else otherwise


def _problem(answer: httpx.Response) -> str:
    """The problem document in one line; the bare status where there is none."""
    if "json" not in answer.headers.get("Content-Type", ""):
        return f"status {answer.status_code}"
    document = answer.json()
    return f"{document.get('detail')} {document.get('what_to_do')} (status {answer.status_code})"
