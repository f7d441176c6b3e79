"""The demonstration's traffic: rendered pictures pass the cameras and are truly recognized and received."""

import csv
import json
import time
from collections.abc import Iterator
from itertools import chain, cycle, islice
from pathlib import Path

import click
import httpx

from plateward.config.commands.feed import feed_one
from plateward.config.demo.cast import CASTS
from plateward.config.environment import Environment
from plateward.config.feeding import Courier, Direction, photographs
from plateward.config.problems import Problem
from plateward.recognition import Recognizer

PICTURES = Path(__file__).parent / "pictures"
STRIDE = 7
"""How far apart in the sorted pictures two passes of neighbouring moments are, so that scenes vary."""

TWICE = 4
"""After so many passes a camera takes a second picture of one, as many do: two reads of the same pass."""

DIRECTIONS: dict[str, Direction] = {"front": "approaching", "rear": "receding"}
"""Which way a vehicle drives whose front or rear the camera sees."""


def run(environment: Environment, *, interval: float, count: int | None) -> None:
    """Send a picture every `interval` seconds from recognition to receiver: `count` of them, or for ever.

    A camera that is refused is told of and passed over, each time anew.

    Raises Problem when the seed has not left the cameras' keys.
    """
    keys = _camera_keys(environment)
    directions = {row["file"]: DIRECTIONS[row["view"]] for row in _manifest()}
    recognizer = Recognizer.default()
    url = f"http://127.0.0.1:{environment.ingest_port}"
    with httpx.Client(timeout=30) as client:
        couriers = {key: Courier(client, url, key) for agency in keys.values() for key in agency}
        for picture, key in islice(chain(_wanted_first(keys), _traffic(keys)), count):
            began = time.monotonic()
            direction = directions[picture.name]
            try:
                feed_one(picture, recognizer, couriers[key], by_file=False, direction=direction)
            except Problem as refusal:  # somebody replaced this camera's key or disabled it; others go on
                click.echo(f"{picture.name}  {refusal}")
            time.sleep(max(0.0, interval - (time.monotonic() - began)))


def _camera_keys(environment: Environment) -> dict[str, list[str]]:
    """The cameras' keys by agency."""
    file = environment.data / "demo-device-keys.json"
    try:
        kept = json.loads(file.read_text(encoding="utf-8")).values()
    except FileNotFoundError:
        raise Problem(
            f"{file} is missing: run `plateward demo`, which registers the cameras first."
        ) from None
    keys: dict[str, list[str]] = {}
    for camera in kept:
        keys.setdefault(camera["agency"], []).append(camera["key"])
    return keys


def _manifest() -> list[dict[str, str]]:
    """What each picture shows: file, plate, region, vehicle_color, vehicle_type, view, light."""
    with (PICTURES / "manifest.csv").open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def _wanted_first(keys: dict[str, list[str]]) -> Iterator[tuple[Path, str]]:
    """One pass of each agency's first approved plate, so that a visitor need not wait for an alert."""
    pictures = {row["plate"]: PICTURES / row["file"] for row in _manifest()}
    for cast in CASTS:
        wanted = next((wanted for wanted in cast.wanted if wanted.approver), None)
        if wanted is not None:
            yield pictures[wanted.plate], keys[cast.agency][0]


def _traffic(keys: dict[str, list[str]]) -> Iterator[tuple[Path, str]]:
    """Every rendered picture past every camera in turn, neighbours in the folder far apart in time."""
    for number, (picture, key) in enumerate(_passes(keys), start=1):
        yield picture, key
        if number % TWICE == 0:
            yield picture, key


def _passes(keys: dict[str, list[str]]) -> Iterator[tuple[Path, str]]:
    found = photographs(PICTURES)
    mixed = chain.from_iterable(found[first::STRIDE] for first in range(STRIDE))
    return zip(cycle(mixed), cycle(chain.from_iterable(keys.values())), strict=False)
