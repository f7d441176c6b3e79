"""Work queued and periodic tasks (run by `plateward up`)."""

from typing import Final

import click

from plateward.config.cli import setup_django

LONG: Final = ("hotlists.files", "outgoing.send", "reads.fetch_pictures")
"""Tasks that may be at work all the time: lists of a million lines, messages to slow
systems, pictures on slow servers."""
AT_ONCE: Final = len(LONG) + 2
"""Work at once: the clock's other tasks wait for none of them, nor for a single one among themselves."""


@click.command("worker")
def command() -> None:
    """Work the tasks queued in the database, and the periodic ones."""
    setup_django()
    from procrastinate.contrib.django import app  # noqa: PLC0415  after setup_django
    from procrastinate.contrib.django.django_connector import DjangoConnector  # noqa: PLC0415  the same

    from plateward.audit.tasks import at_start  # noqa: PLC0415  the same

    at_start()
    assert isinstance(app.connector, DjangoConnector)  # noqa: S101  what its Django app always installs
    with app.replace_connector(app.connector.get_worker_connector()) as worker:
        worker.run_worker(concurrency=AT_ONCE, shutdown_graceful_timeout=5.0)
