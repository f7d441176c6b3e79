"""Acts on the ledger itself that need its signing key."""

import secrets
from pathlib import Path

import click

from plateward.config.cli import setup_django
from plateward.config.keeping import written_beside
from plateward.config.problems import Problem


@click.group("ledger")
def command() -> None:
    """Keep the key that signs the journal's checkpoints."""


@command.command("rotate-key")
@click.option("--by", required=True, help="Name of the person who does this; it goes on record.")
@click.option(
    "--reason",
    type=click.Choice(["ROUTINE", "COMPROMISED", "LOST"]),
    default="ROUTINE",
    show_default=True,
    help="LOST: the old key is gone and signs nothing.",
)
@click.option(
    "--to",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File for the new key, where PLATEWARD_LEDGER_KEY gives the old one.",
)
def rotate_key(by: str, reason: str, to: Path | None) -> None:
    """Replace the key: the journal announces the new one, signed by the old one and the new.

    From then on a checkpoint that the old key signs counts for nothing.
    """
    setup_django()
    from django.conf import settings  # noqa: PLC0415  after setup_django
    from django.utils import timezone  # noqa: PLC0415  the same

    from plateward.audit import actions, ledger, sealing, sealing_actions  # noqa: PLC0415  the same
    from plateward.audit.who import Who  # noqa: PLC0415  the same
    from plateward.ledger.notes import SigningKey, VerifierKey  # noqa: PLC0415  the same

    given = settings.ENVIRONMENT.given_ledger_key is not None
    if given != (to is not None):
        raise Problem(
            "PLATEWARD_LEDGER_KEY gives the key: say with --to in which file the new one goes."
            if given
            else "The key is kept in the data folder and replaced there: leave out --to."
        )
    head = ledger.newest_head()
    if head is None:
        raise Problem("Nothing is sealed yet, so there is no key to replace.")
    new = SigningKey.from_seed(VerifierKey.parse(head.key).name, secrets.token_bytes(32))
    path = to or settings.ENVIRONMENT.ledger_key_file
    kept = written_beside(path, new.written())
    who = Who(username="plateward ledger rotate-key", name=by, title="", organization="")
    old = None if reason == "LOST" else sealing.signing_key()
    try:
        turn = sealing_actions.rotate_key(by=who, old=old, new=new, reason=reason, now=timezone.now())
    except actions.NotAllowedError as refused:
        kept.unlink()
        raise Problem(str(refused)) from refused
    kept.replace(path)
    click.echo(f"From {turn.size:,} rows on the journal is signed by:\n{new.verifier}")
    click.echo(f"Fingerprint, to print and hand out: {new.verifier.fingerprint}")
    if given:
        click.echo(f"Let PLATEWARD_LEDGER_KEY_FILE name {path} and restart; until then nothing is sealed.")
