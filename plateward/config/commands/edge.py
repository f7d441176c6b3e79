"""Run a unit in a car or at a camera: enroll it, run it, look at it."""

from __future__ import annotations

import csv
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from plateward.config.problems import Problem

if TYPE_CHECKING:
    from plateward.edge.agent import Unit
    from plateward.edge.settings import Settings

DRAWN = "drawn"
DRAWN_S = 6
PICTURES = Path(__file__).parents[1] / "demo" / "pictures"
SHOWN = ("scene-005", "scene-001", "scene-024", "scene-011", "scene-029", "scene-009")
"""Pictures of the drawn drive."""
PASS_S = 2.0


@click.group("edge", invoke_without_command=True)
@click.option(
    "--settings",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("/etc/plateward/unit.toml"),
    show_default=True,
    help="The unit's settings file.",
)
@click.option(
    "--bench",
    is_flag=False,
    flag_value=DRAWN,
    metavar="[VIDEO]",
    help="Measure how many frames a second this computer manages, with drawn pictures or a video.",
)
@click.option("--threads", type=click.IntRange(min=1), default=1, show_default=True, help="For --bench.")
@click.pass_context
def command(context: click.Context, path: Path, bench: str | None, threads: int) -> None:
    """Run a unit in a car or at a camera.

    A unit reads plates from cameras, videos and folders, matches them with the agency's list without network,
    and hands the reads over to the server when it can.
    """
    context.obj = path
    if bench is not None:
        _bench(bench, threads)
    elif context.invoked_subcommand is None:
        click.echo(context.get_help())


@command.command("enroll")
@click.argument("code")
@click.pass_obj
def enroll(path: Path, code: str) -> None:
    """Become the device whose page shows CODE; what waits here is sent as that device."""
    with _told():
        from plateward.edge.enrolling import enroll as enrolled  # noqa: PLC0415  keeps --help quick

        settings = _settings(path)
        identity = enrolled(settings, code)
    click.echo(f"This unit is {identity.device} of {identity.agency} now. Start it: plateward edge run")
    click.echo(f"Keep a copy of {settings.key_file}: without it what waits here cannot be read.")


@command.command("run")
@click.pass_obj
def run(path: Path) -> None:
    """Capture, match, keep and hand over until stopped."""
    with _opened(path) as unit:
        from plateward.edge.agent import Agent  # noqa: PLC0415  keeps --help quick
        from plateward.recognition import ONE_LOOK, Recognizer  # noqa: PLC0415  the same

        if unit.identities.now() is None and unit.identities.revocation() is None:
            raise Problem(
                "This unit is not enrolled: make a code on the device's page and run "
                "plateward edge enroll CODE."
            )
        agent = Agent(unit, Recognizer.default(unit.settings.threads, ONE_LOOK))
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: agent.stop())
        with _screen(unit) as address:
            click.echo(f"The unit runs; {unit.spool.standing().waiting} reads wait. {address}".rstrip())
            broken = agent.run()
        if broken:
            raise Problem(f"The unit stopped by itself: {broken}")


@command.command("status")
@click.pass_obj
def status(path: Path) -> None:
    """Say how the unit stands, also while it runs."""
    from plateward.edge.listing import state_of  # noqa: PLC0415  keeps --help quick

    with _opened(path) as unit:
        who, revoked, standing = unit.identities.now(), unit.identities.revocation(), unit.spool.standing()
        click.echo(
            f"Device     {who.device if who else 'disabled: ' + revoked.told if revoked else 'not enrolled'}"
        )
        click.echo(f"Spool      {standing.id}, {standing.last_sequence} reads so far")
        oldest = f", the oldest of {standing.oldest_at:%Y-%m-%d %H:%M} UTC" if standing.oldest_at else ""
        click.echo(f"Waiting    {standing.waiting}{oldest}; {standing.refused} refused")
        used, free = f"{standing.size / 1e6:.0f} MB used", f"{standing.room / 1e9:.1f} GB free"
        click.echo(f"Disc       {used}, {free}, {standing.level}")
        listed = state_of(unit.listing.head, unit.state.snapshot().configuration, unit.clock.now())
        as_of = (
            f"{unit.listing.count()} entries as of {listed.as_of:%Y-%m-%d %H:%M} UTC; "
            if listed.as_of
            else ""
        )
        click.echo(f"List       {as_of}{listed.freshness}{' ' + listed.told if listed.told else ''}")
        click.echo(f"Alerts     {len(unit.alerts.all())}")


