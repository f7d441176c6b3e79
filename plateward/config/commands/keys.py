"""Acts on the master keys that wrap the pictures' keys."""

import secrets
from pathlib import Path

import click

from plateward.config.cli import setup_django
from plateward.config.keeping import written_beside
from plateward.config.problems import Problem


@click.group("keys")
def command() -> None:
    """Keep the master keys that wrap the pictures' keys."""


@command.command("rotate")
@click.option("--by", required=True, help="Name of the person who does this; it goes on record.")
def rotate(by: str) -> None:
    """Wrap every data key by a fresh master key; pictures stay as they are, and nothing need stop.

    A master key in the data folder is made anew; one given by the settings or a KMS is changed there first.
    An interrupted rotation goes on where it ended. `plateward keys forget` destroys the earlier master key.
    """
    setup_django()
    from django.utils import timezone  # noqa: PLC0415  after setup_django

    from plateward.audit.who import Who  # noqa: PLC0415  the same
    from plateward.reads import key_actions, keys  # noqa: PLC0415  the same
    from plateward.vault.masters import KeptMasters, MasterKeyError  # noqa: PLC0415  the same

    who = Who(username="plateward keys rotate", name=by, title="", organization="")
    try:
        source = keys.masters()
        if isinstance(source, KeptMasters) and not keys.wrapped_by_others(source.current()):
            key_actions.add_master(by=who, now=timezone.now())
        done = 0
        while count := key_actions.rewrap(by=who, now=timezone.now()):
            done += count
        click.echo(f"{keys.counted(done)} wrapped anew, by master key {source.current()}.")
    except MasterKeyError as error:
        raise Problem(f"{error} What was wrapped anew stays so; run this again.") from error
    if isinstance(source, KeptMasters):
        click.echo(
            f"Copy {source.path} to where you keep its copy. The earlier key is still in it, for earlier "
            "backups of the\ndatabase; `plateward keys forget` destroys it."
        )


@command.command("forget")
@click.option("--by", required=True, help="Name of the person who does this; it goes on record.")
@click.confirmation_option(
    prompt="No backup of the database made before the last rotation will open a picture. Go on?"
)
def forget(by: str) -> None:
    """Destroy the earlier master keys, so that no earlier backup of the database opens a picture."""
    setup_django()
    from django.utils import timezone  # noqa: PLC0415  after setup_django

    from plateward.audit.who import Who  # noqa: PLC0415  the same
    from plateward.reads import key_actions  # noqa: PLC0415  the same
    from plateward.vault.masters import MasterKeyError  # noqa: PLC0415  the same

    who = Who(username="plateward keys forget", name=by, title="", organization="")
    try:
        count = key_actions.forget_earlier_masters(by=who, now=timezone.now())
    except (MasterKeyError, key_actions.KeyRefusedError) as error:
        raise Problem(str(error)) from error
    click.echo(f"{count} earlier master key{'' if count == 1 else 's'} destroyed; destroy their copies too.")


@command.command("rotate-units")
@click.option("--by", required=True, help="Name of the person who does this; it goes on record.")
@click.option(
    "--to",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File for the new key, where PLATEWARD_UNIT_KEY gives the old one.",
)
def rotate_units(by: str, to: Path | None) -> None:
    """Replace the key that signs what units in cars are told; they follow it by themselves."""
    setup_django()
    from django.conf import settings  # noqa: PLC0415  after setup_django
    from django.utils import timezone  # noqa: PLC0415  the same

    from plateward.audit.who import Who  # noqa: PLC0415  the same
    from plateward.units import key_actions, keys  # noqa: PLC0415  the same
    from plateward.unitwire.signing import SEED_BYTES, DocumentKey  # noqa: PLC0415  the same

    given = settings.ENVIRONMENT.given_unit_key is not None
    if given != (to is not None):
        raise Problem(
            "PLATEWARD_UNIT_KEY gives the key: say with --to in which file the new one goes."
            if given
            else "The key is kept in the data folder and replaced there: leave out --to."
        )
    old, new = keys.signing_key(), DocumentKey(secrets.token_bytes(SEED_BYTES))
    path = to or settings.ENVIRONMENT.unit_key_file
    kept = written_beside(path, new.written())
    who = Who(username="plateward keys rotate-units", name=by, title="", organization="")
    key_actions.rotate_signing_key(old=old, new=new, by=who, now=timezone.now())
    kept.replace(path)
    click.echo(f"Units are told by key {new.id} from now on; {old.id} announced it.")
    if given:
        click.echo(f"Let PLATEWARD_UNIT_KEY_FILE name {path} and restart; until then the earlier key signs.")
