"""Keep the demonstration's cameras busy with pictures that were rendered for it."""

import click

from plateward.config.environment import Environment
from plateward.config.problems import Problem


@click.command("demo-feed")
@click.option(
    "--interval",
    default=6.0,
    show_default=True,
    type=click.FloatRange(min=0.5),
    help="Seconds between reads.",
)
@click.option("--count", type=click.IntRange(min=1), help="Stop after this many pictures; without it, go on.")
def command(*, interval: float, count: int | None) -> None:
    """Send one rendered picture after the other from the cameras in turn; run by `plateward demo`."""
    environment = Environment.load()
    if not environment.demo:
        raise Problem("demo-feed sends invented reads; it runs inside `plateward demo` only.")
    from plateward.config.demo.feeder import run  # noqa: PLC0415  loads the recognition models

    run(environment, interval=interval, count=count)
