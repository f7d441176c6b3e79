"""Receive reads from cameras (run by `plateward up`)."""

import click

from plateward.config.environment import Environment


@click.command("ingest")
def command() -> None:
    """Receive reads from cameras on PLATEWARD_HOST and PLATEWARD_INGEST_PORT."""
    import uvicorn  # noqa: PLC0415  keeps --help quick

    from plateward.ingest.http import ImpatientProtocol  # noqa: PLC0415  the same

    environment = Environment.load()
    uvicorn.run(
        "plateward.config.ingest_asgi:application",
        host=environment.host,
        port=environment.ingest_port,
        http=ImpatientProtocol,
        access_log=False,  # every payload is in the inbox, with its device and time
        log_level="warning",
        server_header=False,
        proxy_headers=bool(environment.trusted_proxies),  # devices' allowed addresses depend on it
        forwarded_allow_ips=list(environment.trusted_proxies),
        timeout_graceful_shutdown=5,  # seconds; a payload being received is finished
    )
