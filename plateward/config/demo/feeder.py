"""The demonstration's traffic: rendered pictures pass the cameras and are truly recognized and received."""

import json
import time
from itertools import chain, cycle
from itertools import count as counting
from pathlib import Path

import httpx

from plateward.config.commands.feed import feed_one
from plateward.config.environment import Environment
from plateward.config.feeding import Courier, photographs
from plateward.config.problems import Problem
from plateward.recognition import Recognizer

PICTURES = Path(__file__).parent / "pictures"
STRIDE = 7
"""How far apart in the sorted pictures two passes of neighbouring moments are, so that scenes vary."""


def run(environment: Environment, *, interval: float, count: int | None) -> None:
    """Send a picture every `interval` seconds from recognition to receiver: `count` of them, or for ever.

    Raises Problem when the seed has not left the cameras' keys.
    """
    keys = _camera_keys(environment)
    recognizer = Recognizer.default()
    url = f"http://127.0.0.1:{environment.ingest_port}"
    with httpx.Client(timeout=30) as client:
        couriers = cycle([Courier(client, url, key) for key in keys])
        passes = range(count) if count else counting()
        for _, picture, courier in zip(passes, _passing(), couriers, strict=False):
            began = time.monotonic()
            feed_one(picture, recognizer, courier, by_file=False)
            time.sleep(max(0.0, interval - (time.monotonic() - began)))


def _camera_keys(environment: Environment) -> list[str]:
    file = environment.data / "demo-device-keys.json"
    try:
        return list(json.loads(file.read_text(encoding="utf-8")).values())
    except FileNotFoundError:
        raise Problem(
            f"{file} is missing: run `plateward demo`, which registers the cameras first."
        ) from None


def _passing() -> "cycle[Path]":
    """Every rendered picture once per round, neighbours in the folder far apart in time."""
    found = photographs(PICTURES)
    return cycle(chain.from_iterable(found[first::STRIDE] for first in range(STRIDE)))
