"""Witness another installation's journal: cosign what continues, refuse what was rewritten."""

import logging
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from plateward.config.problems import Problem


@click.command("witness")
@click.option(
    "--log",
    "log_key",
    help="Public key of the journal, from its ledger page. The folder keeps it after the first start.",
)
@click.option(
    "--folder",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the witness keeps its key and the last checkpoint, and nothing else.",
)
@click.option("--name", help="Name of a new witness, such as clerk.city.example/witness.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8002, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--request",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Answer this file, carried here by hand, instead of listening.",
)
def command(
    *, log_key: str | None, folder: Path, name: str | None, host: str, port: int, request: Path | None
) -> None:
    """Cosign a journal's checkpoints from another machine, kept by somebody else.

    A checkpoint is cosigned only if it continues the last one; a journal that was rewritten or cut is
    refused, and the request kept as evidence. Needs no database and no settings.
    """
    from plateward.config.witness import Witness  # noqa: PLC0415  keeps --help quick

    witness = Witness.at(folder, log_key, name)
    if request is not None:
        _answer_file(witness, request)
        return
    import uvicorn  # noqa: PLC0415  as above

    from plateward.config.witness import service  # noqa: PLC0415  the same

    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    click.echo(f"Witness {witness.key.name} for {witness.log.name} on http://{host}:{port}")
    click.echo(f"Its public key (PLATEWARD_WITNESS_KEY there): {witness.key.verifier}")
    sys.stdout.flush()
    uvicorn.run(
        service(witness, lambda: datetime.now(UTC)),
        host=host,
        port=port,
        access_log=False,
        log_level="warning",
        server_header=False,
    )


def _answer_file(witness: "object", request: Path) -> None:
    from plateward.config.witness import Witness  # noqa: PLC0415  as above
    from plateward.ledger.witness import WitnessRefusal  # noqa: PLC0415  the same

    assert isinstance(witness, Witness)  # noqa: S101  the caller's
    try:
        click.echo(witness.answer(request.read_text(encoding="utf-8"), datetime.now(UTC)), nl=False)
    except WitnessRefusal as refusal:
        raise Problem(f"Refused ({refusal.status.value}): {refusal.answer.strip()}") from refusal
