"""Serve the web pages (run by `plateward up`)."""

import click

from plateward.config.environment import Environment


@click.command("web")
def command() -> None:
    """Serve the web pages on PLATEWARD_HOST and PLATEWARD_PORT."""
    import uvicorn  # noqa: PLC0415  keeps --help quick

    environment = Environment.load()
    uvicorn.run(
        "plateward.config.asgi:application",
        host=environment.host,
        port=environment.port,
        access_log=False,  # addresses of pages say who looked at what; that belongs into the journal alone
        log_level="warning",
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=3,  # seconds; live streams never end by themselves
    )
