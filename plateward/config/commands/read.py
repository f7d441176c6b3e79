"""Read plates in pictures, folders, videos and camera streams."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Any

import click

from plateward.config.problems import Problem

if TYPE_CHECKING:
    from plateward.recognition import Follower, PictureResult, PlateReading, Recognizer, Sighting
    from plateward.recognition.geometry import Picture
    from plateward.recognition.sources import Unreadable

INTERRUPTED = 130
"""Exit status of a program ended by Ctrl-C, as shells expect it."""
SHOWN_ALTERNATIVES = 3


@click.command("read")
@click.argument("sources", metavar="PHOTO…", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line instead of text.")
@click.option(
    "--every",
    type=click.FloatRange(min=0.0),
    default=0.5,
    show_default=True,
    metavar="SECONDS",
    help="Time between the frames taken from a video or stream.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(min=0.0, min_open=True),
    metavar="SECONDS",
    help="End each video or stream after this time.",
)
@click.option(
    "--threads",
    type=click.IntRange(min=1),
    help="Processor threads for recognition; PLATEWARD_RECOGNITION_THREADS or 1 by default.",
)
@click.option(
    "--own", is_flag=True, help="Our own networks alone: many frames a second, little memory, less accurate."
)
@click.pass_context
def command(
    context: click.Context,
    sources: tuple[str, ...],
    as_json: bool,  # noqa: FBT001 - click passes flags so
    every: float,
    seconds: float | None,
    threads: int | None,
    own: bool,  # noqa: FBT001 - the same
) -> None:
    """Read the plates in PHOTO… and say how sure each character is.

    PHOTO is a picture, a folder (with all its subfolders), a video file, or a camera's address (rtsp://…,
    http://…). What cannot be read is reported and the rest goes on; the exit status is then 1.
    """
    show = _Json() if as_json else _Text()
    session = _Session(show, every, seconds, threads, own)
    try:
        for source in sources:
            session.read(source)
    except KeyboardInterrupt:
        click.echo("Stopped.", err=True)
        context.exit(INTERRUPTED)
    context.exit(1 if session.failed else 0)


class _Json:
    """One object a line; docs/howto/read-photographs.md documents the keys."""

    def picture(self, source: str, result: PictureResult) -> None:
        from plateward.recognition import as_json  # noqa: PLC0415 - recognition is slow to load

        self._line({"source": source, "kind": "PICTURE", **as_json(result)})

    def sighting(self, source: str, sighting: Sighting, model: str) -> None:
        from plateward.recognition import reading_as_json  # noqa: PLC0415 - the same

        seen = {
            "first_seconds": round(sighting.first_seconds, 3),
            "last_seconds": round(sighting.last_seconds, 3),
            "frames": sighting.frames,
            "best_seconds": round(sighting.best_seconds, 3),
            "direction": sighting.direction,
            "heading": sighting.heading,
        }
        plate = reading_as_json(sighting.reading)
        self._line({"source": source, "kind": "SIGHTING", **seen, "model": model, "plate": plate})

    def unreadable(self, source: str, reason: str) -> None:
        self._line({"source": source, "kind": "UNREADABLE", "reason": reason})

    def _line(self, value: dict[str, Any]) -> None:
        click.echo(json.dumps(value, ensure_ascii=False))


class _Text:
    """A block a picture, a block a plate."""

    def picture(self, source: str, result: PictureResult) -> None:
        click.echo(f"{source}  {result.width}×{result.height}, {result.milliseconds:.0f} ms")
        for reading in result.readings:
            self._plate(reading)
        if not result.readings:
            click.echo("  no plate found")

    def sighting(self, source: str, sighting: Sighting, model: str) -> None:  # noqa: ARG002 - JSON shows it
        times = f"{_clock(sighting.first_seconds)}–{_clock(sighting.last_seconds)}"
        way = ", ".join(str(each).lower() for each in (sighting.direction, sighting.heading) if each)
        best = f"best at {_clock(sighting.best_seconds)}"
        click.echo(f"{source}  {times}, {sighting.frames} frames, {best}, {way or 'direction unknown'}")
        self._plate(sighting.reading)

    def unreadable(self, source: str, reason: str) -> None:
        """Nothing: the error output says it."""

    def _plate(self, reading: PlateReading) -> None:
        box = reading.box
        region = f"{reading.region} {_percent(reading.region_confidence)}" if reading.region else "unknown"
        sure = click.style(reading.text, bold=True)
        click.echo(
            f"  {sure}  {_percent(reading.confidence)}   region {region}   "
            f"box {box.x},{box.y} {box.width}×{box.height}"
        )
        click.echo("    " + "  ".join(f"{c.char} {_percent(c.confidence)}" for c in reading.characters))
        others = reading.alternatives[:SHOWN_ALTERNATIVES]
        if others:
            click.echo("    or " + ", ".join(f"{o.text} {_percent(o.confidence)}" for o in others))
        if reading.second_opinion:
            second = reading.second_opinion
            click.echo(f"    second opinion {second.text} {_percent(second.confidence)}")


@dataclass
class _Session:
    """Everything one run of the command reads; recognizers are loaded when first needed."""

    show: _Json | _Text
    every: float
    limit: float | None
    threads: int | None
    own: bool
    failed: bool = False

    def read(self, argument: str) -> None:
        """Show everything that one argument yields."""
        from plateward.recognition.sources import Frame, frames  # noqa: PLC0415 - recognition is slow to load

        items = frames(argument, self.every, self.limit)
        for source, group in groupby(items, key=lambda item: item.source):
            with self._sightings(source) as add:
                for item in group:
                    if not isinstance(item, Frame):
                        self._report(item)
                    elif item.seconds is None:
                        self.show.picture(source, self._recognizer.recognize(item.picture))
                    else:
                        add(item.seconds, item.picture)

    @contextmanager
    def _sightings(self, source: str) -> Iterator[Callable[[float, Picture], None]]:
        """Shows each sighting when its plate is gone; the open ones when the source ends or is stopped."""
        from plateward.recognition import Tracker  # noqa: PLC0415 - recognition is slow to load

        tracker = Tracker()
        follower: Follower | None = None

        def show(sightings: Sequence[Sighting]) -> None:
            for sighting in sightings:
                self.show.sighting(source, sighting, self._recognizer.model)

        def add(seconds: float, picture: Picture) -> None:
            nonlocal follower
            follower = follower or self._recognizer.follower()
            show(tracker.add(seconds, follower.recognize(seconds, picture).readings, picture))

        try:
            yield add
        finally:
            show(tracker.finish())

    @cached_property
    def _recognizer(self) -> Recognizer:
        from plateward.recognition import (  # noqa: PLC0415 - recognition is slow to load
            OWN,
            ModelProblem,
            Recognizer,
            Tuning,
        )

        try:
            return Recognizer.default(self.threads, OWN if self.own else Tuning())
        except ModelProblem as problem:
            raise Problem(str(problem)) from problem

    def _report(self, item: Unreadable) -> None:
        self.failed = True
        self.show.unreadable(item.source, item.reason)
        click.secho(f"{item.source}: {item.reason}", fg="red", err=True)


def _percent(share: float) -> str:
    """Rounded down, so that only certainty is shown as 100 %."""
    return f"{int(share * 100)} %"


def _clock(seconds: float) -> str:
    return f"{int(seconds // 60)}:{seconds % 60:04.1f}"
