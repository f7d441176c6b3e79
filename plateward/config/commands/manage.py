"""Run one of Django's own commands, such as migrate or shell."""

import sys

import click

from plateward.config.cli import setup_django


@click.command("manage", context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    """Run one of Django's management commands, for example `plateward manage migrate`.

    Migrations are run as the database's owner, everything else as the application.
    """
    setup_django(as_owner=arguments[:1] == ("migrate",))
    from django.core.management import ManagementUtility  # noqa: PLC0415  after setup_django

    try:
        ManagementUtility(["plateward manage", *arguments]).execute()
    except BrokenPipeError:
        sys.exit(1)
