"""Send a folder of photographs through recognition to the receiver, as a camera would."""

import hashlib
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from plateward.config.environment import Environment
from plateward.config.problems import Problem

if TYPE_CHECKING:
    from plateward.config.feeding import Courier, Direction
    from plateward.recognition import Recognizer


@click.command("feed")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--device-key", envvar="DEVICE_KEY", help="The device's key; better in DEVICE_KEY.")
@click.option("--url", help="The receiver's address; by default this machine's.")
@click.option(
    "--interval", default=0.0, type=click.FloatRange(min=0), help="Seconds from one photograph to the next."
)
@click.option(
    "--captured",
    type=click.Choice(["now", "file"]),
    default="now",
    show_default=True,
    help="Time of capture: when it is sent, or when the file was last changed.",
)
@click.option(
    "--direction",
    type=click.Choice(["approaching", "receding"]),
    help="Which way vehicles pass this camera; without it their direction stays unknown.",
)
@click.option("--loop/--once", default=False, help="Start over after the last photograph, or end (default).")
@click.pass_context
def command(
    context: click.Context,
    folder: Path,
    device_key: str | None,
    url: str | None,
    interval: float,
    captured: str,
    direction: "Direction | None",
    loop: bool,  # noqa: FBT001  click passes flags so
) -> None:
    """Recognize every photograph in FOLDER and send reads and picture with a device's key.

    A line tells what became of each photograph. What cannot be read or sent is reported and the rest goes on;
    the exit status is then 1.
    """
    if not device_key:
        raise Problem("No device key: set DEVICE_KEY to the key shown when the device was registered.")
    import httpx  # noqa: PLC0415  keeps --help quick

    from plateward.config.feeding import Courier, photographs  # noqa: PLC0415  the same
    from plateward.recognition import ModelProblem, Recognizer  # noqa: PLC0415  the same

    found = photographs(folder)
    if not found:
        raise Problem(f"{folder} holds no photographs (JPEG, PNG or WebP).")
    try:
        recognizer = Recognizer.default()
    except ModelProblem as problem:
        raise Problem(str(problem)) from problem
    with httpx.Client(timeout=30) as client:
        courier = Courier(client, url or _own_receiver(), device_key)
        failed = False
        for photograph in _paced(found, interval, loop=loop):
            sent = feed_one(photograph, recognizer, courier, by_file=captured == "file", direction=direction)
            failed |= not sent
    context.exit(int(failed))


def feed_one(
    photograph: Path,
    recognizer: "Recognizer",
    courier: "Courier",
    *,
    by_file: bool,
    direction: "Direction | None" = None,
) -> bool:
    """Recognize and deliver one photograph and print a line; False when it could not be read or sent."""
    import msgspec  # noqa: PLC0415  keeps --help quick

    from plateward.config.feeding import native_read  # noqa: PLC0415  the same
    from plateward.recognition.pictures import PictureError, decode  # noqa: PLC0415  the same

    now = datetime.now(UTC)
    try:
        data = photograph.read_bytes()
        result = recognizer.recognize(decode(data))
    except (OSError, PictureError) as error:
        click.secho(f"{photograph.name}  cannot be read: {error}", fg="red", err=True)
        return False
    took = f"{result.milliseconds:.0f} ms"
    if not result.readings:
        click.echo(f"{photograph.name}  no plate found  {took}")
        return True
    captured_at = datetime.fromtimestamp(photograph.stat().st_mtime, UTC) if by_file else now
    stem = f"{hashlib.sha256(data).hexdigest()[:32]}-{int(captured_at.timestamp() * 1000)}"
    sent = True
    for number, reading in enumerate(result.readings, start=1):
        name = f"{stem}-{number}"
        read = native_read(result, reading, event_id=name, captured_at=captured_at, direction=direction)
        answer = courier.deliver(msgspec.json.encode(read), photograph, data, name)
        said = answer.problem or f"receipt {answer.receipt}{' (sent before)' if answer.duplicate else ''}"
        line = f"{photograph.name}  {reading.text}  {reading.confidence:.0%}  {took}  {said}"
        click.secho(line, fg="red" if answer.problem else None, err=bool(answer.problem))
        sent &= not answer.problem
    return sent


def _own_receiver() -> str:
    environment = Environment.load()
    host = "127.0.0.1" if environment.host in {"0.0.0.0", "::"} else environment.host  # noqa: S104  compared
    return f"http://{f'[{host}]' if ':' in host else host}:{environment.ingest_port}"


def _paced(photographs: list[Path], interval: float, *, loop: bool) -> Iterator[Path]:
    """One photograph after the other, at most one each `interval` seconds."""
    due = time.monotonic()
    while True:
        for photograph in photographs:
            time.sleep(max(0.0, due - time.monotonic()))
            due = max(due + interval, time.monotonic())
            yield photograph
        if not loop:
            return
