"""Turn received payloads into reads and match them (run by `plateward up`)."""

import gc
import signal
import threading

import click

from plateward.config.cli import setup_django
from plateward.config.environment import Environment


@click.command("intake")
@click.option(
    "--batch", default=1000, show_default=True, type=click.IntRange(1, 10_000), help="Payloads at once."
)
def command(batch: int) -> None:
    """Store what the receiver took in and match it against the hotlists, until SIGTERM or Ctrl-C.

    Several may run side by side. The batch at work when asked to stop is finished.
    """
    setup_django()
    from plateward.config.intake import Intake  # noqa: PLC0415  after setup_django

    stopped = threading.Event()
    for wanted in (signal.SIGTERM, signal.SIGINT):
        signal.signal(wanted, lambda *_: stopped.set())
    # A batch makes some hundred thousand objects that all end with it; looking for cycles among them again
    # and again took a third of the work.
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
    Intake(Environment.load().database_url, batch, stopped).run()
