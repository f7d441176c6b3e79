"""Acts on the stored pictures."""

import click

from plateward.config.cli import setup_django
from plateward.config.problems import Problem


@click.group("pictures")
def command() -> None:
    """Work on the stored pictures."""


@command.command("encrypt")
@click.option("--by", required=True, help="Name of the person who does this; it goes on record.")
def encrypt(by: str) -> None:
    """Encrypt what an earlier release stored plain, then remove the plain files.

    Everything may run meanwhile, except an earlier release. Interrupted, it goes on where it ended.
    """
    setup_django()
    from django.utils import timezone  # noqa: PLC0415  after setup_django

    from plateward.audit.who import Who  # noqa: PLC0415  the same
    from plateward.reads import key_actions, pictures  # noqa: PLC0415  the same
    from plateward.reads.store import PictureError  # noqa: PLC0415  the same
    from plateward.vault.masters import MasterKeyError  # noqa: PLC0415  the same

    who = Who(username="plateward pictures encrypt", name=by, title="", organization="")
    done = 0
    try:
        while count := key_actions.seal_plain(by=who, now=timezone.now()):
            done += count
        removed = pictures.remove_plain()
    except (PictureError, MasterKeyError, OSError) as error:
        raise Problem(f"After {done:,} pictures: {error}. Mend that and run this again.") from error
    click.echo(f"{done:,} pictures encrypted, {removed:,} plain files removed.")
