"""Serve the web pages (run by `plateward up`)."""

import click

from plateward.config.environment import Environment

KEPT_CONNECTIONS = 8
"""So many idle ones to the database wait for the next request; more requests at once open further ones."""


@click.command("web")
def command() -> None:
    """Serve the web pages on PLATEWARD_HOST and PLATEWARD_PORT."""
    import uvicorn  # noqa: PLC0415  keeps --help quick

    environment = Environment.load()
    take_in_local_journal()
    from plateward.walls.postgresql import keeping  # noqa: PLC0415  after Django's setup

    keeping.keep(KEPT_CONNECTIONS)
    uvicorn.run(
        "plateward.config.asgi:application",
        host=environment.host,
        port=environment.port,
        access_log=False,  # addresses of pages say who looked at what; that belongs into the journal alone
        log_level="warning",
        server_header=False,
        forwarded_allow_ips=list(environment.trusted_proxies) or None,  # this machine alone
        lifespan="off",
        timeout_graceful_shutdown=3,  # seconds; live streams never end by themselves
    )


def take_in_local_journal() -> None:
    """Merge what an earlier process recorded locally; where that fails, the worker tries again."""
    import logging  # noqa: PLC0415  keeps --help quick
    import os  # noqa: PLC0415  the same

    import django  # noqa: PLC0415  the same

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "plateward.config.settings")
    django.setup()
    from django.db import connection  # noqa: PLC0415  after setup
    from django.utils import timezone  # noqa: PLC0415  the same

    from plateward.audit import local_actions  # noqa: PLC0415  the same

    try:
        local_actions.merge(now=timezone.now())
    except Exception:
        logging.getLogger(__name__).exception("The local journal was not merged; the worker tries again")
    finally:
        connection.close()
