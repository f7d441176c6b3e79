"""Take reads from MQTT brokers (run by `plateward up` where PLATEWARD_MQTT names a file)."""

import asyncio
import contextlib
import logging
import signal

import click

from plateward.config.environment import Environment
from plateward.config.problems import Problem


@click.command("mqtt")
def command() -> None:
    """Take messages from the brokers in PLATEWARD_MQTT, until SIGTERM or Ctrl-C.

    A message is acknowledged only when it is on disc: what this process had not stored comes again.
    """
    environment = Environment.load()
    if not environment.mqtt:
        raise Problem("PLATEWARD_MQTT names no file: see docs/howto/cameras/mqtt.md for what it holds.")
    from plateward.ingest.mqtt import subscribe, tls_context  # noqa: PLC0415  keeps --help quick

    for broker in environment.mqtt:
        try:
            tls_context(broker)
        except OSError as error:
            raise Problem(f"The certificates for {broker.host} cannot be used ({error}).") from error

    logging.basicConfig(level=logging.WARNING, format="%(message)s")

    async def run() -> None:
        work = asyncio.create_task(subscribe(environment.mqtt, environment.ingest_url))
        for wanted in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(wanted, work.cancel)
        try:
            with contextlib.suppress(asyncio.CancelledError):
                await work
        except ValueError as error:
            raise Problem(f"PLATEWARD_MQTT: {error}") from error

    asyncio.run(run())
