"""Look after the database's larger tables: partitions, the directory of plates, several servers."""

import click

from plateward.config.cli import setup_django
from plateward.config.problems import Problem


@click.group("db")
def command() -> None:
    """Look after the database's larger tables."""


@command.command("partitions")
def partitions() -> None:
    """Show the partitions of the reads and make those of the coming weeks."""
    setup_django()
    from django.utils import timezone  # noqa: PLC0415  after setup_django

    from plateward.reads import actions, partitions  # noqa: PLC0415  the same
    from plateward.reads.rules import MOST_PARTITIONS  # noqa: PLC0415  the same

    now = timezone.now()
    actions.ensure_partitions(now=now)
    parts = list(partitions.existing())
    for part in parts:
        click.echo(f"{part.from_at:%Y-%m-%d} to {part.until_at:%Y-%m-%d}  {part.size / 1e6:12,.1f} MB")
    click.echo(f"{len(parts)} partitions; a new one spans a {partitions.wanted_grain(now).value.lower()}.")
    if len(parts) > MOST_PARTITIONS:
        click.echo(
            f"More than {MOST_PARTITIONS} make searches over all time slower. Reads past their retention go "
            "with their partitions; look whether they are still destroyed."
        )


@command.command("plates")
def plates() -> None:
    """Make the directory of plates anew from all reads; the intake waits meanwhile, searches do not.

    Needed only when the directory is in doubt: after a restored backup that was not whole, or reads changed
    by hand.
    """
    setup_django()
    from plateward.reads import directory  # noqa: PLC0415  after setup_django

    click.echo(f"Plates in the directory: {directory.rebuild():,}")


@command.command("distribute")
@click.option("--sql", "only_print", is_flag=True, help="Print the statements instead of running them.")
def distribute(*, only_print: bool) -> None:
    """Spread the reads over the servers of a Citus cluster; run once, with nobody at work.

    Connects as the owner, to the coordinator. What is distributed already is left alone. See
    docs/howto/spread-over-servers.md.
    """
    from plateward.config import cluster  # noqa: PLC0415  other commands do not need it

    if only_print:
        click.echo("\n".join(cluster.statements()))
        return
    setup_django(as_owner=True)
    from django.db import connection  # noqa: PLC0415  after setup_django

    with connection.cursor() as cursor:
        try:
            done = list(cluster.distribute(cursor))
        except cluster.NoClusterError as error:
            raise Problem(str(error)) from error
    click.echo("\n".join(done) or "Everything is distributed already.")