@command.command("check")
@click.pass_obj
def check(path: Path) -> None:
    """Look at cameras, disc, key, clock, list and server; ✓ fine, • worth knowing, ✗ wrong."""
    from plateward.config.findings import tell  # noqa: PLC0415  keeps --help quick
    from plateward.edge.doctor import examine  # noqa: PLC0415  the same

    with _opened(path) as unit:
        tell(examine(unit))


@command.command("draw")
@click.argument("video", type=click.Path(dir_okay=False, path_type=Path))
def draw(video: Path) -> None:
    """Draw a drive past six cars into VIDEO, an .avi file, to try a unit without a camera."""
    with _told():
        from plateward.edge.drawing import approaching, receding, write_video  # noqa: PLC0415  keeps --help quick

        with (PICTURES / "manifest.csv").open(encoding="utf-8", newline="") as file:
            drawn = {one["file"].removesuffix(".jpg"): one for one in csv.DictReader(file)}
        cars = [drawn[name] for name in SHOWN]
        write_video(
            video,
            (
                (approaching if car["view"] == "front" else receding)(PICTURES / car["file"], PASS_S)
                for car in cars
            ),
        )
    for car in cars:
        way = "approaching" if car["view"] == "front" else "receding"
        click.echo(f"{car['plate']:<9}{car['region']:<7}{way}")


def _bench(video: str, threads: int) -> None:
    from plateward.edge import bench  # noqa: PLC0415  keeps --help quick
    from plateward.recognition import ONE_LOOK, Recognizer  # noqa: PLC0415  the same

    with _told(), TemporaryDirectory(prefix="plateward-bench-") as folder:
        path = Path(video)
        if video == DRAWN:
            path = Path(folder) / "drawn.avi"
            bench.drawn_video(PICTURES, path, DRAWN_S)
        elif not path.is_file():
            raise Problem(f"There is no video {video}. Leave it out to measure with drawn pictures.")
        measured = bench.measure(Recognizer.default(threads, ONE_LOOK), path)
        on_disc = bench.spool_milliseconds(Path(folder))
    size = f"{measured.width}×{measured.height}"
    click.echo(f"{measured.frames} frames of {size}, {measured.reads} reads, {threads} threads")
    click.echo(
        f"{measured.frames_per_s:.2f} frames a second, {measured.processor_ms:.1f} ms of processor a frame"
    )
    for stage, milliseconds in measured.milliseconds:
        click.echo(f"  {stage:<22}{milliseconds:9.1f} ms a frame")
    click.echo(f"  {'a read onto the disc':<22}{on_disc:9.1f} ms")
    click.echo(f"{measured.megabytes:.0f} MB of memory at most")


def _settings(path: Path) -> Settings:
    from plateward.edge.settings import Settings  # noqa: PLC0415  keeps --help quick

    return Settings.load(path)


@contextmanager
def _opened(path: Path) -> Iterator[Unit]:
    with _told():
        from plateward.edge.agent import Unit  # noqa: PLC0415  keeps --help quick

        unit = Unit.opened(_settings(path))
        try:
            yield unit
        finally:
            unit.close()


@contextmanager
def _screen(unit: Unit) -> Iterator[str]:
    """The page for the person beside the cameras; gives its address, "" where the settings want none."""
    from plateward.edge.screen import Parts, Screen, ScreenError  # noqa: PLC0415  keeps --help quick
    from plateward.ui.assets import AssetsMissing  # noqa: PLC0415  the same

    if not unit.settings.screen_port:
        yield ""
        return
    screen = Screen(Parts.of(unit))
    try:
        port = screen.start(unit.settings.screen_port)
    except (ScreenError, AssetsMissing) as error:
        raise Problem(str(error)) from error
    try:
        yield f"Its screen: http://127.0.0.1:{port}"
    finally:
        screen.stop()


@contextmanager
def _told() -> Iterator[None]:
    """What a person can put right, in words."""
    from plateward.edge.drawing import DrawingError  # noqa: PLC0415  keeps --help quick
    from plateward.edge.enrolling import CodeError  # noqa: PLC0415  the same
    from plateward.edge.keys import UnitKeyError  # noqa: PLC0415  the same
    from plateward.edge.link import Away, Unwilling  # noqa: PLC0415  the same
    from plateward.edge.settings import SettingsError  # noqa: PLC0415  the same
    from plateward.edge.store import NoRoomError, StoreError  # noqa: PLC0415  the same
    from plateward.recognition import ModelProblem  # noqa: PLC0415  the same

    try:
        yield
    except (
        SettingsError,
        UnitKeyError,
        StoreError,
        NoRoomError,
        CodeError,
        Away,
        Unwilling,
        ModelProblem,
        DrawingError,
    ) as error:
        raise Problem(str(error)) from error
